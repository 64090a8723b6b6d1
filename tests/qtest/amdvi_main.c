// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the case files of tests/qtest/amdvi-cases against QEMU's AMD-Vi. README
 * there has the language. The library predicts from registers and memory
 * alone, the model does it, and the case says what the manual demands: all
 * three must agree.
 */
#include <inttypes.h>
#include <string.h>

#include "amdvi_tables.h"
#include "probe.h"
#include "quiesce.h"

#define RUNS_MAX 4096

struct run {
	struct cases c;
	struct amdvi a;
	struct quiesced z;
	struct iommu_iter iter;
};

/* --- one DMA --- */

/* The iterator must list the page just when a translation of it succeeds. */
static void check_listing(struct run *r, struct prediction *p, u64 iova,
			  u32 need)
{
	struct iommu_evidence ev;
	struct iommu_run run;
	unsigned int i;
	bool found = false;
	int err;

	iommu_iter_start(&r->iter, &r->c.q.mem.mem, &p->c, &p->d.stage[1],
			 100000);
	for (i = 0; i < RUNS_MAX && !found; i++) {
		err = iommu_iter_next(&r->iter, &run, &ev);
		if (err == IOMMU_ENOTPRESENT || err == IOMMU_EBUDGET)
			break;
		found = !err && iova >= run.iova && iova - run.iova < run.len &&
			run.perm & need;
	}
	if (found != !p->err ||
	    (found && run.pa + (iova - run.iova) != p->x.pa))
		cases_wrong(&r->c, "the iterator %s 0x%" PRIx64,
			    found ? "lists" : "does not list", iova);
}

/*
 * @code: an event of it must be logged; 0: none at all. The model (11.1) does
 * not say the address, nor whether it was a write, and of a page fault's device
 * only the devfn.
 */
static void check_events(struct run *r, const struct probe *d, u32 code)
{
	const struct iommu_vendor *v = iommu_vendor(IOMMU_VENDOR_AMDVI);
	struct iommu_fault_raw raw[8];
	struct iommu_reg reg[IOMMU_REGS_MAX];
	struct iommu_regs regs = IOMMU_REGS(reg);
	struct iommu_fault f;
	u32 n = 0;

	v->snapshot(&r->c.q.unit.mmio, &regs, raw, &n);
	n = ARRAY_SIZE(raw);
	if (v->events(&regs, &r->c.q.mem.mem, raw, &n))
		cases_wrong(&r->c, "the event log can't be read");
	if (!n || !code) {
		if (n || code)
			cases_wrong(&r->c, "%u events, the case wants %u", n,
				    code);
		return;
	}
	v->fault(&raw[0], &f);
	if (f.reason != code || f.requester != d->edu->requester)
		cases_wrong(&r->c, "event 0x%x of 0x%x", f.reason, f.requester);
}

/* @code: of its event; 0: none. @silent: nothing may be logged. */
static void dma(struct run *r, const struct probe *d, u32 code, bool silent)
{
	struct prediction p;

	amdvi_on(&r->a);
	amdvi_take_events(&r->a);
	if (!probe(&r->c, IOMMU_VENDOR_AMDVI, d, &p))
		return;
	if (r->a.log && (code || d->lands || silent))
		check_events(r, d, code);
	/* A sink maps everything: its list has no end. */
	if (p.d.kind == IOMMU_KIND_TABLE &&
	    align_down(p.x.pa, PAGE_4K) != SCRATCH)
		check_listing(r, &p, d->iova, d->write ? IOMMU_W : IOMMU_R);
}

/* --- statements --- */

/* table NAME LEVELS [LEVEL]: the root's entries lead right to LEVEL */
static bool do_table(struct run *r)
{
	u64 levels, below = 0;

	if (!cases_number(&r->c, r->c.arg[2], &levels) ||
	    (r->c.arg[3] && !cases_number(&r->c, r->c.arg[3], &below)))
		return false;
	if (!levels || levels > AMDVI_LEVELS_MAX || below >= levels)
		return cases_bad(&r->c, "no depth", r->c.arg[2]);
	return amdvi_add(&r->a, r->c.arg[1], levels, below)
		       ? true
		       : cases_bad(&r->c, "too many tables", r->c.arg[1]);
}

/* map NAME IOVA PA SIZE PERM */
static bool do_map(struct run *r)
{
	struct amdvi_table *t = amdvi_find(&r->a, r->c.arg[1]);
	struct mapping m;

	if (!t)
		return cases_bad(&r->c, "no table", r->c.arg[1]);
	if (!cases_mapping(&r->c, 2, &m))
		return false;
	return amdvi_map(&r->a, t, m.iova, m.pa, m.size, m.perm)
		       ? true
		       : cases_bad(&r->c, "can't be mapped", r->c.arg[2]);
}

/* dte PLACE TABLE|pass|none PERM */
static bool do_dte(struct run *r)
{
	struct edu *e = cases_place(&r->c, r->c.arg[1]);
	struct amdvi_table *t = amdvi_find(&r->a, r->c.arg[2]);
	u32 perm = cases_perm(r->c.arg[3]);

	if (!e)
		return false;
	if (!t && strcmp(r->c.arg[2], "pass") && strcmp(r->c.arg[2], "none"))
		return cases_bad(&r->c, "no table", r->c.arg[2]);
	amdvi_dte(&r->a, e->requester, t, strcmp(r->c.arg[2], "none"), perm);
	return true;
}

