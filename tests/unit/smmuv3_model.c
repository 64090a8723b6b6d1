// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "lpae_model.h"
#include "smmuv3_model.h"

/* CR0, by section 6.3.9 */
#define ON 0x1u
#define EVENTS_ON 0x4u
#define COMMANDS_ON 0x8u
#define CHECK_ATS 0x10u

#define ABORT (1u << 20)
#define UPDATE (1u << 31)

#define BAD_STREAM 2
#define BAD_STE 4
#define DISABLED 6
#define BAD_CD 10
#define PERMISSION 19

#define LATE_US 300

static bool has(const struct smmuv3_model *v, int bit)
{
	return v->config.idr0 >> bit & 1;
}

static u64 fetch(struct smmuv3_model *v, u64 addr)
{
	if (!has(v, 4) && fakemem_dirty(v->mem, addr))
		model_wrong(v->wrong, "memory at %#llx not flushed",
			    (unsigned long long)addr);
	return fakemem_get(v->mem, addr);
}

void model_forget(struct smmuv3_model *v)
{
	memset(v->entry, 0, sizeof(v->entry));
	memset(v->tlb, 0, sizeof(v->tlb));
}

/* --- commands --- */

static void drop_tlb(struct smmuv3_model *v, bool el2)
{
	u32 i;

	for (i = 0; i < MODEL_CACHE; i++)
		if (v->tlb[i].el2 == el2)
			v->tlb[i].used = false;
}

static bool execute(struct smmuv3_model *v, u64 low, u64 high)
{
	v->commands++;
	if (v->broken & MODEL_ILLEGAL && v->commands == 2)
		return false;
	switch (low & 0xff) {
	case 0x04:
		if (low != 0x04 || high != 31)
			return false;
		memset(v->entry, 0, sizeof(v->entry));
		return true;
	case 0x20:
		if (!has(v, 9) || low != 0x20 || high)
			return false;
		drop_tlb(v, true);
		return true;
	case 0x30:
		if (low != 0x30 || high)
			return false;
		drop_tlb(v, false);
		return true;
	case 0x46:
		v->syncs++;
		return low == 0x46 && !high;
	default:
		return false;
	}
}

static void run_queue(struct smmuv3_model *v)
{
	u32 bits = v->cmdq_base & 31, mask = (2u << bits) - 1, at;
	u64 base = v->cmdq_base & 0xfffffffffffe0ULL;

	while (v->cr0ack & COMMANDS_ON && !((v->gerror ^ v->gerrorn) & 1) &&
	       ((v->cmdq_cons ^ v->cmdq_prod) & mask) && v->clock >= v->ready) {
		if (v->broken & MODEL_COMMANDS_STUCK)
			return;
		at = v->cmdq_cons & (mask >> 1);
		if (!execute(v, fetch(v, base + at * 16ULL),
			     fetch(v, base + at * 16ULL + 8))) {
			v->gerror ^= 1;
			v->cmdq_cons |= 1 << 24;
			return;
		}
		v->cmdq_cons = (v->cmdq_cons + 1) & mask;
		v->ready = v->clock + v->config.us_per_command;
	}
}

/* --- register access --- */

static void acknowledge(struct smmuv3_model *v)
{
	u32 want = v->cr0;

	if (v->broken & MODEL_OFF_STUCK)
		want |= v->cr0ack & ON;
	if (v->broken & MODEL_QUEUE_STUCK)
		want |= v->cr0ack & COMMANDS_ON;
	if (v->broken & MODEL_ON_STUCK && !(v->cr0ack & ON))
		want &= ~ON;
	if (!has(v, 10))
		want &= ~CHECK_ATS;
	if (want & ON && !(v->cr0ack & ON) && v->broken & MODEL_FAILURE)
		v->gerror ^= 1 << 8;
	v->cr0ack = want;
	v->due = 0;
}

static bool passes(const struct smmuv3_model *v)
{
	return !(v->cr0ack & ON) && !(v->gbpa & ABORT);
}

static void tick(struct smmuv3_model *v)
{
	v->clock += v->config.us_per_access;
	v->accesses++;
	v->passing += passes(v);
	if (v->due && v->clock >= v->due)
		acknowledge(v);
	if (v->gbpa_due && v->clock >= v->gbpa_due) {
		v->gbpa &= ~UPDATE;
		v->gbpa_due = 0;
	}
	run_queue(v);
}

static u64 *reg64(struct smmuv3_model *v, u32 off)
{
	return off == 0x80   ? &v->strtab_base
	       : off == 0x90 ? &v->cmdq_base
			     : NULL;
}

