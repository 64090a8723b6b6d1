// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which devices a requester stands for, and which requesters the DMA of a
 * device carries.
 */
#include "kept.h"

/* Where a requester of a unit begins, or would. */
static size_t index_find(const struct answers_kept *x, u32 unit, u32 requester)
{
	const struct requester_of key = { unit, requester, 0 };
	size_t lo = 0, hi = x->of_n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (kept_order(&x->of[mid], &key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

size_t view_requesters(struct dump *d, size_t device, u32 *out, size_t max)
{
	return kept_requesters(answers_kept(d), &d->facts, device, out, max);
}

size_t view_devices(struct dump *d, u32 unit, u32 requester, size_t *out,
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

/*
 * PCI Code and ID Assignment Specification 1.11: 08h, 06h; virtio 1.2 section
 * 5.13: device 23, which QEMU gives no such class.
 */
bool view_is_iommu(const struct fact_device *d)
{
	return d->class >> 8 == 0x0806 ||
	       (d->vendor == 0x1af4 && d->device == 0x1040 + 23);
}

bool view_sender(struct dump *d, u32 unit, u32 requester)
{
	const struct answers_kept *x = answers_kept(d);
	size_t i = index_find(x, unit, 0);

	if (i == x->of_n || x->of[i].unit != unit)
		return true;
	for (i = index_find(x, unit, requester);
	     i < x->of_n && x->of[i].unit == unit &&
	     x->of[i].requester == requester;
	     i++)
		if (!view_is_iommu(&d->facts.device[x->of[i].device]))
			return true;
	return false;
}
