/* SPDX-License-Identifier: GPL-2.0-only */
/* Sparse physical memory for tests: pages exist once they were put there. */
#ifndef FAKEMEM_H
#define FAKEMEM_H

#include "base.h"
#include "mem.h"

struct fakemem {
	struct mem m; /* its read, write and flush see pages that exist */
	struct fakepage *page;
	size_t n, room;
	struct span grow; /* here pages come to be, full of junk, by a write */
	u64 writes;	  /* through m.write */
	u64 reads;
	u64 stores_left; /* m.store64 fails when these are done; 0: never */
	u64 deny_write;	 /* the page that can't be written; 0: none */
	u64 deny_read;	 /* likewise; m.store64 and the unit can */
};

void fakemem_init(struct fakemem *f);
void fakemem_free(struct fakemem *f);
/* The test's own hand: never fails, makes the page. */
void fakemem_put(struct fakemem *f, u64 phys, u64 word);
u64 fakemem_get(struct fakemem *f, u64 phys);
bool fakemem_exists(struct fakemem *f, u64 phys);
/* Written through m.write since the last flush of that page? */
bool fakemem_dirty(struct fakemem *f, u64 phys);

#endif
