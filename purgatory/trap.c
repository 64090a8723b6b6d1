/* SPDX-License-Identifier: GPL-2.0-only */
#include "purgatory.h"

static void keep_trap(struct purgatory *p, const struct trap_frame *f,
		      u64 address)
{
	struct rec_trap *t;

	if (p->traps == TRAPS_MAX) {
		p->traps_lost++;
		return;
	}
	t = &p->trap[p->traps++];
	t->vector = f->vector;
	t->step = p->step;
	t->unit = p->unit == REC_NONE ? REC_NONE : p->plan.units[p->unit].id;
	t->error = f->error;
	t->pc = f->rip;
	t->address = address;
}

void trap_taken(struct purgatory *p, const struct trap_frame *f, u64 address)
{
	struct recovery *r = p->recovery;

	if (!r)
		return;
	/* A second trap on the way from here on goes one level further out. */
	p->recovery = r->outer;
	keep_trap(p, f, address);
	console_trapped(&p->console);
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
