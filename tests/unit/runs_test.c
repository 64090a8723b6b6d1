// SPDX-License-Identifier: GPL-2.0-only
/* Runs that are kept small, against the same in an array. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "answers.h"

#define RUNS 60000u /* several parts' worth of either form */
#define PARTS 6u

static struct iommu_run kept[RUNS];
static u64 seed = 1;

static u32 next(u32 n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)(seed >> 33) % n;
}

/*
 * One behind @end: mostly what fits a word, else what a word has no room for
 * by one more, in one of its members. Never what joins the one before.
 */
static struct iommu_run random_run(u64 end)
{
	static const u64 gap[] = { 0, 1, 63, 64, ~0x1000ULL };
	static const u64 pages[] = { 1, 2, 512, 513 };
	struct iommu_run run = {
		.iova = end,
		.pa = (u64)next(1u << 30) << 12,
		.len = PAGE_4K,
		.perm = 1 + next(7),
		.sizes = 1u << next(31),
	};

	switch (next(16)) {
	case 0:
		run.iova += gap[next(ARRAY_SIZE(gap))] * PAGE_4K;
		break;
	case 1:
		run.len = pages[next(ARRAY_SIZE(pages))] * PAGE_4K;
		break;
	case 2:
		run.pa = BIT64(52) - PAGE_4K + next(2) * PAGE_4K;
		break;
	case 3:
		run.sizes |= 1;
		break;
	case 4:
		run.len = 1 + next(0x3000);
		break;
	case 5:
		run.pa |= 0x800;
	}
	return run;
}

static void fill(struct runs *r, struct iommu_run *run, size_t n)
{
	u64 end = 0;

	for (size_t i = 0; i < n; i++) {
		do {
			run[i] = random_run(end);
		} while (i && run_joins(&run[i - 1], &run[i]));
		end = run[i].iova + run[i].len;
		assert_true(runs_add(r, &run[i]));
	}
}

static void expect(const struct runs *r, const struct iommu_run *run, size_t n)
{
	struct runs_at at = runs_begin(r);
	struct iommu_run got;

	assert_int_equal(r->n, n);
	for (size_t i = 0; i < n; i++) {
		assert_true(runs_next(&at, &got));
		assert_memory_equal(&got, &run[i], sizeof(got));
	}
	assert_false(runs_next(&at, &got));
}

static void as_added(void **state)
{
	struct runs r = { 0 };

	(void)state;
	expect(&r, NULL, 0);
	fill(&r, kept, RUNS);
	expect(&r, kept, RUNS);
	runs_free(&r);
}

static void parts_joined(void **state)
{
	struct runs all = { 0 }, part;
	size_t n = 0, more;

	(void)state;
	for (u32 i = 0; i < PARTS; i++) {
		part = (struct runs){ 0 };
		more = i == 2 ? 0 : RUNS / PARTS / (i + 1);
		fill(&part, kept + n, more);
		runs_join(&all, &part);
		assert_int_equal(part.n, 0);
		n += more;
	}
	expect(&all, kept, n);
	runs_free(&all);
}

/* One mapping that goes through three parts is one. */
static void parts_that_go_on(void **state)
{
	static const struct iommu_run run[] = {
		{ 0x1000, 0x5000, 0x1000, 3, 1 },
		{ 0x2000, 0x6000, 0x200000, 3, BIT64(9) },
		{ 0x202000, 0x206000, 0x1000, 3, 1 },
		{ 0x203000, 0x207000, 0x1000, 1, 1 },
	};
	static const struct iommu_run whole[] = {
		{ 0x1000, 0x5000, 0x202000, 3, 1 | BIT64(9) },
		{ 0x203000, 0x207000, 0x1000, 1, 1 },
	};
	struct runs all = { 0 }, part;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(run); i++) {
		part = (struct runs){ 0 };
		assert_true(runs_add(&part, &run[i]));
		runs_join(&all, &part);
	}
	expect(&all, whole, ARRAY_SIZE(whole));
	runs_free(&all);
}

/* Pages taken at once are what they are one by one, words or not. */
static void pages_at_once(void **state)
{
	static const u64 flip[] = { 0, 3, BIT64(52) - BIT64(51) + 3 };
	static u64 entry[512];
	struct runs one = { 0 }, all = { 0 };
	struct iommu_pages pages = { .entry = entry, .perm = 3 };
	struct runs_at at, with;
	struct iommu_run a, b;

	(void)state;
	for (u32 i = 0; i < 400; i++) {
		pages.len = next(8) ? PAGE_4K : next(2) ? MIB(2) : BIT64(30);
		pages.sizes = (u32)(pages.len >> 12);
		pages.n = 1 + next(ARRAY_SIZE(entry));
		pages.flip = flip[next(16) ? next(2) : 2];
		pages.iova += next(3) ? 0 : next(100) * PAGE_4K;
		for (u32 k = 0; k < pages.n; k++) {
			entry[k] = (2 * k + (u64)next(2) * 2000) * pages.len;
			entry[k] |= pages.flip & (PAGE_4K - 1);
			if (!next(2000))
				entry[k] |= BIT64(53);
			a = pages_run(&pages, k);
			assert_true(runs_add(&one, &a));
		}
		assert_true(runs_add_pages(&all, &pages));
		pages.iova += pages.n * pages.len;
	}
	assert_int_equal(one.n, all.n);
	assert_memory_equal(&one.end, &all.end, sizeof(one.end));
	assert_memory_equal(&one.begin, &all.begin, sizeof(one.begin));
	at = runs_begin(&one);
	with = runs_begin(&all);
	while (runs_next(&at, &a)) {
		assert_true(runs_next(&with, &b));
		assert_memory_equal(&a, &b, sizeof(a));
	}
	assert_false(runs_next(&with, &b));
	runs_free(&one);
	runs_free(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_added),
		cmocka_unit_test(parts_joined),
		cmocka_unit_test(parts_that_go_on),
		cmocka_unit_test(pages_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
