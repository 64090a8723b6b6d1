// SPDX-License-Identifier: GPL-2.0-only
/*
 * AMD-Vi: what registers and table entries mean. Reads only. Section numbers
 * are those of the document named in amdvi.h.
 */
#include "iommu.h"
#include "../env.h"
#include "../lookup.h"
#include "amdvi.h"
#include "tables.h"
#include "../x86_pt.h"

/* --- registers --- */

#define REG_NAME_MAX 14

/* Reading any of these has no side effect (3.4). All have 64 bits. */
static const struct {
	char name[REG_NAME_MAX];
	u16 off;
} amdvi_regs[] = {
	{ "DEV_TBL", AMDVI_DEV_TBL },
	{ "CMD_BUF", AMDVI_CMD_BUF },
	{ "EVT_LOG", AMDVI_EVT_LOG },
	{ "CONTROL", AMDVI_CONTROL },
	{ "EXCL_BASE", AMDVI_EXCL_BASE },
	{ "EXCL_LIMIT", AMDVI_EXCL_LIMIT },
	{ "EFR", AMDVI_EFR },
	{ "PPR_LOG", AMDVI_PPR_LOG },
	{ "HW_EVT_HI", AMDVI_HW_EVT_HI },
	{ "HW_EVT_LO", AMDVI_HW_EVT_LO },
	{ "HW_EVT_STATUS", AMDVI_HW_EVT_STATUS },
	{ "GA_LOG", AMDVI_GA_LOG },
	{ "EFR2", AMDVI_EFR2 },
	{ "CMD_HEAD", AMDVI_CMD_HEAD },
	{ "CMD_TAIL", AMDVI_CMD_TAIL },
	{ "EVT_HEAD", AMDVI_EVT_HEAD },
	{ "EVT_TAIL", AMDVI_EVT_TAIL },
	{ "STATUS", AMDVI_STATUS },
	{ "PPR_HEAD", AMDVI_PPR_HEAD },
	{ "PPR_TAIL", AMDVI_PPR_TAIL },
	{ "GA_HEAD", AMDVI_GA_HEAD },
	{ "GA_TAIL", AMDVI_GA_TAIL },
};
static_assert(ARRAY_SIZE(amdvi_regs) + AMDVI_SEGMENTS_MAX - 1 == AMDVI_REGS_MAX,
	      "AMD-Vi registers");

/* Text in place, as in amdvi_regs. */
static const char segment_regs[][REG_NAME_MAX] = {
	"DEV_TBL_SEG1", "DEV_TBL_SEG2", "DEV_TBL_SEG3", "DEV_TBL_SEG4",
	"DEV_TBL_SEG5", "DEV_TBL_SEG6", "DEV_TBL_SEG7",
};

const char *amdvi_reg_name(u32 off)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(amdvi_regs); i++)
		if (amdvi_regs[i].off == off)
			return amdvi_regs[i].name;
	for (i = 0; i < ARRAY_SIZE(segment_regs); i++)
		if (off == amdvi_segment_reg(i + 1))
			return segment_regs[i];
	return NULL;
}

static u32 segments_of(u64 control)
{
	u32 bits = field(CONTROL_DEV_TBL_SEG_EN, control);

	return bits > AMDVI_SEGMENT_BITS_MAX ? 1 : 1u << bits;
}

int amdvi_read_regs(struct mmio *r, struct iommu_regs *regs)
{
	unsigned int i;
	u64 control;
	u32 off;

	regs->n = 0;
	if (r->len < AMDVI_STATUS + 8)
		return IOMMU_EABSENT;
	control = r->read64(r, AMDVI_CONTROL);
	if (control == ~0ULL && r->read64(r, AMDVI_EFR) == ~0ULL)
		return IOMMU_EABSENT;
	for (i = 0; i < ARRAY_SIZE(amdvi_regs); i++)
		if (amdvi_regs[i].off + 8u <= r->len)
			iommu_reg_put(regs, amdvi_regs[i].off, 8,
				      r->read64(r, amdvi_regs[i].off));
	for (i = 1; i < segments_of(control); i++) {
		off = amdvi_segment_reg(i);
		iommu_reg_put(regs, off, 8, r->read64(r, off));
	}
	return IOMMU_OK;
}

