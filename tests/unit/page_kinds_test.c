// SPDX-License-Identifier: GPL-2.0-only
/* What pages were, in a made-up kernel: its kinds, and damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/pages_world.h"

/*
 * What the tests ask about; nothing else is there. All is planted before the
 * first question: parts of memory are kept.
 */
#define FRAME 0x20u
#define AT (WORLD_FREE)
#define VIRT(phys) (WORLD_VIRT + (phys))
#define TYPE(n) ((u32)(n) << 24)
#define HEAD BIT64(6)
#define RESERVED BIT64(13)

static struct pages_world w;

static void open_world(void)
{
	char why[256] = "";

	if (pages_world_open(&w, why, sizeof(why)))
		fail_msg("%s", why);
}

static struct page_facts ask_at(u64 phys)
{
	struct page_facts f;

	if (!w.p)
		open_world();
	pages_ask(w.p, phys, &f);
	return f;
}

static void expect(u64 frame, u32 kind)
{
	struct page_facts f = ask_at(frame * PAGE_4K);

	if (f.kind != kind)
		fail_msg("frame 0x%llx: %s, not %s", (unsigned long long)frame,
			 page_kind_text(f.kind), page_kind_text(kind));
}

static int setup_new(void **state)
{
	(void)state;
	pages_world_init(&w, false);
	return 0;
}

static int setup_old(void **state)
{
	(void)state;
	pages_world_init(&w, true);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pages_world_free(&w);
	return 0;
}

/* --- struct page says it --- */

static void buddy(u32 type)
{
	world_page(&w, FRAME, "_mapcount", type);
	world_page(&w, FRAME, "private", 3);
	for (u64 i = 0; i < 8; i++)
		world_page(&w, FRAME + i, "_refcount", 0);
}

static void free_block(void **state)
{
	struct page_facts f;

	(void)state;
	buddy(w.old ? ~0x80u : TYPE(0xf0));
	expect(FRAME, PAGE_FREE);
	expect(FRAME + 7, PAGE_FREE);
	expect(FRAME + 8, PAGE_KERNEL);
	assert_int_equal(ask_at((FRAME + 8) * PAGE_4K).order, 0);
	f = ask_at((FRAME + 5) * PAGE_4K + 0x123);
	assert_int_equal(f.order, 3);
	assert_int_equal(f.first, FRAME * PAGE_4K);
	assert_int_equal(f.phys, (FRAME + 5) * PAGE_4K);
}

/* The order of a free block is a number that anybody may have written. */
static void free_block_of_no_order(void **state)
{
	(void)state;
	buddy(w.old ? ~0x80u : TYPE(0xf0));
	world_page(&w, FRAME, "private", ~0ULL);
	expect(FRAME, PAGE_KERNEL);
	expect(FRAME + 1, PAGE_KERNEL);
}

static void folio(u32 order)
{
	u64 mask = ~((64ULL << order) - 1);

	world_page(&w, FRAME, "flags", HEAD);
	for (u64 i = 1; i < BIT64(order); i++) {
		if (w.old)
			world_page(&w, FRAME + i, "compound_head",
				   world_page_at(FRAME) | 1);
		else
			world_page(&w, FRAME + i, "compound_info", mask | 1);
		world_page(&w, FRAME + i, "_refcount", 0);
	}
	if (w.old)
		world_page(&w, FRAME + 1, "compound_order", order);
	else
		world_set(&w, WORLD_PAGES + FRAME * 64, "folio", "_flags_1",
			  order);
}

static void slab(void **state)
{
	struct page_facts f;

	(void)state;
	folio(2);
	if (w.old)
		world_page(&w, FRAME, "flags", HEAD | BIT64(9));
	else
		world_page(&w, FRAME, "_mapcount", TYPE(0xf5));
	world_set(&w, WORLD_PAGES + FRAME * 64, "slab", "slab_cache", VIRT(AT));
	world_set(&w, AT, "kmem_cache", "name", VIRT(AT + 0x80));
	world_set(&w, AT, "kmem_cache", "size", 0x300);
	memcpy(w.ram + AT + 0x80, "kmalloc\033x", 10);
	f = ask_at((FRAME + 1) * PAGE_4K);
	assert_int_equal(f.kind, PAGE_SLAB);
	assert_string_equal(f.name, "kmalloc?x");
	assert_int_equal(f.first, FRAME * PAGE_4K);
	assert_int_equal(f.size, 0x300);
	assert_int_equal(f.offset, 0x1000 / 0x300 * 0x300);
	assert_null(f.why);
}

