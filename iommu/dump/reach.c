// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who reaches a range of physical memory.
 *
 * Every distinct table is walked once. What lies below a table page is
 * remembered by page, level and the permissions of the way to it: tables that
 * share subtables, in the extreme a table whose every entry points to the same
 * next one, cost each page once where the range is not below it. Where it is,
 * the page is gone through again on another way, since the addresses differ,
 * until enough of them are known.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "dump.h"
#include "gather/gather.h"
#include "view.h"

/* Table pages in all: 16 TiB mapped in 4 KiB pages. */
#define PAGES_MAX (1ull << 23)
#define MEMO_MAX (1u << 22)

/* --- u64 -> u32, open addressing; key 0 is free --- */

struct map {
	u64 *key;
	u32 *val;
	size_t room, n;
};

static size_t map_slot(const struct map *m, u64 key)
{
	size_t i = (size_t)((key * 0x9e3779b97f4a7c15ULL) >> 20);

	for (i &= m->room - 1; m->key[i] && m->key[i] != key;
	     i = (i + 1) & (m->room - 1))
		;
	return i;
}

static bool map_get(const struct map *m, u64 key, u32 *val)
{
	size_t i;

	if (!m->room)
		return false;
	i = map_slot(m, key);
	if (!m->key[i])
		return false;
	*val = m->val[i];
	return true;
}

static bool map_grow(struct map *m)
{
	struct map more = { .room = m->room ? 2 * m->room : 1024 };
	size_t i, j;

	more.key = calloc(more.room, sizeof(*more.key));
	more.val = calloc(more.room, sizeof(*more.val));
	if (!more.key || !more.val) {
		free(more.key);
		free(more.val);
		return false;
	}
	for (i = 0; i < m->room; i++) {
		if (!m->key[i])
			continue;
		j = map_slot(&more, m->key[i]);
		more.key[j] = m->key[i];
		more.val[j] = m->val[i];
	}
	more.n = m->n;
	free(m->key);
	free(m->val);
	*m = more;
	return true;
}

/* Forgets instead of failing: a map only ever saves work. */
static void map_put(struct map *m, u64 key, u32 val)
{
	size_t i;

	if (m->n >= MEMO_MAX || (2 * m->n >= m->room && !map_grow(m)))
		return;
	i = map_slot(m, key);
	m->n += !m->key[i];
	m->key[i] = key;
	m->val[i] = val;
}

static void map_free(struct map *m)
{
	free(m->key);
	free(m->val);
	memset(m, 0, sizeof(*m));
}

/* --- one table --- */

/* What is below a table page: bits. */
enum {
	BELOW_GAP = 1,	 /* what can't be followed */
	BELOW_HIT = 2,	 /* the target */
	BELOW_WRITE = 4, /* the target, for writing */
};

struct frame { /* a table page that is being gone through */
	u64 key;
	u64 hits, writes, gaps; /* counts when it was entered */
};

/* What is looked for: output addresses, and the memory that stands for. */
struct target {
	struct span at;
	u64 host;
	u32 perm; /* of the way from there to memory */
};

struct search {
	struct iommu_iter it;
	const struct target *target;
	size_t target_n;
	struct map *memo;
	struct frame frame[IOMMU_LEVELS_MAX];
	u64 hits, writes, gaps;
	struct reach_table *out;
};

static bool on_target(const struct search *s, u64 pa, u64 len)
{
	size_t i;

	for (i = 0; i < s->target_n; i++)
		if (span_overlaps(&s->target[i].at, pa, len))
			return true;
	return false;
}

/* @level and all below it are done with: remember what was there. */
static void leave(struct search *s, u32 level)
{
	const struct iommu_run *p = &s->it.pending;
	/* The last run may still be on its way out of the iterator. */
	bool hit = on_target(s, p->pa, p->len);
	u32 l, below;

	for (l = 1; l <= level; l++) {
		struct frame *f = &s->frame[l - 1];

		if (!f->key)
			continue;
		below = s->gaps != f->gaps ? BELOW_GAP : 0;
		if (hit || s->hits != f->hits)
			below |= BELOW_HIT;
		if ((hit && p->perm & IOMMU_W) || s->writes != f->writes)
			below |= BELOW_WRITE;
		map_put(s->memo, f->key, below);
		f->key = 0;
	}
}

