/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every console has in common: the formatter, and how a device that is
 * stuck or missing is given up. The devices are the architecture's.
 */
#include "console.h"

/*
 * How long a byte may take. 300 baud need 33 ms; a look at the device takes
 * about a microsecond, and ends the wait where the counter does not run.
 */
#define WAIT_MS 40
#define WAIT_LOOKS 40000

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

bool console_wait(struct console *c, bool (*ready)(struct console *c))
{
	u64 limit = c->ticks_per_ms * WAIT_MS;
	u32 looks = WAIT_LOOKS;
	u64 start;

	if (ready(c))
		return true;
	start = c->m->ticks(c->m);
	while (looks--) {
		if (ready(c))
			return true;
		if (limit && c->m->ticks(c->m) - start > limit)
			break;
	}
	return false;
}

static void console_put(void *arg, char ch)
{
	struct console *c = arg;
	u32 i;

	for (i = 0; i < c->m->consoles_n; i++) {
		if (!c->open[i])
			continue;
		c->busy[i] = true;
		/* Stuck once, stuck for good: no second wait. */
		c->open[i] = c->m->consoles[i].put(c, ch);
		c->gone[i] = !c->open[i];
		c->busy[i] = false;
	}
}

void console_open(struct console *c, struct machine *m,
		  const struct handover *h, bool mapped)
{
	u32 i;

	c->m = m;
	c->ticks_per_ms = h->ticks_per_ms;
	for (i = 0; i < m->consoles_n; i++) {
		if (!(h->flags & m->consoles[i].flag) || c->open[i] ||
		    c->gone[i])
			continue;
		c->busy[i] = true;
		c->open[i] = m->consoles[i].open(c, h, mapped);
		c->busy[i] = false;
	}
}

bool console_is_open(const struct console *c)
{
	u32 i;

	for (i = 0; i < CONSOLES_MAX; i++)
		if (c->open[i])
			return true;
	return false;
}

void console_trapped(struct console *c)
{
	u32 i;

	for (i = 0; i < CONSOLES_MAX; i++) {
		if (c->busy[i]) {
			c->open[i] = false;
			c->gone[i] = true;
		}
		c->busy[i] = false;
	}
}

void say(struct console *c, const char *fmt, ...)
{
	va_list ap;

	if (!console_is_open(c))
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
