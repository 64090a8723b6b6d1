// SPDX-License-Identifier: GPL-2.0-only
/* AMD-Vi state from a kernel's memory: the list amd_iommu_list. */
#include <string.h>

#include "../iommu/amdvi/amdvi.h"
#include "survey.h"

/* MAX_IOMMUS is 32, 6.1 to 7.2; more than this is a loop. */
#define UNITS_MAX 1024
/* A device table has 65536 entries at most. */
#define DEV_TABLE_MAX (65536u * AMDVI_DTE_BYTES)

enum {
	IOMMU_LIST,
	MMIO_PHYS,
	PCI_SEG,
	DEV_TABLE,
	LAST_BDF,
	DEV_TABLE_SIZE, /* from here on they may be missing */
	FEATURES,
	FEATURES2,
	MEMBERS
};

/*
 * dev_table is the segment's since 6.1. Later kernels have no dev_table_size
 * and make room for last_bdf entries, rounded up to a power of two of pages.
 */
static const struct member members[MEMBERS] = {
	[IOMMU_LIST] = { .type = "amd_iommu", .name = "list" },
	[MMIO_PHYS] = { .type = "amd_iommu", .name = "mmio_phys" },
	[PCI_SEG] = { .type = "amd_iommu", .name = "pci_seg" },
	[DEV_TABLE] = { .type = "amd_iommu_pci_seg", .name = "dev_table" },
	[LAST_BDF] = { .type = "amd_iommu_pci_seg", .name = "last_bdf" },
	[DEV_TABLE_SIZE] = { .type = "amd_iommu_pci_seg",
			     .name = "dev_table_size" },
	[FEATURES] = { .type = "amd_iommu", .name = "features" },
	[FEATURES2] = { .type = "amd_iommu", .name = "features2" },
};

enum {
	SYM_LIST,
	SYM_GUEST_IR,
	SYM_XT,
	SYM_EFR,
	SYM_EFR2,
	SYMBOLS
};

struct state_reader {
	struct kernel *k;
	struct facts *f;
	struct member m[MEMBERS];
	struct symbol s[SYMBOLS];
};

static bool get(struct state_reader *w, u64 object, u32 which, u64 *val)
{
	return kernel_get(w->k, object, &w->m[which], val);
}

static u64 table_size(u64 last_bdf)
{
	u64 size = PAGE_4K;

	while (size < (last_bdf + 1) * AMDVI_DTE_BYTES && size < DEV_TABLE_MAX)
		size *= 2;
	return size;
}

static void set_features(struct fact_unit *u, u64 efr, u64 efr2)
{
	if (!efr)
		return;
	u->cap = efr;
	fact_reg_set(u, AMDVI_EFR, 8, efr);
	if (!efr2)
		return;
	u->ecap = efr2;
	fact_reg_set(u, AMDVI_EFR2, 8, efr2);
}

/* A variable of @len bytes; 0 where there is none. */
static u64 get_global(struct state_reader *w, u32 which, u32 len)
{
	u64 val = 0;

	if (!w->s[which].addr || w->k->read(w->k, w->s[which].addr, &val, len))
		return 0;
	return val;
}

/* An int. */
static u32 get_int(struct state_reader *w, u32 which)
{
	return (u32)get_global(w, which, sizeof(u32));
}

/*
 * Interrupt entries have 16 bytes unless amd_iommu_guest_ir is
 * AMD_IOMMU_GUEST_IR_LEGACY, 0 (iommu_enable_ga()); then amd_iommu_xt_mode can
 * be IRQ_REMAP_X2APIC_MODE, 1 (iommu_enable_xt(), 6.1 to 7.2).
 */
static u64 interrupt_control(struct state_reader *w)
{
	if (!get_int(w, SYM_GUEST_IR))
		return 0;
	return CONTROL_GA_EN | (get_int(w, SYM_XT) == 1 ? CONTROL_XT_EN : 0);
}

