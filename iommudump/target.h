/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is asked about, as physical memory: by its address, by one of the
 * kernel's own, or by a symbol.
 */
#ifndef IOMMUDUMP_TARGET_H
#define IOMMUDUMP_TARGET_H

#include "report.h"

struct target {
	struct span at;
	u64 virt; /* where the kernel had it; 0: it was asked for by @at */
};

struct targets {
	struct target *target; /* to be freed */
	size_t n;
};

/*
 * Adds a range as it is typed; a virtual one may fall into several. False:
 * r->err says why not, r->status is the exit status.
 */
bool target_add(struct report *r, struct targets *t, const char *text);
/* All arguments, and --symbol. */
bool target_all(struct report *r, struct targets *t);

/*
 * For reach_ask() of these ranges (NULL: of any); tells how far it is. NULL: no
 * memory.
 */
struct reach_index *target_index(struct report *r, const struct span *range,
				 size_t n);

#endif
