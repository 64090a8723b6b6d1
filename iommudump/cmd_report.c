// SPDX-License-Identifier: GPL-2.0-only
/*
 * iommudump report: everything in one document, and what only it has: memory,
 * and who maps what of it. Its size is bounded: ranges that lie close to each
 * other are told as one then, and marked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "report.h"

#define TABLES_MAX 1024u     /* distinct ones */
#define REQUESTERS_MAX 64u   /* named of one table */
#define ENTRIES_MAX 16384u   /* of the top-level tables */
#define SPANS_MAX 4096u	     /* of RAM, of regions */
#define RANGES_ALL 16384u    /* of all tables together */
#define RANGES_MAX 512u	     /* of one table */
#define RANGES_MIN 8u	     /* each table has */
#define RUNS_MAX (1u << 22)  /* of one table */
#define PAGES_MAX (1u << 23) /* of tables: behind that no other is begun */

/* --- memory --- */

static void put_span(struct json_object *o, u64 start, u64 len)
{
	put_hex(o, "address", start);
	put_hex(o, "length", len);
}

static void put_memory(struct report *r)
{
	const struct facts *f = &r->d->facts;
	struct json_object *o = put_object(r->doc, "memory"), *a, *v;
	size_t i;

	a = put_array(o, "ram");
	for (i = 0; i < f->iomem_n; i++) {
		const struct iomem *m = &f->iomem[i];

		if (!m->end || strcmp(m->name, "System RAM") ||
		    json_object_array_length(a) >= SPANS_MAX)
			continue;
		put_span(push_object(a), m->start, m->end - m->start + 1);
	}
	a = put_array(o, "reservations");
	for (i = 0; i < f->reservation_n && i < SPANS_MAX; i++)
		put_span(push_object(a), f->reservation[i].start,
			 f->reservation[i].len);
	a = put_array(o, "regions");
	for (i = 0; i < f->region_n && i < SPANS_MAX; i++) {
		const struct fact_region *g = &f->region[i];

		v = push_object(a);
		put_span(v, g->start,
			 g->end < g->start ? 0 : g->end - g->start + 1);
		put_number(v, "group", g->group);
		put_word(v, "type", view_region_text(g->type), g->type);
	}
	put_bool(o, "more",
		 f->iomem_n > SPANS_MAX || f->reservation_n > SPANS_MAX ||
			 f->region_n > SPANS_MAX);
}

/* --- ranges of physical memory --- */

struct range {
	u64 start, len;
	u32 perm;
	bool partly; /* gaps in it, or of other permissions */
};

struct ranges {
	struct range *r; /* room for twice @max */
	size_t n, max;
};

static int by_start(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->perm < y->perm ? -1 : x->perm > y->perm;
}

/* The last byte, so that the end of memory needs no wrap. */
static u64 last_of(const struct range *r)
{
	return r->start + (r->len - 1);
}

/* What lies between @a and @b, which begins no earlier. */
static u64 gap_of(const struct range *a, const struct range *b)
{
	return b->start > last_of(a) ? b->start - last_of(a) - 1 : 0;
}

static void join(struct range *a, const struct range *b)
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
		struct range *a = &s->r[n], *b = &s->r[i];

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
	s->r[s->n++] = (struct range){ start, len, perm, false };
}

/* --- who maps what --- */

struct table {
	struct view_entry e; /* the first that points to it */
	u32 requester[REQUESTERS_MAX], pasid[REQUESTERS_MAX];
	u32 n; /* of these */
	bool more;
};

struct maps {
	struct report *r;
	struct json_object *untranslated;
	struct table *table;
	size_t n, entries;
	u64 budget;
	bool more; /* tables or entries than are listed */
	struct progress progress;
};

static bool same_stage(const struct iommu_table *a, const struct iommu_table *b)
{
	return a->format == b->format && a->root == b->root &&
	       a->levels == b->levels && a->root_bits == b->root_bits &&
	       a->base == b->base && a->ignored == b->ignored &&
	       a->attr == b->attr;
}

static bool same_tables(const struct view_entry *a, const struct view_entry *b)
{
	return a->unit == b->unit && a->domain.kind == b->domain.kind &&
	       same_stage(&a->domain.stage[0], &b->domain.stage[0]) &&
	       same_stage(&a->domain.stage[1], &b->domain.stage[1]) &&
	       same_stage(&a->domain.upper, &b->domain.upper);
}

