// SPDX-License-Identifier: GPL-2.0-only
/* Puts notes, registers and memory together: unit by unit, entry by entry. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../dump/formats.h"
#include "answers.h"

/*
 * Lookups of all units together, PASIDs included, and of one at least: each
 * requester, and a dozen full PASID directories.
 */
#define LOOKUPS_MAX (1u << 25)
#define LOOKUPS_MIN (1u << 18)
/*
 * No top-level entry stands for fewer requesters (SMMUv3 with SPLIT 6; VT-d
 * scalable mode: half a bus), and no page of stream table entries has more; no PASID directory entry for fewer PASIDs (VT-d: one table of 64).
 */
#define TOP_REQUESTERS 64u
#define DIR_PASIDS 64u
#define PASIDS (1u << 20)

const struct crash_unit *view_crash_unit(const struct dump *d, u32 unit)
{
	size_t i;

	for (i = 0; i < d->crash.unit_n; i++)
		if (d->crash.unit[i].unit == unit)
			return &d->crash.unit[i];
	return NULL;
}

const struct iommu_regs *view_regs(const struct dump *d, u32 unit)
{
	const struct crash_unit *cu = view_crash_unit(d, unit);
	const struct iommu_regs *regs = &d->facts.unit[unit].regs;

	if (cu && cu->has_regs)
		regs = &cu->regs;
	return regs->n ? regs : NULL;
}

int view_config(const struct dump *d, u32 unit, enum view_when when,
		struct iommu_config *c, bool *fallback)
{
	const struct fact_unit *u = &d->facts.unit[unit];
	const struct iommu_vendor *v = iommu_vendor(u->vendor);
	const struct crash_unit *cu = view_crash_unit(d, unit);
	const struct iommu_regs *regs = &u->regs;
	bool crash = when == VIEW_CRASH && cu && cu->has_regs;

	if (fallback)
		*fallback = when == VIEW_CRASH && !crash;
	if (crash)
		regs = &cu->regs;
	if (!v)
		return IOMMU_EUNSUPPORTED;
	return regs->n || v->no_tables ? v->describe(regs, c) : IOMMU_EREAD;
}

/* --- the load-time tables as memory --- */

struct load_mem {
	struct mem mem;
	size_t n;
	const struct fact_table *table[];
};

static int by_phys(const void *a, const void *b)
{
	const struct fact_table *x = *(const struct fact_table *const *)a;
	const struct fact_table *y = *(const struct fact_table *const *)b;

	return x->phys < y->phys ? -1 : x->phys > y->phys;
}

static int load_read(struct mem *mem, u64 phys, void *buf, u32 len)
{
	struct load_mem *m = (struct load_mem *)mem;
	const struct fact_table *t;
	size_t lo = 0, hi = m->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (m->table[mid]->phys <= phys)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo)
		return IOMMU_EREAD;
	t = m->table[lo - 1];
	if (phys - t->phys > t->len || len > t->len - (phys - t->phys))
		return IOMMU_EREAD;
	memcpy(buf, t->bytes + (phys - t->phys), len);
	return IOMMU_OK;
}

struct mem *view_mem(struct dump *d, enum view_when when)
{
	struct dump_priv *v = d->priv;
	struct load_mem *m;
	size_t i;

	if (when == VIEW_CRASH)
		return d->mem;
	if (v->load || !d->facts.table_n)
		return v->load;
	m = calloc(1, sizeof(*m) + d->facts.table_n * sizeof(*m->table));
	if (!m)
		return NULL;
	m->mem.read = load_read;
	m->n = d->facts.table_n;
	for (i = 0; i < m->n; i++)
		m->table[i] = &d->facts.table[i];
	qsort(m->table, m->n, sizeof(*m->table), by_phys);
	v->load = &m->mem;
	return v->load;
}

/* --- devices and requesters --- */

/* Every requester that a device's DMA may carry, sorted. */
struct requester_index {
	size_t n;
	struct requester_of {
		u32 unit;
		u32 requester;
		u32 device;
	} of[];
};

#define INDEX_ALIASES_MAX 8 /* of one device; mostly one, rarely two */
#define INDEX_MAX (2 * (size_t)DUMP_DEVICES_MAX)

static int by_requester(const void *a, const void *b)
{
	const struct requester_of *x = a, *y = b;

	if (x->unit != y->unit)
		return x->unit < y->unit ? -1 : 1;
	if (x->requester != y->requester)
		return x->requester < y->requester ? -1 : 1;
	return x->device < y->device ? -1 : x->device > y->device;
}

