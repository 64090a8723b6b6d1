// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "../../iommu/vtd/vtd.h"
#include "vtd_tables.h"

void tables_start(struct tables *t, struct qtest *q, bool scalable)
{
	memset(t, 0, sizeof(*t));
	t->q = q;
	t->scalable = scalable;
	t->next = TABLES_START;
	t->root = tables_page(t);
}

u64 tables_page(struct tables *t)
{
	u64 page = t->next;

	if (page + PAGE_4K > TABLES_END) {
		t->full = true;
		return TABLES_START; /* harmless: the case fails on t->full */
	}
	t->next += PAGE_4K;
	return page;
}

struct page_table *tables_add(struct tables *t, const char *name, u32 levels,
			      bool first)
{
	struct page_table *p;

	if (t->n == TABLES_MAX || strlen(name) >= sizeof(p->name))
		return NULL;
	p = &t->table[t->n++];
	strcpy(p->name, name);
	p->levels = levels;
	p->first = first;
	p->root = tables_page(t);
	return p;
}

struct page_table *tables_find(struct tables *t, const char *name)
{
	unsigned int i;

	for (i = 0; i < t->n; i++)
		if (!strcmp(t->table[i].name, name))
			return &t->table[i];
	return NULL;
}

static u64 entry_at(u64 table, u32 level, u64 iova)
{
	return table + (iova >> (12 + 9 * (level - 1)) & 511) * 8;
}

u64 tables_entry(struct tables *t, const struct page_table *p, u32 level,
		 u64 iova)
{
	u64 table = p->root, raw;
	u32 at;

	if (level < 1 || level > p->levels)
		return 0;
	for (at = p->levels; at > level; at--) {
		raw = qtest_read64(t->q, entry_at(table, at, iova));
		if (!raw || raw & PTE_PS)
			return 0;
		table = raw & PTE_ADDR;
	}
	return entry_at(table, level, iova);
}

bool tables_map(struct tables *t, const struct page_table *p, u64 iova, u64 pa,
		u64 size, u32 perm)
{
	u32 leaf = size == PAGE_4K ? 1 : size == MIB(2) ? 2 : 3, at;
	u64 where, raw, table = p->root;

	for (at = p->levels; at > leaf; at--) {
		where = entry_at(table, at, iova);
		raw = qtest_read64(t->q, where);
		if (raw & PTE_PS)
			return false;
		if (!raw) {
			raw = tables_page(t) |
			      (p->first ? FS_P | FS_RW | FS_US : SS_R | SS_W);
			qtest_write64(t->q, where, raw);
		}
		table = raw & PTE_ADDR;
	}
	raw = pa | (leaf > 1 ? PTE_PS : 0);
	if (p->first)
		raw |= FS_P | FS_US | FS_A | FS_D |
		       (perm & IOMMU_W ? FS_RW : 0);
	else
		raw |= (perm & IOMMU_R ? SS_R : 0) |
		       (perm & IOMMU_W ? SS_W : 0);
	qtest_write64(t->q, entry_at(table, leaf, iova), raw);
	return true;
}

/* The table that a word points to; made and entered when @make. */
static u64 below(struct tables *t, u64 where, u64 flags, bool make)
{
	u64 raw = where ? qtest_read64(t->q, where) : 0;

	if (!raw && where && make) {
		raw = tables_page(t) | flags;
		qtest_write64(t->q, where, raw);
	}
	return raw & PTE_ADDR;
}

static u64 find_word(struct tables *t, u16 requester, enum tables_word which,
		     bool make)
{
	u64 where = t->root + (requester >> 8) * VTD_ROOT_BYTES, table;
	u32 devfn = requester & 0xff;

	if (t->scalable && devfn >= 128)
		where += 8;
	if (which == WORD_ROOT)
		return where;
	table = below(t, where, ROOT_P, make);
	if (!table)
		return 0;
	where = table + (t->scalable ? (devfn & 127) * VTD_SCTX_BYTES
				     : devfn * VTD_CTX_BYTES);
	if (which == WORD_CONTEXT || !t->scalable)
		return where;
	/* Requests without a PASID use entry 0 (RID_PASID is 0). */
	table = below(t, where, SCTX_P, make);
	if (!table || which == WORD_DIR)
		return table;
	return below(t, table, PASIDDIR_P, make);
}

u64 tables_word(struct tables *t, u16 requester, enum tables_word which)
{
	return find_word(t, requester, which, false);
}

static void legacy_context(struct tables *t, u16 requester,
			   const struct context *c)
{
	u64 where = find_word(t, requester, WORD_CONTEXT, true);

	qtest_write64(t->q, where,
		      field_put(CTX_P, c->p) | field_put(CTX_FPD, c->fpd) |
			      field_put(CTX_TT, c->tt) |
			      (c->table ? c->table->root : 0));
	qtest_write64(t->q, where + 8,
		      field_put(CTX_AW, c->aw) | field_put(CTX_DID, c->did));
}

static void scalable_context(struct tables *t, u16 requester,
			     const struct context *c)
{
	u64 pasid = find_word(t, requester, WORD_PASID, true);
	u64 context = find_word(t, requester, WORD_CONTEXT, true);
	u64 root = c->table ? c->table->root : 0;
	bool first = c->pgtt == PGTT_FIRST;

	qtest_write64(t->q, context,
		      (qtest_read64(t->q, context) & SCTX_PASIDDIRPTR) |
			      field_put(SCTX_P, c->p) |
			      field_put(SCTX_FPD, c->fpd) |
			      field_put(SCTX_PDTS, c->pdts));
	qtest_write64(t->q, pasid,
		      PASID_P | field_put(PASID_FPD, c->pasidfpd) |
			      field_put(PASID_AW, c->aw) |
			      field_put(PASID_PGTT, c->pgtt) |
			      (first ? 0 : root));
	qtest_write64(t->q, pasid + 8, field_put(PASID_DID, c->did));
	if (first)
		qtest_write64(t->q, pasid + 16,
			      field_put(PASID_FSPM,
					c->table ? c->table->levels - 4 : 0) |
				      root);
}

void tables_context(struct tables *t, u16 requester, const struct context *c)
{
	if (t->scalable)
		scalable_context(t, requester, c);
	else
		legacy_context(t, requester, c);
}
