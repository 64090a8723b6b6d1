// SPDX-License-Identifier: GPL-2.0-only
/* Page-granular memory for tables, handed out and never taken back. */
#include "iommu.h"
#include "env.h"

static const u8 zero_page[PAGE_4K];

u64 iommu_arena_alloc(struct iommu_arena *a, struct mem *m, u64 len)
{
	u64 at, end;

	if (!m->write || !a->area.start || a->area.start & (PAGE_4K - 1) ||
	    a->used > a->area.len)
		return 0;
	if (!len || len > a->area.len - a->used)
		return 0;
	len = align_up(len, PAGE_4K);
	if (len > a->area.len - a->used)
		return 0;
	at = a->area.start + a->used;
	for (end = at + len; at < end; at += PAGE_4K)
		if (m->write(m, at, zero_page, PAGE_4K))
			return 0;
	a->used += len;
	return end - len;
}
