// SPDX-License-Identifier: GPL-2.0-only
/* The walker and the switch on tables, and registers, of any content. */
#include "../../iommu/vtd/vtd.h"
#include "list.h"

#define RAM_LEN MIB(32)
#define ARENA_START MIB(8)
#define ARENA_LEN MIB(2)
#define SCRATCH (ARENA_START + ARENA_LEN)
#define GUARD_LEN MIB(8)

enum { /* numbers in front of the input */
	N_CAP,
	N_ECAP,
	N_RTADDR,
	N_REQUESTER,
	N_PASID,
	N_CHANGE = N_PASID, /* of the switch, which asks for no PASID */
	N_IOVA,
	N_MODE,
	N_IRTA = N_MODE, /* of the walk, which needs no mode */
	N_GSTS
};

static void config(const u8 *data, size_t len, u64 cap, struct iommu_regs *regs)
{
	iommu_reg_put(regs, VTD_VER, 4, 0x10);
	iommu_reg_put(regs, VTD_CAP, 8, cap);
	iommu_reg_put(regs, VTD_ECAP, 8, fuzz_number(data, len, N_ECAP));
	iommu_reg_put(regs, VTD_GSTS, 4, GCMD_TE | GCMD_IRE);
	iommu_reg_put(regs, VTD_IRTA, 8, fuzz_number(data, len, N_IRTA));
	iommu_reg_put(regs, VTD_RTADDR, 8, fuzz_number(data, len, N_RTADDR));
}

/* What the list says of an address, a translation must say as well. */
static void check_run(const struct iommu_config *c, struct fuzz_mem *m,
		      const struct iommu_domain *d, const struct iommu_run *run)
{
	struct iommu_evidence ev;
	struct iommu_xlat x;

	if (d->kind == IOMMU_KIND_NESTED ||
	    iommu_translate(c, &m->m, d, run->iova,
			    run->perm & IOMMU_R ? IOMMU_R : IOMMU_W, &x, &ev))
		return;
	FUZZ_RULE(x.pa == run->pa);
}

int fuzz_walk(const u8 *data, size_t len)
{
	const struct iommu_vendor *v = iommu_vendor(IOMMU_VENDOR_VTD);
	u64 pasid = fuzz_number(data, len, N_PASID);
	struct iommu_evidence ev;
	struct iommu_domain d;
	struct iommu_config c;
	struct iommu_xlat x;
	struct iommu_reg reg[IOMMU_REGS_MAX];
	struct iommu_regs regs = IOMMU_REGS(reg);
	struct fuzz_mem m;
	unsigned int i;

	fuzz_mem_init(&m, data, len);
	config(data, len, fuzz_number(data, len, N_CAP), &regs);
	if (!v->describe(&regs, &c) &&
	    !v->lookup(&c, &m.m, fuzz_number(data, len, N_REQUESTER),
		       pasid ? pasid & 0xfffff : ~0u, &d, &ev)) {
		iommu_translate(&c, &m.m, &d, fuzz_number(data, len, N_IOVA),
				IOMMU_R, &x, &ev);
		for (i = 0; i < ARRAY_SIZE(d.stage); i++)
			if (d.stage[i].format)
				fuzz_list(&c, &m, &d, &d.stage[i], check_run);
	}
	fuzz_irqs(v, &regs, &m, 0);
	fuzz_mem_free(&m);
	return 0;
}

/* --- the switch: a unit that does what it is told, at once --- */

struct unit {
	struct mmio mmio;
	const u8 *data;
	size_t len;
	struct fuzz_mem *mem;
	u64 clock, rtaddr, iqa, iqt, ccmd, iotlb;
	u32 gsts;
};

/*
 * An identity map in pages of 4 KiB would take nearly all the time: units of
 * the switch have larger ones, but where a bit that GSTS lacks says otherwise.
 */
#define SMALL_PAGES BIT64(63)

static u64 switch_cap(const u8 *data, size_t len)
{
	u64 cap = fuzz_number(data, len, N_CAP);

	return fuzz_number(data, len, N_GSTS) & SMALL_PAGES
		       ? cap
		       : cap | CAP_SSLPS_2M | CAP_SSLPS_1G;
}

static void run_queue(struct unit *u, u64 tail)
{
	u32 bytes = u->iqa & IQA_DW ? 32 : 16, status;
	u64 at, words[2];

	for (at = 0; at < (tail & 0xfff); at += bytes) {
		if (mem_read(&u->mem->m, (u->iqa & IQA_IQA) + at, words, 16))
			return;
		status = field(DESC_WAIT_DATA, words[0]);
		if ((words[0] & 0xf) == DESC_WAIT)
			u->mem->m.write(&u->mem->m, words[1], &status, 4);
	}
}

static u64 read_reg(struct unit *u, u32 off)
{
	FUZZ_RULE(off < u->mmio.len);
	u->clock++;
	switch (off) {
	case VTD_VER:
		return 0x10;
	case VTD_CAP:
		return switch_cap(u->data, u->len);
	case VTD_ECAP:
		return fuzz_number(u->data, u->len, N_ECAP);
	case VTD_GSTS:
		return u->gsts;
	case VTD_RTADDR:
		return u->rtaddr;
	case VTD_IQT:
	case VTD_IQH:
		return u->iqt;
	}
	return 0;
}

static void write_reg(struct unit *u, u32 off, u64 val)
{
	FUZZ_RULE(off < u->mmio.len);
	u->clock++;
	switch (off) {
	case VTD_GCMD:
		u->gsts = val;
		break;
	case VTD_RTADDR:
		u->rtaddr = val;
		break;
	case VTD_IQA:
		u->iqa = val;
		break;
	case VTD_IQT:
		u->iqt = val;
		if (u->gsts & GCMD_QIE)
			run_queue(u, val);
		break;
	}
}

