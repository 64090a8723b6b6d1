// SPDX-License-Identifier: GPL-2.0-only
/* The rules of iommudump check, one function each; the table is at the end. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "rules.h"

#define ULL(v) ((unsigned long long)(v))

/* Is its DMA known to be held since the crash? */
static bool held(const struct check *c, u32 unit, u32 requester)
{
	if (!c->d->crash.present)
		return false;
	switch (view_after(c->d, unit, requester)) {
	case AFTER_KEPT:
	case AFTER_GUARDED:
	case AFTER_ABORTED:
	case AFTER_SUNK:
		return true;
	default:
		return false;
	}
}

/* --- what reaches everything --- */

/* Instead of the rule's. */
static void advise(struct check_finding *f, const char *advice)
{
	f->advice = advice;
	f->mode = NULL;
}

/* Zeros let pass who comes later, too: a device that is plugged in. */
static void found_unused(struct check *c, u32 unit)
{
	if (c->unused[unit])
		advise(found(c, CHECK_NOTE, unit,
			     "entries that nobody wrote let pass %llu "
			     "requester%s that no device has",
			     ULL(c->unused[unit]), plural(c->unused[unit])),
		       "nothing, unless a device may be plugged in there");
}

static void ask_pass_through(struct check *c)
{
	struct check_finding *o[2][2];
	u32 unit;
	size_t i;

	for (unit = 0; unit < c->d->facts.unit_n; unit++) {
		memset(o, 0, sizeof(o));
		found_unused(c, unit);
		for (i = 0; i < c->entry_n; i++) {
			const struct check_entry *e = &c->entry[i];
			bool stopped, reads = e->deny & IOMMU_W;

			if (e->unit != unit || e->err ||
			    e->kind != IOMMU_KIND_PASS)
				continue;
			stopped = held(c, unit, e->requester);
			if (!o[stopped][reads])
				o[stopped][reads] = found(
					c,
					stopped || reads ? CHECK_WARNING
							 : CHECK_SERIOUS,
					unit, "untranslated %s all memory%s",
					reads ? "reads of" : "access to",
					stopped ? ", up to the crash" : "");
			found_requester(c, o[stopped][reads], unit,
					e->requester);
		}
	}
}

/* Was something done about a unit that translated nothing? */
static bool was_closed(const struct check *c, u32 unit)
{
	const struct crash_unit *u = view_crash_unit(c->d, unit);

	return u && u->has_action && u->action.result.outcome == IOMMU_DONE &&
	       u->action.mode != IOMMU_MODE_OFF &&
	       u->action.mode != IOMMU_MODE_RECORD;
}

static void ask_unit_off(struct check *c)
{
	const struct facts *f = &c->d->facts;
	struct iommu_config config;
	struct check_finding *o;
	size_t i;
	u32 unit;
	int err;

	for (unit = 0; unit < f->unit_n; unit++) {
		err = view_config(c->d, unit, VIEW_CRASH, &config, NULL);
		if (err) {
			undecided(c, unit, "%s%s",
				  err == IOMMU_EUNSUPPORTED ? ""
							    : "its registers: ",
				  view_error_text(c->d, unit, err));
			continue;
		}
		if (config.on || config.off_blocks)
			continue;
		o = found(c,
			  was_closed(c, unit) ? CHECK_WARNING : CHECK_SERIOUS,
			  unit,
			  "it translates nothing%s: what is behind it reaches "
			  "all memory",
			  was_closed(c, unit) ? " (closed at the crash)" : "");
		for (i = 0; i < f->device_n; i++)
			if (f->device[i].unit == unit)
				found_device(c, o, i);
	}
}

