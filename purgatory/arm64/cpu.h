/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instructions that C has no words for. Names and bits are those of the
 * Arm Architecture Reference Manual (DDI 0487J, chapter D19).
 */
#ifndef PURGATORY_ARM64_CPU_H
#define PURGATORY_ARM64_CPU_H

#include "base.h"
#include "layout.h"

#define HCR_AMO BIT64(HCR_AMO_BIT)
#define HCR_E2H BIT64(HCR_E2H_BIT)

#define SCTLR_M BIT64(SCTLR_M_BIT)
#define SCTLR_C BIT64(SCTLR_C_BIT)

#define CPACR_FPEN MASK64(21, 20) /* CPTR_EL2 with HCR_EL2.E2H likewise */
#define CPTR_EL2_TFP BIT64(10)

#define ESR_EC MASK64(31, 26)

#define ID_AA64ISAR0_SHA2 MASK64(15, 12)
#define ID_AA64PFR0_ADVSIMD MASK64(23, 20) /* 15: there is none */
#define ID_AA64MMFR0_PARANGE MASK64(3, 0)
#define ID_AA64MMFR0_TGRAN4 MASK64(31, 28) /* 15: no granule of 4 KiB */
#define ID_NONE 15
/* By number, for assemblers that do not know them. */
#define ID_AA64MMFR3_EL1 S3_0_C0_C7_3
#define ID_AA64MMFR3_TCRX MASK64(3, 0)
#define TCR2_EL1 S3_0_C2_C0_3
#define TCR2_EL2 S3_4_C2_C0_3
#define PARANGE_48BIT 5

/* MAIR_ELx, by index: what kexec's page tables name. */
#define MAIR (MAIR_DEVICE_NGNRNE | MAIR_NORMAL_WB << 8)
#define MAIR_DEVICE_NGNRNE 0x00ULL
#define MAIR_NORMAL_WB 0xffULL

/*
 * TCR_ELx: 48 bits of address, granule of 4 KiB, table walks by write-back
 * cacheable, inner shareable memory.
 */
#define TCR_T0SZ (64ULL - 48)
#define TCR_WALKS (1ULL << 8 | 1ULL << 10 | 3ULL << 12) /* IRGN0 ORGN0 SH0 */
/* With two ranges of addresses: the upper one, of the same kind, is off. */
#define TCR_TTBR1_OFF (BIT64(23) | (64ULL - 48) << 16 | 2ULL << 30)
#define TCR_IPS_SHIFT 32
/* TCR_EL2 without HCR_EL2.E2H */
#define TCR_EL2_RES1 (BIT64(31) | BIT64(23))
#define TCR_EL2_PS_SHIFT 16

#define SYSREG_TEXT(name) #name
#define read_sysreg(name)                                 \
	({                                                \
		u64 v_;                                   \
		asm volatile("mrs %0, " SYSREG_TEXT(name) \
			     : "=r"(v_)::"memory");       \
		v_;                                       \
	})
#define write_sysreg(name, v)                                        \
	asm volatile("msr " SYSREG_TEXT(name) ", %0" ::"r"((u64)(v)) \
		     : "memor"                                       \
		       "y")

static inline bool at_el2(void)
{
	return read_sysreg(CurrentEL) == CURRENT_EL2;
}

/* Are the registers of EL2 like those of EL1? */
static inline bool at_vhe(void)
{
	return at_el2() && (read_sysreg(hcr_el2) & HCR_E2H);
}

static inline void isb(void)
{
	asm volatile("isb" ::: "memory");
}

static inline void dsb(void)
{
	asm volatile("dsb sy" ::: "memory");
}

static inline void dmb(void)
{
	asm volatile("dmb sy" ::: "memory");
}

static inline void wfi(void)
{
	asm volatile("wfi" ::: "memory");
}

/*
 * Has SErrors of all accesses so far reported: taken, where they are not masked.
 * HINT #16 is ESB; a CPU without FEAT_RAS does nothing for it.
 */
static inline void esb(void)
{
	asm volatile("hint #16" ::: "memory");
}

/* SErrors are taken from here on, and no more. */
static inline void serror_unmask(void)
{
	asm volatile("msr daifclr, #4" ::: "memory");
}

static inline void serror_mask(void)
{
	asm volatile("msr daifset, #4" ::: "memory");
}

#endif
