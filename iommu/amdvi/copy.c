// SPDX-License-Identifier: GPL-2.0-only
/*
 * AMD-Vi, copy mode: which entries of the dead kernel's device table may stay.
 * Each is read once: what is checked is what is kept. One bad entry costs one
 * requester its translation, not its neighbours theirs.
 */
#include "iommu.h"
#include "../env.h"
#include "amdvi.h"
#include "tables.h"

/* Of a kept entry. PASIDs, page requests and ATS belong to processes. */
#define KEEP_0 (DTE_V | DTE_TV | DTE_MODE | DTE_ROOT | DTE_IR | DTE_IW)
#define KEEP_1 \
	(DTE_DID | DTE_IO_CTL | DTE_CACHE | DTE_SD | DTE_EX | DTE_SYS_MGT)

/* One page of entries, which is in w->words. */
static bool survey_page(struct amdvi_work *w, const struct amdvi_part *p,
			u32 first)
{
	struct iommu_evidence ev;
	struct iommu_domain d;
	bool pass = false;
	u64 *dte;
	u32 i;

	for (i = 0; i < AMDVI_PAGE_ENTRIES && first + i < p->n; i++) {
		dte = &w->words[i * AMDVI_DTE_WORDS];
		w->did[field(DTE_DID, dte[1]) / 64] |=
			BIT64(field(DTE_DID, dte[1]) % 64);
		if (!w->copying || amdvi_blank(dte))
			continue;
		amdvi_read_entry(&w->c, &w->s.old.m, p->first + first + i, 0,
				 dte, &d, &ev);
		pass |= d.kind == IOMMU_KIND_PASS;
	}
	return pass;
}

bool amdvi_copy_survey(struct amdvi_work *w)
{
	const struct amdvi_part *p;
	bool pass = false;
	u32 first;

	for (p = w->part; p < w->part + w->part_n; p++) {
		if (!p->read)
			continue;
		for (first = 0; first < p->n; first += AMDVI_PAGE_ENTRIES)
			if (!mem_read(w->s.q->mem,
				      p->old + first * AMDVI_DTE_BYTES,
				      w->words, sizeof(w->words)))
				pass |= survey_page(w, p, first);
	}
	return pass;
}

/* --- one entry --- */

static bool is_own_did(const struct amdvi_work *w, u32 did)
{
	u32 i;

	for (i = 0; i < AMDVI_TARGETS; i++)
		if (w->target[i].did == did)
			return true;
	return false;
}

/* Bits that are reserved on a unit without the feature (2.2.2.1). */
static u64 reserved(const struct iommu_config *c)
{
	u64 bits = 0;

	if (!(c->cap & EFR_GT))
		bits |= DTE_GV | DTE_GLX | DTE_GCR3_LOW | DTE_GPRP;
	if (!(c->cap & EFR_GIO))
		bits |= DTE_GIOV;
	if (!(c->cap & EFR_PPR))
		bits |= DTE_PPR;
	if (!(c->cap & (EFR_HA | EFR_HD)))
		bits |= DTE_HAD;
	return bits;
}

static int check(struct amdvi_work *w, const struct iommu_domain *d,
		 struct iommu_evidence *ev)
{
	u32 requester = ev->requester;
	int err;

	if (d->ats || d->stage[0].format)
		return IOMMU_ESTALE;
	/*
	 * Stock kernels up to 6.12 leave out entries of domain 0, and with
	 * that let their DMA pass (copy_device_table()).
	 */
	if (!d->did)
		return IOMMU_EFORM;
	/* Only when old entries use up all ids we could have. */
	if (is_own_did(w, d->did))
		return IOMMU_ENOSPACE;
	err = old_table_check(&w->s, &d->stage[1], &w->table_ev);
	if (err) {
		*ev = w->table_ev;
		ev->requester = requester;
	}
	return err;
}

enum fate amdvi_copy_entry(struct amdvi_work *w, u32 requester, u64 where,
			   u64 *dte, struct iommu_evidence *ev)
{
	struct iommu_domain d;
	int err;

	err = amdvi_read_entry(&w->c, &w->s.old.m, requester, where, dte, &d,
			       ev);
	if (err || d.kind == IOMMU_KIND_BLOCKED)
		return FATE_ABORT;
	ev->requester = requester;
	ev->level = IOMMU_AT_DTE;
	ev->where = where;
	ev->raw_words = AMDVI_DTE_WORDS;
	memcpy(ev->raw, dte, AMDVI_DTE_BYTES);
	if (dte[0] & DTE_V && dte[0] & reserved(&w->c)) {
		ev->err = IOMMU_ERESERVED;
		return FATE_ABORT;
	}
	if (d.kind == IOMMU_KIND_PASS && !d.ats)
		return FATE_GUARD;
	ev->err = check(w, &d, ev);
	if (ev->err)
		return FATE_ABORT;
	if (d.pasid) {
		ev->err = IOMMU_ESTALE;
		quiesce_report(&w->s, ev, IOMMU_MODE_COPY);
	}
	dte[0] &= KEEP_0;
	dte[1] = (dte[1] & KEEP_1) | DTE_SA | (w->exempt ? DTE_EX : 0);
	return FATE_KEEP;
}
