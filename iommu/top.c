// SPDX-License-Identifier: GPL-2.0-only
/* The tables that say which domain a requester has. */
#include "top.h"

void iommu_top_tables(u32 vendor, u64 base, struct iommu_top *t)
{
	if (vendor == IOMMU_VENDOR_VTD)
		vtd_top(base, t);
	else if (vendor == IOMMU_VENDOR_AMDVI)
		amdvi_top(base, t);
}
