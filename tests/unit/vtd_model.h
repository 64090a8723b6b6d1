/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VT-d unit in C: registers, caches, invalidation queue, faults, and the
 * DMA of devices through them. Written from the specification and from no
 * source of the library, whose words it does not share: it is the oracle.
 */
#ifndef VTD_MODEL_H
#define VTD_MODEL_H

#include "switch_rig.h"

struct model_config {
	u32 version; /* VER */
	u64 cap, ecap;
	u32 us_per_access; /* what a register access costs; 0: clock stands */
	u32 us_per_look;   /* what looking at the clock costs */
};

/* What goes wrong. */
enum model_fault {
	MODEL_SRTP_STUCK = 1 << 0,  /* RTPS never sets again */
	MODEL_DRAIN_STUCK = 1 << 1, /* the old queue's head never moves */
	MODEL_IQE = 1 << 2,	    /* the second descriptor is an error */
	MODEL_NO_STATUS = 1 << 3,   /* wait descriptors write nothing */
	MODEL_ABSENT = 1 << 4,	    /* all ones */
	MODEL_QIE_OFF_STUCK = 1 << 5,
	MODEL_QIE_ON_STUCK = 1 << 6,
	MODEL_ICC_STUCK = 1 << 7,    /* CCMD never completes */
	MODEL_RTADDR_STUCK = 1 << 8, /* RTADDR keeps its value */
	MODEL_TE_STUCK = 1 << 9,
	MODEL_WBF_STUCK = 1 << 10,
	MODEL_IGNORES_CCMD = 1 << 11, /* CAIG reads 0 */
};

#define MODEL_CACHE 256
#define MODEL_FAULTS 8

struct model_context {
	bool used;
	u32 requester;
	u64 word[4];
};

struct model_pasid { /* entry of PASID 0 or RID_PASID */
	bool used;
	bool fpd; /* of the directory entry, or its own */
	u32 requester;
	u64 word[8];
};

struct model_tlb {
	bool used;
	u32 did;
	u64 iova, pa;
	u32 perm; /* 1 read, 2 write */
};

struct vtd_model {
	struct mmio mmio;
	struct fakemem *mem;
	struct model_config config;
	u32 broken;   /* enum model_fault */
	u32 delay_us; /* of each command's completion */
	u64 clock;
	u64 accesses;
	/* registers */
	u32 gsts, fsts, fectl;
	u64 rtaddr, iqa, iqh, iqt, ccmd, iotlb;
	u64 frcd[MODEL_FAULTS][2];
	u32 frcd_next;
	/* a command under way */
	u32 pending_mask, pending_value;
	u64 pending_due;
	/* inside */
	u64 root; /* RTADDR as latched */
	u64 wbf_at;
	u32 descriptors; /* executed since QIE was last set */
	struct model_context context[MODEL_CACHE];
	struct model_tlb tlb[MODEL_CACHE];
	struct model_pasid pasid[MODEL_CACHE];
	u32 context_n, pasid_n, tlb_n;
	/* what software did that it must not */
	char wrong[MODEL_WRONG_MAX];
	u32 gcmd_writes, srtps;
};

void model_init(struct vtd_model *v, struct fakemem *mem,
		const struct model_config *c);
/* Sets the unit up as a kernel left it. */
void model_start(struct vtd_model *v, u64 rtaddr, bool te);
void model_start_queue(struct vtd_model *v, u64 iqa, u64 head, u64 tail);

/* A request of a device, without PASID. */
struct model_dma model_dma(struct vtd_model *v, u32 requester, u64 iova,
			   bool write);
u32 model_pending_faults(const struct vtd_model *v);

#endif
