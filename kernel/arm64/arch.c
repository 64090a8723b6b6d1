// SPDX-License-Identifier: GPL-2.0-only
/*
 * arm64. The kernel has no way back from a trap of its own: it tells die notifiers
 * with a lock held that a second trap would wait for, external aborts look at no
 * exception table, and an SError is a panic. So that the crash path has the
 * exception vectors of the purgatory (purgatory/arm64/vectors.S) while it runs.
 */
#include <linux/mm.h>
#include <linux/panic.h>
#include <linux/string.h>
#include <asm/barrier.h>
#include <asm/esr.h>
#include <asm/sysreg.h>
#include "purgatory/arm64/dcache.h"
#include "purgatory/arm64/vectors.h"
#include "../arch.h"

/* --- struct machine --- */

static u64 arm64_ticks(struct machine *m)
{
	isb(); /* behind the loads (of registers) before it */
	return read_sysreg(cntvct_el0);
}

static void arm64_flush(struct machine *m, u64 phys, u64 len)
{
	dcache_clean_inval((u64)__va(phys), len);
}

/*
 * The kernel may have written it past the caches, by another address, and they
 * may hold what was there before. A read that is no good traps.
 */
static int arm64_read(struct machine *m, void *buf, u64 phys, u32 len)
{
	arm64_flush(m, phys, len);
	memcpy(buf, __va(phys), len);
	return IOMMU_OK;
}

static void arm64_order(struct machine *m)
{
	dmb(sy);
}

/* HINT #16 is ESB, which does nothing without FEAT_RAS. */
static void arm64_take_errors(struct machine *m)
{
	asm volatile("msr daifclr, #4\n"
		     "dsb sy\n"
		     "hint #16\n"
		     "isb" ::
			     : "memory");
}

static void arm64_hold_errors(struct machine *m)
{
	asm volatile("msr daifset, #4" ::: "memory");
}

const struct machine arch_machine = {
	.ticks = arm64_ticks,
	.read = arm64_read,
	.flush = arm64_flush,
	.order = arm64_order,
	.take_errors = arm64_take_errors,
	.hold_errors = arm64_hold_errors,
};

/* --- ftrace --- */

#define BTI_C 0xd503245fu
#define NOP 0xd503201fu
#define MOV_X9_X30 0xaa1e03e9u
#define INSN_BYTES 4

/*
 * -fpatchable-function-entry=2: two instructions, of which ftrace makes the
 * first one keep the return address and the second one a call.
 */
u32 arch_function_head(const u8 code[ARCH_HEAD_BYTES])
{
	u32 insn[ARCH_HEAD_BYTES / INSN_BYTES], slot;

	memcpy(insn, code, sizeof(insn));
	slot = insn[0] == BTI_C;
	if (insn[slot] == NOP || insn[slot] == MOV_X9_X30)
		return (slot + 2) * INSN_BYTES;
	return 0;
}

/* --- traps --- */

bool guarded_on_own_stack(struct purgatory *p,
			  void (*work)(struct purgatory *p));

static struct purgatory *running; /* on this CPU; others are stopped */

int arch_guard_arm(void)
{
	return 0;
}

void arch_guard_disarm(void)
{
}

static void set_vectors(u64 at)
{
	write_sysreg(at, vbar_el1);
	isb();
}

/* Only where a recovery point itself is broken does it come back. */
void trap_entry(u64 esr, u64 elr, u64 far)
{
	const struct trap trap = { ESR_ELx_EC(esr), esr, elr, far };

	trap_taken(running, &trap);
	for (;;)
		cpu_relax();
}

/* Masked are pseudo-NMIs too, which come as interrupts. */
void arch_guarded(struct purgatory *p, void (*work)(struct purgatory *p))
{
	const u64 daif = read_sysreg(daif), vectors = read_sysreg(vbar_el1);

	asm volatile("msr daifset, #0xf" ::: "memory");
	running = p;
	set_vectors((u64)trap_vectors);
	guarded_on_own_stack(p, work);
	set_vectors(vectors);
	running = NULL;
	/* A late SError would have the kernel wait for ever, in place of a dump. */
	write_sysreg(daif | PSR_A_BIT, daif);
}

void arch_hold_errors(struct pt_regs *regs)
{
	regs->pstate |= PSR_A_BIT;
}
