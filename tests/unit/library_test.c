// SPDX-License-Identifier: GPL-2.0-only
/* The small parts of the library: bits, names, arena, checksum, notes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fakemem.h"
#include "iommu/smmuv3/smmuv3.h"
#include "iommu_notes.h"

static void test_bits(void **state)
{
	struct span s = { 0x1000, 0x1000 }, end = { ~0ULL - 0xfff, 0x1000 };

	(void)state;
	assert_int_equal(MASK64(63, 0), ~0ULL);
	assert_int_equal(MASK64(0, 0), 1);
	assert_int_equal(MASK64(11, 10), 0xc00);
	assert_int_equal(field(MASK64(11, 10), 0xfff), 3);
	assert_int_equal(field(MASK64(63, 60), ~0ULL), 15);
	assert_int_equal(field_put(MASK64(63, 32), 5), 5ULL << 32);
	assert_int_equal(field_put(MASK64(2, 0), 0xff), 7);
	assert_int_equal(align_up(0x1001, 0x1000), 0x2000);
	assert_int_equal(align_up(0x1000, 0x1000), 0x1000);
	assert_true(span_holds(&s, 0x1000, 0x1000));
	assert_false(span_holds(&s, 0x1001, 0x1000));
	assert_false(span_holds(&s, 0xfff, 1));
	assert_false(span_holds(&s, 0x1fff, ~0ULL));
	assert_true(span_holds(&end, ~0ULL, 1));
	assert_true(span_overlaps(&s, 0, 0x1001));
	assert_false(span_overlaps(&s, 0, 0x1000));
	assert_false(span_overlaps(&s, 0x2000, ~0ULL));
	assert_true(span_overlaps(&s, 0x1fff, ~0ULL));
	assert_false(span_overlaps(&s, 0x1800, 0));
}

static void test_names(void **state)
{
	u32 i, k;

	(void)state;
	for (i = 0; i < IOMMU_MODE_N; i++)
		assert_int_equal(iommu_mode_parse(iommu_mode_name(i)), i);
	assert_int_equal(iommu_mode_parse("cop"), IOMMU_MODE_N);
	assert_int_equal(iommu_mode_parse("copyy"), IOMMU_MODE_N);
	assert_int_equal(iommu_mode_parse("Copy"), IOMMU_MODE_N);
	assert_int_equal(iommu_mode_parse(""), IOMMU_MODE_N);
	/* A text of its own for each: none forgotten, none twice. */
	for (i = 0; i < IOMMU_ERR_N; i++) {
		assert_true(strlen(iommu_err_text(i)) > 0);
		for (k = 0; k < i; k++)
			assert_string_not_equal(iommu_err_text(i),
						iommu_err_text(k));
	}
	assert_string_equal(iommu_err_text(IOMMU_ERR_N), "unknown error");
	for (i = 0; i < IOMMU_WHY_N; i++)
		assert_true(strlen(iommu_reason_text(i)) > 0);
	assert_string_equal(iommu_reason_text(~0u), "unknown reason");
}

static void test_vendors(void **state)
{
	const struct iommu_vendor *v;
	unsigned int i;

	(void)state;
	for (i = 0; (v = iommu_vendor_at(i)); i++) {
		assert_ptr_equal(iommu_vendor(v->id), v);
		assert_true(v->snapshot && v->describe && v->lookup);
		assert_true(!v->fault == !v->fault_text);
		assert_true(!v->reg_name == !v->regs_max);
		/* A switch needs room for its tables. */
		assert_true(!v->quiesce == !v->arena_need);
	}
	assert_true(i >= 1);
	assert_null(iommu_vendor(IOMMU_VENDOR_NONE));
	assert_null(iommu_vendor(999));
	v = iommu_vendor(IOMMU_VENDOR_VTD);
	assert_string_equal(v->name, "vt-d");
	assert_string_equal(v->reg_name(0x20), "RTADDR");
	assert_null(v->reg_name(0x21));
	assert_string_equal(v->fault_text(2), "context entry not present");
	assert_string_equal(v->fault_text(0xff), "unknown reason");
}

