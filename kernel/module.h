/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * iommu_handover: what its files share. In the kernel that may die it does
 * what the purgatory does where that is the kernel's own (arm.c, hook.c,
 * machine.c, vmcoreinfo.c); in the crash kernel it tells what was handed over,
 * and whether that still holds (crash*.c).
 */
#ifndef KERNEL_MODULE_H
#define KERNEL_MODULE_H

#include <linux/io.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/types.h>
#include "handover_request.h"
#include "purgatory/purgatory.h"

/* Is there a way to notice that this kernel dies (hook.c)? */
#define HAS_HOOKS                                        \
	(IS_ENABLED(CONFIG_KPROBES) &&                   \
	 (IS_ENABLED(CONFIG_DYNAMIC_FTRACE_WITH_REGS) || \
	  IS_ENABLED(CONFIG_DYNAMIC_FTRACE_WITH_ARGS)))

/* Registers of a unit, mapped. */
struct unit_registers {
	u64 phys;
	u32 len;
	u8 __iomem *at;
};

/* --- units.c --- */

/* Calls @f for each unit that firmware names, @len bytes of registers at @phys. */
typedef void unit_fn(void *arg, u32 vendor, u64 phys, u32 len);
void units_each(unit_fn *f, void *arg);
/* Does firmware name a unit of @vendor that has @len bytes of registers at @phys? */
bool unit_is_real(u32 vendor, u64 phys, u32 len);

/* --- live.c --- */

/* The register in which a unit of @vendor has its tables; false: it has none. */
bool live_base(u32 vendor, u32 *off);

/*
 * The vendor's snapshot of @len bytes of registers at @at; with fewer faults
 * than there are where these do not fit.
 */
int live_snapshot(const struct iommu_vendor *v, u8 __iomem *at, u32 len,
		  struct iommu_regs *regs, struct iommu_fault_raw *fault,
		  u32 *faults);

/* --- sources.c: what units are now; without memory for it, nothing of them --- */

void sources_init(struct kobject *dir);
void sources_exit(void);

/* --- machine.c: a plan that is to run when this kernel dies --- */

struct armed {
	struct machine m;
	struct handover h; /* with addresses of the block */
	void *block;	   /* whole pages; the plan, the notes, the pool */
	u64 phys, len;
	struct span load; /* the load notes, physical */
	u32 units;
	struct unit_registers *unit;
	u32 nmis;
	struct purgatory p;
};

/* NULL, or the rule that the plan breaks; maps registers. */
const char *armed_check(struct armed *a);
/* The checksum of a plan that was changed here. */
void armed_seal(struct armed *a);
void armed_free(struct armed *a);
/* The crash path. Takes no lock, prints nothing, returns in any case. */
void armed_run(struct armed *a);

/* --- armed_memory.c --- */

/* NULL, or what is wrong with what a plan says of memory. */
const char *armed_memory(struct checked_plan *pl);

/* --- vmcoreinfo.c --- */

/* Writes behind VMCOREINFO where notes are; those without length are none. */
void vmcoreinfo_point_to(const struct span *notes, u32 n);

/* --- hook.c --- */

int hook_arm(void);
void hook_disarm(void);
/* How the plan will be run: "ftrace", "kprobe", "notifier"; NULL: not at all. */
const char *hook_name(void);
/* Why a better one is not armed; "": there is none. */
const char *hook_why(void);

/* --- arm.c --- */

extern struct armed *armed_now; /* read by the hook */
int arm_init(struct kobject *dir);
void arm_exit(struct kobject *dir);

/* --- crash.c, in a crash kernel --- */

int crash_init(struct kobject *dir, u64 elfcorehdr);
void crash_exit(struct kobject *dir);

#endif
