// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the case files of tests/qtest/smmu-cases against QEMU's SMMUv3. README
 * there has the language. The library predicts from registers and memory
 * alone, the model does it, and the case says what the manual demands.
 */
#include <inttypes.h>
#include <string.h>

#include "probe.h"
#include "quiesce.h"
#include "smmu_tables.h"

#define RUNS_MAX 4096

struct run {
	struct cases c;
	struct smmu s;
	struct quiesced z;
	struct iommu_iter iter;
};

struct expect {
	u32 event[3]; /* one of these */
	u32 events;   /* 0: no record at all */
};

/* --- one DMA --- */

/* The iterator must list what was translated, at the same place. */
static void check_listing(struct run *r, struct prediction *p, u64 iova)
{
	const struct iommu_table *t = &p->d.stage[!p->d.stage[0].format];
	struct iommu_evidence ev;
	struct iommu_run run;
	unsigned int i, half;
	int err;

	for (half = 0; half < 2; half++, t = &p->d.upper) {
		if (!t->format)
			continue;
		iommu_iter_start(&r->iter, &r->c.q.mem.mem, &p->c, t, 100000);
		for (i = 0; i < RUNS_MAX; i++) {
			err = iommu_iter_next(&r->iter, &run, &ev);
			if (err == IOMMU_ENOTPRESENT || err == IOMMU_EBUDGET)
				break;
			iova &= ~t->ignored;
			if (!err && iova >= run.iova &&
			    iova - run.iova < run.len &&
			    run.pa + (iova - run.iova) == p->x.pa)
				return;
		}
	}
	cases_wrong(&r->c, "the iterator does not list 0x%" PRIx64, iova);
}

/* Event types below this one are about stream table and CD (7.3). */
#define EVENT_FIRST_WALK F_WALK_EABT

static void check_event(struct run *r, const struct prediction *p,
			const struct probe *d, const struct expect *x)
{
	const struct iommu_vendor *v = iommu_vendor(IOMMU_VENDOR_SMMUV3);
	struct iommu_fault_raw raw[4];
	struct iommu_reg reg[IOMMU_REGS_MAX];
	struct iommu_regs regs = IOMMU_REGS(reg);
	struct iommu_fault f;
	u32 n = 0, i;

	v->snapshot(&r->c.q.unit.mmio, &regs, raw, &n);
	n = ARRAY_SIZE(raw);
	if (v->events(&regs, &r->c.q.mem.mem, raw, &n))
		cases_wrong(&r->c, "the event queue can't be read");
	smmu_take_events(&r->s);
	if (!x->events || !n) {
		if (n || x->events)
			cases_wrong(&r->c, "%u events (the first is 0x%x)", n,
				    n ? (u32)field(EVENT_TYPE, raw[0].w[0])
				      : 0);
		return;
	}
	v->fault(&raw[0], &f);
	for (i = 0; i < x->events && x->event[i] != f.reason; i++)
		;
	if (i == x->events || f.requester != d->edu->requester)
		cases_wrong(&r->c, "event 0x%x of stream 0x%x", f.reason,
			    f.requester);
	if (f.reason >= F_TRANSLATION &&
	    (f.iova != d->iova ||
	     (f.write != d->write &&
	      field(EVENT_CLASS, raw[0].w[1]) == CLASS_IN)))
		cases_wrong(&r->c, "event of %s 0x%" PRIx64,
			    f.write ? "write to" : "read of", f.iova);
	if ((f.reason < EVENT_FIRST_WALK) != (p->ev.level >= IOMMU_AT_ROOT))
		cases_wrong(&r->c,
			    "event 0x%x, but the library blames level %u",
			    f.reason, p->ev.level);
	if (p->silent)
		cases_wrong(&r->c,
			    "an event, but the library takes it for silent");
}

