// SPDX-License-Identifier: GPL-2.0-only
/*
 * The switch at the crash against a model of the unit: what happens to each
 * stream's DMA afterwards, in every mode and form, and what a unit that does not
 * do as it should costs and leaves behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "flicker.h"
#include "lpae_model.h"
#include "smmuv3_model.h"

/* The machine */
#define OLD_L1 0x1000000ULL /* or all of a linear table */
#define OLD_L2 0x1100000ULL /* one behind the other */
#define OLD_QUEUE 0x200000ULL
#define SCRATCH CRASH_START

/* Streams by what the dead kernel left them */
#define DEV_MAPPED 0x10
#define DEV_PASS 0x18
#define DEV_CD 0x20	 /* a CD that breaks a rule */
#define DEV_OUTSIDE 0x28 /* page table outside RAM */
#define DEV_LOOP 0x30	 /* page table that contains itself */
#define DEV_CRASH 0x38	 /* maps a page of the crash reservation */
#define DEV_ATS 0x40
#define DEV_SAME 0x48 /* the same address space as DEV_MAPPED */
#define DEV_INVALID 0x50
#define DEV_SUBSTREAMS 0x58 /* CD 0 for requests without, others behind it */
#define DEV_NESTED 0x60
#define DEV_ABORT 0x68
#define DEV_DSS_PASS 0x70 /* substreams alone are translated */
#define DEV_SECOND 0x78	  /* stage 2 */
#define DEV_CD_OUTSIDE 0x80
#define DEV_EL2 0x88
#define DEV_FAR 0x208 /* mapped, in another second level */
#define DEV_NONE 0x90
#define DEV_BEYOND 0x5000

/* IDR0 */
#define S2 (1u << 0)
#define S1 (1u << 1)
#define A64 (2u << 2)
#define COHERENT (1u << 4)
#define HYP (1u << 9)
#define ATS (1u << 10)
#define ID16 (1u << 12 | 1u << 18)
#define CD2L (1u << 19)
#define TWO_LEVELS (1u << 27)
#define USUAL (S2 | S1 | A64 | COHERENT | HYP | ATS | ID16 | CD2L | TWO_LEVELS)

/* IDR5 */
#define G4K (1u << 4)
#define G16K (1u << 5)
#define G64K (1u << 6)
#define OAS_40 2u
#define OAS_44 4u
#define OAS_48 5u
#define OAS_52 6u

/* Register accesses that are no polls, with room. */
#define OVERHEAD_US 200

struct form {
	const char *name;
	u32 idr0, idr5;
	u32 split; /* 0: linear */
	u32 broken;
	bool off;  /* SMMUEN is clear, and all passes */
	bool shut; /* SMMUEN is clear, and nothing passes */
	bool e2h;
};

struct rig {
	struct switch_rig s;
	struct smmuv3_model v;
	const struct form *form;
	u64 next_l2;
};

static struct rig rig;

/* --- what the dead kernel left --- */

#define TABLE_BITS 11 /* streams, as log2 */

static u64 ste_at(struct rig *r, u32 stream)
{
	u32 split = r->form->split;
	u64 e;

	if (!split)
		return OLD_L1 + stream * 64ULL;
	e = OLD_L1 + (stream >> split) * 8ULL;
	if (!fakemem_get(&r->s.fake, e)) {
		fakemem_put(&r->s.fake, e, r->next_l2 | (split + 1));
		fakemem_put(&r->s.fake, r->next_l2, 0);
		r->next_l2 += 64ULL << split;
	}
	return (fakemem_get(&r->s.fake, e) & ~0x3fULL) +
	       (stream & ((1u << split) - 1)) * 64ULL;
}

static bool full_pages(const struct form *f)
{
	return f->idr5 & G4K;
}

#define CD_0                                                         \
	(16ULL | 1ULL << 30 | 1ULL << 31 | 5ULL << 32 | 1ULL << 41 | \
	 1ULL << 45 | 1ULL << 46)

static u64 cd(struct rig *r, u64 table, u32 asid)
{
	u64 at = rig_page(&r->s);

	fakemem_put(&r->s.fake, at, CD_0 | (u64)asid << 48);
	fakemem_put(&r->s.fake, at + 8, table);
	fakemem_put(&r->s.fake, at + 24, 0xff44);
	return at;
}

static void set_ste(struct rig *r, u32 stream, u64 q0, u64 q1, u64 q2, u64 q3)
{
	u64 at = ste_at(r, stream);

	fakemem_put(&r->s.fake, at, q0);
	fakemem_put(&r->s.fake, at + 8, q1);
	fakemem_put(&r->s.fake, at + 16, q2);
	fakemem_put(&r->s.fake, at + 24, q3);
}

#define V 1ULL
#define CONFIG(n) ((u64)(n) << 1)
#define STRW_EL2 (2ULL << 30)

static void set_mapped(struct rig *r, u32 stream, u64 table, u32 asid)
{
	set_ste(r, stream, V | CONFIG(5) | cd(r, table, asid), 0, 0, 0);
}

/* VTCR of 44 bits, 4 KiB, from level 0 */
#define S2_44(vmid)                                                    \
	((vmid) | 20ULL << 32 | 2ULL << 38 | 4ULL << 48 | 1ULL << 51 | \
	 1ULL << 58)

static void old_tables(struct rig *r)
{
	u64 good = lpae_mapped_table(&r->s, false), t, at;

	set_mapped(r, DEV_MAPPED, good, 5);
	set_mapped(r, DEV_SAME, good, 5);
	set_mapped(r, DEV_FAR, lpae_mapped_table(&r->s, false), 6);
	set_ste(r, DEV_PASS, V | CONFIG(4), 0, 0, 0);
	at = cd(r, good, 7);
	fakemem_put(&r->s.fake, at,
		    fakemem_get(&r->s.fake, at) & ~(1ULL << 41));
	set_ste(r, DEV_CD, V | CONFIG(5) | at, 0, 0, 0);
	set_mapped(r, DEV_OUTSIDE, RAM_END + 0x5000, 8);
	t = rig_page(&r->s);
	fakemem_put(&r->s.fake, t + 8, t | 3);
	set_mapped(r, DEV_LOOP, t, 9);
	t = lpae_mapped_table(&r->s, false);
	lpae_map(&r->s, t, 0x7000000, r->s.crash + CRASH_LEN - 0x1000, 12, true,
		 false);
	set_mapped(r, DEV_CRASH, t, 10);
	set_ste(r, DEV_ATS, V | CONFIG(5) | cd(r, good, 5), 1ULL << 28, 0, 0);
	set_ste(r, DEV_INVALID, 0, 0, 0, 0);
	set_ste(r, DEV_SUBSTREAMS,
		V | CONFIG(5) | cd(r, lpae_mapped_table(&r->s, false), 11) |
			3ULL << 59,
		2, 0, 0);
	t = lpae_mapped_table(&r->s, true);
	set_ste(r, DEV_SECOND, V | CONFIG(6), 0, S2_44(3ULL), t);
	set_ste(r, DEV_NESTED, V | CONFIG(7) | cd(r, good, 5), 0, S2_44(4ULL),
		t);
	/* Its CD lies where stage 2 maps it. */
	at = fakemem_get(&r->s.fake, ste_at(r, DEV_NESTED)) & ~0xfffULL;
	lpae_map(&r->s, t, at, at, 12, false, true);
	set_ste(r, DEV_ABORT, V, 0, 0, 0);
	set_ste(r, DEV_DSS_PASS, V | CONFIG(5) | cd(r, good, 5) | 3ULL << 59, 1,
		0, 0);
	set_ste(r, DEV_CD_OUTSIDE, V | CONFIG(5) | (RAM_END + 0x40), 0, 0, 0);
	set_ste(r, DEV_EL2,
		V | CONFIG(5) | cd(r, lpae_mapped_table(&r->s, false), 12),
		STRW_EL2, 0, 0);
}

