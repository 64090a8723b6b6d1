// SPDX-License-Identifier: GPL-2.0-only
/*
 * The switch at the crash against a model of the unit, which no QEMU has: what
 * happens to each stream's DMA afterwards, in every mode and form, and what a unit
 * that does not do as it should costs and leaves behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lpae_model.h"
#include "smmuv2_model.h"

#define SCRATCH CRASH_START

/* Streams by what the dead kernel left them; entries in this order */
enum {
	DEV_MAPPED = 0x10,
	DEV_PASS = 0x18,    /* S2CR: bypass */
	DEV_OFF = 0x20,	    /* a bank whose translation is off */
	DEV_OUTSIDE = 0x28, /* page table outside RAM */
	DEV_LOOP = 0x30,    /* page table that contains itself */
	DEV_CRASH = 0x38,   /* maps a page of the crash reservation */
	DEV_SAME = 0x40,    /* the bank of DEV_MAPPED */
	DEV_FAULT = 0x48,   /* S2CR: fault */
	DEV_NESTED = 0x50,
	DEV_SECOND = 0x58, /* stage 2 */
	DEV_NO_BANK = 0x60,
	DEV_GROUP = 0x100, /* and 7 more: one entry */
	DEV_UNMATCHED = 0x200,
};

/* ID0, ID1, ID2 */
#define CTTW (1u << 14)
#define SMS (1u << 27)
#define S1 (1u << 30)
#define S2 (1u << 29)
#define USUAL (CTTW | SMS | S1 | S2 | 32)
#define BANKS 16u
#define LAYOUT (BANKS | 2u << 28)
#define SIZES (5u | 4u << 4 | 1u << 12) /* 48 bits in, 44 out, 4 KiB */

#define NARROW (2u | 4u << 4 | 1u << 12)

#define OVERHEAD_US 400

struct form {
	const char *name;
	u32 id0, id1, id2;
	u32 cr0;
};

/* GFRE, GFIE, GCFGFRE, GCFGFIE, VMIDPNE, PTM: as Linux has it; and USFCFG */
#define CR0_LINUX 0x1836u
#define CR0_OPEN CR0_LINUX
#define CR0_CLOSED (CR0_LINUX | 0x400u)

static const struct form forms[] = {
	{ "as Linux has it", USUAL, LAYOUT, SIZES, CR0_CLOSED },
	{ "unmatched streams pass", USUAL, LAYOUT, SIZES, CR0_OPEN },
	{ "stage 1 alone", USUAL & ~S2, LAYOUT, SIZES, CR0_CLOSED },
	{ "banks of stage 2 alone", USUAL, LAYOUT | 3 << 16, SIZES,
	  CR0_CLOSED },
	{ "64K pages of registers", USUAL, LAYOUT | 1u << 31, SIZES,
	  CR0_CLOSED },
	{ "extended ids", USUAL, LAYOUT, SIZES, CR0_CLOSED | 8 },
	{ "16-bit VMIDs", USUAL, LAYOUT, SIZES, CR0_CLOSED | 1u << 31 },
	{ "walks do not snoop", USUAL & ~CTTW, LAYOUT, SIZES, CR0_CLOSED },
	{ "40 bits", USUAL, LAYOUT, 2u | 2u << 4 | 1u << 12, CR0_CLOSED },
	{ "40 bits in, 44 out", USUAL, LAYOUT, NARROW, CR0_CLOSED },
	{ "bypass", USUAL, LAYOUT, SIZES, 1 },
	{ "bypass, stage 1 alone", USUAL & ~S2, LAYOUT, SIZES, 1 },
};
#define LINUX (&forms[0])

struct rig {
	struct switch_rig s;
	struct smmuv2_model v;
	const struct form *form;
	u32 entries, banks;
};

static struct rig rig;

/* --- what the dead kernel left --- */

static u32 add_entry(struct rig *r, u32 stream, u32 mask, u32 s2cr)
{
	u32 n = r->entries++;

	if (r->form->cr0 & 8) {
		r->v.smr[n] = stream | mask << 16;
		s2cr |= 1 << 10;
	} else {
		r->v.smr[n] = 1u << 31 | mask << 16 | stream;
	}
	r->v.s2cr[n] = s2cr;
	return n;
}

/* A bank of stage 1, from bank 3 on: the first ones may know stage 2 alone. */
static u32 add_bank(struct rig *r, u64 table)
{
	u32 n = 3 + r->banks++;
	struct model_bank *b = &r->v.bank[n];

	b->cbar = 1 << 16 | (n + 1);
	b->cba2r = 1 | (n + 1) << 16;
	b->tcr = 16 | 1 << 23;
	b->tcr2 = 5 | 7 << 15;
	b->ttbr0 = table | (u64)n << 48;
	b->sctlr = 0x67; /* M, TRE, AFE, CFRE, CFIE */
	return n;
}