static void dma(struct run *r, const struct probe *d, const struct expect *x)
{
	struct prediction p;

	smmu_on(&r->s);
	if (!probe(&r->c, IOMMU_VENDOR_SMMUV3, d, &p))
		return;
	check_event(r, &p, d, x);
	/* A sink maps everything: its list has no end. */
	if (!p.err && p.d.kind == IOMMU_KIND_TABLE &&
	    align_down(p.x.pa, PAGE_4K) != QTEST_VIRT_RAM + SCRATCH)
		check_listing(r, &p, d->iova);
}

/* --- statements --- */

static bool keyed_table(struct run *r, const char *key,
			const struct smmu_table **t)
{
	const char *name = cases_keyed(&r->c, key);

	*t = name ? smmu_find(&r->s, name) : NULL;
	return *t || !name ? true : cases_bad(&r->c, "no table", name);
}

/* table NAME 4k|16k|64k TSZ [second|upper] */
static bool do_table(struct run *r)
{
	static const char *const names[] = { "4k", "16k", "64k" };
	const char *kind = r->c.arg[4] ? r->c.arg[4] : "";
	u32 granule = 0;
	u64 tsz;

	while (granule < LPAE_GRANULES && strcmp(names[granule], r->c.arg[2]))
		granule++;
	if (granule == LPAE_GRANULES || !cases_number(&r->c, r->c.arg[3], &tsz))
		return cases_bad(&r->c, "no granule", r->c.arg[2]);
	if (!smmu_add(&r->s, r->c.arg[1], granule, tsz, !strcmp(kind, "second"),
		      !strcmp(kind, "upper")))
		return cases_bad(&r->c, "no such table", r->c.arg[1]);
	return true;
}

/* map NAME IOVA PA SIZE PERM */
static bool do_map(struct run *r)
{
	struct smmu_table *t = smmu_find(&r->s, r->c.arg[1]);
	struct mapping m;

	if (!t)
		return cases_bad(&r->c, "no table", r->c.arg[1]);
	if (!cases_mapping(&r->c, 2, &m))
		return false;
	return smmu_map(&r->s, t, m.iova, m.pa, m.size, m.perm)
		       ? true
		       : cases_bad(&r->c, "can't be mapped", r->c.arg[2]);
}

static bool do_two_level(struct run *r)
{
	r->s.two_level = true;
	return true;
}

/* stream PLACE CONFIG [lower=T] [upper=T] [second=T] */
static bool do_stream(struct run *r)
{
	struct smmu_stream st = { 0 };
	struct edu *e = cases_place(&r->c, r->c.arg[1]);

	if (!e || !cases_number(&r->c, r->c.arg[2], &st.config) ||
	    !keyed_table(r, "lower", &st.lower) ||
	    !keyed_table(r, "upper", &st.upper) ||
	    !keyed_table(r, "second", &st.second))
		return false;
	smmu_stream(&r->s, e->requester, &st);
	return true;
}

/* pte NAME LEVEL IOVA OP VALUE */
static bool do_pte(struct run *r)
{
	struct smmu_table *t = smmu_find(&r->s, r->c.arg[1]);
	u64 level, iova;

	if (!t || !cases_number(&r->c, r->c.arg[2], &level) ||
	    !cases_number(&r->c, r->c.arg[3], &iova))
		return cases_bad(&r->c, "no table", r->c.arg[1]);
	return cases_spoil(&r->c, smmu_entry(&r->s, t, level, iova), 4);
}

/* word ste|cd|l1 PLACE WORD OP VALUE */
static bool do_word(struct run *r)
{
	struct edu *e = cases_place(&r->c, r->c.arg[2]);
	u64 word, where;

	if (!e || !cases_number(&r->c, r->c.arg[3], &word) || word >= 8)
		return false;
	where = !strcmp(r->c.arg[1], "ste")
			? smmu_ste(&r->s, e->requester, true)
		: !strcmp(r->c.arg[1], "cd")
			? smmu_cd(&r->s, e->requester)
			: r->s.stream_table + (e->requester >> SMMU_SPLIT) * 8;
	return cases_spoil(&r->c, where ? where + word * 8 : 0, 4);
}