static void test_fault_record(void **state)
{
	const struct iommu_vendor *v = iommu_vendor(IOMMU_VENDOR_VTD);
	/* PASID 12345h, read, reason 71h, requester 0:1f.3 */
	struct iommu_fault_raw raw = {
		{ 0xabcdef123000ULL, 1ULL << 63 | 1ULL << 62 |
					     0x12345ULL << 40 | 0x71ULL << 32 |
					     1ULL << 31 | 0xfb }
	};
	/* interrupt remapping: reason 22h, index 34h */
	struct iommu_fault_raw ir = { { 0x34ULL << 48,
					1ULL << 63 | 0x22ULL << 32 | 0x100 } };
	struct iommu_fault f;

	(void)state;
	v->fault(&raw, &f);
	assert_int_equal(f.requester, 0xfb);
	assert_int_equal(f.reason, 0x71);
	assert_int_equal(f.iova, 0xabcdef123000ULL);
	assert_false(f.write);
	assert_true(f.has_pasid);
	assert_int_equal(f.pasid, 0x12345);
	assert_false(f.interrupt);
	v->fault(&ir, &f);
	assert_true(f.interrupt);
	assert_int_equal(f.iova, 0x34);
	assert_false(f.has_pasid);
}

static void test_regs(void **state)
{
	struct iommu_reg reg[IOMMU_REGS_MAX];
	struct iommu_regs r = IOMMU_REGS(reg);
	u64 val;
	u32 i;

	(void)state;
	for (i = 0; i < IOMMU_REGS_MAX; i++)
		assert_int_equal(iommu_reg_put(&r, i * 8, 8, i), 0);
	assert_int_equal(iommu_reg_put(&r, 0x1000, 8, 0), IOMMU_ENOSPACE);
	assert_true(iommu_reg_get(&r, 63 * 8, &val));
	assert_int_equal(val, 63);
	assert_false(iommu_reg_get(&r, 4, &val));
	r.n = ~0u; /* from a hostile note */
	assert_false(iommu_reg_get(&r, 4, &val));
}

/* --- top-level tables --- */

struct told {
	u64 phys;
	u32 at, len;
	u16 requester;
	u64 *bytes;
};

struct telling {
	struct iommu_top top;
	struct fakemem mem;
	struct told told[32];
	u32 n;
};

/* Fake memory is read within a page. */
static bool read_words(struct telling *t, u64 phys, u64 *to, u32 len)
{
	for (u32 i = 0; i < len / 8; i++)
		if (mem_read(&t->mem.m, phys + i * 8, &to[i], 8))
			return false;
	return true;
}

static const u64 *tell_table(struct iommu_top *top, u64 phys, u32 at, u32 len,
			     u16 requester)
{
	struct telling *t = (struct telling *)top;
	u64 *bytes = malloc(len);

	assert_non_null(bytes);
	if (t->n == ARRAY_SIZE(t->told) || !read_words(t, phys, bytes, len)) {
		free(bytes);
		return NULL;
	}
	t->told[t->n++] = (struct told){ phys, at, len, requester, bytes };
	return bytes;
}

static bool was_told(struct iommu_top *top, u64 phys)
{
	const struct telling *t = (const struct telling *)top;

	for (u32 i = 0; i < t->n; i++)
		if (t->told[i].phys == phys)
			return true;
	return false;
}

static void assert_told(const struct telling *t, u32 i, u64 phys, u32 at,
			u32 len, u16 requester)
{
	assert_true(i < t->n);
	assert_int_equal(t->told[i].phys, phys);
	assert_int_equal(t->told[i].at, at);
	assert_int_equal(t->told[i].len, len);
	assert_int_equal(t->told[i].requester, requester);
}

