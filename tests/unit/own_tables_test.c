// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables of our own, in forms that differ in all that forms differ in:
 * depth, entries in a table, page size, large pages, root. What is built is
 * read back through the walker that reads everyone's tables.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "fakemem.h"
#include "../../iommu/quiesce.h"
#include "../../iommu/vtd/tables.h"

#define ARENA 0x40000000ULL
#define ARENA_LEN 0x4000000ULL
#define SCRATCH (ARENA - 0x10000)
#define RAM_END 0x140000000ULL

/* Entries of a made-up form: what they map, and 1 table, 2 page. */
static void plain_decode(const struct iommu_config *c,
			 const struct iommu_table *t, u32 level, u64 raw,
			 struct iommu_pte *out)
{
	(void)c;
	(void)t;
	(void)level;
	memset(out, 0, sizeof(*out));
	out->present = raw & 3;
	out->leaf = raw & 2;
	out->perm = IOMMU_R | IOMMU_W;
	out->addr = raw & ~0xfffULL;
}

static u64 plain_encode(const struct iommu_config *c,
			const struct iommu_table *t, u32 level, u64 addr,
			bool leaf)
{
	(void)c;
	(void)t;
	(void)level;
	return addr | (leaf ? 2 : 1);
}

#define PLAIN(bits, shift)                                                    \
	{                                                                     \
		.name = "plain", .entry_bits = (bits), .page_shift = (shift), \
		.decode = plain_decode, .encode = plain_encode                \
	}
static const struct iommu_pt_format plain_4k = PLAIN(9, 12);
static const struct iommu_pt_format plain_16k = PLAIN(11, 14);
static const struct iommu_pt_format plain_64k = PLAIN(13, 16);

#define FORM(f, depth, biggest, width, root)                                \
	{                                                                   \
		{ .format = &(f), .levels = (depth), .root_bits = (root) }, \
			(biggest), (width)                                  \
	}
static const struct own_form forms[] = {
	FORM(vtd_second_stage, 3, 2, 39, 0),
	FORM(vtd_second_stage, 4, 3, 48, 0),
	FORM(vtd_second_stage, 4, 1, 48, 0),
	FORM(vtd_second_stage, 5, 2, 57, 0),
	FORM(vtd_first_stage, 4, 3, 47, 0),
	FORM(plain_4k, 3, 2, 40, 10), /* two root tables side by side */
	FORM(plain_4k, 6, 6, 64 - 1, 6),
	FORM(plain_16k, 3, 2, 47, 0),
	FORM(plain_64k, 2, 2, 42, 0),
	FORM(plain_64k, 3, 1, 48, 6),
};

/* A unit that walks all of that. */
static const struct iommu_config config = {
	.vendor = IOMMU_VENDOR_VTD,
	.cap = 1ULL << 56, /* FS1GP */
	.page_2m = true,
	.page_1g = true,
	.address_bits = 64,
};

struct rig {
	struct fakemem mem;
	struct mmio mmio;
	struct iommu_arena arena;
	struct iommu_quiesce q;
	struct iommu_result res;
	struct span ram, guard[2];
	struct quiesce s;
};

static struct rig rig;

static void rig_up(struct rig *r, const struct own_form *f)
{
	memset(r, 0, sizeof(*r));
	fakemem_init(&r->mem);
	r->mem.grow = (struct span){ ARENA, ARENA_LEN };
	r->arena.area = r->mem.grow;
	r->ram = (struct span){ 0, RAM_END };
	r->guard[0] = (struct span){ 0x1234000, 0x3000 };
	r->guard[1] = (struct span){ ARENA, 2 * ARENA_LEN };
	r->q = (struct iommu_quiesce){ .mem = &r->mem.m,
				       .mmio = &r->mmio,
				       .arena = &r->arena,
				       .ram = &r->ram,
				       .ram_n = 1,
				       .guard = r->guard,
				       .guard_n = 2,
				       .scratch = SCRATCH };
	quiesce_start(&r->s, &r->q, &r->res);
	r->s.c = &config;
	r->s.form = *f;
}

