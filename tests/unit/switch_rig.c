// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "switch_rig.h"

#define BUDGET_US 20000

static u64 work[IOMMU_WORK_MAX / 8];

void model_wrong(char wrong[MODEL_WRONG_MAX], const char *fmt, ...)
{
	va_list ap;

	if (wrong[0])
		return;
	va_start(ap, fmt);
	vsnprintf(wrong, MODEL_WRONG_MAX, fmt, ap);
	va_end(ap);
}

/* What an entry was, before it is edited, is no report: none of it is wrong. */
static void on_report(void *arg, const struct iommu_evidence *e, u32 mode)
{
	struct switch_rig *s = arg;

	if (mode == IOMMU_MODE_RECORD) {
		assert_int_not_equal(e->raw_words, 0);
		if (s->was_n < WAS_MAX)
			s->was[s->was_n] = *e;
		s->was_n++;
		return;
	}
	if (s->reports < REPORTS_MAX)
		s->report[s->reports] = (struct report){ *e, mode };
	s->reports++;
}

const struct report *reported(struct switch_rig *s, u32 requester)
{
	u32 i;

	for (i = 0; i < s->reports && i < REPORTS_MAX; i++)
		if (s->report[i].ev.requester == requester)
			return &s->report[i];
	return NULL;
}

void rig_machine(struct switch_rig *s, u64 crash)
{
	fakemem_init(&s->fake);
	s->crash = crash;
	s->scratch = crash;
	s->arena_start = crash + 0x100000;
	s->next = OLD_TABLES;
	s->fake.grow = (struct span){ s->arena_start, ARENA_LEN };
	s->arena.area = s->fake.grow;
	s->ram[0] = (struct span){ 0, 0x9f000 };
	s->ram[1] = (struct span){ 0x100000, RAM_END - 0x100000 };
	s->ram[2] = (struct span){ GIB(4), GIB(2) };
	s->guard = (struct span){ crash, CRASH_LEN };
}

void rig_ask(struct switch_rig *s, struct mem *mem, struct mmio *mmio, u32 mode)
{
	s->q = (struct iommu_quiesce){
		.mem = mem,
		.mmio = mmio,
		.arena = &s->arena,
		.mode = mode,
		.ram = s->ram,
		.ram_n = ARRAY_SIZE(s->ram),
		.guard = &s->guard,
		.guard_n = 1,
		.shared = &s->shared,
		.scratch = s->scratch,
		.budget_us = BUDGET_US,
		.check_budget_us = BUDGET_US,
		.report = on_report,
		.report_arg = s,
		.work = work,
	};
}

u64 rig_page(struct switch_rig *s)
{
	u64 p = s->next;

	s->next += PAGE_4K;
	fakemem_put(&s->fake, p, 0);
	return p;
}

static void check_use(struct switch_rig *s)
{
	if (s->wrong[0])
		fail_msg("%s: the unit was misused: %s", s->form, s->wrong);
}

void rig_quiesce(struct switch_rig *s)
{
	iommu_vendor(s->vendor)->quiesce(&s->q, &s->res);
	check_use(s);
}

/* --- what is left --- */

#define LOOKED_MAX 32

/* What the unit says of a requester; of an SMMUv2 that is in @regs. */
static void look_up(struct switch_rig *s, u32 requester, struct iommu_config *c,
		    struct iommu_regs *regs, struct iommu_domain *d)
{
	const struct iommu_vendor *vendor = iommu_vendor(s->vendor);
	struct iommu_fault_raw faults[1];
	struct iommu_evidence ev;
	u32 n = 0;

	vendor->snapshot(s->q.mmio, regs, faults, &n);
	assert_int_equal(vendor->describe(regs, c), 0);
	/* What can't be read is blocked. */
	vendor->lookup(c, &s->fake.m, requester, ~0u, d, &ev);
}

static void expect_left(struct switch_rig *s, u32 requester, u32 mode,
			const struct iommu_domain *then, bool expected)
{
	static struct iommu_reg reg[IOMMU_REGS_MAX];
	struct iommu_regs regs = IOMMU_REGS(reg);
	struct iommu_domain now;
	struct iommu_config c;

	look_up(s, requester, &c, &regs, &now);
	if (iommu_left_by(&c, &s->fake.m, mode, &s->res, then, &now) !=
	    expected)
		fail_msg("%s: %03x, %s: %s", s->form, requester,
			 iommu_mode_name(mode),
			 expected ? "is not as it was left"
				  : "passes for what was left");
}