static bool has_second(const struct rig *r)
{
	return r->form->id0 & S2;
}

static void add_second(struct rig *r)
{
	u64 table = lpae_mapped_table(&r->s, true);
	struct model_bank *b = &r->v.bank[1];

	/* The topmost VMID, where ours are looked for first */
	b->cbar = 0xff;
	b->cba2r = 1 | 0xffffu << 16;
	/* 44 bits, from level 0; or 39, from level 1 */
	b->tcr = 20 | 2 << 6 | 4 << 16 | 1u << 31;
	b->ttbr0 = table;
	if ((r->form->id2 & 15) < 4) {
		b->tcr = 25 | 1 << 6 | 4 << 16 | 1u << 31;
		b->ttbr0 = fakemem_get(&r->s.fake, table) & ~0xfffULL;
	}
	b->sctlr = 0x61;
	add_entry(r, DEV_SECOND, 0, 1);
}

static void old_tables(struct rig *r)
{
	u64 good = lpae_mapped_table(&r->s, false), t;
	u32 bank = add_bank(r, good), nested;

	add_entry(r, DEV_MAPPED, 0, bank);
	add_entry(r, DEV_SAME, 0, bank);
	add_entry(r, DEV_GROUP, 7,
		  add_bank(r, lpae_mapped_table(&r->s, false)));
	add_entry(r, DEV_PASS, 0, 1 << 16);
	bank = add_bank(r, good);
	r->v.bank[bank].sctlr &= ~1u;
	add_entry(r, DEV_OFF, 0, bank);
	add_entry(r, DEV_OUTSIDE, 0, add_bank(r, RAM_END + 0x5000));
	t = rig_page(&r->s);
	fakemem_put(&r->s.fake, t + 8, t | 3);
	add_entry(r, DEV_LOOP, 0, add_bank(r, t));
	t = lpae_mapped_table(&r->s, false);
	lpae_map(&r->s, t, 0x7000000, r->s.crash + CRASH_LEN - 0x1000, 12, true,
		 false);
	add_entry(r, DEV_CRASH, 0, add_bank(r, t));
	add_entry(r, DEV_FAULT, 0, 2 << 16);
	add_entry(r, DEV_NO_BANK, 0, BANKS + 7);
	if (!has_second(r))
		return;
	add_second(r);
	nested = add_bank(r, good);
	r->v.bank[nested].cbar = 3 << 16 | 1 << 8;
	add_entry(r, DEV_NESTED, 0, nested);
}

static struct model_dma dma(struct switch_rig *s, u32 stream, u64 iova,
			    bool write)
{
	return model_dma(&((struct rig *)s)->v, stream, iova, write);
}

static void rig_up(struct rig *r, const struct form *f, u32 mode)
{
	struct model_config c = { f->id0, f->id1, f->id2, 1, 0 };

	memset(r, 0, sizeof(*r));
	r->form = f;
	rig_machine(&r->s, CRASH_START);
	r->s.form = f->name;
	r->s.vendor = IOMMU_VENDOR_SMMUV2;
	r->s.wrong = r->v.wrong;
	r->s.dma = dma;
	model_init(&r->v, &r->s.fake, &c);
	r->v.cr0 = f->cr0;
	old_tables(r);
	rig_ask(&r->s, &r->s.fake.m, &r->v.mmio, mode);
}

static bool bypassed(const struct form *f)
{
	return f->cr0 & 1;
}

/* --- what must be so --- */

static const u32 all_devices[] = {
	DEV_MAPPED,  DEV_PASS,	DEV_OFF,       DEV_OUTSIDE,
	DEV_LOOP,    DEV_CRASH, DEV_SAME,      DEV_FAULT,
	DEV_NO_BANK, DEV_GROUP, DEV_GROUP + 5,
};
static const u64 some_iovas[] = {
	0,	     IOVA_4K,	 IOVA_RO,	   IOVA_2M,	 0x800000,
	CRASH_START, 0xfffff000, RAM_END - 0x1000, 0x3ffffff000,
};

