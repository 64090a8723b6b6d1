/* SPDX-License-Identifier: GPL-2.0-only */
/* The state of the crash path; one of it exists, in bss. */
#ifndef PURGATORY_H
#define PURGATORY_H

#include "console.h"
#include "handover.h"
#include "image_digest.h"
#include "iommu.h"
#include "iommu_notes.h"
#include "machine.h"
#include "trap.h"

/* The plan, checked: pointers into it stay valid until the jump. */
struct checked_plan {
	const void *bytes; /* of the plan, as plan_check_at() was told */
	const struct handover_unit *units;
	const struct iommu_override *overrides;
	const struct iommu_range *ranges;
	const struct span *ram, *guard, *regions;
	u32 units_n, overrides_n, ram_n, guard_n, regions_n;
	bool bootable; /* regions and entry may be used, plan bad or not */
	bool note_ok;  /* likewise the crash note */
};

/*
 * Checks @h and the @plan behind it; PLAN_OK or the first rule broken.
 * @image: where the purgatory itself lies; no length: nowhere. With anything but PLAN_OK only
 * the fields that bootable and note_ok vouch for are set.
 */
u32 plan_check_at(struct checked_plan *pl, const struct handover *h,
		  const void *plan, const struct span *image);
/* The same where memory is mapped to itself. */
static inline u32 plan_check(struct checked_plan *pl, const struct handover *h,
			     const struct span *image)
{
	return plan_check_at(pl, h, (const void *)(uintptr_t)h->plan.start,
			     image);
}
/* Magic, version and size: without them nothing in @h means anything. */
u32 plan_check_head(const struct handover *h);

#define TRAPS_MAX 32

/* The crash note; record.c. */
struct record {
	struct note_writer w;
	bool open;
	u32 size;      /* of the note's memory */
	u32 purgatory; /* where the payload of REC_PURGATORY lies in it */
	u32 traps;     /* of purgatory.trap that it holds */
	u32 actions;   /* REC_ACTION that it holds */
	u32 entries;   /* REC_ENTRY that this unit may still write */
};

enum purgatory_end {
	END_JUMP,
	END_RESET,
	END_HALT,
};

/* A read of the dead kernel's memory; err: enum iommu_err. */
struct purgatory_read {
	void *buf;
	u64 phys;
	u32 len;
	int err;
};

struct purgatory {
	struct machine *m;
	const struct handover *h;
	struct span image; /* the purgatory in memory, bss and stacks too */
	struct checked_plan plan;
	u32 plan_err;
	bool mapped; /* our page tables are live: unit registers are there */
	struct console console;
	struct record record;
	struct recovery *recovery; /* innermost; NULL none */
	bool errors_held;	   /* late errors are taken no more */
	u32 flags;		   /* PURGATORY_* */
	u32 step;		   /* enum purgatory_step */
	u32 unit;		   /* index of the one worked on; REC_NONE */
	u64 ticks[STEP_N];
	struct rec_trap trap[TRAPS_MAX];
	u32 traps, traps_said, traps_lost;
	/* To people, at the end of a step, and of a unit; may be NULL. */
	void (*say_step)(struct purgatory *p);
	void (*say_unit)(struct purgatory *p);
	const volatile u32 *nmis; /* counted by the stub */
	u8 digest[SHA256_DIGEST];
	bool digested; /* it came to its end */
	struct image_digest image_digest;
	/* unit.c: work space, too large for the stack */
	u8 unit_err[HANDOVER_UNITS_MAX]; /* enum iommu_err of the snapshot */
	struct purgatory_read read;
	struct iommu_arena arena;
	struct iommu_shared shared;
	struct iommu_reg reg[IOMMU_REGS_MAX];
	struct iommu_regs regs;
	struct iommu_fault_raw fault[IOMMU_FAULTS_MAX];
	u32 fault_n;
	u64 work[IOMMU_WORK_MAX / 8]; /* of the vendor's quiesce */
	struct iommu_quiesce quiesce;
	struct rec_action action;
	u64 writes; /* to the unit worked on, or to tables that it reads */
};

/* main.c: the five steps. @p is zero but for m, h, nmis, image. */
enum purgatory_end purgatory_run(struct purgatory *p);

/* steps.c: what the kernel module does as well. */
/* One step of the crash path, guarded, recorded and timed. */
void purgatory_step(struct purgatory *p, u32 which,
		    void (*work)(struct purgatory *p));
/* @work for each unit that is not to be left alone, with p->unit set. */
void each_unit(struct purgatory *p, void (*work)(struct purgatory *p));
/* After step 1: without a plan no unit is touched. */
void take_plan(struct purgatory *p);
void snapshot_units(struct purgatory *p);
void quiesce_units(struct purgatory *p);
/* Did DMA end in the scratch page? Into p->flags. */
void look_at_scratch(struct purgatory *p);

/* unit.c: one step for the unit p->unit. */
void unit_snapshot(struct purgatory *p);
void unit_quiesce(struct purgatory *p);

/* record.c. All do nothing while the note is not open. */
void record_open(struct purgatory *p);
void record_regs(struct purgatory *p);
void record_faults(struct purgatory *p);
void record_action(struct purgatory *p);
/* Shares what room is left for entries among @units_left units. */
void record_entries_begin(struct purgatory *p, u32 units_left);
void record_entry(struct purgatory *p, const struct iommu_evidence *e,
		  u32 mode);
void record_seal(struct purgatory *p);

#endif
