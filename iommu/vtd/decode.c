// SPDX-License-Identifier: GPL-2.0-only
/*
 * Intel VT-d: what registers and table entries mean. Reads only. Section numbers are those of the document named in vtd.h.
 */
#include "iommu.h"
#include "../env.h"
#include "../lookup.h"
#include "vtd.h"
#include "tables.h"

/* --- registers --- */

#define REG_NAME_MAX 9

/* Reading any of these has no side effect (11.4). */
static const struct {
	char name[REG_NAME_MAX];
	u8 width;
	u16 off;
} vtd_regs[] = {
	{ "VER", 4, VTD_VER },	       { "CAP", 8, VTD_CAP },
	{ "ECAP", 8, VTD_ECAP },       { "GSTS", 4, VTD_GSTS },
	{ "RTADDR", 8, VTD_RTADDR },   { "CCMD", 8, VTD_CCMD },
	{ "FSTS", 4, VTD_FSTS },       { "FECTL", 4, VTD_FECTL },
	{ "FEDATA", 4, VTD_FEDATA },   { "FEADDR", 4, VTD_FEADDR },
	{ "FEUADDR", 4, VTD_FEUADDR }, { "PMEN", 4, VTD_PMEN },
	{ "PLMBASE", 4, VTD_PLMBASE }, { "PLMLIMIT", 4, VTD_PLMLIMIT },
	{ "PHMBASE", 8, VTD_PHMBASE }, { "PHMLIMIT", 8, VTD_PHMLIMIT },
	{ "IQH", 8, VTD_IQH },	       { "IQT", 8, VTD_IQT },
	{ "IQA", 8, VTD_IQA },	       { "ICS", 4, VTD_ICS },
	{ "IECTL", 4, VTD_IECTL },     { "IQERCD", 8, VTD_IQERCD },
	{ "IRTA", 8, VTD_IRTA },       { "PQH", 8, VTD_PQH },
	{ "PQT", 8, VTD_PQT },	       { "PQA", 8, VTD_PQA },
	{ "PRS", 4, VTD_PRS },	       { "PECTL", 4, VTD_PECTL },
};
static_assert(ARRAY_SIZE(vtd_regs) == VTD_REGS_MAX, "VT-d registers");

const char *vtd_reg_name(u32 off)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vtd_regs); i++)
		if (vtd_regs[i].off == off)
			return vtd_regs[i].name;
	return NULL;
}

int vtd_read_regs(struct mmio *r, struct iommu_regs *regs)
{
	unsigned int i;
	u64 val;

	regs->n = 0;
	if (r->len < VTD_ECAP + 8 || r->read32(r, VTD_VER) == ~0u ||
	    r->read64(r, VTD_CAP) == ~0ULL)
		return IOMMU_EABSENT;
	for (i = 0; i < ARRAY_SIZE(vtd_regs); i++) {
		if ((u64)vtd_regs[i].off + vtd_regs[i].width > r->len)
			continue;
		val = vtd_regs[i].width == 8 ? r->read64(r, vtd_regs[i].off)
					     : r->read32(r, vtd_regs[i].off);
		iommu_reg_put(regs, vtd_regs[i].off, vtd_regs[i].width, val);
	}
	return IOMMU_OK;
}

/*
 * Fault records in the order in which they were written: FSTS.FRI is the
 * oldest (11.4.7.1).
 */
static int vtd_read_faults(struct mmio *r, const struct iommu_regs *regs,
			   struct iommu_fault_raw *faults, u32 *n)
{
	u64 cap = 0, fsts = 0, off;
	u32 i, first, count, found = 0, kept = 0;

	iommu_reg_get(regs, VTD_CAP, &cap);
	iommu_reg_get(regs, VTD_FSTS, &fsts);
	count = field(CAP_NFR, cap) + 1;
	first = field(FSTS_FRI, fsts);
	for (i = 0; i < count; i++) {
		off = field(CAP_FRO, cap) * 16 +
		      (u64)((first + i) % count) * FRCD_BYTES;
		if (off + FRCD_BYTES > r->len)
			continue;
		if (!(r->read64(r, off + 8) & FRCD_F))
			continue;
		found++;
		if (kept == *n)
			continue;
		memset(&faults[kept], 0, sizeof(faults[kept]));
		faults[kept].w[0] = r->read64(r, off);
		faults[kept++].w[1] = r->read64(r, off + 8);
	}
	*n = found;
	return found > kept ? IOMMU_ENOSPACE : IOMMU_OK;
}

