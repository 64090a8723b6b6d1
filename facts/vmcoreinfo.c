// SPDX-License-Identifier: GPL-2.0-only
/* Looks things up in VMCOREINFO, which may hold anything. */
#include <string.h>
#include "iommu_notes.h"
#include "vmcoreinfo.h"

#define VMCOREINFO_NAME "VMCOREINFO"

bool vmcoreinfo_find(const u8 *notes, size_t len, struct vmcoreinfo *v)
{
	struct note_reader r = { .buf = notes, .len = len };
	struct note n;
	u64 bad;

	while (note_next(&r, &n, &bad)) {
		if (n.type != 0 || n.name_len != sizeof(VMCOREINFO_NAME) - 1 ||
		    memcmp(n.name, VMCOREINFO_NAME, n.name_len))
			continue;
		v->text = (const char *)n.desc;
		v->len = n.desc_len;
		return true;
	}
	return false;
}

/* The value of @key and where it ends; NULL: there is no such line. */
static const char *value_of(const struct vmcoreinfo *v, const char *key,
			    const char **end)
{
	const char *at = v->text, *stop = v->text + v->len;
	size_t len = strlen(key);

	while (at < stop) {
		const char *eol = memchr(at, '\n', (size_t)(stop - at));

		/* The last line has had no end since 2017, CRASHTIME. */
		if (!eol)
			eol = stop;
		if ((size_t)(eol - at) > len && at[len] == '=' &&
		    !memcmp(at, key, len)) {
			*end = eol;
			return at + len + 1;
		}
		at = eol + 1;
	}
	return NULL;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

static bool number(const char *at, const char *end, u64 base, u64 *val)
{
	u64 v = 0;

	if (at == end)
		return false;
	for (; at < end && *at; at++) {
		u64 d = (u64)digit(*at);

		if (d >= base || v > (~0ULL - d) / base)
			return false;
		v = v * base + d;
	}
	*val = v;
	return true;
}

bool vmcoreinfo_hex(const struct vmcoreinfo *v, const char *key, u64 *val)
{
	const char *end, *at = value_of(v, key, &end);

	return at && number(at, end, 16, val);
}

bool vmcoreinfo_number(const struct vmcoreinfo *v, const char *key, u64 *val)
{
	const char *end, *at = value_of(v, key, &end);

	if (!at)
		return false;
	if (end - at > 2 && at[0] == '0' && (at[1] | 0x20) == 'x')
		return number(at + 2, end, 16, val);
	if (at == end || *at != '-')
		return number(at, end, 10, val);
	if (!number(at + 1, end, 10, val))
		return false;
	*val = -*val;
	return true;
}

size_t vmcoreinfo_bytes(const struct vmcoreinfo *v, const char *key, u8 *bytes,
			size_t max)
{
	const char *end, *at = value_of(v, key, &end);
	size_t n = 0;

	for (; at && at + 1 < end; at += 2) {
		if (n >= max || digit(at[0]) > 15 || digit(at[1]) > 15)
			return 0;
		bytes[n++] = (u8)(digit(at[0]) << 4 | digit(at[1]));
	}
	return n;
}