/* Its faults are in memory: amdvi_events(). */
int amdvi_snapshot(struct mmio *r, struct iommu_regs *regs,
		   struct iommu_fault_raw *faults, u32 *n)
{
	(void)faults;
	*n = 0;
	return amdvi_read_regs(r, regs);
}

static void describe_tables(struct iommu_config *c)
{
	u32 hats = field(EFR_HATS, c->cap), level;

	for (level = 1; hats != HATS_NONE && level <= 4 + hats; level++) {
		c->levels_ok[level] = true;
		c->address_bits = level < AMDVI_LEVELS_MAX ? 12 + 9 * level
							   : 64;
	}
	c->page_2m = true;
	c->page_1g = true;
	c->domains = 1u << 16;
}

int amdvi_describe(const struct iommu_regs *regs, struct iommu_config *c)
{
	struct amdvi_config *own = (struct amdvi_config *)c->own;
	u64 dev_tbl, control, head = 0, tail = 0, status = 0;

	memset(c, 0, sizeof(*c));
	c->vendor = IOMMU_VENDOR_AMDVI;
	own->regs = regs;
	own->known = iommu_reg_get(regs, AMDVI_EFR, &c->cap);
	own->told = iommu_reg_get(regs, AMDVI_CONTROL, &control) &&
		    iommu_reg_get(regs, AMDVI_DEV_TBL, &dev_tbl);
	iommu_reg_get(regs, AMDVI_EFR2, &c->ecap);
	if (own->known)
		describe_tables(c);
	if (!own->known || !own->told)
		return IOMMU_EREAD;
	iommu_reg_get(regs, AMDVI_EVT_HEAD, &head);
	iommu_reg_get(regs, AMDVI_EVT_TAIL, &tail);
	iommu_reg_get(regs, AMDVI_STATUS, &status);
	c->on = control & CONTROL_IOMMU_EN;
	c->form = field(CONTROL_DEV_TBL_SEG_EN, control);
	own->guest = control & CONTROL_GT_EN;
	own->guest_roots = control & CONTROL_GCR3_TRP_MODE;
	c->root = dev_tbl & DEV_TBL_ADDR;
	c->root_len = (field(DEV_TBL_SIZE, dev_tbl) + 1) * PAGE_4K;
	c->fault_pending = status & STATUS_EVENT_OVERFLOW ||
			   (head ^ tail) & RING_POINTER;
	return IOMMU_OK;
}

/* --- paging entries --- */

#define HOST_SHIFT(level) (12 + 9 * ((level)-1))

/* A page that tells its own size must be one of its level's (2.2.3). */
static void sized_page(u32 level, u64 raw, struct iommu_pte *out)
{
	u64 frame = field(HPT_ADDR, raw);
	u32 bits = 13;

	while (frame & 1) {
		frame >>= 1;
		bits++;
	}
	if (bits < HOST_SHIFT(level) || bits >= HOST_SHIFT(level + 1)) {
		out->err = IOMMU_EFORM;
		return;
	}
	out->page_bits = bits;
	out->addr &= ~MASK64(bits - 1, 0);
}

/* 2.2.3. What the DTE permits is in t->attr: it counts at every level. */
static void host_decode(const struct iommu_config *c,
			const struct iommu_table *t, u32 level, u64 raw,
			struct iommu_pte *out)
{
	u32 next = field(HPT_NEXT, raw);

	(void)c;
	memset(out, 0, sizeof(*out));
	out->present = raw & HPT_PR;
	if (!out->present)
		return;
	out->perm =
		((raw & HPT_IR ? IOMMU_R : 0) | (raw & HPT_IW ? IOMMU_W : 0)) &
		t->attr;
	out->addr = raw & HPT_ADDR;
	out->leaf = next == NEXT_PAGE || next == NEXT_SIZED;
	if (raw & (out->leaf ? HPT_RSVD : HPT_DIR_RSVD))
		out->err = IOMMU_ERESERVED;
	else if (next == NEXT_SIZED)
		sized_page(level, raw, out);
	else if (next == NEXT_PAGE && level > 1)
		out->addr &= ~MASK64(HOST_SHIFT(level) - 1, 0);
	else if (next >= level)
		out->err = IOMMU_EFORM;
	else
		out->next = next;
}

