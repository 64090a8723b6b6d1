// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices as they were when the kernel died. Notes have them as of the load of
 * the crash kernel, which is early: drivers bind later, devices come and go.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "kept.h"

struct since {
	struct dump *d;
	struct facts *now;
	u32 *unit; /* of the notes, by the number of one in @now */
	const struct fact_device **by_name; /* those of the notes */
	size_t by_name_n;
	bool *seen; /* devices of the notes */
};

static int by_name(const void *a, const void *b)
{
	const struct fact_device *x = *(const struct fact_device *const *)a;
	const struct fact_device *y = *(const struct fact_device *const *)b;

	return strcmp(x->name, y->name);
}

/* False: the kernel has a unit that the notes have not. */
static bool match_units(struct since *s)
{
	const struct facts *f = &s->d->facts;
	size_t i, k;

	for (i = 0; i < s->now->unit_n; i++) {
		for (k = 0; k < f->unit_n; k++)
			if (f->unit[k].vendor == s->now->unit[i].vendor &&
			    f->unit[k].reg_phys == s->now->unit[i].reg_phys)
				break;
		if (k == f->unit_n)
			return false;
		s->unit[i] = (u32)k;
	}
	return true;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* What the kernel does not say stays as it was recorded. */
static void change(struct at_load *was, struct fact_device *f,
		   struct fact_device *now)
{
	u8 type = now->domain_type ? now->domain_type : f->domain_type;
	u32 group = now->group == REC_NONE ? f->group : now->group;

	f->attached = now->attached;
	if (same_text(f->driver, now->driver) && f->group == group &&
	    f->domain_type == type)
		return;
	*was = (struct at_load){ SINCE_CHANGED, f->driver, f->group,
				 f->domain_type };
	f->driver = now->driver;
	now->driver = NULL;
	f->group = group;
	f->domain_type = type;
}

/* Takes all of @now, which is emptied. */
static int add(struct since *s, struct fact_device *now)
{
	struct dump *d = s->d;
	const struct facts *from = s->now;
	struct fact_device *f;
	size_t i;

	f = array_grow(&d->facts.device, &d->facts.device_n, sizeof(*f));
	if (!f)
		return -ENOMEM;
	*f = *now;
	f->unit = now->unit == REC_NONE ? REC_NONE : s->unit[now->unit];
	now->name = now->driver = NULL;
	for (i = 0; i < from->alias_n; i++) {
		const struct fact_alias *a = &from->alias[i];
		struct fact_alias *n;

		if (a->segment != f->segment || a->requester != f->requester)
			continue;
		n = array_grow(&d->facts.alias, &d->facts.alias_n, sizeof(*n));
		if (!n)
			return -ENOMEM;
		*n = *a;
	}
	return 0;
}

/* In place, so that what was decided keeps its numbers; then what is new. */
static int merge(struct since *s)
{
	struct dump *d = s->d;
	size_t i, old = d->facts.device_n, n = 0;
	bool *added = calloc(s->now->device_n + 1, sizeof(*added));
	int rc = added ? 0 : -ENOMEM;

	for (i = 0; !rc && i < s->now->device_n; i++) {
		const struct fact_device *key = &s->now->device[i], **f;
		size_t at;

		f = bsearch(&key, s->by_name, old, sizeof(*f), by_name);
		added[i] = !f;
		n += !f;
		if (!f)
			continue;
		at = (size_t)(*f - d->facts.device);
		s->seen[at] = true;
		change(&d->at_load[at], &d->facts.device[at],
		       &s->now->device[i]);
	}
	/* Where something could not be read there may be more. */
	for (i = 0; !rc && !s->now->missing_n && i < old; i++)
		if (!s->seen[i]) {
			struct fact_device none = { .group = REC_NONE };

			d->facts.device[i].domain_type = DOMAIN_UNKNOWN;
			change(&d->at_load[i], &d->facts.device[i], &none);
			d->at_load[i].since = SINCE_GONE;
		}
	for (i = 0; !rc && i < s->now->device_n; i++) {
		if (!added[i])
			continue;
		rc = add(s, &s->now->device[i]);
		d->at_load[d->facts.device_n - 1].since = SINCE_ADDED;
	}
	free(added);
	return rc;
}

/* Takes what @s->now has. */
static int bring(struct since *s)
{
	struct dump *d = s->d;
	size_t i, old = d->facts.device_n, room = old + s->now->device_n;
	int rc = -ENOMEM;

	s->unit = calloc(s->now->unit_n + 1, sizeof(*s->unit));
	s->by_name = calloc(old + 1, sizeof(*s->by_name));
	s->seen = calloc(old + 1, sizeof(*s->seen));
	d->at_load = calloc(room + 1, sizeof(*d->at_load));
	if (s->unit && s->by_name && s->seen && d->at_load) {
		d->at_load_n = room;
		for (i = 0; i < old; i++)
			s->by_name[i] = &d->facts.device[i];
		if (old)
			qsort(s->by_name, old, sizeof(*s->by_name), by_name);
		rc = 0;
	}
	if (!rc && !match_units(s))
		facts_missing(&d->facts, "devices since the load",
			      "the kernel has a unit that the notes have not");
	else if (!rc)
		rc = merge(s);
	free(s->unit);
	free(s->by_name);
	free(s->seen);
	return rc;
}

int dump_since_load(struct dump *d, const char *vmlinux)
{
	struct dump kernel;
	struct since s = { .d = d, .now = &kernel.facts };
	char why[256] = "";
	size_t i;
	int rc = 0;

	if (dead_kernel_open(d, vmlinux, why, sizeof(why))) {
		facts_missing(&d->facts, "devices since the load", "%s", why);
		return 0;
	}
	/* The same memory and notes, and nothing of what was read from them. */
	kernel = *d;
	memset(&kernel.facts, 0, sizeof(kernel.facts));
	memset(&kernel.decisions, 0, sizeof(kernel.decisions));
	memset(&kernel.crash, 0, sizeof(kernel.crash));
	memset(&kernel.problems, 0, sizeof(kernel.problems));
	kernel.answers = NULL;
	kernel.answers_free = NULL;
	if (dump_kernel(&kernel, vmlinux, why, sizeof(why))) {
		facts_missing(&d->facts, "devices since the load", "%s", why);
	} else if (!kernel.facts.device_n) {
		for (i = 0; i < kernel.facts.missing_n; i++)
			facts_missing(&d->facts, kernel.facts.missing[i].source,
				      "%s", kernel.facts.missing[i].why);
	} else {
		rc = bring(&s);
	}
	dump_forget(&kernel);
	return rc;
}
