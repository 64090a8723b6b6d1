// SPDX-License-Identifier: GPL-2.0-only
/*
 * How this kernel lays out its pages: where members are and what flags and
 * types mean, by BTF and VMCOREINFO, and where struct page is (sparse memory;
 * Linux: include/linux/mmzone.h, mm/sparse.c).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "reader.h"

/* Structures of one name stand together: members_btf() looks one up once. */
static const struct member wanted[PAGE_MEMBERS] = {
	[PAGE_WHOLE] = { .type = "page", .name = "" },
	[PAGE_FLAGS] = { .type = "page", .name = "flags" },
	[PAGE_MAPPING] = { .type = "page", .name = "mapping" },
	[PAGE_TYPE] = { .type = "page", .name = "_mapcount" },
	[PAGE_REFERENCES] = { .type = "page", .name = "_refcount" },
	[PAGE_PRIVATE] = { .type = "page", .name = "private" },
	[PAGE_LIST] = { .type = "page", .name = "lru" },
	[PAGE_HEAD] = { .type = "page", .name = "compound_head" },
	[PAGE_INFO] = { .type = "page", .name = "compound_info" },
	[PAGE_ORDER] = { .type = "page", .name = "compound_order" },
	[PAGE_DESTRUCTOR] = { .type = "page", .name = "compound_dtor" },
	[PAGE_ALL_MAPPED] = { .type = "page", .name = "compound_mapcount" },
	[PAGE_ALL_PINS] = { .type = "page", .name = "compound_pincount" },
	[PAGE_POOL_MAGIC] = { .type = "page", .name = "pp_magic" },
	[PAGE_PGMAP] = { .type = "page", .name = "pgmap" },
	[FOLIO_FLAGS_1] = { .type = "folio", .name = "_flags_1" },
	[FOLIO_ORDER] = { .type = "folio", .name = "_folio_order" },
	[FOLIO_ALL_MAPPED] = { .type = "folio", .name = "_entire_mapcount" },
	[FOLIO_PINS] = { .type = "folio", .name = "_pincount" },
	[FOLIO_PGMAP] = { .type = "folio", .name = "pgmap" },
	[SLAB_CACHE] = { .type = "slab", .name = "slab_cache" },
	[CACHE_NAME] = { .type = "kmem_cache", .name = "name" },
	[CACHE_SIZE] = { .type = "kmem_cache", .name = "size" },
	[MAPPING_HOST] = { .type = "address_space", .name = "host" },
	[INODE_NUMBER] = { .type = "inode", .name = "i_ino" },
	[INODE_SB] = { .type = "inode", .name = "i_sb" },
	[SB_DEV] = { .type = "super_block", .name = "s_dev" },
	[SB_ID] = { .type = "super_block", .name = "s_id" },
	[NODE_ZONES] = { .type = "pglist_data", .name = "node_zones" },
	[ZONE_WHOLE] = { .type = "zone", .name = "" },
	[ZONE_PAGESETS] = { .type = "zone", .name = "per_cpu_pageset" },
	[ZONE_TRYLOCK] = { .type = "zone", .name = "trylock_free_pages" },
	[PAGESET_LISTS] = { .type = "per_cpu_pages", .name = "lists" },
	[TASK_TASKS] = { .type = "task_struct", .name = "tasks" },
	[TASK_STACK] = { .type = "task_struct", .name = "stack" },
	[TASK_STACK_AREA] = { .type = "task_struct", .name = "stack_vm_area" },
	[TASK_MM] = { .type = "task_struct", .name = "mm" },
	[TASK_SIGNAL] = { .type = "task_struct", .name = "signal" },
	[TASK_THREAD] = { .type = "task_struct", .name = "thread_node" },
	[TASK_COMM] = { .type = "task_struct", .name = "comm" },
	[SIGNAL_THREADS] = { .type = "signal_struct", .name = "thread_head" },
	[MM_PGD] = { .type = "mm_struct", .name = "pgd" },
	[AREA_START] = { .type = "vmap_area", .name = "va_start" },
	[AREA_END] = { .type = "vmap_area", .name = "va_end" },
	[AREA_LIST] = { .type = "vmap_area", .name = "list" },
	[AREA_VM] = { .type = "vmap_area", .name = "vm" },
	[VM_FLAGS] = { .type = "vm_struct", .name = "flags" },
	[VM_SIZE] = { .type = "vm_struct", .name = "size" },
	[NODE_BUSY] = { .type = "vmap_node", .name = "busy" },
	[NODE_WHOLE] = { .type = "vmap_node", .name = "" },
	[RB_LIST_HEAD] = { .type = "rb_list", .name = "head" },
	[MODULE_LIST] = { .type = "module", .name = "list" },
	[MODULE_NAME] = { .type = "module", .name = "name" },
	[MODULE_CORE] = { .type = "module", .name = "core_layout" },
	[LAYOUT_BASE] = { .type = "module_layout", .name = "base" },
	[LAYOUT_SIZE] = { .type = "module_layout", .name = "size" },
	[LAYOUT_TEXT] = { .type = "module_layout", .name = "text_size" },
	[LAYOUT_RO] = { .type = "module_layout", .name = "ro_size" },
	[MODULE_PARTS] = { .type = "module", .name = "mem" },
	[PART_WHOLE] = { .type = "module_memory", .name = "" },
	[PART_BASE] = { .type = "module_memory", .name = "base" },
	[PART_SIZE] = { .type = "module_memory", .name = "size" },
	[CPUMASK_WHOLE] = { .type = "cpumask", .name = "" },
	[CHUNK_LIST] = { .type = "pcpu_chunk", .name = "list" },
	[CHUNK_BASE] = { .type = "pcpu_chunk", .name = "base_addr" },
	[SWIOTLB_POOL] = { .type = "io_tlb_mem", .name = "defpool" },
	[SWIOTLB_START] = { .type = "io_tlb_mem", .name = "start" },
	[SWIOTLB_END] = { .type = "io_tlb_mem", .name = "end" },
	[SWIOTLB_SLOTS] = { .type = "io_tlb_mem", .name = "slots" },
	[POOL_START] = { .type = "io_tlb_pool", .name = "start" },
	[POOL_END] = { .type = "io_tlb_pool", .name = "end" },
	[POOL_SLOTS] = { .type = "io_tlb_pool", .name = "slots" },
	[SLOT_WHOLE] = { .type = "io_tlb_slot", .name = "" },
	[SLOT_ORIGIN] = { .type = "io_tlb_slot", .name = "orig_addr" },
	[PGMAP_TYPE] = { .type = "dev_pagemap", .name = "type" },
	[CMA_WHOLE] = { .type = "cma", .name = "" },
	[CMA_NAME] = { .type = "cma", .name = "name" },
	[CMA_BASE] = { .type = "cma", .name = "base_pfn" },
	[CMA_PAGES] = { .type = "cma", .name = "count" },
	[CMA_RANGES] = { .type = "cma", .name = "ranges" },
	[CMA_RANGES_N] = { .type = "cma", .name = "nranges" },
	[CMA_RANGE_WHOLE] = { .type = "cma_memrange", .name = "" },
	[CMA_RANGE_BASE] = { .type = "cma_memrange", .name = "base_pfn" },
	[CMA_RANGE_PAGES] = { .type = "cma_memrange", .name = "count" },
};

