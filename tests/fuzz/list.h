/* SPDX-License-Identifier: GPL-2.0-only */
/* The listing of a table of any content: it ends, within its bounds. */
#ifndef FUZZ_LIST_H
#define FUZZ_LIST_H

#include "fuzz.h"

/* @check, where there is one, holds each run against a translation. */
void fuzz_list(const struct iommu_config *c, struct fuzz_mem *m,
	       const struct iommu_domain *d, const struct iommu_table *t,
	       void (*check)(const struct iommu_config *c, struct fuzz_mem *m,
			     const struct iommu_domain *d,
			     const struct iommu_run *run));

/* Some entries of the interrupt table of @requester. */
void fuzz_irqs(const struct iommu_vendor *v, const struct iommu_regs *regs,
	       struct fuzz_mem *m, u32 requester);

#endif
