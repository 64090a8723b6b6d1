// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>

#include "../../iommu/vtd/vtd.h"
#include "oracle.h"

#define LINE_BYTES 8 /* what qtest_find looks for */
#define POLLS_MAX 1000

/* --- the unit, as the old kernel drives it --- */

static u32 reg32(struct oracle *o, u32 off)
{
	return qtest_get(o->q, QTEST_VTD_BASE + off, 4);
}

static void set32(struct oracle *o, u32 off, u32 val)
{
	qtest_set(o->q, QTEST_VTD_BASE + off, 4, val);
}

static void set64(struct oracle *o, u32 off, u64 val)
{
	qtest_set(o->q, QTEST_VTD_BASE + off, 8, val);
}

/* One bit of GCMD on or off, and its answer in GSTS. */
static void command(struct oracle *o, u32 bit, bool on)
{
	u32 keep = reg32(o, VTD_GSTS) & GCMD_KEEP, i;

	set32(o, VTD_GCMD, on ? keep | bit : keep & ~bit);
	for (i = 0; i < POLLS_MAX; i++)
		if (!(reg32(o, VTD_GSTS) & bit) != on)
			return;
	cases_wrong(o->cases, "setup: GSTS never shows 0x%x %s", bit,
		    on ? "set" : "clear");
}

static void clear_faults(struct oracle *o)
{
	u64 cap = qtest_get(o->q, QTEST_VTD_BASE + VTD_CAP, 8);
	u32 off = field(CAP_FRO, cap) * 16, i;

	for (i = 0; i <= field(CAP_NFR, cap); i++)
		set32(o, off + i * FRCD_BYTES + FRCD_DWORD3, FRCD_F32);
	set32(o, VTD_FSTS, FSTS_PFO | FSTS_QUEUE);
}

void oracle_start(struct oracle *o, struct cases *c, bool scalable)
{
	memset(o, 0, sizeof(*o));
	o->cases = c;
	o->q = &c->q;
	o->v = iommu_vendor(IOMMU_VENDOR_VTD);
	o->scalable = scalable;
	quiesced_start(&o->z, c, IOMMU_VENDOR_VTD);
	qtest_clear_ram(o->q);
	command(o, GCMD_TE, false);
	command(o, GCMD_QIE, false);
	clear_faults(o);
	tables_start(&o->tables, o->q, scalable);
}

void oracle_on(struct oracle *o)
{
	if (o->on)
		return;
	o->on = true;
	set64(o, VTD_RTADDR,
	      o->tables.root | field_put(RTADDR_TTM, o->scalable));
	/* This model drops every cached entry with it. */
	command(o, GCMD_SRTP, true);
	command(o, GCMD_TE, true);
}

/* intel_iommu_shutdown(): translation alone. */
void oracle_shutdown(struct oracle *o)
{
	command(o, GCMD_TE, false);
}

/* A wait descriptor ends what is in it: without one it can't be turned off. */
void oracle_queue(struct oracle *o)
{
	qtest_write64(o->q, QUEUE_PAGE,
		      DESC_WAIT | DESC_WAIT_SW | field_put(DESC_WAIT_DATA, 1));
	qtest_write64(o->q, QUEUE_PAGE + 8, QUEUE_PAGE + PAGE_4K - 8);
	set64(o, VTD_IQT, 0);
	set64(o, VTD_IQA, QUEUE_PAGE);
	command(o, GCMD_QIE, true);
	set64(o, VTD_IQT, VTD_DESC_BYTES);
	if (qtest_read64(o->q, QUEUE_PAGE + PAGE_4K - 8) != 1)
		cases_wrong(o->cases, "setup: the unit takes no descriptor");
}

/* --- what the library says --- */

struct prediction {
	u32 err;   /* IOMMU_OK: lands at pa */
	u32 level; /* evidence.level of err */
	u64 pa;
	bool fault_off;
	bool table; /* by one table, which an iterator can list */
	struct iommu_table walked;
};