/* write|read PLACE IOVA -> PA | fault E [E...] | silent */
static bool do_dma(struct run *r)
{
	struct probe d = { .edu = cases_place(&r->c, r->c.arg[1]),
			   .write = !strcmp(r->c.arg[0], "write") };
	struct expect x = { 0 };
	int at = 4;
	u64 val;

	if (!d.edu || !cases_number(&r->c, r->c.arg[2], &d.iova) ||
	    strcmp(r->c.arg[3], "->"))
		return cases_bad(&r->c, "DMA", r->c.arg[1]);
	if (!strcmp(r->c.arg[4], "fault")) {
		while (++at < r->c.args && x.events < ARRAY_SIZE(x.event)) {
			if (!cases_number(&r->c, r->c.arg[at], &val))
				return false;
			x.event[x.events++] = val;
		}
		if (!x.events)
			return cases_bad(&r->c, "event", NULL);
	} else if (strcmp(r->c.arg[4], "silent")) {
		d.lands = true;
		if (!cases_number(&r->c, r->c.arg[4], &d.pa))
			return false;
	}
	dma(r, &d, &x);
	r->c.dmas++;
	return true;
}

static bool do_watch(struct run *r)
{
	return quiesced_watch(&r->z);
}

/* off: as the kernel that kexec leaves behind shuts it down */
static bool do_off(struct run *r)
{
	smmu_off(&r->s);
	return true;
}

/* quiesce MODE [PLACE=MODE...]: it must leave the unit on, and no interrupts. */
static bool do_quiesce(struct run *r)
{
	u32 cr0;

	smmu_on(&r->s);
	smmu_take_events(&r->s);
	if (!quiesced_do(&r->z))
		return false;
	if (r->z.mode == IOMMU_MODE_RECORD)
		return true;
	cr0 = qtest_get(&r->c.q, QTEST_SMMU_BASE + SMMUV3_CR0ACK, 4);
	if (!(cr0 & CR0_SMMUEN) || cr0 & CR0_EVENTQEN)
		cases_wrong(&r->c, "after quiesce: CR0ACK 0x%x", cr0);
	if (qtest_get(&r->c.q, QTEST_SMMU_BASE + SMMUV3_IRQ_CTRL, 4))
		cases_wrong(&r->c, "after quiesce: interrupts");
	return true;
}

static bool do_result(struct run *r)
{
	return quiesced_result(&r->z);
}

/* machine OPTION: of arm-smmuv3; without, the model's default */
static bool do_machine(struct run *r)
{
	return cases_machine(&r->c, r->c.arg[1]);
}

static const struct statement statements[] = {
	{ "machine", 2, do_machine }, { "two-level", 1, do_two_level },
	{ "table", 4, do_table },     { "map", 6, do_map },
	{ "stream", 3, do_stream },   { "pte", 6, do_pte },
	{ "word", 6, do_word },	      { "write", 5, do_dma },
	{ "read", 5, do_dma },	      { "watch", 6, do_watch },
	{ "off", 1, do_off },	      { "quiesce", 2, do_quiesce },
	{ "result", 2, do_result },   { .word = NULL },
};

static void begin(struct run *r)
{
	qtest_clear_ram(&r->c.q);
	smmu_start(&r->s, &r->c.q);
	quiesced_start(&r->z, &r->c, IOMMU_VENDOR_SMMUV3);
}

static void end(struct run *r)
{
	if (r->s.full)
		cases_wrong(&r->c,
			    "out of pages, or a command that was never taken");
}

static const char *const files[] = { "stage1.txt",
				     "two-level.txt",
				     "upper.txt",
				     "nested.txt",
				     "quiesce.txt",
				     "quiesce-two-level.txt",
				     "quiesce-second.txt",
				     "quiesce-without-gbpa.txt",
				     NULL };

int main(int argc, char **argv)
{
	static const struct suite suite = {
		.machine = &qtest_virt,
		.options = "",
		.scratch = QTEST_VIRT_RAM + SCRATCH,
		.dir = "smmu-cases",
		.files = files,
		.statements = statements,
		.begin = begin,
		.end = end,
	};
	static struct run r;

	return cases_main(&r.c, &suite, &r, argc, argv);
}
