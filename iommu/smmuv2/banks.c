// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arm SMMUv2: context banks of ours, and faults and caches of all. Chapters are
 * those of the document named in smmuv2.h. VTCR_RES1 and SEP_UPSTREAM, fields of
 * CBAR and the offsets of the invalidations were compared with
 * drivers/iommu/arm/arm-smmu/arm-smmu.h of Linux, and not with that document.
 */
#include "iommu.h"
#include "smmuv2.h"
#include "tables.h"

#define CAP_ID1(c) ((c)->cap >> 32)

static u32 bank_at(const struct smmuv2_work *w, u32 bank)
{
	return w->l.contexts + bank * w->l.page;
}

/* Is the bank within the registers that there are? */
static bool reachable(const struct smmuv2_work *w, u32 bank)
{
	return (u64)bank_at(w, bank) + w->l.page <= w->s.q->mmio->len;
}

/* --- ours --- */

/* The first ones know stage 2 alone (ID1.NUMS2CB). */
static u32 pick_bank(struct smmuv2_work *w)
{
	u32 bank = w->lpae.second ? 0 : (u32)field(ID1_NUMS2CB, CAP_ID1(&w->c));

	for (; bank < w->l.contexts_n && reachable(w, bank); bank++)
		if (!w->bank_kept[bank]) {
			w->bank_kept[bank] = 1;
			return bank;
		}
	return SMMUV2_NO_BANK;
}

static bool vmid_used(const struct smmuv2_work *w, u32 id)
{
	u64 cbar, cba2r = 0;
	u32 bank, vmid;

	for (bank = 0; bank < w->l.contexts_n; bank++) {
		if (!iommu_reg_get(&w->regs, w->l.page + GR1_CBAR(bank), &cbar))
			continue;
		iommu_reg_get(&w->regs, w->l.page + GR1_CBA2R(bank), &cba2r);
		vmid = w->cr0 & SCR0_VMID16EN ? field(CBA2R_VMID16, cba2r)
					      : field(CBAR_VMID, cbar);
		if (vmid == id)
			return true;
	}
	return false;
}

/* From the top, and none that a bank has: there are fewer banks than VMIDs. */
static u32 pick_vmid(const struct smmuv2_work *w, u32 below)
{
	do
		below--;
	while (below && vmid_used(w, below));
	return below;
}

/* As smmuv2_read64. The bank is off. */
static void write64(struct mmio *r, u32 off, u64 val)
{
	r->write32(r, off + 4, (u32)(val >> 32));
	r->write32(r, off, (u32)val);
}

static void write_second(struct smmuv2_work *w, u32 at, u64 root)
{
	struct mmio *r = w->s.q->mmio;
	const struct lpae_own *o = &w->lpae;

	r->write32(r, at + CB_TCR,
		   (u32)(field_put(TCR_T0SZ, o->tsz) |
			 field_put(VTCR_SL0, o->sl0) |
			 field_put(TCR_IRGN0, CACHE_WB) |
			 field_put(TCR_ORGN0, CACHE_WB) |
			 field_put(TCR_SH0, SH_INNER) |
			 field_put(TCR_TG0, o->tg0) |
			 field_put(VTCR_PS, o->page_size) | VTCR_RES1));
	write64(r, at + CB_TTBR0, root);
	r->write32(r, at + CB_SCTLR, (u32)(SCTLR_M | SCTLR_HUPCF));
}

static void write_first(struct smmuv2_work *w, u32 at, u64 root)
{
	struct mmio *r = w->s.q->mmio;
	const struct lpae_own *o = &w->lpae;

	/* With another SEP addresses from 2 GiB on would be of the upper half. */
	r->write32(r, at + CB_TCR2,
		   (u32)(field_put(TCR2_PASIZE, o->page_size) |
			 field_put(TCR2_SEP, SEP_UPSTREAM)));
	r->write32(r, at + CB_TCR,
		   (u32)(field_put(TCR_T0SZ, o->tsz) | TCR_EPD1 |
			 field_put(TCR_IRGN0, CACHE_WB) |
			 field_put(TCR_ORGN0, CACHE_WB) |
			 field_put(TCR_SH0, SH_INNER) |
			 field_put(TCR_TG0, o->tg0)));
	write64(r, at + CB_TTBR0, root);
	r->write32(r, at + CB_MAIR0, MAIR_WRITE_BACK);
	r->write32(r, at + CB_SCTLR,
		   (u32)(SCTLR_M | SCTLR_TRE | SCTLR_AFE | SCTLR_HUPCF));
}

