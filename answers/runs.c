// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs of mappings, kept small. Where no two pages of a table are contiguous
 * there is one for each of millions of entries, and what it costs to keep them
 * is the memory that has to be had first. A run of few pages that begins where
 * the last one ended, or a little behind, is one word; another one is four.
 */
#include <stdlib.h>
#include <string.h>
#include "answers.h"

#define PART_BYTES KIB(64)
#define PART_WORDS ((u32)(PART_BYTES / 8 - 2))

struct runs_part {
	struct runs_part *next;
	u64 n; /* words */
	u64 word[PART_WORDS];
};

/* A word: frame, permissions, size of a page, pages, pages left out before. */
#define FRAME_BITS 40
#define PERM_AT FRAME_BITS
#define PERM_BITS 3
#define SIZE_AT (PERM_AT + PERM_BITS)
#define SIZE_BITS 5
#define PAGES_AT (SIZE_AT + SIZE_BITS)
#define PAGES_BITS 9 /* one less than there are */
#define GAP_AT (PAGES_AT + PAGES_BITS)
#define GAP_BITS 6
#define SHORT BIT64(63)
#define LONG_WORDS 4u /* permissions and sizes, which are never SHORT; ... */
#define LONG_SIZES 3

static u64 bits_of(u64 word, u32 at, u32 bits)
{
	return word >> at & (BIT64(bits) - 1);
}

/* 0: it takes more than a word behind one that ended at @end. */
static u64 short_form(const struct iommu_run *run, u64 end)
{
	u64 gap = (run->iova - end) >> 12, pages = (run->len >> 12) - 1;

	if ((run->iova | run->pa | run->len | end) & (PAGE_4K - 1) ||
	    gap >> GAP_BITS || pages >> PAGES_BITS ||
	    run->pa >> (FRAME_BITS + 12) || run->perm >> PERM_BITS ||
	    run->sizes & (run->sizes - 1) || !run->sizes)
		return 0;
	return SHORT | gap << GAP_AT | pages << PAGES_AT |
	       (u64)__builtin_ctz(run->sizes) << SIZE_AT |
	       (u64)run->perm << PERM_AT | run->pa >> 12;
}

static bool new_part(struct runs *r)
{
	struct runs_part *p = malloc(sizeof(*p));

	if (!p)
		return false;
	p->next = NULL;
	p->n = 0;
	if (r->last)
		r->last->next = p;
	else
		r->first = p;
	r->last = p;
	return true;
}

/* The part with room for one run more; NULL: no memory. */
static struct runs_part *part_with_room(struct runs *r)
{
	if (!r->last || r->last->n + LONG_WORDS > PART_WORDS)
		return new_part(r) ? r->last : NULL;
	return r->last;
}

bool runs_add(struct runs *r, const struct iommu_run *run)
{
	struct runs_part *p = part_with_room(r);
	u64 word = 0;

	if (!p)
		return false;
	/* A part's first run is long: parts of several tables are joined. */
	if (p->n)
		word = short_form(run, r->end.iova);
	if (word) {
		p->word[p->n++] = word;
	} else {
		p->word[p->n++] = (u64)run->sizes << LONG_SIZES | run->perm;
		p->word[p->n++] = run->iova;
		p->word[p->n++] = run->pa;
		p->word[p->n++] = run->len;
	}
	if (!r->n++)
		r->begin = (struct runs_end){ run->iova, run->pa, run->perm };
	r->end.iova = run->iova + run->len;
	r->end.pa = run->pa + run->len;
	r->end.perm = run->perm;
	return true;
}

/*
 * Pages from the @i-th on, which differ in the frame alone, into words of the
 * last part: as many as it has room for. 0: they need more than a word each.
 */
static u32 add_words(struct runs *r, const struct iommu_pages *pages, u32 i)
{
	const struct iommu_run run = pages_run(pages, i);
	u64 word = short_form(&run, r->end.iova), all = 0, frame;
	u32 n = pages->n - i, k, left = (u32)(PART_WORDS - r->last->n);
	u64 *to = &r->last->word[r->last->n];

	word &= ~(BIT64(FRAME_BITS) - 1);
	n = n < left ? n : left;
	for (k = 0; k < n; k++) {
		frame = (pages->entry[i + k] ^ pages->flip) >> 12;
		to[k] = word | frame;
		all |= frame;
	}
	if (!n || !word || all >> FRAME_BITS)
		return 0;
	r->last->n += n;
	r->n += n;
	r->end.iova = run.iova + n * run.len;
	r->end.pa = (frame << 12) + run.len;
	return n;
}

bool runs_add_pages(struct runs *r, const struct iommu_pages *pages)
{
	struct iommu_run run;
	u32 i = 0;

	while (i < pages->n) {
		run = pages_run(pages, i);
		if (!runs_add(r, &run))
			return false;
		if (++i < pages->n)
			i += add_words(r, pages, i);
	}
	return true;
}

void runs_join(struct runs *a, struct runs *b)
{
	if (!a->n) {
		*a = *b;
	} else if (b->n) {
		a->n += b->n - (a->end.iova == b->begin.iova &&
				a->end.pa == b->begin.pa &&
				a->end.perm == b->begin.perm);
		a->last->next = b->first;
		a->last = b->last;
		a->end = b->end;
	}
	*b = (struct runs){ 0 };
}

void runs_free(struct runs *r)
{
	struct runs_part *p = r->first, *next;

	for (; p; p = next) {
		next = p->next;
		free(p);
	}
	*r = (struct runs){ 0 };
}

struct runs_at runs_begin(const struct runs *r)
{
	return (struct runs_at){ .part = r->first };
}

/* False: there is none. */
static bool read_one(struct runs_at *at, struct iommu_run *run)
{
	const u64 *word;

	while (at->part && at->word >= at->part->n) {
		at->part = at->part->next;
		at->word = 0;
	}
	if (!at->part)
		return false;
	word = &at->part->word[at->word];
	if (*word & SHORT) {
		*run = (struct iommu_run){
			.iova = at->end +
				(bits_of(*word, GAP_AT, GAP_BITS) << 12),
			.pa = bits_of(*word, 0, FRAME_BITS) << 12,
			.len = (bits_of(*word, PAGES_AT, PAGES_BITS) + 1) << 12,
			.perm = (u32)bits_of(*word, PERM_AT, PERM_BITS),
			.sizes = 1u << bits_of(*word, SIZE_AT, SIZE_BITS),
		};
		at->word++;
	} else {
		*run = (struct iommu_run){
			.iova = word[1],
			.pa = word[2],
			.len = word[3],
			.perm = (u32)bits_of(*word, 0, LONG_SIZES),
			.sizes = (u32)(*word >> LONG_SIZES),
		};
		at->word += LONG_WORDS;
	}
	at->end = run->iova + run->len;
	return true;
}

bool runs_next(struct runs_at *at, struct iommu_run *run)
{
	bool had = at->ahead.len;

	*run = at->ahead;
	at->ahead.len = 0;
	if (!had && !read_one(at, run))
		return false;
	while (read_one(at, &at->ahead)) {
		if (!run_joins(run, &at->ahead))
			return true;
		run->len += at->ahead.len;
		run->sizes |= at->ahead.sizes;
		at->ahead.len = 0;
	}
	at->ahead.len = 0;
	return true;
}
