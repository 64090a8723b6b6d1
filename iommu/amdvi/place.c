// SPDX-License-Identifier: GPL-2.0-only
/*
 * AMD-Vi: how a unit comes to what was built. DEV_TBL leads to the new device
 * table where the crash kernel will take that over; otherwise the dead kernel's
 * table is edited where it lies.
 */
#include "iommu.h"
#include "../env.h"
#include "amdvi.h"
#include "tables.h"

static int store(struct amdvi_work *w, u64 where, u64 val)
{
	struct mem *m = w->s.q->mem;
	int err = m->store64 ? m->store64(m, where, val) : IOMMU_EREAD;

	return err ? quiesce_fail(&w->s, err, IOMMU_AT_DTE, where, val, 0)
		   : IOMMU_OK;
}

/*
 * The unit may read the entry at any time, so each step leaves one that lets
 * through no more than the old or the new one. First nothing passes, guest
 * tables are off, and V stays set; then the domain changes; then DMA goes where
 * it is to go. Of an entry that must have IW (erratum 63) only the domain is
 * old for a while.
 */
static int edit(struct amdvi_work *w, u64 where, const u64 *old, const u64 *new)
{
	bool forced = field(DTE_SYS_MGT, old[1]) == SYS_MGT_WRITES;
	u64 first = forced ? new[0] : DTE_V;
	int err = IOMMU_OK;

	if (!memcmp(old, new, AMDVI_DTE_BYTES))
		return IOMMU_OK;
	if (old[0] != first)
		err = store(w, where, first);
	if (!err && old[1] != new[1])
		err = store(w, where + 8, new[1]);
	if (!err && old[2] != new[2])
		err = store(w, where + 16, new[2]);
	if (!err && old[3] != new[3])
		err = store(w, where + 24, new[3]);
	if (!err && first != new[0])
		err = store(w, where, new[0]);
	return err;
}

/* Blank entries that are alike are told of together. */
static void save_blank(struct amdvi_work *w)
{
	if (w->blank.iova)
		quiesce_report(&w->s, &w->blank, IOMMU_MODE_RECORD);
	w->blank.iova = 0;
}

/* What the entry was: its place in the notes is all that is left of it. */
static void save(struct amdvi_work *w, u32 requester, u64 where, const u64 *old)
{
	struct iommu_evidence ev = { .level = IOMMU_AT_DTE,
				     .where = where,
				     .requester = requester,
				     .raw_words = AMDVI_DTE_WORDS };

	if (w->blank.iova && amdvi_blank(old) &&
	    !memcmp(w->blank.raw, old, AMDVI_DTE_BYTES)) {
		w->blank.iova++;
		return;
	}
	save_blank(w);
	memcpy(ev.raw, old, AMDVI_DTE_BYTES);
	if (!amdvi_blank(old)) {
		quiesce_report(&w->s, &ev, IOMMU_MODE_RECORD);
		return;
	}
	w->blank = ev;
	w->blank.iova = 1;
}

/*
 * Old entries into w->old. Of those that can't be read each word counts as
 * another one than the new, so that all of them are stored.
 */
static bool read_old(struct amdvi_work *w, u64 where)
{
	int err = mem_read(&w->s.old.m, where, w->old, sizeof(w->old));
	u32 i;

	for (i = 0; err && i < ARRAY_SIZE(w->old); i++)
		w->old[i] = ~w->words[i] & ~DTE_SYS_MGT;
	if (err)
		quiesce_fail(&w->s, err, IOMMU_AT_DTE, where, 0, 0);
	return !err;
}

/* The entries change places: the arena has the old ones afterwards. */
static int edit_page(struct amdvi_work *w, struct amdvi_part *p, u32 first)
{
	u64 at = first * AMDVI_DTE_BYTES;
	bool known;
	u32 i, k;
	int err;

	err = mem_read(w->s.q->mem, p->table + at, w->words, sizeof(w->words));
	if (err)
		return quiesce_fail(&w->s, err, IOMMU_AT_DTE, p->table + at, 0,
				    0);
	known = read_old(w, p->base + at);
	for (i = 0; i < AMDVI_PAGE_ENTRIES && first + i < p->n && !err; i++) {
		k = i * AMDVI_DTE_WORDS;
		if (w->c.on && known)
			save(w, p->first + first + i,
			     p->base + at + i * AMDVI_DTE_BYTES, &w->old[k]);
		err = edit(w, p->base + at + i * AMDVI_DTE_BYTES, &w->old[k],
			   &w->words[k]);
	}
	quiesce_write(&w->s, p->table + at, w->old, sizeof(w->old));
	return err;
}

