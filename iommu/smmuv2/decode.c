// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arm SMMUv2: streams and context banks, which are registers, and the tables
 * that these name. Reads only. Chapters are those of the document named in
 * smmuv2.h.
 */
#include "iommu.h"
#include "../env.h"
#include "../lookup.h"
#include "../lpae.h"
#include "smmuv2.h"
#include "tables.h"

/* --- registers --- */

#define REG_NAME_MAX 8

static const struct {
	char name[REG_NAME_MAX];
	u16 width;
	u16 off;
} smmuv2_regs[] = {
	{ "sCR0", 4, SMMUV2_CR0 },	  { "ID0", 4, SMMUV2_ID0 },
	{ "ID1", 4, SMMUV2_ID1 },	  { "ID2", 4, SMMUV2_ID2 },
	{ "ID7", 4, SMMUV2_ID7 },	  { "sGFAR", 8, SMMUV2_GFAR },
	{ "sGFSR", 4, SMMUV2_GFSR },	  { "GFSYNR0", 4, SMMUV2_GFSYNR0 },
	{ "GFSYNR1", 4, SMMUV2_GFSYNR1 },
};

/* Of a context bank in use: its page, and one word each of GR1's arrays. */
static const struct {
	u16 off, width;
} bank_regs[] = {
	{ CB_SCTLR, 4 }, { CB_TCR2, 4 }, { CB_TTBR0, 8 },
	{ CB_TTBR1, 8 }, { CB_TCR, 4 },
};

static_assert(ARRAY_SIZE(smmuv2_regs) == SMMUV2_GLOBAL_REGS &&
		      ARRAY_SIZE(bank_regs) == SMMUV2_BANK_REGS,
	      "SMMUv2 registers");

/* Where context banks lie depends on ID1: those have no name here. */
const char *smmuv2_reg_name(u32 off)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(smmuv2_regs); i++)
		if (smmuv2_regs[i].off == off)
			return smmuv2_regs[i].name;
	if (off >= SMMUV2_SMR(0) && off < SMMUV2_SMR(SMMUV2_STREAMS))
		return "SMR";
	if (off >= SMMUV2_S2CR(0) && off < SMMUV2_S2CR(SMMUV2_STREAMS))
		return "S2CR";
	return NULL;
}

void smmuv2_layout(u64 id0, u64 id1, u64 cr0, struct smmuv2_layout *l)
{
	l->page = id1 & ID1_PAGESIZE ? 0x10000 : 0x1000;
	l->contexts = l->page << (field(ID1_NUMPAGENDXB, id1) + 1);
	l->contexts_n = field(ID1_NUMCB, id1);
	if (l->contexts_n > SMMUV2_CONTEXTS)
		l->contexts_n = SMMUV2_CONTEXTS;
	l->streams_n = field(ID0_NUMSMRG, id0);
	if (l->streams_n > SMMUV2_STREAMS)
		l->streams_n = SMMUV2_STREAMS;
	l->matching = id0 & ID0_SMS;
	l->extended = cr0 & SCR0_EXIDENABLE;
}

u64 smmuv2_read64(struct mmio *r, u32 off)
{
	u64 high = r->read32(r, off + 4);

	return high << 32 | r->read32(r, off);
}

static void take(struct mmio *r, struct iommu_regs *regs, u32 off, u32 width)
{
	if ((u64)off + width > r->len)
		return;
	iommu_reg_put(regs, off, width,
		      width == 8 ? smmuv2_read64(r, off) : r->read32(r, off));
}

static void take_bank(struct mmio *r, struct iommu_regs *regs,
		      const struct smmuv2_layout *l, u32 bank, u8 *taken)
{
	unsigned int i;

	if (bank >= l->contexts_n || taken[bank / 8] & 1u << bank % 8)
		return;
	taken[bank / 8] |= 1u << bank % 8;
	take(r, regs, l->page + GR1_CBAR(bank), 4);
	take(r, regs, l->page + GR1_CBA2R(bank), 4);
	for (i = 0; i < ARRAY_SIZE(bank_regs); i++)
		take(r, regs, l->contexts + bank * l->page + bank_regs[i].off,
		     bank_regs[i].width);
}

