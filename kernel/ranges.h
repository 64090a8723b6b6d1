/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ranges of physical memory: sorted, apart, and as many as there is room for.
 * Those that touch become one, so that what two of them hold together is held.
 */
#ifndef KERNEL_RANGES_H
#define KERNEL_RANGES_H

#ifdef __KERNEL__
#include <linux/string.h>
#else
#include <string.h>
#endif
#include "base.h"

struct ranges {
	struct span *s;
	u32 n, room;
};

static inline u64 ranges_end(const struct span *s)
{
	return s->start + s->len;
}

/* The first one that ends at @at or behind it; r->n when none does. */
static inline u32 ranges_find(const struct ranges *r, u64 at)
{
	u32 lo = 0, hi = r->n;

	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;

		if (ranges_end(&r->s[mid]) < at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Puts @with[@n] in the place of those from @i up to @j; false: no room. */
static inline bool ranges_replace(struct ranges *r, u32 i, u32 j,
				  const struct span *with, u32 n)
{
	if (r->n - (j - i) + n > r->room)
		return false;
	memmove(&r->s[i + n], &r->s[j], (r->n - j) * sizeof(*r->s));
	memcpy(&r->s[i], with, n * sizeof(*r->s));
	r->n = r->n - (j - i) + n;
	return true;
}

/* False: there is no room, or the range goes round the end of addresses. */
static inline bool ranges_add(struct ranges *r, u64 start, u64 len)
{
	u64 end = start + len;
	u32 i = ranges_find(r, start), j = i;
	struct span all;

	if (end < start)
		return false;
	if (!len)
		return true;
	for (; j < r->n && r->s[j].start <= end; j++) {
		if (r->s[j].start < start)
			start = r->s[j].start;
		if (ranges_end(&r->s[j]) > end)
			end = ranges_end(&r->s[j]);
	}
	all = (struct span){ start, end - start };
	return ranges_replace(r, i, j, &all, 1);
}

/* False: there is no room for what is left, or the range goes round the end. */
static inline bool ranges_cut(struct ranges *r, u64 start, u64 len)
{
	u64 end = start + len;
	u32 i = ranges_find(r, start), j = i, n = 0;
	struct span rest[2];

	if (end < start)
		return false;
	while (j < r->n && r->s[j].start < end)
		j++;
	if (!len || i == j)
		return true;
	if (r->s[i].start < start)
		rest[n++] =
			(struct span){ r->s[i].start, start - r->s[i].start };
	if (ranges_end(&r->s[j - 1]) > end)
		rest[n++] =
			(struct span){ end, ranges_end(&r->s[j - 1]) - end };
	return ranges_replace(r, i, j, rest, n);
}

/* Is all of it in there? */
static inline bool ranges_hold(const struct ranges *r, u64 start, u64 len)
{
	u32 i = ranges_find(r, start);

	/* One that ends where it begins has nothing of it. */
	if (i < r->n && ranges_end(&r->s[i]) == start)
		i++;
	return i < r->n && span_holds(&r->s[i], start, len);
}

#endif
