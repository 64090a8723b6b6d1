// SPDX-License-Identifier: GPL-2.0-only
/* Arm SMMUv3: context descriptors of ours, side by side in pages of the arena. */
#include "iommu.h"
#include "smmuv3.h"
#include "tables.h"

u64 smmuv3_cd(struct smmuv3_work *w, const u64 *words)
{
	u64 at;

	if (!w->cd_left) {
		w->cd_page = quiesce_alloc(&w->s, PAGE_4K, PAGE_4K);
		w->cd_left = w->cd_page ? PAGE_4K / CD_BYTES : 0;
	}
	if (!w->cd_left)
		return 0;
	at = w->cd_page + PAGE_4K - w->cd_left-- * CD_BYTES;
	quiesce_write(&w->s, at, words, CD_BYTES);
	return at;
}
