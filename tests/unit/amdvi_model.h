/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An AMD-Vi unit in C: registers, caches, command buffer, event log, and the
 * DMA of devices through them. Written from the specification and from no
 * source of the library, whose words it does not share: it is the oracle.
 */
#ifndef AMDVI_MODEL_H
#define AMDVI_MODEL_H

#include "switch_rig.h"

struct model_config {
	u64 efr;
	u32 us_per_access; /* what a register access costs; 0: clock stands */
	u32 us_per_look;   /* what looking at the clock costs */
	u32 us_per_command;
};

/* What goes wrong. */
enum model_fault {
	MODEL_ABSENT = 1 << 0,	     /* all ones */
	MODEL_TABLE_LOCKED = 1 << 1, /* DEV_TBL keeps its value, as with SNP */
	MODEL_TABLE_ODD = 1 << 2,    /* DEV_TBL takes a bit that nobody wrote */
	MODEL_RING_STUCK = 1 << 3, /* the head moves no more, until restarted */
	MODEL_RING_DEAD = 1 << 4,  /* nor then */
	MODEL_RUN_STUCK_ON = 1 << 5,  /* CmdBufRun never clears */
	MODEL_RUN_STUCK_OFF = 1 << 6, /* CmdBufRun never sets again */
	MODEL_NO_STORE = 1 << 7,      /* a wait stores nothing */
	MODEL_LATE_STORE = 1 << 8,    /* but after a while */
	MODEL_ILLEGAL = 1 << 9,	      /* the third command is an error */
	MODEL_RING_LOCKED = 1 << 10,  /* CMD_BUF keeps its value */
	MODEL_STORE_IN_RANGE =
		1 << 11, /* SNP: stores go to EXCL_BASE's page alone */
	MODEL_HEAD_AT_END = 1 << 13, /* CMD_HEAD shows the end, not the start */
	MODEL_STORM = 1 << 12,	     /* events are logged all the time */
	MODEL_SEGMENTS_LOCKED = 1
				<< 14, /* of DEV_TBLs, the first alone takes */
};

#define MODEL_CACHE 256
#define MODEL_LOG 0x7f0000ULL /* where the tests' event log lies */

struct model_dte {
	bool used;
	u32 requester;
	u64 word[4];
};

struct model_tlb {
	bool used;
	u32 did;
	u64 iova, pa;
	u32 perm; /* 1 read, 2 write */
};

struct amdvi_model {
	struct mmio mmio;
	struct fakemem *mem;
	struct model_config config;
	u32 broken; /* enum model_fault */
	u64 clock;
	u64 accesses;
	/* registers */
	u64 dev_tbl[8], cmd_buf, evt_log, control, excl_base, excl_limit;
	u64 cmd_head, cmd_tail, evt_head, evt_tail, status;
	u64 ready; /* when the unit takes the next command */
	u64 late_where, late_val, late_due;
	u32 commands, waits; /* executed */
	/* inside */
	struct model_dte dte[MODEL_CACHE];
	struct model_tlb tlb[MODEL_CACHE];
	u32 dte_n, tlb_n;
	u32 writes; /* to registers */
	/* what software did that it must not */
	char wrong[MODEL_WRONG_MAX];
};

void model_init(struct amdvi_model *v, struct fakemem *mem,
		const struct model_config *c);

/* A request of a device, without PASID. */
struct model_dma model_dma(struct amdvi_model *v, u32 requester, u64 iova,
			   bool write);
u32 model_pending_events(const struct amdvi_model *v);
/*
 * Looked at after each change of memory, as a unit may: may the requester reach
 * @iova by what the device table says now, caches aside?
 */
bool model_reaches(struct amdvi_model *v, u32 requester, u64 iova, bool write);

#endif
