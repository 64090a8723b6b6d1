/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The identity map that the purgatory works in: the request, and the page
 * tables that kexec/ARCH/identity.c makes of it.
 */
#ifndef KEXEC_IDENTITY_H
#define KEXEC_IDENTITY_H

#include "handover.h"
#include "memmap.h"
#include "segments.h"
#include "util.h"

struct identity_request {
	const struct memmap *ram;  /* mapped cached, exactly */
	const struct span *device; /* mapped uncached, in whole pages */
	size_t device_n;
	u64 page_max; /* bytes of the largest page to use */
};

struct identity {
	u8 *bytes;
	u64 len;
	u64 root[HANDOVER_PGTABLES]; /* enum handover_pgtable */
};

/* How an architecture's entries look. Absent ones are 0. */
struct identity_form {
	u32 levels; /* of tables */
	u32 bits;   /* of addresses: RAM above is left out */
	u64 table;  /* bits of an entry that leads to a table */
	/* Under the mask kind: a page above the lowest level, and one on it. */
	u64 kind, large, small;
	u64 ram, device; /* the other bits of a page's entry */
};

/* Builds @id but for its roots; the topmost table comes first. -1 with @e. */
int identity_tables(struct identity *id, const struct identity_form *form,
		    const struct identity_request *r, u64 mem, struct error *e);

#endif
