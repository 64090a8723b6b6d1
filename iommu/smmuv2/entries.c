// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arm SMMUv2: what becomes of each S2CR, the streams of which share its fate.
 * These and the context banks are registers, read once by the snapshot; page
 * tables lie in the dead kernel's memory and are checked before one stays.
 */
#include "iommu.h"
#include "smmuv2.h"
#include "tables.h"

/* --- entries in use --- */

static bool entry_of(const struct smmuv2_work *w, u32 n, u32 *smr)
{
	u64 val = 0, s2cr;

	if (!iommu_reg_get(&w->regs, SMMUV2_S2CR(n), &s2cr))
		return false;
	iommu_reg_get(&w->regs, SMMUV2_SMR(n), &val);
	*smr = (u32)val;
	return true;
}

/* One of the streams of the @n-th entry. */
static u32 stream_of(const struct smmuv2_work *w, u32 n, u32 smr)
{
	if (!w->l.matching)
		return n;
	return field(w->l.extended ? SMR_EXID : SMR_ID, smr);
}

static bool matches(const struct smmuv2_work *w, u32 n, u32 smr, u32 stream)
{
	u64 id = w->l.extended ? SMR_EXID : SMR_ID;
	u64 mask = field(w->l.extended ? SMR_EXMASK : SMR_MASK, smr);

	if (!w->l.matching)
		return stream == n;
	return !(stream >> 16) &&
	       !((stream ^ field(id, smr)) & ~mask & field(id, ~0ULL));
}

/* Of the modes that are asked for streams of one entry the strictest holds. */
static u32 mode_of(const struct smmuv2_work *w, u32 n, u32 smr, bool *chosen)
{
	static const u8 strict[] = { [IOMMU_MODE_COPY] = 1,
				     [IOMMU_MODE_SINK] = 2,
				     [IOMMU_MODE_ABORT] = 3 };
	const struct iommu_quiesce *q = w->s.q;
	u32 mode = IOMMU_MODE_COPY, i;
	const struct iommu_override *o;

	*chosen = false;
	for (i = 0; i < q->overrides_n; i++) {
		o = &q->overrides[i];
		if (o->unit != q->unit || !matches(w, n, smr, o->requester) ||
		    !iommu_mode_switches(o->mode))
			continue;
		*chosen = true;
		if (strict[o->mode] > strict[mode])
			mode = o->mode;
	}
	return *chosen ? mode : q->mode;
}

/* --- copy --- */

static int check_table(struct smmuv2_work *w, const struct iommu_table *t,
		       struct iommu_evidence *ev)
{
	struct iommu_evidence table_ev = { 0 };
	int err = t->format ? old_table_check(&w->s, t, &table_ev) : IOMMU_OK;

	if (err) {
		table_ev.requester = ev->requester;
		*ev = table_ev;
	}
	return err;
}

static enum fate copy_entry(struct smmuv2_work *w, u32 n, u32 stream,
			    struct iommu_evidence *ev)
{
	struct iommu_domain d;

	if (smmuv2_read_entry(&w->c, n, stream, &d, ev))
		return FATE_ABORT;
	*ev = (struct iommu_evidence){ .requester = stream,
				       .level = IOMMU_AT_CONTEXT,
				       .where = SMMUV2_S2CR(n),
				       .raw_words = 1,
				       .raw = { d.entry[0] } };
	iommu_reg_get(&w->regs, SMMUV2_S2CR(n), &ev->raw[0]);
	if (d.kind == IOMMU_KIND_PASS)
		return FATE_GUARD;
	if (d.kind == IOMMU_KIND_NESTED)
		ev->err = IOMMU_ESTALE;
	if (!ev->err)
		ev->err = check_table(w, &d.stage[0], ev);
	if (!ev->err)
		ev->err = check_table(w, &d.stage[1], ev);
	if (!ev->err)
		ev->err = check_table(w, &d.upper, ev);
	return ev->err ? FATE_ABORT : FATE_KEEP;
}

/* The context bank of a kept entry is no place for ours. */
static void keep_bank(struct smmuv2_work *w, u32 n)
{
	u64 s2cr = 0;

	iommu_reg_get(&w->regs, SMMUV2_S2CR(n), &s2cr);
	w->bank_kept[field(S2CR_CBNDX, s2cr) % SMMUV2_CONTEXTS] = 1;
}

static bool kept(struct smmuv2_work *w, u32 n, u32 stream, enum target *to)
{
	struct iommu_evidence ev;
	enum fate fate = copy_entry(w, n, stream, &ev);
	int guard_err = IOMMU_OK;
	u64 root;

	if (fate == FATE_GUARD)
		guard_err = own_table(&w->s, TARGET_GUARD, &root);
	if (!quiesce_kept(&w->s, fate, guard_err, &ev, to))
		return false;
	keep_bank(w, n);
	return true;
}

/* Does an entry refuse by itself? Then there is nothing to tell of. */
static bool refuses(const struct smmuv2_work *w, u32 n)
{
	u64 s2cr = 0;

	iommu_reg_get(&w->regs, SMMUV2_S2CR(n), &s2cr);
	return field(S2CR_TYPE, s2cr) >= S2CR_FAULT;
}

static void decide(struct smmuv2_work *w, u32 n, u32 smr)
{
	u32 stream = stream_of(w, n, smr);
	struct iommu_evidence ev = { .requester = stream,
				     .level = IOMMU_AT_CONTEXT,
				     .where = SMMUV2_S2CR(n) };
	enum target to = TARGET_EMPTY;
	bool chosen;
	u32 mode = mode_of(w, n, smr, &chosen);
	u64 root;

	w->used[n] = true;
	if (mode == IOMMU_MODE_SINK)
		to = TARGET_SINK;
	else if (mode == IOMMU_MODE_COPY && !w->c.on)
		to = TARGET_GUARD;
	else if (mode == IOMMU_MODE_COPY && !refuses(w, n))
		w->kept[n] = kept(w, n, stream, &to);
	if (w->kept[n])
		return;
	if (to != TARGET_EMPTY)
		ev.err = own_table(&w->s, to, &root);
	if (ev.err) {
		quiesce_report(&w->s, &ev, IOMMU_MODE_ABORT);
		to = TARGET_EMPTY;
	}
	w->to[n] = to;
	if (to != TARGET_EMPTY) {
		w->target[to].wanted = true;
		w->target[to].root = root;
	}
	if (mode != IOMMU_MODE_COPY || chosen || !w->c.on || !refuses(w, n))
		quiesce_count(&w->s, to, 1);
}

/*
 * Does one pass untranslated that is to stay? Then the map that it will go
 * through is built before any table is checked, which is taken out of it.
 */
static bool any_passes(struct smmuv2_work *w)
{
	struct iommu_evidence ev;
	struct iommu_domain d;
	bool chosen;
	u32 n, smr;

	for (n = 0; n < w->l.streams_n; n++)
		if (entry_of(w, n, &smr) &&
		    mode_of(w, n, smr, &chosen) == IOMMU_MODE_COPY &&
		    !smmuv2_read_entry(&w->c, n, stream_of(w, n, smr), &d,
				       &ev) &&
		    d.kind == IOMMU_KIND_PASS)
			return true;
	return false;
}

void smmuv2_decide(struct smmuv2_work *w)
{
	u64 root;
	u32 n, smr;

	old_start(&w->s);
	if (w->c.on && any_passes(w))
		own_table(&w->s, TARGET_GUARD, &root);
	for (n = 0; n < w->l.streams_n; n++)
		if (entry_of(w, n, &smr))
			decide(w, n, smr);
}