static const struct symbol symbols[PAGE_SYMBOLS] = {
	[SYM_INIT_TASK] = { .name = "init_task" },
	[SYM_VMAP_LIST] = { .name = "vmap_area_list" },
	[SYM_VMAP_NODES] = { .name = "vmap_nodes" },
	[SYM_VMAP_NODES_N] = { .name = "nr_vmap_nodes" },
	[SYM_MODULES] = { .name = "modules" },
	[SYM_SWIOTLB] = { .name = "io_tlb_default_mem" },
	[SYM_PERCPU_OFFSETS] = { .name = "__per_cpu_offset" },
	[SYM_POSSIBLE_CPUS] = { .name = "__cpu_possible_mask" },
	[SYM_CHUNK_BASE] = { .name = "pcpu_base_addr" },
	[SYM_CHUNK_UNITS] = { .name = "pcpu_nr_units" },
	[SYM_CHUNK_UNIT_SIZE] = { .name = "pcpu_unit_size" },
	[SYM_CHUNK_OFFSETS] = { .name = "pcpu_unit_offsets" },
	[SYM_CHUNK_LISTS] = { .name = "pcpu_chunk_lists" },
	[SYM_CHUNK_LISTS_N] = { .name = "pcpu_nr_slots" },
	[SYM_TEXT] = { .name = "_stext" },
	[SYM_TEXT_END] = { .name = "_etext" },
	[SYM_RODATA] = { .name = "__start_rodata" },
	[SYM_RODATA_END] = { .name = "__end_rodata" },
	[SYM_IMAGE_END] = { .name = "_end" },
	[SYM_ZERO] = { .name = "empty_zero_page" },
	[SYM_HUGE_ZERO] = { .name = "huge_zero_pfn" },
	[SYM_CMA] = { .name = "cma_areas" },
	[SYM_CMA_N] = { .name = "cma_area_count" },
};

