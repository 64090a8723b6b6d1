/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Intel Virtualization Technology for Directed I/O, Architecture
 * Specification, revision 5.1, November 2025 (D51397-018).
 *
 * Masks and layouts, no code. Names are the manual's; the number behind each
 * group is its section there.
 */
#ifndef VTD_H
#define VTD_H

#include "iommu.h"
#include "../x86_pt.h"

extern const struct iommu_vendor vtd_vendor;

/* iommu_config.own */
struct vtd_config {
	bool scalable; /* TTM = 01 */
	bool io_rw;    /* second stages permit by IR and IW (SSIRWE) */
} __attribute__((may_alias));
ASSERT_OWN(struct vtd_config);

static inline const struct vtd_config *vtd_own(const struct iommu_config *c)
{
	return (const struct vtd_config *)c->own;
}

/* ir.c */
int vtd_irq_table(const struct iommu_regs *regs, struct mem *m, u32 requester,
		  struct iommu_irq_table *t, struct iommu_evidence *ev);
void vtd_irq_decode(const struct iommu_irq_table *t, struct iommu_irq *irq);

#define VTD_LEVELS_MAX 5 /* of page tables (3.6, 3.7) */

/* --- registers (11.4) --- */

#define VTD_VER 0x00 /* 11.4.1 */
#define VTD_VER_MAJOR MASK64(7, 4)

#define VTD_CAP 0x08 /* 11.4.2 */
#define CAP_ND MASK64(2, 0)
#define CAP_RWBF BIT64(4)
#define CAP_SAGAW MASK64(12, 8) /* bit n: n + 2 levels */
#define CAP_MGAW MASK64(21, 16) /* widest input address - 1 */
#define CAP_FRO MASK64(33, 24)	/* in units of 16 bytes */
#define CAP_SSLPS_2M BIT64(34)
#define CAP_SSLPS_1G BIT64(35)
#define CAP_NFR MASK64(47, 40) /* fault recording registers - 1 */
#define CAP_DWD BIT64(54)
#define CAP_DRD BIT64(55)
#define CAP_FS1GP BIT64(56)
#define CAP_PI BIT64(59)
#define CAP_FS5LP BIT64(60)
#define CAP_ECMDS BIT64(61)
#define CAP_ESRTPS BIT64(63)

#define VTD_ECAP 0x10 /* 11.4.3 */
#define ECAP_C BIT64(0)
#define ECAP_QI BIT64(1)
#define ECAP_DT BIT64(2)
#define ECAP_IR BIT64(3)
#define ECAP_PT BIT64(6)
#define ECAP_SC BIT64(7)
#define ECAP_NEST BIT64(26)
#define ECAP_IRO MASK64(17, 8) /* in units of 16 bytes */
#define ECAP_SMTS BIT64(43)
#define ECAP_SSTS BIT64(46)
#define ECAP_FSTS BIT64(47)
#define ECAP_SMPWC BIT64(48)
#define ECAP_RPS BIT64(49)
#define ECAP_SSIRWS BIT64(57)

#define VTD_GCMD 0x18 /* 11.4.4.1 */
#define VTD_GSTS 0x1c /* 11.4.4.2; the same bits */
#define GCMD_TE BIT64(31)
#define GCMD_SRTP BIT64(30)
#define GCMD_WBF BIT64(27)
#define GCMD_QIE BIT64(26)
#define GCMD_IRE BIT64(25)
#define GCMD_CFI BIT64(23) /* compatibility-format interrupts pass */
/* One-shot commands: cleared from the status when it is written back. */
#define GCMD_KEEP 0x96ffffffULL

#define VTD_RTADDR 0x20 /* 11.4.5 */
#define RTADDR_RTA MASK64(63, 12)
#define RTADDR_TTM MASK64(11, 10)
#define TTM_LEGACY 0
#define TTM_SCALABLE 1
#define TTM_ABORT 3	       /* abort-dma mode */
#define RTADDR_SSIRWE BIT64(7) /* IR, IW permit, not R, W */

#define VTD_CCMD 0x28 /* 11.4.6.1 */
#define CCMD_ICC BIT64(63)
#define CCMD_CIRG_GLOBAL BIT64(61)
#define CCMD_CAIG MASK64(60, 59)

#define VTD_IOTLB 0x08 /* 11.4.6.2; from ECAP.IRO * 16 */
#define IOTLB_IVT BIT64(63)
#define IOTLB_IIRG_GLOBAL BIT64(60)
#define IOTLB_IAIG MASK64(58, 57)
#define IOTLB_DR BIT64(49)
#define IOTLB_DW BIT64(48)