/* Permissions of the way through the entry that is being followed. */
static u32 way_perm(const struct iommu_iter *it)
{
	u32 at = it->level - 1;
	struct iommu_pte pte;

	it->table.format->decode(it->config, &it->table, it->level,
				 it->at[at].entry[(it->at[at].index - 1) %
						  ARRAY_SIZE(it->at[at].entry)],
				 &pte);
	return it->at[at].perm & pte.perm;
}

static bool descend(void *arg, u64 table, u32 level)
{
	struct search *s = arg;
	u64 key = align_down(table, PAGE_4K) | BIT64(11) | level << 4 |
		  (way_perm(&s->it) & 7);
	u32 below;

	/* Levels that are skipped have no table of this way. */
	leave(s, s->it.level - 1);
	/* More to read from is told of by s->out->more; writes are wanted. */
	if (map_get(s->memo, key, &below) && !(below & BELOW_WRITE) &&
	    (!(below & BELOW_HIT) || s->out->more)) {
		s->gaps += below & BELOW_GAP;
		s->hits += !!(below & BELOW_HIT);
		return false;
	}
	s->frame[level - 1] =
		(struct frame){ key, s->hits, s->writes, s->gaps };
	return true;
}

/* A hole in what can be known; reserved bits are not: they stop the DMA. */
static void note_gap(struct search *s, const struct iommu_evidence *ev)
{
	if (ev->err == IOMMU_ERESERVED)
		return;
	if (!s->out->gaps++)
		s->out->gap = *ev;
	s->gaps++;
}

/* Keeps the first ones, and lets those that can write displace others. */
static void keep_run(struct reach_table *t, const struct iommu_run *run)
{
	u32 i;

	t->perm |= run->perm;
	if (t->runs < REACH_RUNS_MAX) {
		t->run[t->runs++] = *run;
		return;
	}
	t->more = true;
	for (i = REACH_RUNS_MAX; run->perm & IOMMU_W && i-- > 0;) {
		if (t->run[i].perm & IOMMU_W)
			continue;
		t->run[i] = *run;
		return;
	}
}

static bool full_of_writes(const struct reach_table *t)
{
	u32 i;

	for (i = 0; t->more && i < t->runs; i++)
		if (!(t->run[i].perm & IOMMU_W))
			return false;
	return t->more;
}

/* The parts of @run that lie in the target. */
static void take_run(struct search *s, const struct iommu_run *run)
{
	size_t i;

	for (i = 0; i < s->target_n; i++) {
		const struct target *t = &s->target[i];
		struct iommu_run part = *run;
		u64 skip;

		if (!span_overlaps(&t->at, run->pa, run->len))
			continue;
		s->hits++;
		s->writes += !!(run->perm & IOMMU_W);
		skip = run->pa < t->at.start ? t->at.start - run->pa : 0;
		part.iova += skip;
		part.pa += skip;
		part.len -= skip;
		if (part.len > t->at.len - (part.pa - t->at.start))
			part.len = t->at.len - (part.pa - t->at.start);
		part.pa = t->host + (part.pa - t->at.start);
		part.perm &= t->perm;
		if (part.perm & (IOMMU_R | IOMMU_W))
			keep_run(s->out, &part);
	}
}

/* Walks one stage of @out for @target; @budget is shared by all walks. */
static void search_table(struct search *s, struct mem *m,
			 const struct iommu_config *c,
			 const struct iommu_table *table, u64 *budget)
{
	struct iommu_evidence ev;
	struct iommu_run run;
	int err;

	memset(s->frame, 0, sizeof(s->frame));
	iommu_iter_start(&s->it, m, c, table, *budget);
	s->it.descend = descend;
	s->it.arg = s;
	for (;;) {
		err = iommu_iter_next(&s->it, &run, &ev);
		if (err == IOMMU_ENOTPRESENT)
			break;
		if (err)
			note_gap(s, &ev);
		else
			take_run(s, &run);
		if (err == IOMMU_EBUDGET || full_of_writes(s->out))
			break;
	}
	/* A gap below a remembered page has no evidence of its own here. */
	if (s->gaps && !s->out->gaps) {
		s->out->gaps = s->gaps;
		s->out->gap = (struct iommu_evidence){ .err = IOMMU_EREAD };
	}
	*budget -= s->it.tables;
}

/* --- nested: the first stage's tables and pages are behind the second --- */

struct guest_mem {
	struct mem mem;
	struct mem *host;
	const struct iommu_config *config;
	struct iommu_domain second;
};

