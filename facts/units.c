// SPDX-License-Identifier: GPL-2.0-only
/* Units of struct facts, and their registers. */
#include "facts.h"
#include "../iommu/vtd/vtd.h"

u32 facts_unit_at(const struct facts *f, u64 reg_phys)
{
	for (size_t i = 0; i < f->unit_n; i++)
		if (f->unit[i].reg_phys == reg_phys)
			return (u32)i;
	return REC_NONE;
}

void fact_reg_set(struct fact_unit *u, u32 off, u32 width, u64 val)
{
	regs_set(&u->regs, off, width, val);
}

/*
 * DRHDs before Rev 4.0 say no size, and the fault recording and IOTLB
 * registers may lie behind the first page.
 */
static void fit_reg_len(struct fact_unit *u)
{
	u64 end = 0, iotlb;

	if (u->cap)
		end = field(CAP_FRO, u->cap) * 16 +
		      (field(CAP_NFR, u->cap) + 1) * 16;
	if (u->ecap) {
		iotlb = field(ECAP_IRO, u->ecap) * 16 + 16;
		if (iotlb > end)
			end = iotlb;
	}
	end = align_up(end, PAGE_4K);
	if (end > u->reg_len)
		u->reg_len = (u32)end;
}

void facts_fit_registers(struct facts *f)
{
	for (size_t i = 0; i < f->unit_n; i++)
		if (f->unit[i].vendor == IOMMU_VENDOR_VTD)
			fit_reg_len(&f->unit[i]);
}
