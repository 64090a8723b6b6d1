/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PURGATORY_X86_64_START_H
#define PURGATORY_X86_64_START_H

#include "../machine.h"

struct x86_machine {
	struct machine m;
	u64 cr0, cr4; /* to go back to when sse_on */
	bool sse_on;
	bool line_known;
	u32 line; /* bytes that CLFLUSH writes back; 0 it does not exist */
};

void x86_machine_init(struct x86_machine *x);
void x86_triple_fault(struct machine *m);

#endif
