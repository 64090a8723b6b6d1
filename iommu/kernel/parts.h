/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of this folder share. As in gather, a source that can't be
 * read is a line in facts.missing, never an error.
 */
#ifndef KERNEL_PARTS_H
#define KERNEL_PARTS_H

#include "kernel.h"

/* One row a vendor. */
struct kernel_vendor {
	u32 id;
	/*
	 * Registers and roots of the units that @f lists without one. Called
	 * when there are any. 0 or -ENOMEM.
	 */
	int (*state)(struct kernel *k, struct facts *f);
};
extern const struct kernel_vendor kernel_vtd;
extern const struct kernel_vendor kernel_amdvi;

/* False (noted) when the first one has no address. */
bool kernel_symbols(struct kernel *k, struct facts *f, struct symbol *s,
		    size_t n, const char *driver);
/* False (noted) when one of the first @must members is not found. */
bool kernel_members(struct kernel *k, struct facts *f, struct member *m,
		    size_t n, size_t must);
/*
 * The value of a member of up to 8 bytes, zero extended; of one that was not
 * found, 0. False: the memory can't be read.
 */
bool kernel_get(struct kernel *k, u64 object, const struct member *m, u64 *val);
/*
 * Follows a struct list_head: next first, the head's own address ends it.
 * @entry returns false when it can't be read.
 */
void kernel_list(struct kernel *k, struct facts *f, const struct symbol *list,
		 u32 max, bool (*entry)(void *arg, u64 node), void *arg);

#endif
