// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the crash path is reached when the kernel dies: machine_kexec(), when
 * the other CPUs are stopped, through ftrace; else through a breakpoint behind
 * the slot of ftrace; else, if asked for, by the panic notifiers, which run
 * before a crash kernel only where crash_kexec_post_notifiers is set, which a
 * module cannot check. The kernel then writes VMCOREINFO once more behind us,
 * over the note that says where ours are.
 */
#include <linux/kexec.h>
#include <linux/kprobes.h>
#include <linux/notifier.h>
#include <linux/panic_notifier.h>
#include <linux/uaccess.h>
#include "arch.h"
#include "compat.h"
#include "module.h"

#define TARGET "machine_kexec"
/*
 * With crashkernel=,cma the kernel waits ten seconds for DMA to end, from 6.17 on:
 * behind crash_save_cpu(), the last that the crash shutdown does, and before the
 * target. Other CPUs that it has stopped have called that, too.
 */
#define LAST "crash_save_cpu"

static bool use_ftrace = true;
module_param(use_ftrace, bool, 0400);
MODULE_PARM_DESC(use_ftrace, "the first way to notice the crash (default)");
static bool use_kprobe = true;
module_param(use_kprobe, bool, 0400);
MODULE_PARM_DESC(use_kprobe, "the second way (default)");

static bool use_notifier;
module_param(use_notifier, bool, 0400);
MODULE_PARM_DESC(use_notifier,
		 "the third way, where crash_kexec_post_notifiers is set");

static atomic_t ran = ATOMIC_INIT(0);
static char why[64]; /* it is armed in a lesser way than it could be */

/* False: it is not for us, or not for the first time. */
static bool run(void)
{
	struct armed *a = READ_ONCE(armed_now);

	if (!a || atomic_xchg(&ran, 1))
		return false;
	armed_run(a);
	return true;
}

static bool image_starts(const struct kimage *image)
{
	return image && image->type == KEXEC_TYPE_CRASH && run();
}

/* --- ftrace --- */

static void on_ftrace(unsigned long ip, unsigned long parent,
		      struct ftrace_ops *op, struct ftrace_regs *fregs)
{
	image_starts((const struct kimage *)first_argument(fregs));
}

static int dying_cpu = -1;

static void on_shutdown(unsigned long ip, unsigned long parent,
			struct ftrace_ops *op, struct ftrace_regs *fregs)
{
	dying_cpu = raw_smp_processor_id();
}

static void on_last(unsigned long ip, unsigned long parent,
		    struct ftrace_ops *op, struct ftrace_regs *fregs)
{
	if (dying_cpu == raw_smp_processor_id())
		run();
}

/* Permanent: registering fails where ftrace is off, and it can't be turned off. */
#define HOOK(f)                                                            \
	{                                                                  \
		.func = (f),                                               \
		.flags = FTRACE_OPS_FL_RECURSION | FTRACE_OPS_FL_PERMANENT \
	}
static struct ftrace_hook {
	const char *name;
	bool armed;
	struct ftrace_ops ops;
} ftrace_hooks[] = {
	{ TARGET, false, HOOK(on_ftrace) },
	{ ARCH_SHUTDOWN, false, HOOK(on_shutdown) },
	{ LAST, false, HOOK(on_last) },
};

/*
 * An empty filter in place of the old one, which the kernel frees. Up to 6.12
 * ftrace_free_filter() would leave what it has freed in the ops.
 */
static void forget_filter(struct ftrace_hook *h)
{
	ftrace_set_filter(&h->ops, NULL, 0, 1);
}

static int arm_one(struct ftrace_hook *h)
{
	char name[40];
	int err;

	strscpy(name, h->name, sizeof(name));
	err = ftrace_set_filter(&h->ops, name, strlen(name), 1);
	if (!err)
		err = register_ftrace_function(&h->ops);
	h->armed = !err;
	if (err)
		forget_filter(h);
	return err;
}

