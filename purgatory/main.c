/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The crash path, between the dead kernel and the next one:
 *
 *   1 check the plan
 *   2 snapshot every IOMMU's registers and faults
 *   3 quiesce every IOMMU
 *   4 verify the image of the next kernel
 *   5 seal the crash note, and jump
 *
 * 3 comes before 4: DMA that arrives while the digest runs is what corrupts
 * the image. Each step runs under a recovery point: a trap ends the step, is
 * recorded, and the next step begins. Only a failed step 4 prevents the jump.
 */
#include <string.h>
#include "purgatory.h"

static void open_console(struct purgatory *p)
{
	struct console *c = &p->console;
	bool was = console_is_open(c);

	console_open(c, p->m, p->h, p->mapped);
	if (!was)
		say(c, "I'm in purgatory\n");
}

/* --- step 1 --- */

/*
 * Our own map must hold all that is touched until the jump: each page of the
 * image and the plan. Of areas where a trap is recovered from, both ends.
 */
static u32 switch_map(struct purgatory *p)
{
	const struct handover *h = p->h;
	const struct span must[] = {
		p->image,
		h->plan,
		{ h->note.start, h->note.len > 0 },
		{ h->note.start + h->note.len - 1, h->note.len > 0 },
		{ h->arena.start, h->arena.len > 0 },
		{ h->arena.start + h->arena.len - 1, h->arena.len > 0 },
		{ h->scratch, h->scratch > 0 },
		{ h->entry, 1 },
		{ h->entry_arg, h->entry_arg > 0 },
	};

	return p->m->map(p->m, h, must, ARRAY_SIZE(must), &p->mapped);
}

static void check_plan(struct purgatory *p)
{
	/* A port that is not there costs the console, not the IOMMUs. */
	guarded(p, open_console);
	p->plan_err = PLAN_TRAP; /* stands if it does */
	p->plan_err = plan_check(&p->plan, p->h, &p->image);
	if (p->plan_err)
		return;
	p->plan_err = PLAN_TRAP;
	p->plan_err = switch_map(p);
	guarded(p, open_console);
}

static void judge_plan(struct purgatory *p)
{
	take_plan(p);
	if (p->plan_err) {
		say(&p->console, "kexec-iommu: bad plan: %s; IOMMUs left\n",
		    plan_err_text(p->plan_err));
	} else if (!p->mapped && p->plan.units_n) {
		say(&p->console,
		    "kexec-iommu: no page tables of our own; IOMMUs left\n");
	}
}

/* --- steps 2 and 3: steps.c --- */

static const char *outcome_text(u32 outcome)
{
	switch (outcome) {
	case IOMMU_DONE:
	case IOMMU_READ_ONLY:
		return "";
	case IOMMU_LEFT:
		return " not done, left as it was";
	case IOMMU_PARTLY:
		return " partly done";
	}
	return " outcome unknown";
}

static void say_action(struct purgatory *p)
{
	const struct handover_unit *u = &p->plan.units[p->unit];
	const struct iommu_vendor *v = iommu_vendor(u->vendor);
	const struct rec_action *a = &p->action;
	u64 ticks = a->ticks_end - a->ticks_start;

	/* As the kernel calls it, where we can know. */
	say(&p->console, "kexec-iommu: %s%u: %s%s, %lu us",
	    v && v->unit_name ? v->unit_name : "unit ", u->id,
	    iommu_mode_name(u->mode), outcome_text(a->result.outcome),
	    p->h->ticks_per_ms ? ticks * 1000 / p->h->ticks_per_ms : 0);
	if (a->result.err)
		say(&p->console, ": %s", iommu_err_text(a->result.err));
	say(&p->console, "\n");
}

/* --- step 4 --- */

#define PLAIN_DIGEST_TRIES 2

