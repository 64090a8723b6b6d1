// SPDX-License-Identifier: GPL-2.0-only
/* The tables that say which domain a requester has. */
#include "top.h"
#include "amdvi/amdvi.h"
#include "vtd/vtd.h"

void iommu_top_tables(u32 vendor, const struct iommu_regs *regs,
		      struct iommu_top *t)
{
	u64 base;

	if (vendor == IOMMU_VENDOR_VTD &&
	    iommu_reg_get(regs, VTD_RTADDR, &base))
		vtd_top(base, t);
	else if (vendor == IOMMU_VENDOR_AMDVI &&
		 iommu_reg_get(regs, AMDVI_DEV_TBL, &base))
		amdvi_top(base, t);
	else if (vendor == IOMMU_VENDOR_SMMUV3)
		smmuv3_top(regs, t);
}
