/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the test of each vendor's switch begins with: a machine of two RAM ranges
 * and more above 4 GiB, a crash kernel's reservation in it, a model of a unit, and
 * words for what must become of DMA. A test's own rig embeds this as its first
 * member.
 */
#ifndef SWITCH_RIG_H
#define SWITCH_RIG_H

#include "fakemem.h"
#include "iommu.h"

#define RAM_END 0x80000000ULL
#define CRASH_START 0x40000000ULL
#define CRASH_LEN 0x10000000ULL
#define ARENA_LEN 0x4000000ULL /* begins 1 MiB into the reservation */
#define OLD_TABLES 0x300000ULL /* page tables, one after the other */

/* What old_tables of every test map: a small page, a large one, a read-only one. */
#define IOVA_4K 0x12345000ULL
#define PA_4K 0x2222000ULL
#define IOVA_2M 0x20000000ULL
#define PA_2M 0x6000000ULL
#define IOVA_RO 0x12346000ULL
#define PA_RO 0x2223000ULL

#define REPORTS_MAX 600
#define WAS_MAX 200
#define MODEL_WRONG_MAX 160

/* What became of a request. */
struct model_dma {
	bool landed;
	u64 pa;
	bool logged; /* an event was written, or its loss noted */
	u32 event;   /* the vendor's code of what stopped it */
};

/* Notes what software did that it must not, the first time: @wrong is a model's. */
void model_wrong(char wrong[MODEL_WRONG_MAX], const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

struct report {
	struct iommu_evidence ev;
	u32 mode;
};

struct switch_rig {
	struct fakemem fake;
	struct iommu_arena arena;
	struct iommu_quiesce q;
	struct iommu_result res;
	struct iommu_shared shared;
	struct span ram[3];
	struct span guard;
	struct report report[REPORTS_MAX];
	u32 reports;
	struct iommu_evidence was[WAS_MAX]; /* entries that were edited */
	u32 was_n;
	u64 crash, scratch, arena_start;
	u64 next; /* free page for old tables */
	/* The test's own. */
	u32 vendor;
	const char *form;  /* in messages */
	const char *wrong; /* of its model */
	/* A request of a device, without PASID. */
	struct model_dma (*dma)(struct switch_rig *s, u32 requester, u64 iova,
				bool write);
};

/* Memory, with the crash kernel at @crash; then what is asked of the switch. */
void rig_machine(struct switch_rig *s, u64 crash);
void rig_ask(struct switch_rig *s, struct mem *mem, struct mmio *mmio,
	     u32 mode);
/* A zeroed page of the dead kernel's. */
u64 rig_page(struct switch_rig *s);
void rig_quiesce(struct switch_rig *s);
/*
 * Who comes later knows what was left by what it does: for each of the forms,
 * which @up begins with, and each mode that switches, fails the test unless
 * iommu_left_by() knows of each of these requesters that it has what the mode
 * leaves, and knew of the first two, one mapped and one that passes, that they
 * had it not.
 */
void rig_expect_left(struct switch_rig *s, size_t forms,
		     void (*up)(size_t form, u32 mode), const u32 *requester,
		     size_t n);
/* Fails the test if the model was misused. */
void rig_down(struct switch_rig *s);
/* The first report about a requester; NULL: none. */
const struct report *reported(struct switch_rig *s, u32 requester);
/* What the vendor wants of the arena, given @d but for what the rig knows. */
u64 rig_need(struct switch_rig *s, struct iommu_demand d);

void lands(struct switch_rig *s, u32 requester, u64 iova, u64 pa);
/* And is not told of. */
void blocked(struct switch_rig *s, u32 requester, u64 iova, bool write);
/* Passes untranslated, but for the crash kernel. */
void pass_is_guarded(struct switch_rig *s, u32 requester);

#endif
