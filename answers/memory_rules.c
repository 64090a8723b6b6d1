// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules of iommudump check that ask whether a device reaches memory that is
 * not for it: reserved regions over RAM, the crash kernel's, its own tables.
 */
#include <stdlib.h>
#include <string.h>
#include "rules.h"

#define ULL(v) ((unsigned long long)(v))

/* Comparisons; the largest machines need a few million. */
#define REGIONS_RAM_MAX (1u << 26)

static bool over_ram(const struct facts *f, const struct fact_region *g,
		     bool *known)
{
	bool hit = false;
	size_t i;

	for (i = 0; i < f->iomem_n; i++) {
		const struct iomem *m = &f->iomem[i];

		if (strcmp(m->name, "System RAM") || !m->end)
			continue;
		*known = true;
		hit |= g->start <= m->end && m->start <= g->end;
	}
	return hit;
}

static bool over_reservation(const struct facts *f, const struct fact_region *g)
{
	size_t i;

	for (i = 0; i < f->reservation_n; i++)
		if (span_overlaps(&f->reservation[i], g->start,
				  g->end - g->start + 1))
			return true;
	return false;
}

static void found_group(struct check *c, struct check_finding *o, u32 group)
{
	const struct facts *f = &c->d->facts;
	size_t i;

	for (i = 0; i < f->device_n; i++)
		if (f->device[i].group == group)
			found_device(c, o, i);
}

/*
 * For devices below an ISA bridge the kernel itself asks for the first 16 MiB
 * (Linux 6.1, intel_iommu_get_resv_regions: CONFIG_INTEL_IOMMU_FLOPPY_WA).
 */
static bool for_isa(const struct fact_region *g)
{
	return g->type == REGION_DIRECT_RELAXABLE && !g->start &&
	       g->end == MIB(16) - 1;
}

/* The driver of a device with a relaxable one may do without it. */
static enum check_severity region_severity(const struct fact_region *g,
					   bool crash)
{
	return crash || g->type == REGION_DIRECT ? CHECK_SERIOUS
	       : for_isa(g)			 ? CHECK_NOTE
						 : CHECK_WARNING;
}

void ask_region(struct check *c)
{
	const struct facts *f = &c->d->facts;
	bool ram, crash, known, unknown = false;
	struct check_finding *o;
	size_t i;

	if ((u64)f->region_n * f->iomem_n > REGIONS_RAM_MAX) {
		undecided(c, REC_NONE, "too many regions and pieces of RAM");
		return;
	}
	for (i = 0; i < f->region_n && !c->out->more; i++) {
		const struct fact_region *g = &f->region[i];

		if ((g->type != REGION_DIRECT &&
		     g->type != REGION_DIRECT_RELAXABLE) ||
		    g->end < g->start)
			continue;
		known = false;
		ram = over_ram(f, g, &known);
		crash = over_reservation(f, g);
		unknown |= !known && !crash;
		if (!ram && !crash)
			continue;
		o = found(c, region_severity(g, crash), REC_NONE,
			  "the reserved region 0x%llx-0x%llx of group %u lies "
			  "over %s%s",
			  ULL(g->start), ULL(g->end), g->group,
			  crash ? "the crash kernel's memory" : "System RAM",
			  for_isa(g) ? ": the kernel's own, for ISA devices"
				     : "");
		if (for_isa(g))
			advise(o, "nothing, or a kernel without "
				  "CONFIG_INTEL_IOMMU_FLOPPY_WA: only a floppy "
				  "drive needs it");
		found_group(c, o, g->group);
	}
	if (unknown)
		undecided(c, REC_NONE, "where RAM lies is not known");
}

/* The devices of one table that maps the reservation. */
static void found_mapping(struct check *c, const struct reach *r, size_t table)
{
	const struct reach_table *t = &r->table[table];
	struct check_finding *o = NULL;
	size_t i;

	for (i = 0; i < r->hit_n; i++) {
		const struct reach_hit *h = &r->hit[i];

		if (h->why != REACH_TABLE || h->table != table || !t->runs)
			continue;
		if (!o) {
			o = found(c,
				  t->perm & IOMMU_W ? CHECK_SERIOUS
						    : CHECK_WARNING,
				  t->unit,
				  "%s of the crash kernel's memory "
				  "0x%llx+0x%llx is mapped",
				  t->perm & IOMMU_W ? "writing" : "reading",
				  ULL(r->target.start), ULL(r->target.len));
			o->has_range = true;
			o->range = t->run[0];
		}
		found_requester(c, o, h->unit, h->requester);
	}
}

