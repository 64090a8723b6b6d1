// SPDX-License-Identifier: GPL-2.0-only
/*
 * VT-d units: the DMAR table says which exist and who is behind them, sysfs
 * what the kernel made of them, debugfs or kernel memory their state.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../iommu/vtd/vtd.h"
#include "sources.h"

#define DMAR_TABLE "sys/firmware/acpi/tables/DMAR"
#define DMAR_MAX MIB(4)
#define IOMMU_CLASS "sys/class/iommu"
#define REGSET "sys/kernel/debug/iommu/intel/iommu_regset"
#define REGSET_MAX MIB(4)

#define VTD_VER_MINOR MASK64(3, 0)

static void tell_dmar(void *arg, const char *line)
{
	facts_missing(arg, DMAR_TABLE, "%s", line);
}

static int read_dmar(struct gather *g)
{
	size_t len;
	char *bytes = sysroot_read(g->root, DMAR_TABLE, DMAR_MAX, &len);

	if (!bytes && errno == ENOENT)
		return 0; /* a machine with another vendor's units, or none */
	if (!bytes) {
		g->dmar_unread = true;
		facts_missing(g->f, DMAR_TABLE, "%s", strerror(errno));
		return errno == ENOMEM ? -ENOMEM : 0;
	}
	return dmar_parse(&g->dmar, (u8 *)bytes, len, tell_dmar, g->f);
}

static struct fact_unit *add_unit(struct facts *f, u64 reg_phys)
{
	struct fact_unit *u = array_grow(&f->unit, &f->unit_n, sizeof(*u));

	if (u) {
		u->vendor = IOMMU_VENDOR_VTD;
		u->reg_phys = reg_phys;
		u->reg_len = PAGE_4K;
	}
	return u;
}

static int units_from_dmar(struct gather *g)
{
	u8 bits = 0;

	if (g->dmar.entries)
		bits = unit_host_bits(g, DMAR_TABLE,
				      g->dmar.host_address_width + 1u);
	for (size_t i = 0; i < g->dmar.entries; i++) {
		const struct dmar_entry *e = &g->dmar.entry[i];
		struct fact_unit *u;

		const struct listed_unit listed = {
			DMAR_TABLE, "DRHD",	e->offset,
			e->base,    e->reg_len, PAGE_4K,
		};

		if (e->type != DMAR_DRHD || !unit_is_sound(g, &listed))
			continue;
		u = add_unit(g->f, e->base);
		if (!u || asprintf(&u->name, "drhd@0x%llx",
				   (unsigned long long)e->base) < 0)
			return -ENOMEM;
		u->segment = e->segment;
		u->reg_len = e->reg_len;
		u->host_bits = bits;
		if (e->flags & DRHD_FLAG_INCLUDE_PCI_ALL)
			u->flags |= UNIT_INCLUDE_ALL;
	}
	return 0;
}

/* "%d:%d\n", major and minor, decimal */
static void read_version(struct gather *g, struct fact_unit *u,
			 const char *name)
{
	char *text = sysroot_readf(g->root, 64, NULL,
				   IOMMU_CLASS "/%s/intel-iommu/version", name);
	unsigned int major, minor;

	if (text && sscanf(text, "%u:%u", &major, &minor) == 2)
		fact_reg_set(u, VTD_VER, 4,
			     field_put(VTD_VER_MAJOR, major) |
				     field_put(VTD_VER_MINOR, minor));
	free(text);
}

static bool has_drhd(const struct dmar *d, u64 base)
{
	for (size_t i = 0; i < d->entries; i++)
		if (d->entry[i].type == DMAR_DRHD && d->entry[i].base == base)
			return true;
	return false;
}

static int read_class_unit(struct gather *g, const char *name)
{
	struct fact_unit *u;
	u64 base, v;
	u32 unit;

	if (!sysroot_number(g->root, 16, &base,
			    IOMMU_CLASS "/%s/intel-iommu/address", name))
		return 0; /* another vendor's */
	unit = facts_unit_at(g->f, base);
	if (unit == REC_NONE) {
		if (!g->dmar_unread && !has_drhd(&g->dmar, base))
			facts_missing(g->f, DMAR_TABLE,
				      "%s at 0x%llx has no DRHD", name,
				      (unsigned long long)base);
		if (!add_unit(g->f, base))
			return -ENOMEM;
		unit = (u32)g->f->unit_n - 1;
	}
	u = &g->f->unit[unit];
	free(u->name);
	u->name = strdup(name);
	u->in_use = true;
	if (!u->name)
		return -ENOMEM;
	read_version(g, u, name);
	if (sysroot_number(g->root, 16, &v, IOMMU_CLASS "/%s/intel-iommu/cap",
			   name)) {
		u->cap = v;
		fact_reg_set(u, VTD_CAP, 8, v);
	}
	if (sysroot_number(g->root, 16, &v, IOMMU_CLASS "/%s/intel-iommu/ecap",
			   name)) {
		u->ecap = v;
		fact_reg_set(u, VTD_ECAP, 8, v);
	}
	return 0;
}

