// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is a run mapped where the kernel has an I/O address in use; and which kinds
 * of pages a rule looks for.
 */
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

/* What is kept for a PCI bus is nobody's, and all else stays. */
static void windows(void **state)
{
	struct span at[] = { { 0x1000, 0x1000 },
			     { 0x10000000, 0x2eff0000 },
			     { 0x80000000, 0x60000000 },
			     { 0xfee00000, 0x100000 } };
	struct group_iovas g = { .used = { at, ARRAY_SIZE(at) } };
	struct iovas v = { .group = &g, .n = 1 };
	struct iomem m[] = {
		{ 0x10000000, 0x3efeffff, 0, (char *)"pcie@10000000" },
		{ 0x80000000, 0xdfffffff, 0, (char *)"PCI Bus 0000:00" },
		{ 0x80000000, 0x800fffff, 1, (char *)"PCI Bus 0000:01" },
		{ 0xfee00000, 0xfeefffff, 0, (char *)"Local APIC" },
	};
	const struct facts f = { .iomem = m, .iomem_n = ARRAY_SIZE(m) };
	const struct iommu_run r = { .iova = 0x80001000, .len = 0x1000 };
	struct iommu_run part;

	(void)state;
	assert_false(iova_is_stale(&g, &r, &part));
	drop_windows(&v, &f);
	assert_int_equal(g.used.n, 2);
	assert_int_equal(g.used.at[1].start, 0xfee00000);
	assert_true(iova_is_stale(&g, &r, &part));
}

/* A table of a requester that no device has, and one of a device. */
static void table_of_nobody(void **state)
{
	struct fact_device device = { .name = (char *)"0000:00:03.0",
				      .requester = 0x18 };
	struct fact_unit unit = { .vendor = IOMMU_VENDOR_VTD };
	struct fact_missing missing = { (char *)"memory", (char *)"a list",
					.device = false };
	struct dump d = { .facts = { .unit = &unit,
				     .unit_n = 1,
				     .device = &device,
				     .device_n = 1,
				     .missing = &missing,
				     .missing_n = 1 } };
	const struct check c = { .d = &d };
	struct mapped_table t = { .requester = { 0x20, 0x18 },
				  .pasid = { VIEW_NO_PASID, VIEW_NO_PASID },
				  .n = 1 };

	(void)state;
	assert_true(of_nobody(&c, &t));
	t.n = 2;
	assert_false(of_nobody(&c, &t));
	/* It may be of one that is not in the dump. */
	t.n = 1;
	missing.device = true;
	assert_false(of_nobody(&c, &t));
}

/* What no device should write to, and what it may read. */
static void rules_of_pages(void **state)
{
	static const struct {
		u32 kind, state, written, read;
		const char *name;
	} page[] = {
		{ PAGE_FREE, 0, RULE_FREED, RULE_FREED_READ, "" },
		{ PAGE_FREE_CPU, 0, RULE_FREED, RULE_FREED_READ, "" },
		{ PAGE_TABLE, 0, RULE_TABLE, RULE_KERNEL_READ, "init" },
		{ PAGE_IOMMU, 0, RULE_IOMMU, RULE_KERNEL_READ, "" },
		{ PAGE_TEXT, 0, RULE_CODE, RULE_KERNEL_READ, "" },
		{ PAGE_RODATA, 0, RULE_CODE, RULE_KERNEL_READ, "" },
		{ PAGE_STACK, 0, RULE_STACK, RULE_KERNEL_READ, "init" },
		{ PAGE_PERCPU, 0, RULE_PERCPU, RULE_KERNEL_READ, "" },
		{ PAGE_SLAB, 0, RULE_OBJECT, RULE_KERNEL_READ, "cred_jar" },
		{ PAGE_SLAB, 0, RULE_OBJECT, RULE_KERNEL_READ, "task_struct" },
		{ PAGE_SLAB, 0, RULE_OBJECT, RULE_KERNEL_READ, "filp" },
		{ PAGE_SLAB, 0, PAGE_RULES, PAGE_RULES, "kmalloc-2k" },
		{ PAGE_FILE, 0, RULE_FILE, PAGE_RULES, "" },
		{ PAGE_FILE, PAGE_DIRTY, RULE_FILE_DIRTY, PAGE_RULES, "" },
		{ PAGE_FILE, PAGE_WRITEBACK, RULE_FILE_DIRTY, PAGE_RULES, "" },
		{ PAGE_FILE, PAGE_LOCKED, PAGE_RULES, PAGE_RULES, "" },
		{ PAGE_ANON, 0, PAGE_RULES, PAGE_RULES, "" },
		{ PAGE_CMA, 0, PAGE_RULES, PAGE_RULES, "" },
		{ PAGE_DEVICE, 0, PAGE_RULES, PAGE_RULES, "" },
		{ PAGE_KERNEL, 0, PAGE_RULES, PAGE_RULES, "" },
	};

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(page); i++) {
		struct page_facts f = { .kind = page[i].kind,
					.state = page[i].state };

		snprintf(f.name, sizeof(f.name), "%s", page[i].name);
		if (page_rule(&f, IOMMU_W | IOMMU_R) != page[i].written ||
		    page_rule(&f, IOMMU_R) != page[i].read)
			fail_msg("%s %s", page_kind_text(f.kind), f.name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs),
		cmocka_unit_test(nothing_used),
		cmocka_unit_test(windows),
		cmocka_unit_test(table_of_nobody),
		cmocka_unit_test(rules_of_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
