/* SPDX-License-Identifier: GPL-2.0-only */
/* struct machine of arm64: counter, page tables, vector registers, caches. */
#include <string.h>
#include "iommu.h"
#include "iommu_notes.h"
#include "cpu.h"
#include "dcache.h"
#include "map.h"
#include "start.h"

static struct arm_machine *arm64(struct machine *m)
{
	return (struct arm_machine *)m;
}

/*
 * At EL2 it may differ from what the dead kernel saw by CNTVOFF_EL2; only
 * differences are used.
 */
static u64 arm64_ticks(struct machine *m)
{
	(void)m;
	isb(); /* behind the loads (of registers) before it */
	return read_sysreg(cntvct_el0);
}

/* --- page tables --- */

static bool has_granule_4k(void)
{
	return field(ID_AA64MMFR0_TGRAN4, read_sysreg(id_aa64mmfr0_el1)) !=
	       ID_NONE;
}

static u64 physical_size(void)
{
	u64 range = field(ID_AA64MMFR0_PARANGE, read_sysreg(id_aa64mmfr0_el1));

	return range > PARANGE_48BIT ? PARANGE_48BIT : range;
}

/*
 * Until here the purgatory stored past the caches, and speculation may have
 * brought lines of its memory into them that hold what was there before. They
 * are dropped after its last store and before the caches are used, in one piece
 * of assembly, because the compiler might store something in between.
 */
#define mmu_on(sctlr, v, line)                                         \
	({                                                             \
		u64 at_ = (u64)purgatory_image;                        \
                                                                       \
		asm volatile("dsb sy\n"                                \
			     "1: dc civac, %0\n"                       \
			     "add %0, %0, %1\n"                        \
			     "cmp %0, %2\n"                            \
			     "b.lo 1b\n"                               \
			     "dsb sy\n"                                \
			     "msr " SYSREG_TEXT(sctlr) ", %3\nisb"     \
			     : "+&r"(at_)                              \
			     : "r"((u64)(line)), "r"((u64)memory_end), \
			       "r"((u64)(v))                           \
			     : "cc", "memory");                        \
	})

static void mmu_on_el1(u64 root, u64 line)
{
	write_sysreg(mair_el1, MAIR);
	write_sysreg(tcr_el1, TCR_T0SZ | TCR_WALKS | TCR_TTBR1_OFF |
				      physical_size() << TCR_IPS_SHIFT);
	write_sysreg(ttbr0_el1, root);
	isb();
	asm volatile("tlbi vmalle1" ::: "memory");
	dsb();
	isb();
	mmu_on(sctlr_el1, SCTLR_OFF_EL1 | SCTLR_M | SCTLR_C, line);
}

static void mmu_on_el2(u64 root, bool vhe, u64 line)
{
	u64 own = vhe ? TCR_TTBR1_OFF | physical_size() << TCR_IPS_SHIFT
		      : TCR_EL2_RES1 | physical_size() << TCR_EL2_PS_SHIFT;

	write_sysreg(mair_el2, MAIR);
	write_sysreg(tcr_el2, TCR_T0SZ | TCR_WALKS | own);
	write_sysreg(ttbr0_el2, root);
	isb();
	asm volatile("tlbi alle2" ::: "memory");
	dsb();
	isb();
	mmu_on(sctlr_el2,
	       (vhe ? SCTLR_OFF_EL1 : SCTLR_OFF_EL2) | SCTLR_M | SCTLR_C, line);
}

/*
 * Without a map all memory is where it is, too, and all of the work can be
 * done: slowly.
 */
static u32 arm64_map(struct machine *m, const struct handover *h,
		     const struct span *must, u32 n, bool *live)
{
	struct arm_machine *a = arm64(m);
	u64 root = h->pgtable[PGTABLE_TTBR0];
	u32 i;

	*live = !root || !has_granule_4k();
	if (*live)
		return PLAN_OK;
	for (i = 0; i < n; i++)
		if (!map_holds_span(root, &must[i]))
			return PLAN_PGTABLE;
	dsb();
	if (a->arm.el2)
		mmu_on_el2(root, a->vhe, a->line);
	else
		mmu_on_el1(root, a->line);
	a->mmu_on = true;
	*live = true;
	return PLAN_OK;
}

/* --- vector registers --- */

static u64 trap_control(const struct arm_machine *a)
{
	return a->arm.el2 ? read_sysreg(cptr_el2) : read_sysreg(cpacr_el1);
}

