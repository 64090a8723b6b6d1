// SPDX-License-Identifier: GPL-2.0-only
/* One entry of an x86-64 page table, as VT-d and AMD-Vi read it. */
#include "iommu.h"
#include "env.h"
#include "x86_pt.h"

void x86_leaf(u32 level, u64 raw, bool large_ok, u64 ignored,
	      struct iommu_pte *out)
{
	u64 offset = MASK64(12 + 9 * (level - 1) - 1, 0) & PTE_ADDR & ~ignored;

	out->leaf = true;
	out->addr = raw & PTE_ADDR & ~MASK64(12 + 9 * (level - 1) - 1, 0);
	if (level > 1 && !large_ok)
		out->err = IOMMU_EFORM;
	else if (level > 1 && raw & offset)
		out->err = IOMMU_ERESERVED;
}

/*
 * Requests of devices are user requests unless their PASID or, on VT-d,
 * RID_PRIV says otherwise, which no known kernel sets for them: a supervisor
 * page lets none through.
 */
void x86_pte_decode(u32 level, u64 raw, bool page_1g, struct iommu_pte *out)
{
	memset(out, 0, sizeof(*out));
	out->present = raw & FS_P;
	if (!out->present)
		return;
	if (raw & FS_US)
		out->perm = IOMMU_R | (raw & FS_RW ? IOMMU_W : 0) |
			    (raw & FS_XD ? 0 : IOMMU_X);
	out->addr = raw & PTE_ADDR;
	if (level == 1 || (raw & PTE_PS && level < 4))
		x86_leaf(level, raw, level == 2 || page_1g, FS_PAT_LARGE, out);
	else if (raw & PTE_PS)
		out->err = IOMMU_ERESERVED;
}

u64 x86_encode(const struct iommu_config *c, const struct iommu_table *t,
	       u32 level, u64 addr, bool leaf)
{
	(void)c;
	(void)t;
	return addr | FS_P | FS_RW | FS_US | FS_A | FS_D |
	       (leaf && level > 1 ? PTE_PS : 0);
}

u64 x86_address(const struct iommu_table *t)
{
	(void)t;
	return PTE_ADDR;
}
