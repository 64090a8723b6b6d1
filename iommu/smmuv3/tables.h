/* SPDX-License-Identifier: GPL-2.0-only */
/* What the sources of the SMMUv3 backend share with one another. */
#ifndef SMMUV3_TABLES_H
#define SMMUV3_TABLES_H

#include "smmuv3.h"

#define SMMUV3_REGS_MAX 30

/* decode.c */
const char *smmuv3_reg_name(u32 off);
int smmuv3_snapshot(struct mmio *r, struct iommu_regs *regs,
		    struct iommu_fault_raw *faults, u32 *n);
int smmuv3_describe(const struct iommu_regs *regs, struct iommu_config *c);
int smmuv3_lookup(const struct iommu_config *c, struct mem *m, u32 requester,
		  u32 pasid, struct iommu_domain *d, struct iommu_evidence *ev);

#endif
