/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * AMD I/O Virtualization Technology (IOMMU) Specification, 48882, revision
 * 3.05, January 2020; what is marked "Linux" is younger and from
 * drivers/iommu/amd/amd_iommu_types.h of Linux 7.2.
 *
 * Masks and layouts, no code. Names are the manual's; the number behind each
 * group is its section there. Bits are numbered within their quadword.
 */
#ifndef AMDVI_H
#define AMDVI_H

#include "iommu.h"

extern const struct iommu_vendor amdvi_vendor;

/* iommu_config.own */
struct amdvi_config {
	const struct iommu_regs *regs; /* what was described */
	bool known;		       /* EFR was read */
	bool told;		       /* and so was CONTROL */
	bool guest;	  /* CONTROL.GTEn: guest tables are walked */
	bool guest_roots; /* GCR3TRPMode: GCR3 tables lie behind host tables */
} __attribute__((may_alias));
ASSERT_OWN(struct amdvi_config);

static inline const struct amdvi_config *amdvi_own(const struct iommu_config *c)
{
	return (const struct amdvi_config *)c->own;
}

struct lookup;
/* decode.c: where the entry of l->requester lies. */
int amdvi_dte_at(struct lookup *l, const struct iommu_regs *regs, u64 *where);

/* ir.c */
int amdvi_irq_table(const struct iommu_regs *regs, struct mem *m, u32 requester,
		    struct iommu_irq_table *t, struct iommu_evidence *ev);
void amdvi_irq_decode(const struct iommu_irq_table *t, struct iommu_irq *irq);

#define AMDVI_LEVELS_MAX 6 /* of host page tables (2.2.3) */
#define AMDVI_REGS_LEN 0x4000u
#define AMDVI_REQUESTERS 65536u
#define AMDVI_TABLE_MAX MIB(2) /* a device table of all of them */

/* --- registers (3.4) --- */

#define AMDVI_DEV_TBL 0x0000 /* 3.4.1 */
#define DEV_TBL_ADDR MASK64(51, 12)
#define DEV_TBL_SIZE MASK64(8, 0) /* pages of 4 KiB - 1 */
#define AMDVI_CMD_BUF 0x0008	  /* 3.4.2 */
#define AMDVI_EVT_LOG 0x0010	  /* 3.4.3 */
/* Of the two: */
#define RING_ADDR MASK64(51, 12)
#define RING_LEN MASK64(59, 56) /* 2^n entries of 16 bytes, n of 8 to 15 */
#define RING_LEN_MIN 8u
#define RING_ENTRY_BYTES 16u

#define AMDVI_CONTROL 0x0018 /* 3.4.4 */
#define CONTROL_IOMMU_EN BIT64(0)
#define CONTROL_HT_TUN_EN BIT64(1)
#define CONTROL_EVENT_LOG_EN BIT64(2)
#define CONTROL_EVENT_INT_EN BIT64(3)
#define CONTROL_COHERENT BIT64(10) /* reads of its tables snoop caches */
#define CONTROL_CMD_BUF_EN BIT64(12)
#define CONTROL_PPR_LOG_EN BIT64(13)
#define CONTROL_GT_EN BIT64(16)
#define CONTROL_GA_EN BIT64(17) /* interrupt entries of 128 bits */
#define CONTROL_GA_LOG_EN BIT64(28)
#define CONTROL_DEV_TBL_SEG_EN MASK64(36, 34)
#define CONTROL_XT_EN BIT64(50)		/* destinations of 32 bits */
#define CONTROL_GCR3_TRP_MODE BIT64(58) /* Linux */

#define AMDVI_EXCL_BASE 0x0020 /* 3.4.5 */
#define AMDVI_EXCL_LIMIT 0x0028
#define EXCL_ADDR MASK64(51, 12)
#define EXCL_EN BIT64(0)
#define EXCL_ALLOW BIT64(1)

#define AMDVI_EFR 0x0030 /* 3.4.6 */
#define EFR_PPR BIT64(1)
#define EFR_GT BIT64(4)
#define EFR_IA BIT64(6)
#define EFR_HATS MASK64(11, 10) /* 4 + n levels of host tables */
#define EFR_GATS MASK64(13, 12) /* 4 + n levels of guest tables */
#define EFR_GLX MASK64(15, 14)	/* 1 + n levels of GCR3 tables */
#define EFR_GIO BIT64(48)
#define EFR_HA BIT64(49)
#define EFR_HD BIT64(52)
#define EFR_SNP BIT64(63)
#define HATS_NONE 3 /* no host tables at all (Linux) */

#define AMDVI_PPR_LOG 0x0038
#define AMDVI_HW_EVT_HI 0x0040
#define AMDVI_HW_EVT_LO 0x0048
#define AMDVI_HW_EVT_STATUS 0x0050
#define AMDVI_GA_LOG 0x00e0
#define AMDVI_EFR2 0x01a0 /* Linux */
#define EFR2_HT_RANGE_IGNORE BIT64(11)

