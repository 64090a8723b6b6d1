// SPDX-License-Identifier: GPL-2.0-only
/* Is a run mapped where the kernel has an I/O address in use? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "../../answers/rules.h"

static struct span used[] = { { 0x1000, 0x2000 },
			      { 0x3000, 0x1000 },
			      { 0x8000, 0x4000 } };
static struct span freed[] = { { 0x2000, 0x1000 }, { 0x9000, 0x1000 } };

static const struct group_iovas group = {
	.used = { used, ARRAY_SIZE(used) },
	.freed = { freed, ARRAY_SIZE(freed) },
};

static void runs(void **state)
{
	static const struct {
		u64 iova, len, stale, stale_len;
	} run[] = {
		{ 0x1000, 0x1000, 0, 0 },
		{ 0x3000, 0x1000, 0, 0 },
		{ 0xa000, 0x2000, 0, 0 },
		{ 0x8000, 0x1000, 0, 0 },
		{ 0x0, 0x1000, 0x0, 0x1000 },
		{ 0x0, 0x2000, 0x0, 0x1000 },
		{ 0x1000, 0x2000, 0x2000, 0x1000 },
		{ 0x3000, 0x2000, 0x4000, 0x1000 },
		{ 0x3000, 0x9000, 0x4000, 0x4000 },
		{ 0x8000, 0x4000, 0x9000, 0x1000 },
		{ 0xb000, 0x3000, 0xc000, 0x2000 },
		{ 0x100000, 0x1000, 0x100000, 0x1000 },
	};

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(run); i++) {
		struct iommu_run r = { .iova = run[i].iova,
				       .pa = 0x70000000,
				       .len = run[i].len,
				       .perm = IOMMU_W };
		struct iommu_run part = { 0 };
		bool stale = iova_is_stale(&group, &r, &part);

		if (stale != !!run[i].stale_len ||
		    (stale && (part.iova != run[i].stale ||
			       part.len != run[i].stale_len ||
			       part.pa - r.pa != part.iova - r.iova)))
			fail_msg("%u: 0x%llx+0x%llx", i,
				 (unsigned long long)part.iova,
				 (unsigned long long)part.len);
	}
}

/* A group that has none in use. */
static void nothing_used(void **state)
{
	const struct group_iovas none = { 0 };
	const struct iommu_run r = { .iova = 0x1000, .len = 0x3000 };
	struct iommu_run part;

	(void)state;
	assert_true(iova_is_stale(&none, &r, &part));
	assert_int_equal(part.len, 0x3000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs),
		cmocka_unit_test(nothing_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
