/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stream table, context descriptors and LPAE tables as a driver writes them,
 * in the RAM of the virt machine; entry by entry, from the masks in
 * iommu/smmuv3/smmuv3.h and iommu/lpae.h.
 */
#ifndef QTEST_SMMU_H
#define QTEST_SMMU_H

#include "../../iommu/lpae.h"
#include "../../iommu/smmuv3/smmuv3.h"
#include "qtest.h"

#define SMMU_TABLES_MAX 8
#define SMMU_STREAM_BITS 16
#define SMMU_SPLIT 8

struct smmu_table {
	char name[16];
	u32 granule; /* enum lpae_granule */
	u32 tsz;
	bool second; /* stage 2 */
	bool upper;  /* TTB1's */
	struct iommu_table t;
};

struct smmu {
	struct qtest *q;
	u64 next; /* page to be taken */
	u64 stream_table, command_queue, event_queue;
	bool two_level;
	bool on;
	u32 commands; /* queued so far */
	struct smmu_table table[SMMU_TABLES_MAX];
	unsigned int tables;
	bool full;
};

/* Registers as at reset, empty tables; RAM is taken to be zero. */
void smmu_start(struct smmu *s, struct qtest *q);
/* Turns the unit on, as a driver does, with nothing cached. */
void smmu_on(struct smmu *s);
/* As Linux leaves it behind with kexec -e: off, and all passes. */
void smmu_off(struct smmu *s);
/* Takes the events that wait. */
void smmu_take_events(struct smmu *s);

struct smmu_table *smmu_add(struct smmu *s, const char *name, u32 granule,
			    u32 tsz, bool second, bool upper);
struct smmu_table *smmu_find(struct smmu *s, const char *name);
/* False when a larger page is in the way, or the size is not the granule's. */
bool smmu_map(struct smmu *s, const struct smmu_table *t, u64 iova, u64 pa,
	      u64 size, u32 perm);
/* Address of the entry for @iova at @level; 0: the way ends above. */
u64 smmu_entry(struct smmu *s, const struct smmu_table *t, u32 level, u64 iova);

struct smmu_stream {
	u64 config;
	const struct smmu_table *lower, *upper, *second;
};

void smmu_stream(struct smmu *s, u32 stream, const struct smmu_stream *e);
/* Address of a stream's STE, or of its CD; 0: none. */
u64 smmu_ste(struct smmu *s, u32 stream, bool make);
u64 smmu_cd(struct smmu *s, u32 stream);

#endif
