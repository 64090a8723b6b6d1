// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMSAv8-64 tables: where a walk starts, and what one descriptor says. Section
 * numbers are those of the document named in lpae.h.
 *
 * Three things are left out on purpose. The contiguous hint changes what a
 * TLB may hold, never what a descriptor maps. XN stops instruction fetches,
 * which devices do not make. AP[1] = 0 keeps unprivileged requests out; which
 * requests are privileged the device says with each one, so that the answer
 * to "who could write here" must count them.
 */
#include "lpae.h"
#include "env.h"

#define CONCAT_BITS 4 /* at most 16 tables side by side (D8.2.2) */

/* A root is aligned to its size, but never less than this (TTBR.BADDR). */
#define ROOT_ALIGN 64ULL

static u64 output_address(const struct iommu_table *t, u64 raw, u32 low_bits)
{
	u64 addr = raw & LPAE_ADDR & ~(BIT64(low_bits) - 1);

	if (t->attr & LPAE_DS && t->format->page_shift != 16) {
		addr = raw & LPAE_ADDR_DS & ~(BIT64(low_bits) - 1);
		return addr | field(LPAE_ADDR_DS_52, raw) << 50;
	}
	if (t->format->page_shift == 16 && field(LPAE_OUT_BITS, t->attr) > 48)
		addr |= field(LPAE_ADDR_52, raw) << 48;
	return addr;
}

/* D8.3.1: levels at which a block may stand. */
static bool block_ok(const struct iommu_table *t, u32 level)
{
	if (level == 2)
		return true;
	if (t->attr & LPAE_DS && t->format->page_shift != 16)
		return level == 3 ||
		       (level == 4 && t->format->page_shift == 12);
	if (level != 3)
		return false;
	return t->format->page_shift == 12 ||
	       (t->format->page_shift == 16 &&
		field(LPAE_OUT_BITS, t->attr) > 48);
}

static u32 leaf_perm(const struct iommu_table *t, bool second, u64 raw)
{
	bool dirty = t->attr & LPAE_DIRTY && raw & LPAE_DBM;
	u32 perm = IOMMU_X;

	/* D8.4.1 and D8.5: an access flag fault, unless hardware sets AF. */
	if (t->attr & LPAE_AF_FAULTS && !(raw & LPAE_AF))
		return 0;
	if (second) {
		perm |= raw & LPAE_S2AP_R ? IOMMU_R : 0;
		perm |= raw & LPAE_S2AP_W || dirty ? IOMMU_W : 0;
	} else {
		perm |= IOMMU_R;
		perm |= !(raw & LPAE_AP_RO) || dirty ? IOMMU_W : 0;
	}
	return perm;
}

static void decode(const struct iommu_table *t, bool second, u32 level, u64 raw,
		   struct iommu_pte *out)
{
	u32 shift = t->format->page_shift;

	memset(out, 0, sizeof(*out));
	if (t->attr & LPAE_BIG_ENDIAN)
		raw = __builtin_bswap64(raw);
	out->present = raw & LPAE_VALID;
	if (!out->present)
		return;
	out->leaf = level == 1 || !(raw & LPAE_TYPE);
	if (out->leaf)
		shift += (level - 1) * t->format->entry_bits;
	out->addr = output_address(t, raw, shift);
	if (level == 1 && !(raw & LPAE_TYPE))
		out->err = IOMMU_ERESERVED;
	else if (level > 1 && out->leaf && !block_ok(t, level))
		out->err = IOMMU_ERESERVED;
	else if (out->addr >> field(LPAE_OUT_BITS, t->attr))
		out->err = IOMMU_EWIDTH; /* D8.3.5: address size fault */
	if (out->leaf) {
		out->perm = leaf_perm(t, second, raw);
		return;
	}
	out->perm = IOMMU_R | IOMMU_W | IOMMU_X;
	if (!second && !(t->attr & LPAE_NO_TABLE_AP) && raw & LPAE_APTABLE_RO)
		out->perm &= ~IOMMU_W;
}

static void stage1_decode(const struct iommu_config *c,
			  const struct iommu_table *t, u32 level, u64 raw,
			  struct iommu_pte *out)
{
	(void)c;
	decode(t, false, level, raw, out);
}

static void stage2_decode(const struct iommu_config *c,
			  const struct iommu_table *t, u32 level, u64 raw,
			  struct iommu_pte *out)
{
	(void)c;
	decode(t, true, level, raw, out);
}

/* Bits beyond the output size make an entry a bad one. */
static u64 address(const struct iommu_table *t)
{
	u32 bits = field(LPAE_OUT_BITS, t->attr);

	if (t->attr & LPAE_BIG_ENDIAN || bits <= t->format->page_shift)
		return 0;
	return LPAE_ADDR & (BIT64(bits) - 1) &
	       ~(BIT64(t->format->page_shift) - 1);
}

/*
 * Ours have no more than 48 bits and little-endian descriptors. Attribute 0 is
 * write-back memory (the CD's MAIR); the tables themselves are flushed, so that
 * it does not matter how they are read.
 */
