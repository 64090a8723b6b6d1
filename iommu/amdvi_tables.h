/* SPDX-License-Identifier: GPL-2.0-only */
/* What the sources of the AMD-Vi backend share with one another. */
#ifndef AMDVI_TABLES_H
#define AMDVI_TABLES_H

#include "iommu.h"

extern const struct iommu_pt_format amdvi_host_table;
extern const struct iommu_pt_format amdvi_guest_table;

/* amdvi_decode.c */
int amdvi_read_regs(struct mmio *r, struct iommu_regs *regs);
int amdvi_describe(const struct iommu_regs *regs, struct iommu_config *c);
int amdvi_lookup(const struct iommu_config *c, struct mem *m, u32 requester,
		 u32 pasid, struct iommu_domain *d, struct iommu_evidence *ev);

#endif