static void slab_without_cache(void **state)
{
	struct page_facts f;

	(void)state;
	world_page(&w, FRAME, "_mapcount", TYPE(0xf5));
	world_set(&w, WORLD_PAGES + FRAME * 64, "slab", "slab_cache", 0x1000);
	f = ask_at(FRAME * PAGE_4K);
	assert_int_equal(f.kind, PAGE_SLAB);
	assert_string_equal(f.why, "its cache is not in the dump");
}

static void types_of_page(void **state)
{
	static const u32 bit[] = { 0x100, 0x200, 0x400 };
	static const u32 kind[] = { PAGE_OFFLINE, PAGE_TABLE, PAGE_GUARD };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(kind); i++)
		world_page(&w, FRAME + i, "_mapcount",
			   w.old ? ~bit[i] : TYPE(0xf1 + i));
	for (u32 i = 0; i < ARRAY_SIZE(kind); i++)
		expect(FRAME + i, kind[i]);
}

static void hugetlb(void **state)
{
	(void)state;
	folio(4);
	if (w.old)
		world_page(&w, FRAME + 1, "compound_dtor", 2);
	else
		world_page(&w, FRAME, "_mapcount", TYPE(0xf4));
	expect(FRAME, PAGE_HUGETLB);
	expect(FRAME + 15, PAGE_HUGETLB);
	expect(FRAME + 16, PAGE_KERNEL);
}

static void anonymous(void **state)
{
	struct page_facts f;

	(void)state;
	world_page(&w, FRAME, "mapping", VIRT(AT) | 1);
	world_page(&w, FRAME, "_mapcount", 1);
	world_page(&w, FRAME, "flags", BIT64(4) | BIT64(17));
	world_page(&w, FRAME, "_refcount", 1025);
	world_page(&w, FRAME + 1, "mapping", VIRT(AT) | 3);
	f = ask_at(FRAME * PAGE_4K);
	assert_int_equal(f.kind, PAGE_ANON);
	assert_int_equal(f.mapped, 2);
	assert_int_equal(f.state, PAGE_DIRTY | PAGE_PINNED_LONG);
	expect(FRAME + 1, PAGE_KSM);
}

static void plant_file(u64 frame)
{
	world_page(&w, frame, "mapping", VIRT(AT));
	world_page(&w, frame, "flags", BIT64(1) | BIT64(17));
	world_set(&w, AT, "address_space", "host", VIRT(AT + 0x40));
	world_set(&w, AT + 0x40, "inode", "i_ino", 4711);
	world_set(&w, AT + 0x40, "inode", "i_sb", VIRT(AT + 0x80));
	world_set(&w, AT + 0x80, "super_block", "s_dev", 8 << 20 | 3);
	memcpy(w.ram + AT + 0x88, "sda3", 5);
}

static void file(void **state)
{
	struct page_facts f;

	(void)state;
	plant_file(FRAME);
	f = ask_at(FRAME * PAGE_4K);
	assert_int_equal(f.kind, PAGE_FILE);
	assert_int_equal(f.inode, 4711);
	assert_int_equal(f.dev, 8 << 20 | 3);
	assert_string_equal(f.name, "sda3");
	assert_int_equal(f.state, PAGE_WRITEBACK | PAGE_SHARED_MEM);
}

/* What stands at page.mapping of a driver's page is no mapping. */
static void no_file(void **state)
{
	struct page_facts f;

	(void)state;
	world_page(&w, FRAME, "mapping", VIRT(AT));
	world_page(&w, FRAME + 1, "mapping", 0x1234560);
	expect(FRAME, PAGE_KERNEL);
	f = ask_at((FRAME + 1) * PAGE_4K);
	assert_int_equal(f.kind, PAGE_FILE);
	assert_string_equal(f.why, "its address_space is not in the dump");
}

static void poisoned_and_pool(void **state)
{
	(void)state;
	world_page(&w, FRAME, "flags", BIT64(21));
	world_page(&w, FRAME + 1, "pp_magic", 0xdead000000000040ULL);
	expect(FRAME, PAGE_POISONED);
	expect(FRAME + 1, PAGE_POOL);
}