/* Has the bank what it was given? No stream is led to it otherwise. */
static int check_bank(struct smmuv2_work *w, u32 bank, u64 root)
{
	struct mmio *r = w->s.q->mmio;
	u32 at = bank_at(w, bank);
	u64 back = smmuv2_read64(r, at + CB_TTBR0);

	if (back == root && r->read32(r, at + CB_SCTLR) & SCTLR_M)
		return IOMMU_OK;
	return quiesce_fail(&w->s, IOMMU_EREADBACK, IOMMU_AT_REGISTER,
			    at + CB_TTBR0, back, root);
}

static int set_bank(struct smmuv2_work *w, u32 bank, u32 vmid, u64 root)
{
	struct mmio *r = w->s.q->mmio;
	u32 at = bank_at(w, bank);
	u64 cbar = w->lpae.second
			   ? field_put(CBAR_TYPE, CBAR_S2)
			   : field_put(CBAR_TYPE, CBAR_S1_S2_BYPASS) |
				     field_put(CBAR_BPSHCFG, BPSHCFG_NSH) |
				     field_put(CBAR_MEMATTR, MEMATTR_WB);
	bool wide = w->cr0 & SCR0_VMID16EN;

	r->write32(r, at + CB_SCTLR, 0);
	r->write32(r, w->l.page + GR1_CBA2R(bank),
		   (u32)(CBA2R_VA64 |
			 (wide ? field_put(CBA2R_VMID16, vmid) : 0)));
	r->write32(r, w->l.page + GR1_CBAR(bank),
		   (u32)(cbar | (wide ? 0 : field_put(CBAR_VMID, vmid))));
	if (w->lpae.second)
		write_second(w, at, root);
	else
		write_first(w, at, root);
	return check_bank(w, bank, root);
}

/*
 * Each unit has its own: some share a TLB (Cavium CN88xx, erratum 27704). Linux
 * hands VMIDs out from the bottom, to all units together on these.
 */
static u32 vmids_end(const struct smmuv2_work *w)
{
	return w->c.domains -
	       w->s.q->unit * SMMUV2_TARGETS % (w->c.domains / 2);
}

void smmuv2_set_banks(struct smmuv2_work *w)
{
	u32 i, vmid = vmids_end(w);

	for (i = 0; i < SMMUV2_TARGETS; i++) {
		w->target[i].bank = SMMUV2_NO_BANK;
		if (!w->target[i].wanted)
			continue;
		vmid = pick_vmid(w, vmid);
		w->target[i].vmid = vmid;
		w->target[i].bank = pick_bank(w);
		if (w->target[i].bank == SMMUV2_NO_BANK)
			quiesce_fail(&w->s, IOMMU_ENOSPACE, IOMMU_AT_PASID, 0,
				     w->l.contexts_n, 0);
		else if (set_bank(w, w->target[i].bank, vmid,
				  w->target[i].root))
			w->target[i].bank = SMMUV2_NO_BANK;
	}
}

/* --- faults (chapter 3.12) --- */

static void quiet_bank(struct smmuv2_work *w, u32 at)
{
	const u32 noisy = SCTLR_CFRE | SCTLR_CFIE | SCTLR_CFCFG;
	struct mmio *r = w->s.q->mmio;
	u32 sctlr = r->read32(r, at + CB_SCTLR), quiet, back;

	if (!(sctlr & noisy))
		return;
	quiet = (sctlr & ~noisy) | (u32)SCTLR_HUPCF;
	r->write32(r, at + CB_SCTLR, quiet);
	back = r->read32(r, at + CB_SCTLR);
	if (back & noisy)
		quiesce_fail(&w->s, IOMMU_EREADBACK, IOMMU_AT_REGISTER,
			     at + CB_SCTLR, back, quiet);
}

void smmuv2_clear_faults(struct smmuv2_work *w)
{
	struct mmio *r = w->s.q->mmio;
	u32 bank, at, fsr;

	for (bank = 0; bank < w->l.contexts_n && reachable(w, bank); bank++) {
		at = bank_at(w, bank);
		quiet_bank(w, at);
		fsr = r->read32(r, at + CB_FSR);
		if (fsr)
			r->write32(r, at + CB_FSR, fsr);
		if (fsr & FSR_SS)
			r->write32(r, at + CB_RESUME, RESUME_TERMINATE);
	}
	fsr = r->read32(r, SMMUV2_GFSR);
	if (fsr)
		r->write32(r, SMMUV2_GFSR, fsr);
}

/* --- caches (chapter 4.4) --- */

int smmuv2_invalidate(struct smmuv2_work *w)
{
	struct mmio *r = w->s.q->mmio;

	r->write32(r, SMMUV2_TLBIALLH, 0);
	r->write32(r, SMMUV2_TLBIALLNSNH, 0);
	r->write32(r, SMMUV2_TLBGSYNC, 0);
	return poll_reg(&w->s, SMMUV2_TLBGSTATUS, 4, TLBGSTATUS_ACTIVE, 0, 1);
}
