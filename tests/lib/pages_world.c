// SPDX-License-Identifier: GPL-2.0-only
/* A made-up kernel that has pages. */
#include <assert.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pages_world.h"

#define LIST_HEAD 16u
#define NEW 1u /* since 6.12 alone */
#define OLD 2u

static const struct {
	const char *type, *name;
	u32 off, size, when;
} layout[] = {
	{ "page", "", 0, 64, 0 },
	{ "page", "flags", 0, 8, 0 },
	{ "page", "compound_info", 8, 8, NEW },
	{ "page", "compound_head", 8, 8, OLD },
	{ "page", "lru", 8, 16, 0 },
	{ "page", "pp_magic", 8, 8, 0 },
	{ "page", "compound_dtor", 16, 1, OLD },
	{ "page", "compound_order", 17, 1, OLD },
	{ "page", "compound_mapcount", 20, 4, OLD },
	{ "page", "compound_pincount", 24, 4, OLD },
	{ "page", "mapping", 24, 8, 0 },
	{ "page", "private", 40, 8, 0 },
	{ "page", "_mapcount", 48, 4, 0 },
	{ "page", "_refcount", 52, 4, 0 },
	{ "folio", "_flags_1", 64, 8, NEW },
	{ "folio", "_entire_mapcount", 64 + 32, 4, NEW },
	{ "folio", "_pincount", 64 + 36, 4, NEW },
	{ "slab", "slab_cache", 32, 8, 0 },
	{ "kmem_cache", "name", 8, 8, 0 },
	{ "kmem_cache", "size", 16, 4, 0 },
	{ "address_space", "host", 0, 8, 0 },
	{ "inode", "i_ino", 8, 8, 0 },
	{ "inode", "i_sb", 16, 8, 0 },
	{ "super_block", "s_dev", 0, 4, 0 },
	{ "super_block", "s_id", 8, 32, 0 },
	{ "pglist_data", "node_zones", 16, 512, 0 },
	{ "zone", "", 0, 256, 0 },
	{ "zone", "per_cpu_pageset", 8, 8, 0 },
	{ "zone", "trylock_free_pages", 16, 8, NEW },
	{ "per_cpu_pages", "lists", 8, 14 * LIST_HEAD, 0 },
	{ "task_struct", "tasks", 0, 16, 0 },
	{ "task_struct", "stack", 16, 8, 0 },
	{ "task_struct", "stack_vm_area", 24, 8, 0 },
	{ "task_struct", "mm", 32, 8, 0 },
	{ "task_struct", "signal", 40, 8, 0 },
	{ "task_struct", "thread_node", 48, 16, 0 },
	{ "task_struct", "comm", 64, 16, 0 },
	{ "signal_struct", "thread_head", 0, 16, 0 },
	{ "mm_struct", "pgd", 8, 8, 0 },
	{ "vmap_area", "va_start", 0, 8, 0 },
	{ "vmap_area", "va_end", 8, 8, 0 },
	{ "vmap_area", "list", 16, 16, 0 },
	{ "vmap_area", "vm", 32, 8, 0 },
	{ "vm_struct", "flags", 8, 8, 0 },
	{ "vm_struct", "size", 16, 8, 0 },
	{ "vmap_node", "", 0, 64, NEW },
	{ "vmap_node", "busy", 16, 32, NEW },
	{ "rb_list", "head", 8, 16, NEW },
	{ "module", "list", 0, 16, 0 },
	{ "module", "name", 16, 56, 0 },
	{ "module", "core_layout", 80, 32, OLD },
	{ "module_layout", "base", 0, 8, OLD },
	{ "module_layout", "size", 8, 4, OLD },
	{ "module_layout", "text_size", 12, 4, OLD },
	{ "module_layout", "ro_size", 16, 4, OLD },
	{ "module", "mem", 80, 7 * 16, NEW },
	{ "module_memory", "", 0, 16, NEW },
	{ "module_memory", "base", 0, 8, NEW },
	{ "module_memory", "size", 8, 4, NEW },
	{ "cpumask", "", 0, 8, 0 },
	{ "pcpu_chunk", "list", 0, 16, 0 },
	{ "pcpu_chunk", "base_addr", 16, 8, 0 },
	{ "io_tlb_mem", "defpool", 8, 48, NEW },
	{ "io_tlb_mem", "start", 8, 8, OLD },
	{ "io_tlb_mem", "end", 16, 8, OLD },
	{ "io_tlb_mem", "slots", 24, 8, OLD },
	{ "io_tlb_pool", "start", 0, 8, NEW },
	{ "io_tlb_pool", "end", 8, 8, NEW },
	{ "io_tlb_pool", "slots", 16, 8, NEW },
	{ "io_tlb_slot", "", 0, 24, 0 },
	{ "io_tlb_slot", "orig_addr", 0, 8, 0 },
	{ "page", "pgmap", 8, 8, OLD },
	{ "folio", "pgmap", 8, 8, NEW },
	{ "dev_pagemap", "type", 16, 4, 0 },
	{ "cma", "", 0, 256, 0 },
	{ "cma", "name", 64, 64, 0 },
	{ "cma", "base_pfn", 0, 8, OLD },
	{ "cma", "count", 8, 8, 0 },
	{ "cma", "nranges", 16, 4, NEW },
	{ "cma", "ranges", 128, 8 * 16, NEW },
	{ "cma_memrange", "", 0, 16, NEW },
	{ "cma_memrange", "base_pfn", 0, 8, NEW },
	{ "cma_memrange", "count", 8, 8, NEW },
	{ "kset", "list", 0, 16, 0 },
	{ "kobject", "entry", 8, 16, 0 },
	{ "iommu_group", "kobj", 8, 64, 0 },
	{ "iommu_group", "id", 72, 4, 0 },
	{ "iommu_group", "default_domain", 80, 8, 0 },
	{ "iommu_domain", "cookie_type", 4, 4, NEW },
	{ "iommu_domain", "iova_cookie", 8, 8, 0 },
	{ "iommu_dma_cookie", "type", 0, 4, OLD },
	{ "iommu_dma_cookie", "iovad", 8, 64, 0 },
	{ "iommu_dma_cookie", "fq", 72, 8, OLD },
	{ "iommu_dma_cookie", "percpu_fq", 72, 8, NEW },
	{ "iommu_dma_cookie", "single_fq", 72, 8, NEW },
	{ "iommu_dma_cookie", "fq_flush_finish_cnt", 80, 8, 0 },
	{ "iommu_dma_cookie", "fq_domain", 88, 8, 0 },
	{ "iommu_dma_cookie", "options", 96, 8, NEW },
	{ "iommu_dma_options", "qt", 0, 4, NEW },
	{ "iova_domain", "rbroot", 8, 8, 0 },
	{ "iova_domain", "granule", 16, 8, 0 },
	{ "iova_domain", "rcaches", 24, 8, 0 },
	{ "rb_root", "rb_node", 0, 8, 0 },
	{ "rb_node", "rb_right", 8, 8, 0 },
	{ "rb_node", "rb_left", 16, 8, 0 },
	{ "iova", "node", 0, 24, 0 },
	{ "iova", "pfn_hi", 24, 8, 0 },
	{ "iova", "pfn_lo", 32, 8, 0 },
	{ "iova_rcache", "", 0, 64, 0 },
	{ "iova_rcache", "depot_size", 8, 4, 0 },
	{ "iova_rcache", "depot", 16, 32, OLD },
	{ "iova_rcache", "depot", 16, 8, NEW },
	{ "iova_rcache", "cpu_rcaches", 48, 8, 0 },
	{ "iova_cpu_rcache", "loaded", 8, 8, 0 },
	{ "iova_cpu_rcache", "prev", 16, 8, 0 },
	{ "iova_magazine", "size", 0, 8, 0 },
	{ "iova_magazine", "next", 0, 8, NEW },
	{ "iova_magazine", "pfns", 8, 24, 0 },
	{ "iova_fq", "head", 0, 4, 0 },
	{ "iova_fq", "tail", 4, 4, 0 },
	{ "iova_fq", "mod_mask", 8, 4, NEW },
	{ "iova_fq", "entries", 16, 4 * 32, OLD },
	{ "iova_fq", "entries", 16, 0, NEW },
	{ "iova_fq_entry", "", 0, 32, 0 },
	{ "iova_fq_entry", "iova_pfn", 0, 8, 0 },
	{ "iova_fq_entry", "pages", 8, 8, 0 },
	{ "iova_fq_entry", "counter", 24, 8, 0 },
};

