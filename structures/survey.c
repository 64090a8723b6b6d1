// SPDX-License-Identifier: GPL-2.0-only
/* Everything that a kernel's structures say of a machine's IOMMUs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "survey.h"

#define RELEASE_LEN 65 /* __NEW_UTS_LEN and its end */
#define NAME_LEN 128
/* More is a loop. */
#define IOMMUS_MAX 4096u

static int read_release(struct census *c)
{
	struct symbol s = { .name = "init_uts_ns" };
	struct member m[] = { { .type = "uts_namespace", .name = "name" },
			      { .type = "new_utsname", .name = "release" } };
	char text[RELEASE_LEN];

	if (!kernel_symbols(c->k, c->f, &s, 1, "a name") ||
	    !kernel_members(c->k, c->f, m, ARRAY_SIZE(m), ARRAY_SIZE(m)))
		return 0;
	if (!kernel_text(c->k, s.addr + m[0].off + m[1].off, text,
			 sizeof(text))) {
		facts_missing(c->f, c->k->memory_source, "init_uts_ns is %s",
			      kernel_unread(c->k));
		return 0;
	}
	free(c->f->release);
	c->f->release = strdup(text);
	return c->f->release ? 0 : -ENOMEM;
}

struct fact_unit *kernel_unit(struct census *c, u32 vendor, u64 reg_phys,
			      u64 iommu_device)
{
	struct fact_unit *u;
	u64 *at;

	u = array_grow(&c->f->unit, &c->f->unit_n, sizeof(*u));
	if (!u)
		return NULL;
	u->vendor = vendor;
	u->reg_phys = reg_phys;
	at = array_grow(&c->iommu_device, &c->iommu_device_n, sizeof(*at));
	if (!at)
		return NULL;
	*at = iommu_device;
	return u;
}

/* --- iommu_device_list: what /sys/class/iommu shows --- */

enum {
	IOMMU_LIST,
	IOMMU_DEV,
	DEV_KOBJ,
	KOBJECT_NAME,
	MEMBERS
};

struct iommus {
	struct census *c;
	struct member m[MEMBERS];
	int (*each)(struct census *c, u64 iommu_device, u64 dev,
		    const char *name);
	int rc;
};

static bool iommu_entry(void *arg, u64 node)
{
	struct iommus *l = arg;
	struct kernel *k = l->c->k;
	u64 at = node - l->m[IOMMU_LIST].off, dev, text;
	char name[NAME_LEN];

	if (!kernel_get(k, at, &l->m[IOMMU_DEV], &dev))
		return false;
	/* Registered, but not shown. */
	if (!dev)
		return true;
	if (!kernel_get(k, dev + l->m[DEV_KOBJ].off, &l->m[KOBJECT_NAME],
			&text) ||
	    !kernel_text(k, text, name, sizeof(name)))
		return false;
	l->rc = l->each(l->c, at, dev, name);
	return !l->rc;
}

int kernel_iommu_devices(struct census *c,
			 int (*each)(struct census *c, u64 iommu_device,
				     u64 dev, const char *name))
{
	struct iommus l = {
		.c = c,
		.m = {
			[IOMMU_LIST] = { .type = "iommu_device",
					 .name = "list" },
			[IOMMU_DEV] = { .type = "iommu_device",
					.name = "dev" },
			[DEV_KOBJ] = { .type = "device", .name = "kobj" },
			[KOBJECT_NAME] = { .type = "kobject",
					   .name = "name" },
		},
		.each = each,
	};
	struct symbol s = { .name = "iommu_device_list" };

	if (!kernel_symbols(c->k, c->f, &s, 1, "IOMMUs") ||
	    !kernel_members(c->k, c->f, l.m, MEMBERS, MEMBERS))
		return 0;
	kernel_list(c->k, c->f, &s, IOMMUS_MAX, iommu_entry, &l);
	return l.rc;
}

/* What no row of the table above took: told, for it is not in the answers. */
static int unknown_unit(struct census *c, u64 iommu_device, u64 dev,
			const char *name)
{
	(void)dev;
	for (size_t i = 0; i < c->iommu_device_n; i++)
		if (c->iommu_device[i] == iommu_device)
			return 0;
	facts_missing(c->f, c->k->memory_source,
		      "%s: an IOMMU that is not understood: left out", name);
	return 0;
}

static int take_units(struct census *c)
{
	int rc = 0;

	for (size_t i = 0; !rc && kernel_vendors[i]; i++)
		if (kernel_vendors[i]->units)
			rc = kernel_vendors[i]->units(c);
	return rc ? rc : kernel_iommu_devices(c, unknown_unit);
}

static int take_regions(struct census *c)
{
	int rc = 0;

	for (size_t i = 0; !rc && kernel_vendors[i]; i++)
		if (kernel_vendors[i]->regions)
			rc = kernel_vendors[i]->regions(c);
	return rc;
}

int kernel_facts(struct kernel *k, struct facts *f)
{
	static int (*const steps[])(struct census * c) = {
		read_release,	      kernel_iomem,	  take_units,
		kernel_device_layout, kernel_pci_devices, kernel_group_devices,
		take_regions,
	};
	struct census c = { .k = k, .f = f };
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(steps); i++)
		rc = steps[i](&c);
	if (!rc)
		rc = kernel_state(k, f);
	facts_fit_registers(f);
	pci_free(&c.pci);
	free(c.pci_at);
	free(c.iommu_device);
	free(c.layout);
	return rc;
}
