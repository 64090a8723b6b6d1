/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ACPI VIOT table: ACPI Specification, release 6.5, August 2022, section
 * 5.2.33; offsets as in Linux 7.2, include/acpi/actbl3.h.
 */
#ifndef ACPI_VIOT_H
#define ACPI_VIOT_H

#include "base.h"

/* Behind the header of all tables. */
#define VIOT_NODES_OFF 36
#define VIOT_NODES_AT_OFF 38
#define VIOT_LEN 48

/* A node: u8 type, u8 reserved, u16 length. */
enum viot_type {
	VIOT_PCI_RANGE = 1,
	VIOT_MMIO_ENDPOINT = 2,
	VIOT_IOMMU_PCI = 3,
	VIOT_IOMMU_MMIO = 4,
};
#define VIOT_NODE_LENGTH_OFF 2
#define VIOT_NODE_LEN 4

/* Both kinds of endpoints have 24 bytes, both kinds of units 16. */
#define VIOT_ENDPOINT_LEN 24
#define VIOT_ENDPOINT_OFF 4
#define VIOT_OUTPUT_OFF 16 /* where the node of its unit is */
#define VIOT_RANGE_SEGMENT_OFF 8
#define VIOT_RANGE_SEGMENT_END_OFF 10
#define VIOT_RANGE_BDF_OFF 12
#define VIOT_RANGE_BDF_END_OFF 14
#define VIOT_MMIO_BASE_OFF 8
#define VIOT_IOMMU_LEN 16
#define VIOT_IOMMU_SEGMENT_OFF 4
#define VIOT_IOMMU_BDF_OFF 6
#define VIOT_IOMMU_BASE_OFF 8

struct viot_unit {
	u32 at;	      /* offset of its node */
	u16 type;     /* VIOT_IOMMU_* */
	u16 segment;  /* of a PCI function ... */
	u16 function; /* ... bus << 8 | devfn */
	u64 base;     /* of one that is none */
};

/* PCI functions behind a unit, or one device that is none. */
struct viot_endpoint {
	u32 at;
	u32 unit;  /* index */
	u32 first; /* endpoint id */
	u16 type;  /* VIOT_PCI_RANGE or VIOT_MMIO_ENDPOINT */
	u16 segment, segment_last;
	u16 function, function_last;
	u64 base;
};

struct viot {
	struct viot_unit *unit;
	size_t units;
	struct viot_endpoint *endpoint;
	size_t endpoints;
};

/*
 * What firmware tells. Each fault of the table is given to @tell as one line naming the
 * offset and the rule; what is sound around it is kept. 0 or -ENOMEM.
 */
int viot_parse(struct viot *v, const u8 *bytes, size_t len,
	       void (*tell)(void *arg, const char *line), void *arg);
void viot_free(struct viot *v);

#endif
