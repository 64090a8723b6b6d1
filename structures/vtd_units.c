// SPDX-License-Identifier: GPL-2.0-only
/*
 * VT-d units, reserved regions and requesters from a kernel's own lists:
 * dmar_drhd_units, dmar_rmrr_units (Linux: include/linux/dmar.h,
 * drivers/iommu/intel/iommu.h).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "survey.h"

/* Linux numbers units up to 1024 (DMAR_UNITS_SUPPORTED); more is a loop. */
#define UNITS_MAX 1024

enum {
	C_LIST,
	C_BASE,
	C_IOMMU,
	C_SEGMENT,
	C_INCLUDE_ALL,
	C_NAME,
	C_DEVICE,
	C_SIZE, /* from here on they may be missing */
	C_MEMBERS
};

static const struct member unit_members[C_MEMBERS] = {
	[C_LIST] = { .type = "dmar_drhd_unit", .name = "list" },
	[C_BASE] = { .type = "dmar_drhd_unit", .name = "reg_base_addr" },
	[C_IOMMU] = { .type = "dmar_drhd_unit", .name = "iommu" },
	[C_SEGMENT] = { .type = "dmar_drhd_unit", .name = "segment" },
	[C_INCLUDE_ALL] = { .type = "dmar_drhd_unit",
			    .name = "include_all",
			    .bits = 1 },
	[C_NAME] = { .type = "intel_iommu", .name = "name" },
	[C_DEVICE] = { .type = "intel_iommu", .name = "iommu" },
	[C_SIZE] = { .type = "intel_iommu", .name = "reg_size" },
};

#define NAME_LEN 32
/* What a unit may take; more is a damaged structure (as the DMAR says it). */
#define REG_LEN_MAX MIB(32)

struct unit_reader {
	struct survey *sv;
	struct member m[C_MEMBERS];
	int rc;
};

static bool get(struct unit_reader *s, u64 object, u32 which, u64 *val)
{
	return kernel_get(s->sv->k, object, &s->m[which], val);
}

static bool name_unit(struct unit_reader *s, struct fact_unit *u, u64 iommu)
{
	char name[NAME_LEN] = "";
	u32 len = s->m[C_NAME].size;

	if (len > sizeof(name) - 1)
		len = sizeof(name) - 1;
	if (iommu &&
	    !kernel_text(s->sv->k, iommu + s->m[C_NAME].off, name, len + 1))
		return false;
	if (*name)
		u->name = strdup(name);
	else if (asprintf(&u->name, "drhd@0x%llx",
			  (unsigned long long)u->reg_phys) < 0)
		u->name = NULL;
	if (!u->name)
		s->rc = -ENOMEM;
	return u->name;
}

static bool read_unit(void *arg, u64 node)
{
	struct unit_reader *s = arg;
	u64 drhd = node - s->m[C_LIST].off, base, iommu, segment, all, len = 0;
	struct fact_unit *u;

	if (!get(s, drhd, C_BASE, &base) || !get(s, drhd, C_IOMMU, &iommu) ||
	    !get(s, drhd, C_SEGMENT, &segment) ||
	    !get(s, drhd, C_INCLUDE_ALL, &all) ||
	    (iommu && !get(s, iommu, C_SIZE, &len)))
		return false;
	if (facts_unit_at(s->sv->f, base) != REC_NONE)
		return true;
	u = kernel_unit(s->sv, IOMMU_VENDOR_VTD, base,
			iommu ? iommu + s->m[C_DEVICE].off : 0);
	if (!u) {
		s->rc = -ENOMEM;
		return false;
	}
	u->segment = (u16)segment;
	u->reg_len = len >= PAGE_4K && len <= REG_LEN_MAX ? (u32)len : PAGE_4K;
	u->flags = all ? UNIT_INCLUDE_ALL : 0;
	u->in_use = iommu;
	if (name_unit(s, u, iommu))
		return true;
	s->rc = s->rc ? s->rc : (u->name = strdup("?")) ? 0 : -ENOMEM;
	return false;
}

int kernel_vtd_units(struct survey *sv)
{
	struct symbol list = { .name = "dmar_drhd_units" };
	struct unit_reader s = { .sv = sv };

	memcpy(s.m, unit_members, sizeof(unit_members));
	if (!kernel_has(sv->k, &list) ||
	    !kernel_members(sv->k, sv->f, s.m, C_MEMBERS, C_SIZE))
		return 0;
	kernel_list(sv->k, sv->f, &list, UNITS_MAX, read_unit, &s);
	return s.rc;
}

/* --- reserved regions --- */

enum {
	R_LIST,
	R_BASE,
	R_END,
	R_DEVICES,
	R_COUNT,
	R_SCOPE,
	R_DEV,
	R_MEMBERS
};