static u32 *reg32(struct smmuv3_model *v, u32 off)
{
	switch (off) {
	case 0x00:
		return &v->config.idr0;
	case 0x04:
		return &v->config.idr1;
	case 0x0c:
		return &v->config.idr3;
	case 0x14:
		return &v->config.idr5;
	case 0x20:
		return &v->cr0;
	case 0x24:
		return &v->cr0ack;
	case 0x28:
		return &v->cr1;
	case 0x2c:
		return &v->cr2;
	case 0x44:
		return &v->gbpa;
	case 0x50:
		return &v->irq_ctrl;
	case 0x54:
		return &v->irq_ack;
	case 0x60:
		return &v->gerror;
	case 0x64:
		return &v->gerrorn;
	case 0x88:
		return &v->strtab_cfg;
	case 0x98:
		return &v->cmdq_prod;
	case 0x9c:
		return &v->cmdq_cons;
	}
	return NULL;
}

static u32 read32(struct mmio *r, u32 off)
{
	struct smmuv3_model *v = (struct smmuv3_model *)r;
	u32 *val = reg32(v, off);

	tick(v);
	if (off & 3 || off + 4 > r->len || reg64(v, off) ||
	    (off >= 0x8000 && off < 0x10000))
		model_wrong(v->wrong, "32-bit read at %#x", off);
	if (v->broken & MODEL_ABSENT)
		return ~0u;
	if (off == 0x44 && v->broken & MODEL_NO_GBPA)
		return 0;
	return val ? *val : 0;
}

static u64 read64(struct mmio *r, u32 off)
{
	struct smmuv3_model *v = (struct smmuv3_model *)r;
	u64 *val = reg64(v, off);

	tick(v);
	if (!val && off != 0xa0 && off != 0xc0)
		model_wrong(v->wrong, "64-bit read at %#x", off);
	if (v->broken & MODEL_ABSENT)
		return ~0ULL;
	return val ? *val : 0;
}

static void set_cr0(struct smmuv3_model *v, u32 val)
{
	u32 stuck = MODEL_OFF_STUCK | MODEL_ON_STUCK | MODEL_QUEUE_STUCK;

	if (v->due && !(v->broken & stuck))
		model_wrong(v->wrong, "CR0 written before the last was done");
	if (val & ~0x1fu)
		model_wrong(v->wrong, "CR0 %#x", val);
	v->cr0 = val;
	v->due = v->clock + 2;
	if (v->broken & MODEL_LATE)
		v->due += LATE_US;
	if (!v->config.us_per_access)
		acknowledge(v);
}

static void set_gbpa(struct smmuv3_model *v, u32 val)
{
	if (v->gbpa & UPDATE || !(val & UPDATE))
		model_wrong(v->wrong, "GBPA %#x", val);
	if (v->broken & MODEL_NO_GBPA)
		return;
	if (v->broken & MODEL_GBPA_STUCK) {
		v->gbpa = (val & ~ABORT) | UPDATE;
		return;
	}
	v->gbpa = val;
	v->gbpa_due = v->clock + 2;
	if (v->broken & MODEL_LATE)
		v->gbpa_due += LATE_US;
	if (!v->config.us_per_access)
		v->gbpa &= ~UPDATE;
}

static void write32(struct mmio *r, u32 off, u32 val)
{
	struct smmuv3_model *v = (struct smmuv3_model *)r;
	bool on = (v->cr0 | v->cr0ack) & ON;
	bool commands = (v->cr0 | v->cr0ack) & COMMANDS_ON;

	tick(v);
	v->writes++;
	switch (off) {
	case 0x20:
		set_cr0(v, val);
		return;
	case 0x44:
		set_gbpa(v, val);
		return;
	case 0x50:
		v->irq_ctrl = val;
		if (!(v->broken & MODEL_IRQ_STUCK))
			v->irq_ack = val;
		return;
	case 0x64:
		v->gerrorn = val;
		v->cmdq_cons &= 0xfffff;
		return;
	case 0x88:
		if (on)
			model_wrong(v->wrong, "STRTAB_BASE_CFG while on");
		v->strtab_cfg = val;
		return;
	case 0x98:
		if (val & ~((2u << (v->cmdq_base & 31)) - 1))
			model_wrong(v->wrong, "CMDQ_PROD %#x", val);
		v->cmdq_prod = val;
		run_queue(v);
		return;
	case 0x9c:
		if (commands && !(v->broken & MODEL_QUEUE_STUCK))
			model_wrong(v->wrong, "CMDQ_CONS while it runs");
		v->cmdq_cons = val;
		return;
	}
	model_wrong(v->wrong, "write of %#x at %#x", val, off);
}

