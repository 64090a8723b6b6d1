/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tables of a "running kernel", built in the machine's RAM. They are made
 * entry by entry from the masks in iommu/vtd/vtd.h, so that the unit under test
 * reads what a driver would have written, and any bit can be spoilt after.
 */
#ifndef QTEST_TABLES_H
#define QTEST_TABLES_H

#include "qtest.h"

#define TABLES_START MIB(16) /* taken from there, a page at a time */
#define TABLES_END MIB(64)
#define TABLES_MAX 8

struct page_table {
	char name[16];
	u64 root;
	u32 levels;
	bool first; /* first stage */
};

struct tables {
	struct qtest *q;
	bool scalable;
	u64 next;
	u64 root;
	struct page_table table[TABLES_MAX];
	unsigned int n;
	bool full; /* no page left */
};

/* Forgets what was built before; RAM is taken to be zero. */
void tables_start(struct tables *t, struct qtest *q, bool scalable);
/* A page of zeros. */
u64 tables_page(struct tables *t);

struct page_table *tables_add(struct tables *t, const char *name, u32 levels,
			      bool first);
struct page_table *tables_find(struct tables *t, const char *name);
/* @size is 4 KiB, 2 MiB or 1 GiB; missing tables on the way are made. */
bool tables_map(struct tables *t, const struct page_table *p, u64 iova, u64 pa,
		u64 size, u32 perm);
/* Address of the entry for @iova at @level; 0 when the way ends above. */
u64 tables_entry(struct tables *t, const struct page_table *p, u32 level,
		 u64 iova);

struct context {
	const struct page_table *table; /* NULL: none */
	u64 p, fpd, tt, aw, did;
	u64 pgtt;     /* scalable mode */
	u64 pasidfpd; /* FPD in the PASID entry */
	u64 pdts;
};

void tables_context(struct tables *t, u16 requester, const struct context *c);

enum tables_word {
	WORD_ROOT,
	WORD_CONTEXT,
	WORD_DIR,
	WORD_PASID
};
/* Address of a requester's entry; 0 when the way ends above. */
u64 tables_word(struct tables *t, u16 requester, enum tables_word which);

#endif
