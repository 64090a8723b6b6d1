/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The console of the crash path: an 8250 by port or memory, and VGA text. It
 * may be missing or stuck: writing costs at most some milliseconds, once.
 */
#ifndef PURGATORY_CONSOLE_H
#define PURGATORY_CONSOLE_H

#include <stdarg.h>
#include "handover.h"
#include "machine.h"

struct console {
	struct machine *m;
	u64 serial_base;
	u64 ticks_per_ms; /* 0 unknown */
	u32 column;	  /* of VGA */
	bool serial, serial_mmio, vga;
	/*
	 * Set while a device is written to. A trap then means that it is not
	 * there: trap.c calls console_trapped().
	 */
	bool in_serial, in_vga;
};

/*
 * Opens what @h asks for and can be reached; @mapped: our own page tables,
 * which have memory-mapped consoles in them, are live. May be called again.
 */
void console_open(struct console *c, struct machine *m,
		  const struct handover *h, bool mapped);
void console_trapped(struct console *c);
void say(struct console *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* "text: 00ff..." and a new line. */
void say_bytes(struct console *c, const char *text, const u8 *b, u32 n);

/*
 * The formatter: %s %c %d %u %x %lu %lx %%, with 0 and a width. Anything else
 * comes out as it stands.
 */
typedef void put_fn(void *arg, char ch);
void format(put_fn *put, void *arg, const char *fmt, va_list ap);

#endif