static void check_copy(struct rig *r)
{
	static const u32 good[] = { DEV_MAPPED, DEV_SAME, DEV_GROUP,
				    DEV_GROUP + 7, DEV_SECOND };
	static const u32 bad[] = { DEV_OUTSIDE, DEV_LOOP,    DEV_CRASH,
				   DEV_FAULT,	DEV_NO_BANK, DEV_UNMATCHED,
				   DEV_NESTED };
	bool second = has_second(r);
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(good) - !second; i++) {
		lands(&r->s, good[i], IOVA_4K + 8, PA_4K + 8);
		blocked(&r->s, good[i], IOVA_RO, true);
		blocked(&r->s, good[i], r->s.crash, true);
		/* One fault does not end it. */
		lands(&r->s, good[i], IOVA_2M + 0x12348, PA_2M + 0x12348);
	}
	pass_is_guarded(&r->s, DEV_PASS);
	pass_is_guarded(&r->s, DEV_OFF);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		for (k = 0; k < ARRAY_SIZE(some_iovas); k++)
			blocked(&r->s, bad[i], some_iovas[k], k & 1);
	/* Entries are counted, not the streams that they match. */
	assert_int_equal(r->s.res.kept, second ? 4 : 3);
	assert_int_equal(r->s.res.guarded, 2);
	assert_int_equal(r->s.res.aborted, second ? 5 : 4);
	assert_int_equal(r->s.res.bad, 4); /* nested is stale, not bad */
}

static void check_all(struct rig *r, u32 mode)
{
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(all_devices); i++)
		for (k = 0; k < ARRAY_SIZE(some_iovas); k++) {
			if (mode == IOMMU_MODE_ABORT)
				blocked(&r->s, all_devices[i], some_iovas[k],
					k & 1);
			else
				lands(&r->s, all_devices[i],
				      some_iovas[k] + 0x10,
				      r->s.scratch + 0x10);
		}
	assert_int_equal(mode == IOMMU_MODE_ABORT ? r->s.res.aborted
						  : r->s.res.sunk,
			 r->entries);
}

/* Fills the TLB through the old tables, and leaves faults pending. */
static void warm(struct rig *r)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all_devices); i++) {
		model_dma(&r->v, all_devices[i], IOVA_4K, true);
		model_dma(&r->v, all_devices[i], r->s.crash, true);
	}
	model_dma(&r->v, DEV_CRASH, 0x7000000, false);
	r->v.reported = 0;
}

static u64 need(struct rig *r)
{
	return rig_need(&r->s, (struct iommu_demand){ .requesters = 16 });
}

/* Old ones say nothing of how tables are read. */
static bool is_own(const struct model_bank *b)
{
	return b->sctlr && b->tcr >> 8 & 0x3f;
}

/* Of stage 1 alone, the bank's own memory type is one that tables override. */
static void check_banks(struct rig *r)
{
	u32 i;

	for (i = 0; i < BANKS; i++)
		if (r->v.bank[i].sctlr == 0x107 && is_own(&r->v.bank[i]))
			assert_int_equal(r->v.bank[i].cbar >> 8, 0x1f3);
}

static void check_registers(struct rig *r)
{
	check_banks(r);
	assert_int_equal(r->v.cr0, (r->form->cr0 & ~0x237u) | 0x400);
	assert_int_equal(r->s.res.root_after, r->v.cr0);
	assert_int_equal(r->v.gfsr, 0);
	assert_int_equal(r->v.syncs, 1);
	assert_false(model_interrupts(&r->v));
}

static void one_form(const struct form *f, u32 mode)
{
	struct rig *r = &rig;
	u64 bound;
	size_t i;

	rig_up(r, f, mode);
	warm(r);
	bound = need(r);
	rig_quiesce(&r->s);
	if (r->s.res.outcome != IOMMU_DONE)
		fail_msg("%s, %s: outcome %u, %s at level %#x %#llx", f->name,
			 iommu_mode_name(mode), r->s.res.outcome,
			 iommu_err_text(r->s.res.err), r->s.res.evidence.level,
			 (unsigned long long)r->s.res.evidence.where);
	check_registers(r);
	if (r->s.arena.used > bound)
		fail_msg("%s, %s: used %#llx of %#llx", f->name,
			 iommu_mode_name(mode),
			 (unsigned long long)r->s.arena.used,
			 (unsigned long long)bound);
	if (mode != IOMMU_MODE_COPY)
		check_all(r, mode);
	else if (bypassed(f))
		for (i = 0; i < ARRAY_SIZE(all_devices); i++)
			pass_is_guarded(&r->s, all_devices[i]);
	else
		check_copy(r);
	blocked(&r->s, DEV_UNMATCHED, 0x1000, true);
	assert_int_equal(r->v.reported, 0);
	assert_false(model_interrupts(&r->v));
	rig_down(&r->s);
}

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

static void test_record(void **state)
{
	struct rig *r = &rig;

	(void)state;
	rig_up(r, LINUX, IOMMU_MODE_RECORD);
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_READ_ONLY);
	assert_int_equal(r->v.writes, 0);
	assert_int_equal(r->s.fake.writes, 0);
	rig_down(&r->s);
}

