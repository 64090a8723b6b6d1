// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables of the CPU: each is known by the one above it. Intel SDM volume
 * 3A, 4.5; Arm ARM (DDI 0487), D8.3, VMSAv8-64 descriptors.
 */
#include <elf.h>
#include <stdlib.h>

#include "reader.h"

#define VALID 1ULL
#define X86_LARGE BIT64(7)
#define ARM_TABLE BIT64(1)
#define LEVELS_MAX 5u
#define X86_BITS 9u

struct level {
	u64 *entry; /* of one table */
	u32 next, end;
};

struct tables {
	struct pages *p;
	u32 levels, bits;
	u64 address; /* bits of an entry that are of the address */
	struct level level[LEVELS_MAX];
};

/* True: it leads to a table one level down, not to a page. */
static bool leads_to_table(const struct tables *t, u64 entry)
{
	if (t->p->k->machine == EM_X86_64)
		return entry & VALID && !(entry & X86_LARGE);
	return entry & VALID && entry & ARM_TABLE;
}

static bool shape(struct tables *t)
{
	struct pages *p = t->p;
	u64 five = 0, t1sz, encrypted = 0;

	t->bits = p->shift - 3;
	t->address = MASK64(51, p->shift);
	if (p->k->machine == EM_X86_64) {
		vmcoreinfo_number(p->v, "NUMBER(pgtable_l5_enabled)", &five);
		vmcoreinfo_number(p->v, "NUMBER(sme_mask)", &encrypted);
		t->levels = five ? 5 : 4;
		t->address &= ~encrypted;
		return true;
	}
	if (!vmcoreinfo_number(p->v, "NUMBER(TCR_EL1_T1SZ)", &t1sz) ||
	    t1sz < 12 || t1sz > 39)
		return false;
	t->levels = (u32)(64 - t1sz - p->shift + t->bits - 1) / t->bits;
	t->address = MASK64(47, p->shift);
	return t->levels && t->levels <= LEVELS_MAX;
}

static bool read_table(struct tables *t, u32 depth, u64 at, u32 first, u32 last)
{
	struct level *l = &t->level[depth];
	u32 bytes = 8u << t->bits;

	for (u32 off = 0; off < bytes; off += PAGE_4K)
		if (mem_read(t->p->mem, at + off, (u8 *)l->entry + off,
			     PAGE_4K))
			return false;
	l->next = first;
	l->end = last < 1u << t->bits ? last : 1u << t->bits;
	return true;
}

/* Tables of the lowest level are marked, and never read. */
static void follow(struct tables *t, u32 name)
{
	u32 depth = 0;

	while (t->p->work) {
		struct level *l = &t->level[depth];
		u64 entry;

		if (l->next >= l->end) {
			if (!depth--)
				return;
			continue;
		}
		entry = l->entry[l->next++];
		if (!leads_to_table(t, entry))
			continue;
		t->p->work--;
		if (mark(t->p, entry & t->address, PAGE_TABLE, name) &&
		    depth + 2 < t->levels &&
		    read_table(t, depth + 1, entry & t->address, 0, ~0u))
			depth++;
	}
}

void mark_tables(struct pages *p, u64 root, u32 first, u32 last, u32 name)
{
	struct tables t = { .p = p };
	size_t room;

	if (!shape(&t) || !mark(p, root, PAGE_TABLE, name))
		return;
	room = 1u << t.bits;
	t.level[0].entry = calloc(LEVELS_MAX * room, sizeof(u64));
	if (!t.level[0].entry)
		return;
	for (u32 i = 1; i < LEVELS_MAX; i++)
		t.level[i].entry = t.level[0].entry + i * room;
	if (read_table(&t, 0, root & ~(BIT64(p->shift) - 1), first, last))
		follow(&t, name);
	free(t.level[0].entry);
}

void mark_kernel_tables(struct pages *p)
{
	u64 virt, phys;

	if (vmcoreinfo_hex(p->v, "SYMBOL(swapper_pg_dir)", &virt) &&
	    p->k->phys(p->k, virt, &phys))
		mark_tables(p, phys, 0, ~0u, mark_name(p, "the kernel"));
}
