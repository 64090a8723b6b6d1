// SPDX-License-Identifier: GPL-2.0-only
/*
 * virtio-iommu (Virtual I/O Device Specification 1.2, July 2022, section
 * 5.13): what a driver maps goes to the host over a queue. No register says
 * where tables are, and there are none.
 */
#include "iommu.h"
#include "../env.h"
#include "virtio.h"

static int virtio_snapshot(struct mmio *r, struct iommu_regs *regs,
			   struct iommu_fault_raw *faults, u32 *n)
{
	(void)r;
	(void)faults;
	regs->n = 0;
	*n = 0;
	return IOMMU_EUNSUPPORTED;
}

static int virtio_describe(const struct iommu_regs *regs,
			   struct iommu_config *c)
{
	(void)regs;
	memset(c, 0, sizeof(*c));
	c->vendor = IOMMU_VENDOR_VIRTIO;
	return IOMMU_EUNSUPPORTED;
}

static int virtio_lookup(const struct iommu_config *c, struct mem *m,
			 u32 requester, u32 pasid, struct iommu_domain *d,
			 struct iommu_evidence *ev)
{
	(void)c;
	(void)m;
	(void)pasid;
	memset(d, 0, sizeof(*d));
	memset(ev, 0, sizeof(*ev));
	ev->err = IOMMU_EUNSUPPORTED;
	ev->requester = requester;
	return IOMMU_EUNSUPPORTED;
}

const struct iommu_vendor virtio_vendor = {
	.id = IOMMU_VENDOR_VIRTIO,
	.name = "virtio-iommu",
	.no_tables =
		"translated by virtio-iommu, which has no tables in memory",
	.snapshot = virtio_snapshot,
	.describe = virtio_describe,
	.lookup = virtio_lookup,
};
