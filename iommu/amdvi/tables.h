/* SPDX-License-Identifier: GPL-2.0-only */
/* What the sources of the AMD-Vi backend share with one another. */
#ifndef AMDVI_TABLES_H
#define AMDVI_TABLES_H

#include "../quiesce.h"

#define AMDVI_REGS_MAX 20

/* decode.c */
const char *amdvi_reg_name(u32 off);
int amdvi_snapshot(struct mmio *r, struct iommu_regs *regs,
		   struct iommu_fault_raw *faults, u32 *n);
int amdvi_read_regs(struct mmio *r, struct iommu_regs *regs);
int amdvi_describe(const struct iommu_regs *regs, struct iommu_config *c);
int amdvi_lookup(const struct iommu_config *c, struct mem *m, u32 requester,
		 u32 pasid, struct iommu_domain *d, struct iommu_evidence *ev);

#endif