static struct model_dma dma(struct switch_rig *s, u32 stream, u64 iova,
			    bool write)
{
	return model_dma(&((struct rig *)s)->v, stream, iova, write);
}

static void rig_unit(struct rig *r)
{
	const struct form *f = r->form;
	struct model_config c = { .idr0 = f->idr0,
				  .idr1 = 16 | 5 << 6 | 8 << 21,
				  .idr5 = f->idr5,
				  .us_per_access = 1 };

	model_init(&r->v, &r->s.fake, &c);
	r->v.strtab_base = OLD_L1 | 1ULL << 62;
	r->v.strtab_cfg = TABLE_BITS | (f->split ? 1 << 16 | f->split << 6 : 0);
	r->v.cmdq_base = OLD_QUEUE | 8;
	r->v.cmdq_prod = r->v.cmdq_cons = 0x105;
	r->v.cr0 = r->v.cr0ack = f->off || f->shut ? 0 : 0xf;
	r->v.gbpa = f->shut ? 1u << 20 : 0x1000;
	r->v.irq_ctrl = r->v.irq_ack = 7;
	r->v.cr2 = f->e2h;
	r->v.broken = f->broken;
}

static void rig_up(struct rig *r, const struct form *f, u32 mode)
{
	u32 i;

	memset(r, 0, sizeof(*r));
	r->form = f;
	rig_machine(&r->s, CRASH_START);
	r->s.form = f->name;
	r->s.vendor = IOMMU_VENDOR_SMMUV3;
	r->s.wrong = r->v.wrong;
	r->s.dma = dma;
	r->next_l2 = OLD_L2;
	for (i = 0; i < 64; i++)
		fakemem_put(&r->s.fake, OLD_L1 + i * 0x1000, 0);
	fakemem_put(&r->s.fake, OLD_QUEUE, 0);
	rig_unit(r);
	old_tables(r);
	rig_ask(&r->s, &r->s.fake.m, &r->v.mmio, mode);
}

/* --- what must be so --- */

static const u32 all_devices[] = {
	DEV_MAPPED,	DEV_PASS,  DEV_CD,	 DEV_OUTSIDE, DEV_LOOP,
	DEV_CRASH,	DEV_ATS,   DEV_SAME,	 DEV_INVALID, DEV_SUBSTREAMS,
	DEV_NESTED,	DEV_ABORT, DEV_DSS_PASS, DEV_SECOND,  DEV_EL2,
	DEV_CD_OUTSIDE, DEV_FAR,   DEV_NONE,
};
static const u64 some_iovas[] = {
	0,	     IOVA_4K,	 IOVA_RO,	   IOVA_2M,	 0x800000,
	CRASH_START, 0xfffff000, RAM_END - 0x1000, 0x3ffffff000,
};

static void check_copy(struct rig *r)
{
	static const u32 good[] = { DEV_MAPPED,	    DEV_SAME, DEV_FAR,
				    DEV_SUBSTREAMS, DEV_EL2,  DEV_SECOND };
	static const u32 bad[] = { DEV_CD,     DEV_OUTSIDE,    DEV_LOOP,
				   DEV_CRASH,  DEV_ATS,	       DEV_NESTED,
				   DEV_ABORT,  DEV_CD_OUTSIDE, DEV_NONE,
				   DEV_INVALID };
	bool second = r->form->idr0 & S2;
	u32 n = second ? ARRAY_SIZE(good) : ARRAY_SIZE(good) - 1;
	size_t i, k;

	for (i = 0; i < n; i++) {
		lands(&r->s, good[i], IOVA_4K + 8, PA_4K + 8);
		lands(&r->s, good[i], IOVA_2M + 0x12348, PA_2M + 0x12348);
		blocked(&r->s, good[i], IOVA_RO, true);
		blocked(&r->s, good[i], r->s.crash, true);
		blocked(&r->s, good[i], 0, false);
	}
	pass_is_guarded(&r->s, DEV_PASS);
	pass_is_guarded(&r->s, DEV_DSS_PASS);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		for (k = 0; k < ARRAY_SIZE(some_iovas); k++)
			blocked(&r->s, bad[i], some_iovas[k], k & 1);
	assert_int_equal(r->s.res.kept, n);
	assert_int_equal(r->s.res.guarded, 2);
	assert_int_equal(r->s.res.aborted, second ? 7 : 8);
	/* What is ATS or nested is stale, not bad. */
	assert_int_equal(r->s.res.bad, second ? 5 : 7);
}

/* Pages that are larger than the scratch page end in one of our own. */
static void sinks(struct rig *r, u32 stream, u64 iova)
{
	struct model_dma d = model_dma(&r->v, stream, iova, true);

	if (full_pages(r->form))
		lands(&r->s, stream, iova, r->s.scratch + iova % PAGE_4K);
	else if (!d.landed || !span_holds(&r->s.fake.grow, d.pa, 8))
		fail_msg("%s: %03x: %#llx does not end in our page",
			 r->form->name, stream, (unsigned long long)iova);
}

static void check_all(struct rig *r, u32 mode)
{
	u32 n = r->form->off || r->form->shut ? 1u << 16 : 1u << TABLE_BITS;
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(all_devices); i++)
		for (k = 0; k < ARRAY_SIZE(some_iovas); k++) {
			if (mode == IOMMU_MODE_ABORT)
				blocked(&r->s, all_devices[i], some_iovas[k],
					k & 1);
			else
				sinks(r, all_devices[i], some_iovas[k] + 0x10);
		}
	assert_int_equal(
		mode == IOMMU_MODE_ABORT ? r->s.res.aborted : r->s.res.sunk, n);
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
	r->v.events = 0;
}

static u64 need(struct rig *r)
{
	return rig_need(&r->s, (struct iommu_demand){ .requesters = 18 });
}

/* The window without GBPA: as many accesses as a case on QEMU 7.2 shows. */
#define WINDOW_MAX 12