/* pte NAME LEVEL IOVA set|clear BITS */
static bool do_pte(struct run *r)
{
	struct amdvi_table *t = amdvi_find(&r->a, r->c.arg[1]);
	u64 level, iova;

	if (!t || !cases_number(&r->c, r->c.arg[2], &level) ||
	    !cases_number(&r->c, r->c.arg[3], &iova))
		return cases_bad(&r->c, "no table", r->c.arg[1]);
	return cases_spoil(&r->c, amdvi_entry(&r->a, t, level, iova), 4);
}

/* word PLACE WORD =|set|clear V */
static bool do_word(struct run *r)
{
	struct edu *e = cases_place(&r->c, r->c.arg[1]);
	u64 word;

	if (!e || !cases_number(&r->c, r->c.arg[2], &word) || word >= 4)
		return false;
	return cases_spoil(&r->c,
			   r->a.dev_tbl + (u64)e->requester * AMDVI_DTE_BYTES +
				   word * 8,
			   3);
}

/* write|read PLACE IOVA -> PA|blocked|silent|fault CODE */
static bool do_dma(struct run *r)
{
	bool fault = !strcmp(r->c.arg[4], "fault");
	bool silent = !strcmp(r->c.arg[4], "silent");
	struct probe d = { .edu = cases_place(&r->c, r->c.arg[1]),
			   .write = !strcmp(r->c.arg[0], "write"),
			   .lands = !fault && !silent &&
				    strcmp(r->c.arg[4], "blocked") };
	u64 code = 0;

	if (!d.edu || !cases_number(&r->c, r->c.arg[2], &d.iova) ||
	    (d.lands && !cases_number(&r->c, r->c.arg[4], &d.pa)) ||
	    (fault && !cases_number(&r->c, r->c.arg[5], &code)))
		return false;
	if (strcmp(r->c.arg[3], "->") || d.iova % 8)
		return cases_bad(&r->c, "expectation", r->c.arg[3]);
	if (fault && !r->a.log)
		return cases_bad(&r->c, "no event log here", r->c.arg[4]);
	dma(r, &d, code, silent);
	r->c.dmas++;
	return true;
}

static bool do_watch(struct run *r)
{
	struct watch *w = &r->z.watch[r->z.watches];

	if (!quiesced_watch(&r->z))
		return false;
	w->entry = (struct span){ r->a.dev_tbl + (u64)w->edu->requester *
							 AMDVI_DTE_BYTES,
				  AMDVI_DTE_BYTES };
	return true;
}

static bool do_shutdown(struct run *r)
{
	amdvi_on(&r->a);
	amdvi_shutdown(&r->a);
	return true;
}

/*
 * The switch must leave the unit on, and log nothing. What misses a table that
 * is kept is logged by the model (11.1) whatever SA says.
 */
static bool do_quiesce(struct run *r)
{
	struct probe none = { 0 };

	amdvi_on(&r->a);
	amdvi_take_events(&r->a);
	if (!quiesced_do(&r->z))
		return false;
	if (!(qtest_get(&r->c.q, QTEST_AMDVI_BASE + AMDVI_CONTROL, 8) &
	      CONTROL_IOMMU_EN))
		cases_wrong(&r->c, "after quiesce: translation off");
	if (r->a.log && r->z.mode != IOMMU_MODE_COPY)
		check_events(r, &none, 0);
	return true;
}

static bool do_result(struct run *r)
{
	return quiesced_result(&r->z);
}

static const struct statement statements[] = {
	{ "table", 3, do_table },	{ "map", 6, do_map },
	{ "dte", 4, do_dte },		{ "pte", 6, do_pte },
	{ "word", 5, do_word },		{ "write", 5, do_dma },
	{ "read", 5, do_dma },		{ "watch", 6, do_watch },
	{ "shutdown", 1, do_shutdown }, { "quiesce", 2, do_quiesce },
	{ "result", 2, do_result },	{ .word = NULL },
};

static void begin(struct run *r)
{
	amdvi_requesters(&r->c.q, &r->c.model);
	amdvi_start(&r->a, &r->c.q, &r->c.model);
	quiesced_start(&r->z, &r->c, IOMMU_VENDOR_AMDVI);
}

static void end(struct run *r)
{
	if (r->a.full)
		cases_wrong(&r->c, "out of pages for tables");
}

static const char *const files[] = { "host.txt", "events.txt", "quiesce.txt",
				     NULL };

int main(int argc, char **argv)
{
	static struct qtest_machine machine;
	static const struct suite suite = {
		.machine = &machine,
		.options = "?dma-remap=on",
		.scratch = SCRATCH,
		.dir = "amdvi-cases",
		.files = files,
		.statements = statements,
		.begin = begin,
		.end = end,
	};
	static struct run r;

	amdvi_machine(&machine);
	return cases_main(&r.c, &suite, &r, argc, argv);
}
