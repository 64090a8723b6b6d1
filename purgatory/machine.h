/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the crash path needs of the machine it runs on, as hooks: the real
 * ones are in <arch>/machine.c, tests have their own.
 */
#ifndef PURGATORY_MACHINE_H
#define PURGATORY_MACHINE_H

#include "base.h"
#include "sha256.h"

struct handover;

struct machine {
	/* The counter that handover.ticks_per_ms is about. */
	u64 (*ticks)(struct machine *m);
	u8 (*in8)(struct machine *m, u16 port);
	void (*out8)(struct machine *m, u16 port, u8 val);
	volatile u16 *vga; /* text memory, 80 x 25 */
	/*
	 * Switches to the identity map that kexec built for this paging depth;
	 * PLAN_OK, or PLAN_PGTABLE when a page of the @n @must spans is not
	 * mapped to itself: the old map is then kept. *live: switched (not
	 * when there is no map of our own).
	 */
	u32 (*map)(struct machine *m, const struct handover *h,
		   const struct span *must, u32 n, bool *live);
	/*
	 * Makes the vector registers usable and returns the fastest function
	 * that needs them; NULL when there is none for this CPU. *by_cpu: it
	 * is the one with the CPU's SHA-256 instructions. sha_end undoes it,
	 * whether or not sha_begin came to its end.
	 */
	sha256_blocks_fn *(*sha_begin)(struct machine *m, bool *by_cpu);
	void (*sha_end)(struct machine *m);
	/* Makes writes visible to a table walker that does not snoop. */
	void (*flush)(struct machine *m, u64 phys, u64 len);
	/* Neither returns on a real machine. */
	void (*last_resort)(struct machine *m); /* triple fault */
	void (*halt)(struct machine *m);
};

#endif
