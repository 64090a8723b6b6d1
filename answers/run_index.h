/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs of mappings by where they lead to. Memory grows with the number of
 * runs: 32 bytes each, and a 64th of that for finding them.
 */
#ifndef RUN_INDEX_H
#define RUN_INDEX_H

#include "scan.h"

struct index_run {
	u64 to; /* output address */
	u64 iova;
	u64 len;
	u32 table; /* the caller's number of it */
	u32 perm;
};
ASSERT_SIZE(struct index_run, 32);

#define INDEX_FAN 64u
#define INDEX_HEIGHT 6 /* 64^6 runs */

struct run_index {
	struct index_run *run; /* by address */
	size_t n;
	/* The last address of each 64, 4096, ... runs. */
	u64 *last[INDEX_HEIGHT];
	u32 height;
};

/* 0 or -ENOMEM. */
int index_add(struct run_index *ix, u32 table, const struct scanned *s);
/* Behind the last index_add, before anything is looked for. */
int index_finish(struct run_index *ix);
void index_free(struct run_index *ix);
/* All runs that lead to any of @at, in order of address. */
void index_each(const struct run_index *ix, const struct span *at,
		void (*each)(void *arg, const struct index_run *run),
		void *arg);

#endif
