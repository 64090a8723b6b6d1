// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "lpae_model.h"
#include "smmuv2_model.h"

/* sCR0 (chapter 9) */
#define BYPASS 0x1u
#define FAULTS_TOLD 0x36u /* GFRE, GFIE, GCFGFRE, GCFGFIE */
#define INTERRUPTS 0x24u  /* GFIE, GCFGFIE */
#define EXTENDED 0x8u
#define UNMATCHED_FAULT 0x400u
#define VMID16 (1u << 31)

/* SCTLR */
#define M 0x1u
#define TOLD 0x60u /* CFRE, CFIE */
#define CFIE 0x40u
#define STALL 0x80u
#define GO_ON 0x100u

#define LATE_US 300

static u32 page_size(const struct smmuv2_model *v)
{
	return v->config.id1 >> 31 ? 0x10000 : 0x1000;
}

static u32 banks_at(const struct smmuv2_model *v)
{
	return page_size(v) << ((v->config.id1 >> 28 & 7) + 1);
}

static u32 banks(const struct smmuv2_model *v)
{
	return v->config.id1 & 0xff;
}

static u32 entries(const struct smmuv2_model *v)
{
	return v->config.id0 & 0xff;
}

static bool has_matching(const struct smmuv2_model *v)
{
	return v->config.id0 >> 27 & 1;
}

void model_forget(struct smmuv2_model *v)
{
	memset(v->tlb, 0, sizeof(v->tlb));
}

bool model_interrupts(const struct smmuv2_model *v)
{
	u32 i;

	for (i = 0; i < banks(v); i++)
		if (v->bank[i].fsr && v->bank[i].sctlr & CFIE)
			return true;
	return v->gfsr && v->cr0 & INTERRUPTS;
}

/* --- register access --- */

static void tick(struct smmuv2_model *v)
{
	v->clock += v->config.us_per_access;
	v->accesses++;
	if (v->sync && !(v->broken & MODEL_SYNC_STUCK) &&
	    v->clock >= v->sync_due) {
		v->sync = false;
		v->syncs++;
		model_forget(v);
	}
}

/* Does an entry lead to the bank, so that it must not change under it? */
static bool in_use(const struct smmuv2_model *v, u32 bank)
{
	u32 i;

	if (v->cr0 & BYPASS || !(v->bank[bank].sctlr & M))
		return false;
	for (i = 0; i < entries(v); i++)
		if ((!has_matching(v) || v->smr[i] >> 31 ||
		     (v->cr0 & EXTENDED && v->s2cr[i] >> 10 & 1)) &&
		    !(v->s2cr[i] >> 16 & 3) && (v->s2cr[i] & 0xff) == bank)
			return true;
	return false;
}

static u32 *bank_reg32(struct smmuv2_model *v, u32 bank, u32 off)
{
	struct model_bank *b = &v->bank[bank];

	switch (off) {
	case 0x00:
		return &b->sctlr;
	case 0x10:
		return &b->tcr2;
	case 0x30:
		return &b->tcr;
	case 0x38:
		return &b->mair0;
	case 0x58:
		return &b->fsr;
	case 0x68:
		return &b->fsynr0;
	}
	return NULL;
}

static u32 *reg32(struct smmuv2_model *v, u32 off)
{
	u32 page = page_size(v), i;

	if (off >= banks_at(v)) {
		i = (off - banks_at(v)) / page;
		return i < banks(v) ? bank_reg32(v, i, off % page) : NULL;
	}
	if (off >= page) {
		off -= page;
		i = off % 0x400 / 4;
		if (i >= banks(v))
			return NULL;
		return off < 0x400		     ? &v->bank[i].cbar
		       : off >= 0x800 && off < 0xc00 ? &v->bank[i].cba2r
						     : NULL;
	}
	if (off >= 0x800 && off < 0x800 + 4 * entries(v))
		return &v->smr[(off - 0x800) / 4];
	if (off >= 0xc00 && off < 0xc00 + 4 * entries(v))
		return &v->s2cr[(off - 0xc00) / 4];
	switch (off) {
	case 0x00:
		return &v->cr0;
	case 0x20:
		return &v->config.id0;
	case 0x24:
		return &v->config.id1;
	case 0x28:
		return &v->config.id2;
	case 0x48:
		return &v->gfsr;
	case 0x54:
		return &v->gfsynr1;
	}
	return NULL;
}

