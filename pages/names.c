// SPDX-License-Identifier: GPL-2.0-only
/* Whose a page is: the cache of a slab, the file of a page. */
#include "reader.h"

#define CACHE_SIZE_MAX MIB(4)

void slab_name(struct pages *p, const struct raw_page *head,
	       struct page_facts *f)
{
	u64 cache = raw_get(p, head, SLAB_CACHE), name, size;

	if (!cache || !kernel_get(p->k, cache, &p->m[CACHE_NAME], &name) ||
	    !kernel_get(p->k, cache, &p->m[CACHE_SIZE], &size) ||
	    !kernel_text(p->k, name, f->name, sizeof(f->name))) {
		f->why = "its cache is not in the dump";
		f->name[0] = '\0';
		return;
	}
	if (!size || size > CACHE_SIZE_MAX)
		return;
	f->size = (u32)size;
	f->offset = (f->phys - f->first) / size * size;
}

bool file_name(struct pages *p, u64 mapping, struct page_facts *f)
{
	u64 host, sb, dev;

	if (!kernel_get(p->k, mapping, &p->m[MAPPING_HOST], &host)) {
		f->why = "its address_space is not in the dump";
		return true;
	}
	if (!host)
		return false;
	if (!kernel_get(p->k, host, &p->m[INODE_NUMBER], &f->inode) ||
	    !kernel_get(p->k, host, &p->m[INODE_SB], &sb) || !sb ||
	    !kernel_get(p->k, sb, &p->m[SB_DEV], &dev)) {
		f->why = "its inode is not in the dump";
		return true;
	}
	f->dev = (u32)dev;
	if (p->m[SB_ID].found &&
	    !kernel_text(p->k, sb + p->m[SB_ID].off, f->name, 32))
		f->name[0] = '\0';
	return true;
}
