// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "vtd_model.h"

#define FRO 0x220
#define IRO 0x100

static bool cap(const struct vtd_model *v, int bit)
{
	return v->config.cap >> bit & 1;
}

static bool ecap(const struct vtd_model *v, int bit)
{
	return v->config.ecap >> bit & 1;
}

static bool is_scalable(u64 rtaddr)
{
	return (rtaddr >> 10 & 3) == 1;
}

static void drop_contexts(struct vtd_model *v)
{
	memset(v->context, 0, sizeof(v->context));
}

static void drop_pasids(struct vtd_model *v)
{
	memset(v->pasid, 0, sizeof(v->pasid));
}

static void drop_tlb(struct vtd_model *v)
{
	memset(v->tlb, 0, sizeof(v->tlb));
}

/* --- commands --- */

static void settle(struct vtd_model *v)
{
	if (v->pending_mask && v->clock >= v->pending_due) {
		v->gsts = (v->gsts & ~v->pending_mask) | v->pending_value;
		v->pending_mask = 0;
	}
}

static void later(struct vtd_model *v, u32 mask, u32 value, u32 stuck)
{
	if (v->broken & stuck)
		return;
	v->pending_mask = mask;
	v->pending_value = value;
	v->pending_due = v->clock + v->delay_us;
	settle(v);
}

static void set_root(struct vtd_model *v)
{
	if (v->gsts >> 31 && !cap(v, 63) &&
	    (v->root >> 10 & 3) != (v->rtaddr >> 10 & 3))
		model_wrong(v->wrong, "TTM changed under TE without ESRTPS");
	if (cap(v, 4) && v->wbf_at != v->mem->writes)
		model_wrong(v->wrong,
			    "SRTP before the write buffer was flushed");
	v->srtps++;
	v->gsts &= ~(1u << 30);
	if (v->broken & MODEL_SRTP_STUCK)
		return;
	v->root = v->rtaddr;
	if (cap(v, 63)) {
		drop_contexts(v);
		drop_pasids(v);
		drop_tlb(v);
	}
	later(v, 1u << 30, 1u << 30, MODEL_SRTP_STUCK);
}

static void gcmd(struct vtd_model *v, u32 val)
{
	u32 keep = 1u << 31 | 1u << 28 | 1u << 26 | 1u << 25 | 1u << 23;
	u32 change = (val ^ v->gsts) & keep;
	u32 shots = val & (1u << 30 | 1u << 29 | 1u << 27 | 1u << 24);

	v->gcmd_writes++;
	if (v->pending_mask)
		model_wrong(v->wrong, "GCMD %#x while a command is under way",
			    val);
	if (__builtin_popcount(change) + __builtin_popcount(shots) > 1)
		model_wrong(v->wrong, "GCMD %#x: more than one command", val);
	if (shots & 1u << 30)
		set_root(v);
	if (shots & 1u << 27) {
		v->wbf_at = v->mem->writes;
		v->gsts |= 1u << 27;
		later(v, 1u << 27, 0, MODEL_WBF_STUCK);
	}
	if (change & 1u << 31)
		later(v, 1u << 31, val & 1u << 31, MODEL_TE_STUCK);
	if (change & 1u << 26) {
		v->iqh = 0;
		v->descriptors = 0;
		v->broken &= ~MODEL_DRAIN_STUCK;
		if (!(val & 1u << 26))
			later(v, 1u << 26, 0, MODEL_QIE_OFF_STUCK);
		else if (v->iqt)
			model_wrong(v->wrong, "QIE set with a tail of %#llx",
				    (unsigned long long)v->iqt);
		else
			later(v, 1u << 26, 1u << 26, MODEL_QIE_ON_STUCK);
	}
}

/* --- invalidation queue --- */

static bool execute(struct vtd_model *v, const u64 *d)
{
	u32 data = d[0] >> 32;

	v->descriptors++;
	if (v->broken & MODEL_IQE && v->descriptors == 2)
		return false;
	switch (d[0] & 0xf) {
	case 1:
		if ((d[0] >> 4 & 3) != 1 || d[0] & 0xffc0 || d[1])
			return false;
		drop_contexts(v);
		return true;
	case 2:
		if ((d[0] >> 4 & 3) != 1 || d[0] & 0xff00)
			return false;
		if ((d[0] & 1 << 6 && !cap(v, 54)) ||
		    (d[0] & 1 << 7 && !cap(v, 55)))
			model_wrong(v->wrong, "drain asked of a unit without");
		if ((cap(v, 54) && !(d[0] & 1 << 6)) ||
		    (cap(v, 55) && !(d[0] & 1 << 7)))
			model_wrong(v->wrong,
				    "IOTLB invalidated without drain");
		drop_tlb(v);
		return true;
	case 7:
		if (!ecap(v, 43) || (d[0] >> 4 & 3) != 3)
			return false;
		drop_pasids(v);
		return true;
	case 5:
		if (d[1] & 3 || !(d[0] & (1 << 5 | 1 << 4)))
			return false;
		if (d[0] & 1 << 5 && !(v->broken & MODEL_NO_STATUS))
			v->mem->m.write(&v->mem->m, d[1], &data, 4);
		return true;
	default:
		return false;
	}
}

