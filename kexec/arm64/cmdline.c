// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parameters of arm64 kernels about IOMMUs. No parameter turns an SMMU off:
 * iommu.passthrough= says in which mode its devices begin, and an SMMU's
 * driver starts whatever it is (6.1 to 7.2).
 */
#include "arm64.h"

const char *arm64_iommu_off(const char *line, u32 vendors)
{
	(void)line;
	(void)vendors;
	return NULL;
}

bool arm64_iommu_idle(const struct facts *f)
{
	(void)f;
	return false;
}

const char *arm64_iommu_lacks(const char *line)
{
	(void)line;
	return NULL;
}

const char *arm64_iommu_form(const struct facts *f)
{
	(void)f;
	return NULL;
}

/* The device tree has a place for everything. */
void arm64_own_parameter(const struct image *image, const struct host *m,
			 char *out, size_t len)
{
	(void)image;
	(void)m;
	if (len)
		*out = 0;
}
