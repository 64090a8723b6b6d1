// SPDX-License-Identifier: GPL-2.0-only
/*
 * VT-d state from a kernel's memory: the list dmar_drhd_units. Distribution
 * kernels have no debugfs for it and refuse /dev/mem, so this is the way to a
 * unit's root table before a crash.
 */
#include <string.h>

#include "../iommu/vtd/vtd.h"
#include "survey.h"

/* Linux numbers units up to 1024 (DMAR_UNITS_SUPPORTED); more is a loop. */
#define UNITS_MAX 1024

/* VT-d section 11.4.4: what the quiesce code has no use for */
#define GCMD_EAFL BIT64(28)
#define GSTS_RTPS BIT64(30)

enum {
	DRHD_LIST,
	DRHD_IOMMU,
	REG_PHYS,
	CAP,
	ECAP,
	ROOT_ENTRY,
	GCMD, /* from here on they may be missing */
	IR_TABLE,
	IR_BASE,
	MEMBERS
};

enum {
	SYM_UNITS,
	SYM_SCALABLE,
	SYM_EIM,
	SYMBOLS
};

struct state_reader {
	struct kernel *k;
	struct facts *f;
	struct member m[MEMBERS];
	struct symbol s[SYMBOLS];
	bool scalable_known, scalable;
	bool eim_known, eim;
};

/* These names have not changed from 4.x to 7.2. */
static const struct member members[MEMBERS] = {
	[DRHD_LIST] = { .type = "dmar_drhd_unit", .name = "list" },
	[DRHD_IOMMU] = { .type = "dmar_drhd_unit", .name = "iommu" },
	[REG_PHYS] = { .type = "intel_iommu", .name = "reg_phys" },
	[CAP] = { .type = "intel_iommu", .name = "cap" },
	[ECAP] = { .type = "intel_iommu", .name = "ecap" },
	[ROOT_ENTRY] = { .type = "intel_iommu", .name = "root_entry" },
	[GCMD] = { .type = "intel_iommu", .name = "gcmd" },
	[IR_TABLE] = { .type = "intel_iommu", .name = "ir_table" },
	[IR_BASE] = { .type = "ir_table", .name = "base" },
};

static bool get(struct state_reader *w, u64 object, u32 which, u64 *val)
{
	return kernel_get(w->k, object, &w->m[which], val);
}

/* sm_supported() of intel/iommu.h, 5.x to 7.2: the unit can, and the kernel will. */
static bool is_scalable(const struct state_reader *w, u64 ecap, bool *known)
{
	*known = w->scalable_known || !(ecap & ECAP_SMTS);
	return w->scalable && ecap & ECAP_SMTS;
}

/* Of GSTS: the others are the unit's own, or set by a command once. */
#define GSTS_KEPT (GCMD_TE | GCMD_EAFL | GCMD_QIE | GCMD_IRE)
#define GSTS_UNKNOWN (MASK64(31, 0) & ~GSTS_KEPT)
#define RTADDR_RSVD MASK64(9, 0)

/*
 * The registers that follow from what the kernel keeps. gcmd is its copy of
 * the enable bits of GCMD, which GSTS mirrors (section 11.4.4).
 */
static void fill_unit(struct state_reader *w, struct fact_unit *u, u64 cap,
		      u64 ecap, u64 root_virt, u64 gcmd)
{
	u64 gsts = gcmd & GSTS_KEPT, gsts_unknown = GSTS_UNKNOWN, root = 0;
	bool known, scalable = is_scalable(w, ecap, &known);

	u->cap = cap;
	u->ecap = ecap;
	fact_reg_set(u, VTD_CAP, 8, cap);
	fact_reg_set(u, VTD_ECAP, 8, ecap);
	if (root_virt && !w->k->phys(w->k, root_virt, &root)) {
		root = 0;
		facts_missing(w->f, w->k->memory_source,
			      "%s: root table at 0x%llx is in no "
			      "segment with a physical address",
			      u->name, (unsigned long long)root_virt);
	}
	if (root && !known)
		facts_missing(w->f, w->k->memory_source,
			      "%s: legacy or scalable mode is not "
			      "known: no address of %s",
			      u->name, w->s[SYM_SCALABLE].name);
	if (root) {
		gsts |= GSTS_RTPS;
		gsts_unknown &= ~GSTS_RTPS;
	}
	if (w->m[GCMD].found)
		fact_reg_rebuilt(u, VTD_GSTS, 4, gsts, gsts_unknown);
	if (!root || !known)
		return;
	u->root = root | (scalable ? field_put(RTADDR_TTM, TTM_SCALABLE) : 0);
	fact_reg_rebuilt(u, VTD_RTADDR, 8, u->root, RTADDR_RSVD);
}

