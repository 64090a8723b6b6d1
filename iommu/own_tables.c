// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables of our own: an empty one, a sink, an identity map with holes or
 * without. What an entry looks like is the format's; where it goes is here.
 */
#include "quiesce.h"
#include "env.h"

/* Memory that an identity map may take: 16 MiB. */
#define IDENTITY_BYTES_MAX MIB(16)
#define IDENTITY_END_MIN GIB(4)
/*
 * Tables kept for holes made afterwards: one for each large page in which
 * others' tables lie, which is at least one a requester, scattered as they are.
 */
#define PUNCH_TABLES 16
#define PUNCH_TABLES_MAX 512

/* --- geometry --- */

static u32 entry_bits(const struct own_form *f, u32 level)
{
	if (level == f->table.levels && f->table.root_bits)
		return f->table.root_bits;
	return f->table.format->entry_bits;
}

/* Bytes that an entry at @level covers. */
static u64 entry_span(const struct own_form *f, u32 level)
{
	const struct iommu_pt_format *format = f->table.format;

	return BIT64(format->page_shift + format->entry_bits * (level - 1));
}

static u64 table_bytes(const struct own_form *f, u32 level)
{
	u64 len = 8ULL << entry_bits(f, level);

	return len > PAGE_4K ? len : PAGE_4K;
}

static u32 entry_index(const struct own_form *f, u32 level, u64 va)
{
	return va / entry_span(f, level) & (BIT64(entry_bits(f, level)) - 1);
}

static u64 encode(const struct quiesce *s, u32 level, u64 addr, bool leaf)
{
	const struct iommu_table *t = &s->form.table;

	return t->format->encode(s->c, t, level, addr, leaf);
}

static u64 new_table(struct quiesce *s, u32 level)
{
	u64 len = table_bytes(&s->form, level);

	return quiesce_alloc(s, len, len);
}

/* --- sink --- */

/* The page all of it goes to, of the size of the smallest pages. */
static u64 scratch(struct quiesce *s)
{
	u64 len = entry_span(&s->form, 1);

	if (len > PAGE_4K)
		return quiesce_alloc(s, len, len);
	return s->q->scratch & (PAGE_4K - 1) ? 0 : s->q->scratch;
}

/* Each level's entries all lead to the next, the last to the scratch. */
static int sink_table(struct quiesce *s, u64 *root)
{
	u64 next = scratch(s), entry, table;
	u32 level;

	if (!next)
		return IOMMU_EADDRESS;
	for (level = 1; level <= s->form.table.levels; level++) {
		table = new_table(s, level);
		if (!table)
			return IOMMU_ENOSPACE;
		entry = encode(s, level, next, level == 1);
		quiesce_fill(s, table, table_bytes(&s->form, level), &entry, 1);
		next = table;
	}
	*root = next;
	return IOMMU_OK;
}

/* --- identity --- */

/* The tables being filled, by level: 4 KiB of each in the iterator's page. */
struct filler {
	struct quiesce *s;
	const struct span *hole;
	u32 hole_n;
	struct {
		u64 table;  /* 0: none */
		u64 prefix; /* address bits above it */
		u32 piece;  /* first index of what the page holds */
	} at[IOMMU_LEVELS_MAX + 1];
};

/* Free between walks. */
static u64 *page_of(struct filler *p, u32 level)
{
	return p->s->iter.at[level - 1].entry;
}

/* Writes out what is filled at @level and below. */
static void flush(struct filler *p, u32 level)
{
	for (; level; level--) {
		if (p->at[level].table)
			quiesce_write(p->s,
				      p->at[level].table +
					      p->at[level].piece * 8ULL,
				      page_of(p, level), PAGE_4K);
		p->at[level].table = 0;
	}
}

/* Entries come in the order of their addresses. */
static void put_entry(struct filler *p, u32 level, u64 va, u64 entry)
{
	u32 index = entry_index(&p->s->form, level, va);
	u64 table = p->at[level].table;

	if (index - p->at[level].piece >= 512) {
		quiesce_write(p->s, table + p->at[level].piece * 8ULL,
			      page_of(p, level), PAGE_4K);
		memset(page_of(p, level), 0, PAGE_4K);
		p->at[level].piece = index & ~511u;
	}
	page_of(p, level)[index % 512] = entry;
}

