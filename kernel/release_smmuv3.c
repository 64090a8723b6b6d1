// SPDX-License-Identifier: GPL-2.0-only
/*
 * release on Arm SMMUv3: the unit is turned off. What rules then is GBPA, which
 * may have been left refusing all; it is changed first, while it rules nothing.
 * Units without GBPA pass all.
 */
#include <linux/io.h>
#include <linux/iopoll.h>
#include "iommu/smmuv3/smmuv3.h"
#include "crash.h"

/* 6.3.14: a write takes effect when the unit has cleared UPDATE. */
static int wait_gbpa(u8 __iomem *at)
{
	u32 val;

	return readl_poll_timeout(at + SMMUV3_GBPA, val, !(val & GBPA_UPDATE),
				  RELEASE_POLL_US, RELEASE_BUDGET_US);
}

static int set_gbpa(u8 __iomem *at, u32 val)
{
	int err = wait_gbpa(at);

	if (err)
		return err;
	writel(val | (u32)GBPA_UPDATE, at + SMMUV3_GBPA);
	return wait_gbpa(at);
}

static int turn_off(u8 __iomem *at)
{
	const u32 on = (u32)CR0_SMMUEN;
	u32 ack;

	writel(readl(at + SMMUV3_CR0) & ~on, at + SMMUV3_CR0);
	return readl_poll_timeout(at + SMMUV3_CR0ACK, ack, !(ack & on),
				  RELEASE_POLL_US, RELEASE_BUDGET_US);
}

static int release_unit(struct crash_unit *u)
{
	const u32 before = readl(u->at + SMMUV3_GBPA);
	int err = set_gbpa(u->at, before & ~(u32)GBPA_ABORT);

	if (!err && readl(u->at + SMMUV3_GBPA) & GBPA_ABORT)
		err = -EIO;
	if (err)
		return err;
	err = turn_off(u->at);
	if (err)
		set_gbpa(u->at, before);
	return err;
}

const struct releasing smmuv3_releasing = {
	.vendor = IOMMU_VENDOR_SMMUV3,
	.len = PAGE_4K,
	.cap = SMMUV3_IDR0,
	.caps_are_32_bits = true,
	.status = SMMUV3_CR0,
	.unit = release_unit,
};
