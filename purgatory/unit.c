/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Steps 2 and 3 for one unit: the library's snapshot and quiesce, with
 * registers and memory as the identity map has them.
 */
#include "../iommu/env.h"
#include "purgatory.h"

struct unit_mmio {
	struct mmio io;
	struct purgatory *p;
	u8 *base;
	u64 start; /* ticks */
	u64 last;  /* microseconds told */
	u64 calls; /* of now_us */
};

struct unit_mem {
	struct mem mem;
	struct purgatory *p;
	u32 near; /* index of the RAM span that was hit last */
};

/* --- registers --- */

static void *reg(struct mmio *io, u32 off)
{
	return ((struct unit_mmio *)io)->base + off;
}

static void order(struct purgatory *p)
{
	if (p->m->order)
		p->m->order(p->m);
}

static u32 reg_read32(struct mmio *io, u32 off)
{
	u32 val = *(volatile u32 *)reg(io, off);

	order(((struct unit_mmio *)io)->p);
	return val;
}

static u64 reg_read64(struct mmio *io, u32 off)
{
	u64 val = *(volatile u64 *)reg(io, off);

	order(((struct unit_mmio *)io)->p);
	return val;
}

static void before_write(struct mmio *io)
{
	struct purgatory *p = ((struct unit_mmio *)io)->p;

	p->writes++;
	order(p);
}

static void reg_write32(struct mmio *io, u32 off, u32 val)
{
	before_write(io);
	*(volatile u32 *)reg(io, off) = val;
}

static void reg_write64(struct mmio *io, u32 off, u64 val)
{
	before_write(io);
	*(volatile u64 *)reg(io, off) = val;
}

/*
 * A poll must end even where the counter stands still or runs backwards: 256
 * calls take more than a microsecond on any CPU, so they count as one.
 */
static u64 reg_now_us(struct mmio *io)
{
	struct unit_mmio *u = (struct unit_mmio *)io;
	u64 rate = u->p->h->ticks_per_ms;
	u64 ticks = u->p->m->ticks(u->p->m) - u->start;
	u64 us = ticks / rate * 1000 + ticks % rate * 1000 / rate;
	u64 least = ++u->calls >> 8;

	if (ticks >> 63)
		us = 0;
	if (us < least)
		us = least;
	if (us > u->last)
		u->last = us;
	return u->last;
}

static struct unit_mmio unit_mmio(struct purgatory *p)
{
	const struct handover_unit *u = &p->plan.units[p->unit];

	return (struct unit_mmio){
		.io = { .read32 = reg_read32,
			.read64 = reg_read64,
			.write32 = reg_write32,
			.write64 = reg_write64,
			.now_us = reg_now_us,
			.len = u->reg_len },
		.p = p,
		.base = machine_registers(p->m, u->reg_phys),
		.start = p->m->ticks(p->m),
	};
}

/* --- memory --- */