/* 3.4.12: the second segment of a device table, and those behind it */
#define AMDVI_DEV_TBL_SEG 0x0100
#define AMDVI_SEGMENT_BITS_MAX 3u
#define AMDVI_SEGMENTS_MAX (1u << AMDVI_SEGMENT_BITS_MAX)
static inline u32 amdvi_segment_reg(u32 segment)
{
	return segment ? AMDVI_DEV_TBL_SEG + 8 * (segment - 1) : AMDVI_DEV_TBL;
}

#define AMDVI_CMD_HEAD 0x2000 /* 3.4.14: bytes from the start */
#define AMDVI_CMD_TAIL 0x2008
#define AMDVI_EVT_HEAD 0x2010
#define AMDVI_EVT_TAIL 0x2018
#define RING_POINTER MASK64(18, 4)

#define AMDVI_STATUS 0x2020 /* 3.4.15 */
#define STATUS_EVENT_OVERFLOW BIT64(0)
#define STATUS_EVENT_LOG_RUN BIT64(3)
#define STATUS_CMD_BUF_RUN BIT64(4)
#define AMDVI_PPR_HEAD 0x2030
#define AMDVI_PPR_TAIL 0x2038
#define AMDVI_GA_HEAD 0x2040
#define AMDVI_GA_TAIL 0x2048

/* --- device table entries (2.2.2.1), 32 bytes a requester --- */

#define AMDVI_DTE_BYTES 32u
#define AMDVI_DTE_WORDS 4u
#define DTE_V BIT64(0)
#define DTE_TV BIT64(1)
#define DTE_HAD MASK64(8, 7)   /* the unit marks pages accessed, dirty */
#define DTE_MODE MASK64(11, 9) /* levels of the host table; 0: none */
#define DTE_MODE_MAX 6
#define DTE_ROOT MASK64(51, 12)
#define DTE_PPR BIT64(52) /* the device may request pages */
#define DTE_GPRP BIT64(53)
#define DTE_GIOV BIT64(54) /* requests without PASID use PASID 0 */
#define DTE_GV BIT64(55)
#define DTE_GLX MASK64(57, 56)	    /* levels of the GCR3 table - 1 */
#define DTE_GCR3_LOW MASK64(60, 58) /* its address, bits 14:12 */
#define DTE_IR BIT64(61)
#define DTE_IW BIT64(62)
#define DTE_RSVD (MASK64(6, 2) | BIT64(63))
/* Second quadword */
#define DTE_DID MASK64(15, 0)
#define DTE_GCR3_MIDDLE MASK64(31, 16) /* bits 30:15 */
#define DTE_I BIT64(32)		       /* IOTLB: the device may translate */
#define DTE_SE BIT64(33)	       /* faults but for the first one off */
#define DTE_SA BIT64(34)	       /* all faults off */
#define DTE_IO_CTL MASK64(36, 35)      /* port I/O */
#define DTE_CACHE BIT64(37)
#define DTE_SD BIT64(38)	   /* reads of its page tables do not snoop */
#define DTE_EX BIT64(39)	   /* the exclusion range holds for it */
#define DTE_SYS_MGT MASK64(41, 40) /* what of HyperTransport's own range */
#define IO_CTL_TRANSLATED 2
#define SYS_MGT_TRANSLATED 3
#define SYS_MGT_WRITES 1 /* erratum 63 (Linux): IW must be set with it */
#define DTE_GCR3_HIGH MASK64(63, 43) /* bits 51:31 */
#define DTE_RSVD1 BIT64(42)
/* Third quadword: interrupts, and (Linux) the depth of guest tables. */
#define DTE_IV BIT64(0)
#define DTE_INT_TAB_LEN MASK64(4, 1)
#define DTE_INT_ROOT MASK64(51, 6)
#define DTE_GUEST_PAGING MASK64(55, 54) /* levels - 4 */
#define DTE_INT_CTL MASK64(61, 60)
#define INT_CTL_ABORT 0
#define INT_CTL_PASS 1
#define INT_CTL_REMAP 2
#define INT_TAB_LEN_LINUX 9 /* 2^n entries; of younger kernels MAX */
#define INT_TAB_LEN_MAX 11

/* GCR3 table entries (2.2.6.3), 512 a table; 9 bits of PASID a level */
#define GCR3_BITS 9
#define GCR3_V BIT64(0)
#define GCR3_ADDR MASK64(51, 12)
#define GCR3_RSVD (MASK64(2, 1) | MASK64(63, 52))
#define AMDVI_PASID_MAX 0xfffffu

/* --- host page table entries (2.2.3) --- */