static void run_queue(struct vtd_model *v)
{
	bool wide = v->iqa >> 11 & 1;
	u64 size = (0x1000ULL << (v->iqa & 7)), bytes = wide ? 32 : 16;
	u64 base = v->iqa & ~0xfffULL, d[4], i;

	if (!(v->gsts >> 26 & 1) || v->fsts & 0x70 ||
	    v->broken & MODEL_DRAIN_STUCK)
		return;
	if (wide && !ecap(v, 43))
		model_wrong(v->wrong, "256-bit descriptors without SMTS");
	while (v->iqh != v->iqt) {
		memset(d, 0, sizeof(d));
		for (i = 0; i < bytes / 8; i++)
			d[i] = fakemem_get(v->mem, base + v->iqh + i * 8);
		if (!execute(v, d)) {
			v->fsts |= 1 << 4;
			return;
		}
		v->iqh = (v->iqh + bytes) % size;
	}
}

/* --- register access --- */

static void tick(struct vtd_model *v)
{
	v->clock += v->config.us_per_access;
	v->accesses++;
	settle(v);
}

/* FSTS.FRI */
static u32 oldest_fault(const struct vtd_model *v)
{
	u32 i, k;

	for (i = 0; i < MODEL_FAULTS; i++) {
		k = (v->frcd_next + i) % MODEL_FAULTS;
		if (v->frcd[k][1] >> 63)
			return k;
	}
	return 0;
}

static u64 reg(struct vtd_model *v, u32 off)
{
	u32 i;

	if (v->broken & MODEL_ABSENT)
		return ~0ULL;
	switch (off) {
	case 0x00:
		return v->config.version;
	case 0x08:
		return v->config.cap;
	case 0x10:
		return v->config.ecap;
	case 0x1c:
		return v->gsts;
	case 0x20:
		return v->rtaddr;
	case 0x28:
		return v->ccmd;
	case 0x34:
		return v->fsts | (model_pending_faults(v) ? 2 : 0) |
		       oldest_fault(v) << 8;
	case 0x38:
		return v->fectl;
	case 0x80:
		return v->iqh;
	case 0x88:
		return v->iqt;
	case 0x90:
		return v->iqa;
	case IRO + 8:
		return v->iotlb;
	default:
		break;
	}
	if (off >= FRO && off < FRO + MODEL_FAULTS * 16) {
		i = (off - FRO) / 16;
		if (off & 4)
			return v->frcd[i][off >> 3 & 1] >> 32;
		return v->frcd[i][off >> 3 & 1];
	}
	return 0;
}

static u32 read32(struct mmio *r, u32 off)
{
	struct vtd_model *v = (struct vtd_model *)r;

	tick(v);
	if (off & 3 || off + 4 > r->len)
		model_wrong(v->wrong, "32-bit read at %#x", off);
	return reg(v, off);
}

static u64 read64(struct mmio *r, u32 off)
{
	struct vtd_model *v = (struct vtd_model *)r;

	tick(v);
	if (off & 7 || off + 8 > r->len)
		model_wrong(v->wrong, "64-bit read at %#x", off);
	return reg(v, off);
}

static void ccmd(struct vtd_model *v, u64 val)
{
	bool heard = !is_scalable(v->root) && v->config.version >> 4 < 6 &&
		     !(v->broken & MODEL_IGNORES_CCMD);

	if (v->gsts >> 26 & 1)
		model_wrong(v->wrong, "CCMD with the queue on");
	v->ccmd = val & ~(3ULL << 59);
	if (v->broken & MODEL_ICC_STUCK)
		return;
	v->ccmd &= ~(1ULL << 63);
	if (heard && val >> 63 && (val >> 61 & 3) == 1) {
		drop_contexts(v);
		v->ccmd |= 1ULL << 59;
	}
}

static void iotlb(struct vtd_model *v, u64 val)
{
	bool heard = !is_scalable(v->root) && v->config.version >> 4 < 6;

	v->iotlb = val & ~(3ULL << 57) & ~(1ULL << 63);
	if (heard && val >> 63 && (val >> 60 & 3) == 1) {
		drop_tlb(v);
		v->iotlb |= 1ULL << 57;
	}
}

