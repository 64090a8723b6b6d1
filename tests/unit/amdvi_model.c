// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "amdvi_model.h"

#define IOMMU_ON 0x1ULL
#define EVT_ON 0x4ULL
#define COHERENT 0x400ULL
#define CMD_ON 0x1000ULL
#define CMD_RUN 0x10ULL
#define EVT_RUN 0x8ULL

/* --- events --- */

static void log_event(struct amdvi_model *v, u64 lo, u64 hi)
{
	u64 size = 16ULL << (v->evt_log >> 56 & 15);
	u64 base = v->evt_log & 0xffffffffff000ULL;
	u64 next = (v->evt_tail + 16) % size;

	if (!(v->control & EVT_ON))
		return;
	if (next == v->evt_head) {
		v->status |= 1;
		return;
	}
	fakemem_put(v->mem, base + v->evt_tail, lo);
	fakemem_put(v->mem, base + v->evt_tail + 8, hi);
	v->evt_tail = next;
}

u32 model_pending_events(const struct amdvi_model *v)
{
	return (v->evt_tail != v->evt_head) + (v->status & 1);
}

/* --- commands --- */

static u64 fetch(struct amdvi_model *v, u64 addr)
{
	if (!(v->control & COHERENT) && fakemem_dirty(v->mem, addr))
		model_wrong(v->wrong, "memory at %#llx not flushed",
			    (unsigned long long)addr);
	return fakemem_get(v->mem, addr);
}

static void completed(struct amdvi_model *v, u64 lo, u64 data)
{
	u64 where = lo & 0xffffffffffff8ULL;

	v->waits++;
	if (!(lo & 1) || v->broken & MODEL_NO_STORE)
		return;
	if (v->broken & MODEL_STORE_IN_RANGE &&
	    (where ^ v->excl_base) & 0xffffffffff000ULL)
		return;
	if (v->broken & MODEL_LATE_STORE) {
		v->late_where = where;
		v->late_val = data;
		v->late_due = v->clock + 500;
		return;
	}
	v->mem->m.write(&v->mem->m, where, &data, 8);
}

static bool drop_pages(struct amdvi_model *v, u64 lo, u64 hi)
{
	u32 i, did = lo >> 32 & 0xffff;

	/* All of them is what is asked for here. */
	if (lo & 0xfff0000000000000ULL & ~(0xfULL << 60) ||
	    hi != 0x7ffffffffffff003ULL)
		return false;
	for (i = 0; i < MODEL_CACHE; i++)
		if (v->tlb[i].did == did)
			v->tlb[i].used = false;
	return true;
}

static bool execute(struct amdvi_model *v, u64 lo, u64 hi)
{
	u32 i;

	v->commands++;
	if (v->broken & MODEL_ILLEGAL && v->commands == 3)
		return false;
	switch (lo >> 60) {
	case 1:
		if (lo >> 52 & 0xff)
			return false;
		completed(v, lo, hi);
		return true;
	case 2:
		if (lo & 0x0fffffffffff0000ULL || hi)
			return false;
		for (i = 0; i < MODEL_CACHE; i++)
			if (v->dte[i].requester == (lo & 0xffff))
				v->dte[i].used = false;
		return true;
	case 3:
		return drop_pages(v, lo, hi);
	case 8:
		if (!(v->config.efr >> 6 & 1) || lo & ~(0xfULL << 60) || hi)
			return false;
		memset(v->dte, 0, sizeof(v->dte));
		memset(v->tlb, 0, sizeof(v->tlb));
		return true;
	default:
		return false;
	}
}

static bool ring_runs(const struct amdvi_model *v)
{
	return v->control & IOMMU_ON && v->control & CMD_ON &&
	       v->status & CMD_RUN;
}