static void check_registers(struct rig *r)
{
	assert_int_equal(r->s.res.root_before, OLD_L1 | 1ULL << 62);
	assert_int_equal(r->s.res.root_after, r->v.strtab_base);
	assert_int_equal(r->v.irq_ctrl, 0);
	assert_int_equal(r->v.cr0ack, r->form->idr0 & ATS ? 0x19 : 9);
	assert_int_equal(r->v.cmdq_prod, r->v.cmdq_cons);
	assert_int_equal(r->v.syncs, 1);
	assert_true(span_holds(&r->s.fake.grow,
			       r->v.cmdq_base & 0xfffffffffffe0ULL, 0x1000));
	if (!(r->form->broken & MODEL_NO_GBPA))
		assert_int_equal(r->v.gbpa >> 20 & 1, 1);
	if (r->form->split == 8 && !r->form->off && !r->form->shut)
		assert_int_equal(r->v.strtab_cfg,
				 TABLE_BITS | 1 << 16 | 8 << 6);
	if (!r->form->off)
		assert_in_range(r->v.passing, 0,
				r->form->broken & MODEL_NO_GBPA ? WINDOW_MAX
								: 0);
	assert_int_equal(r->v.events, 0);
}

/* A device's own translations are believed by nobody. */
static void check_translated(struct rig *r)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all_devices); i++)
		assert_false(model_translated(&r->v, all_devices[i]));
}

static void one_form(const struct form *f, u32 mode)
{
	struct rig *r = &rig;
	u64 bound;
	size_t i;

	rig_up(r, f, mode);
	warm(r);
	bound = need(r);
	r->v.passing = 0;
	rig_quiesce(&r->s);
	if (r->s.res.outcome != IOMMU_DONE)
		fail_msg("%s, %s: outcome %u, %s at level %#x %#llx", f->name,
			 iommu_mode_name(mode), r->s.res.outcome,
			 iommu_err_text(r->s.res.err), r->s.res.evidence.level,
			 (unsigned long long)r->s.res.evidence.where);
	check_registers(r);
	check_translated(r);
	if (r->s.arena.used > bound)
		fail_msg("%s, %s: used %#llx of %#llx", f->name,
			 iommu_mode_name(mode),
			 (unsigned long long)r->s.arena.used,
			 (unsigned long long)bound);
	if (mode != IOMMU_MODE_COPY)
		check_all(r, mode);
	else if (f->off)
		for (i = 0; i < ARRAY_SIZE(all_devices); i++)
			pass_is_guarded(&r->s, all_devices[i]);
	else if (f->shut)
		for (i = 0; i < ARRAY_SIZE(all_devices); i++)
			blocked(&r->s, all_devices[i], IOVA_4K, true);
	else if (full_pages(f))
		check_copy(r);
	if (!f->off && !f->shut)
		blocked(&r->s, DEV_BEYOND, 0x1000, true);
	assert_int_equal(r->v.events, 0);
	rig_down(&r->s);
}

static const struct form forms[] = {
	{ "two levels", USUAL, G4K | OAS_44, 8, 0, false, false, false },
	{ "linear", USUAL, G4K | OAS_44, 0, 0, false, false, false },
	{ "no two levels", USUAL & ~TWO_LEVELS, G4K | OAS_44, 0, 0, false,
	  false, false },
	{ "split 6", USUAL, G4K | OAS_44, 6, 0, false, false, false },
	{ "split 10", USUAL, G4K | OAS_44, 10, 0, false, false, false },
	{ "stage 1 alone", USUAL & ~S2, G4K | OAS_44, 8, 0, false, false,
	  false },
	{ "stage 1 alone, linear", USUAL & ~S2, G4K | OAS_44, 0, 0, false,
	  false, false },
	{ "8-bit ids", USUAL & ~ID16, G4K | OAS_44, 8, 0, false, false, false },
	{ "no GBPA", USUAL, G4K | OAS_44, 8, MODEL_NO_GBPA, false, false,
	  false },
	{ "not coherent", USUAL & ~COHERENT, G4K | OAS_44, 8, 0, false, false,
	  false },
	{ "no ATS, no EL2", USUAL & ~(ATS | HYP), G4K | OAS_44, 8, 0, false,
	  false, false },
	{ "E2H", USUAL, G4K | OAS_44, 8, 0, false, false, true },
	{ "48 bits", USUAL, G4K | OAS_48, 8, 0, false, false, false },
	{ "52 bits", USUAL, G4K | G64K | OAS_52, 8, 0, false, false, false },
	{ "16K pages", USUAL, G16K | OAS_44, 8, 0, false, false, false },
	{ "64K pages", USUAL, G64K | OAS_48, 8, 0, false, false, false },
	{ "64K pages, stage 1", USUAL & ~S2, G64K | OAS_48, 8, 0, false, false,
	  false },
	{ "off", USUAL, G4K | OAS_44, 8, 0, true, false, false },
	{ "off, stage 1", USUAL & ~S2, G4K | OAS_44, 8, 0, true, false, false },
	{ "off, no GBPA", USUAL, G4K | OAS_44, 8, MODEL_NO_GBPA, true, false,
	  false },
	{ "off, linear", USUAL & ~TWO_LEVELS, G4K | OAS_44, 0, 0, true, false,
	  false },
	{ "shut", USUAL, G4K | OAS_44, 8, 0, false, true, false },
	{ "slow", USUAL, G4K | OAS_44, 8, MODEL_LATE, false, false, false },
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

#define TWO (&forms[0])
#define LINEAR (&forms[1])
#define FIRST (&forms[5])
#define OPEN (&forms[8])

/* 40 bits of output: stage 2 starts with tables side by side. */
static void test_narrow(void **state)
{
	static const struct form narrow = { "40 bits", USUAL, G4K | OAS_40,
					    8,	       0,     false,
					    false,     false };
	struct rig *r = &rig;

	(void)state;
	rig_up(r, &narrow, IOMMU_MODE_SINK);
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	lands(&r->s, DEV_MAPPED, 0x10, SCRATCH + 0x10);
	lands(&r->s, DEV_MAPPED, 0xfffffff020, SCRATCH + 0x20);
	lands(&r->s, DEV_MAPPED, 0x8000000030, SCRATCH + 0x30);
	blocked(&r->s, DEV_MAPPED, 0x10000000000, true);
	rig_down(&r->s);
	rig_up(r, &narrow, IOMMU_MODE_COPY);
	rig_quiesce(&r->s);
	pass_is_guarded(&r->s, DEV_PASS);
	rig_down(&r->s);
}

/* Record touches nothing: no write reaches a register or memory. */
static void test_record(void **state)
{
	struct rig *r = &rig;
	u64 writes;

	(void)state;
	rig_up(r, TWO, IOMMU_MODE_RECORD);
	writes = r->s.fake.writes;
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_READ_ONLY);
	assert_int_equal(r->s.fake.writes, writes);
	assert_int_equal(r->v.writes, 0);
	rig_down(&r->s);
}

