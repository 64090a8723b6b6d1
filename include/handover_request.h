/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What kexec(8) writes to /dev/iommu_handover, the module's file, in one
 * write(2) each. A plan is first staged, which checks it as the purgatory
 * does; while the file stays open it can then be committed, in the place of
 * the one before. After each write a read(2) from offset 0 gives one line: what
 * is armed, or why the request was refused.
 *
 * Behind a staged request follows the head of a block of memory, laid out as
 * the handover segment is without an ELF core header:
 *
 *   load notes | plan | crash note | pool (arena, scratch)
 *   '------ @bytes ----------------'
 *
 * All addresses in struct handover, of plan, note, arena and scratch, count from
 * the block's start; the module chooses where it lies, in pages of the running
 * kernel, and moves them. The last guard of the plan, which begins at 0, is the
 * block: what devices keep after the crash must not reach it either.
 */
#ifndef HANDOVER_REQUEST_H
#define HANDOVER_REQUEST_H

#include "handover.h"

#define HANDOVER_DEVICE "iommu_handover"
#define HANDOVER_REQUEST_MAGIC 0x5153455244414f4dULL
/* One allocation of the kernel's: 4 MiB where pages are of 4 KiB. */
#define HANDOVER_BLOCK_MAX (4u << 20)

enum handover_action {
	HANDOVER_STAGE = 1,
	HANDOVER_COMMIT = 2,
	HANDOVER_DISARM = 3,
};

struct handover_request {
	u64 magic;
	u32 version; /* HANDOVER_VERSION */
	u32 action;  /* enum handover_action */
	/* The rest is of HANDOVER_STAGE. */
	u64 bytes;	  /* that follow */
	u64 memsz;	  /* of the block, a multiple of 4 KiB */
	struct span load; /* the load notes in the block; no length: none */
	struct handover h;
};
ASSERT_OFFSET(struct handover_request, load, 32);
ASSERT_OFFSET(struct handover_request, h, 48);
ASSERT_SIZE(struct handover_request, 272);

#endif