static int open_table(struct filler *p, u32 level, u64 va)
{
	u64 table = new_table(p->s, level);

	if (!table)
		return IOMMU_ENOSPACE;
	flush(p, level);
	memset(page_of(p, level), 0, PAGE_4K);
	p->at[level].table = table;
	p->at[level].piece = 0;
	if (level < p->s->form.table.levels)
		put_entry(p, level + 1, va,
			  encode(p->s, level + 1, table, false));
	return IOMMU_OK;
}

/* Maps the page at @va, of the size of @leaf's entries, onto itself. */
static int map_page(struct filler *p, u64 va, u32 leaf)
{
	const struct own_form *f = &p->s->form;
	u32 level;
	u64 prefix;
	int err;

	for (level = f->table.levels; level >= leaf; level--) {
		prefix = va / entry_span(f, level) >> entry_bits(f, level);
		if (p->at[level].table && p->at[level].prefix == prefix)
			continue;
		err = open_table(p, level, va);
		if (err)
			return err;
		p->at[level].prefix = prefix;
	}
	put_entry(p, leaf, va, encode(p->s, leaf, va, true));
	return IOMMU_OK;
}

enum cover {
	COVER_NONE,
	COVER_PART,
	COVER_ALL
};

static enum cover hole_cover(const struct filler *p, u64 va, u64 len)
{
	enum cover cover = COVER_NONE;
	u32 i;

	for (i = 0; i < p->hole_n; i++) {
		if (!span_overlaps(&p->hole[i], va, len))
			continue;
		if (len == entry_span(&p->s->form, 1) ||
		    span_holds(&p->hole[i], va, len))
			return COVER_ALL;
		cover = COVER_PART;
	}
	return cover;
}

/* One page, or hole, as large as can be, at @va; returns its length. */
static u64 identity_step(struct filler *p, u64 va, u64 end, int *err)
{
	const struct own_form *f = &p->s->form;
	enum cover cover;
	u32 level;
	u64 len;

	for (level = f->table.levels; level; level--) {
		len = entry_span(f, level);
		if (va & (len - 1) || len > end - va)
			continue;
		cover = hole_cover(p, va, len);
		if (cover == COVER_ALL)
			return len;
		if (cover == COVER_NONE && level <= f->large) {
			*err = map_page(p, va, level);
			return len;
		}
	}
	return entry_span(f, 1);
}

static u64 identity_end(const struct own_form *f, u64 ram_end)
{
	u64 end = ram_end > IDENTITY_END_MIN ? ram_end : IDENTITY_END_MIN;

	end = align_up(end, entry_span(f, f->large));
	return end && end < BIT64(f->bits) ? end : BIT64(f->bits);
}

/* Bytes of an identity map up to @end with @holes holes. */
static u64 identity_bytes(const struct own_form *f, u64 end, u32 holes)
{
	u64 bytes = table_bytes(f, f->table.levels);
	u32 level;

	if (f->large > 1)
		bytes += 2ULL * holes * (f->large - 1) * table_bytes(f, 1);
	for (level = f->large; level < f->table.levels; level++)
		bytes += ((end - 1) / entry_span(f, level + 1) + 1) *
			 table_bytes(f, level);
	return bytes;
}

static int identity_table(struct quiesce *s, u32 holes, u64 *root)
{
	const struct iommu_quiesce *q = s->q;
	struct filler p = { .s = s, .hole = q->guard, .hole_n = holes };
	u32 levels = s->form.table.levels;
	u64 end, va, ram_end = 0;
	int err;

	if (q->ram_n)
		ram_end = q->ram[q->ram_n - 1].start + q->ram[q->ram_n - 1].len;
	end = identity_end(&s->form, ram_end);
	if (identity_bytes(&s->form, end, holes) > IDENTITY_BYTES_MAX)
		return IOMMU_ENOSPACE;
	err = open_table(&p, levels, 0);
	*root = p.at[levels].table;
	for (va = 0; va < end && !err;)
		va += identity_step(&p, va, end, &err);
	flush(&p, levels);
	return err;
}

/* --- holes made afterwards --- */

