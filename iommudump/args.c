// SPDX-License-Identifier: GPL-2.0-only
/* Reads addresses, ranges and devices as they are typed. */
#include <stdlib.h>
#include <string.h>
#include "args.h"

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

static bool c_number(const char **s, u64 *v)
{
	if ((*s)[0] != '0' || ((*s)[1] | 0x20) != 'x')
		return number(s, 10, 20, v);
	*s += 2;
	return number(s, 16, 16, v);
}

bool parse_address(const char *s, u64 *v)
{
	return c_number(&s, v) && !*s;
}

bool parse_range(const char *s, struct span *out)
{
	static const char units[] = "KMG";
	const char *unit;
	u64 shift = 0;

	out->len = 1;
	if (!c_number(&s, &out->start))
		return false;
	if (*s == '+') {
		s++;
		if (!c_number(&s, &out->len) || !out->len)
			return false;
		unit = *s ? strchr(units, *s) : NULL;
		if (unit) {
			shift = 10 * (u64)(unit - units + 1);
			s++;
		}
	}
	if (*s || out->len << shift >> shift != out->len)
		return false;
	out->len <<= shift;
	return out->len - 1 <= ~0ULL - out->start;
}

bool parse_bdf(const char *s, u32 *segment, u32 *requester)
{
	u64 part[4];
	unsigned int n = 0;

	if (s[0] == '0' && (s[1] | 0x20) == 'x') {
		*segment = 0;
		if (!parse_address(s, &part[0]) || part[0] > 0xffffffff)
			return false;
		*requester = (u32)part[0];
		return true;
	}
	if (!number(&s, 16, 4, &part[n++]) || *s++ != ':' ||
	    !number(&s, 16, 2, &part[n++]))
		return false;
	if (*s == ':') {
		s++;
		if (!number(&s, 16, 2, &part[n++]))
			return false;
	}
	if (*s++ != '.' || !number(&s, 16, 1, &part[n++]) || *s)
		return false;
	*segment = n == 4 ? (u32)part[0] : 0;
	if (part[n - 3] > 0xff || part[n - 2] > 0x1f || part[n - 1] > 7)
		return false;
	*requester = (u32)(part[n - 3] << 8 | part[n - 2] << 3 | part[n - 1]);
	return true;
}
