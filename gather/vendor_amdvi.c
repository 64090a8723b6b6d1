// SPDX-License-Identifier: GPL-2.0-only
/*
 * AMD-Vi units: the IVRS table says which exist and who is behind them, sysfs
 * what the kernel made of them, kernel memory their state.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../iommu/amdvi/amdvi.h"
#include "acpi.h"
#include "sources.h"

#define IVRS_TABLE "sys/firmware/acpi/tables/IVRS"
#define IVRS_MAX MIB(4)
#define IOMMU_CLASS "sys/class/iommu"

static void tell_ivrs(void *arg, const char *line)
{
	facts_missing(arg, IVRS_TABLE, "%s", line);
}

/* No table: a machine of another make. That is nothing to tell of. */
static int read_ivrs(struct gather *g)
{
	size_t len;
	char *bytes = sysroot_read(g->root, IVRS_TABLE, IVRS_MAX, &len);

	if (bytes)
		return ivrs_parse(&g->ivrs, (u8 *)bytes, len, tell_ivrs, g->f);
	if (errno != ENOENT)
		facts_missing(g->f, IVRS_TABLE, "%s", strerror(errno));
	return errno == ENOMEM ? -ENOMEM : 0;
}

/*
 * Firmware tells of a unit once in each form it knows; the youngest says most
 * (IVHD types 10h < 11h < 40h, as Linux chooses).
 */
static bool superseded(const struct ivrs *v, const struct ivrs_unit *u)
{
	for (size_t i = 0; i < v->units; i++)
		if (v->unit[i].base == u->base && v->unit[i].type > u->type)
			return true;
	return false;
}

static void set_efr(struct fact_unit *u, u64 efr, u64 efr2)
{
	u->cap = efr;
	u->ecap = efr2;
	fact_reg_set(u, AMDVI_EFR, 8, efr);
	fact_reg_set(u, AMDVI_EFR2, 8, efr2);
}

static int add_unit(struct gather *g, const struct ivrs_unit *e)
{
	struct fact_unit *u =
		array_grow(&g->f->unit, &g->f->unit_n, sizeof(*u));

	if (!u)
		return -ENOMEM;
	u->vendor = IOMMU_VENDOR_AMDVI;
	u->reg_phys = e->base;
	u->reg_len = AMDVI_REGS_LEN;
	u->segment = e->segment;
	if (asprintf(&u->name, "ivhd@0x%llx", (unsigned long long)e->base) <
	    0) {
		u->name = NULL;
		return -ENOMEM;
	}
	if (e->efr)
		set_efr(u, e->efr, e->efr2);
	return 0;
}

static int units_from_ivrs(struct gather *g)
{
	const struct ivrs *v = &g->ivrs;
	int rc = 0;

	for (size_t i = 0; !rc && i < v->units; i++) {
		const struct ivrs_unit *e = &v->unit[i];
		/* 3.4: registers are 16 KiB or more, aligned to that. */
		const struct listed_unit listed = {
			IVRS_TABLE, "IVHD",	    e->offset,
			e->base,    AMDVI_REGS_LEN, KIB(16),
		};

		if (!superseded(v, e) && unit_is_sound(g, &listed))
			rc = add_unit(g, e);
	}
	return rc;
}

/* --- sysfs --- */

/*
 * The link /sys/class/iommu/ivhdN leads through the unit's PCI function:
 * .../0000:00:00.2/iommu/ivhd0
 */
static bool function_of(struct gather *g, const char *name, u32 *segment,
			u16 *id)
{
	char path[SYSROOT_PATH_MAX], *target, *end;
	bool found = false;

	snprintf(path, sizeof(path), IOMMU_CLASS "/%s", name);
	target = sysroot_readlink(g->root, path);
	end = target ? strstr(target, "/iommu/") : NULL;
	if (end) {
		*end = '\0';
		end = strrchr(target, '/');
		found = pci_parse(end ? end + 1 : target, segment, id);
	}
	free(target);
	return found;
}