static int units_from_class(struct gather *g)
{
	size_t n;
	char **names = sysroot_list(g->root, IOMMU_CLASS, &n);
	int rc = 0;

	if (!names) {
		facts_missing(g->f, IOMMU_CLASS, "%s", strerror(errno));
		return errno == ENOMEM ? -ENOMEM : 0;
	}
	for (size_t i = 0; !rc && i < n; i++)
		rc = read_class_unit(g, names[i]);
	sysroot_list_free(names, n);
	return rc;
}

static int vtd_units(struct gather *g)
{
	int rc = read_dmar(g);

	if (!rc)
		rc = units_from_dmar(g);
	return rc ? rc : units_from_class(g);
}

/*
 * The function that a scope's path leads to: each step but the last is a
 * bridge, and the next step is on its secondary bus.
 */
static u32 scope_target(const struct pci_topology *t, u16 segment,
			const struct dmar_scope *s)
{
	u32 dev = PCI_NONE;
	u8 bus = s->start_bus;

	for (u32 i = 0; i < s->steps; i++) {
		const u8 *step = s->path + 2 * i;

		if (step[0] > 31 || step[1] > 7)
			return PCI_NONE;
		dev = pci_find(t, segment,
			       (u16)(bus << 8 | step[0] << 3 | step[1]));
		if (dev == PCI_NONE)
			return PCI_NONE;
		if (i + 1 < s->steps && !t->dev[dev].bridge)
			return PCI_NONE;
		bus = t->dev[dev].secondary;
	}
	return dev;
}

static bool scopes_hold(const struct gather *g, const struct dmar_entry *e,
			u32 pci_dev)
{
	if (g->pci.dev[pci_dev].domain != e->segment)
		return false;
	for (size_t i = 0; i < e->scopes; i++) {
		const struct dmar_scope *s = &g->dmar.scope[e->scope + i];
		u32 target;

		if (s->type != SCOPE_PCI_ENDPOINT &&
		    s->type != SCOPE_PCI_SUB_HIERARCHY)
			continue;
		target = scope_target(&g->pci, e->segment, s);
		if (target == PCI_NONE)
			continue;
		if (target == pci_dev)
			return true;
		if (s->type == SCOPE_PCI_SUB_HIERARCHY &&
		    pci_below(&g->pci, pci_dev, target))
			return true;
	}
	return false;
}

/* The unit of a DRHD: one that is no unit was left out. */
static u32 unit_of_drhd(const struct gather *g, const struct dmar_entry *e)
{
	u32 unit = facts_unit_at(g->f, e->base);

	return unit == REC_NONE ? UNIT_LEFT_OUT : unit;
}

static u32 vtd_unit_of(const struct gather *g, u32 pci_dev)
{
	u32 named = REC_NONE, all = REC_NONE;

	/* Scopes name physical functions; a VF goes where its PF goes. */
	if (g->pci.dev[pci_dev].physfn != PCI_NONE)
		pci_dev = g->pci.dev[pci_dev].physfn;
	for (size_t i = 0; i < g->dmar.entries; i++) {
		const struct dmar_entry *e = &g->dmar.entry[i];
		u32 unit;

		if (e->type != DMAR_DRHD)
			continue;
		unit = unit_of_drhd(g, e);
		if (scopes_hold(g, e, pci_dev)) {
			if (unit != UNIT_LEFT_OUT)
				return unit;
			named = unit;
		}
		/* Section 8.3: what no other unit of the segment names. */
		if (e->flags & DRHD_FLAG_INCLUDE_PCI_ALL &&
		    e->segment == g->pci.dev[pci_dev].domain)
			all = unit;
	}
	return named == REC_NONE ? all : named;
}

/* The name that an ANDD gives to an ACPI device number. */
static const struct dmar_entry *andd(const struct dmar *d, u8 number)
{
	for (size_t i = 0; i < d->entries; i++)
		if (d->entry[i].type == DMAR_ANDD &&
		    d->entry[i].device_number == number)
			return &d->entry[i];
	return NULL;
}

/* A requester that is no PCI function: its scope holds the id it uses. */
static int add_namespace_device(struct gather *g, const struct dmar_entry *e,
				const struct dmar_scope *s)
{
	const struct dmar_entry *a = andd(&g->dmar, s->enumeration_id);
	struct fact_device *d;

	if (s->path[0] > 31 || s->path[1] > 7)
		return 0;
	d = array_grow(&g->f->device, &g->f->device_n, sizeof(*d));
	if (!d)
		return -ENOMEM;
	device_is_behind(d, unit_of_drhd(g, e));
	d->group = REC_NONE;
	d->segment = e->segment;
	d->requester = (u16)(s->start_bus << 8 | s->path[0] << 3 | s->path[1]);
	if (asprintf(&d->name, "%.*s", a ? (int)a->name_len : 4,
		     a ? a->name : "ANDD") < 0) {
		d->name = NULL;
		return -ENOMEM;
	}
	name_printable(d->name);
	return 0;
}

