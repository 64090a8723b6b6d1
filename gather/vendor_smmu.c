// SPDX-License-Identifier: GPL-2.0-only
/*
 * SMMUs: IORT, or else the device tree, says which exist and who is behind
 * them; sysfs which of them the kernel uses. Their state is in registers that
 * nobody but the kernel can read: the purgatory does.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acpi_iort.h"
#include "../iommu/smmuv3/smmuv3.h"
#include "sources.h"

#define IORT_TABLE "sys/firmware/acpi/tables/IORT"
#define DEVICE_TREE "sys/firmware/fdt"
#define TABLE_MAX MIB(4)
#define IOMMU_CLASS "sys/class/iommu"

struct firmware_source {
	struct facts *f;
	const char *name;
};

static void tell(void *arg, const char *line)
{
	const struct firmware_source *s = arg;

	facts_missing(s->f, s->name, "%s", line);
}

/* A machine of another make has neither: nothing to tell of. */
static int read_source(struct gather *g, const char *path,
		       int (*parse)(struct arm_iommus *, const u8 *, size_t,
				    void (*)(void *, const char *), void *))
{
	struct firmware_source s = { g->f, path };
	size_t len;
	char *bytes = sysroot_read(g->root, path, TABLE_MAX, &len);
	int rc;

	if (!bytes) {
		if (errno != ENOENT)
			facts_missing(g->f, path, "%s", strerror(errno));
		return errno == ENOMEM ? -ENOMEM : 0;
	}
	rc = parse(&g->arm, (u8 *)bytes, len, tell, &s);
	free(bytes);
	return rc;
}

static int add_unit(struct gather *g, const struct arm_smmu *s,
		    const char *table)
{
	const struct listed_unit listed = { table,   "SMMU", s->at,
					    s->base, s->len, PAGE_4K };
	struct fact_unit *u;

	if (!unit_is_sound(g, &listed))
		return 0;
	u = array_grow(&g->f->unit, &g->f->unit_n, sizeof(*u));
	if (!u)
		return -ENOMEM;
	u->vendor = s->version == 3 ? IOMMU_VENDOR_SMMUV3 : IOMMU_VENDOR_SMMUV2;
	u->reg_phys = s->base;
	u->reg_len = s->len > IOMMU_UNIT_BYTES_MAX ? IOMMU_UNIT_BYTES_MAX
						   : (u32)s->len;
	/* As the kernel names them: smmu3.%pa, smmu.%pa */
	if (asprintf(&u->name, "smmu%s.0x%016llx", s->version == 3 ? "3" : "",
		     (unsigned long long)s->base) < 0) {
		u->name = NULL;
		return -ENOMEM;
	}
	return 0;
}

/* The kernel has it when sysfs shows that name. */
static int mark_used(struct gather *g)
{
	size_t n;
	char **names;

	if (!g->arm.smmus)
		return 0;
	names = sysroot_list(g->root, IOMMU_CLASS, &n);
	if (!names)
		return errno == ENOMEM ? -ENOMEM : 0;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < g->f->unit_n; j++)
			if (!strcmp(names[i], g->f->unit[j].name))
				g->f->unit[j].in_use = true;
	sysroot_list_free(names, n);
	return 0;
}

/* Units of both versions, so that each source is read once. */
static int arm_units(struct gather *g)
{
	const char *table = IORT_TABLE;
	int rc = read_source(g, table, iort_parse);

	if (!rc && !g->arm.smmus) {
		table = DEVICE_TREE;
		rc = read_source(g, table, dt_parse);
	}
	for (size_t i = 0; !rc && i < g->arm.smmus; i++)
		rc = add_unit(g, &g->arm.smmu[i], table);
	return rc ? rc : mark_used(g);
}

static int no_units(struct gather *g)
{
	(void)g;
	return 0;
}

/*
 * "Number of IDs" of a mapping is their number less one, but some firmware
 * gives the number itself. An ID that ends one mapping and starts another
 * belongs to the latter, as Linux has it (iort_id_map(), 6.1 to 7.2).
 */
static const struct arm_route *find_route(const struct arm_iommus *a,
					  u32 segment, u32 id)
{
	const struct arm_route *last = NULL;

	for (size_t i = 0; i < a->routes; i++) {
		const struct arm_route *r = &a->route[i];
		u32 in = id & r->mask;

		if (r->name || r->segment != segment || in < r->first ||
		    in - r->first >= r->count)
			continue;
		if (r->count == 1 || in - r->first < r->count - 1)
			return r;
		if (!last)
			last = r;
	}
	return last;
}

/* The SMMU that a mapping leads to: one that is no unit was left out. */
static u32 unit_of_route(const struct gather *g, const struct arm_route *r)
{
	u32 unit;

	if (!r)
		return REC_NONE;
	unit = facts_unit_at(g->f, g->arm.smmu[r->smmu].base);
	return unit == REC_NONE ? UNIT_LEFT_OUT : unit;
}

