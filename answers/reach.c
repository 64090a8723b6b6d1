// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who reaches a range of physical memory.
 *
 * Every distinct table is walked once, and its runs are kept by where they
 * lead to; a question is then answered from them. When the questions are known
 * beforehand only the runs that they concern are kept.
 *
 * What a shared subtable maps is kept once (scan.h). For an answer what was
 * found below it is told at its other places too, until enough is told: the
 * best comes first, and what is found by a repeat is never better than what it
 * repeats, since its I/O address is the higher one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../dump/formats.h"
#include "../gather/sources.h"
#include "run_index.h"
#include "answers.h"

#define RUNS_MAX (1ull << 26) /* 2 GiB */
#define ENTRIES_MAX (1u << 20)
#define HASH_ROOM (1u << 14)

/* One stage of what a requester's tables map, by output address. */
struct stage_index {
	struct run_index runs;
	struct scan_repeat *repeat; /* by size, source, destination */
	size_t repeat_n;
};

/* The tables of a domain. Requesters that share them are a list. */
struct table {
	u32 unit, kind;
	struct iommu_table stage[2], upper;
	/* Not nested: only repeats; the runs are with those of all others. */
	struct stage_index *index; /* by stage, when nested */
	struct stage_index own;
	u64 gaps;
	struct iommu_evidence gap;
	u32 entry; /* the last one that uses it; REC_NONE: none */
	u32 next;  /* with the same hash */
};

struct entry {
	u32 requester, pasid;
	u32 before; /* the one before of the same table */
};

struct reach_index {
	struct run_index runs; /* of all tables that are not nested */
	struct table *table;
	size_t table_n;
	struct entry *entry;
	size_t entry_n;
	struct reach fixed; /* what does not depend on the range */
	u64 budget, room;
};

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
static void find_second(const struct table *t, const struct span *at,
			struct reach_table *out)
{
	const struct target whole = { *at, at->start, ~0u };
	struct find f = { &whole, out };

	index_each(&t->index[1].runs, at, find_one, &f);
	complete(&t->index[1], out);
}

static void find_nested(const struct table *t, const struct span *at,
			struct reach_table *out)
{
	struct reach_table second = { 0 };
	struct target target;
	struct find f = { &target, out };
	u32 i;

	find_second(t, at, &second);
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
	g = gather_grow(&r->gap, &r->gap_n, sizeof(*g));
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
static void add_stage(struct job *j, u32 n, const struct iommu_domain *d,
		      u32 stage, const struct span *want, size_t want_n,
		      struct run_index *runs, struct stage_index *to)
{
	struct table *t = &j->ix->table[n];
	struct scanned found;
	struct scan s = { .config = &j->config,
			  .mem = j->mem,
			  .threads = j->threads,
			  .want = want,
			  .want_n = want_n,
			  .budget = &j->ix->budget,
			  .runs_max = j->ix->room,
			  .progress = j->wanted->progress ? tell : NULL,
			  .arg = j };

	if (scan_stage(&s, d, stage, &found) || index_add(runs, n, &found) ||
	    !add_repeats(to, &found))
		j->nomem = true;
	j->ix->room -= found.run_n < j->ix->room ? found.run_n : j->ix->room;
	if (!t->gaps)
		t->gap = found.gap;
	t->gaps += found.gaps;
	scanned_free(&found);
}

/* The first stage's output addresses that the questions concern. */
static struct span *guest_wanted(struct job *j, const struct table *t,
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

		find_second(t, &w->range[i], &second);
		for (k = 0; k < second.runs; k++)
			want[(*n)++] = (struct span){ second.run[k].iova,
						      second.run[k].len };
	}
	j->nomem |= !want;
	return want;
}

static void add_nested(struct job *j, u32 n, const struct iommu_domain *d)
{
	const struct reach_wanted *w = j->wanted;
	struct table *t = &j->ix->table[n];
	struct span *want = NULL;
	size_t want_n = 0;

	t->index = calloc(2, sizeof(*t->index));
	if (!t->index) {
		j->nomem = true;
		return;
	}
	add_stage(j, n, d, 1, w->range, w->n, &t->index[1].runs, &t->index[1]);
	if (j->nomem || index_finish(&t->index[1].runs)) {
		j->nomem = true;
		return;
	}
	if (w->range)
		want = guest_wanted(j, t, &want_n);
	if (!j->nomem && (!w->range || want_n))
		add_stage(j, n, d, 0, want, want_n, &t->index[0].runs,
			  &t->index[0]);
	if (!j->nomem && d->upper.format && (!w->range || want_n))
		add_stage(j, n, d, SCAN_UPPER, want, want_n, &t->index[0].runs,
			  &t->index[0]);
	if (index_finish(&t->index[0].runs))
		j->nomem = true;
	free(want);
}

static void add_domain(struct job *j, u32 n, const struct iommu_domain *d)
{
	const struct reach_wanted *w = j->wanted;
	struct table *t = &j->ix->table[n];
	u32 stage = d->stage[0].format ? 0 : 1;

	if (d->kind == IOMMU_KIND_NESTED) {
		add_nested(j, n, d);
		return;
	}
	add_stage(j, n, d, stage, w->range, w->n, &j->ix->runs, &t->own);
	if (!stage && d->upper.format)
		add_stage(j, n, d, SCAN_UPPER, w->range, w->n, &j->ix->runs,
			  &t->own);
}