/* A unit of that function which has no name of the kernel's yet. */
static struct fact_unit *unit_of_function(struct gather *g, u32 segment, u16 id)
{
	for (size_t i = 0; i < g->ivrs.units; i++) {
		const struct ivrs_unit *e = &g->ivrs.unit[i];
		u32 unit = facts_unit_at(g->f, e->base);

		if (unit != REC_NONE && e->segment == segment &&
		    e->device == id && strchr(g->f->unit[unit].name, '@'))
			return &g->f->unit[unit];
	}
	return NULL;
}

/*
 * "EFR" before 6.0, "EFR2:EFR" in 6.1, "EFR:EFR2" in 7.2. ACPI has the same
 * value; without it, a single one that is not zero must be EFR.
 */
static void read_features(struct gather *g, struct fact_unit *u,
			  const char *name)
{
	char *text = sysroot_readf(g->root, 64, NULL,
				   IOMMU_CLASS "/%s/amd-iommu/features", name);
	unsigned long long a, b = 0;
	int n = text ? sscanf(text, "%llx:%llx", &a, &b) : 0;

	free(text);
	if (n < 1)
		return;
	if (n == 1 || !b || (u->cap && u->cap == a))
		set_efr(u, a, b);
	else if (!a || (u->cap && u->cap == b))
		set_efr(u, b, a);
	else
		facts_missing(g->f, IOMMU_CLASS,
			      "%s: features %llx:%llx: which one is EFR is not "
			      "known",
			      name, a, b);
}

static int read_class_unit(struct gather *g, const char *name)
{
	struct fact_unit *u;
	u32 segment;
	char *copy;
	u64 cap;
	u16 id;

	if (!sysroot_number(g->root, 16, &cap, IOMMU_CLASS "/%s/amd-iommu/cap",
			    name))
		return 0; /* another vendor's */
	if (!function_of(g, name, &segment, &id)) {
		facts_missing(g->f, IOMMU_CLASS,
			      "%s: its PCI function is not known", name);
		return 0;
	}
	u = unit_of_function(g, segment, id);
	if (!u) {
		facts_missing(g->f, IVRS_TABLE, "%s has no IVHD", name);
		return 0;
	}
	copy = strdup(name);
	if (!copy)
		return -ENOMEM;
	free(u->name);
	u->name = copy;
	u->in_use = true;
	read_features(g, u, name);
	return 0;
}

static int units_from_class(struct gather *g)
{
	size_t n;
	char **names = sysroot_list(g->root, IOMMU_CLASS, &n);
	int rc = 0;

	/* What can't be listed was noted with the units of VT-d. */
	for (size_t i = 0; names && !rc && i < n; i++)
		rc = read_class_unit(g, names[i]);
	if (names)
		sysroot_list_free(names, n);
	return rc;
}

static int amdvi_units(struct gather *g)
{
	int rc = read_ivrs(g);

	if (!rc)
		rc = units_from_ivrs(g);
	return rc ? rc : units_from_class(g);
}

/* --- devices --- */

/* The device entry that holds a requester; the last one counts, as in Linux. */
static const struct ivrs_range *range_of(const struct ivrs *v, u16 segment,
					 u16 id, const struct ivrs_unit **unit)
{
	const struct ivrs_range *found = NULL;

	for (size_t i = 0; i < v->units; i++) {
		const struct ivrs_unit *u = &v->unit[i];

		if (u->segment != segment || superseded(v, u))
			continue;
		for (size_t j = u->range; j < u->range + u->ranges; j++) {
			if (id < v->range[j].first || id > v->range[j].last)
				continue;
			found = &v->range[j];
			*unit = u;
		}
	}
	return found;
}

/* The unit of an IVHD: one that is no unit was left out. */
static u32 unit_of_ivhd(const struct gather *g, const struct ivrs_unit *u)
{
	u32 unit = facts_unit_at(g->f, u->base);

	return unit == REC_NONE ? UNIT_LEFT_OUT : unit;
}