/* Is there none, or was the list of memory not to be had? */
static void no_reservation(struct check *c)
{
	const struct facts *f = &c->d->facts;
	struct check_finding *o;
	size_t i;

	for (i = 0; i < f->iomem_n && !f->iomem[i].end; i++)
		;
	if (i == f->iomem_n) {
		undecided(c, REC_NONE,
			  "where the crash kernel's memory lies is not known");
		return;
	}
	o = found(c, CHECK_NOTE, REC_NONE,
		  "no memory is set aside for a crash kernel");
	advise(o, "boot with crashkernel=256M or more if a dump is wanted");
}

/* All tables are gone through once, whatever the rules want of them. */
static const struct reach_index *reach_of(struct check *c)
{
	static const struct span none;
	const struct facts *f = &c->d->facts;
	struct reach_wanted w = { .range = &none,
				  .own = true,
				  .progress = c->progress,
				  .arg = c->arg };
	struct span *ranges;

	if (c->reach || !c->d->mem)
		return c->reach;
	ranges = calloc(f->reservation_n + f->cma_n + 1, sizeof(*ranges));
	if (!ranges)
		return NULL;
	if (f->reservation_n)
		memcpy(ranges, f->reservation,
		       f->reservation_n * sizeof(*ranges));
	if (f->cma_n)
		memcpy(ranges + f->reservation_n, f->cma,
		       f->cma_n * sizeof(*ranges));
	w.n = f->reservation_n + f->cma_n;
	if (w.n)
		w.range = ranges;
	c->reach = reach_index(c->d, &w);
	free(ranges);
	return c->reach;
}

/* Who may write to a range of CMA still when the crash kernel has it. */
static void found_cma(struct check *c, const struct span *cma,
		      const struct reach *r)
{
	struct check_finding *o = NULL;
	size_t i;

	for (i = 0; i < r->hit_n; i++) {
		const struct reach_hit *h = &r->hit[i];
		bool device = h->why == REACH_NO_UNIT || h->why == REACH_OFF;

		if (!(h->perm & IOMMU_W) || (h->requester != REC_NONE &&
					     held(c, h->unit, h->requester)))
			continue;
		if (!o)
			o = found(c,
				  c->d->crash.present ? CHECK_WARNING
						      : CHECK_NOTE,
				  REC_NONE,
				  "0x%llx+0x%llx, which programs use and the "
				  "crash kernel gets besides its own memory, "
				  "could be written to%s",
				  ULL(cma->start), ULL(cma->len),
				  c->d->crash.present ? " after the crash"
						      : "");
		if (device)
			found_device(c, o, h->device);
		else if (h->requester != REC_NONE)
			found_requester(c, o, h->unit, h->requester);
	}
}

void ask_crash_cma(struct check *c)
{
	const struct facts *f = &c->d->facts;
	const struct reach_index *ix;
	struct reach r;
	size_t i;
	int err;

	if (!f->cma_n || !c->d->mem)
		return;
	ix = reach_of(c);
	for (i = 0; ix && i < f->cma_n; i++) {
		err = reach_ask(ix, &f->cma[i], &r);
		if (!err)
			found_cma(c, &f->cma[i], &r);
		reach_free(&r);
		if (err)
			break;
	}
	if (i < f->cma_n)
		undecided(c, REC_NONE, "out of memory");
}

void ask_own_tables(struct check *c)
{
	const struct reach_index *ix = reach_of(c);
	const struct reach_own *own;
	struct check_finding *o = NULL;
	size_t i, n = 0;

	if (!ix)
		return;
	own = reach_own_tables(ix, &n);
	for (i = 0; i < n; i++) {
		if (!o || own[i].unit != own[i - 1].unit ||
		    own[i].run.pa != own[i - 1].run.pa) {
			o = found(c, CHECK_SERIOUS, own[i].unit,
				  "the table at 0x%llx is its own subtable, "
				  "which maps it for writing",
				  ULL(own[i].run.pa));
			o->has_range = true;
			o->range = own[i].run;
		}
		found_requester(c, o, own[i].unit, own[i].requester);
	}
}

void ask_reservation(struct check *c)
{
	const struct facts *f = &c->d->facts;
	const struct reach_index *ix;
	struct reach r;
	size_t i, k;

	if (!f->reservation_n)
		no_reservation(c);
	if (!f->reservation_n || !c->d->mem)
		return;
	ix = reach_of(c);
	for (i = 0; ix && i < f->reservation_n; i++) {
		if (reach_ask(ix, &f->reservation[i], &r)) {
			reach_free(&r);
			break;
		}
		for (k = 0; k < r.table_n; k++)
			found_mapping(c, &r, k);
		/* The same ones for every range. */
		if (r.gap_n && !i)
			undecided(c, r.gap[0].unit,
				  "requesters or units, %llu, the first "
				  "because: %s",
				  ULL(r.gap_n),
				  iommu_err_text(r.gap[0].ev.err));
		reach_free(&r);
	}
	if (i < f->reservation_n)
		undecided(c, REC_NONE, "out of memory");
}