/* A unit without stream matching: a stream's number is that of its S2CR. */
static void test_by_number(void **state)
{
	static const struct form numbered = { "by number", USUAL & ~SMS, LAYOUT,
					      SIZES, CR0_CLOSED };
	struct rig *r = &rig;

	(void)state;
	rig_up(r, &numbered, IOMMU_MODE_COPY);
	/* Entries that nobody set translate by bank 0, which is off. */
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	lands(&r->s, 0, IOVA_4K, PA_4K);
	pass_is_guarded(&r->s, 3);
	pass_is_guarded(&r->s, 20);
	blocked(&r->s, 5, IOVA_4K, true);
	blocked(&r->s, 32, IOVA_4K, true);
	rig_down(&r->s);
}

/* Each bad entry is told of with the rule it breaks and where. */
static void test_reports(void **state)
{
	static const struct {
		u32 stream, err, mode, level;
	} want[] = {
		{ DEV_PASS, IOMMU_OK, IOMMU_MODE_COPY, IOMMU_AT_CONTEXT },
		{ DEV_OFF, IOMMU_OK, IOMMU_MODE_COPY, IOMMU_AT_CONTEXT },
		{ DEV_OUTSIDE, IOMMU_EADDRESS, IOMMU_MODE_ABORT, 4 },
		{ DEV_LOOP, IOMMU_ELOOP, IOMMU_MODE_ABORT, 4 },
		{ DEV_CRASH, IOMMU_ERESERVATION, IOMMU_MODE_ABORT, 4 },
		{ DEV_NO_BANK, IOMMU_EFORM, IOMMU_MODE_ABORT,
		  IOMMU_AT_CONTEXT },
		{ DEV_NESTED, IOMMU_ESTALE, IOMMU_MODE_ABORT,
		  IOMMU_AT_CONTEXT },
	};
	const struct report *p;
	struct rig *r = &rig;
	size_t i;

	(void)state;
	rig_up(r, LINUX, IOMMU_MODE_COPY);
	rig_quiesce(&r->s);
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		p = reported(&r->s, want[i].stream);
		if (!p || p->ev.err != want[i].err || p->mode != want[i].mode ||
		    p->ev.level != want[i].level)
			fail_msg("%03x: %s, mode %u, level %#x", want[i].stream,
				 p ? iommu_err_text(p->ev.err) : "none",
				 p ? p->mode : 0, p ? p->ev.level : 0);
	}
	assert_int_equal(r->s.reports, ARRAY_SIZE(want));
	rig_down(&r->s);
}

/* An override is for its entry; of several, the strictest holds. */
static void test_overrides(void **state)
{
	static const struct iommu_override o[] = {
		{ .unit = 3, .requester = DEV_MAPPED, .mode = IOMMU_MODE_COPY },
		{ .unit = 3, .requester = DEV_PASS, .mode = IOMMU_MODE_COPY },
		{ .unit = 3,
		  .requester = DEV_GROUP + 1,
		  .mode = IOMMU_MODE_COPY },
		{ .unit = 3,
		  .requester = DEV_GROUP + 2,
		  .mode = IOMMU_MODE_ABORT },
		{ .unit = 4, .requester = DEV_SAME, .mode = IOMMU_MODE_ABORT },
	};
	struct rig *r = &rig;
	size_t k;

	(void)state;
	for (k = 0; k < ARRAY_SIZE(forms); k++) {
		if (bypassed(&forms[k]))
			continue;
		rig_up(r, &forms[k], IOMMU_MODE_SINK);
		r->s.q.unit = 3;
		r->s.q.overrides = o;
		r->s.q.overrides_n = ARRAY_SIZE(o);
		warm(r);
		rig_quiesce(&r->s);
		assert_int_equal(r->s.res.outcome, IOMMU_DONE);
		lands(&r->s, DEV_MAPPED, IOVA_4K, PA_4K);
		blocked(&r->s, DEV_MAPPED, 0, true);
		pass_is_guarded(&r->s, DEV_PASS);
		blocked(&r->s, DEV_GROUP, IOVA_4K, true);
		lands(&r->s, DEV_SAME, IOVA_4K, SCRATCH);
		lands(&r->s, DEV_CRASH, IOVA_4K, SCRATCH);
		assert_int_equal(r->s.res.kept, 1);
		assert_int_equal(r->s.res.guarded, 1);
		assert_int_equal(r->s.res.aborted, 1);
		rig_down(&r->s);
	}
}

/* A unit that walks no page tables: abort needs none, who wants one is refused. */
static void test_no_page_tables(void **state)
{
	static const struct form none = { "no page tables", USUAL, LAYOUT,
					  SIZES & ~(1u << 12), CR0_CLOSED };
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
	assert_int_equal(reported(&r->s, DEV_SAME)->ev.err, IOMMU_EUNSUPPORTED);
	rig_down(&r->s);
}