static const struct member region_members[R_MEMBERS] = {
	[R_LIST] = { .type = "dmar_rmrr_unit", .name = "list" },
	[R_BASE] = { .type = "dmar_rmrr_unit", .name = "base_address" },
	[R_END] = { .type = "dmar_rmrr_unit", .name = "end_address" },
	[R_DEVICES] = { .type = "dmar_rmrr_unit", .name = "devices" },
	[R_COUNT] = { .type = "dmar_rmrr_unit", .name = "devices_cnt" },
	[R_SCOPE] = { .type = "dmar_dev_scope", .name = "" },
	[R_DEV] = { .type = "dmar_dev_scope", .name = "dev" },
};

#define REGIONS_MAX 4096u
#define SCOPES_MAX 1024u
/* Of all regions and all devices together. */
#define REGION_STEPS_MAX (1u << 20)
#define CLASS_USB 0x0c03u
#define CLASS_DISPLAY 0x03u

struct regions {
	struct survey *sv;
	struct member m[R_MEMBERS];
	u32 steps;
	int rc;
};

/* device_rmrr_is_relaxable() of intel/iommu.c, 5.3 to 7.2 */
static bool relaxable(const struct fact_device *d)
{
	return d->class >> 8 == CLASS_USB || d->class >> 16 == CLASS_DISPLAY;
}

/* The functions that @dev stands for: itself, or all below a bridge. */
static int scope_region(struct regions *r, u64 dev, u64 start, u64 end)
{
	struct survey *sv = r->sv;
	const struct pci_at *scope = kernel_pci(sv, dev);
	int rc = 0;

	for (size_t i = 0; scope && !rc && i < sv->pci.n; i++) {
		struct fact_device *d = kernel_pci_device(sv, &sv->pci_at[i]);
		size_t before = sv->f->region_n;

		if (r->steps++ > REGION_STEPS_MAX)
			return 0;
		if (!d ||
		    !pci_below(&sv->pci, sv->pci_at[i].index, scope->index))
			continue;
		rc = kernel_region(sv, d, start, end);
		if (sv->f->region_n > before && relaxable(d))
			sv->f->region[before].type = REGION_DIRECT_RELAXABLE;
	}
	return rc;
}

static bool take_region(void *arg, u64 node)
{
	struct regions *r = arg;
	u64 rmrr = node - r->m[R_LIST].off, base, end, devices, n, dev;

	if (!kernel_get(r->sv->k, rmrr, &r->m[R_BASE], &base) ||
	    !kernel_get(r->sv->k, rmrr, &r->m[R_END], &end) ||
	    !kernel_get(r->sv->k, rmrr, &r->m[R_DEVICES], &devices) ||
	    !kernel_get(r->sv->k, rmrr, &r->m[R_COUNT], &n) || end < base ||
	    n > SCOPES_MAX)
		return false;
	for (u64 i = 0; !r->rc && i < n; i++) {
		if (!kernel_get(r->sv->k, devices + i * r->m[R_SCOPE].size,
				&r->m[R_DEV], &dev))
			return false;
		if (dev)
			r->rc = scope_region(r, dev, base, end);
	}
	return !r->rc && r->steps <= REGION_STEPS_MAX;
}

int kernel_vtd_regions(struct survey *sv)
{
	struct symbol list = { .name = "dmar_rmrr_units" };
	struct regions r = { .sv = sv };

	memcpy(r.m, region_members, sizeof(region_members));
	if (!kernel_has(sv->k, &list) ||
	    !kernel_members(sv->k, sv->f, r.m, R_MEMBERS, R_MEMBERS))
		return 0;
	kernel_list(sv->k, sv->f, &list, REGIONS_MAX, take_region, &r);
	return r.rc;
}

/* struct device_domain_info, 5.x to 7.2 */
bool kernel_vtd_requester(struct survey *sv, u64 priv, u16 *segment, u32 *id)
{
	struct member m[] = {
		{ .type = "device_domain_info", .name = "segment" },
		{ .type = "device_domain_info", .name = "bus" },
		{ .type = "device_domain_info", .name = "devfn" },
	};
	u64 v[ARRAY_SIZE(m)];

	if (!kernel_members(sv->k, sv->f, m, ARRAY_SIZE(m), ARRAY_SIZE(m)))
		return false;
	for (u32 i = 0; i < ARRAY_SIZE(m); i++)
		if (!kernel_get(sv->k, priv, &m[i], &v[i]))
			return false;
	*segment = (u16)v[0];
	*id = (u32)(v[1] << 8 | v[2]) & 0xffff;
	return true;
}
