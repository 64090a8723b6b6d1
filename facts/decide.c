// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which mode each unit and device gets. Requester ids that
 * may stand for one another must get the same mode: an alias record joins two
 * ids, and joined ids form a set that is decided as one.
 */
#include <errno.h>
#include <stdlib.h>

#include "facts.h"

/* Disjoint sets of the requester ids of one segment, streams among them. */
struct sets {
	size_t n;
	struct set {
		u32 id; /* ascending */
		/* At the representative: some id of it has one, is one. */
		bool region, user, ats;
		size_t parent;
	} of[];
};

static int by_id(const void *a, const void *b)
{
	const struct set *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* The representative; n for an id that no device and no alias has. */
static size_t find(struct sets *s, u32 id)
{
	const struct set key = { .id = id },
			 *found =
				 bsearch(&key, s->of, s->n, sizeof(key), by_id);
	size_t i = found ? (size_t)(found - s->of) : s->n;

	while (i < s->n && s->of[i].parent != i) {
		s->of[i].parent = s->of[s->of[i].parent].parent;
		i = s->of[i].parent;
	}
	return i;
}

static void collect(struct sets *s, const struct facts *f, u16 segment)
{
	size_t n = 0, out = 0;

	for (size_t i = 0; i < f->alias_n; i++) {
		if (f->alias[i].segment != segment)
			continue;
		s->of[n++] = (struct set){ .id = f->alias[i].requester };
		s->of[n++] = (struct set){ .id = f->alias[i].alias };
	}
	for (size_t i = 0; i < f->device_n; i++)
		if (f->device[i].segment == segment)
			s->of[n++] =
				(struct set){ .id = f->device[i].requester };
	qsort(s->of, n, sizeof(s->of[0]), by_id);
	for (size_t i = 0; i < n; i++)
		if (!out || s->of[out - 1].id != s->of[i].id) {
			s->of[out] = s->of[i];
			s->of[out].parent = out;
			out++;
		}
	s->n = out;
}

static void join(struct sets *s, const struct facts *f, u16 segment)
{
	collect(s, f, segment);
	for (size_t i = 0; i < f->alias_n; i++)
		if (f->alias[i].segment == segment)
			s->of[find(s, f->alias[i].requester)].parent =
				find(s, f->alias[i].alias);
	for (size_t i = 0; i < f->device_n; i++) {
		const struct fact_device *d = &f->device[i];
		struct set *set;

		if (d->segment != segment)
			continue;
		set = &s->of[find(s, d->requester)];
		set->region |= d->has_region;
		set->user |= fact_device_user(d);
		set->ats |= d->ats;
	}
}

/*
 * auto. A region is what firmware's own DMA goes to: of a program's device the
 * tables are the program's, and with ATS no translation is kept. There a copy
 * would be an abort.
 */
static struct decision by_set(const struct set *set)
{
	if (!set->region)
		return (struct decision){ IOMMU_MODE_SINK, IOMMU_WHY_AUTO };
	if (set->user)
		return (struct decision){ IOMMU_MODE_SINK, IOMMU_WHY_USER };
	if (set->ats)
		return (struct decision){ IOMMU_MODE_SINK, IOMMU_WHY_ATS };
	return (struct decision){ IOMMU_MODE_COPY, IOMMU_WHY_RESERVED };
}

static struct decision by_mode(struct sets *s, const struct fact_device *d,
			       u32 mode)
{
	if (d->unit == REC_NONE)
		return (struct decision){ IOMMU_MODE_OFF, IOMMU_WHY_NO_UNIT };
	if (mode != IOMMU_MODE_AUTO)
		return (struct decision){ (u8)mode, IOMMU_WHY_MODE };
	return by_set(&s->of[find(s, d->requester)]);
}

/* Later choices win; where two name ids of one set, for the whole set. */
static void by_choice(struct sets *s, const struct fact_device *d,
		      const struct device_choice *c, struct decision *decision)
{
	if (c->segment != d->segment || d->unit == REC_NONE ||
	    find(s, c->requester) != find(s, d->requester))
		return;
	decision->mode = c->mode;
	decision->reason = c->requester == d->requester ? IOMMU_WHY_DEVICE
							: IOMMU_WHY_ALIAS;
}

/* Has an earlier device this segment? Then it has been decided. */
static bool segment_done(const struct facts *f, size_t device)
{
	for (size_t i = 0; i < device; i++)
		if (f->device[i].segment == f->device[device].segment)
			return true;
	return false;
}

static void decide_segment(struct sets *s, const struct facts *f, u16 segment,
			   const struct device_choice *choice, size_t n,
			   struct decisions *out)
{
	join(s, f, segment);
	for (size_t i = 0; i < f->device_n; i++) {
		const struct fact_device *d = &f->device[i];

		if (d->segment != segment)
			continue;
		out->device[i] = by_mode(s, d, out->mode);
		/* Where nothing is switched nothing is overridden. */
		for (size_t j = 0; j < n && iommu_mode_quiesces(out->mode); j++)
			by_choice(s, d, &choice[j], &out->device[i]);
	}
}

/* 0 when a choice names something that a unit can act on. */
static int check_choice(const struct facts *f, const struct device_choice *c)
{
	int rc = -ENOENT;

	for (size_t i = 0; i < f->device_n; i++) {
		const struct fact_device *d = &f->device[i];

		if (d->segment != c->segment || d->requester != c->requester)
			continue;
		if (d->unit != REC_NONE)
			return 0;
		rc = -ENODEV;
	}
	/* A requester id that no function has, but DMA may carry. */
	for (size_t i = 0; i < f->alias_n; i++)
		if (f->alias[i].segment == c->segment &&
		    f->alias[i].alias == c->requester)
			return 0;
	return rc;
}

static int decisions_new(struct decisions *d, const struct facts *f, u32 mode)
{
	*d = (struct decisions){
		.mode = mode,
		.unit = calloc(f->unit_n + 1, sizeof(*d->unit)),
		.device = calloc(f->device_n + 1, sizeof(*d->device)),
	};
	if (!d->unit || !d->device)
		return -ENOMEM;
	d->unit_n = f->unit_n;
	d->device_n = f->device_n;
	return 0;
}

int decide(const struct facts *f, u32 mode, const struct device_choice *choice,
	   size_t n, struct decisions *d, size_t *bad)
{
	struct sets *s;
	int rc;

	if (decisions_new(d, f, mode))
		return -ENOMEM;
	for (*bad = 0; *bad < n; ++*bad) {
		rc = check_choice(f, &choice[*bad]);
		if (rc)
			return rc;
	}
	s = malloc(sizeof(*s) +
		   (f->device_n + 2 * f->alias_n) * sizeof(s->of[0]));
	if (!s)
		return -ENOMEM;
	/* auto: a unit's default is sink; devices differ by override. */
	for (size_t i = 0; i < f->unit_n; i++)
		d->unit[i].mode =
			(u8)(mode == IOMMU_MODE_AUTO ? IOMMU_MODE_SINK : mode);
	for (size_t i = 0; i < f->device_n; i++)
		if (!segment_done(f, i))
			decide_segment(s, f, f->device[i].segment, choice, n,
				       d);
	free(s);
	return 0;
}

struct decision decided_unit(const struct decisions *d, size_t unit)
{
	return unit < d->unit_n ? d->unit[unit] : (struct decision){ 0 };
}

struct decision decided_device(const struct decisions *d, size_t device)
{
	return device < d->device_n ? d->device[device]
				    : (struct decision){ 0 };
}

void decisions_free(struct decisions *d)
{
	free(d->unit);
	free(d->device);
	*d = (struct decisions){ 0 };
}
