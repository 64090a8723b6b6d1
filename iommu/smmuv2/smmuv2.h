/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arm System Memory Management Unit, Architecture Specification, SMMU
 * architecture version 2.0, IHI 0062 issue D.c, June 2016.
 *
 * Masks and layouts, no code. Names are the manual's; the number behind each
 * group is its chapter there.
 */
#ifndef SMMUV2_H
#define SMMUV2_H

#include "iommu.h"

extern const struct iommu_vendor smmuv2_vendor;

/* iommu_config.own */
struct smmuv2_config {
	const struct iommu_regs *regs; /* streams and context banks */
} __attribute__((may_alias));
ASSERT_OWN(struct smmuv2_config);

static inline const struct smmuv2_config *
smmuv2_own(const struct iommu_config *c)
{
	return (const struct smmuv2_config *)c->own;
}

/* --- global register space 0 (chapter 9) --- */

#define SMMUV2_CR0 0x00
#define SCR0_CLIENTPD BIT64(0)
#define SCR0_GFRE BIT64(1) /* global faults: to the device */
#define SCR0_GFIE BIT64(2) /* and as interrupts */
#define SCR0_EXIDENABLE BIT64(3)
#define SCR0_GCFGFRE BIT64(4) /* configuration faults */
#define SCR0_GCFGFIE BIT64(5)
#define SCR0_GSE BIT64(9)     /* all stalls, should one */
#define SCR0_USFCFG BIT64(10) /* streams that match nothing fault */
#define SCR0_VMID16EN BIT64(31)

#define SMMUV2_ID0 0x20
#define ID0_NUMSMRG MASK64(7, 0)
#define ID0_SMS BIT64(27) /* else a stream's number is its S2CR's */
#define ID0_NTS BIT64(28)
#define ID0_S2TS BIT64(29)
#define ID0_S1TS BIT64(30)
#define SMMUV2_ID1 0x24
#define ID1_NUMCB MASK64(7, 0)
#define ID1_NUMS2CB MASK64(23, 16) /* the first of them know stage 2 alone */
#define ID1_NUMPAGENDXB MASK64(30, 28) /* 2^(n + 1) pages */
#define ID1_PAGESIZE BIT64(31)	       /* 64 KiB, else 4 KiB */
#define SMMUV2_ID2 0x28
#define ID2_IAS MASK64(3, 0)
#define ID2_OAS MASK64(7, 4)
#define ID2_PTFS_4K BIT64(12)
#define ID2_PTFS_16K BIT64(13)
#define ID2_PTFS_64K BIT64(14)
#define SMMUV2_ID7 0x3c

#define SMMUV2_GFAR 0x40 /* 64 bits */
#define SMMUV2_GFSR 0x48
#define SMMUV2_GFSYNR0 0x50
#define SMMUV2_GFSYNR1 0x54
#define GFSYNR0_WNR BIT64(1)

#define SMMUV2_TLBIALLNSNH 0x68
#define SMMUV2_TLBIALLH 0x6c
#define SMMUV2_TLBGSYNC 0x70
#define SMMUV2_TLBGSTATUS 0x74
#define TLBGSTATUS_ACTIVE BIT64(0)
#define GFSYNR1_STREAMID MASK64(15, 0)

#define SMMUV2_STREAMS 128u
#define SMMUV2_SMR(n) (0x800u + 4 * (n))
#define SMR_ID MASK64(14, 0)
#define SMR_MASK MASK64(30, 16)
#define SMR_VALID BIT64(31)
/* With EXIDENABLE the valid bit is in S2CR, and these are 16 bits */
#define SMR_EXID MASK64(15, 0)
#define SMR_EXMASK MASK64(31, 16)

#define SMMUV2_S2CR(n) (0xc00u + 4 * (n))
#define S2CR_CBNDX MASK64(7, 0)
#define S2CR_EXIDVALID BIT64(10)
#define S2CR_TYPE MASK64(17, 16)
#define S2CR_TRANSLATION 0
#define S2CR_BYPASS 1
#define S2CR_FAULT 2

/* --- global register space 1 (chapter 10), one page on --- */

