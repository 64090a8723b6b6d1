/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checks page tables before the MMU is turned on with them: a device may have
 * overwritten them, and an exception whose vectors are not mapped never ends.
 * Arm ARM DDI 0487J, section D8.3 (VMSAv8-64, granule of 4 KiB).
 */
#include "map.h"

#define DESC_VALID BIT64(0)
#define DESC_TABLE BIT64(1) /* else a block, which level 0 has not */
#define DESC_PAGE BIT64(1)  /* at the last level */
#define DESC_ATTR MASK64(4, 2)
#define DESC_AP MASK64(7, 6)
#define DESC_AF BIT64(10)
#define DESC_XN (BIT64(53) | BIT64(54))
#define DESC_ADDR MASK64(47, 12)
/* Of a table: NSTable, APTable, UXNTable, PXNTable narrow what is below. */
#define DESC_NARROWED MASK64(63, 59)
#define ATTR_NORMAL 1

/* @page: a power of two, the size of what the descriptor maps */
static bool leaf_holds(u64 desc, u64 addr, u64 page)
{
	return field(DESC_ATTR, desc) == ATTR_NORMAL && !(desc & DESC_AP) &&
	       (desc & DESC_AF) && !(desc & DESC_XN) &&
	       (desc & DESC_ADDR) == align_down(addr, page);
}

bool map_holds(u64 root, u64 addr)
{
	u64 table = root, desc;
	u32 level;

	if (addr >> 48)
		return false;
	for (level = 0; level < 4; level++) {
		u32 shift = 39 - 9 * level;

		desc = ((const u64 *)(uintptr_t)table)[addr >> shift & 511];
		if (!(desc & DESC_VALID))
			return false;
		if (level == 3)
			return (desc & DESC_PAGE) &&
			       leaf_holds(desc, addr, PAGE_4K);
		if (!(desc & DESC_TABLE))
			return level && leaf_holds(desc, addr, BIT64(shift));
		if (desc & DESC_NARROWED)
			return false;
		table = desc & DESC_ADDR;
	}
	return false;
}

bool map_holds_span(u64 root, const struct span *s)
{
	u64 page = align_down(s->start, PAGE_4K);

	for (; s->len && page < s->start + s->len; page += PAGE_4K)
		if (!map_holds(root, page))
			return false;
	return true;
}
