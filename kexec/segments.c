// SPDX-License-Identifier: GPL-2.0-only
/*
 * The list of segments, and where they go: each as high as it gets, so that
 * low memory stays free for the next kernel's DMA.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "arch.h"
#include "segments.h"

struct segment *segments_add(struct segments *all, struct segment s)
{
	if (all->n == SEGMENTS_MAX) {
		all->full = true;
		if (s.owned)
			free(s.buf);
		return NULL;
	}
	s.memsz = align_up(s.memsz > s.bufsz ? s.memsz : s.bufsz,
			   kexec_arch.segment_align);
	if (s.align < kexec_arch.segment_align)
		s.align = kexec_arch.segment_align;
	all->s[all->n] = s;
	return &all->s[all->n++];
}

struct segment *segments_find(struct segments *all, const char *name)
{
	for (u32 i = 0; i < all->n; i++)
		if (!strcmp(all->s[i].name, name))
			return &all->s[i];
	return NULL;
}

/* The placed segment with the lowest address that lies in the way; or NULL. */
static const struct segment *in_the_way(const struct segments *all, u32 placed,
					u64 mem, u64 memsz)
{
	const struct segment *low = NULL;

	for (u32 i = 0; i < placed; i++) {
		const struct segment *o = &all->s[i];
		struct span s = { o->mem, o->memsz };

		if (span_overlaps(&s, mem, memsz) &&
		    (!low || o->mem < low->mem))
			low = o;
	}
	return low;
}

/* The highest place for segment @i in @w. Each step goes below a segment. */
static bool place_in(struct segments *all, u32 i, const struct span *w)
{
	struct segment *s = &all->s[i];
	u64 low = w->start > s->min ? w->start : s->min;
	u64 top = w->start + w->len;

	if (s->max && s->max < top)
		top = s->max;
	for (u32 steps = 0; steps <= i; steps++) {
		const struct segment *o;
		u64 mem;

		if (top < s->memsz || top - s->memsz < s->skew)
			return false;
		mem = align_down(top - s->memsz - s->skew, s->align) + s->skew;
		if (mem < low)
			return false;
		o = in_the_way(all, i, mem, s->memsz);
		if (!o) {
			s->mem = mem;
			return true;
		}
		top = o->mem;
	}
	return false;
}

static int no_room(const struct segments *all, const struct segment *s,
		   const struct span *window, size_t n, struct error *e)
{
	char below[32] = "";
	u64 need = 0, room = 0;

	if (s->max)
		snprintf(below, sizeof(below), ", below 0x%" PRIx64, s->max);

	for (u32 i = 0; i < all->n; i++)
		need += all->s[i].memsz;
	for (size_t i = 0; i < n; i++)
		room += window[i].len;
	return fail(e,
		    "no room for segment %s (%" PRIu64
		    " KiB, aligned to %" PRIu64 " KiB, not below 0x%" PRIx64
		    "%s"
		    "): all segments need %" PRIu64
		    " KiB, the memory they may go to has %" PRIu64 " KiB",
		    s->name, s->memsz >> 10, s->align >> 10, s->min, below,
		    need >> 10, room >> 10);
}

int segments_place(struct segments *all, const struct span *window, size_t n,
		   struct error *e)
{
	if (all->full)
		return fail(e, "more than %d segments", SEGMENTS_MAX);
	for (u32 i = 0; i < all->n; i++) {
		size_t w = n;

		while (w && !place_in(all, i, &window[w - 1]))
			w--;
		if (!w)
			return no_room(all, &all->s[i], window, n, e);
	}
	return 0;
}

void segments_free(struct segments *all)
{
	for (u32 i = 0; i < all->n; i++)
		if (all->s[i].owned)
			free(all->s[i].buf);
	all->n = 0;
}