static u64 *reg64(struct smmuv2_model *v, u32 off)
{
	u32 page = page_size(v), i = (off - banks_at(v)) / page;

	if (off < banks_at(v) || i >= banks(v))
		return NULL;
	switch (off % page) {
	case 0x20:
		return &v->bank[i].ttbr0;
	case 0x28:
		return &v->bank[i].ttbr1;
	case 0x60:
		return &v->bank[i].far;
	}
	return NULL;
}

/* Half of a register of 64 bits; @high: the upper one. NULL: it is none. */
static u64 *half_of(struct smmuv2_model *v, u32 off, bool *high)
{
	*high = off & 4;
	return off < banks_at(v) ? NULL : reg64(v, off & ~4u);
}

static u32 read32(struct mmio *r, u32 off)
{
	struct smmuv2_model *v = (struct smmuv2_model *)r;
	u32 *val = reg32(v, off);
	bool high;
	u64 *wide = half_of(v, off, &high);

	tick(v);
	if (off & 3 || off + 4 > r->len)
		model_wrong(v->wrong, "32-bit read at %#x", off);
	if (v->broken & MODEL_ABSENT)
		return ~0u;
	if (off == 0x74)
		return v->sync;
	if (wide)
		return high ? *wide >> 32 : (u32)*wide;
	return val ? *val : 0;
}

/* Not every interconnect passes them on (Armada AP806, erratum 582743). */
static u64 read64(struct mmio *r, u32 off)
{
	struct smmuv2_model *v = (struct smmuv2_model *)r;

	tick(v);
	model_wrong(v->wrong, "64-bit read at %#x", off);
	return ~0ULL;
}

static void write_bank32(struct smmuv2_model *v, u32 bank, u32 off, u32 val)
{
	u32 *to = bank_reg32(v, bank, off);
	bool high;
	u64 *wide = half_of(v, banks_at(v) + bank * page_size(v) + off, &high);

	if (wide && wide != &v->bank[bank].far) {
		if (in_use(v, bank))
			model_wrong(v->wrong, "TTBR of a bank in use");
		if (v->broken & MODEL_TTBR_LOCKED)
			return;
		*wide = high ? (u32)*wide | (u64)val << 32
			     : *wide >> 32 << 32 | val;
		return;
	}
	if (off == 0x58) {
		if (!(v->broken & MODEL_FAULTS_STUCK))
			*to &= ~val;
		return;
	}
	if (off == 0x08) {
		v->resumed += val == 1;
		return;
	}
	if (!to || off == 0x68) {
		model_wrong(v->wrong, "write of %#x to %#x of a bank", val,
			    off);
		return;
	}
	/* Of a bank in use, faults and stalls alone may change. */
	if (in_use(v, bank) && (off || (*to ^ val) & ~(TOLD | STALL | GO_ON)))
		model_wrong(v->wrong, "bank %u changed while in use", bank);
	if (!off && v->broken & MODEL_LOUD)
		val |= *to & TOLD;
	*to = val;
}