#define HPT_PR BIT64(0)
#define HPT_NEXT MASK64(11, 9)
#define NEXT_PAGE 0  /* a page, of what an entry of this level covers */
#define NEXT_SIZED 7 /* a page; ones from bit 12 up tell its size */
#define HPT_ADDR MASK64(51, 12)
#define HPT_IR BIT64(61)
#define HPT_IW BIT64(62)
#define HPT_RSVD MASK64(58, 52)	    /* of a page */
#define HPT_DIR_RSVD MASK64(60, 52) /* of a directory */

/* --- interrupt remapping entries --- */

/* Without CONTROL.GAEn (2.2.5.1), 4 bytes */
#define IRTE_SHORT_BYTES 4u
#define AMDVI_IRTE_REMAP_EN BIT64(0)
#define AMDVI_IRTE_SUP_IOPF BIT64(1)
#define AMDVI_IRTE_INT_TYPE MASK64(4, 2)
#define INT_TYPE_FIXED 0
#define INT_TYPE_ARBITRATED 1
#define AMDVI_IRTE_RQ_EOI BIT64(5)
#define AMDVI_IRTE_DM BIT64(6) /* logical */
#define AMDVI_IRTE_GUEST_MODE BIT64(7)
#define IRTE_SHORT_DST MASK64(15, 8)
#define IRTE_SHORT_V MASK64(23, 16)
#define IRTE_SHORT_RSVD (BIT64(7) | MASK64(31, 24))

/* With it (2.2.5.2), 16 bytes; the lower 8 bits are as above. */
#define IRTE_LONG_BYTES 16u
#define IRTE_LONG_DST MASK64(31, 8)	  /* with XTEn: bits 23:0 */
#define IRTE_LONG_DST_XAPIC MASK64(15, 8) /* without */
/* Second quadword */
#define IRTE_LONG_V MASK64(7, 0)
#define IRTE_LONG_DST_HIGH MASK64(63, 56) /* bits 31:24 */
#define IRTE_LONG_RSVD1 MASK64(55, 8)
/* Guest mode (2.2.5.3): the interrupt goes into a virtual APIC. */
#define IRTE_GUEST_VAPIC MASK64(51, 12)
#define IRTE_GUEST_RSVD MASK64(5, 3)
#define IRTE_GUEST_RSVD1 (MASK64(11, 8) | MASK64(55, 52))

/* --- event log entries (2.5), 16 bytes --- */

#define EVENT_CODE MASK64(63, 60)
#define EVENT_ILLEGAL_DTE 1
#define EVENT_IO_PAGE_FAULT 2
#define EVENT_DEV_TBL_HARDWARE 3
#define EVENT_PAGE_TBL_HARDWARE 4
#define EVENT_ILLEGAL_COMMAND 5
#define EVENT_COMMAND_HARDWARE 6
#define EVENT_IOTLB_TIMEOUT 7
#define EVENT_INVALID_DEVICE_REQUEST 8
#define EVENT_INVALID_PPR_REQUEST 9
#define EVENT_DEVICE MASK64(15, 0)
#define EVENT_PASID_HIGH MASK64(19, 16)
#define EVENT_PASID_LOW MASK64(47, 32) /* or the domain id */
#define EVENT_GN BIT64(48)	       /* it is a PASID */
#define EVENT_I BIT64(51)
#define EVENT_PR BIT64(52)
#define EVENT_RW BIT64(53)
#define EVENT_PE BIT64(54)
#define EVENT_RZ BIT64(55)

/* --- page requests (2.6), 16 bytes; flags by Linux --- */

#define PPR_DEVICE MASK64(15, 0)
#define PPR_PASID_LOW MASK64(31, 16)
#define PPR_PASID_HIGH MASK64(45, 42)
#define PPR_WRITE BIT64(55)
#define PPR_GN BIT64(59) /* it has a PASID */

/* --- interrupts for guests that do not run (Linux), 8 bytes --- */

#define GA_ENTRY_BYTES 8u
#define GA_TAG MASK64(31, 0)
#define GA_DEVICE MASK64(47, 32)

/* --- commands (2.4), 16 bytes --- */

#define CMD_OPCODE MASK64(63, 60)
#define CMD_COMPLETION_WAIT 1
#define CMD_INVALIDATE_DTE 2
#define CMD_INVALIDATE_PAGES 3
#define CMD_INVALIDATE_INTERRUPTS 5
#define CMD_INVALIDATE_ALL 8
#define CMD_DEVICE MASK64(15, 0) /* of INVALIDATE_DEVTAB_ENTRY (2.4.2) */
/* COMPLETION_WAIT (2.4.1) */
#define CMD_WAIT_STORE BIT64(0)
#define CMD_WAIT_ADDR MASK64(51, 3)
/* INVALIDATE_IOMMU_PAGES (2.4.3): domain id in the first quadword */
#define CMD_PAGES_DID MASK64(47, 32)
#define CMD_PAGES_ALL 0x7ffffffffffff003ULL /* S and PDE, every address */

#endif
