// SPDX-License-Identifier: GPL-2.0-only
/* See run_index.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "run_index.h"

int index_add(struct run_index *ix, u32 table, const struct scanned *s)
{
	struct runs_at at = runs_begin(&s->runs);
	struct index_run *all;
	struct iommu_run run;

	if (!s->runs.n)
		return 0;
	all = reallocarray(ix->run, ix->n + s->runs.n, sizeof(*all));
	if (!all)
		return -ENOMEM;
	ix->run = all;
	while (runs_next(&at, &run))
		ix->run[ix->n++] = (struct index_run){
			.to = run.pa,
			.iova = run.iova,
			.len = run.len,
			.table = table,
			.perm = run.perm,
		};
	return 0;
}

static int by_address(const void *a, const void *b)
{
	const struct index_run *x = a, *y = b;

	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	if (x->table != y->table)
		return x->table < y->table ? -1 : 1;
	return x->iova < y->iova ? -1 : x->iova > y->iova;
}

static u64 last_of(const struct run_index *ix, u32 height, size_t i)
{
	if (height)
		return ix->last[height - 1][i];
	return ix->run[i].to + (ix->run[i].len - 1);
}

int index_finish(struct run_index *ix)
{
	size_t below = ix->n, n, i;

	if (ix->n)
		qsort(ix->run, ix->n, sizeof(*ix->run), by_address);
	for (; below > INDEX_FAN && ix->height < INDEX_HEIGHT; below = n) {
		u64 *last;

		n = (below + INDEX_FAN - 1) / INDEX_FAN;
		last = calloc(n, sizeof(*last));
		if (!last)
			return -ENOMEM;
		for (i = 0; i < below; i++) {
			u64 l = last_of(ix, ix->height, i);

			if (l > last[i / INDEX_FAN])
				last[i / INDEX_FAN] = l;
		}
		ix->last[ix->height++] = last;
	}
	return 0;
}

void index_free(struct run_index *ix)
{
	u32 i;

	for (i = 0; i < ix->height; i++)
		free(ix->last[i]);
	free(ix->run);
	memset(ix, 0, sizeof(*ix));
}

/* The number of runs that begin at or before @address. */
static size_t begun(const struct run_index *ix, u64 address)
{
	size_t lo = 0, hi = ix->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (ix->run[mid].to <= address)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* How many runs from @i on end before @start, as far as one look tells. */
static size_t passed(const struct run_index *ix, size_t i, u64 start)
{
	size_t step = 1, wider;
	u32 h;

	for (h = 0; h < ix->height; h++, step = wider) {
		wider = step * INDEX_FAN;
		if (i % wider || last_of(ix, h + 1, i / wider) >= start)
			break;
	}
	return step;
}

void index_each(const struct run_index *ix, const struct span *at,
		void (*each)(void *arg, const struct index_run *run), void *arg)
{
	size_t i, end;

	if (!at->len)
		return;
	end = begun(ix, at->start + (at->len - 1));
	for (i = 0; i < end;) {
		if (last_of(ix, 0, i) < at->start) {
			i += passed(ix, i, at->start);
			continue;
		}
		each(arg, &ix->run[i]);
		i++;
	}
}