/* Streams in use, and the context banks that they lead to. */
static void take_streams(struct mmio *r, struct iommu_regs *regs,
			 const struct smmuv2_layout *l)
{
	u8 taken[SMMUV2_CONTEXTS / 8] = { 0 };
	u64 s2cr = 0, cbar;
	u32 n, smr = 0;
	bool valid;

	for (n = 0; n < l->streams_n; n++) {
		if (SMMUV2_S2CR(n) + 4 > r->len)
			break;
		s2cr = r->read32(r, SMMUV2_S2CR(n));
		if (l->matching)
			smr = r->read32(r, SMMUV2_SMR(n));
		valid = !l->matching ||
			(l->extended ? s2cr & S2CR_EXIDVALID : smr & SMR_VALID);
		if (!valid)
			continue;
		if (l->matching)
			iommu_reg_put(regs, SMMUV2_SMR(n), 4, smr);
		iommu_reg_put(regs, SMMUV2_S2CR(n), 4, s2cr);
		if (field(S2CR_TYPE, s2cr) != S2CR_TRANSLATION)
			continue;
		take_bank(r, regs, l, field(S2CR_CBNDX, s2cr), taken);
		if (iommu_reg_get(
			    regs,
			    l->page + GR1_CBAR((u32)field(S2CR_CBNDX, s2cr)),
			    &cbar) &&
		    field(CBAR_TYPE, cbar) == CBAR_NESTED)
			take_bank(r, regs, l, field(CBAR_CBNDX, cbar), taken);
	}
}

static void add_fault(struct iommu_fault_raw *faults, u32 room, u32 *found,
		      const struct iommu_fault_raw *f)
{
	if (*found < room)
		faults[*found] = *f;
	++*found;
}

/* Chapter 3.12: one fault a context bank, and one for all streams. */
static int take_faults(struct mmio *r, const struct smmuv2_layout *l,
		       struct iommu_fault_raw *faults, u32 *n)
{
	u32 bank, page, room = *n, found = 0;
	struct iommu_fault_raw f = { { 0 } };

	f.w[0] = r->read32(r, SMMUV2_GFSR);
	if (f.w[0]) {
		f.w[0] |= (u64)r->read32(r, SMMUV2_GFSYNR0) << 32;
		f.w[1] = smmuv2_read64(r, SMMUV2_GFAR);
		f.w[2] = FAULT_GLOBAL |
			 field(GFSYNR1_STREAMID, r->read32(r, SMMUV2_GFSYNR1));
		add_fault(faults, room, &found, &f);
	}
	for (bank = 0; bank < l->contexts_n; bank++) {
		page = l->contexts + bank * l->page;
		if (page + CB_FSYNR0 + 4 > r->len)
			break;
		f.w[0] = r->read32(r, page + CB_FSR);
		if (!f.w[0])
			continue;
		f.w[0] |= (u64)r->read32(r, page + CB_FSYNR0) << 32;
		f.w[1] = smmuv2_read64(r, page + CB_FAR);
		f.w[2] = field(FAULT_STREAM,
			       r->read32(r, l->page + GR1_CBFRSYNRA(bank))) |
			 field_put(FAULT_CONTEXT, bank);
		add_fault(faults, room, &found, &f);
	}
	*n = found;
	return found > room ? IOMMU_ENOSPACE : IOMMU_OK;
}

int smmuv2_snapshot(struct mmio *r, struct iommu_regs *regs,
		    struct iommu_fault_raw *faults, u32 *n)
{
	struct smmuv2_layout l;
	unsigned int i;

	regs->n = 0;
	if (r->len < 0x1000 || r->read32(r, SMMUV2_ID0) == ~0u) {
		*n = 0;
		return IOMMU_EABSENT;
	}
	for (i = 0; i < ARRAY_SIZE(smmuv2_regs); i++)
		take(r, regs, smmuv2_regs[i].off, smmuv2_regs[i].width);
	smmuv2_layout(r->read32(r, SMMUV2_ID0), r->read32(r, SMMUV2_ID1),
		      r->read32(r, SMMUV2_CR0), &l);
	take_streams(r, regs, &l);
	return take_faults(r, &l, faults, n);
}

