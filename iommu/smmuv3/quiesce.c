// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arm SMMUv3: the switch at the time of the crash. The dead kernel left registers
 * and memory in any state; each is read before it is believed.
 *
 * STRTAB_BASE can be written only while the unit is off (6.3.24). Then GBPA
 * rules: with its ABORT nothing passes from before the unit goes off until it is
 * on again with our table. A unit without GBPA, which QEMU is up to 8.0, lets all
 * pass meanwhile: between the write to CR0 that turns it off and the one that
 * turns it on lie a handful of register accesses, and no work on memory.
 *
 * Secure state has registers of its own, which are not touched.
 */
#include "iommu.h"
#include "../env.h"
#include "smmuv3.h"
#include "tables.h"

static int prepare(struct smmuv3_work *w)
{
	struct iommu_quiesce *q = w->s.q;
	const char *why;
	u64 used = q->arena->used;
	int err;

	err = smmuv3_choose_form(&w->c, q->mode, &w->form, &why);
	if (err)
		return quiesce_fail(&w->s, err, IOMMU_AT_REGISTER, SMMUV3_IDR0,
				    w->c.cap, w->c.ecap);
	w->s.form = w->form.pages;
	err = smmuv3_queue_build(w);
	if (!err)
		err = smmuv3_build(w);
	if (err)
		return quiesce_fail(&w->s, err, IOMMU_AT_ROOT, 0,
				    q->arena->used, q->arena->area.len);
	/* However the unit is set up to read them (CR1): they are in memory. */
	if (q->mem->flush)
		q->mem->flush(q->mem, q->arena->area.start + used,
			      q->arena->used - used);
	return IOMMU_OK;
}

/* No interrupt is left that the next kernel does not expect (6.3.15). */
static void stop_interrupts(struct smmuv3_work *w)
{
	struct mmio *r = w->s.q->mmio;

	r->write32(r, SMMUV3_IRQ_CTRL, 0);
	poll_reg(&w->s, SMMUV3_IRQ_CTRLACK, 4, ~0u, 0, 8);
}

/* 6.3.14: while the unit is off, nothing passes. Not every unit has that. */
static void close_bypass(struct smmuv3_work *w)
{
	struct mmio *r = w->s.q->mmio;
	u32 gbpa;

	if (poll_reg(&w->s, SMMUV3_GBPA, 4, GBPA_UPDATE, 0, 8))
		return;
	gbpa = r->read32(r, SMMUV3_GBPA);
	r->write32(r, SMMUV3_GBPA, gbpa | GBPA_ABORT | GBPA_UPDATE);
	if (poll_reg(&w->s, SMMUV3_GBPA, 4, GBPA_UPDATE, 0, 8))
		return;
	w->closed = r->read32(r, SMMUV3_GBPA) & GBPA_ABORT;
}

/* Both registers, or, where they don't take it, what they were. */
static int set_table(struct smmuv3_work *w)
{
	struct mmio *r = w->s.q->mmio;
	u32 cfg = smmuv3_table_config(&w->form), cfg_back;
	u64 back;

	r->write64(r, SMMUV3_STRTAB_BASE, w->table | STRTAB_BASE_RA);
	r->write32(r, SMMUV3_STRTAB_BASE_CFG, cfg);
	back = r->read64(r, SMMUV3_STRTAB_BASE);
	cfg_back = r->read32(r, SMMUV3_STRTAB_BASE_CFG);
	if ((back & STRTAB_BASE_ADDR) == w->table && cfg_back == cfg)
		return IOMMU_OK;
	quiesce_fail(&w->s, IOMMU_EREADBACK, IOMMU_AT_REGISTER,
		     SMMUV3_STRTAB_BASE, back, w->table);
	r->write64(r, SMMUV3_STRTAB_BASE, w->s.res->root_before);
	r->write32(r, SMMUV3_STRTAB_BASE_CFG, (u32)w->c.form);
	return IOMMU_EREADBACK;
}

/*
 * From off to on. What goes wrong there is better left off, where that refuses
 * all; otherwise on, with whatever table it has.
 */
static void window(struct smmuv3_work *w, bool queue)
{
	u32 on = CR0_SMMUEN | CR0_CMDQEN, off = queue ? CR0_CMDQEN : 0;
	int err;

	if (w->c.cap & IDR0_ATS)
		on |= CR0_ATSCHK;
	if (smmuv3_set_cr0(w, off, queue ? CR0_SMMUEN | CR0_QUEUES : CR0_SMMUEN,
			   2)) {
		smmuv3_set_cr0(w, w->cr0, CR0_SMMUEN, 1);
		return;
	}
	err = set_table(w);
	if (!err && !queue)
		err = IOMMU_ETIMEOUT; /* told already */
	if (!err)
		err = smmuv3_queue_run(w);
	if (err && w->closed)
		return;
	if (!queue)
		on &= ~CR0_CMDQEN;
	smmuv3_set_cr0(w, on, on, 1);
}

static void switch_unit(struct smmuv3_work *w)
{
	if (prepare(w))
		return;
	w->s.res->outcome = IOMMU_PARTLY;
	stop_interrupts(w);
	close_bypass(w);
	window(w, !smmuv3_queue_start(w));
	smmuv3_check_service(w);
	if (w->s.res->err)
		return;
	w->s.res->invalidation = IOMMU_INVALIDATION_QUEUED;
	w->s.res->outcome = IOMMU_DONE;
}

void smmuv3_quiesce(struct iommu_quiesce *q, struct iommu_result *res)
{
	struct smmuv3_work *w = q->work;
	struct iommu_fault_raw none[1];
	u64 cr0 = 0;
	u32 n = 0;
	int err;

	memset(w, 0, sizeof(*w));
	quiesce_start(&w->s, q, res);
	w->s.c = &w->c;
	w->regs = (struct iommu_regs)IOMMU_REGS(w->reg);
	err = smmuv3_snapshot(q->mmio, &w->regs, none, &n);
	if (!err)
		err = smmuv3_describe(&w->regs, &w->c);
	if (err) {
		quiesce_fail(&w->s, err, IOMMU_AT_REGISTER, SMMUV3_IDR1,
			     q->mmio->len, 0);
		return;
	}
	iommu_reg_get(&w->regs, SMMUV3_STRTAB_BASE, &res->root_before);
	iommu_reg_get(&w->regs, SMMUV3_CR0, &cr0);
	w->cr0 = (u32)cr0;
	if (quiesce_wanted(&w->s))
		switch_unit(w);
	res->root_after = q->mmio->read64(q->mmio, SMMUV3_STRTAB_BASE);
}
