// SPDX-License-Identifier: GPL-2.0-only
/*
 * The switch at the crash against a model of the unit: what happens to each
 * device's DMA afterwards, in every mode and form, and what a unit that does
 * not do as it should costs and leaves behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "flicker.h"
#include "switch_rig.h"
#include "vtd_model.h"

/* The machine */
#define SCRATCH CRASH_START
#define ARENA (CRASH_START + 0x100000)
#define OLD_ROOT 0x100000ULL
#define OLD_QUEUE 0x200000ULL

/* Devices of bus 0, by what the dead kernel left them */
#define DEV_MAPPED 0x10
#define DEV_PASS 0x18
#define DEV_RESERVED 0x20 /* reserved bits in the context */
#define DEV_OUTSIDE 0x28  /* page table outside RAM */
#define DEV_LOOP 0x30	  /* page table that contains itself */
#define DEV_CRASH 0x38	  /* maps a page of the crash reservation */
#define DEV_ATS 0x40
#define DEV_SAME 0x48	/* the same domain as DEV_MAPPED */
#define DEV_CYCLE 0x50	/* lowest table leads back to the root's sibling */
#define DEV_UPPER 0x90	/* second half of the bus, mapped */
#define DEV_ABSENT 0xf8 /* context not present */
#define DEV_BUS1 0x1a8	/* root entry not present */
#define DEV_BUS2 0x208	/* mapped, on another bus */

#define CAP_BASE \
	(6ULL | 1ULL << 39 | 3ULL << 54 /* drains */ | 3ULL << 34 /* SSLPS */)
#define ECAP_BASE (1ULL | 1ULL << 1 | 1ULL << 2 | 1ULL << 6 | 1ULL << 7)
#define ECAP_SM (1ULL << 43 | 1ULL << 46 | 1ULL << 48)

/* Register accesses that are no polls, with room. */
#define OVERHEAD_US 600

struct rig {
	struct switch_rig s;
	struct vtd_model v;
	bool scalable, te, first_stage, smpwc;
	u32 levels;
};

static struct rig rig;

/* --- what the dead kernel left --- */

/* Maps one page into the table at @root, in pages of 1 << @shift. */
static void map(struct rig *r, u64 root, u64 iova, u64 pa, int shift, u64 perm)
{
	u64 at = root, bits = r->first_stage ? 5 | 1 << 5 | 1 << 6 : 0, e;
	int s = 12 + 9 * ((int)r->levels - 1);

	perm |= bits;
	for (; s > shift; s -= 9) {
		e = at + (iova >> s & 511) * 8;
		if (!fakemem_get(&r->s.fake, e))
			fakemem_put(&r->s.fake, e, rig_page(&r->s) | 3 | bits);
		at = fakemem_get(&r->s.fake, e) & ~0xfffULL;
	}
	fakemem_put(&r->s.fake, at + (iova >> s & 511) * 8,
		    pa | perm | (shift > 12 ? 0x80 : 0));
}

static u64 mapped_table(struct rig *r)
{
	u64 root = rig_page(&r->s);

	map(r, root, IOVA_4K, PA_4K, 12, 3);
	map(r, root, IOVA_RO, PA_RO, 12, 1);
	map(r, root, IOVA_2M, PA_2M, 21, 3);
	return root;
}

static u64 context_page(struct rig *r, u32 requester)
{
	u64 e = OLD_ROOT + (requester >> 8) * 16;

	if (r->scalable && (requester & 0x80))
		e += 8;
	if (!(fakemem_get(&r->s.fake, e) & 1))
		fakemem_put(&r->s.fake, e, rig_page(&r->s) | 1);
	return fakemem_get(&r->s.fake, e) & ~0xfffULL;
}

/* @type: 0 table, 1 with ATS, 2 pass-through. */
static u64 set_device(struct rig *r, u32 requester, u64 table, u32 type,
		      u32 did)
{
	u64 at = context_page(r, requester), dir, pt;
	u64 aw = r->levels - 2;

	if (!r->scalable) {
		at += (requester & 0xff) * 16;
		fakemem_put(&r->s.fake, at, table | type << 2 | 1);
		fakemem_put(&r->s.fake, at + 8, did << 8 | aw);
		return at;
	}
	at += (requester & 0x7f) * 32;
	dir = rig_page(&r->s);
	pt = rig_page(&r->s);
	fakemem_put(&r->s.fake, at, dir | (type == 1 ? 4 : 0) | 1);
	fakemem_put(&r->s.fake, dir, pt | 1);
	/* PWSNP, as Linux sets it where the unit can snoop */
	fakemem_put(&r->s.fake, pt + 8,
		    did | (r->smpwc && type != 2 ? 1 << 23 : 0));
	if (type == 2) {
		fakemem_put(&r->s.fake, pt, 4 << 6 | 1);
	} else if (r->first_stage) {
		fakemem_put(&r->s.fake, pt, 1 << 6 | 1);
		fakemem_put(&r->s.fake, pt + 16, table | (r->levels - 4) << 2);
	} else {
		fakemem_put(&r->s.fake, pt, table | 2 << 6 | aw << 2 | 1);
	}
	return at;
}

static void old_tables(struct rig *r)
{
	u64 good = mapped_table(r), t, at;
	int top = 12 + 9 * ((int)r->levels - 1);
	u64 link = r->first_stage ? 0x67 : 3;

	set_device(r, DEV_MAPPED, good, 0, 5);
	set_device(r, DEV_SAME, good, 0, 5);
	set_device(r, DEV_UPPER, mapped_table(r), 0, 7);
	set_device(r, DEV_BUS2, mapped_table(r), 0, 8);
	set_device(r, DEV_PASS, 0, 2, 9);
	at = set_device(r, DEV_RESERVED, good, 0, 5);
	fakemem_put(&r->s.fake, at, fakemem_get(&r->s.fake, at) | 0x100);
	set_device(r, DEV_OUTSIDE, RAM_END + 0x5000, 0, 10);
	t = rig_page(&r->s);
	fakemem_put(&r->s.fake, t + 8, t | link);
	set_device(r, DEV_LOOP, t, 0, 11);
	t = mapped_table(r);
	map(r, t, 0x7000000, CRASH_START + CRASH_LEN - 0x1000, 12, 1);
	set_device(r, DEV_CRASH, t, 0, 12);
	set_device(r, DEV_ATS, good, 1, 5);
	t = mapped_table(r);
	at = fakemem_get(&r->s.fake, t + (IOVA_4K >> top & 511) * 8) &
	     ~0xfffULL;
	fakemem_put(&r->s.fake, at + 511 * 8, t | link);
	set_device(r, DEV_CYCLE, t, 0, 13);
}

struct form {
	const char *name;
	bool scalable, te, first_stage;
	u32 levels;
	u64 cap, ecap;
};

static struct model_dma dma(struct switch_rig *s, u32 requester, u64 iova,
			    bool write)
{
	return model_dma(&((struct rig *)s)->v, requester, iova, write);
}

static void rig_up(struct rig *r, const struct form *f, u32 mode)
{
	struct model_config c = {
		.version = 0x40,
		.cap = CAP_BASE | 1ULL << (8 + f->levels - 2) |
		       (u64)(12 + 9 * f->levels - 1) << 16 | f->cap,
		.ecap = ECAP_BASE | f->ecap,
		.us_per_access = 1,
	};

	memset(r, 0, sizeof(*r));
	rig_machine(&r->s, CRASH_START);
	r->s.form = f->name;
	r->s.vendor = IOMMU_VENDOR_VTD;
	r->s.wrong = r->v.wrong;
	r->s.dma = dma;
	r->scalable = f->scalable;
	r->te = f->te;
	r->first_stage = f->first_stage;
	r->smpwc = f->ecap >> 48 & 1;
	r->levels = f->levels;
	fakemem_put(&r->s.fake, OLD_ROOT, 0);
	fakemem_put(&r->s.fake, OLD_QUEUE, 0);
	old_tables(r);
	model_init(&r->v, &r->s.fake, &c);
	model_start(&r->v, OLD_ROOT | (f->scalable ? 1 << 10 : 0), f->te);
	if (c.ecap & 2)
		model_start_queue(&r->v,
				  OLD_QUEUE | (f->ecap >> 43 & 1 ? 1 << 11 : 0),
				  0x40, 0x40);
	rig_ask(&r->s, &r->s.fake.m, &r->v.mmio, mode);
	r->s.q.ram_n = 2;
}