static void disarm_ftrace(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ftrace_hooks); i++) {
		if (ftrace_hooks[i].armed)
			unregister_ftrace_function(&ftrace_hooks[i].ops);
		ftrace_hooks[i].armed = false;
		forget_filter(&ftrace_hooks[i]);
	}
}

/* The first is enough, where there is nothing to wait for. */
static int arm_ftrace(void)
{
	int err = use_ftrace ? arm_one(&ftrace_hooks[0]) : -EPERM;
	int late = 0;
	u32 i;

	for (i = 1; !err && HAS_CMA_WAIT && i < ARRAY_SIZE(ftrace_hooks); i++)
		late = late ? late : arm_one(&ftrace_hooks[i]);
	if (late)
		snprintf(why, sizeof(why), "; behind the wait for DMA: %d",
			 late);
	return err;
}

/* --- kprobe --- */

static int on_kprobe(struct kprobe *kp, struct pt_regs *regs)
{
	if (image_starts(
		    (const struct kimage *)regs_get_kernel_argument(regs, 0)))
		arch_hold_errors(regs);
	return 0;
}

static struct kprobe kprobe_hook = { .pre_handler = on_kprobe };

/* Where the function's own code begins: its arguments are still as they came. */
static int behind_slot(kprobe_opcode_t **at)
{
	struct kprobe find = { .symbol_name = TARGET };
	u8 code[ARCH_HEAD_BYTES];
	int err = register_kprobe(&find);

	if (err)
		return err;
	*at = find.addr;
	unregister_kprobe(&find);
	if (copy_from_kernel_nofault(code, *at, sizeof(code)))
		return -EFAULT;
	*at = (void *)*at + arch_function_head(code);
	return 0;
}

static int arm_kprobe(void)
{
	int err;

	if (!use_kprobe)
		return -EPERM;
	kprobe_hook = (struct kprobe){ .pre_handler = on_kprobe };
	err = behind_slot(&kprobe_hook.addr);
	return err ? err : register_kprobe(&kprobe_hook);
}

static void disarm_kprobe(void)
{
	unregister_kprobe(&kprobe_hook);
}

/* --- panic notifier --- */

static int on_panic(struct notifier_block *nb, unsigned long val, void *data)
{
	if (kexec_crash_loaded())
		run();
	return NOTIFY_DONE;
}

static struct notifier_block panic_hook = {
	.notifier_call = on_panic,
	.priority = INT_MIN, /* those who print come first */
};

static int arm_notifier(void)
{
	if (!use_notifier)
		return -EPERM;
	return atomic_notifier_chain_register(&panic_notifier_list,
					      &panic_hook);
}

static void disarm_notifier(void)
{
	atomic_notifier_chain_unregister(&panic_notifier_list, &panic_hook);
}

/* --- all of them --- */

static const struct way {
	const char *name;
	int (*arm)(void);
	void (*disarm)(void);
} ways[] = {
	{ "ftrace", arm_ftrace, disarm_ftrace },
	{ "kprobe", arm_kprobe, disarm_kprobe },
	{ "notifier", arm_notifier, disarm_notifier },
};
static const struct way *armed_way;

int hook_arm(void)
{
	u32 i;
	int err = arch_guard_arm();

	*why = 0;
	for (i = 0; !err && !armed_way && i < ARRAY_SIZE(ways); i++) {
		int no = ways[i].arm();

		if (!no)
			armed_way = &ways[i];
		else if (strlen(why) < sizeof(why) - 16)
			sprintf(why + strlen(why), "; %.8s: %d", ways[i].name,
				no);
	}
	if (!err && !armed_way) {
		arch_guard_disarm();
		err = -ENODEV;
	}
	return err;
}

void hook_disarm(void)
{
	if (!armed_way)
		return;
	armed_way->disarm();
	armed_way = NULL;
	arch_guard_disarm();
}

const char *hook_name(void)
{
	return armed_way ? armed_way->name : NULL;
}

const char *hook_why(void)
{
	return why;
}