/* Where a write goes, ~0: nowhere. */
static u64 goes(struct rig *r, u64 root, u64 iova)
{
	struct iommu_domain d = { .kind = IOMMU_KIND_TABLE };
	struct iommu_evidence ev;
	struct iommu_xlat x;

	d.stage[1] = r->s.form.table;
	d.stage[1].root = root;
	return iommu_translate(&config, &r->mem.m, &d, iova, IOMMU_W, &x, &ev)
		       ? ~0ULL
		       : x.pa;
}

static u64 page_size(const struct own_form *f)
{
	return 1ULL << f->table.format->page_shift;
}

static const u64 some[] = {
	0,
	0x1230000,
	0x1234000,
	0x1236ff8,
	0x1240000,
	0x8000000,
	ARENA - 16,
	ARENA,
	ARENA + 2 * ARENA_LEN - 8,
	ARENA + 2 * ARENA_LEN,
	0xfee00000,
	RAM_END - 8,
};

static void test_empty_and_sink(void **state)
{
	u64 empty, sink, page, used;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		rig_up(&rig, &forms[i]);
		assert_int_equal(own_table(&rig.s, TARGET_EMPTY, &empty), 0);
		assert_true(rig.arena.used <= own_table_need(&forms[i],
							     TARGET_EMPTY, 2,
							     RAM_END));
		used = rig.arena.used;
		assert_int_equal(own_table(&rig.s, TARGET_SINK, &sink), 0);
		assert_true(rig.arena.used - used <=
			    own_table_need(&forms[i], TARGET_SINK, 2, RAM_END));
		page = goes(&rig, sink, 0);
		if (page_size(&forms[i]) == PAGE_4K)
			assert_int_equal(page, SCRATCH);
		for (size_t k = 0; k < ARRAY_SIZE(some); k++) {
			assert_int_equal(goes(&rig, empty, some[k]), ~0ULL);
			assert_int_equal(goes(&rig, sink, some[k]),
					 page + some[k] % page_size(&forms[i]));
		}
		/* Built once. */
		used = rig.arena.used;
		assert_int_equal(own_table(&rig.s, TARGET_SINK, &page), 0);
		assert_int_equal(page, sink);
		assert_int_equal(rig.arena.used, used);
		fakemem_free(&rig.mem);
	}
}

/* Is any byte of the page guarded? */
static bool guarded(u64 at, u64 page)
{
	at -= at % page;
	return span_overlaps(&rig.guard[0], at, page) ||
	       span_overlaps(&rig.guard[1], at, page);
}

static void test_identity(void **state)
{
	u64 pass, guard, used, want;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		u64 page = page_size(&forms[i]);

		rig_up(&rig, &forms[i]);
		assert_int_equal(own_table(&rig.s, TARGET_GUARD, &guard), 0);
		assert_true(rig.arena.used <= own_table_need(&forms[i],
							     TARGET_GUARD, 2,
							     RAM_END));
		used = rig.arena.used;
		assert_int_equal(own_table(&rig.s, TARGET_PASS, &pass), 0);
		assert_true(rig.arena.used - used <=
			    own_table_need(&forms[i], TARGET_PASS, 0, RAM_END));
		for (size_t k = 0; k < ARRAY_SIZE(some); k++) {
			assert_int_equal(goes(&rig, pass, some[k]), some[k]);
			want = guarded(some[k], page) ? ~0ULL : some[k];
			assert_int_equal(goes(&rig, guard, some[k]), want);
		}
		fakemem_free(&rig.mem);
	}
}

