// SPDX-License-Identifier: GPL-2.0-only
/*
 * The entries of a unit's tables: one requester's with the trail of its
 * lookup, or those of all requesters and PASIDs.
 */
#include <string.h>
#include "answers.h"

/*
 * Lookups of all units together, PASIDs included, and of one at least: each
 * requester, and a dozen full PASID directories.
 */
#define LOOKUPS_MAX (1u << 25)
#define LOOKUPS_MIN (1u << 18)
/* No PASID directory entry stands for fewer (VT-d: one table of 64). */
#define DIR_PASIDS 64u
#define PASIDS (1u << 20)

struct entry_scan {
	struct dump *d;
	const struct iommu_vendor *vendor;
	struct iommu_config config;
	struct mem *mem;
	u64 unread; /* the table page that could not be read last */
	bool (*each)(void *arg, const struct view_entry *e);
	void *arg;
	u32 lookups, lookups_max;
	bool stop;
};

static bool unused(const struct entry_scan *s, const struct view_entry *e)
{
	u32 i;

	if (e->err || e->domain.kind != IOMMU_KIND_PASS)
		return false;
	for (i = 0; i < e->domain.entry_words; i++)
		if (e->domain.entry[i])
			return false;
	return !view_sender(s->d, e->unit, e->requester);
}

static void add_special(const struct entry_scan *s, struct view_entry *e)
{
	struct view_special *p = &e->special;

	p->n = 0;
	while (s->vendor->special && e->pasid == VIEW_NO_PASID &&
	       p->n < VIEW_SPECIAL_MAX &&
	       s->vendor->special(&s->config, &e->domain, p->n, &p->at[p->n]))
		p->n++;
}

static void look(struct entry_scan *s, struct view_entry *e, u32 pasid)
{
	s->lookups++;
	e->pasid = pasid;
	memset(&e->domain, 0, sizeof(e->domain));
	memset(&e->ev, 0, sizeof(e->ev));
	e->err = s->vendor->lookup(&s->config, s->mem, e->requester, pasid,
				   &e->domain, &e->ev);
	e->unused = unused(s, e);
	add_special(s, e);
}

static bool blocked(const struct view_entry *e)
{
	return e->err || e->domain.kind == IOMMU_KIND_BLOCKED;
}

static bool absent(const struct view_entry *e)
{
	return !e->err && e->domain.kind == IOMMU_KIND_BLOCKED &&
	       e->ev.err == IOMMU_ENOTPRESENT;
}

/* The PASIDs of a requester, but for the entry of requests without one. */
static void scan_pasids(struct entry_scan *s, const struct view_entry *plain)
{
	struct view_entry e = *plain;
	u32 pasid = 0;

	while (pasid < PASIDS && !s->stop && s->lookups < s->lookups_max) {
		look(s, &e, pasid);
		if (blocked(&e) &&
		    (e.ev.level == IOMMU_AT_ROOT ||
		     e.ev.level == IOMMU_AT_CONTEXT ||
		     e.ev.level == IOMMU_AT_DTE || e.ev.err == IOMMU_EWIDTH))
			return;
		if (!absent(&e) &&
		    e.domain.entry_addr != plain->domain.entry_addr)
			s->stop = !s->each(s->arg, &e);
		if (blocked(&e) && e.ev.level == IOMMU_AT_PASID_DIR)
			pasid = (pasid | (DIR_PASIDS - 1)) + 1;
		else
			pasid++;
	}
}

/* Of the tables that have a place for every requester, used or not. */
static bool at_top(u32 level)
{
	return level == IOMMU_AT_ROOT || level == IOMMU_AT_CONTEXT ||
	       level == IOMMU_AT_DTE;
}

/* A table page that can't be read is told once, not for each entry in it. */
static bool worth_telling(struct entry_scan *s, const struct view_entry *e)
{
	u64 page = align_down(e->ev.where, PAGE_4K) | 1;

	if (e->err && at_top(e->ev.level)) {
		if (s->unread == page)
			return false;
		s->unread = page;
	}
	return !absent(e) || !at_top(e->ev.level);
}

static void scan_requesters(struct entry_scan *s, u32 unit)
{
	struct view_entry e = { .unit = unit };
	u64 next, end = s->config.requesters;
	u32 alike;

	if (!end)
		end = BIT64(16);
	for (next = 0; next < end && !s->stop && s->lookups < s->lookups_max;
	     next = (next | (alike - 1)) + 1) {
		e.requester = (u32)next;
		look(s, &e, VIEW_NO_PASID);
		alike = blocked(&e)
				? iommu_shared_by(s->vendor, &s->config, &e.ev)
				: 1;
		/* A register decides: for all, or beyond the table's end. */
		if (!alike)
			return;
		if (worth_telling(s, &e))
			s->stop = !s->each(s->arg, &e);
		if (e.domain.pasid && alike == 1 && !s->stop)
			scan_pasids(s, &e);
	}
}