/* The last span of @ram that starts at or before @phys; 0 when none does. */
static u32 find_ram(const struct span *ram, u32 n, u64 phys)
{
	u32 lo = 0, hi = n;

	while (hi - lo > 1) {
		u32 mid = lo + (hi - lo) / 2;

		if (ram[mid].start <= phys)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

static bool readable(struct unit_mem *m, u64 phys, u32 len)
{
	const struct checked_plan *pl = &m->p->plan;

	if (span_holds(&m->p->h->arena, phys, len))
		return true;
	if (!pl->ram_n)
		return false;
	if (span_holds(&pl->ram[m->near], phys, len))
		return true;
	m->near = find_ram(pl->ram, pl->ram_n, phys);
	return span_holds(&pl->ram[m->near], phys, len);
}

static void read_now(struct purgatory *p)
{
	struct purgatory_read *r = &p->read;

	if (p->m->read)
		r->err = p->m->read(p->m, r->buf, r->phys, r->len);
	else
		memcpy(r->buf, machine_memory(p->m, r->phys), r->len);
}

/* Memory that can't be read, say poisoned, costs what it says: not the unit. */
static int phys_read(struct mem *mem, u64 phys, void *buf, u32 len)
{
	struct purgatory *p = ((struct unit_mem *)mem)->p;

	if (!readable((struct unit_mem *)mem, phys, len))
		return IOMMU_EREAD;
	p->read = (struct purgatory_read){ buf, phys, len, IOMMU_OK };
	return guarded(p, read_now) ? p->read.err : IOMMU_EREAD;
}

/* Only the arena is ours. */
static int phys_write(struct mem *mem, u64 phys, const void *buf, u32 len)
{
	struct unit_mem *m = (struct unit_mem *)mem;

	if (!span_holds(&m->p->h->arena, phys, len))
		return IOMMU_EREAD;
	memcpy(machine_memory(m->p->m, phys), buf, len);
	return IOMMU_OK;
}

/* The dead kernel's: RAM that is not the crash kernel's. */
static int phys_store64(struct mem *mem, u64 phys, u64 val)
{
	struct unit_mem *m = (struct unit_mem *)mem;
	const struct checked_plan *pl = &m->p->plan;
	u32 near = find_ram(pl->ram, pl->ram_n, phys), i;

	if (phys & 7 || !pl->ram_n || !span_holds(&pl->ram[near], phys, 8))
		return IOMMU_EREAD;
	for (i = 0; i < pl->guard_n; i++)
		if (span_overlaps(&pl->guard[i], phys, 8))
			return IOMMU_EREAD;
	m->p->writes++;
	*(volatile u64 *)machine_memory(m->p->m, phys) = val;
	return IOMMU_OK;
}

static void phys_flush(struct mem *mem, u64 phys, u64 len)
{
	struct purgatory *p = ((struct unit_mem *)mem)->p;

	p->m->flush(p->m, phys, len);
}

static struct unit_mem unit_mem(struct purgatory *p)
{
	return (struct unit_mem){
		.mem = { .read = phys_read,
			 .write = phys_write,
			 .store64 = phys_store64,
			 .flush = phys_flush },
		.p = p,
	};
}

/* --- the two steps --- */

/*
 * Fault records that the unit keeps in memory. Without them, it can be worked
 * on all the same.
 */
static void read_events(struct purgatory *p, const struct iommu_vendor *v)
{
	struct unit_mem mem = unit_mem(p);
	u32 n = ARRAY_SIZE(p->fault);
	int err = v->events(&p->regs, &mem.mem, p->fault, &n);

	if (err && err != IOMMU_ENOSPACE)
		return;
	p->fault_n = n < ARRAY_SIZE(p->fault) ? n : ARRAY_SIZE(p->fault);
}

static void snapshot(struct purgatory *p)
{
	const struct handover_unit *u = &p->plan.units[p->unit];
	const struct iommu_vendor *v = iommu_vendor(u->vendor);
	struct unit_mmio io = unit_mmio(p);
	u32 n = ARRAY_SIZE(p->fault);
	int err;

	if (!v) {
		p->unit_err[p->unit] = IOMMU_EUNSUPPORTED;
		return;
	}
	p->unit_err[p->unit] = IOMMU_ETRAP; /* stands if it does */
	err = v->snapshot(&io.io, &p->regs, p->fault, &n);
	p->unit_err[p->unit] = err;
	p->fault_n = n;
	if (!err && v->events)
		read_events(p, v);
}

void unit_snapshot(struct purgatory *p)
{
	p->regs = (struct iommu_regs)IOMMU_REGS(p->reg);
	p->fault_n = 0;
	guarded(p, snapshot);
	/* Also after a trap: what was read until then. */
	if (p->regs.n && p->regs.n <= IOMMU_REGS_MAX)
		record_regs(p);
	if (p->fault_n && p->fault_n <= IOMMU_FAULTS_MAX)
		record_faults(p);
}

static void report(void *arg, const struct iommu_evidence *e, u32 mode)
{
	record_entry(arg, e, mode);
}

/* The overrides of this unit: they are sorted by unit. */
static void take_overrides(struct purgatory *p)
{
	const struct checked_plan *pl = &p->plan;
	u32 first = 0, end;

	while (first < pl->overrides_n && pl->overrides[first].unit < p->unit)
		first++;
	for (end = first; end < pl->overrides_n; end++)
		if (pl->overrides[end].unit != p->unit)
			break;
	p->quiesce.overrides = pl->overrides + first;
	p->quiesce.overrides_n = end - first;
}

static void quiesce(struct purgatory *p)
{
	const struct handover_unit *u = &p->plan.units[p->unit];
	struct unit_mmio io = unit_mmio(p);
	struct unit_mem mem = unit_mem(p);

	p->quiesce = (struct iommu_quiesce){
		.mem = &mem.mem,
		.mmio = &io.io,
		.arena = &p->arena,
		.mode = u->mode,
		.unit = p->unit,
		.root = u->root,
		.ram = p->plan.ram,
		.ram_n = p->plan.ram_n,
		.guard = p->plan.guard,
		.guard_n = p->plan.guard_n,
		.ranges = p->plan.ranges + u->range,
		.ranges_n = u->range_n,
		.shared = &p->shared,
		.scratch = p->h->scratch,
		.budget_us = p->h->budget_us,
		.check_budget_us = p->h->check_budget_us,
		.report = report,
		.report_arg = p,
		.work = p->work,
	};
	take_overrides(p);
	iommu_quiesce_unit(u->vendor, &p->quiesce, &p->action.result);
}

/* May the unit be worked on, after what its snapshot met? */
static u32 unit_usable(const struct purgatory *p)
{
	u32 err = p->unit_err[p->unit];

	if (!p->mapped)
		return IOMMU_EUNSUPPORTED;
	return err == IOMMU_ENOSPACE ? IOMMU_OK : err;
}

void unit_quiesce(struct purgatory *p)
{
	const struct handover_unit *u = &p->plan.units[p->unit];
	struct iommu_result *res = &p->action.result;
	u32 err = unit_usable(p);

	memset(&p->action, 0, sizeof(p->action));
	p->action.unit = u->id;
	p->action.mode = u->mode;
	p->action.ticks_start = p->m->ticks(p->m);
	p->writes = 0;
	if (err) {
		res->outcome = IOMMU_LEFT;
		res->err = err;
	} else if (!guarded(p, quiesce)) {
		res->outcome = p->writes ? IOMMU_PARTLY : IOMMU_LEFT;
		res->err = IOMMU_ETRAP;
	}
	p->action.ticks_end = p->m->ticks(p->m);
	record_action(p);
	if (p->say_unit)
		p->say_unit(p);
}