static const u32 all_devices[] = {
	DEV_MAPPED, DEV_PASS, DEV_RESERVED, DEV_OUTSIDE, DEV_LOOP,
	DEV_CRASH,  DEV_ATS,  DEV_SAME,	    DEV_CYCLE,	 DEV_UPPER,
	DEV_ABSENT, DEV_BUS1, DEV_BUS2,	    0xffff,
};
static const u64 some_iovas[] = {
	0,	     IOVA_4K,	 IOVA_RO,	   IOVA_2M,	 0x800000,
	CRASH_START, 0xfffff000, RAM_END - 0x1000, 0x3ffffff000,
};

static void check_copy(struct rig *r)
{
	static const u32 bad[] = { DEV_RESERVED, DEV_OUTSIDE, DEV_LOOP,
				   DEV_CRASH,	 DEV_ATS,     DEV_CYCLE,
				   DEV_ABSENT,	 DEV_BUS1 };
	static const u32 good[] = { DEV_MAPPED, DEV_SAME, DEV_UPPER, DEV_BUS2 };
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		if (!r->te) {
			pass_is_guarded(&r->s, good[i]);
			continue;
		}
		lands(&r->s, good[i], IOVA_4K + 8, PA_4K + 8);
		lands(&r->s, good[i], IOVA_2M + 0x12348, PA_2M + 0x12348);
		blocked(&r->s, good[i], IOVA_RO, true);
		blocked(&r->s, good[i], CRASH_START, true);
		blocked(&r->s, good[i], 0, false);
	}
	pass_is_guarded(&r->s, DEV_PASS);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		for (k = 0; r->te && k < ARRAY_SIZE(some_iovas); k++)
			blocked(&r->s, bad[i], some_iovas[k], k & 1);
		if (!r->te)
			pass_is_guarded(&r->s, bad[i]);
	}
	if (!r->te) {
		assert_int_equal(r->s.res.guarded, 65536);
		return;
	}
	assert_int_equal(r->s.res.kept, 4);
	assert_int_equal(r->s.res.guarded, 1);
	assert_int_equal(r->s.res.aborted, 6);
	assert_int_equal(r->s.res.bad, 5); /* ATS is stale, not bad */
}

static void check_all(struct rig *r, u32 mode)
{
	size_t i, k;
	u64 iova;

	for (i = 0; i < ARRAY_SIZE(all_devices); i++) {
		for (k = 0; k < ARRAY_SIZE(some_iovas); k++) {
			iova = some_iovas[k];
			if (mode == IOMMU_MODE_ABORT)
				blocked(&r->s, all_devices[i], iova, k & 1);
			else
				lands(&r->s, all_devices[i], iova + 0x10,
				      SCRATCH + 0x10);
		}
	}
	assert_int_equal(mode == IOMMU_MODE_ABORT ? r->s.res.aborted
						  : r->s.res.sunk,
			 65536);
}

/* Fills the unit's caches through the old tables. */
static void warm(struct rig *r)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all_devices); i++) {
		model_dma(&r->v, all_devices[i], IOVA_4K, true);
		model_dma(&r->v, all_devices[i], CRASH_START, true);
	}
	model_dma(&r->v, DEV_CRASH, 0x7000000, false);
}

/* What old_tables() has devices on. */
static const struct iommu_range old_buses[] = { { 0, 0xff }, { 0x200, 0x2ff } };

static u64 need(struct rig *r)
{
	return rig_need(
		&r->s, (struct iommu_demand){ .ranges = old_buses,
					      .ranges_n = ARRAY_SIZE(old_buses),
					      .requesters = 11 });
}

static void one_form(const struct form *f, u32 mode)
{
	struct rig *r = &rig;
	u64 before, bound;

	rig_up(r, f, mode);
	warm(r);
	before = r->v.rtaddr;
	bound = need(r);
	rig_quiesce(&r->s);
	if (r->s.res.outcome != IOMMU_DONE)
		fail_msg("%s, %s: outcome %u, %s at level %#x %#llx", f->name,
			 iommu_mode_name(mode), r->s.res.outcome,
			 iommu_err_text(r->s.res.err), r->s.res.evidence.level,
			 (unsigned long long)r->s.res.evidence.where);
	assert_int_equal(r->s.res.err, 0);
	assert_int_equal(r->s.res.root_before, before);
	assert_int_equal(r->s.res.root_after, r->v.rtaddr);
	assert_int_equal(r->v.rtaddr & 0xfff, before & 0xfff);
	assert_int_not_equal(r->v.rtaddr, before);
	assert_true(r->v.gsts >> 31);
	assert_true(r->v.fectl >> 31);
	assert_int_equal(r->v.iqh, r->v.iqt);
	assert_int_equal(model_pending_faults(&r->v), 0);
	assert_int_equal(r->v.fsts & 1, 0);
	if (r->s.arena.used > bound)
		fail_msg("%s, %s: used %#llx of %#llx", f->name,
			 iommu_mode_name(mode),
			 (unsigned long long)r->s.arena.used,
			 (unsigned long long)bound);
	if (mode == IOMMU_MODE_COPY)
		check_copy(r);
	else
		check_all(r, mode);
	assert_int_equal(model_pending_faults(&r->v), 0);
	rig_down(&r->s);
}

#define ESRTPS (1ULL << 63)
#define RWBF (1ULL << 4)
#define FS (1ULL << 43 | 1ULL << 47 | 1ULL << 48)

static const struct form forms[] = {
	{ "legacy 39", false, true, false, 3, 0, 0 },
	{ "legacy 48", false, true, false, 4, 0, 0 },
	{ "legacy 57", false, true, false, 5, 0, 0 },
	{ "legacy 48 off", false, false, false, 4, 0, 0 },
	{ "legacy 39 off", false, false, false, 3, 0, 0 },
	{ "legacy 57 off", false, false, false, 5, 0, 0 },
	{ "legacy 48 RWBF", false, true, false, 4, RWBF, 0 },
	{ "legacy 48 ESRTPS", false, true, false, 4, ESRTPS, 0 },
	{ "legacy on scalable unit", false, true, false, 4, 0, ECAP_SM },
	{ "scalable 39", true, true, false, 3, 0, ECAP_SM },
	{ "scalable 48", true, true, false, 4, 0, ECAP_SM },
	{ "scalable 57", true, true, false, 5, 0, ECAP_SM },
	{ "scalable 48 off", true, false, false, 4, 0, ECAP_SM },
	{ "scalable 39 off", true, false, false, 3, 0, ECAP_SM },
	{ "scalable 57 off", true, false, false, 5, 0, ECAP_SM },
	{ "scalable 48 RPS", true, true, false, 4, ESRTPS,
	  ECAP_SM | 1ULL << 49 },
	{ "first stage 48", true, true, true, 4, 0, FS },
	{ "first stage 48 1G", true, true, true, 4, 1ULL << 56, FS },
	{ "first stage 57", true, true, true, 5, 1ULL << 60, FS },
};

static void every_form(u32 mode)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(forms); i++)
		one_form(&forms[i], mode);
}

static void nth_form_up(size_t form, u32 mode)
{
	rig_up(&rig, &forms[form], mode);
}

static void test_left(void **state)
{
	(void)state;
	rig_expect_left(&rig.s, ARRAY_SIZE(forms), nth_form_up, all_devices,
			ARRAY_SIZE(all_devices));
}

static void test_abort(void **state)
{
	(void)state;
	every_form(IOMMU_MODE_ABORT);
}

static void test_sink(void **state)
{
	(void)state;
	every_form(IOMMU_MODE_SINK);
}

static void test_copy(void **state)
{
	(void)state;
	every_form(IOMMU_MODE_COPY);
}

#define LEGACY (&forms[1])
#define SCALABLE (&forms[10])

/* Record touches nothing: no write reaches a register or memory. */
static void test_record(void **state)
{
	struct rig *r = &rig;
	u64 writes;

	(void)state;
	rig_up(r, LEGACY, IOMMU_MODE_RECORD);
	model_dma(&r->v, DEV_ABSENT, 0x1000, true);
	writes = r->s.fake.writes;
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_READ_ONLY);
	assert_int_equal(r->s.fake.writes, writes);
	assert_int_equal(r->v.gcmd_writes, 0);
	assert_int_equal(r->v.fectl, 0);
	assert_int_equal(model_pending_faults(&r->v), 1);
	assert_int_equal(r->v.rtaddr, OLD_ROOT);
	rig_down(&r->s);
}