static void run_ring(struct amdvi_model *v)
{
	u64 size = 16ULL << (v->cmd_buf >> 56 & 15);
	u64 base = v->cmd_buf & 0xffffffffff000ULL, at;

	/* What it makes of a tail beyond the ring is not said. */
	while (ring_runs(v) && v->cmd_head != v->cmd_tail &&
	       v->cmd_tail < size && v->clock >= v->ready) {
		if (v->broken & (MODEL_RING_STUCK | MODEL_RING_DEAD))
			return;
		at = base + v->cmd_head;
		if (!execute(v, fetch(v, at), fetch(v, at + 8))) {
			v->status &= ~CMD_RUN;
			log_event(v, 5ULL << 60, at);
			return;
		}
		v->cmd_head = (v->cmd_head + 16) % size;
		v->ready = v->clock + v->config.us_per_command;
	}
}

/* --- register access --- */

static void tick(struct amdvi_model *v)
{
	v->clock += v->config.us_per_access;
	v->accesses++;
	if (v->late_where && v->clock >= v->late_due) {
		v->mem->m.write(&v->mem->m, v->late_where, &v->late_val, 8);
		v->late_where = 0;
	}
	if (v->broken & MODEL_STORM)
		log_event(v, 2ULL << 60 | 0x10, v->clock << 12);
	run_ring(v);
}

static u64 *reg(struct amdvi_model *v, u32 off)
{
	switch (off) {
	case 0x0000:
		return &v->dev_tbl[0];
	case 0x0008:
		return &v->cmd_buf;
	case 0x0010:
		return &v->evt_log;
	case 0x0018:
		return &v->control;
	case 0x0020:
		return &v->excl_base;
	case 0x0028:
		return &v->excl_limit;
	case 0x0030:
		return &v->config.efr;
	case 0x2000:
		return &v->cmd_head;
	case 0x2008:
		return &v->cmd_tail;
	case 0x2010:
		return &v->evt_head;
	case 0x2018:
		return &v->evt_tail;
	case 0x2020:
		return &v->status;
	default:
		return off >= 0x100 && off <= 0x130
			       ? &v->dev_tbl[(off - 0x100) / 8 + 1]
			       : NULL;
	}
}

static u64 read64(struct mmio *r, u32 off)
{
	struct amdvi_model *v = (struct amdvi_model *)r;
	u64 *val = reg(v, off);

	tick(v);
	if (off & 7 || off + 8 > r->len)
		model_wrong(v->wrong, "64-bit read at %#x", off);
	if (v->broken & MODEL_ABSENT)
		return ~0ULL;
	/* As QEMU does up to 11.1. */
	if (off == 0x2000 && !*val && v->broken & MODEL_HEAD_AT_END)
		return 16ULL << (v->cmd_buf >> 56 & 15);
	return val ? *val : 0;
}

static u32 read32(struct mmio *r, u32 off)
{
	model_wrong(((struct amdvi_model *)r)->wrong, "32-bit read at %#x",
		    off);
	return 0;
}

static void write32(struct mmio *r, u32 off, u32 val)
{
	model_wrong(((struct amdvi_model *)r)->wrong,
		    "32-bit write of %#x at %#x", val, off);
}

static void set_control(struct amdvi_model *v, u64 val)
{
	u64 change = v->control ^ val;

	v->control = val;
	if (change & (CMD_ON | IOMMU_ON)) {
		if (val & CMD_ON && val & IOMMU_ON) {
			if (!(v->broken & MODEL_RUN_STUCK_OFF))
				v->status |= CMD_RUN;
			v->broken &= ~MODEL_RING_STUCK;
			v->commands = 0;
		} else if (!(v->broken & MODEL_RUN_STUCK_ON)) {
			v->status &= ~CMD_RUN;
		}
	}
	run_ring(v);
}

static void set_table(struct amdvi_model *v, u64 *t, u64 val)
{
	if (val & 0xfff0000000000e00ULL)
		model_wrong(v->wrong, "DEV_TBL %#llx", (unsigned long long)val);
	if ((val >> 32 || *t >> 32) && v->control & IOMMU_ON && *t)
		model_wrong(v->wrong,
			    "DEV_TBL above 4 GiB changed while it is on");
	if (v->broken & MODEL_TABLE_ODD)
		*t = val | 0x200;
	else if (!(v->broken & MODEL_TABLE_LOCKED) &&
		 (t == v->dev_tbl || !(v->broken & MODEL_SEGMENTS_LOCKED)))
		*t = val;
}

