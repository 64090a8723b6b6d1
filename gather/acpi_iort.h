/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ACPI IORT table: Arm IO Remapping Table, Platform Design Document,
 * DEN 0049 issue E.f, April 2024.
 */
#ifndef ACPI_IORT_H
#define ACPI_IORT_H

#include "arm.h"

/* Section 3: the header behind that of all tables. */
#define IORT_NODES_OFF 36
#define IORT_NODES_AT_OFF 40
#define IORT_LEN 48

/* Section 3.1: a node's header. */
enum iort_type {
	IORT_ITS = 0,
	IORT_COMPONENT = 1,
	IORT_ROOT_COMPLEX = 2,
	IORT_SMMUV2 = 3, /* and v1 */
	IORT_SMMUV3 = 4,
	IORT_PMCG = 5,
	IORT_RMR = 6,
};
#define NODE_LENGTH_OFF 1
#define NODE_MAPPINGS_OFF 8
#define NODE_MAPPINGS_AT_OFF 12
#define NODE_LEN 16

/* Table 4: ID mapping. */
#define MAPPING_BASE_OFF 0
#define MAPPING_COUNT_OFF 4 /* less one */
#define MAPPING_OUTPUT_OFF 8
#define MAPPING_REFERENCE_OFF 12
#define MAPPING_FLAGS_OFF 16
#define MAPPING_SINGLE BIT64(0)
#define MAPPING_LEN 20

/* Sections 3.1.1.1 and on. */
#define COMPONENT_NAME_OFF 29
#define ROOT_COMPLEX_SEGMENT_OFF 28
#define ROOT_COMPLEX_LEN 32
#define SMMU_BASE_OFF 16
#define SMMUV2_SPAN_OFF 24
#define SMMUV2_LEN 40
#define SMMUV3_LEN 60
#define SMMUV3_MODEL_OFF 40
#define SMMUV3_CAVIUM_CN99XX 2
#define SMMUV3_PAGE_LEN 0x10000u
#define RMR_RANGES_OFF 20
#define RMR_RANGES_AT_OFF 24
#define RMR_LEN 28
#define RMR_RANGE_LEN 20

/*
 * What firmware tells, added to @a. Each fault of the table is given to @tell as one
 * line naming the offset and the rule; what is sound around it is kept. 0 or
 * -ENOMEM.
 */
int iort_parse(struct arm_iommus *a, const u8 *bytes, size_t len,
	       void (*tell)(void *arg, const char *line), void *arg);

#endif
