/* SPDX-License-Identifier: GPL-2.0-only */
/* What the sources of the VT-d backend share with one another. */
#ifndef VTD_TABLES_H
#define VTD_TABLES_H

#include "iommu.h"

#define VTD_BUSES 256u
#define VTD_DEVFNS 256u

extern const struct iommu_pt_format vtd_second_stage;
extern const struct iommu_pt_format vtd_first_stage;

/* vtd_decode.c */
int vtd_read_regs(struct mmio *r, struct iommu_regs *regs);
int vtd_describe(const struct iommu_regs *regs, struct iommu_config *c);
int vtd_lookup(const struct iommu_config *c, struct mem *m, u32 requester,
	       u32 pasid, struct iommu_domain *d, struct iommu_evidence *ev);
/* The root entry's word for @requester: 0 or an error with @ev. */
int vtd_context_table(const struct iommu_config *c, struct mem *m,
		      u32 requester, u64 *table, struct iommu_evidence *ev);

/* vtd_quiesce.c */
void vtd_quiesce(struct iommu_quiesce *q, struct iommu_result *res);

/* vtd_tables.c */

/* What a context entry can be made to point to. */
enum vtd_target_id {
	VTD_ABORT, /* an empty table */
	VTD_SINK,  /* every page is the scratch page */
	VTD_GUARD, /* guarded pass-through */
	VTD_TARGETS
};

struct vtd_target {
	bool tried;
	int err;	/* why it could not be built */
	u16 did;	/* domain id, ours alone */
	u64 context[4]; /* the entry: 2 words in legacy, 4 in scalable mode */
	u64 shared;	/* context table filled with it; 0: none yet */
};

/* Verdict on an old page table: domains are shared by many requesters. */
struct vtd_seen {
	const struct iommu_pt_format *format;
	u64 root;
	u64 where;
	u32 levels;
	u32 err;
	u32 level;
};

/* A PASID structure that holds the copy of one old PASID entry. */
struct vtd_kept {
	u64 words[8];
	u64 dir;
};

#define VTD_SEEN_MAX 32
#define VTD_KEPT_MAX 16

/* Old tables are read through this: inside RAM, outside the guard spans. */
struct vtd_old_mem {
	struct mem m;
	const struct iommu_quiesce *q;
};

struct vtd_builder {
	struct iommu_quiesce *q;
	struct iommu_result *res;
	const struct iommu_config *c; /* as found */
	bool scalable;		      /* form of the tables to build */
	bool first_stage;	      /* our own page tables' stage */
	u32 levels;		      /* and depth */
	bool copying;		      /* there are old tables to copy */
	int write_err;		      /* of the first write that failed */
	struct vtd_target target[VTD_TARGETS];
	/* Checks of old tables (vtd_copy.c) */
	struct vtd_old_mem old;
	u64 check_start;
	u64 tables_left;
	u64 last_entry[VTD_LEVELS_MAX]; /* followed, by level of its table */
	struct iommu_evidence descend_ev;
	u32 seen_n, kept_n;
	struct vtd_seen seen[VTD_SEEN_MAX];
	struct vtd_kept kept[VTD_KEPT_MAX];
};

/* Which tables quiesce can build on this unit; an error when it can't. */
int vtd_builder_init(struct vtd_builder *b, struct iommu_quiesce *q,
		     struct iommu_result *res, const struct iommu_config *c);
/* The whole tree for q->mode in the arena; @root is what RTADDR takes. */
int vtd_build(struct vtd_builder *b, u64 *root);
u64 vtd_arena_need(const struct iommu_config *c, u32 mode, u32 buses,
		   u32 requesters, u32 overrides, u32 guards, u64 ram_end);

u64 vtd_alloc(struct vtd_builder *b);
void vtd_write(struct vtd_builder *b, u64 where, const void *data, u32 len);
/* A PASID directory whose PASID 0 has @words; 0: no room. */
u64 vtd_pasid_dir(struct vtd_builder *b, const u64 *words);
/* Context words that lead to PASID directory @dir, in scalable mode. */
void vtd_scalable_context(u64 *context, u64 dir);
void vtd_report(struct vtd_builder *b, const struct iommu_evidence *ev,
		u32 mode);

/* vtd_copy.c */

/* From here on b->old reads the dead kernel's tables, checked. */
void vtd_old_init(struct vtd_builder *b);
/* Is there a root table to copy from? A bad one is reported. */
bool vtd_copy_init(struct vtd_builder *b);
/* Marks in a bitmap which of the 64 ids from @first up old entries use. */
u64 vtd_copy_used_dids(struct vtd_builder *b, u32 first);
/* The old context table of @bus's half; false: none, or bad and reported. */
bool vtd_copy_read(struct vtd_builder *b, u32 bus, u32 half, u64 *words);
enum vtd_fate {
	VTD_FATE_KEEP,
	VTD_FATE_GUARD,
	VTD_FATE_ABORT
};
/*
 * What becomes of a present entry; on KEEP @words is the new one, otherwise
 * @ev says why.
 */
enum vtd_fate vtd_copy_entry(struct vtd_builder *b, u32 requester, u64 *words,
			     struct iommu_evidence *ev);

#endif
