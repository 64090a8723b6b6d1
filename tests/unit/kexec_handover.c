// SPDX-License-Identifier: GPL-2.0-only
/* The handover segment by itself: what is laid out for made-up machines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#undef fail /* a function of kexec/util.h */
#include "handover_segment.h"
#include "kexec_handover.h"

/* A machine of some units of one vendor. */
struct small {
	struct fact_unit unit[8];
	struct fact_device device[200];
	struct fact_alias alias[4];
	struct facts facts;
	struct decisions decisions;
	struct memmap ram;
	struct handover_segment h;
	struct lines told;
	struct error e;
};

static void small_make(struct small *s, u32 vendor, u32 units)
{
	memset(s, 0, sizeof(*s));
	for (u32 i = 0; i < units; i++)
		s->unit[i] = (struct fact_unit){
			.name = (char *)"unit",
			.vendor = vendor,
			.reg_phys = 0xfed90000 + i * 0x20000,
			.reg_len = PAGE_4K,
		};
	s->facts.unit = s->unit;
	s->facts.unit_n = units;
	s->facts.device = s->device;
	s->facts.alias = s->alias;
	memmap_add(&s->ram, MIB(1), GIB(1), MEMORY_RAM);
	s->h = (struct handover_segment){
		.facts = &s->facts,
		.decisions = &s->decisions,
		.panic = true,
		.ram = &s->ram,
		.header = { .ram = &s->ram },
	};
}

static int small_layout(struct small *s, u32 mode,
			const struct device_choice *choice, size_t n)
{
	size_t bad;

	assert_int_equal(
		decide(&s->facts, mode, choice, n, &s->decisions, &bad), 0);
	return handover_layout(&s->h, &s->told, &s->e);
}

static void small_device(struct small *s, u32 requester, u32 unit)
{
	s->device[s->facts.device_n++] =
		(struct fact_device){ .name = (char *)"device",
				      .requester = requester,
				      .unit = unit,
				      .group = REC_NONE };
}

static void small_alias(struct small *s, u32 requester, u32 alias)
{
	s->alias[s->facts.alias_n++] =
		(struct fact_alias){ .requester = requester, .alias = alias };
}

static void small_free(struct small *s)
{
	handover_segment_free(&s->h);
	decisions_free(&s->decisions);
	lines_free(&s->told);
	for (size_t i = 0; i < s->facts.unit_n; i++)
		free(s->unit[i].regs.r);
	memmap_free(&s->ram);
}

/* All that the snapshots of several units may find has room in the note. */
void test_handover_note(void **state)
{
	const struct iommu_vendor *v;
	struct small s;
	u64 need;

	(void)state;
	for (u32 i = 0; (v = iommu_vendor_at(i)); i++)
		for (u32 units = 1; units <= 4; units *= 2) {
			small_make(&s, v->id, units);
			assert_int_equal(small_layout(&s, IOMMU_MODE_RECORD,
						      NULL, 0),
					 0);
			assert_int_equal(s.told.n, 0);
			need = units *
			       (v->regs_max * sizeof(struct iommu_reg) +
				v->faults_max * sizeof(struct iommu_fault_raw));
			assert_true(s.h.crash_len > need);
			small_free(&s);
		}
}

/* And where a device table is edited, what its entries were. */
void test_handover_note_of_entries(void **state)
{
	struct small s;
	u64 len[2];

	(void)state;
	for (u32 k = 0; k < 2; k++) {
		small_make(&s, IOMMU_VENDOR_AMDVI, 2);
		for (u32 i = 0; i < ARRAY_SIZE(s.device); i++)
			small_device(&s, i, i & 1);
		for (u32 i = 0; i < 2; i++) {
			s.unit[i].in_use = true;
			fact_reg_set(&s.unit[i], 0x30, 8, 0x29d3); /* EFR */
		}
		assert_int_equal(small_layout(&s,
					      k ? IOMMU_MODE_ABORT
						: IOMMU_MODE_RECORD,
					      NULL, 0),
				 0);
		assert_int_equal(s.told.n, 0);
		len[k] = s.h.crash_len;
		small_free(&s);
	}
	assert_true(len[1] - len[0] + PAGE_4K >
		    2 * ARRAY_SIZE(s.device) * sizeof(struct rec_entry));
}

