/* SPDX-License-Identifier: GPL-2.0-only */
/* What the sources of the SMMUv3 backend share with one another. */
#ifndef SMMUV3_TABLES_H
#define SMMUV3_TABLES_H

#include "../lpae.h"
#include "../quiesce.h"
#include "smmuv3.h"

#define SMMUV3_REGS_MAX 30

/* decode.c */
const char *smmuv3_reg_name(u32 off);
int smmuv3_snapshot(struct mmio *r, struct iommu_regs *regs,
		    struct iommu_fault_raw *faults, u32 *n);
int smmuv3_describe(const struct iommu_regs *regs, struct iommu_config *c);
int smmuv3_lookup(const struct iommu_config *c, struct mem *m, u32 requester,
		  u32 pasid, struct iommu_domain *d, struct iommu_evidence *ev);
/*
 * As smmuv3_lookup without PASID, of an STE that has been read: @ste, at @where.
 * Returns what is wrong with it where it lets nothing pass.
 */
int smmuv3_read_ste(const struct iommu_config *c, struct mem *m, u32 stream,
		    u64 where, const u64 *ste, struct iommu_domain *d,
		    struct iommu_evidence *ev);
/* Does the unit have pages of @granule (enum lpae_granule)? */
bool smmuv3_granule(const struct iommu_config *c, u32 granule);
/* Is the stream table of a form that the unit has? */
bool smmuv3_form_known(const struct iommu_config *c);
/* log2 of the streams that share a level 1 descriptor. */
u32 smmuv3_split(const struct iommu_config *c);
/*
 * Where @desc, a level 1 descriptor, has the STE of @stream, and of how many
 * streams from there on; or IOMMU_ENOTPRESENT, IOMMU_ERESERVED.
 */
int smmuv3_level1(const struct iommu_config *c, u64 desc, u32 stream,
		  u64 *where, u32 *n);
/*
 * Where the table of the CDs of @ste begins, and how long its first level is.
 * *split: log2 of the CDs in each second level, 0: CDs stand in the first.
 */
u64 smmuv3_cd_table(const u64 *ste, u32 *split, u64 *len);

/* --- the switch --- */

#define SMMUV3_TARGETS TARGET_PASS

/*
 * Tables of ours have two levels where the unit knows that, split as Linux does,
 * whose kernels that go on with a table want no other.
 */
#define SMMUV3_SPLIT 8
#define SMMUV3_BLOCK (1u << SMMUV3_SPLIT) /* STEs of a second level */
#define SMMUV3_BLOCK_BYTES (SMMUV3_BLOCK * STE_BYTES)
/* STEs that are read and written together */
#define SMMUV3_CHUNK ((u32)(PAGE_4K / STE_BYTES))
/* Streams of the largest tables, as log2: Linux has no larger ones either. */
#define SMMUV3_BITS_MAX 25
#define SMMUV3_LINEAR_BITS_MAX 16

/* Our command queue holds four commands at least, and 8 where it may. */
#define SMMUV3_QUEUE_BITS_MIN 2
#define SMMUV3_QUEUE_BITS 3

#define SMMUV3_KEPT_MAX 16

/* What is built on a unit. */
struct smmuv3_form {
	struct own_form pages;
	struct lpae_own lpae;
	bool two_level; /* stream table */
	u32 bits;	/* log2 of its streams */
	u32 ids;	/* number of VMIDs, or ASIDs with stage 1 */
};

/* A CD of ours, with the words of a kept one. */
struct smmuv3_kept {
	u64 at;
	u64 words[CD_WORDS];
};

#define SMMUV3_NO_PAGE ~0ULL

