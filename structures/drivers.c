// SPDX-License-Identifier: GPL-2.0-only
/* Whose structures can be read: a row for each driver of a kernel. */
#include "survey.h"

const struct kernel_vendor kernel_vendors[] = {
	{
		.id = IOMMU_VENDOR_VTD,
		.units = kernel_vtd_units,
		.regions = kernel_vtd_regions,
		.requester = kernel_vtd_requester,
		.state = kernel_vtd_state,
	},
	{
		.id = IOMMU_VENDOR_AMDVI,
		.units = kernel_amdvi_units,
		.regions = kernel_amdvi_regions,
		.requester = kernel_amdvi_requester,
		.state = kernel_amdvi_state,
	},
	{
		.id = IOMMU_VENDOR_SMMUV3,
		.units = kernel_smmu_units,
		.state = kernel_smmuv3_state,
	},
	{
		.id = IOMMU_VENDOR_SMMUV2,
		.state = kernel_smmuv2_state,
	},
	{ .state = NULL },
};