/* A hole made later takes its pages and no others, down to any depth. */
static void test_punch(void **state)
{
	static const u64 holes[] = { 0x8000000,	 0x8001000,	    0x8203000,
				     0xc0000000, RAM_END - PAGE_4K, 0x1234000 };
	u64 guard, page;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		rig_up(&rig, &forms[i]);
		page = page_size(&forms[i]);
		/* Nothing to punch yet. */
		assert_int_equal(own_guard_punch(&rig.s, holes[0], 1), 0);
		assert_int_equal(own_table(&rig.s, TARGET_GUARD, &guard), 0);
		for (size_t k = 0; k < ARRAY_SIZE(holes); k++) {
			u64 at = holes[k] - holes[k] % page;

			assert_int_equal(
				own_guard_punch(&rig.s, holes[k], PAGE_4K), 0);
			assert_int_equal(goes(&rig, guard, holes[k]), ~0ULL);
			assert_int_equal(goes(&rig, guard, at + page - 8),
					 ~0ULL);
		}
		assert_int_equal(goes(&rig, guard, 0x8000000 - 8),
				 0x8000000 - 8);
		assert_int_equal(goes(&rig, guard, 0x8300000), 0x8300000);
		assert_int_equal(goes(&rig, guard, 0xc0000000 + page),
				 0xc0000000 + page);
		assert_true(
			rig.arena.used <=
			own_table_need(&forms[i], TARGET_GUARD, 2, RAM_END) +
				own_punch_need(&forms[i], 0));
		/* Without memory a hole can't be made, and that is said. */
		rig.arena.area.len = rig.arena.used;
		if (forms[i].large > 1)
			assert_int_equal(own_guard_punch(&rig.s, 0xa0000000, 1),
					 IOMMU_ENOSPACE);
		fakemem_free(&rig.mem);
	}
}

/* With any number of pages: an error, or a map that is right. */
static void test_short(void **state)
{
	u64 root;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		for (u64 pages = 0; pages < 12; pages++) {
			rig_up(&rig, &forms[i]);
			rig.arena.area.len = pages * PAGE_4K;
			if (own_table(&rig.s, TARGET_GUARD, &root))
				assert_int_equal(rig.s.own[TARGET_GUARD].err,
						 IOMMU_ENOSPACE);
			else
				assert_int_equal(goes(&rig, root, ARENA),
						 ~0ULL);
			assert_true(rig.arena.used <= rig.arena.area.len);
			fakemem_free(&rig.mem);
		}
}

/* What the entry above a table says of it counts in every entry of it. */
static void attr_decode(const struct iommu_config *c,
			const struct iommu_table *t, u32 level, u64 raw,
			struct iommu_pte *out)
{
	plain_decode(c, t, level, raw, out);
	out->perm = (u32)t->attr;
}

static const struct iommu_pt_format attr_4k = { .name = "attr",
						.entry_bits = 9,
						.page_shift = 12,
						.decode = attr_decode,
						.encode = plain_encode };

static u64 no_time(struct mmio *r)
{
	(void)r;
	return 0;
}

/* A verdict on a table is none on the same pages under another entry. */
static void test_verdicts(void **state)
{
	struct iommu_table t = { .format = &attr_4k, .levels = 2 };
	struct iommu_evidence ev, again;
	const u64 root = 0x200000, leaves = 0x201000;

	(void)state;
	rig_up(&rig, &forms[0]);
	rig.q.check_budget_us = 1000000;
	rig.mmio.now_us = no_time;
	old_start(&rig.s);
	fakemem_put(&rig.mem, root, leaves | 1);
	fakemem_put(&rig.mem, leaves, rig.guard[0].start | 2);
	t.root = root;
	assert_int_equal(old_table_check(&rig.s, &t, &ev), IOMMU_OK);
	t.attr = IOMMU_R | IOMMU_W;
	assert_int_equal(old_table_check(&rig.s, &t, &ev), IOMMU_ERESERVATION);
	/* Asked again, the evidence is whole. */
	assert_int_equal(old_table_check(&rig.s, &t, &again),
			 IOMMU_ERESERVATION);
	assert_memory_equal(&again, &ev, sizeof(ev));
	t.attr = 0;
	assert_int_equal(old_table_check(&rig.s, &t, &ev), IOMMU_OK);
	fakemem_free(&rig.mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_and_sink),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_punch),
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_verdicts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
