// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the registers of a unit said, and what became of a requester when the
 * purgatory was done.
 */
#include <string.h>
#include "answers.h"

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

u64 view_reg_unknown(const struct dump *d, u32 unit, enum view_when when,
		     u32 off)
{
	const struct crash_unit *cu = view_crash_unit(d, unit);

	if (when == VIEW_CRASH && cu && cu->has_regs)
		return 0;
	return fact_reg_unknown(&d->facts.unit[unit], off);
}

int view_config(const struct dump *d, u32 unit, enum view_when when,
		struct iommu_config *c, bool *fallback)
{
	const struct fact_unit *u = &d->facts.unit[unit];
	const struct iommu_vendor *v = iommu_vendor(u->vendor);
	const struct crash_unit *cu = view_crash_unit(d, unit);
	const struct iommu_regs *regs = &u->regs;
	bool crash = when == VIEW_CRASH && cu && cu->has_regs;
	int err;

	if (fallback)
		*fallback = when == VIEW_CRASH && !crash;
	if (crash)
		regs = &cu->regs;
	if (!v)
		return IOMMU_EUNSUPPORTED;
	if (!regs->n && !v->no_tables)
		return IOMMU_EREAD;
	err = v->describe(regs, c);
	c->host_bits = u->host_bits;
	return err;
}

bool view_fault(const struct dump *d, u32 unit,
		const struct iommu_fault_raw *raw, struct iommu_fault *f)
{
	const struct iommu_vendor *v = iommu_vendor(d->facts.unit[unit].vendor);

	if (!v || !v->fault)
		return false;
	v->fault(raw, f);
	return true;
}

const char *view_fault_text(const struct dump *d, u32 unit, u32 reason)
{
	const struct iommu_vendor *v = iommu_vendor(d->facts.unit[unit].vendor);

	return v && v->fault_text ? v->fault_text(reason) : NULL;
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

/* Does what is told of an entry of @e's unit hold for @unit? */
static bool told_of(const struct dump *d, const struct rec_entry *e, u32 unit)
{
	const struct facts *f = &d->facts;
	const struct iommu_vendor *v;

	/* What an entry was before it was edited says nothing of afterwards. */
	if (e->mode == IOMMU_MODE_RECORD)
		return false;
	if (e->unit == unit || e->unit >= f->unit_n)
		return e->unit == unit;
	v = iommu_vendor(f->unit[unit].vendor);
	return v && v->segment_table &&
	       f->unit[e->unit].vendor == f->unit[unit].vendor &&
	       f->unit[e->unit].segment == f->unit[unit].segment;
}

/* Is @ev about @requester, too? */
static bool concerns(const struct iommu_vendor *v, const struct iommu_config *c,
		     const struct iommu_evidence *ev, u32 requester)
{
	u32 n = iommu_shared_by(v, c, ev);

	return !n || !((ev->requester ^ requester) & ~(n - 1));
}

/* A base register that was lost, while the table was not (iommu/amdvi/tables.c). */
static bool of_load(const struct rec_entry *e)
{
	return e->evidence.level == IOMMU_AT_REGISTER &&
	       e->mode == IOMMU_MODE_COPY;
}

/* Kept without its PASIDs is told of, too (iommu/vtd/copy.c). */
enum view_after view_after_entry(const struct rec_entry *e)
{
	if (e->mode != IOMMU_MODE_COPY)
		return after_mode(e->mode);
	return e->evidence.err == IOMMU_ESTALE || of_load(e) ? AFTER_KEPT
							     : AFTER_GUARDED;
}

/* In copy mode: is there something that could be kept? */
static enum view_after after_copy(const struct dump *d, u32 unit, u32 requester)
{
	const struct iommu_vendor *v = iommu_vendor(d->facts.unit[unit].vendor);
	struct iommu_evidence ev;
	struct iommu_domain dom;
	struct iommu_config c;
	bool load = false;
	size_t i;

	if (view_config(d, unit, VIEW_CRASH, &c, NULL))
		return AFTER_UNKNOWN;
	if (!c.on)
		return AFTER_GUARDED;
	for (i = 0; v && i < d->crash.entry_n; i++) {
		const struct rec_entry *e = &d->crash.entry[i];

		if (told_of(d, e, unit) && of_load(e))
			load = true;
		else if (told_of(d, e, unit) &&
			 concerns(v, &c, &e->evidence, requester))
			return AFTER_ABORTED;
	}
	if (!v || !d->mem ||
	    (load && view_config(d, unit, VIEW_LOAD, &c, NULL)))
		return AFTER_UNKNOWN;
	memset(&dom, 0, sizeof(dom));
	memset(&ev, 0, sizeof(ev));
	if (v->lookup(&c, d->mem, requester, ~0u, &dom, &ev))
		return AFTER_UNKNOWN;
	return dom.kind == IOMMU_KIND_BLOCKED ? AFTER_ABORTED : AFTER_KEPT;
}

enum view_after view_after(struct dump *d, u32 unit, u32 requester)
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

		if (told_of(d, e, unit) && e->evidence.requester == requester &&
		    e->evidence.level != IOMMU_AT_REGISTER)
			return view_after_entry(e);
	}
	mode = cu->action.mode;
	/* One that came after the load is where its unit is. */
	if (view_devices(d, unit, requester, &device, 1) &&
	    device < d->decisions.device_n)
		mode = decided_device(&d->decisions, device).mode;
	return mode == IOMMU_MODE_COPY ? after_copy(d, unit, requester)
				       : after_mode(mode);
}
