// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "amdvi_tables.h"

#define TABLES_START MIB(16)
#define TABLES_END MIB(64)
/* Devices of eight buses: 2048 entries. */
#define DEV_TBL_PAGES 16u
#define COMMANDS_BYTES KIB(8)

static u64 reg(struct qtest *q, u32 off)
{
	return qtest_get(q, QTEST_AMDVI_BASE + off, 8);
}

static void set(struct qtest *q, u32 off, u64 val)
{
	qtest_set(q, QTEST_AMDVI_BASE + off, 8, val);
}

/* CONTROL.IommuEn alone. */
static u32 amdvi_pass(struct qtest *q, bool on, u32 before)
{
	u64 control = reg(q, AMDVI_CONTROL);

	if (!on)
		set(q, AMDVI_CONTROL, control | CONTROL_IOMMU_EN);
	else if (control & CONTROL_IOMMU_EN)
		set(q, AMDVI_CONTROL, control & ~CONTROL_IOMMU_EN);
	return on ? (u32)(control & CONTROL_IOMMU_EN) : before;
}

void amdvi_machine(struct qtest_machine *m)
{
	*m = qtest_q35;
	m->model = m->unit = "amd-iommu";
	m->unit_base = QTEST_AMDVI_BASE;
	m->unit_len = AMDVI_REGS_LEN;
	m->pass = amdvi_pass;
}

void amdvi_requesters(struct qtest *q, const struct model *m)
{
	unsigned int i;

	if (model_has(m, "dma-remap"))
		return;
	for (i = 0; i < q->edus; i++)
		q->edu[i].requester &= 0xff;
}

static u64 take_pages(struct amdvi *a, u32 n)
{
	u64 page = a->next;

	if (page + n * PAGE_4K > TABLES_END) {
		a->full = true;
		return TABLES_START; /* harmless: the case fails on a->full */
	}
	a->next += n * PAGE_4K;
	return page;
}

/*
 * A model without dma-remap writes pointers of the event log where other
 * registers are: it is left off there.
 */
void amdvi_start(struct amdvi *a, struct qtest *q, const struct model *m)
{
	u32 i;

	set(q, AMDVI_CONTROL, 0);
	qtest_clear_ram(q);
	memset(a, 0, sizeof(*a));
	a->q = q;
	a->next = TABLES_START;
	a->dev_tbl = take_pages(a, DEV_TBL_PAGES);
	a->commands = take_pages(a, COMMANDS_BYTES / PAGE_4K);
	a->events = take_pages(a, 1);
	a->log = model_has(m, "dma-remap");
	for (i = 0; i < DEV_TBL_PAGES * PAGE_4K / AMDVI_DTE_BYTES; i++)
		qtest_write64(q, a->dev_tbl + (u64)i * AMDVI_DTE_BYTES,
			      DTE_V | DTE_TV);
}

static void command(struct amdvi *a, u32 opcode, u64 low)
{
	u64 tail = reg(a->q, AMDVI_CMD_TAIL);

	qtest_write64(a->q, a->commands + tail,
		      field_put(CMD_OPCODE, opcode) | low);
	qtest_write64(a->q, a->commands + tail + 8, 0);
	set(a->q, AMDVI_CMD_TAIL, (tail + RING_ENTRY_BYTES) % COMMANDS_BYTES);
}

/*
 * This model translates only with HtTunEn set (7.2), and keeps what it has
 * cached when it is turned off: the first command drops it. One with dma-remap
 * looks at a DTE when it is told that it has changed.
 */
void amdvi_on(struct amdvi *a)
{
	unsigned int i;

	if (a->on)
		return;
	a->on = true;
	set(a->q, AMDVI_DEV_TBL, a->dev_tbl | (DEV_TBL_PAGES - 1));
	set(a->q, AMDVI_CMD_BUF,
	    a->commands | field_put(RING_LEN, RING_LEN_MIN + 1));
	set(a->q, AMDVI_CMD_HEAD, 0);
	set(a->q, AMDVI_CMD_TAIL, 0);
	set(a->q, AMDVI_EVT_LOG, a->events | field_put(RING_LEN, RING_LEN_MIN));
	set(a->q, AMDVI_CONTROL,
	    CONTROL_CMD_BUF_EN | CONTROL_HT_TUN_EN | CONTROL_IOMMU_EN |
		    field_put(CONTROL_EVENT_LOG_EN, a->log));
	command(a, CMD_INVALIDATE_ALL, 0);
	for (i = 0; i < a->q->edus; i++)
		command(a, CMD_INVALIDATE_DTE, a->q->edu[i].requester);
}