static void set_trap_control(const struct arm_machine *a, u64 v)
{
	if (a->arm.el2)
		write_sysreg(cptr_el2, v);
	else
		write_sysreg(cpacr_el1, v);
	isb();
}

/* With the MMU off their loads would have to be aligned. */
static struct sha256_way arm64_sha_begin(struct machine *m)
{
	struct arm_machine *a = arm64(m);

	if (!a->mmu_on ||
	    field(ID_AA64PFR0_ADVSIMD, read_sysreg(id_aa64pfr0_el1)) == ID_NONE)
		return sha256_plain();
	a->cpacr = trap_control(a);
	a->vectors_on = true;
	if (a->arm.el2 && !a->vhe)
		set_trap_control(a, a->cpacr & ~CPTR_EL2_TFP);
	else
		set_trap_control(a, a->cpacr | CPACR_FPEN);
	return sha256_way(0);
}

static void arm64_sha_end(struct machine *m)
{
	struct arm_machine *a = arm64(m);

	if (!a->vectors_on)
		return;
	set_trap_control(a, a->cpacr);
	a->vectors_on = false;
}

/* --- memory --- */

static void arm64_flush(struct machine *m, u64 phys, u64 len)
{
	(void)m;
	dcache_clean_inval(phys, len);
}

/*
 * The dead kernel may have written it past the caches, and they may hold what
 * was there before; or they alone hold it.
 */
static int arm64_read(struct machine *m, void *buf, u64 phys, u32 len)
{
	arm64_flush(m, phys, len);
	memcpy(buf, (const void *)phys, len);
	return IOMMU_OK;
}

static void arm64_order(struct machine *m)
{
	(void)m;
	dmb();
}

/* --- SErrors --- */

static void arm64_take_errors(struct machine *m)
{
	(void)m;
	serror_unmask();
	dsb();
	esb();
	isb();
}

static void arm64_hold_errors(struct machine *m)
{
	(void)m;
	serror_mask();
}

/* --- ways out --- */

static void arm64_psci(struct arm *a, enum psci_conduit conduit, u32 function)
{
	register u64 x0 asm("x0") = function;
	register u64 x1 asm("x1") = 0;
	register u64 x2 asm("x2") = 0;
	register u64 x3 asm("x3") = 0;

	(void)a;
	if (conduit == PSCI_HVC)
		asm volatile("hvc #0"
			     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::"x4",
			       "x5", "x6", "x7", "x8", "x9", "x10", "x11",
			       "x12", "x13", "x14", "x15", "x16", "x17",
			       "memory");
	else
		asm volatile("smc #0"
			     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::"x4",
			       "x5", "x6", "x7", "x8", "x9", "x10", "x11",
			       "x12", "x13", "x14", "x15", "x16", "x17",
			       "memory");
}

static void arm64_halt(struct machine *m)
{
	(void)m;
	for (;;)
		wfi();
}

void arm_plain_page_tables(const struct arm_machine *a)
{
	if (!field(ID_AA64MMFR3_TCRX, read_sysreg(ID_AA64MMFR3_EL1)))
		return;
	if (a->arm.el2)
		write_sysreg(TCR2_EL2, 0);
	else
		write_sysreg(TCR2_EL1, 0);
	isb();
}

void arm_machine_init(struct arm_machine *a, u32 flags)
{
	a->arm = (struct arm){
		.m = { .ticks = arm64_ticks,
		       .read = arm64_read,
		       .consoles = arm_consoles,
		       .consoles_n = ARM_CONSOLES,
		       .map = arm64_map,
		       .sha_begin = arm64_sha_begin,
		       .sha_end = arm64_sha_end,
		       .flush = arm64_flush,
		       .order = arm64_order,
		       .take_errors = arm64_take_errors,
		       .hold_errors = arm64_hold_errors,
		       .reset = arm_reset,
		       .halt = arm64_halt },
		.psci = arm64_psci,
		.el2 = at_el2(),
		.flags = flags,
	};
	a->vhe = at_vhe();
	a->line = dcache_line();
	if (!a->arm.el2)
		return;
	/* Else SErrors are not taken at EL2. */
	a->hcr = read_sysreg(hcr_el2);
	write_sysreg(hcr_el2, a->hcr | HCR_AMO);
	isb();
}

void arm_machine_end(struct arm_machine *a)
{
	if (!a->arm.el2)
		return;
	dsb(); /* AmpereOne, erratum AC04_CPU_23 */
	isb();
	write_sysreg(hcr_el2, a->hcr);
	isb();
}
