// SPDX-License-Identifier: GPL-2.0-only
/*
 * Intel VT-d, copy mode: which entries of the dead kernel's tables may stay.
 * Its memory may be damaged, so nothing of it is trusted: tables are read
 * through a checked mem, in bounded time, and one bad entry costs one
 * requester its translation, not its neighbours theirs.
 */
#include "iommu.h"
#include "../env.h"
#include "vtd.h"
#include "tables.h"

/* Old page tables read per unit at most, should the clock stand still. */
#define CHECK_TABLES_MAX 65536u

static bool in_ram(const struct iommu_quiesce *q, u64 start, u64 len)
{
	u32 lo = 0, hi = q->ram_n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (q->ram[mid].start > start)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo && span_holds(&q->ram[lo - 1], start, len);
}

static bool in_guard(const struct iommu_quiesce *q, u64 start, u64 len)
{
	u32 i;

	for (i = 0; i < q->guard_n; i++)
		if (span_overlaps(&q->guard[i], start, len))
			return true;
	return false;
}

/* No table of the dead kernel lies outside RAM or in the crash reservation. */
static bool may_be_table(const struct iommu_quiesce *q, u64 start, u64 len)
{
	return in_ram(q, start, len) && !in_guard(q, start, len);
}

static int old_read(struct mem *m, u64 phys, void *buf, u32 len)
{
	struct vtd_old_mem *old = (struct vtd_old_mem *)m;

	if (!may_be_table(old->q, phys, len))
		return IOMMU_EADDRESS;
	return mem_read(old->q->mem, phys, buf, len);
}
static_assert(offsetof(struct vtd_old_mem, m) == 0, "mem comes first");

void vtd_old_init(struct vtd_builder *b)
{
	b->old.m.read = old_read;
	b->old.q = b->q;
}

bool vtd_copy_init(struct vtd_builder *b)
{
	struct iommu_evidence ev = { .level = IOMMU_AT_REGISTER,
				     .where = VTD_RTADDR,
				     .raw_words = 1,
				     .raw = { b->c->root } };
	u64 word;

	b->check_start = b->q->mmio->now_us(b->q->mmio);
	b->tables_left = CHECK_TABLES_MAX;
	if (!b->c->on)
		return false;
	if (b->c->form > TTM_SCALABLE || b->scalable != vtd_own(b->c)->scalable)
		ev.err = IOMMU_EFORM;
	else
		ev.err = mem_read(&b->old.m, b->c->root, &word, sizeof(word));
	if (!ev.err)
		return true;
	b->res->bad++;
	vtd_report(b, &ev, IOMMU_MODE_ABORT);
	return false;
}

static bool in_time(const struct vtd_builder *b)
{
	struct mmio *r = b->q->mmio;

	return r->now_us(r) - b->check_start <= b->q->check_budget_us;
}

static u32 first_requester(const struct vtd_builder *b, u32 bus, u32 half)
{
	return bus << 8 | (b->scalable ? half * (VTD_DEVFNS / 2) : 0);
}

static int read_context_table(struct vtd_builder *b, u32 bus, u32 half,
			      u64 *words, struct iommu_evidence *ev)
{
	u32 requester = first_requester(b, bus, half);
	u64 table;
	int err;

	memset(ev, 0, sizeof(*ev));
	ev->requester = requester;
	ev->level = IOMMU_AT_ROOT;
	if (!in_time(b)) {
		ev->err = IOMMU_EBUDGET;
		return ev->err;
	}
	err = vtd_context_table(b->c, &b->old.m, requester, &table, ev);
	if (err)
		return err;
	err = mem_read(&b->old.m, table, words, PAGE_4K);
	if (err) {
		ev->err = err;
		ev->where = b->c->root + bus * VTD_ROOT_BYTES + half * 8;
		ev->raw[0] = table;
		ev->raw_words = 1;
	}
	return err;
}

bool vtd_copy_read(struct vtd_builder *b, u32 bus, u32 half, u64 *words)
{
	struct iommu_evidence ev;
	int err = read_context_table(b, bus, half, words, &ev);

	if (err && err != IOMMU_ENOTPRESENT) {
		b->res->bad++;
		vtd_report(b, &ev, IOMMU_MODE_ABORT);
	}
	return !err;
}

