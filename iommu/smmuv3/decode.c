// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arm SMMUv3: what registers, stream table entries and context descriptors
 * mean. Reads only. Section numbers are those of the document
 * named in smmuv3.h.
 */
#include "iommu.h"
#include "../env.h"
#include "../lookup.h"
#include "../lpae.h"
#include "smmuv3.h"
#include "tables.h"

/* --- registers --- */

#define REG_NAME_MAX 16

/* Reading any of these has no side effect (6.3). */
static const struct {
	char name[REG_NAME_MAX];
	u32 width;
	u32 off;
} smmuv3_regs[] = {
	{ "IDR0", 4, SMMUV3_IDR0 },
	{ "IDR1", 4, SMMUV3_IDR1 },
	{ "IDR2", 4, SMMUV3_IDR2 },
	{ "IDR3", 4, SMMUV3_IDR3 },
	{ "IDR4", 4, SMMUV3_IDR4 },
	{ "IDR5", 4, SMMUV3_IDR5 },
	{ "IIDR", 4, SMMUV3_IIDR },
	{ "AIDR", 4, SMMUV3_AIDR },
	{ "CR0", 4, SMMUV3_CR0 },
	{ "CR0ACK", 4, SMMUV3_CR0ACK },
	{ "CR1", 4, SMMUV3_CR1 },
	{ "CR2", 4, SMMUV3_CR2 },
	{ "STATUSR", 4, SMMUV3_STATUSR },
	{ "GBPA", 4, SMMUV3_GBPA },
	{ "AGBPA", 4, SMMUV3_AGBPA },
	{ "IRQ_CTRL", 4, SMMUV3_IRQ_CTRL },
	{ "IRQ_CTRLACK", 4, SMMUV3_IRQ_CTRLACK },
	{ "GERROR", 4, SMMUV3_GERROR },
	{ "GERRORN", 4, SMMUV3_GERRORN },
	{ "STRTAB_BASE", 8, SMMUV3_STRTAB_BASE },
	{ "STRTAB_BASE_CFG", 4, SMMUV3_STRTAB_BASE_CFG },
	{ "CMDQ_BASE", 8, SMMUV3_CMDQ_BASE },
	{ "CMDQ_PROD", 4, SMMUV3_CMDQ_PROD },
	{ "CMDQ_CONS", 4, SMMUV3_CMDQ_CONS },
	{ "EVENTQ_BASE", 8, SMMUV3_EVENTQ_BASE },
	{ "EVENTQ_PROD", 4, SMMUV3_EVENTQ_PROD },
	{ "EVENTQ_CONS", 4, SMMUV3_EVENTQ_CONS },
	{ "PRIQ_BASE", 8, SMMUV3_PRIQ_BASE },
	{ "PRIQ_PROD", 4, SMMUV3_PRIQ_PROD },
	{ "PRIQ_CONS", 4, SMMUV3_PRIQ_CONS },
};
static_assert(ARRAY_SIZE(smmuv3_regs) == SMMUV3_REGS_MAX, "SMMUv3 registers");

const char *smmuv3_reg_name(u32 off)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(smmuv3_regs); i++)
		if (smmuv3_regs[i].off == off)
			return smmuv3_regs[i].name;
	return NULL;
}

/* Events lie in memory: smmuv3_events has them. */
int smmuv3_snapshot(struct mmio *r, struct iommu_regs *regs,
		    struct iommu_fault_raw *faults, u32 *n)
{
	unsigned int i;
	u64 val;

	(void)faults;
	*n = 0;
	regs->n = 0;
	/* IDR1 has reserved bits: all ones is no unit. */
	if (r->len < SMMUV3_STRTAB_BASE_CFG + 4 ||
	    r->read32(r, SMMUV3_IDR1) == ~0u)
		return IOMMU_EABSENT;
	for (i = 0; i < ARRAY_SIZE(smmuv3_regs); i++) {
		if ((u64)smmuv3_regs[i].off + smmuv3_regs[i].width > r->len)
			continue;
		val = smmuv3_regs[i].width == 8
			      ? r->read64(r, smmuv3_regs[i].off)
			      : r->read32(r, smmuv3_regs[i].off);
		iommu_reg_put(regs, smmuv3_regs[i].off, smmuv3_regs[i].width,
			      val);
	}
	return IOMMU_OK;
}