static const struct constant constants[PAGE_CONSTANTS] = {
	[FLAG_DIRTY] = { "pageflags", "PG_dirty", 0, false },
	[FLAG_WRITEBACK] = { "pageflags", "PG_writeback", 0, false },
	[FLAG_LOCKED] = { "pageflags", "PG_locked", 0, false },
	[FLAG_HEAD] = { "pageflags", "PG_head", 0, false },
	[FLAG_RESERVED] = { "pageflags", "PG_reserved", 0, false },
	[FLAG_SWAPBACKED] = { "pageflags", "PG_swapbacked", 0, false },
	[FLAG_POISONED] = { "pageflags", "PG_hwpoison", 0, false },
	[FLAG_SLAB] = { "pageflags", "PG_slab", 0, false },
	[TYPE_BUDDY] = { "pagetype", "PGTY_buddy", 0, false },
	[TYPE_OFFLINE] = { "pagetype", "PGTY_offline", 0, false },
	[TYPE_TABLE] = { "pagetype", "PGTY_table", 0, false },
	[TYPE_GUARD] = { "pagetype", "PGTY_guard", 0, false },
	[TYPE_HUGETLB] = { "pagetype", "PGTY_hugetlb", 0, false },
	[TYPE_SLAB] = { "pagetype", "PGTY_slab", 0, false },
	[TYPE_ZSMALLOC] = { "pagetype", "PGTY_zsmalloc", 0, false },
	[TYPE_UNACCEPTED] = { "pagetype", "PGTY_unaccepted", 0, false },
	[TYPE_KMALLOC] = { "pagetype", "PGTY_large_kmalloc", 0, false },
	[DESTRUCTOR_HUGETLB] = { "compound_dtor_id", "HUGETLB_PAGE_DTOR", 0,
				 false },
};

/* Before 6.12 a type is a bit that is clear; BTF has no such macros. */
#define OLD_TYPE_GUARD 0x400u
#define OLD_TYPE_TABLE 0x200u
#define OLD_TYPE_OFFLINE 0x100u
#define OLD_TYPE_BUDDY 0x80u

static int no(char *why, size_t why_len, const char *text)
{
	snprintf(why, why_len, "%s", text);
	return -ENOENT;
}

static void set_constant(struct constant *c, u64 value)
{
	c->value = value;
	c->found = true;
}

static bool types(struct pages *p)
{
	u64 buddy;

	p->type_on_top = p->c[TYPE_BUDDY].found;
	if (p->type_on_top)
		return true;
	/* ~PG_buddy, a negative number */
	if (!vmcoreinfo_number(p->v, "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)",
			       &buddy) ||
	    (u32)~buddy != OLD_TYPE_BUDDY)
		return false;
	set_constant(&p->c[TYPE_BUDDY], OLD_TYPE_BUDDY);
	set_constant(&p->c[TYPE_OFFLINE], OLD_TYPE_OFFLINE);
	set_constant(&p->c[TYPE_TABLE], OLD_TYPE_TABLE);
	set_constant(&p->c[TYPE_GUARD], OLD_TYPE_GUARD);
	return true;
}