static u64 host_encode(const struct iommu_config *c,
		       const struct iommu_table *t, u32 level, u64 addr,
		       bool leaf)
{
	(void)c;
	(void)t;
	return addr | HPT_PR | HPT_IR | HPT_IW |
	       field_put(HPT_NEXT, leaf ? NEXT_PAGE : level - 1);
}

/* 2.2.6 */
static void guest_decode(const struct iommu_config *c,
			 const struct iommu_table *t, u32 level, u64 raw,
			 struct iommu_pte *out)
{
	(void)c;
	(void)t;
	x86_pte_decode(level, raw, true, out);
}

static_assert(HPT_ADDR == PTE_ADDR, "address of an AMD-Vi host page");
const struct iommu_pt_format amdvi_host_table = {
	.name = "host",
	.entry_bits = 9,
	.page_shift = 12,
	.decode = host_decode,
	.address = x86_address,
	.encode = host_encode,
};

static const struct iommu_pt_format amdvi_guest_table = {
	.name = "guest",
	.entry_bits = 9,
	.page_shift = 12,
	.decode = guest_decode,
	.canonical = true,
	.address = x86_address,
};

/* --- a requester's entry --- */

/* Does the table form of the DTE exist on this unit? */
static bool host_ok(const struct iommu_config *c, u32 mode)
{
	return !mode || (mode <= DTE_MODE_MAX && c->levels_ok[mode]);
}

/* Do the guest tables of the DTE? */
static bool guest_ok(const struct iommu_config *c, const u64 *raw)
{
	return c->cap & EFR_GT && amdvi_own(c)->guest &&
	       field(DTE_GLX, raw[0]) <= field(EFR_GLX, c->cap) &&
	       field(DTE_GUEST_PAGING, raw[2]) <= field(EFR_GATS, c->cap);
}

/* 2.2.2.1: the first rule that a DTE breaks. */
static u32 check_dte(const struct iommu_config *c, const u64 *raw)
{
	u32 mode = field(DTE_MODE, raw[0]);
	bool guest = raw[0] & DTE_GV;

	if (raw[0] & DTE_RSVD || raw[1] & DTE_RSVD1)
		return IOMMU_ERESERVED;
	if (!(raw[0] & DTE_TV))
		return IOMMU_ENOTPRESENT;
	if (!host_ok(c, mode))
		return IOMMU_EFORM;
	if (guest && !guest_ok(c, raw))
		return IOMMU_EFORM;
	/* What Linux writes where it knows of no device. */
	if (!mode && !guest && !(raw[0] & (DTE_IR | DTE_IW)))
		return IOMMU_ENOTPRESENT;
	return IOMMU_OK;
}

static u32 dte_perm(const u64 *raw)
{
	return (raw[0] & DTE_IR ? IOMMU_R : 0) |
	       (raw[0] & DTE_IW ? IOMMU_W : 0);
}

static void use_host(const u64 *raw, struct iommu_domain *d)
{
	u32 mode = field(DTE_MODE, raw[0]);

	d->kind = mode ? IOMMU_KIND_TABLE : IOMMU_KIND_PASS;
	if (!mode) {
		d->deny = (IOMMU_R | IOMMU_W) & ~dte_perm(raw);
		return;
	}
	d->stage[1] = (struct iommu_table){
		.format = &amdvi_host_table,
		.root = raw[0] & DTE_ROOT,
		.levels = mode,
		/* Of a sixth level only bits 63:57 are there. */
		.root_bits = mode == AMDVI_LEVELS_MAX ? 7 : 0,
		.attr = dte_perm(raw),
	};
}

static u64 gcr3_root(const u64 *raw)
{
	return field(DTE_GCR3_LOW, raw[0]) << 12 |
	       field(DTE_GCR3_MIDDLE, raw[1]) << 15 |
	       field(DTE_GCR3_HIGH, raw[1]) << 31;
}

/* Where a GCR3 table's entry at @where lies: the host table may have a say. */
static int gcr3_at(struct lookup *l, u64 *where)
{
	struct iommu_xlat x;
	int err;

	if (!amdvi_own(l->c)->guest_roots || !l->d->stage[1].format)
		return IOMMU_OK;
	err = iommu_translate(l->c, l->m, l->d, *where, IOMMU_R, &x, l->ev);
	*where = x.pa;
	return err;
}

