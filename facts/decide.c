// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which mode each unit and device gets. Requester ids that
 * may stand for one another must get the same mode: an alias record joins two
 * ids, and joined ids form a set that is decided as one. Streams are ids of their
 * unit, and no requester ids: one number may be both, and of several units.
 */
#include <errno.h>
#include <stdlib.h>

#include "facts.h"

#define KEY_STREAM BIT64(63)

/* A device's requester id, and the unit that it is behind. */
struct who {
	u32 requester, unit;
	bool streams; /* its unit knows streams */
	bool aliased; /* these are its aliases; else its id is its stream */
};

/* Disjoint sets of the requester ids of one segment, streams among them. */
struct sets {
	size_t who_n;
	struct who *who; /* ascending */
	size_t n;
	struct set {
		u64 key; /* ascending */
		/* At the representative: some id of it has one, is one. */
		bool region, user, ats;
		size_t parent;
	} of[];
};

static int by_key(const void *a, const void *b)
{
	const struct set *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

static int by_requester(const void *a, const void *b)
{
	const struct who *x = a, *y = b;

	return (x->requester > y->requester) - (x->requester < y->requester);
}

static struct who *find_who(const struct sets *s, u32 requester)
{
	const struct who key = { .requester = requester };

	return bsearch(&key, s->who, s->who_n, sizeof(key), by_requester);
}

static u64 stream_key(u32 unit, u32 stream)
{
	return KEY_STREAM | (u64)unit << 32 | stream;
}

/* Of the id of a device behind @unit. */
static u64 key_of(const struct sets *s, u32 requester, u32 unit)
{
	const struct who *w = find_who(s, requester);

	return w && w->streams && !w->aliased ? stream_key(unit, requester)
					      : requester;
}

static u64 alias_key(const struct sets *s, const struct fact_alias *a)
{
	const struct who *w = find_who(s, a->requester);

	return w && w->streams ? stream_key(w->unit, a->alias) : a->alias;
}

/* The representative; n for an id that no device and no alias has. */
static size_t find(struct sets *s, u64 id)
{
	const struct set key = { .key = id },
			 *found = bsearch(&key, s->of, s->n, sizeof(key),
					  by_key);
	size_t i = found ? (size_t)(found - s->of) : s->n;

	while (i < s->n && s->of[i].parent != i) {
		s->of[i].parent = s->of[s->of[i].parent].parent;
		i = s->of[i].parent;
	}
	return i;
}

static size_t find_device(struct sets *s, const struct fact_device *d)
{
	return find(s, key_of(s, d->requester, d->unit));
}

/* What a choice names: a device, or what DMA may carry that none has. */
static size_t find_choice(struct sets *s, const struct device_choice *c)
{
	const struct who *w = find_who(s, c->requester);

	return find(s, key_of(s, c->requester, w ? w->unit : REC_NONE));
}

static bool knows_streams(const struct facts *f, u32 unit)
{
	const struct iommu_vendor *v =
		unit < f->unit_n ? iommu_vendor(f->unit[unit].vendor) : NULL;

	return v && v->streams;
}

static void collect_who(struct sets *s, const struct facts *f, u16 segment)
{
	struct who *w;

	s->who_n = 0;
	for (size_t i = 0; i < f->device_n; i++)
		if (f->device[i].segment == segment)
			s->who[s->who_n++] = (struct who){
				f->device[i].requester, f->device[i].unit,
				knows_streams(f, f->device[i].unit), false
			};
	qsort(s->who, s->who_n, sizeof(s->who[0]), by_requester);
	for (size_t i = 0; i < f->alias_n; i++) {
		w = f->alias[i].segment == segment
			    ? find_who(s, f->alias[i].requester)
			    : NULL;
		if (w)
			w->aliased = true;
	}
}

static void collect(struct sets *s, const struct facts *f, u16 segment)
{
	size_t n = 0, out = 0;

	collect_who(s, f, segment);
	for (size_t i = 0; i < f->alias_n; i++) {
		if (f->alias[i].segment != segment)
			continue;
		s->of[n++] = (struct set){ .key = f->alias[i].requester };
		s->of[n++] = (struct set){ .key = alias_key(s, &f->alias[i]) };
	}
	for (size_t i = 0; i < f->device_n; i++)
		if (f->device[i].segment == segment)
			s->of[n++] = (struct set){
				.key = key_of(s, f->device[i].requester,
					      f->device[i].unit)
			};
	qsort(s->of, n, sizeof(s->of[0]), by_key);
	for (size_t i = 0; i < n; i++)
		if (!out || s->of[out - 1].key != s->of[i].key) {
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
				find(s, alias_key(s, &f->alias[i]));
	for (size_t i = 0; i < f->device_n; i++) {
		const struct fact_device *d = &f->device[i];
		struct set *set;

		if (d->segment != segment)
			continue;
		set = &s->of[find_device(s, d)];
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
	return by_set(&s->of[find_device(s, d)]);
}

/* Later choices win; where two name ids of one set, for the whole set. */
static void by_choice(struct sets *s, const struct fact_device *d,
		      const struct device_choice *c, struct decision *decision)
{
	if (c->segment != d->segment || d->unit == REC_NONE ||
	    find_choice(s, c) != find_device(s, d))
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

static bool alias_is_stream(const struct facts *f, const struct fact_alias *a)
{
	for (size_t i = 0; i < f->device_n; i++)
		if (f->device[i].segment == a->segment &&
		    f->device[i].requester == a->requester)
			return knows_streams(f, f->device[i].unit);
	return false;
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
	/* A requester id that no function has, but DMA may carry; no stream. */
	for (size_t i = 0; i < f->alias_n; i++)
		if (f->alias[i].segment == c->segment &&
		    f->alias[i].alias == c->requester &&
		    !alias_is_stream(f, &f->alias[i]))
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
	s->who = calloc(f->device_n + 1, sizeof(*s->who));
	if (!s->who) {
		free(s);
		return -ENOMEM;
	}
	/* auto: a unit's default is sink; devices differ by override. */
	for (size_t i = 0; i < f->unit_n; i++)
		d->unit[i].mode =
			(u8)(mode == IOMMU_MODE_AUTO ? IOMMU_MODE_SINK : mode);
	for (size_t i = 0; i < f->device_n; i++)
		if (!segment_done(f, i))
			decide_segment(s, f, f->device[i].segment, choice, n,
				       d);
	free(s->who);
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