#define SMMUV2_CONTEXTS 128u
#define GR1_CBAR(n) (4 * (n))
#define CBAR_VMID MASK64(7, 0)
#define CBAR_CBNDX MASK64(15, 8) /* nested: the bank of stage 2 */
/* Stage 1 alone: of memory, the weakest, which tables override */
#define CBAR_BPSHCFG MASK64(9, 8)
#define BPSHCFG_NSH 3
#define CBAR_MEMATTR MASK64(15, 12)
#define MEMATTR_WB 0xf
#define CBAR_TYPE MASK64(17, 16)
#define CBAR_S2 0
#define CBAR_S1_S2_BYPASS 1
#define CBAR_S1_S2_FAULT 2
#define CBAR_NESTED 3
#define GR1_CBFRSYNRA(n) (0x400 + 4 * (n)) /* the stream of a fault */
#define GR1_CBA2R(n) (0x800 + 4 * (n))
#define CBA2R_VA64 BIT64(0)
#define CBA2R_VMID16 MASK64(31, 16)

/* --- a context bank (chapter 16), each on a page of its own --- */

#define CB_SCTLR 0x00
#define SCTLR_M BIT64(0)
#define SCTLR_TRE BIT64(1) /* stage 1: attributes by MAIR */
#define SCTLR_AFE BIT64(2)
#define SCTLR_AFFD BIT64(3)
#define SCTLR_E BIT64(4)
#define SCTLR_CFRE BIT64(5)
#define SCTLR_CFIE BIT64(6)  /* faults interrupt */
#define SCTLR_CFCFG BIT64(7) /* and stall */
#define SCTLR_HUPCF BIT64(8) /* one fault does not stop what follows */
#define CB_RESUME 0x08
#define RESUME_TERMINATE 1
#define CB_TCR2 0x10
#define TCR2_PASIZE MASK64(2, 0)
#define TCR2_TBI0 BIT64(5)
#define TCR2_TBI1 BIT64(6)
/* From which bit on an address is extended; 7: it comes with all that it has */
#define TCR2_SEP MASK64(17, 15)
#define SEP_UPSTREAM 7
#define CB_TTBR0 0x20 /* 64 bits */
#define CB_TTBR1 0x28
#define TTBR_ADDR MASK64(47, 0)
#define TTBR_ASID MASK64(63, 48)
#define CB_TCR 0x30
/* AArch64, stage 1 */
#define TCR_T0SZ MASK64(5, 0)
#define TCR_EPD0 BIT64(7)
#define TCR_TG0 MASK64(15, 14)
#define TCR_T1SZ MASK64(21, 16)
#define TCR_EPD1 BIT64(23)
#define TCR_TG1 MASK64(31, 30)
/* AArch64, stage 2 */
#define VTCR_SL0 MASK64(7, 6)
#define VTCR_PS MASK64(18, 16)
#define VTCR_RES1 BIT64(31)
/* Both: how tables are read */
#define TCR_IRGN0 MASK64(9, 8)
#define TCR_ORGN0 MASK64(11, 10)
#define TCR_SH0 MASK64(13, 12)
#define CACHE_WB 1
#define SH_INNER 3
#define CB_MAIR0 0x38
#define MAIR_WRITE_BACK 0xff
/* AArch32, long descriptors: stage 1, and stage 2 */
#define TTBCR_EAE BIT64(31)
#define TTBCR_T0SZ MASK64(2, 0)
#define TTBCR_T1SZ MASK64(18, 16)
#define VTCR32_T0SZ MASK64(3, 0)
#define VTCR32_S BIT64(4) /* T0SZ's sign: must be its uppermost bit */
#define CB_FSR 0x58	  /* bits are cleared by ones */
#define FSR_SS BIT64(30)  /* a transaction is stalled */
#define CB_FAR 0x60	  /* 64 bits */
#define CB_FSYNR0 0x68
#define FSYNR0_WNR BIT64(4)

/*
 * A fault as we keep it, since the unit has no record of one: the first word
 * is FSR and, above, FSYNR0, the second FAR, the third this.
 */
#define FAULT_STREAM MASK64(15, 0)
#define FAULT_CONTEXT MASK64(31, 16)
#define FAULT_GLOBAL BIT64(32)

#endif
