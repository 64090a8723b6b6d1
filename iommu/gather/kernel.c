// SPDX-License-Identifier: GPL-2.0-only
/*
 * VT-d state from the memory of the running kernel: the list dmar_drhd_units,
 * found through kallsyms, read through kcore, laid out as BTF or DWARF says.
 * Distribution kernels have no debugfs for it and refuse /dev/mem, so this is
 * the way to a unit's root table before a crash.
 */
#include <errno.h>
#include <string.h>

#include "../vtd.h"
#include "gather.h"

#define SOURCE "proc/kcore"
/* Linux numbers units up to 1024 (DMAR_UNITS_SUPPORTED); more is a loop. */
#define UNITS_MAX 1024

/* VT-d section 11.4.4: what the quiesce code has no use for */
#define GCMD_EAFL BIT64(28)
#define GCMD_IRE BIT64(25)
#define GSTS_RTPS BIT64(30)

enum {
	DRHD_LIST,
	DRHD_IOMMU,
	REG_PHYS,
	CAP,
	ECAP,
	ROOT_ENTRY,
	GCMD, /* from here on they may be missing */
	MEMBERS
};

enum {
	SYM_UNITS,
	SYM_SCALABLE,
	SYMBOLS
};

struct walk {
	struct facts *f;
	struct mem *kcore;
	struct member m[MEMBERS];
	struct symbol s[SYMBOLS];
	bool scalable_known, scalable;
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
};

static bool get(struct walk *w, u64 object, u32 which, u64 *val)
{
	const struct member *m = &w->m[which];

	*val = 0;
	return m->size <= sizeof(*val) &&
	       !kcore_read_virt(w->kcore, object + m->off, val, m->size);
}

/* sm_supported() of intel/iommu.h, 5.x to 7.2: the unit can, and the kernel will. */
static bool is_scalable(const struct walk *w, u64 ecap, bool *known)
{
	*known = w->scalable_known || !(ecap & ECAP_SMTS);
	return w->scalable && ecap & ECAP_SMTS;
}

/*
 * The registers that follow from what the kernel keeps. gcmd is its copy of
 * the enable bits of GCMD, which GSTS mirrors (section 11.4.4).
 */
static void fill_unit(struct walk *w, struct fact_unit *u, u64 cap, u64 ecap,
		      u64 root_virt, u64 gcmd)
{
	u64 gsts = gcmd & (GCMD_TE | GCMD_EAFL | GCMD_QIE | GCMD_IRE);
	u64 root = 0;
	bool known, scalable = is_scalable(w, ecap, &known);

	u->cap = cap;
	u->ecap = ecap;
	unit_reg_set(u, VTD_CAP, 8, cap);
	unit_reg_set(u, VTD_ECAP, 8, ecap);
	if (root_virt && !kcore_phys(w->kcore, root_virt, &root))
		facts_missing(w->f, SOURCE,
			      "%s: root table at 0x%llx is in no "
			      "segment with a physical address",
			      u->name, (unsigned long long)root_virt);
	if (root && !known)
		facts_missing(w->f, SOURCE,
			      "%s: legacy or scalable mode is not "
			      "known: no address of %s",
			      u->name, w->s[SYM_SCALABLE].name);
	if (root)
		gsts |= GSTS_RTPS;
	if (w->m[GCMD].found)
		unit_reg_set(u, VTD_GSTS, 4, gsts);
	if (!root || !known)
		return;
	u->root = root | (scalable ? field_put(RTADDR_TTM, TTM_SCALABLE) : 0);
	unit_reg_set(u, VTD_RTADDR, 8, u->root);
}

static bool read_unit(struct walk *w, u64 drhd)
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
	unit = unit_by_reg(w->f, reg_phys);
	if (unit == REC_NONE) {
		facts_missing(w->f, SOURCE,
			      "a unit at 0x%llx that ACPI does not "
			      "list",
			      (unsigned long long)reg_phys);
		return true;
	}
	/* Live registers were read already: they are the better source. */
	if (!w->f->unit[unit].root)
		fill_unit(w, &w->f->unit[unit], cap, ecap, root, gcmd);
	return true;
}

