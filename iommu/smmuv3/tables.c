// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arm SMMUv3: the stream table that quiesce switches to, built in the arena.
 * Every STE of it is valid: what is to be refused is so without an event. With
 * two levels, streams that nothing is known of share one second level.
 */
#include "iommu.h"
#include "../env.h"
#include "../lpae.h"
#include "smmuv3.h"
#include "tables.h"

/* --- targets --- */

/*
 * VMIDs, or ASIDs, of ours, from the top: kernels hand them out from the bottom.
 * Never 0, which STEs without stage 2 have, and none that a kept entry uses.
 */
static bool pick_ids(struct smmuv3_work *w, u32 first, u64 used)
{
	u32 i, id = w->form.ids;

	for (i = 0; i < SMMUV3_TARGETS; i++) {
		do {
			if (--id <= first)
				return false;
		} while (used & BIT64(id - first));
		w->target[i].id = id;
	}
	return true;
}

/*
 * Looks over the old entries before any is kept. A guard map that is needed is
 * built now, so that tables which are checked can be taken out of it.
 */
static void survey(struct smmuv3_work *w)
{
	struct smmuv3_survey v = { .first = w->form.ids - 64 };
	u64 root;

	if (w->copying)
		smmuv3_copy_survey(w, &v);
	/* With all of them taken, old entries that collide are aborted. */
	if (!pick_ids(w, v.first, v.used))
		pick_ids(w, v.first, 0);
	w->guarding = v.pass;
	if (v.pass)
		own_table(&w->s, TARGET_GUARD, &root);
}

/* 5.2: all of it translated by stage 2; faults are not told of. */
static void second_stage(const struct lpae_own *f, u32 id, u64 root, u64 *ste)
{
	ste[0] = STE_V | field_put(STE_CONFIG, CONFIG_S2);
	ste[1] = field_put(STE_SHCFG, SHCFG_INCOMING);
	ste[2] = field_put(STE_S2VMID, id) | field_put(STE_S2T0SZ, f->tsz) |
		 field_put(STE_S2SL0, f->sl0) | field_put(STE_S2TG, f->tg0) |
		 field_put(STE_S2PS, f->page_size) | STE_S2AA64 |
		 field_put(STE_S2IR0, CACHE_WB) |
		 field_put(STE_S2OR0, CACHE_WB) |
		 field_put(STE_S2SH0, SH_INNER);
	ste[3] = root;
}

/* 5.4: a CD with the lower half alone; what misses is refused (A). */
static int first_stage(struct smmuv3_work *w, u32 id, u64 root, u64 *ste)
{
	const struct lpae_own *f = &w->form.lpae;
	u64 cd[CD_WORDS] = { 0 }, at;

	cd[0] = CD_V | CD_AA64 | CD_A | CD_EPD1 | field_put(CD_T0SZ, f->tsz) |
		field_put(CD_TG0, f->tg0) | field_put(CD_IPS, f->page_size) |
		field_put(CD_ASID, id) | field_put(CD_IR0, CACHE_WB) |
		field_put(CD_OR0, CACHE_WB) | field_put(CD_SH0, SH_INNER);
	if (field(IDR0_STALL_MODEL, w->c.cap) == STALL_MODEL_FORCED)
		cd[0] |= CD_S;
	cd[1] = root;
	cd[3] = MAIR_WRITE_BACK;
	at = smmuv3_cd(w, cd);
	if (!at)
		return IOMMU_ENOSPACE;
	ste[0] = STE_V | field_put(STE_CONFIG, CONFIG_S1) | at;
	ste[1] = field_put(STE_SHCFG, SHCFG_INCOMING) |
		 field_put(STE_S1CIR, CACHE_WB) |
		 field_put(STE_S1COR, CACHE_WB) |
		 field_put(STE_S1CSH, SH_INNER) | field_put(STE_STRW, STRW_EL1);
	if (field(IDR0_STALL_MODEL, w->c.cap) == STALL_MODEL_BOTH)
		ste[1] |= STE_S1STALLD;
	return IOMMU_OK;
}

