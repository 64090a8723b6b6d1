// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "switch.h"

#define RAM_LEN MIB(32)
#define SCRATCH (ARENA_START + ARENA_LEN)
#define GUARD_LEN MIB(8)

/* Filled once with what nobody wrote; what a run used is made so again. */
static u8 *arena_bytes(void)
{
	static u8 *arena;

	if (!arena) {
		arena = malloc(ARENA_LEN);
		if (!arena)
			abort();
		memset(arena, 0xa5, ARENA_LEN);
	}
	return arena;
}

void switch_begin(struct fuzz_mem *m, const u8 *data, size_t len)
{
	fuzz_mem_init(m, data, len);
	m->arena = (struct span){ ARENA_START, ARENA_LEN };
	m->arena_bytes = arena_bytes();
}

void switch_end(struct fuzz_mem *m, u64 used)
{
	memset(m->arena_bytes, 0xa5, used);
	fuzz_mem_free(m);
}

u64 switch_unit(u32 vendor, struct fuzz_mem *m, struct mmio *mmio,
		const u8 *data, size_t len, struct iommu_result *res)
{
	static const u32 modes[] = { IOMMU_MODE_COPY, IOMMU_MODE_ABORT,
				     IOMMU_MODE_SINK, IOMMU_MODE_RECORD };
	static const struct span ram[] = { { 0, RAM_LEN } };
	static const struct span guard = { ARENA_START, GUARD_LEN };
	static u64 work[IOMMU_WORK_MAX / 8];
	struct iommu_arena arena = { m->arena, 0 };
	struct iommu_override o = { .requester = 0x20,
				    .mode = IOMMU_MODE_COPY };
	struct iommu_quiesce q = {
		.mem = &m->m,
		.mmio = mmio,
		.arena = &arena,
		.mode = modes[fuzz_number(data, len, N_MODE) & 3],
		.overrides = &o,
		.overrides_n = 1,
		.ram = ram,
		.ram_n = ARRAY_SIZE(ram),
		.guard = &guard,
		.guard_n = 1,
		.scratch = SCRATCH,
		.budget_us = 100000,
		.work = work,
		.check_budget_us = 100000,
	};

	iommu_vendor(vendor)->quiesce(&q, res);
	FUZZ_RULE(res->outcome <= IOMMU_READ_ONLY && res->err < IOMMU_ERR_N);
	FUZZ_RULE(arena.used <= arena.area.len);
	return arena.used;
}

u32 switch_reached(u32 vendor, const struct iommu_regs *regs, struct mem *m,
		   const u8 *data, size_t len)
{
	const struct iommu_vendor *v = iommu_vendor(vendor);
	struct span guard = { ARENA_START, GUARD_LEN };
	struct iommu_evidence ev;
	struct iommu_config c;
	struct iommu_domain d;
	struct iommu_xlat x;
	u32 i, who[] = { 0x20, (u32)fuzz_number(data, len, N_REQUESTER) };
	u64 where[] = { ARENA_START, fuzz_number(data, len, N_IOVA), 0x1000 };
	u32 reached = 0;

	if (v->describe(regs, &c))
		return 0;
	for (i = 0; i < ARRAY_SIZE(who) * ARRAY_SIZE(where); i++) {
		if (v->lookup(&c, m, who[i % 2], ~0u, &d, &ev))
			continue;
		FUZZ_RULE(d.kind != IOMMU_KIND_PASS);
		if (!iommu_translate(&c, m, &d, where[i / 2], IOMMU_W, &x,
				     &ev) &&
		    align_down(x.pa, PAGE_4K) != SCRATCH &&
		    span_holds(&guard, x.pa, 1))
			reached |= 1u << i;
	}
	return reached;
}

/* Page tables as they were, behind a unit's table as it is. */
struct mixed {
	struct mem m;
	struct mem *now, *before;
	struct span table, arena;
};

static int mixed_read(struct mem *m, u64 phys, void *buf, u32 len)
{
	struct mixed *x = (struct mixed *)m;
	bool now = span_holds(&x->table, phys, len) ||
		   span_holds(&x->arena, phys, len);

	return mem_read(now ? x->now : x->before, phys, buf, len);
}

void switch_check(u32 vendor, struct mmio *mmio, struct fuzz_mem *m,
		  const struct span *table, const u8 *data, size_t len)
{
	struct iommu_reg regs_of[IOMMU_REGS_MAX];
	struct iommu_regs regs = IOMMU_REGS(regs_of);
	struct iommu_fault_raw faults[1];
	struct fuzz_mem before;
	struct mixed x = { .m = { .read = mixed_read },
			   .now = &m->m,
			   .before = &before.m,
			   .table = *table,
			   .arena = m->arena };
	u32 n = 0, reached;

	iommu_vendor(vendor)->snapshot(mmio, &regs, faults, &n);
	reached = switch_reached(vendor, &regs, &m->m, data, len);
	if (!reached)
		return;
	fuzz_mem_init(&before, data, len);
	reached &= switch_reached(vendor, &regs, &x.m, data, len);
	fuzz_mem_free(&before);
	FUZZ_RULE(!reached);
}
