// SPDX-License-Identifier: GPL-2.0-only
/*
 * AMD-Vi: interrupt remapping tables, one for each requester. Reads only.
 * Section numbers are those of the document named in amdvi.h.
 */
#include "iommu.h"
#include "../env.h"
#include "../lookup.h"
#include "amdvi.h"

/* 2.2.2.1: what the third quadword of a DTE says of interrupts. */
static int table_of_dte(struct lookup *l, u64 where, const u64 *raw,
			u64 control, struct iommu_irq_table *t)
{
	u32 len = field(DTE_INT_TAB_LEN, raw[2]), err = IOMMU_OK;

	if (!(raw[2] & DTE_IV))
		return IOMMU_OK; /* IOMMU_IRQS_PASS */
	switch (field(DTE_INT_CTL, raw[2])) {
	case INT_CTL_ABORT:
		t->state = IOMMU_IRQS_BLOCK;
		return IOMMU_OK;
	case INT_CTL_PASS:
		return IOMMU_OK;
	case INT_CTL_REMAP:
		if (len > INT_TAB_LEN_MAX)
			err = IOMMU_EFORM;
		break;
	default:
		err = IOMMU_ERESERVED;
	}
	if (err)
		return lookup_wrong(l, err, IOMMU_AT_DTE, where, raw,
				    AMDVI_DTE_WORDS);
	t->state = IOMMU_IRQS_REMAP;
	t->base = raw[2] & DTE_INT_ROOT;
	t->entries = 1u << len;
	t->entry_bytes = control & CONTROL_GA_EN ? IRTE_LONG_BYTES
						 : IRTE_SHORT_BYTES;
	t->x2apic = control & CONTROL_GA_EN && control & CONTROL_XT_EN;
	t->posted = control & CONTROL_GA_EN;
	return IOMMU_OK;
}

int amdvi_irq_table(const struct iommu_regs *regs, struct mem *m, u32 requester,
		    struct iommu_irq_table *t, struct iommu_evidence *ev)
{
	struct lookup l = { .m = m, .requester = requester & 0xffff, .ev = ev };
	u64 control = 0, where, raw[AMDVI_DTE_WORDS];
	int err;

	memset(t, 0, sizeof(*t));
	memset(ev, 0, sizeof(*ev));
	if (iommu_reg_get(regs, AMDVI_CONTROL, &control) &&
	    !(control & CONTROL_IOMMU_EN))
		return IOMMU_OK;
	err = amdvi_dte_at(&l, regs, &where);
	if (err)
		return err;
	err = lookup_fetch(&l, IOMMU_AT_DTE, where, raw, AMDVI_DTE_WORDS);
	return err ? err : table_of_dte(&l, where, raw, control, t);
}

/* 2.2.5.1 and, for what is remapped, 2.2.5.2: the lower byte is the same. */
static u32 decode_remapped(const struct iommu_irq_table *t,
			   struct iommu_irq *irq)
{
	u64 low = irq->raw[0], high = irq->raw[1];
	bool rsvd = high & IRTE_LONG_RSVD1;

	irq->delivery = field(AMDVI_IRTE_INT_TYPE, low);
	irq->logical = low & AMDVI_IRTE_DM;
	if (t->entry_bytes == IRTE_SHORT_BYTES) {
		irq->vector = field(IRTE_SHORT_V, low);
		irq->destination = field(IRTE_SHORT_DST, low);
		rsvd = low & IRTE_SHORT_RSVD;
	} else {
		irq->vector = field(IRTE_LONG_V, high);
		irq->destination =
			t->x2apic
				? field(IRTE_LONG_DST, low) |
					  field(IRTE_LONG_DST_HIGH, high) << 24
				: field(IRTE_LONG_DST_XAPIC, low);
	}
	if (rsvd)
		return IOMMU_ERESERVED;
	return irq->delivery > INT_TYPE_ARBITRATED ? IOMMU_EFORM : IOMMU_OK;
}

/* 2.2.5.3 */
static u32 decode_guest(struct iommu_irq *irq)
{
	irq->vector = field(IRTE_LONG_V, irq->raw[1]);
	irq->descriptor = irq->raw[1] & IRTE_GUEST_VAPIC;
	return irq->raw[0] & IRTE_GUEST_RSVD || irq->raw[1] & IRTE_GUEST_RSVD1
		       ? IOMMU_ERESERVED
		       : IOMMU_OK;
}

void amdvi_irq_decode(const struct iommu_irq_table *t, struct iommu_irq *irq)
{
	bool guest = t->posted && irq->raw[0] & AMDVI_IRTE_GUEST_MODE;

	irq->fault_off = irq->raw[0] & AMDVI_IRTE_SUP_IOPF;
	if (!(irq->raw[0] & AMDVI_IRTE_REMAP_EN))
		return; /* IOMMU_IRQ_ABSENT */
	irq->kind = guest ? IOMMU_IRQ_POSTED : IOMMU_IRQ_REMAPPED;
	irq->err = guest ? decode_guest(irq) : decode_remapped(t, irq);
	if (irq->err)
		irq->kind = IOMMU_IRQ_BAD;
}
