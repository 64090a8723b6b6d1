/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the purgatory has in common with the module of a kernel that dies: how
 * a step goes, snapshot and quiesce of every unit, the scratch page.
 */
#include "purgatory.h"

void take_plan(struct purgatory *p)
{
	p->arena.area = p->h->arena;
	if (!p->plan_err)
		return;
	p->flags |= PURGATORY_PLAN_BAD;
	p->plan.units_n = 0; /* touch none */
}

void each_unit(struct purgatory *p, void (*work)(struct purgatory *p))
{
	u32 i;

	for (i = 0; i < p->plan.units_n; i++) {
		if (p->plan.units[i].mode == IOMMU_MODE_OFF)
			continue;
		p->unit = i;
		/* Whatever traps, the other units get their turn. */
		guarded(p, work);
	}
	p->unit = REC_NONE;
}

void snapshot_units(struct purgatory *p)
{
	guarded(p, record_open);
	if (p->mapped)
		each_unit(p, unit_snapshot);
}

static void quiesce_one(struct purgatory *p)
{
	record_entries_begin(p, p->plan.units_n - p->unit);
	unit_quiesce(p);
}

void quiesce_units(struct purgatory *p)
{
	each_unit(p, quiesce_one);
}

/*
 * The loader zeroes the page, and nobody but devices writes to it: what is there
 * now came by DMA that was in flight.
 */
void look_at_scratch(struct purgatory *p)
{
	const volatile u64 *word =
		(const volatile u64 *)machine_memory(p->m, p->h->scratch);
	u64 any = 0;
	u32 i;

	if (!p->h->scratch || !p->mapped)
		return;
	for (i = 0; i < PAGE_4K / sizeof(*word); i++)
		any |= word[i];
	p->flags |= any ? PURGATORY_SCRATCH_WRITTEN : PURGATORY_SCRATCH_CLEAN;
}

void purgatory_step(struct purgatory *p, u32 which,
		    void (*work)(struct purgatory *p))
{
	p->step = which;
	guarded(p, work);
	p->unit = REC_NONE;
	p->ticks[which] = p->m->ticks(p->m);
	if (p->say_step)
		guarded(p, p->say_step);
	guarded(p, record_seal);
}