static int guest_read(struct mem *mem, u64 phys, void *buf, u32 len)
{
	struct guest_mem *g = (struct guest_mem *)mem;
	struct iommu_evidence ev;
	struct iommu_xlat x;

	/* Never crosses 4 KiB (mem.h), so one translation is enough. */
	if (iommu_translate(g->config, g->host, &g->second, phys, IOMMU_R, &x,
			    &ev))
		return IOMMU_EREAD;
	return mem_read(g->host, x.pa, buf, len);
}

static void search_nested(struct search *s, struct mem *m,
			  const struct iommu_config *c,
			  const struct iommu_domain *d, u64 *budget)
{
	struct guest_mem g = { .mem.read = guest_read, .host = m, .config = c };
	struct target guest[REACH_RUNS_MAX];
	struct reach_table *out = s->out;
	struct map memo = { 0 };
	u32 i, n;
	bool more;

	search_table(s, m, c, &d->stage[1], budget);
	n = out->runs;
	more = out->more;
	for (i = 0; i < n; i++)
		guest[i] = (struct target){
			{ out->run[i].iova, out->run[i].len },
			out->run[i].pa,
			out->run[i].perm | IOMMU_X,
		};
	out->runs = 0;
	out->perm = 0;
	out->more = false;
	g.second = *d;
	g.second.kind = IOMMU_KIND_TABLE;
	g.second.stage[0].format = NULL;
	s->target = guest;
	s->target_n = n;
	s->memo = &memo;
	s->hits = s->writes = s->gaps = 0;
	if (n)
		search_table(s, &g.mem, c, &d->stage[0], budget);
	map_free(&memo);
	if (more && !out->gaps++)
		out->gap = (struct iommu_evidence){ .err = IOMMU_ENOSPACE };
}

/* --- all of them --- */

struct job {
	struct dump *d;
	struct reach *out;
	struct search *search;
	struct map memo[2]; /* by stage; one unit */
	struct map seen[2]; /* root and levels -> table; one unit */
	struct iommu_config config;
	u64 budget;
	bool nomem;
};

static void add_gap(struct job *j, u32 unit, u32 requester, u32 pasid,
		    const struct iommu_evidence *ev)
{
	struct reach *r = j->out;
	struct reach_gap *g;

	if (r->gap_n >= REACH_HITS_MAX)
		return;
	g = gather_grow(&r->gap, &r->gap_n, sizeof(*g));
	if (g)
		*g = (struct reach_gap){ unit, requester, pasid, *ev };
	else
		j->nomem = true;
}

static void add_hit(struct job *j, const struct reach_hit *hit)
{
	struct reach *r = j->out;
	struct iommu_evidence ev = { .err = IOMMU_ENOSPACE };
	struct reach_hit *h;

	if (r->hit_n >= REACH_HITS_MAX) {
		if (r->hit_n == REACH_HITS_MAX && r->gap_n < REACH_HITS_MAX)
			add_gap(j, hit->unit, hit->requester, hit->pasid, &ev);
		return;
	}
	h = gather_grow(&r->hit, &r->hit_n, sizeof(*h));
	if (h)
		*h = *hit;
	else
		j->nomem = true;
}

/* Does all that a table says follow from its place, depth and stage? */
static bool is_plain(const struct iommu_domain *d, u32 stage)
{
	const struct iommu_table *t = &d->stage[stage];

	return d->kind == IOMMU_KIND_TABLE && !t->attr && !t->base &&
	       !t->ignored && !t->root_bits && !d->upper.format;
}

static void search_domain(struct job *j, const struct iommu_domain *d,
			  u32 stage)
{
	struct search *s = j->search;
	struct map own = { 0 };

	s->hits = s->writes = s->gaps = 0;
	s->memo = &j->memo[stage];
	if (!is_plain(d, stage))
		s->memo = &own;
	if (d->kind == IOMMU_KIND_NESTED) {
		search_nested(s, j->d->mem, &j->config, d, &j->budget);
	} else {
		search_table(s, j->d->mem, &j->config, &d->stage[stage],
			     &j->budget);
		if (!stage && d->upper.format) {
			map_free(&own);
			search_table(s, j->d->mem, &j->config, &d->upper,
				     &j->budget);
		}
	}
	map_free(&own);
}

