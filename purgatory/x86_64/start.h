/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine as it really is, and the ways out of it. */
#ifndef PURGATORY_X86_64_START_H
#define PURGATORY_X86_64_START_H

#include "../trap.h"
#include "pc.h"

/* What the trap stubs of entry.S leave on the stack, lowest address first. */
struct trap_frame {
	u64 vector, error, rip, cs, rflags, rsp, ss;
};
ASSERT_SIZE(struct trap_frame, 56);

struct x86_machine {
	struct pc pc; /* first: the hooks cast */
	u64 cr3;      /* the dead kernel's; 0 while it is still live */
	u64 cr0, cr4; /* to go back to when vectors_on */
	u64 xcr0;     /* likewise when xcr0_set */
	bool vectors_on, xcr0_set;
	bool line_known;
	u32 line; /* bytes that CLFLUSH writes back; 0 it does not exist */
};

void x86_machine_init(struct x86_machine *x);
/*
 * Back to the dead kernel's map. The next kernel's decompressor relies on what
 * Linux maps for it besides RAM and segments: the BIOS data area, EFI and ACPI
 * tables (arch/x86/kernel/machine_kexec_64.c, 5.2 and later).
 */
void x86_unmap(struct x86_machine *x);
void x86_triple_fault(struct pc *pc);

/* machine_check.c: from when traps are caught until the jump. */
void machine_check_enable(void);
void machine_check_disable(void);
/*
 * Fills in @trap from the first bank with an uncorrected error, and has the
 * CPU take another machine check.
 */
void machine_check_taken(struct trap *trap);

#endif