static const struct {
	const char *name;
	u32 when;
} symbols[] = {
	{ "init_task", 0 },	   { "vmap_area_list", OLD },
	{ "vmap_nodes", NEW },	   { "nr_vmap_nodes", NEW },
	{ "modules", 0 },	   { "io_tlb_default_mem", 0 },
	{ "__per_cpu_offset", 0 }, { "__cpu_possible_mask", 0 },
	{ "pcpu_base_addr", 0 },   { "pcpu_nr_units", 0 },
	{ "pcpu_unit_size", 0 },   { "pcpu_unit_offsets", 0 },
	{ "pcpu_chunk_lists", 0 }, { "pcpu_nr_slots", 0 },
	{ "swapper_pg_dir", 0 },   { "node_data", 0 },
	{ "huge_zero_pfn", 0 },	   { "empty_zero_page", 0 },
	{ "iommu_group_kset", 0 }, { "cma_area_count", 0 },
	{ "cma_areas", 0 }, /* the last one: it has more bytes */
};
#define SYMBOL_BYTES 128u

static const struct {
	const char *name;
	u64 value;
	u32 when;
} constants[] = {
	{ "PG_locked", 0, 0 },
	{ "PG_writeback", 1, 0 },
	{ "PG_dirty", 4, 0 },
	{ "PG_head", 6, 0 },
	{ "PG_slab", 9, OLD },
	{ "PG_reserved", 13, 0 },
	{ "PG_swapbacked", 17, 0 },
	{ "PG_hwpoison", 21, 0 },
	{ "PGTY_buddy", 0xf0, NEW },
	{ "PGTY_offline", 0xf1, NEW },
	{ "PGTY_table", 0xf2, NEW },
	{ "PGTY_guard", 0xf3, NEW },
	{ "PGTY_hugetlb", 0xf4, NEW },
	{ "PGTY_slab", 0xf5, NEW },
	{ "HUGETLB_PAGE_DTOR", 2, OLD },
};

