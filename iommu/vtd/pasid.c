// SPDX-License-Identifier: GPL-2.0-only
/*
 * Intel VT-d, scalable mode: PASID structures of our own. Each holds one entry,
 * that of PASID 0, and faults of all others are off.
 */
#include "iommu.h"
#include "vtd.h"
#include "tables.h"

u64 vtd_pasid_dir(struct vtd_work *w, const u64 *words)
{
	u64 dir = vtd_alloc(w), table = dir ? vtd_alloc(w) : 0, entry;

	if (!table)
		return 0;
	quiesce_write(&w->s, table, words, VTD_PASID_BYTES);
	entry = table | PASIDDIR_FPD | PASIDDIR_P;
	quiesce_write(&w->s, dir, &entry, sizeof(entry));
	return dir;
}

/* PDTS 0, RID_PASID 0; no ATS, PASID or page requests. */
void vtd_scalable_context(u64 *context, u64 dir)
{
	context[0] = dir | SCTX_FPD | SCTX_P;
	context[1] = 0;
	context[2] = 0;
	context[3] = 0;
}