static bool describe(struct oracle *o, struct iommu_config *c)
{
	struct iommu_fault_raw fault[4];
	struct iommu_reg reg[IOMMU_REGS_MAX];
	struct iommu_regs regs = IOMMU_REGS(reg);
	u32 n = ARRAY_SIZE(fault);
	int err;

	err = o->v->snapshot(&o->q->unit.mmio, &regs, fault, &n);
	if (!err)
		err = o->v->describe(&regs, c);
	if (err)
		cases_wrong(o->cases, "snapshot or describe: %s",
			    iommu_err_text(err));
	return !err;
}

static void predict(struct oracle *o, const struct iommu_config *c,
		    const struct dma *d, u64 iova, struct prediction *p)
{
	struct iommu_evidence ev;
	struct iommu_domain dom;
	struct iommu_xlat x;

	memset(p, 0, sizeof(*p));
	p->err = o->v->lookup(c, &o->q->mem.mem, d->edu->requester, ~0u, &dom,
			      &ev);
	p->fault_off = dom.fault_off;
	if (!p->err && dom.kind == IOMMU_KIND_BLOCKED)
		p->err = ev.err;
	if (!p->err)
		p->err = iommu_translate(c, &o->q->mem.mem, &dom, iova,
					 d->write ? IOMMU_W : IOMMU_R, &x, &ev);
	if (p->err)
		p->level = ev.level;
	else
		p->pa = x.pa;
	p->table = dom.kind == IOMMU_KIND_TABLE;
	p->walked = dom.stage[dom.stage[0].format ? 0 : 1];
}

/*
 * Which of the library's findings a fault reason may stand for (VT-d 7.1.3).
 * QEMU uses the legacy numbers for second-stage faults of scalable mode too,
 * and, before 10.0, 0x58 for all that is wrong with PASID structures.
 */
static const struct {
	u8 reason;
	u32 errs; /* BIT of enum iommu_err */
	u32 low, high;
	bool qualified; /* FPD keeps it from being recorded */
} reasons[] = {
#define E(err) (1u << (err))
	{ 0x01, E(IOMMU_ENOTPRESENT), IOMMU_AT_ROOT, IOMMU_AT_ROOT, false },
	{ 0x02, E(IOMMU_ENOTPRESENT), IOMMU_AT_CONTEXT, IOMMU_AT_CONTEXT,
	  true },
	{ 0x03, E(IOMMU_EFORM), IOMMU_AT_CONTEXT, IOMMU_AT_CONTEXT, true },
	{ 0x04, E(IOMMU_EWIDTH), 0, ~0u, true },
	{ 0x05, E(IOMMU_ENOTPRESENT) | E(IOMMU_EACCESS), 1, 5, true },
	{ 0x06, E(IOMMU_ENOTPRESENT) | E(IOMMU_EACCESS), 1, 5, true },
	{ 0x07, E(IOMMU_EREAD) | E(IOMMU_EADDRESS), 1, 5, true },
	{ 0x08, E(IOMMU_EREAD) | E(IOMMU_EADDRESS), IOMMU_AT_ROOT,
	  IOMMU_AT_ROOT, false },
	{ 0x09, E(IOMMU_EREAD) | E(IOMMU_EADDRESS), IOMMU_AT_CONTEXT,
	  IOMMU_AT_CONTEXT, false },
	{ 0x0a, E(IOMMU_ERESERVED), IOMMU_AT_ROOT, IOMMU_AT_ROOT, false },
	{ 0x0b, E(IOMMU_ERESERVED), IOMMU_AT_CONTEXT, IOMMU_AT_CONTEXT, true },
	{ 0x0c, E(IOMMU_ERESERVED) | E(IOMMU_EFORM), 1, 5, true },
	{ 0x0d, E(IOMMU_EFORM), IOMMU_AT_CONTEXT, IOMMU_AT_CONTEXT, true },
	{ 0x50, E(IOMMU_EREAD) | E(IOMMU_EADDRESS), IOMMU_AT_PASID_DIR,
	  IOMMU_AT_PASID_DIR, false },
	{ 0x51, E(IOMMU_ENOTPRESENT), IOMMU_AT_PASID_DIR, IOMMU_AT_PASID_DIR,
	  true },
	{ 0x58, ~0u, IOMMU_AT_PASID_DIR, IOMMU_AT_PASID, false },
	{ 0x59, E(IOMMU_ENOTPRESENT), IOMMU_AT_PASID, IOMMU_AT_PASID, true },
	{ 0x5b, E(IOMMU_EFORM) | E(IOMMU_ERESERVED), IOMMU_AT_PASID,
	  IOMMU_AT_PASID, true },
	{ 0x70, E(IOMMU_EREAD) | E(IOMMU_EADDRESS), 1, 5, true },
	{ 0x71, E(IOMMU_ENOTPRESENT), 1, 5, true },
	{ 0x72, E(IOMMU_ERESERVED), 1, 5, true },
	{ 0x73, E(IOMMU_EREAD) | E(IOMMU_EADDRESS), 1, 5, true },
	{ 0x80, E(IOMMU_EWIDTH), 0, ~0u, true },
	{ 0x81, E(IOMMU_EACCESS), 1, 5, true },
	{ 0x85, E(IOMMU_EACCESS), 1, 5, true },
#undef E
};

