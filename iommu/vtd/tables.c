// SPDX-License-Identifier: GPL-2.0-only
/*
 * Intel VT-d: the tables that quiesce switches to, built in the arena. Every
 * context of every bus in use is present and has FPD set: the stock crash
 * kernel copies present entries as they are and forgets FPD on absent ones
 * (copy_context_table(), Linux 4.2 to 7.2).
 */
#include "iommu.h"
#include "../env.h"
#include "vtd.h"
#include "tables.h"

/* --- domain ids --- */

/*
 * Ids of ours, from the top: kernels hand them out from the bottom. Never 0,
 * which caching mode reserves (6.1), and none that a kept entry uses.
 */
static bool pick_dids(struct vtd_work *w, u32 first, u64 used)
{
	u32 i, id = w->c.domains;

	for (i = 0; i < VTD_TARGETS; i++) {
		do {
			if (--id <= first)
				return false;
		} while (used & BIT64(id - first));
		w->target[i].did = id;
	}
	return true;
}

/*
 * Looks over the old entries before any is kept. A guard map that is needed
 * is built now, so that tables which are checked can be taken out of it.
 */
static void survey(struct vtd_work *w)
{
	u32 n = w->c.domains;
	struct vtd_survey v = { .first = n > 64 ? n - 64 : 0 };

	if (w->copying)
		vtd_copy_survey(w, &v);
	/* With all of them taken, old entries that collide are aborted. */
	if (!pick_dids(w, v.first, v.used))
		pick_dids(w, v.first, 0);
	w->guarding = v.pass;
}

/* --- targets --- */

/* Makes @t's context entry lead to the page table at @root. */
static int set_context(struct vtd_work *w, struct vtd_target *t, u64 root)
{
	const struct iommu_table *table = &w->s.form.table;
	u64 words[VTD_PASID_WORDS] = { 0 }, dir;

	if (!w->scalable) {
		t->context[0] = root | CTX_FPD | CTX_P;
		t->context[1] = field_put(CTX_AW, table->levels - 2) |
				field_put(CTX_DID, t->did);
		return IOMMU_OK;
	}
	/*
	 * AW is the second stage's (9.6), but Linux sets it with either, and
	 * QEMU (11.1) takes from it which first-stage addresses are canonical.
	 */
	words[0] = PASID_FPD | PASID_P | field_put(PASID_AW, table->levels - 2);
	words[1] = field_put(PASID_DID, t->did);
	/* PWSNP is reserved where the unit can't snoop (9.6). */
	if (w->c.ecap & ECAP_SMPWC)
		words[1] |= PASID_PWSNP;
	if (table->format == &vtd_first_stage) {
		words[0] |= field_put(PASID_PGTT, PGTT_FIRST);
		words[2] = root | field_put(PASID_FSPM, table->levels - 4);
	} else {
		words[0] |= root | field_put(PASID_PGTT, PGTT_SECOND);
	}
	dir = vtd_pasid_dir(w, words);
	if (!dir)
		return IOMMU_ENOSPACE;
	vtd_scalable_context(t->context, dir);
	return IOMMU_OK;
}

/* Builds what @id's contexts lead to, once. */
static int target(struct vtd_work *w, enum target id)
{
	struct vtd_target *t = &w->target[id];
	u64 root;

	if (t->tried)
		return t->err;
	t->tried = true;
	t->err = own_table(&w->s, id, &root);
	if (!t->err)
		t->err = set_context(w, t, root);
	return t->err;
}

/* The context table all of whose entries are @id's; 0: no room. */
static u64 shared_table(struct vtd_work *w, enum target id)
{
	struct vtd_target *t = &w->target[id];

	if (target(w, id))
		return 0;
	if (t->shared)
		return t->shared;
	t->shared = vtd_alloc(w);
	if (t->shared)
		quiesce_fill(&w->s, t->shared, PAGE_4K, t->context,
			     w->scalable ? 4 : 2);
	return t->shared;
}

/* --- contexts --- */

/* Copy mode: the target of a present old entry, or kept as @words. */
static bool kept_or_target(struct vtd_work *w, u32 requester, u64 where,
			   u64 *words, enum target *id)
{
	struct iommu_evidence ev;
	enum fate fate = vtd_copy_entry(w, requester, where, words, &ev);
	int guard_err = IOMMU_OK;

	/* Where the survey saw none it has changed since. */
	if (fate == FATE_GUARD)
		guard_err = w->guarding ? target(w, TARGET_GUARD)
					: IOMMU_ESTALE;
	return quiesce_kept(&w->s, fate, guard_err, &ev, id);
}

