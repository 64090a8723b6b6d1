/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An SMMUv3 in C: registers, caches, command queue, and the DMA of devices
 * through them. Written from the specification and from no source of the library,
 * whose words it does not share: it is the oracle.
 */
#ifndef SMMUV3_MODEL_H
#define SMMUV3_MODEL_H

#include "switch_rig.h"

struct model_config {
	u32 idr0, idr1, idr3, idr5;
	u32 us_per_access; /* what a register access costs; 0: clock stands */
	u32 us_per_look;   /* what looking at the clock costs */
	u32 us_per_command;
};

/* What goes wrong. */
enum model_fault {
	MODEL_ABSENT = 1 << 0,	       /* all ones */
	MODEL_IRQ_STUCK = 1 << 1,      /* IRQ_CTRLACK keeps its value */
	MODEL_NO_GBPA = 1 << 2,	       /* reads 0, and all passes while off */
	MODEL_GBPA_STUCK = 1 << 3,     /* UPDATE never clears, nor ABORT sets */
	MODEL_OFF_STUCK = 1 << 4,      /* SMMUEN never clears */
	MODEL_ON_STUCK = 1 << 5,       /* SMMUEN never sets */
	MODEL_QUEUE_STUCK = 1 << 6,    /* CMDQEN never clears */
	MODEL_TABLE_LOCKED = 1 << 7,   /* STRTAB_BASE keeps its value */
	MODEL_QUEUE_LOCKED = 1 << 8,   /* CMDQ_BASE keeps its value */
	MODEL_COMMANDS_STUCK = 1 << 9, /* none is taken */
	MODEL_ILLEGAL = 1 << 10,       /* the second command is an error */
	MODEL_FAILURE = 1 << 11,       /* service failure mode, once it is on */
	MODEL_LATE = 1 << 12,	       /* each update takes 300 us */
};

#define MODEL_CACHE 256

struct model_entry { /* STE, and CD where it has one */
	bool used;
	u32 stream;
	u64 ste[8], cd[8];
};

struct model_tlb {
	bool used, el2, global;
	u32 vmid, asid; /* asid ~0: of stage 2 */
	u64 iova, pa;
	u32 perm; /* 1 read, 2 write */
};

struct smmuv3_model {
	struct mmio mmio;
	struct fakemem *mem;
	struct model_config config;
	u32 broken; /* enum model_fault */
	u64 clock, accesses;
	/* registers */
	u32 cr0, cr0ack, cr1, cr2, gbpa, irq_ctrl, irq_ack, gerror, gerrorn;
	u64 strtab_base, cmdq_base;
	u32 strtab_cfg, cmdq_prod, cmdq_cons;
	u64 due;      /* when the update under way is done; 0: none is */
	u64 gbpa_due; /* the same */
	u64 ready;    /* when it takes the next command */
	u32 commands, syncs;
	/* inside */
	struct model_entry entry[MODEL_CACHE];
	struct model_tlb tlb[MODEL_CACHE];
	u32 entry_n, tlb_n;
	u32 writes;  /* to registers */
	u32 passing; /* accesses during which all passed */
	u32 events;
	char wrong[MODEL_WRONG_MAX];
};

void model_init(struct smmuv3_model *v, struct fakemem *mem,
		const struct model_config *c);
struct model_dma model_dma(struct smmuv3_model *v, u32 stream, u64 iova,
			   bool write);
/* A request that a device says is translated: does it pass? */
bool model_translated(struct smmuv3_model *v, u32 stream);
void model_forget(struct smmuv3_model *v);

#endif
