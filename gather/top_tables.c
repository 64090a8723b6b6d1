// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies of VT-d root and context tables. By the time of a crash they are
 * history, but they tell which requesters had a domain when kexec was loaded.
 */
#include <errno.h>
#include <stdlib.h>

#include "../iommu/vtd/vtd.h"
#include "sources.h"

/* All units together: 256 units of two tables a bus would be 512 MiB. */
#define TABLES_MAX MIB(64)

static u64 tables_bytes(const struct facts *f)
{
	u64 sum = 0;

	for (size_t i = 0; i < f->table_n; i++)
		sum += f->table[i].len;
	return sum;
}

const u64 *gather_table(struct gather *g, u32 unit, u64 phys, u32 at,
			u16 requester, int *rc)
{
	struct fact_table *t;
	u8 *bytes = malloc(PAGE_4K);

	if (!bytes) {
		*rc = -ENOMEM;
		return NULL;
	}
	if (mem_read(g->kcore, phys, bytes, PAGE_4K)) {
		facts_missing(g->f, "proc/kcore",
			      "%s: table at 0x%llx is not "
			      "readable",
			      g->f->unit[unit].name, (unsigned long long)phys);
		free(bytes);
		return NULL;
	}
	t = array_grow(&g->f->table, &g->f->table_n, sizeof(*t));
	if (!t) {
		free(bytes);
		*rc = -ENOMEM;
		return NULL;
	}
	*t = (struct fact_table){ phys, unit, at, PAGE_4K, requester, bytes };
	return (const u64 *)(const void *)bytes;
}

/*
 * A root entry is two words; legacy mode has one context table in the first,
 * scalable mode one for devfn 0-127 and one for 128-255 (section 9.1, 9.2).
 */
static int copy_contexts(struct gather *g, u32 unit, const u64 *root,
			 bool scalable)
{
	u64 bytes = tables_bytes(g->f);
	int rc = 0;

	for (u32 i = 0; i < 512 && !rc; i++) {
		u16 requester = (u16)(i / 2 << 8 | (i % 2 ? 0x80 : 0));

		if (!(root[i] & ROOT_P) || (i % 2 && !scalable))
			continue;
		bytes += PAGE_4K;
		if (bytes > TABLES_MAX) {
			facts_missing(
				g->f, "proc/kcore",
				"%s: context tables from "
				"bus 0x%02x on left out: more than %llu MiB",
				g->f->unit[unit].name, i / 2,
				(unsigned long long)TABLES_MAX >> 20);
			break;
		}
		gather_table(g, unit, root[i] & ROOT_CTP, IOMMU_AT_CONTEXT,
			     requester, &rc);
	}
	return rc;
}

int vtd_tables(struct gather *g, u32 unit)
{
	const struct fact_unit *u = &g->f->unit[unit];
	u64 ttm = field(RTADDR_TTM, u->root);
	const u64 *root;
	int rc = 0;

	if (!(u->root & RTADDR_RTA) ||
	    (ttm != TTM_LEGACY && ttm != TTM_SCALABLE))
		return 0;
	if (!gather_kcore(g))
		return 0;
	root = gather_table(g, unit, u->root & RTADDR_RTA, IOMMU_AT_ROOT, 0,
			    &rc);
	return root ? copy_contexts(g, unit, root, ttm == TTM_SCALABLE) : rc;
}
