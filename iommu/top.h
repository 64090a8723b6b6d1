/* SPDX-License-Identifier: GPL-2.0-only */
/* The top-level tables of each vendor: iommu_top_tables() calls one of these. */
#ifndef IOMMU_TOP_H
#define IOMMU_TOP_H

#include "iommu.h"

void vtd_top(u64 base, struct iommu_top *t);
void amdvi_top(u64 base, struct iommu_top *t);
void smmuv3_top(const struct iommu_regs *regs, struct iommu_top *t);

#endif
