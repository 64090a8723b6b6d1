// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is the domain that a requester has one that a switch has left? Told by what
 * the domain does, where nobody knows any more which words its entry had: a
 * crash kernel may go on with the table that was left, and change it in place,
 * and the entries of an SMMUv2 are registers.
 */
#include "iommu.h"
#include "env.h"

#define NOWHERE (~0ULL)

/* Where @iova leads; NOWHERE: it is refused, or only read. */
static u64 leads_to(const struct iommu_config *c, struct mem *m,
		    const struct iommu_domain *d, u64 iova)
{
	struct iommu_evidence ev;
	struct iommu_xlat x;

	if (iommu_translate(c, m, d, iova, IOMMU_R | IOMMU_W, &x, &ev))
		return NOWHERE;
	return x.pa;
}

/* Does the table's first level lead nowhere? */
static bool is_empty(struct mem *m, const struct iommu_table *t)
{
	u32 bits = t->root_bits ? t->root_bits : t->format->entry_bits;
	u64 i, raw;

	for (i = 0; i < BIT64(bits); i++)
		if (mem_read(m, t->root + i * 8, &raw, sizeof(raw)) || raw)
			return false;
	return true;
}

/* There may be an entry, and a table that is empty. */
static bool is_blocked(struct mem *m, const struct iommu_domain *d)
{
	const struct iommu_table *t = &d->stage[d->stage[1].format ? 1 : 0];

	if (d->kind == IOMMU_KIND_PASS)
		return d->deny == (IOMMU_R | IOMMU_W);
	return d->kind == IOMMU_KIND_BLOCKED ||
	       (t->format && !d->upper.format && is_empty(m, t));
}

/* All pages are one: no driver maps anything like that. */
static bool is_sink(const struct iommu_config *c, struct mem *m,
		    const struct iommu_domain *d)
{
	u64 pa = leads_to(c, m, d, 0);

	return d->kind == IOMMU_KIND_TABLE && pa != NOWHERE &&
	       leads_to(c, m, d, GIB(1)) == pa &&
	       leads_to(c, m, d, 3 * GIB(1)) == pa;
}

/* A sample: each page that is mapped is itself, and two at least are mapped. */
static bool is_identity(const struct iommu_config *c, struct mem *m,
			const struct iommu_domain *d)
{
	u32 i, same = 0;
	u64 iova, pa;

	for (i = 0; i < 16; i++) {
		iova = i * MIB(256);
		pa = leads_to(c, m, d, iova);
		if (pa != NOWHERE && pa != iova)
			return false;
		same += pa == iova;
	}
	return d->kind == IOMMU_KIND_TABLE && same > 1;
}

/* By the same tables: what else its entry says may be another. */
static bool same_tables(const struct iommu_domain *a,
			const struct iommu_domain *b)
{
	return a->kind == b->kind &&
	       iommu_table_same(&a->stage[0], &b->stage[0]) &&
	       iommu_table_same(&a->stage[1], &b->stage[1]) &&
	       iommu_table_same(&a->upper, &b->upper);
}

bool iommu_same_entry(const struct iommu_domain *a,
		      const struct iommu_domain *b)
{
	/* Where nothing passes it does not matter by which words. */
	if (a->kind == IOMMU_KIND_BLOCKED && b->kind == IOMMU_KIND_BLOCKED)
		return true;
	return a->kind == b->kind && a->entry_words == b->entry_words &&
	       a->entry_words <= IOMMU_RAW_MAX &&
	       !memcmp(a->entry, b->entry,
		       a->entry_words * sizeof(a->entry[0]));
}

bool iommu_left_by(const struct iommu_config *c, struct mem *m, u32 mode,
		   const struct iommu_result *res,
		   const struct iommu_domain *then,
		   const struct iommu_domain *now)
{
	const bool copy = mode == IOMMU_MODE_COPY;

	if (is_blocked(m, now))
		return mode == IOMMU_MODE_ABORT || res->aborted ||
		       (copy && is_blocked(m, then));
	if ((mode == IOMMU_MODE_SINK || (copy && res->sunk)) &&
	    is_sink(c, m, now))
		return true;
	if (copy && then->kind == IOMMU_KIND_PASS)
		return is_identity(c, m, now);
	return copy && same_tables(then, now);
}