static void ask_no_unit(struct check *c)
{
	const struct facts *f = &c->d->facts;
	struct check_finding *o[2] = { NULL, NULL };
	size_t i;

	if (!f->unit_n && (f->tool || c->d->live || f->device_n))
		o[1] = found(c, CHECK_SERIOUS, REC_NONE,
			     "no IOMMU is known: every device reaches all "
			     "memory");
	else if (!f->unit_n)
		undecided(c, REC_NONE, "no IOMMU and no device is known");
	for (i = 0; i < f->device_n; i++) {
		bool bound = f->device[i].driver;

		if (f->device[i].unit != REC_NONE ||
		    view_is_iommu(&f->device[i]))
			continue;
		if (!o[bound])
			o[bound] = found(c, bound ? CHECK_SERIOUS : CHECK_NOTE,
					 REC_NONE, "behind no IOMMU%s",
					 bound ? ": access to all memory"
					       : ", and without a driver");
		found_device(c, o[bound], i);
	}
}

/* --- devices that keep more than is mapped --- */

static void ask_lazy(struct check *c)
{
	const struct facts *f = &c->d->facts;
	struct check_finding *o;
	u32 unit;
	size_t i;

	for (unit = 0; unit < f->unit_n; unit++)
		for (i = 0, o = NULL; i < f->device_n; i++) {
			if (f->device[i].unit != unit ||
			    fact_device_domain(&f->device[i]) != DOMAIN_DMA_FQ)
				continue;
			if (!o)
				o = found(c, CHECK_WARNING, unit,
					  "lazy invalidation: pages stay "
					  "reachable for a while after they "
					  "were unmapped");
			found_device(c, o, i);
		}
	ask_pending(c);
}

static void ask_ats(struct check *c)
{
	const struct facts *f = &c->d->facts;
	struct check_finding *o;
	u32 unit;
	size_t i;

	for (unit = 0; unit < f->unit_n; unit++) {
		o = NULL;
		for (i = 0; i < c->entry_n; i++) {
			if (c->entry[i].unit != unit || !c->entry[i].ats ||
			    c->entry[i].kind == IOMMU_KIND_BLOCKED)
				continue;
			if (!o)
				o = found(c, CHECK_WARNING, unit,
					  "ATS: what the device says is "
					  "translated passes unchecked");
			found_requester(c, o, unit, c->entry[i].requester);
		}
	}
}

static void ask_pasid(struct check *c)
{
	const struct facts *f = &c->d->facts;
	struct check_finding *o;
	u32 unit;
	size_t i;

	for (unit = 0; unit < f->unit_n; unit++) {
		o = NULL;
		for (i = 0; i < c->entry_n; i++) {
			const struct check_entry *e = &c->entry[i];

			if (e->unit != unit || e->pasid == VIEW_NO_PASID ||
			    e->err || e->kind == IOMMU_KIND_BLOCKED)
				continue;
			if (!o)
				o = found(c, CHECK_WARNING, unit,
					  "PASIDs are bound: requests reach "
					  "the memory of processes");
			found_requester(c, o, unit, e->requester);
		}
	}
}

static void ask_vfio(struct check *c)
{
	const struct facts *f = &c->d->facts;
	struct check_finding *o = NULL;
	size_t i;

	for (i = 0; i < f->device_n; i++) {
		if (!fact_device_user(&f->device[i]))
			continue;
		if (!o)
			o = found(c, CHECK_WARNING, REC_NONE,
				  "what they reach is decided by a process or "
				  "a guest, not by the kernel");
		found_device(c, o, i);
	}
}

/* --- memory --- */

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

static void ask_region(struct check *c)
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

static void ask_crash_cma(struct check *c)
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

static void ask_own_tables(struct check *c)
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

static void ask_reservation(struct check *c)
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

/* --- groups --- */

static int by_group(const void *a, const void *b)
{
	const struct fact_device *x = *(const struct fact_device *const *)a;
	const struct fact_device *y = *(const struct fact_device *const *)b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return x < y ? -1 : x > y;
}

#define CLASS_BRIDGE 0x06u