static bool read_entry(void *arg, u64 node)
{
	struct walk *w = arg;

	return read_unit(w, node - w->m[DRHD_LIST].off);
}

void kernel_list(struct facts *f, struct mem *kcore, const struct symbol *list,
		 u32 max, bool (*entry)(void *arg, u64 node), void *arg)
{
	u64 head = list->addr, at = head;

	for (unsigned int i = 0; i <= max; i++) {
		if (kcore_read_virt(kcore, at, &at, sizeof(at))) {
			facts_missing(f, SOURCE, "%s: entry %u is not readable",
				      list->name, i);
			return;
		}
		if (at == head)
			return;
		if (!entry(arg, at)) {
			facts_missing(f, SOURCE,
				      "%s: entry %u at 0x%llx is not "
				      "readable",
				      list->name, i, (unsigned long long)at);
			return;
		}
	}
	facts_missing(f, SOURCE, "%s: more than %u entries: a loop", list->name,
		      max);
}

bool kernel_symbols(struct gather *g, struct symbol *s, size_t n,
		    const char *driver)
{
	static const char source[] = "proc/kallsyms";
	int rc = kallsyms_find(g->root, s, n);

	if (rc)
		facts_missing(g->f, source, "%s", strerror(-rc));
	else if (!s->found)
		facts_missing(g->f, source,
			      "no %s: a kernel without %s, or "
			      "without CONFIG_KALLSYMS_ALL",
			      s->name, driver);
	else if (!s->addr)
		facts_missing(g->f, source,
			      "the kernel hides addresses (kptr_restrict)");
	return s->addr;
}

bool kernel_members(struct gather *g, struct member *m, size_t n, size_t must)
{
	const char *source = g->o->vmlinux ? g->o->vmlinux
					   : "sys/kernel/btf/vmlinux";
	char why[256] = "";
	int rc;

	if (g->o->vmlinux)
		rc = members_dwarf(g->root, g->o->vmlinux, m, n, why,
				   sizeof(why));
	else
		rc = members_btf(g->root, m, n, why, sizeof(why));
	if (rc) {
		facts_missing(g->f, source, "%s", why);
		return false;
	}
	for (size_t i = 0; i < must; i++) {
		if (m[i].found)
			continue;
		facts_missing(g->f, source, "no member %s of struct %s",
			      m[i].name, m[i].type);
		return false;
	}
	return true;
}

static bool needed(const struct facts *f)
{
	for (size_t i = 0; i < f->unit_n; i++)
		if (f->unit[i].vendor == IOMMU_VENDOR_VTD && !f->unit[i].root)
			return true;
	return false;
}

int kernel_vtd(struct gather *g)
{
	struct walk w = { .f = g->f };
	u32 sm = 0;

	if (!needed(g->f))
		return 0;
	w.kcore = gather_kcore(g);
	memcpy(w.m, members, sizeof(members));
	w.s[SYM_UNITS].name = "dmar_drhd_units";
	w.s[SYM_SCALABLE].name = "intel_iommu_sm";
	if (!w.kcore || !kernel_symbols(g, w.s, SYMBOLS, "VT-d") ||
	    !kernel_members(g, w.m, MEMBERS, GCMD))
		return 0;
	/* int intel_iommu_sm */
	if (w.s[SYM_SCALABLE].addr)
		w.scalable_known = !kcore_read_virt(
			w.kcore, w.s[SYM_SCALABLE].addr, &sm, sizeof(sm));
	w.scalable = sm != 0;
	kernel_list(g->f, w.kcore, &w.s[SYM_UNITS], UNITS_MAX, read_entry, &w);
	return 0;
}
