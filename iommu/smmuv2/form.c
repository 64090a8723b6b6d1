// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arm SMMUv2: what the switch builds on a unit, given its registers, and how
 * much memory that takes. Asked at the crash, and when a crash kernel is loaded.
 */
#include "iommu.h"
#include "smmuv2.h"
#include "tables.h"

/* Stage 2 takes in no more bits than IAS (9.6, ID2), and we put out the same. */
static u32 own_bits(const struct iommu_config *c, const struct lpae_own *o)
{
	u32 in = lpae_size_bits(field(ID2_IAS, c->ecap));

	return o->second && in && in < c->address_bits ? in : c->address_bits;
}

int smmuv2_choose_form(const struct iommu_config *c, u32 mode,
		       struct own_form *form, struct lpae_own *o,
		       const char **why)
{
	*why = "";
	*form = (struct own_form){ 0 };
	*o = (struct lpae_own){ .second = c->cap & ID0_S2TS };
	while (o->granule < LPAE_GRANULES && !smmuv2_granule(c, o->granule))
		o->granule++;
	/* Abort needs none: an S2CR refuses by itself. */
	if (mode != IOMMU_MODE_ABORT &&
	    (!(c->cap & (ID0_S1TS | ID0_S2TS)) ||
	     lpae_own_form(o, own_bits(c, o), form)))
		*why = "walks no page tables that we build";
	return **why ? IOMMU_EUNSUPPORTED : IOMMU_OK;
}

int smmuv2_can(const struct iommu_config *c, const struct iommu_demand *d,
	       const char **why)
{
	struct lpae_own o;
	struct own_form form;

	*why = "";
	if (!c->cap) /* nothing is known of it */
		return IOMMU_OK;
	return smmuv2_choose_form(c, d->mode, &form, &o, why);
}

/* A unit of which nothing is known: the most that one may be. */
static const struct iommu_config unknown = {
	.cap = ID0_S1TS | ID0_S2TS,
	.ecap = ID2_PTFS_4K | 5, /* 48 bits in */
	.address_bits = LPAE_OWN_BITS_MAX,
};

u64 smmuv2_arena_need(const struct iommu_config *c,
		      const struct iommu_demand *d)
{
	struct own_form form;
	struct lpae_own o;
	const char *why;
	u64 need;

	if (!iommu_mode_switches(d->mode))
		return 0;
	if (!c->cap)
		c = &unknown;
	/* An override may want tables where the unit's mode takes none. */
	if (smmuv2_choose_form(c, IOMMU_MODE_SINK, &form, &o, &why))
		return 0;
	need = own_table_need(&form, TARGET_SINK, d->guards, d->ram_end);
	if (d->mode == IOMMU_MODE_COPY || d->overrides)
		need += own_table_need(&form, TARGET_GUARD, d->guards,
				       d->ram_end) +
			own_punch_need(&form, d->requesters);
	return need;
}