/* Forgets what it was told before. */
static void tell_smmuv3(struct telling *t, u64 base, u64 cfg, u64 cr0)
{
	struct iommu_reg reg[8];
	struct iommu_regs regs = IOMMU_REGS(reg);

	while (t->n)
		free(t->told[--t->n].bytes);
	iommu_reg_put(&regs, SMMUV3_IDR0, 4,
		      IDR0_S1P | IDR0_TTF_AARCH64 | IDR0_CD2L |
			      field_put(IDR0_ST_LEVEL, 1));
	iommu_reg_put(&regs, SMMUV3_IDR1, 4,
		      field_put(IDR1_SIDSIZE, 20) |
			      field_put(IDR1_SSIDSIZE, 12));
	iommu_reg_put(&regs, SMMUV3_IDR5, 4, 5);
	iommu_reg_put(&regs, SMMUV3_CR0, 4, cr0);
	iommu_reg_put(&regs, SMMUV3_STRTAB_BASE, 8, base);
	iommu_reg_put(&regs, SMMUV3_STRTAB_BASE_CFG, 4, cfg);
	iommu_top_tables(IOMMU_VENDOR_SMMUV3, &regs, &t->top);
}

static void fill_pages(struct telling *t, u64 at, u32 len)
{
	for (u32 i = 0; i < len; i += 8)
		fakemem_put(&t->mem, at + i, 0);
}

#define STREAM_TABLE 0x100000
#define SECOND_LEVEL 0x200000
#define CDS 0x300000

/* Level 1 descriptors, the second levels, the CDs of streams that have some. */
static void test_stream_table(void **state)
{
	struct telling t = { .top = { tell_table, was_told } };
	const u64 s1 = STE_V | field_put(STE_CONFIG, CONFIG_S1);
	const u64 two = field_put(STRTAB_CFG_FMT, STRTAB_2LEVEL) |
			field_put(STRTAB_CFG_SPLIT, 8) | 17;
	const u64 linear = field_put(STRTAB_CFG_LOG2SIZE, 7);
	u64 ste = SECOND_LEVEL;

	(void)state;
	fakemem_init(&t.mem);
	fill_pages(&t, STREAM_TABLE, 512 * 8);
	fill_pages(&t, SECOND_LEVEL, 256 * STE_BYTES);
	fill_pages(&t, CDS, 0x4000);
	/* Spans of all 256 streams, and of 4; two lead to one; one is bad. */
	fakemem_put(&t.mem, STREAM_TABLE, SECOND_LEVEL | 9);
	fakemem_put(&t.mem, STREAM_TABLE + 8, SECOND_LEVEL | 9);
	fakemem_put(&t.mem, STREAM_TABLE + 511 * 8, CDS | 3);
	fakemem_put(&t.mem, STREAM_TABLE + 510 * 8, CDS | 12);
	/* One CD; the same; 64 of them; two levels; bypass; no memory there. */
	fakemem_put(&t.mem, ste += STE_BYTES, s1 | (CDS + 0x1040));
	fakemem_put(&t.mem, ste += STE_BYTES, s1 | (CDS + 0x1040));
	fakemem_put(&t.mem, ste += STE_BYTES,
		    s1 | (CDS + 0x2000) | field_put(STE_S1CDMAX, 6));
	fakemem_put(&t.mem, ste += STE_BYTES,
		    s1 | (CDS + 0x1800) | field_put(STE_S1CDMAX, 7) |
			    field_put(STE_S1FMT, S1FMT_4K));
	fakemem_put(&t.mem, CDS + 0x1808, (CDS + 0x3000) | L1CD_V);
	fakemem_put(&t.mem, ste += STE_BYTES,
		    STE_V | field_put(STE_CONFIG, CONFIG_BYPASS));
	fakemem_put(&t.mem, ste += STE_BYTES,
		    s1 | 0xdead0000 | field_put(STE_S1CDMAX, 31));
	tell_smmuv3(&t, STREAM_TABLE, two, CR0_SMMUEN);
	assert_int_equal(t.n, 7);
	assert_told(&t, 0, STREAM_TABLE, IOMMU_AT_ROOT, 512 * 8, 0);
	assert_told(&t, 1, SECOND_LEVEL, IOMMU_AT_CONTEXT, 256 * 64, 0);
	assert_told(&t, 2, CDS + 0x1040, IOMMU_AT_PASID, 64, 1);
	assert_told(&t, 3, CDS + 0x2000, IOMMU_AT_PASID, 4096, 3);
	assert_told(&t, 4, CDS + 0x1800, IOMMU_AT_PASID_DIR, 16, 4);
	assert_told(&t, 5, CDS + 0x3000, IOMMU_AT_PASID, 4096, 4);
	/* Stream 0x1ff00 does not fit into the 16 bits. */
	assert_told(&t, 6, CDS, IOMMU_AT_CONTEXT, 4 * 64, 0xff00);
	/* Linear: as many as there are, in pages. */
	tell_smmuv3(&t, SECOND_LEVEL, linear, CR0_SMMUEN);
	assert_told(&t, 0, SECOND_LEVEL, IOMMU_AT_CONTEXT, 4096, 0);
	assert_told(&t, 5, SECOND_LEVEL + 4096, IOMMU_AT_CONTEXT, 4096, 64);
	assert_int_equal(t.n, 6);
	tell_smmuv3(&t, SECOND_LEVEL, field_put(STRTAB_CFG_LOG2SIZE, 1),
		    CR0_SMMUEN);
	assert_told(&t, 0, SECOND_LEVEL, IOMMU_AT_CONTEXT, 128, 0);
	assert_int_equal(t.n, 2);
	/* It ends with the memory, and is not asked for while the unit is off. */
	tell_smmuv3(&t, SECOND_LEVEL, 10, CR0_SMMUEN);
	assert_int_equal(t.n, 8);
	tell_smmuv3(&t, SECOND_LEVEL, linear, 0);
	assert_int_equal(t.n, 0);
	fakemem_free(&t.mem);
}

