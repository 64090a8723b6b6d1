/* SPDX-License-Identifier: GPL-2.0-only */
#include "console.h"

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

/*
 * How long a byte may take. 300 baud need 33 ms; a port read takes about a
 * microsecond, and ends the wait where the counter does not run.
 */
#define SERIAL_WAIT_MS 40
#define SERIAL_WAIT_READS 40000

#define VGA_COLUMNS 80
#define VGA_ROWS 25
#define VGA_ATTRIBUTE 0x0700

/* --- formatter --- */

struct number {
	u64 value;
	u32 base;
	u32 width;
	char pad;
	bool minus;
};

static void put_number(put_fn *put, void *arg, const struct number *n)
{
	char digits[20];
	u64 v = n->value;
	u32 len = 0, used;

	do {
		digits[len++] = "0123456789abcdef"[v % n->base];
		v /= n->base;
	} while (v);
	used = len + n->minus;
	if (n->minus && n->pad == '0')
		put(arg, '-');
	for (; used < n->width; used++)
		put(arg, n->pad);
	if (n->minus && n->pad != '0')
		put(arg, '-');
	while (len)
		put(arg, digits[--len]);
}

static void put_string(put_fn *put, void *arg, const char *s)
{
	for (; *s; s++)
		put(arg, *s);
}

struct conversion {
	struct number n;
	bool is_long;
};

/* Flags, width and l of one conversion; returns where its letter stands. */
static const char *parse(const char *f, struct conversion *c)
{
	*c = (struct conversion){ .n = { .pad = ' ' } };
	if (*f == '0') {
		c->n.pad = '0';
		f++;
	}
	for (; *f >= '0' && *f <= '9' && c->n.width < 100; f++)
		c->n.width = c->n.width * 10 + *f - '0';
	if (*f == 'l') {
		c->is_long = true;
		f++;
	}
	return f;
}

void format(put_fn *put, void *arg, const char *fmt, va_list ap)
{
	struct conversion c;
	const char *f, *start;
	int d;

	for (f = fmt; *f; f++) {
		if (*f != '%') {
			put(arg, *f);
			continue;
		}
		start = f;
		f = parse(f + 1, &c);
		switch (*f) {
		case 's':
			put_string(put, arg, va_arg(ap, const char *));
			continue;
		case 'c':
			put(arg, va_arg(ap, int));
			continue;
		case 'd':
			d = va_arg(ap, int);
			c.n.minus = d < 0;
			c.n.value = d < 0 ? 0ULL - d : (u64)d;
			c.n.base = 10;
			break;
		case 'u':
		case 'x':
			c.n.value = c.is_long ? va_arg(ap, u64)
					      : va_arg(ap, u32);
			c.n.base = *f == 'x' ? 16 : 10;
			break;
		case '%':
			put(arg, '%');
			continue;
		default:
			for (; start < f; start++)
				put(arg, *start);
			f--;
			continue;
		}
		put_number(put, arg, &c.n);
	}
}

/* --- devices --- */

static u8 uart_read(struct console *c, u32 reg)
{
	if (c->serial_mmio)
		return *(volatile u8 *)(uintptr_t)(c->serial_base + reg);
	return c->m->in8(c->m, c->serial_base + reg);
}

static void uart_write(struct console *c, u32 reg, u8 v)
{
	if (c->serial_mmio)
		*(volatile u8 *)(uintptr_t)(c->serial_base + reg) = v;
	else
		c->m->out8(c->m, c->serial_base + reg, v);
}

static bool uart_ready(struct console *c)
{
	u64 limit = c->ticks_per_ms * SERIAL_WAIT_MS;
	u32 reads = SERIAL_WAIT_READS;
	u64 start;

	if (uart_read(c, UART_LSR) & UART_LSR_THRE)
		return true;
	start = c->m->ticks(c->m);
	while (reads--) {
		if (uart_read(c, UART_LSR) & UART_LSR_THRE)
			return true;
		if (limit && c->m->ticks(c->m) - start > limit)
			break;
	}
	return false;
}

static void serial_put(struct console *c, char ch)
{
	if (!c->serial)
		return;
	c->in_serial = true;
	/* Stuck once, stuck for good: no second wait. */
	if (uart_ready(c))
		uart_write(c, UART_THR, ch);
	else
		c->serial = false;
	c->in_serial = false;
}

static void serial_open(struct console *c, u32 baud)
{
	u32 divisor;

	if (!baud)
		return;
	divisor = UART_CLOCK_BAUD / baud;
	if (!divisor || divisor > 0xffff)
		return;
	c->in_serial = true;
	uart_write(c, UART_LCR, UART_LCR_8N1 | UART_LCR_DLAB);
	uart_write(c, UART_DLL, divisor);
	uart_write(c, UART_DLM, divisor >> 8);
	uart_write(c, UART_LCR, UART_LCR_8N1);
	c->in_serial = false;
}

static void vga_scroll(volatile u16 *text)
{
	u32 i;

	for (i = 0; i < VGA_COLUMNS * (VGA_ROWS - 1); i++)
		text[i] = text[i + VGA_COLUMNS];
	for (; i < VGA_COLUMNS * VGA_ROWS; i++)
		text[i] = VGA_ATTRIBUTE | ' ';
}

/* Always on the last line, which moves up: the dead kernel's text stays. */
static void vga_put(struct console *c, char ch)
{
	volatile u16 *text = c->m->vga;

	if (!c->vga || ch == '\r')
		return;
	c->in_vga = true;
	if (ch == '\n' || c->column == VGA_COLUMNS) {
		vga_scroll(text);
		c->column = 0;
	}
	if (ch != '\n')
		text[VGA_COLUMNS * (VGA_ROWS - 1) + c->column++] =
			VGA_ATTRIBUTE | (u8)ch;
	c->in_vga = false;
}

static void console_put(void *arg, char ch)
{
	struct console *c = arg;

	if (ch == '\n')
		serial_put(c, '\r');
	serial_put(c, ch);
	vga_put(c, ch);
}

void console_open(struct console *c, struct machine *m,
		  const struct handover *h, bool mapped)
{
	bool mmio = h->flags & HANDOVER_SERIAL_MMIO;

	c->m = m;
	c->ticks_per_ms = h->ticks_per_ms;
	if ((h->flags & HANDOVER_CONSOLE_SERIAL) && !c->serial &&
	    (mmio ? mapped : h->serial_base <= 0xfff8)) {
		c->serial_base = h->serial_base;
		c->serial_mmio = mmio;
		c->serial = true;
		serial_open(c, h->serial_baud);
	}
	if ((h->flags & HANDOVER_CONSOLE_VGA) && m->vga && mapped && !c->vga) {
		c->vga = true;
		vga_put(c, '\n');
	}
}

void console_trapped(struct console *c)
{
	if (c->in_serial)
		c->serial = false;
	if (c->in_vga)
		c->vga = false;
	c->in_serial = false;
	c->in_vga = false;
}

void say(struct console *c, const char *fmt, ...)
{
	va_list ap;

	if (!c->serial && !c->vga)
		return;
	va_start(ap, fmt);
	format(console_put, c, fmt, ap);
	va_end(ap);
}

void say_bytes(struct console *c, const char *text, const u8 *b, u32 n)
{
	u32 i;

	say(c, "%s: ", text);
	for (i = 0; i < n; i++)
		say(c, "%02x", b[i]);
	say(c, "\n");
}
