// SPDX-License-Identifier: GPL-2.0-only
/*
 * The switch at the crash against a model of the unit: what happens to each
 * device's DMA afterwards, in every mode, with a new device table and in place,
 * and what a unit that does not do as it should costs and leaves behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "amdvi_model.h"
#include "flicker.h"
#include "switch_rig.h"

/* The machine */
#define CRASH_HIGH 0x140000000ULL /* above 4 GiB: no new table can lie there */
#define OLD_TABLE 0x1000000ULL
#define OLD_RING 0x200000ULL
#define OLD_LOG 0x210000ULL
#define OLD_STORE 0x220000ULL /* EXCL_BASE with SNP */
#define OLD_IRQS 0x280000ULL

/* Devices by what the dead kernel left them */
#define DEV_MAPPED 0x10
#define DEV_PASS 0x18
#define DEV_RESERVED 0x20 /* reserved bits in the entry */
#define DEV_OUTSIDE 0x28  /* page table outside RAM */
#define DEV_LOOP 0x30	  /* page table that contains itself */
#define DEV_CRASH 0x38	  /* maps a page of the crash reservation */
#define DEV_ATS 0x40
#define DEV_SAME 0x48	 /* the same domain as DEV_MAPPED */
#define DEV_INVALID 0x50 /* V clear: passes */
#define DEV_GUEST 0x58	 /* host table, and PASIDs of processes */
#define DEV_NESTED 0x60	 /* all requests by guest tables */
#define DEV_DOMAIN0 0x68 /* mapped, but of domain 0 */
#define DEV_SYSTEM 0x70	 /* SysMgt 01: IW must stay set */
#define DEV_BLANK 0x78
#define DEV_BUS2 0x208 /* mapped, on another bus */

#define EFR_BASE (1ULL << 4 /* GT */ | 1ULL << 1 /* PPR */ | 2ULL << 10)
#define IA (1ULL << 6)
#define SNP (1ULL << 63)
#define GIO (1ULL << 48)

#define GT_ON (1ULL << 16)
#define GA_ON (1ULL << 17)

/* Register accesses that are no polls, with room. */
#define OVERHEAD_US 2000

struct form {
	const char *name;
	u64 efr;
	bool high;    /* the crash kernel lies above 4 GiB */
	bool off;     /* CONTROL.IommuEn is clear */
	u32 segments; /* log2 */
	u32 pages;    /* of each; 0: of all requesters */
	u32 broken;
	bool incoherent;
};

struct rig {
	struct switch_rig s;
	struct mem mem; /* what the switch sees: checks each store */
	struct amdvi_model v;
	u32 n; /* entries of the table */
	const struct form *form;
	u32 stores;
	bool pass_edited;
};

static struct rig rig;

/* --- memory that looks at each store --- */

static struct rig *of_mem(struct mem *m)
{
	return (struct rig *)((char *)m - offsetof(struct rig, mem));
}

static int rig_read(struct mem *m, u64 phys, void *buf, u32 len)
{
	struct rig *r = of_mem(m);

	return mem_read(&r->s.fake.m, phys, buf, len);
}

static int rig_write(struct mem *m, u64 phys, const void *buf, u32 len)
{
	struct rig *r = of_mem(m);

	return r->s.fake.m.write(&r->s.fake.m, phys, buf, len);
}

static void rig_flush(struct mem *m, u64 phys, u64 len)
{
	struct rig *r = of_mem(m);

	r->s.fake.m.flush(&r->s.fake.m, phys, len);
}

static u64 dte_at(struct rig *r, u32 requester)
{
	u32 shift = 16 - r->form->segments;

	return (r->v.dev_tbl[requester >> shift] & 0xffffffffff000ULL) +
	       (requester & ((1u << shift) - 1)) * 32;
}

/* At no moment does an entry let through what neither old nor new one does. */
static int rig_store64(struct mem *m, u64 phys, u64 val)
{
	struct rig *r = of_mem(m);
	int err = r->s.fake.m.store64(&r->s.fake.m, phys, val);

	r->stores++;
	if (err)
		return err;
	r->pass_edited |= phys >= dte_at(r, DEV_PASS) &&
			  phys < dte_at(r, DEV_PASS) + 16;
	if (r->form->off)
		return 0;
	if (phys < OLD_RING || phys >= OLD_RING + 0x4000)
		assert_true(fakemem_get(&r->s.fake, phys & ~31ULL) & 1 ||
			    (phys & ~31ULL) == dte_at(r, DEV_INVALID));
	if (!(r->s.fake.writes & 63) ||
	    (phys & ~31ULL) == dte_at(r, DEV_MAPPED))
		assert_false(
			model_reaches(&r->v, DEV_MAPPED, r->s.crash, true) &&
			r->s.q.mode != IOMMU_MODE_SINK);
	if (r->pass_edited && r->s.q.mode != IOMMU_MODE_SINK)
		assert_false(model_reaches(&r->v, DEV_PASS, r->s.crash, true));
	return 0;
}

/* --- what the dead kernel left --- */

/* Maps one page into the table at @root, of 4 levels. @perm: 1 read, 2 write */
static void map(struct rig *r, u64 root, u64 iova, u64 pa, int shift, u64 perm)
{
	u64 at = root, e;
	int s;

	for (s = 39; s > shift; s -= 9) {
		e = at + (iova >> s & 511) * 8;
		if (!fakemem_get(&r->s.fake, e))
			fakemem_put(&r->s.fake, e,
				    rig_page(&r->s) | 1 | 3ULL << 61 |
					    (u64)(s - 12) / 9 << 9);
		at = fakemem_get(&r->s.fake, e) & 0xffffffffff000ULL;
	}
	fakemem_put(&r->s.fake, at + (iova >> s & 511) * 8,
		    pa | 1 | perm << 61);
}

static u64 mapped_table(struct rig *r)
{
	u64 root = rig_page(&r->s);

	map(r, root, IOVA_4K, PA_4K, 12, 3);
	map(r, root, IOVA_RO, PA_RO, 12, 1);
	map(r, root, IOVA_2M, PA_2M, 21, 3);
	return root;
}

#define V 1ULL
#define TV 2ULL
#define MODE4 (4ULL << 9)
#define RW (3ULL << 61)
#define GV (1ULL << 55)
#define GIOV (1ULL << 54)
#define IRQS (OLD_IRQS | 1 | 9 << 1 | 2ULL << 60)

static void set_device(struct rig *r, u32 requester, u64 q0, u64 q1)
{
	u64 at = dte_at(r, requester);

	fakemem_put(&r->s.fake, at, q0);
	fakemem_put(&r->s.fake, at + 8, q1);
	fakemem_put(&r->s.fake, at + 16, IRQS);
	fakemem_put(&r->s.fake, at + 24, 0);
}

static void set_mapped(struct rig *r, u32 requester, u64 table, u64 q1)
{
	set_device(r, requester, table | V | TV | MODE4 | RW, q1);
}

/* A GCR3 table whose PASID 0 has a table of its own. */
static u64 gcr3(struct rig *r)
{
	u64 t = rig_page(&r->s);

	fakemem_put(&r->s.fake, t, rig_page(&r->s) | 1);
	return t;
}

static u64 gcr3_low(u64 t)
{
	return (t >> 12 & 7) << 58;
}

static u64 gcr3_high(u64 t)
{
	return (t >> 15 & 0xffff) << 16 | t >> 31 << 43;
}

static void old_tables(struct rig *r)
{
	u64 good = mapped_table(r), t;
	u32 i, k;

	for (i = 0; i < 1u << r->form->segments; i++)
		for (k = 0; k < ((r->v.dev_tbl[i] & 0x1ff) + 1) * 128; k++) {
			t = (r->v.dev_tbl[i] & ~0xfffULL) + k * 32;
			fakemem_put(&r->s.fake, t, V | TV);
			fakemem_put(&r->s.fake, t + 16, 1);
		}
	set_mapped(r, DEV_MAPPED, good, 5);
	set_mapped(r, DEV_SAME, good, 5);
	set_mapped(r, DEV_BUS2, mapped_table(r), 8);
	set_device(r, DEV_PASS, V | TV | RW, 9);
	set_mapped(r, DEV_RESERVED, good | 0x40, 5);
	set_mapped(r, DEV_OUTSIDE, RAM_END + 0x5000, 10);
	t = rig_page(&r->s);
	fakemem_put(&r->s.fake, t + 8, t | 1 | 3 << 9 | RW);
	set_mapped(r, DEV_LOOP, t, 11);
	t = mapped_table(r);
	map(r, t, 0x7000000, r->s.crash + CRASH_LEN - 0x1000, 12, 1);
	set_mapped(r, DEV_CRASH, t, 12);
	set_mapped(r, DEV_ATS, good, 5 | 1ULL << 32);
	set_device(r, DEV_INVALID, 0, 0);
	t = gcr3(r);
	set_mapped(r, DEV_GUEST, mapped_table(r) | GV | gcr3_low(t),
		   14 | gcr3_high(t));
	set_device(r, DEV_NESTED, V | TV | RW | GV | GIOV | gcr3_low(t),
		   15 | gcr3_high(t));
	set_mapped(r, DEV_DOMAIN0, good, 0);
	set_mapped(r, DEV_SYSTEM, good, 5 | 1ULL << 40);
}

