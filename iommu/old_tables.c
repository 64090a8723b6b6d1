// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dead kernel's memory, which may be damaged, so nothing of it is trusted:
 * tables are read through a checked mem, in bounded time, and walked whole
 * before a requester may keep one.
 */
#include "quiesce.h"
#include "env.h"

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

static bool on_any(const struct span *span, u32 n, u64 start, u64 len)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (span_overlaps(&span[i], start, len))
			return true;
	return false;
}

/* No table of the dead kernel lies outside RAM or in the crash reservation. */
static bool may_be_table(const struct iommu_quiesce *q, u64 start, u64 len)
{
	return in_ram(q, start, len) &&
	       !on_any(q->guard, q->guard_n, start, len);
}

bool old_is_ram(const struct quiesce *s, u64 start, u64 len)
{
	return may_be_table(s->q, start, len);
}

static int old_read(struct mem *m, u64 phys, void *buf, u32 len)
{
	struct old_mem *old = (struct old_mem *)m;

	if (!may_be_table(old->q, phys, len))
		return IOMMU_EADDRESS;
	return mem_read(old->q->mem, phys, buf, len);
}
static_assert(offsetof(struct old_mem, m) == 0, "mem comes first");

void old_start(struct quiesce *s)
{
	s->old.m.read = old_read;
	s->old.q = s->q;
	s->check_start = s->q->mmio->now_us(s->q->mmio);
	s->tables_left = CHECK_TABLES_MAX;
}

bool old_in_time(const struct quiesce *s)
{
	struct mmio *r = s->q->mmio;

	return r->now_us(r) - s->check_start <= s->q->check_budget_us;
}

static void set_evidence(struct iommu_evidence *ev, u32 err, u32 level,
			 u64 where)
{
	memset(ev, 0, sizeof(*ev));
	ev->err = err;
	ev->level = level;
	ev->where = where;
}

/* The entry that the walk is about to follow. */
static u64 entry_ahead(const struct iommu_iter *it, u64 *where)
{
	u32 index = it->at[it->level - 1].index - 1;

	*where = it->at[it->level - 1].addr + index * 8ULL;
	return it->at[it->level - 1].entry[index - it->at[it->level - 1].piece];
}

static void descend_fail(struct quiesce *s, u32 err)
{
	u64 where, raw = entry_ahead(&s->iter, &where);

	set_evidence(&s->descend_ev, err, s->iter.level, where);
	s->descend_ev.raw[0] = raw;
	s->descend_ev.raw_words = 1;
}

/*
 * Equal neighbours map the same pages again, which a sink chain does at all
 * levels: 512^4 steps. What was seen below another entry does not count, for
 * its permissions may have hidden pages; not even where levels are skipped, so
 * that tables of several levels lead to one.
 */
static bool seen_before(struct quiesce *s)
{
	u64 where, raw = entry_ahead(&s->iter, &where);
	u32 level = s->iter.level;

	if (s->last_entry[level - 1] == raw)
		return true;
	memset(s->last_entry, 0, level * sizeof(s->last_entry[0]));
	s->last_entry[level - 1] = raw;
	return false;
}

static u64 table_bytes(const struct iommu_table *t, u32 level)
{
	u32 bits = t->format->entry_bits;

	if (level == t->levels && t->root_bits)
		bits = t->root_bits;
	return 8ULL << bits;
}

/* Page tables there would change when the unit's own tables do. */
static bool is_live(const struct quiesce *s, u64 start, u64 len)
{
	return on_any(s->live, s->live_n, start, len);
}

/* Is it memory that no kept translation may reach? */
static bool is_reserved(const struct quiesce *s, u64 start, u64 len)
{
	return on_any(s->q->guard, s->q->guard_n, start, len) ||
	       is_live(s, start, len);
}

static bool descend(void *arg, u64 table, u32 level)
{
	struct quiesce *s = arg;
	u64 len;

	if (s->descend_ev.err || seen_before(s))
		return false;
	len = table_bytes(&s->iter.table, level);
	if (!may_be_table(s->q, table, len) || is_live(s, table, len))
		descend_fail(s, IOMMU_EADDRESS);
	else if (!old_in_time(s))
		descend_fail(s, IOMMU_EBUDGET);
	else if (own_guard_punch(s, table, len))
		descend_fail(s, IOMMU_ENOSPACE);
	return !s->descend_ev.err;
}

static int check_run(struct quiesce *s, const struct iommu_table *t,
		     const struct iommu_run *run, struct iommu_evidence *ev)
{
	if (!is_reserved(s, run->pa, run->len))
		return IOMMU_OK;
	set_evidence(ev, IOMMU_ERESERVATION, t->levels, t->root);
	ev->iova = run->iova;
	ev->raw[0] = run->pa;
	ev->raw[1] = run->len;
	ev->raw_words = 2;
	return IOMMU_ERESERVATION;
}

/* Walks on until something is wrong, or to the end. */
static int walk(struct quiesce *s, const struct iommu_table *t,
		struct iommu_evidence *ev)
{
	struct iommu_pages pages;
	struct iommu_run run;
	u32 i;
	int err;

	do {
		err = iommu_iter_next(&s->iter, &run, ev);
		if (!err)
			err = check_run(s, t, &run, ev);
		while (!err && iommu_iter_pages(&s->iter, &pages))
			for (i = 0; !err && i < pages.n; i++) {
				run = pages_run(&pages, i);
				err = check_run(s, t, &run, ev);
			}
	} while (!err && !s->descend_ev.err);
	if (s->descend_ev.err) {
		*ev = s->descend_ev;
		err = ev->err;
	}
	return err == IOMMU_ENOTPRESENT ? IOMMU_OK : err;
}

static int walk_table(struct quiesce *s, const struct iommu_table *t,
		      struct iommu_evidence *ev)
{
	int err = IOMMU_OK;

	memset(s->last_entry, 0, sizeof(s->last_entry));
	memset(&s->descend_ev, 0, sizeof(s->descend_ev));
	if (!old_in_time(s))
		err = IOMMU_EBUDGET;
	else if (is_live(s, t->root, table_bytes(t, t->levels)))
		err = IOMMU_EADDRESS;
	else if (own_guard_punch(s, t->root, table_bytes(t, t->levels)))
		err = IOMMU_ENOSPACE;
	if (err) {
		set_evidence(ev, err, t->levels, t->root);
		return err;
	}
	iommu_iter_start(&s->iter, &s->old.m, s->c, t, s->tables_left);
	s->iter.descend = descend;
	s->iter.arg = s;
	err = walk(s, t, ev);
	s->tables_left -= s->iter.tables;
	return err;
}

int old_table_check(struct quiesce *s, const struct iommu_table *t,
		    struct iommu_evidence *ev)
{
	struct old_verdict *v;
	u32 i;

	for (i = 0; i < s->verdict_n && i < OLD_VERDICTS; i++) {
		v = &s->verdict[i];
		if (iommu_table_same(&v->table, t)) {
			*ev = v->ev;
			return v->ev.err;
		}
	}
	v = &s->verdict[s->verdict_n++ % OLD_VERDICTS];
	v->table = *t;
	set_evidence(ev, IOMMU_OK, 0, 0);
	ev->err = walk_table(s, t, ev);
	v->ev = *ev;
	return ev->err;
}
