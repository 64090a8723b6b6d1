// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kills the kernel as it is loaded, from where kernels die other than by a
 * system call: how=irq-oops, irq-panic, kprobe; how=hung never comes back;
 * how=other-oops panics while another CPU is in the midst of an oops. And
 * how=overread reads one byte too many, which kills nobody: KASAN has to see it.
 * how=open-mem kills nobody either: while it is loaded, /dev/mem reaches the
 * kernel's own memory, too.
 */
#include <linux/cpumask.h>
#include <linux/irq_work.h>
#include <linux/kdebug.h>
#include <linux/preempt.h>
#include <linux/kprobes.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/slab.h>

static char *how = "";
module_param(how, charp, 0);
MODULE_PARM_DESC(
	how,
	"irq-oops, irq-panic, kprobe, hung, other-oops, overread or open-mem");

static int *volatile nowhere;
static atomic_t in_oops = ATOMIC_INIT(0);

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

/* Called with the lock of all oopses held, which this CPU keeps for good. */
static int die_for_ever(struct notifier_block *nb, unsigned long val,
			void *data)
{
	if (val != DIE_OOPS)
		return NOTIFY_DONE;
	atomic_set(&in_oops, 1);
	for (;;)
		cpu_relax();
}

static struct notifier_block on_die = { .notifier_call = die_for_ever };

static int oops(void *arg)
{
	*nowhere = 1;
	return 0;
}

static int die_beside_an_oops(void)
{
	struct task_struct *task;
	int err = register_die_notifier(&on_die);

	if (err)
		return err;
	task = kthread_create_on_cpu(oops, NULL, 1, "dying/%u");
	if (IS_ERR(task))
		return PTR_ERR(task);
	set_cpus_allowed_ptr(current, cpumask_of(0));
	wake_up_process(task);
	while (!atomic_read(&in_oops))
		cpu_relax();
	panic("dying: beside an oops");
}

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
	} else if (!strcmp(how, "other-oops")) {
		err = die_beside_an_oops();
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
