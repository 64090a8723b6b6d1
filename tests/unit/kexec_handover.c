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
	struct facts facts;
	struct decisions decisions;
	struct memmap ram;
	struct handover_segment h;
	struct lines told;
};

static void small_make(struct small *s, u32 vendor, u32 units, u32 mode)
{
	size_t bad;

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
	decide(&s->facts, mode, NULL, 0, &s->decisions, &bad);
	memmap_add(&s->ram, MIB(1), GIB(1), MEMORY_RAM);
	s->h = (struct handover_segment){
		.facts = &s->facts,
		.decisions = &s->decisions,
		.panic = true,
		.ram = &s->ram,
		.header = { .ram = &s->ram },
	};
}

static void small_free(struct small *s)
{
	handover_segment_free(&s->h);
	decisions_free(&s->decisions);
	lines_free(&s->told);
	memmap_free(&s->ram);
}

/* All that the snapshots of several units may find has room in the note. */
void test_handover_note(void **state)
{
	const struct iommu_vendor *v;
	struct small s;
	struct error e;
	u64 need;

	(void)state;
	for (u32 i = 0; (v = iommu_vendor_at(i)); i++)
		for (u32 units = 1; units <= 4; units *= 2) {
			small_make(&s, v->id, units, IOMMU_MODE_RECORD);
			assert_int_equal(handover_layout(&s.h, &s.told, &e), 0);
			assert_int_equal(s.told.n, 0);
			need = units *
			       (v->regs_max * sizeof(struct iommu_reg) +
				v->faults_max * sizeof(struct iommu_fault_raw));
			assert_true(s.h.crash_len > need);
			small_free(&s);
		}
}
