/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An SMMUv2 in C: streams and context banks, TLB, and the DMA of devices through
 * them. Written from the specification and from no source of the library, whose
 * words it does not share: it is the oracle. No QEMU has such a unit.
 */
#ifndef SMMUV2_MODEL_H
#define SMMUV2_MODEL_H

#include "switch_rig.h"

#define MODEL_STREAMS 128
#define MODEL_BANKS 128
#define MODEL_CACHE 256

struct model_config {
	u32 id0, id1, id2;
	u32 us_per_access; /* what a register access costs; 0: clock stands */
	u32 us_per_look;   /* what looking at the clock costs */
};

/* What goes wrong. */
enum model_fault {
	MODEL_ABSENT = 1 << 0,	     /* all ones */
	MODEL_CR0_LOCKED = 1 << 1,   /* sCR0 keeps its value */
	MODEL_S2CR_LOCKED = 1 << 2,  /* the S2CR of stream entry 0 does */
	MODEL_SYNC_STUCK = 1 << 3,   /* TLBGSTATUS stays active */
	MODEL_SYNC_LATE = 1 << 4,    /* for 300 us */
	MODEL_TTBR_LOCKED = 1 << 5,  /* TTBR0 of each bank keeps its value */
	MODEL_LOUD = 1 << 6,	     /* SCTLR keeps CFRE and CFIE */
	MODEL_FAULTS_STUCK = 1 << 7, /* FSR and GFSR can't be cleared */
};

struct model_bank {
	u32 cbar, cba2r, sctlr, tcr2, tcr, mair0, fsr, fsynr0;
	u64 ttbr0, ttbr1, far;
};

struct model_tlb {
	bool used, stage1, global;
	u32 vmid, asid;
	u64 iova, pa;
	u32 perm; /* 1 read, 2 write */
};

struct smmuv2_model {
	struct mmio mmio;
	struct fakemem *mem;
	struct model_config config;
	u32 broken; /* enum model_fault */
	u64 clock, accesses, sync_due;
	u32 cr0, gfsr, gfsynr1;
	u32 smr[MODEL_STREAMS], s2cr[MODEL_STREAMS];
	struct model_bank bank[MODEL_BANKS];
	struct model_tlb tlb[MODEL_CACHE];
	u32 tlb_n;
	bool sync; /* under way */
	u32 syncs, writes;
	u32 resumed;
	u32 reported; /* faults that a device or a processor heard of */
	char wrong[MODEL_WRONG_MAX];
};

void model_init(struct smmuv2_model *v, struct fakemem *mem,
		const struct model_config *c);
struct model_dma model_dma(struct smmuv2_model *v, u32 stream, u64 iova,
			   bool write);
/* Does an interrupt line of the unit stand? */
bool model_interrupts(const struct smmuv2_model *v);
void model_forget(struct smmuv2_model *v);

#endif