/* Each bad entry is told of with the rule it breaks and where. */
static void test_reports(void **state)
{
	static const struct {
		u32 requester, err, mode;
	} want[] = {
		{ DEV_PASS, IOMMU_OK, IOMMU_MODE_COPY },
		{ DEV_RESERVED, IOMMU_ERESERVED, IOMMU_MODE_ABORT },
		{ DEV_OUTSIDE, IOMMU_EADDRESS, IOMMU_MODE_ABORT },
		{ DEV_LOOP, IOMMU_ELOOP, IOMMU_MODE_ABORT },
		{ DEV_CRASH, IOMMU_ERESERVATION, IOMMU_MODE_ABORT },
		{ DEV_ATS, IOMMU_ESTALE, IOMMU_MODE_ABORT },
		{ DEV_CYCLE, IOMMU_ELOOP, IOMMU_MODE_ABORT },
	};
	const struct form *both[] = { LEGACY, SCALABLE };
	const struct report *p;
	struct rig *r = &rig;
	size_t i, k;

	(void)state;
	for (k = 0; k < 2; k++) {
		rig_up(r, both[k], IOMMU_MODE_COPY);
		rig_quiesce(&r->s);
		for (i = 0; i < ARRAY_SIZE(want); i++) {
			p = reported(&r->s, want[i].requester);
			if (!p)
				fail_msg("%s: %03x not reported", both[k]->name,
					 want[i].requester);
			assert_int_equal(p->ev.err, want[i].err);
			assert_int_equal(p->mode, want[i].mode);
			assert_int_not_equal(p->ev.where, 0);
		}
		assert_int_equal(r->s.reports, ARRAY_SIZE(want));
		rig_down(&r->s);
	}
}

/* The entry at fault is named to the byte, with its bits. */
static void test_evidence_is_exact(void **state)
{
	const struct report *p;
	struct rig *r = &rig;

	(void)state;
	rig_up(r, LEGACY, IOMMU_MODE_COPY);
	rig_quiesce(&r->s);
	p = reported(&r->s, DEV_RESERVED);
	assert_int_equal(p->ev.level, IOMMU_AT_CONTEXT);
	assert_int_equal(p->ev.where, context_page(r, 0) + DEV_RESERVED * 16);
	assert_int_equal(p->ev.raw_words, 2);
	assert_int_equal(p->ev.raw[0], fakemem_get(&r->s.fake, p->ev.where));
	p = reported(&r->s, DEV_LOOP);
	assert_int_equal(p->ev.level, 4);
	assert_int_equal(p->ev.raw[0], fakemem_get(&r->s.fake, p->ev.where));
	assert_int_equal(p->ev.raw[0] & ~0xfffULL, p->ev.where & ~0xfffULL);
	p = reported(&r->s, DEV_CRASH);
	assert_int_equal(p->ev.iova, 0x7000000);
	assert_int_equal(p->ev.raw[0], CRASH_START + CRASH_LEN - 0x1000);
	rig_down(&r->s);
}

/* --- single devices --- */

static void test_overrides(void **state)
{
	static const struct iommu_override o[] = {
		{ .unit = 0,
		  .requester = DEV_MAPPED,
		  .mode = IOMMU_MODE_ABORT },
		{ .unit = 3, .requester = 0, .mode = IOMMU_MODE_ABORT },
		{ .unit = 3, .requester = DEV_MAPPED, .mode = IOMMU_MODE_COPY },
		{ .unit = 3, .requester = DEV_PASS, .mode = IOMMU_MODE_COPY },
		{ .unit = 3, .requester = DEV_CRASH, .mode = IOMMU_MODE_COPY },
		{ .unit = 3, .requester = DEV_UPPER, .mode = IOMMU_MODE_ABORT },
		{ .unit = 3, .requester = DEV_BUS1, .mode = IOMMU_MODE_COPY },
		{ .unit = 4, .requester = 0, .mode = IOMMU_MODE_ABORT },
		{ .unit = 4, .requester = 1, .mode = IOMMU_MODE_ABORT },
		{ .unit = 4, .requester = DEV_SAME, .mode = IOMMU_MODE_ABORT },
		{ .unit = 4, .requester = 0x100, .mode = IOMMU_MODE_ABORT },
		{ .unit = 4, .requester = 0x101, .mode = IOMMU_MODE_ABORT },
		{ .unit = 4, .requester = 0x102, .mode = IOMMU_MODE_ABORT },
		{ .unit = 4, .requester = 0x103, .mode = IOMMU_MODE_ABORT },
		{ .unit = 4, .requester = 0xffff, .mode = IOMMU_MODE_ABORT },
	};
	const struct form *both[] = { LEGACY, SCALABLE };
	struct rig *r = &rig;
	size_t k;
	u64 bound;

	(void)state;
	for (k = 0; k < 2; k++) {
		rig_up(r, both[k], IOMMU_MODE_SINK);
		r->s.q.unit = 3;
		r->s.q.overrides = o;
		r->s.q.overrides_n = ARRAY_SIZE(o);
		warm(r);
		bound = need(r);
		rig_quiesce(&r->s);
		assert_int_equal(r->s.res.outcome, IOMMU_DONE);
		blocked(&r->s, 0, 0x1000, true);
		lands(&r->s, DEV_MAPPED, IOVA_4K, PA_4K);
		blocked(&r->s, DEV_MAPPED, 0, true);
		pass_is_guarded(&r->s, DEV_PASS);
		blocked(&r->s, DEV_CRASH, IOVA_4K, true);
		blocked(&r->s, DEV_UPPER, IOVA_4K, true);
		blocked(&r->s, DEV_BUS1, IOVA_4K, true);
		lands(&r->s, DEV_SAME, IOVA_4K, SCRATCH);
		lands(&r->s, DEV_BUS2, IOVA_4K, SCRATCH);
		lands(&r->s, 0xffff, IOVA_4K, SCRATCH);
		assert_int_equal(r->s.res.kept, 1);
		assert_int_equal(r->s.res.guarded, 1);
		assert_int_equal(r->s.res.aborted, 4);
		assert_int_equal(r->s.res.sunk, 65536 - 6);
		assert_true(r->s.arena.used <= bound);
		rig_down(&r->s);
	}
}

static u32 buses_populated(struct rig *r, u64 *set)
{
	u64 root = r->v.rtaddr & ~0xfffULL;
	u32 bus, n = 0;

	*set = 0;
	for (bus = 0; bus < 256; bus++) {
		if (!(fakemem_get(&r->s.fake, root + bus * 16) & 1))
			continue;
		n++;
		if (bus < 64)
			*set |= BIT64(bus);
	}
	return n;
}

/*
 * A stock crash kernel spends a page on each bus that has a context table: only
 * those get one that the plan, an override or the dead kernel's tables name.
 */
static void test_buses(void **state)
{
	static const struct iommu_override o = { .requester = 0x510,
						 .mode = IOMMU_MODE_ABORT };
	static const struct iommu_range buses[] = { { 0x100, 0x1ff },
						    { 0xff00, 0xffff } };
	const struct form *both[] = { LEGACY, SCALABLE };
	struct rig *r = &rig;
	size_t k;
	u64 set;

	(void)state;
	for (k = 0; k < 2; k++) {
		rig_up(r, both[k], IOMMU_MODE_SINK);
		r->s.q.ranges = buses;
		r->s.q.ranges_n = ARRAY_SIZE(buses);
		r->s.q.overrides = &o;
		r->s.q.overrides_n = 1;
		rig_quiesce(&r->s);
		assert_int_equal(r->s.res.outcome, IOMMU_DONE);
		assert_int_equal(buses_populated(r, &set), 5);
		/* old tables have buses 0 and 2, the plan 1 and 255 */
		assert_int_equal(set, 1 << 0 | 1 << 1 | 1 << 2 | 1 << 5);
		lands(&r->s, DEV_BUS2, IOVA_4K, SCRATCH);
		lands(&r->s, DEV_BUS1, IOVA_4K, SCRATCH);
		lands(&r->s, 0xffff, IOVA_4K, SCRATCH);
		blocked(&r->s, 0x510, IOVA_4K, true);
		assert_false(model_dma(&r->v, 0x700, IOVA_4K, true).landed);
		assert_int_equal(r->s.res.sunk, 5 * 256 - 1);
		assert_int_equal(r->s.res.aborted, 1);
		rig_down(&r->s);
	}
}

