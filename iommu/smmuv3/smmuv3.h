/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arm System Memory Management Unit, Architecture Specification, SMMU
 * architecture version 3, IHI 0070 issue F.b, 2023.
 *
 * Masks and layouts, no code. Names are the manual's; the number behind each
 * group is its section there.
 */
#ifndef SMMUV3_H
#define SMMUV3_H

#include "iommu.h"

extern const struct iommu_vendor smmuv3_vendor;

/* iommu_config.own */
struct smmuv3_config {
	bool e2h;	/* CR2.E2H: EL2 has two halves of addresses */
	bool two_level; /* STRTAB_BASE_CFG.FMT */
} __attribute__((may_alias));
ASSERT_OWN(struct smmuv3_config);

static inline const struct smmuv3_config *
smmuv3_own(const struct iommu_config *c)
{
	return (const struct smmuv3_config *)c->own;
}

/* --- registers, page 0 (6.3) --- */

#define SMMUV3_IDR0 0x00 /* 6.3.1 */
#define IDR0_S2P BIT64(0)
#define IDR0_S1P BIT64(1)
#define IDR0_TTF MASK64(3, 2) /* bit 1: AArch64 */
#define IDR0_TTF_AARCH64 BIT64(3)
#define IDR0_COHACC BIT64(4)
#define IDR0_BTM BIT64(5)
#define IDR0_HTTU MASK64(7, 6) /* 1: access flag, 2: and dirty state */
#define IDR0_HYP BIT64(9)
#define IDR0_ATS BIT64(10)
#define IDR0_ASID16 BIT64(12)
#define IDR0_VMID16 BIT64(18)
#define IDR0_CD2L BIT64(19)
#define IDR0_TTENDIAN MASK64(22, 21)
#define TTENDIAN_BIG 3
#define IDR0_STALL_MODEL MASK64(25, 24)
#define STALL_MODEL_BOTH 0   /* a CD says which */
#define STALL_MODEL_FORCED 2 /* all that can stall does */
#define IDR0_TERM_MODEL BIT64(26)
#define IDR0_ST_LEVEL MASK64(28, 27)

#define SMMUV3_IDR1 0x04 /* 6.3.2 */
#define IDR1_SIDSIZE MASK64(5, 0)
#define IDR1_SSIDSIZE MASK64(10, 6)
#define IDR1_CMDQS MASK64(25, 21)
#define IDR1_QUEUES_PRESET BIT64(29)
#define IDR1_TABLES_PRESET BIT64(30)

#define SMMUV3_IDR2 0x08
#define SMMUV3_IDR3 0x0c /* 6.3.4 */
#define IDR3_STT BIT64(9)
#define SMMUV3_IDR4 0x10
#define SMMUV3_IDR5 0x14 /* 6.3.6 */
#define IDR5_OAS MASK64(2, 0)
#define IDR5_GRAN4K BIT64(4)
#define IDR5_GRAN16K BIT64(5)
#define IDR5_GRAN64K BIT64(6)
#define IDR5_VAX MASK64(11, 10) /* 1: 52-bit addresses, 64 KiB granule */

#define SMMUV3_IIDR 0x18
#define SMMUV3_AIDR 0x1c

#define SMMUV3_CR0 0x20 /* 6.3.9 */
#define SMMUV3_CR0ACK 0x24
#define CR0_SMMUEN BIT64(0)
#define CR0_PRIQEN BIT64(1)
#define CR0_EVENTQEN BIT64(2)
#define CR0_CMDQEN BIT64(3)
#define CR0_QUEUES (CR0_PRIQEN | CR0_EVENTQEN | CR0_CMDQEN)
#define CR0_ATSCHK BIT64(4) /* translated requests are looked up, too */
#define SMMUV3_CR1 0x28
#define SMMUV3_CR2 0x2c /* 6.3.12 */
#define CR2_E2H BIT64(0)
#define CR2_PTM BIT64(2) /* private: broadcasts of CPUs are not heard */
#define SMMUV3_STATUSR 0x40
#define SMMUV3_GBPA 0x44 /* 6.3.14 */
#define GBPA_ABORT BIT64(20)
#define GBPA_UPDATE BIT64(31)
#define SMMUV3_AGBPA 0x48
#define SMMUV3_IRQ_CTRL 0x50
#define SMMUV3_IRQ_CTRLACK 0x54
#define SMMUV3_GERROR 0x60 /* 6.3.17: active where it differs from GERRORN */
#define SMMUV3_GERRORN 0x64
#define GERROR_CMDQ_ERR BIT64(0)
#define GERROR_SFM_ERR BIT64(8) /* service failure mode */

