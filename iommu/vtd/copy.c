// SPDX-License-Identifier: GPL-2.0-only
/*
 * Intel VT-d, copy mode: which entries of the dead kernel's tables may stay.
 * Each is read once: what is checked is what is kept. One bad entry costs one
 * requester its translation, not its neighbours theirs.
 */
#include "iommu.h"
#include "../env.h"
#include "vtd.h"
#include "tables.h"

/* A bus's entries of the root table as it was read. */
static const u64 *root_of(const struct vtd_work *w, u32 bus)
{
	return &w->root[bus * (VTD_ROOT_BYTES / 8)];
}

bool vtd_copy_init(struct vtd_work *w)
{
	struct iommu_evidence ev = { .level = IOMMU_AT_REGISTER,
				     .where = VTD_RTADDR,
				     .raw_words = 1,
				     .raw = { w->c.root } };

	old_start(&w->s);
	memset(w->root, 0, sizeof(w->root));
	if (!w->c.on)
		return false;
	ev.err = mem_read(&w->s.old.m, w->c.root, w->root, sizeof(w->root));
	if (ev.err)
		memset(w->root, 0, sizeof(w->root));
	/* Only what is copied must be there, and of the form that is built. */
	if (w->s.q->mode != IOMMU_MODE_COPY && !w->s.q->overrides_n)
		return false;
	if (w->c.form > TTM_SCALABLE || w->scalable != vtd_own(&w->c)->scalable)
		ev.err = IOMMU_EFORM;
	if (!ev.err)
		return true;
	w->s.res->bad++;
	quiesce_report(&w->s, &ev, IOMMU_MODE_ABORT);
	return false;
}

static u32 first_requester(const struct vtd_work *w, u32 bus, u32 half)
{
	return bus << 8 | (w->scalable ? half * (VTD_DEVFNS / 2) : 0);
}

static int read_context_table(struct vtd_work *w, u32 bus, u32 half,
			      struct iommu_evidence *ev)
{
	u32 requester = first_requester(w, bus, half);
	int err;

	memset(ev, 0, sizeof(*ev));
	ev->requester = requester;
	ev->level = IOMMU_AT_ROOT;
	if (!old_in_time(&w->s)) {
		ev->err = IOMMU_EBUDGET;
		return ev->err;
	}
	err = vtd_root_entry(&w->c, requester, root_of(w, bus), &w->table, ev);
	if (err)
		return err;
	err = mem_read(&w->s.old.m, w->table, w->words, sizeof(w->words));
	if (err) {
		ev->err = err;
		ev->where = w->c.root + bus * VTD_ROOT_BYTES + half * 8;
		ev->raw[0] = w->table;
		ev->raw_words = 1;
	}
	return err;
}

bool vtd_copy_read(struct vtd_work *w, u32 bus, u32 half)
{
	struct iommu_evidence ev;
	int err = read_context_table(w, bus, half, &ev);

	if (err && err != IOMMU_ENOTPRESENT) {
		w->s.res->bad++;
		quiesce_report(&w->s, &ev, IOMMU_MODE_ABORT);
	}
	return !err;
}

/* One context table, which is in w->words. */
static void survey_table(struct vtd_work *w, u32 bus, u32 half,
			 struct vtd_survey *v)
{
	u32 i, n = w->scalable ? 4 : 2;
	struct iommu_evidence ev;
	struct iommu_domain d;

	for (i = 0; i < 512 / n; i++) {
		if (!(w->words[i * n] & CTX_P) || !old_in_time(&w->s))
			continue;
		vtd_context_entry(&w->c, &w->s.old.m,
				  first_requester(w, bus, half) + i,
				  w->table + i * n * 8ULL, &w->words[i * n], &d,
				  &ev);
		if (d.did >= v->first && d.did - v->first < 64)
			v->used |= BIT64(d.did - v->first);
		v->pass |= d.kind == IOMMU_KIND_PASS;
	}
}

void vtd_copy_survey(struct vtd_work *w, struct vtd_survey *v)
{
	u32 bus, half, halves = w->scalable ? 2 : 1;
	struct iommu_evidence ev;

	for (bus = 0; bus < VTD_BUSES; bus++)
		for (half = 0; half < halves; half++)
			if (!read_context_table(w, bus, half, &ev))
				survey_table(w, bus, half, v);
}

/* --- one entry --- */

static bool is_own_did(const struct vtd_work *w, u32 did)
{
	u32 i;

	for (i = 0; i < VTD_TARGETS; i++)
		if (w->target[i].did == did)
			return true;
	return false;
}

/* A PASID directory for the kept entry; equal ones share one. 0: no room. */
static u64 kept_dir(struct vtd_work *w, const struct iommu_domain *d)
{
	u64 words[VTD_PASID_WORDS];
	struct vtd_kept *k;
	u32 i;

	memcpy(words, d->entry, sizeof(words));
	words[0] |= PASID_FPD;
	for (i = 0; i < w->kept_n && i < VTD_KEPT_MAX; i++)
		if (!memcmp(w->kept[i].words, words, sizeof(words)))
			return w->kept[i].dir;
	k = &w->kept[w->kept_n % VTD_KEPT_MAX];
	k->dir = vtd_pasid_dir(w, words);
	if (!k->dir)
		return 0;
	memcpy(k->words, words, sizeof(words));
	w->kept_n++;
	return k->dir;
}

static int keep(struct vtd_work *w, u64 *words, const struct iommu_domain *d,
		struct iommu_evidence *ev)
{
	u64 dir;

	if (!w->scalable) {
		words[0] |= CTX_FPD;
		return IOMMU_OK;
	}
	dir = kept_dir(w, d);
	if (!dir)
		return IOMMU_ENOSPACE;
	/* PASIDE is not kept: other PASIDs belong to processes. */
	if (d->pasid) {
		ev->err = IOMMU_ESTALE;
		quiesce_report(&w->s, ev, IOMMU_MODE_COPY);
	}
	vtd_scalable_context(words, dir);
	return IOMMU_OK;
}

enum fate vtd_copy_entry(struct vtd_work *w, u32 requester, u64 where,
			 u64 *words, struct iommu_evidence *ev)
{
	struct iommu_evidence table_ev = { 0 };
	struct iommu_domain d;
	u32 stage, err;

	if (vtd_context_entry(&w->c, &w->s.old.m, requester, where, words, &d,
			      ev) ||
	    d.kind == IOMMU_KIND_BLOCKED)
		return FATE_ABORT;
	ev->requester = requester;
	ev->level = w->scalable ? IOMMU_AT_PASID : IOMMU_AT_CONTEXT;
	ev->where = d.entry_addr;
	ev->raw_words = d.entry_words;
	memcpy(ev->raw, d.entry, sizeof(ev->raw));
	stage = d.stage[0].format ? 0 : 1;
	if (d.ats || d.kind == IOMMU_KIND_NESTED) {
		err = IOMMU_ESTALE;
	} else if (d.kind == IOMMU_KIND_PASS) {
		return FATE_GUARD;
	} else if (is_own_did(w, d.did)) {
		/* Only when old entries use up all ids we could have. */
		err = IOMMU_ENOSPACE;
	} else {
		err = old_table_check(&w->s, &d.stage[stage], &table_ev);
		if (err) {
			table_ev.requester = requester;
			*ev = table_ev;
		}
	}
	if (!err)
		err = keep(w, words, &d, ev);
	ev->err = err;
	return err ? FATE_ABORT : FATE_KEEP;
}
