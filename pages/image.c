// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ranges of physical memory that are one thing: the kernel's image, the
 * buffers of swiotlb, the pages of zeros.
 */
#include "reader.h"

#define IMAGE_MAX GIB(1)
#define SLOT_BITS 11u /* IO_TLB_SHIFT */
#define SLOTS_MAX (1u << 22)

void find_image(struct pages *p)
{
	const struct symbol *s = p->s;
	u64 phys;

	if (!s[SYM_TEXT].addr || s[SYM_IMAGE_END].addr <= s[SYM_TEXT].addr ||
	    s[SYM_IMAGE_END].addr - s[SYM_TEXT].addr > IMAGE_MAX ||
	    !p->k->phys(p->k, s[SYM_TEXT].addr, &phys))
		return;
	p->image = phys;
	p->image_len = s[SYM_IMAGE_END].addr - s[SYM_TEXT].addr;
}

static bool within(const struct pages *p, u64 virt, u32 first, u32 end)
{
	return p->s[first].addr && virt >= p->s[first].addr &&
	       virt < p->s[end].addr;
}

u32 image_kind(const struct pages *p, u64 phys)
{
	u64 virt = phys - p->image + p->s[SYM_TEXT].addr;

	if (phys < p->image || phys - p->image >= p->image_len)
		return PAGE_UNKNOWN;
	if (within(p, virt, SYM_TEXT, SYM_TEXT_END))
		return PAGE_TEXT;
	return within(p, virt, SYM_RODATA, SYM_RODATA_END) ? PAGE_RODATA
							   : PAGE_DATA;
}

void pages_symbol(struct pages *p, u64 phys, struct page_facts *f)
{
	u64 at = phys - p->image;

	if (*f->name || phys < p->image || at >= p->image_len ||
	    (f->kind != PAGE_TEXT && f->kind != PAGE_RODATA &&
	     f->kind != PAGE_DATA) ||
	    !p->k->symbol_at ||
	    !p->k->symbol_at(p->k, p->s[SYM_TEXT].addr + at, f->name,
			     sizeof(f->name)))
		return;
	f->name[sizeof(f->name) - 1] = '\0';
}

/* io_tlb_default_mem: since 6.6 it has its pool inside. */
void find_swiotlb(struct pages *p)
{
	u64 at = p->s[SYM_SWIOTLB].addr, start, end, slots;
	bool pool = p->m[SWIOTLB_POOL].found;
	const struct member *m = &p->m[pool ? POOL_START : SWIOTLB_START];

	if (pool)
		at += p->m[SWIOTLB_POOL].off;
	if (!p->s[SYM_SWIOTLB].addr || !m[0].found || !m[1].found ||
	    !kernel_get(p->k, at, &m[0], &start) ||
	    !kernel_get(p->k, at, &m[1], &end) ||
	    !kernel_get(p->k, at, &m[2], &slots) || end <= start)
		return;
	p->swiotlb = (struct span){ start, end - start };
	p->swiotlb_slots = m[2].found ? slots : 0;
}

bool swiotlb_page(struct pages *p, struct page_facts *f)
{
	const struct member *whole = &p->m[SLOT_WHOLE];
	u64 at = f->phys - p->swiotlb.start;

	if (f->phys < p->swiotlb.start || at >= p->swiotlb.len)
		return false;
	f->kind = PAGE_SWIOTLB;
	f->origin = ~0ULL;
	if (!p->swiotlb_slots || !whole->found || !p->m[SLOT_ORIGIN].found)
		f->why = "where its slots are is not known";
	else if (!kernel_get(p->k,
			     p->swiotlb_slots + (at >> SLOT_BITS) * whole->size,
			     &p->m[SLOT_ORIGIN], &f->origin))
		f->why = "its slot is not in the dump";
	return true;
}

void pages_swiotlb(struct pages *p, struct swiotlb_use *use)
{
	const struct member *whole = &p->m[SLOT_WHOLE];
	u64 origin;

	*use = (struct swiotlb_use){ .slots = p->swiotlb.len >> SLOT_BITS };
	if (!p->swiotlb_slots || !whole->size || !p->m[SLOT_ORIGIN].found ||
	    use->slots > SLOTS_MAX)
		return;
	use->known = true;
	for (u64 i = 0; i < use->slots; i++) {
		if (!kernel_get(p->k, p->swiotlb_slots + i * whole->size,
				&p->m[SLOT_ORIGIN], &origin))
			use->known = false;
		else
			use->used += !!~origin;
	}
}

void find_zero(struct pages *p)
{
	u64 phys, frame;

	p->zero = p->huge_zero = ~0ULL;
	if (p->s[SYM_ZERO].addr && p->k->phys(p->k, p->s[SYM_ZERO].addr, &phys))
		p->zero = phys >> p->shift;
	if (p->s[SYM_HUGE_ZERO].addr &&
	    !p->k->read(p->k, p->s[SYM_HUGE_ZERO].addr, &frame, sizeof(frame)))
		p->huge_zero = frame;
}