/*
 * iommu_config of an SMMUv3: cap is IDR0 and, above, IDR1; ecap IDR5 and
 * IDR3; form STRTAB_BASE_CFG.
 */
#define CAP_IDR1(c) ((c)->cap >> 32)
#define ECAP_IDR3(c) ((c)->ecap >> 32)

static u32 stream_bits(const struct iommu_config *c)
{
	u32 bits = field(STRTAB_CFG_LOG2SIZE, c->form);
	u32 max = field(IDR1_SIDSIZE, CAP_IDR1(c));

	if (max > 32)
		max = 32;
	return bits < max ? bits : max;
}

/* 6.3.25: other values than 8 and 10 act as 6. */
static u32 split_bits(const struct iommu_config *c)
{
	u32 split = field(STRTAB_CFG_SPLIT, c->form);

	return split == 8 || split == 10 ? split : 6;
}

static u64 stream_table_len(const struct iommu_config *c)
{
	u32 bits = stream_bits(c), split = split_bits(c);

	if (field(STRTAB_CFG_FMT, c->form) == STRTAB_LINEAR)
		return (u64)STE_BYTES << bits;
	return 8ULL << (bits > split ? bits - split : 0);
}

int smmuv3_describe(const struct iommu_regs *regs, struct iommu_config *c)
{
	struct smmuv3_config *own = (struct smmuv3_config *)c->own;
	u64 idr0, idr1, idr3 = 0, idr5, cr0, cr2 = 0, base, cfg, gbpa = 0;
	u64 prod = 0, cons = 0;

	memset(c, 0, sizeof(*c));
	c->vendor = IOMMU_VENDOR_SMMUV3;
	if (!iommu_reg_get(regs, SMMUV3_IDR0, &idr0) ||
	    !iommu_reg_get(regs, SMMUV3_IDR1, &idr1) ||
	    !iommu_reg_get(regs, SMMUV3_IDR5, &idr5) ||
	    !iommu_reg_get(regs, SMMUV3_CR0, &cr0) ||
	    !iommu_reg_get(regs, SMMUV3_STRTAB_BASE, &base) ||
	    !iommu_reg_get(regs, SMMUV3_STRTAB_BASE_CFG, &cfg))
		return IOMMU_EREAD;
	iommu_reg_get(regs, SMMUV3_IDR3, &idr3);
	iommu_reg_get(regs, SMMUV3_AIDR, &c->version);
	iommu_reg_get(regs, SMMUV3_CR2, &cr2);
	iommu_reg_get(regs, SMMUV3_GBPA, &gbpa);
	iommu_reg_get(regs, SMMUV3_EVENTQ_PROD, &prod);
	iommu_reg_get(regs, SMMUV3_EVENTQ_CONS, &cons);
	c->cap = (u32)idr0 | idr1 << 32;
	c->ecap = (u32)idr5 | idr3 << 32;
	c->form = cfg;
	own->e2h = cr2 & CR2_E2H;
	c->hears_cpus = idr0 & IDR0_BTM && !(cr2 & CR2_PTM);
	own->two_level = field(STRTAB_CFG_FMT, cfg) == STRTAB_2LEVEL;
	/* 6.3.14: while off, the unit refuses all or passes all. */
	c->off_blocks = !(cr0 & CR0_SMMUEN) && gbpa & GBPA_ABORT;
	c->on = cr0 & CR0_SMMUEN || c->off_blocks;
	c->root_len = stream_table_len(c);
	c->requesters = BIT64(stream_bits(c));
	c->root = align_down(base & STRTAB_BASE_ADDR,
			     c->root_len < 64 ? 64 : c->root_len);
	c->address_bits = lpae_size_bits(field(IDR5_OAS, idr5));
	c->domains = 1u << 16;
	c->fault_pending = prod != cons;
	return IOMMU_OK;
}

/* --- a stream's entry --- */

/* 6.3.25: 2^n streams are those of one level 1 descriptor. */
u32 smmuv3_split(const struct iommu_config *c)
{
	return split_bits(c);
}

