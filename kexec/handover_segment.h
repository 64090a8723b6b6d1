/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The handover segment, and struct handover in the purgatory's image:
 * include/handover.h says what they hold.
 */
#ifndef KEXEC_HANDOVER_SEGMENT_H
#define KEXEC_HANDOVER_SEGMENT_H

#include "elfcorehdr.h"
#include "facts.h"
#include "handover.h"
#include "segments.h"

struct handover_segment {
	/* Filled in by the caller. */
	const struct facts *facts;
	const struct decisions *decisions;
	bool panic;  /* else there is neither header nor note */
	bool module; /* for the kernel module: no ELF core header */
	const struct memmap *ram;	 /* what the purgatory may read */
	const struct note_segment *note; /* load notes */
	size_t note_n;
	struct elfcorehdr header; /* note: those of the running kernel */
	/* Filled in by handover_layout(). Offsets into the segment. */
	u64 notes_at, plan_at, crash_at, pool_at;
	u64 plan_len, crash_len, arena_len;
	u64 memsz;
	u32 *unit; /* the facts' units that are handed over */
	u32 units, ram_n;
	struct iommu_override *override;
	u32 override_n;
	struct iommu_range *range; /* of all units, one after the other */
	u32 range_n;
	struct handover_array *range_of; /* a unit's, by place in the plan */
	u64 max; /* the segment lies below this address; 0: anywhere */
	bool scratch;
};

/* Decides sizes and offsets. Warnings go to @told. */
int handover_layout(struct handover_segment *h, struct lines *told,
		    struct error *e);
/*
 * Fills the segment's @buf of pool_at bytes, which will lie at @mem, and the
 * fields of @ho that concern it. @region: what is digested, in order.
 */
int handover_build(const struct handover_segment *h, u8 *buf, u64 mem,
		   const struct span *region, u32 region_n, struct handover *ho,
		   struct error *e);
void handover_segment_free(struct handover_segment *h);

#endif