/* --- ranges --- */

static void image(void **state)
{
	u64 frame = WORLD_IMAGE / PAGE_4K;

	(void)state;
	for (u64 i = 0; i < 8; i++)
		world_page(&w, frame + i, "flags", RESERVED);
	/* Freed, and used anew: what was there is gone. */
	world_page(&w, frame + 1, "flags", 0);
	world_page(&w, frame + 9, "flags", RESERVED);
	expect(frame, PAGE_TEXT);
	expect(frame + 1, PAGE_KERNEL);
	expect(frame + 3, PAGE_RODATA);
	expect(frame + 7, PAGE_DATA);
	expect(frame + 9, PAGE_RESERVED);
}

static void swiotlb(void **state)
{
	u64 at = world_symbol("io_tlb_default_mem") + 8;
	struct page_facts f;

	(void)state;
	world_put(&w, at, FRAME * PAGE_4K, 8);
	world_put(&w, at + 8, (FRAME + 2) * PAGE_4K, 8);
	world_put(&w, at + 16, VIRT(AT), 8);
	/* Two slots a page, of 24 bytes each. */
	world_put(&w, AT, ~0ULL, 8);
	world_put(&w, AT + 2 * 24, 0xabc000, 8);
	f = ask_at(FRAME * PAGE_4K);
	assert_int_equal(f.kind, PAGE_SWIOTLB);
	assert_int_equal(f.origin, ~0ULL);
	f = ask_at((FRAME + 1) * PAGE_4K);
	assert_int_equal(f.kind, PAGE_SWIOTLB);
	assert_int_equal(f.origin, 0xabc000);
	expect(FRAME + 2, PAGE_KERNEL);
}

/* Of two areas of CMA, one free page, one of a process and one allocated. */
static void cma(void **state)
{
	u64 area = world_symbol("cma_areas");
	struct page_facts f;

	(void)state;
	world_put(&w, world_symbol("cma_area_count"), 2, 4);
	for (u64 i = 0; i < 2; i++) {
		u64 at = area + 256 * i,
		    range = w.old ? at : at + world_offset("cma", "ranges");

		/* Its pages in all, then how many ranges they are in. */
		world_put(&w, at + 8, 16, 8);
		world_put(&w, range, FRAME + 32 * i, 8);
		world_put(&w, range + 8, 16, 8);
		if (!w.old)
			world_put(&w, at + 16, 1, 4);
		strcpy((char *)w.ram + at + 64, i ? "linux,cma" : "reserved");
	}
	buddy(w.old ? ~0x80u : TYPE(0xf0));
	world_page(&w, FRAME + 33, "mapping", VIRT(AT) | 1);
	expect(FRAME, PAGE_FREE);
	expect(FRAME + 8, PAGE_CMA);
	expect(FRAME + 16, PAGE_KERNEL);
	expect(FRAME + 33, PAGE_ANON);
	f = ask_at((FRAME + 34) * PAGE_4K);
	assert_int_equal(f.kind, PAGE_CMA);
	assert_string_equal(f.name, "linux,cma");
}

/* A section that the allocator never had, or that was taken out of use. */
static void of_a_device(void **state)
{
	struct page_facts f;

	(void)state;
	world_put(&w, WORLD_SECTIONS + 0x100, VIRT(WORLD_PAGES) | 3, 8);
	for (u64 i = 0; i < 2; i++)
		world_put(&w, WORLD_PAGES + (FRAME + i) * 64 + 8, VIRT(AT), 8);
	world_put(&w, WORLD_PAGES + (FRAME + 1) * 64 + 8, 0x1000, 8);
	world_set(&w, AT, "dev_pagemap", "type", 5);
	f = ask_at(FRAME * PAGE_4K);
	assert_int_equal(f.kind, PAGE_DEVICE);
	assert_string_equal(f.name, "p2p");
	expect(FRAME + 1, PAGE_OFFLINE);
}

static void mark_tables_of_iommu(void *arg, struct pages *p)
{
	*(u32 *)arg += 1;
	assert_true(pages_mark(p, FRAME * PAGE_4K + 0x10, PAGE_4K, PAGE_IOMMU));
	assert_false(pages_mark(p, (FRAME + 1) * PAGE_4K, 1, PAGE_IOMMU));
}