/* A mem that notes what is read through it. */
struct spy {
	struct mem mem;
	struct mem *below;
	struct view_trail *trail;
};

static int spy_read(struct mem *mem, u64 phys, void *buf, u32 len)
{
	struct spy *s = (struct spy *)mem;
	struct view_trail *t = s->trail;
	int err = mem_read(s->below, phys, buf, len);

	if (err || t->n >= VIEW_TRAIL_MAX || len > sizeof(t->step[0].raw))
		return err;
	t->step[t->n].where = phys;
	t->step[t->n].words = len / 8;
	memcpy(t->step[t->n].raw, buf, len);
	t->n++;
	return err;
}

static void name_trail(struct view_trail *t, const struct iommu_vendor *v)
{
	u32 words[VIEW_TRAIL_MAX], i;

	for (i = 0; i < t->n; i++) {
		words[i] = t->step[i].words;
		t->step[i].at = v->read_text ? v->read_text(words, i) : NULL;
	}
}

static int scan_start(struct entry_scan *s, struct dump *d, u32 unit,
		      enum view_when when)
{
	int err = view_config(d, unit, when, &s->config, NULL);

	if (err)
		return err;
	s->d = d;
	s->vendor = iommu_vendor(d->facts.unit[unit].vendor);
	s->mem = view_mem(d, when);
	s->lookups_max = LOOKUPS_MAX / (u32)d->facts.unit_n;
	if (s->lookups_max < LOOKUPS_MIN)
		s->lookups_max = LOOKUPS_MIN;
	return s->mem || !s->config.on ? IOMMU_OK : IOMMU_EREAD;
}

int view_lookup(struct dump *d, u32 unit, enum view_when when, u32 requester,
		u32 pasid, struct view_entry *e, struct view_trail *trail)
{
	struct spy spy = { .mem.read = spy_read, .trail = trail };
	struct entry_scan s = { 0 };
	int err = scan_start(&s, d, unit, when);

	memset(e, 0, sizeof(*e));
	memset(trail, 0, sizeof(*trail));
	e->unit = unit;
	e->requester = requester;
	if (err)
		return err;
	spy.below = s.mem;
	s.mem = &spy.mem;
	look(&s, e, pasid);
	name_trail(trail, s.vendor);
	return IOMMU_OK;
}

const char *view_special_text(const struct dump *d, enum view_when when,
			      const struct view_entry *e, u64 iova)
{
	const struct iommu_vendor *v =
		iommu_vendor(d->facts.unit[e->unit].vendor);
	struct iommu_config c;
	struct span at;
	u32 i;

	for (i = 0; i < e->special.n; i++)
		if (span_holds(&e->special.at[i], iova, 1) &&
		    !view_config(d, e->unit, when, &c, NULL))
			return v->special(&c, &e->domain, i, &at);
	return NULL;
}

bool view_pass_misses(const struct view_entry *e, const struct span *range)
{
	u64 at = range->start, last = range->start + (range->len - 1), end;
	u32 i;

	/* Only what the exclusion range has passes. */
	if (e->domain.exempt.len && e->domain.kind != IOMMU_KIND_PASS)
		return !span_overlaps(&e->domain.exempt, at, range->len);
	if (e->domain.pass_bits && at >> e->domain.pass_bits)
		return true;
	for (i = 0; i < e->special.n; i++) {
		if (!span_holds(&e->special.at[i], at, 1))
			continue;
		end = e->special.at[i].start + e->special.at[i].len;
		if (last < end)
			return true;
		at = end;
	}
	return false;
}

int view_translate(struct dump *d, enum view_when when,
		   const struct view_entry *e, u64 iova, struct iommu_xlat *x,
		   struct iommu_evidence *ev)
{
	struct iommu_config c;
	int err = view_config(d, e->unit, when, &c, NULL);

	memset(x, 0, sizeof(*x));
	memset(ev, 0, sizeof(*ev));
	return err ? err
		   : iommu_translate(&c, view_mem(d, when), &e->domain, iova, 0,
				     x, ev);
}

int view_entries(struct dump *d, u32 unit, enum view_when when,
		 bool (*each)(void *arg, const struct view_entry *e), void *arg)
{
	struct entry_scan s = { .each = each, .arg = arg };
	int err = scan_start(&s, d, unit, when);

	if (err || !s.config.on)
		return err;
	scan_requesters(&s, unit);
	return !s.stop && s.lookups >= s.lookups_max ? IOMMU_EBUDGET : IOMMU_OK;
}
