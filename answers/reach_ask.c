// SPDX-License-Identifier: GPL-2.0-only
/*
 * Answers who reaches a range of physical memory, from an index that
 * reach_index.c made.
 *
 * The index has the mappings of a shared subtable once (scan.h). An answer
 * also tells them at the other places where the subtable is used, until it is
 * full. The best mappings come first. A repeat is never better than the mapping
 * that it repeats, because its I/O address is higher.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "reach_index.h"

/* --- the best of what is found --- */

/* Writable ones first, lower I/O addresses first. */
static bool better(const struct iommu_run *a, const struct iommu_run *b)
{
	bool aw = a->perm & IOMMU_W, bw = b->perm & IOMMU_W;

	return aw != bw ? aw : a->iova < b->iova;
}

/* False: not good enough to be told. */
static bool keep_run(struct reach_table *t, const struct iommu_run *run)
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
		if (!keep_run(t, &part))
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
static void complete(const struct stage_index *s, struct reach_table *t)
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

/* What is looked for: output addresses, and the memory that stands for. */
struct target {
	struct span at;
	u64 host;
	u32 perm; /* of the way from there to memory */
};

/* The part of @run that leads to @t; false: none that lets anything pass. */
static bool clip(const struct index_run *run, const struct target *t,
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
	const struct target *target;
	struct reach_table *table;
};

static void find_one(void *arg, const struct index_run *run)
{
	struct find *f = arg;
	struct iommu_run part;

	if (clip(run, f->target, &part))
		keep_run(f->table, &part);
}

/*
 * A nested domain: where the second stage's input leads to the range, then
 * what of the first stage leads there.
 */
void reach_second_stage(const struct reach_domain *t, const struct span *at,
			struct reach_table *out)
{
	const struct target whole = { *at, at->start, ~0u };
	struct find f = { &whole, out };

	index_each(&t->index[1].runs, at, find_one, &f);
	complete(&t->index[1], out);
}

static void find_nested(const struct reach_domain *t, const struct span *at,
			struct reach_table *out)
{
	struct reach_table second = { 0 };
	struct target target;
	struct find f = { &target, out };
	u32 i;

	reach_second_stage(t, at, &second);
	for (i = 0; i < second.runs; i++) {
		target = (struct target){
			{ second.run[i].iova, second.run[i].len },
			second.run[i].pa,
			second.run[i].perm | IOMMU_X,
		};
		index_each(&t->index[0].runs, &target.at, find_one, &f);
	}
	complete(&t->index[0], out);
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

/* --- a question --- */

struct ask {
	const struct reach_index *ix;
	struct reach *out;
	u32 *number; /* of a table in the answer, + 1 */
	struct target whole;
	bool nomem;
};

static struct reach_table *answer_table(struct ask *a, u32 n)
{
	const struct reach_domain *from = &a->ix->table[n];
	struct reach_table *t;

