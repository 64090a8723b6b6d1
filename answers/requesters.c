// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which devices a requester stands for, and which requesters the DMA of a
 * device carries.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "kept.h"

#define INDEX_ALIASES_MAX 8  /* of one device; mostly one, rarely two */
#define INDEX_MAX (1u << 17) /* of all: more than any machine has */

static int by_requester(const void *a, const void *b)
{
	const struct requester_of *x = a, *y = b;

	if (x->unit != y->unit)
		return x->unit < y->unit ? -1 : 1;
	if (x->requester != y->requester)
		return x->requester < y->requester ? -1 : 1;
	return x->device < y->device ? -1 : x->device > y->device;
}

/* Where a requester of a unit begins, or would. */
static size_t index_find(const struct answers_kept *x, u32 unit, u32 requester)
{
	const struct requester_of key = { unit, requester, 0 };
	size_t lo = 0, hi = x->of_n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (by_requester(&x->of[mid], &key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int by_alias(const void *a, const void *b)
{
	const struct fact_alias *x = a, *y = b;

	if (x->segment != y->segment)
		return x->segment < y->segment ? -1 : 1;
	if (x->requester != y->requester)
		return x->requester < y->requester ? -1 : 1;
	return x->alias < y->alias ? -1 : x->alias > y->alias;
}

/* The first alias of a device. */
static size_t alias_find(const struct answers_kept *x,
			 const struct fact_device *d)
{
	const struct fact_alias key = { d->segment, d->requester, 0 };
	size_t lo = 0, hi = x->alias_n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (by_alias(&x->alias[mid], &key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool has_streams(const struct facts *f, const struct fact_device *d)
{
	const struct iommu_vendor *v =
		d->unit < f->unit_n ? iommu_vendor(f->unit[d->unit].vendor)
				    : NULL;

	return v && v->streams;
}

static size_t requesters(const struct answers_kept *x, const struct facts *f,
			 size_t device, u32 *out, size_t max)
{
	const struct fact_device *dev = &f->device[device];
	size_t i, n = 0;

	for (i = alias_find(x, dev);
	     i < x->alias_n && n < max && x->alias[i].segment == dev->segment &&
	     x->alias[i].requester == dev->requester;
	     i++) {
		if (!n && !has_streams(f, dev))
			out[n++] = dev->requester;
		if (n < max && (!n || x->alias[i].alias != out[n - 1]))
			out[n++] = x->alias[i].alias;
	}
	if (!n && max)
		out[n++] = dev->requester;
	return n;
}

size_t view_requesters(const struct dump *d, size_t device, u32 *out,
		       size_t max)
{
	return requesters(answers_kept(d), &d->facts, device, out, max);
}

static bool sort_aliases(struct answers_kept *x, const struct facts *f)
{
	if (!f->alias_n)
		return true;
	x->alias = calloc(f->alias_n, sizeof(*x->alias));
	if (!x->alias)
		return false;
	memcpy(x->alias, f->alias, f->alias_n * sizeof(*x->alias));
	x->alias_n = f->alias_n;
	qsort(x->alias, x->alias_n, sizeof(*x->alias), by_alias);
	return true;
}

int kept_requesters(struct answers_kept *x, const struct facts *f)
{
	size_t room = f->device_n * (1 + (f->alias_n ? INDEX_ALIASES_MAX : 0));
	u32 id[INDEX_ALIASES_MAX];
	size_t i, k, n;

	if (room > INDEX_MAX)
		room = INDEX_MAX;
	x->of = calloc(room + 1, sizeof(*x->of));
	if (!x->of || !sort_aliases(x, f))
		return -ENOMEM;
	for (i = 0; i < f->device_n; i++) {
		n = requesters(x, f, i, id, INDEX_ALIASES_MAX);
		for (k = 0; k < n && x->of_n < room; k++)
			x->of[x->of_n++] =
				(struct requester_of){ f->device[i].unit, id[k],
						       (u32)i };
	}
	if (x->of_n)
		qsort(x->of, x->of_n, sizeof(*x->of), by_requester);
	return 0;
}

size_t view_devices(const struct dump *d, u32 unit, u32 requester, size_t *out,
		    size_t max)
{
	const struct answers_kept *x = answers_kept(d);
	size_t i, n = 0;

	for (i = index_find(x, unit, requester);
	     i < x->of_n && n < max && x->of[i].unit == unit &&
	     x->of[i].requester == requester;
	     i++)
		out[n++] = x->of[i].device;
	return n;
}