static void rig_memory(struct rig *r)
{
	rig_machine(&r->s, r->form->high ? CRASH_HIGH : CRASH_START);
	r->mem = (struct mem){ rig_read, rig_write, rig_store64, rig_flush };
	fakemem_put(&r->s.fake, OLD_RING, 0);
	fakemem_put(&r->s.fake, OLD_RING + 0x1000, 0);
	fakemem_put(&r->s.fake, OLD_LOG, 0);
	fakemem_put(&r->s.fake, OLD_LOG + 0x1000, 0);
	fakemem_put(&r->s.fake, OLD_STORE, 41);
}

static void rig_unit(struct rig *r)
{
	const struct form *f = r->form;
	struct model_config c = { .efr = EFR_BASE | f->efr,
				  .us_per_access = 1 };
	u32 i, pages = f->pages ? f->pages : 512u >> f->segments;

	model_init(&r->v, &r->s.fake, &c);
	for (i = 0; i < 1u << f->segments; i++)
		r->v.dev_tbl[i] = (OLD_TABLE + i * (u64)pages * 0x1000) |
				  (pages - 1);
	r->n = pages * 128 << f->segments;
	r->v.cmd_buf = OLD_RING | 9ULL << 56;
	r->v.evt_log = OLD_LOG | 9ULL << 56;
	r->v.control = (f->off ? 0 : 0x1005) | (f->incoherent ? 0 : 0x400) |
		       GT_ON | GA_ON | (u64)f->segments << 34;
	r->v.status = f->off ? 0 : 0x18;
	r->v.cmd_head = r->v.cmd_tail = 0x1f00;
	if (f->efr & SNP)
		r->v.excl_base = r->v.excl_limit = OLD_STORE;
	r->v.broken = f->broken;
}

static struct model_dma dma(struct switch_rig *s, u32 requester, u64 iova,
			    bool write)
{
	return model_dma(&((struct rig *)s)->v, requester, iova, write);
}

static void rig_up(struct rig *r, const struct form *f, u32 mode)
{
	memset(r, 0, sizeof(*r));
	r->form = f;
	r->s.form = f->name;
	r->s.vendor = IOMMU_VENDOR_AMDVI;
	r->s.wrong = r->v.wrong;
	r->s.dma = dma;
	rig_memory(r);
	rig_unit(r);
	old_tables(r);
	rig_ask(&r->s, &r->mem, &r->v.mmio, mode);
}

static const u32 all_devices[] = {
	DEV_MAPPED, DEV_PASS,	 DEV_RESERVED, DEV_OUTSIDE, DEV_LOOP,
	DEV_CRASH,  DEV_ATS,	 DEV_SAME,     DEV_INVALID, DEV_GUEST,
	DEV_NESTED, DEV_DOMAIN0, DEV_SYSTEM,   DEV_BLANK,   DEV_BUS2,
};
static const u64 some_iovas[] = {
	0,	     IOVA_4K,	 IOVA_RO,	 IOVA_2M,      0x800000,
	CRASH_START, 0xfffff000, RAM_END - 4096, 0x3ffffff000, CRASH_HIGH,
};

static void check_copy(struct rig *r)
{
	static const u32 bad[] = { DEV_RESERVED, DEV_OUTSIDE, DEV_LOOP,
				   DEV_CRASH,	 DEV_ATS,     DEV_NESTED,
				   DEV_DOMAIN0,	 DEV_BLANK };
	static const u32 good[] = { DEV_MAPPED, DEV_SAME, DEV_BUS2, DEV_GUEST,
				    DEV_SYSTEM };
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(all_devices) && r->form->off; i++)
		pass_is_guarded(&r->s, all_devices[i]);
	if (r->form->off) {
		assert_int_equal(r->s.res.guarded, r->n);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		lands(&r->s, good[i], IOVA_4K + 8, PA_4K + 8);
		lands(&r->s, good[i], IOVA_2M + 0x12348, PA_2M + 0x12348);
		blocked(&r->s, good[i], IOVA_RO, true);
		blocked(&r->s, good[i], r->s.crash, true);
		blocked(&r->s, good[i], 0, false);
	}
	pass_is_guarded(&r->s, DEV_PASS);
	pass_is_guarded(&r->s, DEV_INVALID);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		for (k = 0; k < ARRAY_SIZE(some_iovas); k++)
			blocked(&r->s, bad[i], some_iovas[k], k & 1);
	assert_int_equal(r->s.res.kept, 5);
	assert_int_equal(r->s.res.guarded, 2);
	assert_int_equal(r->s.res.aborted, 7);
	/* ATS and PASIDs are stale, not bad; GIOV is where it is not known. */
	assert_int_equal(r->s.res.bad, r->form->efr & GIO ? 5 : 6);
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
				      r->s.scratch + 0x10);
		}
	}
	assert_int_equal(mode == IOMMU_MODE_ABORT ? r->s.res.aborted
						  : r->s.res.sunk,
			 r->n);
}

/* Fills the unit's caches through the old tables. */
static void warm(struct rig *r)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all_devices); i++) {
		model_dma(&r->v, all_devices[i], IOVA_4K, true);
		model_dma(&r->v, all_devices[i], r->s.crash, true);
	}
	model_dma(&r->v, DEV_CRASH, 0x7000000, false);
	r->v.evt_head = r->v.evt_tail;
	r->v.status &= ~1ULL;
}

static u64 need(struct rig *r)
{
	return rig_need(&r->s, (struct iommu_demand){ .requesters = 14 });
}

/* Every entry is valid, of a domain, and its interrupts are what they were. */
static void check_table(struct rig *r)
{
	u32 i, id, each = r->n >> r->form->segments;
	u64 at;

	for (i = 0; i < r->n; i++) {
		id = i / each << (16 - r->form->segments) | i % each;
		at = dte_at(r, id);
		assert_true(fakemem_get(&r->s.fake, at) & 1);
		assert_true(fakemem_get(&r->s.fake, at + 8) & 0xffff);
		assert_true(fakemem_get(&r->s.fake, at + 8) >> 34 & 1);
		if (r->form->off)
			continue;
		if (id == DEV_SYSTEM)
			assert_true(fakemem_get(&r->s.fake, at) >> 62 & 1);
		if (id == DEV_MAPPED || id == DEV_PASS)
			assert_int_equal(fakemem_get(&r->s.fake, at + 16),
					 IRQS);
		assert_true(fakemem_get(&r->s.fake, at + 16) & 1);
	}
}

static bool in_place(const struct form *f)
{
	return f->high || f->broken & MODEL_TABLE_LOCKED;
}

static void check_registers(struct rig *r, u64 before)
{
	assert_int_equal(r->s.res.root_before, before);
	assert_int_equal(r->s.res.root_after, r->v.dev_tbl[0]);
	assert_int_equal(r->v.dev_tbl[0] & 0xfff, before & 0xfff);
	if (in_place(r->form))
		assert_int_equal(r->v.dev_tbl[0], before);
	else
		assert_int_not_equal(r->v.dev_tbl[0], before);
	assert_true(r->v.dev_tbl[0] < GIB(4));
	assert_int_equal(r->v.control & 0x1001, 0x1001);
	assert_int_equal(r->v.cmd_buf, OLD_RING | 9ULL << 56);
	assert_int_equal(r->v.evt_log, OLD_LOG | 9ULL << 56);
	assert_int_equal(r->v.cmd_head, r->v.cmd_tail);
	assert_int_equal(model_pending_events(&r->v), 0);
}

