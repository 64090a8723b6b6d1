// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules of iommudump check that ask what a device reaches beside what is
 * mapped for it: everything, what was mapped once, what others have.
 */
#include <stdlib.h>
#include <string.h>
#include "rules.h"

#define ULL(v) ((unsigned long long)(v))

/* --- what reaches everything --- */

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

void ask_pass_through(struct check *c)
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

void ask_unit_off(struct check *c)
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

void ask_no_unit(struct check *c)
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

void ask_lazy(struct check *c)
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

void ask_ats(struct check *c)
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

/* What a CPU unmaps of a process, the unit has to forget, too. */
static const char *invalidated_by(const struct check *c, u32 unit)
{
	struct iommu_config config;

	if (view_config(c->d, unit, VIEW_CRASH, &config, NULL))
		return "";
	return config.hears_cpus
		       ? "; it hears the CPUs' invalidations (BTM)"
		       : "; it does not hear the CPUs' invalidations: what a "
			 "process unmaps goes once the kernel's notifier told "
			 "the unit";
}

void ask_pasid(struct check *c)
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
					  "the memory of processes%s",
					  invalidated_by(c, unit));
			found_requester(c, o, unit, e->requester);
		}
	}
}

void ask_vfio(struct check *c)
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

void ask_groups(struct check *c)
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