static const char info[] = "PAGESIZE=4096\nSYMBOL(mem_section)=%llx\n"
			   "LENGTH(mem_section)=1\nSIZE(mem_section)=32\n"
			   "OFFSET(mem_section.section_mem_map)=0\n"
			   "NUMBER(SECTION_SIZE_BITS)=22\n"
			   "NUMBER(MAX_PHYSMEM_BITS)=25\n"
			   "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=%s\n"
			   "LENGTH(zone.free_area)=11\n"
			   "SYMBOL(node_data)=%llx\nLENGTH(node_data)=1\n"
			   "SYMBOL(swapper_pg_dir)=%llx\n";
#define INFO_MAX 512

static bool there(const struct pages_world *w, u32 when)
{
	return !when || when == (w->old ? OLD : NEW);
}

static int world_mem(struct mem *m, u64 phys, void *buf, u32 len)
{
	struct pages_world *w =
		(struct pages_world *)((char *)m -
				       offsetof(struct pages_world, m));

	if (phys >= WORLD_LEN || len > WORLD_LEN - phys ||
	    (w->hole && phys / PAGE_4K == w->hole))
		return IOMMU_EREAD;
	memcpy(buf, w->ram + phys, len);
	return IOMMU_OK;
}

static int world_read(struct kernel *k, u64 virt, void *buf, u32 len)
{
	struct pages_world *w = (struct pages_world *)k;

	k->error = "not in the dump";
	return virt < WORLD_VIRT
		       ? IOMMU_EREAD
		       : world_mem(&w->m, virt - WORLD_VIRT, buf, len);
}

