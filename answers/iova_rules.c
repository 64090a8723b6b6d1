// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules of iommudump check about I/O addresses: what is mapped where the
 * kernel hands out none, and what was unmapped a moment before the end.
 */
#include <stdio.h>
#include <string.h>
#include "rules.h"

#define ULL(v) ((unsigned long long)(v))
/* Ranges that one finding names. */
#define RANGES_NAMED 3u

const struct group_iovas *iovas_of_group(const struct iovas *v, u32 group)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->group[i].group == group)
			return &v->group[i];
	return NULL;
}

/*
 * The I/O addresses of a window, in whole pages. A device tree has the names of
 * its nodes: "pcie@10000000".
 */
static bool is_window(const struct facts *f, const struct span *s)
{
	for (size_t i = 0; i < f->iomem_n; i++) {
		const struct iomem *m = &f->iomem[i];

		if ((!strncmp(m->name, "PCI Bus ", 8) ||
		     !strncmp(m->name, "pci", 3)) &&
		    m->end > m->start &&
		    s->start == align_down(m->start, PAGE_4K) &&
		    s->start + (s->len - 1) == (m->end | (PAGE_4K - 1)))
			return true;
	}
	return false;
}

void drop_windows(struct iovas *v, const struct facts *f)
{
	for (size_t i = 0; i < v->n; i++) {
		struct iova_ranges *used = &v->group[i].used;
		size_t n = 0;

		for (size_t k = 0; k < used->n; k++)
			if (!is_window(f, &used->at[k]))
				used->at[n++] = used->at[k];
		used->n = n;
	}
}

/* The last range that begins at @iova or before it; NULL: none does. */
static const struct span *range_before(const struct iova_ranges *r, u64 iova)
{
	size_t lo = 0, hi = r->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (r->at[mid].start <= iova)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? &r->at[lo - 1] : NULL;
}

/* What follows in @run from @iova on, up to @end. */
static bool part_of(const struct iommu_run *run, u64 iova, u64 end,
		    struct iommu_run *part)
{
	*part = *run;
	part->iova = iova;
	part->pa += iova - run->iova;
	part->len = end - iova;
	return true;
}

bool iova_is_stale(const struct group_iovas *g, const struct iommu_run *run,
		   struct iommu_run *part)
{
	u64 at = run->iova, end = run->iova + run->len;
	const struct span *s;

	if (end < at)
		return false;
	while (at < end) {
		s = range_before(&g->used, at);
		if (!s || at - s->start >= s->len) {
			s = s ? s + 1 : g->used.at;
			if (s < g->used.at + g->used.n && s->start < end)
				end = s->start;
			return part_of(run, at, end, part);
		}
		at = s->start + s->len;
	}
	s = range_before(&g->freed, end - 1);
	if (!s || s->start + s->len <= run->iova)
		return false;
	at = s->start > run->iova ? s->start : run->iova;
	return part_of(run, at,
		       s->start + s->len < end ? s->start + s->len : end, part);
}

/* "0xfffc0000+0x1000, ..." */
static void name_ranges(const struct iova_ranges *r, char *buf, size_t len)
{
	size_t at = 0;

	for (size_t i = 0; i < r->n && i < RANGES_NAMED && at < len; i++)
		at += (size_t)snprintf(buf + at, len - at, "%s0x%llx+0x%llx",
				       i ? ", " : "", ULL(r->at[i].start),
				       ULL(r->at[i].len));
	if (r->n > RANGES_NAMED && at < len)
		snprintf(buf + at, len - at, ", ...");
}

void found_pending(struct check *c, const struct iovas *v)
{
	const struct facts *f = &c->d->facts;
	struct check_finding *o;
	char text[256];

	for (size_t i = 0; i < v->n; i++) {
		const struct iova_ranges *r = &v->group[i].pending;

		if (!r->n)
			continue;
		name_ranges(r, text, sizeof(text));
		o = found(
			c, CHECK_NOTE, REC_NONE,
			"group %u: unmapped, but not yet known to be gone "
			"from the IOTLB when the kernel died: %llu I/O range%s "
			"(%s); where they led is not known any more",
			v->group[i].group, ULL(r->n), plural(r->n), text);
		for (size_t k = 0; k < f->device_n; k++)
			if (f->device[k].group == v->group[i].group)
				found_device(c, o, k);
	}
}