/* Fills one context entry; @words hold the old one if it is @present. */
static void set_entry(struct vtd_work *w, u32 requester, u32 mode, bool present,
		      bool chosen, u64 *words)
{
	struct iommu_evidence ev = { .level = IOMMU_AT_CONTEXT,
				     .requester = requester };
	enum target id = mode == IOMMU_MODE_SINK ? TARGET_SINK : TARGET_EMPTY;
	u64 where = w->table + (u64)(words - w->words) * 8;

	if (mode == IOMMU_MODE_COPY && present) {
		if (kept_or_target(w, requester, where, words, &id))
			return;
	} else if (mode == IOMMU_MODE_COPY && !w->c.on) {
		id = TARGET_GUARD;
	}
	ev.err = target(w, id);
	if (ev.err) {
		id = TARGET_EMPTY;
		quiesce_report(&w->s, &ev, IOMMU_MODE_ABORT);
	}
	memcpy(words, w->target[id].context, w->scalable ? 32 : 16);
	if (present || chosen || w->s.q->mode != IOMMU_MODE_COPY || !w->c.on)
		quiesce_count(&w->s, id, 1);
}

/* A context table for this bus (or half of one) alone. 0: no room. */
static u64 own_contexts(struct vtd_work *w, u32 bus, u32 half, bool overrides)
{
	u32 n = w->scalable ? 4 : 2, entries = 512 / n, i, mode;
	u32 first = bus << 8 | half * entries;
	const struct iommu_override *o;
	bool present, have;
	u64 page;

	have = w->copying && vtd_copy_read(w, bus, half);
	if (!have && !overrides)
		return shared_table(w, TARGET_EMPTY);
	page = vtd_alloc(w);
	if (!page)
		return 0;
	for (i = 0; i < entries; i++) {
		o = overrides ? quiesce_override(&w->s, first + i) : NULL;
		if (o && o->requester != first + i)
			o = NULL;
		mode = o ? o->mode : w->s.q->mode;
		present = have && w->words[i * n] & CTX_P;
		set_entry(w, first + i, mode, present, o, &w->words[i * n]);
	}
	quiesce_write(&w->s, page, w->words, sizeof(w->words));
	return page;
}

/* The context table that all requesters of a bus without own table share. */
static u64 base_table(struct vtd_work *w, enum target *id)
{
	struct iommu_evidence ev = { .level = IOMMU_AT_CONTEXT };
	u32 mode = w->s.q->mode;
	u64 page;

	*id = mode == IOMMU_MODE_SINK		    ? TARGET_SINK
	      : mode == IOMMU_MODE_COPY && !w->c.on ? TARGET_GUARD
						    : TARGET_EMPTY;
	page = shared_table(w, *id);
	if (page || *id == TARGET_EMPTY)
		return page;
	ev.err = w->target[*id].err ? w->target[*id].err : IOMMU_ENOSPACE;
	quiesce_report(&w->s, &ev, IOMMU_MODE_ABORT);
	*id = TARGET_EMPTY;
	return w->target[TARGET_EMPTY].shared;
}

/* The root entry's word for a bus, or half of one. */
static u64 root_word(struct vtd_work *w, u32 bus, u32 half, u64 base,
		     enum target id)
{
	u32 entries = w->scalable ? VTD_DEVFNS / 2 : VTD_DEVFNS;
	u32 first = bus << 8 | half * entries;
	struct iommu_evidence ev = { .err = IOMMU_ENOSPACE,
				     .level = IOMMU_AT_ROOT,
				     .requester = first };
	const struct iommu_override *o = quiesce_override(&w->s, first);
	bool overrides = o && o->requester < first + entries, copy;
	u64 page;

	copy = w->copying && w->s.q->mode == IOMMU_MODE_COPY;
	if (overrides || copy) {
		page = own_contexts(w, bus, half, overrides);
		if (page)
			return page | ROOT_P;
		quiesce_report(&w->s, &ev, IOMMU_MODE_ABORT);
		id = TARGET_EMPTY;
		base = w->target[TARGET_EMPTY].shared;
	}
	if (!copy)
		quiesce_count(&w->s, id, entries);
	return base | ROOT_P;
}

/* May a request come from this bus? The plan, or the dead kernel, knows one. */
static bool bus_in_use(const struct vtd_work *w, u32 bus)
{
	u32 first = bus << 8, last = first | 0xff;
	const struct iommu_override *o = quiesce_override(&w->s, first);
	const u64 *words = &w->root[bus * 2];

	return iommu_planned(w->s.q->ranges, w->s.q->ranges_n, first, last) ||
	       (o && o->requester <= last) || (words[0] | words[1]) & ROOT_P;
}

int vtd_build(struct vtd_work *w, u64 *root)
{
	u32 bus, half, halves = w->scalable ? 2 : 1;
	enum target id;
	u64 base, word;

	survey(w);
	*root = vtd_alloc(w);
	/* What everything falls back on comes first. */
	if (!*root || !shared_table(w, TARGET_EMPTY))
		return IOMMU_ENOSPACE;
	if (w->guarding)
		target(w, TARGET_GUARD);
	base = base_table(w, &id);
	for (bus = 0; bus < VTD_BUSES; bus++) {
		if (!bus_in_use(w, bus))
			continue; /* the root table is zero so far */
		for (half = 0; half < halves; half++) {
			word = root_word(w, bus, half, base, id);
			quiesce_write(&w->s,
				      *root + bus * VTD_ROOT_BYTES + half * 8,
				      &word, sizeof(word));
		}
	}
	*root |= field_put(RTADDR_TTM, w->scalable ? TTM_SCALABLE : TTM_LEGACY);
	return w->s.write_err;
}