/*
 * kexec -e: Linux has left the unit in bypass, with entries and faults as they
 * were. From the switch on nothing passes, and no interrupt waits for the next
 * kernel.
 */
static void test_left_in_bypass(void **state)
{
	struct rig *r = &rig;
	size_t i;

	(void)state;
	rig_up(r, LINUX, IOMMU_MODE_ABORT);
	warm(r);
	assert_true(model_interrupts(&r->v));
	r->v.cr0 = 1;
	for (i = 0; i < ARRAY_SIZE(all_devices); i++)
		lands(&r->s, all_devices[i], 0x5000, 0x5000);
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	for (i = 0; i < ARRAY_SIZE(all_devices); i++)
		blocked(&r->s, all_devices[i], 0x5000, true);
	blocked(&r->s, DEV_UNMATCHED, 0x5000, true);
	assert_false(model_interrupts(&r->v));
	rig_down(&r->s);
}

/* A stalled transaction is let go, refused. */
static void test_stalled(void **state)
{
	struct rig *r = &rig;

	(void)state;
	rig_up(r, LINUX, IOMMU_MODE_COPY);
	r->v.bank[3].sctlr |= 0x80;
	model_dma(&r->v, DEV_MAPPED, 0x1000, true);
	assert_int_equal(r->v.bank[3].fsr, 1u << 30 | 2);
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	assert_int_equal(r->v.resumed, 1);
	assert_int_equal(r->v.bank[3].fsr, 0);
	lands(&r->s, DEV_MAPPED, IOVA_4K, PA_4K);
	blocked(&r->s, DEV_MAPPED, 0x1000, true);
	assert_int_equal(r->v.bank[3].fsr, 2);
	rig_down(&r->s);
}

/* Who passes through can't change the tables that others go through. */
static void test_kept_tables_are_safe(void **state)
{
	struct rig *r = &rig;
	u64 root, at;
	int s;

	(void)state;
	rig_up(r, LINUX, IOMMU_MODE_COPY);
	r->s.next = 0x9000000; /* in pages of its own */
	root = lpae_mapped_table(&r->s, false);
	add_entry(r, 0x300, 0, add_bank(r, root));
	rig_quiesce(&r->s);
	lands(&r->s, 0x300, IOVA_4K, PA_4K);
	at = root;
	for (s = 39; s >= 12; s -= 9) {
		blocked(&r->s, DEV_PASS, at, true);
		at = fakemem_get(&r->s.fake, at + (IOVA_4K >> s & 511) * 8) &
		     0xfffffffff000ULL;
	}
	/* Nor those that were checked before it was known who passes. */
	blocked(&r->s, DEV_PASS, OLD_TABLES, true);
	pass_is_guarded(&r->s, DEV_PASS);
	rig_down(&r->s);
}

/* What is unmapped, but still in the TLB, is forgotten. */
static void test_stale_tlb(void **state)
{
	struct rig *r = &rig;
	u64 table;

	(void)state;
	rig_up(r, LINUX, IOMMU_MODE_COPY);
	table = lpae_mapped_table(&r->s, false);
	lpae_map(&r->s, table, 0x7000000, r->s.crash, 12, false, false);
	add_entry(r, 0x300, 0, add_bank(r, table));
	lands(&r->s, 0x300, 0x7000000, r->s.crash);
	lpae_map(&r->s, table, 0x7000000, PA_4K, 12, false, false);
	rig_quiesce(&r->s);
	lands(&r->s, 0x300, 0x7000000, PA_4K);
	rig_down(&r->s);
}

/* Addresses that are extended from a lower bit on: no kernel has that. */
static void test_sign_extension(void **state)
{
	struct rig *r = &rig;

	(void)state;
	rig_up(r, LINUX, IOMMU_MODE_COPY);
	r->v.bank[3].tcr2 = 5; /* from bit 31 on */
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	assert_int_equal(reported(&r->s, DEV_MAPPED)->ev.err, IOMMU_EFORM);
	blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
	rig_down(&r->s);
	/* Where the tables have no more bits, that changes nothing. */
	rig_up(r, LINUX, IOMMU_MODE_COPY);
	r->v.bank[3].tcr2 = 5 | 5 << 15; /* bit 47 */
	r->v.bank[3].tcr = 17 | 1 << 23; /* 47 bits */
	rig_quiesce(&r->s);
	assert_null(reported(&r->s, DEV_MAPPED));
	lands(&r->s, DEV_MAPPED, IOVA_4K, PA_4K);
	rig_down(&r->s);
}

/* --- entries and banks that are none --- */

/* What the bank of DEV_MAPPED, or its entry, is made to be. */
static void reserved_type(struct rig *r)
{
	r->v.s2cr[0] |= 3 << 16;
}

