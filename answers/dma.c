// SPDX-License-Identifier: GPL-2.0-only
/* What the DMA of a device that is asked for by name carries, and its unit. */
#include "answers.h"

/*
 * The unit of a requester that no device is known for: one that has an entry
 * for it, or the one that serves all that no other does.
 */
static u32 guess_unit(struct dump *d, u32 segment, u32 requester)
{
	struct view_trail trail;
	struct view_entry e;
	struct iommu_config c;
	u32 i, all = REC_NONE, only = REC_NONE, n = 0;

	for (i = 0; i < d->facts.unit_n; i++) {
		if (d->facts.unit[i].segment != segment)
			continue;
		only = i;
		n++;
		if (d->facts.unit[i].flags & UNIT_INCLUDE_ALL)
			all = i;
		if (!view_config(d, i, VIEW_CRASH, &c, NULL) && c.on &&
		    !view_lookup(d, i, VIEW_CRASH, requester, VIEW_NO_PASID, &e,
				 &trail) &&
		    !e.err && e.domain.kind != IOMMU_KIND_BLOCKED)
			return i;
	}
	return all != REC_NONE ? all : n == 1 ? only : REC_NONE;
}

static bool find_device(const struct facts *f, u32 segment, u32 requester,
			size_t *device)
{
	size_t i;

	for (i = 0; i < f->device_n; i++) {
		if (f->device[i].segment != segment ||
		    f->device[i].requester != requester)
			continue;
		*device = i;
		return true;
	}
	return false;
}

void view_dma(struct dump *d, u32 segment, u32 requester, struct view_dma *dma)
{
	const struct facts *f = &d->facts;
	size_t device;

	*dma = (struct view_dma){ .group = REC_NONE,
				  .n = 1,
				  .id = { requester } };
	dma->known = find_device(f, segment, requester, &device);
	if (!dma->known) {
		dma->unit = guess_unit(d, segment, requester);
		return;
	}
	dma->unit = f->device[device].unit;
	dma->group = f->device[device].group;
	dma->n = view_requesters(d, device, dma->id, VIEW_DMA_MAX);
}