/* The STE of @id, built once. */
static int target(struct smmuv3_work *w, enum target id)
{
	u64 *ste = w->target[id].ste, root;
	int err = IOMMU_OK;

	if (w->target[id].tried)
		return w->target[id].err;
	w->target[id].tried = true;
	ste[0] = STE_V | field_put(STE_CONFIG, CONFIG_ABORT);
	if (id != TARGET_EMPTY)
		err = own_table(&w->s, id, &root);
	if (!err && id != TARGET_EMPTY) {
		if (w->form.lpae.second)
			second_stage(&w->form.lpae, w->target[id].id, root,
				     ste);
		else
			err = first_stage(w, w->target[id].id, root, ste);
	}
	w->target[id].err = err;
	return err;
}

/* --- entries --- */

/* Copy mode: the target of an old entry, or kept as @ste. */
static bool kept_or_target(struct smmuv3_work *w, u32 stream, u64 where,
			   u64 *ste, enum target *id)
{
	struct iommu_evidence ev;
	enum fate fate = smmuv3_copy_entry(w, stream, where, ste, &ev);
	int guard_err = IOMMU_OK;

	/* Where the survey saw none it has changed since. */
	if (fate == FATE_GUARD)
		guard_err = w->guarding ? target(w, TARGET_GUARD)
					: IOMMU_ESTALE;
	return quiesce_kept(&w->s, fate, guard_err, &ev, id);
}

/* Are streams counted that have neither an old entry nor an override? */
static bool all_count(const struct smmuv3_work *w)
{
	return w->s.q->mode != IOMMU_MODE_COPY || !w->c.on || w->c.off_blocks;
}

/* Makes @ste, which holds the old entry or zeros, the new one of @stream. */
static void set_entry(struct smmuv3_work *w, u32 stream, u64 where,
		      const struct iommu_override *o, u64 *ste)
{
	struct iommu_evidence ev = { .level = IOMMU_AT_CONTEXT,
				     .where = where,
				     .requester = stream };
	u32 mode = o ? o->mode : w->s.q->mode;
	enum target id = mode == IOMMU_MODE_SINK ? TARGET_SINK : TARGET_EMPTY;
	bool present = smmuv3_present(ste);

	if (mode == IOMMU_MODE_COPY && present) {
		if (kept_or_target(w, stream, where, ste, &id))
			return;
	} else if (mode == IOMMU_MODE_COPY && all_count(w)) {
		id = !w->c.on ? TARGET_GUARD : TARGET_EMPTY;
	}
	ev.err = target(w, id);
	if (ev.err) {
		id = TARGET_EMPTY;
		quiesce_report(&w->s, &ev, IOMMU_MODE_ABORT);
		target(w, id);
	}
	memcpy(ste, w->target[id].ste, STE_BYTES);
	if (present || o || all_count(w))
		quiesce_count(&w->s, id, 1);
}

/* --- the table --- */

/* What streams are led to that have no second level of their own. */
static void choose_other(struct smmuv3_work *w)
{
	struct iommu_evidence ev = { .level = IOMMU_AT_ROOT };

	w->other = w->s.q->mode == IOMMU_MODE_SINK		 ? TARGET_SINK
		   : w->s.q->mode == IOMMU_MODE_COPY && !w->c.on ? TARGET_GUARD
								 : TARGET_EMPTY;
	ev.err = target(w, w->other);
	if (!ev.err)
		return;
	quiesce_report(&w->s, &ev, IOMMU_MODE_ABORT);
	w->other = TARGET_EMPTY;
	target(w, w->other);
}

/* A second level all of whose streams go there; 0: no room. */
static u64 new_block(struct smmuv3_work *w)
{
	u64 at = quiesce_alloc(&w->s, SMMUV3_BLOCK_BYTES, SMMUV3_BLOCK_BYTES);

	if (at)
		quiesce_fill(&w->s, at, SMMUV3_BLOCK_BYTES,
			     w->target[w->other].ste, STE_WORDS);
	return at;
}

static u32 streams_from(const struct smmuv3_work *w, u32 first, u32 most)
{
	u64 n = BIT64(w->form.bits) - first;

	return n < most ? (u32)n : most;
}

