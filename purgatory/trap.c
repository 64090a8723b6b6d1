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

/* --- errors that the CPU reports late --- */

/* A point that has met so many traps ends the taking of errors for good. */
#define POINT_TRAPS_MAX 8

static void take_errors(struct purgatory *p)
{
	if (p->m->take_errors && !p->errors_held)
		p->m->take_errors(p->m);
}

static void hold_errors(struct purgatory *p)
{
	if (p->m->hold_errors)
		p->m->hold_errors(p->m);
}

/*
 * A late error belongs to the point whose work caused it, so that those of all
 * accesses so far are taken before a point begins and before it ends. Outside
 * of all points they are held, because a trap has nowhere to go to there.
 */
bool guarded(struct purgatory *p, void (*work)(struct purgatory *p))
{
	struct recovery r = { .outer = p->recovery };

	if (r.outer)
		take_errors(p);
	/* Each trap comes back here; the next error is then taken, too. */
	if (recovery_set(&r)) {
		r.trapped = r.begun;
		if (++r.traps == POINT_TRAPS_MAX)
			p->errors_held = true;
	}
	p->recovery = &r;
	take_errors(p);
	if (!r.begun) {
		r.begun = true;
		work(p);
		take_errors(p);
	}
	if (!r.outer)
		hold_errors(p);
	p->recovery = r.outer;
	return !r.trapped;
}