/* With the dead kernel's root table lost, the plan's buses are still served. */
static void test_buses_without_root(void **state)
{
	static const struct iommu_range buses[] = { { 0, 0xff } };
	struct rig *r = &rig;
	u64 set;

	(void)state;
	rig_up(r, LEGACY, IOMMU_MODE_SINK);
	r->s.q.ranges = buses;
	r->s.q.ranges_n = ARRAY_SIZE(buses);
	model_start(&r->v, RAM_END + 0x5000, true);
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	assert_int_equal(buses_populated(r, &set), 1);
	lands(&r->s, DEV_SAME, IOVA_4K, SCRATCH);
	rig_down(&r->s);
}

static void test_sink_for_one(void **state)
{
	static const struct iommu_override o[] = {
		{ .requester = DEV_MAPPED, .mode = IOMMU_MODE_SINK },
	};
	struct rig *r = &rig;

	(void)state;
	rig_up(r, LEGACY, IOMMU_MODE_COPY);
	r->s.q.overrides = o;
	r->s.q.overrides_n = 1;
	rig_quiesce(&r->s);
	lands(&r->s, DEV_MAPPED, IOVA_4K, SCRATCH);
	lands(&r->s, DEV_SAME, IOVA_4K, PA_4K);
	blocked(&r->s, DEV_ABSENT, 0, true);
	assert_int_equal(r->s.res.sunk, 1);
	assert_int_equal(r->s.res.kept, 3);
	rig_down(&r->s);
}

/* --- damaged state --- */

static void test_bad_root(void **state)
{
	static const u64 roots[] = { RAM_END, 0xfffffffff000ULL,
				     CRASH_START + 0x5000 };
	struct rig *r = &rig;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(roots); i++) {
		rig_up(r, LEGACY, IOMMU_MODE_COPY);
		model_start(&r->v, roots[i], true);
		rig_quiesce(&r->s);
		assert_int_equal(r->s.res.outcome, IOMMU_DONE);
		assert_int_equal(r->s.res.bad, 1);
		assert_int_equal(r->s.reports, 1);
		assert_int_equal(r->s.report[0].ev.err, IOMMU_EADDRESS);
		assert_int_equal(r->s.report[0].ev.raw[0], roots[i]);
		blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
		rig_down(&r->s);
	}
}

/* One root entry outside RAM: its bus is closed, the others work on. */
static void test_bad_bus(void **state)
{
	struct rig *r = &rig;

	(void)state;
	rig_up(r, LEGACY, IOMMU_MODE_COPY);
	fakemem_put(&r->s.fake, OLD_ROOT + 2 * 16, (RAM_END + 0x7000) | 1);
	fakemem_put(&r->s.fake, OLD_ROOT + 3 * 16, OLD_ROOT | 0x11);
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	assert_int_equal(reported(&r->s, 0x200)->ev.err, IOMMU_EADDRESS);
	assert_int_equal(reported(&r->s, 0x200)->ev.where, OLD_ROOT + 2 * 16);
	assert_int_equal(reported(&r->s, 0x300)->ev.err, IOMMU_ERESERVED);
	blocked(&r->s, DEV_BUS2, IOVA_4K, true);
	blocked(&r->s, 0x300, IOVA_4K, true);
	lands(&r->s, DEV_MAPPED, IOVA_4K, PA_4K);
	rig_down(&r->s);
}

/* All context pages full of garbage: bounded, and nothing lands. */
static void test_garbage(void **state)
{
	struct rig *r = &rig;
	u64 x = 88172645463325252ULL, ctx;
	u32 i, bus;

	(void)state;
	rig_up(r, LEGACY, IOMMU_MODE_COPY);
	ctx = rig_page(&r->s);
	for (i = 0; i < 512; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		fakemem_put(&r->s.fake, ctx + i * 8, x | 1);
	}
	for (bus = 0; bus < 256; bus++)
		fakemem_put(&r->s.fake, OLD_ROOT + bus * 16, ctx | 1);
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	for (i = 0; i < 65536; i += 257)
		blocked(&r->s, i, IOVA_4K, true);
	rig_down(&r->s);
}

/* Old entries that use the ids from the top: ours keep clear of them. */
static void test_domain_ids(void **state)
{
	struct rig *r = &rig;
	u32 i;

	(void)state;
	rig_up(r, LEGACY, IOMMU_MODE_COPY);
	for (i = 0; i < 6; i++)
		set_device(r, 0x400 + i, mapped_table(r), 0, 0xffff - i);
	warm(r);
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	blocked(&r->s, DEV_ABSENT, IOVA_4K, true);
	pass_is_guarded(&r->s, DEV_PASS);
	for (i = 0; i < 6; i++)
		lands(&r->s, 0x400 + i, IOVA_4K, PA_4K);
	blocked(&r->s, DEV_ABSENT, IOVA_4K, true);
	rig_down(&r->s);
}

/* All of 16 ids used: ours come first, the three that collide are aborted. */
static void test_no_free_domain_id(void **state)
{
	struct form f = *LEGACY;
	struct rig *r = &rig;
	u32 i;

	(void)state;
	rig_up(r, &f, IOMMU_MODE_COPY);
	r->v.config.cap &= ~7ULL;
	for (i = 0; i < 16; i++)
		set_device(r, 0x400 + i, mapped_table(r), 0, i);
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	blocked(&r->s, DEV_ABSENT, IOVA_4K, true);
	for (i = 0; i < 16; i++) {
		if (i < 13)
			lands(&r->s, 0x400 + i, IOVA_4K, PA_4K);
		else
			blocked(&r->s, 0x400 + i, IOVA_4K, true);
	}
	assert_int_equal(reported(&r->s, 0x40f)->ev.err, IOMMU_ENOSPACE);
	rig_down(&r->s);
}

/* A unit whose old tables are a sink: checked in a few steps, not 512^4. */
static void test_old_sink(void **state)
{
	struct rig *r = &rig;
	u64 next = 0x5000000, t;
	u32 level, i;

	(void)state;
	rig_up(r, LEGACY, IOMMU_MODE_COPY);
	for (level = 0; level < 4; level++, next = t)
		for (t = rig_page(&r->s), i = 0; i < 512; i++)
			fakemem_put(&r->s.fake, t + i * 8, next | 3);
	set_device(r, DEV_BUS1, next, 0, 20);
	rig_quiesce(&r->s);
	lands(&r->s, DEV_BUS1, 0x123456789010ULL, 0x5000010);
	assert_true(r->s.fake.reads < 5000);
	rig_down(&r->s);
}

/* A page hidden by permissions above it is still found behind a twin path. */
static void test_permissions_hide_nothing(void **state)
{
	struct rig *r = &rig;
	u64 t4, t3, t2, t1;

	(void)state;
	rig_up(r, LEGACY, IOMMU_MODE_COPY);
	t4 = rig_page(&r->s);
	t3 = rig_page(&r->s);
	t2 = rig_page(&r->s);
	t1 = rig_page(&r->s);
	fakemem_put(&r->s.fake, t1, CRASH_START | 2);
	fakemem_put(&r->s.fake, t2, t1 | 3);
	fakemem_put(&r->s.fake, t3, t2 | 3);
	fakemem_put(&r->s.fake, t4, t3 | 1);
	fakemem_put(&r->s.fake, t4 + 8, t3 | 3);
	set_device(r, DEV_BUS1, t4, 0, 20);
	rig_quiesce(&r->s);
	assert_int_equal(reported(&r->s, DEV_BUS1)->ev.err, IOMMU_ERESERVATION);
	blocked(&r->s, DEV_BUS1, 1ULL << 39, true);
	rig_down(&r->s);
}

static void test_check_budget(void **state)
{
	struct rig *r = &rig;

	(void)state;
	rig_up(r, LEGACY, IOMMU_MODE_COPY);
	r->s.q.check_budget_us = 0;
	r->v.config.us_per_access = 1;
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	blocked(&r->s, DEV_MAPPED, CRASH_START, true);
	rig_down(&r->s);
}

/* Time runs out within a table: that one goes, those before it stay. */
static void test_check_budget_in_table(void **state)
{
	const struct report *p;
	struct rig *r = &rig;
	u64 t, i;

	(void)state;
	rig_up(r, LEGACY, IOMMU_MODE_COPY);
	t = rig_page(&r->s);
	for (i = 0; i < 2000; i++)
		map(r, t, i << 21, PA_4K, 12, 3);
	set_device(r, 0x4000, t, 0, 40);
	r->v.config.us_per_look = 1;
	r->s.q.check_budget_us = 2000;
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	p = reported(&r->s, 0x4000);
	assert_non_null(p);
	assert_int_equal(p->ev.err, IOMMU_EBUDGET);
	assert_int_equal(p->ev.level, 2);
	assert_int_equal(p->ev.raw[0], fakemem_get(&r->s.fake, p->ev.where));
	blocked(&r->s, 0x4000, 0, true);
	lands(&r->s, DEV_MAPPED, IOVA_4K, PA_4K);
	lands(&r->s, DEV_BUS2, IOVA_4K, PA_4K);
	assert_true(r->v.clock < 2000 + 1000 + OVERHEAD_US);
	rig_down(&r->s);
}