static bool world_phys(struct kernel *k, u64 virt, u64 *phys)
{
	(void)k;
	*phys = virt - WORLD_VIRT;
	return virt >= WORLD_VIRT && *phys < WORLD_LEN;
}

u64 world_symbol(const char *name)
{
	for (u32 i = 0; i < ARRAY_SIZE(symbols); i++)
		if (!strcmp(symbols[i].name, name))
			return WORLD_SYMBOLS + i * SYMBOL_BYTES;
	if (!strcmp(name, "_stext"))
		return WORLD_IMAGE;
	if (!strcmp(name, "_etext") || !strcmp(name, "__start_rodata"))
		return WORLD_IMAGE + 0x3000;
	if (!strcmp(name, "__end_rodata"))
		return WORLD_IMAGE + 0x5000;
	return strcmp(name, "_end") ? 0 : WORLD_IMAGE_END;
}

static int world_symbols(struct kernel *k, struct symbol *s, size_t n,
			 char *why, size_t why_len)
{
	const struct pages_world *w = (struct pages_world *)k;

	(void)why;
	(void)why_len;
	for (size_t i = 0; i < n; i++) {
		u64 at = world_symbol(s[i].name);

		for (u32 j = 0; j < ARRAY_SIZE(symbols); j++)
			if (!strcmp(symbols[j].name, s[i].name) &&
			    !there(w, symbols[j].when))
				at = 0;
		if (w->without && !strcmp(s[i].name, w->without))
			at = 0;
		s[i].found = at;
		s[i].addr = at ? WORLD_VIRT + at : 0;
	}
	return 0;
}

static int world_members(struct kernel *k, struct member *m, size_t n,
			 char *why, size_t why_len)
{
	const struct pages_world *w = (struct pages_world *)k;

	(void)why;
	(void)why_len;
	for (size_t i = 0; i < n; i++)
		for (u32 j = 0; j < ARRAY_SIZE(layout); j++)
			if (!strcmp(layout[j].type, m[i].type) &&
			    !strcmp(layout[j].name, m[i].name) &&
			    there(w, layout[j].when)) {
				m[i].off = layout[j].off;
				m[i].size = layout[j].size;
				m[i].found = true;
			}
	return 0;
}

static int world_constants(struct kernel *k, struct constant *c, size_t n,
			   char *why, size_t why_len)
{
	const struct pages_world *w = (struct pages_world *)k;

	(void)why;
	(void)why_len;
	for (size_t i = 0; i < n; i++)
		for (u32 j = 0; j < ARRAY_SIZE(constants); j++)
			if (!strcmp(constants[j].name, c[i].name) &&
			    there(w, constants[j].when)) {
				c[i].value = constants[j].value;
				c[i].found = true;
			}
	return 0;
}

u64 world_offset(const char *type, const char *member)
{
	for (u32 i = 0; i < ARRAY_SIZE(layout); i++)
		if (!strcmp(layout[i].type, type) &&
		    !strcmp(layout[i].name, member))
			return layout[i].off;
	fprintf(stderr, "struct %s has no %s\n", type, member);
	abort();
}

void world_put(struct pages_world *w, u64 phys, u64 val, u32 len)
{
	assert(phys + len <= WORLD_LEN);
	memcpy(w->ram + phys, &val, len);
}

void world_set(struct pages_world *w, u64 phys, const char *type,
	       const char *member, u64 val)
{
	u64 off = world_offset(type, member);
	u32 size = 0;

	for (u32 i = 0; i < ARRAY_SIZE(layout); i++)
		if (!strcmp(layout[i].type, type) &&
		    !strcmp(layout[i].name, member))
			size = layout[i].size < 8 ? layout[i].size : 8;
	world_put(w, phys + off, val, size);
}

