// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the driver core and the IOMMU core keep of any device (Linux:
 * include/linux/device.h, iommu.h), and the devices that are no PCI functions.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "survey.h"

#define NAME_LEN 128
/* More aliases, groups or devices than any machine has. */
#define ALIASES_MAX 16384u
#define REGIONS_MAX 4096u
#define GROUPS_MAX 65536u
#define DEVICES_MAX 65536u
#define OTHERS_MAX 4096u
#define STREAMS_MAX 256u

/* iommu_domain.type, include/linux/iommu.h, 6.1 to 7.2 */
#define DOMAIN_F_PAGING BIT64(0)
#define DOMAIN_F_DMA_API BIT64(1)
#define DOMAIN_F_PT BIT64(2)
#define DOMAIN_F_DMA_FQ BIT64(3)

enum {
	DEV_KOBJ,
	DEV_DRIVER,
	DEV_GROUP,
	DEV_IOMMU,
	DRIVER_NAME,
	KOBJECT_NAME,
	KOBJECT_ENTRY,
	KSET_LIST,
	GROUP_KOBJ,
	GROUP_ID,
	GROUP_DEVICES,
	GROUP_DOMAIN,
	DOMAIN_TYPE,
	ENTRY_LIST,
	ENTRY_DEV,
	IOMMU_DEV,
	IOMMU_PRIV,
	IOMMU_FWSPEC,
	FWSPEC_IDS_N,
	FWSPEC_IDS,
	MEMBERS
};

/* struct group_device has had its name since 4.12. */
static const struct member members[MEMBERS] = {
	[DEV_KOBJ] = { .type = "device", .name = "kobj" },
	[DEV_DRIVER] = { .type = "device", .name = "driver" },
	[DEV_GROUP] = { .type = "device", .name = "iommu_group" },
	[DEV_IOMMU] = { .type = "device", .name = "iommu" },
	[DRIVER_NAME] = { .type = "device_driver", .name = "name" },
	[KOBJECT_NAME] = { .type = "kobject", .name = "name" },
	[KOBJECT_ENTRY] = { .type = "kobject", .name = "entry" },
	[KSET_LIST] = { .type = "kset", .name = "list" },
	[GROUP_KOBJ] = { .type = "iommu_group", .name = "kobj" },
	[GROUP_ID] = { .type = "iommu_group", .name = "id" },
	[GROUP_DEVICES] = { .type = "iommu_group", .name = "devices" },
	[GROUP_DOMAIN] = { .type = "iommu_group", .name = "default_domain" },
	[DOMAIN_TYPE] = { .type = "iommu_domain", .name = "type" },
	[ENTRY_LIST] = { .type = "group_device", .name = "list" },
	[ENTRY_DEV] = { .type = "group_device", .name = "dev" },
	[IOMMU_DEV] = { .type = "dev_iommu", .name = "iommu_dev" },
	[IOMMU_PRIV] = { .type = "dev_iommu", .name = "priv" },
	[IOMMU_FWSPEC] = { .type = "dev_iommu", .name = "fwspec" },
	[FWSPEC_IDS_N] = { .type = "iommu_fwspec", .name = "num_ids" },
	[FWSPEC_IDS] = { .type = "iommu_fwspec", .name = "ids" },
};

struct layout {
	struct census *c;
	struct member m[MEMBERS];
	int rc;
	u32 devices;
	size_t others; /* facts.device[] from here on are no PCI functions */
};

int kernel_device_layout(struct census *c)
{
	struct layout *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	l->c = c;
	memcpy(l->m, members, sizeof(members));
	c->layout = l;
	c->layout_ok = kernel_members(c->k, c->f, l->m, MEMBERS, MEMBERS);
	return 0;
}

static bool get(struct layout *l, u64 object, u32 which, u64 *val)
{
	return kernel_get(l->c->k, object, &l->m[which], val);
}

int kernel_alias(struct census *c, u16 segment, u32 requester, u32 alias)
{
	if (c->f->alias_n < ALIASES_MAX)
		return facts_add_alias(c->f, segment, requester, alias);
	facts_missing(c->f, c->k->memory_source,
		      "more than %u aliases: the others are left out",
		      ALIASES_MAX);
	return 0;
}

