// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who maps what: every distinct table once, with the requesters that use it and
 * the physical memory that it leads to; and those that nothing translates. The
 * answer is bounded: ranges that lie close to each other become one then, and
 * are marked.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "scan.h"

#define TABLES_MAX 1024u      /* distinct ones */
#define ENTRIES_MAX 16384u    /* of the top-level tables */
#define RANGES_ALL 16384u     /* of all tables together */
#define RANGES_MAX 512u	      /* of one table */
#define RANGES_MIN 8u	      /* each table has */
#define RUNS_MAX (1u << 22)   /* of one table */
#define FRAMES_MAX (1u << 18) /* ranges of view_frames */
#define PAGES_MAX (1u << 23)  /* of tables: behind that no other is begun */

/* --- ranges of physical memory --- */

struct ranges {
	struct mapped_range *r; /* room for twice @max */
	size_t n, max;
};

static int by_start(const void *a, const void *b)
{
	const struct mapped_range *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->perm < y->perm ? -1 : x->perm > y->perm;
}

/* The last byte, so that the end of memory needs no wrap. */
static u64 last_of(const struct mapped_range *r)
{
	return r->start + (r->len - 1);
}

/* What lies between @a and @b, which begins no earlier. */
static u64 gap_of(const struct mapped_range *a, const struct mapped_range *b)
{
	return b->start > last_of(a) ? b->start - last_of(a) - 1 : 0;
}

static void join(struct mapped_range *a, const struct mapped_range *b)
{
	a->partly |= b->partly || gap_of(a, b) || a->perm != b->perm;
	a->perm |= b->perm;
	if (last_of(b) > last_of(a))
		a->len = last_of(b) - a->start + 1;
}

/*
 * Joins sorted neighbours: only alike ones, or any; that are less than
 * @distance apart, and the first @ties that are just that.
 */
static void join_all(struct ranges *s, bool alike, u64 distance, size_t ties)
{
	size_t i, n = 0;
	u64 gap;

	for (i = 1; i < s->n; i++) {
		struct mapped_range *a = &s->r[n], *b = &s->r[i];

		gap = gap_of(a, b);
		if (gap > distance || (gap == distance && !ties) ||
		    (alike && (a->perm != b->perm || a->partly != b->partly))) {
			s->r[++n] = *b;
			continue;
		}
		ties -= gap == distance;
		join(a, b);
	}
	s->n = s->n ? n + 1 : 0;
}

