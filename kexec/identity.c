// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables for the purgatory: trees of tables with 512 entries of 8 bytes,
 * as x86_64 and arm64 with a granule of 4 KiB have them.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "identity.h"

#define ENTRY_ADDR MASK64(51, 12)
#define TABLES_MAX 16384 /* 64 MiB: 32 TiB in pages of 2 MiB */

struct tables {
	const struct identity_form *form;
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

	for (u32 l = t->form->levels; l > level; l--) {
		u64 raw = *entry_of(t, table, addr, l);

		if (raw && (raw & t->form->kind) == t->form->large)
			return fail(e,
				    "IOMMU registers at 0x%" PRIx64
				    " lie in what /proc/iomem calls RAM",
				    addr);
		if (!raw) {
			u32 next = new_table(t);

			if (!next)
				return fail(e, "no memory for the identity "
					       "map's page tables");
			raw = (t->mem + next * PAGE_4K) | t->form->table;
			*entry_of(t, table, addr, l) = raw;
		}
		table = (u32)(((raw & ENTRY_ADDR) - t->mem) / PAGE_4K);
	}
	entry = entry_of(t, table, addr, level);
	*entry = addr | attr | (level > 1 ? t->form->large : t->form->small);
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

		if (end > BIT64(t->form->bits))
			end = BIT64(t->form->bits);
		if (start < end &&
		    map_span(t, start, end - start,
			     r->page_max == GIB(1) ? 3 : 2, t->form->ram, e))
			return -1;
	}
	for (size_t i = 0; i < r->device_n; i++) {
		const struct span *s = &r->device[i];
		u64 start = align_down(s->start, PAGE_4K);
		u64 end = align_up(s->start + s->len, PAGE_4K);

		if (end > BIT64(t->form->bits) || end < start)
			return fail(e,
				    "IOMMU registers at 0x%" PRIx64
				    ": no physical address",
				    s->start);
		if (map_span(t, start, end - start, 1, t->form->device, e))
			return -1;
	}
	return 0;
}

int identity_tables(struct identity *id, const struct identity_form *form,
		    const struct identity_request *r, u64 mem, struct error *e)
{
	struct tables t = { .form = form, .mem = mem };

	*id = (struct identity){ 0 };
	new_table(&t); /* the root */
	if (t.n != 1)
		return fail(e, "out of memory");
	if (map_all(&t, r, e)) {
		free(t.page);
		return -1;
	}
	id->bytes = (u8 *)t.page;
	id->len = t.n * PAGE_4K;
	return 0;
}