static void write64(struct mmio *r, u32 off, u64 val)
{
	struct smmuv3_model *v = (struct smmuv3_model *)r;
	u32 on = v->cr0 | v->cr0ack;

	tick(v);
	v->writes++;
	if (off == 0x80 && on & ON)
		model_wrong(v->wrong, "STRTAB_BASE while on");
	if (off == 0x90 && on & COMMANDS_ON)
		model_wrong(v->wrong, "CMDQ_BASE while it runs");
	if (!reg64(v, off))
		model_wrong(v->wrong, "64-bit write at %#x", off);
	else if (!(v->broken &
		   (off == 0x80 ? MODEL_TABLE_LOCKED : MODEL_QUEUE_LOCKED)))
		*reg64(v, off) = val;
}

static u64 now_us(struct mmio *r)
{
	struct smmuv3_model *v = (struct smmuv3_model *)r;

	v->clock += v->config.us_per_look;
	return v->clock;
}

void model_init(struct smmuv3_model *v, struct fakemem *mem,
		const struct model_config *c)
{
	memset(v, 0, sizeof(*v));
	v->mmio = (struct mmio){ read32,  read64, write32,
				 write64, now_us, 0x20000 };
	v->mem = mem;
	v->config = *c;
}

/* --- DMA --- */

struct request {
	u32 stream;
	u64 iova;
	bool write;
	struct model_entry e;
	struct model_dma *out;
};

/* @quiet: the entry says that it is not to be recorded. */
static u32 refuse(struct smmuv3_model *v, const struct request *q, u32 event,
		  bool quiet)
{
	q->out->event = event;
	if (event && !quiet && v->cr0ack & EVENTS_ON) {
		q->out->logged = true;
		v->events++;
	}
	return 0;
}

static bool ste_at(struct smmuv3_model *v, const struct request *q, u64 *at)
{
	u32 bits = v->strtab_cfg & 63, split = v->strtab_cfg >> 6 & 31;
	u64 base = v->strtab_base & 0xfffffffffffc0ULL, desc;
	u32 low = q->stream & ((1u << split) - 1);

	if ((u64)q->stream >> bits)
		return false;
	*at = (base & ~((64ULL << bits) - 1)) + q->stream * 64ULL;
	if (!(v->strtab_cfg >> 16 & 3))
		return true;
	desc = fetch(v, base + (q->stream >> split) * 8ULL);
	if (!(desc & 31) || low >> ((desc & 31) - 1))
		return false;
	*at = (desc & 0xfffffffffffc0ULL & ~((32ULL << (desc & 31)) - 1)) +
	      low * 64ULL;
	return true;
}

static void load_cd(struct smmuv3_model *v, struct model_entry *e)
{
	u64 at = e->ste[0] & 0xfffffffffffc0ULL;
	u32 i;

	if (e->ste[0] >> 59 && e->ste[0] >> 4 & 3)
		at = fetch(v, at) & 0xffffffffff000ULL;
	for (i = 0; i < 8; i++)
		e->cd[i] = fetch(v, at + i * 8);
}

static bool load(struct smmuv3_model *v, struct request *q)
{
	struct model_entry *e;
	u64 at;
	u32 i;

	for (i = 0; i < MODEL_CACHE; i++)
		if (v->entry[i].used && v->entry[i].stream == q->stream) {
			q->e = v->entry[i];
			return true;
		}
	if (!ste_at(v, q, &at)) {
		refuse(v, q, BAD_STREAM, false);
		return false;
	}
	e = &v->entry[v->entry_n++ % MODEL_CACHE];
	memset(e, 0, sizeof(*e));
	e->used = true;
	e->stream = q->stream;
	for (i = 0; i < 8; i++)
		e->ste[i] = fetch(v, at + i * 8);
	if ((e->ste[0] >> 1 & 7) == 5)
		load_cd(v, e);
	q->e = *e;
	return true;
}

static u64 fetch_of(void *v, u64 addr)
{
	return fetch(v, addr);
}

static bool first_walk(const struct model_entry *e, struct lpae_walk *w)
{
	u64 cd = e->cd[0];

	/* valid, of AArch64, and with A set */
	if (!(cd >> 31 & 1) || !(cd >> 41 & 1) || !(cd >> 46 & 1) ||
	    cd >> 14 & 1)
		return false;
	*w = (struct lpae_walk){ .table = e->cd[1] & 0xffffffffffff0ULL,
				 .page_shift = lpae_model_granule(cd >> 6 & 3),
				 .in_bits = 64 - (cd & 63),
				 .fetch = fetch_of };
	w->levels = lpae_model_levels(w->page_shift, w->in_bits);
	return true;
}

