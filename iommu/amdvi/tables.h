/* SPDX-License-Identifier: GPL-2.0-only */
/* What the sources of the AMD-Vi backend share with one another. */
#ifndef AMDVI_TABLES_H
#define AMDVI_TABLES_H

#include "../quiesce.h"
#include "amdvi.h"

/* With those of a device table in segments. */
#define AMDVI_REGS_MAX 29

extern const struct iommu_pt_format amdvi_host_table;

/* decode.c */
const char *amdvi_reg_name(u32 off);
int amdvi_snapshot(struct mmio *r, struct iommu_regs *regs,
		   struct iommu_fault_raw *faults, u32 *n);
int amdvi_read_regs(struct mmio *r, struct iommu_regs *regs);
int amdvi_describe(const struct iommu_regs *regs, struct iommu_config *c);
int amdvi_lookup(const struct iommu_config *c, struct mem *m, u32 requester,
		 u32 pasid, struct iommu_domain *d, struct iommu_evidence *ev);
/* As amdvi_lookup, of an entry that has been read: @raw, at @where. */
int amdvi_read_entry(const struct iommu_config *c, struct mem *m, u32 requester,
		     u64 where, const u64 *raw, struct iommu_domain *d,
		     struct iommu_evidence *ev);
/* What the exclusion registers let pass; no length: nothing. */
struct span amdvi_exclusion(const struct iommu_regs *regs);
/* Bytes of a ring that is in use; 0: it is not, or its length is reserved. */
static inline u64 amdvi_ring_bytes(u64 base)
{
	u32 len = field(RING_LEN, base);

	return len < RING_LEN_MIN || !(base & RING_ADDR)
		       ? 0
		       : (u64)RING_ENTRY_BYTES << len;
}

#define AMDVI_TARGETS TARGET_PASS
#define AMDVI_PAGE_ENTRIES ((u32)(PAGE_4K / AMDVI_DTE_BYTES))

/* Does an entry let nothing pass, as a kernel leaves who does not exist? */
static inline bool amdvi_blank(const u64 *dte)
{
	return dte[0] & DTE_V &&
	       !(dte[0] & (DTE_MODE | DTE_GV | DTE_IR | DTE_IW));
}

/* A device table, or a segment of one. */
struct amdvi_part {
	u32 reg;   /* offset of its base register */
	u32 first; /* requester of its first entry */
	u64 found; /* the register, as found */
	u64 raw;  /* as it is believed: what the load saw, where that is lost */
	u64 base; /* the dead kernel's table */
	u64 len;  /* of which so many bytes are there */
	u32 n;	  /* entries that it has room for */
	bool ram; /* it lies where a table may lie */
	bool read;  /* and has entries that are in use */
	bool place; /* its table is edited where it lies */
	u64 table;  /* in the arena: entries of ours */
	u64 old;    /* where its entries are as they were found */
	struct iommu_shared_table *shared; /* another unit has built it */
};

#define AMDVI_LIVE_MAX (AMDVI_SEGMENTS_MAX + 2)

/* The work space of the switch. */
struct amdvi_work {
	struct quiesce s;
	struct iommu_config c; /* as found */
	struct iommu_regs regs;
	struct iommu_reg reg[AMDVI_REGS_MAX];
	u64 control;   /* as last written */
	u64 status;    /* page that a wait stores to */
	bool exempt;   /* kept entries are to have EX */
	bool copying;  /* there are old entries to copy */
	bool guarding; /* TARGET_GUARD was built before any was checked */
	u32 part_n;
	struct amdvi_part part[AMDVI_SEGMENTS_MAX];
	/* Where these lie, the command buffer, and where waits store. */
	struct span live[AMDVI_LIVE_MAX];
	struct {
		bool tried;
		u16 did; /* domain id, ours alone */
	} target[AMDVI_TARGETS];
	struct {
		u64 base;
		u32 bytes, tail;
		u32 waiting; /* bytes put in and not told of */
		bool own;    /* in the arena */
	} ring;
	struct iommu_evidence table_ev;
	/* Entries to be told of together; iova: so many, as in the notes. */
	struct iommu_evidence blank;
	u64 did[65536 / 64]; /* domain ids in use by old entries */
	u64 words[PAGE_4K / 8];
	u64 old[PAGE_4K / 8];
};
static_assert(offsetof(struct amdvi_work, s) == 0,
	      "what is shared comes first");
static_assert(sizeof(struct amdvi_work) <= IOMMU_WORK_MAX, "AMD-Vi work space");

/* quiesce.c */
void amdvi_quiesce(struct iommu_quiesce *q, struct iommu_result *res);

/* form.c */

/*
 * @form of the page tables that are built on the unit for @mode. An error, with
 * words, where there are none.
 */
int amdvi_choose_form(const struct iommu_config *c, u32 mode,
		      struct own_form *form, const char **why);
int amdvi_can(const struct iommu_config *c, const struct iommu_demand *d,
	      const char **why);
u64 amdvi_arena_need(const struct iommu_config *c,
		     const struct iommu_demand *d);

/* tables.c */

/* All parts of the new device table, in the arena. */
int amdvi_build(struct amdvi_work *w);
/* What the arena has got since @used of it were used: the unit may read it. */
void amdvi_flush_arena(struct amdvi_work *w, u64 used);
/* Lets later units of the segment find what @p has become. */
void amdvi_share(struct amdvi_work *w, const struct amdvi_part *p);
/*
 * Makes @dte, which holds the old entry of @requester, the new one, by @o where
 * that is not NULL.
 */
void amdvi_set_entry(struct amdvi_work *w, u32 requester, u64 where,
		     const struct iommu_override *o, u64 *dte);
/* place.c */

/* Leads the unit's requesters to what was built: in place, or by DEV_TBL. */
int amdvi_install(struct amdvi_work *w, struct amdvi_part *p);

/* copy.c */

/* Domain ids of old entries, and whether one passes untranslated. */
bool amdvi_copy_survey(struct amdvi_work *w);
/*
 * What becomes of an old entry, which @dte holds and which lies at @where; on
 * KEEP @dte is the new one, otherwise @ev says why.
 */
enum fate amdvi_copy_entry(struct amdvi_work *w, u32 requester, u64 where,
			   u64 *dte, struct iommu_evidence *ev);

/* commands.c */

/* Makes the unit forget what it has cached of the old tables. */
int amdvi_invalidate(struct amdvi_work *w);

#endif