void amdvi_shutdown(struct amdvi *a)
{
	u64 control = reg(a->q, AMDVI_CONTROL);

	set(a->q, AMDVI_CONTROL,
	    control & ~(CONTROL_CMD_BUF_EN | CONTROL_EVENT_LOG_EN |
			CONTROL_EVENT_INT_EN | CONTROL_IOMMU_EN));
}

void amdvi_take_events(struct amdvi *a)
{
	if (a->log)
		set(a->q, AMDVI_EVT_HEAD, reg(a->q, AMDVI_EVT_TAIL));
}

struct amdvi_table *amdvi_add(struct amdvi *a, const char *name, u32 levels,
			      u32 below)
{
	struct amdvi_table *t;

	if (a->tables == AMDVI_TABLES_N || strlen(name) >= sizeof(t->name))
		return NULL;
	t = &a->table[a->tables++];
	strcpy(t->name, name);
	t->levels = levels;
	t->below = below;
	t->root = take_pages(a, 1);
	return t;
}

struct amdvi_table *amdvi_find(struct amdvi *a, const char *name)
{
	unsigned int i;

	for (i = 0; name && i < a->tables; i++)
		if (!strcmp(a->table[i].name, name))
			return &a->table[i];
	return NULL;
}

static u64 entry_at(u64 table, u32 level, u64 iova)
{
	return table + (iova >> (12 + 9 * (level - 1)) & 511) * 8;
}

static u32 level_below(const struct amdvi_table *t, u32 level)
{
	return level == t->levels && t->below ? t->below : level - 1;
}

/* The way down to @level; missing tables are made with @make. */
static u64 go_down(struct amdvi *a, const struct amdvi_table *t, u32 level,
		   u64 iova, bool make)
{
	u64 table = t->root, where, raw;
	u32 at = t->levels, next;

	for (; at > level; at = next) {
		next = level_below(t, at);
		where = entry_at(table, at, iova);
		raw = qtest_read64(a->q, where);
		if (!raw && make) {
			raw = take_pages(a, 1) | HPT_PR | HPT_IR | HPT_IW |
			      field_put(HPT_NEXT, next);
			qtest_write64(a->q, where, raw);
		}
		if (field(HPT_NEXT, raw) != next)
			return 0;
		table = raw & HPT_ADDR;
	}
	return at == level ? table : 0;
}

u64 amdvi_entry(struct amdvi *a, const struct amdvi_table *t, u32 level,
		u64 iova)
{
	u64 table = level && level <= t->levels
			    ? go_down(a, t, level, iova, false)
			    : 0;

	return table ? entry_at(table, level, iova) : 0;
}

bool amdvi_map(struct amdvi *a, const struct amdvi_table *t, u64 iova, u64 pa,
	       u64 size, u32 perm)
{
	u32 bits = 0, level, n, i;
	u64 table, raw = HPT_PR;

	while (bits < 63 && BIT64(bits) < size)
		bits++;
	if (bits < 12 || BIT64(bits) != size || (iova | pa) & (size - 1))
		return false;
	level = (bits - 12) / 9 + 1;
	n = 1u << (bits - 12) % 9;
	if (level > t->levels)
		return false;
	table = go_down(a, t, level, iova, true);
	if (!table)
		return false;
	raw |= (perm & IOMMU_R ? HPT_IR : 0) | (perm & IOMMU_W ? HPT_IW : 0);
	raw |= pa;
	/* A size that is not the level's own: ones below its topmost bit. */
	if (n > 1)
		raw |= field_put(HPT_NEXT, NEXT_SIZED) |
		       ((size / 2 - 1) & HPT_ADDR);
	for (i = 0; i < n; i++)
		qtest_write64(a->q, entry_at(table, level, iova) + i * 8, raw);
	return true;
}

void amdvi_dte(struct amdvi *a, u16 requester, const struct amdvi_table *t,
	       bool valid, u32 perm)
{
	u64 where = a->dev_tbl + (u64)requester * AMDVI_DTE_BYTES;
	u64 raw = DTE_V | DTE_TV;

	raw |= (perm & IOMMU_R ? DTE_IR : 0) | (perm & IOMMU_W ? DTE_IW : 0);
	if (t)
		raw |= field_put(DTE_MODE, t->levels) | t->root;
	qtest_write64(a->q, where, valid ? raw : 0);
	qtest_write64(a->q, where + 8, field_put(DTE_DID, valid));
	if (a->on)
		command(a, CMD_INVALIDATE_DTE, requester);
}