/* The devices of one group: those that can do DMA of their own. */
static void ask_group(struct check *c, const struct fact_device **d, size_t n)
{
	const struct facts *f = &c->d->facts;
	struct check_finding *o;
	size_t i, others = 0;
	bool vfio = false;

	for (i = 0; i < n; i++) {
		others += d[i]->class >> 16 != CLASS_BRIDGE;
		vfio |= fact_device_user(d[i]);
	}
	if (others < 2)
		return;
	o = found(c, vfio ? CHECK_WARNING : CHECK_NOTE, REC_NONE,
		  "group %u has several devices: nothing (no ACS) keeps them "
		  "from each other's memory%s",
		  d[0]->group,
		  vfio ? ", and one of them is a process's or guest's" : "");
	for (i = 0; i < n; i++)
		if (d[i]->class >> 16 != CLASS_BRIDGE)
			found_device(c, o, (size_t)(d[i] - f->device));
}

static void ask_groups(struct check *c)
{
	const struct facts *f = &c->d->facts;
	const struct fact_device **d;
	size_t i, n = 0, from;

	d = calloc(f->device_n + 1, sizeof(*d));
	if (!d) {
		undecided(c, REC_NONE, "out of memory");
		return;
	}
	for (i = 0; i < f->device_n; i++)
		if (f->device[i].group != REC_NONE)
			d[n++] = &f->device[i];
	if (n)
		qsort(d, n, sizeof(*d), by_group);
	for (from = 0, i = 1; i <= n; i++) {
		if (i < n && d[i]->group == d[from]->group)
			continue;
		ask_group(c, &d[from], i - from);
		from = i;
	}
	free(d);
}

/* --- what happened --- */

/* Of a unit's records, those that say that something was refused. */
static size_t refused(const struct check *c, const struct crash_unit *u)
{
	struct iommu_fault f;
	size_t n = 0, k;

	for (k = 0; k < u->fault_n; k++)
		n += !view_fault(c->d, u->unit, &u->fault[k], &f) || !f.notice;
	return n;
}

static void ask_faults(struct check *c)
{
	const struct crash_facts *x = &c->d->crash;
	struct check_finding *o;
	struct iommu_fault f;
	size_t i, k, n;

	for (i = 0; i < x->unit_n; i++) {
		const struct crash_unit *u = &x->unit[i];

		n = refused(c, u);
		if (!n)
			continue;
		o = found(c, CHECK_WARNING, u->unit,
			  "faults were pending, %llu: requests that the unit "
			  "refused",
			  ULL(n));
		for (k = 0; k < u->fault_n; k++)
			if (view_fault(c->d, u->unit, &u->fault[k], &f) &&
			    !f.notice)
				found_requester(c, o, u->unit, f.requester);
	}
}

/* The page tables of kept entries stay where the dead kernel had them. */
static void found_kept(struct check *c, u32 unit, const struct iommu_result *s)
{
	if (!s->kept)
		return;
	advise(found(c, CHECK_NOTE, unit,
		     "%u entr%s kept (copy): a device whose own mappings reach "
		     "page tables could change them until the crash kernel "
		     "took over",
		     s->kept, s->kept == 1 ? "y was" : "ies were"),
	       "load with --iommu=sink where no device has to go on with its "
	       "DMA");
}

static void ask_quiesce(struct check *c)
{
	const struct crash_facts *x = &c->d->crash;
	size_t i;

	for (i = 0; i < x->unit_n; i++) {
		const struct rec_action *a = &x->unit[i].action;
		const struct iommu_result *s = &a->result;
		const char *mode = iommu_mode_name(a->mode);
		u32 unit = x->unit[i].unit;

		found_kept(c, unit, s);
		if (!x->unit[i].has_action)
			found(c, CHECK_WARNING, unit,
			      "what the purgatory did with it is not recorded");
		else if (s->outcome == IOMMU_LEFT)
			found(c, CHECK_SERIOUS, unit, "left as it was (%s): %s",
			      mode, iommu_err_text(s->err));
		else if (s->outcome == IOMMU_PARTLY)
			found(c, CHECK_WARNING, unit,
			      "switched (%s), but on the way: %s", mode,
			      iommu_err_text(s->err));
		else if (s->outcome == IOMMU_READ_ONLY)
			found(c, CHECK_NOTE, unit,
			      "only read (%s): DMA went on after the crash",
			      mode);
		else if (s->outcome != IOMMU_DONE)
			found(c, CHECK_WARNING, unit, "an unknown outcome, %u",
			      s->outcome);
	}
}

