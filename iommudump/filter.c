// SPDX-License-Identifier: GPL-2.0-only
/* Which devices are asked about: --slot, --id, --driver, --unit, --group. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "answers.h"
#include "filter.h"

#define DEVICES_MAX 64 /* of one requester: an alias can stand for a bus */

void filter_begin(struct filter *f)
{
	*f = (struct filter){ .segment = FILTER_ANY,
			      .bus = FILTER_ANY,
			      .slot = FILTER_ANY,
			      .function = FILTER_ANY,
			      .vendor = FILTER_ANY,
			      .device = FILTER_ANY,
			      .group = FILTER_ANY };
}

/*
 * Hexadecimal digits of [s, end), up to @max of value; none, or "*", are any.
 */
static bool parse_part(const char *s, const char *end, u32 max, u32 *value)
{
	char *stop;
	unsigned long n;

	*value = FILTER_ANY;
	if (s == end || (end - s == 1 && *s == '*'))
		return true;
	if (strspn(s, "0123456789abcdefABCDEF") < (size_t)(end - s))
		return false;
	n = strtoul(s, &stop, 16);
	*value = (u32)n;
	return n <= max;
}

static void asked(struct filter *f, bool devices)
{
	f->any = true;
	f->devices |= devices;
}

/* "BB:" or "DDDD:BB:" before @end. */
static bool parse_bus(struct filter *f, const char *s, const char *end)
{
	const char *colon = memchr(s, ':', (size_t)(end - s));

	if (colon && !parse_part(s, colon, 0xffff, &f->segment))
		return false;
	return parse_part(colon ? colon + 1 : s, end, 0xff, &f->bus);
}

bool filter_slot(struct filter *f, const char *s)
{
	const char *end = s + strlen(s), *dot = strchr(s, '.');
	const char *colon = strrchr(s, ':');

	asked(f, true);
	if (dot && (!parse_part(dot + 1, end, 7, &f->function) ||
		    (colon && colon > dot)))
		return false;
	if (colon && !parse_bus(f, s, colon))
		return false;
	return *s && parse_part(colon ? colon + 1 : s, dot ? dot : end, 0x1f,
				&f->slot);
}

/* Of two, four or six digits: base class, with subclass, with interface. */
static bool parse_class(struct filter *f, const char *s)
{
	size_t len = strlen(s);

	if (len != 2 && len != 4 && len != 6)
		return false;
	if (!parse_part(s, s + len, 0xffffff, &f->class))
		return false;
	f->class <<= 24 - 4 * len;
	f->class_mask = 0xffffffU << (24 - 4 * len) & 0xffffff;
	return true;
}

bool filter_id(struct filter *f, const char *s)
{
	const char *colon = strchr(s, ':'), *end;

	asked(f, true);
	if (!colon || !parse_part(s, colon, 0xffff, &f->vendor))
		return false;
	end = strchrnul(colon + 1, ':');
	if (!parse_part(colon + 1, end, 0xffff, &f->device))
		return false;
	return !*end || parse_class(f, end + 1);
}

bool filter_group(struct filter *f, const char *s)
{
	char *end;
	unsigned long n = strtoul(s, &end, 10);

	asked(f, true);
	f->group = (u32)n;
	return *s >= '0' && *s <= '9' && !*end && n < FILTER_ANY;
}

void filter_driver(struct filter *f, const char *s)
{
	asked(f, true);
	f->driver = s;
}

void filter_unit(struct filter *f, const char *s)
{
	asked(f, false);
	f->unit = s;
}

/* --- asking --- */

bool wanted_unit(const struct filter *f, const struct dump *d, u32 unit)
{
	return !f || !f->unit ||
	       (unit < d->facts.unit_n &&
		!strcmp(d->facts.unit[unit].name, f->unit));
}

static bool same(u32 wanted, u32 is)
{
	return wanted == FILTER_ANY || wanted == is;
}

/* Its place on its bus is its name; an SMMU's requesters are no such places. */
static bool wanted_place(const struct filter *f, const char *name)
{
	u32 place[4];
	int end = 0;

	if (f->segment == FILTER_ANY && f->bus == FILTER_ANY &&
	    f->slot == FILTER_ANY && f->function == FILTER_ANY)
		return true;
	return sscanf(name, "%x:%x:%x.%x%n", &place[0], &place[1], &place[2],
		      &place[3], &end) == 4 &&
	       !name[end] && same(f->segment, place[0]) &&
	       same(f->bus, place[1]) && same(f->slot, place[2]) &&
	       same(f->function, place[3]);
}

bool wanted_device(const struct filter *f, const struct dump *d, size_t i)
{
	const struct fact_device *v = &d->facts.device[i];

	if (!f)
		return true;
	return wanted_unit(f, d, v->unit) && wanted_place(f, v->name) &&
	       same(f->vendor, v->vendor) && same(f->device, v->device) &&
	       (v->class & f->class_mask) == f->class &&
	       same(f->group, v->group) &&
	       (!f->driver || !strcmp(v->driver ? v->driver : "", f->driver));
}

bool wanted_any(const struct filter *f, const struct dump *d)
{
	size_t i;

	if (!f)
		return true;
	for (i = 0; i < d->facts.device_n; i++)
		if (wanted_device(f, d, i))
			return true;
	for (i = 0; i < d->facts.unit_n && !f->devices; i++)
		if (wanted_unit(f, d, (u32)i))
			return true;
	return false;
}

bool wanted_requester(const struct filter *f, struct dump *d, u32 unit,
		      u32 requester)
{
	size_t device[DEVICES_MAX], n, i;

	if (!f || !wanted_unit(f, d, unit))
		return !f;
	if (!f->devices)
		return true;
	n = view_devices(d, unit, requester, device, DEVICES_MAX);
	for (i = 0; i < n; i++)
		if (wanted_device(f, d, device[i]))
			return true;
	return false;
}