bool smmuv3_form_known(const struct iommu_config *c)
{
	u32 fmt = field(STRTAB_CFG_FMT, c->form);

	return fmt == STRTAB_LINEAR ||
	       (fmt == STRTAB_2LEVEL && field(IDR0_ST_LEVEL, c->cap));
}

int smmuv3_level1(const struct iommu_config *c, u64 desc, u32 stream,
		  u64 *where, u32 *n)
{
	u32 span = field(L1STD_SPAN, desc), split = split_bits(c);
	u32 low = stream & (BIT64(split) - 1);

	if (span > L1STD_SPAN_MAX)
		return IOMMU_ERESERVED;
	if (!span || low >> (span - 1))
		return IOMMU_ENOTPRESENT;
	*where = align_down(desc & L1STD_L2PTR, (u64)STE_BYTES << (span - 1)) +
		 low * STE_BYTES;
	*n = (1u << (span - 1 < split ? span - 1 : split)) - low;
	return IOMMU_OK;
}

/* 3.3.1: where the STE of a stream lies. */
static int find_ste(struct lookup *l, u64 *where)
{
	const struct iommu_config *c = l->c;
	u64 form = c->form, desc, at;
	u32 n;
	int err;

	if (!smmuv3_form_known(c))
		return lookup_wrong(l, IOMMU_EFORM, IOMMU_AT_REGISTER,
				    SMMUV3_STRTAB_BASE_CFG, &form, 1);
	if ((u64)l->requester >> stream_bits(c))
		return lookup_wrong(l, IOMMU_ENOTPRESENT, IOMMU_AT_ROOT,
				    c->root, &form, 1);
	*where = c->root + (u64)l->requester * STE_BYTES;
	if (field(STRTAB_CFG_FMT, form) == STRTAB_LINEAR)
		return IOMMU_OK;
	at = c->root + (u64)(l->requester >> split_bits(c)) * 8;
	if (lookup_fetch(l, IOMMU_AT_ROOT, at, &desc, 1))
		return l->ev->err;
	err = smmuv3_level1(c, desc, l->requester, where, &n);
	return err ? lookup_wrong(l, err, IOMMU_AT_ROOT, at, &desc, 1)
		   : IOMMU_OK;
}

static void set_entry(struct iommu_domain *d, u64 where, const u64 *raw)
{
	d->entry_addr = where;
	d->entry_words = STE_WORDS;
	memcpy(d->entry, raw, STE_BYTES);
}

bool smmuv3_granule(const struct iommu_config *c, u32 granule)
{
	static const u64 bit[LPAE_GRANULES] = { IDR5_GRAN4K, IDR5_GRAN16K,
						IDR5_GRAN64K };

	return granule < LPAE_GRANULES && c->ecap & bit[granule];
}

static u32 out_bits(const struct iommu_config *c, u64 ps)
{
	u32 bits = lpae_size_bits(ps);

	/* Reserved sizes, and larger ones than the unit's, act as its own. */
	return bits && bits < c->address_bits ? bits : c->address_bits;
}

/* 3.4.1: small tables; and, with 64 KiB pages, input of 52 bits. */
static void size_range(const struct iommu_config *c, struct lpae_root *r)
{
	bool stt = ECAP_IDR3(c) & IDR3_STT;
	bool vax = field(IDR5_VAX, c->ecap) == 1;

	r->tsz_min = vax && r->granule == LPAE_64K ? 12 : 16;
	r->tsz_max = !stt ? 39 : r->granule == LPAE_64K ? 47 : 48;
}

/* Does hardware set AF, or dirty state, itself? Then neither faults. */
static u64 update_attr(const struct iommu_config *c, bool affd, bool ha,
		       bool hd)
{
	u32 httu = field(IDR0_HTTU, c->cap);
	u64 attr = 0;

	if (!affd && !(ha && httu))
		attr |= LPAE_AF_FAULTS;
	if (ha && hd && httu == 2)
		attr |= LPAE_DIRTY;
	return attr;
}

