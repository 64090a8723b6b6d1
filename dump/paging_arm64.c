// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's page tables of arm64: the form that SMMUs have too (lpae.h).
 * Where the kernel keeps them: Linux, arch/arm64/kernel/vmcore_info.c (before
 * 6.9: crash_core.c), arch/arm64/include/asm/memory.h and pgtable-hwdef.h, 6.1
 * to 7.2.
 */
#include <elf.h>
#include "kmem.h"
#include "../iommu/lpae.h"

/*
 * TCR_EL1.TBI1 is on for tags of KASAN and MTE: the top byte of a pointer into
 * the kernel's half, which bit 55 marks (DDI 0487, D8.2.9), may be anything.
 */
#define UPPER_HALF BIT64(55)
#define TOP_BYTE MASK64(63, 56)

static bool granule_of(const struct vmcoreinfo *v, u32 *granule)
{
	u64 size;

	if (!vmcoreinfo_number(v, "PAGESIZE", &size))
		return false;
	switch (size) {
	case KIB(4):
		*granule = LPAE_4K;
		return true;
	case KIB(16):
		*granule = LPAE_16K;
		return true;
	case KIB(64):
		*granule = LPAE_64K;
		return true;
	}
	return false;
}

/* The image is mapped kimage_voffset above where it lies (4.6 and later). */
static bool find_table(struct kmem *k, const struct vmcoreinfo *v, u64 *phys)
{
	u64 virt, offset;

	if (!vmcoreinfo_hex(v, "SYMBOL(swapper_pg_dir)", &virt))
		return false;
	if (!vmcoreinfo_number(v, "NUMBER(kimage_voffset)", &offset))
		return dump_to_phys(k->d, virt, phys);
	*phys = virt - offset;
	return true;
}

/*
 * The size that the CPU was told is less than VA_BITS where a kernel built for
 * 52 bits runs on one that has 48. Notes have it since 5.12, the first ones in
 * lower case.
 */
static u64 size_of(const struct vmcoreinfo *v, u64 va_bits)
{
	u64 tsz;

	if (vmcoreinfo_number(v, "NUMBER(TCR_EL1_T1SZ)", &tsz) ||
	    vmcoreinfo_number(v, "NUMBER(tcr_el1_t1sz)", &tsz))
		return tsz;
	return 64 - va_bits;
}

static bool find_root(struct kmem *k, const struct vmcoreinfo *v)
{
	/* Bits 51:48 of an address are 0 where a kernel does not use them. */
	struct lpae_root r = { .tsz_min = 12, .tsz_max = 48, .out_bits = 52 };
	u64 va_bits, tsz, unused;

	if (!granule_of(v, &r.granule) || !find_table(k, v, &r.ttb) ||
	    !vmcoreinfo_number(v, "NUMBER(VA_BITS)", &va_bits) ||
	    va_bits < 16 || va_bits > 52)
		return false;
	tsz = size_of(v, va_bits);
	if (tsz < 64 - va_bits || tsz > r.tsz_max)
		return false;
	r.tsz = (u32)tsz;
	/* 64 KiB: the top table is that of 52 bits, its upper end is in use. */
	if (r.granule == LPAE_64K && va_bits == 52 && tsz > 12 && tsz < 22) {
		unused = BIT64(52 - 42) - BIT64(64 - tsz - 42);
		r.ttb += unused * sizeof(u64);
	}
	/* 4 and 16 KiB: more than 48 bits there are with LPA2 alone. */
	if (r.granule != LPAE_64K && tsz < 16)
		r.attr = LPAE_DS;
	if (lpae_first(&r, true, false, &k->table))
		return false;
	if (!vmcoreinfo_number(v, "NUMBER(KERNELPACMASK)", &k->tag))
		k->tag = 0;
	k->tag |= TOP_BYTE;
	return true;
}

/* The entry of @virt in the table at @table; 0, or why not. */
static const char *entry_of(struct kmem *k, u64 table, u32 level, u64 virt,
			    struct iommu_pte *pte)
{
	const struct iommu_pt_format *f = k->table.format;
	u32 bits = level == k->table.levels ? k->table.root_bits
					    : f->entry_bits;
	u64 index = virt >> (f->page_shift + (level - 1) * f->entry_bits), raw;

	index &= BIT64(bits) - 1;
	if (mem_read(k->d->mem, table + index * sizeof(raw), &raw, sizeof(raw)))
		return "its page table is not in the dump";
	f->decode(NULL, &k->table, level, raw, pte);
	if (!pte->present)
		return "not mapped";
	return pte->err ? "its page table has an entry of a reserved form"
			: NULL;
}

static const char *walk(struct kmem *k, u64 virt, u64 *phys)
{
	const struct iommu_pt_format *f = k->table.format;
	struct iommu_pte pte = { .addr = k->table.root };
	const char *why;
	u32 level = k->table.levels;

	if (!(virt & UPPER_HALF))
		return "not an address of the kernel's";
	virt |= k->tag;
	if (virt < k->table.base)
		return "beyond what the kernel's page tables map";
	for (; level; level--) {
		why = entry_of(k, pte.addr, level, virt, &pte);
		if (why)
			return why;
		if (pte.leaf)
			break;
	}
	*phys = pte.addr |
		(virt &
		 (BIT64(f->page_shift + (level - 1) * f->entry_bits) - 1));
	return NULL;
}

const struct kmem_arch kmem_arm64 = {
	.machine = EM_AARCH64,
	.find_root = find_root,
	.walk = walk,
};