static int by_size(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Not more than @max ranges: first what costs nothing, then small gaps. */
static void shrink(struct ranges *s, size_t max)
{
	size_t i, ties = 0;
	u64 *gap, most;

	if (s->n)
		qsort(s->r, s->n, sizeof(*s->r), by_start);
	join_all(s, true, 0, s->n);
	if (s->n <= max)
		return;
	gap = calloc(s->n, sizeof(*gap));
	if (!gap) {
		join_all(s, false, ~0ULL, s->n);
		return;
	}
	for (i = 0; i + 1 < s->n; i++)
		gap[i] = gap_of(&s->r[i], &s->r[i + 1]);
	qsort(gap, s->n - 1, sizeof(*gap), by_size);
	/* As many as there are ranges too many. */
	most = gap[s->n - max - 1];
	for (i = 0; i < s->n - max; i++)
		ties += gap[i] == most;
	join_all(s, false, most, ties);
	free(gap);
}

static void add_range(struct ranges *s, u64 start, u64 len, u32 perm)
{
	if (!len || len - 1 > ~0ULL - start)
		return;
	if (s->n >= 2 * s->max)
		shrink(s, s->max);
	s->r[s->n++] = (struct mapped_range){ start, len, perm, false };
}

/* --- tables, and who uses them --- */

struct job {
	struct dump *d;
	struct mapped *out;
	const struct view_dma *only; /* NULL: everybody */
	size_t entries;
	u64 budget;
	bool any_perm; /* what is permitted does not matter */
	void (*progress)(void *arg, u64 pages);
	void *arg;
	bool nomem;
};

static void add_plain(struct job *j, const struct reach_hit *hit)
{
	struct reach_hit *h;

	if (j->out->plain_n >= ENTRIES_MAX) {
		j->out->more = true;
		return;
	}
	h = array_grow(&j->out->plain, &j->out->plain_n, sizeof(*h));
	if (h)
		*h = *hit;
	j->nomem |= !h;
}

static bool add_table(struct job *j, const struct view_entry *e)
{
	struct mapped *m = j->out;
	struct mapped_table *t;
	size_t i;

	for (i = 0; i < m->table_n; i++)
		if (m->table[i].e.unit == e->unit &&
		    same_maps(&m->table[i].e, e))
			break;
	if (i >= TABLES_MAX) {
		m->more = true;
		return false;
	}
	if (i == m->table_n) {
		t = array_grow(&m->table, &m->table_n, sizeof(*t));
		if (!t) {
			j->nomem = true;
			return false;
		}
		t->e = *e;
	}
	t = &m->table[i];
	t->more |= t->n >= MAPPED_REQUESTERS_MAX;
	if (t->more)
		return true;
	t->requester[t->n] = e->requester;
	t->pasid[t->n++] = e->pasid;
	return true;
}

static bool asked_for(const struct job *j, u32 requester)
{
	const struct view_dma *only = j->only;

	for (size_t i = 0; only && i < only->n; i++)
		if (only->id[i] == requester)
			return true;
	return !only;
}

static bool each_entry(void *arg, const struct view_entry *e)
{
	struct job *j = arg;
	const struct reach_hit hit = {
		.why = REACH_PASS,
		.unit = e->unit,
		.requester = e->requester,
		.pasid = e->pasid,
		.perm = (IOMMU_R | IOMMU_W) & ~e->domain.deny,
	};

	if (e->unused || !asked_for(j, e->requester))
		return true;
	if (j->entries++ >= ENTRIES_MAX) {
		j->out->more = true;
		return false;
	}
	if (e->err || e->domain.kind == IOMMU_KIND_BLOCKED) {
		j->out->more |= e->err;
		return true;
	}
	if (e->domain.kind != IOMMU_KIND_PASS)
		return add_table(j, e);
	add_plain(j, &hit);
	return !j->nomem;
}

/* Devices behind a unit that is off, or behind none. */
static void add_devices(struct job *j, u32 unit, u32 why)
{
	const struct facts *f = &j->d->facts;
	struct reach_hit hit = { .why = why,
				 .unit = unit,
				 .pasid = VIEW_NO_PASID,
				 .perm = IOMMU_R | IOMMU_W };

	for (hit.device = 0; hit.device < f->device_n; hit.device++) {
		hit.requester = f->device[hit.device].requester;
		if (f->device[hit.device].unit == unit &&
		    asked_for(j, hit.requester))
			add_plain(j, &hit);
	}
}

static void collect(struct job *j)
{
	struct iommu_config c;
	u32 unit;

	if (!j->only || j->only->unit == REC_NONE)
		add_devices(j, REC_NONE, REACH_NO_UNIT);
	for (unit = 0; unit < j->d->facts.unit_n; unit++) {
		if (j->only && j->only->unit != unit)
			continue;
		if (view_config(j->d, unit, VIEW_CRASH, &c, NULL))
			j->out->more = true;
		else if (!c.on && !c.off_blocks)
			add_devices(j, unit, REACH_OFF);
		else if (view_entries(j->d, unit, VIEW_CRASH, each_entry, j))
			j->out->more = true;
	}
}

/* --- where a table leads to --- */

struct stage_scan {
	struct dump *d;
	const struct mapped_table *t;
	void (*progress)(void *arg, u64 pages);
	void *progress_arg;
	void (*stage)(void *arg, const struct scanned *s);
	void *arg;
	u64 *budget;
	u64 gaps;
};

static void scan_one(struct stage_scan *w, u32 stage)
{
	const struct view_scan v = { .e = &w->t->e,
				     .stage = stage,
				     .runs_max = RUNS_MAX,
				     .progress = w->progress,
				     .arg = w->progress_arg };
	struct scanned found;

	if (!*w->budget) {
		w->gaps++;
		return;
	}
	w->gaps += !!view_scan(w->d, &v, &found);
	w->stage(w->arg, &found);
	w->gaps += found.gaps + found.full;
	*w->budget -= found.tables < *w->budget ? found.tables : *w->budget;
	scanned_free(&found);
}

/* Of a nested one only the second stage leads to memory. */
static void scan_stages(struct stage_scan *w)
{
	const struct iommu_domain *d = &w->t->e.domain;

	if (d->kind != IOMMU_KIND_NESTED && d->stage[0].format)
		scan_one(w, 0);
	if (d->kind != IOMMU_KIND_NESTED && d->upper.format)
		scan_one(w, SCAN_UPPER);
	if (d->stage[1].format)
		scan_one(w, 1);
}

u64 view_table_runs(struct dump *d, const struct mapped_table *t,
		    void (*progress)(void *arg, u64 pages), void *progress_arg,
		    void (*stage)(void *arg, const struct scanned *s),
		    void *arg)
{
	u64 budget = PAGES_MAX;
	struct stage_scan w = { .d = d,
				.t = t,
				.progress = progress,
				.progress_arg = progress_arg,
				.stage = stage,
				.arg = arg,
				.budget = &budget };

	scan_stages(&w);
	return w.gaps;
}

struct table_ranges {
	const struct job *j;
	struct mapped_table *t;
	struct ranges *s;
};

static void add_runs(void *arg, const struct scanned *found)
{
	struct table_ranges *r = arg;
	struct runs_at at = runs_begin(&found->runs);
	struct iommu_run run;

	while (runs_next(&at, &run)) {
		r->t->bytes += run.len;
		add_range(r->s, run.pa, run.len, r->j->any_perm ? 0 : run.perm);
	}
	r->t->runs += found->runs.n;
}

static void add_stages(struct job *j, struct mapped_table *t, struct ranges *s)
{
	struct table_ranges r = { j, t, s };
	struct stage_scan w = {
		.d = j->d,
		.t = t,
		.progress = j->progress,
		.progress_arg = j->arg,
		.stage = add_runs,
		.arg = &r,
		.budget = &j->budget,
	};

	scan_stages(&w);
	t->gaps += w.gaps;
}

static void find_ranges(struct job *j, struct mapped_table *t, struct ranges *s)
{
	s->n = 0;
	add_stages(j, t, s);
	shrink(s, s->max);
	t->range = calloc(s->n + 1, sizeof(*t->range));
	if (!t->range) {
		j->nomem = true;
		return;
	}
	memcpy(t->range, s->r, s->n * sizeof(*t->range));
	t->range_n = s->n;
}

int view_mapped(struct dump *d, void (*progress)(void *arg, u64 pages),
		void *arg, struct mapped *out)
{
	struct job j = { .d = d,
			 .out = out,
			 .budget = PAGES_MAX,
			 .progress = progress,
			 .arg = arg };
	struct ranges s = { .max = RANGES_MAX };
	size_t i;

	memset(out, 0, sizeof(*out));
	s.r = calloc(2 * RANGES_MAX, sizeof(*s.r));
	if (!s.r)
		return -ENOMEM;
	collect(&j);
	if (out->table_n && RANGES_ALL / out->table_n < RANGES_MAX)
		s.max = RANGES_ALL / out->table_n;
	if (s.max < RANGES_MIN)
		s.max = RANGES_MIN;
	for (i = 0; i < out->table_n && !j.nomem; i++)
		find_ranges(&j, &out->table[i], &s);
	free(s.r);
	return j.nomem ? -ENOMEM : 0;
}

int view_tables(struct dump *d, const struct view_dma *only, struct mapped *out)
{
	struct job j = { .d = d, .out = out, .only = only };

	memset(out, 0, sizeof(*out));
	collect(&j);
	return j.nomem ? -ENOMEM : 0;
}

void mapped_free(struct mapped *m)
{
	size_t i;

	for (i = 0; i < m->table_n; i++)
		free(m->table[i].range);
	free(m->table);
	free(m->plain);
	memset(m, 0, sizeof(*m));
}

int view_frames(struct dump *d, void (*progress)(void *arg, u64 pages),
		void *arg, struct frames *out)
{
	struct mapped m = { 0 };
	struct job j = { .d = d,
			 .out = &m,
			 .budget = PAGES_MAX,
			 .any_perm = true,
			 .progress = progress,
			 .arg = arg };
	struct ranges s = { .max = FRAMES_MAX };
	size_t i;

	memset(out, 0, sizeof(*out));
	s.r = calloc(2 * FRAMES_MAX, sizeof(*s.r));
	if (!s.r)
		return -ENOMEM;
	collect(&j);
	for (i = 0; i < m.table_n && !j.nomem; i++) {
		add_stages(&j, &m.table[i], &s);
		out->gaps += m.table[i].gaps;
	}
	shrink(&s, s.max);
	out->range = s.r;
	out->range_n = s.n;
	out->untranslated = m.plain_n;
	out->more = m.more;
	mapped_free(&m);
	return j.nomem ? -ENOMEM : 0;
}

void frames_free(struct frames *f)
{
	free(f->range);
	memset(f, 0, sizeof(*f));
}