static void test_arena(void **state)
{
	struct iommu_arena a = { .area = { 0x10000, 0x3000 } };
	struct fakemem m;

	(void)state;
	fakemem_init(&m);
	m.grow = (struct span){ 0x10000, 0x3000 };
	assert_int_equal(iommu_arena_alloc(&a, &m.m, 8, PAGE_4K), 0x10000);
	assert_int_equal(fakemem_get(&m, 0x10ff8), 0);
	assert_int_equal(iommu_arena_alloc(&a, &m.m, 0, PAGE_4K), 0);
	assert_int_equal(iommu_arena_alloc(&a, &m.m, ~0ULL, PAGE_4K), 0);
	assert_int_equal(iommu_arena_alloc(&a, &m.m, 0x2001, PAGE_4K), 0);
	assert_int_equal(a.used, 0x1000);
	assert_int_equal(iommu_arena_alloc(&a, &m.m, 0x2000, PAGE_4K), 0x11000);
	assert_int_equal(iommu_arena_alloc(&a, &m.m, 1, PAGE_4K), 0);
	/* Aligned by address, not by offset; what lies before is lost. */
	a = (struct iommu_arena){ .area = { 0x11000, 0x7000 } };
	m.grow = (struct span){ 0x11000, 0x7000 };
	assert_int_equal(iommu_arena_alloc(&a, &m.m, 8, 0x2000), 0x12000);
	assert_int_equal(a.used, 0x2000);
	assert_int_equal(iommu_arena_alloc(&a, &m.m, 0x4000, 0x4000), 0x14000);
	assert_int_equal(iommu_arena_alloc(&a, &m.m, 1, PAGE_4K), 0);
	assert_int_equal(iommu_arena_alloc(&a, &m.m, 8, 0x800), 0);
	assert_int_equal(iommu_arena_alloc(&a, &m.m, 8, 0x3000), 0);
	a.used = 0;
	assert_int_equal(iommu_arena_alloc(&a, &m.m, 8, 1ULL << 63), 0);
	m.grow = (struct span){ 0x10000, 0x3000 };
	/* A part of a page at the end is no page. */
	a = (struct iommu_arena){ .area = { 0x10000, 0x2800 } };
	assert_int_equal(iommu_arena_alloc(&a, &m.m, 0x2001, PAGE_4K), 0);
	assert_int_equal(iommu_arena_alloc(&a, &m.m, 0x2000, PAGE_4K), 0x10000);
	a = (struct iommu_arena){ .area = { 0x10800, 0x3000 } };
	assert_int_equal(iommu_arena_alloc(&a, &m.m, 8, PAGE_4K), 0);
	a = (struct iommu_arena){ .area = { 0x10000, 0x3000 }, .used = 0x4000 };
	assert_int_equal(iommu_arena_alloc(&a, &m.m, 8, PAGE_4K), 0);
	/* What can't be written is not handed out. */
	a = (struct iommu_arena){ .area = { 0x10000, 0x3000 } };
	m.deny_write = 0x10000;
	assert_int_equal(iommu_arena_alloc(&a, &m.m, 8, PAGE_4K), 0);
	assert_int_equal(a.used, 0);
	fakemem_free(&m);
}