static void one_form(const struct form *f, u32 mode)
{
	struct rig *r = &rig;
	u64 before, bound;

	rig_up(r, f, mode);
	warm(r);
	before = r->v.dev_tbl[0];
	bound = need(r);
	rig_quiesce(&r->s);
	if (r->s.res.outcome != IOMMU_DONE)
		fail_msg("%s, %s: outcome %u, %s at level %#x %#llx", f->name,
			 iommu_mode_name(mode), r->s.res.outcome,
			 iommu_err_text(r->s.res.err), r->s.res.evidence.level,
			 (unsigned long long)r->s.res.evidence.where);
	assert_int_equal(r->s.res.err, 0);
	check_registers(r, before);
	check_table(r);
	if (r->s.arena.used > bound)
		fail_msg("%s, %s: used %#llx of %#llx", f->name,
			 iommu_mode_name(mode),
			 (unsigned long long)r->s.arena.used,
			 (unsigned long long)bound);
	if (mode == IOMMU_MODE_COPY)
		check_copy(r);
	else
		check_all(r, mode);
	assert_int_equal(model_pending_events(&r->v), 0);
	rig_down(&r->s);
}

static const struct form forms[] = {
	{ "new table", IA, false, false, 0, 8, 0, false },
	{ "new table of all", IA, false, false, 0, 0, 0, false },
	{ "in place", IA, true, false, 0, 8, 0, false },
	{ "in place, all", IA, true, false, 0, 0, 0, false },
	{ "without IA", 0, false, false, 0, 8, 0, false },
	{ "in place without IA", 0, true, false, 0, 8, 0, false },
	{ "SNP", IA | SNP, false, false, 0, 8,
	  MODEL_TABLE_LOCKED | MODEL_STORE_IN_RANGE, false },
	{ "SNP, in place", IA | SNP, true, false, 0, 8,
	  MODEL_TABLE_LOCKED | MODEL_STORE_IN_RANGE, false },
	{ "off", IA, false, true, 0, 8, 0, false },
	{ "off, in place", IA, true, true, 0, 8, 0, false },
	{ "two segments", IA, false, false, 1, 8, 0, false },
	{ "eight segments", IA, false, false, 3, 8, 0, false },
	{ "eight segments in place", IA, true, false, 3, 8, 0, false },
	{ "not coherent", IA, false, false, 0, 8, 0, true },
	{ "not coherent, in place", IA, true, false, 0, 8, 0, true },
	{ "guest I/O", IA | GIO, false, false, 0, 8, 0, false },
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

#define NEW (&forms[0])
#define PLACE (&forms[2])
static const struct form no_ia = { "no IA", 0, false, false, 0, 8, 0, false };

/* Record touches nothing: no write reaches a register or memory. */
static void test_record(void **state)
{
	struct rig *r = &rig;
	u64 writes;

	(void)state;
	rig_up(r, NEW, IOMMU_MODE_RECORD);
	model_dma(&r->v, DEV_BLANK, 0x1000, true);
	writes = r->s.fake.writes;
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_READ_ONLY);
	assert_int_equal(r->s.fake.writes, writes);
	assert_int_equal(r->v.writes, 0);
	assert_int_equal(model_pending_events(&r->v), 1);
	rig_down(&r->s);
}

/* Each bad entry is told of with the rule it breaks and where. */
static void test_reports(void **state)
{
	static const struct {
		u32 requester, err, mode;
	} want[] = {
		{ DEV_PASS, IOMMU_OK, IOMMU_MODE_COPY },
		{ DEV_INVALID, IOMMU_OK, IOMMU_MODE_COPY },
		{ DEV_RESERVED, IOMMU_ERESERVED, IOMMU_MODE_ABORT },
		{ DEV_OUTSIDE, IOMMU_EADDRESS, IOMMU_MODE_ABORT },
		{ DEV_LOOP, IOMMU_ELOOP, IOMMU_MODE_ABORT },
		{ DEV_CRASH, IOMMU_ERESERVATION, IOMMU_MODE_ABORT },
		{ DEV_ATS, IOMMU_ESTALE, IOMMU_MODE_ABORT },
		{ DEV_GUEST, IOMMU_ESTALE, IOMMU_MODE_COPY },
		{ DEV_NESTED, IOMMU_ERESERVED, IOMMU_MODE_ABORT },
		{ DEV_DOMAIN0, IOMMU_EFORM, IOMMU_MODE_ABORT },
	};
	const struct form *both[] = { NEW, PLACE };
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
		p = reported(&r->s, DEV_RESERVED);
		assert_int_equal(p->ev.where, OLD_TABLE + DEV_RESERVED * 32);
		assert_int_equal(p->ev.raw_words, 4);
		p = reported(&r->s, DEV_LOOP);
		assert_int_equal(p->ev.level, 4);
		assert_int_equal(p->ev.raw[0],
				 fakemem_get(&r->s.fake, p->ev.where));
		rig_down(&r->s);
	}
}

/* What the notes get of an edited table is all that it was, in few records. */
static void test_notes_have_the_table(void **state)
{
	static u64 before[1024][4];
	const struct iommu_evidence *was;
	struct rig *r = &rig;
	u32 i, k, n, id;
	u64 at;

	(void)state;
	for (k = 0; k < 3; k++) {
		rig_up(r, PLACE, IOMMU_MODE_COPY + k);
		fakemem_put(&r->s.fake, dte_at(r, 0x3f0) + 16, 0x77);
		for (i = 0; i < r->n * 4; i++)
			before[i / 4][i % 4] =
				fakemem_get(&r->s.fake, dte_at(r, 0) + i * 8);
		rig_quiesce(&r->s);
		assert_true(r->s.was_n <= 2 * 15 + 3);
		for (i = n = 0; i < r->s.was_n; i++) {
			was = &r->s.was[i];
			for (at = 0; !at || at < was->iova; at++, n++) {
				id = was->requester + at;
				assert_int_equal(dte_at(r, id),
						 was->where + at * 32);
				assert_memory_equal(before[id], was->raw, 32);
			}
		}
		assert_int_equal(n, r->n);
		rig_down(&r->s);
	}
}

/* --- single devices --- */

static const struct iommu_override some_overrides[] = {
	{ .unit = 0, .requester = DEV_MAPPED, .mode = IOMMU_MODE_ABORT },
	{ .unit = 3, .requester = 0, .mode = IOMMU_MODE_ABORT },
	{ .unit = 3, .requester = DEV_MAPPED, .mode = IOMMU_MODE_COPY },
	{ .unit = 3, .requester = DEV_PASS, .mode = IOMMU_MODE_COPY },
	{ .unit = 3, .requester = DEV_CRASH, .mode = IOMMU_MODE_COPY },
	{ .unit = 3, .requester = DEV_BLANK, .mode = IOMMU_MODE_COPY },
	{ .unit = 4, .requester = 0, .mode = IOMMU_MODE_ABORT },
	{ .unit = 4, .requester = DEV_PASS, .mode = IOMMU_MODE_COPY },
	{ .unit = 4, .requester = DEV_SAME, .mode = IOMMU_MODE_ABORT },
	{ .unit = 4, .requester = DEV_BUS2, .mode = IOMMU_MODE_COPY },
	{ .unit = 4, .requester = 0xffff, .mode = IOMMU_MODE_ABORT },
};

static void test_overrides(void **state)
{
	struct rig *r = &rig;
	size_t k;
	u64 bound;

	(void)state;
	for (k = 0; k < ARRAY_SIZE(forms); k++) {
		if (forms[k].off)
			continue;
		rig_up(r, &forms[k], IOMMU_MODE_SINK);
		r->s.q.unit = 3;
		r->s.q.overrides = some_overrides;
		r->s.q.overrides_n = ARRAY_SIZE(some_overrides);
		warm(r);
		bound = need(r);
		rig_quiesce(&r->s);
		assert_int_equal(r->s.res.outcome, IOMMU_DONE);
		blocked(&r->s, 0, 0x1000, true);
		lands(&r->s, DEV_MAPPED, IOVA_4K, PA_4K);
		blocked(&r->s, DEV_MAPPED, 0, true);
		pass_is_guarded(&r->s, DEV_PASS);
		blocked(&r->s, DEV_CRASH, IOVA_4K, true);
		blocked(&r->s, DEV_BLANK, IOVA_4K, true);
		lands(&r->s, DEV_SAME, IOVA_4K, r->s.scratch);
		lands(&r->s, DEV_BUS2, IOVA_4K, r->s.scratch);
		assert_int_equal(r->s.res.kept, 1);
		assert_int_equal(r->s.res.guarded, 1);
		assert_int_equal(r->s.res.aborted, 3);
		assert_int_equal(r->s.res.sunk, r->n - 5);
		assert_true(r->s.arena.used <= bound);
		rig_down(&r->s);
	}
}