/* What others know is asked for once, and struct page goes first. */
static void others(void **state)
{
	u32 asked = 0;

	(void)state;
	world_page(&w, FRAME + 1, "mapping", VIRT(AT) | 1);
	open_world();
	pages_others(w.p, mark_tables_of_iommu, &asked);
	expect(FRAME + 1, PAGE_ANON);
	assert_int_equal(asked, 0);
	expect(FRAME, PAGE_IOMMU);
	expect(FRAME + 2, PAGE_KERNEL);
	assert_int_equal(asked, 1);
}

static void swiotlb_use(void **state)
{
	u64 at = world_symbol("io_tlb_default_mem") + 8;
	struct swiotlb_use use;

	(void)state;
	world_put(&w, at, FRAME * PAGE_4K, 8);
	world_put(&w, at + 8, (FRAME + 2) * PAGE_4K, 8);
	world_put(&w, at + 16, VIRT(AT), 8);
	for (u64 i = 0; i < 4; i++)
		world_put(&w, AT + 24 * i, i == 1 ? 0xabc000 : ~0ULL, 8);
	open_world();
	pages_swiotlb(w.p, &use);
	assert_true(use.known);
	assert_int_equal(use.slots, 4);
	assert_int_equal(use.used, 1);
	pages_close(w.p);
	w.p = NULL;
	world_put(&w, at + 16, 0x1000, 8);
	open_world();
	pages_swiotlb(w.p, &use);
	assert_false(use.known);
}

static void zeros(void **state)
{
	(void)state;
	world_put(&w, world_symbol("huge_zero_pfn"), 512, 8);
	expect(world_symbol("empty_zero_page") / PAGE_4K, PAGE_ZERO);
	expect(511, PAGE_KERNEL);
	expect(512, PAGE_ZERO);
	expect(1023, PAGE_ZERO);
}

/* --- what lists and tables say --- */

static void cpu_list(void **state)
{
	u64 list = WORLD_PAGESET + 8 + 2 * 3 * 16; /* the first of order 2 */
	u64 node[2];

	(void)state;
	for (u32 i = 0; i < 2; i++) {
		node[i] = WORLD_PAGES + (FRAME + 8 * i) * 64 + 8;
		for (u32 j = 0; j < 4; j++)
			world_page(&w, FRAME + 8 * i + j, "_refcount", 0);
	}
	world_list(&w, list, node, 2);
	expect(FRAME, PAGE_FREE_CPU);
	expect(FRAME + 3, PAGE_FREE_CPU);
	expect(FRAME + 4, PAGE_KERNEL);
	expect(FRAME + 11, PAGE_FREE_CPU);
}

/* A list that never comes back ends, and what it had counts. */
static void cpu_list_loop(void **state)
{
	u64 node = WORLD_PAGES + FRAME * 64 + 8;

	(void)state;
	world_list(&w, WORLD_PAGESET + 8, &node, 1);
	world_put(&w, node, VIRT(node), 8);
	world_page(&w, FRAME, "_refcount", 0);
	expect(FRAME, PAGE_FREE_CPU);
	assert_true(w.f.missing_n > 0);
}

static void plant_task(u64 task, u64 stack, u64 pgd)
{
	u64 node = task, thread = task + 48;

	world_list(&w, world_symbol("init_task"), &node, 1);
	world_set(&w, task, "task_struct", "stack", VIRT(stack));
	world_set(&w, task, "task_struct", "mm", VIRT(task + 0x100));
	world_set(&w, task, "task_struct", "signal", VIRT(task + 0x200));
	memcpy(w.ram + task + 64, "agetty", 7);
	world_set(&w, task + 0x100, "mm_struct", "pgd", VIRT(pgd));
	world_list(&w, task + 0x200, &thread, 1);
}

