/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A made-up kernel: structures laid out unlike any real one's, in memory that
 * a text, or a fuzzer, fills. What the text may say, one thing a line:
 *
 *   at NAME ADDR                 a name for an address
 *   set ADDR TYPE.MEMBER VALUE   a value, or an address
 *   text ADDR WORDS...           a string
 *   word ADDR VALUE...           64-bit words
 *   list HEAD NODE...            struct list_heads, linked in this order
 *   hole ADDR                    the page is not readable
 *   without TYPE.MEMBER | SYMBOL this kernel has no such thing
 *   known NAME VENDOR REGS       a unit that is listed already
 *   include FILE
 *
 * ADDR is a number, a name or a symbol, with +TYPE.MEMBER or +NUMBER behind.
 */
#ifndef MADEUP_H
#define MADEUP_H

#include "structures.h"

#define MADEUP_PAGES 64
#define MADEUP_NAMES 256

struct madeup {
	struct kernel k;
	struct facts facts;	/* units that are known */
	u64 page[MADEUP_PAGES]; /* address | 1 when it is a hole */
	u8 *bytes[MADEUP_PAGES];
	size_t pages;
	struct {
		char name[64];
		u64 addr;
	} name[MADEUP_NAMES];
	size_t names;
	char without[16][64];
	size_t withouts;
	/* Where there is one, memory comes from it. */
	struct mem *mem;
};

/* Empty, to be filled; free with madeup_free. */
void madeup_init(struct madeup *k);
/* False: a line on stderr. */
bool madeup_read(struct madeup *k, const char *path);
void madeup_free(struct madeup *k);

/* The i-th symbol, and what BTF says of the layout; for whole dumps. */
bool madeup_symbol(size_t i, struct symbol *s);
struct btf *madeup_btf(void);

#endif