static bool reason_fits(u32 reason, const struct prediction *p)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(reasons); i++)
		if (reasons[i].reason == reason)
			return reasons[i].errs & 1u << p->err &&
			       p->level >= reasons[i].low &&
			       p->level <= reasons[i].high &&
			       !(p->fault_off && reasons[i].qualified);
	return false;
}

/* --- what QEMU did --- */

static const char *err_of(const struct prediction *p)
{
	return p->err ? iommu_err_text(p->err) : "lands";
}

static void check_fault(struct oracle *o, const struct dma *d,
			const struct expect *e, const struct prediction *p,
			const struct iommu_fault *f)
{
	u32 i;

	if (f->requester != d->edu->requester || f->write != d->write ||
	    f->iova < align_down(d->iova, PAGE_4K) ||
	    f->iova >= d->iova + d->len)
		cases_wrong(o->cases,
			    "fault record: requester 0x%x iova 0x%" PRIx64
			    " %s, DMA was of 0x%x at 0x%" PRIx64,
			    f->requester, f->iova, f->write ? "write" : "read",
			    d->edu->requester, d->iova);
	for (i = 0; i < e->reasons; i++)
		if (f->reason == e->reason[i])
			break;
	if (e->what != FAULTS || i == e->reasons)
		cases_wrong(o->cases,
			    "the unit reports fault 0x%x (%s), the case %s",
			    f->reason, o->v->fault_text(f->reason),
			    e->what == FAULTS ? "another" : "none");
	if (!d->again && !reason_fits(f->reason, p))
		cases_wrong(o->cases,
			    "the unit reports fault 0x%x, the walker says: %s "
			    "at level 0x%x%s",
			    f->reason, err_of(p), p->level,
			    p->fault_off ? ", not reported" : "");
}

static void check_faults(struct oracle *o, const struct dma *d,
			 const struct expect *e, const struct prediction *p)
{
	struct iommu_fault_raw raw[4];
	struct iommu_reg reg[IOMMU_REGS_MAX];
	struct iommu_regs regs = IOMMU_REGS(reg);
	struct iommu_fault f;
	u32 n = ARRAY_SIZE(raw);
	int err = o->v->snapshot(&o->q->unit.mmio, &regs, raw, &n);

	if (err) {
		cases_wrong(o->cases, "snapshot: %s", iommu_err_text(err));
		return;
	}
	/* A record that is left standing belongs to an earlier DMA. */
	if (n && o->leave_faults && e->what != FAULTS)
		return;
	if (n) {
		o->v->fault(&raw[0], &f);
		check_fault(o, d, e, p, &f);
		if (!o->leave_faults)
			clear_faults(o);
	} else if (e->what == FAULTS) {
		cases_wrong(o->cases, "no fault recorded, the case wants 0x%x",
			    e->reason[0]);
	}
}