/* Of what the purgatory refused to keep. */
static enum check_severity entry_severity(u32 err)
{
	return err == IOMMU_ERESERVATION ? CHECK_SERIOUS
	       : err == IOMMU_ESTALE	 ? CHECK_NOTE
					 : CHECK_WARNING;
}

static void ask_refused(struct check *c)
{
	const struct crash_facts *x = &c->d->crash;
	struct check_finding *o;
	u32 unit, err;
	size_t i;

	for (unit = 0; unit < c->d->facts.unit_n; unit++)
		for (err = 1; err < IOMMU_ERR_N; err++)
			for (i = 0, o = NULL; i < x->entry_n; i++) {
				const struct rec_entry *e = &x->entry[i];

				if (e->unit != unit || e->evidence.err != err)
					continue;
				if (!o)
					o = found(c, entry_severity(err), unit,
						  "the purgatory found an "
						  "entry bad: %s",
						  iommu_err_text(err));
				found_requester(c, o, unit,
						e->evidence.requester);
			}
}

/* Errors of a lookup that say what an entry is, not that it can't be told. */
static bool malformed(u32 err)
{
	return err == IOMMU_ERESERVED || err == IOMMU_EADDRESS ||
	       err == IOMMU_ELOOP || err == IOMMU_EFORM || err == IOMMU_EWIDTH;
}

static void ask_malformed(struct check *c)
{
	struct check_finding *o;
	u32 unit;
	size_t i;

	for (unit = 0; unit < c->d->facts.unit_n; unit++) {
		size_t unread = 0;

		for (i = 0, o = NULL; i < c->entry_n; i++) {
			const struct check_entry *e = &c->entry[i];

			if (e->unit != unit)
				continue;
			unread += !!e->err;
			if (e->err || e->kind != IOMMU_KIND_BLOCKED ||
			    !malformed(e->ev.err))
				continue;
			if (!o)
				o = found(c, CHECK_WARNING, unit,
					  "malformed entry at 0x%llx: %s",
					  ULL(e->ev.where),
					  iommu_err_text(e->ev.err));
			found_requester(c, o, unit, e->requester);
		}
		if (unread)
			undecided(c, unit, "entries that can't be read: %llu",
				  ULL(unread));
	}
}

static void ask_digest(struct check *c)
{
	const struct crash_facts *x = &c->d->crash;
	const struct rec_purgatory *p = &x->purgatory;

	/* The kernel's own purgatory verifies what the module ran for. */
	if (!x->present || p->flags & PURGATORY_MODULE)
		return;
	if (p->flags & PURGATORY_DIGEST_SKIPPED)
		found(c, CHECK_WARNING, REC_NONE,
		      "the crash kernel's image was not verified");
	else if (!(p->flags & PURGATORY_DIGEST_OK))
		found(c, CHECK_SERIOUS, REC_NONE,
		      p->step >= STEP_VERIFY
			      ? "the crash kernel's image is not what was "
				"loaded: something wrote into it"
			      : "the purgatory did not come as far as to "
				"verify "
				"the crash kernel's image");
}

