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
	open_console(p);
	p->plan_err = PLAN_TRAP; /* stands if it does */
	p->plan_err = plan_check(&p->plan, p->h, &p->image);
	if (p->plan_err)
		return;
	p->plan_err = PLAN_TRAP;
	p->plan_err = switch_map(p);
	open_console(p);
}

static void judge_plan(struct purgatory *p)
{
	p->arena.area = p->h->arena;
	if (p->plan_err) {
		p->flags |= PURGATORY_PLAN_BAD;
		p->plan.units_n = 0; /* touch none */
		say(&p->console, "kexec-iommu: bad plan: %s; IOMMUs left\n",
		    plan_err_text(p->plan_err));
	} else if (!p->mapped && p->plan.units_n) {
		say(&p->console,
		    "kexec-iommu: no page tables of our own; IOMMUs left\n");
	}
}

/* --- steps 2 and 3 --- */

static void each_unit(struct purgatory *p, void (*work)(struct purgatory *p))
{
	u32 i;

	for (i = 0; i < p->plan.units_n; i++) {
		if (p->plan.units[i].mode == IOMMU_MODE_OFF)
			continue;
		p->unit = i;
		work(p);
	}
	p->unit = REC_NONE;
}

static void snapshot_units(struct purgatory *p)
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

static void quiesce_units(struct purgatory *p)
{
	each_unit(p, quiesce_one);
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

/*
 * The loader zeroes the page, and nobody but devices writes to it: what is there
 * now came by DMA that was in flight.
 */
static void look_at_scratch(struct purgatory *p)
{
	const volatile u64 *word =
		(const volatile u64 *)(uintptr_t)p->h->scratch;
	u64 any = 0;
	u32 i;

	if (!word || !p->mapped)
		return;
	for (i = 0; i < PAGE_4K / sizeof(*word); i++)
		any |= word[i];
	p->flags |= any ? PURGATORY_SCRATCH_WRITTEN : PURGATORY_SCRATCH_CLEAN;
}

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

static void step(struct purgatory *p, u32 which,
		 void (*work)(struct purgatory *p))
{
	p->step = which;
	guarded(p, work);
	p->unit = REC_NONE;
	p->ticks[which] = p->m->ticks(p->m);
	guarded(p, say_traps);
	guarded(p, record_seal);
}

enum purgatory_end purgatory_run(struct purgatory *p)
{
	p->ticks[STEP_NONE] = p->m->ticks(p->m);
	p->flags = PURGATORY_RAN;
	p->unit = REC_NONE;
	/* A handover of another version gives neither entry nor console. */
	if (plan_check_head(p->h))
		return END_RESET;
	step(p, STEP_PLAN, check_plan);
	guarded(p, judge_plan);
	step(p, STEP_SNAPSHOT, snapshot_units);
	step(p, STEP_QUIESCE, quiesce_units);
	step(p, STEP_VERIFY, verify_image);
	if (!may_boot(p)) {
		guarded(p, say_refusal);
		return wants_halt(p) ? END_HALT : END_RESET;
	}
	step(p, STEP_JUMP, last_words);
	return END_JUMP;
}