#define SMMUV3_STRTAB_BASE 0x80 /* 6.3.24 */
#define STRTAB_BASE_ADDR MASK64(51, 6)
#define STRTAB_BASE_RA BIT64(62)
#define SMMUV3_STRTAB_BASE_CFG 0x88 /* 6.3.25 */
#define STRTAB_CFG_LOG2SIZE MASK64(5, 0)
#define STRTAB_CFG_SPLIT MASK64(10, 6)
#define STRTAB_CFG_FMT MASK64(17, 16)
#define STRTAB_LINEAR 0
#define STRTAB_2LEVEL 1

#define SMMUV3_CMDQ_BASE 0x90
#define SMMUV3_CMDQ_PROD 0x98
#define SMMUV3_CMDQ_CONS 0x9c
#define SMMUV3_EVENTQ_BASE 0xa0 /* 6.3.29 */
#define QUEUE_BASE_ADDR MASK64(51, 5)
#define QUEUE_BASE_RA \
	BIT64(62) /* reads, and of other queues writes, allocate */
#define QUEUE_BASE_LOG2SIZE MASK64(4, 0)
#define QUEUE_LOG2SIZE_MAX 19
#define QUEUE_POINTER MASK64(19, 0) /* index and, above it, a wrap bit */
#define SMMUV3_PRIQ_BASE 0xc0

/* Page 1, 64 KiB on (6.3.30 and later) */
#define SMMUV3_EVENTQ_PROD 0x100a8
#define SMMUV3_EVENTQ_CONS 0x100ac
#define SMMUV3_PRIQ_PROD 0x100c8
#define SMMUV3_PRIQ_CONS 0x100cc

/* --- commands (4.1 to 4.7): 16 bytes --- */

#define CMD_BYTES 16u
#define CMDQ_OPCODE MASK64(7, 0)
#define CMD_CFGI_ALL 0x04
#define CFGI_RANGE_ALL 31 /* second word */
#define CMD_TLBI_EL2_ALL 0x20
#define CMD_TLBI_NSNH_ALL 0x30
#define CMD_SYNC 0x46

/* --- stream table (5.1, 5.2) --- */

/* Level 1 descriptor (5.1) */
#define L1STD_SPAN MASK64(4, 0) /* 2^(span - 1) STEs; 0: none */
#define L1STD_SPAN_MAX 11
#define L1STD_L2PTR MASK64(51, 6)

/* Stream table entry (5.2): 64 bytes, of which four words concern us */
#define STE_BYTES 64u
#define STE_WORDS 8u
#define STE_V BIT64(0)
#define STE_CONFIG MASK64(3, 1)
#define CONFIG_ABORT 0
#define CONFIG_BYPASS 4
#define CONFIG_S1 5
#define CONFIG_S2 6
#define CONFIG_NESTED 7
#define STE_S1FMT MASK64(5, 4)
#define S1FMT_LINEAR 0
#define S1FMT_4K 1  /* two levels, 64 CDs in each second one */
#define S1FMT_64K 2 /* 1024 */
#define STE_S1CONTEXTPTR MASK64(51, 6)
#define STE_S1CDMAX MASK64(63, 59)
/* Second word */
#define STE_S1DSS MASK64(1, 0)
#define S1DSS_TERMINATE 0
#define S1DSS_BYPASS 1
#define S1DSS_SSID0 2
#define STE_S1CIR MASK64(3, 2)
#define STE_S1COR MASK64(5, 4)
#define CACHE_WB 1
#define STE_S1CSH MASK64(7, 6)
#define SH_INNER 3
#define STE_S1STALLD BIT64(27)
#define STE_EATS MASK64(29, 28)
#define STE_STRW MASK64(31, 30)
#define STRW_EL1 0
#define STRW_EL2 2
#define STE_SHCFG MASK64(45, 44)
#define SHCFG_INCOMING 1
/* Third word */
#define STE_S2VMID MASK64(15, 0)
#define STE_S2T0SZ MASK64(37, 32)
#define STE_S2SL0 MASK64(39, 38)
#define STE_S2IR0 MASK64(41, 40)
#define STE_S2OR0 MASK64(43, 42)
#define STE_S2SH0 MASK64(45, 44)
#define STE_S2TG MASK64(47, 46)
#define STE_S2PS MASK64(50, 48)
#define STE_S2AA64 BIT64(51)
#define STE_S2ENDI BIT64(52)
#define STE_S2AFFD BIT64(53)
#define STE_S2HD BIT64(55)
#define STE_S2HA BIT64(56)
#define STE_S2S BIT64(57) /* faults stall */
#define STE_S2R BIT64(58)
/* Fourth word */
#define STE_S2TTB MASK64(51, 4)

