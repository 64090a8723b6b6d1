/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults of one unit, each counted once. They stand in its registers until the
 * handler of its own interrupt clears them; handlers of other units may run
 * before that, and see them too.
 */
#ifndef KERNEL_TALLY_H
#define KERNEL_TALLY_H

#include "base.h"

struct tally {
	u64 n;	     /* faults so far */
	u32 counted; /* of those that stand there, so many are in @n */
};

/* How many there were, when @pending stand there now. */
static inline u64 tally_total(const struct tally *t, u32 pending)
{
	return t->n + (pending > t->counted ? pending - t->counted : 0);
}

/* A handler begins: @pending stand there. */
static inline void tally_look(struct tally *t, u32 pending)
{
	t->n = tally_total(t, pending);
	t->counted = pending;
}

/*
 * A handler has ended, and @pending are left. One that came in the meantime, in
 * place of one that was cleared, is not counted.
 */
static inline void tally_left(struct tally *t, u32 pending)
{
	if (pending < t->counted)
		t->counted = pending;
}

#endif
