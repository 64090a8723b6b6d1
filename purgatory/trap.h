/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Recovery points. The CPU may trap in the middle of anything that touches
 * registers or memory of the dead kernel; the work is then given up, what
 * happened is kept, and the crash path goes on behind it.
 */
#ifndef PURGATORY_TRAP_H
#define PURGATORY_TRAP_H

#include "base.h"

/*
 * Room for what a function call preserves, the stack pointer, and where to go
 * on. ARCH/recover.S defines the layout. x86_64 uses 8 words; arm64 needs 14.
 */
#define RECOVERY_WORDS 16

struct recovery {
	u64 regs[RECOVERY_WORDS];
	struct recovery *outer;
	u32 traps;
	bool begun;   /* the work */
	bool trapped; /* since then */
};
ASSERT_OFFSET(struct recovery, regs, 0);

/* 0 when set; 1 when it comes back through recovery_jump. */
int recovery_set(struct recovery *r) __attribute__((returns_twice));
void recovery_jump(struct recovery *r) __attribute__((noreturn));

/* A trap as the CPU reports it; iommu_notes.h, struct rec_trap, has units. */
struct trap {
	u64 vector, error, pc, address;
};

struct purgatory;
/*
 * Called by the architecture's stubs, on the trap stack. Keeps the trap and
 * goes to the innermost recovery point; comes back only when there is none.
 */
void trap_taken(struct purgatory *p, const struct trap *trap);
/* The same, but the caller goes to the point that it returns; NULL: none. */
struct recovery *trap_keep(struct purgatory *p, const struct trap *trap);

/*
 * Runs @work under a recovery point. False: it trapped. Points nest. A late
 * error that waits when the outermost point begins is kept, and @work is run.
 */
bool guarded(struct purgatory *p, void (*work)(struct purgatory *p));

#endif
