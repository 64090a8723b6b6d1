/* SPDX-License-Identifier: GPL-2.0-only */
/* The ways to reset a PC, from the most to the least likely to be obeyed. */
#include "pc.h"

#define RST_CNT 0xcf9 /* reset control register of the chipset */
#define RST_SYSTEM 0x02
#define RST_CPU 0x04
#define RST_FULL 0x08 /* power cycle */
#define KBC_COMMAND 0x64
#define KBC_INPUT_FULL 0x02
#define KBC_PULSE_RESET 0xfe
#define POST_CODE 0x80 /* a read of it takes about a microsecond */

static void wait_about_us(struct pc *pc, u32 us)
{
	while (us--)
		pc->in8(pc, POST_CODE);
}

static void reset_by_chipset(struct pc *pc)
{
	u8 keep = pc->in8(pc, RST_CNT) & ~(RST_SYSTEM | RST_CPU | RST_FULL);

	/* RST_SYSTEM chooses the kind of reset, RST_CPU rising does it. */
	pc->out8(pc, RST_CNT, keep | RST_SYSTEM);
	wait_about_us(pc, 50);
	pc->out8(pc, RST_CNT, keep | RST_SYSTEM | RST_CPU);
	wait_about_us(pc, 10000);
}

static void reset_by_keyboard(struct pc *pc)
{
	u32 tries = 10000;

	while (tries-- && (pc->in8(pc, KBC_COMMAND) & KBC_INPUT_FULL))
		wait_about_us(pc, 1);
	pc->out8(pc, KBC_COMMAND, KBC_PULSE_RESET);
	wait_about_us(pc, 10000);
}

void pc_reset(struct machine *m)
{
	struct pc *pc = (struct pc *)m;

	reset_by_chipset(pc);
	reset_by_keyboard(pc);
	pc->triple_fault(pc);
}
