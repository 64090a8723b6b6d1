// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which devices a requester stands for, and which requesters the DMA of a
 * device carries.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../dump/formats.h"
#include "answers.h"

/* Every requester that a device's DMA may carry, sorted. */
struct requester_index {
	size_t n;
	struct requester_of {
		u32 unit;
		u32 requester;
		u32 device;
	} of[];
};

#define INDEX_ALIASES_MAX 8 /* of one device; mostly one, rarely two */
#define INDEX_MAX (2 * (size_t)DUMP_DEVICES_MAX)

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
static size_t index_find(const struct requester_index *x, u32 unit,
			 u32 requester)
{
	const struct requester_of key = { unit, requester, 0 };
	size_t lo = 0, hi = x->n;

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

/* The first alias of a device; facts.alias is sorted. */
static size_t alias_find(const struct facts *f, const struct fact_device *d)
{
	const struct fact_alias key = { d->segment, d->requester, 0 };
	size_t lo = 0, hi = f->alias_n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (by_alias(&f->alias[mid], &key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool has_streams(const struct facts *f, const struct fact_device *d)
{
	u32 vendor = d->unit < f->unit_n ? f->unit[d->unit].vendor : 0;

	return vendor == IOMMU_VENDOR_SMMUV3 || vendor == IOMMU_VENDOR_SMMUV2;
}

size_t view_requesters(const struct dump *d, size_t device, u32 *out,
		       size_t max)
{
	const struct facts *f = &d->facts;
	const struct fact_device *dev = &f->device[device];
	size_t i, n = 0, first = alias_find(f, dev);

	for (i = first;
	     i < f->alias_n && n < max && f->alias[i].segment == dev->segment &&
	     f->alias[i].requester == dev->requester;
	     i++) {
		if (!n && !has_streams(f, dev))
			out[n++] = dev->requester;
		if (n < max && (!n || f->alias[i].alias != out[n - 1]))
			out[n++] = f->alias[i].alias;
	}
	if (!n && max)
		out[n++] = dev->requester;
	return n;
}

int view_index(struct dump *d)
{
	struct dump_priv *v = d->priv;
	struct facts *f = &d->facts;
	struct requester_index *x;
	u32 id[INDEX_ALIASES_MAX];
	size_t i, k, n;

	if (f->alias_n)
		qsort(f->alias, f->alias_n, sizeof(*f->alias), by_alias);
	n = f->device_n * (1 + (f->alias_n ? INDEX_ALIASES_MAX : 0));
	x = malloc(sizeof(*x) +
		   (n < INDEX_MAX ? n : INDEX_MAX) * sizeof(x->of[0]));
	if (!x)
		return -ENOMEM;
	x->n = 0;
	for (i = 0; i < f->device_n; i++) {
		n = view_requesters(d, i, id, INDEX_ALIASES_MAX);
		for (k = 0; k < n && x->n < INDEX_MAX; k++)
			x->of[x->n++] =
				(struct requester_of){ f->device[i].unit, id[k],
						       (u32)i };
	}
	if (x->n)
		qsort(x->of, x->n, sizeof(x->of[0]), by_requester);
	v->index = x;
	return 0;
}

size_t view_devices(const struct dump *d, u32 unit, u32 requester, size_t *out,
		    size_t max)
{
	const struct requester_index *x =
		((const struct dump_priv *)d->priv)->index;
	size_t i, n = 0;

	for (i = index_find(x, unit, requester);
	     i < x->n && n < max && x->of[i].unit == unit &&
	     x->of[i].requester == requester;
	     i++)
		out[n++] = x->of[i].device;
	return n;
}
