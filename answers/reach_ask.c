// SPDX-License-Identifier: GPL-2.0-only
/*
 * Answers who reaches a range of physical memory, from an index that
 * reach_index.c made.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "reach_index.h"

struct ask {
	const struct reach_index *ix;
	struct reach *out;
	u32 *number; /* of a table in the answer, + 1 */
	struct reach_target whole;
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
	t->unit = from->e.unit;
	t->stage[0] = from->e.domain.stage[0];
	t->stage[1] = from->e.domain.stage[1];
	t->gaps = from->gaps;
	t->gap = from->gap;
	return t;
}

static void found_run(void *arg, const struct index_run *run)
{
	struct ask *a = arg;
	struct iommu_run part;
	struct reach_table *t;

	if (!reach_clip(run, &a->whole, &part))
		return;
	t = answer_table(a, run->table);
	if (t)
		reach_keep_run(t, &part);
}

static void ask_nested(struct ask *a, u32 n)
{
	const struct reach_domain *from = &a->ix->table[n];
	struct reach_table found = { .gaps = from->gaps, .gap = from->gap };
	struct reach_table *t;
	struct reach_gap *g;
	const struct reach_entry *e = &a->ix->entry[from->entry];

	reach_nested(from, &a->out->target, &found);
	/* What the index told of a gap it told of all requesters. */
	if (found.gaps && !from->gaps && a->out->gap_n < REACH_HITS_MAX) {
		g = array_grow(&a->out->gap, &a->out->gap_n, sizeof(*g));
		if (g)
			*g = (struct reach_gap){ from->e.unit, e->requester,
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
				 .unit = ix->table[n].e.unit,
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

/* Those who pass untranslated, and what does not depend on the range. */
static void answer_fixed(struct ask *a)
{
	const struct reach_index *ix = a->ix;
	const struct reach *from = &a->ix->fixed;
	struct reach_gap *g;
	size_t i;

	a->out->tables_read = from->tables_read;
	a->out->full = from->full;
	a->out->unused = from->unused;
	for (i = 0; i < ix->plain_n && !a->nomem; i++)
		if (!view_pass_misses(&ix->plain[i].e, &a->out->target))
			reach_add_hit(a->out, &ix->plain[i].hit, &a->nomem);
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
		if (ix->table[n].e.domain.kind == IOMMU_KIND_NESTED)
			ask_nested(&a, n);
		else if (a.number[n])
			reach_complete(&ix->table[n].own,
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