/* Unmapped, but not yet invalidated: the switch must not keep it alive. */
static void test_stale_iotlb(void **state)
{
	static const struct {
		const struct form *f;
		bool queue;
	} c[] = { { LEGACY, true }, { LEGACY, false }, { SCALABLE, true } };
	struct rig *r = &rig;
	u64 at;
	size_t i;
	int s;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(c); i++) {
		rig_up(r, c[i].f, IOMMU_MODE_COPY);
		if (!c[i].queue) {
			r->v.config.ecap &= ~2ULL;
			r->v.gsts &= ~(1u << 26);
		}
		lands(&r->s, DEV_BUS2, IOVA_4K, PA_4K);
		/* DEV_BUS2's is the third table that old_tables() made. */
		at = c[i].f->scalable
			     ? fakemem_get(
				       &r->s.fake,
				       fakemem_get(&r->s.fake,
						   context_page(r, DEV_BUS2) +
							   8 * 32) &
					       ~0xfffULL)
			     : fakemem_get(&r->s.fake,
					   context_page(r, DEV_BUS2) +
						   DEV_BUS2 % 256 * 16);
		if (c[i].f->scalable)
			at = fakemem_get(&r->s.fake, at & ~0xfffULL);
		for (s = 39; s > 12; s -= 9)
			at = fakemem_get(&r->s.fake,
					 (at & ~0xfffULL) +
						 (IOVA_4K >> s & 511) * 8);
		fakemem_put(&r->s.fake,
			    (at & ~0xfffULL) + (IOVA_4K >> 12 & 511) * 8, 0);
		/* Still cached. */
		lands(&r->s, DEV_BUS2, IOVA_4K, PA_4K);
		rig_quiesce(&r->s);
		blocked(&r->s, DEV_BUS2, IOVA_4K, true);
		lands(&r->s, DEV_BUS2, IOVA_2M, PA_2M);
		rig_down(&r->s);
	}
}

/* One table under two readings: what is good for one is not for the other. */
static void test_one_table_two_stages(void **state)
{
	struct form f = *SCALABLE;
	struct rig *r = &rig;
	u64 t[4];
	int i;

	(void)state;
	f.ecap |= 1ULL << 47;
	rig_up(r, &f, IOMMU_MODE_COPY);
	for (i = 0; i < 4; i++)
		t[i] = rig_page(&r->s);
	for (i = 0; i < 3; i++)
		fakemem_put(&r->s.fake, t[i], t[i + 1] | 7);
	/* Writable in the second stage, not present in the first. */
	fakemem_put(&r->s.fake, t[3], CRASH_START | 2);
	r->first_stage = true;
	set_device(r, 0x300, t[0], 0, 50);
	r->first_stage = false;
	set_device(r, 0x301, t[0], 0, 51);
	rig_quiesce(&r->s);
	assert_null(reported(&r->s, 0x300));
	assert_non_null(reported(&r->s, 0x301));
	assert_int_equal(reported(&r->s, 0x301)->ev.err, IOMMU_ERESERVATION);
	blocked(&r->s, 0x301, 0, true);
	rig_down(&r->s);
}

/* The bound holds, and is no wild guess, with many buses and devices. */
static void test_arena_need(void **state)
{
	const struct iommu_vendor *vendor = iommu_vendor(IOMMU_VENDOR_VTD);
	const struct form *both[] = { LEGACY, SCALABLE };
	static const struct iommu_range buses[] = { { 0, 0xff },
						    { 0x200, 0x2ff },
						    { 0x1000, 0x8fff } };
	struct iommu_demand d = { .mode = IOMMU_MODE_COPY,
				  .ranges = buses,
				  .ranges_n = ARRAY_SIZE(buses),
				  .requesters = 267,
				  .guards = 1,
				  .ram_end = RAM_END };
	struct iommu_fault_raw faults[1];
	struct iommu_config c;
	struct iommu_reg reg[IOMMU_REGS_MAX];
	struct iommu_regs regs = IOMMU_REGS(reg);
	struct rig *r = &rig;
	u32 bus, n = 0;
	u64 bound;
	size_t k;

	(void)state;
	for (k = 0; k < 2; k++) {
		rig_up(r, both[k], IOMMU_MODE_COPY);
		for (bus = 16; bus < 144; bus++) {
			/* Scattered: each in a large page of its own. */
			r->s.next = 0x10000000 + (bus - 16) * 0x400000ULL;
			set_device(r, bus << 8, mapped_table(r), 0, 100 + bus);
			r->s.next += 0x200000;
			set_device(r, bus << 8 | 0x80, mapped_table(r), 0,
				   300 + bus);
		}
		vendor->snapshot(&r->v.mmio, &regs, faults, &n);
		vendor->describe(&regs, &c);
		bound = vendor->arena_need(&c, &d);
		r->s.arena.area.len = bound;
		rig_quiesce(&r->s);
		assert_int_equal(r->s.res.outcome, IOMMU_DONE);
		assert_int_equal(r->s.res.kept, 4 + 256);
		assert_true(bound - r->s.arena.used < 64 * PAGE_4K);
		rig_down(&r->s);
	}
	d.mode = IOMMU_MODE_RECORD;
	assert_int_equal(vendor->arena_need(&c, &d), 0);
}

/* PASIDs other than RID_PASID are dropped, and that is told. */
static void test_pasid_dropped(void **state)
{
	struct rig *r = &rig;
	u64 at;

	(void)state;
	rig_up(r, SCALABLE, IOMMU_MODE_COPY);
	at = set_device(r, DEV_BUS1, mapped_table(r), 0, 30);
	fakemem_put(&r->s.fake, at, fakemem_get(&r->s.fake, at) | 8);
	rig_quiesce(&r->s);
	lands(&r->s, DEV_BUS1, IOVA_4K, PA_4K);
	assert_int_equal(reported(&r->s, DEV_BUS1)->ev.err, IOMMU_ESTALE);
	assert_int_equal(reported(&r->s, DEV_BUS1)->mode, IOMMU_MODE_COPY);
	rig_down(&r->s);
}

/* RID_PASID that is not 0, where the unit honours it. */
static void test_rid_pasid(void **state)
{
	struct form f = *SCALABLE;
	struct rig *r = &rig;
	u64 at, dir, pt, table;
	u32 i;

	(void)state;
	f.ecap |= 1ULL << 49;
	rig_up(r, &f, IOMMU_MODE_COPY);
	table = mapped_table(r);
	at = set_device(r, DEV_BUS1, table, 0, 30);
	dir = fakemem_get(&r->s.fake, at) & ~0xfffULL;
	pt = rig_page(&r->s);
	for (i = 0; i < 8; i++)
		fakemem_put(&r->s.fake, pt + 5 * 64 + i * 8, 0);
	fakemem_put(&r->s.fake, pt + 5 * 64, table | 2 << 6 | 2 << 2 | 1);
	fakemem_put(&r->s.fake, pt + 5 * 64 + 8, 31);
	fakemem_put(&r->s.fake, dir, 0);
	fakemem_put(&r->s.fake, dir + 3 * 8, pt | 1);
	fakemem_put(&r->s.fake, at + 8, 3 * 64 + 5);
	lands(&r->s, DEV_BUS1, IOVA_4K, PA_4K);
	rig_quiesce(&r->s);
	lands(&r->s, DEV_BUS1, IOVA_4K, PA_4K);
	rig_down(&r->s);
}

/* --- memory runs out --- */

/*
 * With any number of pages: no write outside the arena, no DMA into the crash
 * kernel, no fault; either the unit is left alone or all of it is switched.
 */
