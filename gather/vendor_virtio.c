// SPDX-License-Identifier: GPL-2.0-only
/*
 * virtio-iommu units: VIOT says which exist and who is behind them. They
 * translate by what a driver tells them over a queue; the host keeps it. There
 * is no table in the guest's memory to read, and no register to write.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sources.h"

#define VIOT_TABLE "sys/firmware/acpi/tables/VIOT"
#define VIOT_MAX MIB(1) /* offsets in it have 16 bits */
#define IOMMU_CLASS "sys/class/iommu"

static void tell_viot(void *arg, const char *line)
{
	facts_missing(arg, VIOT_TABLE, "%s", line);
}

/* No table: a machine without any. That is nothing to tell of. */
static int read_viot(struct gather *g)
{
	size_t len;
	char *bytes = sysroot_read(g->root, VIOT_TABLE, VIOT_MAX, &len);
	int rc;

	if (!bytes) {
		if (errno != ENOENT)
			facts_missing(g->f, VIOT_TABLE, "%s", strerror(errno));
		return errno == ENOMEM ? -ENOMEM : 0;
	}
	rc = viot_parse(&g->viot, (u8 *)bytes, len, tell_viot, g->f);
	free(bytes);
	return rc;
}

static int unit_name(const struct viot_unit *v, char **name)
{
	if (v->type == VIOT_IOMMU_PCI)
		return asprintf(name, "virtio-iommu@%04x:%02x:%02x.%x",
				v->segment, v->function >> 8,
				v->function >> 3 & 0x1f, v->function & 7);
	return asprintf(name, "virtio-iommu@0x%llx",
			(unsigned long long)v->base);
}

/* facts.unit has them in VIOT's order, from viot_first on. */
static int add_unit(struct gather *g, const struct viot_unit *v)
{
	struct fact_unit *u =
		array_grow(&g->f->unit, &g->f->unit_n, sizeof(*u));

	if (!u)
		return -ENOMEM;
	u->vendor = IOMMU_VENDOR_VIRTIO;
	u->segment = v->segment;
	u->reg_phys = v->base;
	if (unit_name(v, &u->name) < 0) {
		u->name = NULL;
		return -ENOMEM;
	}
	return 0;
}

/*
 * The class has a function's own name; it leads through its virtio device:
 * .../0000:00:03.0/virtio1/iommu/0000:00:03.0 (6.1 to 7.2)
 */
static bool leads_to(const char *target, const struct viot_unit *v)
{
	char function[24];

	if (v->type != VIOT_IOMMU_PCI)
		return false;
	snprintf(function, sizeof(function), "/%04x:%02x:%02x.%x/virtio",
		 v->segment, v->function >> 8, v->function >> 3 & 0x1f,
		 v->function & 7);
	return strstr(target, function);
}

static void mark_used(struct gather *g, const char *name)
{
	char path[SYSROOT_PATH_MAX], *target;

	snprintf(path, sizeof(path), IOMMU_CLASS "/%s", name);
	target = sysroot_readlink(g->root, path);
	for (size_t i = 0; target && i < g->viot.units; i++)
		if (leads_to(target, &g->viot.unit[i]))
			g->f->unit[g->viot_first + i].in_use = true;
	free(target);
}

static int virtio_units(struct gather *g)
{
	char **names;
	size_t n;
	int rc = read_viot(g);

	g->viot_first = (u32)g->f->unit_n;
	for (size_t i = 0; !rc && i < g->viot.units; i++)
		rc = add_unit(g, &g->viot.unit[i]);
	if (rc || !g->viot.units)
		return rc;
	names = sysroot_list(g->root, IOMMU_CLASS, &n);
	if (!names)
		return errno == ENOMEM ? -ENOMEM : 0;
	for (size_t i = 0; i < n; i++)
		mark_used(g, names[i]);
	sysroot_list_free(names, n);
	return 0;
}

static u32 virtio_unit_of(const struct gather *g, u32 pci_dev)
{
	const struct pci_dev *p = &g->pci.dev[pci_dev];

	for (size_t i = 0; i < g->viot.endpoints; i++) {
		const struct viot_endpoint *e = &g->viot.endpoint[i];
		const struct viot_unit *u = &g->viot.unit[e->unit];

		if (e->type != VIOT_PCI_RANGE || p->domain < e->segment ||
		    p->domain > e->segment_last || p->id < e->function ||
		    p->id > e->function_last)
			continue;
		/* No unit translates its own requests. */
		if (u->type == VIOT_IOMMU_PCI && u->segment == p->domain &&
		    u->function == p->id)
			continue;
		return g->viot_first + e->unit;
	}
	return REC_NONE;
}

/* A requester that is no PCI function has an endpoint id alone. */
static int virtio_extra_devices(struct gather *g)
{
	struct fact_device *d;

	for (size_t i = 0; i < g->viot.endpoints; i++) {
		const struct viot_endpoint *e = &g->viot.endpoint[i];

		if (e->type != VIOT_MMIO_ENDPOINT)
			continue;
		d = array_grow(&g->f->device, &g->f->device_n, sizeof(*d));
		if (!d)
			return -ENOMEM;
		d->unit = g->viot_first + e->unit;
		d->group = REC_NONE;
		d->requester = e->first;
		if (asprintf(&d->name, "mmio@0x%llx",
			     (unsigned long long)e->base) < 0) {
			d->name = NULL;
			return -ENOMEM;
		}
	}
	return 0;
}

static int no_state(struct gather *g)
{
	(void)g;
	return 0;
}

const struct gather_vendor gather_virtio = {
	.id = IOMMU_VENDOR_VIRTIO,
	.units = virtio_units,
	.unit_of = virtio_unit_of,
	.extra_devices = virtio_extra_devices,
	.state = no_state,
	.base = REC_NONE,
};
