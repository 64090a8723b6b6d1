/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Seams 1 and 2: the only ways in which the library sees the machine.
 *
 * Suppliers of mem: the purgatory's identity map, /proc/kcore, a dump file,
 * QEMU over qtest, a text list of `addr: value` in tests. Suppliers of mmio:
 * the purgatory's registers, QEMU over qtest, a register model in tests.
 * A supplier embeds the struct as its first member.
 */
#ifndef MEM_H
#define MEM_H

#include "base.h"

struct mem {
	/*
	 * Copies @len bytes of physical memory at @phys. 0, or an enum
	 * iommu_err: IOMMU_EREAD when any byte is not to be had (outside RAM,
	 * not in the dump); the buffer is then undefined. Walkers read whole
	 * aligned 4 KiB of a table, or less that never crosses 4 KiB.
	 */
	int (*read)(struct mem *m, u64 phys, void *buf, u32 len);
	/* NULL where memory can't be written. Same returns. */
	int (*write)(struct mem *m, u64 phys, const void *buf, u32 len);
	/*
	 * One store of 8 aligned bytes, which a unit sees whole, to memory that
	 * was the dead kernel's: its device table, its command buffer. Same
	 * returns. NULL where none of that can be changed.
	 */
	int (*store64)(struct mem *m, u64 phys, u64 val);
	/*
	 * Makes earlier writes visible to a page walker that does not snoop
	 * (VT-d ECAP.C = 0 and the like). NULL where that never matters.
	 */
	void (*flush)(struct mem *m, u64 phys, u64 len);
};

/* Registers of one unit; @off in bytes from its base, naturally aligned. */
struct mmio {
	u32 (*read32)(struct mmio *r, u32 off);
	u64 (*read64)(struct mmio *r, u32 off);
	void (*write32)(struct mmio *r, u32 off, u32 val);
	void (*write64)(struct mmio *r, u32 off, u64 val);
	/* Microseconds from any start, never backwards. Bounds every poll. */
	u64 (*now_us)(struct mmio *r);
	/* Bytes of register space that may be touched; checked by the library. */
	u32 len;
};

static inline int mem_read(struct mem *m, u64 phys, void *buf, u32 len)
{
	return m->read(m, phys, buf, len);
}

#endif
