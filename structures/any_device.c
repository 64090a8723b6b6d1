// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the driver core and the IOMMU core keep of any device (Linux:
 * include/linux/device.h, iommu.h).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "any_device.h"

#define STREAMS_MAX 256u

/* iommu_domain.type, include/linux/iommu.h, 6.1 to 7.2 */
#define DOMAIN_F_PAGING BIT64(0)
#define DOMAIN_F_DMA_API BIT64(1)
#define DOMAIN_F_PT BIT64(2)
#define DOMAIN_F_DMA_FQ BIT64(3)

/* struct group_device has had its name since 4.12. */
static const struct member members[DEVICE_MEMBERS] = {
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
	[GROUP_ATTACHED] = { .type = "iommu_group", .name = "domain" },
	[DEV_DMA_MASK] = { .type = "device", .name = "dma_mask" },
};

int kernel_device_reader(struct survey *sv)
{
	struct device_reader *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	l->sv = sv;
	memcpy(l->m, members, sizeof(members));
	sv->device_reader = l;
	sv->device_reader_ok = kernel_members(sv->k, sv->f, l->m,
					      DEVICE_MEMBERS, GROUP_ATTACHED);
	return 0;
}

bool device_get(struct device_reader *l, u64 object, u32 which, u64 *val)
{
	return kernel_get(l->sv->k, object, &l->m[which], val);
}

static u8 domain_type(u64 type)
{
	if (type & DOMAIN_F_PT)
		return DOMAIN_IDENTITY;
	if (type & DOMAIN_F_DMA_API)
		return type & DOMAIN_F_DMA_FQ ? DOMAIN_DMA_FQ : DOMAIN_DMA;
	/* Others with pages, nested or shared with a process are a user's. */
	return type ? DOMAIN_UNMANAGED : DOMAIN_BLOCKED;
}

/* Of the domain in that member of a group; as it was where it has none. */
static bool read_domain(struct device_reader *l, u64 group, u32 which, u8 *to)
{
	u64 domain, type;

	if (!device_get(l, group, which, &domain))
		return false;
	if (!domain)
		return true;
	if (!device_get(l, domain, DOMAIN_TYPE, &type))
		return false;
	*to = domain_type(type);
	return true;
}

static bool read_group(struct device_reader *l, u64 dev, struct fact_device *d)
{
	u64 group, id;

	if (!device_get(l, dev, DEV_GROUP, &group))
		return false;
	if (!group)
		return true;
	if (!device_get(l, group, GROUP_ID, &id))
		return false;
	d->group = (u32)id;
	return read_domain(l, group, GROUP_DOMAIN, &d->domain_type) &&
	       read_domain(l, group, GROUP_ATTACHED, &d->attached);
}

static u32 unit_of(struct survey *sv, u64 iommu_device)
{
	for (size_t i = 0; iommu_device && i < sv->iommu_device_n; i++)
		if (sv->iommu_device[i] == iommu_device)
			return (u32)i;
	return REC_NONE;
}

bool device_on_arm(const struct facts *f, u32 unit)
{
	return unit < f->unit_n &&
	       (f->unit[unit].vendor == IOMMU_VENDOR_SMMUV3 ||
		f->unit[unit].vendor == IOMMU_VENDOR_SMMUV2);
}

/*
 * A stream of the same number as the requester is no alias to others; where it
 * is one of several it must be said, for a device has no streams but these.
 */
static int add_stream(struct device_reader *l, const struct fact_device *d,
		      u32 id, bool several)
{
	struct facts *f = l->sv->f;
	struct fact_alias *a;

	if (!several || id != d->requester || !kernel_alias_room(l->sv))
		return kernel_alias(l->sv, d->segment, d->requester, id);
	a = array_grow(&f->alias, &f->alias_n, sizeof(*a));
	if (!a)
		return -ENOMEM;
	*a = (struct fact_alias){ d->segment, d->requester, id };
	return 0;
}

/* Streams that firmware gives it: its aliases, as gather has them. */
static bool read_streams(struct device_reader *l, u64 iommu,
			 struct fact_device *d, bool pci)
{
	u64 fwspec, n;
	u32 id;

	if (!device_get(l, iommu, IOMMU_FWSPEC, &fwspec))
		return false;
	if (!fwspec)
		return true;
	if (!device_get(l, fwspec, FWSPEC_IDS_N, &n) || n > STREAMS_MAX)
		return false;
	for (u32 i = 0; i < n; i++) {
		if (l->sv->k->read(l->sv->k,
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

static bool read_iommu(struct device_reader *l, u64 dev, struct fact_device *d,
		       bool pci)
{
	u64 iommu, unit;

	if (!device_get(l, dev, DEV_IOMMU, &iommu))
		return false;
	if (!iommu)
		return true;
	if (!device_get(l, iommu, IOMMU_DEV, &unit))
		return false;
	d->unit = unit_of(l->sv, unit);
	return !device_on_arm(l->sv->f, d->unit) ||
	       read_streams(l, iommu, d, pci);
}

static int read_driver(struct device_reader *l, u64 dev, struct fact_device *d)
{
	char name[DEVICE_NAME_LEN];
	u64 driver, text;

	if (!device_get(l, dev, DEV_DRIVER, &driver) || !driver)
		return 0;
	if (!device_get(l, driver, DRIVER_NAME, &text) ||
	    !kernel_text(l->sv->k, text, name, sizeof(name)))
		return 0;
	d->driver = strdup(name);
	return d->driver ? 0 : -ENOMEM;
}

/* What its driver said that it can address. */
static void read_mask(struct device_reader *l, u64 dev, struct fact_device *d)
{
	u64 at;

	if (device_get(l, dev, DEV_DMA_MASK, &at) && at &&
	    l->sv->k->read(l->sv->k, at, &d->dma_mask, sizeof(d->dma_mask)))
		d->dma_mask = 0;
}

int device_read(struct device_reader *l, u64 dev, struct fact_device *d,
		bool pci)
{
	int rc;

	d->group = d->unit = REC_NONE;
	if (!l->sv->device_reader_ok)
		return 0;
	rc = read_driver(l, dev, d);
	read_mask(l, dev, d);
	if (!rc && (!read_group(l, dev, d) || !read_iommu(l, dev, d, pci))) {
		rc = l->rc;
		facts_missing(l->sv->f, l->sv->k->memory_source,
			      "%s: its group or its unit is %s", d->name,
			      kernel_unread(l->sv->k));
	}
	return rc;
}

int kernel_device(struct survey *sv, u64 dev, struct fact_device *d)
{
	return device_read(sv->device_reader, dev, d, true);
}