/* 2.2.6.3: nine bits of the PASID choose an entry at each level. */
static u32 use_guest(struct lookup *l, const u64 *dte, u32 pasid,
		     struct iommu_domain *d)
{
	u32 level = field(DTE_GLX, dte[0]) + 1, index;
	u64 table = gcr3_root(dte), where, raw;
	int err;

	if (level * GCR3_BITS < 32 && pasid >> level * GCR3_BITS)
		return lookup_wrong(l, IOMMU_EWIDTH, IOMMU_AT_DTE,
				    d->entry_addr, dte, AMDVI_DTE_WORDS);
	do {
		level--;
		index = pasid >> level * GCR3_BITS & (BIT64(GCR3_BITS) - 1);
		where = table + index * sizeof(raw);
		err = gcr3_at(l, &where);
		if (err)
			return err;
		err = mem_read(l->m, where, &raw, sizeof(raw));
		if (err)
			return lookup_wrong(l, err, IOMMU_AT_GCR3, where, NULL,
					    0);
		d->entry_addr = where;
		d->entry_words = 1;
		d->entry[0] = raw;
		if (!(raw & GCR3_V))
			return lookup_wrong(l, IOMMU_ENOTPRESENT, IOMMU_AT_GCR3,
					    where, &raw, 1);
		if (raw & GCR3_RSVD)
			return lookup_wrong(l, IOMMU_ERESERVED, IOMMU_AT_GCR3,
					    where, &raw, 1);
		table = raw & GCR3_ADDR;
	} while (level);
	d->stage[0] = (struct iommu_table){
		.format = &amdvi_guest_table,
		.root = table,
		.levels = 4 + field(DTE_GUEST_PAGING, dte[2]),
	};
	d->kind = d->stage[1].format ? IOMMU_KIND_NESTED : IOMMU_KIND_TABLE;
	return IOMMU_OK;
}

/*
 * 3.4.5: the range that units let pass for every valid entry, or for those with
 * EX. With SNP the registers say something else, and the bit is not set.
 */
struct span amdvi_exclusion(const struct iommu_regs *regs)
{
	u64 base = 0, limit = 0, first, last;

	iommu_reg_get(regs, AMDVI_EXCL_BASE, &base);
	iommu_reg_get(regs, AMDVI_EXCL_LIMIT, &limit);
	first = base & EXCL_ADDR;
	last = limit & EXCL_ADDR;
	if (!(base & EXCL_EN) || last < first)
		return (struct span){ 0 };
	return (struct span){ first, last - first + PAGE_4K };
}

static void use_exclusion(struct lookup *l, const u64 *raw,
			  struct iommu_domain *d)
{
	const struct iommu_regs *regs = amdvi_own(l->c)->regs;
	u64 base = 0;

	iommu_reg_get(regs, AMDVI_EXCL_BASE, &base);
	if (base & EXCL_ALLOW || raw[1] & DTE_EX)
		d->exempt = amdvi_exclusion(regs);
}

static u32 read_dte(struct lookup *l, u32 pasid, u64 where, const u64 *raw,
		    struct iommu_domain *d)
{
	u32 err;

	d->entry_addr = where;
	d->entry_words = AMDVI_DTE_WORDS;
	memcpy(d->entry, raw, AMDVI_DTE_BYTES);
	/* An entry that is not valid lets everything pass (2.2.2.1). */
	if (!(raw[0] & DTE_V)) {
		d->kind = IOMMU_KIND_PASS;
		return IOMMU_OK;
	}
	d->did = field(DTE_DID, raw[1]);
	d->fault_off = raw[1] & DTE_SA;
	d->ats = raw[1] & DTE_I;
	d->pasid = raw[0] & DTE_GV;
	if (pasid == ~0u)
		use_exclusion(l, raw, d);
	err = check_dte(l->c, raw);
	if (!err && pasid != ~0u && !d->pasid)
		err = IOMMU_EACCESS;
	if (err)
		return lookup_wrong(l, err, IOMMU_AT_DTE, where, raw,
				    AMDVI_DTE_WORDS);
	use_host(raw, d);
	if (d->pasid && (pasid != ~0u || raw[0] & DTE_GIOV))
		return use_guest(l, raw, pasid == ~0u ? 0 : pasid, d);
	return IOMMU_OK;
}