/* The second unit of a segment, with the registers that the first one had. */
static void second_unit(struct rig *r, struct amdvi_model *first)
{
	*first = r->v;
	rig_unit(r);
	r->v.cmd_buf = (OLD_RING + 0x2000) | 9ULL << 56;
	fakemem_put(&r->s.fake, OLD_RING + 0x2000, 0);
	fakemem_put(&r->s.fake, OLD_RING + 0x3000, 0);
	warm(r);
	r->s.q.unit = 4;
}

/* All units of a segment end with one table, and each device as it should. */
static void test_segment(void **state)
{
	static struct amdvi_model first;
	struct rig *r = &rig;
	size_t k;

	(void)state;
	for (k = 0; k < ARRAY_SIZE(forms); k++) {
		if (forms[k].off)
			continue;
		rig_up(r, &forms[k], IOMMU_MODE_SINK);
		r->s.q.overrides = some_overrides;
		r->s.q.overrides_n = ARRAY_SIZE(some_overrides);
		r->s.q.unit = 3;
		warm(r);
		rig_quiesce(&r->s);
		assert_int_equal(r->s.res.outcome, IOMMU_DONE);
		second_unit(r, &first);
		if (!in_place(&forms[k]))
			lands(&r->s, DEV_BUS2, IOVA_4K, PA_4K);
		rig_quiesce(&r->s);
		if (r->s.res.outcome != IOMMU_DONE)
			fail_msg("%s: outcome %u, %s", forms[k].name,
				 r->s.res.outcome,
				 iommu_err_text(r->s.res.err));
		assert_memory_equal(r->v.dev_tbl, first.dev_tbl,
				    sizeof(first.dev_tbl));
		lands(&r->s, DEV_BUS2, IOVA_4K, PA_4K);
		blocked(&r->s, DEV_BUS2, 0, true);
		pass_is_guarded(&r->s, DEV_PASS);
		blocked(&r->s, DEV_SAME, IOVA_4K, true);
		lands(&r->s, DEV_RESERVED, IOVA_4K, r->s.scratch);
		assert_int_equal(r->s.res.kept, 1);
		assert_int_equal(r->s.res.guarded, 1);
		/* The first one's are as they were. */
		lands(&r->s, DEV_MAPPED, IOVA_4K, PA_4K);
		r->v = first;
		lands(&r->s, DEV_MAPPED, IOVA_4K, PA_4K);
		lands(&r->s, DEV_RESERVED, IOVA_4K, r->s.scratch);
		rig_down(&r->s);
	}
}

/* Two units that say otherwise of one table have none in common. */
static void test_segment_of_two_forms(void **state)
{
	static const struct form large = { "large", IA, false, false,
					   0,	    16, 0,     false };
	static const struct form off = {
		"off", IA, false, true, 0, 8, 0, false
	};
	static const struct {
		const struct form *first, *second;
	} c[] = { { NEW, &large }, { &off, NEW }, { &no_ia, &large } };
	static struct amdvi_model first;
	struct rig *r = &rig;
	u32 k, id;

	(void)state;
	for (k = 0; k < ARRAY_SIZE(c); k++) {
		rig_up(r, c[k].second, IOMMU_MODE_COPY);
		r->form = c[k].first;
		rig_unit(r);
		rig_quiesce(&r->s);
		assert_int_equal(r->s.res.outcome, IOMMU_DONE);
		r->form = c[k].second;
		second_unit(r, &first);
		rig_quiesce(&r->s);
		assert_int_equal(r->s.res.outcome, IOMMU_DONE);
		for (id = 0; id < r->n; id++)
			assert_true(fakemem_get(&r->s.fake, dte_at(r, id)) & 1);
		lands(&r->s, DEV_MAPPED, IOVA_4K, PA_4K);
		blocked(&r->s, DEV_BLANK, 0, true);
		blocked(&r->s, r->n - 1, 0, true);
		rig_down(&r->s);
	}
}

/* What is built for the second unit alone is flushed as well. */
static void test_segment_flushes(void **state)
{
	static const struct form incoherent[] = {
		{ "not coherent", IA, false, false, 0, 8, 0, true },
		{ "not coherent, in place", IA, true, false, 0, 8, 0, true },
	};
	static const struct iommu_override o = { .unit = 4,
						 .requester = DEV_SAME,
						 .mode = IOMMU_MODE_SINK };
	static struct amdvi_model first;
	struct rig *r = &rig;
	size_t k;

	(void)state;
	for (k = 0; k < ARRAY_SIZE(incoherent); k++) {
		rig_up(r, &incoherent[k], IOMMU_MODE_ABORT);
		r->s.q.overrides = &o;
		r->s.q.overrides_n = 1;
		r->s.q.unit = 3;
		rig_quiesce(&r->s);
		second_unit(r, &first);
		rig_quiesce(&r->s);
		assert_int_equal(r->s.res.outcome, IOMMU_DONE);
		lands(&r->s, DEV_SAME, 0x5000, r->s.scratch);
		blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
		rig_down(&r->s);
	}
}

/* What is left when the second unit takes one segment of the table alone. */
static void test_segment_in_part(void **state)
{
	static const struct form two = {
		"two segments", IA, false, false, 1, 8, 0, false
	};
	static struct amdvi_model first;
	struct rig *r = &rig;

	(void)state;
	rig_up(r, &two, IOMMU_MODE_SINK);
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	second_unit(r, &first);
	r->v.broken = MODEL_SEGMENTS_LOCKED;
	rig_quiesce(&r->s);
	assert_int_equal(r->v.dev_tbl[0], first.dev_tbl[0]);
	assert_int_equal(r->s.res.err, IOMMU_EREADBACK);
	assert_int_equal(r->s.res.outcome, IOMMU_PARTLY);
	rig_down(&r->s);
}

/* What passes by the exclusion range passes for kept entries alone. */
static void test_exclusion(void **state)
{
	static const struct {
		u64 base; /* in the crash kernel, where it is 0 */
		bool all, ex, stays;
	} c[] = {
		{ 0x5000000, true, false, true },
		{ 0x5000000, false, true, true },
		{ 0x5000000, false, false, true },
		{ 0, true, false, false },
		{ 0, false, true, false },
	};
	static const u32 modes[] = { IOMMU_MODE_ABORT, IOMMU_MODE_SINK,
				     IOMMU_MODE_COPY };
	struct rig *r = &rig;
	u64 base, q1;
	u32 i, m;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(c); i++)
		for (m = 0; m < ARRAY_SIZE(modes); m++) {
			rig_up(r, i & 1 ? PLACE : NEW, modes[m]);
			base = c[i].base ? c[i].base : r->s.crash + 0x8000000;
			r->v.excl_base = base | 1 | (c[i].all ? 2 : 0);
			r->v.excl_limit = base + 0x3000;
			q1 = fakemem_get(&r->s.fake, dte_at(r, DEV_MAPPED) + 8);
			if (c[i].ex)
				fakemem_put(&r->s.fake,
					    dte_at(r, DEV_MAPPED) + 8,
					    q1 | 1ULL << 39);
			if (c[i].all || c[i].ex)
				lands(&r->s, DEV_MAPPED, base + 0x3ff8,
				      base + 0x3ff8);
			rig_quiesce(&r->s);
			assert_int_equal(r->s.res.outcome, IOMMU_DONE);
			if (modes[m] == IOMMU_MODE_SINK)
				lands(&r->s, DEV_MAPPED, base, r->s.scratch);
			else if (modes[m] == IOMMU_MODE_COPY && c[i].stays &&
				 (c[i].all || c[i].ex))
				lands(&r->s, DEV_MAPPED, base + 0x3ff8,
				      base + 0x3ff8);
			else
				blocked(&r->s, DEV_MAPPED, base + 0x3ff8, true);
			if (modes[m] != IOMMU_MODE_SINK)
				blocked(&r->s, DEV_BLANK, base, true);
			rig_down(&r->s);
		}
}

/* --- damaged state --- */

