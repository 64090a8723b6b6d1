/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What answers need again and again is made from the facts of a dump when it
 * is first asked for, and kept with the dump (struct dump.answers).
 */
#ifndef KEPT_H
#define KEPT_H

#include "answers.h"

struct answers_kept {
	/* What the DMA of devices may carry, by unit and requester. */
	struct requester_of {
		u32 unit;
		u32 requester;
		u32 device;
	} * of;
	size_t of_n;
	struct fact_alias *alias; /* those of the facts, sorted */
	size_t alias_n;
	struct mem *edited; /* the dump's, with entries as they were, or NULL */
	struct mem *load;   /* the load-time tables as memory; NULL: not made */
};

/*
 * Never NULL: without memory it is empty, which stands among the sources that
 * are missing.
 */
struct answers_kept *answers_kept(struct dump *d);
/* The order of @of: by unit, requester, device. */
int kept_order(const void *a, const void *b);
/* As view_requesters. */
size_t kept_requesters(const struct answers_kept *k, const struct facts *f,
		       size_t device, u32 *out, size_t max);

struct pages;
/* Marks what the units of a struct dump have as tables: for pages_others. */
void mark_iommu_tables(void *dump, struct pages *p);

/* Before a copy of @d is asked: the dead kernel is kept with @d. */
int dead_kernel_open(struct dump *d, const char *vmlinux, char *err,
		     size_t err_len);

#endif
