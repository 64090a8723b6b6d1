// SPDX-License-Identifier: GPL-2.0-only
/*
 * AMD-Vi: the device table that quiesce switches to, built in the arena. Each
 * entry is valid and of a domain that is not 0: the stock crash kernel leaves
 * out others, and with that lets their DMA pass (copy_device_table(), Linux 6.1
 * and 6.12). What entries say of interrupts stays as it was.
 */
#include "iommu.h"
#include "../env.h"
#include "amdvi.h"
#include "tables.h"

/* --- targets --- */

/*
 * Ids of ours, from the top: kernels hand them out from the bottom. None that
 * an old entry uses, while there are others.
 */
static void pick_dids(struct amdvi_work *w)
{
	u32 i, id = 0x10000;

	for (i = 0; i < AMDVI_TARGETS; i++) {
		do
			id--;
		while (id > AMDVI_TARGETS && w->did[id / 64] & BIT64(id % 64));
		w->target[i].did = id;
	}
}

/*
 * Makes @dte, which holds the old entry, one of @id. Abort is TV=0: a table
 * that maps nothing would log each request in spite of SA on some units.
 */
static int set_target(struct amdvi_work *w, enum target id, u64 *dte)
{
	bool forced = field(DTE_SYS_MGT, dte[1]) == SYS_MGT_WRITES;
	u64 perm = DTE_IR | DTE_IW;
	u64 root = 0;
	int err = IOMMU_OK;

	if (id == TARGET_EMPTY)
		perm = DTE_IW; /* forced */
	else if (id == TARGET_GUARD && w->copying && dte[0] & DTE_V)
		perm = dte[0] & (DTE_IR | DTE_IW);
	if (id != TARGET_EMPTY || forced)
		err = own_table(&w->s, id, &root);
	if (err)
		return err;
	dte[0] = DTE_V;
	if (root)
		dte[0] |= DTE_TV | root | perm |
			  field_put(DTE_MODE, w->s.form.table.levels);
	dte[1] = DTE_SA | w->target[id].did | (dte[1] & DTE_SYS_MGT);
	return IOMMU_OK;
}

/* --- entries --- */

/* Copy mode: the target of an old entry, or kept as @dte. */
static bool kept_or_target(struct amdvi_work *w, u32 requester, u64 where,
			   u64 *dte, enum target *id)
{
	struct iommu_evidence ev;
	enum fate fate = amdvi_copy_entry(w, requester, where, dte, &ev);
	int guard_err = IOMMU_OK;
	u64 root;

	/* Where the survey saw none it has changed since. */
	if (fate == FATE_GUARD)
		guard_err = w->guarding ? own_table(&w->s, TARGET_GUARD, &root)
					: IOMMU_ESTALE;
	return quiesce_kept(&w->s, fate, guard_err, &ev, id);
}

/*
 * An interrupt table that can't be one of Linux's is not followed: with IV
 * alone, all interrupts of the requester are refused. Stock kernels up to 6.12
 * take over no device table at all in which one entry is another
 * (copy_device_table()). The last quadword of such an entry goes, too: one bit
 * in it that is reserved refuses DMA that is to end in the scratch page.
 */
static void check_irqs(struct amdvi_work *w, u64 *dte)
{
	u32 len = field(DTE_INT_TAB_LEN, dte[2]);
	u32 ctl = field(DTE_INT_CTL, dte[2]);
	u64 bytes = (u64)IRTE_LONG_BYTES << len;

	if (!(dte[2] & DTE_IV) || (!ctl && !len))
		return;
	if (!(w->control & CONTROL_GA_EN))
		bytes = (u64)IRTE_SHORT_BYTES << len;
	if (ctl != INT_CTL_REMAP ||
	    (len != INT_TAB_LEN_LINUX && len != INT_TAB_LEN_MAX) ||
	    !old_is_ram(&w->s, dte[2] & DTE_INT_ROOT, bytes)) {
		dte[2] = DTE_IV;
		dte[3] = 0;
	}
}

void amdvi_set_entry(struct amdvi_work *w, u32 requester, u64 where,
		     const struct iommu_override *o, u64 *dte)
{
	struct iommu_evidence ev = { .level = IOMMU_AT_DTE,
				     .where = where,
				     .requester = requester };
	u32 mode = o ? o->mode : w->s.q->mode;
	enum target id = mode == IOMMU_MODE_SINK ? TARGET_SINK : TARGET_EMPTY;
	bool present = w->copying && !amdvi_blank(dte);

	check_irqs(w, dte);
	if (mode == IOMMU_MODE_COPY && present) {
		if (kept_or_target(w, requester, where, dte, &id))
			return;
	} else if (mode == IOMMU_MODE_COPY && !w->c.on) {
		id = TARGET_GUARD;
	}
	ev.err = set_target(w, id, dte);
	if (ev.err) {
		id = TARGET_EMPTY;
		quiesce_report(&w->s, &ev, IOMMU_MODE_ABORT);
		dte[0] = DTE_V;
		dte[1] = DTE_SA | w->target[id].did;
	}
	if (present || o || w->s.q->mode != IOMMU_MODE_COPY || !w->c.on)
		quiesce_count(&w->s, id, 1);
}

