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

#endif
