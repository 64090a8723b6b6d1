/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One DMA of 8 bytes. The library predicts from registers and memory alone,
 * the model does it, and the case says what the manual demands: all three must
 * agree.
 */
#ifndef QTEST_PROBE_H
#define QTEST_PROBE_H

#include "cases.h"

struct probe {
	const struct edu *edu;
	u64 iova;
	bool write;
	bool lands; /* at pa, says the case */
	u64 pa;
};

struct prediction {
	int err; /* of lookup or translation; IOMMU_OK: it lands */
	bool silent;
	struct iommu_domain d;
	struct iommu_reg reg[IOMMU_REGS_MAX];
	struct iommu_regs regs; /* which c points to */
	struct iommu_config c;
	struct iommu_xlat x;
	struct iommu_evidence ev;
};

/* False when there is nothing to predict from. */
bool probe(struct cases *c, u32 vendor, const struct probe *d,
	   struct prediction *p);

#endif
