// SPDX-License-Identifier: GPL-2.0-only
/* Which memory a crash kernel may read: against a plain array of pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kernel/ranges.h"

#define ROOM 8
#define PAGES 64

static struct span room[ROOM];

static struct ranges empty(u32 n)
{
	return (struct ranges){ .s = room, .room = n };
}

static void test_touching_become_one(void **state)
{
	struct ranges r = empty(ROOM);

	(void)state;
	assert_true(ranges_add(&r, 0x3000, 0x1000));
	assert_true(ranges_add(&r, 0x1000, 0x1000));
	assert_int_equal(r.n, 2);
	assert_false(ranges_hold(&r, 0x1800, 0x1000));
	assert_false(ranges_hold(&r, 0x2000, 1));
	assert_true(ranges_add(&r, 0x2000, 0x1000));
	assert_int_equal(r.n, 1);
	assert_true(ranges_hold(&r, 0x1000, 0x3000));
	assert_true(ranges_hold(&r, 0x3fff, 1));
	assert_false(ranges_hold(&r, 0x3fff, 2));
	assert_false(ranges_hold(&r, 0xfff, 1));
}

static void test_cut(void **state)
{
	struct ranges r = empty(ROOM);

	(void)state;
	ranges_add(&r, 0x1000, 0x4000);
	assert_true(ranges_cut(&r, 0x2000, 0x1000));
	assert_int_equal(r.n, 2);
	assert_true(ranges_hold(&r, 0x1000, 0x1000));
	assert_true(ranges_hold(&r, 0x3000, 0x2000));
	assert_false(ranges_hold(&r, 0x2fff, 1));
	assert_true(ranges_cut(&r, 0, 0x8000));
	assert_int_equal(r.n, 0);
	assert_false(ranges_hold(&r, 0x1000, 1));
}

/* No room is a refusal, and nothing else becomes readable or is lost. */
static void test_full(void **state)
{
	struct ranges r = empty(2);

	(void)state;
	assert_true(ranges_add(&r, 0x1000, 0x3000));
	assert_true(ranges_add(&r, 0x8000, 0x1000));
	assert_false(ranges_add(&r, 0x10000, 0x1000));
	assert_false(ranges_hold(&r, 0x10000, 1));
	assert_false(ranges_cut(&r, 0x2000, 0x1000));
	assert_true(ranges_hold(&r, 0x1000, 0x3000));
	assert_true(ranges_add(&r, 0x4000, 0x4000));
	assert_int_equal(r.n, 1);
	assert_true(ranges_hold(&r, 0x1000, 0x8000));
}

/* What a hostile header says: no sum may wrap. */
static void test_ends_of_addresses(void **state)
{
	struct ranges r = empty(ROOM);

	(void)state;
	assert_false(ranges_add(&r, 0x1000, ~0ULL));
	assert_false(ranges_add(&r, ~0ULL, 2));
	assert_true(ranges_add(&r, 0x1000, 0));
	assert_int_equal(r.n, 0);
	assert_true(ranges_add(&r, ~0ULL - 0xfff, 0xfff));
	assert_true(ranges_hold(&r, ~0ULL - 0xfff, 0xfff));
	assert_false(ranges_hold(&r, ~0ULL - 0xfff, 0x1000));
	assert_false(ranges_hold(&r, ~0ULL - 1, ~0ULL));
	assert_false(ranges_cut(&r, 1, ~0ULL));
	assert_true(ranges_cut(&r, 0, ~0ULL));
	assert_int_equal(r.n, 0);
}

static u32 next_random(u32 *x)
{
	*x = *x * 1664525 + 1013904223;
	return *x >> 8;
}

static bool all_set(const bool *set, u32 first, u32 n)
{
	while (n--)
		if (!set[first + n])
			return false;
	return true;
}

/* A thousand times what a header and firmware could say; every answer is compared. */
static void test_like_a_bitmap(void **state)
{
	static struct span many[PAGES];
	struct ranges r = { .s = many, .room = PAGES };
	bool set[PAGES] = { false };
	u32 x = 1;

	(void)state;
	for (u32 i = 0; i < 1000; i++) {
		u32 first = next_random(&x) % PAGES;
		u32 n = next_random(&x) % (PAGES - first) / 4;
		bool on = next_random(&x) % 2;

		assert_true(on ? ranges_add(&r, first * PAGE_4K, n * PAGE_4K)
			       : ranges_cut(&r, first * PAGE_4K, n * PAGE_4K));
		for (u32 k = 0; k < n; k++)
			set[first + k] = on;
		for (u32 at = 0; at < PAGES; at++)
			for (u32 len = 1; at + len <= PAGES; len++)
				assert_int_equal(ranges_hold(&r, at * PAGE_4K,
							     len * PAGE_4K),
						 all_set(set, at, len));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_touching_become_one),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_ends_of_addresses),
		cmocka_unit_test(test_like_a_bitmap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