static void stack_and_tables(void **state)
{
	u64 frame = 0x300, pgd = 0x310 * PAGE_4K;
	struct page_facts f;

	(void)state;
	plant_task(AT, frame * PAGE_4K, pgd);
	for (u32 i = 0; i < 3; i++)
		world_put(&w, pgd + i * PAGE_4K, (pgd + (i + 1) * PAGE_4K) | 7,
			  8);
	/* The kernel's half is nobody's own. */
	world_put(&w, pgd + 256 * 8, 0x320 * PAGE_4K | 7, 8);
	/* A page, not a table. */
	world_put(&w, pgd + 2 * PAGE_4K + 8, 0x321 * PAGE_4K | 0x87, 8);
	expect(frame, PAGE_STACK);
	expect(frame + 3, PAGE_STACK);
	expect(frame + 4, PAGE_KERNEL);
	for (u32 i = 0; i < 4; i++)
		expect(0x310 + i, PAGE_TABLE);
	expect(0x320, PAGE_KERNEL);
	expect(0x321, PAGE_KERNEL);
	f = ask_at(frame * PAGE_4K);
	assert_string_equal(f.name, "agetty");
}

/* A table that leads to itself is read once. */
static void tables_loop(void **state)
{
	u64 pgd = 0x310 * PAGE_4K;

	(void)state;
	plant_task(AT, 0x300 * PAGE_4K, pgd);
	for (u32 i = 0; i < 256; i++)
		world_put(&w, pgd + 8 * i, pgd | 7, 8);
	world_put(&w, pgd + 8, 0x311 * PAGE_4K | 7, 8);
	expect(0x310, PAGE_TABLE);
	expect(0x311, PAGE_TABLE);
	expect(0x312, PAGE_KERNEL);
}

static void plant_area(u64 at, u64 frame, u64 flags)
{
	u64 node = at + 16, nodes = at + 0x200;

	world_set(&w, at, "vmap_area", "va_start", VIRT(frame * PAGE_4K));
	world_set(&w, at, "vmap_area", "va_end", VIRT((frame + 2) * PAGE_4K));
	world_set(&w, at, "vmap_area", "vm", VIRT(at + 0x100));
	world_set(&w, at + 0x100, "vm_struct", "flags", flags);
	if (w.old) {
		world_list(&w, world_symbol("vmap_area_list"), &node, 1);
		return;
	}
	world_put(&w, world_symbol("vmap_nodes"), VIRT(nodes), 8);
	world_put(&w, world_symbol("nr_vmap_nodes"), 1, 4);
	world_list(&w, nodes + 16 + 8, &node, 1);
}

static void areas(void **state)
{
	(void)state;
	plant_area(AT, FRAME, 2);
	expect(FRAME, PAGE_VMALLOC);
	expect(FRAME + 1, PAGE_VMALLOC);
	expect(FRAME + 2, PAGE_KERNEL);
}

/* What others own is mapped by vmap() as well. */
static void area_of_others(void **state)
{
	(void)state;
	plant_area(AT, FRAME, 4);
	expect(FRAME, PAGE_KERNEL);
}

static void module_of_kernel(void **state)
{
	u64 node = AT;
	struct page_facts f;

	(void)state;
	world_list(&w, world_symbol("modules"), &node, 1);
	memcpy(w.ram + AT + 16, "e1000", 6);
	world_put(&w, AT + 80, VIRT(FRAME * PAGE_4K), 8);
	if (w.old) {
		world_put(&w, AT + 88, 0x3000, 4);
		world_put(&w, AT + 92, 0x1000, 4);
		world_put(&w, AT + 96, 0x2000, 4);
	} else {
		world_put(&w, AT + 88, 0x1000, 4);
		world_put(&w, AT + 80 + 16, VIRT((FRAME + 2) * PAGE_4K), 8);
		world_put(&w, AT + 88 + 16, 0x1000, 4);
		world_put(&w, AT + 80 + 32, VIRT((FRAME + 1) * PAGE_4K), 8);
		world_put(&w, AT + 88 + 32, 0x1000, 4);
	}
	expect(FRAME, PAGE_TEXT);
	expect(FRAME + 1, PAGE_RODATA);
	expect(FRAME + 2, PAGE_DATA);
	f = ask_at(FRAME * PAGE_4K);
	assert_string_equal(f.name, "e1000");
}

static void plant_percpu(void)
{
	world_put(&w, world_symbol("pcpu_base_addr"), VIRT(0x300000), 8);
	world_put(&w, world_symbol("pcpu_nr_units"), 1, 4);
	world_put(&w, world_symbol("pcpu_unit_size"), 0x2000, 4);
	world_put(&w, world_symbol("pcpu_unit_offsets"), VIRT(AT), 8);
}

