// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fakemem.h"
#include "iommu.h"

struct fakepage {
	u64 phys;
	bool dirty;
	u8 *bytes; /* NULL: a free slot */
};

static struct fakepage *slot(struct fakemem *f, u64 phys)
{
	size_t i = (phys >> 12) * 0x9e3779b97f4a7c15ULL >> 20;

	for (i &= f->room - 1; f->page[i].bytes; i = (i + 1) & (f->room - 1))
		if (f->page[i].phys == phys)
			break;
	return &f->page[i];
}

static void make_room(struct fakemem *f)
{
	struct fakepage *old = f->page;
	size_t i, room = f->room;

	if (f->n * 2 < f->room)
		return;
	f->room = room ? room * 2 : 256;
	f->page = calloc(f->room, sizeof(*f->page));
	if (!f->page) {
		perror("calloc");
		exit(1);
	}
	for (i = 0; i < room; i++)
		if (old[i].bytes)
			*slot(f, old[i].phys) = old[i];
	free(old);
}

static struct fakepage *page_of(struct fakemem *f, u64 phys, bool make)
{
	struct fakepage *p;

	make_room(f);
	p = slot(f, align_down(phys, PAGE_4K));
	if (!p->bytes && make) {
		p->phys = align_down(phys, PAGE_4K);
		p->bytes = calloc(1, PAGE_4K);
		if (!p->bytes) {
			perror("calloc");
			exit(1);
		}
		f->n++;
	}
	return p->bytes ? p : NULL;
}

static int fake_read(struct mem *m, u64 phys, void *buf, u32 len)
{
	struct fakemem *f = (struct fakemem *)m;
	struct fakepage *p = page_of(f, phys, false);
	u64 off = phys & (PAGE_4K - 1);

	f->reads++;
	if (!p || off + len > PAGE_4K ||
	    (f->deny_read && p->phys == f->deny_read))
		return IOMMU_EREAD;
	memcpy(buf, p->bytes + off, len);
	return 0;
}

static int fake_write(struct mem *m, u64 phys, const void *buf, u32 len)
{
	struct fakemem *f = (struct fakemem *)m;
	struct fakepage *p = page_of(f, phys, false);
	u64 off = phys & (PAGE_4K - 1);

	if (!p && span_holds(&f->grow, phys, len)) {
		p = page_of(f, phys, true);
		memset(p->bytes, 0xa5, PAGE_4K);
	}

	if (!p || off + len > PAGE_4K ||
	    (f->deny_write && p->phys == f->deny_write))
		return IOMMU_EREAD;
	memcpy(p->bytes + off, buf, len);
	p->dirty = true;
	f->writes++;
	return 0;
}

/* What the test put there is the dead kernel's; where pages grow is ours. */
static int fake_store64(struct mem *m, u64 phys, u64 val)
{
	struct fakemem *f = (struct fakemem *)m;

	if (phys & 7 || span_holds(&f->grow, phys, 8) ||
	    (f->stores_left && !--f->stores_left))
		return IOMMU_EREAD;
	return fake_write(m, phys, &val, sizeof(val));
}

static void fake_flush(struct mem *m, u64 phys, u64 len)
{
	struct fakemem *f = (struct fakemem *)m;
	struct fakepage *p;
	u64 at;

	for (at = align_down(phys, PAGE_4K); at < phys + len; at += PAGE_4K) {
		p = page_of(f, at, false);
		if (p)
			p->dirty = false;
	}
}

void fakemem_init(struct fakemem *f)
{
	memset(f, 0, sizeof(*f));
	f->m.read = fake_read;
	f->m.write = fake_write;
	f->m.store64 = fake_store64;
	f->m.flush = fake_flush;
}

void fakemem_free(struct fakemem *f)
{
	size_t i;

	for (i = 0; i < f->room; i++)
		free(f->page[i].bytes);
	free(f->page);
	memset(f, 0, sizeof(*f));
}

void fakemem_put(struct fakemem *f, u64 phys, u64 word)
{
	struct fakepage *p = page_of(f, phys, true);

	memcpy(p->bytes + (phys & (PAGE_4K - 1) & ~7ULL), &word, sizeof(word));
}

u64 fakemem_get(struct fakemem *f, u64 phys)
{
	struct fakepage *p = page_of(f, phys, false);
	u64 word = 0;

	if (p)
		memcpy(&word, p->bytes + (phys & (PAGE_4K - 1) & ~7ULL),
		       sizeof(word));
	return word;
}

bool fakemem_exists(struct fakemem *f, u64 phys)
{
	return page_of(f, phys, false);
}

bool fakemem_dirty(struct fakemem *f, u64 phys)
{
	struct fakepage *p = page_of(f, phys, false);

	return p && p->dirty;
}
