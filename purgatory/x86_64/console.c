/* SPDX-License-Identifier: GPL-2.0-only */
/* The consoles of a PC: an 8250 by port or memory, and VGA text. */
#include "pc.h"

/* 8250 registers and bits (National Semiconductor PC16550D, 1995). */
#define UART_THR 0
#define UART_DLL 0
#define UART_DLM 1
#define UART_LCR 3
#define UART_LSR 5
#define UART_LCR_8N1 0x03
#define UART_LCR_DLAB 0x80
#define UART_LSR_THRE 0x20
#define UART_CLOCK_BAUD 115200
#define UART_PORT_MAX 0xfff8

#define VGA_COLUMNS 80
#define VGA_ROWS 25
#define VGA_ATTRIBUTE 0x0700

/* --- 8250 --- */

static u8 uart_read(struct console *c, u32 reg)
{
	struct pc *pc = (struct pc *)c->m;

	if (c->serial_flags & HANDOVER_SERIAL_MMIO)
		return *(volatile u8 *)(uintptr_t)(c->serial_base + reg);
	return pc->in8(pc, c->serial_base + reg);
}

static void uart_write(struct console *c, u32 reg, u8 v)
{
	struct pc *pc = (struct pc *)c->m;

	if (c->serial_flags & HANDOVER_SERIAL_MMIO)
		*(volatile u8 *)(uintptr_t)(c->serial_base + reg) = v;
	else
		pc->out8(pc, c->serial_base + reg, v);
}

static bool uart_ready(struct console *c)
{
	return uart_read(c, UART_LSR) & UART_LSR_THRE;
}

static bool uart_put_raw(struct console *c, char ch)
{
	if (!console_wait(c, uart_ready))
		return false;
	uart_write(c, UART_THR, ch);
	return true;
}

static bool uart_put(struct console *c, char ch)
{
	if (ch == '\n' && !uart_put_raw(c, '\r'))
		return false;
	return uart_put_raw(c, ch);
}

static void uart_set_speed(struct console *c, u32 baud)
{
	u32 divisor;

	if (!baud)
		return;
	divisor = UART_CLOCK_BAUD / baud;
	if (!divisor || divisor > 0xffff)
		return;
	uart_write(c, UART_LCR, UART_LCR_8N1 | UART_LCR_DLAB);
	uart_write(c, UART_DLL, divisor);
	uart_write(c, UART_DLM, divisor >> 8);
	uart_write(c, UART_LCR, UART_LCR_8N1);
}

static bool uart_open(struct console *c, const struct handover *h, bool mapped)
{
	bool mmio = h->flags & HANDOVER_SERIAL_MMIO;

	if (mmio ? !mapped : h->serial_base > UART_PORT_MAX)
		return false;
	c->serial_base = h->serial_base;
	c->serial_flags = h->flags;
	uart_set_speed(c, h->serial_baud);
	return true;
}

/* --- VGA text --- */

static void vga_scroll(volatile u16 *text)
{
	u32 i;

	for (i = 0; i < VGA_COLUMNS * (VGA_ROWS - 1); i++)
		text[i] = text[i + VGA_COLUMNS];
	for (; i < VGA_COLUMNS * VGA_ROWS; i++)
		text[i] = VGA_ATTRIBUTE | ' ';
}

/* Always on the last line, which moves up: the dead kernel's text stays. */
static bool vga_put(struct console *c, char ch)
{
	volatile u16 *text = ((struct pc *)c->m)->vga;

	if (ch == '\n' || c->column == VGA_COLUMNS) {
		vga_scroll(text);
		c->column = 0;
	}
	if (ch != '\n')
		text[VGA_COLUMNS * (VGA_ROWS - 1) + c->column++] =
			VGA_ATTRIBUTE | (u8)ch;
	return true;
}

static bool vga_open(struct console *c, const struct handover *h, bool mapped)
{
	(void)h;
	if (!((struct pc *)c->m)->vga || !mapped)
		return false;
	return vga_put(c, '\n');
}

const struct console_device pc_consoles[PC_CONSOLES] = {
	{ HANDOVER_CONSOLE_SERIAL, uart_open, uart_put },
	{ HANDOVER_CONSOLE_VGA, vga_open, vga_put },
};
static_assert(PC_CONSOLES <= CONSOLES_MAX, "struct console has room for each");