/*
 * iommu_config of an SMMUv2: cap is ID0 and, above, ID1; ecap ID2; form sCR0.
 * Streams and context banks stay in the registers.
 */
#define CAP_ID1(c) ((c)->cap >> 32)

int smmuv2_describe(const struct iommu_regs *regs, struct iommu_config *c)
{
	struct smmuv2_config *own = (struct smmuv2_config *)c->own;
	u64 id0, id1, id2, cr0, gfsr = 0;

	memset(c, 0, sizeof(*c));
	c->vendor = IOMMU_VENDOR_SMMUV2;
	own->regs = regs;
	if (!iommu_reg_get(regs, SMMUV2_CR0, &cr0) ||
	    !iommu_reg_get(regs, SMMUV2_ID0, &id0) ||
	    !iommu_reg_get(regs, SMMUV2_ID1, &id1) ||
	    !iommu_reg_get(regs, SMMUV2_ID2, &id2))
		return IOMMU_EREAD;
	iommu_reg_get(regs, SMMUV2_ID7, &c->version);
	iommu_reg_get(regs, SMMUV2_GFSR, &gfsr);
	c->cap = (u32)id0 | id1 << 32;
	c->ecap = id2;
	c->form = cr0;
	c->on = !(cr0 & SCR0_CLIENTPD);
	c->address_bits = lpae_size_bits(field(ID2_OAS, id2));
	c->domains = cr0 & SCR0_VMID16EN ? 1u << 16 : 1u << 8;
	c->fault_pending = gfsr;
	return IOMMU_OK;
}

/* --- a stream --- */

struct bank_lookup {
	const struct iommu_config *c;
	u32 stream;
	struct smmuv2_layout l;
	struct iommu_domain *d;
	struct iommu_evidence *ev;
};

static int wrong(struct bank_lookup *l, u32 err, u32 level, u32 off, u64 raw)
{
	memset(l->ev, 0, sizeof(*l->ev));
	l->ev->err = err;
	l->ev->level = level;
	l->ev->where = off;
	l->ev->requester = l->stream;
	l->ev->raw[0] = raw;
	l->ev->raw_words = 1;
	return err;
}

/* A register that a snapshot leaves out is one that was not in use: 0. */
static u64 reg(const struct bank_lookup *l, u32 off)
{
	u64 val = 0;

	iommu_reg_get(smmuv2_own(l->c)->regs, off, &val);
	return val;
}

static u64 bank_reg(const struct bank_lookup *l, u32 bank, u32 off)
{
	return reg(l, l->l.contexts + bank * l->l.page + off);
}

static bool matches(const struct bank_lookup *l, u32 n, u64 smr)
{
	if (l->l.extended)
		return reg(l, SMMUV2_S2CR(n)) & S2CR_EXIDVALID &&
		       !((l->stream ^ field(SMR_EXID, smr)) &
			 ~field(SMR_EXMASK, smr) & field(SMR_EXID, ~0ULL));
	return smr & SMR_VALID &&
	       !((l->stream ^ field(SMR_ID, smr)) & ~field(SMR_MASK, smr) &
		 field(SMR_ID, ~0ULL));
}

/*
 * Chapter 3.3: the S2CR of a stream. More than one match is unpredictable;
 * drivers see to it that those are alike, and the first one is as good.
 */
static bool find_stream(const struct bank_lookup *l, u32 *index)
{
	const struct iommu_regs *regs = smmuv2_own(l->c)->regs;
	u32 i, off;

	if (!l->l.matching) {
		*index = l->stream;
		return l->stream < l->l.streams_n;
	}
	for (i = 0; i < regs->n && i < regs->room; i++) {
		off = regs->r[i].off;
		if (off < SMMUV2_SMR(0) || off >= SMMUV2_SMR(l->l.streams_n))
			continue;
		*index = (off - SMMUV2_SMR(0)) / 4;
		if (matches(l, *index, regs->r[i].val))
			return true;
	}
	return false;
}

