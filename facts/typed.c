// SPDX-License-Identifier: GPL-2.0-only
/* Reads addresses, ranges and devices as people type them. */
#include <string.h>
#include "typed.h"

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Digits of @base up to @max characters; moves *s; false: none, or too big. */
static bool number(const char **s, unsigned int base, unsigned int max, u64 *v)
{
	unsigned int n;
	u64 val = 0;

	for (n = 0; n < max; n++, (*s)++) {
		int d = digit(**s);

		if (d < 0 || (unsigned int)d >= base)
			break;
		if (val > (~0ULL - (u64)d) / base)
			return false;
		val = val * base + (u64)d;
	}
	*v = val;
	return n > 0;
}

/* Hexadecimal behind 0x, else decimal, and perhaps a unit. */
static bool bytes(const char **s, u64 *v, bool *bare)
{
	static const char units[] = "kmgt";
	const char *unit;
	unsigned int shift;

	*bare = (*s)[0] != '0' || ((*s)[1] | 0x20) != 'x';
	if (!*bare)
		*s += 2;
	if (!number(s, *bare ? 10 : 16, *bare ? 20 : 16, v))
		return false;
	unit = **s ? strchr(units, **s | 0x20) : NULL;
	if (!unit)
		return true;
	(*s)++;
	*bare = false;
	shift = 10 * (unsigned int)(unit - units + 1);
	if (*v << shift >> shift != *v)
		return false;
	*v <<= shift;
	return true;
}

static bool address(const char **s, u64 *v)
{
	bool bare;

	return bytes(s, v, &bare) && (!bare || *v < 10);
}

bool parse_address(const char *s, u64 *v)
{
	return address(&s, v) && !*s;
}

bool parse_number(const char *s, u64 *v)
{
	bool bare;

	return bytes(&s, v, &bare) && !*s;
}

bool parse_range(const char *s, struct span *out)
{
	u64 last;
	bool bare;

	out->len = 1;
	if (!address(&s, &out->start))
		return false;
	if (*s == '+') {
		s++;
		if (!bytes(&s, &out->len, &bare) || !out->len)
			return false;
	} else if (*s == '-') {
		s++;
		if (!address(&s, &last) || last < out->start)
			return false;
		out->len = last - out->start + 1;
	}
	return !*s && out->len && out->len - 1 <= ~0ULL - out->start;
}

bool parse_bdf(const char **s, u16 *segment, u16 *requester)
{
	u64 part[4] = { 0 };
	unsigned int n = 0;

	do {
		if (n == 3 || !number(s, 16, 8, &part[n++]))
			return false;
	} while (*(*s)++ == ':');
	if ((*s)[-1] != '.' || n < 2 || !number(s, 16, 8, &part[n]))
		return false;
	*segment = n == 3 ? (u16)part[0] : 0;
	if ((n == 3 && part[0] > 0xffff) || part[n - 2] > 0xff ||
	    part[n - 1] > 0x1f || part[n] > 7)
		return false;
	*requester = (u16)(part[n - 2] << 8 | part[n - 1] << 3 | part[n]);
	return true;
}