static void wide_input(struct rig *r)
{
	r->v.bank[3].tcr = 10 | 1 << 23;
}

static void no_such_granule(struct rig *r)
{
	r->v.bank[3].tcr |= 1 << 14;
}

static void reserved_granule(struct rig *r)
{
	r->v.bank[3].tcr |= 3 << 14;
}

static void no_half(struct rig *r)
{
	r->v.bank[3].tcr |= 1 << 7;
}

static void short_descriptors(struct rig *r)
{
	r->v.bank[3].cba2r &= ~1u;
}

static void stage2_faults(struct rig *r)
{
	r->v.bank[3].cbar = 2 << 16;
}

static void table_in_crash_kernel(struct rig *r)
{
	r->v.bank[3].ttbr0 = r->s.crash + 0x5000;
}

static void table_too_high(struct rig *r)
{
	r->v.bank[3].ttbr0 = 1ULL << 46;
}

static const struct illegal {
	const char *name;
	void (*make)(struct rig *r);
	u32 err; /* as told; IOMMU_OK: nothing is told, it refuses by itself */
} illegal[] = {
	{ "S2CR's reserved type", reserved_type, IOMMU_OK },
	{ "54 bits", wide_input, IOMMU_EFORM },
	{ "64 KiB, which the unit has not", no_such_granule, IOMMU_EFORM },
	{ "a reserved granule", reserved_granule, IOMMU_EFORM },
	{ "neither half", no_half, IOMMU_EACCESS },
	{ "short descriptors", short_descriptors, IOMMU_EFORM },
	{ "stage 2 faults", stage2_faults, IOMMU_EACCESS },
	{ "a table in the crash kernel", table_in_crash_kernel,
	  IOMMU_EADDRESS },
	{ "a table beyond the address bits", table_too_high, IOMMU_EWIDTH },
};

static void one_illegal(const struct illegal *c, u32 mode)
{
	struct rig *r = &rig;
	const struct report *p;

	rig_up(r, LINUX, mode);
	c->make(r);
	rig_quiesce(&r->s);
	if (r->s.res.outcome != IOMMU_DONE)
		fail_msg("%s, %s: outcome %u", c->name, iommu_mode_name(mode),
			 r->s.res.outcome);
	p = reported(&r->s, DEV_MAPPED);
	if (mode == IOMMU_MODE_COPY && (p ? p->ev.err : IOMMU_OK) != c->err)
		fail_msg("%s: told as %s", c->name,
			 p ? iommu_err_text(p->ev.err) : "nothing");
	if (mode == IOMMU_MODE_SINK)
		lands(&r->s, DEV_MAPPED, IOVA_4K, SCRATCH);
	else
		blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
	/* The others have what they had. */
	if (mode == IOMMU_MODE_COPY)
		lands(&r->s, DEV_GROUP, IOVA_4K, PA_4K);
	rig_down(&r->s);
}

static void test_illegal(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(illegal); i++) {
		one_illegal(&illegal[i], IOMMU_MODE_ABORT);
		one_illegal(&illegal[i], IOMMU_MODE_SINK);
		one_illegal(&illegal[i], IOMMU_MODE_COPY);
	}
}

/* VMIDs of ours, at most @room of them; returns how many. */
static u32 own_vmids(struct rig *r, u32 unit, u32 *vmid, u32 room)
{
	u32 i, n = 0;

	rig_up(r, LINUX, IOMMU_MODE_SINK);
	r->s.q.unit = unit;
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	for (i = 0; i < BANKS && n < room; i++)
		if (is_own(&r->v.bank[i]))
			vmid[n++] = r->v.bank[i].cbar & 0xff;
	rig_down(&r->s);
	return n;
}

/* Units may share a TLB (Cavium CN88xx, erratum 27704). */
static void test_vmids_of_units(void **state)
{
	struct rig *r = &rig;
	u32 a[4], b[4], n, m, i, k;

	(void)state;
	n = own_vmids(r, 0, a, 4);
	m = own_vmids(r, 1, b, 4);
	assert_true(n && m);
	for (i = 0; i < n; i++)
		for (k = 0; k < m; k++)
			assert_int_not_equal(a[i], b[k]);
}

