// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that are no PCI functions: members of IOMMU groups (Linux:
 * drivers/iommu/iommu.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "any_device.h"

/* More groups or devices than any machine has. */
#define GROUPS_MAX 65536u
#define DEVICES_MAX 65536u
#define OTHERS_MAX 4096u

static bool other_known(struct device_reader *l, const char *name)
{
	const struct facts *f = l->sv->f;

	for (size_t i = l->others; i < f->device_n; i++)
		if (!strcmp(f->device[i].name, name))
			return true;
	return f->device_n - l->others >= OTHERS_MAX;
}

static int add_other(struct device_reader *l, u64 dev, const char *name)
{
	struct facts *f = l->sv->f;
	struct fact_device *d =
		array_grow(&f->device, &f->device_n, sizeof(*d));
	const struct kernel_vendor *v;
	u64 iommu, priv;
	int rc;

	if (!d)
		return -ENOMEM;
	d->name = strdup(name);
	rc = d->name ? device_read(l, dev, d, false) : -ENOMEM;
	if (rc || device_on_arm(f, d->unit))
		return rc;
	for (v = l->sv->vendors; v->state; v++)
		if (d->unit < f->unit_n && v->id == f->unit[d->unit].vendor)
			break;
	if (v->requester && device_get(l, dev, DEV_IOMMU, &iommu) && iommu &&
	    device_get(l, iommu, IOMMU_PRIV, &priv) && priv &&
	    v->requester(l->sv, priv, &d->segment, &d->requester))
		return 0;
	facts_missing(f, l->sv->k->memory_source,
		      "%s: its requester id is not known: left out", name);
	free(d->name);
	free(d->driver);
	f->device_n--;
	return 0;
}

static bool group_entry(void *arg, u64 node)
{
	struct device_reader *l = arg;
	char name[DEVICE_NAME_LEN];
	u64 dev, text;

	if (l->rc || ++l->devices > DEVICES_MAX ||
	    !device_get(l, node - l->m[ENTRY_LIST].off, ENTRY_DEV, &dev) ||
	    !dev)
		return false;
	if (kernel_pci(l->sv, dev))
		return true;
	if (!device_get(l, dev + l->m[DEV_KOBJ].off, KOBJECT_NAME, &text) ||
	    !kernel_text(l->sv->k, text, name, sizeof(name)))
		return false;
	if (!other_known(l, name))
		l->rc = add_other(l, dev, name);
	return !l->rc;
}

static bool group(void *arg, u64 node)
{
	struct device_reader *l = arg;
	u64 at = node - l->m[KOBJECT_ENTRY].off - l->m[GROUP_KOBJ].off;
	struct symbol list = { .name = "devices of an IOMMU group",
			       .addr = at + l->m[GROUP_DEVICES].off };

	kernel_list(l->sv->k, l->sv->f, &list, DEVICES_MAX, group_entry, l);
	return !l->rc && l->devices <= DEVICES_MAX;
}

/* iommu_group_kset: what /sys/kernel/iommu_groups shows. */
int kernel_group_devices(struct survey *sv)
{
	struct symbol s = { .name = "iommu_group_kset" };
	struct device_reader *l = sv->device_reader;
	u64 kset;

	if (!sv->device_reader_ok ||
	    !kernel_symbols(sv->k, sv->f, &s, 1, "IOMMU groups"))
		return 0;
	if (sv->k->read(sv->k, s.addr, &kset, sizeof(kset))) {
		facts_missing(sv->f, sv->k->memory_source,
			      "iommu_group_kset is %s", kernel_unread(sv->k));
		return 0;
	}
	if (!kset)
		return 0;
	l->others = sv->f->device_n;
	s.addr = kset + l->m[KSET_LIST].off;
	kernel_list(sv->k, sv->f, &s, GROUPS_MAX, group, l);
	return l->rc;
}
