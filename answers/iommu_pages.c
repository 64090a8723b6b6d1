// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which pages are tables of an IOMMU: to the kernel they are pages in use like
 * others. All tables are gone through from the registers down, and whatever is
 * read on the way is one.
 */
#include <string.h>
#include "kept.h"

/* As many as are read for one question about mappings. */
#define TABLES_MAX (1ull << 23)
#define ERRORS_MAX 4096u /* of one table; behind that it is no table */

struct marking {
	struct mem mem; /* reads, and marks what it reads */
	struct mem *below;
	struct pages *p;
	struct iommu_config c;
	u64 budget;
	struct iommu_iter it;
};

static int marking_read(struct mem *mem, u64 phys, void *buf, u32 len)
{
	struct marking *m = (struct marking *)mem;
	int err = mem_read(m->below, phys, buf, len);

	if (!err)
		pages_mark(m->p, phys, len, PAGE_IOMMU);
	return err;
}

/* Each once, however many ways lead to it. */
static bool descend(void *arg, u64 table, u32 level)
{
	struct marking *m = arg;

	(void)level;
	return pages_mark(m->p, table, 1, PAGE_IOMMU);
}

static void mark_stage(struct marking *m, const struct iommu_table *t)
{
	struct iommu_evidence ev;
	struct iommu_pages pages;
	struct iommu_run run;
	u32 errors = 0;
	int err;

	/* Known already: of another requester. */
	if (!t->format || !m->budget ||
	    !pages_mark(m->p, t->root, 1, PAGE_IOMMU))
		return;
	iommu_iter_start(&m->it, &m->mem, &m->c, t, m->budget);
	m->it.descend = descend;
	m->it.arg = m;
	do {
		err = iommu_iter_next(&m->it, &run, &ev);
		errors += err && err != IOMMU_ENOTPRESENT;
		/* What is mapped is not asked. */
		while (iommu_iter_pages(&m->it, &pages))
			;
	} while (err != IOMMU_ENOTPRESENT && err != IOMMU_EBUDGET &&
		 errors < ERRORS_MAX);
	m->budget -= m->it.tables < m->budget ? m->it.tables : m->budget;
}

static bool each_entry(void *arg, const struct view_entry *e)
{
	struct marking *m = arg;
	const struct iommu_domain *d = &e->domain;

	if (e->err)
		return true;
	pages_mark(m->p, d->entry_addr, 8 * d->entry_words, PAGE_IOMMU);
	/* A first stage over a second one is a guest's own. */
	if (d->kind == IOMMU_KIND_TABLE) {
		mark_stage(m, &d->stage[0]);
		mark_stage(m, &d->upper);
	}
	if (d->kind == IOMMU_KIND_TABLE || d->kind == IOMMU_KIND_NESTED)
		mark_stage(m, &d->stage[1]);
	return true;
}

static bool each_irq_table(void *arg, const struct view_irq_table *t)
{
	struct marking *m = arg;

	if (!t->err)
		pages_mark(m->p, t->table.base,
			   (u64)t->table.entries * t->table.entry_bytes,
			   PAGE_IOMMU);
	return false;
}

void mark_iommu_tables(void *dump, struct pages *p)
{
	struct dump *d = dump;
	struct marking m = { .mem.read = marking_read,
			     .below = view_mem(d, VIEW_CRASH),
			     .p = p,
			     .budget = TABLES_MAX };
	struct view_irqs irqs = { .table = each_irq_table, .arg = &m };

	for (u32 unit = 0; m.below && unit < d->facts.unit_n; unit++) {
		if (view_config(d, unit, VIEW_CRASH, &m.c, NULL) || !m.c.on)
			continue;
		pages_mark(p, m.c.root, m.c.root_len, PAGE_IOMMU);
		view_entries(d, unit, VIEW_CRASH, each_entry, &m);
		view_irqs(d, unit, &irqs);
	}
}
