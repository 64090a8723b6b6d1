// SPDX-License-Identifier: GPL-2.0-only
/* release on AMD-Vi: the unit is turned off. */
#include <linux/io.h>
#include "iommu/amdvi/amdvi.h"
#include "crash.h"

/* Interrupts are remapped by the same device table. */
static int release_unit(struct crash_unit *u)
{
	u8 __iomem *at = u->at;
	const u64 control = readq(at + AMDVI_CONTROL);

	writeq(control & ~CONTROL_IOMMU_EN, at + AMDVI_CONTROL);
	return readq(at + AMDVI_CONTROL) & CONTROL_IOMMU_EN ? -EIO : 0;
}

const struct releasing amdvi_releasing = {
	.vendor = IOMMU_VENDOR_AMDVI,
	.len = AMDVI_REGS_LEN,
	.cap = AMDVI_EFR,
	.ecap = AMDVI_EFR2,
	.status = AMDVI_CONTROL,
	.unit = release_unit,
};