static void short_arena(const struct form *f, u32 mode, u32 pages)
{
	struct rig *r = &rig;
	struct model_dma d;
	size_t i;

	rig_up(r, f, mode);
	r->s.arena.area.len = (u64)pages << 12;
	rig_quiesce(&r->s);
	assert_true(r->s.arena.used <= r->s.arena.area.len);
	assert_false(fakemem_exists(&r->s.fake, ARENA + r->s.arena.area.len));
	if (r->s.res.outcome == IOMMU_LEFT) {
		assert_int_equal(r->s.res.err, IOMMU_ENOSPACE);
		assert_int_equal(r->v.srtps, 0);
		lands(&r->s, DEV_MAPPED, IOVA_4K, PA_4K);
		rig_down(&r->s);
		return;
	}
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	for (i = 0; i < ARRAY_SIZE(all_devices); i++) {
		d = model_dma(&r->v, all_devices[i], CRASH_START + 0x1000,
			      true);
		assert_false(d.landed && d.pa != SCRATCH);
		assert_false(d.logged);
	}
	if (r->s.reports == 0)
		assert_int_equal(mode, IOMMU_MODE_ABORT);
	rig_down(&r->s);
}

static void test_short_arena(void **state)
{
	u32 pages;

	(void)state;
	for (pages = 0; pages < 24; pages++) {
		short_arena(LEGACY, IOMMU_MODE_COPY, pages);
		short_arena(SCALABLE, IOMMU_MODE_COPY, pages);
	}
	for (pages = 0; pages < 9; pages++) {
		short_arena(LEGACY, IOMMU_MODE_SINK, pages);
		short_arena(SCALABLE, IOMMU_MODE_ABORT, pages);
	}
}

/* Guarded pass-through without large pages, and what it may take. */
static void test_small_pages_only(void **state)
{
	struct rig *r = &rig;
	u64 bound;

	(void)state;
	rig_up(r, LEGACY, IOMMU_MODE_COPY);
	r->v.config.cap &= ~(3ULL << 34);
	bound = need(r);
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	pass_is_guarded(&r->s, DEV_PASS);
	assert_true(r->s.arena.used <= bound);
	/* 2 MiB of tables a GiB: too much for this RAM. */
	rig_down(&r->s);
	rig_up(r, LEGACY, IOMMU_MODE_COPY);
	r->v.config.cap &= ~(3ULL << 34);
	r->s.ram[1].len = GIB(64);
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	blocked(&r->s, DEV_PASS, 0x1000, true);
	assert_int_equal(reported(&r->s, DEV_PASS)->ev.err, IOMMU_ENOSPACE);
	rig_down(&r->s);
}

/* A write that fails means no switch. */
static void test_write_fails(void **state)
{
	struct rig *r = &rig;

	(void)state;
	rig_up(r, LEGACY, IOMMU_MODE_ABORT);
	r->s.fake.deny_write = ARENA + 0x4000;
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_LEFT);
	assert_int_equal(r->v.srtps, 0);
	lands(&r->s, DEV_MAPPED, IOVA_4K, PA_4K);
	rig_down(&r->s);
}

/* --- a unit that does not do as it should --- */

struct broken {
	const char *name;
	const struct form *form;
	u32 faults;
	u32 outcome, err;
	bool new_tables; /* the DMA that was mapped is blocked afterwards */
};

static const struct form no_qi = { "registers", false, true, false, 4, 0, 0 };
static const struct form rwbf = { "RWBF", false, true, false, 4, RWBF, 0 };
static const struct form off = { "off", false, false, false, 4, 0, 0 };

static const struct broken broken[] = {
	{ "SRTP never completes", LEGACY, MODEL_SRTP_STUCK, IOMMU_LEFT,
	  IOMMU_ETIMEOUT, false },
	{ "SRTP, scalable", SCALABLE, MODEL_SRTP_STUCK, IOMMU_LEFT,
	  IOMMU_ETIMEOUT, false },
	{ "RTADDR keeps its value", LEGACY, MODEL_RTADDR_STUCK, IOMMU_LEFT,
	  IOMMU_EREADBACK, false },
	{ "write buffer never flushed", &rwbf, MODEL_WBF_STUCK, IOMMU_LEFT,
	  IOMMU_ETIMEOUT, false },
	{ "registers all ones", LEGACY, MODEL_ABSENT, IOMMU_LEFT, IOMMU_EABSENT,
	  false },
	{ "old queue never drains", LEGACY, MODEL_DRAIN_STUCK, IOMMU_PARTLY,
	  IOMMU_ETIMEOUT, true },
	{ "nor does ours answer", LEGACY, MODEL_DRAIN_STUCK | MODEL_NO_STATUS,
	  IOMMU_PARTLY, IOMMU_ETIMEOUT, true },
	{ "IQE in our queue", LEGACY, MODEL_IQE, IOMMU_PARTLY, IOMMU_EHARDWARE,
	  true },
	{ "IQE, scalable", SCALABLE, MODEL_IQE, IOMMU_PARTLY, IOMMU_EHARDWARE,
	  true },
	{ "status never written", LEGACY, MODEL_NO_STATUS, IOMMU_PARTLY,
	  IOMMU_ETIMEOUT, true },
	{ "queue can't be turned off", LEGACY, MODEL_QIE_OFF_STUCK,
	  IOMMU_PARTLY, IOMMU_ETIMEOUT, true },
	{ "queue can't be turned on", LEGACY, MODEL_QIE_ON_STUCK, IOMMU_PARTLY,
	  IOMMU_ETIMEOUT, true },
	{ "CCMD never completes", &no_qi, MODEL_ICC_STUCK, IOMMU_PARTLY,
	  IOMMU_ETIMEOUT, true },
	{ "CCMD ignored", &no_qi, MODEL_IGNORES_CCMD, IOMMU_PARTLY,
	  IOMMU_EHARDWARE, true },
	{ "translation can't be turned on", &off, MODEL_TE_STUCK, IOMMU_PARTLY,
	  IOMMU_ETIMEOUT, false },
};

static void break_it(const struct broken *b, u32 us_per_access)
{
	struct rig *r = &rig;
	u64 start;

	rig_up(r, b->form, IOMMU_MODE_ABORT);
	r->v.config.us_per_access = us_per_access;
	r->v.broken = b->faults;
	if (b->form == &no_qi) {
		r->v.config.ecap &= ~2ULL;
		r->v.gsts &= ~(1u << 26);
	}
	if (b->faults & MODEL_DRAIN_STUCK)
		r->v.iqt += 0x20;
	start = r->v.clock;
	rig_quiesce(&r->s);
	if (r->s.res.outcome != b->outcome || r->s.res.err != b->err)
		fail_msg("%s: outcome %u, %s", b->name, r->s.res.outcome,
			 iommu_err_text(r->s.res.err));
	assert_int_not_equal(r->s.res.evidence.level, 0);
	assert_int_equal(r->s.res.evidence.err, b->err);
	if (r->v.clock - start > r->s.q.budget_us + OVERHEAD_US)
		fail_msg("%s: took %llu us", b->name,
			 (unsigned long long)(r->v.clock - start));
	/* Eight polls a microsecond; draining reads three registers each. */
	if (r->v.accesses > 12ULL * r->s.q.budget_us + 1500 + OVERHEAD_US)
		fail_msg("%s: %llu accesses", b->name,
			 (unsigned long long)r->v.accesses);
	if (b->faults == MODEL_DRAIN_STUCK)
		assert_int_equal(r->s.res.invalidation, 1);
	r->v.broken = 0;
	if (b->new_tables)
		blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
	else if (b->form != &off)
		lands(&r->s, DEV_MAPPED, IOVA_4K, PA_4K);
	/* The crash kernel reads RTADDR: it must be what is in use. */
	if (b->outcome == IOMMU_LEFT)
		assert_int_equal(r->v.rtaddr, r->v.root);
	rig_down(&r->s);
}

static void test_broken_units(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(broken); i++)
		break_it(&broken[i], 1);
}

/* The same when the clock stands still. */
static void test_clock_stands(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(broken); i++)
		break_it(&broken[i], 0);
}

/* An answer just inside the budget is an answer; just outside it is none. */
static void test_late_answers(void **state)
{
	struct rig *r = &rig;

	(void)state;
	rig_up(r, LEGACY, IOMMU_MODE_ABORT);
	/* SRTP, QIE off, QIE on */
	r->v.delay_us = r->s.q.budget_us / 3 - 100;
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
	rig_down(&r->s);
	rig_up(r, LEGACY, IOMMU_MODE_ABORT);
	r->v.delay_us = r->s.q.budget_us + 100;
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_LEFT);
	assert_int_equal(r->s.res.err, IOMMU_ETIMEOUT);
	rig_down(&r->s);
}

