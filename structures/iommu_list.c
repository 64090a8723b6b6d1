// SPDX-License-Identifier: GPL-2.0-only
/* iommu_device_list: the units that /sys/class/iommu shows. */
#include "survey.h"

#define NAME_LEN 128
/* More is a loop. */
#define IOMMUS_MAX 4096u

enum {
	IOMMU_LIST,
	IOMMU_DEV,
	DEV_KOBJ,
	KOBJECT_NAME,
	MEMBERS
};

struct iommus {
	struct kernel *k;
	struct member m[MEMBERS];
	int (*each)(void *arg, u64 iommu_device, u64 dev, const char *name);
	void *arg;
	int rc;
};

static bool iommu_entry(void *arg, u64 node)
{
	struct iommus *l = arg;
	struct kernel *k = l->k;
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
	l->rc = l->each(l->arg, at, dev, name);
	return !l->rc;
}

int kernel_iommu_devices(struct kernel *k, struct facts *f,
			 int (*each)(void *arg, u64 iommu_device, u64 dev,
				     const char *name),
			 void *arg)
{
	struct iommus l = {
		.k = k,
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
		.arg = arg,
	};
	struct symbol s = { .name = "iommu_device_list" };

	if (!kernel_symbols(k, f, &s, 1, "IOMMUs") ||
	    !kernel_members(k, f, l.m, MEMBERS, MEMBERS))
		return 0;
	kernel_list(k, f, &s, IOMMUS_MAX, iommu_entry, &l);
	return l.rc;
}