u64 vtd_copy_used_dids(struct vtd_builder *b, u32 first)
{
	u32 bus, half, i, n = b->scalable ? 4 : 2;
	struct iommu_evidence ev;
	struct iommu_domain d;
	u64 words[512], used = 0;

	for (bus = 0; bus < VTD_BUSES; bus++) {
		for (half = 0; half < (b->scalable ? 2u : 1u); half++) {
			if (read_context_table(b, bus, half, words, &ev))
				continue;
			for (i = 0; i < 512 / n; i++) {
				if (!(words[i * n] & CTX_P) || !in_time(b))
					continue;
				vtd_lookup(b->c, &b->old.m,
					   first_requester(b, bus, half) + i,
					   ~0u, &d, &ev);
				if (d.did >= first && d.did - first < 64)
					used |= BIT64(d.did - first);
			}
		}
	}
	return used;
}

/* --- page tables --- */

static void fail(struct iommu_evidence *ev, u32 err, u32 level, u64 where)
{
	memset(ev, 0, sizeof(*ev));
	ev->err = err;
	ev->level = level;
	ev->where = where;
}

/* The entry that the walk is about to follow. */
static void descend_fail(struct vtd_builder *b, u32 err)
{
	const struct iommu_iter *it = b->q->iter;
	u32 index = it->at[it->level - 1].index - 1;

	fail(&b->descend_ev, err, it->level,
	     it->at[it->level - 1].addr + index * 8);
	b->descend_ev.raw[0] = it->at[it->level - 1].entry[index];
	b->descend_ev.raw_words = 1;
}

/*
 * Equal neighbours map the same pages again, which a sink chain does at all
 * levels: 512^4 steps. What was seen below another entry does not count, for
 * its permissions may have hidden pages.
 */
static bool seen_before(struct vtd_builder *b, u32 level)
{
	const struct iommu_iter *it = b->q->iter;
	u64 raw = it->at[it->level - 1].entry[it->at[it->level - 1].index - 1];

	if (b->last_entry[level - 1] == raw)
		return true;
	memset(b->last_entry, 0, level * sizeof(b->last_entry[0]));
	b->last_entry[level - 1] = raw;
	return false;
}

static bool descend(void *arg, u64 table, u32 level)
{
	struct vtd_builder *b = arg;

	if (b->descend_ev.err || seen_before(b, level))
		return false;
	if (!may_be_table(b->q, table, PAGE_4K))
		descend_fail(b, IOMMU_EADDRESS);
	else if (!in_time(b))
		descend_fail(b, IOMMU_EBUDGET);
	return !b->descend_ev.err;
}

/* Walks a whole table: well formed, in RAM, and nowhere on guarded memory? */
static int walk_table(struct vtd_builder *b, const struct iommu_table *t,
		      struct iommu_evidence *ev)
{
	struct iommu_iter *it = b->q->iter;
	struct iommu_run run;
	int err;

	memset(b->last_entry, 0, sizeof(b->last_entry));
	memset(&b->descend_ev, 0, sizeof(b->descend_ev));
	if (!in_time(b)) {
		fail(ev, IOMMU_EBUDGET, t->levels, t->root);
		return IOMMU_EBUDGET;
	}
	iommu_iter_start(it, &b->old.m, b->c, t, b->tables_left);
	it->descend = descend;
	it->arg = b;
	do {
		err = iommu_iter_next(it, &run, ev);
		if (!err && in_guard(b->q, run.pa, run.len)) {
			err = IOMMU_ERESERVATION;
			fail(ev, err, t->levels, t->root);
			ev->iova = run.iova;
			ev->raw[0] = run.pa;
			ev->raw[1] = run.len;
			ev->raw_words = 2;
		}
	} while (!err && !b->descend_ev.err);
	b->tables_left -= it->tables;
	if (b->descend_ev.err) {
		*ev = b->descend_ev;
		err = ev->err;
	}
	return err == IOMMU_ENOTPRESENT ? IOMMU_OK : err;
}

