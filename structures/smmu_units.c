// SPDX-License-Identifier: GPL-2.0-only
/*
 * SMMUs from a kernel's memory: iommu_device_list, and struct arm_smmu_device,
 * which two drivers have each their own of (Linux 6.1 to 7.2,
 * drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h and arm-smmu/arm-smmu.h).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../iommu/smmuv3/smmuv3.h"
#include "survey.h"

/* The drivers name their units smmu3.%pa and smmu.%pa after the registers. */
static const struct {
	const char *prefix;
	u32 vendor;
	u32 reg_len;
} kinds[] = {
	{ "smmu3.0x", IOMMU_VENDOR_SMMUV3, 0x20000 }, /* two pages of 64 KiB */
	{ "smmu.0x", IOMMU_VENDOR_SMMUV2, 0 },
};

/* Which of the two a unit is, and where; the number of kinds: none. */
static u32 kind_of(const char *name, u64 *base)
{
	for (u32 i = 0; i < ARRAY_SIZE(kinds); i++) {
		size_t len = strlen(kinds[i].prefix);
		char *end;

		if (strncmp(name, kinds[i].prefix, len))
			continue;
		errno = 0;
		*base = strtoull(name + len, &end, 16);
		if (!errno && *end == '\0' && end != name + len)
			return i;
	}
	return ARRAY_SIZE(kinds);
}

static int add_unit(void *arg, u64 iommu_device, u64 dev, const char *name)
{
	struct survey *sv = arg;
	struct fact_unit *u;
	u64 base;
	u32 kind = kind_of(name, &base);

	(void)dev;
	if (kind == ARRAY_SIZE(kinds) || facts_unit_at(sv->f, base) != REC_NONE)
		return 0;
	u = kernel_unit(sv, kinds[kind].vendor, base, iommu_device);
	if (!u)
		return -ENOMEM;
	u->name = strdup(name);
	if (!u->name)
		return -ENOMEM;
	u->reg_len = kinds[kind].reg_len;
	u->in_use = true;
	return 0;
}

/* Both kinds at once: they stand in one list. */
int kernel_smmu_units(struct survey *sv)
{
	return kernel_iommu_devices(sv->k, sv->f, add_unit, sv);
}

/* --- SMMUv3 --- */

/* arm_smmu_device.features (ARM_SMMU_FEAT_), 6.1 to 7.2 */
#define FEAT_2_LVL_STRTAB BIT64(0)
#define FEAT_2_LVL_CDTAB BIT64(1)
#define FEAT_TRANS_S1 BIT64(9)
#define FEAT_TRANS_S2 BIT64(10)
#define FEAT_VAX BIT64(14)
#define FEAT_BTM BIT64(16) /* and the driver relies on it */
#define FEAT_E2H BIT64(18)
#define FEAT_HA BIT64(21) /* the last two since 6.10 */
#define FEAT_HD BIT64(22)

#define STRTAB_SPLIT 8u		/* of the driver, in all versions */
#define L1_ENTRIES_BITS_MAX 17u /* STRTAB_MAX_L1_ENTRIES */
#define SID_BITS_MAX 32u
#define SSID_BITS_MAX 20u

enum {
	STRTAB_CFG, /* decides which of the two structures it is */
	IOMMU,
	FEATURES,
	OAS,
	PAGE_SIZES,
	SSID_BITS,
	SID_BITS,
	BASE, /* of these, there are the first two or the third */
	BASE_CFG,
	TABLE,
	MEMBERS
};

/*
 * Up to 6.11 the driver keeps the registers' values. Later ones compute them
 * when they write them; what is kept is, in a union, struct linear or l2, each
 * of which begins with the address of the table.
 */
static const struct member members[MEMBERS] = {
	[STRTAB_CFG] = { .type = "arm_smmu_device", .name = "strtab_cfg" },
	[IOMMU] = { .type = "arm_smmu_device", .name = "iommu" },
	[FEATURES] = { .type = "arm_smmu_device", .name = "features" },
	[OAS] = { .type = "arm_smmu_device", .name = "oas" },
	[PAGE_SIZES] = { .type = "arm_smmu_device", .name = "pgsize_bitmap" },
	[SSID_BITS] = { .type = "arm_smmu_device", .name = "ssid_bits" },
	[SID_BITS] = { .type = "arm_smmu_device", .name = "sid_bits" },
	[BASE] = { .type = "arm_smmu_strtab_cfg", .name = "strtab_base" },
	[BASE_CFG] = { .type = "arm_smmu_strtab_cfg",
		       .name = "strtab_base_cfg" },
	[TABLE] = { .type = "arm_smmu_strtab_cfg", .name = "linear" },
};