static u32 read32(struct mmio *r, u32 off)
{
	return read_reg((struct unit *)r, off);
}

static u64 read64(struct mmio *r, u32 off)
{
	return read_reg((struct unit *)r, off);
}

static void write32(struct mmio *r, u32 off, u32 val)
{
	write_reg((struct unit *)r, off, val);
}

static void write64(struct mmio *r, u32 off, u64 val)
{
	write_reg((struct unit *)r, off, val);
}

static u64 now_us(struct mmio *r)
{
	return ((struct unit *)r)->clock++;
}

/* Bytes of the arena that were used. */
static u64 quiesce(struct fuzz_mem *m, struct unit *u, u32 mode)
{
	static const struct span ram[] = { { 0, RAM_LEN } };
	static const struct span guard = { ARENA_START, GUARD_LEN };
	static u64 work[IOMMU_WORK_MAX / 8];
	struct iommu_arena arena = { m->arena, 0 };
	struct iommu_override o = { .requester = 0x20,
				    .mode = IOMMU_MODE_COPY };
	struct iommu_result res;
	struct iommu_quiesce q = {
		.mem = &m->m,
		.mmio = &u->mmio,
		.arena = &arena,
		.mode = mode,
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

	iommu_vendor(IOMMU_VENDOR_VTD)->quiesce(&q, &res);
	FUZZ_RULE(res.outcome <= IOMMU_READ_ONLY && res.err < IOMMU_ERR_N);
	FUZZ_RULE(arena.used <= arena.area.len);
	/* Switched: to a table of ours, which lets nobody into the guard. */
	if (res.outcome == IOMMU_DONE)
		FUZZ_RULE(span_holds(&m->arena, u->rtaddr & RTADDR_RTA,
				     PAGE_4K) &&
			  u->gsts & GCMD_TE);
	return arena.used;
}

/*
 * Of some requesters and addresses, a bit each: the guarded memory is reached,
 * other than in the scratch page.
 */
static u32 reaches_guard(struct fuzz_mem *m, struct unit *u, const u8 *data,
			 size_t len)
{
	const struct iommu_vendor *v = iommu_vendor(IOMMU_VENDOR_VTD);
	struct span guard = { ARENA_START, GUARD_LEN };
	struct iommu_evidence ev;
	struct iommu_config c;
	struct iommu_domain d;
	struct iommu_reg reg[IOMMU_REGS_MAX];
	struct iommu_regs regs = IOMMU_REGS(reg);
	struct iommu_xlat x;
	u32 i, who[] = { 0x20, fuzz_number(data, len, N_REQUESTER) };
	u64 where[] = { ARENA_START, fuzz_number(data, len, N_IOVA), 0x1000 };
	u32 reached = 0;

	config(data, len, switch_cap(data, len), &regs);
	regs.r[regs.n - 1].val = u->rtaddr;
	if (v->describe(&regs, &c))
		return 0;
	for (i = 0; i < ARRAY_SIZE(who) * ARRAY_SIZE(where); i++) {
		if (v->lookup(&c, &m->m, who[i % 2], ~0u, &d, &ev))
			continue;
		FUZZ_RULE(d.kind != IOMMU_KIND_PASS);
		if (!iommu_translate(&c, &m->m, &d, where[i / 2], IOMMU_W, &x,
				     &ev) &&
		    align_down(x.pa, PAGE_4K) != SCRATCH &&
		    span_holds(&guard, x.pa, 1))
			reached |= 1u << i;
	}
	return reached;
}

/* Filled once with what nobody wrote; what a run used is made so again. */
static u8 *arena_begin(void)
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

static void arena_end(u8 *arena, u64 used)
{
	memset(arena, 0xa5, used);
}

int fuzz_quiesce(const u8 *data, size_t len)
{
	static const u32 modes[] = { IOMMU_MODE_COPY, IOMMU_MODE_ABORT,
				     IOMMU_MODE_SINK, IOMMU_MODE_RECORD };
	struct fuzz_mem m, before;
	struct unit u = {
		.mmio = { read32, read64, write32, write64, now_us, 0x1000 },
		.data = data,
		.len = len,
		.mem = &m,
		.rtaddr = fuzz_number(data, len, N_RTADDR),
		.gsts = fuzz_number(data, len, N_GSTS),
	};
	u64 root = u.rtaddr, used;
	u32 reached;

	fuzz_mem_init(&m, data, len);
	m.arena = (struct span){ ARENA_START, ARENA_LEN };
	m.arena_bytes = arena_begin();
	/* Tables whose entries are copied: those of pages are used on. */
	fuzz_mem_change(&m, u.rtaddr & RTADDR_RTA,
			fuzz_number(data, len, N_CHANGE) & 0xffff);
	used = quiesce(&m, &u, modes[fuzz_number(data, len, N_MODE) & 3]);
	if (u.rtaddr != root) {
		reached = reaches_guard(&m, &u, data, len);
		/*
		 * What was kept went by page tables as they were then: it is
		 * wrong where it leads there by old ones and by new.
		 */
		if (reached) {
			fuzz_mem_init(&before, data, len);
			before.arena = m.arena;
			before.arena_bytes = m.arena_bytes;
			reached &= reaches_guard(&before, &u, data, len);
			fuzz_mem_free(&before);
		}
		FUZZ_RULE(!reached);
	}
	arena_end(m.arena_bytes, used);
	fuzz_mem_free(&m);
	return 0;
}