/* Each bad entry is told of with the rule it breaks and where. */
static void test_reports(void **state)
{
	static const struct {
		u32 stream, err, mode, level;
	} want[] = {
		{ DEV_PASS, IOMMU_OK, IOMMU_MODE_COPY, IOMMU_AT_CONTEXT },
		{ DEV_DSS_PASS, IOMMU_OK, IOMMU_MODE_COPY, IOMMU_AT_CONTEXT },
		{ DEV_CD, IOMMU_EFORM, IOMMU_MODE_ABORT, IOMMU_AT_PASID },
		{ DEV_OUTSIDE, IOMMU_EADDRESS, IOMMU_MODE_ABORT, 4 },
		{ DEV_LOOP, IOMMU_ELOOP, IOMMU_MODE_ABORT, 4 },
		{ DEV_CRASH, IOMMU_ERESERVATION, IOMMU_MODE_ABORT, 4 },
		{ DEV_ATS, IOMMU_ESTALE, IOMMU_MODE_ABORT, IOMMU_AT_CONTEXT },
		{ DEV_SUBSTREAMS, IOMMU_ESTALE, IOMMU_MODE_COPY,
		  IOMMU_AT_CONTEXT },
		{ DEV_NESTED, IOMMU_ESTALE, IOMMU_MODE_ABORT,
		  IOMMU_AT_CONTEXT },
		{ DEV_CD_OUTSIDE, IOMMU_EADDRESS, IOMMU_MODE_ABORT,
		  IOMMU_AT_PASID },
	};
	const struct form *both[] = { TWO, LINEAR };
	const struct report *p;
	struct rig *r = &rig;
	size_t i, k;

	(void)state;
	for (k = 0; k < 2; k++) {
		rig_up(r, both[k], IOMMU_MODE_COPY);
		rig_quiesce(&r->s);
		for (i = 0; i < ARRAY_SIZE(want); i++) {
			p = reported(&r->s, want[i].stream);
			if (!p || p->ev.err != want[i].err ||
			    p->mode != want[i].mode ||
			    p->ev.level != want[i].level)
				fail_msg("%s: %03x: %s, mode %u, level %#x",
					 both[k]->name, want[i].stream,
					 p ? iommu_err_text(p->ev.err) : "none",
					 p ? p->mode : 0, p ? p->ev.level : 0);
			assert_int_not_equal(p->ev.where, 0);
		}
		assert_int_equal(r->s.reports, ARRAY_SIZE(want));
		rig_down(&r->s);
	}
}

/* --- single streams --- */

static const struct iommu_override some_overrides[] = {
	{ .unit = 0, .requester = DEV_MAPPED, .mode = IOMMU_MODE_ABORT },
	{ .unit = 3, .requester = 0, .mode = IOMMU_MODE_ABORT },
	{ .unit = 3, .requester = DEV_MAPPED, .mode = IOMMU_MODE_COPY },
	{ .unit = 3, .requester = DEV_PASS, .mode = IOMMU_MODE_COPY },
	{ .unit = 3, .requester = DEV_CRASH, .mode = IOMMU_MODE_COPY },
	{ .unit = 3, .requester = DEV_NONE, .mode = IOMMU_MODE_COPY },
	{ .unit = 3, .requester = 0x7ff, .mode = IOMMU_MODE_ABORT },
	{ .unit = 4, .requester = DEV_PASS, .mode = IOMMU_MODE_ABORT },
};

static void test_overrides(void **state)
{
	struct rig *r = &rig;
	size_t k;
	u64 bound;

	(void)state;
	for (k = 0; k < ARRAY_SIZE(forms); k++) {
		if (forms[k].off || forms[k].shut || !full_pages(&forms[k]))
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
		blocked(&r->s, DEV_NONE, IOVA_4K, true);
		blocked(&r->s, 0x7ff, IOVA_4K, true);
		lands(&r->s, DEV_SAME, IOVA_4K, SCRATCH);
		lands(&r->s, DEV_FAR, IOVA_4K, SCRATCH);
		assert_int_equal(r->s.res.kept, 1);
		assert_int_equal(r->s.res.guarded, 1);
		assert_int_equal(r->s.res.aborted, 4);
		assert_int_equal(r->s.res.sunk, (1u << TABLE_BITS) - 6);
		assert_true(r->s.arena.used <= bound);
		rig_down(&r->s);
	}
}

/* A unit that walks no page tables: abort needs none, who wants one is refused. */
static void test_no_page_tables(void **state)
{
	static const struct form none = {
		"no page tables", USUAL, OAS_44, 8, 0, false, false, false
	};
	static const struct iommu_override o[] = {
		{ .requester = DEV_PASS, .mode = IOMMU_MODE_COPY },
		{ .requester = DEV_SAME, .mode = IOMMU_MODE_SINK },
	};
	struct rig *r = &rig;

	(void)state;
	rig_up(r, &none, IOMMU_MODE_ABORT);
	r->s.q.overrides = o;
	r->s.q.overrides_n = ARRAY_SIZE(o);
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	blocked(&r->s, DEV_PASS, 0x1000, true);
	blocked(&r->s, DEV_SAME, IOVA_4K, true);
	blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
	assert_int_equal(reported(&r->s, DEV_PASS)->ev.err, IOMMU_EUNSUPPORTED);
	assert_int_equal(reported(&r->s, DEV_SAME)->ev.err, IOMMU_EUNSUPPORTED);
	rig_down(&r->s);
}

/* --- damaged state --- */

/* STRTAB_BASE leads nowhere: a new table can still close the unit. */
static void test_bad_table(void **state)
{
	static const struct {
		u64 base;
		u32 cfg, err;
	} c[] = {
		{ RAM_END, TABLE_BITS | 1 << 16 | 8 << 6, IOMMU_EADDRESS },
		{ CRASH_START + 0x5000, TABLE_BITS, IOMMU_EADDRESS },
		{ OLD_L1, TABLE_BITS | 2 << 16, IOMMU_EFORM },
		{ OLD_L1, TABLE_BITS | 3 << 16, IOMMU_EFORM },
	};
	struct rig *r = &rig;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(c); i++) {
		rig_up(r, TWO, IOMMU_MODE_COPY);
		r->v.strtab_base = c[i].base;
		r->v.strtab_cfg = c[i].cfg;
		rig_quiesce(&r->s);
		assert_int_equal(r->s.res.outcome, IOMMU_DONE);
		assert_int_equal(r->s.res.bad, 1);
		assert_int_equal(r->s.reports, 1);
		assert_int_equal(r->s.report[0].ev.err, c[i].err);
		blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
		rig_down(&r->s);
	}
}

