// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page-table walks, shared by all paging forms: the translation of one input
 * address, and the iterator over all mappings of a table.
 */
#include "iommu.h"
#include "env.h"

/* Bits of input address below an entry at @level. */
static u32 level_shift(const struct iommu_pt_format *f, u32 level)
{
	return f->page_shift + (level - 1) * f->entry_bits;
}

/* Is @iova one that a table of this depth can translate at all? */
static bool in_width(const struct iommu_table *t, u64 iova)
{
	u32 bits = level_shift(t->format, t->levels + 1);
	u64 upper;

	if (bits >= 64)
		return true;
	if (!t->format->canonical)
		return !(iova >> bits);
	upper = iova >> (bits - 1);
	return !upper || upper == ~0ULL >> (bits - 1);
}

static void evidence(struct iommu_evidence *ev, u32 err, u32 level, u64 where,
		     u64 iova, const u64 *raw)
{
	u32 requester = ev->requester;

	memset(ev, 0, sizeof(*ev));
	ev->err = err;
	ev->level = level;
	ev->where = where;
	ev->iova = iova;
	ev->requester = requester;
	if (raw) {
		ev->raw[0] = *raw;
		ev->raw_words = 1;
	}
}

/* --- one address --- */

struct walk {
	const struct iommu_config *config;
	struct mem *mem;
	const struct iommu_domain *domain;
	struct iommu_xlat *xlat;
	struct iommu_evidence *ev;
};

struct place {
	u64 pa;
	u64 size;
	u32 perm;
};

static void log_step(struct walk *w, u32 level, u32 stage, u64 where, u64 raw)
{
	struct iommu_xlat *x = w->xlat;

	if (x->steps >= ARRAY_SIZE(x->step))
		return;
	x->step[x->steps].level = level;
	x->step[x->steps].stage = stage;
	x->step[x->steps].where = where;
	x->step[x->steps].raw = raw;
	x->steps++;
}

/*
 * Follows one stage from its root to a leaf. @host is the second stage that
 * the first stage's own tables lie behind, or NULL where they are physical;
 * a walk through @host has no host itself, so calls nest once at most.
 */
static int walk_stage(struct walk *w, u32 stage, const struct iommu_table *host,
		      u64 iova, u32 access, bool log, struct place *out)
{
	const struct iommu_table *t = &w->domain->stage[stage];
	struct iommu_pte pte = { .addr = t->root };
	struct place table = { 0 };
	u32 level, shift = 0;
	u64 raw, where;
	int err;

	out->perm = IOMMU_R | IOMMU_W | IOMMU_X;
	if (!t->levels || t->levels > IOMMU_LEVELS_MAX || !in_width(t, iova)) {
		err = t->levels && t->levels <= IOMMU_LEVELS_MAX ? IOMMU_EWIDTH
								 : IOMMU_EFORM;
		evidence(w->ev, err, t->levels, 0, iova, NULL);
		return err;
	}
	for (level = t->levels; level; level--) {
		shift = level_shift(t->format, level);
		where = pte.addr +
			((iova >> shift) & (BIT64(t->format->entry_bits) - 1)) *
				8;
		if (host) {
			err = walk_stage(w, 1, NULL, where, IOMMU_R, false,
					 &table);
			if (err)
				return err;
			where = table.pa;
		}
		err = mem_read(w->mem, where, &raw, sizeof(raw));
		if (err) {
			evidence(w->ev, err, level, where, iova, NULL);
			return err;
		}
		if (log)
			log_step(w, level, stage, where, raw);
		t->format->decode(w->config, level, raw, &pte);
		out->perm &= pte.perm;
		err = !pte.present		  ? IOMMU_ENOTPRESENT
		      : pte.err			  ? (int)pte.err
		      : (access & ~out->perm)	  ? IOMMU_EACCESS
		      : (!pte.leaf && level == 1) ? IOMMU_EFORM
						  : IOMMU_OK;
		if (err) {
			evidence(w->ev, err, level, where, iova, &raw);
			return err;
		}
		if (pte.leaf)
			break;
	}
	out->size = BIT64(shift);
	out->pa = pte.addr | (iova & (out->size - 1));
	return IOMMU_OK;
}