static void digest_regions(struct purgatory *p, const struct sha256_way *way)
{
	const struct span *r = p->plan.regions;
	u32 i;

	image_digest_init(&p->image_digest, way);
	for (i = 0; i < p->plan.regions_n; i++)
		image_digest_region(&p->image_digest,
				    (const u8 *)(uintptr_t)r[i].start,
				    r[i].len);
	image_digest_final(&p->image_digest, p->digest);
	p->digested = true;
}

static void digest_by_vector(struct purgatory *p)
{
	struct sha256_way way = p->m->sha_begin(p->m);

	digest_regions(p, &way);
	if (way.by_cpu)
		p->flags |= PURGATORY_SHA_NI;
}

static void vector_end(struct purgatory *p)
{
	p->m->sha_end(p->m);
}

static void digest_plain(struct purgatory *p)
{
	struct sha256_way way = sha256_plain();

	digest_regions(p, &way);
}

static void verify_image(struct purgatory *p)
{
	u32 tries;

	if (!p->plan.bootable)
		return;
	if (p->h->flags & HANDOVER_SKIP_DIGEST) {
		p->flags |= PURGATORY_DIGEST_SKIPPED;
		return;
	}
	if (!guarded(p, digest_by_vector))
		say(&p->console, "kexec-iommu: the digest with vector "
				 "registers trapped, going on without\n");
	guarded(p, vector_end);
	/* A machine check may have had nothing to do with the image. */
	for (tries = 0; !p->digested && tries < PLAIN_DIGEST_TRIES; tries++)
		guarded(p, digest_plain);
	if (!p->digested)
		return;
	if (!memcmp(p->digest, p->h->digest, sizeof(p->digest))) {
		p->flags |= PURGATORY_DIGEST_OK;
		return;
	}
	say(&p->console, "kexec-iommu: sha256 digests do not match :(\n");
	say_bytes(&p->console, "  of the image", p->digest, sizeof(p->digest));
	say_bytes(&p->console, "  wanted      ", p->h->digest,
		  sizeof(p->digest));
}

static bool may_boot(const struct purgatory *p)
{
	return p->plan.bootable &&
	       (p->flags & (PURGATORY_DIGEST_OK | PURGATORY_DIGEST_SKIPPED));
}

static bool wants_halt(const struct purgatory *p)
{
	return p->h->flags & HANDOVER_HALT_ON_DIGEST;
}

static void say_refusal(struct purgatory *p)
{
	say(&p->console, "kexec-iommu: the next kernel is not started: %s\n",
	    wants_halt(p) ? "halting" : "resetting the machine");
}

/* --- step 5 --- */

static void last_words(struct purgatory *p)
{
	look_at_scratch(p);
	if (*p->nmis)
		say(&p->console, "kexec-iommu: %u NMIs ignored\n", *p->nmis);
}

/* --- all of them --- */

static void say_traps(struct purgatory *p)
{
	while (p->traps_said < p->traps) {
		const struct rec_trap *t = &p->trap[p->traps_said++];

		say(&p->console,
		    "kexec-iommu: trap %u, error %lx, at %lx, address %lx\n",
		    t->vector, t->error, t->pc, t->address);
	}
}

enum purgatory_end purgatory_run(struct purgatory *p)
{
	p->ticks[STEP_NONE] = p->m->ticks(p->m);
	p->flags = PURGATORY_RAN;
	p->say_step = say_traps;
	p->say_unit = say_action;
	p->unit = REC_NONE;
	/* A handover of another version gives neither entry nor console. */
	if (plan_check_head(p->h))
		return END_RESET;
	purgatory_step(p, STEP_PLAN, check_plan);
	guarded(p, judge_plan);
	purgatory_step(p, STEP_SNAPSHOT, snapshot_units);
	purgatory_step(p, STEP_QUIESCE, quiesce_units);
	purgatory_step(p, STEP_VERIFY, verify_image);
	if (!may_boot(p)) {
		guarded(p, say_refusal);
		return wants_halt(p) ? END_HALT : END_RESET;
	}
	purgatory_step(p, STEP_JUMP, last_words);
	return END_JUMP;
}
