// SPDX-License-Identifier: GPL-2.0-only
/* What the rules of check call: findings, whom they are about, what is open. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "rules.h"

/* Findings of one severity; a rule has at most one for each thing it looks at. */
#define FINDINGS_MAX 4096u
/* Names that are looked for in findings, all together. */
#define NAMES_MAX (1u << 18)

/* Can kexec(8) switch that unit, or any where it is about none? */
static bool can_quiesce(const struct facts *f, u32 unit)
{
	u32 i;

	for (i = 0; i < f->unit_n; i++) {
		const struct iommu_vendor *v = iommu_vendor(f->unit[i].vendor);

		if ((unit == REC_NONE || unit == i) && v && v->quiesce)
			return true;
	}
	return false;
}

/* NULL: no memory, or as many findings as are kept. */
static struct check_finding *add_finding(struct check *c, enum check_severity s)
{
	struct checked *out = c->out;
	struct check_finding **f, *n;

	if (out->found_n[s] >= FINDINGS_MAX) {
		out->incomplete = out->more = true;
		return NULL;
	}
	n = calloc(1, sizeof(*n));
	f = n ? array_grow(&out->found[s], &out->found_n[s], sizeof(*f)) : NULL;
	if (f) {
		*f = n;
		return n;
	}
	c->nomem = true;
	free(n);
	return NULL;
}

struct check_finding *found(struct check *c, enum check_severity s, u32 unit,
			    const char *fmt, ...)
{
	struct check_finding *f = add_finding(c, s);
	va_list ap;

	if (!f) {
		c->dropped.who_n = 0;
		return &c->dropped;
	}
	f->rule = c->rule->name;
	f->unit = unit;
	f->advice = c->rule->advice;
	if (can_quiesce(&c->d->facts, unit))
		f->mode = c->rule->mode;
	va_start(ap, fmt);
	if (vasprintf(&f->why, fmt, ap) < 0) {
		f->why = NULL;
		c->nomem = true;
	}
	va_end(ap);
	return f;
}

static bool same_who(const struct check_who *a, const struct check_who *b)
{
	return a->device == b->device &&
	       (a->device != CHECK_NO_DEVICE ||
		(a->unit == b->unit && a->requester == b->requester));
}

static void found_who(struct check *c, struct check_finding *f,
		      const struct check_who *who)
{
	size_t i, n = f->who_n;
	struct check_who *w;

	if (c->names++ >= NAMES_MAX)
		n = CHECK_WHO_MAX;
	for (i = 0; i < n && c->names < NAMES_MAX; i++)
		if (same_who(&f->who[i], who))
			return;
	if (n >= CHECK_WHO_MAX) {
		f->more_who = true;
		return;
	}
	w = array_grow(&f->who, &f->who_n, sizeof(*w));
	if (w)
		*w = *who;
	else
		c->nomem = true;
}

void found_device(struct check *c, struct check_finding *f, size_t device)
{
	const struct check_who who = { .device = device };

	found_who(c, f, &who);
}

void found_requester(struct check *c, struct check_finding *f, u32 unit,
		     u32 requester)
{
	const struct check_who who = { CHECK_NO_DEVICE, unit, requester };
	size_t device[CHECK_WHO_MAX], i;
	size_t n = view_devices(c->d, unit, requester, device, CHECK_WHO_MAX);

	for (i = 0; i < n; i++)
		found_device(c, f, device[i]);
	if (!n)
		found_who(c, f, &who);
}

void undecided(struct check *c, u32 unit, const char *fmt, ...)
{
	struct check_undecided *u;
	va_list ap;

	c->out->incomplete = true;
	if (c->out->undecided_n >= FINDINGS_MAX)
		return;
	u = array_grow(&c->out->undecided, &c->out->undecided_n, sizeof(*u));
	if (!u) {
		c->nomem = true;
		return;
	}
	u->rule = c->rule->name;
	u->unit = unit;
	va_start(ap, fmt);
	if (vasprintf(&u->why, fmt, ap) < 0) {
		u->why = NULL;
		c->nomem = true;
	}
	va_end(ap);
}

void advise(struct check_finding *f, const char *advice)
{
	f->advice = advice;
	f->mode = NULL;
}

bool held(const struct check *c, u32 unit, u32 requester)
{
	if (!c->d->crash.present)
		return false;
	switch (view_after(c->d, unit, requester)) {
	case AFTER_KEPT:
	case AFTER_GUARDED:
	case AFTER_ABORTED:
	case AFTER_SUNK:
		return true;
	default:
		return false;
	}
}