static int namespace_devices(struct gather *g)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < g->dmar.entries; i++) {
		const struct dmar_entry *e = &g->dmar.entry[i];

		for (size_t j = 0; !rc && e->type == DMAR_DRHD && j < e->scopes;
		     j++) {
			const struct dmar_scope *s =
				&g->dmar.scope[e->scope + j];

			if (s->type == SCOPE_ACPI_NAMESPACE)
				rc = add_namespace_device(g, e, s);
		}
	}
	return rc;
}

/*
 * Regions that firmware asks for. The kernel shows them with the groups; when
 * it has none (intel_iommu=off) or left one out, the table still counts.
 */
static int rmrr_region(struct gather *g, const struct dmar_entry *e)
{
	for (size_t i = 0; i < g->f->device_n; i++) {
		struct fact_device *d = &g->f->device[i];
		u32 dev = pci_find(&g->pci, d->segment, d->requester);
		int rc;

		if (dev == PCI_NONE || !scopes_hold(g, e, dev))
			continue;
		rc = facts_add_region(g->f, d, e->base, e->limit);
		if (rc)
			return rc;
	}
	return 0;
}

/* As acpi_dmar.c complains: what is not whole pages counts for no device. */
static bool rmrr_valid(const struct dmar_entry *e)
{
	return e->type == DMAR_RMRR && e->limit > e->base &&
	       !((e->base | (e->limit + 1)) & (PAGE_4K - 1));
}

/*
 * Is the kernel's region one that the RMRR asks for, for this group? The kernel
 * merges neighbours. Where the path of the scope is not found, the region
 * itself must be the same: others begin at 0 too.
 */
static bool rmrr_asks_for(const struct gather *g, const struct dmar_entry *e,
			  const struct fact_region *r)
{
	bool found = false;

	for (size_t i = 0; i < g->f->device_n; i++) {
		const struct fact_device *d = &g->f->device[i];
		u32 dev = pci_find(&g->pci, d->segment, d->requester);

		if (dev == PCI_NONE || !scopes_hold(g, e, dev))
			continue;
		found = true;
		if (d->group == r->group && r->start <= e->base &&
		    r->end >= e->limit)
			return true;
	}
	return !found && r->start == e->base && r->end == e->limit;
}

/*
 * Relaxable regions that firmware asks for, also where the path of its scope
 * is not found. Without a table nobody can tell: then each one counts.
 */
static bool relaxable_counts(const struct gather *g,
			     const struct fact_region *r)
{
	for (size_t i = 0; i < g->dmar.entries; i++)
		if (rmrr_valid(&g->dmar.entry[i]) &&
		    rmrr_asks_for(g, &g->dmar.entry[i], r))
			return true;
	return !g->dmar.entries;
}

static void relaxable_regions(struct gather *g)
{
	struct facts *f = g->f;

	for (size_t i = 0; i < f->region_n; i++) {
		if (f->region[i].type != REGION_DIRECT_RELAXABLE ||
		    !relaxable_counts(g, &f->region[i]))
			continue;
		for (size_t j = 0; j < f->device_n; j++)
			if (f->region[i].group == f->device[j].group)
				f->device[j].has_region = true;
	}
}

static int vtd_extra_devices(struct gather *g)
{
	int rc = namespace_devices(g);

	relaxable_regions(g);
	for (size_t i = 0; !rc && i < g->dmar.entries; i++)
		if (rmrr_valid(&g->dmar.entry[i]))
			rc = rmrr_region(g, &g->dmar.entry[i]);
	return rc;
}

/* A machine with units of another make only, or all of them were read. */
static bool none_wanted(const struct facts *f)
{
	for (size_t i = 0; i < f->unit_n; i++)
		if (f->unit[i].vendor == IOMMU_VENDOR_VTD && !f->unit[i].read)
			return false;
	return f->unit_n;
}

static int vtd_state(struct gather *g)
{
	char *text;
	int rc;

	if (none_wanted(g->f))
		return 0;
	text = sysroot_read(g->root, REGSET, REGSET_MAX, NULL);
	if (text)
		rc = debugfs_regset(g->f, REGSET, text);
	else
		rc = errno == ENOMEM ? -ENOMEM : 0;
	if (!text && !rc)
		facts_missing(g->f, REGSET, "%s", strerror(errno));
	free(text);
	return rc;
}

const struct gather_vendor gather_vtd = {
	.id = IOMMU_VENDOR_VTD,
	.units = vtd_units,
	.unit_of = vtd_unit_of,
	.extra_devices = vtd_extra_devices,
	.state = vtd_state,
	.base = VTD_RTADDR,
};