/* A level 1 descriptor that is none costs its own streams, and is told of once. */
static void test_bad_level1(void **state)
{
	static const struct {
		u64 desc;
		u32 err;
	} c[] = {
		{ OLD_L2 | 12, IOMMU_ERESERVED },
		{ RAM_END | 9, IOMMU_EADDRESS },
		{ (CRASH_START + 0x10000) | 9, IOMMU_EADDRESS },
	};
	struct rig *r = &rig;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(c); i++) {
		rig_up(r, TWO, IOMMU_MODE_COPY);
		fakemem_put(&r->s.fake, OLD_L1 + (DEV_FAR >> 8) * 8, c[i].desc);
		rig_quiesce(&r->s);
		assert_int_equal(r->s.res.outcome, IOMMU_DONE);
		blocked(&r->s, DEV_FAR, IOVA_4K, true);
		lands(&r->s, DEV_MAPPED, IOVA_4K, PA_4K);
		assert_int_equal(r->s.res.bad, 6);
		assert_int_equal(reported(&r->s, 0x200)->ev.err, c[i].err);
		assert_int_equal(reported(&r->s, 0x200)->ev.raw[0], c[i].desc);
		rig_down(&r->s);
	}
	/* A short one has the streams that it has. */
	rig_up(r, TWO, IOMMU_MODE_COPY);
	fakemem_put(&r->s.fake, OLD_L1, OLD_L2 | 5);
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	blocked(&r->s, DEV_PASS, 0x1000, true);
	blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
	lands(&r->s, DEV_FAR, IOVA_4K, PA_4K);
	rig_down(&r->s);
}

/* RAM begins at 0 on some machines, and a table may lie there. */
static void test_table_at_0(void **state)
{
	struct rig *r = &rig;
	u32 at;

	(void)state;
	rig_up(r, TWO, IOMMU_MODE_COPY);
	for (at = 0; at < PAGE_4K; at += 8)
		fakemem_put(&r->s.fake, at,
			    fakemem_get(&r->s.fake, OLD_L1 + at));
	r->v.strtab_base = 1ULL << 62;
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	lands(&r->s, DEV_MAPPED, IOVA_4K, PA_4K);
	lands(&r->s, DEV_FAR, IOVA_4K, PA_4K);
	rig_down(&r->s);
}

/* Tables of garbage: bounded, and nothing gets into the crash kernel. */
static void test_garbage(void **state)
{
	static const u32 modes[] = { IOMMU_MODE_COPY, IOMMU_MODE_ABORT,
				     IOMMU_MODE_SINK };
	const struct form *some[] = { TWO, LINEAR, FIRST };
	struct rig *r = &rig;
	u64 x = 88172645463325252ULL;
	struct model_dma d;
	u32 i, k, m;

	(void)state;
	for (k = 0; k < ARRAY_SIZE(some); k++)
		for (m = 0; m < ARRAY_SIZE(modes); m++) {
			rig_up(r, some[k], modes[m]);
			for (i = 0; i < (1u << TABLE_BITS) * 8; i++) {
				x ^= x << 13;
				x ^= x >> 7;
				x ^= x << 17;
				fakemem_put(&r->s.fake, OLD_L1 + i * 8ULL, x);
				fakemem_put(&r->s.fake, OLD_L2 + i * 8ULL, x);
			}
			rig_quiesce(&r->s);
			assert_int_equal(r->s.res.outcome, IOMMU_DONE);
			for (i = 0; i < 1u << TABLE_BITS; i++) {
				d = model_dma(&r->v, i, r->s.crash + 0x1000,
					      true);
				assert_false(d.landed && d.pa != SCRATCH);
				assert_false(d.logged);
			}
			rig_down(&r->s);
		}
}

/* Old entries that use the ids from the top: ours keep clear of them. */
static void test_ids(void **state)
{
	const struct form *both[] = { TWO, FIRST };
	struct rig *r = &rig;
	size_t k;
	u32 i;

	(void)state;
	for (k = 0; k < 2; k++) {
		rig_up(r, both[k], IOMMU_MODE_COPY);
		for (i = 0; i < 6; i++)
			set_ste(r, 0x300 + i,
				V | CONFIG(5) |
					cd(r, lpae_mapped_table(&r->s, false),
					   0xffff - i),
				0, 0xffff - i, 0);
		warm(r);
		rig_quiesce(&r->s);
		assert_int_equal(r->s.res.outcome, IOMMU_DONE);
		for (i = 0; i < 6; i++)
			lands(&r->s, 0x300 + i, IOVA_4K, PA_4K);
		pass_is_guarded(&r->s, DEV_PASS);
		for (i = 0; i < 6; i++)
			blocked(&r->s, 0x300 + i, 0x1000, true);
		rig_down(&r->s);
	}
}

static void test_check_budget(void **state)
{
	struct rig *r = &rig;

	(void)state;
	rig_up(r, TWO, IOMMU_MODE_COPY);
	r->s.q.check_budget_us = 0;
	r->v.config.us_per_look = 1;
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
	blocked(&r->s, DEV_PASS, 0x1000, true);
	assert_int_equal(reported(&r->s, 0)->ev.err, IOMMU_EBUDGET);
	rig_down(&r->s);
}

/* Who passes through can't change the tables that others go through. */
static void test_kept_tables_are_safe(void **state)
{
	struct rig *r = &rig;
	u64 root, at;
	size_t i;
	int s;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		if (forms[i].off || forms[i].shut || !full_pages(&forms[i]))
			continue;
		rig_up(r, &forms[i], IOMMU_MODE_COPY);
		r->s.next = 0x9000000; /* in pages of its own */
		root = lpae_mapped_table(&r->s, false);
		set_mapped(r, DEV_NONE, root, 30);
		rig_quiesce(&r->s);
		lands(&r->s, DEV_NONE, IOVA_4K, PA_4K);
		at = root;
		for (s = 39; s >= 12; s -= 9) {
			blocked(&r->s, DEV_PASS, at, true);
			blocked(&r->s, DEV_PASS, at + 0xff8, false);
			at = fakemem_get(&r->s.fake,
					 at + (IOVA_4K >> s & 511) * 8) &
			     0xfffffffff000ULL;
		}
		lands(&r->s, DEV_PASS, 0x8fff000, 0x8fff000);
		pass_is_guarded(&r->s, DEV_PASS);
		/* The CD is not the dead kernel's any more. */
		fakemem_put(&r->s.fake,
			    fakemem_get(&r->s.fake, ste_at(r, DEV_NONE)) &
				    ~0xfffULL,
			    0);
		model_forget(&r->v);
		lands(&r->s, DEV_NONE, IOVA_4K, PA_4K);
		rig_down(&r->s);
	}
}

/* What is unmapped, but still in the TLB, is forgotten: at EL1, EL2, stage 2. */
static void test_stale_tlb(void **state)
{
	struct rig *r = &rig;
	u64 first, el2, second;

	(void)state;
	rig_up(r, TWO, IOMMU_MODE_COPY);
	first = lpae_mapped_table(&r->s, false);
	el2 = lpae_mapped_table(&r->s, false);
	second = lpae_mapped_table(&r->s, true);
	lpae_map(&r->s, first, 0x7000000, r->s.crash, 12, false, false);
	lpae_map(&r->s, el2, 0x7000000, r->s.crash, 12, false, false);
	lpae_map(&r->s, second, 0x7000000, r->s.crash, 12, false, true);
	set_mapped(r, DEV_MAPPED, first, 40);
	set_ste(r, DEV_EL2, V | CONFIG(5) | cd(r, el2, 41), STRW_EL2, 0, 0);
	set_ste(r, DEV_SECOND, V | CONFIG(6), 0, S2_44(42ULL), second);
	lands(&r->s, DEV_MAPPED, 0x7000000, r->s.crash);
	lands(&r->s, DEV_EL2, 0x7000000, r->s.crash);
	lands(&r->s, DEV_SECOND, 0x7000000, r->s.crash);
	lpae_map(&r->s, first, 0x7000000, PA_4K, 12, false, false);
	lpae_map(&r->s, el2, 0x7000000, PA_4K, 12, false, false);
	lpae_map(&r->s, second, 0x7000000, PA_4K, 12, false, true);
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	lands(&r->s, DEV_MAPPED, 0x7000000, PA_4K);
	lands(&r->s, DEV_EL2, 0x7000000, PA_4K);
	lands(&r->s, DEV_SECOND, 0x7000000, PA_4K);
	rig_down(&r->s);
}

