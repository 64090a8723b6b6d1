/* SPDX-License-Identifier: GPL-2.0-only */
/* The five steps, and the note they leave. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "purgatory_fixture.h"

static int setup(void **state)
{
	*state = world_new();
	return 0;
}

static int teardown(void **state)
{
	world_free(*state);
	return 0;
}

static struct rec_purgatory purgatory_of(struct world *w)
{
	struct rec_purgatory rec = { 0 };
	u32 len = 0;
	const u8 *p = world_record(w, REC_PURGATORY, 0, &len);

	assert_non_null(p);
	assert_int_equal(len, sizeof(rec));
	memcpy(&rec, p, sizeof(rec));
	return rec;
}

static struct rec_action action_of(struct world *w, u32 index)
{
	struct rec_action rec = { 0 };
	u32 len = 0;
	const u8 *p = world_record(w, REC_ACTION, index, &len);

	assert_non_null(p);
	assert_int_equal(len, sizeof(rec));
	memcpy(&rec, p, sizeof(rec));
	return rec;
}

static struct rec_trap trap_of(struct world *w, u32 index)
{
	struct rec_trap rec = { 0 };
	u32 len = 0;
	const u8 *p = world_record(w, REC_TRAP, index, &len);

	assert_non_null(p);
	memcpy(&rec, p, sizeof(rec));
	return rec;
}

static void test_good(void **state)
{
	struct world *w = *state;
	struct rec_purgatory rec;
	struct note_head head;

	world_finish(w);
	assert_int_equal(world_run(w), END_JUMP);
	rec = purgatory_of(w);
	assert_int_equal(rec.flags, PURGATORY_RAN | PURGATORY_DIGEST_OK |
					    PURGATORY_SHA_NI |
					    PURGATORY_SCRATCH_CLEAN);
	assert_int_equal(rec.step, STEP_JUMP);
	assert_int_equal(rec.plan_err, PLAN_OK);
	for (u32 i = 1; i < STEP_N; i++)
		assert_true(rec.ticks[i] > rec.ticks[i - 1]);
	assert_int_equal(world_records(w, REC_REGS), UNITS);
	assert_int_equal(world_records(w, REC_FAULTS), UNITS);
	assert_int_equal(world_records(w, REC_ACTION), UNITS);
	assert_int_equal(world_records(w, REC_TRAP), 0);
	world_note_head(w, &head);
	assert_int_equal(head.dropped, 0);
	for (u32 i = 0; i < UNITS; i++) {
		struct rec_action a = action_of(w, i);

		assert_int_equal(a.unit, 100 + i);
		assert_int_equal(a.result.outcome, IOMMU_DONE);
		assert_int_equal(a.result.err, IOMMU_OK);
		/* The overrides are those of the second unit. */
		assert_int_equal(a.result.kept, i == 1 ? 2 : 0);
		assert_true(a.ticks_end > a.ticks_start);
		assert_int_equal(w->mem->regs[i][FAKE_CONTROL], 1);
	}
	assert_int_equal(strncmp(w->serial, "I'm in purgatory\n", 17), 0);
	assert_non_null(strstr(w->serial, "kexec-iommu: dmar101: sink, "));
	assert_int_equal(w->sha_begun, 1);
	assert_int_equal(w->sha_ended, 1);
	assert_true(w->sha_blocks > 0);
}

static void test_quiet(void **state)
{
	struct world *w = *state;

	w->h.flags = HANDOVER_PANIC;
	world_finish(w);
	assert_int_equal(world_run(w), END_JUMP);
	assert_int_equal(w->serial_n, 0);
	assert_int_equal(w->looks, 0);
}

static void test_off_and_record(void **state)
{
	struct world *w = *state;

	w->unit[0].mode = IOMMU_MODE_OFF;
	w->unit[0].reg_phys = 0x10000; /* would fault */
	w->unit[2].mode = IOMMU_MODE_RECORD;
	world_finish(w);
	assert_int_equal(world_run(w), END_JUMP);
	assert_int_equal(world_records(w, REC_ACTION), 2);
	assert_int_equal(action_of(w, 0).unit, 101);
	assert_int_equal(action_of(w, 1).result.outcome, IOMMU_READ_ONLY);
	assert_int_equal(w->mem->regs[2][FAKE_CONTROL], 0);
}