static bool second_walk(const struct model_entry *e, struct lpae_walk *w)
{
	u64 s2 = e->ste[2];
	u32 tg = s2 >> 46 & 3;

	if (!(s2 >> 51 & 1))
		return false;
	*w = (struct lpae_walk){ .table = e->ste[3] & 0xffffffffffff0ULL,
				 .page_shift = lpae_model_granule(tg),
				 .in_bits = 64 - (s2 >> 32 & 63),
				 .levels = (s2 >> 38 & 3) + (tg ? 1 : 2),
				 .second = true,
				 .fetch = fetch_of };
	return true;
}

static struct model_tlb *tlb_of(struct smmuv3_model *v,
				const struct model_tlb *key)
{
	struct model_tlb *t;
	u32 i;

	for (i = 0; i < MODEL_CACHE; i++) {
		t = &v->tlb[i];
		if (t->used && t->el2 == key->el2 && t->vmid == key->vmid &&
		    (t->asid == key->asid || (t->global && key->asid != ~0u)) &&
		    t->iova == key->iova)
			return t;
	}
	return NULL;
}

static u32 translate(struct smmuv3_model *v, const struct request *q, u64 *pa)
{
	const struct model_entry *e = &q->e;
	bool second = (e->ste[0] >> 1 & 7) == 6;
	struct model_tlb key = { .used = true,
				 .el2 = !second && (e->ste[1] >> 30 & 3) == 2,
				 .vmid = e->ste[2] & 0xffff,
				 .asid = second ? ~0u : (u32)(e->cd[0] >> 48),
				 .iova = align_down(q->iova, PAGE_4K) };
	struct model_tlb *t = tlb_of(v, &key);
	bool quiet = second ? !(e->ste[2] >> 58 & 1) : !(e->cd[0] >> 45 & 1);
	struct lpae_walk w;
	u32 fault;

	if (!t) {
		if (second ? !second_walk(e, &w) : !first_walk(e, &w))
			return refuse(v, q, second ? BAD_STE : BAD_CD, false);
		w.unit = v;
		key.perm =
			lpae_model_walk(&w, q->iova, pa, &fault, &key.global);
		if (!key.perm)
			return refuse(v, q, fault, quiet);
		key.pa = align_down(*pa, PAGE_4K);
		t = &v->tlb[v->tlb_n++ % MODEL_CACHE];
		*t = key;
	}
	*pa = t->pa | (q->iova & (PAGE_4K - 1));
	if (t->perm & (q->write ? 2 : 1))
		return t->perm;
	return refuse(v, q, PERMISSION, quiet);
}

static u32 by_entry(struct smmuv3_model *v, const struct request *q, u64 *pa)
{
	u64 ste = q->e.ste[0];
	u32 config = ste >> 1 & 7, dss = q->e.ste[1] & 3;
	bool first = config == 5;

	if (!(ste & 1) || (first && !has(v, 1)) || (config == 6 && !has(v, 0)))
		return refuse(v, q, BAD_STE, false);
	if (config < 4)
		return 0;
	if (config == 4)
		return 3;
	/* The tests have no nested stream of their own making. */
	if (config == 7)
		return refuse(v, q, BAD_STE, false);
	if (first && ste >> 59 && !dss)
		return refuse(v, q, DISABLED, false);
	if (first && ste >> 59 && dss == 1)
		return 3;
	return translate(v, q, pa);
}

struct model_dma model_dma(struct smmuv3_model *v, u32 stream, u64 iova,
			   bool write)
{
	struct model_dma out = { .pa = iova };
	struct request q = {
		.stream = stream, .iova = iova, .write = write, .out = &out
	};

	if ((v->gerror ^ v->gerrorn) >> 8 & 1)
		return out;
	if (!(v->cr0ack & ON))
		out.landed = passes(v);
	else if (load(v, &q))
		out.landed = by_entry(v, &q, &out.pa);
	return out;
}

bool model_translated(struct smmuv3_model *v, u32 stream)
{
	struct model_dma out = { 0 };
	struct request q = { .stream = stream, .out = &out };

	if (!has(v, 10) || (v->gerror ^ v->gerrorn) >> 8 & 1)
		return false;
	if (!(v->cr0ack & ON))
		return passes(v);
	return !(v->cr0ack & CHECK_ATS) ||
	       (load(v, &q) && q.e.ste[0] & 1 && q.e.ste[1] >> 28 & 3);
}
