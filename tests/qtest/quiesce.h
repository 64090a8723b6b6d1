/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The library's switch, run on the unit of QEMU's, with a place for its tables
 * as the crash kernel's reservation has it; and devices that go on with their
 * DMA at every step of it.
 */
#ifndef QTEST_QUIESCE_H
#define QTEST_QUIESCE_H

#include "cases.h"

/*
 * What a test takes for the memory of the crash kernel, from where RAM begins; or,
 * "above", this.
 */
#define GUARD_START MIB(256)
#define GUARD_LEN MIB(64)
#define GUARD_ABOVE (GIB(4) + MIB(512))
#define ARENA_LEN MIB(32)
#define SCRATCH (GUARD_START + MIB(48))

#define OVERRIDES_MAX 8
#define REPORTS_MAX 64
#define WATCHES_MAX 4

/* Where a write lands; not at all: in no RAM. */
struct landing {
	bool lands;
	u64 pa;
};

struct watch {
	const struct edu *edu;
	u64 iova, word;
	struct landing old, new;
	/* Where it may land once, from the old tables to the new ones. */
	bool may_between;
	struct landing between;
	u32 first_between, last_between; /* accesses; 0: never */
	struct span entry; /* of the old tables, where they may be changed */
	u32 first_new; /* access before which the new tables were first obeyed */
	u32 last_old;
};

struct quiesced {
	struct cases *c;
	const struct iommu_vendor *v;
	u64 ram; /* where it begins */
	struct span arena;
	struct iommu_override overrides[OVERRIDES_MAX];
	u32 overrides_n;
	struct watch watch[WATCHES_MAX];
	u32 watches;
	u32 accesses; /* of the switch so far: registers, and those entries */
	struct iommu_result result;
	u32 mode; /* IOMMU_MODE_OFF: not yet */
	struct iommu_evidence report[REPORTS_MAX];
	u32 reports;
	u64 work[IOMMU_WORK_MAX / 8];
};

void quiesced_start(struct quiesced *z, struct cases *c, u32 vendor);
/* The statements of these names; the README of each folder of cases has them. */
bool quiesced_watch(struct quiesced *z);
bool quiesced_do(struct quiesced *z);
bool quiesced_result(struct quiesced *z);

#endif
