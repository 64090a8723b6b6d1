// SPDX-License-Identifier: GPL-2.0-only
/* What the vendors' interrupt remapping tables have in common. */
#include "iommu.h"
#include "env.h"

#define DELIVERY_TEXT_MAX 16

/* Intel SDM volume 3, 11.5.1: delivery modes of the APIC; 3 and 6 are none. */
static const char delivery_text[][DELIVERY_TEXT_MAX] = {
	[0] = "fixed", [1] = "lowest priority", [2] = "SMI", [4] = "NMI",
	[5] = "INIT",  [7] = "ExtINT",
};

const char *iommu_irq_delivery_text(u32 delivery)
{
	if (delivery >= ARRAY_SIZE(delivery_text) ||
	    !delivery_text[delivery][0])
		return NULL;
	return delivery_text[delivery];
}

int iommu_irq_entry(const struct iommu_vendor *v,
		    const struct iommu_irq_table *t, struct mem *m, u32 index,
		    struct iommu_irq *irq)
{
	memset(irq, 0, sizeof(*irq));
	if (index >= t->entries || t->entry_bytes > sizeof(irq->raw))
		return IOMMU_EWIDTH;
	irq->where = t->base + (u64)index * t->entry_bytes;
	if (mem_read(m, irq->where, irq->raw, t->entry_bytes))
		return IOMMU_EREAD;
	irq->raw_words = (t->entry_bytes + 7) / 8;
	v->irq_decode(t, irq);
	return IOMMU_OK;
}
