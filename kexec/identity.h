/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The identity map that the purgatory works in, where it can't be had
 * otherwise: kexec/ARCH/identity.c.
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
	bool page_1g; /* the CPU has pages of 1 GiB */
};

struct identity {
	u8 *bytes;
	u64 len;
	u64 root[HANDOVER_PGTABLES]; /* enum handover_pgtable */
};

/* @mem is where it will lie; the length does not depend on it. */
int identity_build(struct identity *id, const struct identity_request *r,
		   u64 mem, struct error *e);

#endif