static void write_reg(struct amdvi_model *v, u32 off, u64 val)
{
	switch (off) {
	case 0x0008:
		if (v->status & CMD_RUN)
			model_wrong(v->wrong, "CMD_BUF written while it runs");
		if (!(v->broken & MODEL_RING_LOCKED))
			v->cmd_buf = val;
		return;
	case 0x0018:
		set_control(v, val);
		return;
	case 0x0020:
		v->excl_base = val;
		return;
	case 0x2000:
		if (v->status & CMD_RUN)
			model_wrong(v->wrong, "CMD_HEAD written while it runs");
		v->cmd_head = val;
		return;
	case 0x2008:
		if (val & ~0x7fff0ULL ||
		    val >= 16ULL << (v->cmd_buf >> 56 & 15))
			model_wrong(v->wrong, "CMD_TAIL %#llx",
				    (unsigned long long)val);
		v->cmd_tail = val;
		run_ring(v);
		return;
	default:
		break;
	}
	if (!off || (off >= 0x100 && off <= 0x130))
		set_table(v, reg(v, off), val);
	else
		model_wrong(v->wrong, "write of %#llx at %#x",
			    (unsigned long long)val, off);
}

static void write64(struct mmio *r, u32 off, u64 val)
{
	struct amdvi_model *v = (struct amdvi_model *)r;

	tick(v);
	v->writes++;
	if (!(v->broken & MODEL_ABSENT))
		write_reg(v, off, val);
}

static u64 now_us(struct mmio *r)
{
	struct amdvi_model *v = (struct amdvi_model *)r;

	v->clock += v->config.us_per_look;
	return v->clock;
}

void model_init(struct amdvi_model *v, struct fakemem *mem,
		const struct model_config *c)
{
	memset(v, 0, sizeof(*v));
	v->mmio = (struct mmio){ read32,  read64, write32,
				 write64, now_us, 0x4000 };
	v->mem = mem;
	v->config = *c;
}

/* --- DMA --- */

struct request {
	u32 requester;
	u64 iova;
	bool write;
	u64 dte[4];
	struct model_dma *out;
};

static void refuse(struct amdvi_model *v, const struct request *q, u32 event)
{
	q->out->event = event;
	/* SA holds for page faults alone. */
	if (event == 2 && q->dte[1] >> 34 & 1)
		return;
	q->out->logged = true;
	log_event(v, (u64)event << 60 | q->requester, q->iova);
}

static bool load_dte(struct amdvi_model *v, struct request *q)
{
	u32 bits = v->control >> 34 & 7, shift = 16 - bits, i;
	u64 t = v->dev_tbl[q->requester >> shift], index, at;

	index = q->requester & ((1u << shift) - 1);
	if (index * 32 >= ((t & 0x1ff) + 1) << 12) {
		refuse(v, q, 8);
		return false;
	}
	at = (t & 0xffffffffff000ULL) + index * 32;
	for (i = 0; i < 4; i++)
		q->dte[i] = fetch(v, at + i * 8);
	return true;
}

static bool dte_of(struct amdvi_model *v, struct request *q)
{
	struct model_dte *c;
	u32 i;

	for (i = 0; i < MODEL_CACHE; i++) {
		c = &v->dte[i];
		if (c->used && c->requester == q->requester) {
			memcpy(q->dte, c->word, sizeof(q->dte));
			return true;
		}
	}
	if (!load_dte(v, q))
		return false;
	c = &v->dte[v->dte_n++ % MODEL_CACHE];
	c->used = true;
	c->requester = q->requester;
	memcpy(c->word, q->dte, sizeof(c->word));
	return true;
}

