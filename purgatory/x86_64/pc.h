/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What console.c and reset.c need of a PC, as hooks: the real ones are in
 * machine.c, tests have their own.
 */
#ifndef PURGATORY_X86_64_PC_H
#define PURGATORY_X86_64_PC_H

#include "../console.h"

struct pc {
	struct machine m; /* first: the hooks cast */
	u8 (*in8)(struct pc *pc, u16 port);
	void (*out8)(struct pc *pc, u16 port, u8 val);
	/* The last resort of a reset. Does not return on a real machine. */
	void (*triple_fault)(struct pc *pc);
	volatile u16 *vga; /* text memory, 80 x 25; NULL: none */
};

/* For struct machine: its consoles, and its reset. */
#define PC_CONSOLES 2
extern const struct console_device pc_consoles[PC_CONSOLES];
void pc_reset(struct machine *m);

#endif
