// SPDX-License-Identifier: GPL-2.0-only
/*
 * AMD-Vi: the switch at the time of the crash. The dead kernel left registers
 * and memory in any state; each is read before it is believed. Its event log
 * and command buffer stay its own, for a crash kernel that goes on with them.
 */
#include "iommu.h"
#include "../env.h"
#include "amdvi.h"
#include "tables.h"

static int prepare(struct amdvi_work *w)
{
	struct iommu_quiesce *q = w->s.q;
	const char *why;
	int err;

	if (w->c.form > AMDVI_SEGMENT_BITS_MAX)
		return quiesce_fail(&w->s, IOMMU_EFORM, IOMMU_AT_REGISTER,
				    AMDVI_CONTROL, w->control, 0);
	/* A unit that was never set up: amdvi_can(). */
	if (!w->c.on && !w->c.root)
		return quiesce_fail(&w->s, IOMMU_EUNSUPPORTED,
				    IOMMU_AT_REGISTER, AMDVI_DEV_TBL,
				    w->s.res->root_before, w->control);
	err = amdvi_choose_form(&w->c, q->mode, &w->s.form, &why);
	if (err)
		return quiesce_fail(&w->s, err, IOMMU_AT_REGISTER, AMDVI_EFR,
				    w->c.cap, 0);
	w->status = quiesce_alloc(&w->s, PAGE_4K, PAGE_4K);
	if (!w->status)
		return quiesce_fail(&w->s, IOMMU_ENOSPACE, IOMMU_AT_QUEUE, 0,
				    q->arena->used, q->arena->area.len);
	return IOMMU_OK;
}

static int build(struct amdvi_work *w)
{
	struct iommu_quiesce *q = w->s.q;
	u64 used = q->arena->used;
	int err = prepare(w);

	if (err)
		return err;
	err = amdvi_build(w);
	if (err)
		return quiesce_fail(&w->s, err, IOMMU_AT_DTE, 0, q->arena->used,
				    q->arena->area.len);
	amdvi_flush_arena(w, used);
	return IOMMU_OK;
}

/*
 * What passes for all passes for kept entries alone from now on, and for none
 * where it is the crash kernel's memory.
 */
static u64 exclusion_wanted(struct amdvi_work *w, u64 base)
{
	struct span range = amdvi_exclusion(&w->regs);
	u32 i;

	w->exempt = range.len && base & EXCL_ALLOW;
	if (!range.len)
		return base;
	for (i = 0; i < w->s.q->guard_n; i++)
		if (span_overlaps(&w->s.q->guard[i], range.start, range.len))
			base &= ~EXCL_EN;
	return base & ~EXCL_ALLOW;
}

static int set_exclusion(struct amdvi_work *w, u64 before, u64 want)
{
	struct mmio *r = w->s.q->mmio;
	u64 back;

	if (before == want)
		return IOMMU_OK;
	r->write64(r, AMDVI_EXCL_BASE, want);
	back = r->read64(r, AMDVI_EXCL_BASE);
	return back == want
		       ? IOMMU_OK
		       : quiesce_fail(&w->s, IOMMU_EREADBACK, IOMMU_AT_REGISTER,
				      AMDVI_EXCL_BASE, back, want);
}

static void switch_unit(struct amdvi_work *w)
{
	struct amdvi_part *p;
	u64 base = 0, want;

	iommu_reg_get(&w->regs, AMDVI_EXCL_BASE, &base);
	want = exclusion_wanted(w, base);
	if (build(w))
		return;
	for (p = w->part; p < w->part + w->part_n; p++) {
		if (amdvi_install(w, p))
			return;
		amdvi_share(w, p);
	}
	/* What still can be done is done. */
	set_exclusion(w, base, want);
	/* Turns the unit on, too, where it was found off. */
	if (!amdvi_invalidate(w) && !w->s.res->err)
		w->s.res->outcome = IOMMU_DONE;
}

void amdvi_quiesce(struct iommu_quiesce *q, struct iommu_result *res)
{
	struct amdvi_work *w = q->work;
	int err;

	memset(w, 0, sizeof(*w));
	quiesce_start(&w->s, q, res);
	w->s.c = &w->c;
	w->regs = (struct iommu_regs)IOMMU_REGS(w->reg);
	err = amdvi_read_regs(q->mmio, &w->regs);
	if (!err)
		err = amdvi_describe(&w->regs, &w->c);
	if (err) {
		quiesce_fail(&w->s, err, IOMMU_AT_REGISTER, AMDVI_CONTROL,
			     q->mmio->len, 0);
		return;
	}
	iommu_reg_get(&w->regs, AMDVI_DEV_TBL, &res->root_before);
	iommu_reg_get(&w->regs, AMDVI_CONTROL, &w->control);
	if (quiesce_wanted(&w->s))
		switch_unit(w);
	res->root_after = q->mmio->read64(q->mmio, AMDVI_DEV_TBL);
}
