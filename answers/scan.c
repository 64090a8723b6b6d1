// SPDX-License-Identifier: GPL-2.0-only
/*
 * See scan.h. The upper levels are looked at first: each table of level 2
 * found there, 1 GiB of input addresses in most forms, is a part that one of
 * the threads takes. Parts are joined in order, so that the answer does not
 * depend on the number of threads.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "scan.h"

#define PART_LEVEL 2
#define PARTS_MAX 65536u
#define PARTS_WORTH 4u	    /* fewer are not worth a thread */
#define UPPER_MAX 4096u	    /* tables above the parts, at most */
#define PROGRESS 256u	    /* tables between two calls */
#define COUNTED 1024u	    /* runs that a thread counts at once */
#define LOOPS_MAX 64u	    /* remembered by a thread */
#define SEEN_MAX (1u << 22) /* pages remembered: 16 GiB of them */

/* --- a table page at a level, with permissions -> where it was met first --- */

struct seen {
	u64 *key, *iova; /* key 0 is free */
	size_t room, n;
};

static size_t seen_slot(const struct seen *s, u64 key)
{
	size_t i = (size_t)((key * 0x9e3779b97f4a7c15ULL) >> 20);

	for (i &= s->room - 1; s->key[i] && s->key[i] != key;
	     i = (i + 1) & (s->room - 1))
		;
	return i;
}

static void seen_free(struct seen *s)
{
	free(s->key);
	free(s->iova);
	memset(s, 0, sizeof(*s));
}

static bool seen_grow(struct seen *s)
{
	struct seen more = { .room = s->room ? 2 * s->room : 1024 };
	size_t i, j;

	more.key = calloc(more.room, sizeof(*more.key));
	more.iova = calloc(more.room, sizeof(*more.iova));
	if (!more.key || !more.iova) {
		seen_free(&more);
		return false;
	}
	for (i = 0; i < s->room; i++) {
		if (!s->key[i])
			continue;
		j = seen_slot(&more, s->key[i]);
		more.key[j] = s->key[i];
		more.iova[j] = s->iova[i];
	}
	more.n = s->n;
	seen_free(s);
	*s = more;
	return true;
}

/*
 * Was the page met before, and where first? Else it is remembered, or
 * forgotten when there is no room: that only ever saves work.
 */
static bool seen_before(struct seen *s, u64 key, u64 iova, u64 *first)
{
	size_t i;

	if (2 * s->n >= s->room && (s->n >= SEEN_MAX || !seen_grow(s)) &&
	    s->n + 1 >= s->room)
		return false;
	i = seen_slot(s, key);
	if (s->key[i]) {
		*first = s->iova[i];
		return true;
	}
	if (s->n >= SEEN_MAX)
		return false;
	s->key[i] = key;
	s->iova[i] = iova;
	s->n++;
	return false;
}

static u64 seen_key(u64 table, u32 level, u32 perm)
{
	return align_down(table, PAGE_4K) | BIT64(11) | level << 4 | (perm & 7);
}

/* --- one part, one thread --- */

struct part {
	u64 first, last;
	struct scanned found;
};

struct share {
	const struct scan *s;
	struct part *part;
	size_t parts;
	atomic_size_t next;
	_Atomic u64 budget, tables;
	atomic_size_t runs;
	atomic_bool nomem, full;
};

struct worker {
	struct share *share;
	struct mem *mem;
	bool tells;   /* this one calls progress */
	u32 followed; /* tables, in all parts */
	struct scanned *out;
	struct seen seen;
	/* tables that are their own subtables, by ways that let writes pass */
	u64 loop[LOOPS_MAX];
	u32 loop_n;
	struct iommu_iter it;
};

static void add_gap(struct scanned *f, const struct iommu_evidence *ev)
{
	if (!f->gaps++)
		f->gap = *ev;
}

static void add_evidence(struct worker *w, const struct iommu_evidence *ev)
{
	struct scanned *f = w->out;
	struct iommu_evidence *e;

	f->errors++;
	/* What reserved bits stop is known: it does not pass. */
	if (ev->err != IOMMU_ERESERVED)
		add_gap(f, ev);
	if (f->ev_n >= SCAN_EVIDENCE_MAX)
		return;
	e = array_grow(&f->ev, &f->ev_n, sizeof(*e));
	if (e)
		*e = *ev;
	else
		w->share->nomem = true;
}

