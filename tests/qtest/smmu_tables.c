// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "smmu_tables.h"

#define TABLES_START (QTEST_VIRT_RAM + MIB(16))
#define TABLES_END (QTEST_VIRT_RAM + MIB(256))
#define QUEUE_BITS 6
#define POLLS_MAX 1000

static u32 reg32(struct smmu *s, u32 off)
{
	return qtest_get(s->q, QTEST_SMMU_BASE + off, 4);
}

static void set32(struct smmu *s, u32 off, u32 val)
{
	qtest_set(s->q, QTEST_SMMU_BASE + off, 4, val);
}

static void set64(struct smmu *s, u32 off, u64 val)
{
	qtest_set(s->q, QTEST_SMMU_BASE + off, 8, val);
}

/* Zeroed RAM, aligned to its size; @len is a power of two. */
static u64 take(struct smmu *s, u64 len)
{
	u64 at;

	if (len < PAGE_4K)
		len = PAGE_4K;
	at = align_up(s->next, len);
	if (at + len > TABLES_END) {
		s->full = true;
		return TABLES_START; /* harmless: the case fails on s->full */
	}
	s->next = at + len;
	return at;
}

void smmu_start(struct smmu *s, struct qtest *q)
{
	memset(s, 0, sizeof(*s));
	s->q = q;
	s->next = TABLES_START;
	set32(s, SMMUV3_CR0, 0);
	s->command_queue = take(s, PAGE_4K);
	s->event_queue = take(s, PAGE_4K);
	s->stream_table = take(s, (u64)STE_BYTES << SMMU_STREAM_BITS);
}

static void command(struct smmu *s, u64 low, u64 high)
{
	u32 at = s->commands++ & ((1u << QUEUE_BITS) - 1), i;
	u32 prod = s->commands & ((2u << QUEUE_BITS) - 1);

	qtest_write64(s->q, s->command_queue + at * CMD_BYTES, low);
	qtest_write64(s->q, s->command_queue + at * CMD_BYTES + 8, high);
	set32(s, SMMUV3_CMDQ_PROD, prod);
	for (i = 0; i < POLLS_MAX; i++)
		if (reg32(s, SMMUV3_CMDQ_CONS) == prod)
			return;
	s->full = true; /* it never took it: the case is worth nothing */
}

void smmu_on(struct smmu *s)
{
	u32 cfg = SMMU_STREAM_BITS;

	if (s->on)
		return;
	s->on = true;
	if (s->two_level)
		cfg |= STRTAB_2LEVEL << 16 | SMMU_SPLIT << 6;
	set64(s, SMMUV3_STRTAB_BASE, s->stream_table);
	set32(s, SMMUV3_STRTAB_BASE_CFG, cfg);
	set64(s, SMMUV3_CMDQ_BASE, s->command_queue | QUEUE_BITS);
	set32(s, SMMUV3_CMDQ_PROD, 0);
	set32(s, SMMUV3_CMDQ_CONS, 0);
	set64(s, SMMUV3_EVENTQ_BASE, s->event_queue | QUEUE_BITS);
	set32(s, SMMUV3_EVENTQ_PROD, 0);
	set32(s, SMMUV3_EVENTQ_CONS, 0);
	set32(s, SMMUV3_CR0, CR0_CMDQEN);
	command(s, CMD_CFGI_ALL, CFGI_RANGE_ALL);
	command(s, CMD_TLBI_NSNH_ALL, 0);
	command(s, CMD_SYNC, 0);
	set32(s, SMMUV3_CR0, CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN);
}

void smmu_off(struct smmu *s)
{
	smmu_on(s);
	set32(s, SMMUV3_CR0, 0);
}

void smmu_take_events(struct smmu *s)
{
	set32(s, SMMUV3_EVENTQ_CONS, reg32(s, SMMUV3_EVENTQ_PROD));
}

/* --- page tables --- */

struct smmu_table *smmu_add(struct smmu *s, const char *name, u32 granule,
			    u32 tsz, bool second, bool upper)
{
	struct lpae_root r = { .granule = granule,
			       .tsz = tsz,
			       .tsz_min = 16,
			       .tsz_max = 39,
			       .out_bits = 44 };
	struct smmu_table *t;
	int err;

	if (s->tables == SMMU_TABLES_MAX || strlen(name) >= sizeof(t->name))
		return NULL;
	t = &s->table[s->tables++];
	strcpy(t->name, name);
	t->granule = granule;
	t->tsz = tsz;
	t->second = second;
	t->upper = upper;
	err = second ? lpae_second(&r, 1, &t->t)
		     : lpae_first(&r, upper, false, &t->t);
	if (err)
		return NULL;
	t->t.root = take(s, 8ULL << t->t.root_bits);
	return t;
}

struct smmu_table *smmu_find(struct smmu *s, const char *name)
{
	unsigned int i;

	for (i = 0; i < s->tables; i++)
		if (!strcmp(s->table[i].name, name))
			return &s->table[i];
	return NULL;
}

static u32 shift_of(const struct smmu_table *t, u32 level)
{
	return t->t.format->page_shift + (level - 1) * t->t.format->entry_bits;
}

static u64 entry_at(const struct smmu_table *t, u64 table, u32 level, u64 iova)
{
	u32 bits = level == t->t.levels ? t->t.root_bits
					: t->t.format->entry_bits;

	return table + (iova >> shift_of(t, level) & (BIT64(bits) - 1)) * 8;
}

