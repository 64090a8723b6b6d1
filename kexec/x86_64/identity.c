// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables for the purgatory. Intel SDM vol. 3A, 4.5 "4-level paging and
 * 5-level paging" (order 325384-083, March 2024).
 *
 * Both depths share all tables but one: the PML5 table's entry 0 is the PML4
 * table that CR3 takes when LA57 is off.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "pc.h"

#define PTE_P BIT64(0)
#define PTE_W BIT64(1)
#define PTE_PWT BIT64(3)
#define PTE_PCD BIT64(4)
#define PTE_A BIT64(5)
#define PTE_D BIT64(6)
#define PTE_PS BIT64(7)
#define PTE_ADDR MASK64(51, 12)

/*
 * Accessed and dirty are set beforehand: the CPU then never writes to the
 * tables, and the digest over them holds.
 */
#define PTE_TABLE (PTE_P | PTE_W | PTE_A)
#define PTE_WB (PTE_P | PTE_W | PTE_A | PTE_D)
/* PAT entry 3: UC after reset, and so Linux leaves it (memtype.c) */
#define PTE_UC (PTE_WB | PTE_PCD | PTE_PWT)

#define LEVEL_PML5 5
#define TABLES_MAX 16384 /* 64 MiB: 32 TiB in pages of 2 MiB */

struct tables {
	u64 *page;
	u32 n, room;
	u64 mem;
};

static u64 level_size(u32 level)
{
	return BIT64(12 + 9 * (level - 1));
}

static u32 new_table(struct tables *t)
{
	if (t->n == t->room) {
		u32 room = t->room ? t->room * 2 : 64;
		u64 *more;

		if (room > TABLES_MAX)
			return 0;
		more = realloc(t->page, room * PAGE_4K);
		if (!more)
			return 0;
		t->page = more;
		t->room = room;
	}
	memset(t->page + t->n * 512, 0, PAGE_4K);
	return t->n++;
}

static u64 *entry_of(struct tables *t, u32 table, u64 addr, u32 level)
{
	u32 index = (u32)(addr / level_size(level)) & 511;

	return &t->page[table * 512 + index];
}

/* One page of @level's size. Tables are made on the way down. */
static int map_page(struct tables *t, u64 addr, u32 level, u64 attr,
		    struct error *e)
{
	u32 table = 0;
	u64 *entry;

	for (u32 l = LEVEL_PML5; l > level; l--) {
		u64 raw = *entry_of(t, table, addr, l);

		if (raw & PTE_PS)
			return fail(e,
				    "IOMMU registers at 0x%" PRIx64
				    " lie in what /proc/iomem calls RAM",
				    addr);
		if (!(raw & PTE_P)) {
			u32 next = new_table(t);

			if (!next)
				return fail(e, "no memory for the identity "
					       "map's page tables");
			raw = (t->mem + next * PAGE_4K) | PTE_TABLE;
			*entry_of(t, table, addr, l) = raw;
		}
		table = (u32)(((raw & PTE_ADDR) - t->mem) / PAGE_4K);
	}
	entry = entry_of(t, table, addr, level);
	*entry = addr | attr | (level > 1 ? PTE_PS : 0);
	return 0;
}

/* The largest page that begins at @addr and ends by @end. */
static u32 fitting_level(u64 addr, u64 end, u32 most)
{
	u32 level = most;

	while (level > 1 &&
	       (addr % level_size(level) || end - addr < level_size(level)))
		level--;
	return level;
}

static int map_span(struct tables *t, u64 start, u64 len, u32 most, u64 attr,
		    struct error *e)
{
	u64 end = start + len;

	while (start < end) {
		u32 level = fitting_level(start, end, most);

		if (map_page(t, start, level, attr, e))
			return -1;
		start += level_size(level);
	}
	return 0;
}

static int map_all(struct tables *t, const struct identity_request *r,
		   struct error *e)
{
	for (size_t i = 0; i < r->ram->n; i++) {
		const struct span *s = &r->ram->r[i].span;
		/* only whole pages of RAM: the rest may be something else */
		u64 start = align_up(s->start, PAGE_4K);
		u64 end = align_down(s->start + s->len, PAGE_4K);

		if (start < end &&
		    map_span(t, start, end - start,
			     r->page_max == GIB(1) ? 3 : 2, PTE_WB, e))
			return -1;
	}
	for (size_t i = 0; i < r->device_n; i++) {
		const struct span *s = &r->device[i];
		u64 start = align_down(s->start, PAGE_4K);
		u64 end = align_up(s->start + s->len, PAGE_4K);

		if (end > BIT64(52) || end < start)
			return fail(e,
				    "IOMMU registers at 0x%" PRIx64
				    ": no physical address",
				    s->start);
		if (map_span(t, start, end - start, 1, PTE_UC, e))
			return -1;
	}
	return 0;
}

int pc_identity_build(struct identity *id, const struct identity_request *r,
		      u64 mem, struct error *e)
{
	struct tables t = { .mem = mem };

	*id = (struct identity){ 0 };
	new_table(&t); /* PML5 */
	new_table(&t); /* PML4 of the low 256 TiB */
	if (t.n != 2)
		return fail(e, "out of memory");
	t.page[0] = (mem + PAGE_4K) | PTE_TABLE;
	if (map_all(&t, r, e)) {
		free(t.page);
		return -1;
	}
	id->bytes = (u8 *)t.page;
	id->len = t.n * PAGE_4K;
	id->root[PGTABLE_LA57] = mem;
	id->root[PGTABLE_4LEVEL] = mem + PAGE_4K;
	return 0;
}
