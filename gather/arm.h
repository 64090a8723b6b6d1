/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SMMUs and who is behind them, as ACPI's IORT or a device tree tells it:
 * both say the same things, in two forms.
 */
#ifndef ARM_H
#define ARM_H

#include "base.h"

struct arm_smmu {
	u32 at;	     /* offset of its node */
	u32 version; /* 2 or 3 */
	u64 base, len;
};

/* Ids [first, first + count), of these bits, come out as streams of one SMMU. */
struct arm_route {
	u32 at;
	u32 smmu; /* index */
	u32 mask;
	u32 first, count, stream;
	u32 segment; /* of the requesters; not of a component */
	char *name;  /* a component's; NULL: PCI requesters */
};

/* Memory that streams of an SMMU must keep reaching (RMR, iommu-addresses). */
struct arm_reserved {
	u32 at;
	u64 start, len;
	u32 smmu, stream, count;
};

struct arm_iommus {
	struct arm_smmu *smmu;
	size_t smmus;
	struct arm_route *route;
	size_t routes;
	struct arm_reserved *reserved;
	size_t reserveds;
};

void arm_free(struct arm_iommus *a);
/* A device tree blob, as iort_parse. */
int dt_parse(struct arm_iommus *a, const u8 *bytes, size_t len,
	     void (*tell)(void *arg, const char *line), void *arg);

/* Mappings and ranges of one node that reserves memory: more are left out. */
#define ARM_RESERVED_MAX 64

#endif