/* Both halves of a CD's addresses are checked. */
static void test_upper_half(void **state)
{
	struct rig *r = &rig;
	u64 table, at;

	(void)state;
	rig_up(r, TWO, IOMMU_MODE_COPY);
	table = lpae_mapped_table(&r->s, false);
	lpae_map(&r->s, table, 0x7000000, r->s.crash, 12, false, false);
	at = cd(r, lpae_mapped_table(&r->s, false), 40);
	fakemem_put(&r->s.fake, at,
		    (fakemem_get(&r->s.fake, at) & ~(1ULL << 30)) | 16 << 16 |
			    2 << 22);
	fakemem_put(&r->s.fake, at + 16, table);
	set_ste(r, DEV_NONE, V | CONFIG(5) | at, 0, 0, 0);
	rig_quiesce(&r->s);
	blocked(&r->s, DEV_NONE, IOVA_4K, true);
	assert_int_equal(reported(&r->s, DEV_NONE)->ev.err, IOMMU_ERESERVATION);
	rig_down(&r->s);
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
		assert_int_equal(r->v.writes, 0);
		lands(&r->s, DEV_MAPPED, IOVA_4K, PA_4K);
		rig_down(&r->s);
		return;
	}
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	for (i = 0; i < ARRAY_SIZE(all_devices); i++) {
		d = model_dma(&r->v, all_devices[i], r->s.crash + 0x1000, true);
		assert_false(d.landed && d.pa != SCRATCH);
		assert_false(d.logged);
	}
	rig_down(&r->s);
}

static void test_short_arena(void **state)
{
	static const u32 modes[] = { IOMMU_MODE_COPY, IOMMU_MODE_ABORT,
				     IOMMU_MODE_SINK };
	const struct form *some[] = { TWO, LINEAR, FIRST };
	u32 pages, m, k;

	(void)state;
	for (pages = 0; pages < 80; pages++)
		for (m = 0; m < ARRAY_SIZE(modes); m++)
			for (k = 0; k < ARRAY_SIZE(some); k++)
				short_arena(some[k], modes[m], pages);
}

/* A write that fails means no switch. */
static void test_write_fails(void **state)
{
	struct rig *r = &rig;
	u32 page;

	(void)state;
	for (page = 0; page < 4; page++) {
		rig_up(r, TWO, IOMMU_MODE_SINK);
		r->s.fake.deny_write = r->s.arena_start + page * PAGE_4K;
		rig_quiesce(&r->s);
		assert_int_not_equal(r->s.res.err, IOMMU_OK);
		assert_int_equal(r->s.res.outcome, IOMMU_LEFT);
		assert_int_equal(r->v.writes, 0);
		lands(&r->s, DEV_MAPPED, IOVA_4K, PA_4K);
		rig_down(&r->s);
	}
}

/* --- a unit that does not do as it should --- */

struct broken {
	const char *name;
	u32 faults;
	u32 outcome, err;
	bool old; /* the DMA that was mapped goes on by the old tables */
};

static const struct broken broken[] = {
	{ "registers all ones", MODEL_ABSENT, IOMMU_LEFT, IOMMU_EABSENT, true },
	{ "interrupts never off", MODEL_IRQ_STUCK, IOMMU_PARTLY, IOMMU_ETIMEOUT,
	  false },
	{ "no GBPA", MODEL_NO_GBPA, IOMMU_DONE, IOMMU_OK, false },
	{ "GBPA never updated", MODEL_GBPA_STUCK, IOMMU_PARTLY, IOMMU_ETIMEOUT,
	  false },
	{ "never off", MODEL_OFF_STUCK, IOMMU_PARTLY, IOMMU_ETIMEOUT, true },
	{ "never on", MODEL_ON_STUCK, IOMMU_PARTLY, IOMMU_ETIMEOUT, false },
	{ "queue never off", MODEL_QUEUE_STUCK, IOMMU_PARTLY, IOMMU_ETIMEOUT,
	  false },
	{ "queue never off, no GBPA", MODEL_QUEUE_STUCK | MODEL_NO_GBPA,
	  IOMMU_PARTLY, IOMMU_ETIMEOUT, false },
	{ "STRTAB_BASE locked", MODEL_TABLE_LOCKED, IOMMU_PARTLY,
	  IOMMU_EREADBACK, false },
	{ "STRTAB_BASE locked, no GBPA", MODEL_TABLE_LOCKED | MODEL_NO_GBPA,
	  IOMMU_PARTLY, IOMMU_EREADBACK, true },
	{ "CMDQ_BASE locked", MODEL_QUEUE_LOCKED, IOMMU_PARTLY, IOMMU_EREADBACK,
	  false },
	{ "commands not taken", MODEL_COMMANDS_STUCK, IOMMU_PARTLY,
	  IOMMU_ETIMEOUT, false },
	{ "commands not taken, no GBPA", MODEL_COMMANDS_STUCK | MODEL_NO_GBPA,
	  IOMMU_PARTLY, IOMMU_ETIMEOUT, false },
	{ "a command is an error", MODEL_ILLEGAL, IOMMU_PARTLY, IOMMU_EHARDWARE,
	  false },
	{ "service failure", MODEL_FAILURE, IOMMU_PARTLY, IOMMU_EHARDWARE,
	  false },
	{ "slow", MODEL_LATE, IOMMU_DONE, IOMMU_OK, false },
};

static void break_it(const struct broken *b, u32 us_per_access)
{
	struct rig *r = &rig;
	u64 start;

	rig_up(r, TWO, IOMMU_MODE_ABORT);
	warm(r);
	r->v.config.us_per_access = us_per_access;
	r->v.broken = b->faults;
	start = r->v.clock;
	r->v.accesses = 0;
	rig_quiesce(&r->s);
	if (r->s.res.outcome != b->outcome || r->s.res.err != b->err)
		fail_msg("%s: outcome %u, %s", b->name, r->s.res.outcome,
			 iommu_err_text(r->s.res.err));
	if (b->err)
		assert_int_not_equal(r->s.res.evidence.level, 0);
	if (r->v.clock - start > r->s.q.budget_us + OVERHEAD_US)
		fail_msg("%s: took %llu us", b->name,
			 (unsigned long long)(r->v.clock - start));
	/* Eight polls a microsecond; a wait for commands reads three registers. */
	if (r->v.accesses > 25ULL * r->s.q.budget_us + 3000 + OVERHEAD_US)
		fail_msg("%s: %llu accesses", b->name,
			 (unsigned long long)r->v.accesses);
	if (r->v.passing && !(b->faults & MODEL_NO_GBPA) &&
	    !(b->faults & MODEL_GBPA_STUCK))
		fail_msg("%s: all passed for %u accesses", b->name,
			 r->v.passing);
	r->v.broken &= MODEL_NO_GBPA;
	model_forget(&r->v);
	if (b->old)
		lands(&r->s, DEV_MAPPED, IOVA_4K, PA_4K);
	else
		blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
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
		if (!(broken[i].faults & MODEL_LATE))
			break_it(&broken[i], 0);
}