/* 5.2: stage 2 of an STE, or the rule it breaks. */
static u32 second_stage(struct lookup *l, const u64 *ste)
{
	const struct iommu_config *c = l->c;
	struct lpae_root r = {
		.granule = lpae_tg0(field(STE_S2TG, ste[2])),
		.tsz = field(STE_S2T0SZ, ste[2]),
		.out_bits = out_bits(c, field(STE_S2PS, ste[2])),
		.ttb = ste[3] & STE_S2TTB,
		.attr = update_attr(c, ste[2] & STE_S2AFFD, ste[2] & STE_S2HA,
				    ste[2] & STE_S2HD) |
			(ste[2] & STE_S2ENDI ? LPAE_BIG_ENDIAN : 0),
	};

	/* AArch32 tables (S2AA64 = 0): no system that we know has them. */
	if (!(c->cap & IDR0_S2P) || !(ste[2] & STE_S2AA64) ||
	    !smmuv3_granule(c, r.granule))
		return IOMMU_EFORM;
	size_range(c, &r);
	/* 3.4: what a stage 2 takes in is as wide as what the unit puts out. */
	if (r.tsz_min < 64 - c->address_bits)
		r.tsz_min = 64 - c->address_bits;
	return lpae_second(&r, field(STE_S2SL0, ste[2]), &l->d->stage[1]);
}

/* One half of a CD's address space, or the rule it breaks. */
static u32 cd_half(const struct iommu_config *c, const u64 *cd, bool upper,
		   struct iommu_table *t)
{
	u64 word = cd[upper ? 2 : 1];
	struct lpae_root r = {
		.granule = upper ? lpae_tg1(field(CD_TG1, cd[0]))
				 : lpae_tg0(field(CD_TG0, cd[0])),
		.tsz = field(upper ? CD_T1SZ : CD_T0SZ, cd[0]),
		.out_bits = out_bits(c, field(CD_IPS, cd[0])),
		.ttb = word & CD_TTB,
		.attr = update_attr(c, cd[0] & CD_AFFD, cd[0] & CD_HA,
				    cd[0] & CD_HD) |
			(cd[0] & CD_ENDI ? LPAE_BIG_ENDIAN : 0) |
			(word & CD_HAD ? LPAE_NO_TABLE_AP : 0),
	};

	if (!smmuv3_granule(c, r.granule))
		return IOMMU_EFORM;
	size_range(c, &r);
	return lpae_first(&r, upper, cd[0] & (upper ? CD_TBI1 : CD_TBI0), t);
}

/* 5.4: what a CD says. Without E2H, EL2 and EL3 have no upper half (3.3.4). */
static u32 context(struct lookup *l, const u64 *ste, const u64 *cd)
{
	const struct iommu_config *c = l->c;
	struct iommu_domain *d = l->d;
	u32 strw = field(STE_STRW, ste[1]), err = IOMMU_OK;
	bool halves = strw == STRW_EL1 ||
		      (strw == STRW_EL2 && smmuv3_own(c)->e2h);
	bool lower = !(cd[0] & CD_EPD0), upper = !(cd[0] & CD_EPD1) && halves;

	d->did = field(CD_ASID, cd[0]);
	if (!(cd[0] & CD_V))
		return IOMMU_ENOTPRESENT;
	if (!(cd[0] & CD_AA64) || !(c->cap & IDR0_TTF_AARCH64) ||
	    (c->cap & IDR0_TERM_MODEL && !(cd[0] & CD_A)))
		return IOMMU_EFORM;
	d->fault_off = !(cd[0] & CD_R);
	if (!lower && halves && !upper)
		return IOMMU_EACCESS; /* both walks are disabled */
	if (lower || !halves)
		err = cd_half(c, cd, false, &d->stage[0]);
	if (!err && upper)
		err = cd_half(c, cd, true, lower ? &d->upper : &d->stage[0]);
	return err;
}

/* A context descriptor's address, through stage 2 where there is one. */
static int cd_address(struct lookup *l, u64 *where)
{
	struct iommu_domain host = { .kind = IOMMU_KIND_TABLE };
	struct iommu_xlat x;
	u32 stream = l->requester;
	int err;

	if (!l->d->stage[1].format)
		return IOMMU_OK;
	host.stage[1] = l->d->stage[1];
	err = iommu_translate(l->c, l->m, &host, *where, IOMMU_R, &x, l->ev);
	l->ev->requester = stream;
	*where = x.pa;
	return err;
}