static void percpu(void **state)
{
	(void)state;
	plant_percpu();
	expect(0x300, PAGE_PERCPU);
	expect(0x301, PAGE_PERCPU);
	expect(0x302, PAGE_KERNEL);
}

/* What a kernel does not say is told: a stack is called the kernel's then. */
static void kernel_without(void **state)
{
	static const char *const symbol[] = { "init_task", "modules",
					      "pcpu_unit_offsets" };

	(void)state;
	plant_percpu();
	for (u32 i = 0; i < ARRAY_SIZE(symbol); i++) {
		w.without = symbol[i];
		open_world();
		expect(FRAME, PAGE_KERNEL);
		assert_int_equal(w.f.missing_n, i + 1);
		pages_close(w.p);
		w.p = NULL;
	}
}

/* --- I/O addresses --- */

enum {
	GROUP = AT,
	DOMAIN = AT + 0x100,
	COOKIE = AT + 0x200,
	TREE = AT + 0x300,
	IOVA_CACHES = AT + 0x400, /* six of 64 bytes */
	IOVA_CPU = AT + 0x600,
	MAGAZINE = AT + 0x680, /* three of 32 bytes */
	QUEUE = AT + 0x700,
};

/* low, high: the tree's root, what is left and right of it */
static void plant_tree(void)
{
	static const u64 iova[][2] = { { 0x200, 0x20f },
				       { 0x100, 0x100 },
				       { ~0ULL, ~0ULL } };

	for (u32 i = 0; i < ARRAY_SIZE(iova); i++) {
		world_set(&w, TREE + 64 * i, "iova", "pfn_lo", iova[i][0]);
		world_set(&w, TREE + 64 * i, "iova", "pfn_hi", iova[i][1]);
	}
	world_set(&w, TREE, "rb_node", "rb_left", VIRT(TREE + 64));
	world_set(&w, TREE, "rb_node", "rb_right", VIRT(TREE + 128));
}

/* Of order 1: one in the CPU's magazine, three in the depot. */
static void plant_caches(void)
{
	u64 cache = IOVA_CACHES + 64;

	for (u32 i = 0; i < 6; i++)
		world_set(&w, IOVA_CACHES + 64 * i, "iova_rcache",
			  "cpu_rcaches", VIRT(IOVA_CPU + 0x40));
	world_set(&w, cache, "iova_rcache", "cpu_rcaches", VIRT(IOVA_CPU));
	world_set(&w, cache, "iova_rcache", "depot_size", 1);
	world_set(&w, cache, "iova_rcache", "depot", VIRT(MAGAZINE + 32));
	world_set(&w, IOVA_CPU, "iova_cpu_rcache", "loaded", VIRT(MAGAZINE));
	world_put(&w, MAGAZINE, 1, 8);
	world_put(&w, MAGAZINE + 8, 0x208, 8);
	world_put(&w, MAGAZINE + 32, 0, 8);
	for (u32 i = 0; i < 3; i++)
		world_put(&w, MAGAZINE + 40 + 8 * i, 0x20a + 2 * i, 8);
}

/* A queue of four: one entry is done with, one is pending, over its end. */
static void plant_queue(void)
{
	static const u64 entry[][3] = {
		{ 0x206, 2, 9 }, { 0, 0, 0 }, { 0, 0, 0 }, { 0x204, 2, 4 }
	};

	world_set(&w, QUEUE, "iova_fq", "head", 3);
	world_set(&w, QUEUE, "iova_fq", "tail", 1);
	if (!w.old)
		world_set(&w, QUEUE, "iova_fq", "mod_mask", 3);
	for (u32 i = 0; i < ARRAY_SIZE(entry); i++) {
		u64 at = QUEUE + 16 + 32 * i;

		world_set(&w, at, "iova_fq_entry", "iova_pfn", entry[i][0]);
		world_set(&w, at, "iova_fq_entry", "pages", entry[i][1]);
		world_set(&w, at, "iova_fq_entry", "counter", entry[i][2]);
	}
}

