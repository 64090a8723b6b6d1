// SPDX-License-Identifier: GPL-2.0-only
/* Interrupt remapping tables, unit by unit, entry by entry. */
#include <string.h>
#include "answers.h"

/* Where each has a table of its own. */
#define REQUESTERS 0x10000u

struct irq_scan {
	struct view_irqs *v;
	const struct iommu_vendor *vendor;
	const struct iommu_regs *regs;
	struct mem *mem;
	bool stop;
};

static bool over(const struct irq_scan *s)
{
	return s->v->looked >= VIEW_IRQS_MAX;
}

/* A page that can't be read is told once, not for each entry in it. */
static void scan_entries(struct irq_scan *s, const struct iommu_irq_table *t)
{
	u64 unread = ~0ULL, page;
	struct iommu_irq irq;
	u32 i;
	int err;

	for (i = 0; i < t->entries && !s->stop && !over(s); i++) {
		s->v->looked++;
		page = align_down(t->base + (u64)i * t->entry_bytes, PAGE_4K);
		if (page == unread)
			continue;
		err = iommu_irq_entry(s->vendor, t, s->mem, i, &irq);
		if (err)
			unread = page;
		if (err || irq.kind != IOMMU_IRQ_ABSENT)
			s->stop = !s->v->entry(s->v->arg, i, err, &irq);
	}
}

static void scan_table(struct irq_scan *s, const struct view_irq_table *t)
{
	s->v->refused += !t->err && t->table.state == IOMMU_IRQS_BLOCK;
	if (!t->err && t->table.state != IOMMU_IRQS_REMAP)
		return;
	if (s->v->table(s->v->arg, t) && !t->err)
		scan_entries(s, &t->table);
}

static void look(struct irq_scan *s, struct view_irq_table *t, u32 requester)
{
	s->v->looked++;
	t->err = s->vendor->irq_table(s->regs, s->mem, requester, &t->table,
				      &t->ev);
}

/*
 * What a register says of all requesters is told once, and so is a page of
 * the device table that can't be read.
 */
static void scan_requesters(struct irq_scan *s, struct view_irq_table *t)
{
	u64 unread = ~0ULL, page;
	u32 i;

	for (i = 0; i < REQUESTERS && !s->stop && !over(s); i++) {
		look(s, t, i);
		t->requester = i;
		if (t->err && t->ev.level == IOMMU_AT_REGISTER) {
			t->requester = REC_NONE;
			if (!i)
				scan_table(s, t);
			return;
		}
		page = align_down(t->ev.where, PAGE_4K);
		if (t->err == IOMMU_EREAD && page == unread)
			continue;
		if (t->err == IOMMU_EREAD)
			unread = page;
		scan_table(s, t);
	}
}

int view_irqs(struct dump *d, u32 unit, struct view_irqs *v)
{
	struct view_irq_table t = { .unit = unit, .requester = REC_NONE };
	struct irq_scan s = { .v = v,
			      .vendor =
				      iommu_vendor(d->facts.unit[unit].vendor),
			      .regs = view_regs(d, unit),
			      .mem = view_mem(d, VIEW_CRASH) };

	if (!s.vendor || !s.vendor->irq_table)
		return IOMMU_EUNSUPPORTED;
	if (!s.regs || !s.mem)
		return IOMMU_EREAD;
	if (s.vendor->irq_tables) {
		scan_requesters(&s, &t);
	} else {
		look(&s, &t, 0);
		scan_table(&s, &t);
	}
	return over(&s) ? IOMMU_EBUDGET : IOMMU_OK;
}