/* All banks are kept entries': who wants one of ours is refused. */
static void test_no_free_bank(void **state)
{
	struct rig *r = &rig;
	u64 table;
	u32 i;

	(void)state;
	rig_up(r, LINUX, IOMMU_MODE_COPY);
	r->entries = 0;
	memset(r->v.smr, 0, sizeof(r->v.smr));
	r->banks = 0;
	table = lpae_mapped_table(&r->s, false);
	for (i = 0; i < BANKS; i++) {
		r->v.bank[i] = r->v.bank[3];
		r->v.bank[i].ttbr0 = table | (u64)i << 48;
		add_entry(r, 0x400 + i, 0, i);
	}
	add_entry(r, DEV_PASS, 0, 1 << 16);
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_PARTLY);
	assert_int_equal(r->s.res.err, IOMMU_ENOSPACE);
	for (i = 0; i < BANKS; i++)
		lands(&r->s, 0x400 + i, IOVA_4K, PA_4K);
	blocked(&r->s, DEV_PASS, 0x1000, true);
	rig_down(&r->s);
}

static void test_short_arena(void **state)
{
	static const u32 modes[] = { IOMMU_MODE_COPY, IOMMU_MODE_ABORT,
				     IOMMU_MODE_SINK };
	struct rig *r = &rig;
	struct model_dma d;
	u32 pages, m;
	size_t i;

	(void)state;
	for (pages = 0; pages < 24; pages++)
		for (m = 0; m < ARRAY_SIZE(modes); m++) {
			rig_up(r, LINUX, modes[m]);
			r->s.arena.area.len = (u64)pages << 12;
			rig_quiesce(&r->s);
			assert_int_equal(r->s.res.outcome, IOMMU_DONE);
			for (i = 0; i < ARRAY_SIZE(all_devices); i++) {
				d = model_dma(&r->v, all_devices[i],
					      r->s.crash + 0x1000, true);
				assert_false(d.landed && d.pa != SCRATCH);
				assert_false(d.logged);
			}
			rig_down(&r->s);
		}
}

static void test_check_budget(void **state)
{
	struct rig *r = &rig;

	(void)state;
	rig_up(r, LINUX, IOMMU_MODE_COPY);
	r->s.q.check_budget_us = 0;
	r->v.config.us_per_look = 1;
	rig_quiesce(&r->s);
	assert_int_equal(r->s.res.outcome, IOMMU_DONE);
	blocked(&r->s, DEV_MAPPED, IOVA_4K, true);
	assert_int_equal(reported(&r->s, DEV_MAPPED)->ev.err, IOMMU_EBUDGET);
	rig_down(&r->s);
}

/* --- a unit that does not do as it should --- */

/* What comes of the switch, and of the first entry's DMA, in one mode. */
struct outcome {
	u32 outcome, err;
	enum {
		AS_ASKED, /* refused, sunk or kept */
		AS_BEFORE,
		REFUSED
	} dma;
};

#define DONE                            \
	{                               \
		IOMMU_DONE, 0, AS_ASKED \
	}
#define PARTLY(err)                         \
	{                                   \
		IOMMU_PARTLY, err, AS_ASKED \
	}

static const struct broken {
	const char *name;
	u32 faults;
	struct outcome abort, sink, copy;
} broken[] = {
	{ "registers all ones",
	  MODEL_ABSENT,
	  { IOMMU_LEFT, IOMMU_EABSENT, AS_BEFORE },
	  { IOMMU_LEFT, IOMMU_EABSENT, AS_BEFORE },
	  { IOMMU_LEFT, IOMMU_EABSENT, AS_BEFORE } },
	{ "sCR0 locked", MODEL_CR0_LOCKED, PARTLY(IOMMU_EREADBACK),
	  PARTLY(IOMMU_EREADBACK), PARTLY(IOMMU_EREADBACK) },
	/* In copy it is not written to. */
	{ "S2CR locked",
	  MODEL_S2CR_LOCKED,
	  { IOMMU_PARTLY, IOMMU_EREADBACK, AS_BEFORE },
	  { IOMMU_PARTLY, IOMMU_EREADBACK, AS_BEFORE },
	  DONE },
	{ "sync never ends", MODEL_SYNC_STUCK, PARTLY(IOMMU_ETIMEOUT),
	  PARTLY(IOMMU_ETIMEOUT), PARTLY(IOMMU_ETIMEOUT) },
	{ "sync is slow", MODEL_SYNC_LATE, DONE, DONE, DONE },
	/* Abort needs no bank. */
	{ "TTBR0 locked",
	  MODEL_TTBR_LOCKED,
	  DONE,
	  { IOMMU_PARTLY, IOMMU_EREADBACK, REFUSED },
	  PARTLY(IOMMU_EREADBACK) },
	{ "banks go on to interrupt", MODEL_LOUD, PARTLY(IOMMU_EREADBACK),
	  PARTLY(IOMMU_EREADBACK), PARTLY(IOMMU_EREADBACK) },
	{ "faults stay", MODEL_FAULTS_STUCK, DONE, DONE, DONE },
};