static void plant_group(void)
{
	u64 node = GROUP + 8 + 8, iovad = COOKIE + 8;

	world_list(&w, WORLD_KSET, &node, 1);
	world_set(&w, GROUP, "iommu_group", "id", 7);
	world_set(&w, GROUP, "iommu_group", "default_domain", VIRT(DOMAIN));
	if (!w.old)
		world_set(&w, DOMAIN, "iommu_domain", "cookie_type", 1);
	world_set(&w, DOMAIN, "iommu_domain", "iova_cookie", VIRT(COOKIE));
	world_set(&w, COOKIE, "iommu_dma_cookie", "fq_domain", VIRT(DOMAIN));
	world_set(&w, COOKIE, "iommu_dma_cookie", w.old ? "fq" : "percpu_fq",
		  VIRT(QUEUE));
	world_set(&w, COOKIE, "iommu_dma_cookie", "fq_flush_finish_cnt", 5);
	world_set(&w, iovad, "iova_domain", "rbroot", VIRT(TREE));
	world_set(&w, iovad, "iova_domain", "granule", PAGE_4K);
	world_set(&w, iovad, "iova_domain", "rcaches", VIRT(IOVA_CACHES));
	plant_tree();
	plant_caches();
	plant_queue();
}

static void expect_ranges(const struct iova_ranges *r, const u64 *pfn, size_t n)
{
	assert_int_equal(r->n, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(r->at[i].start, pfn[2 * i] * PAGE_4K);
		assert_int_equal(r->at[i].len, pfn[2 * i + 1] * PAGE_4K);
	}
}

static struct iovas iovas_now(void)
{
	struct iovas v;

	if (!w.p)
		open_world();
	assert_int_equal(pages_iovas(w.p, &v), 0);
	assert_string_equal(v.why, "");
	return v;
}

static void iovas(void **state)
{
	static const u64 used[] = { 0x100, 1, 0x200, 0x10 };
	static const u64 freed[] = { 0x204, 2, 0x206, 2, 0x208, 2,
				     0x20a, 2, 0x20c, 2, 0x20e, 2 };
	static const u64 pending[] = { 0x206, 2 };
	struct iovas v;

	(void)state;
	plant_group();
	v = iovas_now();
	assert_int_equal(v.n, 1);
	assert_int_equal(v.group[0].group, 7);
	assert_null(v.group[0].why);
	expect_ranges(&v.group[0].used, used, 2);
	expect_ranges(&v.group[0].freed, freed, 6);
	expect_ranges(&v.group[0].pending, pending, 1);
	iovas_free(&v);
}

/* What is none of the DMA layer's has no such addresses. */
static void iovas_of_others(void **state)
{
	struct iovas v;

	(void)state;
	plant_group();
	if (w.old)
		world_set(&w, COOKIE, "iommu_dma_cookie", "type", 1);
	else
		world_set(&w, DOMAIN, "iommu_domain", "cookie_type", 5);
	v = iovas_now();
	assert_int_equal(v.n, 0);
	iovas_free(&v);
}

/* One thing is damaged: it ends, and says what is not known. */
static void iovas_damaged(void **state)
{
	static const struct {
		u64 at, val;
		const char *why;
	} damage[] = {
		{ TREE + 8, VIRT(TREE), "its tree" }, /* a loop */
		{ TREE + 128 + 8, VIRT(TREE + 128), "its tree" },
		{ TREE + 24, 0, "its tree" },
		{ TREE + 64 + 24, ~0ULL - 1, "an address" },
		{ COOKIE + 8 + 16, 3, "its granule" },
		{ COOKIE + 8 + 24, 0x1000, "its caches" },
		{ IOVA_CACHES + 64 + 8, ~0ULL, "its caches" },
		{ IOVA_CACHES + 64 + 8, 2, "its caches" },
		{ MAGAZINE, 4, "its caches" },
		{ QUEUE, 0xffffffff, "its flush queues" },
		{ QUEUE + 4, BIT64(31), "its flush queues" },
		{ COOKIE + 72, 0x1000, "its flush queues" },
	};

	for (u32 i = 0; i < ARRAY_SIZE(damage); i++) {
		struct iovas v;

		teardown(state);
		pages_world_init(&w, w.old);
		plant_group();
		world_put(&w, damage[i].at, damage[i].val, 8);
		v = iovas_now();
		assert_int_equal(v.n, 1);
		if (!v.group[0].why || !strstr(v.group[0].why, damage[i].why))
			fail_msg("%u: %s, not %s", i, v.group[0].why,
				 damage[i].why);
		iovas_free(&v);
	}
}

