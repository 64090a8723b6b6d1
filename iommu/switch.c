// SPDX-License-Identifier: GPL-2.0-only
/* The one way to the vendors' switches. */
#include "iommu.h"
#include "env.h"

void iommu_quiesce_unit(u32 vendor, struct iommu_quiesce *q,
			struct iommu_result *res)
{
	const struct iommu_vendor *v = iommu_vendor(vendor);

	if (v && v->quiesce) {
		v->quiesce(q, res);
		return;
	}
	memset(res, 0, sizeof(*res));
	res->outcome = IOMMU_READ_ONLY;
	if (q->mode != IOMMU_MODE_RECORD) {
		res->outcome = IOMMU_LEFT;
		res->err = IOMMU_EUNSUPPORTED;
	}
}