static void check_dma(struct rig *r, const struct outcome *o, u32 mode)
{
	const u32 told = o->dma == AS_BEFORE ? IOMMU_MODE_COPY
			 : o->dma == REFUSED ? IOMMU_MODE_ABORT
					     : mode;

	/* Of the old banks, which stop at a fault, that was the test's own. */
	r->v.bank[3].fsr = 0;
	if (told == IOMMU_MODE_COPY)
		lands(&r->s, DEV_MAPPED, IOVA_4K, PA_4K);
	else if (told == IOMMU_MODE_SINK)
		lands(&r->s, DEV_MAPPED, IOVA_4K, SCRATCH);
	else
		assert_false(
			model_dma(&r->v, DEV_MAPPED, IOVA_4K, true).landed);
	/* Nor does what passed before reach the crash kernel. */
	if (o->outcome != IOMMU_LEFT)
		assert_false(
			model_dma(&r->v, DEV_PASS, CRASH_START + 0x1000, true)
				.pa == CRASH_START + 0x1000);
}

static void break_it(const struct broken *b, const struct outcome *o, u32 mode,
		     u32 us_per_access)
{
	struct rig *r = &rig;
	u64 start;

	rig_up(r, LINUX, mode);
	warm(r);
	r->v.config.us_per_access = us_per_access;
	r->v.broken = b->faults;
	start = r->v.clock;
	r->v.accesses = 0;
	rig_quiesce(&r->s);
	if (r->s.res.outcome != o->outcome || r->s.res.err != o->err)
		fail_msg("%s, %s: outcome %u, %s", b->name,
			 iommu_mode_name(mode), r->s.res.outcome,
			 iommu_err_text(r->s.res.err));
	if (o->err)
		assert_int_not_equal(r->s.res.evidence.level, 0);
	assert_true(r->v.clock - start <= r->s.q.budget_us + OVERHEAD_US);
	assert_true(r->v.accesses <=
		    9ULL * r->s.q.budget_us + 1000 + OVERHEAD_US);
	r->v.broken = 0;
	if (b->faults != MODEL_ABSENT && b->faults != MODEL_LOUD &&
	    b->faults != MODEL_CR0_LOCKED)
		assert_false(model_interrupts(&r->v));
	check_dma(r, o, mode);
	rig_down(&r->s);
}

static void break_in_each_mode(const struct broken *b, u32 us_per_access)
{
	break_it(b, &b->abort, IOMMU_MODE_ABORT, us_per_access);
	break_it(b, &b->sink, IOMMU_MODE_SINK, us_per_access);
	break_it(b, &b->copy, IOMMU_MODE_COPY, us_per_access);
}

static void test_broken_units(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(broken); i++) {
		break_in_each_mode(&broken[i], 1);
		/* And when the clock stands still. */
		if (!(broken[i].faults & MODEL_SYNC_LATE))
			break_in_each_mode(&broken[i], 0);
	}
}

/* What can't be done is refused when the crash kernel is loaded. */
static void test_can(void **state)
{
	static const struct {
		u64 cap, ecap;
		u32 mode;
		bool can;
	} c[] = {
		{ USUAL, SIZES, IOMMU_MODE_SINK, true },
		{ USUAL & ~(S1 | S2), SIZES, IOMMU_MODE_SINK, false },
		{ USUAL & ~(S1 | S2), SIZES, IOMMU_MODE_ABORT, true },
		{ USUAL, SIZES & ~(1u << 12), IOMMU_MODE_COPY, false },
		{ 0, 0, IOMMU_MODE_SINK, true }, /* nothing is known */
	};
	const struct iommu_vendor *v = iommu_vendor(IOMMU_VENDOR_SMMUV2);
	struct iommu_demand d = { .requesters = 4, .guards = 1 };
	struct iommu_config cfg;
	const char *why;
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
	}
	d.mode = IOMMU_MODE_RECORD;
	assert_int_equal(v->arena_need(&cfg, &d), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_left),
		cmocka_unit_test(test_abort),
		cmocka_unit_test(test_sink),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_by_number),
		cmocka_unit_test(test_reports),
		cmocka_unit_test(test_overrides),
		cmocka_unit_test(test_no_page_tables),
		cmocka_unit_test(test_left_in_bypass),
		cmocka_unit_test(test_stalled),
		cmocka_unit_test(test_kept_tables_are_safe),
		cmocka_unit_test(test_stale_tlb),
		cmocka_unit_test(test_sign_extension),
		cmocka_unit_test(test_illegal),
		cmocka_unit_test(test_vmids_of_units),
		cmocka_unit_test(test_no_free_bank),
		cmocka_unit_test(test_short_arena),
		cmocka_unit_test(test_check_budget),
		cmocka_unit_test(test_broken_units),
		cmocka_unit_test(test_can),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