/*
 * What follows from what the kernel keeps. It writes down nowhere that a unit
 * is on, but each one that it lists in sysfs is, and has guest translation on
 * where the unit knows it (iommu_enable_gt(), 6.1 to 7.2).
 */
static void fill_unit(struct state_reader *w, struct fact_unit *u, u64 table,
		      u64 size)
{
	u64 phys, control = CONTROL_IOMMU_EN | interrupt_control(w);

	if (!size || size > DEV_TABLE_MAX || size & (PAGE_4K - 1)) {
		facts_missing(w->f, w->k->memory_source,
			      "%s: device table of %llu bytes", u->name,
			      (unsigned long long)size);
		return;
	}
	if (!w->k->phys(w->k, table, &phys)) {
		facts_missing(
			w->f, w->k->memory_source,
			"%s: device table at 0x%llx is in no segment with "
			"a physical address",
			u->name, (unsigned long long)table);
		return;
	}
	if (u->cap & EFR_GT)
		control |= CONTROL_GT_EN;
	u->root = (phys & DEV_TBL_ADDR) | (size / PAGE_4K - 1);
	fact_reg_rebuilt(u, AMDVI_DEV_TBL, 8, u->root,
			 ~(DEV_TBL_ADDR | DEV_TBL_SIZE));
	if (!strchr(u->name, '@'))
		fact_reg_rebuilt(u, AMDVI_CONTROL, 8, control,
				 ~(CONTROL_IOMMU_EN | CONTROL_GT_EN |
				   CONTROL_GA_EN | CONTROL_XT_EN));
}

static bool read_unit(void *arg, u64 node)
{
	struct state_reader *w = arg;
	u64 iommu = node - w->m[IOMMU_LIST].off, reg_phys, seg, efr, efr2;
	u64 table, last_bdf, size;
	u32 unit;

	if (!get(w, iommu, MMIO_PHYS, &reg_phys) ||
	    !get(w, iommu, PCI_SEG, &seg) || !get(w, iommu, FEATURES, &efr) ||
	    !get(w, iommu, FEATURES2, &efr2))
		return false;
	unit = facts_unit_at(w->f, reg_phys);
	if (unit == REC_NONE) {
		facts_missing(w->f, w->k->memory_source,
			      "a unit at 0x%llx that ACPI does not list",
			      (unsigned long long)reg_phys);
		return true;
	}
	/* Since 6.7 those of all units are in one place. */
	if (!efr) {
		efr = get_global(w, SYM_EFR, sizeof(efr));
		efr2 = get_global(w, SYM_EFR2, sizeof(efr2));
	}
	set_features(&w->f->unit[unit], efr, efr2);
	/* Listed, but not set up. */
	if (!seg)
		return true;
	if (!get(w, seg, DEV_TABLE, &table) ||
	    !get(w, seg, LAST_BDF, &last_bdf) ||
	    !get(w, seg, DEV_TABLE_SIZE, &size))
		return false;
	if (!w->m[DEV_TABLE_SIZE].found)
		size = table_size(last_bdf);
	if (table)
		fill_unit(w, &w->f->unit[unit], table, size);
	return true;
}

int kernel_amdvi_state(struct kernel *k, struct facts *f)
{
	struct state_reader w = { .k = k, .f = f };

	memcpy(w.m, members, sizeof(members));
	w.s[SYM_LIST].name = "amd_iommu_list";
	w.s[SYM_GUEST_IR].name = "amd_iommu_guest_ir";
	w.s[SYM_XT].name = "amd_iommu_xt_mode";
	w.s[SYM_EFR].name = "amd_iommu_efr";
	w.s[SYM_EFR2].name = "amd_iommu_efr2";
	if (!kernel_symbols(k, f, w.s, SYMBOLS, "AMD-Vi") ||
	    !kernel_members(k, f, w.m, MEMBERS, DEV_TABLE_SIZE))
		return 0;
	kernel_list(k, f, &w.s[SYM_LIST], UNITS_MAX, read_unit, &w);
	return 0;
}
