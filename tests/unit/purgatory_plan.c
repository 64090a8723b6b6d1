/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 1: each rule of the plan broken, one at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "purgatory_fixture.h"

struct plan_case {
	const char *what;
	void (*change)(struct world *w);
	u32 err;
	bool bootable, note_ok;
};

/* Changes before the plan is written; the checksum is right. */
#define BEFORE(name, statement)                    \
	static void before_##name(struct world *w) \
	{                                          \
		statement;                         \
	}
BEFORE(nothing, (void)w)
BEFORE(unit_mode, w->unit[1].mode = IOMMU_MODE_AUTO)
BEFORE(unit_unaligned, w->unit[0].reg_phys += 8)
BEFORE(unit_null, w->unit[0].reg_phys = 0)
BEFORE(unit_no_registers, w->unit[2].reg_len = 0)
BEFORE(unit_wraps, w->unit[2].reg_phys = ~0ULL << 12)
BEFORE(range_end, w->unit[1].range_n = 4)
BEFORE(range_start, w->unit[0].range = 4)
BEFORE(range_wraps, w->unit[1].range = ~0u)
BEFORE(range_order, w->range[1].first = 0xff)
BEFORE(range_backwards, w->range[2].first = 0x200; w->range[2].last = 0x1ff)
BEFORE(override_unit, w->override[1].unit = UNITS)
BEFORE(override_mode, w->override[0].mode = IOMMU_MODE_RECORD)
BEFORE(override_auto, w->override[0].mode = IOMMU_MODE_AUTO)
BEFORE(override_order, w->override[0].requester = 0x21)
BEFORE(override_twice, w->override[0].requester = 0x20)
BEFORE(override_unit_order, w->override[1].unit = 0)
BEFORE(ram_empty, w->ram[0].len = 0)
BEFORE(ram_overlap, w->ram[0].len = w->ram[1].start - 0x1000 + 1)
BEFORE(ram_order, w->ram[1].start = 0x800)
BEFORE(ram_wraps, w->ram[1].len = -w->ram[1].start + 1)
BEFORE(guard_empty, w->guard[0].len = 0)
BEFORE(guard_wraps, w->guard[0].len = ~0ULL)
BEFORE(region_empty, w->region[1].len = 0)
BEFORE(region_wraps, w->region[1].len = ~0ULL)
BEFORE(region_null, w->region[1].start = 0)
BEFORE(ticks, w->h.ticks_per_ms = 0)
BEFORE(no_budget, w->h.budget_us = 0)
BEFORE(budget, w->h.budget_us = ~0u)
BEFORE(check_budget, w->h.check_budget_us = ~0u)
BEFORE(pgtable4, w->h.pgtable[PGTABLE_4LEVEL] = 0x1008)
BEFORE(pgtable5, w->h.pgtable[PGTABLE_LA57] = 0x2ffe)
BEFORE(entry_zero, w->h.entry = 0)
BEFORE(entry_ram, w->h.entry = (u64)w->mem->ram)
BEFORE(entry_end, w->h.entry = (u64)w->mem->initrd + 1000)
BEFORE(serial, w->h.serial_base = 0xfff9)
BEFORE(mode, w->h.mode = IOMMU_MODE_N)
BEFORE(note_long, w->h.note.len = NOTE_SEGMENT_MAX + 1)
BEFORE(note_unaligned, w->h.note.start += 2)
BEFORE(note_on_plan, w->h.note.start = (u64)w->mem->plan + 64)
BEFORE(note_on_kernel, w->h.note.start = (u64)w->mem->kernel + 64)
BEFORE(note_on_image, w->h.note.start = (u64)w->mem->image + 64)
BEFORE(no_note, w->h.note.len = 0)
BEFORE(arena_unaligned, w->h.arena.start += 64)
BEFORE(arena_length, w->h.arena.len += 64)
BEFORE(arena_wraps, w->h.arena.len = ~0ULL << 12)
BEFORE(arena_on_note, w->h.arena.start = (u64)w->mem->note)
BEFORE(arena_on_initrd, w->h.arena.start = (u64)w->mem->initrd)
BEFORE(arena_on_image, w->h.arena.start = (u64)w->mem->image)
BEFORE(scratch_unaligned, w->h.scratch += 1)
BEFORE(scratch_on_kernel, w->h.scratch = (u64)w->mem->kernel)
BEFORE(scratch_on_arena, w->h.scratch = (u64)w->mem->arena + PAGE_4K)
BEFORE(scratch_on_note, w->h.scratch = (u64)w->mem->note + PAGE_4K)
BEFORE(no_pool, w->h.arena.len = w->h.scratch = 0)

