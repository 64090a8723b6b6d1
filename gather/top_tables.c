// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies of the tables that say which domain a requester has. By the time of a
 * crash they are history, but they tell what there was when kexec was loaded.
 * Which tables these are is the vendor's to know (iommu_top_tables()).
 */
#include <errno.h>
#include <stdlib.h>

#include "sources.h"

/* All units together: 256 units of two tables a bus would be 512 MiB. */
#define TABLES_MAX MIB(64)

struct copying {
	struct iommu_top top;
	struct gather *g;
	u32 unit;
	int rc;
};

static bool is_full(struct gather *g, const struct fact_table *t)
{
	if (t->len <= TABLES_MAX - g->tables_bytes)
		return false;
	if (!g->tables_full)
		facts_missing(g->f, "top-level tables",
			      "%s: tables from that of requester 0x%04x on "
			      "left out: more than %llu MiB",
			      g->f->unit[t->unit].name, t->requester,
			      (unsigned long long)TABLES_MAX >> 20);
	g->tables_full = true;
	return true;
}

int gather_add_table(struct gather *g, const struct fact_table *table,
		     u8 *bytes)
{
	struct fact_table *t = NULL;
	bool full = is_full(g, table);

	if (!full)
		t = array_grow(&g->f->table, &g->f->table_n, sizeof(*t));
	if (!t) {
		free(bytes);
		return full ? 0 : -ENOMEM;
	}
	*t = *table;
	t->bytes = bytes;
	g->tables_bytes += t->len;
	return 0;
}

static u8 *read_table(struct copying *c, const struct fact_table *t)
{
	struct gather *g = c->g;
	u8 *bytes;

	if (c->rc || is_full(g, t) || !gather_kcore(g))
		return NULL;
	bytes = malloc(t->len);
	if (!bytes) {
		c->rc = -ENOMEM;
		return NULL;
	}
	if (!mem_read(g->kcore, t->phys, bytes, t->len))
		return bytes;
	facts_missing(g->f, "proc/kcore",
		      "%s: table at 0x%llx is not "
		      "readable",
		      g->f->unit[t->unit].name, (unsigned long long)t->phys);
	free(bytes);
	return NULL;
}

static const u64 *copy_table(struct iommu_top *top, u64 phys, u32 at, u32 len,
			     u16 requester)
{
	struct copying *c = (struct copying *)top;
	const struct fact_table t = {
		.phys = phys,
		.unit = c->unit,
		.at = at,
		.len = len,
		.requester = requester,
	};
	u8 *bytes = read_table(c, &t);

	if (!bytes)
		return NULL;
	c->rc = gather_add_table(c->g, &t, bytes);
	return c->rc ? NULL : (const u64 *)(const void *)bytes;
}

static bool copied(struct iommu_top *top, u64 phys)
{
	const struct facts *f = ((struct copying *)top)->g->f;

	for (size_t i = 0; i < f->table_n; i++)
		if (f->table[i].phys == phys)
			return true;
	return false;
}

int gather_tables(struct gather *g, u32 unit)
{
	const struct fact_unit *u = &g->f->unit[unit];
	struct copying c = { { copy_table, copied }, g, unit, 0 };

	iommu_top_tables(u->vendor, &u->regs, &c.top);
	return c.rc;
}