void world_page(struct pages_world *w, u64 frame, const char *member, u64 val)
{
	world_set(w, WORLD_PAGES + frame * 64, "page", member, val);
}

u64 world_page_at(u64 frame)
{
	return WORLD_VIRT + WORLD_PAGES + frame * 64;
}

void world_list(struct pages_world *w, u64 head, const u64 *node, size_t n)
{
	u64 last = head;

	for (size_t i = 0; i < n; i++) {
		world_put(w, last, WORLD_VIRT + node[i], 8);
		world_put(w, node[i] + 8, WORLD_VIRT + last, 8);
		last = node[i];
	}
	world_put(w, last, WORLD_VIRT + head, 8);
	world_put(w, head + 8, WORLD_VIRT + last, 8);
}

/* As each page is that has a use, and none that is recorded. */
static void plain_pages(struct pages_world *w)
{
	for (u64 i = 0; i < WORLD_FRAMES; i++) {
		world_page(w, i, "_mapcount", 0xffffffff);
		world_page(w, i, "_refcount", 1);
	}
}

static void empty_lists(struct pages_world *w)
{
	u64 node = WORLD_NODE, lists = WORLD_PAGESET + 8;

	world_put(w, world_symbol("node_data"), WORLD_VIRT + node, 8);
	world_put(w, world_symbol("__cpu_possible_mask"), 1, 8);
	world_set(w, node + 16, "zone", "per_cpu_pageset",
		  WORLD_VIRT + WORLD_PAGESET);
	for (u32 i = 0; i < 14; i++)
		world_list(w, lists + i * LIST_HEAD, NULL, 0);
	world_list(w, world_symbol("modules"), NULL, 0);
	world_list(w, world_symbol("vmap_area_list"), NULL, 0);
	world_list(w, world_symbol("init_task"), NULL, 0);
	world_put(w, world_symbol("huge_zero_pfn"), ~0ULL, 8);
	world_put(w, world_symbol("iommu_group_kset"), WORLD_VIRT + WORLD_KSET,
		  8);
	world_list(w, WORLD_KSET, NULL, 0);
}

void pages_world_init(struct pages_world *w, bool old)
{
	char *text = malloc(INFO_MAX);

	memset(w, 0, sizeof(*w));
	w->old = old;
	w->ram = calloc(1, WORLD_LEN);
	if (!w->ram || !text)
		abort();
	w->k = (struct kernel){
		.read = world_read,
		.phys = world_phys,
		.symbols = world_symbols,
		.members = world_members,
		.constants = world_constants,
		.memory_source = "memory",
		.symbols_source = "symbols",
		.members_source = "types",
		.machine = EM_X86_64,
	};
	w->m.read = world_mem;
	w->v.len = (size_t)snprintf(
		text, INFO_MAX, info, WORLD_VIRT + WORLD_SECTIONS,
		old ? "-129" : "4026531840",
		WORLD_VIRT + world_symbol("node_data"),
		WORLD_VIRT + world_symbol("swapper_pg_dir"));
	w->v.text = text;
	/* One root, one section; its flags: present, has a map, online */
	world_put(w, WORLD_SECTIONS, WORLD_VIRT + WORLD_SECTIONS + 0x100, 8);
	world_put(w, WORLD_SECTIONS + 0x100, (WORLD_VIRT + WORLD_PAGES) | 7, 8);
	plain_pages(w);
	empty_lists(w);
}

int pages_world_open(struct pages_world *w, char *why, size_t why_len)
{
	return pages_open(&w->p, &w->k, &w->m, &w->v, &w->f, why, why_len);
}

void pages_world_free(struct pages_world *w)
{
	pages_close(w->p);
	facts_free(&w->f);
	free((char *)w->v.text);
	free(w->ram);
}