bool smmuv2_granule(const struct iommu_config *c, u32 granule)
{
	static const u64 bit[LPAE_GRANULES] = { ID2_PTFS_4K, ID2_PTFS_16K,
						ID2_PTFS_64K };

	return granule < LPAE_GRANULES && c->ecap & bit[granule];
}

static u64 bank_attr(u64 sctlr)
{
	return (sctlr & SCTLR_AFFD ? 0 : LPAE_AF_FAULTS) |
	       (sctlr & SCTLR_E ? LPAE_BIG_ENDIAN : 0);
}

static u32 out_bits(const struct iommu_config *c, u64 ps)
{
	u32 bits = lpae_size_bits(ps);

	return bits && bits < c->address_bits ? bits : c->address_bits;
}

static int stage2(struct bank_lookup *l, u32 bank, bool va64)
{
	u64 tcr = bank_reg(l, bank, CB_TCR);
	struct lpae_root r = {
		.granule = va64 ? lpae_tg0(field(TCR_TG0, tcr)) : LPAE_4K,
		.tsz = field(TCR_T0SZ, tcr),
		.tsz_min = 16,
		.tsz_max = 39,
		.out_bits = out_bits(l->c, va64 ? field(VTCR_PS, tcr) : 2),
		.ttb = bank_reg(l, bank, CB_TTBR0) & TTBR_ADDR,
		.attr = bank_attr(bank_reg(l, bank, CB_SCTLR)),
	};

	if (!(l->c->cap & ID0_S2TS))
		return IOMMU_EFORM;
	if (va64 && !smmuv2_granule(l->c, r.granule))
		return IOMMU_EFORM;
	if (!va64) { /* 32 bits less a signed number: up to 40 */
		r.tsz = 32 + field(VTCR32_T0SZ, tcr);
		if (tcr & VTCR32_S)
			r.tsz -= 16;
		r.tsz_min = 24;
	}
	return lpae_second(&r, field(VTCR_SL0, tcr), &l->d->stage[1]);
}

/*
 * Chapter 16, TCR2.SEP: the bit that an input address is extended from; 0: a
 * reserved value.
 */
static u32 sign_bit(u64 tcr2)
{
	static const u8 bit[] = { 31, 35, 39, 41, 43, 47, 0, 48 };

	return bit[field(TCR2_SEP, tcr2)];
}

/*
 * Does the extension leave the addresses of a table alone? Another one makes
 * addresses of the upper half, which no kernel asks for.
 */
static bool plain_addresses(u64 tcr2, bool upper, u32 tsz)
{
	if (field(TCR2_SEP, tcr2) == SEP_UPSTREAM)
		return true;
	return !upper && 64 - tsz <= sign_bit(tcr2);
}

/* AArch64 stage 1, one half. */
static int half64(struct bank_lookup *l, u32 bank, bool upper,
		  struct iommu_table *t)
{
	u64 tcr = bank_reg(l, bank, CB_TCR), tcr2 = bank_reg(l, bank, CB_TCR2);
	struct lpae_root r = {
		.granule = upper ? lpae_tg1(field(TCR_TG1, tcr))
				 : lpae_tg0(field(TCR_TG0, tcr)),
		.tsz = field(upper ? TCR_T1SZ : TCR_T0SZ, tcr),
		.tsz_min = 16,
		.tsz_max = 39,
		.out_bits = out_bits(l->c, field(TCR2_PASIZE, tcr2)),
		.ttb = bank_reg(l, bank, upper ? CB_TTBR1 : CB_TTBR0) &
		       TTBR_ADDR,
		.attr = bank_attr(bank_reg(l, bank, CB_SCTLR)),
	};

	if (!smmuv2_granule(l->c, r.granule) ||
	    !plain_addresses(tcr2, upper, r.tsz))
		return IOMMU_EFORM;
	return lpae_first(&r, upper, tcr2 & (upper ? TCR2_TBI1 : TCR2_TBI0), t);
}

