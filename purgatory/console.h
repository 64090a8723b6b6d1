/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The console of the crash path. A device may be missing or stuck: writing
 * costs at most some milliseconds, once.
 */
#ifndef PURGATORY_CONSOLE_H
#define PURGATORY_CONSOLE_H

#ifdef __KERNEL__
#include <linux/stdarg.h>
#else
#include <stdarg.h>
#endif
#include "handover.h"
#include "machine.h"

#define CONSOLES_MAX 2

struct console {
	struct machine *m;
	u64 ticks_per_ms; /* 0 unknown */
	/* By index into m->consoles. */
	bool open[CONSOLES_MAX];
	/*
	 * Set while the device is touched. A trap then means that it is not
	 * there: trap.c calls console_trapped().
	 */
	bool busy[CONSOLES_MAX];
	/* Stuck or not there: not opened again. */
	bool gone[CONSOLES_MAX];
	/*
	 * What the devices keep: copies, since the handover lies in memory
	 * that may still change.
	 */
	u64 serial_base;
	u32 serial_flags; /* HANDOVER_SERIAL_* */
	u32 column;	  /* of a text screen */
};

/* One kind of console; purgatory/ARCH/console.c has the table of them. */
struct console_device {
	u32 flag; /* HANDOVER_CONSOLE_* that asks for it */
	/*
	 * Makes the device ready. False when it can't be reached: without
	 * @mapped, our own page tables, which have memory-mapped consoles in
	 * them, are not live yet; it is then asked once more when they are.
	 */
	bool (*open)(struct console *c, const struct handover *h, bool mapped);
	/*
	 * Writes one character; "\n" begins a line, whatever the device wants
	 * for that. False when it did not take it in its time (console_wait):
	 * it is never asked again.
	 */
	bool (*put)(struct console *c, char ch);
};

/* Opens what @h asks for and can be reached. May be called again. */
void console_open(struct console *c, struct machine *m,
		  const struct handover *h, bool mapped);
bool console_is_open(const struct console *c);
void console_trapped(struct console *c);
/* For devices: waits until @ready, bounded by time and by number. */
bool console_wait(struct console *c, bool (*ready)(struct console *c));
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