static const struct plan_case before[] = {
	{ "nothing", before_nothing, PLAN_OK, true, true },
	{ "no note", before_no_note, PLAN_OK, true, false },
	{ "no pool", before_no_pool, PLAN_OK, true, true },
	{ "unit mode", before_unit_mode, PLAN_UNIT, true, true },
	{ "unit unaligned", before_unit_unaligned, PLAN_UNIT, true, true },
	{ "unit at 0", before_unit_null, PLAN_UNIT, true, true },
	{ "unit length", before_unit_no_registers, PLAN_UNIT, true, true },
	{ "unit wraps", before_unit_wraps, PLAN_UNIT, true, true },
	{ "ranges end", before_range_end, PLAN_UNIT, true, true },
	{ "ranges start", before_range_start, PLAN_UNIT, true, true },
	{ "ranges wrap", before_range_wraps, PLAN_UNIT, true, true },
	{ "ranges order", before_range_order, PLAN_UNIT, true, true },
	{ "range backwards", before_range_backwards, PLAN_UNIT, true, true },
	{ "override unit", before_override_unit, PLAN_OVERRIDE, true, true },
	{ "override mode", before_override_mode, PLAN_OVERRIDE, true, true },
	{ "override auto", before_override_auto, PLAN_OVERRIDE, true, true },
	{ "override order", before_override_order, PLAN_OVERRIDE, true, true },
	{ "override twice", before_override_twice, PLAN_OVERRIDE, true, true },
	{ "override unit order", before_override_unit_order, PLAN_OVERRIDE,
	  true, true },
	{ "ram empty", before_ram_empty, PLAN_RAM, true, true },
	{ "ram overlap", before_ram_overlap, PLAN_RAM, true, true },
	{ "ram order", before_ram_order, PLAN_RAM, true, true },
	{ "ram wraps", before_ram_wraps, PLAN_RAM, true, true },
	{ "guard empty", before_guard_empty, PLAN_GUARD, true, true },
	{ "guard wraps", before_guard_wraps, PLAN_GUARD, true, true },
	{ "region empty", before_region_empty, PLAN_REGION, false, false },
	{ "region wraps", before_region_wraps, PLAN_REGION, false, false },
	{ "region at 0", before_region_null, PLAN_REGION, false, false },
	{ "ticks", before_ticks, PLAN_TIME, true, true },
	{ "no budget", before_no_budget, PLAN_TIME, true, true },
	{ "budget", before_budget, PLAN_TIME, true, true },
	{ "check budget", before_check_budget, PLAN_TIME, true, true },
	{ "pgtable4", before_pgtable4, PLAN_PGTABLE, true, true },
	{ "pgtable5", before_pgtable5, PLAN_PGTABLE, true, true },
	{ "entry 0", before_entry_zero, PLAN_ENTRY, false, false },
	{ "entry in RAM", before_entry_ram, PLAN_ENTRY, false, false },
	{ "entry at the end", before_entry_end, PLAN_ENTRY, false, false },
	{ "serial", before_serial, PLAN_CONSOLE, true, true },
	{ "mode", before_mode, PLAN_MODE, true, true },
	{ "note too long", before_note_long, PLAN_NOTE, true, false },
	{ "note unaligned", before_note_unaligned, PLAN_NOTE, true, false },
	{ "note on plan", before_note_on_plan, PLAN_NOTE, true, false },
	{ "note on kernel", before_note_on_kernel, PLAN_NOTE, true, false },
	{ "note on image", before_note_on_image, PLAN_NOTE, true, false },
	{ "arena unaligned", before_arena_unaligned, PLAN_ARENA, true, true },
	{ "arena length", before_arena_length, PLAN_ARENA, true, true },
	{ "arena wraps", before_arena_wraps, PLAN_ARENA, true, true },
	{ "arena on note", before_arena_on_note, PLAN_ARENA, true, true },
	{ "arena on initrd", before_arena_on_initrd, PLAN_ARENA, true, true },
	{ "arena on image", before_arena_on_image, PLAN_ARENA, true, true },
	{ "scratch unaligned", before_scratch_unaligned, PLAN_SCRATCH, true,
	  true },
	{ "scratch on kernel", before_scratch_on_kernel, PLAN_SCRATCH, true,
	  true },
	{ "scratch on arena", before_scratch_on_arena, PLAN_SCRATCH, true,
	  true },
	{ "scratch on note", before_scratch_on_note, PLAN_SCRATCH, true, true },
};

