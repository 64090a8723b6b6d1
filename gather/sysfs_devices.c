// SPDX-License-Identifier: GPL-2.0-only
/*
 * facts.device, alias and region: PCI functions with their driver, group and
 * unit, from sysfs.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sources.h"

#define DEVICES "sys/bus/pci/devices"
#define GROUPS "sys/kernel/iommu_groups"
#define REGIONS_MAX MIB(1)

/* Documentation/ABI/testing/sysfs-kernel-iommu_groups */
static u8 domain_type(const char *text)
{
	static const struct {
		const char *name;
		u8 type;
	} types[] = {
		{ "DMA", DOMAIN_DMA },
		{ "DMA-FQ", DOMAIN_DMA_FQ },
		{ "identity", DOMAIN_IDENTITY },
		{ "blocked", DOMAIN_BLOCKED },
		{ "unmanaged", DOMAIN_UNMANAGED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(text, types[i].name))
			return types[i].type;
	return DOMAIN_UNKNOWN;
}

static u32 region_type(const char *text)
{
	static const struct {
		const char *name;
		u32 type;
	} types[] = {
		{ "direct", REGION_DIRECT },
		{ "direct-relaxable", REGION_DIRECT_RELAXABLE },
		{ "reserved", REGION_RESERVED },
		{ "msi", REGION_MSI },
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(text, types[i].name))
			return types[i].type;
	return REGION_OTHER;
}

/* "0x00000000fee00000 0x00000000feefffff msi", the end inclusive */
static int add_region(struct facts *f, const char *line, u32 group)
{
	unsigned long long start, end;
	struct fact_region *r;
	char type[32];

	if (sscanf(line, "%llx %llx %31s", &start, &end, type) != 3 ||
	    end < start) {
		facts_missing(f, GROUPS,
			      "group %u: reserved region \"%s\" is not "
			      "\"START END TYPE\"",
			      group, line);
		return 0;
	}
	r = array_grow(&f->region, &f->region_n, sizeof(*r));
	if (!r)
		return -ENOMEM;
	*r = (struct fact_region){ start, end, group, region_type(type) };
	return 0;
}

static int read_regions(struct gather *g, u32 group)
{
	char *text = sysroot_readf(g->root, REGIONS_MAX, NULL,
				   GROUPS "/%u/reserved_regions", group);
	char *rest = text, *line;
	int rc = 0;

	if (!text)
		facts_missing(g->f, GROUPS, "group %u: reserved_regions: %s",
			      group, strerror(errno));
	while (!rc && (line = strsep(&rest, "\n")))
		if (*line)
			rc = add_region(g->f, line, group);
	free(text);
	return rc;
}

/*
 * One of a single byte is what the kernel makes of firmware's "nothing" (0-0).
 * Relaxable ones count only where firmware asks for them, which the vendor
 * knows: Linux invents one for every ISA bridge (CONFIG_INTEL_IOMMU_FLOPPY_WA).
 */
static bool group_has_direct(const struct facts *f, u32 group)
{
	for (size_t i = 0; i < f->region_n; i++)
		if (f->region[i].group == group &&
		    f->region[i].type == REGION_DIRECT &&
		    f->region[i].end > f->region[i].start)
			return true;
	return false;
}

static u8 read_domain_type(struct gather *g, u32 group)
{
	char *text = sysroot_readf(g->root, 64, NULL, GROUPS "/%u/type", group);
	u8 type = DOMAIN_UNKNOWN;

	if (text) {
		text[strcspn(text, "\n")] = '\0';
		type = domain_type(text);
	} else {
		facts_missing(g->f, GROUPS, "group %u: type: %s", group,
			      strerror(errno));
	}
	free(text);
	return type;
}

static bool group_number(const char *name, u32 *group)
{
	unsigned long v;
	char *end;

	errno = 0;
	v = strtoul(name, &end, 10);
	if (errno || end == name || *end || v >= REC_NONE)
		return false;
	*group = (u32)v;
	return true;
}

/* The last member of a device's link @name, as a number. */
static u32 group_of(struct gather *g, const char *device)
{
	char path[SYSROOT_PATH_MAX], *name;
	u32 group = REC_NONE;

	snprintf(path, sizeof(path), DEVICES "/%s/iommu_group", device);
	name = sysroot_link(g->root, path);
	if (name && !group_number(name, &group))
		facts_missing(g->f, DEVICES, "%s: group \"%s\" is no number",
			      device, name);
	free(name);
	return group;
}

/* Its sysfs `iommu` link names the unit that the kernel found for it. */
static u32 linked_unit(struct gather *g, const char *device)
{
	char path[SYSROOT_PATH_MAX], *name;
	u32 unit = REC_NONE;

	snprintf(path, sizeof(path), DEVICES "/%s/iommu", device);
	name = sysroot_link(g->root, path);
	for (size_t i = 0; name && i < g->f->unit_n; i++)
		if (!strcmp(g->f->unit[i].name, name))
			unit = (u32)i;
	free(name);
	return unit;
}

static u32 find_unit(struct gather *g, u32 pci_dev,
		     const struct gather_vendor *const *vendors, size_t n)
{
	u32 unit = linked_unit(g, g->pci.dev[pci_dev].name);

	for (size_t i = 0; unit == REC_NONE && i < n; i++)
		unit = vendors[i]->unit_of(g, pci_dev);
	return unit;
}

struct alias_arg {
	struct facts *f;
	u16 segment;
	u32 requester;
};

static int add_alias(void *arg, u16 alias)
{
	struct alias_arg *a = arg;

	return facts_add_alias(a->f, a->segment, a->requester, alias);
}

static int add_device(struct gather *g, u32 i,
		      const struct gather_vendor *const *vendors, size_t n)
{
	const struct pci_dev *p = &g->pci.dev[i], *real = &g->pci.dev[p->real];
	char path[SYSROOT_PATH_MAX];
	struct fact_device *d;

	if (real->domain > 0xffff) {
		facts_missing(g->f, DEVICES,
			      "%s: in a domain of Linux's own, and "
			      "the function above it is not known",
			      p->name);
		return 0;
	}
	d = array_grow(&g->f->device, &g->f->device_n, sizeof(*d));
	if (!d)
		return -ENOMEM;
	d->name = strdup(p->name);
	if (!d->name)
		return -ENOMEM;
	d->segment = (u16)real->domain;
	d->requester = real->id;
	d->vendor = p->vendor;
	d->device = p->device;
	d->class = p->class;
	d->ats = p->ats;
	snprintf(path, sizeof(path), DEVICES "/%s/driver", p->name);
	d->driver = sysroot_link(g->root, path);
	d->group = group_of(g, p->name);
	device_is_behind(d, find_unit(g, p->real, vendors, n));
	/* Behind a VMD: the VMD itself has its aliases. */
	if (p->real != i)
		return 0;
	return pci_aliases(&g->pci, i, add_alias,
			   &(struct alias_arg){ g->f, d->segment,
						d->requester });
}

static int read_groups(struct gather *g)
{
	struct facts *f = g->f;
	size_t n, known = 0;
	char **names;
	int rc = 0;
	u32 group;

	names = sysroot_list(g->root, GROUPS, &n);
	if (!names) {
		facts_missing(f, GROUPS, "%s", strerror(errno));
		return errno == ENOMEM ? -ENOMEM : 0;
	}
	for (size_t i = 0; !rc && i < n; i++) {
		u8 type;
		bool direct;

		if (!group_number(names[i], &group))
			continue;
		known++;
		rc = read_regions(g, group);
		type = read_domain_type(g, group);
		direct = group_has_direct(f, group);
		for (size_t j = 0; j < f->device_n; j++)
			if (f->device[j].group == group) {
				f->device[j].domain_type = type;
				f->device[j].has_region |= direct;
			}
	}
	if (!known)
		facts_missing(f, GROUPS,
			      "no groups: no IOMMU driver is active");
	sysroot_list_free(names, n);
	return rc;
}

int gather_devices(struct gather *g, const struct gather_vendor *const *vendors,
		   size_t n)
{
	int rc = 0;

	for (u32 i = 0; !rc && i < g->pci.n; i++)
		rc = add_device(g, i, vendors, n);
	return rc ? rc : read_groups(g);
}
