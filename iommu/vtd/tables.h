/* SPDX-License-Identifier: GPL-2.0-only */
/* What the sources of the VT-d backend share with one another. */
#ifndef VTD_TABLES_H
#define VTD_TABLES_H

#include "../quiesce.h"

#define VTD_BUSES 256u
#define VTD_DEVFNS 256u
#define VTD_REGS_MAX 28

extern const struct iommu_pt_format vtd_second_stage;
extern const struct iommu_pt_format vtd_first_stage;

/* decode.c */
const char *vtd_reg_name(u32 off);
int vtd_snapshot(struct mmio *r, struct iommu_regs *regs,
		 struct iommu_fault_raw *faults, u32 *n);
int vtd_read_regs(struct mmio *r, struct iommu_regs *regs);
int vtd_describe(const struct iommu_regs *regs, struct iommu_config *c);
int vtd_lookup(const struct iommu_config *c, struct mem *m, u32 requester,
	       u32 pasid, struct iommu_domain *d, struct iommu_evidence *ev);
/* What @raw, the two words of a bus's root entry, say of @requester. */
int vtd_root_entry(const struct iommu_config *c, u32 requester, const u64 *raw,
		   u64 *table, struct iommu_evidence *ev);
/* As vtd_lookup, of a context entry that has been read: @raw, at @where. */
int vtd_context_entry(const struct iommu_config *c, struct mem *m,
		      u32 requester, u64 where, const u64 *raw,
		      struct iommu_domain *d, struct iommu_evidence *ev);

/* Targets that the switch leads to, each with a domain id of its own. */
#define VTD_TARGETS TARGET_PASS

/* A context entry of ours, by target. */
struct vtd_target {
	bool tried;
	int err;	/* why it could not be built */
	u16 did;	/* domain id, ours alone */
	u64 context[4]; /* the entry: 2 words in legacy, 4 in scalable mode */
	u64 shared;	/* context table filled with it; 0: none yet */
};

/* A PASID structure that holds the copy of one old PASID entry. */
struct vtd_kept {
	u64 words[8];
	u64 dir;
};

#define VTD_KEPT_MAX 16

/* The work space of the switch. */
struct vtd_work {
	struct quiesce s;
	struct iommu_config c; /* as found */
	struct iommu_regs regs;
	struct iommu_reg reg[VTD_REGS_MAX];
	u64 queue, status; /* pages of our own invalidation queue */
	bool scalable;	   /* form of the tables to build */
	bool copying;	   /* there are old tables to copy */
	bool guarding;	   /* TARGET_GUARD was built before any was checked */
	struct vtd_target target[VTD_TARGETS];
	u32 kept_n;
	struct vtd_kept kept[VTD_KEPT_MAX];
	u64 table;     /* where the context table in words[] lies */
	u64 root[512]; /* the dead kernel's root table, read once; or zero */
	u64 words[512];
};
static_assert(offsetof(struct vtd_work, s) == 0, "what is shared comes first");
static_assert(sizeof(struct vtd_work) <= IOMMU_WORK_MAX, "VT-d work space");

/* A page of the arena; 0: no room. */
static inline u64 vtd_alloc(struct vtd_work *w)
{
	return quiesce_alloc(&w->s, PAGE_4K, PAGE_4K);
}

/* quiesce.c */
void vtd_quiesce(struct iommu_quiesce *q, struct iommu_result *res);

/* form.c */

/*
 * Which tables are built on the unit: @scalable, and @form of the page tables.
 * An error, with words, where it takes none that we could build.
 */
int vtd_choose_form(const struct iommu_config *c, bool *scalable,
		    struct own_form *form, const char **why);
/* How caches are invalidated: enum iommu_invalidation, or an error. */
int vtd_choose_invalidation(const struct iommu_config *c, bool scalable,
			    enum iommu_invalidation *how, const char **why);
int vtd_can(const struct iommu_config *c, const struct iommu_demand *d,
	    const char **why);
u64 vtd_arena_need(const struct iommu_config *c, const struct iommu_demand *d);

/* pasid.c */

/* A PASID directory whose PASID 0 has @words; 0: no room. */
u64 vtd_pasid_dir(struct vtd_work *w, const u64 *words);
/* Context words that lead to PASID directory @dir. */
void vtd_scalable_context(u64 *context, u64 dir);

/* tables.c */

/* The whole tree for q->mode in the arena; @root is what RTADDR takes. */
int vtd_build(struct vtd_work *w, u64 *root);

/* copy.c */

/* Is there a root table to copy from? A bad one is reported. */
bool vtd_copy_init(struct vtd_work *w);
/* What old entries are like, before any of them is kept. */
struct vtd_survey {
	u32 first; /* of the 64 domain ids in the bitmap */
	u64 used;
	bool pass; /* one passes untranslated */
};
void vtd_copy_survey(struct vtd_work *w, struct vtd_survey *v);
/*
 * Reads the old context table of @bus's half into w->words, w->table; false:
 * none, or bad and reported.
 */
bool vtd_copy_read(struct vtd_work *w, u32 bus, u32 half);
/*
 * What becomes of a present entry, which @words hold and which lies at @where;
 * on KEEP @words is the new one, otherwise @ev says why.
 */
enum fate vtd_copy_entry(struct vtd_work *w, u32 requester, u64 where,
			 u64 *words, struct iommu_evidence *ev);

#endif