/* Changes behind kexec's back of what lies ready; checksum made right. */
#define AFTER(name, statement)                    \
	static void after_##name(struct world *w) \
	{                                         \
		statement;                        \
	}
AFTER(magic, w->h.magic ^= 1)
AFTER(version, w->h.version++)
AFTER(size, w->h.size--)
AFTER(plan_null, w->h.plan.start = 0)
AFTER(plan_unaligned, w->h.plan.start += 4)
AFTER(plan_long, w->h.plan.len = HANDOVER_PLAN_MAX + 1)
AFTER(plan_wraps, w->h.plan.start = -8ULL)
AFTER(plan_empty, w->h.plan.len = 0)
AFTER(plan_on_image, w->h.plan.start = (u64)w->mem->image)
AFTER(units_n, w->h.units.n = HANDOVER_UNITS_MAX + 1)
AFTER(units_end,
      w->h.units.offset = PAGE_4K - UNITS * sizeof(struct handover_unit) + 8)
AFTER(units_behind, w->h.units.offset = PAGE_4K + 8)
AFTER(units_unaligned, w->h.units.offset = 4)
AFTER(overrides_n, w->h.overrides.n = HANDOVER_OVERRIDES_MAX + 1)
AFTER(ranges_n, w->h.ranges.n = HANDOVER_RANGES_MAX + 1)
AFTER(overrides_end, w->h.overrides.n = 4096)
AFTER(ram_n, w->h.ram.n = ~0u)
AFTER(ram_end, w->h.ram.n = 256)
AFTER(guard_n, w->h.guard.n = HANDOVER_GUARD_MAX + 1)
AFTER(guard_behind, w->h.guard.offset = ~7u)
AFTER(regions_n, w->h.regions.n = HANDOVER_REGIONS_MAX + 1)
AFTER(regions_none, w->h.regions.n = 0)
AFTER(regions_behind, w->h.regions.offset = PAGE_4K - 16)

static const struct plan_case after[] = {
	{ "magic", after_magic, PLAN_MAGIC, false, false },
	{ "version", after_version, PLAN_VERSION, false, false },
	{ "size", after_size, PLAN_SIZE, false, false },
	{ "plan at 0", after_plan_null, PLAN_SPAN, false, false },
	{ "plan unaligned", after_plan_unaligned, PLAN_SPAN, false, false },
	{ "plan too long", after_plan_long, PLAN_SPAN, false, false },
	{ "plan wraps", after_plan_wraps, PLAN_SPAN, false, false },
	{ "plan empty", after_plan_empty, PLAN_SPAN, false, false },
	{ "plan on image", after_plan_on_image, PLAN_SPAN, false, false },
	{ "too many units", after_units_n, PLAN_ARRAY, true, true },
	{ "units end behind", after_units_end, PLAN_ARRAY, true, true },
	{ "units behind", after_units_behind, PLAN_ARRAY, true, true },
	{ "units unaligned", after_units_unaligned, PLAN_ARRAY, true, true },
	{ "too many overrides", after_overrides_n, PLAN_ARRAY, true, true },
	{ "too many ranges", after_ranges_n, PLAN_ARRAY, true, true },
	{ "overrides end", after_overrides_end, PLAN_ARRAY, true, true },
	{ "too much ram", after_ram_n, PLAN_ARRAY, true, true },
	{ "ram end", after_ram_end, PLAN_ARRAY, true, true },
	{ "too many guards", after_guard_n, PLAN_ARRAY, true, true },
	{ "guard behind", after_guard_behind, PLAN_ARRAY, true, true },
	{ "too many regions", after_regions_n, PLAN_ARRAY, false, false },
	{ "no regions", after_regions_none, PLAN_REGION, false, false },
	{ "regions behind", after_regions_behind, PLAN_ARRAY, false, false },
};