/* The STEs of a chunk, which lie at @at. */
static void build_chunk(struct smmuv3_work *w, u32 first, u64 where, u64 at)
{
	const struct iommu_quiesce *q = w->s.q;
	const struct iommu_override *o = quiesce_override(&w->s, first);
	const struct iommu_override *end = q->overrides + q->overrides_n;
	u32 i, n = streams_from(w, first, SMMUV3_CHUNK);

	for (i = 0; i < n; i++) {
		if (o && o < end && o->requester < first + i)
			o++;
		set_entry(w, first + i, where ? where + i * STE_BYTES : 0,
			  o && o < end && o->unit == q->unit &&
					  o->requester == first + i
				  ? o
				  : NULL,
			  &w->words[i * STE_WORDS]);
	}
	quiesce_write(&w->s, at, w->words, n * STE_BYTES);
}

static bool overridden(const struct smmuv3_work *w, u32 first)
{
	const struct iommu_override *o = quiesce_override(&w->s, first);

	return o && o->requester - first < SMMUV3_CHUNK;
}

/*
 * A chunk of a second level, which is made when there is something to put into
 * it: @block is 0 before.
 */
static void build_part(struct smmuv3_work *w, u32 first, u64 *block)
{
	struct iommu_evidence ev = { .err = IOMMU_ENOSPACE,
				     .level = IOMMU_AT_ROOT,
				     .requester = first };
	u64 where = 0;
	bool old = w->copying && smmuv3_copy_read(w, first, &where, true);
	bool own = old || overridden(w, first);

	if (own && !*block) {
		*block = new_block(w);
		if (!*block)
			quiesce_report(&w->s, &ev, IOMMU_MODE_ABORT);
	}
	if (!own || !*block) {
		if (all_count(w))
			quiesce_count(&w->s, w->other,
				      streams_from(w, first, SMMUV3_CHUNK));
		return;
	}
	if (!old) {
		where = 0;
		memset(w->words, 0, sizeof(w->words));
	}
	build_chunk(w, first, where, *block + first % SMMUV3_BLOCK * STE_BYTES);
}

static int build_two_levels(struct smmuv3_work *w)
{
	u64 n = BIT64(w->form.bits > SMMUV3_SPLIT ? w->form.bits - SMMUV3_SPLIT
						  : 0);
	u64 len = align_up(n * 8, PAGE_4K), block, desc;
	u32 i, first;

	w->table = quiesce_alloc(&w->s, len, len);
	w->shared = w->table ? new_block(w) : 0;
	if (!w->shared)
		return IOMMU_ENOSPACE;
	for (i = 0; i < n; i++) {
		block = 0;
		for (first = i * SMMUV3_BLOCK;
		     first - i * SMMUV3_BLOCK <
		     streams_from(w, i * SMMUV3_BLOCK, SMMUV3_BLOCK);
		     first += SMMUV3_CHUNK)
			build_part(w, first, &block);
		desc = (block ? block : w->shared) | (SMMUV3_SPLIT + 1);
		quiesce_write(&w->s, w->table + i * 8ULL, &desc, sizeof(desc));
	}
	return IOMMU_OK;
}

static int build_linear(struct smmuv3_work *w)
{
	u64 len = align_up((u64)STE_BYTES << w->form.bits, PAGE_4K), where;
	u32 first, n = 1u << w->form.bits;

	w->table = quiesce_alloc(&w->s, len, len);
	if (!w->table)
		return IOMMU_ENOSPACE;
	for (first = 0; first < n; first += SMMUV3_CHUNK) {
		if (!w->copying || !smmuv3_copy_read(w, first, &where, true)) {
			where = 0;
			memset(w->words, 0, sizeof(w->words));
		}
		build_chunk(w, first, where, w->table + (u64)first * STE_BYTES);
	}
	return IOMMU_OK;
}

int smmuv3_build(struct smmuv3_work *w)
{
	int err;

	old_start(&w->s);
	w->copying = smmuv3_copy_init(w);
	survey(w);
	choose_other(w);
	err = w->form.two_level ? build_two_levels(w) : build_linear(w);
	return err ? err : w->s.write_err;
}
