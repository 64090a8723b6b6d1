/* SPDX-License-Identifier: GPL-2.0-only */
/* What any_device.c and group_devices.c share. */
#ifndef ANY_DEVICE_H
#define ANY_DEVICE_H

#include "survey.h"

#define DEVICE_NAME_LEN 128

enum device_member {
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
	GROUP_ATTACHED, /* from here on they may be missing */
	DEV_DMA_MASK,
	DEVICE_MEMBERS
};

/* Where members are of struct device and of what it leads to. */
struct device_reader {
	struct survey *sv;
	struct member m[DEVICE_MEMBERS];
	int rc;
	u32 devices;   /* in groups, so far */
	size_t others; /* facts.device[] from here on are no PCI functions */
};

bool device_get(struct device_reader *l, u64 object, u32 which, u64 *val);
/* As kernel_device. @pci: its requester is known. */
int device_read(struct device_reader *l, u64 dev, struct fact_device *d,
		bool pci);
/* Does its unit know it by stream IDs? */
bool device_on_arm(const struct facts *f, u32 unit);

#endif
