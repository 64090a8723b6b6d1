// SPDX-License-Identifier: GPL-2.0-only
/* What the pages were that a table maps, one after the other. */
#include "answers.h"

/* All pages of a folio of a process are alike: one is asked. */
static u64 end_of(const struct page_facts *f, u64 page)
{
	if (f->order && (f->kind == PAGE_ANON || f->kind == PAGE_HUGETLB))
		return f->first + (page << f->order);
	return f->phys + page;
}

void look_at_run(struct page_looks *l, const struct iommu_run *run)
{
	u64 page = pages_size(l->p), at = run->pa;
	u64 last = run->pa + (run->len - 1);
	struct iommu_run part = *run;
	struct page_facts f;

	while (at >= run->pa && at <= last) {
		if (!l->left) {
			l->more = true;
			return;
		}
		l->left--;
		pages_ask(l->p, at, &f);
		part.iova = run->iova + (at - run->pa);
		part.pa = at;
		at = end_of(&f, page);
		part.len = (at - 1 < last ? at - 1 : last) - part.pa + 1;
		l->each(l->arg, &part, &f);
	}
}
