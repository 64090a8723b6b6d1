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

void fact_reg_set(struct fact_unit *u, u32 off, u32 width, u64 val)
{
	regs_set(&u->regs, off, width, val);
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