/* --- the table --- */

/* Old entries into w->words; what can't be read lets nothing pass. */
static void read_page(struct amdvi_work *w, struct amdvi_part *p, u32 first)
{
	u32 i;

	if (p->read && !mem_read(w->s.q->mem, p->old + first * AMDVI_DTE_BYTES,
				 w->words, sizeof(w->words)))
		return;
	memset(w->words, 0, sizeof(w->words));
	for (i = 0; i < ARRAY_SIZE(w->words); i += AMDVI_DTE_WORDS) {
		w->words[i] = DTE_V;
		w->words[i + 2] = w->c.on ? DTE_IV : 0;
	}
}

static void build_page(struct amdvi_work *w, struct amdvi_part *p, u32 first)
{
	u64 at = first * AMDVI_DTE_BYTES;
	const struct iommu_override *o =
		quiesce_override(&w->s, p->first + first);
	const struct iommu_override *end =
		w->s.q->overrides + w->s.q->overrides_n;
	u32 i, requester;

	read_page(w, p, first);
	for (i = 0; i < AMDVI_PAGE_ENTRIES; i++) {
		requester = p->first + first + i;
		if (o && o < end && o->requester < requester)
			o++;
		amdvi_set_entry(w, requester,
				p->base + at + i * AMDVI_DTE_BYTES,
				o && o < end && o->unit == w->s.q->unit &&
						o->requester == requester
					? o
					: NULL,
				&w->words[i * AMDVI_DTE_WORDS]);
	}
	quiesce_write(&w->s, p->table + at, w->words, sizeof(w->words));
}

static int build_part(struct amdvi_work *w, struct amdvi_part *p)
{
	u32 first;

	p->table = quiesce_alloc(&w->s, p->len, PAGE_4K);
	if (!p->table)
		return IOMMU_ENOSPACE;
	for (first = 0; first < p->n; first += AMDVI_PAGE_ENTRIES)
		build_page(w, p, first);
	/* Stock kernels take over none above 4 GiB. */
	p->place = p->ram && p->table + p->len > GIB(4);
	return w->s.write_err;
}

static void add_live(struct amdvi_work *w, u64 start, u64 len)
{
	w->s.live = w->live;
	if (len && old_is_ram(&w->s, start, len))
		w->live[w->s.live_n++] = (struct span){ start, len };
}

/* What else the unit, or the crash kernel, goes on with. */
static void find_buffers(struct amdvi_work *w)
{
	u64 ring = 0, store = 0;

	iommu_reg_get(&w->regs, AMDVI_CMD_BUF, &ring);
	iommu_reg_get(&w->regs, AMDVI_EXCL_BASE, &store);
	add_live(w, ring & RING_ADDR, amdvi_ring_bytes(ring));
	if (w->c.cap & EFR_SNP)
		add_live(w, store & EXCL_ADDR, PAGE_4K);
}

/* What a base register says of its part of the table. */
static void believe(struct amdvi_work *w, struct amdvi_part *p, u64 raw)
{
	p->raw = raw;
	p->base = raw & DEV_TBL_ADDR;
	p->len = (field(DEV_TBL_SIZE, raw) + 1) * PAGE_4K;
	p->ram = old_is_ram(&w->s, p->base, p->len);
}

/* A kernel moves no table: where one leads nowhere, the load knows better. */
static void find_parts(struct amdvi_work *w)
{
	const u64 root = w->s.q->root;
	struct amdvi_part *p;

	w->part_n = 1u << w->c.form;
	for (p = w->part; p < w->part + w->part_n; p++) {
		p->reg = amdvi_segment_reg(p - w->part);
		p->first = (p - w->part) * (AMDVI_REQUESTERS / w->part_n);
		iommu_reg_get(&w->regs, p->reg, &p->found);
		believe(w, p, p->found);
		if (!p->ram && p == w->part && root) {
			believe(w, p, root);
			if (!p->ram)
				believe(w, p, p->found);
		}
		p->old = p->base;
		p->n = p->len / AMDVI_DTE_BYTES;
		if (p->n > AMDVI_REQUESTERS / w->part_n)
			p->n = AMDVI_REQUESTERS / w->part_n;
		p->read = w->c.on && p->ram;
		add_live(w, p->base, p->len);
	}
}

