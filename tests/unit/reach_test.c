// SPDX-License-Identifier: GPL-2.0-only
/*
 * The index of mappings against the translation of single addresses, and one
 * thread against several, on tables made at random: a few pages that share
 * subtables in all ways, so that what is told by repeats is tested as well.
 *
 * usage: reach_test [ROUNDS]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../answers/scan.h"
#include "answers.h"
#include "../../iommu/vtd/vtd.h"
#include "../../iommu/vtd/tables.h"

#define ROUNDS 150
#define PROBES 40
#define THREADS 4

#define ROOT_TABLE 0x1000
#define CONTEXT_TABLE 0x2000
#define FIRST 0x10000 /* of the pages of tables; the first is the root */
#define PAGES 24
#define LEVEL_2 4 /* index of the first page of that level */
#define LEVEL_1 12

struct machine {
	struct mem mem;
	u64 word[PAGES][512];
	u64 seed;
	u32 targets; /* pages that are mapped to: many or few places each */
	struct dump dump;
	struct fact_unit unit;
};

static u32 next(struct machine *m, u32 n)
{
	m->seed ^= m->seed << 13;
	m->seed ^= m->seed >> 7;
	m->seed ^= m->seed << 17;
	return (u32)(m->seed >> 20) % n;
}

static int read_mem(struct mem *mem, u64 phys, void *buf, u32 len)
{
	static const u64 root[] = { CONTEXT_TABLE | 1, 0 };
	static const u64 context[] = { FIRST | 1, 0x102 };
	struct machine *m = (struct machine *)mem;
	struct span pages = { FIRST, sizeof(m->word) };
	u8 page[PAGE_4K] = { 0 };

	if (span_holds(&pages, phys, len)) {
		memcpy(buf, (u8 *)m->word + (phys - FIRST), len);
		return IOMMU_OK;
	}
	if (phys < ROOT_TABLE || phys >= CONTEXT_TABLE + PAGE_4K)
		return IOMMU_EREAD;
	memcpy(page, phys < CONTEXT_TABLE ? root : context, sizeof(root));
	memcpy(buf, page + phys % PAGE_4K, len);
	return IOMMU_OK;
}

static u64 perm(struct machine *m)
{
	static const u64 of[] = { SS_R, SS_W, SS_R | SS_W, SS_R | SS_W };

	return of[next(m, 4)];
}

/* @n entries in a row that lead to one table, or to several. */
static void fill_upper(struct machine *m, u32 page, u32 low, u32 high)
{
	u32 runs = 1 + next(m, 3), i, at, n, to;

	for (i = 0; i < runs; i++) {
		at = next(m, 512);
		to = low + next(m, high - low);
		for (n = 1 + next(m, 4); n && at < 512; n--, at++) {
			m->word[page][at] = (FIRST + (u64)to * PAGE_4K) |
					    perm(m);
			if (next(m, 3) == 0)
				to = low + next(m, high - low);
		}
	}
}

static void fill_leaves(struct machine *m, u32 page)
{
	u32 runs = 1 + next(m, 4), i, at, n;
	u64 to, p;

	for (i = 0; i < runs; i++) {
		at = next(m, 512);
		to = next(m, m->targets);
		p = perm(m);
		for (n = 1 + next(m, 40); n && at < 512; n--, at++)
			m->word[page][at] = (to++ % m->targets) << 12 | p;
	}
}

/* A run over the end of a table that is also somewhere else. */
static void straddle(struct machine *m)
{
	u64 *up = m->word[LEVEL_2];
	u32 i;

	for (i = 0; i < 2 * 512; i++)
		m->word[LEVEL_1 + i / 512][i % 512] =
			(u64)(m->targets / 2 + i) << 12 | 3;
	memset(up, 0, PAGE_4K);
	up[0] = up[5] = (FIRST + LEVEL_1 * PAGE_4K) | 3;
	up[1] = (FIRST + (LEVEL_1 + 1) * PAGE_4K) | 3;
}