/* What a unit would refuse at the crash is refused here, and nothing else. */
void test_handover_can(void **state)
{
	/* 11.4.2, 11.4.3: SAGAW of 4 levels, MGAW 48; QI, SMTS, SSTS, SSIRWS */
	static const u64 cap = 1ULL << 10 | 47ULL << 16, ecap = 2;
	static const u64 smts = 1ULL << 43 | 1ULL << 46, ssirws = 1ULL << 57;
	static const u64 esrtps = 1ULL << 63, on = 1u << 31;
	static const struct {
		u64 cap, ecap, gsts, rtaddr;
		const char *why; /* NULL: it can */
	} c[] = {
		{ cap, ecap, on, 0x1000, NULL },
		{ cap, ecap | smts, on, 0x1400, NULL },
		{ cap, ecap | smts | ssirws, on, 0x1480, "SSIRWE" },
		{ cap, ecap | smts, on, 0x1480, NULL }, /* no such bit */
		{ cap, ecap, on, 0x1400, "no ESRTPS" },
		{ cap, ecap | smts, on, 0x1800, "no ESRTPS" },
		{ cap, ecap | smts, on, 0x1c00, "no ESRTPS" },
		{ cap | esrtps, ecap | smts, on, 0x1c00, NULL },
		{ cap, ecap | smts, 0, 0x1c00, NULL },
		{ 47ULL << 16, ecap, on, 0x1000, "no depth" },
		{ cap, ecap | 1ULL << 43, on, 0x1400, "no ESRTPS" },
		{ cap, smts, on, 0x1400, "no way to invalidate" },
		{ cap, 0, on, 0x1000, NULL }, /* by registers */
	};
	static const u32 modes[] = { IOMMU_MODE_COPY, IOMMU_MODE_ABORT,
				     IOMMU_MODE_SINK };
	struct small s;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(c); i++)
		for (size_t k = 0; k < ARRAY_SIZE(modes); k++) {
			small_make(&s, IOMMU_VENDOR_VTD, 1);
			regs_add(&s.unit->regs, 0, 4, 0x40);
			regs_add(&s.unit->regs, 8, 8, c[i].cap);
			regs_add(&s.unit->regs, 0x10, 8, c[i].ecap);
			regs_add(&s.unit->regs, 0x1c, 4, c[i].gsts);
			regs_add(&s.unit->regs, 0x20, 8, c[i].rtaddr);
			assert_int_equal(small_layout(&s, modes[k], NULL, 0),
					 c[i].why ? -1 : 0);
			if (c[i].why)
				assert_non_null(strstr(s.e.text, c[i].why));
			small_free(&s);
			/* Recording is always possible. */
			small_make(&s, IOMMU_VENDOR_VTD, 1);
			assert_int_equal(small_layout(&s, IOMMU_MODE_RECORD,
						      NULL, 0),
					 0);
			small_free(&s);
		}
	/* Of a unit that nothing is known of, nothing is said. */
	small_make(&s, IOMMU_VENDOR_VTD, 1);
	assert_int_equal(small_layout(&s, IOMMU_MODE_COPY, NULL, 0), 0);
	assert_true(s.h.arena_len > 64 * PAGE_4K);
	small_free(&s);
}

/*
 * A stream is none of another unit's, and no requester ID: devices that have one
 * number between them by chance have nothing else in common.
 */
void test_handover_stream_numbers(void **state)
{
	static const struct device_choice one = { .requester = 0x10,
						  .mode = IOMMU_MODE_ABORT };
	struct small s;
	size_t bad;

	(void)state;
	small_make(&s, IOMMU_VENDOR_SMMUV3, 2);
	small_device(&s, 0x10, 0);
	small_device(&s, 0x20, 0);
	small_device(&s, 0x30, 1);
	small_device(&s, 0x40, 0);
	small_device(&s, 0x21, 0); /* no PCI function: its stream */
	small_alias(&s, 0x10, 0x20);
	small_alias(&s, 0x20, 0x1020);
	small_alias(&s, 0x30, 0x20);
	small_alias(&s, 0x40, 0x21);
	assert_int_equal(small_layout(&s, IOMMU_MODE_SINK, &one, 1), 0);
	assert_int_equal(s.h.override_n, 1);
	assert_int_equal(s.h.override[0].unit, 0);
	assert_int_equal(s.h.override[0].requester, 0x20);
	small_free(&s);
	/* auto: nor a reserved region. What does share a stream, shares it. */
	s.device[0].has_region = s.device[3].has_region = true;
	assert_int_equal(decide(&s.facts, IOMMU_MODE_AUTO, NULL, 0,
				&s.decisions, &bad),
			 0);
	assert_int_equal(decided_device(&s.decisions, 0).mode, IOMMU_MODE_COPY);
	assert_int_equal(decided_device(&s.decisions, 1).mode, IOMMU_MODE_SINK);
	assert_int_equal(decided_device(&s.decisions, 2).mode, IOMMU_MODE_SINK);
	assert_int_equal(decided_device(&s.decisions, 3).mode, IOMMU_MODE_COPY);
	assert_int_equal(decided_device(&s.decisions, 4).mode, IOMMU_MODE_COPY);
	decisions_free(&s.decisions);
}