/*
 * Built now, so that what is checked can be taken out of it. The table that may
 * be edited in place is out of it as well.
 */
static void build_guard(struct amdvi_work *w)
{
	u64 root;
	u32 i;

	if (own_table(&w->s, TARGET_GUARD, &root))
		return;
	for (i = 0; i < w->s.live_n; i++)
		if (own_guard_punch(&w->s, w->live[i].start, w->live[i].len))
			w->s.own[TARGET_GUARD].err = IOMMU_ENOSPACE;
}

/* A device table that lies nowhere is told of. */
static bool have_old(struct amdvi_work *w)
{
	struct iommu_evidence ev = { .err = IOMMU_EADDRESS,
				     .level = IOMMU_AT_REGISTER,
				     .raw_words = 1 };
	const struct amdvi_part *p;

	if (!w->c.on)
		return false;
	for (p = w->part; p < w->part + w->part_n; p++) {
		if (p->read && p->raw == p->found)
			continue;
		ev.where = p->reg;
		ev.raw[0] = p->found;
		w->s.res->bad += !p->read;
		quiesce_report(&w->s, &ev,
			       p->read ? w->s.q->mode : IOMMU_MODE_ABORT);
	}
	return w->s.q->mode == IOMMU_MODE_COPY || w->s.q->overrides_n;
}

/* --- a table that another unit of the segment has built --- */

static struct iommu_shared_table *built(const struct amdvi_work *w,
					const struct amdvi_part *p)
{
	struct iommu_shared *shared = w->s.q->shared;
	struct iommu_shared_table *t;
	u32 i;

	for (i = 0; shared && i < shared->n && i < IOMMU_SHARED_MAX; i++) {
		t = &shared->table[i];
		if (t->before == p->base && t->len == p->len &&
		    t->first == p->first && t->n == p->n &&
		    t->read == p->read && t->mode == w->s.q->mode)
			return t;
	}
	return NULL;
}

/* The targets of that unit are ours, too. */
static void take_shared(struct amdvi_work *w, struct amdvi_part *p)
{
	const struct iommu_shared_table *t = p->shared;
	u32 i;

	p->old = t->old;
	p->place = t->now == t->before;
	for (i = 0; i < AMDVI_TARGETS; i++) {
		w->target[i].did = t->did[i];
		if (t->own[i])
			w->s.own[i] = (struct own_table){ .tried = true,
							  .root = t->own[i] };
	}
}

void amdvi_share(struct amdvi_work *w, const struct amdvi_part *p)
{
	struct iommu_shared *shared = w->s.q->shared;
	struct iommu_shared_table *t;
	u32 i;

	if (!shared || shared->n >= IOMMU_SHARED_MAX || p->shared)
		return;
	t = &shared->table[shared->n++];
	*t = (struct iommu_shared_table){ .before = p->base,
					  .now = p->place ? p->base : p->table,
					  .old = p->old,
					  .len = p->len,
					  .first = p->first,
					  .n = p->n,
					  .read = p->read,
					  .mode = w->s.q->mode };
	for (i = 0; i < AMDVI_TARGETS; i++) {
		t->own[i] = w->s.own[i].err ? 0 : w->s.own[i].root;
		t->did[i] = w->target[i].did;
	}
}

void amdvi_flush_arena(struct amdvi_work *w, u64 used)
{
	struct iommu_quiesce *q = w->s.q;

	if (q->mem->flush && !(w->control & CONTROL_COHERENT))
		q->mem->flush(q->mem, q->arena->area.start + used,
			      q->arena->used - used);
}

int amdvi_build(struct amdvi_work *w)
{
	struct amdvi_part *p;
	bool shared = false;
	int err;

	old_start(&w->s);
	find_parts(w);
	find_buffers(w);
	w->copying = have_old(w);
	for (p = w->part; p < w->part + w->part_n; p++) {
		p->shared = built(w, p);
		if (p->shared)
			take_shared(w, p);
		shared |= p->shared != NULL;
	}
	/* Of a unit that was off everything passed. */
	w->guarding = amdvi_copy_survey(w) ||
		      (!w->c.on && (w->s.q->mode == IOMMU_MODE_COPY ||
				    w->s.q->overrides_n));
	if (!shared)
		pick_dids(w);
	if (w->guarding)
		build_guard(w);
	for (p = w->part; p < w->part + w->part_n; p++) {
		err = p->shared ? IOMMU_OK : build_part(w, p);
		if (err)
			return err;
	}
	return IOMMU_OK;
}
