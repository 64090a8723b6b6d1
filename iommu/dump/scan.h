/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One table from end to end, by as many threads as there is memory to read
 * through: its runs in the order of the walk, and what is wrong on the way.
 *
 * A table page that is met again, at the same level and with the same
 * permissions on the way, is not gone through again but told as a repeat:
 * tables that share subtables, in the extreme one whose every entry points to
 * the same next table, cost each page once for each thread.
 */
#ifndef SCAN_H
#define SCAN_H

#include "iommu.h"

#define SCAN_THREADS_MAX 8
#define SCAN_EVIDENCE_MAX 64
#define SCAN_REPEATS_MAX (1u << 20)

/* What is mapped at [src, +2^bits) is also mapped at dst, n times in a row. */
struct scan_repeat {
	u64 src, dst;
	u32 bits;
	u32 n;
};

struct scan {
	const struct iommu_config *config;
	const struct iommu_table *table;
	struct mem *const *mem; /* one for each thread */
	u32 threads;
	const struct span *want; /* only runs on these addresses; NULL: all */
	size_t want_n;
	u64 first, last; /* iommu_iter_window */
	u64 *budget;	 /* table pages; what was read is taken off */
	size_t runs_max;
	/* Pages read so far, now and then; may be NULL. */
	void (*progress)(void *arg, u64 tables);
	void *arg;
};

struct scanned {
	struct iommu_run *run;
	size_t run_n;
	struct scan_repeat *repeat;
	size_t repeat_n;
	struct iommu_evidence *ev; /* the first SCAN_EVIDENCE_MAX */
	size_t ev_n;
	u64 errors; /* all of them */
	u64 gaps;   /* those that hide mappings: not what stops the DMA */
	struct iommu_evidence gap; /* the first of these */
	u64 tables;
};

/* 0 or -ENOMEM; @out is to be freed by scanned_free in either case. */
int scan_table(const struct scan *s, struct scanned *out);
void scanned_free(struct scanned *s);
/* How many threads are worth while here. */
u32 scan_threads(void);

/* Does @b go on where @a ends? */
static inline bool run_joins(const struct iommu_run *a,
			     const struct iommu_run *b)
{
	return a->iova + a->len == b->iova && a->pa + a->len == b->pa &&
	       a->perm == b->perm;
}

#endif
