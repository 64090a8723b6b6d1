/* SPDX-License-Identifier: GPL-2.0-only */
/* What becomes of a trap, on any architecture. */
#include "purgatory.h"

static void keep_trap(struct purgatory *p, const struct trap *trap)
{
	struct rec_trap *t;

	if (p->traps == TRAPS_MAX) {
		p->traps_lost++;
		return;
	}
	t = &p->trap[p->traps++];
	t->vector = trap->vector;
	t->step = p->step;
	t->unit = p->unit == REC_NONE ? REC_NONE : p->plan.units[p->unit].id;
	t->error = trap->error;
	t->pc = trap->pc;
	t->address = trap->address;
}

struct recovery *trap_keep(struct purgatory *p, const struct trap *trap)
{
	struct recovery *r = p->recovery;

	if (!r)
		return NULL;
	/* If recovery itself traps, that trap goes to the next outer point. */
	p->recovery = r->outer;
	keep_trap(p, trap);
	console_trapped(&p->console);
	return r;
}

void trap_taken(struct purgatory *p, const struct trap *trap)
{
	struct recovery *r = trap_keep(p, trap);

	if (r)
		recovery_jump(r);
}

bool guarded(struct purgatory *p, void (*work)(struct purgatory *p))
{
	struct recovery r = { .outer = p->recovery };

	if (recovery_set(&r))
		return false;
	p->recovery = &r;
	work(p);
	p->recovery = r.outer;
	return true;
}
