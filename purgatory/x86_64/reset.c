/* SPDX-License-Identifier: GPL-2.0-only */
/* The ways to reset a PC, from the most to the least likely to be obeyed. */
#include "../purgatory.h"

#define RST_CNT 0xcf9 /* reset control register of the chipset */
#define RST_SYSTEM 0x02
#define RST_CPU 0x04
#define RST_FULL 0x08 /* power cycle */
#define KBC_COMMAND 0x64
#define KBC_INPUT_FULL 0x02
#define KBC_PULSE_RESET 0xfe
#define POST_CODE 0x80 /* a read of it takes about a microsecond */

static void wait_about_us(struct machine *m, u32 us)
{
	while (us--)
		m->in8(m, POST_CODE);
}

static void reset_by_chipset(struct machine *m)
{
	u8 keep = m->in8(m, RST_CNT) & ~(RST_SYSTEM | RST_CPU | RST_FULL);

	/* The rising edge of RST_CPU resets, in the way RST_SYSTEM says. */
	m->out8(m, RST_CNT, keep | RST_SYSTEM);
	wait_about_us(m, 50);
	m->out8(m, RST_CNT, keep | RST_SYSTEM | RST_CPU);
	wait_about_us(m, 10000);
}

static void reset_by_keyboard(struct machine *m)
{
	u32 tries = 10000;

	while (tries-- && (m->in8(m, KBC_COMMAND) & KBC_INPUT_FULL))
		wait_about_us(m, 1);
	m->out8(m, KBC_COMMAND, KBC_PULSE_RESET);
	wait_about_us(m, 10000);
}

void machine_reset(struct machine *m)
{
	reset_by_chipset(m);
	reset_by_keyboard(m);
	m->last_resort(m);
}