static u32 amdvi_unit_of(const struct gather *g, u32 pci_dev)
{
	const struct pci_dev *p = &g->pci.dev[pci_dev];
	const struct ivrs_unit *u;

	if (p->domain > 0xffff)
		return REC_NONE;
	if (range_of(&g->ivrs, (u16)p->domain, p->id, &u))
		return unit_of_ivhd(g, u);
	/* Firmware does not know virtual functions. */
	if (p->physfn != PCI_NONE &&
	    range_of(&g->ivrs, (u16)p->domain, g->pci.dev[p->physfn].id, &u))
		return unit_of_ivhd(g, u);
	return REC_NONE;
}

static int firmware_aliases(struct gather *g)
{
	const struct ivrs_unit *u;
	int rc = 0;

	for (size_t i = 0; !rc && i < g->f->device_n; i++) {
		const struct fact_device *d = &g->f->device[i];
		const struct ivrs_range *r =
			range_of(&g->ivrs, d->segment, d->requester, &u);

		if (r && (r->type == IVHD_ALIAS_SELECT ||
			  r->type == IVHD_ALIAS_START))
			rc = facts_add_alias(g->f, d->segment, d->requester,
					     r->alias);
	}
	return rc;
}

/* "AMDI0020:1", as Linux names it too. */
static char *hid_name(const struct ivrs_range *r)
{
	char *name;
	int n;

	if (r->uid_format == UID_NUMBER && r->uid_len == 8)
		n = asprintf(&name, "%.8s:%llu", (const char *)r->hid,
			     (unsigned long long)le64(r->uid));
	else if (r->uid_format == UID_TEXT)
		n = asprintf(&name, "%.8s:%.*s", (const char *)r->hid,
			     r->uid_len, (const char *)r->uid);
	else
		n = asprintf(&name, "%.8s", (const char *)r->hid);
	if (n < 0)
		return NULL;
	name_printable(name);
	return name;
}

/* A requester that is no PCI function. */
static int add_hid_device(struct gather *g, const struct ivrs_unit *u,
			  const struct ivrs_range *r)
{
	struct fact_device *d =
		array_grow(&g->f->device, &g->f->device_n, sizeof(*d));

	if (!d)
		return -ENOMEM;
	device_is_behind(d, unit_of_ivhd(g, u));
	d->group = REC_NONE;
	d->segment = u->segment;
	d->requester = r->first;
	d->name = hid_name(r);
	return d->name ? 0 : -ENOMEM;
}

static int hid_devices(struct gather *g)
{
	const struct ivrs *v = &g->ivrs;
	int rc = 0;

	for (size_t i = 0; i < v->units; i++) {
		const struct ivrs_unit *u = &v->unit[i];

		if (superseded(v, u))
			continue;
		for (size_t j = u->range; !rc && j < u->range + u->ranges; j++)
			if (v->range[j].type == IVHD_ACPI_HID)
				rc = add_hid_device(g, u, &v->range[j]);
	}
	return rc;
}

/* Linux maps exclusion ranges one to one as well. */
static int firmware_regions(struct gather *g)
{
	int rc = 0;

	for (size_t i = 0; i < g->ivrs.memories; i++) {
		const struct ivrs_memory *m = &g->ivrs.memory[i];

		if (!(m->flags & (IVMD_UNITY | IVMD_EXCLUSION)))
			continue;
		for (size_t j = 0; !rc && j < g->f->device_n; j++) {
			struct fact_device *d = &g->f->device[j];

			if (d->unit < g->f->unit_n &&
			    g->f->unit[d->unit].vendor == IOMMU_VENDOR_AMDVI &&
			    d->segment == m->segment &&
			    d->requester >= m->first && d->requester <= m->last)
				rc = facts_add_region(g->f, d, m->start,
						      m->start + m->len - 1);
		}
	}
	return rc;
}

static int amdvi_extra_devices(struct gather *g)
{
	int rc = hid_devices(g);

	if (!rc)
		rc = firmware_aliases(g);
	return rc ? rc : firmware_regions(g);
}

const struct gather_vendor gather_amdvi = {
	.id = IOMMU_VENDOR_AMDVI,
	.units = amdvi_units,
	.unit_of = amdvi_unit_of,
	.extra_devices = amdvi_extra_devices,
	.base = AMDVI_DEV_TBL,
};
