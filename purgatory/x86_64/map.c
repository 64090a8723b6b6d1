/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checks page tables before CR3 is switched to them: a device may have
 * overwritten them. Intel SDM volume 3, section 4.5.
 */
#include "map.h"

#define PTE_P BIT64(0)
#define PTE_RW BIT64(1)
#define PTE_PS BIT64(7)
#define PTE_ADDR MASK64(51, 12)

bool map_holds(u64 root, u32 levels, u64 addr)
{
	u64 table = root, page, entry;
	u32 level;

	for (level = levels; level; level--) {
		u32 shift = 12 + 9 * (level - 1);

		entry = ((const u64 *)(uintptr_t)table)[addr >> shift & 511];
		if (!(entry & PTE_P) || !(entry & PTE_RW))
			return false;
		if (level > 1 && !(entry & PTE_PS)) {
			table = entry & PTE_ADDR;
			continue;
		}
		if (level > 3)
			return false;
		page = BIT64(shift);
		/* Bit 12 of a large page is PAT, not address. */
		return align_down(entry & PTE_ADDR, page) ==
		       align_down(addr, page);
	}
	return false;
}

bool map_holds_span(u64 root, u32 levels, const struct span *s)
{
	u64 page = align_down(s->start, PAGE_4K);

	for (; s->len && page < s->start + s->len; page += PAGE_4K)
		if (!map_holds(root, levels, page))
			return false;
	return true;
}