/* A unit that takes its time for each command is waited for, to the bound. */
static void test_slow_commands(void **state)
{
	struct rig *r = &rig;

	(void)state;
	rig_up(r, TWO, IOMMU_MODE_ABORT);
	r->v.config.us_per_command = 1000;
	warm(r);
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	rig_down(&r->s);
	rig_up(r, TWO, IOMMU_MODE_ABORT);
	r->v.config.us_per_command = 8000;
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_PARTLY);
	assert_int_equal(r->s.res.err, IOMMU_ETIMEOUT);
	assert_true(r->v.clock < r->s.q.budget_us + OVERHEAD_US);
	blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
	rig_down(&r->s);
}

/* The command queue as a kernel may leave it: ours takes its place. */
static void test_queues(void **state)
{
	static const struct {
		const char *name;
		u64 base;
		u32 prod, cons, gerror, cr0;
	} c[] = {
		{ "as it runs", OLD_QUEUE | 8, 5, 5, 0, 0xf },
		{ "full", OLD_QUEUE | 8, 0x105, 5, 0, 0xf },
		{ "in error", OLD_QUEUE | 8, 9, 5 | 1 << 24, 1, 0xf },
		{ "error told of before", OLD_QUEUE | 8, 5, 5, 0x104, 0xf },
		{ "off", OLD_QUEUE | 8, 5, 5, 0, 1 },
		{ "pointers beyond", OLD_QUEUE | 2, 0x77, 0x3, 0, 0xf },
		{ "base 0", 0, 0, 0, 0, 0xf },
		{ "size reserved", OLD_QUEUE | 31, 0, 0, 0, 0xf },
		{ "outside RAM", RAM_END | 8, 0, 0, 0, 0xf },
		{ "in the crash kernel", CRASH_START | 8, 0, 0, 0, 0xf },
	};
	struct rig *r = &rig;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(c); i++) {
		rig_up(r, TWO, IOMMU_MODE_ABORT);
		warm(r);
		r->v.cmdq_base = c[i].base;
		r->v.cmdq_prod = c[i].prod;
		r->v.cmdq_cons = c[i].cons;
		r->v.gerror = c[i].gerror & ~0x100u;
		r->v.cr0 = r->v.cr0ack = c[i].cr0;
		/* What it has there is no command. */
		r->v.ready = c[i].prod != c[i].cons ? 200 : 0;
		rig_quiesce(&r->s);
		if (r->s.res.outcome != IOMMU_DONE)
			fail_msg("%s: outcome %u, %s", c[i].name,
				 r->s.res.outcome,
				 iommu_err_text(r->s.res.err));
		blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
		rig_down(&r->s);
	}
}

/* A unit in service failure lets nothing pass, and that is no success. */
static void test_failed_before(void **state)
{
	struct rig *r = &rig;

	(void)state;
	rig_up(r, TWO, IOMMU_MODE_COPY);
	r->v.gerror = 1 << 8;
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_PARTLY);
	assert_int_equal(r->s.res.err, IOMMU_EHARDWARE);
	assert_int_equal(r->s.res.evidence.where, 0x60);
	assert_int_equal(r->s.res.evidence.raw[0], 1 << 8);
	rig_down(&r->s);
}

/* Two units have nothing to do with one another. */
static void test_two_units(void **state)
{
	static struct smmuv3_model first;
	struct rig *r = &rig;

	(void)state;
	rig_up(r, TWO, IOMMU_MODE_SINK);
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	first = r->v;
	rig_unit(r);
	r->s.q.unit = 4;
	r->s.q.overrides = some_overrides;
	r->s.q.overrides_n = ARRAY_SIZE(some_overrides);
	lands(&r->s, DEV_PASS, 0x5000, 0x5000);
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	blocked(&r->s, DEV_PASS, 0x5000, true);
	lands(&r->s, DEV_MAPPED, IOVA_4K, SCRATCH);
	r->v = first;
	lands(&r->s, DEV_PASS, 0x5000, SCRATCH);
	rig_down(&r->s);
}

/* What can't be done is refused when the crash kernel is loaded. */
static void test_can(void **state)
{
	static const struct {
		u64 cap, ecap;
		u32 mode;
		bool can;
	} c[] = {
		{ USUAL | (16ULL | 8 << 21) << 32, G4K | OAS_44,
		  IOMMU_MODE_SINK, true },
		{ USUAL | (16ULL | 8 << 21 | 1 << 29) << 32, G4K | OAS_44,
		  IOMMU_MODE_ABORT, false },
		{ USUAL | (16ULL | 8 << 21 | 1 << 30) << 32, G4K | OAS_44,
		  IOMMU_MODE_ABORT, false },
		{ USUAL | 3ULL << 21 | (16ULL | 8 << 21) << 32, G4K | OAS_44,
		  IOMMU_MODE_ABORT, false },
		{ USUAL | (16ULL | 1 << 21) << 32, G4K | OAS_44,
		  IOMMU_MODE_ABORT, false },
		{ USUAL | (16ULL | 8 << 21) << 32, OAS_44, IOMMU_MODE_SINK,
		  false },
		{ USUAL | (16ULL | 8 << 21) << 32, OAS_44, IOMMU_MODE_ABORT,
		  true },
		{ 0, 0, IOMMU_MODE_SINK, true }, /* nothing is known */
		/* as a kernel's structures have it: no size of a queue */
		{ USUAL | 16ULL << 32, G4K | OAS_44, IOMMU_MODE_SINK, true },
	};
	const struct iommu_vendor *v = iommu_vendor(IOMMU_VENDOR_SMMUV3);
	struct iommu_demand d = { .requesters = 4, .guards = 1 };
	struct iommu_config cfg;
	const char *why;
	u64 need[ARRAY_SIZE(c)];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(c); i++) {
		cfg = (struct iommu_config){ .cap = c[i].cap,
					     .ecap = c[i].ecap,
					     .address_bits = 44 };
		d.mode = c[i].mode;
		d.ram_end = GIB(6);
		assert_int_equal(v->can(&cfg, &d, &why) == IOMMU_OK, c[i].can);
		assert_int_equal(*why == 0, c[i].can);
		need[i] = v->arena_need(&cfg, &d);
		assert_true(need[i] > 0);
	}
	/* What is not known takes no less. */
	assert_true(need[i - 2] >= need[0]);
	assert_int_equal(need[i - 1], need[0]);
	/* Nor does a number of streams that is not known: 16 bits, linear. */
	cfg = (struct iommu_config){ .cap = USUAL & ~TWO_LEVELS,
				     .ecap = G4K | OAS_44,
				     .on = true,
				     .requesters = 1 };
	d.mode = IOMMU_MODE_ABORT;
	assert_true(v->arena_need(&cfg, &d) > 64u << 16);
	d.mode = IOMMU_MODE_RECORD;
	assert_int_equal(v->arena_need(&cfg, &d), 0);
}