/* AArch32 stage 1 with long descriptors: 4 KiB, 32 bits, 40 out. */
static int half32(struct bank_lookup *l, u32 bank, bool upper,
		  struct iommu_table *t)
{
	u64 tcr = bank_reg(l, bank, CB_TCR);
	struct lpae_root r = {
		.granule = LPAE_4K,
		.tsz = 32 + field(upper ? TTBCR_T1SZ : TTBCR_T0SZ, tcr),
		.tsz_min = 32,
		.tsz_max = 39,
		.out_bits = out_bits(l->c, 2),
		.ttb = bank_reg(l, bank, upper ? CB_TTBR1 : CB_TTBR0) &
		       TTBR_ADDR,
		.attr = bank_attr(bank_reg(l, bank, CB_SCTLR)),
	};
	int err = lpae_first(&r, upper, false, t);

	t->base &= MASK64(31, 0);
	return err;
}

static int stage1(struct bank_lookup *l, u32 bank, bool va64)
{
	int (*half)(struct bank_lookup *, u32, bool, struct iommu_table *) =
		va64 ? half64 : half32;
	u64 tcr = bank_reg(l, bank, CB_TCR);
	bool lower = !(tcr & TCR_EPD0), upper = !(tcr & TCR_EPD1);
	int err = IOMMU_OK;

	if (!(l->c->cap & ID0_S1TS))
		return IOMMU_EFORM;
	/* Short descriptors: of 32-bit drivers, which have no such dump. */
	if (!va64 && !(tcr & TTBCR_EAE))
		return IOMMU_EFORM;
	/* Without T0SZ, TTBR0 of AArch32 has all 4 GiB. */
	if (!va64 && !field(TTBCR_T0SZ, tcr) && !field(TTBCR_T1SZ, tcr))
		upper = false;
	if (!lower && !upper)
		return IOMMU_EACCESS;
	if (lower)
		err = half(l, bank, false, &l->d->stage[0]);
	if (!err && upper)
		err = half(l, bank, true,
			   lower ? &l->d->upper : &l->d->stage[0]);
	l->d->did = va64 ? field(TTBR_ASID, bank_reg(l, bank, CB_TTBR0)) : 0;
	return err;
}

static void bank_entry(struct bank_lookup *l, u32 bank, u64 cbar)
{
	static const u16 off[] = { CB_SCTLR, CB_TCR, CB_TCR2, CB_TTBR0,
				   CB_TTBR1 };
	unsigned int i;

	l->d->entry_addr = l->l.contexts + bank * l->l.page;
	l->d->entry[0] = cbar;
	for (i = 0; i < ARRAY_SIZE(off); i++)
		l->d->entry[i + 1] = bank_reg(l, bank, off[i]);
	l->d->entry_words = ARRAY_SIZE(off) + 1;
}

/* Is the bank's translation on, and of AArch64? */
static bool bank_on(const struct bank_lookup *l, u32 bank, bool *va64)
{
	*va64 = reg(l, l->l.page + GR1_CBA2R(bank)) & CBA2R_VA64;
	return bank_reg(l, bank, CB_SCTLR) & SCTLR_M;
}

static u32 vmid(const struct bank_lookup *l, u32 bank, u64 cbar)
{
	if (l->c->form & SCR0_VMID16EN)
		return field(CBA2R_VMID16, reg(l, l->l.page + GR1_CBA2R(bank)));
	return field(CBAR_VMID, cbar);
}