static void write_reg(struct vtd_model *v, u32 off, u64 val)
{
	u32 i;

	switch (off) {
	case 0x18:
		gcmd(v, val);
		return;
	case 0x20:
		if (!(v->broken & MODEL_RTADDR_STUCK))
			v->rtaddr = val;
		return;
	case 0x28:
		ccmd(v, val);
		return;
	case 0x34:
		v->fsts &= ~(val & 0x71);
		return;
	case 0x38:
		v->fectl = val & 1u << 31;
		return;
	case 0x88:
		v->iqt = val;
		run_queue(v);
		return;
	case 0x90:
		if (v->gsts >> 26 & 1)
			model_wrong(v->wrong, "IQA written with the queue on");
		v->iqa = val;
		return;
	case IRO + 8:
		iotlb(v, val);
		return;
	default:
		break;
	}
	if (off >= FRO && off < FRO + MODEL_FAULTS * 16 && off % 16 == 12) {
		i = (off - FRO) / 16;
		if (val >> 31 & 1)
			v->frcd[i][1] &= ~(1ULL << 63);
		return;
	}
	model_wrong(v->wrong, "write of %#llx at %#x", (unsigned long long)val,
		    off);
}

static void write32(struct mmio *r, u32 off, u32 val)
{
	struct vtd_model *v = (struct vtd_model *)r;

	tick(v);
	if (!(v->broken & MODEL_ABSENT))
		write_reg(v, off, val);
}

static void write64(struct mmio *r, u32 off, u64 val)
{
	struct vtd_model *v = (struct vtd_model *)r;

	tick(v);
	if (off == 0x18 || off == 0x34 || off == 0x38)
		model_wrong(v->wrong, "64-bit write at %#x", off);
	if (!(v->broken & MODEL_ABSENT))
		write_reg(v, off, val);
}

static u64 now_us(struct mmio *r)
{
	struct vtd_model *v = (struct vtd_model *)r;

	v->clock += v->config.us_per_look;
	return v->clock;
}

void model_init(struct vtd_model *v, struct fakemem *mem,
		const struct model_config *c)
{
	memset(v, 0, sizeof(*v));
	v->mmio = (struct mmio){ read32,  read64, write32,
				 write64, now_us, 0x1000 };
	v->mem = mem;
	v->config = *c;
	v->config.cap &= ~(0x3ffULL << 24 | 0xffULL << 40);
	v->config.cap |= (u64)(FRO / 16) << 24 | (u64)(MODEL_FAULTS - 1) << 40;
	v->config.ecap &= ~(0x3ffULL << 8);
	v->config.ecap |= (u64)(IRO / 16) << 8;
	v->wbf_at = ~0ULL;
}

void model_start(struct vtd_model *v, u64 rtaddr, bool te)
{
	v->rtaddr = rtaddr;
	v->root = rtaddr;
	v->gsts = (rtaddr ? 1u << 30 : 0) | (te ? 1u << 31 : 0);
}

void model_start_queue(struct vtd_model *v, u64 iqa, u64 head, u64 tail)
{
	v->gsts |= 1u << 26;
	v->iqa = iqa;
	v->iqh = head;
	v->iqt = tail;
}

/* --- DMA --- */

struct request {
	u32 requester;
	u64 iova;
	bool write;
	bool fpd;
	struct model_dma *out;
};

static void refuse(struct vtd_model *v, const struct request *q, u32 reason)
{
	u64 *f = v->frcd[v->frcd_next];

	q->out->event = reason;
	if (q->fpd)
		return;
	q->out->logged = true;
	if (f[1] >> 63) {
		v->fsts |= 1;
		return;
	}
	f[0] = q->iova & ~0xfffULL;
	f[1] = 1ULL << 63 | (u64)!q->write << 62 | (u64)reason << 32 |
	       q->requester;
	v->frcd_next = (v->frcd_next + 1) % MODEL_FAULTS;
}

static u64 fetch(struct vtd_model *v, u64 addr, bool coherent)
{
	if (!coherent && fakemem_dirty(v->mem, addr))
		model_wrong(v->wrong, "table at %#llx not flushed",
			    (unsigned long long)addr);
	return fakemem_get(v->mem, addr);
}

/* Fills a context cache entry; false: refused. */
static bool load_context(struct vtd_model *v, struct request *q,
			 struct model_context *c)
{
	bool sm = is_scalable(v->root), coherent = ecap(v, 0);
	u32 bus = q->requester >> 8, fn = q->requester & 255, i;
	u64 re, at;