static int walk_nested(struct walk *w, u64 iova, u32 access, struct place *out)
{
	struct place first;
	int err;

	err = walk_stage(w, 0, &w->domain->stage[1], iova, access, true,
			 &first);
	if (err)
		return err;
	err = walk_stage(w, 1, NULL, first.pa, access, true, out);
	if (err)
		return err;
	out->perm &= first.perm;
	if (first.size < out->size)
		out->size = first.size;
	return IOMMU_OK;
}

int iommu_translate(const struct iommu_config *c, struct mem *m,
		    const struct iommu_domain *d, u64 iova, u32 access,
		    struct iommu_xlat *x, struct iommu_evidence *ev)
{
	struct walk w = { c, m, d, x, ev };
	struct place out = { iova, PAGE_4K, IOMMU_R | IOMMU_W };
	u32 stage = d->stage[0].format ? 0 : 1;
	int err = IOMMU_OK;

	memset(x, 0, sizeof(*x));
	memset(ev, 0, sizeof(*ev));
	if (d->kind == IOMMU_KIND_BLOCKED) {
		evidence(ev, IOMMU_EACCESS, 0, d->entry_addr, iova,
			 d->entry_words ? &d->entry[0] : NULL);
		return IOMMU_EACCESS;
	}
	if (d->kind == IOMMU_KIND_NESTED && d->stage[0].format &&
	    d->stage[1].format) {
		err = walk_nested(&w, iova, access, &out);
	} else if (d->kind == IOMMU_KIND_TABLE && d->stage[stage].format) {
		err = walk_stage(&w, stage, NULL, iova, access, true, &out);
	} else if (d->kind != IOMMU_KIND_PASS) {
		err = IOMMU_EFORM;
		evidence(ev, err, 0, d->entry_addr, iova, NULL);
	}
	if (err)
		return err;
	x->pa = out.pa;
	x->page_size = out.size;
	x->perm = out.perm;
	return IOMMU_OK;
}

/* --- all addresses of one table --- */

void iommu_iter_start(struct iommu_iter *it, struct mem *m,
		      const struct iommu_config *c,
		      const struct iommu_table *table, u64 budget)
{
	it->mem = m;
	it->config = c;
	it->table = *table;
	it->budget = budget;
	it->tables = 0;
	it->level = 0;
	it->started = false;
	it->done = false;
	memset(&it->pending, 0, sizeof(it->pending));
	it->descend = NULL;
	it->arg = NULL;
}

/* Reads a table page as the one at @level. */
static int enter(struct iommu_iter *it, u64 addr, u32 level, u64 iova, u32 perm)
{
	int err;

	if (it->tables >= it->budget)
		return IOMMU_EBUDGET;
	it->tables++;
	err = mem_read(it->mem, addr, it->at[level - 1].entry, PAGE_4K);
	if (err)
		return err;
	it->at[level - 1].addr = addr;
	it->at[level - 1].iova = iova;
	it->at[level - 1].perm = perm;
	it->at[level - 1].index = 0;
	it->level = level;
	return IOMMU_OK;
}

static int enter_root(struct iommu_iter *it, struct iommu_evidence *ev)
{
	const struct iommu_table *t = &it->table;
	int err = IOMMU_EFORM;

	it->started = true;
	if (t->format && t->levels && t->levels <= IOMMU_LEVELS_MAX)
		err = enter(it, t->root, t->levels, 0,
			    IOMMU_R | IOMMU_W | IOMMU_X);
	if (err) {
		it->done = true;
		evidence(ev, err, t->levels, t->root, 0, NULL);
	}
	return err;
}