static void ask_purgatory(struct check *c)
{
	const struct crash_facts *x = &c->d->crash;
	const struct rec_purgatory *p = &x->purgatory;
	size_t i;

	if (!x->present && c->d->facts.tool)
		found(c, CHECK_WARNING, REC_NONE,
		      "no note of the crash: the state is that of the load, "
		      "and nothing was closed");
	if (!x->present && !c->d->facts.tool && !c->d->live)
		found(c, CHECK_WARNING, REC_NONE,
		      "no IOMMU notes: what became of DMA is not known");
	if (x->present && p->flags & PURGATORY_PLAN_BAD)
		found(c, CHECK_SERIOUS, REC_NONE,
		      "the purgatory refused its plan: %s",
		      view_plan_text(p->plan_err) ? view_plan_text(p->plan_err)
						  : "unknown rule");
	for (i = 0; i < x->trap_n; i++)
		found(c, CHECK_SERIOUS, x->trap[i].unit,
		      "the CPU trapped in the purgatory: vector %u at 0x%llx",
		      x->trap[i].vector, ULL(x->trap[i].pc));
}

static void ask_notes(struct check *c)
{
	const struct dump *d = c->d;

	if (d->problems.n)
		found(c, CHECK_WARNING, REC_NONE,
		      "%llu problem%s with the notes, the first at offset "
		      "0x%llx: %s",
		      ULL(d->problems.n), plural(d->problems.n),
		      ULL(d->problems.list[0].offset),
		      d->problems.list[0].rule);
	if (d->crash.dropped)
		found(c, CHECK_WARNING, REC_NONE,
		      "%u record%s found no room in the note of the crash",
		      d->crash.dropped, plural(d->crash.dropped));
}

/* What would have it read the next time. */
static const char *source_advice(const char *source, const char *why)
{
	static const struct {
		const char *begins, *advice;
	} sources[] = {
		{ "proc/iomem", "record as root" },
		{ "proc/kcore",
		  "record as root, on a kernel with CONFIG_PROC_KCORE" },
		{ "sys/kernel/debug/", "mount debugfs; the kernel needs "
				       "CONFIG_IOMMU_DEBUGFS and its "
				       "vendor's option" },
		{ "sys/kernel/iommu_groups",
		  "turn the IOMMU's driver on: intel_iommu=on, or not "
		  "amd_iommu=off" },
		{ "sys/class/iommu",
		  "turn the IOMMU's driver on: intel_iommu=on, or not "
		  "amd_iommu=off" },
		{ "sys/firmware/",
		  "look at the firmware: a table that is missing means that "
		  "the "
		  "IOMMU is turned off there, one that is damaged asks for an "
		  "update" },
		{ "kallsyms", "give the dead kernel's vmlinux with --vmlinux" },
		{ "BTF", "give the dead kernel's vmlinux with --vmlinux" },
		{ "memory",
		  "save dumps with a makedumpfile that knows the kernel, or "
		  "leave out fewer pages (-d)" },
	};
	size_t i;

	if (strstr(why, strerror(EACCES)) || strstr(why, strerror(EPERM)))
		return "record as root";
	for (i = 0; i < ARRAY_SIZE(sources); i++)
		if (!strncmp(source, sources[i].begins,
			     strlen(sources[i].begins)))
			return sources[i].advice;
	return "see what is said to be wrong with it";
}

static void ask_missing(struct check *c)
{
	const struct facts *f = &c->d->facts;
	size_t i;

	for (i = 0; i < f->missing_n; i++)
		advise(found(c, CHECK_NOTE, REC_NONE, "%s was not read: %s",
			     f->missing[i].source, f->missing[i].why),
		       source_advice(f->missing[i].source, f->missing[i].why));
}