/* The dead kernel's queue stopped at an error: ours starts clean. */
static void test_old_queue_in_error(void **state)
{
	struct rig *r = &rig;

	(void)state;
	rig_up(r, LEGACY, IOMMU_MODE_ABORT);
	warm(r);
	r->v.fsts |= 1 << 4;
	r->v.iqt += 0x40;
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_PARTLY);
	assert_int_equal(r->s.res.err, IOMMU_EHARDWARE);
	assert_int_equal(r->s.res.invalidation, 1);
	assert_int_equal(r->v.fsts & 0x70, 0);
	blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
	rig_down(&r->s);
}

/* --- how it is invalidated --- */

static void test_invalidation(void **state)
{
	static const struct {
		u64 cap, ecap_off;
		u32 version;
		bool scalable;
		u32 want, outcome;
	} c[] = {
		{ 0, 0, 0x10, false, 1, IOMMU_DONE },
		{ 0, 2, 0x10, false, 2, IOMMU_DONE },
		{ 0, 2, 0x50, false, 2, IOMMU_DONE },
		{ ESRTPS, 2, 0x60, false, 0, IOMMU_DONE },
		{ 0, 2, 0x60, false, 0, IOMMU_PARTLY },
		{ ESRTPS, 2, 0x50, true, 0, IOMMU_DONE },
		{ 0, 2, 0x50, true, 0, IOMMU_PARTLY },
		{ ESRTPS, 0, 0x60, true, 1, IOMMU_DONE },
	};
	struct rig *r = &rig;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(c); i++) {
		rig_up(r, c[i].scalable ? SCALABLE : LEGACY, IOMMU_MODE_ABORT);
		r->v.config.cap |= c[i].cap;
		r->v.config.ecap &= ~c[i].ecap_off;
		r->v.config.version = c[i].version;
		if (c[i].ecap_off)
			r->v.gsts &= ~(1u << 26);
		warm(r);
		rig_quiesce(&r->s);
		if (r->s.res.outcome != c[i].outcome ||
		    r->s.res.invalidation != c[i].want)
			fail_msg("case %zu: outcome %u, invalidation %u", i,
				 r->s.res.outcome, r->s.res.invalidation);
		if (c[i].outcome == IOMMU_DONE)
			blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
		else
			assert_int_equal(r->s.res.err, IOMMU_EUNSUPPORTED);
		rig_down(&r->s);
	}
}

/* --- table form --- */

static void test_forms_that_change(void **state)
{
	static const struct {
		u64 rtaddr, cap, ecap;
		bool te;
		u32 outcome;
		u64 ttm;
	} c[] = {
		/* abort-dma or a reserved form, kept on: needs ESRTPS */
		{ OLD_ROOT | 3 << 10, 0, ECAP_SM, true, IOMMU_LEFT, 3 },
		{ OLD_ROOT | 3 << 10, ESRTPS, ECAP_SM, true, IOMMU_DONE, 1 },
		{ OLD_ROOT | 2 << 10, ESRTPS, 0, true, IOMMU_DONE, 0 },
		{ OLD_ROOT | 2 << 10, 0, 0, false, IOMMU_DONE, 0 },
		/* scalable bit on a unit that has no such mode */
		{ OLD_ROOT | 1 << 10, ESRTPS, 0, true, IOMMU_DONE, 0 },
		/* never set up: as Linux would */
		{ 0, 0, ECAP_SM, false, IOMMU_DONE, 1 },
		{ 0, 0, 0, false, IOMMU_DONE, 0 },
		/* permissions in other bits (SSIRWE), which only SSIRWS gives */
		{ OLD_ROOT | 1 << 7, 0, 1ULL << 57, true, IOMMU_LEFT, 0 },
		{ OLD_ROOT | 1 << 7, 0, 1ULL << 57, false, IOMMU_DONE, 0 },
		{ OLD_ROOT | 1 << 7, 0, 0, true, IOMMU_DONE, 0 },
		/* legacy found, legacy kept */
		{ OLD_ROOT, 0, ECAP_SM, false, IOMMU_DONE, 0 },
	};
	struct rig *r = &rig;
	struct form f;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(c); i++) {
		f = *LEGACY;
		f.cap = c[i].cap;
		f.ecap = c[i].ecap;
		rig_up(r, &f, IOMMU_MODE_ABORT);
		r->v.gsts = 0;
		model_start(&r->v, c[i].rtaddr, c[i].te);
		rig_quiesce(&r->s);
		if (r->s.res.outcome != c[i].outcome ||
		    (r->v.rtaddr >> 10 & 3) != c[i].ttm)
			fail_msg("case %zu: outcome %u, RTADDR %#llx", i,
				 r->s.res.outcome,
				 (unsigned long long)r->v.rtaddr);
		if (c[i].outcome == IOMMU_DONE)
			blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
		rig_down(&r->s);
	}
}

/* A unit that does not snoop reads no table that was not flushed. */
static void test_not_coherent(void **state)
{
	static const u64 drop[] = { 1ULL, 1ULL << 48, 1ULL | 1ULL << 48 };
	static const u32 modes[] = { IOMMU_MODE_ABORT, IOMMU_MODE_SINK,
				     IOMMU_MODE_COPY };
	struct form f = *SCALABLE;
	struct rig *r = &rig;
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(drop); i++) {
		for (k = 0; k < ARRAY_SIZE(modes); k++) {
			f.ecap = ECAP_SM & ~drop[i];
			rig_up(r, &f, modes[k]);
			r->v.config.ecap &= ~drop[i];
			rig_quiesce(&r->s);
			assert_int_equal(r->s.res.outcome, IOMMU_DONE);
			if (modes[k] == IOMMU_MODE_COPY)
				check_copy(r);
			else
				check_all(r, modes[k]);
			if (r->v.wrong[0])
				fail_msg("%s", r->v.wrong);
			rig_down(&r->s);
		}
	}
}

/* --- snapshot --- */

static void test_snapshot(void **state)
{
	const struct iommu_vendor *vendor = iommu_vendor(IOMMU_VENDOR_VTD);
	struct iommu_fault_raw raw[8];
	struct iommu_fault f;
	struct iommu_reg reg[IOMMU_REGS_MAX];
	struct iommu_regs regs = IOMMU_REGS(reg);
	struct iommu_config c;
	struct rig *r = &rig;
	u64 val;
	u32 n = 8;

	(void)state;
	rig_up(r, LEGACY, IOMMU_MODE_RECORD);
	model_dma(&r->v, DEV_ABSENT, 0x5123, true);
	model_dma(&r->v, DEV_MAPPED, 0x7000, false);
	assert_int_equal(vendor->snapshot(&r->v.mmio, &regs, raw, &n), 0);
	assert_int_equal(n, 2);
	vendor->fault(&raw[0], &f);
	assert_int_equal(f.requester, DEV_ABSENT);
	assert_int_equal(f.reason, 2);
	assert_int_equal(f.iova, 0x5000);
	assert_true(f.write);
	vendor->fault(&raw[1], &f);
	assert_int_equal(f.requester, DEV_MAPPED);
	assert_int_equal(f.reason, 6);
	assert_false(f.write);
	assert_true(iommu_reg_get(&regs, 0x20, &val));
	assert_int_equal(val, OLD_ROOT);
	assert_int_equal(vendor->describe(&regs, &c), 0);
	assert_true(c.on && c.fault_pending && c.form == 0);
	assert_int_equal(c.root, OLD_ROOT);
	assert_int_equal(c.address_bits, 48);
	assert_int_equal(c.domains, 65536);
	n = 1;
	assert_int_equal(vendor->snapshot(&r->v.mmio, &regs, raw, &n),
			 IOMMU_ENOSPACE);
	assert_int_equal(n, 2);
	/* A register page shorter than CAP.FRO says: no access beyond it. */
	r->v.mmio.len = 0x228;
	n = 8;
	assert_int_equal(vendor->snapshot(&r->v.mmio, &regs, raw, &n), 0);
	assert_int_equal(n, 0);
	r->v.broken = MODEL_ABSENT;
	assert_int_equal(vendor->snapshot(&r->v.mmio, &regs, raw, &n),
			 IOMMU_EABSENT);
	assert_int_equal(r->v.gcmd_writes, 0);
	rig_down(&r->s);
}

