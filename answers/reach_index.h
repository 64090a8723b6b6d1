/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The index that questions about physical memory are answered from. It is
 * made by reach_index.c and asked by reach_ask.c; both look things up in it by
 * reach_find.c.
 */
#ifndef REACH_INDEX_H
#define REACH_INDEX_H

#include "run_index.h"

/* One stage of what a requester's tables map, by output address. */
struct stage_index {
	struct run_index runs;
	struct scan_repeat *repeat; /* by size, source, destination */
	size_t repeat_n;
};

/* The tables of a domain. Requesters that share them are a list. */
struct reach_domain {
	struct view_entry e; /* the first of them */
	/* Not nested: only repeats; the runs are with those of all others. */
	struct stage_index *index; /* by stage, when nested */
	struct stage_index own;
	u64 gaps;
	struct iommu_evidence gap;
	struct iommu_run writes_own; /* len 0: it does not */
	u32 entry; /* the last one that uses it; REC_NONE: none */
	u32 next;  /* with the same hash */
};

/* One whose DMA is not translated, as long as it gets through. */
struct reach_plain {
	struct reach_hit hit;
	struct view_entry e;
};

struct reach_entry {
	u32 requester, pasid;
	u32 before; /* the one before of the same table */
};

struct reach_index {
	struct run_index runs; /* of all tables that are not nested */
	struct reach_domain *table;
	size_t table_n;
	struct reach_entry *entry;
	size_t entry_n;
	struct reach_plain *plain;
	size_t plain_n;
	struct reach fixed; /* what does not depend on the range */
	struct reach_own *writes_own;
	size_t writes_own_n;
	u64 budget, room;
};

/* What is looked for: output addresses, and the memory that stands for. */
struct reach_target {
	struct span at;
	u64 host;
	u32 perm; /* of the way from there to memory */
};

/* The part of @run that leads to @t; false: none that lets anything pass. */
bool reach_clip(const struct index_run *run, const struct reach_target *t,
		struct iommu_run *out);
/* False: not good enough to be told. */
bool reach_keep_run(struct reach_table *t, const struct iommu_run *run);
/* Behind the last direct one: repeats, and the order in which it is told. */
void reach_complete(const struct stage_index *s, struct reach_table *t);
/*
 * The input addresses of the second stage of a nested domain that lead to @at,
 * best ones first.
 */
void reach_second_stage(const struct reach_domain *t, const struct span *at,
			struct reach_table *out);
/* What of a nested domain leads to @at. */
void reach_nested(const struct reach_domain *t, const struct span *at,
		  struct reach_table *out);
/* Adds @hit, or, where there are too many, a gap that says so. */
void reach_add_hit(struct reach *r, const struct reach_hit *hit, bool *nomem);

#endif