static u64 stage1_encode(const struct iommu_config *c,
			 const struct iommu_table *t, u32 level, u64 addr,
			 bool leaf)
{
	(void)c;
	(void)t;
	if (!leaf)
		return addr | LPAE_VALID | LPAE_TYPE;
	return addr | LPAE_VALID | (level == 1 ? LPAE_TYPE : 0) | LPAE_AF |
	       LPAE_NG | LPAE_SH_INNER | LPAE_AP_UNPRIVILEGED;
}

static u64 stage2_encode(const struct iommu_config *c,
			 const struct iommu_table *t, u32 level, u64 addr,
			 bool leaf)
{
	(void)c;
	(void)t;
	if (!leaf)
		return addr | LPAE_VALID | LPAE_TYPE;
	return addr | LPAE_VALID | (level == 1 ? LPAE_TYPE : 0) | LPAE_AF |
	       LPAE_SH_INNER | LPAE_S2AP_R | LPAE_S2AP_W | LPAE_ATTR_NORMAL;
}

const struct iommu_pt_format lpae_stage1[LPAE_GRANULES] = {
	[LPAE_4K] = { "stage 1, 4K", 9, 12, stage1_decode, false, address,
		      stage1_encode },
	[LPAE_16K] = { "stage 1, 16K", 11, 14, stage1_decode, false, address,
		       stage1_encode },
	[LPAE_64K] = { "stage 1, 64K", 13, 16, stage1_decode, false, address,
		       stage1_encode },
};

const struct iommu_pt_format lpae_stage2[LPAE_GRANULES] = {
	[LPAE_4K] = { "stage 2, 4K", 9, 12, stage2_decode, false, address,
		      stage2_encode },
	[LPAE_16K] = { "stage 2, 16K", 11, 14, stage2_decode, false, address,
		       stage2_encode },
	[LPAE_64K] = { "stage 2, 64K", 13, 16, stage2_decode, false, address,
		       stage2_encode },
};

u32 lpae_size_bits(u64 ps)
{
	static const u8 bits[] = { 32, 36, 40, 42, 44, 48, 52 };

	return ps < ARRAY_SIZE(bits) ? bits[ps] : 0;
}

u32 lpae_tg0(u64 tg)
{
	static const u8 granule[] = { LPAE_4K, LPAE_64K, LPAE_16K };

	return tg < ARRAY_SIZE(granule) ? granule[tg] : LPAE_GRANULES;
}

u32 lpae_tg1(u64 tg)
{
	static const u8 granule[] = { LPAE_GRANULES, LPAE_16K, LPAE_4K,
				      LPAE_64K };

	return tg < ARRAY_SIZE(granule) ? granule[tg] : LPAE_GRANULES;
}

/* The root, its bits that the form has none of left out. */
static int set_root(const struct lpae_root *r, u32 levels, u32 shift,
		    struct iommu_table *out)
{
	u32 in_bits = 64 - r->tsz;
	u64 align;

	if (r->tsz < r->tsz_min || r->tsz > r->tsz_max || !r->out_bits ||
	    in_bits <= shift || in_bits - shift > IOMMU_ROOT_BITS_MAX)
		return IOMMU_EFORM;
	out->levels = levels;
	out->root_bits = in_bits - shift;
	align = BIT64(out->root_bits) * 8;
	if (align < ROOT_ALIGN)
		align = ROOT_ALIGN;
	out->root = align_down(r->ttb, align);
	out->attr = r->attr | field_put(LPAE_OUT_BITS, r->out_bits);
	return out->root >> r->out_bits ? IOMMU_EWIDTH : IOMMU_OK;
}

int lpae_first(const struct lpae_root *r, bool upper, bool tbi,
	       struct iommu_table *out)
{
	const struct iommu_pt_format *f = &lpae_stage1[r->granule];
	u32 levels = 1, shift;

	memset(out, 0, sizeof(*out));
	if (r->granule >= LPAE_GRANULES || r->tsz < 12 || r->tsz > 48)
		return IOMMU_EFORM;
	/* D8.2.1: as many levels as the size needs. */
	shift = f->page_shift;
	while (64 - r->tsz > shift + f->entry_bits) {
		shift += f->entry_bits;
		levels++;
	}
	out->format = f;
	out->base = upper ? ~0ULL << (64 - r->tsz) : 0;
	out->ignored = tbi ? MASK64(63, 56) : 0;
	if (levels > 4 && !(r->attr & LPAE_DS))
		return IOMMU_EFORM;
	return set_root(r, levels, shift, out);
}

int lpae_second(const struct lpae_root *r, u32 sl0, struct iommu_table *out)
{
	const struct iommu_pt_format *f = &lpae_stage2[r->granule];
	u32 levels, shift;
	int err;

	memset(out, 0, sizeof(*out));
	if (r->granule >= LPAE_GRANULES || sl0 > 2 || r->tsz < 12 ||
	    r->tsz > 48)
		return IOMMU_EFORM;
	/* D8.2.2: the last level is the manual's 3. */
	levels = r->granule == LPAE_4K ? sl0 + 2 : sl0 + 1;
	shift = f->page_shift + (levels - 1) * f->entry_bits;
	out->format = f;
	err = set_root(r, levels, shift, out);
	if (!err && out->root_bits > f->entry_bits + CONCAT_BITS)
		err = IOMMU_EFORM;
	return err;
}
