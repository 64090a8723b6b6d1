/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Maps of physical memory: the next kernel's, a dump's, and that of the
 * purgatory's page tables.
 */
#ifndef KEXEC_MEMMAP_H
#define KEXEC_MEMMAP_H

#include "base.h"
#include "gather.h"

/* As x86 firmware distinguishes them (E820); others use some of them. */
enum memory_type {
	MEMORY_RAM,
	MEMORY_RESERVED,
	MEMORY_ACPI,
	MEMORY_NVS,
	MEMORY_UNUSABLE,
	MEMORY_PMEM,
	MEMORY_PRAM, /* "Persistent Memory (legacy)" */
	MEMORY_TYPE_N
};

struct range {
	struct span span;
	u32 type; /* enum memory_type */
};

struct memmap {
	struct range *r;
	size_t n, room;
	bool failed; /* out of memory: the map is not complete */
};

void memmap_add(struct memmap *m, u64 start, u64 len, u32 type);
/* Takes the span out of all ranges of @type. */
void memmap_cut(struct memmap *m, u64 start, u64 len, u32 type);
/* Sorts by address, merges what touches or overlaps within one type. */
void memmap_tidy(struct memmap *m);
/* The RAM that is in both, which are tidy, is added to @m. */
void memmap_common(struct memmap *m, const struct memmap *a,
		   const struct memmap *b);
void memmap_free(struct memmap *m);
/* The bytes of @type in the map. */
u64 memmap_bytes(const struct memmap *m, u32 type);

/* All RAM that /proc/iomem has, firmware tables in RAM included. */
void memmap_of_machine(struct memmap *m, const struct facts *f);
/* RAM that this kernel uses, by /proc/iomem. */
void memmap_of_ram(struct memmap *m, const struct facts *f);
/* What a dump holds: RAM without low memory (arch.h) and the reservations. */
void memmap_for_dump(struct memmap *m, const struct facts *f);
/*
 * Takes out of RAM what lies inside of lines that /proc/iomem calls so: memory
 * that firmware keeps, and the crash kernel's where this kernel unmaps it.
 */
void memmap_cut_inner(struct memmap *m, const struct facts *f);
/*
 * The crash kernel's memory: the low memory's RAM, @window (its own
 * memory), and what firmware keeps.
 */
void memmap_for_crash(struct memmap *m, const struct facts *f,
		      const struct span *window);
/*
 * The memory of a kernel after kexec -e: the firmware's map, from
 * /sys/firmware/memmap, or where that is missing from /proc/iomem.
 */
void memmap_of_firmware(struct memmap *m, const struct facts *f,
			const struct sysroot *root);

#endif
