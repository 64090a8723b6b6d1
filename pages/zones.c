// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that is set apart: areas of CMA (Linux: mm/cma.c, mm/cma.h), and
 * memory of devices, which has struct page but never was the allocator's
 * (include/linux/memremap.h; mm/memory_hotplug.c, pfn_to_online_page).
 */
#include <stdio.h>
#include <string.h>

#include "reader.h"

#define AREAS_MAX 64u
#define RANGES_OF_AREA 16u

/* --- CMA --- */

static void add_range(struct pages *p, u64 at, u32 base, u32 count,
		      const char *name)
{
	struct cma_range *r = &p->cma[p->cma_n];

	if (p->cma_n >= CMA_RANGES_MAX ||
	    !kernel_get(p->k, at, &p->m[base], &r->first) ||
	    !kernel_get(p->k, at, &p->m[count], &r->n) || !r->n)
		return;
	memcpy(r->name, name, CMA_NAME_LEN);
	p->cma_n++;
}

static void add_area(struct pages *p, u64 area)
{
	const struct member *m = p->m;
	char name[CMA_NAME_LEN] = "";
	u64 n;

	if (m[CMA_NAME].found &&
	    !kernel_text(p->k, area + m[CMA_NAME].off, name, sizeof(name)))
		name[0] = '\0';
	if (m[CMA_BASE].found) {
		add_range(p, area, CMA_BASE, CMA_PAGES, name);
		return;
	}
	if (!m[CMA_RANGES].found || !m[CMA_RANGE_WHOLE].size ||
	    !m[CMA_RANGE_BASE].found ||
	    !kernel_get(p->k, area, &m[CMA_RANGES_N], &n))
		return;
	for (u64 i = 0; i < n && i < RANGES_OF_AREA; i++)
		add_range(p,
			  area + m[CMA_RANGES].off +
				  i * m[CMA_RANGE_WHOLE].size,
			  CMA_RANGE_BASE, CMA_RANGE_PAGES, name);
}

static void read_areas(struct pages *p)
{
	u64 areas = p->s[SYM_CMA].addr, n = 0;

	p->cma_read = true;
	if (!areas || !p->s[SYM_CMA_N].addr || !p->m[CMA_WHOLE].size ||
	    p->k->read(p->k, p->s[SYM_CMA_N].addr, &n, 4))
		return;
	for (u64 i = 0; i < n && i < AREAS_MAX; i++)
		add_area(p, areas + i * p->m[CMA_WHOLE].size);
}

/* In use, and for what nothing else says: then it was allocated from there. */
bool cma_page(struct pages *p, struct page_facts *f)
{
	u64 frame = f->phys >> p->shift;

	if (!p->cma_read)
		read_areas(p);
	for (u32 i = 0; i < p->cma_n; i++) {
		if (frame < p->cma[i].first ||
		    frame - p->cma[i].first >= p->cma[i].n)
			continue;
		f->kind = PAGE_CMA;
		snprintf(f->name, sizeof(f->name), "%s", p->cma[i].name);
		return true;
	}
	return false;
}

/* --- memory of devices --- */

/* dev_pagemap.type, enum memory_type (include/linux/memremap.h), 6.1 to 7.2 */
static const char *const types[] = { NULL,     "private", "coherent",
				     "fs dax", "generic", "p2p" };

void device_page(struct pages *p, const struct raw_page *head,
		 struct page_facts *f)
{
	u32 member = p->m[PAGE_PGMAP].found ? PAGE_PGMAP : FOLIO_PGMAP;
	u64 map = raw_get(p, head, member), type;

	/* A section of memory that was taken out of use is not online, too. */
	f->kind = PAGE_OFFLINE;
	if (!p->m[PGMAP_TYPE].found || !map ||
	    !kernel_get(p->k, map, &p->m[PGMAP_TYPE], &type) || !type ||
	    type >= ARRAY_SIZE(types))
		return;
	f->kind = PAGE_DEVICE;
	snprintf(f->name, sizeof(f->name), "%s", types[type]);
}