	re = fetch(v, (v->root & ~0xfffULL) + bus * 16 + (sm && fn > 127) * 8,
		   coherent);
	if (!(re & 1)) {
		refuse(v, q, sm ? 0x39 : 1);
		return false;
	}
	at = (re & ~0xfffULL) + (sm ? (fn & 127) * 32 : fn * 16);
	for (i = 0; i < (sm ? 4u : 2u); i++)
		c->word[i] = fetch(v, at + i * 8, coherent);
	q->fpd = c->word[0] >> 1 & 1;
	if (!(c->word[0] & 1)) {
		refuse(v, q, sm ? 0x41 : 2);
		return false;
	}
	if (sm ? c->word[0] & 0x1e0 || c->word[1] >> 21
	       : c->word[0] & 0xff0 || c->word[1] & 0xffffffffff000080ULL) {
		refuse(v, q, sm ? 0x42 : 0xb);
		return false;
	}
	return true;
}

static bool load_pasid(struct vtd_model *v, struct request *q,
		       const struct model_context *c, struct model_pasid *p)
{
	bool coherent = ecap(v, 48);
	u32 pasid = ecap(v, 49) ? c->word[1] & 0xfffff : 0, i;
	u64 pde, at;

	pde = fetch(v, (c->word[0] & ~0xfffULL) + (pasid >> 6) * 8, coherent);
	q->fpd &= pde >> 1 & 1;
	if (!(pde & 1)) {
		refuse(v, q, 0x51);
		return false;
	}
	at = (pde & ~0xfffULL) + (pasid & 63) * 64;
	for (i = 0; i < 8; i++)
		p->word[i] = fetch(v, at + i * 8, coherent);
	q->fpd &= p->word[0] >> 1 & 1;
	p->fpd = (pde & p->word[0]) >> 1 & 1;
	if (!(p->word[0] & 1)) {
		refuse(v, q, 0x59);
		return false;
	}
	if (p->word[1] >> 23 & 1 && !ecap(v, 48))
		model_wrong(v->wrong, "PWSNP without SMPWC");
	return true;
}

static struct model_context *context_of(struct vtd_model *v, struct request *q)
{
	struct model_context *c;
	u32 i;

	for (i = 0; i < MODEL_CACHE; i++) {
		c = &v->context[i];
		if (c->used && c->requester == q->requester) {
			q->fpd = c->word[0] >> 1 & 1;
			return c;
		}
	}
	c = &v->context[v->context_n++ % MODEL_CACHE];
	memset(c, 0, sizeof(*c));
	if (!load_context(v, q, c))
		return NULL;
	c->used = true;
	c->requester = q->requester;
	return c;
}

static struct model_pasid *pasid_of(struct vtd_model *v, struct request *q,
				    const struct model_context *c)
{
	struct model_pasid *p;
	u32 i;

	for (i = 0; i < MODEL_CACHE; i++) {
		p = &v->pasid[i];
		if (p->used && p->requester == q->requester) {
			q->fpd &= p->fpd;
			return p;
		}
	}
	p = &v->pasid[v->pasid_n++ % MODEL_CACHE];
	memset(p, 0, sizeof(*p));
	if (!load_pasid(v, q, c, p))
		return NULL;
	p->used = true;
	p->requester = q->requester;
	return p;
}

/* Second stage. Returns permissions; 0 with a refusal when nothing maps. */
static u32 walk_second(struct vtd_model *v, const struct request *q, u64 table,
		       u32 levels, bool coherent, u64 *pa)
{
	bool sm = is_scalable(v->root);
	u32 perm = 3, shift = 12 + 9 * (levels - 1);
	u64 e = 0;

	if (!(v->config.cap >> (8 + levels - 2) & 1)) {
		refuse(v, q, sm ? 0x5b : 3);
		return 0;
	}
	if (q->iova >> (shift + 9) ||
	    q->iova >> ((v->config.cap >> 16 & 63) + 1)) {
		refuse(v, q, sm ? 0x83 : 4);
		return 0;
	}
	for (;; shift -= 9) {
		e = fetch(v, table + (q->iova >> shift & 511) * 8, coherent);
		perm &= e & 3;
		if (!perm) {
			refuse(v, q, sm ? 0x79 : q->write ? 5 : 6);
			return 0;
		}
		if (shift == 12 || e & 0x80)
			break;
		table = e & 0xffffffffff000ULL;
	}
	if ((shift > 12 && !(v->config.cap >> 34 >> (shift == 30) & 1)) ||
	    (shift != 12 && shift != 21 && shift != 30)) {
		refuse(v, q, sm ? 0x7a : 0xc);
		return 0;
	}
	*pa = (e & 0xffffffffff000ULL & ~((1ULL << shift) - 1)) |
	      (q->iova & ((1ULL << shift) - 1));
	return perm;
}

