/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86-64 page tables as IOMMUs walk them: Intel 64 and IA-32 Architectures
 * Software Developer's Manual, volume 3, section 5.5 (December 2024), as the
 * first stage of VT-d (9.7) and the guest tables of AMD-Vi (2.2.6) take it.
 *
 * Masks, and the decoding of one entry.
 */
#ifndef X86_PT_H
#define X86_PT_H

#include "iommu.h"

#define PTE_ADDR MASK64(51, 12)
#define PTE_PS BIT64(7)

#define FS_P BIT64(0)
#define FS_RW BIT64(1)
#define FS_US BIT64(2)
#define FS_A BIT64(5)
#define FS_D BIT64(6)
#define FS_XD BIT64(63)
#define FS_PAT_LARGE BIT64(12)

/*
 * Makes @out a leaf at @level, with its address; bits of it below the page,
 * but for @ignored, are reserved. @large_ok: may a leaf stand above level 1?
 */
void x86_leaf(u32 level, u64 raw, bool large_ok, u64 ignored,
	      struct iommu_pte *out);
/* One entry; @page_1g: 1 GiB pages are known to the unit. */
void x86_pte_decode(u32 level, u64 raw, bool page_1g, struct iommu_pte *out);
/* struct iommu_pt_format.encode: all access, for users; accessed, dirty. */
u64 x86_encode(const struct iommu_config *c, const struct iommu_table *t,
	       u32 level, u64 addr, bool leaf);
/* struct iommu_pt_format.address of all that have it where x86 has. */
u64 x86_address(const struct iommu_table *t);

#endif