/* 3.3.2, 5.2: the S1ContextPtr bits that count are those of the table's size. */
u64 smmuv3_cd_table(const u64 *ste, u32 *split, u64 *len)
{
	u32 fmt = field(STE_S1FMT, ste[0]), max = field(STE_S1CDMAX, ste[0]);

	*split = !max || fmt == S1FMT_LINEAR ? 0 : fmt == S1FMT_4K ? 6 : 10;
	*len = !*split	      ? (u64)CD_BYTES << max
	       : max > *split ? 8ULL << (max - *split)
			      : 8;
	return align_down(ste[0] & STE_S1CONTEXTPTR, *len < 64 ? 64 : *len);
}

/* 3.3.2: finds the CD of a substream. */
static int find_cd(struct lookup *l, const u64 *ste, u32 ssid, u64 *where)
{
	u32 bits;
	u64 len, desc, table = smmuv3_cd_table(ste, &bits, &len);
	int err;

	if (!bits) {
		*where = table + (u64)ssid * CD_BYTES;
		return cd_address(l, where);
	}
	*where = table + (u64)(ssid >> bits) * 8;
	err = cd_address(l, where);
	if (!err)
		err = lookup_fetch(l, IOMMU_AT_PASID_DIR, *where, &desc, 1);
	if (err)
		return err;
	if (!(desc & L1CD_V))
		return lookup_wrong(l, IOMMU_ENOTPRESENT, IOMMU_AT_PASID_DIR,
				    *where, &desc, 1);
	*where = align_down(desc & L1CD_L2PTR, (u64)CD_BYTES << bits) +
		 (ssid & (BIT64(bits) - 1)) * CD_BYTES;
	return cd_address(l, where);
}

/* Stage 1 of substream @ssid. */
static int first_stage(struct lookup *l, const u64 *ste, u32 ssid)
{
	u64 where = 0, cd[CD_WORDS];
	bool second_silent = l->d->fault_off;
	u32 err = find_cd(l, ste, ssid, &where);

	if (!err)
		err = lookup_fetch(l, IOMMU_AT_PASID, where, cd, CD_WORDS);
	if (err)
		return err;
	set_entry(l->d, where, cd);
	err = context(l, ste, cd);
	if (err)
		return lookup_wrong(l, err, IOMMU_AT_PASID, where, cd,
				    CD_WORDS);
	if (l->d->stage[1].format)
		l->d->fault_off &= second_silent;
	return IOMMU_OK;
}

/* 5.2, 3.9: which substream, if any, goes through stage 1. */
static u32 pick_substream(const struct iommu_config *c, const u64 *ste,
			  u32 *ssid, bool *bypass)
{
	u32 max = field(STE_S1CDMAX, ste[0]), dss = field(STE_S1DSS, ste[1]);
	u32 fmt = field(STE_S1FMT, ste[0]);

	*bypass = false;
	if (!(c->cap & IDR0_S1P) || max > field(IDR1_SSIDSIZE, CAP_IDR1(c)) ||
	    (max && (fmt > S1FMT_64K || dss > S1DSS_SSID0)) ||
	    (max && fmt && !(c->cap & IDR0_CD2L)))
		return IOMMU_EFORM;
	if (!max) {
		if (*ssid != ~0u)
			return IOMMU_EACCESS; /* C_BAD_SUBSTREAMID */
		*ssid = 0;
		return IOMMU_OK;
	}
	if (*ssid == ~0u) {
		*bypass = dss == S1DSS_BYPASS;
		*ssid = 0;
		return dss == S1DSS_TERMINATE ? IOMMU_EACCESS : IOMMU_OK;
	}
	if ((u64)*ssid >> max)
		return IOMMU_EWIDTH; /* C_BAD_SUBSTREAMID */
	/* Then CD 0 is of those without a substream alone. */
	return dss == S1DSS_SSID0 && !*ssid ? IOMMU_EACCESS : IOMMU_OK;
}