static void full(struct scanned *f)
{
	const struct iommu_evidence ev = { .err = IOMMU_ENOSPACE };

	f->full = true;
	add_gap(f, &ev);
}

static void add_repeat(struct worker *w, u64 src, u64 dst, u32 bits)
{
	struct scanned *f = w->out;
	struct scan_repeat *r = f->repeat_n ? &f->repeat[f->repeat_n - 1]
					    : NULL;

	if (r && r->src == src && r->bits == bits && r->n < UINT32_MAX &&
	    r->dst + ((u64)r->n << bits) == dst) {
		r->n++;
		return;
	}
	if (f->repeat_n >= SCAN_REPEATS_MAX) {
		full(f);
		return;
	}
	r = array_grow(&f->repeat, &f->repeat_n, sizeof(*r));
	if (r)
		*r = (struct scan_repeat){ src, dst, bits, 1 };
	else
		w->share->nomem = true;
}

static void add_loop(struct worker *w, u64 table)
{
	u32 i;

	for (i = 0; i < w->loop_n; i++)
		if (w->loop[i] == table)
			return;
	if (i < LOOPS_MAX)
		w->loop[w->loop_n++] = table;
}

/* Does @run let the device write a table that is its own subtable? */
static void find_own(struct worker *w, const struct iommu_run *run)
{
	struct iommu_run *own = &w->out->own;
	u32 i;

	if (own->len || !(run->perm & IOMMU_W))
		return;
	for (i = 0; i < w->loop_n; i++)
		if (w->loop[i] - run->pa < run->len) {
			*own = *run;
			own->iova += w->loop[i] - run->pa;
			own->pa = w->loop[i];
			own->len = PAGE_4K;
			return;
		}
}

/* What a table's input addresses have to do with those that are special. */
enum touch {
	APART,
	HELD,
	OVERLAPS
};

static enum touch touches_special(const struct view_special *sp, u64 iova,
				  u32 bits)
{
	u64 len = bits < 64 ? BIT64(bits) : ~0ULL;
	u32 i;

	for (i = 0; sp && i < sp->n; i++) {
		if (span_holds(&sp->at[i], iova, len))
			return HELD;
		if (span_overlaps(&sp->at[i], iova, len))
			return OVERLAPS;
	}
	return APART;
}

static bool descend(void *arg, u64 table, u32 level)
{
	struct worker *w = arg;
	const struct iommu_pt_format *f = w->it.table.format;
	u32 bits = f->page_shift + level * f->entry_bits;
	u64 first, key = seen_key(table, level, w->it.way.perm);
	const struct scan *s = w->share->s;

	if (w->tells && s->progress && !(++w->followed % PROGRESS))
		s->progress(s->arg, w->share->tables + w->it.tables);
	if (w->it.way.loop && w->it.way.perm & IOMMU_W)
		add_loop(w, align_down(table, PAGE_4K));
	/* A repeat would have what is special in it, or lack it. */
	switch (touches_special(s->special, w->it.way.iova, bits)) {
	case HELD:
		return false;
	case OVERLAPS:
		return true;
	case APART:
		break;
	}
	/* The way to a later part leads through the same tables again. */
	if (!seen_before(&w->seen, key, w->it.way.iova, &first) ||
	    first == w->it.way.iova)
		return true;
	add_repeat(w, first, w->it.way.iova, bits);
	return false;
}

static bool wanted(const struct scan *s, const struct iommu_run *run)
{
	size_t i;

	if (s->iova && !span_overlaps(s->iova, run->iova, run->len))
		return false;
	for (i = 0; i < s->want_n; i++)
		if (span_overlaps(&s->want[i], run->pa, run->len))
			return true;
	return !s->want;
}

/* How many of @n runs may be kept at once; 0: there are too many. */
static size_t room(struct worker *w, size_t n)
{
	const struct scan *s = w->share->s;
	struct scanned *f = w->out;
	size_t counted = f->runs.n % COUNTED, left = s->runs_max - f->runs.n;

	if (f->runs.n >= s->runs_max ||
	    (!counted &&
	     atomic_fetch_add(&w->share->runs, COUNTED) >= s->runs_max)) {
		w->share->full = true;
		full(f);
		return 0;
	}
	left = left < COUNTED - counted ? left : COUNTED - counted;
	return n < left ? n : left;
}

