// SPDX-License-Identifier: GPL-2.0-only
/* The one table of vendors. A new one is a row here and its own sources. */
#include "iommu.h"
#include "amdvi/amdvi.h"
#include "smmuv2/smmuv2.h"
#include "smmuv3/smmuv3.h"
#include "virtio/virtio.h"
#include "vtd/vtd.h"

static const struct iommu_vendor *const vendors[] = {
	&vtd_vendor,	&amdvi_vendor,	&smmuv3_vendor,
	&smmuv2_vendor, &virtio_vendor,
};

const struct iommu_vendor *iommu_vendor_at(unsigned int i)
{
	return i < ARRAY_SIZE(vendors) ? vendors[i] : NULL;
}

const struct iommu_vendor *iommu_vendor(u32 id)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vendors); i++)
		if (vendors[i]->id == id)
			return vendors[i];
	return NULL;
}