static void write32(struct mmio *r, u32 off, u32 val)
{
	struct smmuv2_model *v = (struct smmuv2_model *)r;
	u32 *to = reg32(v, off), page = page_size(v);

	tick(v);
	v->writes++;
	if (off >= banks_at(v)) {
		write_bank32(v, (off - banks_at(v)) / page, off % page, val);
		return;
	}
	if (off == 0x48) {
		if (!(v->broken & MODEL_FAULTS_STUCK))
			v->gfsr &= ~val;
		return;
	}
	if (off == 0x70) {
		v->sync = true;
		v->sync_due =
			v->clock + (v->broken & MODEL_SYNC_LATE ? LATE_US : 2);
		if (!v->config.us_per_access)
			v->sync_due = v->clock;
		return;
	}
	if (off == 0x68 || off == 0x6c)
		return;
	if (!to || (off >= 0x20 && off < 0x800)) {
		model_wrong(v->wrong, "write of %#x at %#x", val, off);
		return;
	}
	if (off >= page && in_use(v, (off - page) % 0x400 / 4))
		model_wrong(v->wrong, "CBAR or CBA2R of a bank in use");
	if ((!off && v->broken & MODEL_CR0_LOCKED) ||
	    (off == 0xc00 && v->broken & MODEL_S2CR_LOCKED))
		return;
	*to = val;
}

static void write64(struct mmio *r, u32 off, u64 val)
{
	struct smmuv2_model *v = (struct smmuv2_model *)r;

	(void)val;
	tick(v);
	model_wrong(v->wrong, "64-bit write at %#x", off);
}

static u64 now_us(struct mmio *r)
{
	struct smmuv2_model *v = (struct smmuv2_model *)r;

	v->clock += v->config.us_per_look;
	return v->clock;
}

void model_init(struct smmuv2_model *v, struct fakemem *mem,
		const struct model_config *c)
{
	memset(v, 0, sizeof(*v));
	v->mem = mem;
	v->config = *c;
	v->mmio =
		(struct mmio){ read32,	read64,
			       write32, write64,
			       now_us,	banks_at(v) + banks(v) * page_size(v) };
}

/* --- DMA --- */

static u64 fetch_of(void *unit, u64 addr)
{
	struct smmuv2_model *v = unit;

	/* Without CTTW (ID0 bit 14), walks do not snoop. */
	if (!(v->config.id0 >> 14 & 1) && fakemem_dirty(v->mem, addr))
		model_wrong(v->wrong, "memory at %#llx not flushed",
			    (unsigned long long)addr);
	return fakemem_get(v->mem, addr);
}

static struct model_dma global_fault(struct smmuv2_model *v, u32 stream,
				     u32 bit)
{
	struct model_dma out = { .event = 0x40 + bit };

	v->gfsr |= 1u << bit;
	v->gfsynr1 = stream;
	out.logged = v->cr0 & FAULTS_TOLD;
	v->reported += out.logged;
	return out;
}

static bool find_entry(const struct smmuv2_model *v, u32 stream, u32 *n)
{
	bool ex = v->cr0 & EXTENDED;
	u32 i, id, mask;

	*n = stream;
	if (!has_matching(v))
		return stream < entries(v);
	for (i = 0; i < entries(v); i++) {
		if (!(ex ? v->s2cr[i] >> 10 & 1 : v->smr[i] >> 31))
			continue;
		id = v->smr[i] & (ex ? 0xffff : 0x7fff);
		mask = v->smr[i] >> 16 & (ex ? 0xffff : 0x7fff);
		if (((stream ^ id) & ~mask & 0xffff) == 0) {
			*n = i;
			return true;
		}
	}
	return false;
}

static struct model_tlb *tlb_of(struct smmuv2_model *v,
				const struct model_tlb *key)
{
	u32 i;

	for (i = 0; i < MODEL_CACHE; i++)
		if (v->tlb[i].used && v->tlb[i].stage1 == key->stage1 &&
		    v->tlb[i].vmid == key->vmid &&
		    (v->tlb[i].asid == key->asid || v->tlb[i].global) &&
		    v->tlb[i].iova == key->iova)
			return &v->tlb[i];
	return NULL;
}

static void set_walk(struct smmuv2_model *v, const struct model_bank *b,
		     bool stage1, struct lpae_walk *w)
{
	u32 tg = b->tcr >> 14 & 3;

	*w = (struct lpae_walk){ .table = b->ttbr0 & 0xfffffffffff0ULL,
				 .page_shift = lpae_model_granule(tg),
				 .in_bits = 64 - (b->tcr & 63),
				 .second = !stage1,
				 .fetch = fetch_of,
				 .unit = v };
	w->levels = stage1 ? lpae_model_levels(w->page_shift, w->in_bits)
			   : (b->tcr >> 6 & 3) + (tg ? 1 : 2);
}

