// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the last oops or panic out of a kernel's log, line by line. The texts
 * are those of Linux: arch/x86/kernel/{traps,dumpstack}.c, arch/x86/mm/fault.c,
 * arch/x86/kernel/cpu/mce/core.c, arch/arm64/kernel/{traps,process}.c,
 * arch/arm64/mm/fault.c, lib/bug.c, lib/list_debug.c, mm/{slub,page_alloc}.c,
 * mm/kasan/report.c, mm/memory-failure.c, kernel/panic.c.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "oops.h"

#define LINE_MAX_LEN 1024u

static const char *const begins[] = {
	"BUG: ",
	"BUG ",
	"kernel BUG at ",
	"general protection fault",
	"stack segment: ",
	"double fault: ",
	"invalid opcode: ",
	"divide error: ",
	"int3: ",
	"Unable to handle kernel ",
	"Internal error: ",
	"list_add corruption",
	"list_del corruption",
	"Memory failure: ",
	"mce: [Hardware Error]: CPU ",
};

#define PANIC "Kernel panic - not syncing: "

/* Of the death of a task by an oops, kernel/exit.c. */
static const char *const of_oops[] = {
	"Fatal ",
	"Oops",
	"stack is",
	"Aiee, killing interrupt handler",
	"Attempted to kill the idle task",
};

/* "ORIGIN: panic_on_warn set": was it what began? */
static bool is_of_report(const struct oops *o, const char *panic)
{
	char origin[OOPS_LABEL];
	size_t len = strcspn(panic, ":");

	if (!strstr(panic, "panic_on_warn") || !len || len >= sizeof(origin))
		return false;
	snprintf(origin, sizeof(origin), "%.*s", (int)len, panic);
	return strstr(o->what, origin);
}

/* The same, told by panic() once more, of what @o has told before. */
static bool is_echo(const struct oops *o, const char *panic)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(of_oops); i++)
		if (!strncmp(panic, of_oops[i], strlen(of_oops[i])))
			return true;
	if (!strncmp(panic, "Attempted to kill init", 22))
		return !strncmp(o->process, "PID: 1 ", 7);
	return is_of_report(o, panic);
}

static void set_text(char *to, const char *from, size_t len)
{
	if (len >= OOPS_TEXT)
		len = OOPS_TEXT - 1;
	memcpy(to, from, len);
	to[len] = '\0';
}

/* --- addresses --- */

static bool is_label(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The word that ends before @at, where a colon or blank parts the two. */
static void label_of(char *to, const char *line, const char *at)
{
	const char *end = at, *start;

	while (end > line && !is_label(end[-1]))
		end--;
	/* "RSP: 0018:ffffc900...": the selector between is none */
	if (*end == ':' && end - line > 6 && !strncmp(end - 6, ": 00", 4))
		end -= 6;
	for (start = end; start > line && is_label(start[-1]); start--)
		;
	snprintf(to, OOPS_LABEL, "%.*s", (int)(end - start), start);
}

static void add_address(struct oops *o, const struct oops_address *a)
{
	u32 i;

	for (i = 0; i < o->n; i++)
		if (o->address[i].value == a->value &&
		    o->address[i].physical == a->physical)
			return;
	if (o->n < OOPS_ADDRESSES)
		o->address[o->n++] = *a;
	else
		o->more = true;
}

/* Physical memory is named by its page, or by the address a CPU found bad. */
static void add_physical(struct oops *o, const char *line, const char *key,
			 u32 shift, const char *label)
{
	struct oops_address a = { .physical = true };
	const char *s = strstr(line, key);
	char *end;

	if (!s)
		return;
	s += strlen(key);
	errno = 0;
	a.value = strtoull(s, &end, 16);
	if (end == s || errno || a.value > MASK64(51, 0) >> shift)
		return;
	a.value <<= shift;
	snprintf(a.where, sizeof(a.where), "%s", label);
	add_address(o, &a);
}

/*
 * Upper half, canonical even with tables of four levels, and not one of the
 * negative numbers that errors are.
 */
static bool is_kernels(u64 v)
{
	return v >> 55 == 0x1ff && v < (u64)-4096;
}

/* Every number of 16 digits that can be an address of the kernel's own. */
static void add_virtual(struct oops *o, const char *line)
{
	struct oops_address a = { 0 };
	const char *s = line;
	size_t digits;

	while (*s) {
		digits = strspn(s, "0123456789abcdef");
		if (digits == 16 && !is_label(s[digits])) {
			a.value = strtoull(s, NULL, 16);
			label_of(a.where, line,
				 s >= line + 2 && s[-1] == 'x' ? s - 2 : s);
			if (is_kernels(a.value))
				add_address(o, &a);
		}
		s += digits ? digits : 1;
		/* "x" of 0x stands before a number, other letters inside one */
		while (is_label(*s) && !isxdigit((unsigned char)*s) &&
		       s[0] != 'x')
			s++;
	}
}

/* --- lines --- */

/* Behind "<4>", "[   12.345678] " and "[    T1] ", which may stand there. */
static const char *message(const char *line)
{
	const char *s = line, *end;

	if (*s == '<' && isdigit((unsigned char)s[1])) {
		end = strchr(s, '>');
		s = end ? end + 1 : s;
	}
	while (*s == '[' && (end = strchr(s, ']')) && end - s < 20 &&
	       strspn(s + 1, " .0123456789TC") == (size_t)(end - s - 1)) {
		s = end + 1;
		s += *s == ' ';
	}
	return s;
}

static bool is_begin(const char *s)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(begins); i++)
		if (!strncmp(s, begins[i], strlen(begins[i])))
			return true;
	return false;
}