struct state_reader {
	struct kernel *k;
	struct facts *f;
	struct member m[MEMBERS];
};

struct driver_values {
	u64 features, oas, page_sizes, ssid_bits, sid_bits;
	u64 base, cfg;
};

static bool get(struct state_reader *s, u64 object, u32 which, u64 *val)
{
	return kernel_get(s->k, object, &s->m[which], val);
}

/* As arm_smmu_write_strtab() (6.12 to 7.2) */
static u64 table_cfg(const struct driver_values *v)
{
	u64 bits = v->sid_bits;

	if (!(v->features & FEAT_2_LVL_STRTAB))
		return field_put(STRTAB_CFG_LOG2SIZE, bits);
	if (bits > L1_ENTRIES_BITS_MAX + STRTAB_SPLIT)
		bits = L1_ENTRIES_BITS_MAX + STRTAB_SPLIT;
	return field_put(STRTAB_CFG_FMT, STRTAB_2LEVEL) |
	       field_put(STRTAB_CFG_SPLIT, STRTAB_SPLIT) |
	       field_put(STRTAB_CFG_LOG2SIZE, bits);
}

/* NULL, or what is wrong with the stream table. */
static const char *find_table(struct state_reader *s, u64 cfg,
			      struct driver_values *v)
{
	struct kernel *k = s->k;
	u64 virt;

	if (s->m[BASE].found && s->m[BASE_CFG].found) {
		if (!get(s, cfg, BASE, &v->base) ||
		    !get(s, cfg, BASE_CFG, &v->cfg))
			return kernel_unread(k);
		return v->base & STRTAB_BASE_ADDR ? NULL : "not set up";
	}
	if (!s->m[TABLE].found)
		return "kept in a way that is not known";
	if (k->read(k, cfg + s->m[TABLE].off, &virt, sizeof(virt)))
		return kernel_unread(k);
	if (!virt)
		return "not set up";
	if (!k->phys(k, virt, &v->base))
		return "at an address that is mapped nowhere";
	v->cfg = table_cfg(v);
	return NULL;
}

static bool read_device(struct state_reader *s, u64 smmu,
			struct driver_values *v)
{
	return get(s, smmu, FEATURES, &v->features) &&
	       get(s, smmu, OAS, &v->oas) &&
	       get(s, smmu, PAGE_SIZES, &v->page_sizes) &&
	       get(s, smmu, SSID_BITS, &v->ssid_bits) &&
	       get(s, smmu, SID_BITS, &v->sid_bits) &&
	       v->sid_bits <= SID_BITS_MAX && v->ssid_bits <= SSID_BITS_MAX;
}

/* 6.3.6 of the manual; the driver takes what is reserved for 48 bits. */
static u64 idr5_of(const struct driver_values *v)
{
	static const u8 bits[] = { 32, 36, 40, 42, 44, 48, 52 };
	u64 idr5 = 0;
	u32 i = 0;

	while (i + 1 < ARRAY_SIZE(bits) && bits[i] < v->oas)
		i++;
	idr5 |= field_put(IDR5_OAS, i);
	idr5 |= v->page_sizes & KIB(4) ? IDR5_GRAN4K : 0;
	idr5 |= v->page_sizes & KIB(16) ? IDR5_GRAN16K : 0;
	idr5 |= v->page_sizes & KIB(64) ? IDR5_GRAN64K : 0;
	return idr5 | field_put(IDR5_VAX, v->features & FEAT_VAX ? 1 : 0);
}

/* What is known of them, see below. */
#define IDR0_KNOWN                                                    \
	(IDR0_TTF | IDR0_ST_LEVEL | IDR0_HTTU | IDR0_S1P | IDR0_S2P | \
	 IDR0_CD2L | IDR0_BTM)
#define IDR5_KNOWN \
	(IDR5_OAS | IDR5_GRAN4K | IDR5_GRAN16K | IDR5_GRAN64K | IDR5_VAX)