static u32 arm_unit_of(const struct gather *g, u32 pci_dev)
{
	const struct pci_dev *p = &g->pci.dev[pci_dev];

	return unit_of_route(g, find_route(&g->arm, p->domain, p->id));
}

static u32 no_unit_of(const struct gather *g, u32 pci_dev)
{
	(void)g;
	(void)pci_dev;
	return REC_NONE;
}

/* A requester that is no PCI function. */
static int add_component(struct gather *g, const struct arm_route *r)
{
	struct fact_device *d =
		array_grow(&g->f->device, &g->f->device_n, sizeof(*d));

	if (!d)
		return -ENOMEM;
	device_is_behind(d, unit_of_route(g, r));
	d->group = REC_NONE;
	d->requester = r->stream;
	d->name = strdup(r->name);
	return d->name ? 0 : -ENOMEM;
}

static u32 stream_of(const struct arm_iommus *a, u32 segment, u32 id)
{
	const struct arm_route *r = find_route(a, segment, id);

	return r ? r->stream + ((id & r->mask) - r->first) : id;
}

/*
 * What is known so far as aliases of PCI functions are ids: an SMMU sees the
 * streams that firmware makes of them. (Linux 6.1: iort_iommu_configure_id and
 * of_iommu_configure ask for each of pci_for_each_dma_alias.)
 */
static void translate_aliases(struct gather *g)
{
	for (size_t i = 0; i < g->f->alias_n; i++) {
		struct fact_alias *a = &g->f->alias[i];
		const struct arm_route *r =
			find_route(&g->arm, a->segment, a->requester);

		if (unit_of_route(g, r) != REC_NONE)
			a->alias = stream_of(&g->arm, a->segment, a->alias);
	}
}

static bool has_alias(const struct facts *f, const struct fact_device *d)
{
	for (size_t i = 0; i < f->alias_n; i++)
		if (f->alias[i].segment == d->segment &&
		    f->alias[i].requester == d->requester)
			return true;
	return false;
}

/*
 * The stream of a function's own id. It goes without saying where it has the
 * same number and is the only one.
 */
static int add_stream(struct gather *g, size_t device)
{
	const struct fact_device d = g->f->device[device];
	u32 stream = stream_of(&g->arm, d.segment, d.requester);
	struct fact_alias *a;

	if (!find_route(&g->arm, d.segment, d.requester))
		return 0;
	if (stream != d.requester || !has_alias(g->f, &d))
		return facts_add_alias(g->f, d.segment, d.requester, stream);
	a = array_grow(&g->f->alias, &g->f->alias_n, sizeof(*a));
	if (!a)
		return -ENOMEM;
	*a = (struct fact_alias){ d.segment, d.requester, stream };
	return 0;
}

/* @pci: it is a PCI function, with an ID; else its requester is its stream. */
static bool has_stream(const struct gather *g, const struct fact_device *d,
		       bool pci, const struct arm_reserved *s)
{
	u32 stream = pci ? stream_of(&g->arm, d->segment, d->requester)
			 : d->requester;

	return d->unit == facts_unit_at(g->f, g->arm.smmu[s->smmu].base) &&
	       stream >= s->stream && stream - s->stream < s->count;
}

/* The first @pci devices are PCI functions. */
static int add_region(struct gather *g, size_t pci,
		      const struct arm_reserved *s)
{
	int rc = 0;

	if (!s->len || s->start + s->len - 1 < s->start)
		return 0;
	for (size_t i = 0; !rc && i < g->f->device_n; i++)
		if (g->f->device[i].unit != REC_NONE &&
		    has_stream(g, &g->f->device[i], i < pci, s))
			rc = facts_add_region(g->f, &g->f->device[i], s->start,
					      s->start + s->len - 1);
	return rc;
}

static int arm_extra_devices(struct gather *g)
{
	size_t pci = g->f->device_n;
	int rc = 0;

	if (!g->arm.smmus)
		return 0;
	translate_aliases(g);
	for (size_t i = 0; !rc && i < pci; i++)
		rc = add_stream(g, i);
	for (size_t i = 0; !rc && i < g->arm.routes; i++)
		if (g->arm.route[i].name)
			rc = add_component(g, &g->arm.route[i]);
	for (size_t i = 0; !rc && i < g->arm.reserveds; i++)
		rc = add_region(g, pci, &g->arm.reserved[i]);
	return rc;
}

const struct gather_vendor gather_smmuv3 = {
	.id = IOMMU_VENDOR_SMMUV3,
	.units = arm_units,
	.unit_of = arm_unit_of,
	.extra_devices = arm_extra_devices,
	.state = no_units,
	.base = SMMUV3_STRTAB_BASE,
};

/* All that concerns it is done with the other's. */
const struct gather_vendor gather_smmuv2 = {
	.id = IOMMU_VENDOR_SMMUV2,
	.units = no_units,
	.unit_of = no_unit_of,
	.extra_devices = no_units,
	.state = no_units,
	.base = REC_NONE,
};
