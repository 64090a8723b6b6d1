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

#include "answers.h"

#define SCAN_THREADS_MAX 8
#define SCAN_EVIDENCE_MAX 64
#define SCAN_PAGES_MAX (1ull << 23) /* 16 TiB mapped in 4 KiB pages */
#define SCAN_REPEATS_MAX (1u << 20)

struct scan {
	const struct iommu_config *config;
	const struct iommu_table *table;
	struct mem *const *mem; /* one for each thread */
	u32 threads;
	const struct span *want; /* only runs on these addresses; NULL: all */
	size_t want_n;
	const struct span *iova; /* only runs that overlap this; NULL: all */
	const struct view_special *special; /* never memory; NULL: none */
	u64 first, last;		    /* iommu_iter_window */
	u64 *budget; /* table pages; what was read is taken off */
	size_t runs_max;
	/* Pages read so far, now and then; may be NULL. */
	void (*progress)(void *arg, u64 tables);
	void *arg;
};

/* 0 or -ENOMEM; @out is to be freed by scanned_free in either case. */
int scan_table(const struct scan *s, struct scanned *out);
/* How many runs may be kept: @max, or what the files of @d can hold. */
size_t scan_runs_max(const struct dump *d, size_t max);
/* How many threads are worth while here. */
u32 scan_threads(void);

/*
 * The same of a stage of a domain, which sets table, first and last: a first
 * stage's tables are read through the second where it has one.
 */
int scan_stage(struct scan *s, const struct iommu_domain *d, u32 stage,
	       struct scanned *out);
/* For each of n <= SCAN_THREADS_MAX threads a mem; the first is d->mem. */
u32 scan_mems_open(struct dump *d, struct mem **mem);
void scan_mems_close(struct mem **mem, u32 n);

#endif