	if (a->number[n])
		return &a->out->table[a->number[n] - 1];
	t = array_grow(&a->out->table, &a->out->table_n, sizeof(*t));
	if (!t) {
		a->nomem = true;
		return NULL;
	}
	a->number[n] = (u32)a->out->table_n;
	t->unit = from->unit;
	t->stage[0] = from->stage[0];
	t->stage[1] = from->stage[1];
	t->gaps = from->gaps;
	t->gap = from->gap;
	return t;
}

static void found_run(void *arg, const struct index_run *run)
{
	struct ask *a = arg;
	struct iommu_run part;
	struct reach_table *t;

	if (!clip(run, &a->whole, &part))
		return;
	t = answer_table(a, run->table);
	if (t)
		keep_run(t, &part);
}

static void ask_nested(struct ask *a, u32 n)
{
	const struct reach_domain *from = &a->ix->table[n];
	struct reach_table found = { .gaps = from->gaps, .gap = from->gap };
	struct reach_table *t;
	struct reach_gap *g;
	const struct reach_entry *e = &a->ix->entry[from->entry];

	find_nested(from, &a->out->target, &found);
	/* What the index told of a gap it told of all requesters. */
	if (found.gaps && !from->gaps && a->out->gap_n < REACH_HITS_MAX) {
		g = array_grow(&a->out->gap, &a->out->gap_n, sizeof(*g));
		if (g)
			*g = (struct reach_gap){ from->unit, e->requester,
						 e->pasid, found.gap };
		a->nomem |= !g;
	}
	t = found.runs ? answer_table(a, n) : NULL;
	if (!t)
		return;
	found.unit = t->unit;
	found.stage[0] = t->stage[0];
	found.stage[1] = t->stage[1];
	*t = found;
}

static void answer_hits(struct ask *a, u32 n)
{
	const struct reach_index *ix = a->ix;
	struct reach_hit hit = { .why = REACH_TABLE,
				 .unit = ix->table[n].unit,
				 .table = a->number[n] - 1 };
	u32 i;

	hit.perm = a->out->table[hit.table].perm;
	for (i = ix->table[n].entry; i != REC_NONE; i = ix->entry[i].before) {
		hit.requester = ix->entry[i].requester;
		hit.pasid = ix->entry[i].pasid;
		reach_add_hit(a->out, &hit, &a->nomem);
	}
}

static int by_write(const void *a, const void *b)
{
	const struct reach_hit *x = a, *y = b;
	bool xw = x->perm & IOMMU_W, yw = y->perm & IOMMU_W;

	if (xw != yw)
		return xw ? -1 : 1;
	if (x->unit != y->unit)
		return x->unit < y->unit ? -1 : 1;
	if (x->requester != y->requester)
		return x->requester < y->requester ? -1 : 1;
	return x->pasid + 1 < y->pasid + 1 ? -1 : x->pasid != y->pasid;
}

/* What does not depend on the range. */
static void answer_fixed(struct ask *a)
{
	const struct reach *from = &a->ix->fixed;
	struct reach_gap *g;
	size_t i;

	a->out->tables_read = from->tables_read;
	a->out->full = from->full;
	for (i = 0; i < from->hit_n && !a->nomem; i++)
		reach_add_hit(a->out, &from->hit[i], &a->nomem);
	for (i = 0; i < from->gap_n && !a->nomem; i++) {
		g = array_grow(&a->out->gap, &a->out->gap_n, sizeof(*g));
		if (g)
			*g = from->gap[i];
		a->nomem |= !g;
	}
}

int reach_ask(const struct reach_index *ix, const struct span *target,
	      struct reach *out)
{
	struct ask a = { .ix = ix,
			 .out = out,
			 .whole = { *target, target->start, ~0u } };
	u32 n;

	memset(out, 0, sizeof(*out));
	out->target = *target;
	a.number = calloc(ix->table_n + 1, sizeof(*a.number));
	if (!a.number)
		return -ENOMEM;
	answer_fixed(&a);
	index_each(&ix->runs, target, found_run, &a);
	for (n = 0; n < ix->table_n && !a.nomem; n++) {
		if (ix->table[n].entry == REC_NONE)
			continue;
		if (ix->table[n].kind == IOMMU_KIND_NESTED)
			ask_nested(&a, n);
		else if (a.number[n])
			complete(&ix->table[n].own,
				 &out->table[a.number[n] - 1]);
		if (!a.nomem && a.number[n])
			answer_hits(&a, n);
	}
	free(a.number);
	if (out->hit_n)
		qsort(out->hit, out->hit_n, sizeof(*out->hit), by_write);
	return a.nomem ? -ENOMEM : 0;
}

int reach(struct dump *d, const struct span *target, struct reach *out)
{
	const struct reach_wanted w = { .range = target, .n = 1 };
	struct reach_index *ix = reach_index(d, &w);
	int err = -ENOMEM;

	memset(out, 0, sizeof(*out));
	if (ix)
		err = reach_ask(ix, target, out);
	reach_index_free(ix);
	return err;
}

void reach_free(struct reach *r)
{
	free(r->table);
	free(r->hit);
	free(r->gap);
	memset(r, 0, sizeof(*r));
}
