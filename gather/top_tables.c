// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies of the tables that say which domain a requester has. By the time of a
 * crash they are history, but they tell what there was when kexec was loaded.
 * Which tables these are is the vendor's to know.
 */
#include <errno.h>
#include <stdlib.h>

#include "sources.h"

/* All units together: 256 units of two tables a bus would be 512 MiB. */
#define TABLES_MAX MIB(64)

static u8 *read_table(struct gather *g, const struct fact_table *t, int *rc)
{
	u8 *bytes = malloc(t->len);

	if (!bytes) {
		*rc = -ENOMEM;
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

const u64 *gather_table(struct gather *g, const struct fact_table *table,
			int *rc)
{
	struct fact_table *t;
	u8 *bytes;

	if (table->len > TABLES_MAX - g->tables_bytes) {
		if (!g->tables_full)
			facts_missing(
				g->f, "proc/kcore",
				"%s: tables from that of requester 0x%04x on "
				"left out: more than %llu MiB",
				g->f->unit[table->unit].name, table->requester,
				(unsigned long long)TABLES_MAX >> 20);
		g->tables_full = true;
		return NULL;
	}
	bytes = read_table(g, table, rc);
	t = bytes ? array_grow(&g->f->table, &g->f->table_n, sizeof(*t)) : NULL;
	if (!t) {
		*rc = bytes ? -ENOMEM : *rc;
		free(bytes);
		return NULL;
	}
	*t = *table;
	t->bytes = bytes;
	g->tables_bytes += t->len;
	return (const u64 *)(const void *)bytes;
}

bool gather_has_table(const struct gather *g, u64 phys)
{
	for (size_t i = 0; i < g->f->table_n; i++)
		if (g->f->table[i].phys == phys)
			return true;
	return false;
}