/* Oldest first, also when the ring of records has wrapped. */
static void test_fault_order(void **state)
{
	const struct iommu_vendor *vendor = iommu_vendor(IOMMU_VENDOR_VTD);
	struct iommu_fault_raw raw[MODEL_FAULTS];
	struct iommu_reg reg[IOMMU_REGS_MAX];
	struct iommu_regs regs = IOMMU_REGS(reg);
	struct iommu_fault f;
	struct rig *r = &rig;
	u32 n = MODEL_FAULTS, i;

	(void)state;
	rig_up(r, LEGACY, IOMMU_MODE_RECORD);
	for (i = 0; i < MODEL_FAULTS; i++)
		model_dma(&r->v, DEV_ABSENT, (i + 1) << 12, true);
	for (i = 0; i < 6; i++)
		r->v.frcd[i][1] = 0;
	model_dma(&r->v, DEV_ABSENT, 9 << 12, true);
	assert_int_equal(vendor->snapshot(&r->v.mmio, &regs, raw, &n), 0);
	assert_int_equal(n, 3);
	for (i = 0; i < 3; i++) {
		vendor->fault(&raw[i], &f);
		assert_int_equal(f.iova, (7 + i) << 12);
	}
	rig_down(&r->s);
}

/* --- memory that changes meanwhile --- */

#define EVIL_IOVA 0x7000000
#define EVIL_PA (CRASH_START + 0x200000)

struct changing {
	const struct form *form;
	u32 mode;
	bool override; /* the device is kept though the others are not */
	struct flicker_case c;
};

/* Words of what leads DEV_MAPPED to a table that maps the crash kernel. */
static u64 evil_table(struct rig *r)
{
	u64 table = mapped_table(r);

	map(r, table, EVIL_IOVA, EVIL_PA, 12, 3);
	return table;
}

static void run_changing(void *arg, struct flicker *f)
{
	static const struct iommu_override o = { .requester = DEV_MAPPED,
						 .mode = IOMMU_MODE_COPY };
	const struct changing *c = arg;
	struct rig *r = &rig;
	struct model_dma d;
	u32 i;

	rig_up(r, c->form, c->mode);
	/* As set_device(DEV_BUS1) made them when the case was written. */
	set_device(r, DEV_BUS1, evil_table(r), 0, 30);
	f->below = r->s.q.mem;
	r->s.q.mem = &f->m;
	if (c->override) {
		r->s.q.overrides = &o;
		r->s.q.overrides_n = 1;
	}
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	for (i = 0; i < 0x200; i++) {
		d = model_dma(&r->v, i, EVIL_IOVA, true);
		if (d.landed && span_holds(&r->s.guard, d.pa, 1) &&
		    d.pa != SCRATCH)
			fail_msg("%s, %s: %03x lands at %#llx, evil in reads "
				 "%u to %u",
				 c->form->name, c->c.name, i,
				 (unsigned long long)d.pa, f->first, f->last);
	}
	rig_down(&r->s);
}

/* The structures on DEV_MAPPED's way, as they would lead it to evil_table(). */
static u32 evil_cases(struct rig *r, struct flicker_case *c)
{
	u64 good, evil, root = OLD_ROOT;
	u32 n = 0, words = r->scalable ? 4 : 2, i;

	evil = set_device(r, DEV_BUS1, evil_table(r), 0, 30);
	good = context_page(r, DEV_MAPPED) + DEV_MAPPED * 8ULL * words;
	c[n] = (struct flicker_case){ .name = "context",
				      .where = good,
				      .words = words };
	for (i = 0; i < words; i++)
		c[n].evil[i] = fakemem_get(&r->s.fake, evil + i * 8);
	n++;
	/* The context table of another bus: its 1a8 in place of our 0a8. */
	c[n++] = (struct flicker_case){ .name = "root",
					.where = root,
					.words = 2,
					.evil = { fakemem_get(&r->s.fake,
							      root + 16) } };
	if (!r->scalable)
		return n;
	good = fakemem_get(&r->s.fake, good) & ~0xfffULL;
	evil = fakemem_get(&r->s.fake, evil) & ~0xfffULL;
	c[n++] = (struct flicker_case){ .name = "PASID directory",
					.where = good,
					.words = 1,
					.evil = { fakemem_get(&r->s.fake,
							      evil) } };
	good = fakemem_get(&r->s.fake, good) & ~0xfffULL;
	evil = fakemem_get(&r->s.fake, evil) & ~0xfffULL;
	c[n] = (struct flicker_case){ .name = "PASID entry",
				      .where = good,
				      .words = 8 };
	for (i = 0; i < 3; i++)
		c[n].evil[i] = fakemem_get(&r->s.fake, evil + i * 8);
	return n + 1;
}

/*
 * What is checked is what is kept, whatever a second read would have said:
 * every mode, every structure above the page tables.
 */
static void test_changing_memory(void **state)
{
	static const struct {
		u32 mode;
		bool override;
	} modes[] = { { IOMMU_MODE_COPY, false },
		      { IOMMU_MODE_ABORT, false },
		      { IOMMU_MODE_SINK, false },
		      { IOMMU_MODE_ABORT, true },
		      { IOMMU_MODE_SINK, true } };
	struct flicker_case c[4];
	u32 i, k, m, n, reads = 0;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		if (!forms[i].te)
			continue;
		rig_up(&rig, &forms[i], IOMMU_MODE_COPY);
		n = evil_cases(&rig, c);
		rig_down(&rig.s);
		for (k = 0; k < n; k++)
			for (m = 0; m < ARRAY_SIZE(modes); m++)
				reads += flicker_all(
					&c[k], run_changing,
					&(struct changing){
						&forms[i], modes[m].mode,
						modes[m].override, c[k] });
	}
	assert_true(reads > 0);
}

/* Each page of the table at @root that a device's DMA goes through. */
static void tables_are_safe(struct rig *r, u32 requester, u64 root, u64 iova)
{
	int s = 12 + 9 * ((int)r->levels - 1);
	u64 at = root;

	for (; s >= 12; s -= 9) {
		blocked(&r->s, requester, at, true);
		blocked(&r->s, requester, at + 0xff8, false);
		at = fakemem_get(&r->s.fake, at + (iova >> s & 511) * 8) &
		     ~0xfffULL;
	}
}

/* Who passes through can't change the tables that others go through. */
static void test_kept_tables_are_safe(void **state)
{
	struct rig *r = &rig;
	u64 root, lonely;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		if (!forms[i].te)
			continue;
		rig_up(r, &forms[i], IOMMU_MODE_COPY);
		r->s.next = 0x9000000; /* in pages of its own */
		root = mapped_table(r);
		set_device(r, DEV_BUS1, root, 0, 30);
		lonely = r->s.next;
		rig_quiesce(&r->s);
		lands(&r->s, DEV_BUS1, IOVA_4K, PA_4K);
		tables_are_safe(r, DEV_PASS, root, IOVA_4K);
		tables_are_safe(r, DEV_PASS, OLD_TABLES, IOVA_4K);
		lands(&r->s, DEV_PASS, 0x8fff000, 0x8fff000);
		lands(&r->s, DEV_PASS, lonely + 0x10000, lonely + 0x10000);
		pass_is_guarded(&r->s, DEV_PASS);
		rig_down(&r->s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_left),
		cmocka_unit_test(test_abort),
		cmocka_unit_test(test_sink),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_reports),
		cmocka_unit_test(test_evidence_is_exact),
		cmocka_unit_test(test_overrides),
		cmocka_unit_test(test_buses),
		cmocka_unit_test(test_buses_without_root),
		cmocka_unit_test(test_sink_for_one),
		cmocka_unit_test(test_bad_root),
		cmocka_unit_test(test_bad_bus),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_domain_ids),
		cmocka_unit_test(test_no_free_domain_id),
		cmocka_unit_test(test_old_sink),
		cmocka_unit_test(test_permissions_hide_nothing),
		cmocka_unit_test(test_check_budget),
		cmocka_unit_test(test_check_budget_in_table),
		cmocka_unit_test(test_stale_iotlb),
		cmocka_unit_test(test_one_table_two_stages),
		cmocka_unit_test(test_arena_need),
		cmocka_unit_test(test_pasid_dropped),
		cmocka_unit_test(test_rid_pasid),
		cmocka_unit_test(test_short_arena),
		cmocka_unit_test(test_small_pages_only),
		cmocka_unit_test(test_write_fails),
		cmocka_unit_test(test_broken_units),
		cmocka_unit_test(test_clock_stands),
		cmocka_unit_test(test_late_answers),
		cmocka_unit_test(test_old_queue_in_error),
		cmocka_unit_test(test_invalidation),
		cmocka_unit_test(test_forms_that_change),
		cmocka_unit_test(test_not_coherent),
		cmocka_unit_test(test_snapshot),
		cmocka_unit_test(test_fault_order),
		cmocka_unit_test(test_changing_memory),
		cmocka_unit_test(test_kept_tables_are_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
