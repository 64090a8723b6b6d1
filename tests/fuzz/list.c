// SPDX-License-Identifier: GPL-2.0-only
#include "list.h"

#define LIST_TABLES 64
#define LIST_RUNS 100000

void fuzz_list(const struct iommu_config *c, struct fuzz_mem *m,
	       const struct iommu_domain *d, const struct iommu_table *t,
	       void (*check)(const struct iommu_config *c, struct fuzz_mem *m,
			     const struct iommu_domain *d,
			     const struct iommu_run *run))
{
	static struct iommu_iter it;
	struct iommu_evidence ev;
	struct iommu_run run;
	u32 i;
	int err;

	iommu_iter_start(&it, &m->m, c, t, LIST_TABLES);
	for (i = 0; i < LIST_RUNS; i++) {
		err = iommu_iter_next(&it, &run, &ev);
		if (err == IOMMU_ENOTPRESENT || err == IOMMU_EBUDGET)
			break;
		if (err)
			continue;
		FUZZ_RULE(run.len && run.perm);
		if (check)
			check(c, m, d, &run);
	}
	FUZZ_RULE(it.tables <= LIST_TABLES && i < LIST_RUNS);
}
