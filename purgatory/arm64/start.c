/* SPDX-License-Identifier: GPL-2.0-only */
/* Between entry.S and the crash path: vectors, and the two ways out. */
#include "../purgatory.h"
#include "cpu.h"
#include "layout.h"
#include "start.h"
#include "vectors.h"

static_assert(PURGATORY_IMAGE_MAGIC == PURGATORY_MAGIC, "one magic");
ASSERT_SIZE(struct handover, HANDOVER_BYTES);

struct jump {
	u64 entry, arg; /* in x0 and x1 */
};

/* kexec finds it through the header and fills it in. */
struct handover purgatory_handover __attribute__((section(".data.handover")));

struct jump purgatory_start(void);

static struct arm_machine machine;
static struct purgatory purgatory;
static struct span flushed;
/* Interrupts are masked, and none is there that can't be. */
static u32 nmis;

static __attribute__((noreturn)) void give_up(bool halt)
{
	struct machine *m = &machine.arm.m;

	if (!halt)
		m->reset(m);
	for (;;)
		m->halt(m);
}

void trap_entry(u64 esr, u64 elr, u64 far)
{
	static bool dying;
	struct trap trap = { field(ESR_EC, esr), esr, elr, far };

	trap_taken(&purgatory, &trap);
	/*
	 * No recovery point: nothing is left to go on with. It may also be the
	 * next kernel, before it has vectors of its own.
	 */
	if (!dying) {
		dying = true;
		say(&purgatory.console,
		    "kexec-iommu: trap %lu, error %lx, at %lx, address %lx: "
		    "resetting the machine\n",
		    trap.vector, trap.error, trap.pc, trap.address);
	}
	give_up(false);
}

/*
 * Before any step: SErrors that the dead kernel left behind are taken. Whoever is
 * at EL2 may trap what is read and written here.
 */
static void begin(struct purgatory *p)
{
	(void)p;
	arm_plain_page_tables(&machine);
}

static void flush_one(struct purgatory *p)
{
	p->m->flush(p->m, flushed.start, flushed.len);
}

/* A trap in one of them costs that one alone. */
static void flush_guarded(const struct span *s)
{
	flushed = *s;
	guarded(&purgatory, flush_one);
}

/* What the next kernel reads while its caches are off. */
static void flush_for_next(const struct purgatory *p)
{
	u32 i;

	for (i = 0; i < p->plan.regions_n; i++)
		flush_guarded(&p->plan.regions[i]);
	if (p->plan.note_ok)
		flush_guarded(&p->h->note);
	if (!p->plan_err)
		flush_guarded(&p->h->arena);
}

struct jump purgatory_start(void)
{
	enum purgatory_end end;

	if (at_el2())
		write_sysreg(vbar_el2, trap_vectors);
	else
		write_sysreg(vbar_el1, trap_vectors);
	isb();
	arm_machine_init(&machine, purgatory_handover.flags);
	purgatory.m = &machine.arm.m;
	purgatory.h = &purgatory_handover;
	purgatory.nmis = &nmis;
	purgatory.image.start = (u64)purgatory_image;
	purgatory.image.len = memory_end - purgatory_image;
	purgatory.unit = REC_NONE;
	guarded(&purgatory, begin);
	end = purgatory_run(&purgatory);
	if (end != END_JUMP)
		give_up(end == END_HALT);
	/* From here on SErrors are the next kernel's, and the flush is done. */
	purgatory.errors_held = true;
	flush_for_next(&purgatory);
	arm_machine_end(&machine);
	return (struct jump){ purgatory_handover.entry,
			      purgatory_handover.entry_arg };
}
