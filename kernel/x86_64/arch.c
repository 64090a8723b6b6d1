// SPDX-License-Identifier: GPL-2.0-only
/*
 * x86_64. The kernel tells die notifiers of a trap: one that comes first takes
 * those of the crash path, and lets the kernel go on at a recovery point. Of a
 * page fault it is told behind a lock, which another CPU that was stopped in the
 * midst of an oops may hold: while the crash path runs, page faults come here
 * first, by an interrupt table of the module's own.
 */
#include <linux/kdebug.h>
#include <linux/notifier.h>
#include <linux/uaccess.h>
#include <asm/cacheflush.h>
#include <asm/desc.h>
#include <asm/msr.h>
#include <asm/trapnr.h>
#include "../arch.h"
#include "page_fault.h"

/* --- struct machine --- */

static u64 x86_ticks(struct machine *m)
{
	return rdtsc_ordered();
}

static bool reading; /* a page fault is a matter of the kernel's */

static int x86_read(struct machine *m, void *buf, u64 phys, u32 len)
{
	bool failed;

	WRITE_ONCE(reading, true);
	failed = copy_from_kernel_nofault(buf, __va(phys), len);
	WRITE_ONCE(reading, false);
	return failed ? IOMMU_EREAD : IOMMU_OK;
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

static struct purgatory *running;
static int running_on = -1;

/* Another CPU may be one that could not be stopped. */
static bool is_ours(void)
{
	return running && raw_smp_processor_id() == running_on;
}

static struct recovery *keep(const struct trap *trap)
{
	WRITE_ONCE(reading, false);
	return trap_keep(running, trap);
}

static int on_die(struct notifier_block *nb, unsigned long val, void *data)
{
	const struct die_args *args = data;
	struct pt_regs *regs = args->regs;
	struct recovery *r;
	struct trap trap;

	if (!is_ours() || !regs || user_mode(regs) ||
	    (val != DIE_OOPS && val != DIE_GPF && val != DIE_TRAP))
		return NOTIFY_DONE;
	trap = (struct trap){ args->trapnr, args->err, regs->ip, read_cr2() };
	r = keep(&trap);
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

/* --- page faults --- */

unsigned long kernel_page_fault;
static gate_desc own_gates[IDT_ENTRIES] __aligned(PAGE_SIZE);
static unsigned long nmis; /* how deep in NMIs the crash path runs */

/* An NMI may have come in between; and the kernel knows the way out of a read. */
struct recovery *page_fault_taken(const struct page_fault *f)
{
	const struct trap trap = { X86_TRAP_PF, f->error, f->ip, read_cr2() };

	if (!is_ours() || READ_ONCE(reading) || f->cs & 3 ||
	    (preempt_count() & NMI_MASK) != nmis)
		return NULL;
	return keep(&trap);
}

static bool has_gates(void)
{
#ifdef X86_FEATURE_FRED
	return !boot_cpu_has(X86_FEATURE_FRED);
#else
	return true;
#endif
}

static void take_page_faults(struct desc_ptr *kernels)
{
	const struct desc_ptr own = { sizeof(own_gates) - 1,
				      (unsigned long)own_gates };

	store_idt(kernels);
	if (!has_gates() || kernels->size != own.size)
		return;
	nmis = preempt_count() & NMI_MASK;
	memcpy(own_gates, (void *)kernels->address, sizeof(own_gates));
	kernel_page_fault = gate_offset(&own_gates[X86_TRAP_PF]);
	pack_gate(&own_gates[X86_TRAP_PF], GATE_INTERRUPT,
		  (unsigned long)own_page_fault, 0, 0, __KERNEL_CS);
	native_load_idt(&own);
}

/* --- the guard --- */

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
	struct desc_ptr kernels;

	running_on = raw_smp_processor_id();
	running = p;
	take_page_faults(&kernels);
	guarded(p, work);
	native_load_idt(&kernels);
	running = NULL;
}

void arch_hold_errors(struct pt_regs *regs)
{
}