/* A register of 32 bits, @known of which are. */
static void set_part(struct fact_unit *u, u32 off, u64 val, u64 known)
{
	fact_reg_rebuilt(u, off, 4, val, MASK64(31, 0) & ~known);
}

/*
 * What the driver made of the identification registers, back into these. That
 * the unit is on stands nowhere; arm_smmu_device_reset() turns each one on
 * before it is listed (6.1 to 7.2).
 */
static void fill_unit(struct fact_unit *u, const struct driver_values *v)
{
	const u64 cr0 = CR0_SMMUEN | CR0_CMDQEN | CR0_EVENTQEN;
	bool levels = field(STRTAB_CFG_FMT, v->cfg) == STRTAB_2LEVEL;
	u64 idr0 = IDR0_TTF_AARCH64 | field_put(IDR0_ST_LEVEL, levels);

	if (v->features & (FEAT_HA | FEAT_HD))
		idr0 |= field_put(IDR0_HTTU, v->features & FEAT_HD ? 2 : 1);
	idr0 |= v->features & FEAT_BTM ? IDR0_BTM : 0;
	idr0 |= v->features & FEAT_TRANS_S1 ? IDR0_S1P : 0;
	idr0 |= v->features & FEAT_TRANS_S2 ? IDR0_S2P : 0;
	idr0 |= v->features & FEAT_2_LVL_CDTAB ? IDR0_CD2L : 0;
	set_part(u, SMMUV3_IDR0, idr0, IDR0_KNOWN);
	set_part(u, SMMUV3_IDR1,
		 field_put(IDR1_SIDSIZE, v->sid_bits) |
			 field_put(IDR1_SSIDSIZE, v->ssid_bits),
		 IDR1_SIDSIZE | IDR1_SSIDSIZE);
	set_part(u, SMMUV3_IDR5, idr5_of(v), IDR5_KNOWN);
	set_part(u, SMMUV3_CR0, cr0, cr0);
	set_part(u, SMMUV3_CR2, v->features & FEAT_E2H ? CR2_E2H : 0, CR2_E2H);
	fact_reg_rebuilt(u, SMMUV3_STRTAB_BASE, 8, v->base, ~STRTAB_BASE_ADDR);
	set_part(u, SMMUV3_STRTAB_BASE_CFG, v->cfg,
		 STRTAB_CFG_FMT | STRTAB_CFG_SPLIT | STRTAB_CFG_LOG2SIZE);
	u->root = v->base;
}

static int unit_state(void *arg, u64 iommu_device, u64 dev, const char *name)
{
	struct state_reader *s = arg;
	struct facts *f = s->f;
	u64 base, smmu = iommu_device - s->m[IOMMU].off;
	struct driver_values v = { 0 };
	const char *why;
	u32 unit, kind = kind_of(name, &base);

	(void)dev;
	unit = kind < ARRAY_SIZE(kinds) ? facts_unit_at(f, base) : REC_NONE;
	if (unit == REC_NONE || kinds[kind].vendor != IOMMU_VENDOR_SMMUV3 ||
	    f->unit[unit].root)
		return 0;
	if (!read_device(s, smmu, &v)) {
		facts_missing(f, s->k->memory_source,
			      "%s: its struct arm_smmu_device is damaged, or "
			      "not readable",
			      name);
		return 0;
	}
	why = find_table(s, smmu + s->m[STRTAB_CFG].off, &v);
	if (why)
		facts_missing(f, s->k->memory_source,
			      "%s: its stream table is %s", name, why);
	else
		fill_unit(&f->unit[unit], &v);
	return 0;
}

int kernel_smmuv3_state(struct kernel *k, struct facts *f)
{
	struct state_reader s = { .k = k, .f = f };

	memcpy(s.m, members, sizeof(members));
	if (!kernel_members(k, f, s.m, MEMBERS, BASE))
		return 0;
	return kernel_iommu_devices(k, f, unit_state, &s);
}

/* --- SMMUv2 --- */

/* Streams and contexts are in registers, of which the driver keeps a part. */
int kernel_smmuv2_state(struct kernel *k, struct facts *f)
{
	for (size_t i = 0; i < f->unit_n; i++)
		if (f->unit[i].vendor == IOMMU_VENDOR_SMMUV2)
			facts_missing(f, k->memory_source,
				      "%s: an SMMUv2 keeps its streams in "
				      "registers, not in memory",
				      f->unit[i].name);
	return 0;
}