/* --- damage --- */

static void no_memory_there(void **state)
{
	(void)state;
	assert_int_equal(ask_at(WORLD_LEN).kind, PAGE_NONE);
	assert_int_equal(ask_at(BIT64(51)).kind, PAGE_NONE);
}

static void struct_page_missing(void **state)
{
	struct page_facts f;

	(void)state;
	w.hole = WORLD_PAGES / PAGE_4K; /* of the first 64 pages */
	f = ask_at(FRAME * PAGE_4K);
	assert_int_equal(f.kind, PAGE_UNKNOWN);
	assert_string_equal(f.why, "its struct page is not in the dump");
	expect(64, PAGE_KERNEL);
}

/* What can't be read of the sections is no answer that there is none. */
static void section_missing(void **state)
{
	struct page_facts f;

	(void)state;
	w.hole = WORLD_SECTIONS / PAGE_4K;
	f = ask_at(FRAME * PAGE_4K);
	assert_int_equal(f.kind, PAGE_UNKNOWN);
	assert_string_equal(f.why, "its section of memory is not in the dump");
}

static void tail_of_nothing(void **state)
{
	static const u64 head[] = { 0x1235, 1, ~0ULL, 0 };
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(head); i++)
		world_page(&w, FRAME + i, "lru", head[i]);
	/* A head before it that is too small. */
	world_page(&w, FRAME + i, "lru", world_page_at(FRAME + i - 1) | 1);
	world_page(&w, FRAME + i - 1, "lru", 0);
	for (u32 j = 0; j <= i; j++) {
		struct page_facts f = ask_at((FRAME + j) * PAGE_4K);

		if (j == i - 1)
			continue;
		assert_int_equal(f.kind, PAGE_UNKNOWN);
		assert_non_null(f.why);
	}
}

static void kernel_that_says_too_little(void **state)
{
	static const char *const text[] = {
		"",
		"PAGESIZE=4096\n",
		"PAGESIZE=3\n",
		"PAGESIZE=4096\nSYMBOL(mem_section)=0\nLENGTH(mem_section)=1\n"
		"SIZE(mem_section)=8\nOFFSET(mem_section.section_mem_map)=1\n"
		"NUMBER(SECTION_SIZE_BITS)=22\nNUMBER(MAX_PHYSMEM_BITS)=25\n",
	};
	struct vmcoreinfo kept = w.v;

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(text); i++) {
		char why[256] = "";

		w.v = (struct vmcoreinfo){ text[i], strlen(text[i]) };
		assert_true(pages_world_open(&w, why, sizeof(why)) < 0);
		assert_string_not_equal(why, "");
		pages_close(w.p);
		w.p = NULL;
	}
	w.v = kept;
}

#define BOTH(test)                                                  \
	cmocka_unit_test_setup_teardown(test, setup_new, teardown), \
	{                                                           \
#test "_old", test, setup_old, teardown, NULL       \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(free_block),
		BOTH(free_block_of_no_order),
		BOTH(slab),
		cmocka_unit_test_setup_teardown(slab_without_cache, setup_new,
						teardown),
		BOTH(types_of_page),
		BOTH(hugetlb),
		BOTH(anonymous),
		BOTH(file),
		BOTH(no_file),
		BOTH(poisoned_and_pool),
		BOTH(image),
		BOTH(swiotlb),
		BOTH(swiotlb_use),
		BOTH(cma),
		BOTH(of_a_device),
		BOTH(others),
		BOTH(zeros),
		BOTH(cpu_list),
		BOTH(cpu_list_loop),
		BOTH(stack_and_tables),
		BOTH(tables_loop),
		BOTH(areas),
		BOTH(area_of_others),
		BOTH(module_of_kernel),
		BOTH(percpu),
		BOTH(kernel_without),
		BOTH(iovas),
		BOTH(iovas_of_others),
		BOTH(iovas_damaged),
		BOTH(no_memory_there),
		BOTH(struct_page_missing),
		BOTH(section_missing),
		BOTH(tail_of_nothing),
		BOTH(kernel_that_says_too_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