/* --- notes --- */

static void test_crc(void **state)
{
	u32 crc;

	(void)state;
	/* The check value of CRC-32/ISO-HDLC, as zlib computes it. */
	assert_int_equal(note_crc32(0, "123456789", 9), 0xcbf43926);
	crc = note_crc32(0, "1234", 4);
	assert_int_equal(note_crc32(crc, "56789", 5), 0xcbf43926);
	assert_int_equal(note_crc32(0, "", 0), 0);
}

struct buffer {
	u8 bytes[1024];
	struct note_writer w;
};

static void write_note(struct buffer *b, u32 size)
{
	assert_int_equal(note_begin(&b->w, b->bytes, size, NOTE_CRASH), 0);
	assert_int_equal(note_put(&b->w, 77, "abcde", 5), 0);
	assert_int_equal(note_record(&b->w, 78, "xy", 2, 6), 0);
	assert_int_equal(note_bytes(&b->w, "zw", 2), 0);
	assert_int_equal(note_bytes(&b->w, "12", 2), 0);
	assert_int_equal(note_bytes(&b->w, "!", 1), IOMMU_ENOSPACE);
	assert_int_equal(note_put(&b->w, 79, NULL, 0), 0);
	note_seal(&b->w);
}

/* Reads it back as the kernel and our tools do. */
static enum note_state read_note(const u8 *buf, u64 len, struct note *n,
				 struct note_head *head)
{
	struct note_reader r = { buf, len, 0 };
	u64 bad;

	if (!note_next(&r, n, &bad))
		return bad == ~0ULL ? NOTE_NOT_OURS : NOTE_SHORT;
	return note_check(n, head);
}

static void test_round_trip(void **state)
{
	struct note_record_reader rr;
	struct note_record rec;
	struct note_head head;
	const u8 *payload;
	struct buffer b;
	struct note n;
	u32 i;

	(void)state;
	memset(b.bytes, 0xff, sizeof(b.bytes));
	write_note(&b, 512);
	assert_int_equal(b.bytes[512], 0xff);
	for (i = b.w.len; i < 512; i++)
		assert_int_equal(b.bytes[i], 0);
	assert_int_equal(read_note(b.bytes, 512, &n, &head), NOTE_VALID);
	assert_int_equal(n.type, NOTE_CRASH);
	assert_int_equal(n.name_len, 5);
	assert_int_equal(head.records, 3);
	assert_int_equal(head.dropped, 0);
	note_records(&rr, &n);
	assert_true(note_record_next(&rr, &rec, &payload));
	assert_int_equal(rec.type, 77);
	assert_int_equal(rec.len, 5);
	assert_memory_equal(payload, "abcde", 5);
	assert_true(note_record_next(&rr, &rec, &payload));
	assert_int_equal(rec.type, 78);
	assert_memory_equal(payload, "xyzw12", 6);
	assert_true(note_record_next(&rr, &rec, &payload));
	assert_int_equal(rec.len, 0);
	assert_false(note_record_next(&rr, &rec, &payload));
}

/* A CPU that left zeros hides nothing; what is no note ends the notes. */
static void test_zeroed_note(void **state)
{
	struct note_reader r = { .at = 0 };
	struct buffer b, c;
	u8 all[1024] = { 0 };
	struct note n;
	u64 bad;

	(void)state;
	write_note(&b, 512);
	write_note(&c, 512);
	memcpy(all, b.bytes, align_up(b.w.len, 4));
	memcpy(all + 512, c.bytes, align_up(c.w.len, 4));
	r.buf = all;
	r.len = 512 + align_up(c.w.len, 4) + 12;
	assert_true(note_next(&r, &n, &bad));
	assert_true(note_next(&r, &n, &bad));
	assert_ptr_equal(n.name, all + 512 + 12);
	assert_int_equal(n.type, NOTE_CRASH);
	assert_false(note_next(&r, &n, &bad));
	assert_int_equal(bad, ~0ULL);
	assert_int_equal(r.at, 512 + align_up(c.w.len, 4));
	all[512 + 12] = 7; /* its name */
	r.at = 0;
	assert_true(note_next(&r, &n, &bad));
	assert_false(note_next(&r, &n, &bad));
	assert_int_equal(bad, ~0ULL);
}