/* An STE that translates: sets stages and kind, or says what is wrong. */
static int translating(struct lookup *l, u64 where, const u64 *ste, u32 config,
		       u32 ssid)
{
	struct iommu_domain *d = l->d;
	bool bypass = config == CONFIG_S2;
	u32 err = IOMMU_OK;

	d->pasid = config & 1 && field(STE_S1CDMAX, ste[0]);
	if (config & 2)
		err = second_stage(l, ste);
	if (config & 2) {
		d->did = field(STE_S2VMID, ste[2]);
		d->fault_off = !(ste[2] & STE_S2R);
	}
	if (!err && config == CONFIG_S2 && ssid != ~0u)
		err = IOMMU_EACCESS;
	if (!err && config & 1)
		err = pick_substream(l->c, ste, &ssid, &bypass);
	/* Only substream 0 is refused for what it is: others may be good. */
	if (err == IOMMU_EACCESS && !ssid &&
	    field(STE_S1DSS, ste[1]) == S1DSS_SSID0)
		return lookup_wrong(l, err, IOMMU_AT_PASID, where, ste,
				    STE_WORDS);
	if (err)
		return lookup_wrong(l, err, IOMMU_AT_CONTEXT, where, ste,
				    STE_WORDS);
	d->kind = !bypass && config == CONFIG_NESTED ? IOMMU_KIND_NESTED
		  : bypass && config == CONFIG_S1    ? IOMMU_KIND_PASS
						     : IOMMU_KIND_TABLE;
	return bypass ? IOMMU_OK : first_stage(l, ste, ssid);
}

/* What an STE says that has been read: @ste, at @where. */
static int entry(struct lookup *l, u32 ssid, u64 where, const u64 *ste)
{
	u32 config = field(STE_CONFIG, ste[0]);

	set_entry(l->d, where, ste);
	if (!(ste[0] & STE_V))
		return lookup_wrong(l, IOMMU_ENOTPRESENT, IOMMU_AT_CONTEXT,
				    where, ste, STE_WORDS);
	l->d->ats = field(STE_EATS, ste[1]) && config > CONFIG_BYPASS;
	if (config < CONFIG_BYPASS) {
		l->d->fault_off = true; /* 5.2: aborts without an event */
		return lookup_wrong(l, IOMMU_EACCESS, IOMMU_AT_CONTEXT, where,
				    ste, STE_WORDS);
	}
	if (config == CONFIG_BYPASS) {
		l->d->kind = IOMMU_KIND_PASS;
		return IOMMU_OK;
	}
	return translating(l, where, ste, config, ssid);
}

static int stream(struct lookup *l, u32 ssid)
{
	u64 where = 0, ste[STE_WORDS];

	if (find_ste(l, &where) ||
	    lookup_fetch(l, IOMMU_AT_CONTEXT, where, ste, STE_WORDS))
		return l->ev->err;
	return entry(l, ssid, where, ste);
}

int smmuv3_read_ste(const struct iommu_config *c, struct mem *m, u32 stream,
		    u64 where, const u64 *ste, struct iommu_domain *d,
		    struct iommu_evidence *ev)
{
	struct lookup l = {
		.c = c, .m = m, .requester = stream, .d = d, .ev = ev
	};
	int err;

	memset(d, 0, sizeof(*d));
	memset(ev, 0, sizeof(*ev));
	err = entry(&l, ~0u, where, ste);
	if (err)
		d->kind = IOMMU_KIND_BLOCKED;
	return err;
}

int smmuv3_lookup(const struct iommu_config *c, struct mem *m, u32 requester,
		  u32 pasid, struct iommu_domain *d, struct iommu_evidence *ev)
{
	struct lookup l = {
		.c = c, .m = m, .requester = requester, .d = d, .ev = ev
	};
	u64 gbpa = GBPA_ABORT;
	int err;

	memset(d, 0, sizeof(*d));
	memset(ev, 0, sizeof(*ev));
	if (!c->on) {
		d->kind = IOMMU_KIND_PASS;
		return IOMMU_OK;
	}
	if (c->off_blocks) {
		d->fault_off = true;
		err = lookup_wrong(&l, IOMMU_EACCESS, IOMMU_AT_REGISTER,
				   SMMUV3_GBPA, &gbpa, 1);
	} else {
		err = stream(&l, pasid);
	}
	if (!err)
		return IOMMU_OK;
	/* What stops a request is an answer; what can't be read is none. */
	d->kind = IOMMU_KIND_BLOCKED;
	return err == IOMMU_EREAD || err == IOMMU_EADDRESS ? err : IOMMU_OK;
}