static int check_table(struct vtd_builder *b, const struct iommu_table *t,
		       struct iommu_evidence *ev)
{
	struct vtd_seen *s;
	u32 i;

	for (i = 0; i < b->seen_n && i < VTD_SEEN_MAX; i++) {
		s = &b->seen[i];
		if (s->root == t->root && s->levels == t->levels &&
		    s->format == t->format) {
			fail(ev, s->err, s->level, s->where);
			return s->err;
		}
	}
	s = &b->seen[b->seen_n++ % VTD_SEEN_MAX];
	s->root = t->root;
	s->levels = t->levels;
	s->format = t->format;
	s->err = walk_table(b, t, ev);
	s->level = ev->level;
	s->where = ev->where;
	return s->err;
}

/* --- one entry --- */

static bool is_own_did(const struct vtd_builder *b, u32 did)
{
	u32 i;

	for (i = 0; i < VTD_TARGETS; i++)
		if (b->target[i].did == did)
			return true;
	return false;
}

/* A PASID directory for the kept entry; equal ones share one. 0: no room. */
static u64 kept_dir(struct vtd_builder *b, const struct iommu_domain *d)
{
	u64 words[VTD_PASID_WORDS];
	struct vtd_kept *k;
	u32 i;

	memcpy(words, d->entry, sizeof(words));
	words[0] |= PASID_FPD;
	for (i = 0; i < b->kept_n && i < VTD_KEPT_MAX; i++)
		if (!memcmp(b->kept[i].words, words, sizeof(words)))
			return b->kept[i].dir;
	k = &b->kept[b->kept_n % VTD_KEPT_MAX];
	k->dir = vtd_pasid_dir(b, words);
	if (!k->dir)
		return 0;
	memcpy(k->words, words, sizeof(words));
	b->kept_n++;
	return k->dir;
}

static int keep(struct vtd_builder *b, u64 *words, const struct iommu_domain *d,
		struct iommu_evidence *ev)
{
	u64 dir;

	if (!b->scalable) {
		words[0] |= CTX_FPD;
		return IOMMU_OK;
	}
	dir = kept_dir(b, d);
	if (!dir)
		return IOMMU_ENOSPACE;
	/* PASIDE is not kept: other PASIDs belong to processes. */
	if (d->pasid) {
		ev->err = IOMMU_ESTALE;
		vtd_report(b, ev, IOMMU_MODE_COPY);
	}
	vtd_scalable_context(words, dir);
	return IOMMU_OK;
}

enum vtd_fate vtd_copy_entry(struct vtd_builder *b, u32 requester, u64 *words,
			     struct iommu_evidence *ev)
{
	struct iommu_evidence table_ev;
	struct iommu_domain d;
	u32 stage, err;

	if (vtd_lookup(b->c, &b->old.m, requester, ~0u, &d, ev) ||
	    d.kind == IOMMU_KIND_BLOCKED)
		return VTD_FATE_ABORT;
	ev->requester = requester;
	ev->level = b->scalable ? IOMMU_AT_PASID : IOMMU_AT_CONTEXT;
	ev->where = d.entry_addr;
	ev->raw_words = d.entry_words;
	memcpy(ev->raw, d.entry, sizeof(ev->raw));
	stage = d.stage[0].format ? 0 : 1;
	if (d.ats || d.kind == IOMMU_KIND_NESTED) {
		err = IOMMU_ESTALE;
	} else if (d.kind == IOMMU_KIND_PASS) {
		return VTD_FATE_GUARD;
	} else if (is_own_did(b, d.did)) {
		/* Only when old entries use up all ids we could have. */
		err = IOMMU_ENOSPACE;
	} else {
		err = check_table(b, &d.stage[stage], &table_ev);
		if (err) {
			table_ev.requester = requester;
			*ev = table_ev;
		}
	}
	if (!err)
		err = keep(b, words, &d, ev);
	ev->err = err;
	return err ? VTD_FATE_ABORT : VTD_FATE_KEEP;
}