/* Is @addr one of the tables on the way to the current one? */
static bool is_ancestor(const struct iommu_iter *it, u64 addr)
{
	u32 level;

	for (level = it->level; level <= it->table.levels; level++)
		if (it->at[level - 1].addr == addr)
			return true;
	return false;
}

/* A leaf joins the pending run, or starts a new one and hands that out. */
static bool add_leaf(struct iommu_iter *it, const struct iommu_run *leaf,
		     struct iommu_run *out)
{
	struct iommu_run *p = &it->pending;
	bool had = p->len;

	if (had && p->iova + p->len == leaf->iova &&
	    p->pa + p->len == leaf->pa && p->perm == leaf->perm) {
		p->len += leaf->len;
		return false;
	}
	*out = *p;
	*p = *leaf;
	return had;
}

static u64 entry_iova(const struct iommu_iter *it, u32 level, u32 index)
{
	const struct iommu_pt_format *f = it->table.format;
	u64 iova =
		it->at[level - 1].iova + ((u64)index << level_shift(f, level));
	u32 bits = level_shift(f, it->table.levels + 1);

	if (f->canonical && level == it->table.levels && bits < 64 &&
	    iova >> (bits - 1))
		iova |= ~0ULL << bits;
	return iova;
}

/* One entry of the current table. *@found: a run is in @run. */
static int one_entry(struct iommu_iter *it, struct iommu_run *run, bool *found,
		     struct iommu_evidence *ev)
{
	const struct iommu_pt_format *f = it->table.format;
	u32 level = it->level, index = it->at[level - 1].index;
	u64 raw = it->at[level - 1].entry[index];
	u64 where = it->at[level - 1].addr + index * 8;
	u64 iova = entry_iova(it, level, index);
	struct iommu_run leaf = { .iova = iova };
	struct iommu_pte pte;
	int err;

	it->at[level - 1].index++;
	f->decode(it->config, level, raw, &pte);
	if (!pte.present)
		return IOMMU_OK;
	err = pte.err;
	if (!err && !pte.leaf) {
		if (level == 1)
			err = IOMMU_EFORM;
		else if (is_ancestor(it, pte.addr))
			err = IOMMU_ELOOP;
		else if (it->descend &&
			 !it->descend(it->arg, pte.addr, level - 1))
			return IOMMU_OK;
		else
			err = enter(it, pte.addr, level - 1, iova,
				    it->at[level - 1].perm & pte.perm);
	} else if (!err) {
		leaf.pa = pte.addr;
		leaf.len = BIT64(level_shift(f, level));
		leaf.perm = it->at[level - 1].perm & pte.perm;
		if (leaf.perm & (IOMMU_R | IOMMU_W))
			*found = add_leaf(it, &leaf, run);
	}
	if (err) {
		evidence(ev, err, level, where, iova, &raw);
		/* Asked again, the same entry is tried, and refused, again. */
		if (err == IOMMU_EBUDGET)
			it->at[level - 1].index--;
	}
	return err;
}

int iommu_iter_next(struct iommu_iter *it, struct iommu_run *run,
		    struct iommu_evidence *ev)
{
	u32 top = it->table.levels;
	bool found = false;
	int err;

	memset(ev, 0, sizeof(*ev));
	if (!it->started && !it->done) {
		err = enter_root(it, ev);
		if (err)
			return err;
	}
	while (!it->done) {
		if (it->at[it->level - 1].index >>
		    it->table.format->entry_bits) {
			if (it->level == top)
				it->done = true;
			else
				it->level++;
			continue;
		}
		err = one_entry(it, run, &found, ev);
		if (err)
			return err;
		if (found)
			return IOMMU_OK;
	}
	if (!it->pending.len)
		return IOMMU_ENOTPRESENT;
	*run = it->pending;
	it->pending.len = 0;
	return IOMMU_OK;
}