/* Permissions; 0 with a refusal when nothing maps. */
static u32 walk(struct amdvi_model *v, const struct request *q, u64 *pa)
{
	u32 level = q->dte[0] >> 9 & 7, next, shift, perm;
	u64 table = q->dte[0] & 0xffffffffff000ULL, e;

	perm = q->dte[0] >> 61 & 3;
	if (level > 6) {
		refuse(v, q, 1);
		return 0;
	}
	if (level < 6 && q->iova >> (12 + 9 * level)) {
		refuse(v, q, 2);
		return 0;
	}
	for (;;) {
		shift = 12 + 9 * (level - 1);
		e = fetch(v, table + (q->iova >> shift & 511) * 8);
		perm &= e & 1 ? e >> 61 & 3 : 0;
		next = e >> 9 & 7;
		if (!perm || (next && next != 7 && next >= level)) {
			refuse(v, q, 2);
			return 0;
		}
		if (!next || next == 7)
			break;
		table = e & 0xffffffffff000ULL;
		level = next;
	}
	if (next == 7)
		for (shift = 13; e >> (shift - 1) & 1; shift++)
			;
	*pa = (e & 0xffffffffff000ULL & ~((1ULL << shift) - 1)) |
	      (q->iova & ((1ULL << shift) - 1));
	return perm;
}

static bool excluded(const struct amdvi_model *v, const struct request *q)
{
	u64 first = v->excl_base & 0xffffffffff000ULL;
	u64 last = v->excl_limit | 0xfff;

	return v->excl_base & 1 && q->iova >= first && q->iova <= last &&
	       (v->excl_base & 2 || q->dte[1] >> 39 & 1);
}

static struct model_tlb *tlb_find(struct amdvi_model *v, u32 did, u64 iova)
{
	u32 i;

	for (i = 0; i < MODEL_CACHE; i++)
		if (v->tlb[i].used && v->tlb[i].did == did &&
		    v->tlb[i].iova == align_down(iova, PAGE_4K))
			return &v->tlb[i];
	return NULL;
}

/* Of requests of a valid entry; the page's address and permissions. */
static u32 translate(struct amdvi_model *v, struct request *q, u64 *pa)
{
	u32 did = q->dte[1] & 0xffff, perm;
	bool tv = q->dte[0] >> 1 & 1;
	struct model_tlb *t;

	if (q->dte[0] & 0x800000000000007cULL || q->dte[1] & 1ULL << 42) {
		refuse(v, q, 1);
		return 0;
	}
	*pa = q->iova;
	/*
	 * Real units differ from one another where TV is clear and IR or IW
	 * set: here they pass, so that nobody builds on either.
	 */
	if (!tv || !(q->dte[0] >> 9 & 7))
		return q->dte[0] >> 61 & 3;
	t = tlb_find(v, did, q->iova);
	if (!t) {
		perm = walk(v, q, pa);
		if (!perm)
			return 0;
		t = &v->tlb[v->tlb_n++ % MODEL_CACHE];
		*t = (struct model_tlb){ true, did,
					 align_down(q->iova, PAGE_4K),
					 align_down(*pa, PAGE_4K), perm };
	}
	*pa = t->pa | (q->iova & (PAGE_4K - 1));
	return t->perm;
}

struct model_dma model_dma(struct amdvi_model *v, u32 requester, u64 iova,
			   bool write)
{
	struct model_dma out = { 0 };
	struct request q = { requester, iova, write, { 0 }, &out };
	u32 need = write ? 2 : 1, perm = 3;

	out.pa = iova;
	if (v->control & IOMMU_ON) {
		if (!dte_of(v, &q))
			return out;
		if (q.dte[0] & 1 && !excluded(v, &q))
			perm = translate(v, &q, &out.pa);
	}
	if (!(perm & need)) {
		if (!out.event)
			refuse(v, &q, 2);
		return out;
	}
	out.landed = true;
	return out;
}

bool model_reaches(struct amdvi_model *v, u32 requester, u64 iova, bool write)
{
	static struct amdvi_model copy;

	copy = *v;
	memset(copy.dte, 0, sizeof(copy.dte));
	memset(copy.tlb, 0, sizeof(copy.tlb));
	copy.control &= ~EVT_ON;
	copy.control |= COHERENT;
	return model_dma(&copy, requester, iova, write).landed;
}