/* Valid at every moment: half-written records are not seen. */
static void test_unsealed(void **state)
{
	struct note_head head;
	struct buffer b;
	struct note n;

	(void)state;
	assert_int_equal(note_begin(&b.w, b.bytes, 512, NOTE_CRASH), 0);
	assert_int_equal(read_note(b.bytes, 512, &n, &head), NOTE_VALID);
	assert_int_equal(head.records, 0);
	note_put(&b.w, 1, "abcd", 4);
	note_seal(&b.w);
	note_put(&b.w, 2, "efgh", 4);
	assert_int_equal(read_note(b.bytes, 512, &n, &head), NOTE_VALID);
	assert_int_equal(head.records, 1);
	/* The note spans what is being written: the next header is zero. */
	assert_true(n.desc + n.desc_len >= b.bytes + b.w.len);
	assert_true(n.desc + n.desc_len <= b.bytes + 512 - NOTE_TERMINATOR);
	note_seal(&b.w);
	assert_int_equal(read_note(b.bytes, 512, &n, &head), NOTE_VALID);
	assert_int_equal(head.records, 2);
}

static void test_full(void **state)
{
	struct note_head head;
	struct buffer b;
	struct note n;
	u8 big[400] = { 0 };
	u32 size, i;

	(void)state;
	for (size = 0; size < 120; size++) {
		memset(b.bytes, 0xee, sizeof(b.bytes));
		if (note_begin(&b.w, b.bytes, size, NOTE_CRASH)) {
			assert_true(size < 60);
			continue;
		}
		assert_int_equal(note_put(&b.w, 1, big, sizeof(big)),
				 IOMMU_ENOSPACE);
		assert_int_equal(note_bytes(&b.w, big, 1), IOMMU_ENOSPACE);
		for (i = 0; !note_put(&b.w, 2, big, 4); i++)
			;
		note_seal(&b.w);
		assert_true(b.w.full);
		assert_true(b.w.len + NOTE_TERMINATOR <= size);
		assert_int_equal(read_note(b.bytes, size, &n, &head),
				 NOTE_VALID);
		assert_int_equal(head.records, i);
		assert_int_equal(head.dropped, 2);
		assert_int_equal(b.bytes[size], 0xee);
	}
	note_begin(&b.w, b.bytes, 512, NOTE_CRASH);
	assert_int_equal(note_put(&b.w, 1, big, ~0u), IOMMU_ENOSPACE);
	assert_int_equal(note_record(&b.w, 1, big, 8, 4), IOMMU_ENOSPACE);
}

/* Each flipped bit is either found out or changes nothing that is read. */
static void test_flipped_bits(void **state)
{
	struct note_head head;
	struct buffer b;
	struct note n;
	u32 i, valid = 0;

	(void)state;
	write_note(&b, 256);
	for (i = 0; i < b.w.len * 8; i++) {
		b.bytes[i / 8] ^= 1 << i % 8;
		if (read_note(b.bytes, 256, &n, &head) == NOTE_VALID)
			valid++;
		b.bytes[i / 8] ^= 1 << i % 8;
	}
	/*
	 * What no checksum covers: the note's type (32 bits), the padding of
	 * its name (16 bits), and lengths that stay long enough.
	 */
	assert_true(valid >= 48 && valid < 64);
}

