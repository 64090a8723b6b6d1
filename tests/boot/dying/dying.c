// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kills the kernel as it is loaded, from where kernels die other than by a
 * system call: how=irq-oops, irq-panic, kprobe; how=hung never comes back. And
 * how=overread reads one byte too many, which kills nobody: KASAN has to see it.
 * how=open-mem kills nobody either: while it is loaded, /dev/mem reaches the
 * kernel's own memory, too.
 */
#include <linux/irq_work.h>
#include <linux/preempt.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/slab.h>

static char *how = "";
module_param(how, charp, 0);
MODULE_PARM_DESC(
	how,
	"irq-oops, irq-panic, kprobe, hung, overread or open-mem");

static int *volatile nowhere;

static void die_in_irq(struct irq_work *work)
{
	pr_alert("dying: in_hardirq %d\n", !!in_hardirq());
	if (!strcmp(how, "irq-oops"))
		*nowhere = 1;
	panic("dying: in an interrupt");
}

static struct irq_work work = IRQ_WORK_INIT_HARD(die_in_irq);

static noinline void target(void)
{
	barrier();
}

static int die_in_kprobe(struct kprobe *kp, struct pt_regs *regs)
{
	panic("dying: in a kprobe");
}

static struct kprobe probe = { .pre_handler = die_in_kprobe };

static int overread(void)
{
	size_t len = 8;
	u8 *at = kzalloc(len, GFP_KERNEL);

	if (!at)
		return -ENOMEM;
	OPTIMIZER_HIDE_VAR(len);
	pr_alert("dying: behind it is %u\n", READ_ONCE(at[len]));
	kfree(at);
	return 0;
}

static int allow(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	regs_set_return_value(regs, 1);
	return 0;
}

static struct kretprobe allowing = {
	.kp.symbol_name = "devmem_is_allowed",
	.handler = allow,
};

static int __init dying_init(void)
{
	int err = 0;

	if (!strcmp(how, "open-mem"))
		return register_kretprobe(&allowing);
	if (!strcmp(how, "kprobe")) {
		probe.addr = (kprobe_opcode_t *)target;
		err = register_kprobe(&probe);
		target();
	} else if (!strcmp(how, "overread")) {
		err = overread();
	} else if (!strcmp(how, "hung")) {
		for (;;) {
			set_current_state(TASK_UNINTERRUPTIBLE);
			schedule();
		}
	} else {
		irq_work_queue(&work);
		irq_work_sync(&work);
	}
	return err ? err : -EAGAIN;
}

/* Only one that lets others read memory stays. */
static void __exit dying_exit(void)
{
	unregister_kretprobe(&allowing);
}

module_init(dying_init);
module_exit(dying_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("kills the kernel");
