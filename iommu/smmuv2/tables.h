/* SPDX-License-Identifier: GPL-2.0-only */
/* What the sources of the SMMUv2 backend share with one another. */
#ifndef SMMUV2_TABLES_H
#define SMMUV2_TABLES_H

#include "../lpae.h"
#include "../quiesce.h"
#include "smmuv2.h"

#define SMMUV2_GLOBAL_REGS 9
#define SMMUV2_BANK_REGS 5 /* and two of GR1 */
#define SMMUV2_REGS_MAX                            \
	(SMMUV2_GLOBAL_REGS + 2 * SMMUV2_STREAMS + \
	 (SMMUV2_BANK_REGS + 2) * SMMUV2_CONTEXTS)
static_assert(SMMUV2_REGS_MAX <= IOMMU_REGS_MAX, "SMMUv2 registers");
/* One a context bank, and one for all streams. */
#define SMMUV2_FAULTS_MAX (SMMUV2_CONTEXTS + 1)

/* The places of things, from ID0 and ID1. */
struct smmuv2_layout {
	u32 page;     /* bytes */
	u32 contexts; /* offset of the first context bank */
	u32 contexts_n, streams_n;
	bool matching, extended;
};

/* decode.c */
const char *smmuv2_reg_name(u32 off);
/*
 * By halves: on some machines (Armada AP806, erratum 582743) no access of 64 bits
 * reaches the unit, and each of its registers may be accessed so.
 */
u64 smmuv2_read64(struct mmio *r, u32 off);
int smmuv2_snapshot(struct mmio *r, struct iommu_regs *regs,
		    struct iommu_fault_raw *faults, u32 *n);
int smmuv2_describe(const struct iommu_regs *regs, struct iommu_config *c);
int smmuv2_lookup(const struct iommu_config *c, struct mem *m, u32 requester,
		  u32 pasid, struct iommu_domain *d, struct iommu_evidence *ev);
void smmuv2_layout(u64 id0, u64 id1, u64 cr0, struct smmuv2_layout *l);
/* Does the unit have AArch64 pages of @granule (enum lpae_granule)? */
bool smmuv2_granule(const struct iommu_config *c, u32 granule);
/*
 * As smmuv2_lookup, of the streams of the @n-th S2CR; one of them is @stream.
 * Returns what is wrong where they let nothing pass.
 */
int smmuv2_read_entry(const struct iommu_config *c, u32 n, u32 stream,
		      struct iommu_domain *d, struct iommu_evidence *ev);

/* --- the switch --- */

#define SMMUV2_TARGETS TARGET_PASS
#define SMMUV2_NO_BANK ~0u

/* The work space of the switch. */
struct smmuv2_work {
	struct quiesce s;
	struct iommu_config c; /* as found */
	struct smmuv2_layout l;
	struct iommu_regs regs;
	struct iommu_reg reg[SMMUV2_REGS_MAX];
	u32 cr0; /* as found */
	struct own_form form;
	struct lpae_own lpae;
	bool guarding; /* TARGET_GUARD was built before any was checked */
	/* Of each S2CR that is in use: what becomes of it. */
	bool used[SMMUV2_STREAMS], kept[SMMUV2_STREAMS];
	enum target to[SMMUV2_STREAMS];
	u8 bank_kept[SMMUV2_CONTEXTS]; /* it is a kept entry's, or ours */
	struct {
		bool wanted;
		int err;
		u64 root;
		u32 bank, vmid;
	} target[SMMUV2_TARGETS];
};
static_assert(offsetof(struct smmuv2_work, s) == 0,
	      "what is shared comes first");
static_assert(sizeof(struct smmuv2_work) <= IOMMU_WORK_MAX,
	      "SMMUv2 work space");

/* quiesce.c */
void smmuv2_quiesce(struct iommu_quiesce *q, struct iommu_result *res);

/* form.c */

/*
 * @form of the page tables that are built on the unit for @mode. An error, with
 * words, where there are none.
 */
int smmuv2_choose_form(const struct iommu_config *c, u32 mode,
		       struct own_form *form, struct lpae_own *o,
		       const char **why);
int smmuv2_can(const struct iommu_config *c, const struct iommu_demand *d,
	       const char **why);
u64 smmuv2_arena_need(const struct iommu_config *c,
		      const struct iommu_demand *d);

/* entries.c */

/* What becomes of each S2CR, and tables that it needs, in the arena. */
void smmuv2_decide(struct smmuv2_work *w);

/* banks.c */

/* Context banks that lead to our tables, where no kept entry has one. */
void smmuv2_set_banks(struct smmuv2_work *w);
/* No context bank interrupts, stalls, or has a fault pending. */
void smmuv2_clear_faults(struct smmuv2_work *w);
/* The unit forgets what it has cached of page tables. */
int smmuv2_invalidate(struct smmuv2_work *w);

#endif