/* Replaces the page at @where, which maps @addr, by a table of smaller ones. */
static int split(struct quiesce *s, u32 level, u64 where, u64 addr, u64 *table)
{
	const struct own_form *f = &s->form;
	u64 buf[64], entry, i, n = BIT64(entry_bits(f, level - 1));

	*table = new_table(s, level - 1);
	if (!*table)
		return IOMMU_ENOSPACE;
	for (i = 0; i < n; i++) {
		buf[i % 64] = encode(s, level - 1,
				     addr + i * entry_span(f, level - 1), true);
		if (i % 64 == 63)
			quiesce_write(s, *table + (i - 63) * 8, buf,
				      sizeof(buf));
	}
	entry = encode(s, level, *table, false);
	quiesce_write(s, where, &entry, sizeof(entry));
	return IOMMU_OK;
}

static int punch_page(struct quiesce *s, u64 va)
{
	const struct iommu_table *t = &s->form.table;
	u64 table = s->own[TARGET_GUARD].root, where = 0, raw, none = 0;
	struct iommu_pte pte;
	u32 level;
	int err;

	for (level = t->levels; level; level--) {
		where = table + entry_index(&s->form, level, va) * 8ULL;
		err = mem_read(s->q->mem, where, &raw, sizeof(raw));
		if (err)
			return err;
		t->format->decode(s->c, t, level, raw, &pte);
		if (!pte.present)
			return IOMMU_OK;
		if (level == 1)
			break;
		table = pte.addr;
		if (pte.leaf && split(s, level, where, pte.addr, &table))
			return IOMMU_ENOSPACE;
	}
	quiesce_write(s, where, &none, sizeof(none));
	return IOMMU_OK;
}

int own_guard_punch(struct quiesce *s, u64 start, u64 len)
{
	const struct own_table *guard = &s->own[TARGET_GUARD];
	u64 page, at;
	int err = IOMMU_OK;

	if (!guard->tried || guard->err)
		return IOMMU_OK;
	page = entry_span(&s->form, 1);
	for (at = align_down(start, page); at < start + len && !err; at += page)
		if (at < BIT64(s->form.bits))
			err = punch_page(s, at);
	return err;
}

/* --- all of them --- */

static int build(struct quiesce *s, enum target target, u64 *root)
{
	switch (target) {
	case TARGET_SINK:
		return sink_table(s, root);
	case TARGET_GUARD:
		return identity_table(s, s->q->guard_n, root);
	case TARGET_PASS:
		return identity_table(s, 0, root);
	default:
		*root = new_table(s, s->form.table.levels);
		return *root ? IOMMU_OK : IOMMU_ENOSPACE;
	}
}

int own_table(struct quiesce *s, enum target target, u64 *root)
{
	struct own_table *t = &s->own[target];

	if (!t->tried) {
		t->tried = true;
		/* An override may want one where the unit's mode needs none. */
		t->err = s->form.table.format ? build(s, target, &t->root)
					      : IOMMU_EUNSUPPORTED;
	}
	*root = t->root;
	return t->err;
}

u64 own_table_need(const struct own_form *f, enum target target, u32 guards,
		   u64 ram_end)
{
	/* Tables are aligned to their size: what lies before one is lost. */
	u64 lost = table_bytes(f, f->table.levels) - PAGE_4K +
		   table_bytes(f, 1) - PAGE_4K;
	u64 page = entry_span(f, 1), bytes = 0;
	u32 level;

	if (target == TARGET_EMPTY)
		return lost + table_bytes(f, f->table.levels);
	if (target == TARGET_SINK) {
		for (level = 1; level <= f->table.levels; level++)
			bytes += table_bytes(f, level);
		return lost + bytes + (page > PAGE_4K ? 2 * page : 0);
	}
	bytes = identity_bytes(f, identity_end(f, ram_end), guards);
	if (bytes > IDENTITY_BYTES_MAX)
		bytes = IDENTITY_BYTES_MAX;
	return lost + bytes;
}

u64 own_punch_need(const struct own_form *f, u32 requesters)
{
	u32 n = requesters < PUNCH_TABLES_MAX - PUNCH_TABLES
			? PUNCH_TABLES + requesters
			: PUNCH_TABLES_MAX;

	return f->large > 1 ? n * table_bytes(f, 1) : 0;
}