static void keep_run(struct worker *w, const struct iommu_run *run)
{
	find_own(w, run);
	if (!wanted(w->share->s, run) || !room(w, 1))
		return;
	if (!runs_add(&w->out->runs, run))
		w->share->nomem = true;
}

static void skip(struct iommu_run *run, u64 len)
{
	run->iova += len;
	run->pa += len;
	run->len -= len;
}

/* What of @run is not special. */
static void add_run(struct worker *w, const struct iommu_run *run)
{
	const struct view_special *sp = w->share->s->special;
	struct iommu_run rest, part;
	u64 into;
	u32 i;

	if (!sp || !sp->n) {
		keep_run(w, run);
		return;
	}
	rest = *run;
	for (i = 0; i < sp->n && rest.len; i++) {
		const struct span *at = &sp->at[i];

		if (!span_overlaps(at, rest.iova, rest.len))
			continue;
		if (rest.iova < at->start) {
			part = rest;
			part.len = at->start - rest.iova;
			keep_run(w, &part);
			skip(&rest, part.len);
		}
		into = at->len - (rest.iova - at->start);
		skip(&rest, into < rest.len ? into : rest.len);
	}
	if (rest.len)
		keep_run(w, &rest);
}

/* Pages that are runs of their own: all at once, if each is to be kept. */
static void add_pages(struct worker *w, const struct iommu_pages *pages)
{
	const struct scan *s = w->share->s;
	struct iommu_pages some = *pages;
	u32 i, n;

	if (s->want || s->iova || (s->special && s->special->n) || w->loop_n) {
		for (i = 0; i < pages->n; i++) {
			const struct iommu_run run = pages_run(pages, i);

			add_run(w, &run);
		}
		return;
	}
	for (i = 0; i < pages->n; i += n) {
		n = (u32)room(w, pages->n - i);
		if (!n)
			return;
		some.entry = pages->entry + i;
		some.iova = pages->iova + i * pages->len;
		some.n = n;
		if (!runs_add_pages(&w->out->runs, &some))
			w->share->nomem = true;
	}
}

static void scan_part(struct worker *w, struct part *p)
{
	struct share *share = w->share;
	u64 left = share->budget;
	struct iommu_evidence ev;
	struct iommu_pages pages;
	struct iommu_run run;
	int err;

	w->out = &p->found;
	iommu_iter_start(&w->it, w->mem, share->s->config, share->s->table,
			 left);
	iommu_iter_window(&w->it, p->first, p->last);
	w->it.descend = descend;
	w->it.loops = true;
	w->it.arg = w;
	do {
		err = iommu_iter_next(&w->it, &run, &ev);
		if (!err)
			add_run(w, &run);
		else if (err != IOMMU_ENOTPRESENT)
			add_evidence(w, &ev);
		while (iommu_iter_pages(&w->it, &pages))
			add_pages(w, &pages);
		/* Nothing that is found now would be kept. */
		if (share->full || share->nomem)
			break;
	} while (err != IOMMU_ENOTPRESENT && err != IOMMU_EBUDGET);
	share->runs -= align_up(p->found.runs.n, COUNTED) - p->found.runs.n;
	p->found.tables = w->it.tables;
	share->tables += w->it.tables;
	/* Others have taken their share since. */
	left = share->budget;
	while (!atomic_compare_exchange_weak(
		&share->budget, &left,
		left > w->it.tables ? left - w->it.tables : 0))
		;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	size_t i;

	while ((i = w->share->next++) < w->share->parts && !w->share->nomem &&
	       !w->share->full)
		scan_part(w, &w->share->part[i]);
	seen_free(&w->seen);
	return NULL;
}

/* --- the parts --- */

struct upper {
	struct part *part;
	size_t parts;
	struct seen seen;
	const struct iommu_iter *it;
	bool shared; /* or too many: not to be divided */
};

static bool upper_descend(void *arg, u64 table, u32 level)
{
	struct upper *u = arg;
	struct part *p;
	u64 first;

	if (level < PART_LEVEL ||
	    (level == PART_LEVEL && u->parts >= PARTS_MAX))
		return false;
	if (seen_before(&u->seen, seen_key(table, level, 0), 0, &first))
		u->shared = true;
	if (u->shared || level > PART_LEVEL)
		return !u->shared;
	p = array_grow(&u->part, &u->parts, sizeof(*p));
	if (p)
		p->first = u->it->way.offset;
	else
		u->shared = true;
	return false;
}