/* The work space of the switch. */
struct smmuv3_work {
	struct quiesce s;
	struct iommu_config c; /* as found */
	struct iommu_regs regs;
	struct iommu_reg reg[SMMUV3_REGS_MAX];
	u32 cr0;     /* as found */
	bool closed; /* GBPA refuses all while the unit is off */
	struct smmuv3_form form;
	bool copying;  /* there is an old stream table to copy from */
	bool guarding; /* TARGET_GUARD was built before any was checked */
	u64 table;     /* of ours */
	u64 shared; /* second level of streams that nothing is known of; 0: none */
	enum target other; /* what these are led to */
	struct {
		bool tried;
		int err;
		u32 id; /* VMID or ASID, ours alone */
		u64 ste[STE_WORDS];
	} target[SMMUV3_TARGETS];
	struct {
		u64 base;
		u32 log2size, n; /* commands in it */
	} queue;
	u64 cd_page; /* where the next CD of ours goes */
	u32 cd_left;
	u32 kept_n;
	struct smmuv3_kept kept[SMMUV3_KEPT_MAX];
	u32 chunks_left; /* of old STEs that may be read */
	u64 l1_page;	 /* which page of the old level 1 is in l1[] */
	u64 l1[PAGE_4K / 8];
	u64 words[PAGE_4K / 8]; /* a chunk: old STEs, then new ones */
};
static_assert(offsetof(struct smmuv3_work, s) == 0,
	      "what is shared comes first");
static_assert(sizeof(struct smmuv3_work) <= IOMMU_WORK_MAX,
	      "SMMUv3 work space");

/* quiesce.c */
void smmuv3_quiesce(struct iommu_quiesce *q, struct iommu_result *res);

/* form.c */

/*
 * What is built on the unit for @mode. An error, with words, where it can't be
 * done.
 */
int smmuv3_choose_form(const struct iommu_config *c, u32 mode,
		       struct smmuv3_form *form, const char **why);
/* What STRTAB_BASE_CFG says of a stream table of that form. */
u32 smmuv3_table_config(const struct smmuv3_form *form);
int smmuv3_can(const struct iommu_config *c, const struct iommu_demand *d,
	       const char **why);
u64 smmuv3_arena_need(const struct iommu_config *c,
		      const struct iommu_demand *d);

/* tables.c */

/* The new stream table, in the arena. */
int smmuv3_build(struct smmuv3_work *w);

/* cd.c */

/* A CD of ours with @words; 0: no room. */
u64 smmuv3_cd(struct smmuv3_work *w, const u64 *words);
/* copy.c */

/* Is there a stream table to copy from? A bad one is reported. */
bool smmuv3_copy_init(struct smmuv3_work *w);
/* What old entries are like, before any of them is kept. */
struct smmuv3_survey {
	u32 first; /* of the 64 ids in the bitmap */
	u64 used;
	bool pass; /* one passes untranslated */
};
void smmuv3_copy_survey(struct smmuv3_work *w, struct smmuv3_survey *v);
/*
 * Reads the old STEs of the chunk that begins with @first into w->words; where
 * there are fewer, zeros follow. False: none, or bad and, with @tell, reported.
 */
bool smmuv3_copy_read(struct smmuv3_work *w, u32 first, u64 *where, bool tell);
/*
 * What becomes of a present entry, which @ste holds and which lies at @where; on
 * KEEP @ste is the new one, otherwise @ev says why.
 */
enum fate smmuv3_copy_entry(struct smmuv3_work *w, u32 stream, u64 where,
			    u64 *ste, struct iommu_evidence *ev);
/* Does it let anything pass? */
static inline bool smmuv3_present(const u64 *ste)
{
	return ste[0] & STE_V && field(STE_CONFIG, ste[0]) >= CONFIG_BYPASS;
}

/* commands.c */

/* A command queue of ours that makes the unit forget all; not yet in use. */
int smmuv3_queue_build(struct smmuv3_work *w);
/* Hands it to the unit, whose own is stopped first. */
int smmuv3_queue_start(struct smmuv3_work *w);
/* 12.3: is the unit in service failure mode? Then that is what went wrong. */
void smmuv3_check_service(struct smmuv3_work *w);
/* Has the unit done what is in it? */
int smmuv3_queue_run(struct smmuv3_work *w);
/* Writes CR0, and waits until the bits of @mask hold. @share: as in poll_start. */
int smmuv3_set_cr0(struct smmuv3_work *w, u32 cr0, u32 mask, u32 share);

#endif
