// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arm SMMUv2: the switch at the time of the crash. Streams and context banks are
 * registers, so that entries change where they are: each one that does not stay
 * as it is refuses first, and is led to a bank of ours once that is ready and the
 * TLB empty. Streams that match no entry are refused: there is no entry that could
 * lead them elsewhere.
 *
 * A unit that the kernel has put into bypass (sCR0.CLIENTPD, which is how Linux
 * leaves it with kexec -e) is turned on last, when all its entries are right.
 *
 * Secure state has registers of its own, which are not touched.
 */
#include "iommu.h"
#include "../env.h"
#include "smmuv2.h"
#include "tables.h"

static int prepare(struct smmuv2_work *w)
{
	struct iommu_quiesce *q = w->s.q;
	u64 used = q->arena->used;
	const char *why;
	int err;

	err = smmuv2_choose_form(&w->c, q->mode, &w->form, &w->lpae, &why);
	if (err)
		return quiesce_fail(&w->s, err, IOMMU_AT_REGISTER, SMMUV2_ID2,
				    w->c.cap, w->c.ecap);
	/* An override may want tables where the unit's mode takes none. */
	smmuv2_choose_form(&w->c, IOMMU_MODE_SINK, &w->form, &w->lpae, &why);
	w->s.form = w->form;
	smmuv2_decide(w);
	if (w->s.write_err)
		return quiesce_fail(&w->s, w->s.write_err, IOMMU_AT_ROOT, 0,
				    q->arena->used, q->arena->area.len);
	/* However the unit is set up to read them: they are in memory. */
	if (q->mem->flush && q->arena->used != used)
		q->mem->flush(q->mem, q->arena->area.start + used,
			      q->arena->used - used);
	return IOMMU_OK;
}

/* Writes an S2CR, and what the unit makes of it. */
static void set_entry(struct smmuv2_work *w, u32 n, u64 type, u32 bank)
{
	const u64 told = S2CR_TYPE | S2CR_CBNDX;
	struct mmio *r = w->s.q->mmio;
	u64 val = field_put(S2CR_TYPE, type) | field_put(S2CR_CBNDX, bank);
	u32 back;

	if (w->l.extended)
		val |= S2CR_EXIDVALID;
	r->write32(r, SMMUV2_S2CR(n), (u32)val);
	back = r->read32(r, SMMUV2_S2CR(n));
	if ((back ^ val) & (type == S2CR_FAULT ? S2CR_TYPE : told))
		quiesce_fail(&w->s, IOMMU_EREADBACK, IOMMU_AT_REGISTER,
			     SMMUV2_S2CR(n), back, val);
}

static void refuse_all(struct smmuv2_work *w)
{
	u32 n;

	for (n = 0; n < w->l.streams_n; n++)
		if (w->used[n] && !w->kept[n])
			set_entry(w, n, S2CR_FAULT, 0);
}

static void lead_all(struct smmuv2_work *w)
{
	u32 n, bank;

	for (n = 0; n < w->l.streams_n; n++) {
		if (!w->used[n] || w->kept[n] || w->to[n] == TARGET_EMPTY)
			continue;
		bank = w->target[w->to[n]].bank;
		if (bank != SMMUV2_NO_BANK)
			set_entry(w, n, S2CR_TRANSLATION, bank);
	}
}

/* 9.6: streams without entry fault, and no fault is told of. */
static int set_cr0(struct smmuv2_work *w, u32 cr0)
{
	const u32 noisy = SCR0_GFRE | SCR0_GFIE | SCR0_GCFGFRE | SCR0_GCFGFIE |
			  SCR0_GSE;
	struct mmio *r = w->s.q->mmio;
	u32 back;

	cr0 = (cr0 & ~noisy) | (u32)SCR0_USFCFG;
	r->write32(r, SMMUV2_CR0, cr0);
	back = r->read32(r, SMMUV2_CR0);
	if ((back ^ cr0) & (SCR0_CLIENTPD | SCR0_USFCFG | noisy))
		return quiesce_fail(&w->s, IOMMU_EREADBACK, IOMMU_AT_REGISTER,
				    SMMUV2_CR0, back, cr0);
	return IOMMU_OK;
}

static void switch_unit(struct smmuv2_work *w)
{
	if (prepare(w))
		return;
	w->s.res->outcome = IOMMU_PARTLY;
	set_cr0(w, w->cr0);
	refuse_all(w);
	smmuv2_set_banks(w);
	smmuv2_clear_faults(w);
	/* Our banks have VMIDs of their own: what is cached is not theirs. */
	if (!smmuv2_invalidate(w))
		w->s.res->invalidation = IOMMU_INVALIDATION_REGISTERS;
	lead_all(w);
	if (w->cr0 & SCR0_CLIENTPD)
		set_cr0(w, w->cr0 & ~(u32)SCR0_CLIENTPD);
	if (!w->s.res->err)
		w->s.res->outcome = IOMMU_DONE;
}

void smmuv2_quiesce(struct iommu_quiesce *q, struct iommu_result *res)
{
	struct smmuv2_work *w = q->work;
	struct iommu_fault_raw none[1];
	u64 cr0 = 0;
	u32 n = 0;
	int err;

	memset(w, 0, sizeof(*w));
	quiesce_start(&w->s, q, res);
	w->s.c = &w->c;
	w->regs = (struct iommu_regs)IOMMU_REGS(w->reg);
	err = smmuv2_snapshot(q->mmio, &w->regs, none, &n);
	if (err == IOMMU_ENOSPACE) /* faults, which the record has */
		err = IOMMU_OK;
	if (!err)
		err = smmuv2_describe(&w->regs, &w->c);
	if (err) {
		quiesce_fail(&w->s, err, IOMMU_AT_REGISTER, SMMUV2_ID0,
			     q->mmio->len, 0);
		return;
	}
	iommu_reg_get(&w->regs, SMMUV2_CR0, &cr0);
	w->cr0 = (u32)cr0;
	smmuv2_layout(w->c.cap, w->c.cap >> 32, cr0, &w->l);
	res->root_before = cr0;
	if (quiesce_wanted(&w->s))
		switch_unit(w);
	res->root_after = q->mmio->read32(q->mmio, SMMUV2_CR0);
}