/*
 * One part, or many that begin where tables of level 2 do. Tables of upper
 * levels that are shared are left to one thread, which alone knows what was
 * seen before.
 */
static struct part *divide(const struct scan *s, size_t *n)
{
	struct iommu_iter *it = malloc(sizeof(*it));
	struct upper u = { .it = it };
	struct iommu_evidence ev;
	struct iommu_run run;
	size_t i;
	int err = IOMMU_ENOTPRESENT;

	if (it && s->threads > 1 && s->table->levels > PART_LEVEL) {
		iommu_iter_start(it, s->mem[0], s->config, s->table, UPPER_MAX);
		iommu_iter_window(it, s->first, s->last);
		it->descend = upper_descend;
		it->loops = true;
		it->arg = &u;
		do {
			err = iommu_iter_next(it, &run, &ev);
		} while (err != IOMMU_ENOTPRESENT && err != IOMMU_EBUDGET &&
			 !u.shared);
	}
	free(it);
	seen_free(&u.seen);
	if (u.shared || u.parts < PARTS_WORTH) {
		free(u.part);
		u.part = calloc(1, sizeof(*u.part));
		u.parts = 1;
	}
	for (i = 0; u.part && i < u.parts; i++)
		u.part[i].last = i + 1 < u.parts ? u.part[i + 1].first - 1
						 : s->last;
	if (u.part)
		u.part[0].first = s->first;
	*n = u.parts;
	return u.part;
}

static void *append(void *to, size_t *to_n, void *from, size_t from_n,
		    size_t size)
{
	void *all = reallocarray(to, *to_n + from_n + 1, size);

	if (!all)
		return NULL;
	if (from_n)
		memcpy((u8 *)all + *to_n * size, from, from_n * size);
	*to_n += from_n;
	return all;
}

/* @b, which is emptied, comes behind @a. */
static bool join(struct scanned *a, struct scanned *b)
{
	void *p = append(a->repeat, &a->repeat_n, b->repeat, b->repeat_n,
			 sizeof(*a->repeat));

	runs_join(&a->runs, &b->runs);
	if (p) {
		a->repeat = p;
		p = append(a->ev, &a->ev_n, b->ev, b->ev_n, sizeof(*a->ev));
		a->ev = p ? p : a->ev;
	}
	if (a->ev_n > SCAN_EVIDENCE_MAX)
		a->ev_n = SCAN_EVIDENCE_MAX;
	if (!a->gaps)
		a->gap = b->gap;
	if (!a->own.len)
		a->own = b->own;
	a->gaps += b->gaps;
	a->full |= b->full;
	a->errors += b->errors;
	a->tables += b->tables;
	scanned_free(b);
	return p;
}

static void run_workers(struct share *share, u32 threads)
{
	pthread_t id[SCAN_THREADS_MAX];
	struct worker *w = calloc(threads, sizeof(*w));
	u32 i, started;

	if (!w) {
		share->nomem = true;
		return;
	}
	for (i = 0; i < threads; i++) {
		w[i].share = share;
		w[i].mem = share->s->mem[i];
	}
	w[0].tells = true;
	for (started = 1; started < threads; started++)
		if (pthread_create(&id[started], NULL, work, &w[started]))
			break;
	work(&w[0]);
	for (i = 1; i < started; i++)
		pthread_join(id[i], NULL);
	free(w);
}

int scan_table(const struct scan *s, struct scanned *out)
{
	struct share share = { .s = s, .budget = *s->budget };
	u32 threads = s->threads < SCAN_THREADS_MAX ? s->threads
						    : SCAN_THREADS_MAX;
	size_t i;

	memset(out, 0, sizeof(*out));
	share.part = divide(s, &share.parts);
	if (!share.part)
		return -ENOMEM;
	run_workers(&share, share.parts < threads ? (u32)share.parts : threads);
	*out = share.part[0].found;
	for (i = 1; i < share.parts; i++) {
		if (!share.nomem && !join(out, &share.part[i].found))
			share.nomem = true;
		scanned_free(&share.part[i].found);
	}
	free(share.part);
	*s->budget = share.budget;
	return share.nomem ? -ENOMEM : 0;
}

void scanned_free(struct scanned *s)
{
	runs_free(&s->runs);
	free(s->repeat);
	free(s->ev);
	memset(s, 0, sizeof(*s));
}

u32 scan_threads(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > SCAN_THREADS_MAX ? SCAN_THREADS_MAX : (u32)n;
}
