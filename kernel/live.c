// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the library reads the registers of a unit that is there. Nothing here
 * changes hardware: snapshots do not write, and could not.
 */
#include <linux/ktime.h>
#include "iommu/amdvi/amdvi.h"
#include "iommu/smmuv3/smmuv3.h"
#include "iommu/vtd/vtd.h"
#include "module.h"

bool live_base(u32 vendor, u32 *off)
{
	switch (vendor) {
	case IOMMU_VENDOR_VTD:
		*off = VTD_RTADDR;
		return true;
	case IOMMU_VENDOR_AMDVI:
		*off = AMDVI_DEV_TBL;
		return true;
	case IOMMU_VENDOR_SMMUV3:
		*off = SMMUV3_STRTAB_BASE;
		return true;
	}
	return false;
}

struct live_mmio {
	struct mmio io;
	u8 __iomem *at;
};

static u8 __iomem *live(struct mmio *io, u32 off)
{
	return container_of(io, struct live_mmio, io)->at + off;
}

static u32 live_read32(struct mmio *io, u32 off)
{
	return readl(live(io, off));
}

static u64 live_read64(struct mmio *io, u32 off)
{
	return readq(live(io, off));
}

static void live_write32(struct mmio *io, u32 off, u32 val)
{
}

static void live_write64(struct mmio *io, u32 off, u64 val)
{
}

static u64 live_now_us(struct mmio *io)
{
	return ktime_to_us(ktime_get());
}

int live_snapshot(const struct iommu_vendor *v, u8 __iomem *at, u32 len,
		  struct iommu_regs *regs, struct iommu_fault_raw *fault,
		  u32 *faults)
{
	struct live_mmio io = {
		.io = { .read32 = live_read32,
			.read64 = live_read64,
			.write32 = live_write32,
			.write64 = live_write64,
			.now_us = live_now_us,
			.len = len },
		.at = at,
	};
	int err = v->snapshot(&io.io, regs, fault, faults);

	return err == IOMMU_ENOSPACE ? IOMMU_OK : err;
}