/* INTR_REMAP_TABLE_REG_SIZE of intel/iommu.h: 65536 entries, 4.x to 7.2. */
#define IRTA_SIZE 0xf

/*
 * The interrupt table, which a unit may have without translating any DMA.
 * GSTS says whether it is in use.
 */
static void fill_irta(struct state_reader *w, struct fact_unit *u, u64 iommu)
{
	u64 table, base, phys, gsts;

	if (!w->m[IR_TABLE].found || !w->m[IR_BASE].found || !w->eim_known ||
	    !iommu_reg_get(&u->regs, VTD_GSTS, &gsts) || !(gsts & GCMD_IRE))
		return;
	if (!get(w, iommu, IR_TABLE, &table) || !table ||
	    !get(w, table, IR_BASE, &base) || !base ||
	    !w->k->phys(w->k, base, &phys)) {
		facts_missing(w->f, w->k->memory_source,
			      "%s: its interrupt table is not readable",
			      u->name);
		return;
	}
	fact_reg_rebuilt(u, VTD_IRTA, 8,
			 phys | (w->eim ? IRTA_EIME : 0) | IRTA_SIZE,
			 IRTA_RSVD);
}

static bool read_unit(struct state_reader *w, u64 drhd)
{
	u64 iommu, reg_phys, cap, ecap, root, gcmd = 0;
	u32 unit;

	if (!get(w, drhd, DRHD_IOMMU, &iommu))
		return false;
	/* A unit the kernel did not set up (ignored, or no registers). */
	if (!iommu)
		return true;
	if (!get(w, iommu, REG_PHYS, &reg_phys) || !get(w, iommu, CAP, &cap) ||
	    !get(w, iommu, ECAP, &ecap) || !get(w, iommu, ROOT_ENTRY, &root))
		return false;
	if (w->m[GCMD].found && !get(w, iommu, GCMD, &gcmd))
		return false;
	unit = facts_unit_at(w->f, reg_phys);
	if (unit == REC_NONE) {
		facts_missing(w->f, w->k->memory_source,
			      "a unit at 0x%llx that ACPI does not "
			      "list",
			      (unsigned long long)reg_phys);
		return true;
	}
	/* Live registers were read already: they are the better source. */
	if (!w->f->unit[unit].root) {
		fill_unit(w, &w->f->unit[unit], cap, ecap, root, gcmd);
		fill_irta(w, &w->f->unit[unit], iommu);
	}
	return true;
}

static bool read_entry(void *arg, u64 node)
{
	struct state_reader *w = arg;

	return read_unit(w, node - w->m[DRHD_LIST].off);
}

int kernel_vtd_state(struct kernel *k, struct facts *f)
{
	struct state_reader w = { .k = k, .f = f };
	u32 sm = 0, eim = 0;

	memcpy(w.m, members, sizeof(members));
	w.s[SYM_UNITS].name = "dmar_drhd_units";
	w.s[SYM_SCALABLE].name = "intel_iommu_sm";
	w.s[SYM_EIM].name = "eim_mode";
	if (!kernel_symbols(k, f, w.s, SYMBOLS, "VT-d") ||
	    !kernel_members(k, f, w.m, MEMBERS, GCMD))
		return 0;
	/* int intel_iommu_sm */
	if (w.s[SYM_SCALABLE].addr)
		w.scalable_known =
			!k->read(k, w.s[SYM_SCALABLE].addr, &sm, sizeof(sm));
	w.scalable = sm != 0;
	/* int eim_mode */
	if (w.s[SYM_EIM].addr)
		w.eim_known = !k->read(k, w.s[SYM_EIM].addr, &eim, sizeof(eim));
	w.eim = eim != 0;
	kernel_list(k, f, &w.s[SYM_UNITS], UNITS_MAX, read_entry, &w);
	return 0;
}