#define VTD_FSTS 0x34 /* 11.4.7.1 */
#define FSTS_PFO BIT64(0)
#define FSTS_PPF BIT64(1)
#define FSTS_IQE BIT64(4)
#define FSTS_ICE BIT64(5)
#define FSTS_ITE BIT64(6)
#define FSTS_QUEUE (FSTS_IQE | FSTS_ICE | FSTS_ITE)
#define FSTS_FRI MASK64(15, 8)

#define VTD_FECTL 0x38 /* 11.4.7.2 */
#define FECTL_IM BIT64(31)
#define VTD_FEDATA 0x3c
#define VTD_FEADDR 0x40
#define VTD_FEUADDR 0x44

#define VTD_PMEN 0x64 /* 11.4.8 */
#define VTD_PLMBASE 0x68
#define VTD_PLMLIMIT 0x6c
#define VTD_PHMBASE 0x70
#define VTD_PHMLIMIT 0x78

#define VTD_IQH 0x80 /* 11.4.9 */
#define VTD_IQT 0x88
#define VTD_IQA 0x90
#define IQA_IQA MASK64(63, 12)
#define IQA_DW BIT64(11)    /* descriptors of 256 bits */
#define IQA_QS MASK64(2, 0) /* 2^QS pages of 4 KiB */
#define VTD_ICS 0x9c
#define VTD_IECTL 0xa0
#define VTD_IQERCD 0xb0
#define VTD_IRTA 0xb8 /* 11.4.10 */
#define IRTA_IRTA MASK64(63, 12)
#define IRTA_EIME BIT64(11) /* destinations of 32 bits */
#define IRTA_S MASK64(3, 0) /* 2^(S + 1) entries */
#define IRTA_RSVD MASK64(10, 4)

#define VTD_PQH 0xc0 /* 11.4.11 */
#define VTD_PQT 0xc8
#define VTD_PQA 0xd0
#define VTD_PRS 0xdc
#define VTD_PECTL 0xe0

#define VTD_ECRSP 0x410 /* 11.4.14.3; with CAP.ECMDS */
#define ECRSP_IP BIT64(0)

/* Fault recording registers (11.4.7.6), 16 bytes each from CAP.FRO * 16. */
#define FRCD_BYTES 16u
#define FRCD_DWORD3 12u /* holds F; the write that clears it goes here */
#define FRCD_F32 BIT64(31)
/* Low quadword */
#define FRCD_FI MASK64(63, 12)
#define FRCD_IR_INDEX MASK64(63, 48) /* of an interrupt-remapping fault */
/* High quadword */
#define FRCD_F BIT64(63)
#define FRCD_T1 BIT64(62) /* 0: write, 1: read or atomic */
#define FRCD_PV MASK64(59, 40)
#define FRCD_FR MASK64(39, 32)
#define FRCD_PP BIT64(31)
#define FRCD_SID MASK64(15, 0)

/* --- root entries (9.1, 9.2): 16 bytes a bus --- */

#define VTD_ROOT_BYTES 16u
#define ROOT_P BIT64(0)
#define ROOT_CTP MASK64(63, 12)
#define ROOT_RSVD (MASK64(11, 1) | MASK64(63, 52))

/* --- context entries --- */

/* Legacy (9.3), 16 bytes a function */
#define VTD_CTX_BYTES 16u
#define CTX_P BIT64(0)
#define CTX_FPD BIT64(1)
#define CTX_TT MASK64(3, 2)
#define TT_UNTRANSLATED_ONLY 0
#define TT_DEV_TLB 1
#define TT_PASS 2
#define CTX_SSPTPTR MASK64(63, 12)
#define CTX_RSVD (MASK64(11, 4) | MASK64(63, 52))
/* Second quadword */
#define CTX_AW MASK64(2, 0) /* levels - 2 */
#define CTX_DID MASK64(23, 8)
#define CTX_RSVD1 (BIT64(7) | MASK64(63, 24))

/* Scalable (9.4), 32 bytes a function */
#define VTD_SCTX_BYTES 32u
#define SCTX_P BIT64(0)
#define SCTX_FPD BIT64(1)
#define SCTX_DTE BIT64(2)
#define SCTX_PASIDE BIT64(3)
#define SCTX_PDTS MASK64(11, 9) /* 2^(PDTS + 7) directory entries */
#define SCTX_PASIDDIRPTR MASK64(63, 12)
#define SCTX_RSVD (MASK64(8, 5) | MASK64(63, 52))
/* Second quadword */
#define SCTX_RID_PASID MASK64(19, 0)
#define SCTX_RSVD1 MASK64(63, 21)