static u32 walk_first(struct vtd_model *v, const struct request *q, u64 table,
		      u32 levels, bool coherent, u64 *pa)
{
	u32 perm = 3, shift = 12 + 9 * (levels - 1);
	u64 e, upper = q->iova >> (shift + 8);

	if (upper && upper != ~0ULL >> (shift + 8)) {
		refuse(v, q, 0x80);
		return 0;
	}
	for (;; shift -= 9) {
		e = fetch(v, table + (q->iova >> shift & 511) * 8, coherent);
		if (!(e & 1)) {
			refuse(v, q, 0x71);
			return 0;
		}
		if (!(e & 4)) {
			refuse(v, q, 0x81);
			return 0;
		}
		if (!(e & 2))
			perm &= 1;
		if (shift == 12 || e & 0x80)
			break;
		table = e & 0xffffffffff000ULL;
	}
	if (shift > 30 || (shift == 30 && !cap(v, 56))) {
		refuse(v, q, 0x72);
		return 0;
	}
	*pa = (e & 0xffffffffff000ULL & ~((1ULL << shift) - 1)) |
	      (q->iova & ((1ULL << shift) - 1));
	return perm;
}

/* PGTT: 1 first stage, 2 second stage, 4 pass-through; 0: refused. */
static u32 translate(struct vtd_model *v, struct request *q,
		     const struct model_context *c, const u64 *p, u64 *pa)
{
	bool snoops;
	u32 tt;

	if (!p) {
		tt = c->word[0] >> 2 & 3;
		if (tt == 2 && ecap(v, 6)) {
			*pa = q->iova;
			return 3;
		}
		if (tt < 2)
			return walk_second(v, q, c->word[0] & ~0xfffULL,
					   (c->word[1] & 7) + 2, ecap(v, 0),
					   pa);
		refuse(v, q, 3);
		return 0;
	}
	snoops = ecap(v, 48) && p[1] >> 23 & 1; /* PWSNP */
	switch (p[0] >> 6 & 7) {
	case 1:
		return walk_first(v, q, p[2] & ~0xfffULL, (p[2] >> 2 & 3) + 4,
				  snoops, pa);
	case 2:
		return walk_second(v, q, p[0] & ~0xfffULL, (p[0] >> 2 & 7) + 2,
				   snoops, pa);
	case 4:
		*pa = q->iova;
		return 3;
	default:
		refuse(v, q, 0x5b);
		return 0;
	}
}

static struct model_tlb *tlb_find(struct vtd_model *v, u32 did, u64 iova)
{
	u32 i;

	for (i = 0; i < MODEL_CACHE; i++)
		if (v->tlb[i].used && v->tlb[i].did == did &&
		    v->tlb[i].iova == align_down(iova, PAGE_4K))
			return &v->tlb[i];
	return NULL;
}

struct model_dma model_dma(struct vtd_model *v, u32 requester, u64 iova,
			   bool write)
{
	struct model_dma out = { 0 };
	struct request q = { requester, iova, write, false, &out };
	struct model_context *c;
	struct model_pasid *p = NULL;
	struct model_tlb *t;
	u32 did, perm, need = write ? 2 : 1;
	u64 pa = 0;

	if (!(v->gsts >> 31)) {
		out.landed = true;
		out.pa = iova;
		return out;
	}
	c = context_of(v, &q);
	if (!c)
		return out;
	if (is_scalable(v->root)) {
		p = pasid_of(v, &q, c);
		if (!p)
			return out;
	}
	did = p ? p->word[1] & 0xffff : c->word[1] >> 8 & 0xffff;
	t = tlb_find(v, did, iova);
	if (!t) {
		perm = translate(v, &q, c, p ? p->word : NULL, &pa);
		if (!perm)
			return out;
		t = &v->tlb[v->tlb_n++ % MODEL_CACHE];
		*t = (struct model_tlb){ true, did, align_down(iova, PAGE_4K),
					 align_down(pa, PAGE_4K), perm };
	}
	if (!(t->perm & need)) {
		refuse(v, &q, write ? 5 : 6);
		return out;
	}
	out.landed = true;
	out.pa = t->pa | (iova & (PAGE_4K - 1));
	return out;
}

u32 model_pending_faults(const struct vtd_model *v)
{
	u32 i, n = 0;

	for (i = 0; i < MODEL_FAULTS; i++)
		n += v->frcd[i][1] >> 63;
	return n;
}