/* DEV_TBL leads nowhere: a new table can still close the unit. */
static void test_bad_table(void **state)
{
	const u64 bases[] = { RAM_END, 0xfffffffff000ULL & (GIB(4) - 1),
			      CRASH_START + 0x5000 };
	struct rig *r = &rig;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		rig_up(r, NEW, IOMMU_MODE_COPY);
		r->v.dev_tbl[0] = bases[i] | 7;
		rig_quiesce(&r->s);
		assert_int_equal(r->s.res.outcome, IOMMU_DONE);
		assert_int_equal(r->s.res.bad, 1);
		assert_int_equal(r->s.reports, 1);
		assert_int_equal(r->s.report[0].ev.err, IOMMU_EADDRESS);
		assert_int_equal(r->s.report[0].ev.raw[0], bases[i] | 7);
		blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
		rig_down(&r->s);
	}
	/* And locked, nothing can: it is left as it is. */
	rig_up(r, NEW, IOMMU_MODE_ABORT);
	r->v.dev_tbl[0] = RAM_END | 7;
	r->v.broken = MODEL_TABLE_LOCKED;
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_LEFT);
	assert_int_equal(r->s.res.err, IOMMU_EREADBACK);
	assert_int_equal(r->s.res.root_after, RAM_END | 7);
	rig_down(&r->s);
}

/* What the load saw is believed instead, where that leads to a table. */
static void test_lost_table(void **state)
{
	static const u32 modes[] = { IOMMU_MODE_COPY, IOMMU_MODE_ABORT,
				     IOMMU_MODE_SINK };
	const struct form *both[] = { NEW, PLACE };
	struct rig *r = &rig;
	const u64 lost = 0xfffff000;
	u64 root;
	u32 k, m;

	(void)state;
	for (k = 0; k < 2; k++)
		for (m = 0; m < ARRAY_SIZE(modes); m++) {
			rig_up(r, both[k], modes[m]);
			root = r->v.dev_tbl[0];
			r->s.q.root = root;
			r->v.dev_tbl[0] = lost;
			rig_quiesce(&r->s);
			assert_int_equal(r->s.res.outcome, IOMMU_DONE);
			assert_int_equal(r->s.res.root_before, lost);
			assert_int_equal(r->v.dev_tbl[0] & 0x1ff, root & 0x1ff);
			if (both[k] == PLACE)
				assert_int_equal(r->v.dev_tbl[0], root);
			assert_int_equal(r->s.report[0].ev.err, IOMMU_EADDRESS);
			assert_int_equal(r->s.report[0].ev.level,
					 IOMMU_AT_REGISTER);
			assert_int_equal(r->s.report[0].ev.raw[0], lost);
			if (modes[m] == IOMMU_MODE_COPY) {
				assert_int_equal(r->s.report[0].mode,
						 IOMMU_MODE_COPY);
				check_copy(r);
			} else {
				check_all(r, modes[m]);
			}
			rig_down(&r->s);
		}
	/* Both lead nowhere; and a lock leaves the unit as it is. */
	rig_up(r, NEW, IOMMU_MODE_COPY);
	r->v.dev_tbl[0] = RAM_END | 7;
	r->s.q.root = CRASH_START | 7;
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
	rig_down(&r->s);
	for (k = 0; k < 2; k++) {
		rig_up(r, both[k], IOMMU_MODE_COPY);
		r->s.q.root = r->v.dev_tbl[0];
		r->v.dev_tbl[0] = RAM_END;
		r->v.broken = MODEL_TABLE_LOCKED;
		rig_quiesce(&r->s);
		assert_int_not_equal(r->s.res.outcome, IOMMU_DONE);
		assert_int_equal(r->s.res.err, IOMMU_EREADBACK);
		assert_int_equal(r->s.res.root_after, RAM_END);
		rig_down(&r->s);
	}
}

/* A table of garbage: bounded, and nothing gets into the crash kernel. */
static void test_garbage(void **state)
{
	static const u32 modes[] = { IOMMU_MODE_COPY, IOMMU_MODE_ABORT,
				     IOMMU_MODE_SINK };
	const struct form *both[] = { NEW, PLACE };
	struct rig *r = &rig;
	u64 x = 88172645463325252ULL;
	struct model_dma d;
	u32 i, k, m;

	(void)state;
	for (k = 0; k < 2; k++)
		for (m = 0; m < ARRAY_SIZE(modes); m++) {
			rig_up(r, both[k], modes[m]);
			for (i = 0; i < r->n * 4; i++) {
				x ^= x << 13;
				x ^= x >> 7;
				x ^= x << 17;
				fakemem_put(&r->s.fake, OLD_TABLE + i * 8, x);
			}
			fakemem_put(&r->s.fake, dte_at(r, DEV_MAPPED), 1);
			rig_quiesce(&r->s);
			assert_int_equal(r->s.res.outcome, IOMMU_DONE);
			for (i = 0; i < r->n; i++) {
				d = model_dma(&r->v, i, r->s.crash + 0x1000,
					      true);
				assert_false(d.landed && d.pa != r->s.scratch);
				assert_false(d.logged);
			}
			rig_down(&r->s);
		}
}

/* What an entry says behind DMA stays, unless its interrupts lead nowhere. */
static void test_interrupts(void **state)
{
	static const struct {
		u64 before, after;
	} c[] = {
		{ IRQS, IRQS },
		{ 1, 1 },
		{ 0, 0 },
		/* No stock kernel takes over a table with one of these. */
		{ 1 | 1ULL << 60, 1 },	/* all pass */
		{ IRQS & ~0x1eULL, 1 }, /* one entry */
		{ (IRQS & ~0x1eULL) | 8 << 1, 1 },
		{ (IRQS & ~0x1eULL) | 11 << 1, (IRQS & ~0x1eULL) | 11 << 1 },
		{ 7ULL << 56 | IRQS, 7ULL << 56 | IRQS }, /* INIT, NMI, ... */
		{ IRQS & ~0xffffffc0ULL, IRQS & ~0xffffffc0ULL & ~0ULL },
		{ IRQS | RAM_END, 1 },
		{ 1 | 3ULL << 60, 1 },
		{ IRQS | 0x1e, 1 }, /* 32768 entries */
		{ (IRQS & ~0xfffffc0ULL) | (CRASH_START + 0x100000), 1 },
	};
	struct rig *r = &rig;
	size_t i, m;

	(void)state;
	for (m = 0; m < 2; m++) {
		rig_up(r, NEW, m ? IOMMU_MODE_COPY : IOMMU_MODE_ABORT);
		for (i = 0; i < ARRAY_SIZE(c); i++) {
			set_mapped(r, 0x300 + i, OLD_TABLES, 5);
			fakemem_put(&r->s.fake, dte_at(r, 0x300 + i) + 16,
				    c[i].before);
			fakemem_put(&r->s.fake, dte_at(r, 0x300 + i) + 24,
				    0x77);
		}
		rig_quiesce(&r->s);
		for (i = 0; i < ARRAY_SIZE(c); i++) {
			assert_int_equal(fakemem_get(&r->s.fake,
						     dte_at(r, 0x300 + i) + 16),
					 c[i].after);
			/* Attributes of such an entry are not Linux's either. */
			assert_int_equal(fakemem_get(&r->s.fake,
						     dte_at(r, 0x300 + i) + 24),
					 c[i].before == c[i].after ? 0x77 : 0);
		}
		rig_down(&r->s);
	}
}

/* Old entries that use the ids from the top: ours keep clear of them. */
static void test_domain_ids(void **state)
{
	struct rig *r = &rig;
	u32 i;

	(void)state;
	rig_up(r, NEW, IOMMU_MODE_COPY);
	for (i = 0; i < 6; i++)
		set_mapped(r, 0x300 + i, mapped_table(r), 0xffff - i);
	warm(r);
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	for (i = 0; i < 6; i++)
		lands(&r->s, 0x300 + i, IOVA_4K, PA_4K);
	pass_is_guarded(&r->s, DEV_PASS);
	blocked(&r->s, DEV_BLANK, IOVA_4K, true);
	rig_down(&r->s);
}

