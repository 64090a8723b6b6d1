// SPDX-License-Identifier: GPL-2.0-only
/* The consoles of the purgatory: an 8250 by port or memory, and VGA text. */
#include <string.h>
#include "pc.h"
#include "typed.h"

/* PC standard ports; ttyS0 and ttyS1 are the kernel's names for them */
#define COM1 0x3f8
#define COM2 0x2f8
#define PORT_MAX 0xfff8 /* eight registers; above it is memory */
#define CLOCK_BAUD 115200
#define VGA_TEXT 0xb8000

int pc_set_serial(struct handover *ho, const struct host *m, const char *name,
		  u32 baud, struct error *e)
{
	(void)m;
	if (!name || !strcmp(name, "ttyS0"))
		ho->serial_base = COM1;
	else if (!strcmp(name, "ttyS1"))
		ho->serial_base = COM2;
	else if (!parse_number(name, &ho->serial_base) || !ho->serial_base)
		return fail(e, "--serial=%s: not ttyS0, ttyS1 or 0xPORT", name);
	if (ho->serial_base > PORT_MAX)
		ho->flags |= HANDOVER_SERIAL_MMIO;
	if (baud && CLOCK_BAUD % baud)
		return fail(e, "--serial-baud=%u: does not divide %d", baud,
			    CLOCK_BAUD);
	ho->serial_baud = baud;
	return 0;
}

u32 pc_console_spans(const struct handover *ho,
		     struct span out[CONSOLE_SPANS_MAX])
{
	u32 n = 0;

	if (ho->flags & HANDOVER_SERIAL_MMIO)
		out[n++] = (struct span){ ho->serial_base, PAGE_4K };
	if (ho->flags & HANDOVER_CONSOLE_VGA)
		out[n++] = (struct span){ VGA_TEXT, KIB(32) };
	return n;
}