static int sections(struct pages *p, char *why, size_t why_len)
{
	u64 size, off, bits, max, length;

	if (!vmcoreinfo_hex(p->v, "SYMBOL(mem_section)", &p->sections_at) ||
	    !vmcoreinfo_number(p->v, "LENGTH(mem_section)", &length) ||
	    !vmcoreinfo_number(p->v, "SIZE(mem_section)", &size) ||
	    !vmcoreinfo_number(p->v, "OFFSET(mem_section.section_mem_map)",
			       &off) ||
	    !vmcoreinfo_number(p->v, "NUMBER(SECTION_SIZE_BITS)", &bits) ||
	    !vmcoreinfo_number(p->v, "NUMBER(MAX_PHYSMEM_BITS)", &max))
		return no(why, why_len,
			  "VMCOREINFO does not say where the sections of "
			  "memory are: a kernel without sparse memory");
	if (bits <= p->shift || max <= bits || max > 52 || max - bits > 32 ||
	    size < 8 || size > PAGE_4K || off > size - 8)
		return no(why, why_len,
			  "its sections of memory are beyond reason");
	p->section_shift = (u32)bits - p->shift;
	p->sections = BIT64(max - bits);
	p->section_size = (u32)size;
	p->section_off = (u32)off;
	p->per_root = BIT64(p->shift) / size;
	p->roots = length != p->sections;
	p->section_nr = ~0ULL;
	return 0;
}

static int page_size(struct pages *p, char *why, size_t why_len)
{
	u64 bytes;

	if (!vmcoreinfo_number(p->v, "PAGESIZE", &bytes) || bytes < PAGE_4K ||
	    bytes > KIB(64) || bytes & (bytes - 1))
		return no(why, why_len, "VMCOREINFO has no page size");
	for (p->shift = 12; BIT64(p->shift) < bytes; p->shift++)
		;
	return 0;
}

static void free_areas(struct pages *p)
{
	u64 orders;

	p->orders = 11;
	if (vmcoreinfo_number(p->v, "LENGTH(zone.free_area)", &orders) &&
	    orders && orders <= 32)
		p->orders = (u32)orders;
}

static int ask_kernel(struct pages *p, char *why, size_t why_len)
{
	int rc;

	memcpy(p->m, wanted, sizeof(wanted));
	memcpy(p->s, symbols, sizeof(symbols));
	memcpy(p->c, constants, sizeof(constants));
	if (!p->k->constants)
		return no(why, why_len, "its constants can't be asked for");
	rc = p->k->members(p->k, p->m, PAGE_MEMBERS, why, why_len);
	if (!rc)
		rc = p->k->constants(p->k, p->c, PAGE_CONSTANTS, why, why_len);
	if (rc)
		return rc;
	/* Without symbols less is known; what, is said where it is asked. */
	if (p->k->symbols(p->k, p->s, PAGE_SYMBOLS, why, why_len))
		facts_missing(p->f, p->k->symbols_source, "%s", why);
	return 0;
}

int pages_layout(struct pages *p, char *why, size_t why_len)
{
	static const u32 must[] = { PAGE_FLAGS, PAGE_MAPPING, PAGE_TYPE,
				    PAGE_REFERENCES, PAGE_PRIVATE };
	int rc = page_size(p, why, why_len);

	if (!rc)
		rc = sections(p, why, why_len);
	if (!rc)
		rc = ask_kernel(p, why, why_len);
	if (rc)
		return rc;
	p->size = p->m[PAGE_WHOLE].size;
	if (!p->m[PAGE_WHOLE].found || p->size < 32 ||
	    p->size > STRUCT_PAGE_MAX || p->size % 8)
		return no(why, why_len,
			  "the size of its struct page is unknown");
	for (size_t i = 0; i < ARRAY_SIZE(must); i++)
		if (!p->m[must[i]].found)
			return no(why, why_len,
				  "its struct page lacks a member that must "
				  "be there");
	if (!types(p))
		return no(why, why_len,
			  "how it marks free pages is unknown: a kernel "
			  "between 6.1 and 6.12?");
	free_areas(p);
	return 0;
}