int vtd_snapshot(struct mmio *r, struct iommu_regs *regs,
		 struct iommu_fault_raw *faults, u32 *n)
{
	int err = vtd_read_regs(r, regs);

	if (err) {
		*n = 0;
		return err;
	}
	return vtd_read_faults(r, regs, faults, n);
}

/* What CAP says, which is so in any state. */
static void describe_cap(struct iommu_config *c)
{
	u32 level, bits, mgaw;

	for (level = 2; level <= VTD_LEVELS_MAX; level++) {
		if (!(field(CAP_SAGAW, c->cap) & BIT64(level - 2)))
			continue;
		c->levels_ok[level] = true;
		c->address_bits = 12 + 9 * level;
	}
	/* Input addresses beyond MGAW are refused whatever the table's depth. */
	mgaw = field(CAP_MGAW, c->cap) + 1;
	if (!c->address_bits || mgaw < c->address_bits)
		c->address_bits = mgaw;
	c->page_2m = c->cap & CAP_SSLPS_2M;
	c->page_1g = c->cap & CAP_SSLPS_1G;
	bits = 4 + 2 * field(CAP_ND, c->cap);
	c->domains = 1u << (bits < 16 ? bits : 16);
}

int vtd_describe(const struct iommu_regs *regs, struct iommu_config *c)
{
	struct vtd_config *own = (struct vtd_config *)c->own;
	u64 gsts, rtaddr, fsts = 0;

	memset(c, 0, sizeof(*c));
	c->vendor = IOMMU_VENDOR_VTD;
	if (!iommu_reg_get(regs, VTD_CAP, &c->cap) ||
	    !iommu_reg_get(regs, VTD_ECAP, &c->ecap))
		return IOMMU_EREAD;
	describe_cap(c);
	iommu_reg_get(regs, VTD_VER, &c->version);
	if (!iommu_reg_get(regs, VTD_GSTS, &gsts) ||
	    !iommu_reg_get(regs, VTD_RTADDR, &rtaddr))
		return IOMMU_EREAD;
	iommu_reg_get(regs, VTD_FSTS, &fsts);
	c->on = gsts & GCMD_TE;
	c->form = field(RTADDR_TTM, rtaddr);
	own->scalable = c->form == TTM_SCALABLE;
	own->io_rw = rtaddr & RTADDR_SSIRWE && c->ecap & ECAP_SSIRWS;
	c->root = rtaddr & RTADDR_RTA;
	c->root_len = PAGE_4K;
	c->fault_pending = fsts & (FSTS_PPF | FSTS_PFO);
	return IOMMU_OK;
}

/* --- paging entries --- */

static bool large_page_ok(u32 level, bool page_2m, bool page_1g)
{
	return level == 2 ? page_2m : level == 3 && page_1g;
}

/* 9.8. Present: readable or writable. */
static void second_stage_decode(const struct iommu_config *c,
				const struct iommu_table *t, u32 level, u64 raw,
				struct iommu_pte *out)
{
	bool io_rw = vtd_own(c)->io_rw;
	u64 r = io_rw ? SS_IR : SS_R, w = io_rw ? SS_IW : SS_W;
	u64 reserved = 0;

	(void)t;
	memset(out, 0, sizeof(*out));
	out->present = raw & (r | w);
	if (!out->present)
		return;
	out->perm = (raw & r ? IOMMU_R : 0) | (raw & w ? IOMMU_W : 0);
	out->addr = raw & PTE_ADDR;
	if (level == 1 || raw & PTE_PS)
		x86_leaf(level, raw,
			 large_page_ok(level, c->page_2m, c->page_1g), 0, out);
	if (!(c->ecap & ECAP_SC) || !out->leaf)
		reserved |= SS_SNP;
	if (!(c->ecap & ECAP_DT) && !io_rw)
		reserved |= SS_TM;
	if (!out->err && raw & reserved)
		out->err = IOMMU_ERESERVED;
}

static u64 second_stage_encode(const struct iommu_config *c,
			       const struct iommu_table *t, u32 level, u64 addr,
			       bool leaf)
{
	(void)c;
	(void)t;
	return addr | SS_R | SS_W | (leaf && level > 1 ? PTE_PS : 0);
}

/* 9.7 */
static void first_stage_decode(const struct iommu_config *c,
			       const struct iommu_table *t, u32 level, u64 raw,
			       struct iommu_pte *out)
{
	(void)t;
	x86_pte_decode(level, raw, c->cap & CAP_FS1GP, out);
}