static bool add_table(struct maps *m, const struct view_entry *e)
{
	struct table *t;
	size_t i;

	for (i = 0; i < m->n && !same_tables(&m->table[i].e, e); i++)
		;
	if (i >= TABLES_MAX) {
		m->more = true;
		return false;
	}
	t = &m->table[i];
	if (i == m->n) {
		t->e = *e;
		m->n++;
	}
	t->more |= t->n >= REQUESTERS_MAX;
	if (t->more)
		return true;
	t->requester[t->n] = e->requester;
	t->pasid[t->n++] = e->pasid;
	return true;
}

static bool each_entry(void *arg, const struct view_entry *e)
{
	struct maps *m = arg;
	struct json_object *o;

	if (m->entries++ >= ENTRIES_MAX) {
		m->more = true;
		return false;
	}
	if (e->err || e->domain.kind == IOMMU_KIND_BLOCKED) {
		m->more |= e->err;
		return true;
	}
	if (e->domain.kind != IOMMU_KIND_PASS)
		return add_table(m, e);
	o = push_object(m->untranslated);
	put_requester(o, m->r->d, e->unit, e->requester, e->pasid);
	put_text(o, "why", "pass-through");
	put_perm(o, "access", (IOMMU_R | IOMMU_W) & ~e->domain.deny);
	return true;
}

/* Devices behind a unit that is off, or behind none. */
static void add_plain(struct maps *m, u32 unit, const char *why)
{
	const struct facts *f = &m->r->d->facts;
	struct json_object *o, *v;
	size_t i;

	for (i = 0; i < f->device_n; i++) {
		if (f->device[i].unit != unit)
			continue;
		if (json_object_array_length(m->untranslated) >= ENTRIES_MAX) {
			m->more = true;
			return;
		}
		o = push_object(m->untranslated);
		put_unit(o, "unit", m->r->d, unit);
		put_bdf(o, "requester", f->device[i].segment,
			f->device[i].requester);
		v = push_object(put_array(o, "devices"));
		put_text(v, "name", f->device[i].name);
		put_text(v, "driver", f->device[i].driver);
		put_text(o, "why", why);
		put_perm(o, "access", IOMMU_R | IOMMU_W);
	}
}

static void collect(struct maps *m)
{
	struct iommu_config c;
	u32 unit;

	add_plain(m, REC_NONE, "no IOMMU");
	for (unit = 0; unit < m->r->d->facts.unit_n; unit++) {
		if (view_config(m->r->d, unit, VIEW_CRASH, &c, NULL))
			m->more = true;
		else if (!c.on && !c.off_blocks)
			add_plain(m, unit, "translation off");
		else if (view_entries(m->r->d, unit, VIEW_CRASH, each_entry, m))
			m->more = true;
	}
}

struct sums {
	u64 runs, gaps;
	u64 bytes;
};

static void add_stage(struct maps *m, const struct view_entry *e, u32 stage,
		      struct ranges *s, struct sums *sum)
{
	const struct view_scan v = { .unit = e->unit,
				     .domain = &e->domain,
				     .stage = stage,
				     .runs_max = RUNS_MAX,
				     .progress = show_progress,
				     .arg = &m->progress };
	struct scanned found;
	size_t i;

	if (!m->budget) {
		sum->gaps++;
		return;
	}
	sum->gaps += !!view_scan(m->r->d, &v, &found);
	for (i = 0; i < found.run_n; i++) {
		sum->bytes += found.run[i].len;
		add_range(s, found.run[i].pa, found.run[i].len,
			  found.run[i].perm);
	}
	sum->runs += found.run_n;
	sum->gaps += found.gaps + found.full;
	m->budget -= found.tables < m->budget ? found.tables : m->budget;
	scanned_free(&found);
}

static void put_ranges(struct json_object *o, const struct ranges *s)
{
	struct json_object *a = put_array(o, "ranges"), *v;
	size_t i;

	for (i = 0; i < s->n; i++) {
		v = push_object(a);
		put_span(v, s->r[i].start, s->r[i].len);
		put_perm(v, "access", s->r[i].perm);
		put_bool(v, "partly", s->r[i].partly);
	}
}