/* --- which domains have the same tables --- */

static bool same_table(const struct iommu_table *a, const struct iommu_table *b)
{
	if (!a->format || !b->format)
		return a->format == b->format;
	return a->format == b->format && a->root == b->root &&
	       a->levels == b->levels && a->root_bits == b->root_bits &&
	       a->base == b->base && a->ignored == b->ignored &&
	       a->attr == b->attr;
}

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
	const struct iommu_domain *d = &e->domain;
	u32 hash = hash_of(d), i;
	struct table *t;

	for (i = j->hash[hash]; i; i = j->ix->table[i - 1].next) {
		t = &j->ix->table[i - 1];
		if (t->kind == d->kind &&
		    same_table(&t->stage[0], &d->stage[0]) &&
		    same_table(&t->stage[1], &d->stage[1]) &&
		    same_table(&t->upper, &d->upper))
			return i - 1;
	}
	if (j->ix->table_n >= REACH_HITS_MAX)
		return REC_NONE;
	t = gather_grow(&j->ix->table, &j->ix->table_n, sizeof(*t));
	if (!t) {
		j->nomem = true;
		return REC_NONE;
	}
	t->unit = e->unit;
	t->kind = d->kind;
	t->stage[0] = d->stage[0];
	t->stage[1] = d->stage[1];
	t->upper = d->upper;
	t->entry = REC_NONE;
	t->next = j->hash[hash];
	j->hash[hash] = (u32)j->ix->table_n;
	add_domain(j, (u32)j->ix->table_n - 1, d);
	return (u32)j->ix->table_n - 1;
}

/* --- requesters --- */

static void add_hit(struct reach *r, const struct reach_hit *hit, bool *nomem)
{
	const struct iommu_evidence ev = { .err = IOMMU_ENOSPACE };
	struct reach_hit *h;
	struct reach_gap *g;

	if (r->hit_n < REACH_HITS_MAX) {
		h = gather_grow(&r->hit, &r->hit_n, sizeof(*h));
		if (h)
			*h = *hit;
		*nomem |= !h;
		return;
	}
	if (r->full || r->gap_n >= REACH_HITS_MAX)
		return;
	r->full = true;
	g = gather_grow(&r->gap, &r->gap_n, sizeof(*g));
	if (g)
		*g = (struct reach_gap){ hit->unit, hit->requester, hit->pasid,
					 ev };
	*nomem |= !g;
}

/* A requester's tables; false: there are too many. */
static bool add_entry(struct job *j, const struct view_entry *e)
{
	const struct iommu_evidence full = { .err = IOMMU_ENOSPACE };
	u32 n = domain_table(j, e);
	struct entry *entry = NULL;
	struct table *t;

	if (j->nomem)
		return false;
	if (n == REC_NONE || j->ix->entry_n >= ENTRIES_MAX) {
		add_gap(j, e->unit, e->requester, e->pasid, &full);
		return false;
	}
	t = &j->ix->table[n];
	entry = gather_grow(&j->ix->entry, &j->ix->entry_n, sizeof(*entry));
	if (!entry) {
		j->nomem = true;
		return false;
	}
	*entry = (struct entry){ e->requester, e->pasid, t->entry };
	t->entry = (u32)j->ix->entry_n - 1;
	if (t->gaps)
		add_gap(j, e->unit, e->requester, e->pasid, &t->gap);
	return true;
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
	switch (e->domain.kind) {
	case IOMMU_KIND_PASS:
		hit.perm = (IOMMU_R | IOMMU_W) & ~e->domain.deny;
		add_hit(&j->ix->fixed, &hit, &j->nomem);
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
	size_t i;

	for (i = 0; i < f->device_n; i++) {
		if (f->device[i].unit != unit)
			continue;
		hit.requester = f->device[i].requester;
		hit.device = i;
		add_hit(&j->ix->fixed, &hit, &j->nomem);
	}
	/* Nobody is known behind it, but whoever is there is not stopped. */
	if (hit.requester == REC_NONE && unit != REC_NONE)
		add_hit(&j->ix->fixed, &hit, &j->nomem);
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
	ix->room = RUNS_MAX;
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
	reach_free(&ix->fixed);
	free(ix);
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
	const struct table *from = &a->ix->table[n];
	struct reach_table *t;

	if (a->number[n])
		return &a->out->table[a->number[n] - 1];
	t = gather_grow(&a->out->table, &a->out->table_n, sizeof(*t));
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
	const struct table *from = &a->ix->table[n];
	struct reach_table found = { .gaps = from->gaps, .gap = from->gap };
	struct reach_table *t;
	struct reach_gap *g;
	const struct entry *e = &a->ix->entry[from->entry];

	find_nested(from, &a->out->target, &found);
	/* What the index told of a gap it told of all requesters. */
	if (found.gaps && !from->gaps && a->out->gap_n < REACH_HITS_MAX) {
		g = gather_grow(&a->out->gap, &a->out->gap_n, sizeof(*g));
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
		add_hit(a->out, &hit, &a->nomem);
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
		add_hit(a->out, &from->hit[i], &a->nomem);
	for (i = 0; i < from->gap_n && !a->nomem; i++) {
		g = gather_grow(&a->out->gap, &a->out->gap_n, sizeof(*g));
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