/* --- memory that changes meanwhile --- */

#define EVIL_IOVA 0x7000000

struct changing {
	const struct form *form;
	u32 mode;
	bool override; /* the stream is kept though the others are not */
	struct flicker_case c;
};

/* Where a rig of each form has it alike: a CD that leads into the crash kernel. */
static u64 evil_cd(struct rig *r)
{
	u64 table = lpae_mapped_table(&r->s, false);

	lpae_map(&r->s, table, EVIL_IOVA, r->s.crash + 0x200000, 12, false,
		 false);
	return cd(r, table, 5);
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
	evil_cd(r); /* where the case has it */
	f->below = r->s.q.mem;
	r->s.q.mem = &f->m;
	if (c->override) {
		r->s.q.overrides = &o;
		r->s.q.overrides_n = 1;
	}
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	for (i = 0; i < 0x100; i++) {
		d = model_dma(&r->v, i, EVIL_IOVA, true);
		if (d.landed && span_holds(&r->s.guard, d.pa, 1) &&
		    align_down(d.pa, PAGE_4K) != SCRATCH)
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
		      { IOMMU_MODE_SINK, true },
		      { IOMMU_MODE_ABORT, true } };
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
	static const u32 some[] = { 0, 1, 5 };
	struct flicker_case c[5];
	struct rig *r = &rig;
	u64 where, evil, old_cd;
	u32 i, k, n, reads;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(some); i++) {
		rig_up(r, &forms[some[i]], IOMMU_MODE_COPY);
		evil = evil_cd(r);
		where = ste_at(r, DEV_MAPPED);
		old_cd = fakemem_get(&r->s.fake, where) & ~0xfffULL;
		n = 0;
		c[n++] = (struct flicker_case){
			"another CD", where, 1, { evil | V | CONFIG(5) }
		};
		c[n++] = (struct flicker_case){
			"pass-through", where, 1, { V | CONFIG(4) }
		};
		c[n++] = (struct flicker_case){ "invalid", where, 1, { 0 } };
		c[n++] = (struct flicker_case){ "another table",
						old_cd,
						2,
						{ fakemem_get(&r->s.fake, evil),
						  fakemem_get(&r->s.fake,
							      evil + 8) } };
		if (forms[some[i]].split)
			c[n++] = (struct flicker_case){
				"level 1", OLD_L1, 1, { (OLD_L2 + 0x8000) | 9 }
			};
		rig_down(&r->s);
		for (k = 0; k < n; k++) {
			reads = 0;
			changing(&forms[some[i]], &c[k], &reads);
			assert_true(reads > 0);
		}
	}
}

/* --- queues that the unit fills --- */

/* Events, then page requests, whose queue wraps. */
static void test_events(void **state)
{
	const struct iommu_vendor *v = iommu_vendor(IOMMU_VENDOR_SMMUV3);
	const u64 reg[][3] = {
		{ 0xa0, 8, 0x210000 | 3 }, { 0x100a8, 4, 2 }, { 0x100ac, 4, 1 },
		{ 0xc0, 8, 0x220000 | 2 }, { 0x100c8, 4, 5 }, { 0x100cc, 4, 3 },
	};
	struct iommu_reg room[ARRAY_SIZE(reg)];
	struct iommu_regs regs = IOMMU_REGS(room);
	struct iommu_fault_raw raw[8];
	struct iommu_fault f;
	struct fakemem mem;
	u32 n = 8;
	size_t i;

	(void)state;
	fakemem_init(&mem);
	for (i = 0; i < ARRAY_SIZE(reg); i++)
		iommu_reg_put(&regs, (u32)reg[i][0], (u32)reg[i][1], reg[i][2]);
	fakemem_put(&mem, 0x210020, 0x10ULL << 32 | 0x10);
	fakemem_put(&mem, 0x210028, 0);
	fakemem_put(&mem, 0x210030, 0x5123);
	fakemem_put(&mem, 0x220030, 0x18 | 0x345ULL << 32 | 5ULL << 61);
	fakemem_put(&mem, 0x220038, 0x7f00123000 | 7);
	fakemem_put(&mem, 0x220000, 0x20 | 1ULL << 60);
	assert_int_equal(v->events(&regs, &mem.m, raw, &n), IOMMU_OK);
	assert_int_equal(n, 3);
	v->fault(&raw[0], &f);
	assert_int_equal(f.requester, 0x10);
	assert_int_equal(f.reason, 0x10);
	assert_int_equal(f.iova, 0x5123);
	assert_false(f.notice);
	v->fault(&raw[1], &f);
	assert_true(f.notice && f.write && f.has_pasid);
	assert_int_equal(f.requester, 0x18);
	assert_int_equal(f.pasid, 0x345);
	assert_int_equal(f.iova, 0x7f00123000);
	assert_string_equal(v->fault_text(f.reason),
			    "request for a page (PRI queue)");
	v->fault(&raw[2], &f);
	assert_true(f.notice && !f.write && !f.has_pasid);
	assert_int_equal(f.requester, 0x20);
	/* The first of what is too much. */
	n = 1;
	assert_int_equal(v->events(&regs, &mem.m, raw, &n), IOMMU_ENOSPACE);
	assert_int_equal(n, 3);
	/* A queue that is none hides no other. */
	regs.r[3].val = 0x220000 | 31;
	n = 8;
	assert_int_equal(v->events(&regs, &mem.m, raw, &n), IOMMU_OK);
	assert_int_equal(n, 1);
	fakemem_free(&mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_left),
		cmocka_unit_test(test_abort),
		cmocka_unit_test(test_sink),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_narrow),
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_reports),
		cmocka_unit_test(test_overrides),
		cmocka_unit_test(test_no_page_tables),
		cmocka_unit_test(test_bad_table),
		cmocka_unit_test(test_bad_level1),
		cmocka_unit_test(test_table_at_0),
		cmocka_unit_test(test_failed_before),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_check_budget),
		cmocka_unit_test(test_kept_tables_are_safe),
		cmocka_unit_test(test_stale_tlb),
		cmocka_unit_test(test_upper_half),
		cmocka_unit_test(test_short_arena),
		cmocka_unit_test(test_write_fails),
		cmocka_unit_test(test_broken_units),
		cmocka_unit_test(test_clock_stands),
		cmocka_unit_test(test_slow_commands),
		cmocka_unit_test(test_queues),
		cmocka_unit_test(test_two_units),
		cmocka_unit_test(test_can),
		cmocka_unit_test(test_changing_memory),
		cmocka_unit_test(test_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
