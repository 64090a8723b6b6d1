// SPDX-License-Identifier: GPL-2.0-only
/*
 * Adds to struct facts what has a rule of its own: resources, reserved regions
 * and aliases, of which each stands there once.
 */
#include <errno.h>
#include <string.h>

#include "facts.h"

static int add_reservation(struct facts *f, const struct iomem *m)
{
	struct span *s, add = { m->start, m->end - m->start + 1 };
	size_t i;

	s = array_grow(&f->reservation, &f->reservation_n, sizeof(*s));
	if (!s)
		return -ENOMEM;
	for (i = f->reservation_n - 1; i; i--) {
		if (f->reservation[i - 1].start <= add.start)
			break;
		f->reservation[i] = f->reservation[i - 1];
	}
	f->reservation[i] = add;
	return 0;
}

int facts_add_iomem(struct facts *f, const struct iomem *parsed,
		    const char *name)
{
	struct iomem *m = array_grow(&f->iomem, &f->iomem_n, sizeof(*m));

	if (!m)
		return -ENOMEM;
	*m = *parsed;
	m->name = strdup(name);
	if (!m->name)
		return -ENOMEM;
	/* s390 apart, a reservation is one resource of this very name. */
	if (m->end && !strcmp(name, "Crash kernel"))
		return add_reservation(f, m);
	return 0;
}

static bool region_known(const struct facts *f, u32 group, u64 start, u64 end)
{
	for (size_t i = 0; i < f->region_n; i++)
		if (f->region[i].group == group &&
		    f->region[i].type != REGION_MSI &&
		    f->region[i].start <= start && f->region[i].end >= end)
			return true; /* the kernel merges neighbours */
	return false;
}

int facts_add_region(struct facts *f, struct fact_device *d, u64 start, u64 end)
{
	struct fact_region *r;

	d->has_region = true;
	if (region_known(f, d->group, start, end))
		return 0;
	r = array_grow(&f->region, &f->region_n, sizeof(*r));
	if (!r)
		return -ENOMEM;
	*r = (struct fact_region){ start, end, d->group, REGION_DIRECT };
	return 0;
}

int facts_add_alias(struct facts *f, u16 segment, u32 requester, u32 alias)
{
	struct fact_alias *slot;

	for (size_t i = f->alias_n; i--;) {
		const struct fact_alias *old = &f->alias[i];

		if (old->segment == segment && old->requester == requester &&
		    old->alias == alias)
			return 0;
	}
	if (alias == requester)
		return 0;
	slot = array_grow(&f->alias, &f->alias_n, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	*slot = (struct fact_alias){ segment, requester, alias };
	return 0;
}