/* What stops a request is an answer; what can't be read is none. */
static int answer(u32 err, struct iommu_domain *d)
{
	if (!err)
		return IOMMU_OK;
	d->kind = IOMMU_KIND_BLOCKED;
	memset(d->stage, 0, sizeof(d->stage));
	/* An entry that is illegal lets nothing pass at all. */
	if (err != IOMMU_ENOTPRESENT)
		d->exempt = (struct span){ 0 };
	return err == IOMMU_EREAD || err == IOMMU_EADDRESS ? (int)err
							   : IOMMU_OK;
}

int amdvi_read_entry(const struct iommu_config *c, struct mem *m, u32 requester,
		     u64 where, const u64 *raw, struct iommu_domain *d,
		     struct iommu_evidence *ev)
{
	struct lookup l = { c, m, requester, d, ev };

	memset(d, 0, sizeof(*d));
	memset(ev, 0, sizeof(*ev));
	return answer(read_dte(&l, ~0u, where, raw, d), d);
}

static u32 lookup_dte(struct lookup *l, u32 pasid, u64 where,
		      struct iommu_domain *d)
{
	u64 raw[AMDVI_DTE_WORDS];
	u32 err;

	err = lookup_fetch(l, IOMMU_AT_DTE, where, raw, AMDVI_DTE_WORDS);
	return err ? err : read_dte(l, pasid, where, raw, d);
}

/* 3.4.12: the upper bits of a requester choose a segment of the table. */
int amdvi_dte_at(struct lookup *l, const struct iommu_regs *regs, u64 *where)
{
	u64 control, dev_tbl;
	u32 bits, shift, segment, index;

	if (!iommu_reg_get(regs, AMDVI_CONTROL, &control))
		return lookup_wrong(l, IOMMU_EREAD, IOMMU_AT_REGISTER,
				    AMDVI_CONTROL, NULL, 0);
	bits = field(CONTROL_DEV_TBL_SEG_EN, control);
	if (bits > AMDVI_SEGMENT_BITS_MAX)
		return lookup_wrong(l, IOMMU_EFORM, IOMMU_AT_REGISTER,
				    AMDVI_CONTROL, &control, 1);
	shift = 16 - bits;
	segment = l->requester >> shift;
	index = l->requester & ((1u << shift) - 1);
	if (!iommu_reg_get(regs, amdvi_segment_reg(segment), &dev_tbl))
		return lookup_wrong(l, IOMMU_EREAD, IOMMU_AT_REGISTER,
				    amdvi_segment_reg(segment), NULL, 0);
	if ((index + 1) * AMDVI_DTE_BYTES >
	    (field(DEV_TBL_SIZE, dev_tbl) + 1) * PAGE_4K)
		return lookup_wrong(l, IOMMU_EWIDTH, IOMMU_AT_REGISTER,
				    amdvi_segment_reg(segment), &dev_tbl, 1);
	*where = (dev_tbl & DEV_TBL_ADDR) + (u64)index * AMDVI_DTE_BYTES;
	return IOMMU_OK;
}

int amdvi_lookup(const struct iommu_config *c, struct mem *m, u32 requester,
		 u32 pasid, struct iommu_domain *d, struct iommu_evidence *ev)
{
	struct lookup l = { .c = c,
			    .m = m,
			    .requester = requester & 0xffff,
			    .d = d,
			    .ev = ev };
	u64 where;
	u32 err;

	memset(d, 0, sizeof(*d));
	memset(ev, 0, sizeof(*ev));
	if (!c->on) {
		d->kind = IOMMU_KIND_PASS;
		return IOMMU_OK;
	}
	err = amdvi_dte_at(&l, amdvi_own(c)->regs, &where);
	if (!err && pasid != ~0u && pasid > AMDVI_PASID_MAX)
		err = lookup_wrong(&l, IOMMU_EWIDTH, IOMMU_AT_DTE, 0, NULL, 0);
	if (!err)
		err = lookup_dte(&l, pasid, where, d);
	return answer(err, d);
}
