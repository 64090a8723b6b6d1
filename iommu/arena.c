// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory for tables, page-granular and aligned as hardware wants it; handed
 * out and never taken back.
 */
#include "iommu.h"
#include "env.h"

static const u8 zero_page[PAGE_4K];

u64 iommu_arena_alloc(struct iommu_arena *a, struct mem *m, u64 len, u64 align)
{
	u64 at, end, used;

	if (!m->write || !a->area.start || a->area.start & (PAGE_4K - 1) ||
	    a->used > a->area.len)
		return 0;
	if (!len || len > a->area.len || align < PAGE_4K || align & (align - 1))
		return 0;
	len = align_up(len, PAGE_4K);
	at = align_up(a->area.start + a->used, align);
	used = at - a->area.start;
	if (at < a->area.start || used > a->area.len ||
	    len > a->area.len - used)
		return 0;
	for (end = at + len; at < end; at += PAGE_4K)
		if (m->write(m, at, zero_page, PAGE_4K))
			return 0;
	a->used = used + len;
	return end - len;
}