const struct iommu_pt_format vtd_second_stage = {
	.name = "second stage",
	.entry_bits = 9,
	.page_shift = 12,
	.decode = second_stage_decode,
	.encode = second_stage_encode,
	.address = x86_address,
};

const struct iommu_pt_format vtd_first_stage = {
	.name = "first stage",
	.entry_bits = 9,
	.page_shift = 12,
	.decode = first_stage_decode,
	.encode = x86_encode,
	.canonical = true,
	.address = x86_address,
};

/* --- a requester's entry --- */

/* 9.1, 9.2: in scalable mode devfn 80h and up have the second word. */
static int root_entry(struct lookup *l, const u64 *raw, u64 *table)
{
	u32 bus = l->requester >> 8 & 0xff, devfn = l->requester & 0xff;
	u64 where = l->c->root + (u64)bus * VTD_ROOT_BYTES, word;
	bool upper = vtd_own(l->c)->scalable && devfn >= VTD_DEVFNS / 2;

	word = raw[upper];
	if (!(word & ROOT_P))
		return lookup_wrong(l, IOMMU_ENOTPRESENT, IOMMU_AT_ROOT, where,
				    raw, 2);
	if (word & ROOT_RSVD || (!vtd_own(l->c)->scalable && raw[1]))
		return lookup_wrong(l, IOMMU_ERESERVED, IOMMU_AT_ROOT, where,
				    raw, 2);
	*table = word & ROOT_CTP;
	return IOMMU_OK;
}

int vtd_root_entry(const struct iommu_config *c, u32 requester, const u64 *raw,
		   u64 *table, struct iommu_evidence *ev)
{
	struct lookup l = { .c = c, .requester = requester, .ev = ev };

	return root_entry(&l, raw, table);
}

static int context_table(struct lookup *l, u64 *table)
{
	u32 bus = l->requester >> 8 & 0xff;
	u64 where = l->c->root + (u64)bus * VTD_ROOT_BYTES, raw[2];
	int err = lookup_fetch(l, IOMMU_AT_ROOT, where, raw, 2);

	return err ? err : root_entry(l, raw, table);
}

static void set_entry(struct iommu_domain *d, u64 where, const u64 *raw,
		      u32 words)
{
	d->entry_addr = where;
	d->entry_words = words;
	memcpy(d->entry, raw, words * sizeof(*raw));
}

/* Second-stage AW (9.3, 9.6) to a depth this unit walks; 0: it has none such. */
static u32 aw_levels(const struct iommu_config *c, u64 aw)
{
	u64 levels = aw + 2;

	return levels <= VTD_LEVELS_MAX && c->levels_ok[levels] ? levels : 0;
}

static int legacy_entry(struct lookup *l, u64 where, const u64 *raw,
			struct iommu_domain *d)
{
	u32 tt, levels, err = IOMMU_OK;

	set_entry(d, where, raw, 2);
	d->did = field(CTX_DID, raw[1]);
	d->fault_off = raw[0] & CTX_FPD;
	tt = field(CTX_TT, raw[0]);
	levels = aw_levels(l->c, field(CTX_AW, raw[1]));
	if (!(raw[0] & CTX_P))
		err = IOMMU_ENOTPRESENT;
	else if (raw[0] & CTX_RSVD || raw[1] & CTX_RSVD1)
		err = IOMMU_ERESERVED;
	else if (tt > TT_PASS || !levels || d->did >= l->c->domains ||
		 (tt == TT_DEV_TLB && !(l->c->ecap & ECAP_DT)) ||
		 (tt == TT_PASS && !(l->c->ecap & ECAP_PT)))
		err = IOMMU_EFORM;
	if (err)
		return lookup_wrong(l, err, IOMMU_AT_CONTEXT, where, raw, 2);
	d->ats = tt == TT_DEV_TLB;
	d->kind = tt == TT_PASS ? IOMMU_KIND_PASS : IOMMU_KIND_TABLE;
	/* 9.3: addresses above the width that AW says are refused. */
	if (d->kind == IOMMU_KIND_PASS)
		d->pass_bits = 12 + 9 * levels;
	if (d->kind == IOMMU_KIND_TABLE)
		d->stage[1] =
			(struct iommu_table){ .format = &vtd_second_stage,
					      .root = raw[0] & CTX_SSPTPTR,
					      .levels = levels };
	return IOMMU_OK;
}

