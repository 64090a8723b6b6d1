// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looks mappings up in an index, and keeps the best of those that are found.
 *
 * The index has the mappings of a shared subtable once (scan.h). An answer
 * also tells them at the other places where the subtable is used, until it is
 * full. The best mappings come first. A repeat is never better than the mapping
 * that it repeats, because its I/O address is higher.
 */
#include <stdlib.h>
#include <string.h>
#include "reach_index.h"

/* Writable ones first, lower I/O addresses first. */
static bool better(const struct iommu_run *a, const struct iommu_run *b)
{
	bool aw = a->perm & IOMMU_W, bw = b->perm & IOMMU_W;

	return aw != bw ? aw : a->iova < b->iova;
}

/* False: not good enough to be told. */
bool reach_keep_run(struct reach_table *t, const struct iommu_run *run)
{
	u32 i;

	t->perm |= run->perm;
	if (t->runs == REACH_RUNS_MAX) {
		t->more = true;
		if (!better(run, &t->run[t->runs - 1]))
			return false;
		t->runs--;
	}
	for (i = t->runs++; i && better(run, &t->run[i - 1]); i--)
		t->run[i] = t->run[i - 1];
	t->run[i] = *run;
	return true;
}

/* The first repeat of pages of 2^@bits that comes from @src or behind. */
static size_t first_repeat(const struct stage_index *s, u32 bits, u64 src)
{
	size_t lo = 0, hi = s->repeat_n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct scan_repeat *r = &s->repeat[mid];

		if (r->bits < bits || (r->bits == bits && r->src < src))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* All that @r makes of @run; false when it is not good enough any more. */
static bool keep_repeat(struct reach_table *t, const struct scan_repeat *r,
			const struct iommu_run *run)
{
	u64 skip = run->iova < r->src ? r->src - run->iova : 0;
	u64 len = BIT64(r->bits);
	struct iommu_run part = *run;
	u32 i;

	part.pa += skip;
	part.len -= skip;
	part.iova += skip - r->src;
	if (part.len > len - part.iova)
		part.len = len - part.iova;
	part.iova += r->dst;
	for (i = 0; i < r->n; i++, part.iova += len)
		if (!reach_keep_run(t, &part))
			return false;
	return true;
}

/* What repeats make of @run. */
static void repeat_run(const struct stage_index *s, struct reach_table *t,
		       struct iommu_run run)
{
	u64 last = run.iova + (run.len - 1), src;
	size_t i = 0;
	u32 bits;

	while (i < s->repeat_n) {
		bits = s->repeat[i].bits;
		i = first_repeat(s, bits, align_down(run.iova, BIT64(bits)));
		while (i < s->repeat_n && s->repeat[i].bits == bits &&
		       s->repeat[i].src <= last) {
			src = s->repeat[i].src;
			if (keep_repeat(t, &s->repeat[i], &run))
				i++;
			else /* the others of it lead farther away */
				i = first_repeat(s, bits, src + 1);
		}
		i = first_repeat(s, bits + 1, 0);
	}
}

static int by_iova(const void *a, const void *b)
{
	const struct iommu_run *x = a, *y = b;

	return x->iova < y->iova ? -1 : x->iova > y->iova;
}

/* Behind the last direct one: repeats, and the order in which it is told. */
void reach_complete(const struct stage_index *s, struct reach_table *t)
{
	u32 i, n = 0;

	/* What is put in comes behind: none is passed over or seen twice. */
	for (i = 0; s->repeat_n && i < t->runs; i++)
		repeat_run(s, t, t->run[i]);
	if (t->runs)
		qsort(t->run, t->runs, sizeof(*t->run), by_iova);
	for (i = 0; i < t->runs; i++) {
		if (n && run_joins(&t->run[n - 1], &t->run[i]))
			t->run[n - 1].len += t->run[i].len;
		else
			t->run[n++] = t->run[i];
	}
	t->runs = n;
}

/* The part of @run that leads to @t; false: none that lets anything pass. */
bool reach_clip(const struct index_run *run, const struct reach_target *t,
		struct iommu_run *out)
{
	u64 skip = run->to < t->at.start ? t->at.start - run->to : 0;
	u64 into = run->to + skip - t->at.start;

	*out = (struct iommu_run){ .iova = run->iova + skip,
				   .pa = t->host + into,
				   .len = run->len - skip,
				   .perm = run->perm & t->perm };
	if (out->len > t->at.len - into)
		out->len = t->at.len - into;
	return out->perm & (IOMMU_R | IOMMU_W);
}

struct find {
	const struct reach_target *target;
	struct reach_table *table;
};

static void find_one(void *arg, const struct index_run *run)
{
	struct find *f = arg;
	struct iommu_run part;

	if (reach_clip(run, f->target, &part))
		reach_keep_run(f->table, &part);
}

/*
 * A nested domain: where the second stage's input leads to the range, then
 * what of the first stage leads there.
 */
void reach_second_stage(const struct reach_domain *t, const struct span *at,
			struct reach_table *out)
{
	const struct reach_target whole = { *at, at->start, ~0u };
	struct find f = { &whole, out };

	index_each(&t->index[1].runs, at, find_one, &f);
	reach_complete(&t->index[1], out);
}

void reach_nested(const struct reach_domain *t, const struct span *at,
		  struct reach_table *out)
{
	struct reach_table second = { 0 };
	struct reach_target target;
	struct find f = { &target, out };
	u32 i;

	reach_second_stage(t, at, &second);
	for (i = 0; i < second.runs; i++) {
		target = (struct reach_target){
			{ second.run[i].iova, second.run[i].len },
			second.run[i].pa,
			second.run[i].perm | IOMMU_X,
		};
		index_each(&t->index[0].runs, &target.at, find_one, &f);
	}
	reach_complete(&t->index[0], out);
	if (second.more && !out->gaps++)
		out->gap = (struct iommu_evidence){ .err = IOMMU_ENOSPACE };
}
void reach_add_hit(struct reach *r, const struct reach_hit *hit, bool *nomem)
{
	const struct iommu_evidence ev = { .err = IOMMU_ENOSPACE };
	struct reach_hit *h;
	struct reach_gap *g;

	if (r->hit_n < REACH_HITS_MAX) {
		h = array_grow(&r->hit, &r->hit_n, sizeof(*h));
		if (h)
			*h = *hit;
		*nomem |= !h;
		return;
	}
	if (r->full || r->gap_n >= REACH_HITS_MAX)
		return;
	r->full = true;
	g = array_grow(&r->gap, &r->gap_n, sizeof(*g));
	if (g)
		*g = (struct reach_gap){ hit->unit, hit->requester, hit->pasid,
					 ev };
	*nomem |= !g;
}

void reach_free(struct reach *r)
{
	free(r->table);
	free(r->hit);
	free(r->gap);
	memset(r, 0, sizeof(*r));
}
