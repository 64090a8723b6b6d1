// SPDX-License-Identifier: GPL-2.0-only
/* SMMUv3: the stream table, and the context descriptors that it leads to. */
#include "iommu.h"
#include "../top.h"
#include "smmuv3.h"
#include "tables.h"

/* 3.4.1, 6.3.2: a substream ID has 20 bits at most. */
#define CDMAX_MAX 20u

/*
 * The CDs of one stream (5.3, 5.4). Streams may share a table of them. Where
 * stage 2 translates its address, it is a guest's, and is left out.
 */
static void descriptors(struct iommu_top *t, const u64 *ste, u16 stream)
{
	u64 len, at;
	u32 split, i;
	const u64 *first;

	if (!(ste[0] & STE_V) || field(STE_CONFIG, ste[0]) != CONFIG_S1 ||
	    field(STE_S1CDMAX, ste[0]) > CDMAX_MAX)
		return;
	at = smmuv3_cd_table(ste, &split, &len);
	if (t->seen(t, at))
		return;
	first = t->table(t, at, split ? IOMMU_AT_PASID_DIR : IOMMU_AT_PASID,
			 (u32)len, stream);
	for (i = 0; first && split && i < len / 8; i++)
		if (first[i] & L1CD_V)
			t->table(t, first[i] & L1CD_L2PTR, IOMMU_AT_PASID,
				 CD_BYTES << split, stream);
}

/* @n STEs side by side; false: they are not to be had. */
static bool entries(struct iommu_top *t, u64 at, u32 n, u32 stream)
{
	const u64 *ste =
		t->table(t, at, IOMMU_AT_CONTEXT, n * STE_BYTES, (u16)stream);
	u32 i;

	for (i = 0; ste && i < n; i++)
		descriptors(t, &ste[i * STE_WORDS], (u16)(stream + i));
	return ste;
}

static void linear(struct iommu_top *t, const struct iommu_config *c)
{
	u64 first, n;

	for (first = 0; first < c->requesters; first += n) {
		n = c->requesters - first;
		if (n > SMMUV3_CHUNK)
			n = SMMUV3_CHUNK;
		if (!entries(t, c->root + first * STE_BYTES, (u32)n,
			     (u32)first))
			return;
	}
}

/* Level 1 descriptors may lead to one second level, as those of ours do. */
static void two_level(struct iommu_top *t, const struct iommu_config *c)
{
	const u64 *desc =
		t->table(t, c->root, IOMMU_AT_ROOT, (u32)c->root_len, 0);
	u32 i, n, stream;
	u64 at;

	for (i = 0; desc && i < c->root_len / 8; i++) {
		stream = i << smmuv3_split(c);
		if (!smmuv3_level1(c, desc[i], stream, &at, &n) &&
		    !t->seen(t, at))
			entries(t, at, n, stream);
	}
}

void smmuv3_top(const struct iommu_regs *regs, struct iommu_top *t)
{
	struct iommu_config c;

	if (smmuv3_describe(regs, &c) || !c.on || c.off_blocks || !c.root ||
	    !smmuv3_form_known(&c))
		return;
	if (smmuv3_own(&c)->two_level)
		two_level(t, &c);
	else
		linear(t, &c);
}
