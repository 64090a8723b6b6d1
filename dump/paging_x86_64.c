// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page tables of x86_64: Intel SDM, volume 3A, chapter 4.5 (4-level and
 * 5-level paging), order number 325462-081, September 2023. Where the kernel
 * keeps its own: Linux, arch/x86/kernel/machine_kexec_64.c and
 * Documentation/arch/x86/x86_64/mm.rst.
 */
#include <elf.h>
#include "kmem.h"

/* SDM vol. 3A, tables 4-14 to 4-20 */
#define PTE_P BIT64(0)
#define PTE_PS BIT64(7) /* of a level 2 or 3 entry: maps a page */
#define PTE_ADDR MASK64(51, 12)

#define INDEX_BITS 9u
#define LEVEL_MAX_PS 3u
/* Linux: __START_KERNEL_map, where the image is mapped, offset by phys_base */
#define KERNEL_MAP 0xffffffff80000000ULL

static bool root_by_phys_base(struct kmem *k, const struct vmcoreinfo *v,
			      u64 virt)
{
	u64 base;

	/* The note has it since 4.10. */
	if (virt < KERNEL_MAP ||
	    (!vmcoreinfo_number(v, "NUMBER(phys_base)", &base) &&
	     !dump_phys_base(k->d, &base)))
		return false;
	k->root = virt - KERNEL_MAP + base;
	return true;
}

static bool find_root(struct kmem *k, const struct vmcoreinfo *v)
{
	u64 virt, five = 0;

	/* A macro: init_level4_pgt, and init_top_pgt since 4.13. */
	if (!vmcoreinfo_hex(v, "SYMBOL(swapper_pg_dir)", &virt))
		return false;
	if (!root_by_phys_base(k, v, virt) &&
	    !dump_to_phys(k->d, virt, &k->root))
		return false;
	k->root &= PTE_ADDR;
	vmcoreinfo_number(v, "NUMBER(pgtable_l5_enabled)", &five);
	k->levels = five ? 5 : 4;
	/* SME: the bit that says "encrypted" (AMD APM vol. 2, 7.10.2) */
	if (!vmcoreinfo_number(v, "NUMBER(sme_mask)", &k->not_address))
		k->not_address = 0;
	return true;
}

static u32 shift_of(u32 level)
{
	return 12 + INDEX_BITS * (level - 1);
}

/* SDM vol. 1, 3.3.7.1: the bits above the highest index repeat its top bit. */
static bool canonical(u64 virt, u32 levels)
{
	u64 high = MASK64(63, shift_of(levels) + INDEX_BITS - 1);

	return !(virt & high) || (virt & high) == high;
}

static const char *walk(struct kmem *k, u64 virt, u64 *phys)
{
	u64 table = k->root, entry = 0, below = 0;
	u32 level;

	if (!canonical(virt, k->levels))
		return "not a canonical address";
	for (level = k->levels; level; level--) {
		u64 index = virt >> shift_of(level) & (BIT64(INDEX_BITS) - 1);

		if (mem_read(k->d->mem, table + index * sizeof(entry), &entry,
			     sizeof(entry)))
			return "its page table is not in the dump";
		if (!(entry & PTE_P))
			return "not mapped";
		table = entry & PTE_ADDR & ~k->not_address;
		below = BIT64(shift_of(level)) - 1;
		if (level == 1 || !(entry & PTE_PS))
			continue;
		if (level > LEVEL_MAX_PS)
			return "a reserved bit is set in its page table";
		break;
	}
	/* Bit 12 of a large page is PAT. */
	*phys = (table & ~below) | (virt & below);
	return NULL;
}

const struct kmem_arch kmem_x86_64 = {
	.machine = EM_X86_64,
	.find_root = find_root,
	.walk = walk,
};