/*
 * The listing of all mappings must hold the page just when a translation of
 * it succeeds: the two ways through the same tables check one another.
 */
#define LIST_TABLES 4096
#define LIST_RUNS 100000

static void check_listing(struct oracle *o, const struct iommu_config *c,
			  const struct dma *d, const struct prediction *p)
{
	struct iommu_evidence ev;
	struct iommu_run run;
	struct span s;
	u32 need = d->write ? IOMMU_W : IOMMU_R, i;
	int err;

	iommu_iter_start(&o->iter, &o->q->mem.mem, c, &p->walked, LIST_TABLES);
	for (i = 0; i < LIST_RUNS; i++) {
		err = iommu_iter_next(&o->iter, &run, &ev);
		if (err == IOMMU_ENOTPRESENT)
			break;
		if (err == IOMMU_EBUDGET) /* a sink: endless by design */
			return;
		s = (struct span){ run.iova, run.len };
		if (err || !(run.perm & need) || !span_holds(&s, d->iova, 1))
			continue;
		if (p->err || run.pa + (d->iova - run.iova) != p->pa)
			cases_wrong(o->cases,
				    "listed as 0x%" PRIx64 ", the walker "
				    "says %s 0x%" PRIx64,
				    run.pa + (d->iova - run.iova), err_of(p),
				    p->pa);
		return;
	}
	if (!p->err)
		cases_wrong(o->cases, "walker: 0x%" PRIx64 ", but not listed",
			    p->pa);
}

static void fill(struct oracle *o, u8 *buf, u32 len)
{
	u64 word;
	u32 i;

	for (i = 0; i < len; i += 8) {
		word = qtest_pattern(o->q);
		memcpy(buf + i, &word, len - i < 8 ? len - i : 8);
	}
}

static void check_landing(struct oracle *o, const struct expect *e, u32 found,
			  u64 at)
{
	if (found != (e->what == LANDS) || (found && at != e->pa))
		cases_wrong(o->cases,
			    "the unit lets it land %u times (0x%" PRIx64
			    "), the case %s 0x%" PRIx64,
			    found, at, e->what == LANDS ? "at" : "nowhere",
			    e->pa);
}

/*
 * Every piece of a write is where the walker puts it, or nowhere: all RAM is
 * searched, so that "nowhere" means it.
 */
static void check_write(struct oracle *o, const struct dma *d, const u8 *buf,
			const struct iommu_config *c, const struct expect *e)
{
	struct prediction p;
	u64 at = 0, word;
	u32 i, found;

	for (i = 0; i + LINE_BYTES <= d->len; i += LINE_BYTES) {
		memcpy(&word, buf + i, LINE_BYTES);
		found = qtest_find(o->q, word, &at);
		if (i == 0)
			check_landing(o, e, found, at);
		predict(o, c, d, d->iova + i, &p);
		if (found != !p.err || (found && at != p.pa))
			cases_wrong(o->cases,
				    "byte %u: the unit lets it land %u times "
				    "(0x%" PRIx64
				    "), the walker: %s 0x%" PRIx64,
				    i, found, at, err_of(&p), p.pa);
	}
}

static void do_write(struct oracle *o, const struct dma *d,
		     const struct iommu_config *c, const struct expect *e)
{
	u8 buf[EDU_BUFFER];

	fill(o, buf, d->len);
	memcpy(&o->last[d->edu->place], buf, sizeof(o->last[0]));
	edu_write(o->q, d->edu, d->iova, buf, d->len);
	check_write(o, d, buf, c, e);
}

