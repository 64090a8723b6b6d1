/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A dead kernel's memory by the addresses that the kernel itself used. Hosted
 * only.
 */
#ifndef KMEM_H
#define KMEM_H

#include "dump.h"
#include "vmcoreinfo.h"

struct kmem;

/* How one architecture translates. */
struct kmem_arch {
	u16 machine; /* ELF's */
	/* Finds the kernel's top table; false: VMCOREINFO doesn't say. */
	bool (*find_root)(struct kmem *k, const struct vmcoreinfo *v);
	/* NULL, or why @virt leads nowhere. */
	const char *(*walk)(struct kmem *k, u64 virt, u64 *phys);
};
extern const struct kmem_arch kmem_x86_64;
extern const struct kmem_arch kmem_arm64;

struct kmem {
	const struct dump *d;
	const struct kmem_arch *arch; /* NULL: no page tables to walk */
	u64 root;		      /* of the top table, physical */
	u32 levels;
	u64 not_address; /* bits of entries that are none of the address */
	struct iommu_table table; /* arm64: instead of the three above */
	u64 tag;      /* arm64: bits of pointers that are none of the address */
	u64 page, at; /* translated last: virtual, physical */
	const char *error; /* of the last failure */
};

/*
 * Page tables lead the way, and where they don't, the program headers of an
 * ELF core. 0, or -1 with k->error: the dump has neither.
 */
int kmem_open(struct kmem *k, const struct dump *d, const struct vmcoreinfo *v);
/* IOMMU_OK, or IOMMU_EREAD with k->error. */
int kmem_read(struct kmem *k, u64 virt, void *buf, u32 len);
/* Where a byte is; false with k->error: nowhere known. */
bool kmem_phys(struct kmem *k, u64 virt, u64 *phys);

#endif