static void flush_table(struct amdvi_work *w, const struct amdvi_part *p,
			u64 base)
{
	struct mem *m = w->s.q->mem;

	if (m->flush && !(w->control & CONTROL_COHERENT))
		m->flush(m, base, p->len);
}

static int edit_all(struct amdvi_work *w, struct amdvi_part *p)
{
	u32 first;
	int err = IOMMU_OK;

	w->s.res->outcome = IOMMU_PARTLY;
	p->place = true;
	for (first = 0; first < p->n && !err; first += AMDVI_PAGE_ENTRIES)
		err = edit_page(w, p, first);
	save_blank(w);
	p->old = p->table;
	flush_table(w, p, p->base);
	return err;
}

/* The entry of an override, in a table that another unit built for all. */
static int lay(struct amdvi_work *w, const struct amdvi_part *p,
	       const struct iommu_override *o)
{
	u64 at = (o->requester - p->first) * AMDVI_DTE_BYTES;
	u64 dte[AMDVI_DTE_WORDS] = { DTE_V, 0, w->c.on ? DTE_IV : 0 };
	u64 now[AMDVI_DTE_WORDS], used = w->s.q->arena->used;
	int err = IOMMU_OK;

	if (p->read)
		err = mem_read(w->s.q->mem, p->old + at, dte, sizeof(dte));
	if (!err)
		amdvi_set_entry(w, o->requester, p->base + at, o, dte);
	amdvi_flush_arena(w, used);
	if (!err && p->place) {
		err = mem_read(w->s.q->mem, p->base + at, now, sizeof(now));
		return err ? err : edit(w, p->base + at, now, dte);
	}
	if (!err)
		quiesce_write(&w->s, p->shared->now + at, dte, sizeof(dte));
	return err ? err : w->s.write_err;
}

static int lay_overrides(struct amdvi_work *w, const struct amdvi_part *p)
{
	const struct iommu_override *o = quiesce_override(&w->s, p->first);
	const struct iommu_override *end =
		w->s.q->overrides + w->s.q->overrides_n;
	int err = IOMMU_OK;

	for (; o && o < end && o->unit == w->s.q->unit && !err &&
	       o->requester < p->first + p->n;
	     o++)
		err = lay(w, p, o);
	flush_table(w, p, p->shared->now);
	return err ? quiesce_fail(&w->s, err, IOMMU_AT_DTE, p->base, 0, 0)
		   : IOMMU_OK;
}

int amdvi_install(struct amdvi_work *w, struct amdvi_part *p)
{
	struct mmio *r = w->s.q->mmio;
	u64 val = p->shared ? p->shared->now : p->table, back;
	bool lost = p->raw != p->found;

	if (p->shared) {
		if (p->place && !lost)
			w->s.res->outcome = IOMMU_PARTLY;
		if (lay_overrides(w, p))
			return w->s.res->err;
	}
	if (p->place && !lost)
		return p->shared ? IOMMU_OK : edit_all(w, p);
	val = (p->place ? p->base : val) | (p->raw & DEV_TBL_SIZE);
	r->write64(r, p->reg, val);
	back = r->read64(r, p->reg);
	if (back == val) {
		w->s.res->outcome = IOMMU_PARTLY;
		return p->place && !p->shared ? edit_all(w, p) : IOMMU_OK;
	}
	/* SNP locks it (2.12.2.1); what it says is still what is used. */
	if (back == p->found && p->ram && !p->shared && !lost)
		return edit_all(w, p);
	r->write64(r, p->reg, p->found);
	return quiesce_fail(&w->s, IOMMU_EREADBACK, IOMMU_AT_REGISTER, p->reg,
			    back, val);
}
