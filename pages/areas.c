// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual areas: modules, and what vmalloc() gave (Linux: mm/vmalloc.c;
 * include/linux/module.h).
 */
#include "reader.h"

#define AREAS_MAX (1u << 24)
#define AREA_NODES_MAX 4096u
#define MODULES_MAX 16384u
#define VM_ALLOC 2u  /* include/linux/vmalloc.h: pages of its own */
#define NAME_LEN 56u /* MODULE_NAME_LEN */

/* Parts of a module, by enum mod_mem_type. */
static const u32 part_kind[] = {
	PAGE_TEXT,   /* MOD_TEXT */
	PAGE_DATA,   /* MOD_DATA */
	PAGE_RODATA, /* MOD_RODATA */
	PAGE_RODATA, /* MOD_RO_AFTER_INIT */
	PAGE_TEXT,   /* MOD_INIT_TEXT */
	PAGE_DATA,   /* MOD_INIT_DATA */
	PAGE_RODATA, /* MOD_INIT_RODATA */
};

static bool area_entry(void *arg, u64 node)
{
	struct pages *p = arg;
	u64 at = node - p->m[AREA_LIST].off, start, end, vm, flags;

	if (!p->work || !kernel_get(p->k, at, &p->m[AREA_START], &start) ||
	    !kernel_get(p->k, at, &p->m[AREA_END], &end) ||
	    !kernel_get(p->k, at, &p->m[AREA_VM], &vm))
		return false;
	if (end <= start || !vm ||
	    !kernel_get(p->k, vm, &p->m[VM_FLAGS], &flags))
		return true;
	if (flags & VM_ALLOC)
		mark_virtual(p, start, end - start, PAGE_VMALLOC, 0);
	return true;
}

/* One list to 6.8; then a number of them. */
static bool vmalloc_areas(struct pages *p)
{
	struct symbol s = { .name = "vmap_area_list" };
	u64 nodes, n = 0;

	if (p->s[SYM_VMAP_LIST].addr) {
		s.addr = p->s[SYM_VMAP_LIST].addr;
		kernel_list(p->k, p->f, &s, AREAS_MAX, area_entry, p);
		return true;
	}
	if (!p->s[SYM_VMAP_NODES].addr || !p->s[SYM_VMAP_NODES_N].addr ||
	    !p->m[NODE_WHOLE].found || !p->m[NODE_BUSY].found ||
	    !p->m[RB_LIST_HEAD].found ||
	    p->k->read(p->k, p->s[SYM_VMAP_NODES].addr, &nodes, 8) ||
	    p->k->read(p->k, p->s[SYM_VMAP_NODES_N].addr, &n, 4))
		return false;
	s.name = "areas of a vmap_node";
	for (u64 i = 0; i < n && i < AREA_NODES_MAX; i++) {
		s.addr = nodes + i * p->m[NODE_WHOLE].size +
			 p->m[NODE_BUSY].off + p->m[RB_LIST_HEAD].off;
		kernel_list(p->k, p->f, &s, AREAS_MAX, area_entry, p);
	}
	return true;
}

/* struct module_layout: text first, then what is read only, then the rest. */
static void module_layout(struct pages *p, u64 module, u32 name)
{
	u64 at = module + p->m[MODULE_CORE].off, base, size, text, ro;

	if (!kernel_get(p->k, at, &p->m[LAYOUT_BASE], &base) ||
	    !kernel_get(p->k, at, &p->m[LAYOUT_SIZE], &size) ||
	    !kernel_get(p->k, at, &p->m[LAYOUT_TEXT], &text) ||
	    !kernel_get(p->k, at, &p->m[LAYOUT_RO], &ro) || text > ro ||
	    ro > size)
		return;
	mark_virtual(p, base, text, PAGE_TEXT, name);
	mark_virtual(p, base + text, ro - text, PAGE_RODATA, name);
	mark_virtual(p, base + ro, size - ro, PAGE_DATA, name);
}

static void module_parts(struct pages *p, u64 module, u32 name)
{
	const struct member *parts = &p->m[MODULE_PARTS], *m = p->m;
	u32 size = m[PART_WHOLE].size;
	u64 base, len;

	for (u32 i = 0; size && i < parts->size / size; i++) {
		u64 at = module + parts->off + i * size;

		if (i < ARRAY_SIZE(part_kind) &&
		    kernel_get(p->k, at, &m[PART_BASE], &base) && base &&
		    kernel_get(p->k, at, &m[PART_SIZE], &len))
			mark_virtual(p, base, len, part_kind[i], name);
	}
}

static bool module_entry(void *arg, u64 node)
{
	struct pages *p = arg;
	u64 at = node - p->m[MODULE_LIST].off;
	char text[NAME_LEN];
	u32 name;

	if (!p->work ||
	    !kernel_text(p->k, at + p->m[MODULE_NAME].off, text, sizeof(text)))
		return false;
	name = mark_name(p, text);
	if (p->m[MODULE_CORE].found)
		module_layout(p, at, name);
	else
		module_parts(p, at, name);
	return true;
}

bool mark_areas(struct pages *p)
{
	/* What is a module's is an area, too. */
	if (!p->s[SYM_MODULES].addr || !p->m[MODULE_LIST].found ||
	    !p->m[MODULE_NAME].found || !p->m[AREA_START].found ||
	    !p->m[AREA_END].found || !p->m[AREA_LIST].found ||
	    !p->m[AREA_VM].found || !p->m[VM_FLAGS].found)
		return false;
	kernel_list(p->k, p->f, &p->s[SYM_MODULES], MODULES_MAX, module_entry,
		    p);
	return vmalloc_areas(p);
}