/* 11.4.3: the kinds of translation that a unit has (FSTS, SSTS, NEST, PT). */
static bool has_pgtt(const struct iommu_config *c, u32 pgtt)
{
	static const u64 needs[] = {
		[PGTT_FIRST] = ECAP_FSTS,
		[PGTT_SECOND] = ECAP_SSTS,
		[PGTT_NESTED] = ECAP_NEST,
		[PGTT_PASS] = ECAP_PT,
	};

	return pgtt >= PGTT_FIRST && pgtt <= PGTT_PASS && c->ecap & needs[pgtt];
}

/* 9.6: what a PASID table entry says, or the rule it breaks. */
static u32 pasid_entry(const struct iommu_config *c, const u64 *raw,
		       struct iommu_domain *d)
{
	u32 pgtt = field(PASID_PGTT, raw[0]);
	u32 second = aw_levels(c, field(PASID_AW, raw[0]));
	u64 fspm = field(PASID_FSPM, raw[2]);
	bool first_ok = fspm == 0 || (fspm == 1 && c->cap & CAP_FS5LP);
	bool uses_first = pgtt == PGTT_FIRST || pgtt == PGTT_NESTED;
	bool uses_second = pgtt == PGTT_SECOND || pgtt == PGTT_NESTED;

	d->did = field(PASID_DID, raw[1]);
	if (raw[0] & PASID_FPD)
		d->fault_off = true;
	if (!(raw[0] & PASID_P))
		return IOMMU_ENOTPRESENT;
	if (raw[0] & PASID_RSVD || raw[1] & PASID_RSVD1 ||
	    (uses_first && raw[2] & PASID_RSVD2) ||
	    (raw[1] & PASID_PWSNP && !(c->ecap & ECAP_SMPWC)))
		return IOMMU_ERESERVED;
	if (!has_pgtt(c, pgtt) || (uses_first && !first_ok) ||
	    (uses_second && !second) || d->did >= c->domains)
		return IOMMU_EFORM;
	if (uses_first)
		d->stage[0] =
			(struct iommu_table){ .format = &vtd_first_stage,
					      .root = raw[2] & PASID_FSPTPTR,
					      .levels = fspm + 4 };
	if (uses_second)
		d->stage[1] =
			(struct iommu_table){ .format = &vtd_second_stage,
					      .root = raw[0] & PASID_SSPTPTR,
					      .levels = second };
	/* 9.6: likewise. */
	if (pgtt == PGTT_PASS && second)
		d->pass_bits = 12 + 9 * second;
	d->kind = pgtt == PGTT_PASS	? IOMMU_KIND_PASS
		  : pgtt == PGTT_NESTED ? IOMMU_KIND_NESTED
					: IOMMU_KIND_TABLE;
	return IOMMU_OK;
}

static int lookup_pasid(struct lookup *l, const u64 *context, u32 pasid,
			struct iommu_domain *d)
{
	u64 dir = context[0] & SCTX_PASIDDIRPTR, where, raw[VTD_PASID_WORDS];
	u64 entries = 1ULL << (field(SCTX_PDTS, context[0]) + 7);
	u32 err;

	if (pasid >> PASID_TABLE_BITS >= entries)
		return lookup_wrong(l, IOMMU_EFORM, IOMMU_AT_CONTEXT,
				    d->entry_addr, context, 4);
	where = dir + (u64)(pasid >> PASID_TABLE_BITS) * 8;
	if (lookup_fetch(l, IOMMU_AT_PASID_DIR, where, raw, 1))
		return l->ev->err;
	set_entry(d, where, raw, 1);
	if (raw[0] & PASIDDIR_FPD)
		d->fault_off = true;
	if (!(raw[0] & PASIDDIR_P))
		return lookup_wrong(l, IOMMU_ENOTPRESENT, IOMMU_AT_PASID_DIR,
				    where, raw, 1);
	if (raw[0] & PASIDDIR_RSVD)
		return lookup_wrong(l, IOMMU_ERESERVED, IOMMU_AT_PASID_DIR,
				    where, raw, 1);
	where = (raw[0] & PASIDDIR_PTR) +
		(pasid & (BIT64(PASID_TABLE_BITS) - 1)) * VTD_PASID_BYTES;
	if (lookup_fetch(l, IOMMU_AT_PASID, where, raw, VTD_PASID_WORDS))
		return l->ev->err;
	set_entry(d, where, raw, VTD_PASID_WORDS);
	err = pasid_entry(l->c, raw, d);
	return err ? lookup_wrong(l, err, IOMMU_AT_PASID, where, raw,
				  VTD_PASID_WORDS)
		   : IOMMU_OK;
}