const struct rule check_rules[] = {
	{ "pass-through", ask_pass_through,
	  "boot with iommu.passthrough=0 (iommu=nopt)",
	  ", or load the crash kernel with --iommu=sink so that at least the "
	  "dump is safe" },
	{ "unit-off", ask_unit_off,
	  "turn it on: intel_iommu=on or the firmware's setting",
	  "; until then load the crash kernel with --iommu=sink" },
	{ "no-unit", ask_no_unit,
	  "turn the IOMMU on in the firmware; where a device has none, unbind "
	  "its driver or do without the device",
	  NULL },
	{ "lazy-invalidation", ask_lazy,
	  "boot with iommu.strict=1, or write DMA to the group's type in "
	  "/sys/kernel/iommu_groups, where that matters more than speed",
	  NULL },
	{ "ats", ask_ats,
	  "boot with pci=noats unless the device is as trusted as the CPU",
	  NULL },
	{ "pasid", ask_pasid,
	  "look at the processes that had the device open; the crash kernel "
	  "must not keep these translations (none of our modes does)",
	  NULL },
	{ "vfio", ask_vfio,
	  "look at what the guest or process mapped before you trust the "
	  "memory it had",
	  "; load the crash kernel with --iommu=sink" },
	{ "region-over-ram", ask_region,
	  "ask for a firmware update: memory that a device keeps using must "
	  "be reserved in the memory map",
	  NULL },
	{ "crash-memory-mapped", ask_reservation,
	  "no driver may map this memory: look at the device's driver",
	  ", and load the crash kernel with --iommu=sink or abort" },
	{ "crash-cma", ask_crash_cma,
	  "the dying kernel waits ten seconds for such DMA to end, and no "
	  "longer",
	  "; load the crash kernel with --iommu=copy, sink or abort" },
	{ "own-tables-mapped", ask_own_tables,
	  "take it that these devices reach all memory, and look with "
	  "iommudump "
	  "reach for who could write to the tables: no driver makes such ones",
	  "; load the crash kernel with --iommu=sink or abort" },
	{ "freed-memory-mapped", ask_freed,
	  "take it that the device wrote to whatever came there next: its "
	  "driver freed the memory and left it mapped",
	  "; load the crash kernel with --iommu=sink or abort" },
	{ "kernel-memory-mapped", ask_kernel_memory,
	  "no driver maps such memory: look for what the driver of the device "
	  "mapped and freed, since the kernel uses such pages anew",
	  "; load the crash kernel with --iommu=sink or abort" },
	{ "file-pages-mapped", ask_file_pages,
	  "compare the files with what should be in them: what the device "
	  "writes goes past the file system",
	  NULL },
	{ "mapped-twice", ask_double,
	  "look at the drivers of both: one of them may have freed what the "
	  "other has been given",
	  NULL },
	{ "stale-mapping", ask_stale,
	  "look at the device's driver: it frees I/O addresses without "
	  "unmapping them, or something wrote over the tables",
	  "; load the crash kernel with --iommu=sink or abort" },
	{ "swiotlb", ask_bounced,
	  "nothing, unless DMA is slow: a device that is not trusted, or that "
	  "can't address all memory, has its DMA copied",
	  NULL },
	{ "groups", ask_groups,
	  "put the devices into slots below ports with ACS, or give the whole "
	  "group to one owner",
	  NULL },
	{ "faults", ask_faults,
	  "look at iommudump faults: a driver that unmapped too early, or a "
	  "device that writes where it must not",
	  NULL },
	{ "quiesce", ask_quiesce,
	  "compare iommudump reach with what is damaged: DMA may have changed "
	  "memory until the crash kernel took over",
	  "; load with --iommu=sink" },
	{ "refused-entries", ask_refused,
	  "look at iommudump show for the bits: the tables were damaged, or "
	  "the entry was of a kind that must not outlive its kernel",
	  NULL },
	{ "malformed-entries", ask_malformed,
	  "look at iommudump tables for the bits; something wrote over the "
	  "tables, so look with iommudump reach for who could",
	  NULL },
	{ "digest", ask_digest,
	  "find with iommudump reach who could write to the crash kernel's "
	  "memory",
	  "; load it with --iommu=sink" },
	{ "purgatory", ask_purgatory,
	  "load the crash kernel with this kexec and kexec_load(2), "
	  "--iommu=record or stronger; see iommudump show",
	  NULL },
	{ "notes", ask_notes,
	  "see iommudump notes; save the dump again if its file was cut, and "
	  "trust no answer that rests on what is damaged",
	  NULL },
	{ "sources", ask_missing, "", NULL },
};
const size_t check_rules_n = ARRAY_SIZE(check_rules);
