// SPDX-License-Identifier: GPL-2.0-only
/*
 * The crash path in the kernel that dies: the purgatory's steps 1 to 3, on
 * the kernel's own map of memory. By then the other CPUs are stopped and
 * interrupts are off.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "arch.h"
#include "module.h"

static bool plant_trap;
module_param(plant_trap, bool, 0400);
MODULE_PARM_DESC(plant_trap, "for tests: the hook traps while it quiesces");

static struct armed *armed_of(struct machine *m)
{
	return container_of(m, struct armed, m);
}

/* --- struct machine --- */

/* Only what the plan has had checked comes here: the block, and RAM. */
static void *machine_at(struct machine *m, u64 phys)
{
	return __va(phys);
}

static void __iomem *unit_mapped(const struct armed *a, u64 phys)
{
	u32 i;

	for (i = 0; i < a->units; i++)
		if (a->unit[i].phys == phys)
			return a->unit[i].at;
	return NULL;
}

/* NULL traps. */
static void *machine_registers_at(struct machine *m, u64 phys)
{
	return (void __force *)unit_mapped(armed_of(m), phys);
}

/* --- before the crash --- */

static bool in_block(const struct armed *a, const struct span *s)
{
	const struct span block = { a->phys, a->len };

	return !s->len || span_holds(&block, s->start, s->len);
}

/* What the purgatory need not ask, because kexec_load(2) does. */
static bool all_in_block(const struct armed *a)
{
	const struct span scratch = { a->h.scratch,
				      a->h.scratch ? PAGE_4K : 0 };

	return in_block(a, &a->h.plan) && in_block(a, &a->h.note) &&
	       in_block(a, &a->h.arena) && in_block(a, &scratch) &&
	       in_block(a, &a->load);
}

static u32 map_units(struct armed *a)
{
	const struct checked_plan *pl = &a->p.plan;
	u32 i;

	a->unit = kcalloc(pl->units_n + 1, sizeof(*a->unit), GFP_KERNEL);
	if (!a->unit)
		return PLAN_UNIT;
	for (i = 0; i < pl->units_n; i++) {
		const struct handover_unit *u = &pl->units[i];

		if (u->mode == IOMMU_MODE_OFF)
			continue;
		if (u->reg_len > IOMMU_UNIT_BYTES_MAX ||
		    unit_mapped(a, u->reg_phys) ||
		    !unit_is_real(u->vendor, u->reg_phys, u->reg_len))
			return PLAN_UNIT;
		a->unit[a->units].phys = u->reg_phys;
		a->unit[a->units].at = ioremap(u->reg_phys, u->reg_len);
		if (!a->unit[a->units].at)
			return PLAN_UNIT;
		a->unit[a->units++].len = u->reg_len;
	}
	return PLAN_OK;
}

static u32 check(struct armed *a)
{
	const struct span nowhere = { 0 };

	return plan_check_at(&a->p.plan, &a->h, __va(a->h.plan.start),
			     &nowhere);
}

/*
 * Where a unit has its tables is asked of the unit, not of the plan: memory of
 * this kernel is written to that is found there.
 */
static void take_roots(struct armed *a)
{
	const struct checked_plan *pl = &a->p.plan;
	struct handover_unit *u = __va(a->h.plan.start) + a->h.units.offset;
	u32 i, off;

	for (i = 0; i < pl->units_n; i++) {
		u8 __iomem *at = unit_mapped(a, u[i].reg_phys);

		u[i].root = at && live_base(u[i].vendor, &off) ? readq(at + off)
							       : 0;
	}
	armed_seal(a);
}

void armed_seal(struct armed *a)
{
	struct handover *h = &a->h;

	h->crc = 0;
	h->crc = note_crc32(note_crc32(0, h, sizeof(*h)), __va(h->plan.start),
			    h->plan.len);
}

const char *armed_check(struct armed *a)
{
	u32 err;

	if (!(a->h.flags & HANDOVER_MODULE))
		return plan_err_text(PLAN_MODE);
	if (!a->h.plan.len || !all_in_block(a))
		return plan_err_text(PLAN_SPAN);
	a->m = arch_machine;
	a->m.memory = machine_at;
	a->m.registers = machine_registers_at;
	a->p.m = &a->m;
	a->p.h = &a->h;
	a->p.nmis = &a->nmis;
	err = check(a);
	if (!err)
		err = map_units(a);
	if (err)
		return plan_err_text(err);
	take_roots(a);
	/* Arrays may overlap, so that more than units were written to. */
	err = check(a);
	return err ? plan_err_text(err) : armed_memory(&a->p.plan);
}

void armed_free(struct armed *a)
{
	if (!a)
		return;
	while (a->units)
		iounmap(a->unit[--a->units].at);
	kfree(a->unit);
	if (a->block)
		free_pages_exact(a->block, a->len);
	vfree(a);
}

/* --- at the crash --- */

/* A device may have written to the plan since. */
static void check_again(struct purgatory *p)
{
	p->plan_err = PLAN_TRAP; /* stands if it does */
	p->plan_err = check(armed_of(p->m));
}

static void quiesce(struct purgatory *p)
{
	if (plant_trap)
		WRITE_ONCE(*(u32 *)machine_registers_at(p->m, ~0ULL), 0);
	quiesce_units(p);
}

static void point_to_notes(struct purgatory *p)
{
	const struct span notes[] = { armed_of(p->m)->load, p->h->note };

	vmcoreinfo_point_to(notes, ARRAY_SIZE(notes));
}

static void run(struct purgatory *p)
{
	purgatory_step(p, STEP_PLAN, check_again);
	take_plan(p);
	purgatory_step(p, STEP_SNAPSHOT, snapshot_units);
	purgatory_step(p, STEP_QUIESCE, quiesce);
	/* That is the kernel's own purgatory's. */
	p->ticks[STEP_VERIFY] = p->ticks[STEP_QUIESCE];
	purgatory_step(p, STEP_JUMP, look_at_scratch);
	guarded(p, point_to_notes);
}

void armed_run(struct armed *a)
{
	struct purgatory *p = &a->p;

	p->ticks[STEP_NONE] = a->m.ticks(&a->m);
	p->flags = PURGATORY_RAN | PURGATORY_MODULE;
	p->unit = REC_NONE;
	p->mapped = true;
	arch_guarded(p, run);
}