static void quiesce_left(struct switch_rig *s, const u32 *requester, size_t n)
{
	static struct iommu_reg reg[IOMMU_REGS_MAX];
	static struct iommu_domain then[LOOKED_MAX];
	const u32 mode = s->q.mode;
	struct iommu_regs regs = IOMMU_REGS(reg);
	struct iommu_config c;
	size_t i;

	assert_true(n <= LOOKED_MAX);
	for (i = 0; i < n; i++) {
		look_up(s, requester[i], &c, &regs, &then[i]);
		/* The first is mapped, the second passes. */
		if (i < 2 && (then[i].kind == IOMMU_KIND_PASS ||
			      (then[i].kind != IOMMU_KIND_BLOCKED &&
			       mode != IOMMU_MODE_COPY)))
			expect_left(s, requester[i], mode, &then[i], false);
	}
	rig_quiesce(s);
	for (i = 0; i < n; i++)
		expect_left(s, requester[i], mode, &then[i], true);
	if (mode == IOMMU_MODE_COPY && then[0].kind == IOMMU_KIND_BLOCKED)
		return;
	/* What another mode leaves is something else. */
	memset(&s->res, 0, sizeof(s->res));
	expect_left(s, requester[0],
		    mode == IOMMU_MODE_ABORT ? IOMMU_MODE_SINK
					     : IOMMU_MODE_ABORT,
		    &then[0], false);
	if (mode != IOMMU_MODE_SINK && then[0].kind != IOMMU_KIND_PASS)
		expect_left(s, requester[0], IOMMU_MODE_SINK, &then[0], false);
}

void rig_expect_left(struct switch_rig *s, size_t forms,
		     void (*up)(size_t form, u32 mode), const u32 *requester,
		     size_t n)
{
	size_t form;
	u32 mode;

	for (form = 0; form < forms; form++)
		for (mode = IOMMU_MODE_COPY; iommu_mode_switches(mode);
		     mode++) {
			up(form, mode);
			quiesce_left(s, requester, n);
			rig_down(s);
		}
}

void rig_down(struct switch_rig *s)
{
	check_use(s);
	fakemem_free(&s->fake);
}

u64 rig_need(struct switch_rig *s, struct iommu_demand d)
{
	const struct iommu_vendor *vendor = iommu_vendor(s->vendor);
	struct iommu_config c;
	struct iommu_reg reg[IOMMU_REGS_MAX];
	struct iommu_regs regs = IOMMU_REGS(reg);
	struct iommu_fault_raw faults[1];
	u32 n = 0;

	vendor->snapshot(s->q.mmio, &regs, faults, &n);
	assert_int_equal(vendor->describe(&regs, &c), 0);
	d.mode = s->q.mode;
	d.overrides = s->q.overrides_n;
	d.guards = s->q.guard_n;
	d.ram_end = s->ram[s->q.ram_n - 1].start + s->ram[s->q.ram_n - 1].len;
	return vendor->arena_need(&c, &d);
}

/* --- what must be so --- */

void lands(struct switch_rig *s, u32 requester, u64 iova, u64 pa)
{
	struct model_dma d = s->dma(s, requester, iova, true);

	if (!d.landed)
		fail_msg("%s, %s: %03x: %#llx refused, event %#x", s->form,
			 iommu_mode_name(s->q.mode), requester,
			 (unsigned long long)iova, d.event);
	if (d.pa != pa)
		fail_msg("%s, %s: %03x: %#llx lands at %#llx", s->form,
			 iommu_mode_name(s->q.mode), requester,
			 (unsigned long long)iova, (unsigned long long)d.pa);
}

void blocked(struct switch_rig *s, u32 requester, u64 iova, bool write)
{
	struct model_dma d = s->dma(s, requester, iova, write);

	if (d.landed)
		fail_msg("%s, %s: %03x: %#llx lands at %#llx", s->form,
			 iommu_mode_name(s->q.mode), requester,
			 (unsigned long long)iova, (unsigned long long)d.pa);
	if (d.logged)
		fail_msg("%s, %s: %03x: %#llx logs event %#x", s->form,
			 iommu_mode_name(s->q.mode), requester,
			 (unsigned long long)iova, d.event);
}

void pass_is_guarded(struct switch_rig *s, u32 requester)
{
	lands(s, requester, 0, 0);
	lands(s, requester, 0x12345678, 0x12345678);
	lands(s, requester, s->crash - 8, s->crash - 8);
	blocked(s, requester, s->crash, true);
	blocked(s, requester, s->crash + CRASH_LEN - 8, false);
	lands(s, requester, s->crash + CRASH_LEN, s->crash + CRASH_LEN);
	lands(s, requester, RAM_END - 8, RAM_END - 8);
	lands(s, requester, 0xfed00000, 0xfed00000);
}
