// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes the index from which questions about physical memory are answered.
 *
 * Every distinct table is walked once, and its runs are kept by the address
 * that they lead to. When the questions are known beforehand, only the runs
 * that they concern are kept.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "reach_index.h"

#define RUNS_MAX (1ull << 26) /* 2 GiB */
#define ENTRIES_MAX (1u << 20)
#define HASH_ROOM (1u << 14)

/* --- making the index --- */

struct job {
	struct dump *d;
	struct reach_index *ix;
	const struct reach_wanted *wanted;
	struct mem *mem[SCAN_THREADS_MAX];
	u32 threads;
	u32 hash[HASH_ROOM]; /* table + 1; one unit */
	struct iommu_config config;
	bool nomem;
};

static void add_gap(struct job *j, u32 unit, u32 requester, u32 pasid,
		    const struct iommu_evidence *ev)
{
	struct reach *r = &j->ix->fixed;
	struct reach_gap *g;

	if (r->gap_n >= REACH_HITS_MAX)
		return;
	g = array_grow(&r->gap, &r->gap_n, sizeof(*g));
	if (g)
		*g = (struct reach_gap){ unit, requester, pasid, *ev };
	else
		j->nomem = true;
}

static int by_source(const void *a, const void *b)
{
	const struct scan_repeat *x = a, *y = b;

	if (x->bits != y->bits)
		return x->bits < y->bits ? -1 : 1;
	if (x->src != y->src)
		return x->src < y->src ? -1 : 1;
	return x->dst < y->dst ? -1 : x->dst > y->dst;
}

static bool add_repeats(struct stage_index *to, const struct scanned *s)
{
	struct scan_repeat *all;

	if (!s->repeat_n)
		return true;
	all = reallocarray(to->repeat, to->repeat_n + s->repeat_n,
			   sizeof(*all));
	if (!all)
		return false;
	memcpy(all + to->repeat_n, s->repeat, s->repeat_n * sizeof(*all));
	to->repeat = all;
	to->repeat_n += s->repeat_n;
	qsort(all, to->repeat_n, sizeof(*all), by_source);
	return true;
}

/* What was read of this table, and of all before. */
static void tell(void *arg, u64 tables)
{
	const struct job *j = arg;

	j->wanted->progress(j->wanted->arg,
			    SCAN_PAGES_MAX - j->ix->budget + tables);
}

/* Scans one stage of table @n; its runs go to @runs, repeats to @to. */
static void add_stage(struct job *j, u32 n, u32 stage, const struct span *want,
		      size_t want_n, struct run_index *runs,
		      struct stage_index *to)
{
	struct reach_domain *t = &j->ix->table[n];
	struct scanned found;
	struct scan s = { .config = &j->config,
			  .mem = j->mem,
			  .threads = j->threads,
			  .want = want,
			  .want_n = want_n,
			  .special = &t->e.special,
			  .budget = &j->ix->budget,
			  .runs_max = j->ix->room,
			  .progress = j->wanted->progress ? tell : NULL,
			  .arg = j };

	if (scan_stage(&s, &t->e.domain, stage, &found) ||
	    index_add(runs, n, &found) || !add_repeats(to, &found))
		j->nomem = true;
	j->ix->room -= found.runs.n < j->ix->room ? found.runs.n : j->ix->room;
	if (!t->gaps)
		t->gap = found.gap;
	t->gaps += found.gaps;
	if (!t->writes_own.len)
		t->writes_own = found.own;
	scanned_free(&found);
}

/* The first stage's output addresses that the questions concern. */
static struct span *guest_wanted(struct job *j, const struct reach_domain *t,
				 size_t *n)
{
	const struct reach_wanted *w = j->wanted;
	struct span *want;
	size_t i;
	u32 k;

	want = calloc(w->n * REACH_RUNS_MAX + 1, sizeof(*want));
	*n = 0;
	for (i = 0; want && i < w->n; i++) {
		struct reach_table second = { 0 };

		reach_second_stage(t, &w->range[i], &second);
		for (k = 0; k < second.runs; k++)
			want[(*n)++] = (struct span){ second.run[k].iova,
						      second.run[k].len };
	}
	j->nomem |= !want;
	return want;
}

