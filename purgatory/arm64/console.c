/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The console of an arm64 machine: a PL011 (Arm DDI 0183, or what the SBSA
 * keeps of it) or an 8250 in memory. Both stay as they are set up: what clocks
 * them is not known.
 */
#include "arm.h"

#define PL011_DR 0x00
#define PL011_FR 0x18
#define PL011_FR_TXFF (1u << 5)

/* 8250 registers and bits (National Semiconductor PC16550D, 1995). */
#define UART_THR 0
#define UART_LSR 5
#define UART_LSR_THRE 0x20

static volatile u32 *word_at(struct console *c, u32 off)
{
	return (volatile u32 *)(uintptr_t)(c->serial_base + off);
}

static volatile u8 *byte_at(struct console *c, u32 off)
{
	return (volatile u8 *)(uintptr_t)(c->serial_base + off);
}

static bool serial_ready(struct console *c)
{
	if (c->serial_flags & HANDOVER_SERIAL_PL011)
		return !(*word_at(c, PL011_FR) & PL011_FR_TXFF);
	if (c->serial_flags & HANDOVER_SERIAL_REG32)
		return *word_at(c, 4 * UART_LSR) & UART_LSR_THRE;
	return *byte_at(c, UART_LSR) & UART_LSR_THRE;
}

static bool serial_put_raw(struct console *c, char ch)
{
	const u32 words = HANDOVER_SERIAL_PL011 | HANDOVER_SERIAL_REG32;

	static_assert(PL011_DR == UART_THR, "both are written to at 0");
	if (!console_wait(c, serial_ready))
		return false;
	if (c->serial_flags & words)
		*word_at(c, PL011_DR) = (u8)ch;
	else
		*byte_at(c, UART_THR) = ch;
	return true;
}

static bool serial_put(struct console *c, char ch)
{
	if (ch == '\n' && !serial_put_raw(c, '\r'))
		return false;
	return serial_put_raw(c, ch);
}

/* With the MMU off all memory is where it is: no need to wait for the map. */
static bool serial_open(struct console *c, const struct handover *h,
			bool mapped)
{
	(void)mapped;
	if (!(h->flags & HANDOVER_SERIAL_MMIO) || h->serial_base & 3)
		return false;
	c->serial_base = h->serial_base;
	c->serial_flags = h->flags;
	return true;
}

const struct console_device arm_consoles[ARM_CONSOLES] = {
	{ HANDOVER_CONSOLE_SERIAL, serial_open, serial_put },
};
static_assert(ARM_CONSOLES <= CONSOLES_MAX, "struct console has room for each");
