/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The paging form of all SMMUs: VMSAv8-64, as in the Arm Architecture
 * Reference Manual for A-profile, DDI 0487 issue K.a, March 2024, chapter D8.
 * Numbers behind groups are its sections.
 *
 * Our levels count from the leaf: the manual's level 3 is 1, level 0 is 4.
 */
#ifndef LPAE_H
#define LPAE_H

#include "iommu.h"

/* --- descriptors (D8.3.1) --- */

#define LPAE_VALID BIT64(0)
#define LPAE_TYPE BIT64(1)	     /* table, or page at the last level */
#define LPAE_ADDR MASK64(47, 0)	     /* what lies above the granule or block */
#define LPAE_ADDR_52 MASK64(15, 12)  /* bits 51:48, 64 KiB granule */
#define LPAE_ADDR_DS MASK64(49, 0)   /* with LPA2: 4 and 16 KiB granules */
#define LPAE_ADDR_DS_52 MASK64(9, 8) /* and its bits 51:50 */

/* Blocks and pages (D8.3.2, D8.4, D8.5) */
#define LPAE_AP_RO BIT64(7)  /* stage 1: AP[2] */
#define LPAE_S2AP_R BIT64(6) /* stage 2 */
#define LPAE_S2AP_W BIT64(7)
#define LPAE_AF BIT64(10)
#define LPAE_DBM BIT64(51)	      /* read-only until first written */
#define LPAE_ATTR_NORMAL MASK64(5, 2) /* stage 2: write-back, inside and out */
#define LPAE_SH_INNER (3ULL << 8)
#define LPAE_NG BIT64(11) /* stage 1: of one address space alone */
/* The contiguous hint (bit 52), XN (54, 53) and AP[1] (6): see lpae.c. */
#define LPAE_AP_UNPRIVILEGED BIT64(6)

/* Tables (D8.4.2), stage 1 */
#define LPAE_APTABLE_RO BIT64(62)

/* --- what a table's owner says of it --- */

enum lpae_granule {
	LPAE_4K,
	LPAE_16K,
	LPAE_64K,
	LPAE_GRANULES
};

/* struct iommu_table.attr */
#define LPAE_AF_FAULTS BIT64(0)	  /* AF = 0 refuses the access */
#define LPAE_BIG_ENDIAN BIT64(1)  /* descriptors are */
#define LPAE_DIRTY BIT64(2)	  /* DBM entries are writable (HTTU) */
#define LPAE_NO_TABLE_AP BIT64(3) /* hierarchical permissions disabled */
#define LPAE_DS BIT64(4)	  /* LPA2: 52 bits with 4 and 16 KiB granules */
#define LPAE_OUT_BITS MASK64(15, 8)

struct lpae_root {
	u32 granule; /* enum lpae_granule; others: a reserved form */
	u32 tsz;     /* input addresses have 64 - tsz bits */
	u32 tsz_min; /* the smallest that the unit takes */
	u32 tsz_max;
	u32 out_bits; /* output addresses */
	u64 ttb;
	u64 attr; /* LPAE_*, without the output bits */
};

extern const struct iommu_pt_format lpae_stage1[LPAE_GRANULES];
extern const struct iommu_pt_format lpae_stage2[LPAE_GRANULES];

/* PS, IPS, OAS (D8.3.5 and alike) to a number of bits; 0: reserved. */
u32 lpae_size_bits(u64 ps);
/* TG0 and TG1 fields are encoded unlike; LPAE_GRANULES: reserved. */
u32 lpae_tg0(u64 tg);
u32 lpae_tg1(u64 tg);

/*
 * The table of a stage, or IOMMU_EFORM. @upper: TTB1's, whose input addresses
 * begin with ones; @tbi: their top byte is not looked at.
 */
int lpae_first(const struct lpae_root *r, bool upper, bool tbi,
	       struct iommu_table *out);
/* @sl0: VTCR.SL0, where the walk starts. */
int lpae_second(const struct lpae_root *r, u32 sl0, struct iommu_table *out);

/* --- tables of our own --- */

/* Without LPA2, 64 KiB pages alone have more bits; none of ours needs them. */
#define LPAE_OWN_BITS_MAX 48

struct own_form;

/* How a register, or an entry, says what is built. */
struct lpae_own {
	bool second; /* of stage 2, else 1 */
	u32 granule; /* enum lpae_granule */
	/* lpae_own_form fills in: */
	u32 tsz, sl0;
	u64 tg0;
	u64 page_size; /* PS, IPS: of what comes out */
};

/*
 * @form of tables that put out @out_bits (0: as many as we can). Stage 2 takes in
 * as many; stage 1 takes 48. IOMMU_EUNSUPPORTED: there is no such granule.
 */
int lpae_own_form(struct lpae_own *o, u32 out_bits, struct own_form *form);

#endif