static void add_nested(struct job *j, u32 n)
{
	const struct reach_wanted *w = j->wanted;
	struct reach_domain *t = &j->ix->table[n];
	struct span *want = NULL;
	size_t want_n = 0;
	bool first;

	t->index = calloc(2, sizeof(*t->index));
	if (!t->index) {
		j->nomem = true;
		return;
	}
	add_stage(j, n, 1, w->range, w->n, &t->index[1].runs, &t->index[1]);
	if (j->nomem || index_finish(&t->index[1].runs)) {
		j->nomem = true;
		return;
	}
	if (w->range)
		want = guest_wanted(j, t, &want_n);
	first = !w->range || want_n || w->own;
	if (!j->nomem && first)
		add_stage(j, n, 0, want, want_n, &t->index[0].runs,
			  &t->index[0]);
	if (!j->nomem && t->e.domain.upper.format && first)
		add_stage(j, n, SCAN_UPPER, want, want_n, &t->index[0].runs,
			  &t->index[0]);
	if (index_finish(&t->index[0].runs))
		j->nomem = true;
	free(want);
}

static void add_domain(struct job *j, u32 n)
{
	const struct reach_wanted *w = j->wanted;
	struct reach_domain *t = &j->ix->table[n];
	const struct iommu_domain *d = &t->e.domain;
	u32 stage = d->stage[0].format ? 0 : 1;

	if (d->kind == IOMMU_KIND_NESTED) {
		add_nested(j, n);
		return;
	}
	add_stage(j, n, stage, w->range, w->n, &j->ix->runs, &t->own);
	if (!stage && d->upper.format)
		add_stage(j, n, SCAN_UPPER, w->range, w->n, &j->ix->runs,
			  &t->own);
}

/* --- which domains have the same tables --- */

static u32 hash_of(const struct iommu_domain *d)
{
	u64 h = d->stage[0].root * 0x9e3779b97f4a7c15ULL;

	h = (h ^ d->stage[1].root) * 0x9e3779b97f4a7c15ULL;
	h = (h ^ d->upper.root) * 0x9e3779b97f4a7c15ULL;
	return (u32)(h >> 40) % HASH_ROOM;
}

/* The number of a domain's tables: found again, or scanned now. */
static u32 domain_table(struct job *j, const struct view_entry *e)
{
	u32 hash = hash_of(&e->domain), i;
	struct reach_domain *t;

	for (i = j->hash[hash]; i; i = j->ix->table[i - 1].next) {
		t = &j->ix->table[i - 1];
		if (same_maps(&t->e, e))
			return i - 1;
	}
	if (j->ix->table_n >= REACH_HITS_MAX)
		return REC_NONE;
	t = array_grow(&j->ix->table, &j->ix->table_n, sizeof(*t));
	if (!t) {
		j->nomem = true;
		return REC_NONE;
	}
	t->e = *e;
	t->entry = REC_NONE;
	t->next = j->hash[hash];
	j->hash[hash] = (u32)j->ix->table_n;
	add_domain(j, (u32)j->ix->table_n - 1);
	return (u32)j->ix->table_n - 1;
}

/* --- requesters --- */

static void add_own(struct job *j, const struct view_entry *e,
		    const struct iommu_run *run)
{
	struct reach_index *ix = j->ix;
	struct reach_own *own;

	own = array_grow(&ix->writes_own, &ix->writes_own_n, sizeof(*own));
	if (own)
		*own = (struct reach_own){ e->unit, e->requester, e->pasid,
					   *run };
	else
		j->nomem = true;
}

/* A requester's tables; false: there are too many. */
static bool add_entry(struct job *j, const struct view_entry *e)
{
	const struct iommu_evidence full = { .err = IOMMU_ENOSPACE };
	u32 n = domain_table(j, e);
	struct reach_entry *entry = NULL;
	struct reach_domain *t;

	if (j->nomem)
		return false;
	if (n == REC_NONE || j->ix->entry_n >= ENTRIES_MAX) {
		add_gap(j, e->unit, e->requester, e->pasid, &full);
		return false;
	}
	t = &j->ix->table[n];
	entry = array_grow(&j->ix->entry, &j->ix->entry_n, sizeof(*entry));
	if (!entry) {
		j->nomem = true;
		return false;
	}
	*entry = (struct reach_entry){ e->requester, e->pasid, t->entry };
	t->entry = (u32)j->ix->entry_n - 1;
	if (t->gaps)
		add_gap(j, e->unit, e->requester, e->pasid, &t->gap);
	if (t->writes_own.len)
		add_own(j, e, &t->writes_own);
	return !j->nomem;
}

static void add_plain(struct job *j, const struct reach_hit *hit,
		      const struct view_entry *e)
{
	struct reach_index *ix = j->ix;
	struct reach_plain *p;

	/* One more than an answer has, which says then that there are more. */
	if (ix->plain_n > REACH_HITS_MAX)
		return;
	p = array_grow(&ix->plain, &ix->plain_n, sizeof(*p));
	if (p)
		*p = (struct reach_plain){ *hit, *e };
	else
		j->nomem = true;
}