/* What the device still holds, once more; its first landing is wiped out. */
static void do_again(struct oracle *o, const struct dma *d,
		     const struct expect *e)
{
	u64 word = o->last[d->edu->place], at = 0;
	u32 found;

	if (!word) {
		cases_wrong(o->cases,
			    "again, but this device has not written yet");
		return;
	}
	while (qtest_find(o->q, word, &at) && !o->q->error[0])
		qtest_write64(o->q, at, 0);
	edu_again(o->q, d->edu, d->iova, d->len);
	found = qtest_find(o->q, word, &at);
	check_landing(o, e, found, at);
}

/* The words to be read are put where the case says they are. */
static void do_read(struct oracle *o, const struct dma *d,
		    const struct prediction *p, const struct expect *e)
{
	u8 want[EDU_BUFFER], got[EDU_BUFFER];
	bool same;
	void *at;

	if (!d->again &&
	    (p->err ? e->what == LANDS : e->what != LANDS || p->pa != e->pa)) {
		cases_wrong(o->cases,
			    "walker: %s 0x%" PRIx64 ", the case %s 0x%" PRIx64,
			    err_of(p), p->pa,
			    e->what == LANDS ? "at" : "nowhere", e->pa);
		return;
	}
	fill(o, want, d->len);
	if (e->what == LANDS) {
		at = qtest_at(o->q, e->pa, d->len);
		if (!at) {
			cases_wrong(o->cases, "0x%" PRIx64 " is no RAM", e->pa);
			return;
		}
		memcpy(at, want, d->len);
	}
	edu_read(o->q, d->edu, d->iova, got, d->len);
	same = !memcmp(got, want, d->len);
	if (same != (e->what == LANDS))
		cases_wrong(o->cases, "the unit %s the read, the case does not",
			    same ? "allows" : "refuses");
}

void oracle_dma(struct oracle *o, const struct dma *d, const struct expect *e)
{
	struct iommu_config c;
	struct prediction p;

	if (!describe(o, &c))
		return;
	predict(o, &c, d, d->iova, &p);
	if (d->again)
		do_again(o, d, e);
	else if (d->write)
		do_write(o, d, &c, e);
	else
		do_read(o, d, &p, e);
	check_faults(o, d, e, &p);
	/* A sink maps everything: its list has no end. */
	if (!d->again && p.table && align_down(p.pa, PAGE_4K) != SCRATCH)
		check_listing(o, &c, d, &p);
}

void oracle_pending(struct oracle *o, u32 n, u32 reason)
{
	struct iommu_fault_raw raw[4];
	struct iommu_reg reg[IOMMU_REGS_MAX];
	struct iommu_regs regs = IOMMU_REGS(reg);
	struct iommu_fault f;
	u32 found = ARRAY_SIZE(raw);

	if (o->v->snapshot(&o->q->unit.mmio, &regs, raw, &found) || found != n)
		cases_wrong(o->cases, "%u faults are pending, not %u", found,
			    n);
	if (!found || !n || !reason)
		return;
	o->v->fault(&raw[0], &f);
	if (f.reason != reason)
		cases_wrong(o->cases, "fault 0x%x is pending, not 0x%x",
			    f.reason, reason);
}

/* --- quiesce --- */

/* The switch itself must leave translation on, in the form it had. */
static void check_switch(struct oracle *o, const struct iommu_config *before)
{
	struct iommu_config after;

	if (!describe(o, &after))
		return;
	if (!after.on || after.form != before->form)
		cases_wrong(o->cases,
			    "after quiesce: translation %s, form %u was %u",
			    after.on ? "on" : "off", after.form, before->form);
	if (o->z.mode == IOMMU_MODE_RECORD
		    ? after.root != before->root
		    : o->z.result.outcome == IOMMU_DONE &&
			      !span_holds(&o->z.arena, after.root, PAGE_4K))
		cases_wrong(o->cases, "after quiesce: root table at 0x%" PRIx64,
			    after.root);
}

bool oracle_quiesce(struct oracle *o)
{
	struct iommu_config before;

	if (!describe(o, &before) || !quiesced_do(&o->z))
		return false;
	check_switch(o, &before);
	return true;
}
