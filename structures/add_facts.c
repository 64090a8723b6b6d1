// SPDX-License-Identifier: GPL-2.0-only
/*
 * Adds to the facts what was found in a kernel's memory, up to numbers that no
 * machine has: damaged lists would go on for ever.
 */
#include <errno.h>
#include "survey.h"

#define ALIASES_MAX 16384u
#define REGIONS_MAX 4096u

struct fact_unit *kernel_unit(struct survey *sv, u32 vendor, u64 reg_phys,
			      u64 iommu_device)
{
	struct fact_unit *u;
	u64 *at;

	u = array_grow(&sv->f->unit, &sv->f->unit_n, sizeof(*u));
	if (!u)
		return NULL;
	u->vendor = vendor;
	u->reg_phys = reg_phys;
	at = array_grow(&sv->iommu_device, &sv->iommu_device_n, sizeof(*at));
	if (!at)
		return NULL;
	*at = iommu_device;
	return u;
}

bool kernel_alias_room(const struct survey *sv)
{
	return sv->f->alias_n < ALIASES_MAX;
}

int kernel_alias(struct survey *sv, u16 segment, u32 requester, u32 alias)
{
	if (kernel_alias_room(sv))
		return facts_add_alias(sv->f, segment, requester, alias);
	facts_missing(sv->f, sv->k->memory_source,
		      "more than %u aliases: the others are left out",
		      ALIASES_MAX);
	return 0;
}

int kernel_region(struct survey *sv, struct fact_device *d, u64 start, u64 end)
{
	if (sv->f->region_n < REGIONS_MAX)
		return facts_add_region(sv->f, d, start, end);
	d->has_region = true;
	facts_missing(sv->f, sv->k->memory_source,
		      "more than %u reserved regions: the others are left out",
		      REGIONS_MAX);
	return 0;
}