static bool each_entry(void *arg, const struct view_entry *e)
{
	struct job *j = arg;
	struct reach_hit hit = { .why = REACH_PASS,
				 .unit = e->unit,
				 .requester = e->requester,
				 .pasid = e->pasid };
	struct iommu_evidence ev = e->ev;

	if (e->err) {
		ev.err = (u32)e->err;
		add_gap(j, e->unit, e->requester, e->pasid, &ev);
		return !j->nomem;
	}
	if (e->domain.exempt.len && e->domain.kind != IOMMU_KIND_PASS) {
		hit.perm = IOMMU_R | IOMMU_W;
		add_plain(j, &hit, e);
	}
	switch (e->domain.kind) {
	case IOMMU_KIND_PASS:
		if (e->unused) {
			j->ix->fixed.unused++;
			break;
		}
		hit.perm = (IOMMU_R | IOMMU_W) & ~e->domain.deny;
		add_plain(j, &hit, e);
		break;
	case IOMMU_KIND_TABLE:
	case IOMMU_KIND_NESTED:
		return add_entry(j, e);
	}
	return !j->nomem;
}

static void untranslated(struct job *j, u32 unit, u32 why)
{
	const struct facts *f = &j->d->facts;
	struct reach_hit hit = { .why = why,
				 .unit = unit,
				 .requester = REC_NONE,
				 .pasid = VIEW_NO_PASID,
				 .perm = IOMMU_R | IOMMU_W };
	struct view_entry e = { .unit = unit };
	struct view_trail trail;
	size_t i;

	if (unit != REC_NONE &&
	    view_lookup(j->d, unit, VIEW_CRASH, 0, VIEW_NO_PASID, &e, &trail))
		memset(&e, 0, sizeof(e));
	for (i = 0; i < f->device_n; i++) {
		if (f->device[i].unit != unit)
			continue;
		hit.requester = f->device[i].requester;
		hit.device = i;
		add_plain(j, &hit, &e);
	}
	/* Nobody is known behind it, but whoever is there is not stopped. */
	if (hit.requester == REC_NONE && unit != REC_NONE)
		add_plain(j, &hit, &e);
}

static void index_unit(struct job *j, u32 unit)
{
	struct iommu_evidence ev = { 0 };
	int err = view_config(j->d, unit, VIEW_CRASH, &j->config, NULL);

	memset(j->hash, 0, sizeof(j->hash));
	if (!err && !j->config.on)
		untranslated(j, unit, REACH_OFF);
	else if (!err)
		err = view_entries(j->d, unit, VIEW_CRASH, each_entry, j);
	if (err) {
		ev.err = (u32)err;
		add_gap(j, unit, REC_NONE, VIEW_NO_PASID, &ev);
	}
}

struct reach_index *reach_index(struct dump *d, const struct reach_wanted *w)
{
	struct job *j = calloc(1, sizeof(*j));
	struct reach_index *ix = calloc(1, sizeof(*ix));
	bool ok;
	u32 unit;

	if (!j || !ix) {
		free(j);
		free(ix);
		return NULL;
	}
	ix->budget = SCAN_PAGES_MAX;
	ix->room = scan_runs_max(d, RUNS_MAX);
	j->d = d;
	j->ix = ix;
	j->wanted = w;
	j->threads = scan_mems_open(d, j->mem);
	untranslated(j, REC_NONE, REACH_NO_UNIT);
	for (unit = 0; unit < d->facts.unit_n && !j->nomem; unit++)
		index_unit(j, unit);
	scan_mems_close(j->mem, j->threads);
	ok = !j->nomem && !index_finish(&ix->runs);
	ix->fixed.tables_read = SCAN_PAGES_MAX - ix->budget;
	free(j);
	if (ok)
		return ix;
	reach_index_free(ix);
	return NULL;
}

const struct reach_own *reach_own_tables(const struct reach_index *ix,
					 size_t *n)
{
	*n = ix->writes_own_n;
	return ix->writes_own;
}

static void stage_free(struct stage_index *s)
{
	index_free(&s->runs);
	free(s->repeat);
}

void reach_index_free(struct reach_index *ix)
{
	size_t i;

	if (!ix)
		return;
	for (i = 0; i < ix->table_n; i++) {
		stage_free(&ix->table[i].own);
		if (ix->table[i].index) {
			stage_free(&ix->table[i].index[0]);
			stage_free(&ix->table[i].index[1]);
		}
		free(ix->table[i].index);
	}
	index_free(&ix->runs);
	free(ix->table);
	free(ix->entry);
	free(ix->writes_own);
	free(ix->plain);
	reach_free(&ix->fixed);
	free(ix);
}