/* Chapter 2.5: what becomes of a stream that context bank @bank is for. */
static int context(struct bank_lookup *l, u32 bank, u64 s2cr, u32 at)
{
	u64 cbar = reg(l, l->l.page + GR1_CBAR(bank)), second;
	u32 type = field(CBAR_TYPE, cbar);
	struct iommu_domain *d = l->d;
	int err = IOMMU_OK;
	bool va64;

	if (bank >= l->l.contexts_n)
		return wrong(l, IOMMU_EFORM, IOMMU_AT_CONTEXT, at, s2cr);
	bank_entry(l, bank, cbar);
	d->fault_off = !(bank_reg(l, bank, CB_SCTLR) & SCTLR_CFRE);
	if (type == CBAR_S1_S2_FAULT)
		err = IOMMU_EACCESS;
	else if (bank_on(l, bank, &va64))
		err = type == CBAR_S2 ? stage2(l, bank, va64)
				      : stage1(l, bank, va64);
	if (!err && type == CBAR_S2)
		d->did = vmid(l, bank, cbar);
	if (!err && type == CBAR_NESTED) {
		second = field(CBAR_CBNDX, cbar);
		if (second >= l->l.contexts_n)
			err = IOMMU_EFORM;
		else if (bank_on(l, second, &va64))
			err = stage2(l, second, va64);
	}
	if (err)
		return wrong(l, err, IOMMU_AT_PASID, d->entry_addr, cbar);
	d->kind = d->stage[0].format && d->stage[1].format   ? IOMMU_KIND_NESTED
		  : d->stage[0].format || d->stage[1].format ? IOMMU_KIND_TABLE
							     : IOMMU_KIND_PASS;
	return IOMMU_OK;
}

/* What becomes of streams of the @n-th S2CR. */
static int entry(struct bank_lookup *l, u32 n)
{
	u32 at = SMMUV2_S2CR(n);
	u64 s2cr = reg(l, at);

	l->d->entry_addr = at;
	l->d->entry[0] = s2cr;
	l->d->entry_words = 1;
	switch (field(S2CR_TYPE, s2cr)) {
	case S2CR_TRANSLATION:
		return context(l, field(S2CR_CBNDX, s2cr), s2cr, at);
	case S2CR_BYPASS:
		l->d->kind = IOMMU_KIND_PASS;
		return IOMMU_OK;
	default: /* faults; the fourth value is reserved */
		return wrong(l, IOMMU_EACCESS, IOMMU_AT_CONTEXT, at, s2cr);
	}
}

static int stream(struct bank_lookup *l)
{
	u32 n;

	if (find_stream(l, &n))
		return entry(l, n);
	if (l->c->form & SCR0_USFCFG)
		return wrong(l, IOMMU_ENOTPRESENT, IOMMU_AT_CONTEXT, SMMUV2_CR0,
			     l->c->form);
	l->d->kind = IOMMU_KIND_PASS;
	return IOMMU_OK;
}

int smmuv2_read_entry(const struct iommu_config *c, u32 n, u32 stream,
		      struct iommu_domain *d, struct iommu_evidence *ev)
{
	struct bank_lookup l = { .c = c, .stream = stream, .d = d, .ev = ev };
	int err;

	memset(d, 0, sizeof(*d));
	memset(ev, 0, sizeof(*ev));
	smmuv2_layout(c->cap, CAP_ID1(c), c->form, &l.l);
	err = entry(&l, n);
	if (err)
		d->kind = IOMMU_KIND_BLOCKED;
	return err;
}

int smmuv2_lookup(const struct iommu_config *c, struct mem *m, u32 requester,
		  u32 pasid, struct iommu_domain *d, struct iommu_evidence *ev)
{
	struct bank_lookup l = {
		.c = c, .stream = requester, .d = d, .ev = ev
	};
	int err;

	(void)m;
	memset(d, 0, sizeof(*d));
	memset(ev, 0, sizeof(*ev));
	if (!c->on) {
		d->kind = IOMMU_KIND_PASS;
		return IOMMU_OK;
	}
	smmuv2_layout(c->cap, CAP_ID1(c), c->form, &l.l);
	if (pasid != ~0u) /* there are no substreams */
		err = wrong(&l, IOMMU_EWIDTH, IOMMU_AT_REGISTER, SMMUV2_CR0,
			    c->form);
	else
		err = stream(&l);
	if (err)
		d->kind = IOMMU_KIND_BLOCKED;
	return IOMMU_OK;
}