/* Where a requester of a unit begins, or would. */
static size_t index_find(const struct requester_index *x, u32 unit,
			 u32 requester)
{
	const struct requester_of key = { unit, requester, 0 };
	size_t lo = 0, hi = x->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (by_requester(&x->of[mid], &key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int by_alias(const void *a, const void *b)
{
	const struct fact_alias *x = a, *y = b;

	if (x->segment != y->segment)
		return x->segment < y->segment ? -1 : 1;
	if (x->requester != y->requester)
		return x->requester < y->requester ? -1 : 1;
	return x->alias < y->alias ? -1 : x->alias > y->alias;
}

/* The first alias of a device; facts.alias is sorted. */
static size_t alias_find(const struct facts *f, const struct fact_device *d)
{
	const struct fact_alias key = { d->segment, d->requester, 0 };
	size_t lo = 0, hi = f->alias_n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (by_alias(&f->alias[mid], &key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool has_streams(const struct facts *f, const struct fact_device *d)
{
	u32 vendor = d->unit < f->unit_n ? f->unit[d->unit].vendor : 0;

	return vendor == IOMMU_VENDOR_SMMUV3 || vendor == IOMMU_VENDOR_SMMUV2;
}

size_t view_requesters(const struct dump *d, size_t device, u32 *out,
		       size_t max)
{
	const struct facts *f = &d->facts;
	const struct fact_device *dev = &f->device[device];
	size_t i, n = 0, first = alias_find(f, dev);

	for (i = first;
	     i < f->alias_n && n < max && f->alias[i].segment == dev->segment &&
	     f->alias[i].requester == dev->requester;
	     i++) {
		if (!n && !has_streams(f, dev))
			out[n++] = dev->requester;
		if (n < max && (!n || f->alias[i].alias != out[n - 1]))
			out[n++] = f->alias[i].alias;
	}
	if (!n && max)
		out[n++] = dev->requester;
	return n;
}

int view_index(struct dump *d)
{
	struct dump_priv *v = d->priv;
	struct facts *f = &d->facts;
	struct requester_index *x;
	u32 id[INDEX_ALIASES_MAX];
	size_t i, k, n;

	if (f->alias_n)
		qsort(f->alias, f->alias_n, sizeof(*f->alias), by_alias);
	n = f->device_n * (1 + (f->alias_n ? INDEX_ALIASES_MAX : 0));
	x = malloc(sizeof(*x) +
		   (n < INDEX_MAX ? n : INDEX_MAX) * sizeof(x->of[0]));
	if (!x)
		return -ENOMEM;
	x->n = 0;
	for (i = 0; i < f->device_n; i++) {
		n = view_requesters(d, i, id, INDEX_ALIASES_MAX);
		for (k = 0; k < n && x->n < INDEX_MAX; k++)
			x->of[x->n++] =
				(struct requester_of){ f->device[i].unit, id[k],
						       (u32)i };
	}
	if (x->n)
		qsort(x->of, x->n, sizeof(x->of[0]), by_requester);
	v->index = x;
	return 0;
}

size_t view_devices(const struct dump *d, u32 unit, u32 requester, size_t *out,
		    size_t max)
{
	const struct requester_index *x =
		((const struct dump_priv *)d->priv)->index;
	size_t i, n = 0;

	for (i = index_find(x, unit, requester);
	     i < x->n && n < max && x->of[i].unit == unit &&
	     x->of[i].requester == requester;
	     i++)
		out[n++] = x->of[i].device;
	return n;
}

/* --- after the purgatory --- */

static enum view_after after_mode(u32 mode)
{
	switch (mode) {
	case IOMMU_MODE_OFF:
	case IOMMU_MODE_RECORD:
		return AFTER_SAME;
	case IOMMU_MODE_ABORT:
		return AFTER_ABORTED;
	case IOMMU_MODE_SINK:
		return AFTER_SUNK;
	}
	return AFTER_UNKNOWN;
}

/* In copy mode: is there something that could be kept? */
static enum view_after after_copy(const struct dump *d, u32 unit, u32 requester)
{
	const struct iommu_vendor *v = iommu_vendor(d->facts.unit[unit].vendor);
	struct iommu_evidence ev;
	struct iommu_domain dom;
	struct iommu_config c;
	size_t i;

	if (view_config(d, unit, VIEW_CRASH, &c, NULL))
		return AFTER_UNKNOWN;
	if (!c.on)
		return AFTER_GUARDED;
	for (i = 0; v && v->concerns && i < d->crash.entry_n; i++)
		if (d->crash.entry[i].unit == unit &&
		    v->concerns(&c, &d->crash.entry[i].evidence, requester))
			return AFTER_ABORTED;
	if (!v || !d->mem)
		return AFTER_UNKNOWN;
	memset(&dom, 0, sizeof(dom));
	memset(&ev, 0, sizeof(ev));
	if (v->lookup(&c, d->mem, requester, ~0u, &dom, &ev))
		return AFTER_UNKNOWN;
	return dom.kind == IOMMU_KIND_BLOCKED ? AFTER_ABORTED : AFTER_KEPT;
}

enum view_after view_after(const struct dump *d, u32 unit, u32 requester)
{
	const struct crash_unit *cu = view_crash_unit(d, unit);
	size_t device, i;
	u32 mode;

	if (!cu || !cu->has_action)
		return AFTER_UNKNOWN;
	if (cu->action.result.outcome == IOMMU_LEFT ||
	    cu->action.result.outcome == IOMMU_READ_ONLY)
		return AFTER_SAME;
	if (cu->action.result.outcome != IOMMU_DONE &&
	    cu->action.result.outcome != IOMMU_PARTLY)
		return AFTER_UNKNOWN;
	for (i = 0; i < d->crash.entry_n; i++) {
		const struct rec_entry *e = &d->crash.entry[i];

		if (e->unit == unit && e->evidence.requester == requester)
			return e->mode == IOMMU_MODE_COPY ? AFTER_GUARDED
							  : after_mode(e->mode);
	}
	mode = cu->action.mode;
	if (view_devices(d, unit, requester, &device, 1))
		mode = decided_device(&d->decisions, device).mode;
	return mode == IOMMU_MODE_COPY ? after_copy(d, unit, requester)
				       : after_mode(mode);
}

/* --- entries --- */

struct entry_scan {
	const struct iommu_vendor *vendor;
	struct iommu_config config;
	struct mem *mem;
	u64 unread; /* the table page that could not be read last */
	bool (*each)(void *arg, const struct view_entry *e);
	void *arg;
	u32 lookups, lookups_max;
	bool stop;
};

static void look(struct entry_scan *s, struct view_entry *e, u32 pasid)
{
	s->lookups++;
	e->pasid = pasid;
	memset(&e->domain, 0, sizeof(e->domain));
	memset(&e->ev, 0, sizeof(e->ev));
	e->err = s->vendor->lookup(&s->config, s->mem, e->requester, pasid,
				   &e->domain, &e->ev);
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
	bool top;

	/* Decided by a register, for all of them alike. */
	look(s, &e, VIEW_NO_PASID);
	if (blocked(&e) && e.ev.level == IOMMU_AT_REGISTER)
		return;
	if (!end)
		end = BIT64(16);
	for (next = 0; next < end && !s->stop && s->lookups < s->lookups_max;) {
		e.requester = (u32)next;
		look(s, &e, VIEW_NO_PASID);
		/* Beyond the length that a register gives: so are all others. */
		if (blocked(&e) && e.ev.level == IOMMU_AT_REGISTER)
			return;
		top = blocked(&e) && e.ev.level == IOMMU_AT_ROOT;
		if (worth_telling(s, &e))
			s->stop = !s->each(s->arg, &e);
		if (e.domain.pasid && !top && !s->stop)
			scan_pasids(s, &e);
		if (top || (e.err && e.ev.level == IOMMU_AT_CONTEXT &&
			    s->config.vendor == IOMMU_VENDOR_SMMUV3))
			next |= TOP_REQUESTERS - 1;
		next++;
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

/* What a vendor's lookup reads, in this order. */
static const struct {
	u32 vendor;
	const char *at[VIEW_TRAIL_MAX];
} trails[] = {
	{ IOMMU_VENDOR_VTD,
	  { "root", "context", "pasid directory", "pasid entry" } },
	{ IOMMU_VENDOR_AMDVI,
	  { "device table entry", "gcr3 entry", "gcr3 entry", "gcr3 entry" } },
};

/*
 * SMMUv3 has tables in one level or two; a nested context descriptor is looked
 * for through the second stage. What was read tells by its size.
 */
static void smmuv3_names(struct view_trail *t)
{
	bool ste = false;
	size_t i;

	for (i = 0; i < t->n; i++) {
		if (t->step[i].words == 1)
			t->step[i].at = ste ? "table entry"
					    : "level 1 stream table";
		else
			t->step[i].at = ste ? "context descriptor"
					    : "stream table entry";
		ste |= t->step[i].words > 1;
	}
}

static void trail_names(struct view_trail *t, u32 vendor)
{
	size_t i, k;

	if (vendor == IOMMU_VENDOR_SMMUV3)
		smmuv3_names(t);
	for (i = 0; i < ARRAY_SIZE(trails); i++)
		for (k = 0; trails[i].vendor == vendor && k < t->n; k++)
			t->step[k].at = trails[i].at[k];
}

static int scan_start(struct entry_scan *s, struct dump *d, u32 unit,
		      enum view_when when)
{
	int err = view_config(d, unit, when, &s->config, NULL);

	if (err)
		return err;
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
	trail_names(trail, s.vendor->id);
	return IOMMU_OK;
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