/* --- context descriptors (5.3, 5.4) --- */

/* Level 1 (5.3) */
#define L1CD_V BIT64(0)
#define L1CD_L2PTR MASK64(51, 12)

/* CD (5.4): 64 bytes */
#define CD_BYTES 64u
#define CD_WORDS 8u
#define CD_T0SZ MASK64(5, 0)
#define CD_TG0 MASK64(7, 6)
#define CD_EPD0 BIT64(14)
#define CD_ENDI BIT64(15)
#define CD_T1SZ MASK64(21, 16)
#define CD_TG1 MASK64(23, 22)
#define CD_EPD1 BIT64(30)
#define CD_V BIT64(31)
#define CD_IPS MASK64(34, 32)
#define CD_AFFD BIT64(35)
#define CD_TBI0 BIT64(38)
#define CD_TBI1 BIT64(39)
#define CD_AA64 BIT64(41)
#define CD_HD BIT64(42)
#define CD_HA BIT64(43)
#define CD_S BIT64(44) /* faults stall */
#define CD_R BIT64(45)
#define CD_A BIT64(46)
#define CD_ASID MASK64(63, 48)
/* Second and third word, for TTB0 and TTB1 */
#define CD_HAD BIT64(1)
#define CD_TTB MASK64(51, 4)
#define CD_IR0 MASK64(9, 8)
#define CD_OR0 MASK64(11, 10)
#define CD_SH0 MASK64(13, 12)
/* Fourth word: MAIR */
#define MAIR_WRITE_BACK 0xff

/* --- event records (7.3): 32 bytes --- */

#define EVENT_BYTES 32u
#define EVENT_TYPE MASK64(7, 0)
#define EVENT_SSV BIT64(11)
#define EVENT_SSID MASK64(31, 12)
#define EVENT_SID MASK64(63, 32)
/* Second word */
#define EVENT_RNW BIT64(35)
#define EVENT_CLASS MASK64(41, 40) /* of what was to be read or written */
#define CLASS_IN 2		   /* the input address itself */

#define F_UUT 0x01
#define C_BAD_STREAMID 0x02
#define F_STE_FETCH 0x03
#define C_BAD_STE 0x04
#define F_BAD_ATS_TREQ 0x05
#define F_STREAM_DISABLED 0x06
#define F_TRANSL_FORBIDDEN 0x07
#define C_BAD_SUBSTREAMID 0x08
#define F_CD_FETCH 0x09
#define C_BAD_CD 0x0a
#define F_WALK_EABT 0x0b
#define F_TRANSLATION 0x10
#define F_ADDR_SIZE 0x11
#define F_ACCESS 0x12
#define F_PERMISSION 0x13
#define F_TLB_CONFLICT 0x20
#define F_CFG_CONFLICT 0x21
#define E_PAGE_REQUEST 0x24
#define F_VMS_FETCH 0x25

/* --- page requests (8.1): 16 bytes --- */

#define PRI_BYTES 16u
#define PRI_SID MASK64(31, 0)
#define PRI_SSID MASK64(51, 32)
#define PRI_WRITE BIT64(61)
#define PRI_SSV BIT64(63)
#define PRI_ADDR MASK64(63, 12) /* second word */

static_assert(sizeof(struct iommu_fault_raw) >= EVENT_BYTES, "event record");
static_assert(STE_BYTES == STE_WORDS * 8 && CD_BYTES == CD_WORDS * 8 &&
		      STE_WORDS <= IOMMU_RAW_MAX,
	      "STE and CD");

#endif