int kernel_region(struct census *c, struct fact_device *d, u64 start, u64 end)
{
	if (c->f->region_n < REGIONS_MAX)
		return facts_add_region(c->f, d, start, end);
	d->has_region = true;
	facts_missing(c->f, c->k->memory_source,
		      "more than %u reserved regions: the others are left out",
		      REGIONS_MAX);
	return 0;
}

static u8 domain_type(u64 type)
{
	if (type & DOMAIN_F_PT)
		return DOMAIN_IDENTITY;
	if (type & DOMAIN_F_DMA_API)
		return type & DOMAIN_F_DMA_FQ ? DOMAIN_DMA_FQ : DOMAIN_DMA;
	return type & DOMAIN_F_PAGING ? DOMAIN_UNMANAGED : DOMAIN_BLOCKED;
}

static bool read_group(struct layout *l, u64 dev, struct fact_device *d)
{
	u64 group, id, domain, type;

	if (!get(l, dev, DEV_GROUP, &group))
		return false;
	if (!group)
		return true;
	if (!get(l, group, GROUP_ID, &id) ||
	    !get(l, group, GROUP_DOMAIN, &domain))
		return false;
	d->group = (u32)id;
	if (!domain)
		return true;
	if (!get(l, domain, DOMAIN_TYPE, &type))
		return false;
	d->domain_type = domain_type(type);
	return true;
}

static u32 unit_of(struct census *c, u64 iommu_device)
{
	for (size_t i = 0; iommu_device && i < c->iommu_device_n; i++)
		if (c->iommu_device[i] == iommu_device)
			return (u32)i;
	return REC_NONE;
}

static bool on_arm(const struct facts *f, u32 unit)
{
	return unit < f->unit_n &&
	       (f->unit[unit].vendor == IOMMU_VENDOR_SMMUV3 ||
		f->unit[unit].vendor == IOMMU_VENDOR_SMMUV2);
}

/*
 * A stream of the same number as the requester is no alias to others; where it
 * is one of several it must be said, for a device has no streams but these.
 */
static int add_stream(struct layout *l, const struct fact_device *d, u32 id,
		      bool several)
{
	struct facts *f = l->c->f;
	struct fact_alias *a;

	if (!several || id != d->requester || f->alias_n >= ALIASES_MAX)
		return kernel_alias(l->c, d->segment, d->requester, id);
	a = array_grow(&f->alias, &f->alias_n, sizeof(*a));
	if (!a)
		return -ENOMEM;
	*a = (struct fact_alias){ d->segment, d->requester, id };
	return 0;
}

/* Streams that firmware gives it: its aliases, as gather has them. */
static bool read_streams(struct layout *l, u64 iommu, struct fact_device *d,
			 bool pci)
{
	u64 fwspec, n;
	u32 id;

	if (!get(l, iommu, IOMMU_FWSPEC, &fwspec))
		return false;
	if (!fwspec)
		return true;
	if (!get(l, fwspec, FWSPEC_IDS_N, &n) || n > STREAMS_MAX)
		return false;
	for (u32 i = 0; i < n; i++) {
		if (l->c->k->read(l->c->k,
				  fwspec + l->m[FWSPEC_IDS].off +
					  i * sizeof(id),
				  &id, sizeof(id)))
			return false;
		if (!pci && !i)
			d->requester = id;
		l->rc = add_stream(l, d, id, n > 1);
		if (l->rc)
			return false;
	}
	return true;
}

static bool read_iommu(struct layout *l, u64 dev, struct fact_device *d,
		       bool pci)
{
	u64 iommu, unit;

	if (!get(l, dev, DEV_IOMMU, &iommu))
		return false;
	if (!iommu)
		return true;
	if (!get(l, iommu, IOMMU_DEV, &unit))
		return false;
	d->unit = unit_of(l->c, unit);
	return !on_arm(l->c->f, d->unit) || read_streams(l, iommu, d, pci);
}

static int read_driver(struct layout *l, u64 dev, struct fact_device *d)
{
	char name[NAME_LEN];
	u64 driver, text;

	if (!get(l, dev, DEV_DRIVER, &driver) || !driver)
		return 0;
	if (!get(l, driver, DRIVER_NAME, &text) ||
	    !kernel_text(l->c->k, text, name, sizeof(name)))
		return 0;
	d->driver = strdup(name);
	return d->driver ? 0 : -ENOMEM;
}

