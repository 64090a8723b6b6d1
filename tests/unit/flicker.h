/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that changes between two reads, as a device's DMA or a CPU that did
 * not stop can make it. Whatever a switch reads twice it must not believe
 * twice: the test of each vendor hands its structures to flicker_all().
 */
#ifndef FLICKER_H
#define FLICKER_H

#include "mem.h"

#define FLICKER_WORDS 8

/* What one structure of the dead kernel reads as, now and then. */
struct flicker_case {
	const char *name;
	u64 where;
	u32 words;
	u64 evil[FLICKER_WORDS];
};

struct flicker {
	struct mem m; /* what the switch reads and writes through */
	struct mem *below;
	const struct flicker_case *c;
	u32 reads;	 /* of the structure so far */
	u32 first, last; /* of its reads that see the evil words, from 1 */
};

/*
 * Calls @run with the structure evil in its first read alone, in its second
 * alone and so on, and from each on, until it is no longer read that often.
 * @run sets its machine up, switches it through f->m, on top of a memory that
 * it puts into f->below, and checks. Returns how often the structure was read
 * at most.
 */
u32 flicker_all(const struct flicker_case *c,
		void (*run)(void *arg, struct flicker *f), void *arg);

#endif
