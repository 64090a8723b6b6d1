/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine as it really is, and the ways out of it. */
#ifndef PURGATORY_ARM64_START_H
#define PURGATORY_ARM64_START_H

#include "../trap.h"
#include "arm.h"

/* All of the purgatory's memory, with bss and stacks. */
extern u8 purgatory_image[], memory_end[];

struct arm_machine {
	struct arm arm; /* first: the hooks cast */
	bool vhe;
	bool mmu_on;
	u64 hcr;   /* to go back to at EL2 */
	u64 cpacr; /* likewise when vectors_on: CPACR_EL1 or CPTR_EL2 */
	bool vectors_on;
	u64 line; /* bytes of the smallest D-cache line */
};

void arm_machine_init(struct arm_machine *a, u32 flags);
/*
 * The dead kernel may have given the bits of page tables other meanings:
 * FEAT_S1PIE, FEAT_THE, FEAT_D128. Older kernels do not know how to undo that,
 * so that it stays off for the next one, too.
 */
void arm_plain_page_tables(const struct arm_machine *a);
/* As the dead kernel had it, for the next one. */
void arm_machine_end(struct arm_machine *a);

#endif
