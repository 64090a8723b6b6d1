// SPDX-License-Identifier: GPL-2.0-only
/* VMSAv8-64 tables that the switches of the SMMUs build: their shape. */
#include "lpae.h"
#include "quiesce.h"

#define CONCAT_BITS 4

static const struct {
	u32 large; /* highest level that maps pages */
	u32 sl0;   /* SL0 of a walk of n levels is n less this */
	u32 tg0;
} granules[LPAE_GRANULES] = {
	[LPAE_4K] = { 3, 2, 0 },
	[LPAE_16K] = { 2, 1, 2 },
	[LPAE_64K] = { 2, 1, 1 },
};

/* DDI 0487 D8.2.2: as few levels as will do, roots lying side by side. */
static u32 second_levels(u32 granule, u32 in_bits)
{
	const struct iommu_pt_format *f = &lpae_stage2[granule];
	u32 levels = granules[granule].sl0 == 2 ? 2 : 1;

	while (in_bits > f->page_shift + levels * f->entry_bits + CONCAT_BITS)
		levels++;
	return levels;
}

/* The field that says so, or says less. */
static u64 size_field(u32 bits)
{
	u64 ps = 0;

	while (lpae_size_bits(ps + 1) && lpae_size_bits(ps + 1) <= bits)
		ps++;
	return ps;
}

int lpae_own_form(struct lpae_own *o, u32 out_bits, struct own_form *form)
{
	struct iommu_table *t = &form->table;
	struct lpae_root r = { .granule = o->granule,
			       .tsz_min = 12,
			       .tsz_max = 48 };
	int err;

	if (o->granule >= LPAE_GRANULES)
		return IOMMU_EUNSUPPORTED;
	if (!out_bits || out_bits > LPAE_OWN_BITS_MAX)
		out_bits = LPAE_OWN_BITS_MAX;
	o->page_size = size_field(out_bits);
	o->tg0 = granules[o->granule].tg0;
	r.out_bits = out_bits;
	form->bits = out_bits;
	if (o->second) {
		o->tsz = r.tsz = 64 - out_bits;
		o->sl0 = second_levels(o->granule, out_bits) -
			 granules[o->granule].sl0;
		err = lpae_second(&r, o->sl0, t);
	} else {
		o->tsz = r.tsz = 64 - LPAE_OWN_BITS_MAX;
		err = lpae_first(&r, false, false, t);
	}
	form->large = granules[o->granule].large;
	if (form->large > t->levels)
		form->large = t->levels;
	if (err)
		*form = (struct own_form){ 0 };
	return err;
}