static void test_units_that_fail(void **state)
{
	struct world *w = *state;
	static const struct {
		u32 kind, outcome, err, traps;
	} c[] = {
		{ FAKE_ABSENT, IOMMU_LEFT, IOMMU_EABSENT, 0 },
		{ FAKE_TRAPS_IN_SNAPSHOT, IOMMU_LEFT, IOMMU_ETRAP, 1 },
		{ FAKE_TRAPS_IN_QUIESCE, IOMMU_LEFT, IOMMU_ETRAP, 1 },
		{ FAKE_TRAPS_AFTER_WRITE, IOMMU_PARTLY, IOMMU_ETRAP, 1 },
		{ FAKE_TRAPS_AFTER_STORE, IOMMU_PARTLY, IOMMU_ETRAP, 1 },
		/* Each of them is this unit's, though the work is at its end. */
		{ FAKE_ERRORS_LATE, IOMMU_PARTLY, IOMMU_ETRAP, 3 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(c); i++) {
		w->mem->regs[0][0] = c[i].kind;
		world_finish(w);
		assert_int_equal(world_run(w), END_JUMP);
		assert_int_equal(action_of(w, 0).result.outcome, c[i].outcome);
		assert_int_equal(action_of(w, 0).result.err, c[i].err);
		assert_int_equal(world_records(w, REC_TRAP), c[i].traps);
		/* The others are done. */
		assert_int_equal(action_of(w, 1).result.outcome, IOMMU_DONE);
		assert_int_equal(action_of(w, 2).result.outcome, IOMMU_DONE);
		assert_true(w->p.flags & PURGATORY_DIGEST_OK);
		assert_null(w->p.recovery);
	}
}

/* Pending before anything began: recorded, and no work is lost for it. */
static void test_errors_before(void **state)
{
	struct world *w = *state;

	w->errors = 2;
	world_finish(w);
	assert_int_equal(world_run(w), END_JUMP);
	assert_int_equal(world_records(w, REC_TRAP), 2);
	assert_int_equal(trap_of(w, 1).vector, FAKE_ERROR);
	for (u32 i = 0; i < UNITS; i++)
		assert_int_equal(action_of(w, i).result.outcome, IOMMU_DONE);
	assert_int_equal(purgatory_of(w).plan_err, PLAN_OK);
	assert_true(w->p.flags & PURGATORY_DIGEST_OK);
	assert_false(w->errors_on); /* no point is left to go to */
}

/* Errors without end: after some they are held, and all is done without. */
static void test_errors_without_end(void **state)
{
	struct world *w = *state;

	w->errors = ~0u;
	world_finish(w);
	assert_int_equal(world_run(w), END_JUMP);
	assert_true(w->p.errors_held);
	assert_true(w->p.traps > 1 && w->p.traps < TRAPS_MAX);
	for (u32 i = 0; i < UNITS; i++)
		assert_int_equal(action_of(w, i).result.outcome, IOMMU_DONE);
	assert_true(w->p.flags & PURGATORY_DIGEST_OK);
}

/* What is said of one unit does not cost the next one. */
static void test_console_traps(void **state)
{
	struct world *w = *state;
	const char *line;

	world_finish(w);
	assert_int_equal(world_run(w), END_JUMP);
	line = strstr(w->serial, "dmar100");
	assert_non_null(line);
	w->serial_traps_at = line - w->serial;
	w->serial_n = 0;
	memset(w->mem->regs, 0, sizeof(w->mem->regs));
	for (u32 i = 0; i < UNITS; i++)
		w->mem->regs[i][0] = FAKE_GOOD;
	assert_int_equal(world_run(w), END_JUMP);
	assert_int_equal(world_records(w, REC_TRAP), 1);
	assert_int_equal(world_records(w, REC_ACTION), UNITS);
	for (u32 i = 0; i < UNITS; i++)
		assert_int_equal(w->mem->regs[i][FAKE_CONTROL], 1);
}

static void test_trap_record(void **state)
{
	struct world *w = *state;
	struct rec_trap t;
	u32 len;

	w->mem->regs[1][0] = FAKE_TRAPS_IN_SNAPSHOT;
	world_finish(w);
	world_run(w);
	t = trap_of(w, 0);
	assert_int_equal(t.vector, 14);
	assert_int_equal(t.step, STEP_SNAPSHOT);
	assert_int_equal(t.unit, 101);
	assert_int_equal(t.error, 2);
	assert_int_equal(t.pc, 0x1234);
	assert_int_equal(t.address, 0xdead000);
	/* What was read before it is kept. */
	assert_non_null(world_record(w, REC_REGS, 1, &len));
	assert_int_equal(len, sizeof(struct rec_unit_ref) +
				      sizeof(struct iommu_reg));
	assert_non_null(strstr(w->serial, "trap 14, error 2, at 1234"));
}

/* Fault records in memory; what is wrong with them does not stop the switch. */
static void test_events(void **state)
{
	static const struct {
		u32 kind, faults, traps;
	} c[] = {
		{ FAKE_EVENTS, 2, 0 },
		{ FAKE_EVENTS_OUTSIDE, 1, 0 },
		{ FAKE_TRAPS_IN_EVENTS, 1, 1 },
	};
	struct world *w = *state;
	u32 len;

	for (size_t i = 0; i < ARRAY_SIZE(c); i++) {
		w->mem->regs[0][0] = c[i].kind;
		world_finish(w);
		assert_int_equal(world_run(w), END_JUMP);
		assert_int_equal(action_of(w, 0).result.outcome, IOMMU_DONE);
		assert_non_null(world_record(w, REC_FAULTS, 0, &len));
		assert_int_equal(
			len,
			sizeof(struct rec_unit_ref) +
				c[i].faults * sizeof(struct iommu_fault_raw));
		assert_int_equal(world_records(w, REC_TRAP), c[i].traps);
	}
}

static void test_unknown_vendor(void **state)
{
	struct world *w = *state;

	w->unit[0].vendor = 200;
	world_finish(w);
	assert_int_equal(world_run(w), END_JUMP);
	assert_int_equal(action_of(w, 0).result.err, IOMMU_EUNSUPPORTED);
	assert_int_equal(action_of(w, 1).result.outcome, IOMMU_DONE);
}

static void test_bad_plan(void **state)
{
	struct world *w = *state;
	struct rec_purgatory rec;

	world_finish(w);
	w->h.budget_us++;
	assert_int_equal(world_run(w), END_JUMP);
	rec = purgatory_of(w);
	assert_int_equal(rec.flags, PURGATORY_RAN | PURGATORY_PLAN_BAD |
					    PURGATORY_DIGEST_OK |
					    PURGATORY_SHA_NI);
	assert_int_equal(rec.plan_err, PLAN_CRC);
	assert_int_equal(w->maps, 0);
	assert_int_equal(world_records(w, REC_ACTION), 0);
	for (u32 i = 0; i < UNITS; i++)
		assert_int_equal(w->mem->regs[i][FAKE_CONTROL], 0);
	assert_non_null(strstr(w->serial, "wrong checksum"));
}

static void test_bad_map(void **state)
{
	struct world *w = *state;

	w->map_fails = true;
	world_finish(w);
	assert_int_equal(world_run(w), END_JUMP);
	assert_int_equal(purgatory_of(w).plan_err, PLAN_PGTABLE);
	assert_int_equal(w->mem->regs[0][FAKE_CONTROL], 0);
}

static void test_no_map(void **state)
{
	struct world *w = *state;

	w->h.pgtable[PGTABLE_4LEVEL] = 0;
	world_finish(w);
	assert_int_equal(world_run(w), END_JUMP);
	assert_int_equal(purgatory_of(w).plan_err, PLAN_OK);
	assert_int_equal(world_records(w, REC_REGS), 0);
	assert_int_equal(action_of(w, 0).result.outcome, IOMMU_LEFT);
	assert_int_equal(w->mem->regs[0][FAKE_CONTROL], 0);
}

static void test_no_contract(void **state)
{
	struct world *w = *state;

	world_finish(w);
	w->h.magic++;
	assert_int_equal(world_run(w), END_RESET);
	assert_int_equal(w->looks, 0);
	assert_int_equal(w->mem->note[0], 0);
}

static void test_wrong_digest(void **state)
{
	struct world *w = *state;

	world_finish(w);
	w->mem->kernel[5000] ^= 1;
	assert_int_equal(world_run(w), END_RESET);
	assert_int_equal(purgatory_of(w).flags,
			 PURGATORY_RAN | PURGATORY_SHA_NI);
	assert_non_null(strstr(w->serial, "sha256 digests do not match"));
	assert_non_null(strstr(w->serial, "resetting"));
	/* The units were quiesced all the same. */
	assert_int_equal(world_records(w, REC_ACTION), UNITS);
	w->h.flags |= HANDOVER_HALT_ON_DIGEST;
	world_checksum(w);
	assert_int_equal(world_run(w), END_HALT);
	w->h.flags |= HANDOVER_SKIP_DIGEST;
	world_checksum(w);
	assert_int_equal(world_run(w), END_JUMP);
	assert_int_equal(purgatory_of(w).flags,
			 PURGATORY_RAN | PURGATORY_DIGEST_SKIPPED |
				 PURGATORY_SCRATCH_CLEAN);
}

static void test_sha_without_instructions(void **state)
{
	struct world *w = *state;

	w->sha_has = false;
	world_finish(w);
	assert_int_equal(world_run(w), END_JUMP);
	assert_int_equal(purgatory_of(w).flags,
			 PURGATORY_RAN | PURGATORY_DIGEST_OK |
				 PURGATORY_SCRATCH_CLEAN);
	assert_true(w->sha_blocks > 0);
	assert_int_equal(w->sha_ended, 1);
}

static void test_sha_traps(void **state)
{
	struct world *w = *state;

	w->sha_traps = true;
	world_finish(w);
	assert_int_equal(world_run(w), END_JUMP);
	assert_int_equal(purgatory_of(w).flags,
			 PURGATORY_RAN | PURGATORY_DIGEST_OK |
				 PURGATORY_SCRATCH_CLEAN);
	assert_int_equal(trap_of(w, 0).step, STEP_VERIFY);
	assert_int_equal(trap_of(w, 0).unit, REC_NONE);
	assert_int_equal(w->sha_ended, 1);
}

/* DMA that was in flight has come in: one bit of it is enough. */
static void test_scratch_written(void **state)
{
	struct world *w = *state;

	world_finish(w);
	w->mem->scratch[PAGE_4K - 1] = 0x80;
	assert_int_equal(world_run(w), END_JUMP);
	assert_int_equal(purgatory_of(w).flags & (PURGATORY_SCRATCH_CLEAN |
						  PURGATORY_SCRATCH_WRITTEN),
			 PURGATORY_SCRATCH_WRITTEN);
}

/* Entries beyond the room are counted, and the actions still have theirs. */
static void test_entries(void **state)
{
	struct world *w = *state;
	struct note_head head;
	u32 n;

	for (u32 i = 0; i < UNITS; i++)
		w->mem->regs[i][0] = FAKE_REPORTS_MUCH;
	world_finish(w);
	assert_int_equal(world_run(w), END_JUMP);
	n = world_records(w, REC_ENTRY);
	world_note_head(w, &head);
	assert_true(n > 30);
	assert_int_equal(n + head.dropped, UNITS * FAKE_REPORTS);
	assert_int_equal(world_records(w, REC_ACTION), UNITS);
	/* Each unit had its share. */
	for (u32 i = 0, of_last = 0; i < n; i++) {
		u32 unit, len;

		memcpy(&unit, world_record(w, REC_ENTRY, i, &len), 4);
		of_last += unit == 100 + UNITS - 1;
		if (i == n - 1)
			assert_true(of_last >= n / UNITS);
	}
}

/* Whatever the size: valid or not there, and never a byte behind it. */
static void test_small_notes(void **state)
{
	struct world *w = *state;
	u8 *end = w->mem->note + NOTE_BYTES;

	w->mem->regs[0][0] = FAKE_REPORTS_MUCH;
	w->mem->regs[1][0] = FAKE_TRAPS_IN_QUIESCE;
	for (u32 size = 4; size < 3000; size += size < 200 ? 4 : 60) {
		struct note_head head;

		memset(w->mem->note, 0xee, NOTE_BYTES);
		w->h.note.len = size;
		world_finish(w);
		assert_int_equal(world_run(w), END_JUMP);
		for (u8 *p = w->mem->note + size; p < end; p++)
			assert_int_equal(*p, 0xee);
		world_note_head(w, &head);
		if (size >= 64) {
			assert_int_equal(head.magic, NOTE_MAGIC);
			assert_true(head.dropped > 0);
		}
		if (size >= 200)
			assert_int_equal(purgatory_of(w).step, STEP_JUMP);
	}
}

static void test_memory_supplier(void **state)
{
	struct world *w = *state;

	w->mem->regs[0][0] = FAKE_PROBES_MEMORY;
	world_finish(w);
	assert_int_equal(world_run(w), END_JUMP);
	assert_int_equal(action_of(w, 0).result.bad, 0);
	assert_int_equal(w->flushes, 1);
}

/* A word that can't be read costs what it says, and not the unit. */
static void test_poisoned_memory(void **state)
{
	struct world *w = *state;

	w->mem->regs[0][0] = FAKE_READS_POISON;
	world_finish(w);
	assert_int_equal(world_run(w), END_JUMP);
	assert_int_equal(action_of(w, 0).result.outcome, IOMMU_DONE);
	assert_int_equal(action_of(w, 0).result.bad, 0);
	assert_int_equal(world_records(w, REC_TRAP), 2);
	assert_int_equal(trap_of(w, 0).vector, 18);
	assert_int_equal(trap_of(w, 0).unit, 100);
	assert_int_equal(trap_of(w, 1).vector, FAKE_ERROR);
}

/* A counter that stands still: polls end by their number. */
static void test_dead_counter(void **state)
{
	struct world *w = *state;

	w->tick = 0;
	world_finish(w);
	assert_int_equal(world_run(w), END_JUMP);
	assert_int_equal(action_of(w, 0).result.outcome, IOMMU_DONE);
	/* And one that runs backwards. */
	w->now = 1000000;
	w->tick = -1ULL;
	assert_int_equal(world_run(w), END_JUMP);
	assert_int_equal(action_of(w, 0).result.outcome, IOMMU_DONE);
}

static void test_more_traps_than_room(void **state)
{
	struct world *w = *state;
	struct note_head head;

	world_finish(w);
	w->h.note.len = 400;
	w->mem->regs[0][0] = FAKE_TRAPS_IN_QUIESCE;
	w->mem->regs[1][0] = FAKE_TRAPS_IN_QUIESCE;
	w->mem->regs[2][0] = FAKE_TRAPS_IN_QUIESCE;
	world_checksum(w);
	assert_int_equal(world_run(w), END_JUMP);
	assert_int_equal(w->p.traps, 3);
	world_note_head(w, &head);
	assert_true(head.dropped > 0);
}

static void test_nmis(void **state)
{
	struct world *w = *state;

	w->nmis = 7;
	world_finish(w);
	assert_int_equal(world_run(w), END_JUMP);
	assert_int_equal(purgatory_of(w).nmis, 7);
	assert_non_null(strstr(w->serial, "7 NMIs ignored"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_good),
		TEST(test_quiet),
		TEST(test_off_and_record),
		TEST(test_units_that_fail),
		TEST(test_errors_before),
		TEST(test_errors_without_end),
		TEST(test_console_traps),
		TEST(test_trap_record),
		TEST(test_events),
		TEST(test_unknown_vendor),
		TEST(test_bad_plan),
		TEST(test_bad_map),
		TEST(test_no_map),
		TEST(test_no_contract),
		TEST(test_wrong_digest),
		TEST(test_sha_without_instructions),
		TEST(test_sha_traps),
		TEST(test_scratch_written),
		TEST(test_entries),
		TEST(test_small_notes),
		TEST(test_memory_supplier),
		TEST(test_poisoned_memory),
		TEST(test_dead_counter),
		TEST(test_more_traps_than_room),
		TEST(test_nmis),
	};

	return cmocka_run_group_tests_name("purgatory: run", tests, NULL, NULL);
}
