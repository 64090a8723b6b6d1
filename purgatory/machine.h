/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the crash path needs of the machine it runs on, as hooks: the real
 * ones are in purgatory/ARCH/, tests have their own. An architecture is a
 * folder with these files:
 *
 *   entry.S        from the dead kernel's jump to C, to the next kernel, traps
 *   start.c        sets traps up, calls purgatory_run(), takes a way out
 *   machine.c      struct machine
 *   console.c      its struct console_device
 *   reset.c        the ways to reset it
 *   recover.S      recovery points (trap.h)
 *   sha256_cpu.c   the variants of SHA-256 that its CPUs have (include/sha256.h)
 *   string.c       memcpy and the like, for the compiler and the library
 *   purgatory.lds  one flat image from offset 0
 *   local.mk       the sources, and the compiler's flags
 */
#ifndef PURGATORY_MACHINE_H
#define PURGATORY_MACHINE_H

#include "base.h"
#include "sha256.h"

struct console_device;
struct handover;

struct machine {
	/*
	 * The counter that handover.ticks_per_ms is about: TSC, CNTVCT. It may
	 * stand still or run backwards; every wait is bounded by a number of reads, too.
	 */
	u64 (*ticks)(struct machine *m);
	/*
	 * Where physical memory, and the registers of a unit, can be touched;
	 * NULL: at their own addresses.
	 */
	void *(*memory)(struct machine *m, u64 phys);
	void *(*registers)(struct machine *m, u64 phys);
	/*
	 * Copies memory of the dead kernel. IOMMU_OK or IOMMU_EREAD. NULL: from
	 * where it can be touched.
	 */
	int (*read)(struct machine *m, void *buf, u64 phys, u32 len);
	/* In the order they are written to; at most CONSOLES_MAX. */
	const struct console_device *consoles;
	u32 consoles_n;
	/*
	 * Switches to the identity map that kexec built, the one of
	 * handover.pgtable for the mode the CPU is in; where the CPU is entered
	 * without translation, caches come on with it. PLAN_OK, or
	 * PLAN_PGTABLE when a page of the @n @must spans is not mapped to
	 * itself: what was live before then stays. *live: switched (not when
	 * there is no map of our own).
	 */
	u32 (*map)(struct machine *m, const struct handover *h,
		   const struct span *must, u32 n, bool *live);
	/*
	 * Makes usable what the CPU has of vector registers and returns the
	 * fastest way to compute SHA-256 with them, or a plain one. sha_end
	 * undoes it, whether or not sha_begin came to its end.
	 */
	struct sha256_way (*sha_begin)(struct machine *m);
	void (*sha_end)(struct machine *m);
	/*
	 * Makes writes visible to a table walker that does not snoop, and drops
	 * what caches hold of the memory.
	 */
	void (*flush)(struct machine *m, u64 phys, u64 len);
	/*
	 * Orders accesses of memory and of registers, those before it and those
	 * behind it. NULL: the CPU does.
	 */
	void (*order)(struct machine *m);
	/*
	 * Errors that the CPU reports some time after the access that met them
	 * (arm64: SErrors). take_errors waits until those of all accesses so far
	 * are known, and has them and later ones taken as traps, each of which
	 * ends that again. After hold_errors they stay pending. NULL: there are none.
	 */
	void (*take_errors)(struct machine *m);
	void (*hold_errors)(struct machine *m);
	/*
	 * Tries each way to reset the machine, the one most likely obeyed
	 * first. Comes back when none was.
	 */
	void (*reset)(struct machine *m);
	/* Stops this CPU; it may come back for an interrupt. */
	void (*halt)(struct machine *m);
};

static inline void *machine_memory(struct machine *m, u64 phys)
{
	return m->memory ? m->memory(m, phys) : (void *)(uintptr_t)phys;
}

static inline void *machine_registers(struct machine *m, u64 phys)
{
	return m->registers ? m->registers(m, phys) : (void *)(uintptr_t)phys;
}

#endif
