/* SPDX-License-Identifier: GPL-2.0-only */
/* The crash kernel's side: what was handed over, and what is left of it. */
#ifndef KERNEL_CRASH_H
#define KERNEL_CRASH_H

#include "module.h"
#include "tally.h"

/* Of each kind, as many as a plan may have. */
#define CRASH_UNITS_MAX HANDOVER_UNITS_MAX
#define CRASH_DEVICES_MAX 16384u
/* All notes together, and all that is read to find them. */
#define CRASH_NOTES_MAX (16u << 20)
#define CRASH_READ_MAX (2 * CRASH_NOTES_MAX)
/* Devices looked at in search of those that aliases are of. */
#define CRASH_ALIAS_STEPS (1u << 24)
/* Headers of segments in an ELF core header. */
#define CRASH_PHDRS_MAX 4096u
#define CRASH_NAME 32

struct crash_unit {
	struct rec_unit u;
	char name[CRASH_NAME];
	bool acted; /* action is there */
	struct rec_action action;
	u8 __iomem *at; /* NULL: not mapped */
	bool claimed;	/* its registers are reserved by us */
	bool released;	/* ... and it does nothing any more */
	/* Of the dead kernel, at the crash. */
	struct iommu_regs regs;
	struct iommu_reg *reg;
	u32 fault_n;
	struct iommu_fault_raw *fault;
	/* crash_count.c */
	struct iommu_regs now;
	struct tally faults; /* since the module was loaded */
};

struct crash_device {
	struct rec_device d;
	/* What its DMA carries; behind an SMMU, its first stream. */
	u32 requester;
	bool aliased;
	bool released; /* it reaches all memory */
	char name[CRASH_NAME];
};

struct crash {
	u8 *notes; /* ours, one behind the other */
	u32 notes_len, notes_room;
	u32 may_read;	  /* so many bytes more */
	u32 bad;	  /* that were refused */
	char why[64];	  /* of the first of them */
	bool loaded, ran; /* REC_LOAD, REC_PURGATORY are there */
	struct rec_load load;
	struct rec_purgatory purgatory;
	struct crash_unit *unit;
	u32 units;
	struct crash_device *device;
	u32 devices, devices_room;
	u32 alias_at,
		alias_steps; /* the device that had one last; so many more */
};

/* --- crash_header.c, where there are device trees --- */

/* Where the device tree says that the ELF core header is; 0: nowhere. */
u64 crash_header(void);

/* --- crash_notes.c --- */

/*
 * Finds and checks the notes that the ELF core header at @phys leads to. 0, or
 * a negative errno with c->why. What notes say is never trusted: each length
 * is compared with what is there, each number with its limit.
 */
int crash_notes_read(struct crash *c, u64 phys);
void crash_free(struct crash *c);

/* --- crash_memory.c --- */

/* 0, or a negative errno. At first none but this kernel's memory may be read. */
int crash_memory_begin(void);
void crash_memory_end(void);
/* Memory of the kernel that died, by the ELF core header. */
void crash_memory_add(u64 phys, u64 len);
/* What the loader keeps from this kernel where the ELF core header at @header is. */
void crash_memory_add_around(u64 header);
/* False: some of it is not known to be memory. */
bool crash_copy(void *to, u64 phys, u32 len);

/* --- crash_state.c --- */

/* Text that grows. */
struct text {
	char *s;
	size_t len, room;
	bool failed;
};
__printf(2, 3) void text_add(struct text *t, const char *fmt, ...);

struct crash_count {
	u32 intact, taken, lost;
};
/* A line for each device, and how many there are of each. */
void crash_state(struct crash *c, struct text *t, struct crash_count *n);
/* Faults pending at the crash, those pending now, and how many came since. */
void crash_faults(struct crash *c, struct text *t);

/* --- crash_count.c --- */

void crash_count_begin(struct crash *c);
void crash_count_end(struct crash *c);
/* Faults since then; false: the unit does not write them down. */
bool crash_counted(struct crash_unit *u, u64 *n);
/* Registers mapped elsewhere from now on; where they were before. */
u8 __iomem *crash_exchange(struct crash_unit *u, u8 __iomem *at);

/* --- lockdown.c, which does not see this --- */

bool keeps_devices_from_root(void);

/* --- crash_release.c --- */

#define RELEASE_POLL_US 10
#define RELEASE_BUDGET_US 100000

/* How units of a vendor are given back. 0, or a negative errno. */
struct releasing {
	u32 vendor;
	u32 len;	       /* of the registers that are used */
	u32 cap, ecap;	       /* by which the unit is known again */
	bool caps_are_32_bits; /* cap alone: the lower half of iommu_config.cap */
	u32 status;	       /* what it does, 32 bits */
	int (*unit)(struct crash_unit *u);
	/* NULL: only all that is behind it. */
	int (*device)(struct crash_unit *u, u32 requester);
};
/* release_*.c: the first two of x86_64, the last one of arm64 */
extern const struct releasing vtd_releasing, amdvi_releasing, smmuv3_releasing;

/*
 * Ends what a unit does, or what it does to one device, by its name; 0, or a
 * negative errno (logged why).
 */
int crash_release(struct crash *c, const char *name);
void crash_unclaim(struct crash_unit *u);

#endif
