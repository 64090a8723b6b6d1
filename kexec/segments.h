/* SPDX-License-Identifier: GPL-2.0-only */
/* The pieces of an image, and where in memory they go. */
#ifndef KEXEC_SEGMENTS_H
#define KEXEC_SEGMENTS_H

#include "base.h"
#include "util.h"

#define SEGMENTS_MAX 16 /* KEXEC_SEGMENT_MAX of linux/kexec.h */

struct segment {
	const char *name;
	u8 *buf; /* belongs to the segment when @owned */
	u64 bufsz;
	u64 mem, memsz;
	u64 align, min; /* wishes for mem */
	u64 skew;	/* mem is that much above a multiple of align */
	u64 max;	/* it lies below this address; 0: anywhere */
	bool owned;
	u64 digest; /* its first bytes, checked before the jump */
};

struct segments {
	struct segment s[SEGMENTS_MAX];
	u32 n;
	bool full; /* more were added than there is room for */
};

/* memsz and align become whole pages (arch.h). The pointer stays valid. */
struct segment *segments_add(struct segments *all, struct segment s);
struct segment *segments_find(struct segments *all, const char *name);
/*
 * Places all segments in the order they were added, each as high as it gets
 * in @window (ascending). -1 with what is needed and what there is.
 */
int segments_place(struct segments *all, const struct span *window, size_t n,
		   struct error *e);
void segments_free(struct segments *all);

#endif