/* All 16 bits used: ours come first, those that collide are aborted. */
static void test_no_free_domain_id(void **state)
{
	static const struct form all = {
		"all", IA, false, false, 0, 0, 0, false
	};
	struct rig *r = &rig;
	u64 table;
	u32 i;

	(void)state;
	rig_up(r, &all, IOMMU_MODE_COPY);
	table = mapped_table(r);
	for (i = 0; i < 0x10000; i++)
		set_mapped(r, i, table, i);
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	lands(&r->s, DEV_MAPPED, IOVA_4K, PA_4K);
	assert_int_equal(r->s.res.kept + r->s.res.aborted, 0x10000);
	assert_int_equal(r->s.res.aborted, 4); /* three of ours, and 0 */
	rig_down(&r->s);
}

static void test_check_budget(void **state)
{
	struct rig *r = &rig;

	(void)state;
	rig_up(r, NEW, IOMMU_MODE_COPY);
	r->s.q.check_budget_us = 0;
	r->v.config.us_per_look = 1;
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	blocked(&r->s, DEV_MAPPED, r->s.crash, true);
	blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
	assert_int_equal(reported(&r->s, DEV_MAPPED)->ev.err, IOMMU_EBUDGET);
	rig_down(&r->s);
}

/* Each page of the table at @root that a device's DMA goes through. */
static void tables_are_safe(struct rig *r, u32 requester, u64 root, u64 iova)
{
	u64 at = root;
	int s;

	for (s = 39; s >= 12; s -= 9) {
		blocked(&r->s, requester, at, true);
		blocked(&r->s, requester, at + 0xff8, false);
		at = fakemem_get(&r->s.fake, at + (iova >> s & 511) * 8) &
		     0xffffffffff000ULL;
	}
}

/*
 * Who passes through can't change the tables that others go through, nor the
 * device table where that stays.
 */
static void test_kept_tables_are_safe(void **state)
{
	struct rig *r = &rig;
	u64 root, lonely;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		if (forms[i].off)
			continue;
		rig_up(r, &forms[i], IOMMU_MODE_COPY);
		r->s.next = 0x9000000; /* in pages of its own */
		root = mapped_table(r);
		set_mapped(r, DEV_BLANK, root, 30);
		lonely = r->s.next;
		rig_quiesce(&r->s);
		lands(&r->s, DEV_BLANK, IOVA_4K, PA_4K);
		tables_are_safe(r, DEV_PASS, root, IOVA_4K);
		tables_are_safe(r, DEV_PASS, OLD_TABLES, IOVA_4K);
		lands(&r->s, DEV_PASS, 0x8fff000, 0x8fff000);
		lands(&r->s, DEV_PASS, lonely + 0x10000, lonely + 0x10000);
		pass_is_guarded(&r->s, DEV_PASS);
		blocked(&r->s, DEV_PASS, OLD_TABLE, true);
		if (in_place(&forms[i]))
			blocked(&r->s, DEV_PASS, dte_at(r, DEV_BUS2), true);
		rig_down(&r->s);
	}
}

/* Nor can who passes through a unit that was found off. */
static void test_edited_table_is_safe(void **state)
{
	struct rig *r = &rig;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		if (!forms[i].off)
			continue;
		rig_up(r, &forms[i], IOMMU_MODE_COPY);
		rig_quiesce(&r->s);
		assert_int_equal(r->s.res.outcome, IOMMU_DONE);
		pass_is_guarded(&r->s, DEV_PASS);
		blocked(&r->s, DEV_PASS, dte_at(r, DEV_BUS2), true);
		blocked(&r->s, DEV_PASS, OLD_RING, true);
		rig_down(&r->s);
	}
}

/* A kept table may not map the device table, which may be edited in place. */
static void test_device_table_is_safe(void **state)
{
	struct rig *r = &rig;
	u64 t;
	u32 k;

	(void)state;
	for (k = 0; k < 2; k++) {
		rig_up(r, k ? PLACE : NEW, IOMMU_MODE_COPY);
		t = mapped_table(r);
		map(r, t, 0x7000000, OLD_TABLE + 0x1000, 12, 2);
		set_mapped(r, DEV_BLANK, t, 30);
		rig_quiesce(&r->s);
		blocked(&r->s, DEV_BLANK, 0x7000000, true);
		assert_int_equal(reported(&r->s, DEV_BLANK)->ev.err,
				 IOMMU_ERESERVATION);
		rig_down(&r->s);
	}
}

/*
 * A page that one way hides from writes, and another way, over skipped levels,
 * does not.
 */
static void test_skipped_levels(void **state)
{
	struct rig *r = &rig;
	u64 root, middle, last;
	u32 k;

	(void)state;
	for (k = 0; k < 2; k++) {
		rig_up(r, k ? PLACE : NEW, IOMMU_MODE_COPY);
		root = rig_page(&r->s);
		middle = rig_page(&r->s);
		last = rig_page(&r->s);
		fakemem_put(&r->s.fake, last + 5 * 8,
			    (r->s.crash + 0x3000) | 1 | RW);
		fakemem_put(&r->s.fake, middle, last | 1 | 1 << 9 | RW);
		fakemem_put(&r->s.fake, root, middle | 1 | 3 << 9);
		fakemem_put(&r->s.fake, root + 8, last | 1 | 1 << 9 | RW);
		set_mapped(r, DEV_BLANK, root, 30);
		rig_quiesce(&r->s);
		blocked(&r->s, DEV_BLANK, (1ULL << 39) + 0x5000, true);
		assert_int_equal(reported(&r->s, DEV_BLANK)->ev.err,
				 IOMMU_ERESERVATION);
		rig_down(&r->s);
	}
}

/* --- memory runs out --- */

static void short_arena(const struct form *f, u32 mode, u32 pages)
{
	struct rig *r = &rig;
	struct model_dma d;
	size_t i;

	rig_up(r, f, mode);
	r->s.arena.area.len = (u64)pages << 12;
	rig_quiesce(&r->s);
	assert_true(r->s.arena.used <= r->s.arena.area.len);
	assert_false(fakemem_exists(&r->s.fake,
				    r->s.arena_start + r->s.arena.area.len));
	if (r->s.res.outcome == IOMMU_LEFT) {
		assert_int_equal(r->s.res.err, IOMMU_ENOSPACE);
		assert_int_equal(r->stores, 0);
		lands(&r->s, DEV_MAPPED, IOVA_4K, PA_4K);
		rig_down(&r->s);
		return;
	}
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	for (i = 0; i < ARRAY_SIZE(all_devices); i++) {
		d = model_dma(&r->v, all_devices[i], r->s.crash + 0x1000, true);
		assert_false(d.landed && d.pa != r->s.scratch);
		assert_false(d.logged);
	}
	rig_down(&r->s);
}

static void test_short_arena(void **state)
{
	u32 pages;

	(void)state;
	for (pages = 0; pages < 24; pages++) {
		short_arena(NEW, IOMMU_MODE_COPY, pages);
		short_arena(PLACE, IOMMU_MODE_COPY, pages);
		short_arena(NEW, IOMMU_MODE_SINK, pages);
		short_arena(PLACE, IOMMU_MODE_ABORT, pages);
	}
}

/*
 * A page of the old table that can't be read costs what it says: its requesters
 * are refused, though the unit had their entries cached, and the others switched.
 */
static void test_unreadable_page(void **state)
{
	static const struct iommu_range others = { DEV_BUS2, DEV_BUS2 };
	static const struct {
		const struct form *form;
		u32 outcome, err;
	} c[] = {
		{ NEW, IOMMU_DONE, IOMMU_OK },
		{ PLACE, IOMMU_PARTLY, IOMMU_EREAD },
		/* Entries are invalidated one by one. */
		{ NEW + 4, IOMMU_DONE, IOMMU_OK },
		{ PLACE + 3, IOMMU_PARTLY, IOMMU_EREAD },
	};
	struct rig *r = &rig;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(c); i++) {
		rig_up(r, c[i].form, IOMMU_MODE_ABORT);
		r->s.q.ranges = &others;
		r->s.q.ranges_n = 1;
		warm(r);
		r->s.fake.deny_read = OLD_TABLE;
		rig_quiesce(&r->s);
		assert_int_equal(r->s.res.outcome, c[i].outcome);
		assert_int_equal(r->s.res.err, c[i].err);
		blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
		blocked(&r->s, DEV_PASS, CRASH_START + 0x1000, true);
		blocked(&r->s, DEV_BUS2, IOVA_4K, true);
		rig_down(&r->s);
	}
}

