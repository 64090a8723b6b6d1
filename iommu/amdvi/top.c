// SPDX-License-Identifier: GPL-2.0-only
/* AMD-Vi: the device table. */
#include "iommu.h"
#include "../top.h"
#include "amdvi.h"

void amdvi_top(u64 base, struct iommu_top *t)
{
	u64 phys = base & DEV_TBL_ADDR;
	u32 pages = (u32)field(DEV_TBL_SIZE, base) + 1;

	/* Units of a segment share one table in Linux: it is told of once. */
	if (!phys || t->seen(t, phys))
		return;
	for (u32 i = 0; i < pages; i++)
		if (!t->table(t, phys + i * PAGE_4K, IOMMU_AT_DTE, PAGE_4K,
			      (u16)(i * (PAGE_4K / AMDVI_DTE_BYTES))))
			return;
}