/* Every truncation, in a buffer of just that size: nothing beyond is read. */
static void test_truncated(void **state)
{
	struct note_record_reader rr;
	struct note_record rec;
	struct note_head head;
	const u8 *payload;
	struct buffer b;
	struct note n;
	u32 len;
	u8 *copy;

	(void)state;
	write_note(&b, 256);
	for (len = 0; len < b.w.len; len++) {
		copy = malloc(len + 1);
		assert_non_null(copy);
		memcpy(copy, b.bytes, len);
		assert_int_not_equal(read_note(copy, len, &n, &head),
				     NOTE_VALID);
		free(copy);
	}
	/* A head that lies about its own length, with a right checksum. */
	for (len = 0; len < 64; len++) {
		write_note(&b, 256);
		memcpy(&head, b.bytes + NOTE_HEADER_BYTES, sizeof(head));
		head.len = len;
		head.crc = 0;
		memcpy(b.bytes + NOTE_HEADER_BYTES, &head, sizeof(head));
		head.crc = note_crc32(0, b.bytes + NOTE_HEADER_BYTES, len);
		memcpy(b.bytes + NOTE_HEADER_BYTES, &head, sizeof(head));
		if (read_note(b.bytes, 256, &n, &head) != NOTE_VALID) {
			assert_true(len < sizeof(head));
			continue;
		}
		note_records(&rr, &n);
		while (note_record_next(&rr, &rec, &payload))
			assert_true(payload + rec.len <= n.desc + head.len);
	}
}

static void test_foreign_notes(void **state)
{
	/* CORE, prstatus of 3 bytes; an empty name; a name too long */
	static const u8 core[] = { 5,	0,   0,	  0,   3, 0, 0, 0, 1, 0, 0, 0,
				   'C', 'O', 'R', 'E', 0, 0, 0, 0, 9, 9, 9, 0 };
	static const u8 liar[] = { 0xff, 0xff, 0xff, 0xff, 0, 0,  0,
				   0,	 1,    0,    0,	   0, 'C' };
	static const u8 desc[] = { 4, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff,
				   1, 0, 0, 0, 'C',  'O',  'R',	 'E' };
	struct note_reader r = { core, sizeof(core), 0 };
	struct note_head head;
	struct note n;
	u64 bad;

	(void)state;
	assert_true(note_next(&r, &n, &bad));
	assert_int_equal(n.name_len, 4);
	assert_int_equal(n.desc_len, 3);
	assert_int_equal(note_check(&n, &head), NOTE_NOT_OURS);
	assert_false(note_next(&r, &n, &bad));
	assert_int_equal(bad, ~0ULL);
	r = (struct note_reader){ liar, sizeof(liar), 0 };
	assert_false(note_next(&r, &n, &bad));
	assert_int_equal(bad, 0);
	r = (struct note_reader){ desc, sizeof(desc), 0 };
	assert_false(note_next(&r, &n, &bad));
	assert_int_equal(bad, 0);
	r = (struct note_reader){ core, sizeof(core), ~0ULL };
	assert_false(note_next(&r, &n, &bad));
}

static void test_payloads(void **state)
{
	static const u8 payload[] = { 1, 0, 0, 0, 3, 0, 'a', 'b', 'c', 9, 0 };
	struct note_record rec = { .len = sizeof(payload) };
	const char *s;
	u32 at = 4, len;
	u64 word = ~0ULL;

	(void)state;
	assert_true(note_string(&rec, payload, &at, &s, &len));
	assert_int_equal(len, 3);
	assert_memory_equal(s, "abc", 3);
	/* The next one claims nine bytes that are not there. */
	assert_false(note_string(&rec, payload, &at, &s, &len));
	at = ~0u;
	assert_false(note_string(&rec, payload, &at, &s, &len));
	rec.len = 4; /* of an older writer */
	assert_int_equal(note_struct(&rec, payload, &word, 8), 4);
	assert_int_equal(word, 1);
	rec.len = 0;
	assert_int_equal(note_struct(&rec, payload, &word, 8), 0);
	assert_int_equal(word, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_vendors),
		cmocka_unit_test(test_fault_record),
		cmocka_unit_test(test_regs),
		cmocka_unit_test(test_stream_table),
		cmocka_unit_test(test_arena),
		cmocka_unit_test(test_crc),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_zeroed_note),
		cmocka_unit_test(test_unsealed),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_flipped_bits),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_foreign_notes),
		cmocka_unit_test(test_payloads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