static void put_table(struct maps *m, struct json_object *o,
		      const struct table *t, struct ranges *s)
{
	const struct iommu_domain *d = &t->e.domain;
	struct sums sum = { 0, 0, 0 };
	struct json_object *a;
	u32 i;

	s->n = 0;
	put_unit(o, "unit", m->r->d, t->e.unit);
	put_text(o, "kind", view_kind_text(d->kind));
	put_stages(o, d->stage, &d->upper);
	a = put_array(o, "requesters");
	for (i = 0; i < t->n; i++)
		put_requester(push_object(a), m->r->d, t->e.unit,
			      t->requester[i], t->pasid[i]);
	put_bool(o, "more_requesters", t->more);
	/* Of a nested one only the second stage leads to memory. */
	if (d->kind != IOMMU_KIND_NESTED && d->stage[0].format)
		add_stage(m, &t->e, 0, s, &sum);
	if (d->kind != IOMMU_KIND_NESTED && d->upper.format)
		add_stage(m, &t->e, SCAN_UPPER, s, &sum);
	if (d->stage[1].format)
		add_stage(m, &t->e, 1, s, &sum);
	shrink(s, s->max);
	put_number(o, "runs", sum.runs);
	put_hex(o, "bytes", sum.bytes);
	put_number(o, "unread", sum.gaps);
	if (sum.gaps)
		m->r->status = EXIT_INCOMPLETE;
	put_ranges(o, s);
}

static bool put_maps(struct report *r)
{
	struct maps *m = calloc(1, sizeof(*m));
	struct ranges s = { .max = RANGES_MAX };
	struct json_object *a;
	size_t i;

	s.r = calloc(2 * RANGES_MAX, sizeof(*s.r));
	if (m)
		m->table = calloc(TABLES_MAX, sizeof(*m->table));
	if (m && m->table && s.r) {
		m->r = r;
		m->budget = PAGES_MAX;
		m->progress.what = "pages of tables read";
		a = put_array(r->doc, "maps");
		m->untranslated = put_array(r->doc, "untranslated");
		collect(m);
		if (m->n && RANGES_ALL / m->n < RANGES_MAX)
			s.max = RANGES_ALL / m->n;
		if (s.max < RANGES_MIN)
			s.max = RANGES_MIN;
		for (i = 0; i < m->n; i++)
			put_table(m, push_object(a), &m->table[i], &s);
		end_progress(&m->progress);
		put_bool(r->doc, "more", m->more);
		if (m->more)
			r->status = EXIT_INCOMPLETE;
	}
	i = m && m->table && s.r;
	if (m)
		free(m->table);
	free(m);
	free(s.r);
	return i;
}

/* --- everything --- */

static bool put_part(struct report *r, const char *key,
		     bool (*report)(struct report *r))
{
	struct report part = *r;
	bool done;

	part.doc = put_object(r->doc, key);
	part.status = EXIT_ANSWERED;
	done = report(&part);
	if (part.status > r->status)
		r->status = part.status;
	return done;
}

bool report_report(struct report *r)
{
	put_as_of(r->doc, r->d);
	if (!put_part(r, "show", report_show) ||
	    !put_part(r, "devices", report_devices) ||
	    !put_part(r, "faults", report_faults))
		return false;
	if (!put_part(r, "check", report_check))
		return false;
	/* What is serious is an answer here; what is undecided is not. */
	if (r->status == EXIT_SERIOUS)
		r->status = EXIT_ANSWERED;
	if (get_count(get(r->doc, "check"), "undecided"))
		r->status = EXIT_INCOMPLETE;
	put_memory(r);
	if (put_maps(r))
		return true;
	r->status = EXIT_INCOMPLETE;
	snprintf(r->err, r->err_len, "report: out of memory");
	return false;
}

void print_report(struct json_object *doc)
{
	size_t i, n = get_count(doc, "maps");

	print_show(get(doc, "show"));
	print_faults(get(doc, "faults"));
	print_check(get(doc, "check"));
	for (i = 0; i < n; i++) {
		struct json_object *m = get_at(doc, "maps", i);

		print_who(get_at(m, "requesters", 0));
		printf("%s on %s: %s runs, %s bytes mapped\n",
		       get_count(m, "requesters") > 1 ? " and others" : "",
		       get_text(m, "unit"), get_text(m, "runs"),
		       get_text(m, "bytes"));
	}
}