static int read_device(struct layout *l, u64 dev, struct fact_device *d,
		       bool pci)
{
	int rc;

	d->group = d->unit = REC_NONE;
	if (!l->c->layout_ok)
		return 0;
	rc = read_driver(l, dev, d);
	if (!rc && (!read_group(l, dev, d) || !read_iommu(l, dev, d, pci))) {
		rc = l->rc;
		facts_missing(l->c->f, l->c->k->memory_source,
			      "%s: its group or its unit is %s", d->name,
			      kernel_unread(l->c->k));
	}
	return rc;
}

int kernel_device(struct census *c, u64 dev, struct fact_device *d)
{
	return read_device(c->layout, dev, d, true);
}

/* --- those that are no PCI functions --- */

static bool other_known(struct layout *l, const char *name)
{
	const struct facts *f = l->c->f;

	for (size_t i = l->others; i < f->device_n; i++)
		if (!strcmp(f->device[i].name, name))
			return true;
	return f->device_n - l->others >= OTHERS_MAX;
}

static int add_other(struct layout *l, u64 dev, const char *name)
{
	struct facts *f = l->c->f;
	struct fact_device *d =
		array_grow(&f->device, &f->device_n, sizeof(*d));
	const struct kernel_vendor *v = NULL;
	u64 iommu, priv;
	int rc;

	if (!d)
		return -ENOMEM;
	d->name = strdup(name);
	rc = d->name ? read_device(l, dev, d, false) : -ENOMEM;
	if (rc || on_arm(f, d->unit))
		return rc;
	for (size_t i = 0; d->unit < f->unit_n && kernel_vendors[i]; i++)
		if (kernel_vendors[i]->id == f->unit[d->unit].vendor)
			v = kernel_vendors[i];
	if (v && v->requester && get(l, dev, DEV_IOMMU, &iommu) && iommu &&
	    get(l, iommu, IOMMU_PRIV, &priv) && priv &&
	    v->requester(l->c, priv, &d->segment, &d->requester))
		return 0;
	facts_missing(f, l->c->k->memory_source,
		      "%s: its requester id is not known: left out", name);
	free(d->name);
	free(d->driver);
	f->device_n--;
	return 0;
}

static bool group_entry(void *arg, u64 node)
{
	struct layout *l = arg;
	char name[NAME_LEN];
	u64 dev, text;

	if (l->rc || ++l->devices > DEVICES_MAX ||
	    !get(l, node - l->m[ENTRY_LIST].off, ENTRY_DEV, &dev) || !dev)
		return false;
	if (kernel_pci(l->c, dev))
		return true;
	if (!get(l, dev + l->m[DEV_KOBJ].off, KOBJECT_NAME, &text) ||
	    !kernel_text(l->c->k, text, name, sizeof(name)))
		return false;
	if (!other_known(l, name))
		l->rc = add_other(l, dev, name);
	return !l->rc;
}

static bool group(void *arg, u64 node)
{
	struct layout *l = arg;
	u64 at = node - l->m[KOBJECT_ENTRY].off - l->m[GROUP_KOBJ].off;
	struct symbol list = { .name = "devices of an IOMMU group",
			       .addr = at + l->m[GROUP_DEVICES].off };

	kernel_list(l->c->k, l->c->f, &list, DEVICES_MAX, group_entry, l);
	return !l->rc && l->devices <= DEVICES_MAX;
}

/* iommu_group_kset: what /sys/kernel/iommu_groups shows. */
int kernel_group_devices(struct census *c)
{
	struct symbol s = { .name = "iommu_group_kset" };
	struct layout *l = c->layout;
	u64 kset;

	if (!c->layout_ok || !kernel_symbols(c->k, c->f, &s, 1, "IOMMU groups"))
		return 0;
	if (c->k->read(c->k, s.addr, &kset, sizeof(kset))) {
		facts_missing(c->f, c->k->memory_source,
			      "iommu_group_kset is %s", kernel_unread(c->k));
		return 0;
	}
	if (!kset)
		return 0;
	l->others = c->f->device_n;
	s.addr = kset + l->m[KSET_LIST].off;
	kernel_list(c->k, c->f, &s, GROUPS_MAX, group, l);
	return l->rc;
}