/* Streams have 32 bits, and a device's own id is none of them. */
void test_handover_streams(void **state)
{
	static const struct device_choice one = { .requester = 0x18,
						  .mode = IOMMU_MODE_ABORT };
	struct small s;

	(void)state;
	small_make(&s, IOMMU_VENDOR_SMMUV3, 2);
	small_device(&s, 0x10, 0);
	small_device(&s, 0x18, 1);
	small_device(&s, 0xfeedbeef, 1); /* no PCI function: its stream */
	small_alias(&s, 0x10, 0x7);
	small_alias(&s, 0x18, 0x12345678);
	small_alias(&s, 0x18, 0x12345679);
	assert_int_equal(small_layout(&s, IOMMU_MODE_SINK, &one, 1), 0);
	assert_int_equal(s.h.range_of[0].n, 1);
	assert_int_equal(s.h.range[0].first, 0x7);
	assert_int_equal(s.h.range[0].last, 0x7);
	assert_int_equal(s.h.range_of[1].offset, 1);
	assert_int_equal(s.h.range_of[1].n, 2);
	assert_int_equal(s.h.range[1].first, 0x12345678);
	assert_int_equal(s.h.range[1].last, 0x12345679);
	assert_int_equal(s.h.range[2].first, 0xfeedbeef);
	assert_int_equal(s.h.override_n, 2);
	assert_int_equal(s.h.override[0].unit, 1);
	assert_int_equal(s.h.override[0].requester, 0x12345678);
	assert_int_equal(s.h.override[1].requester, 0x12345679);
	assert_int_equal(s.h.override[1].mode, IOMMU_MODE_ABORT);
	small_free(&s);
	/* Elsewhere both its own and its aliases, and all of their buses. */
	small_make(&s, IOMMU_VENDOR_VTD, 1);
	small_device(&s, 0x18, 0);
	small_alias(&s, 0x18, 0x100);
	small_alias(&s, 0x18, 0x300);
	assert_int_equal(small_layout(&s, IOMMU_MODE_SINK, &one, 1), 0);
	assert_int_equal(s.h.range_n, 2);
	assert_int_equal(s.h.range[0].first, 0);
	assert_int_equal(s.h.range[0].last, 0x1ff);
	assert_int_equal(s.h.range[1].first, 0x300);
	assert_int_equal(s.h.range[1].last, 0x3ff);
	assert_int_equal(s.h.override_n, 3);
	small_free(&s);
}

/* What a unit has no entry for is refused, not left out. */
void test_handover_wide(void **state)
{
	struct small s;

	(void)state;
	small_make(&s, IOMMU_VENDOR_VTD, 1);
	small_device(&s, 0x10, 0);
	small_alias(&s, 0x10, 0x10000);
	assert_int_equal(small_layout(&s, IOMMU_MODE_SINK, NULL, 0), -1);
	assert_non_null(strstr(s.e.text, "0x10000"));
	small_free(&s);
}

/* A segment that has to lie below an address does, or there is no room. */
void test_handover_below(void **state)
{
	static const struct span window[] = { { MIB(16), MIB(16) },
					      { GIB(4), MIB(64) } };
	struct segments all = { .n = 0 };
	struct error e;

	(void)state;
	segments_add(&all, (struct segment){ .name = "low",
					     .memsz = MIB(1),
					     .max = GIB(4) });
	segments_add(&all, (struct segment){ .name = "any", .memsz = MIB(1) });
	segments_add(&all, (struct segment){ .name = "inside",
					     .memsz = MIB(1),
					     .align = MIB(1),
					     .max = MIB(20) + 5 });
	assert_int_equal(segments_place(&all, window, 2, &e), 0);
	assert_int_equal(all.s[0].mem, MIB(31));
	assert_int_equal(all.s[1].mem, GIB(4) + MIB(63));
	assert_int_equal(all.s[2].mem, MIB(19));
	all.s[0].max = MIB(16);
	assert_int_equal(segments_place(&all, window, 2, &e), -1);
	assert_non_null(strstr(e.text, "below 0x1000000"));
}