/* A write that fails means no switch; a store, that it ends there. */
static void test_write_fails(void **state)
{
	struct rig *r = &rig;
	u32 n;

	(void)state;
	rig_up(r, NEW, IOMMU_MODE_ABORT);
	r->s.fake.deny_write = r->s.arena_start + 0x4000;
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_LEFT);
	assert_int_equal(r->v.writes, 0);
	lands(&r->s, DEV_MAPPED, IOVA_4K, PA_4K);
	rig_down(&r->s);
	for (n = 1; n < 24; n++) {
		rig_up(r, PLACE, IOMMU_MODE_ABORT);
		r->s.fake.stores_left = n;
		rig_quiesce(&r->s);
		assert_int_equal(r->s.res.outcome, IOMMU_PARTLY);
		assert_int_equal(r->s.res.err, IOMMU_EREAD);
		assert_int_equal(
			fakemem_get(&r->s.fake, dte_at(r, DEV_PASS)) & 1, 1);
		rig_down(&r->s);
	}
	/* Memory that can't be stored to at all: a new table, a ring of ours. */
	rig_up(r, NEW, IOMMU_MODE_ABORT);
	r->mem.store64 = NULL;
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	assert_true(span_holds(&r->s.fake.grow, r->v.cmd_buf & ~(0xfULL << 56),
			       0x2000));
	blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
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

static const struct broken broken[] = {
	{ "registers all ones", NEW, MODEL_ABSENT, IOMMU_LEFT, IOMMU_EABSENT,
	  false },
	{ "DEV_TBL takes something else", NEW, MODEL_TABLE_ODD, IOMMU_LEFT,
	  IOMMU_EREADBACK, false },
	{ "DEV_TBL locked", NEW, MODEL_TABLE_LOCKED, IOMMU_DONE, IOMMU_OK,
	  true },
	{ "ring stuck", NEW, MODEL_RING_STUCK, IOMMU_DONE, IOMMU_OK, true },
	{ "ring stuck, in place", PLACE, MODEL_RING_STUCK, IOMMU_DONE, IOMMU_OK,
	  true },
	{ "ring dead", NEW, MODEL_RING_DEAD, IOMMU_PARTLY, IOMMU_ETIMEOUT,
	  true },
	{ "ring dead, in place", PLACE, MODEL_RING_DEAD, IOMMU_PARTLY,
	  IOMMU_ETIMEOUT, true },
	{ "ring can't be stopped", NEW, MODEL_RING_STUCK | MODEL_RUN_STUCK_ON,
	  IOMMU_PARTLY, IOMMU_ETIMEOUT, true },
	{ "ring can't be started", NEW, MODEL_RING_STUCK | MODEL_RUN_STUCK_OFF,
	  IOMMU_PARTLY, IOMMU_ETIMEOUT, true },
	{ "nothing stored", NEW, MODEL_NO_STORE, IOMMU_PARTLY, IOMMU_ETIMEOUT,
	  true },
	{ "stored late", NEW, MODEL_LATE_STORE, IOMMU_DONE, IOMMU_OK, true },
	{ "a command is an error", NEW, MODEL_ILLEGAL, IOMMU_PARTLY,
	  IOMMU_EHARDWARE, true },
	{ "a command is an error, no IA", &no_ia, MODEL_ILLEGAL, IOMMU_PARTLY,
	  IOMMU_EHARDWARE, true },
	{ "events all the time", NEW, MODEL_STORM, IOMMU_DONE, IOMMU_OK, true },
};

static void break_it(const struct broken *b, u32 us_per_access)
{
	struct rig *r = &rig;
	u64 start;

	rig_up(r, b->form, IOMMU_MODE_ABORT);
	r->v.config.us_per_access = us_per_access;
	/* A late store needs a clock. */
	r->v.config.us_per_look = b->faults & MODEL_LATE_STORE;
	r->v.broken = b->faults;
	if (b->faults & (MODEL_RING_STUCK | MODEL_RING_DEAD))
		r->v.cmd_tail += 0x20;
	start = r->v.clock;
	rig_quiesce(&r->s);
	if (r->s.res.outcome != b->outcome || r->s.res.err != b->err)
		fail_msg("%s: outcome %u, %s", b->name, r->s.res.outcome,
			 iommu_err_text(r->s.res.err));
	if (b->err)
		assert_int_not_equal(r->s.res.evidence.level, 0);
	if (r->v.clock - start > r->s.q.budget_us + OVERHEAD_US)
		fail_msg("%s: took %llu us", b->name,
			 (unsigned long long)(r->v.clock - start));
	/* Eight polls a microsecond; draining reads two registers each. */
	if (r->v.accesses > 17ULL * r->s.q.budget_us + 3000 + OVERHEAD_US)
		fail_msg("%s: %llu accesses", b->name,
			 (unsigned long long)r->v.accesses);
	r->v.broken = 0;
	memset(r->v.dte, 0, sizeof(r->v.dte));
	memset(r->v.tlb, 0, sizeof(r->v.tlb));
	if (b->new_tables)
		blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
	else
		lands(&r->s, DEV_MAPPED, IOVA_4K, PA_4K);
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

/* A unit that takes its time for each command is waited for, to the bound. */
static void test_slow_commands(void **state)
{
	struct rig *r = &rig;

	(void)state;
	rig_up(r, NEW, IOMMU_MODE_ABORT);
	r->v.config.us_per_command = 4;
	warm(r);
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
	rig_down(&r->s);
	rig_up(r, NEW, IOMMU_MODE_ABORT);
	r->v.config.us_per_command = 2000;
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_PARTLY);
	assert_int_equal(r->s.res.err, IOMMU_ETIMEOUT);
	assert_true(r->v.clock < r->s.q.budget_us + OVERHEAD_US);
	rig_down(&r->s);
}

/* The command buffer as a kernel may leave it. */
static const struct {
	const char *name;
	u64 base, head, tail, control, status;
	bool own; /* it is replaced */
} ring_states[] = {
	{ "as it runs", OLD_RING | 9ULL << 56, 0x40, 0x40, 0, 0, false },
	{ "full", OLD_RING | 9ULL << 56, 0x40, 0x30, 0, 0, false },
	{ "at its end", OLD_RING | 9ULL << 56, 0x1ff0, 0x1ff0, 0, 0, false },
	{ "256 entries", OLD_RING | 8ULL << 56, 0xff0, 0xff0, 0, 0, false },
	{ "stopped", OLD_RING | 9ULL << 56, 0x40, 0x80, 0, 0x10, false },
	{ "off", OLD_RING | 9ULL << 56, 0x40, 0x40, 0x1000, 0x10, false },
	{ "tail beyond", OLD_RING | 9ULL << 56, 0x40, 0x2040, 0, 0, false },
	{ "base 0", 9ULL << 56, 0, 0, 0, 0, true },
	{ "length reserved", OLD_RING | 7ULL << 56, 0, 0, 0, 0, true },
	{ "outside RAM", RAM_END | 9ULL << 56, 0, 0, 0, 0, true },
	{ "in the crash kernel", CRASH_START | 9ULL << 56, 0, 0, 0, 0, true },
};

static void test_rings(void **state)
{
	struct rig *r = &rig;
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ring_states); i++) {
		rig_up(r, NEW, IOMMU_MODE_ABORT);
		warm(r);
		/* Waits of the dead kernel, which store nothing. */
		for (k = 0; k < 512; k++)
			fakemem_put(&r->s.fake, OLD_RING + k * 16, 1ULL << 60);
		r->v.cmd_buf = ring_states[i].base;
		r->v.cmd_head = ring_states[i].head;
		r->v.cmd_tail = ring_states[i].tail;
		r->v.control &= ~ring_states[i].control;
		r->v.status &= ~ring_states[i].status;
		rig_quiesce(&r->s);
		if (r->s.res.outcome != IOMMU_DONE)
			fail_msg("%s: outcome %u, %s", ring_states[i].name,
				 r->s.res.outcome,
				 iommu_err_text(r->s.res.err));
		blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
		if (ring_states[i].own)
			assert_true(span_holds(&r->s.fake.grow,
					       r->v.cmd_buf & ~(15ULL << 56),
					       0x2000));
		else
			assert_int_equal(r->v.cmd_buf, ring_states[i].base);
		assert_int_equal(r->v.control & 0x1001, 0x1001);
		rig_down(&r->s);
	}
	/* Nowhere, and locked: the switch is done, the caches are not empty. */
	rig_up(r, NEW, IOMMU_MODE_ABORT);
	r->v.cmd_buf = RAM_END | 9ULL << 56;
	r->v.broken = MODEL_RING_LOCKED;
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_PARTLY);
	assert_int_equal(r->s.res.err, IOMMU_EREADBACK);
	rig_down(&r->s);
}