/* The answer of a domain's tables: found again, or searched now. */
static size_t domain_table(struct job *j, const struct view_entry *e)
{
	const struct iommu_domain *d = &e->domain;
	u32 stage = d->stage[0].format ? 0 : 1, at;
	u64 key = align_down(d->stage[stage].root, PAGE_4K) | BIT64(11) |
		  (d->stage[stage].levels & 7);
	struct reach *r = j->out;
	const struct target whole = { r->target, r->target.start, ~0u };
	struct reach_table *t;

	if (is_plain(d, stage) && map_get(&j->seen[stage], key, &at))
		return at;
	if (r->table_n >= REACH_HITS_MAX)
		return REACH_HITS_MAX;
	t = gather_grow(&r->table, &r->table_n, sizeof(*t));
	if (!t) {
		j->nomem = true;
		return 0;
	}
	t->unit = e->unit;
	t->stage[0] = d->stage[0];
	t->stage[1] = d->stage[1];
	j->search->out = t;
	j->search->target = &whole;
	j->search->target_n = 1;
	search_domain(j, d, stage);
	if (is_plain(d, stage))
		map_put(&j->seen[stage], key, (u32)r->table_n - 1);
	return r->table_n - 1;
}

static bool each_entry(void *arg, const struct view_entry *e)
{
	struct job *j = arg;
	struct reach_hit hit = { .unit = e->unit,
				 .requester = e->requester,
				 .pasid = e->pasid };
	struct iommu_evidence full = { .err = IOMMU_ENOSPACE };
	const struct reach_table *t;

	if (e->err) {
		struct iommu_evidence ev = e->ev;

		ev.err = (u32)e->err;
		add_gap(j, e->unit, e->requester, e->pasid, &ev);
		return !j->nomem;
	}
	switch (e->domain.kind) {
	case IOMMU_KIND_PASS:
		hit.why = REACH_PASS;
		hit.perm = (IOMMU_R | IOMMU_W) & ~e->domain.deny;
		add_hit(j, &hit);
		break;
	case IOMMU_KIND_TABLE:
	case IOMMU_KIND_NESTED:
		hit.table = domain_table(j, e);
		if (hit.table == REACH_HITS_MAX) {
			add_gap(j, e->unit, e->requester, e->pasid, &full);
			return false;
		}
		if (j->nomem)
			return false;
		t = &j->out->table[hit.table];
		hit.perm = t->perm;
		if (t->runs)
			add_hit(j, &hit);
		if (t->gaps)
			add_gap(j, e->unit, e->requester, e->pasid, &t->gap);
		break;
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
	size_t i;

	for (i = 0; i < f->device_n; i++) {
		if (f->device[i].unit != unit)
			continue;
		hit.requester = f->device[i].requester;
		hit.device = i;
		add_hit(j, &hit);
	}
	/* Nobody is known behind it, but whoever is there is not stopped. */
	if (hit.requester == REC_NONE && unit != REC_NONE)
		add_hit(j, &hit);
}

static void reach_unit(struct job *j, u32 unit)
{
	struct iommu_evidence ev = { 0 };
	int err = view_config(j->d, unit, VIEW_CRASH, &j->config, NULL), i;

	if (!err && !j->config.on)
		untranslated(j, unit, REACH_OFF);
	else if (!err)
		err = view_entries(j->d, unit, VIEW_CRASH, each_entry, j);
	if (err) {
		ev.err = (u32)err;
		add_gap(j, unit, REC_NONE, VIEW_NO_PASID, &ev);
	}
	for (i = 0; i < 2; i++) {
		map_free(&j->memo[i]);
		map_free(&j->seen[i]);
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

int reach(struct dump *d, const struct span *target, struct reach *out)
{
	struct job j = { .d = d, .out = out, .budget = PAGES_MAX };
	u32 unit;

	memset(out, 0, sizeof(*out));
	out->target = *target;
	j.search = malloc(sizeof(*j.search));
	if (!j.search)
		return -ENOMEM;
	untranslated(&j, REC_NONE, REACH_NO_UNIT);
	for (unit = 0; unit < d->facts.unit_n && !j.nomem; unit++)
		reach_unit(&j, unit);
	free(j.search);
	out->tables_read = PAGES_MAX - j.budget;
	if (out->hit_n)
		qsort(out->hit, out->hit_n, sizeof(*out->hit), by_write);
	return j.nomem ? -ENOMEM : 0;
}

void reach_free(struct reach *r)
{
	free(r->table);
	free(r->hit);
	free(r->gap);
	memset(r, 0, sizeof(*r));
}
