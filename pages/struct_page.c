// SPDX-License-Identifier: GPL-2.0-only
/*
 * struct page of a frame (Linux: include/linux/mmzone.h,
 * __section_mem_map_addr; include/linux/page-flags.h, compound_head).
 */
#include <string.h>

#include "reader.h"

/* Flags in the low bits of mem_section.section_mem_map, which is page aligned. */
#define SECTION_HAS_MEM_MAP BIT64(1)
#define SECTION_IS_ONLINE BIT64(2)
#define SECTION_FLAGS 0xfffULL
#define ORDER_MAX 18u /* 1 GiB of 4 KiB pages */
#define TYPE_OLD_BASE 0xf0000000u

/*
 * What section_mem_map leads to, so that a frame's number indexes it. 0: none,
 * or it is not to be read, which p->section_read tells.
 */
static u64 section_map(struct pages *p, u64 frame)
{
	u64 nr = frame >> p->section_shift, at = p->sections_at, map = 0;

	if (nr == p->section_nr)
		return p->section_map;
	p->section_nr = nr;
	p->section_map = 0;
	p->section_read = true;
	if (nr >= p->sections)
		return 0;
	if (p->roots) {
		p->section_read =
			!p->k->read(p->k, at + nr / p->per_root * 8, &at, 8);
		nr %= p->per_root;
	}
	if (!p->section_read || !at)
		return 0;
	p->section_read =
		!p->k->read(p->k, at + nr * p->section_size + p->section_off,
			    &map, sizeof(map));
	if (p->section_read && map & SECTION_HAS_MEM_MAP)
		p->section_map = map & ~SECTION_FLAGS;
	p->section_online = map & SECTION_IS_ONLINE;
	if (p->section_map)
		p->any_map = p->section_map;
	return p->section_map;
}

/* The array in parts of 4 KiB: a part holds many of them. */
static const u8 *chunk(struct pages *p, u64 at)
{
	u64 start = align_down(at, PAGE_4K);
	u32 i = (u32)(start / PAGE_4K % CHUNKS);

	if (p->chunk[i].at != start + 1) {
		p->chunk[i].at = 0;
		if (p->k->read(p->k, start, p->chunk[i].b, PAGE_4K))
			return NULL;
		p->chunk[i].at = start + 1;
	}
	return p->chunk[i].b + (at - start);
}

bool raw_page_at(struct pages *p, u64 at, struct raw_page *r)
{
	const u8 *b;

	r->at = 0;
	if (at % PAGE_4K + p->size > PAGE_4K) {
		if (p->k->read(p->k, at, r->b, p->size))
			return false;
	} else {
		b = chunk(p, at);
		if (!b)
			return false;
		memcpy(r->b, b, p->size);
	}
	r->at = at;
	return true;
}

bool raw_page(struct pages *p, u64 frame, struct raw_page *r)
{
	u64 map = section_map(p, frame);

	r->at = 0;
	return map && raw_page_at(p, map + frame * p->size, r);
}

bool raw_page_frame(struct pages *p, u64 at, u64 *frame)
{
	u64 map = p->any_map;

	/* One virtual array: all sections have the same origin. */
	*frame = (at - map) / p->size;
	return map && section_map(p, *frame) == map &&
	       map + *frame * p->size == at;
}

u64 raw_get(const struct pages *p, const struct raw_page *r, u32 member)
{
	const struct member *m = &p->m[member];
	u64 val = 0;

	if (m->found && m->off < p->size && m->size <= p->size - m->off)
		memcpy(&val, r->b + m->off,
		       m->size < sizeof(val) ? m->size : sizeof(val));
	return val;
}

bool raw_flag(const struct pages *p, const struct raw_page *r, u32 flag)
{
	return p->c[flag].found && p->c[flag].value < 64 &&
	       raw_get(p, r, PAGE_FLAGS) >> p->c[flag].value & 1;
}

bool raw_is(const struct pages *p, const struct raw_page *r, u32 type)
{
	u32 word = (u32)raw_get(p, r, PAGE_TYPE);

	if (!p->c[type].found)
		return false;
	if (p->type_on_top)
		return word >> 24 == p->c[type].value;
	return (word & (TYPE_OLD_BASE | p->c[type].value)) == TYPE_OLD_BASE;
}

/* A mask of the address, as ~(2^n - 1): the array is at such multiples. */
static bool is_mask(const struct pages *p, u64 info)
{
	u64 low = ~info + 1;

	return low > p->size && !(low & (low - 1));
}

static u64 tail_head(const struct pages *p, u64 at, u64 info)
{
	info &= ~1ULL;
	return p->m[PAGE_INFO].found && is_mask(p, info) ? at & info : info;
}

static u64 head_word(const struct pages *p, const struct raw_page *r)
{
	return raw_get(p, r, p->m[PAGE_INFO].found ? PAGE_INFO : PAGE_HEAD);
}

/*
 * Huge pages may share what holds their tail pages (HVO): there a copy of the
 * head stands where a page of the array begins, and the next one tells.
 */
u64 raw_head(struct pages *p, const struct raw_page *r)
{
	u64 word = head_word(p, r);
	struct raw_page next;

	if (word & 1)
		return tail_head(p, r->at, word);
	if (r->at % PAGE_4K || !raw_flag(p, r, FLAG_HEAD) ||
	    !raw_page_at(p, r->at + p->size, &next))
		return r->at;
	word = head_word(p, &next);
	return word & 1 ? tail_head(p, next.at, word) : r->at;
}

/* A byte of the folio; 0 where this kernel has no such. */
static u32 folio_byte(struct pages *p, u64 head, u32 member, u32 base)
{
	u8 b = 0;

	if (!p->m[member].found ||
	    p->k->read(p->k, head + base + p->m[member].off, &b, 1))
		return 0;
	return b;
}

u32 raw_order(struct pages *p, const struct raw_page *head)
{
	u32 order;

	if (!raw_flag(p, head, FLAG_HEAD))
		return 0;
	if (p->m[PAGE_ORDER].found)
		order = folio_byte(p, head->at, PAGE_ORDER, p->size);
	else if (p->m[FOLIO_ORDER].found)
		order = folio_byte(p, head->at, FOLIO_ORDER, 0);
	else
		order = folio_byte(p, head->at, FOLIO_FLAGS_1, 0);
	return order <= ORDER_MAX ? order : 0;
}