/* --- PASID structures --- */

/* Directory entry (9.5) */
#define PASIDDIR_P BIT64(0)
#define PASIDDIR_FPD BIT64(1)
#define PASIDDIR_PTR MASK64(63, 12)
#define PASIDDIR_RSVD (MASK64(11, 2) | MASK64(63, 52))
#define PASID_TABLE_BITS 6 /* of the PASID, index in a PASID table */

/* Table entry (9.6), 64 bytes */
#define VTD_PASID_BYTES 64u
#define VTD_PASID_WORDS 8u
#define PASID_P BIT64(0)
#define PASID_FPD BIT64(1)
#define PASID_AW MASK64(4, 2)
#define PASID_PGTT MASK64(8, 6)
#define PGTT_FIRST 1
#define PGTT_SECOND 2
#define PGTT_NESTED 3
#define PGTT_PASS 4
#define PASID_SSPTPTR MASK64(63, 12)
#define PASID_RSVD (BIT64(5) | MASK64(11, 10) | MASK64(63, 52))
/* Second quadword */
#define PASID_DID MASK64(15, 0)
#define PASID_PWSNP BIT64(23)
#define PASID_RSVD1 MASK64(22, 16)
/* Third quadword */
#define PASID_FSPM MASK64(3, 2) /* levels - 4 */
#define PASID_FSPTPTR MASK64(63, 12)
#define PASID_RSVD2 (MASK64(11, 8) | MASK64(63, 52))

/* --- paging entries --- */

/* Second stage (9.8) */
#define SS_R BIT64(0)
#define SS_W BIT64(1)
#define SS_SNP BIT64(11) /* reserved where ECAP.SC = 0 */
#define SS_TM BIT64(62)	 /* reserved where ECAP.DT = 0 */
/* With RTADDR.SSIRWE; then R and W are ignored. */
#define SS_IR BIT64(61)
#define SS_IW BIT64(62)

/* First stage (9.7): x86_pt.h */

/* --- interrupt remapping entries: 16 bytes --- */

#define VTD_IRTE_BYTES 16u
/* Of both forms; the second quadword is the same but for the descriptor. */
#define IRTE_P BIT64(0)
#define IRTE_FPD BIT64(1)
#define IRTE_IM BIT64(15) /* posted */
#define IRTE_V MASK64(23, 16)
/* Second quadword */
#define IRTE_SID MASK64(15, 0)
#define IRTE_SQ MASK64(17, 16) /* function bits that don't count */
#define IRTE_SVT MASK64(19, 18)
#define SVT_NONE 0
#define SVT_SID 1
#define SVT_BUSES 2 /* SID: first bus, last bus */
/* Remapped (9.9) */
#define IRTE_DM BIT64(2) /* logical */
#define IRTE_RH BIT64(3)
#define IRTE_TM BIT64(4) /* level */
#define IRTE_DLM MASK64(7, 5)
#define IRTE_DST MASK64(63, 32)
#define IRTE_DST_XAPIC MASK64(47, 40) /* without IRTA.EIME */
#define IRTE_RSVD (MASK64(14, 12) | MASK64(31, 24))
#define IRTE_RSVD1 MASK64(63, 20)
/* Posted (9.10) */
#define IRTE_URG BIT64(14)
#define IRTE_PDAL MASK64(63, 38) /* descriptor, bits 31:6 */
#define IRTE_PDAH MASK64(63, 32) /* of the second quadword: bits 63:32 */
#define IRTE_POSTED_RSVD (MASK64(7, 2) | MASK64(13, 12) | MASK64(37, 24))
#define IRTE_POSTED_RSVD1 MASK64(31, 20)

/* --- invalidation descriptors (6.5.2): 16 bytes, or 32 with IQA.DW --- */

#define VTD_DESC_BYTES 16u
#define DESC_CC_GLOBAL (0x1ULL | 1ULL << 4)    /* 6.5.2.1 */
#define DESC_PASID_GLOBAL (0x7ULL | 3ULL << 4) /* 6.5.2.2 */
#define DESC_IOTLB_GLOBAL (0x2ULL | 1ULL << 4) /* 6.5.2.3 */
#define DESC_IOTLB_DW BIT64(6)
#define DESC_IOTLB_DR BIT64(7)
#define DESC_WAIT 0x5ULL /* 6.5.2.9 */
#define DESC_WAIT_SW BIT64(5)
#define DESC_WAIT_FN BIT64(6)
#define DESC_WAIT_DATA MASK64(63, 32)

#endif