/* A root, level 3 tables, level 2 tables, level 1 tables; some large pages. */
static void make_tables(struct machine *m)
{
	u32 i;

	memset(m->word, 0, sizeof(m->word));
	fill_upper(m, 0, 1, LEVEL_2);
	for (i = 1; i < LEVEL_2; i++)
		fill_upper(m, i, LEVEL_2, LEVEL_1);
	for (; i < LEVEL_1; i++) {
		fill_upper(m, i, LEVEL_1, PAGES);
		if (next(m, 4) == 0)
			m->word[i][next(m, 512)] = PTE_PS | perm(m);
	}
	for (; i < PAGES; i++)
		fill_leaves(m, i);
	if (next(m, 2))
		straddle(m);
	/* Something that is wrong, now and then. */
	if (next(m, 3) == 0)
		m->word[next(m, PAGES)][next(m, 512)] = 0x77000 | SS_R;
}

static void make_machine(struct machine *m)
{
	static struct iommu_reg reg[4];

	m->mem.read = read_mem;
	m->unit = (struct fact_unit){ .name = (char *)"dmar0",
				      .vendor = IOMMU_VENDOR_VTD,
				      .regs = IOMMU_REGS(reg) };
	iommu_reg_put(&m->unit.regs, VTD_CAP, 8, 0x00d2008c222f0686);
	iommu_reg_put(&m->unit.regs, VTD_ECAP, 8, 0xf00f5e);
	iommu_reg_put(&m->unit.regs, VTD_GSTS, 4, GCMD_TE);
	iommu_reg_put(&m->unit.regs, VTD_RTADDR, 8, ROOT_TABLE);
	m->dump.facts.unit = &m->unit;
	m->dump.facts.unit_n = 1;
	m->seed = 0x9e3779b97f4a7c15;
}

/* --- one address at a time --- */

static u64 probe_iova(struct machine *m)
{
	u64 iova = 0, addr = FIRST;
	u32 level, i, at;

	/* Down the tables, along an entry that is there if one is found soon. */
	for (level = 4; level; level--) {
		const u64 *table = m->word[(addr - FIRST) / PAGE_4K];

		for (at = next(m, 512), i = 0; i < 511 && !table[at]; i++)
			at = (at + 1) % 512;
		iova |= (u64)at << (12 + 9 * (level - 1));
		addr = table[at] & PTE_ADDR;
		if (table[at] & PTE_PS || addr < FIRST ||
		    addr >= FIRST + sizeof(m->word))
			break;
	}
	return iova;
}

static const struct iommu_run *run_at(const struct reach *r, u64 iova)
{
	u32 i;

	for (i = 0; r->table_n && i < r->table[0].runs; i++)
		if (iova - r->table[0].run[i].iova < r->table[0].run[i].len)
			return &r->table[0].run[i];
	return NULL;
}

/* Each run that is told must be what a translation gives. */
static bool true_runs(struct machine *m, const struct iommu_config *c,
		      const struct iommu_domain *d, const struct reach *r)
{
	struct iommu_evidence ev;
	struct iommu_xlat x;
	u32 i;

	for (i = 0; r->table_n && i < r->table[0].runs; i++) {
		const struct iommu_run *run = &r->table[0].run[i];

		if (!span_overlaps(&r->target, run->pa, run->len) ||
		    iommu_translate(c, &m->mem, d, run->iova, 0, &x, &ev) ||
		    x.pa != run->pa || (x.perm & 3) != (run->perm & 3) ||
		    iommu_translate(c, &m->mem, d, run->iova + run->len - 1, 0,
				    &x, &ev) ||
		    x.pa != run->pa + run->len - 1)
			return false;
		if (i && run[-1].iova + run[-1].len > run->iova)
			return false;
	}
	return true;
}

/* What an address leads to must be told, or be one of those left out. */
static bool probe(struct machine *m, const struct reach_index *all,
		  const struct iommu_config *c, const struct iommu_domain *d)
{
	const struct iommu_run *run;
	struct iommu_evidence ev;
	struct iommu_xlat x;
	struct reach r, one;
	struct span at;
	u64 iova = probe_iova(m);
	bool ok;

	if (iommu_translate(c, &m->mem, d, iova, 0, &x, &ev) ||
	    !(x.perm & (IOMMU_R | IOMMU_W)))
		return true;
	at = (struct span){ x.pa, 1 + next(m, next(m, 2) ? 64 : 1) * PAGE_4K };
	ok = !reach_ask(all, &at, &r) && !reach(&m->dump, &at, &one);
	run = run_at(&r, iova);
	ok = ok && r.table_n == 1 && true_runs(m, c, d, &r) &&
	     (r.table[0].more || (run && run->pa + (iova - run->iova) == x.pa));
	/* Kept for one question, or for all: the answer is the same. */
	ok = ok && one.table_n == 1 && one.table[0].runs == r.table[0].runs &&
	     !memcmp(one.table[0].run, r.table[0].run,
		     r.table[0].runs * sizeof(*run)) &&
	     one.table[0].gaps == r.table[0].gaps;
	reach_free(&r);
	reach_free(&one);
	return ok;
}

