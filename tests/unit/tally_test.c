// SPDX-License-Identifier: GPL-2.0-only
/* Faults that several handlers see are counted once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kernel/tally.h"

/* The handler of another unit begins and ends: nothing is cleared here. */
static void other_handler(struct tally *t, u32 pending)
{
	tally_look(t, pending);
	tally_left(t, pending);
}

static void test_own_handler(void **state)
{
	struct tally t = { 0 };

	(void)state;
	tally_look(&t, 1);
	tally_left(&t, 0);
	tally_look(&t, 1); /* the same register, another fault */
	tally_left(&t, 0);
	assert_int_equal(t.n, 2);
	assert_int_equal(tally_total(&t, 0), 2);
}

static void test_others_see_it_too(void **state)
{
	struct tally t = { 0 };

	(void)state;
	other_handler(&t, 1);
	other_handler(&t, 1);
	assert_int_equal(tally_total(&t, 1), 1);
	tally_look(&t, 2); /* its own handler, and one more has come */
	tally_left(&t, 0);
	assert_int_equal(t.n, 2);
	other_handler(&t, 0);
	other_handler(&t, 3);
	assert_int_equal(tally_total(&t, 3), 5);
}

static void test_came_while_another_ran(void **state)
{
	struct tally t = { 0 };

	(void)state;
	tally_look(&t, 0);
	tally_left(&t, 1);
	assert_int_equal(tally_total(&t, 1), 1);
	tally_look(&t, 1);
	tally_left(&t, 0);
	assert_int_equal(t.n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_handler),
		cmocka_unit_test(test_others_see_it_too),
		cmocka_unit_test(test_came_while_another_ran),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
