// SPDX-License-Identifier: GPL-2.0-only
#include "list.h"

#define LIST_TABLES 64
#define LIST_RUNS 100000
#define KEPT_MAX 40000

/* What a walk has said: runs and evidence, each in order. */
struct heard {
	struct iommu_run run[KEPT_MAX];
	struct iommu_evidence ev[KEPT_MAX];
	u32 runs, evs;
	bool full; /* or the budget was used up: not to be compared */
};

static bool joins(const struct iommu_run *a, const struct iommu_run *b)
{
	return a->iova + a->len == b->iova && a->pa + a->len == b->pa &&
	       a->perm == b->perm;
}

static void extend(struct iommu_run *a, const struct iommu_run *b)
{
	a->len += b->len;
	a->sizes |= b->sizes;
}

/* A run that continues the last one joins it. */
static void hear_run(struct heard *h, const struct iommu_run *run)
{
	if (h->runs && joins(&h->run[h->runs - 1], run))
		extend(&h->run[h->runs - 1], run);
	else if (h->runs == KEPT_MAX)
		h->full = true;
	else
		h->run[h->runs++] = *run;
}

/* Goes on with @h. @at_once: pages that iommu_iter_pages tells, too. */
static void hear(struct heard *h, struct iommu_iter *it, bool at_once)
{
	struct iommu_evidence ev;
	struct iommu_pages pages;
	struct iommu_run run;
	u32 i;
	int err;

	while ((err = iommu_iter_next(it, &run, &ev)) != IOMMU_ENOTPRESENT) {
		if (h->runs == KEPT_MAX || h->evs == KEPT_MAX ||
		    err == IOMMU_EBUDGET) {
			h->full = true;
			return;
		}
		if (err)
			h->ev[h->evs++] = ev;
		else
			hear_run(h, &run);
		while (at_once && iommu_iter_pages(it, &pages))
			for (i = 0; i < pages.n; i++) {
				run = pages_run(&pages, i);
				hear_run(h, &run);
			}
	}
}

static void same(const struct heard *a, const struct heard *b)
{
	u32 i;

	FUZZ_RULE(a->runs == b->runs && a->evs == b->evs);
	for (i = 0; i < a->runs; i++)
		FUZZ_RULE(a->run[i].iova == b->run[i].iova &&
			  a->run[i].pa == b->run[i].pa &&
			  a->run[i].len == b->run[i].len &&
			  a->run[i].perm == b->run[i].perm &&
			  a->run[i].sizes == b->run[i].sizes);
	for (i = 0; i < a->evs; i++)
		FUZZ_RULE(!memcmp(&a->ev[i], &b->ev[i], sizeof(a->ev[i])));
}

/* An address inside what was found, from the table's first one on. */
static u64 middle(const struct iommu_table *t, const struct heard *h)
{
	const struct iommu_pt_format *f = t->format;
	u32 bits = f->page_shift + (t->levels - 1) * f->entry_bits +
		   (t->root_bits ? t->root_bits : f->entry_bits);
	u64 at = h->runs ? h->run[h->runs / 2].iova : h->ev[h->evs / 2].iova;

	at += h->runs ? align_down(h->run[h->runs / 2].len / 2, PAGE_4K) : 0;
	return bits < 64 ? at & (BIT64(bits) - 1) : at;
}

/*
 * A walk that decodes entry by entry, one that decodes one for many and takes
 * pages by the table, and one in two windows must not differ.
 */
static void ways(const struct iommu_config *c, struct fuzz_mem *m,
		 const struct iommu_table *t)
{
	static struct heard slow, fast, split;
	static struct iommu_iter it;
	struct iommu_pt_format plain = *t->format;
	struct iommu_table by_entry = *t;
	u64 at, tables;

	plain.address = NULL;
	by_entry.format = &plain;
	slow.runs = slow.evs = fast.runs = fast.evs = 0;
	split.runs = split.evs = 0;
	slow.full = fast.full = split.full = false;
	iommu_iter_start(&it, &m->m, c, &by_entry, LIST_TABLES);
	hear(&slow, &it, false);
	tables = it.tables;
	iommu_iter_start(&it, &m->m, c, t, LIST_TABLES);
	hear(&fast, &it, true);
	same(&slow, &fast);
	FUZZ_RULE(it.tables == tables && slow.full == fast.full);
	if (slow.full || (!slow.runs && !slow.evs))
		return;
	at = middle(t, &slow);
	if (!at)
		return;
	iommu_iter_start(&it, &m->m, c, t, LIST_TABLES);
	iommu_iter_window(&it, 0, at - 1);
	hear(&split, &it, true);
	iommu_iter_start(&it, &m->m, c, t, LIST_TABLES);
	iommu_iter_window(&it, at, ~0ULL);
	hear(&split, &it, true);
	if (!split.full)
		same(&slow, &split);
}

void fuzz_list(const struct iommu_config *c, struct fuzz_mem *m,
	       const struct iommu_domain *d, const struct iommu_table *t,
	       void (*check)(const struct iommu_config *c, struct fuzz_mem *m,
			     const struct iommu_domain *d,
			     const struct iommu_run *run))
{
	static struct iommu_iter it;
	struct iommu_evidence ev;
	struct iommu_run run;
	u32 i;
	int err;

	iommu_iter_start(&it, &m->m, c, t, LIST_TABLES);
	for (i = 0; i < LIST_RUNS; i++) {
		err = iommu_iter_next(&it, &run, &ev);
		if (err == IOMMU_ENOTPRESENT || err == IOMMU_EBUDGET)
			break;
		if (err)
			continue;
		FUZZ_RULE(run.len && run.perm);
		if (check)
			check(c, m, d, &run);
	}
	FUZZ_RULE(it.tables <= LIST_TABLES && i < LIST_RUNS);
	ways(c, m, t);
}

#define IRQS_MAX 256

void fuzz_irqs(const struct iommu_vendor *v, const struct iommu_regs *regs,
	       struct fuzz_mem *m, u32 requester)
{
	struct iommu_irq_table t;
	struct iommu_evidence ev;
	struct iommu_irq irq;
	u32 i;

	if (v->irq_table(regs, &m->m, requester, &t, &ev)) {
		FUZZ_RULE(ev.err);
		return;
	}
	FUZZ_RULE(t.state == IOMMU_IRQS_REMAP ? t.entries && t.entries <= 65536
					      : !t.entries);
	FUZZ_RULE(iommu_irq_entry(v, &t, &m->m, t.entries, &irq) ==
		  IOMMU_EWIDTH);
	for (i = 0; i < t.entries && i < IRQS_MAX; i++) {
		if (iommu_irq_entry(v, &t, &m->m, i, &irq))
			continue;
		FUZZ_RULE(irq.vector <= 0xff && irq.any_function <= 7);
		FUZZ_RULE((irq.kind == IOMMU_IRQ_BAD) == (irq.err != 0));
		FUZZ_RULE(irq.err || irq.first <= irq.last);
		FUZZ_RULE(irq.err || iommu_irq_delivery_text(irq.delivery));
	}
}