static int scalable_entry(struct lookup *l, u64 where, const u64 *raw,
			  u32 pasid, struct iommu_domain *d)
{
	u32 err = IOMMU_OK;

	set_entry(d, where, raw, 4);
	d->fault_off = raw[0] & SCTX_FPD;
	if (!(raw[0] & SCTX_P))
		err = IOMMU_ENOTPRESENT;
	else if (raw[0] & SCTX_RSVD || raw[1] & SCTX_RSVD1 || raw[2] || raw[3])
		err = IOMMU_ERESERVED;
	else if (pasid != ~0u && !(raw[0] & SCTX_PASIDE))
		err = IOMMU_EACCESS;
	if (err)
		return lookup_wrong(l, err, IOMMU_AT_CONTEXT, where, raw, 4);
	d->ats = raw[0] & SCTX_DTE;
	d->pasid = pasid != ~0u || raw[0] & SCTX_PASIDE;
	/* Requests without PASID use RID_PASID, or 0 without ECAP.RPS (3.4.3). */
	if (pasid == ~0u)
		pasid = l->c->ecap & ECAP_RPS ? field(SCTX_RID_PASID, raw[1])
					      : 0;
	return lookup_pasid(l, raw, pasid, d);
}

/* What @raw, the context entry at @where, and what it leads to say. */
static int context_entry(struct lookup *l, u64 where, const u64 *raw, u32 pasid)
{
	return vtd_own(l->c)->scalable
		       ? scalable_entry(l, where, raw, pasid, l->d)
		       : legacy_entry(l, where, raw, l->d);
}

/* What stops a request is an answer; what can't be read is none. */
static int answer(struct iommu_domain *d, int err)
{
	if (!err)
		return IOMMU_OK;
	d->kind = IOMMU_KIND_BLOCKED;
	return err == IOMMU_EREAD || err == IOMMU_EADDRESS ? err : IOMMU_OK;
}

int vtd_context_entry(const struct iommu_config *c, struct mem *m,
		      u32 requester, u64 where, const u64 *raw,
		      struct iommu_domain *d, struct iommu_evidence *ev)
{
	struct lookup l = {
		.c = c, .m = m, .requester = requester, .d = d, .ev = ev
	};

	memset(d, 0, sizeof(*d));
	memset(ev, 0, sizeof(*ev));
	return answer(d, context_entry(&l, where, raw, ~0u));
}

/* Reads the requester's entry in the context table at @table. */
static int lookup_context(struct lookup *l, u64 table, u32 pasid)
{
	bool scalable = vtd_own(l->c)->scalable;
	u32 bytes = scalable ? VTD_SCTX_BYTES : VTD_CTX_BYTES;
	u64 where = table + (l->requester & (scalable ? 0x7f : 0xff)) * bytes;
	u64 raw[VTD_SCTX_BYTES / 8];

	if (lookup_fetch(l, IOMMU_AT_CONTEXT, where, raw, bytes / 8))
		return l->ev->err;
	return context_entry(l, where, raw, pasid);
}

int vtd_lookup(const struct iommu_config *c, struct mem *m, u32 requester,
	       u32 pasid, struct iommu_domain *d, struct iommu_evidence *ev)
{
	struct lookup l = { .c = c,
			    .m = m,
			    .requester = requester & 0xffff,
			    .d = d,
			    .ev = ev };
	u64 rtaddr = c->root | field_put(RTADDR_TTM, c->form), table;
	int err;

	memset(d, 0, sizeof(*d));
	memset(ev, 0, sizeof(*ev));
	if (!c->on) {
		d->kind = IOMMU_KIND_PASS;
		return IOMMU_OK;
	}
	if (c->form == TTM_ABORT)
		err = lookup_wrong(&l, IOMMU_EACCESS, IOMMU_AT_REGISTER,
				   VTD_RTADDR, &rtaddr, 1);
	else if (c->form > TTM_SCALABLE ||
		 (pasid != ~0u && !vtd_own(c)->scalable))
		err = lookup_wrong(&l, IOMMU_EFORM, IOMMU_AT_REGISTER,
				   VTD_RTADDR, &rtaddr, 1);
	else
		err = context_table(&l, &table);
	if (!err)
		err = lookup_context(&l, table, pasid);
	return answer(d, err);
}
