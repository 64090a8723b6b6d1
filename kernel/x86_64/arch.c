// SPDX-License-Identifier: GPL-2.0-only
/*
 * x86_64. The kernel tells die notifiers of a trap: one that comes first takes
 * those of the crash path, and lets the kernel go on at a recovery point. Of a
 * page fault it is told behind a lock, which another CPU that was stopped in the
 * midst of an oops may hold.
 */
#include <linux/kdebug.h>
#include <linux/notifier.h>
#include <linux/uaccess.h>
#include <asm/cacheflush.h>
#include <asm/msr.h>
#include "../arch.h"

/* --- struct machine --- */

static u64 x86_ticks(struct machine *m)
{
	return rdtsc_ordered();
}

static int x86_read(struct machine *m, void *buf, u64 phys, u32 len)
{
	return copy_from_kernel_nofault(buf, __va(phys), len) ? IOMMU_EREAD
							      : IOMMU_OK;
}

static void x86_flush(struct machine *m, u64 phys, u64 len)
{
	clflush_cache_range(__va(phys), len);
}

const struct machine arch_machine = {
	.ticks = x86_ticks,
	.read = x86_read,
	.flush = x86_flush,
};

/* --- ftrace --- */

#define ENDBR64 0xfa1e0ff3u
#define ENDBR_BYTES 4
#define FTRACE_SLOT 5

u32 arch_function_head(const u8 code[ARCH_HEAD_BYTES])
{
	u32 first;

	memcpy(&first, code, sizeof(first));
	return FTRACE_SLOT + (first == ENDBR64 ? ENDBR_BYTES : 0);
}

/* --- traps --- */

static struct purgatory *running; /* on this CPU; others are stopped */

static int on_die(struct notifier_block *nb, unsigned long val, void *data)
{
	const struct die_args *args = data;
	struct pt_regs *regs = args->regs;
	struct recovery *r;
	struct trap trap;

	if (!running || !regs || user_mode(regs) ||
	    (val != DIE_OOPS && val != DIE_GPF && val != DIE_TRAP))
		return NOTIFY_DONE;
	trap = (struct trap){ args->trapnr, args->err, regs->ip, read_cr2() };
	r = trap_keep(running, &trap);
	if (!r)
		return NOTIFY_DONE;
	regs->ip = (unsigned long)recovery_jump;
	regs->di = (unsigned long)r;
	return NOTIFY_STOP;
}

static struct notifier_block die_guard = {
	.notifier_call = on_die,
	.priority = INT_MAX,
};

int arch_guard_arm(void)
{
	return register_die_notifier(&die_guard);
}

void arch_guard_disarm(void)
{
	unregister_die_notifier(&die_guard);
}

void arch_guarded(struct purgatory *p, void (*work)(struct purgatory *p))
{
	running = p;
	guarded(p, work);
	running = NULL;
}

void arch_hold_errors(struct pt_regs *regs)
{
}