/* Who is known to be there is told of, and who had an entry; no others. */
static void test_who_is_invalidated(void **state)
{
	static const struct iommu_range ranges[] = { { 0x100, 0x10f } };
	struct rig *r = &rig;

	(void)state;
	rig_up(r, NEW, IOMMU_MODE_ABORT);
	r->s.q.ranges = ranges;
	r->s.q.ranges_n = 1;
	/* The last command ends the ring. */
	r->v.cmd_head = r->v.cmd_tail = 0x1e00;
	r->v.broken = MODEL_HEAD_AT_END;
	warm(r);
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
	assert_int_equal(r->v.commands, 16 + 14 + 2);
	assert_int_equal(r->v.cmd_tail, 0);
	rig_down(&r->s);
}

/* --- memory that changes meanwhile --- */

#define EVIL_IOVA 0x7000000

struct changing {
	const struct form *form;
	u32 mode;
	bool override; /* the device is kept though the others are not */
	struct flicker_case c;
};

static u64 evil_table(struct rig *r)
{
	u64 table = mapped_table(r);

	map(r, table, EVIL_IOVA, r->s.crash + 0x200000, 12, 3);
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
	evil_table(r); /* where the case has it */
	f->below = r->s.q.mem;
	r->s.q.mem = &f->m;
	if (c->override) {
		r->s.q.overrides = &o;
		r->s.q.overrides_n = 1;
	}
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	for (i = 0; i < 0x80; i++) {
		d = model_dma(&r->v, i, EVIL_IOVA, true);
		if (d.landed && span_holds(&r->s.guard, d.pa, 1) &&
		    align_down(d.pa, PAGE_4K) != r->s.scratch)
			fail_msg("%s, %s: %03x lands at %#llx, evil in reads "
				 "%u to %u",
				 c->form->name, c->c.name, i,
				 (unsigned long long)d.pa, f->first, f->last);
	}
	rig_down(&r->s);
}

static void changing(const struct form *f, const struct flicker_case *c,
		     u32 *reads)
{
	static const struct {
		u32 mode;
		bool override;
	} modes[] = { { IOMMU_MODE_COPY, false },
		      { IOMMU_MODE_ABORT, false },
		      { IOMMU_MODE_SINK, false },
		      { IOMMU_MODE_ABORT, true },
		      { IOMMU_MODE_SINK, true } };
	u32 m;

	for (m = 0; m < ARRAY_SIZE(modes); m++)
		*reads += flicker_all(c, run_changing,
				      &(struct changing){ f, modes[m].mode,
							  modes[m].override,
							  *c });
}

/* What is checked is what is kept, whatever a second read would have said. */
static void test_changing_memory(void **state)
{
	struct flicker_case c[3];
	struct rig *r = &rig;
	u32 i, k, reads = 0;
	u64 where, evil;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		if (forms[i].off || !forms[i].pages)
			continue;
		rig_up(r, &forms[i], IOMMU_MODE_COPY);
		evil = evil_table(r);
		where = dte_at(r, DEV_MAPPED);
		c[0] = (struct flicker_case){ "another table",
					      where,
					      4,
					      { evil | V | TV | MODE4 | RW, 5,
						IRQS } };
		c[1] = (struct flicker_case){
			"pass-through", where, 4, { V | TV | RW, 5, IRQS }
		};
		c[2] = (struct flicker_case){ "invalid", where, 4, { 0 } };
		rig_down(&r->s);
		for (k = 0; k < ARRAY_SIZE(c); k++)
			changing(&forms[i], &c[k], &reads);
	}
	assert_true(reads > 0);
}

/* --- logs --- */

static int read_logs(struct fakemem *mem, u64 ga_tail,
		     struct iommu_fault_raw *raw, u32 *n)
{
	const u64 reg[][2] = {
		{ 0x10, OLD_LOG | 8ULL << 56 },
		{ 0x2010, 0x10 },
		{ 0x2018, 0x20 },
		{ 0x38, 0x230000 | 8ULL << 56 },
		{ 0x2030, 0xff0 },
		{ 0x2038, 0x10 },
		{ 0xe0, 0x240000 | 8ULL << 56 },
		{ 0x2040, 0 },
		{ 0x2048, ga_tail },
		{ 0x18, 1 << 2 | 1 << 13 | 1 << 28 },
	};
	struct iommu_reg room[ARRAY_SIZE(reg)];
	struct iommu_regs regs = IOMMU_REGS(room);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reg); i++)
		iommu_reg_put(&regs, (u32)reg[i][0], 8, reg[i][1]);
	return iommu_vendor(IOMMU_VENDOR_AMDVI)->events(&regs, &mem->m, raw, n);
}

/* Events, then page requests, whose log wraps, then interrupts for guests. */
static void test_logs(void **state)
{
	const struct iommu_vendor *v = iommu_vendor(IOMMU_VENDOR_AMDVI);
	struct iommu_fault_raw raw[8];
	struct iommu_fault f;
	struct fakemem mem;
	u32 n = 8;

	(void)state;
	fakemem_init(&mem);
	fakemem_put(&mem, OLD_LOG + 0x10, 2ULL << 60 | 0x18);
	fakemem_put(&mem, OLD_LOG + 0x18, 0x5123);
	fakemem_put(&mem, 0x230ff0,
		    1ULL << 60 | 1ULL << 59 | 1ULL << 55 | 3ULL << 42 |
			    0x4567ULL << 16 | 0x20);
	fakemem_put(&mem, 0x230ff8, 0x7f00123000);
	fakemem_put(&mem, 0x230000, 1ULL << 60 | 0x28);
	fakemem_put(&mem, 0x240000, 1ULL << 60 | 0x30ULL << 32 | 0xabcd);
	assert_int_equal(read_logs(&mem, 8, raw, &n), IOMMU_OK);
	assert_int_equal(n, 4);
	v->fault(&raw[0], &f);
	assert_int_equal(f.requester, 0x18);
	assert_int_equal(f.iova, 0x5000);
	assert_false(f.notice);
	v->fault(&raw[1], &f);
	assert_int_equal(f.requester, 0x20);
	assert_int_equal(f.pasid, 0x34567);
	assert_int_equal(f.iova, 0x7f00123000);
	assert_true(f.notice && f.write && f.has_pasid);
	v->fault(&raw[2], &f);
	assert_int_equal(f.requester, 0x28);
	v->fault(&raw[3], &f);
	assert_int_equal(f.requester, 0x30);
	assert_int_equal(f.iova, 0xabcd);
	assert_true(f.notice && f.interrupt);
	/* The first of what is too much; and a log that is none hides no other. */
	n = 2;
	assert_int_equal(read_logs(&mem, 8, raw, &n), IOMMU_ENOSPACE);
	assert_int_equal(n, 4);
	n = 8;
	assert_int_equal(read_logs(&mem, 0x800, raw, &n), IOMMU_OK);
	assert_int_equal(n, 3);
	fakemem_free(&mem);
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
		cmocka_unit_test(test_notes_have_the_table),
		cmocka_unit_test(test_overrides),
		cmocka_unit_test(test_segment),
		cmocka_unit_test(test_segment_of_two_forms),
		cmocka_unit_test(test_segment_flushes),
		cmocka_unit_test(test_segment_in_part),
		cmocka_unit_test(test_exclusion),
		cmocka_unit_test(test_bad_table),
		cmocka_unit_test(test_lost_table),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_interrupts),
		cmocka_unit_test(test_domain_ids),
		cmocka_unit_test(test_no_free_domain_id),
		cmocka_unit_test(test_check_budget),
		cmocka_unit_test(test_kept_tables_are_safe),
		cmocka_unit_test(test_edited_table_is_safe),
		cmocka_unit_test(test_device_table_is_safe),
		cmocka_unit_test(test_skipped_levels),
		cmocka_unit_test(test_short_arena),
		cmocka_unit_test(test_unreadable_page),
		cmocka_unit_test(test_write_fails),
		cmocka_unit_test(test_broken_units),
		cmocka_unit_test(test_clock_stands),
		cmocka_unit_test(test_slow_commands),
		cmocka_unit_test(test_rings),
		cmocka_unit_test(test_who_is_invalidated),
		cmocka_unit_test(test_changing_memory),
		cmocka_unit_test(test_logs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
