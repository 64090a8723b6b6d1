// SPDX-License-Identifier: GPL-2.0-only
/*
 * Intel VT-d: the interrupt remapping table. Reads only. Section numbers are
 * those of the document named in vtd.h.
 */
#include "iommu.h"
#include "../env.h"
#include "../lookup.h"
#include "vtd.h"

#define DELIVERY_RESERVED (BIT64(3) | BIT64(6))

/* 5.1.3, 11.4.10: one table a unit, whoever asks. */
int vtd_irq_table(const struct iommu_regs *regs, struct mem *m, u32 requester,
		  struct iommu_irq_table *t, struct iommu_evidence *ev)
{
	struct lookup l = { .m = m, .requester = requester, .ev = ev };
	u64 gsts, irta, cap = 0;

	memset(t, 0, sizeof(*t));
	memset(ev, 0, sizeof(*ev));
	if (!iommu_reg_get(regs, VTD_GSTS, &gsts))
		return lookup_wrong(&l, IOMMU_EREAD, IOMMU_AT_REGISTER,
				    VTD_GSTS, NULL, 0);
	if (!(gsts & GCMD_IRE))
		return IOMMU_OK; /* IOMMU_IRQS_PASS */
	if (!iommu_reg_get(regs, VTD_IRTA, &irta))
		return lookup_wrong(&l, IOMMU_EREAD, IOMMU_AT_REGISTER,
				    VTD_IRTA, NULL, 0);
	iommu_reg_get(regs, VTD_CAP, &cap);
	if (irta & IRTA_RSVD)
		return lookup_wrong(&l, IOMMU_ERESERVED, IOMMU_AT_REGISTER,
				    VTD_IRTA, &irta, 1);
	t->state = IOMMU_IRQS_REMAP;
	t->base = irta & IRTA_IRTA;
	t->entries = 2u << field(IRTA_S, irta);
	t->entry_bytes = VTD_IRTE_BYTES;
	t->x2apic = irta & IRTA_EIME;
	t->posted = cap & CAP_PI;
	/* 5.1.2.1: not in x2APIC mode */
	t->bypass = gsts & GCMD_CFI && !t->x2apic;
	return IOMMU_OK;
}

/* 9.9, 9.10: whose requests the entry is good for. */
static bool decode_source(u64 high, struct iommu_irq *irq)
{
	static const u8 ignored[] = { 0, 4, 6, 7 }; /* by SQ */
	u32 sid = field(IRTE_SID, high);

	switch (field(IRTE_SVT, high)) {
	case SVT_NONE:
		irq->source = IOMMU_IRQ_ANY;
		return true;
	case SVT_SID:
		irq->source = IOMMU_IRQ_REQUESTER;
		irq->first = irq->last = sid;
		irq->any_function = ignored[field(IRTE_SQ, high)];
		return true;
	case SVT_BUSES:
		irq->source = IOMMU_IRQ_BUSES;
		irq->first = sid >> 8;
		irq->last = sid & 0xff;
		return irq->first <= irq->last;
	}
	return false;
}

/* 9.9 */
static u32 decode_remapped(const struct iommu_irq_table *t,
			   struct iommu_irq *irq)
{
	u64 low = irq->raw[0];
	u64 dst = t->x2apic ? IRTE_DST : IRTE_DST_XAPIC;

	irq->destination = field(dst, low);
	irq->delivery = field(IRTE_DLM, low);
	irq->logical = low & IRTE_DM;
	irq->level = low & IRTE_TM;
	if (low & (IRTE_RSVD | (IRTE_DST & ~dst)) || irq->raw[1] & IRTE_RSVD1)
		return IOMMU_ERESERVED;
	return BIT64(irq->delivery) & DELIVERY_RESERVED ? IOMMU_EFORM
							: IOMMU_OK;
}

/* 9.10 */
static u32 decode_posted(const struct iommu_irq_table *t, struct iommu_irq *irq)
{
	irq->urgent = irq->raw[0] & IRTE_URG;
	irq->descriptor = field(IRTE_PDAL, irq->raw[0]) << 6 |
			  field(IRTE_PDAH, irq->raw[1]) << 32;
	if (!t->posted)
		return IOMMU_EFORM;
	return irq->raw[0] & IRTE_POSTED_RSVD || irq->raw[1] & IRTE_POSTED_RSVD1
		       ? IOMMU_ERESERVED
		       : IOMMU_OK;
}

void vtd_irq_decode(const struct iommu_irq_table *t, struct iommu_irq *irq)
{
	bool posted = irq->raw[0] & IRTE_IM;

	irq->fault_off = irq->raw[0] & IRTE_FPD;
	if (!(irq->raw[0] & IRTE_P))
		return; /* IOMMU_IRQ_ABSENT */
	irq->kind = posted ? IOMMU_IRQ_POSTED : IOMMU_IRQ_REMAPPED;
	irq->vector = field(IRTE_V, irq->raw[0]);
	irq->err = posted ? decode_posted(t, irq) : decode_remapped(t, irq);
	if (!decode_source(irq->raw[1], irq) && !irq->err)
		irq->err = IOMMU_EFORM;
	if (irq->err)
		irq->kind = IOMMU_IRQ_BAD;
}
