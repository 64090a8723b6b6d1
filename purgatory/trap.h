/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Recovery points. The CPU may trap in the middle of anything that touches
 * registers or memory of the dead kernel; the work is then given up, what
 * happened is kept, and the crash path goes on behind it.
 */
#ifndef PURGATORY_TRAP_H
#define PURGATORY_TRAP_H

#include "base.h"

/* Callee-saved state; x86_64/recover.S knows the layout. */
struct recovery {
	u64 rbx, rbp, r12, r13, r14, r15, rsp, rip;
	struct recovery *outer;
};
ASSERT_OFFSET(struct recovery, rsp, 48);
ASSERT_OFFSET(struct recovery, rip, 56);

/* 0 when set; 1 when it comes back through recovery_jump. */
int recovery_set(struct recovery *r) __attribute__((returns_twice));
void recovery_jump(struct recovery *r) __attribute__((noreturn));

/* What the trap stubs of entry.S leave on the stack, lowest address first. */
struct trap_frame {
	u64 vector, error, rip, cs, rflags, rsp, ss;
};
ASSERT_SIZE(struct trap_frame, 56);

struct purgatory;
/*
 * Called by the stubs, on the trap stack. Keeps the trap and goes to the
 * innermost recovery point; comes back only when there is none.
 */
void trap_taken(struct purgatory *p, const struct trap_frame *f, u64 address);

/* Runs @work under a recovery point. False: it trapped. */
bool guarded(struct purgatory *p, void (*work)(struct purgatory *p));

#endif
