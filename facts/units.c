// SPDX-License-Identifier: GPL-2.0-only
/* Units of struct facts, and their registers. */
#include "facts.h"

u32 facts_unit_at(const struct facts *f, u64 reg_phys)
{
	/* 0: a unit without any, as virtio-iommus are */
	for (size_t i = 0; reg_phys && i < f->unit_n; i++)
		if (f->unit[i].reg_phys == reg_phys)
			return (u32)i;
	return REC_NONE;
}

static struct fact_rebuilt *rebuilt(const struct fact_unit *u, u32 off)
{
	for (size_t i = 0; i < u->rebuilt_n; i++)
		if (u->rebuilt[i].off == off)
			return &u->rebuilt[i];
	return NULL;
}

u64 fact_reg_unknown(const struct fact_unit *u, u32 off)
{
	const struct fact_rebuilt *r = rebuilt(u, off);

	return r ? r->unknown : 0;
}

u32 facts_vendors(const struct facts *f)
{
	u32 vendors = 0;

	for (size_t i = 0; i < f->unit_n; i++)
		vendors |= 1u << f->unit[i].vendor;
	return vendors;
}

void fact_reg_set(struct fact_unit *u, u32 off, u32 width, u64 val)
{
	struct fact_rebuilt *r = rebuilt(u, off);

	if (r)
		r->unknown = 0;
	regs_set(&u->regs, off, width, val);
}

void fact_reg_rebuilt(struct fact_unit *u, u32 off, u32 width, u64 val,
		      u64 unknown)
{
	struct fact_rebuilt *r = rebuilt(u, off);

	if (!r)
		r = array_grow(&u->rebuilt, &u->rebuilt_n, sizeof(*r));
	/* Without memory for that it counts as not known at all. */
	if (!r || regs_set(&u->regs, off, width, val))
		return;
	*r = (struct fact_rebuilt){ off, unknown };
}

void facts_fit_registers(struct facts *f)
{
	for (size_t i = 0; i < f->unit_n; i++) {
		struct fact_unit *u = &f->unit[i];
		const struct iommu_vendor *v = iommu_vendor(u->vendor);
		u64 len = v && v->regs_len ? v->regs_len(u->cap, u->ecap) : 0;

		if (len > u->reg_len)
			u->reg_len = (u32)len;
	}
}
