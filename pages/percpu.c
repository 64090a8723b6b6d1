// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs and their own memory (Linux: mm/percpu.c: the first chunk, and those
 * that came later).
 */
#include "reader.h"

#define UNITS_MAX 8192u
#define UNIT_MAX MIB(64)
#define CHUNKS_MAX (1u << 16)
#define LISTS_MAX 64u
#define LIST_HEAD 16u /* struct list_head */

/*
 * Of CPUs that are not possible the offset leads to the image, where lists
 * look as if they were used.
 */
static void read_cpus(struct pages *p)
{
	u64 at = p->s[SYM_POSSIBLE_CPUS].addr;
	u32 words = p->m[CPUMASK_WHOLE].size / 8;

	p->have_cpus = true;
	for (u32 i = 0; at && i < words && i < ARRAY_SIZE(p->cpus); i++)
		if (p->k->read(p->k, at + 8 * (u64)i, &p->cpus[i], 8))
			p->cpus[i] = 0;
}

bool next_cpu(struct pages *p, u32 *cpu)
{
	if (!p->have_cpus)
		read_cpus(p);
	for (; *cpu < 64 * ARRAY_SIZE(p->cpus); ++*cpu)
		if (p->cpus[*cpu / 64] >> *cpu % 64 & 1)
			return true;
	return false;
}

bool percpu_offset(struct pages *p, u32 cpu, u64 *off)
{
	u64 at = p->s[SYM_PERCPU_OFFSETS].addr;

	return at && !p->k->read(p->k, at + 8 * (u64)cpu, off, sizeof(*off));
}

struct chunk_list {
	struct pages *p;
	u64 units, unit_size, offsets;
};

/* A symbol's value, of @len bytes; 0: not known. */
static u64 value_of(struct pages *p, u32 symbol, u32 len)
{
	u64 val = 0;

	if (!p->s[symbol].addr ||
	    p->k->read(p->k, p->s[symbol].addr, &val, len))
		return 0;
	return val;
}

/* Each CPU has a unit in it. */
static void chunk_units(const struct chunk_list *l, u64 base)
{
	struct pages *p = l->p;
	u64 off;

	for (u32 cpu = 0; next_cpu(p, &cpu); cpu++)
		if (!p->k->read(p->k, l->offsets + 8 * (u64)cpu, &off, 8))
			mark_virtual(p, base + off, l->unit_size, PAGE_PERCPU,
				     0);
}

static bool chunk_entry(void *arg, u64 node)
{
	const struct chunk_list *l = arg;
	const struct member *m = l->p->m;
	u64 base;

	if (!l->p->work || !kernel_get(l->p->k, node - m[CHUNK_LIST].off,
				       &m[CHUNK_BASE], &base))
		return false;
	chunk_units(l, base);
	return true;
}

bool mark_percpu(struct pages *p)
{
	struct symbol s = { .name = "pcpu_chunk_lists" };
	struct chunk_list l = {
		.p = p,
		.units = value_of(p, SYM_CHUNK_UNITS, 4),
		.unit_size = value_of(p, SYM_CHUNK_UNIT_SIZE, 4),
		.offsets = value_of(p, SYM_CHUNK_OFFSETS, 8),
	};
	u64 lists = value_of(p, SYM_CHUNK_LISTS, 8);
	u64 n = value_of(p, SYM_CHUNK_LISTS_N, 4);
	u64 base = value_of(p, SYM_CHUNK_BASE, 8);

	if (!base || !l.offsets || l.units > UNITS_MAX ||
	    l.unit_size > UNIT_MAX)
		return false;
	chunk_units(&l, base);
	for (u64 i = 0;
	     lists && p->m[CHUNK_LIST].found && i < n && i < LISTS_MAX; i++) {
		s.addr = lists + i * LIST_HEAD;
		kernel_list(p->k, p->f, &s, CHUNKS_MAX, chunk_entry, &l);
	}
	return true;
}
