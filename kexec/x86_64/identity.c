// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables for the purgatory. Intel SDM vol. 3A, 4.5 "4-level paging and
 * 5-level paging" (order 325384-083, March 2024).
 *
 * Both depths share all tables but one: the PML5 table's entry 0 is the PML4
 * table that CR3 takes when LA57 is off.
 */
#include "pc.h"

#define PTE_P BIT64(0)
#define PTE_W BIT64(1)
#define PTE_PWT BIT64(3)
#define PTE_PCD BIT64(4)
#define PTE_A BIT64(5)
#define PTE_D BIT64(6)
#define PTE_PS BIT64(7)

/*
 * Accessed and dirty are set beforehand: the CPU then never writes to the
 * tables, and the digest over them holds.
 */
#define PTE_WB (PTE_P | PTE_W | PTE_A | PTE_D)

static const struct identity_form form = {
	.levels = 5,
	.bits = 52,
	.table = PTE_P | PTE_W | PTE_A,
	.kind = PTE_PS,
	.large = PTE_PS,
	.ram = PTE_WB,
	/* PAT entry 3: UC after reset, and so Linux leaves it (memtype.c) */
	.device = PTE_WB | PTE_PCD | PTE_PWT,
};

int pc_identity_build(struct identity *id, const struct identity_request *r,
		      u64 mem, struct error *e)
{
	if (identity_tables(id, &form, r, mem, e))
		return -1;
	id->root[PGTABLE_LA57] = mem;
	/* made right after the root, on the way to the first page */
	id->root[PGTABLE_4LEVEL] = mem + PAGE_4K;
	return 0;
}
