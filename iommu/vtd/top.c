// SPDX-License-Identifier: GPL-2.0-only
/* VT-d: the tables from the root down to the PASID tables. */
#include "iommu.h"
#include "../top.h"
#include "vtd.h"

/*
 * The PASID directory of a requester, and the tables that it leads to (section
 * 9.5, 9.6). Requesters may share one.
 */
static void pasids(struct iommu_top *t, u64 context, u16 requester)
{
	u64 phys = context & SCTX_PASIDDIRPTR;
	u32 entries = 1u << (field(SCTX_PDTS, context) + 7);
	const u64 *dir;

	if (t->seen(t, phys))
		return;
	dir = t->table(t, phys, IOMMU_AT_PASID_DIR, entries * 8, requester);
	for (u32 i = 0; dir && i < entries; i++)
		if (dir[i] & PASIDDIR_P)
			t->table(t, dir[i] & PASIDDIR_PTR, IOMMU_AT_PASID,
				 PAGE_4K, requester);
}

/* Of one context table, in scalable mode. */
static void directories(struct iommu_top *t, const u64 *contexts, u16 requester)
{
	for (u32 i = 0; i < PAGE_4K / VTD_SCTX_BYTES; i++) {
		u64 context = contexts[i * (VTD_SCTX_BYTES / 8)];

		if (context & SCTX_P)
			pasids(t, context, (u16)(requester | i));
	}
}

/*
 * A root entry is two words; legacy mode has one context table in the first,
 * scalable mode one for devfn 0-127 and one for 128-255 (section 9.1, 9.2).
 */
void vtd_top(u64 base, struct iommu_top *t)
{
	u64 ttm = field(RTADDR_TTM, base);
	bool scalable = ttm == TTM_SCALABLE;
	const u64 *root, *contexts;

	if (!(base & RTADDR_RTA) || (ttm != TTM_LEGACY && !scalable))
		return;
	root = t->table(t, base & RTADDR_RTA, IOMMU_AT_ROOT, PAGE_4K, 0);
	for (u32 i = 0; root && i < 512; i++) {
		u16 requester = (u16)(i / 2 << 8 | (i % 2 ? 0x80 : 0));

		if (!(root[i] & ROOT_P) || (i % 2 && !scalable))
			continue;
		contexts = t->table(t, root[i] & ROOT_CTP, IOMMU_AT_CONTEXT,
				    PAGE_4K, requester);
		if (contexts && scalable)
			directories(t, contexts, requester);
	}
}