/* --- several threads --- */

static bool scan_with(struct machine *m, const struct iommu_config *c,
		      const struct iommu_domain *d, u32 threads,
		      struct scanned *out)
{
	struct mem *mem[THREADS] = { m->dump.mem };
	u64 budget = 1000000;
	struct scan s = { .config = c,
			  .mem = mem,
			  .threads = threads,
			  .budget = &budget,
			  .runs_max = 1000000 };
	u32 i;
	int err;

	for (i = 1; i < threads; i++)
		mem[i] = mem_cache_twin(m->dump.mem);
	err = scan_stage(&s, d, 1, out);
	for (i = 1; i < threads; i++)
		mem_cache_close(mem[i]);
	return !err;
}

static bool same_runs(const struct runs *a, const struct runs *b)
{
	struct runs_at at = runs_begin(a), bt = runs_begin(b);
	struct iommu_run x, y;
	size_t n = 0;

	for (; runs_next(&at, &x); n++)
		if (!runs_next(&bt, &y) || memcmp(&x, &y, sizeof(x)))
			return false;
	return n == a->n && n == b->n && !runs_next(&bt, &y);
}

/* Without what is shared there are no repeats, and no way to differ. */
static bool same_by_threads(struct machine *m, const struct iommu_config *c,
			    const struct iommu_domain *d)
{
	struct scanned one, many;
	bool ok = scan_with(m, c, d, 1, &one) &&
		  scan_with(m, c, d, THREADS, &many);

	if (ok && !one.repeat_n)
		ok = one.errors == many.errors &&
		     same_runs(&one.runs, &many.runs);
	scanned_free(&one);
	scanned_free(&many);
	return ok;
}

/* Eight tables of level 2, each with as many leaf tables, none shared. */
static void make_plain(struct machine *m)
{
	u32 i;

	memset(m->word, 0, sizeof(m->word));
	m->word[0][next(m, 512)] = (FIRST + PAGE_4K) | 3;
	for (i = LEVEL_2; i < LEVEL_1; i++) {
		m->word[1][i * 7] = (FIRST + (u64)i * PAGE_4K) | 3;
		m->word[i][next(m, 512)] =
			(FIRST + (u64)(i + LEVEL_1 - LEVEL_2) * PAGE_4K) | 3;
		fill_leaves(m, i + LEVEL_1 - LEVEL_2);
	}
}

static bool one_round(struct machine *m, u32 round)
{
	const struct reach_wanted any = { .range = NULL };
	struct reach_index *ix;
	struct view_trail trail;
	struct iommu_config c;
	struct view_entry e;
	bool ok;
	u32 i;

	m->targets = round & 1 ? 64 : 1 << 16;
	if (round % 4)
		make_tables(m);
	else
		make_plain(m);
	/* Another one each time: it remembers. */
	m->dump.mem = mem_cache(&m->mem, NULL, false);
	ix = reach_index(&m->dump, &any);
	ok = ix && !view_config(&m->dump, 0, VIEW_CRASH, &c, NULL) &&
	     !view_lookup(&m->dump, 0, VIEW_CRASH, 0, VIEW_NO_PASID, &e,
			  &trail) &&
	     e.domain.kind == IOMMU_KIND_TABLE;
	for (i = 0; ok && i < PROBES; i++)
		ok = probe(m, ix, &c, &e.domain);
	ok = ok && same_by_threads(m, &c, &e.domain);
	reach_index_free(ix);
	mem_cache_close(m->dump.mem);
	return ok;
}

int main(int argc, char **argv)
{
	static struct machine m;
	u32 rounds = argc > 1 ? (u32)atoi(argv[1]) : ROUNDS, i, failed = 0;

	make_machine(&m);
	for (i = 0; i < rounds; i++) {
		if (one_round(&m, i))
			continue;
		printf("# round %u\n", i);
		failed++;
	}
	printf("%sok 1 - %u tables, %u answers of each\n1..1\n",
	       failed ? "not " : "", rounds, PROBES);
	return failed ? 1 : 0;
}