static bool is_table(u64 raw)
{
	return (raw & (LPAE_VALID | LPAE_TYPE)) == (LPAE_VALID | LPAE_TYPE);
}

u64 smmu_entry(struct smmu *s, const struct smmu_table *t, u32 level, u64 iova)
{
	u64 table = t->t.root, raw;
	u32 at;

	if (level < 1 || level > t->t.levels)
		return 0;
	for (at = t->t.levels; at > level; at--) {
		raw = qtest_read64(s->q, entry_at(t, table, at, iova));
		if (!is_table(raw))
			return 0;
		table = raw & MASK64(47, 12);
	}
	return entry_at(t, table, level, iova);
}

static u64 leaf(const struct smmu_table *t, u64 pa, bool page, u32 perm)
{
	u64 raw = pa | LPAE_VALID | LPAE_AF | (page ? LPAE_TYPE : 0);

	if (t->second)
		return raw | (perm & IOMMU_R ? LPAE_S2AP_R : 0) |
		       (perm & IOMMU_W ? LPAE_S2AP_W : 0);
	return raw | BIT64(6) /* AP[1] */ | (perm & IOMMU_W ? 0 : LPAE_AP_RO);
}

bool smmu_map(struct smmu *s, const struct smmu_table *t, u64 iova, u64 pa,
	      u64 size, u32 perm)
{
	u64 table = t->t.root, where, raw;
	u32 at, level = 1;

	while (level < t->t.levels && BIT64(shift_of(t, level)) < size)
		level++;
	if (BIT64(shift_of(t, level)) != size)
		return false;
	for (at = t->t.levels; at > level; at--) {
		where = entry_at(t, table, at, iova);
		raw = qtest_read64(s->q, where);
		if (raw && !is_table(raw))
			return false;
		if (!raw) {
			raw = take(s, 8ULL << t->t.format->entry_bits) |
			      LPAE_VALID | LPAE_TYPE;
			qtest_write64(s->q, where, raw);
		}
		table = raw & MASK64(47, 12);
	}
	qtest_write64(s->q, entry_at(t, table, level, iova),
		      leaf(t, pa, level == 1, perm));
	return true;
}

/* --- streams --- */

u64 smmu_ste(struct smmu *s, u32 stream, bool make)
{
	u64 where, raw;

	if (!s->two_level)
		return s->stream_table + (u64)stream * STE_BYTES;
	where = s->stream_table + (u64)(stream >> SMMU_SPLIT) * 8;
	raw = qtest_read64(s->q, where);
	if (!raw && make) {
		raw = take(s, (u64)STE_BYTES << SMMU_SPLIT) | (SMMU_SPLIT + 1);
		qtest_write64(s->q, where, raw);
	}
	if (!raw)
		return 0;
	return (raw & L1STD_L2PTR) +
	       (stream & (BIT64(SMMU_SPLIT) - 1)) * STE_BYTES;
}

u64 smmu_cd(struct smmu *s, u32 stream)
{
	u64 ste = smmu_ste(s, stream, false);

	return ste ? qtest_read64(s->q, ste) & STE_S1CONTEXTPTR : 0;
}

static const u8 tg0[] = { [LPAE_4K] = 0, [LPAE_16K] = 2, [LPAE_64K] = 1 };
static const u8 tg1[] = { [LPAE_4K] = 2, [LPAE_16K] = 1, [LPAE_64K] = 3 };

#define PS_44 4

static u64 make_cd(struct smmu *s, u32 stream, const struct smmu_stream *e)
{
	u64 cd = take(s, PAGE_4K), word;

	word = CD_V | CD_AA64 | CD_R | CD_A | field_put(CD_IPS, PS_44) |
	       field_put(CD_ASID, stream + 1) | BIT64(47); /* ASET */
	if (e->lower)
		word |= field_put(CD_T0SZ, e->lower->tsz) |
			field_put(CD_TG0, tg0[e->lower->granule]);
	else
		word |= CD_EPD0;
	if (e->upper)
		word |= field_put(CD_T1SZ, e->upper->tsz) |
			field_put(CD_TG1, tg1[e->upper->granule]);
	else
		word |= CD_EPD1;
	qtest_write64(s->q, cd, word);
	qtest_write64(s->q, cd + 8, e->lower ? e->lower->t.root : 0);
	qtest_write64(s->q, cd + 16, e->upper ? e->upper->t.root : 0);
	return cd;
}

void smmu_stream(struct smmu *s, u32 stream, const struct smmu_stream *e)
{
	u64 ste = smmu_ste(s, stream, true);
	u64 word = STE_V | field_put(STE_CONFIG, e->config);

	if (e->lower || e->upper)
		word |= make_cd(s, stream, e);
	qtest_write64(s->q, ste, word);
	if (!e->second)
		return;
	qtest_write64(s->q, ste + 16,
		      field_put(STE_S2VMID, stream + 1) |
			      field_put(STE_S2T0SZ, e->second->tsz) |
			      field_put(STE_S2SL0, 1) |
			      field_put(STE_S2TG, tg0[e->second->granule]) |
			      field_put(STE_S2PS, PS_44) | STE_S2AA64 |
			      STE_S2R);
	qtest_write64(s->q, ste + 24, e->second->t.root);
}