static void begin(struct oops *o, const char *s)
{
	memset(o, 0, sizeof(*o));
	set_text(o->what, s, strlen(s));
	o->began = true;
}

/* "RIP: 0010:name+0x1/0x2", "pc : name+0x1/0x2" */
static void where_it_was(struct oops *o, const char *s)
{
	const char *name = NULL;

	if (!strncmp(s, "RIP: ", 5)) {
		name = strchr(s + 5, ':');
		/* the privilege that its selector has */
		o->user = name && name > s + 5 && (name[-1] - '0') & 3;
		name = name ? name + 1 : NULL;
	} else if (!strncmp(s, "pc : ", 5)) {
		name = s + 5;
	}
	if (name && !o->user && !o->at[0] && !o->stack)
		set_text(o->at, name, strcspn(name, " "));
}

static void who_it_was(struct oops *o, const char *s)
{
	const char *pid = strstr(s, "PID: "), *end;

	if (o->process[0] || strncmp(s, "CPU: ", 5) || !pid)
		return;
	end = strstr(pid, " Kdump:");
	if (!end)
		end = strstr(pid, " Not tainted");
	if (!end)
		end = strstr(pid, " Tainted:");
	set_text(o->process, pid, end ? (size_t)(end - pid) : strlen(pid));
}

static bool holds_no_address(const char *s)
{
	return !strncmp(s, "Code: ", 6) || !strncmp(s, "FS:", 3) ||
	       !strncmp(s, "Modules linked in", 17);
}

static void panicked(struct oops *o, const char *s)
{
	if (!o->began || !is_echo(o, s))
		begin(o, *s ? s : "Kernel panic");
	set_text(o->panic, s, strlen(s));
}

static void take_line(struct oops *o, const char *s)
{
	/* Not in "---[ end Kernel panic": that is said when all is told. */
	if (!strncmp(s, PANIC, strlen(PANIC))) {
		panicked(o, s + strlen(PANIC));
		return;
	}
	if (is_begin(s) && (!o->began || o->stack))
		begin(o, s);
	if (!o->began)
		return;
	where_it_was(o, s);
	who_it_was(o, s);
	if (!strncmp(s, "Call Trace:", 11) || !strncmp(s, "Call trace:", 11))
		o->stack = true;
	if (o->user || holds_no_address(s))
		return;
	add_virtual(o, s);
	add_physical(o, s, "pfn:", 12, "pfn");
	add_physical(o, s, "Memory failure: 0x", 12, "bad page");
	add_physical(o, s, " ADDR ", 0, "machine check");
}

void oops_line(struct oops *o, const char *line)
{
	char safe[LINE_MAX_LEN];
	size_t n = 0;

	for (; *line && n + 1 < sizeof(safe); line++)
		if (*line >= ' ' && *line <= '~')
			safe[n++] = *line;
	safe[n] = '\0';
	take_line(o, message(safe));
}

/* --- as a stream --- */

struct lines {
	struct oops *o;
	char line[LINE_MAX_LEN];
	size_t n;
};

static void end_line(struct lines *l)
{
	l->line[l->n] = '\0';
	l->n = 0;
	oops_line(l->o, l->line);
}

static ssize_t write_lines(void *cookie, const char *buf, size_t len)
{
	struct lines *l = cookie;
	size_t i;

	for (i = 0; i < len; i++) {
		if (buf[i] == '\n')
			end_line(l);
		else if (l->n + 1 < sizeof(l->line))
			l->line[l->n++] = buf[i];
	}
	return (ssize_t)len;
}

static int close_lines(void *cookie)
{
	struct lines *l = cookie;

	if (l->n)
		end_line(l);
	free(l);
	return 0;
}

FILE *oops_stream(struct oops *o)
{
	struct lines *l = calloc(1, sizeof(*l));
	FILE *f = NULL;

	if (!l)
		return NULL;
	l->o = o;
	memset(o, 0, sizeof(*o));
	f = fopencookie(l, "w",
			(cookie_io_functions_t){ .write = write_lines,
						 .close = close_lines });
	if (!f)
		free(l);
	return f;
}