/*
 * Stage 1, SMMU_CBn_TCR2.SEP: the address is extended from bit 31 on, or (7) taken
 * as it comes. No other position is in use.
 */
static bool in_upper_half(const struct model_bank *b, u64 iova)
{
	u32 sep = b->tcr2 >> 15 & 7;

	return sep == 7 ? iova >> 63 : iova >> 31 & 1;
}

static struct model_dma bank_fault(struct smmuv2_model *v, struct model_bank *b,
				   u32 bit, u64 iova)
{
	struct model_dma out = { .event = bit };

	b->fsr |= 1u << bit | (b->sctlr & STALL ? 1u << 30 : 0);
	b->far = iova;
	out.logged = b->sctlr & TOLD;
	v->reported += out.logged;
	return out;
}

/* Bits of the addresses that stage 2 takes in */
static u32 ias(const struct smmuv2_model *v)
{
	static const u8 bits[16] = { 32, 36, 40, 42, 44, 48 };

	return bits[v->config.id2 & 15];
}

static struct model_dma by_bank(struct smmuv2_model *v, struct model_bank *b,
				u64 iova, bool write)
{
	u32 type = b->cbar >> 16 & 3, fault;
	struct model_tlb key = { .used = true,
				 .stage1 = type,
				 .vmid = v->cr0 & VMID16 ? b->cba2r >> 16
							 : b->cbar & 0xff,
				 .asid = type ? (u32)(b->ttbr0 >> 48) : 0,
				 .iova = align_down(iova, PAGE_4K) };
	struct model_tlb *t;
	struct lpae_walk w;
	u64 pa = iova;

	if (type > 1)
		return global_fault(v, 0, 0);
	if (!(b->sctlr & M))
		return (struct model_dma){ .landed = true, .pa = iova };
	if (b->fsr && !(b->sctlr & GO_ON))
		return bank_fault(v, b, 1, iova);
	if (type && in_upper_half(b, iova) && b->tcr >> 23 & 1)
		return bank_fault(v, b, 1, iova);
	/* RES1 in the TCR of a stage 2 with AArch64 tables; no more bits than IAS */
	if (!type && (!(b->tcr >> 31) || 64 - (b->tcr & 63) > ias(v)))
		return bank_fault(v, b, 1, iova);
	t = tlb_of(v, &key);
	if (!t) {
		set_walk(v, b, type, &w);
		key.perm = lpae_model_walk(&w, iova, &pa, &fault, &key.global);
		if (!key.perm)
			return bank_fault(v, b, fault == LPAE_ACCESS ? 2 : 1,
					  iova);
		key.pa = align_down(pa, PAGE_4K);
		t = &v->tlb[v->tlb_n++ % MODEL_CACHE];
		*t = key;
	}
	if (!(t->perm & (write ? 2 : 1)))
		return bank_fault(v, b, 3, iova);
	return (struct model_dma){ .landed = true,
				   .pa = t->pa | (iova & (PAGE_4K - 1)) };
}

struct model_dma model_dma(struct smmuv2_model *v, u32 stream, u64 iova,
			   bool write)
{
	const struct model_dma passes = { .landed = true, .pa = iova };
	u32 n, bank;

	if (v->cr0 & BYPASS)
		return passes;
	if (!find_entry(v, stream, &n))
		return v->cr0 & UNMATCHED_FAULT ? global_fault(v, stream, 1)
						: passes;
	switch (v->s2cr[n] >> 16 & 3) {
	case 0:
		bank = v->s2cr[n] & 0xff;
		return bank < banks(v) ? by_bank(v, &v->bank[bank], iova, write)
				       : global_fault(v, stream, 3);
	case 1:
		return passes;
	default:
		return global_fault(v, stream, 0);
	}
}