static void check(struct world *w, const struct plan_case *c)
{
	const struct span image = { (u64)w->mem->image, PAGE_4K };
	struct checked_plan pl;
	u32 err;

	memset(&pl, 0xa5, sizeof(pl));
	err = plan_check(&pl, &w->h, &image);
	if (err != c->err || pl.bootable != c->bootable ||
	    pl.note_ok != c->note_ok)
		fail_msg("%s: %s (bootable %d, note %d), not %s (%d, %d)",
			 c->what, plan_err_text(err), pl.bootable, pl.note_ok,
			 plan_err_text(c->err), c->bootable, c->note_ok);
}

static void test_before(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(before); i++) {
		struct world *w = world_new();

		before[i].change(w);
		world_finish(w);
		check(w, &before[i]);
		world_free(w);
	}
}

static void test_after(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(after); i++) {
		struct world *w = world_new();

		world_finish(w);
		after[i].change(w);
		w->h.crc = 0;
		w->h.crc = note_crc32(0, &w->h, sizeof(w->h));
		if (after[i].err == PLAN_ARRAY || after[i].err == PLAN_REGION)
			world_checksum(w);
		check(w, &after[i]);
		world_free(w);
	}
}

/* Any flipped bit of struct or plan is found, and nothing of it is used. */
static void test_every_bit(void **state)
{
	struct world *w = world_new();
	const struct span image = { (u64)w->mem->image, PAGE_4K };
	u32 used = sizeof(w->unit) + sizeof(w->override) + sizeof(w->range) +
		   sizeof(w->ram) + sizeof(w->guard) + sizeof(w->region);
	struct checked_plan pl;

	(void)state;
	world_finish(w);
	for (u32 bit = 0; bit < (sizeof(w->h) + used) * 8; bit++) {
		u32 at = bit / 8;
		u8 *byte = at < sizeof(w->h) ? (u8 *)&w->h + at
					     : w->mem->plan + at - sizeof(w->h);

		/* Where the plan lies: this would read anywhere. */
		if (at >= 56 && at < 72)
			continue;
		*byte ^= 1 << bit % 8;
		assert_int_not_equal(plan_check(&pl, &w->h, &image), PLAN_OK);
		assert_null(pl.units);
		*byte ^= 1 << bit % 8;
	}
	assert_int_equal(plan_check(&pl, &w->h, &image), PLAN_OK);
	world_free(w);
}

/* The checksum does not vouch for the note: only next to the plan. */
static void test_note_without_checksum(void **state)
{
	struct world *w = world_new();
	const struct span image = { (u64)w->mem->image, PAGE_4K };
	struct checked_plan pl;

	(void)state;
	world_finish(w);
	w->h.crc ^= 1;
	assert_int_equal(plan_check(&pl, &w->h, &image), PLAN_CRC);
	assert_true(pl.note_ok && pl.bootable);
	w->h.note.start += MIB(1);
	assert_int_equal(plan_check(&pl, &w->h, &image), PLAN_CRC);
	assert_false(pl.note_ok);
	w->h.note.start = 0x1000;
	assert_int_equal(plan_check(&pl, &w->h, &image), PLAN_CRC);
	assert_false(pl.note_ok);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_before),
		cmocka_unit_test(test_after),
		cmocka_unit_test(test_every_bit),
		cmocka_unit_test(test_note_without_checksum),
	};

	return cmocka_run_group_tests_name("purgatory: plan", tests, NULL,
					   NULL);
}
