/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ACPI DMAR table: Intel Virtualization Technology for Directed I/O,
 * Architecture Specification, Rev 5.10 (November 2025), chapter 8.
 */
#ifndef ACPI_DMAR_H
#define ACPI_DMAR_H

#include "base.h"

/* Section 8.1: DMA Remapping Reporting Structure. */
#define DMAR_HOST_ADDRESS_WIDTH_OFF 36
#define DMAR_FLAGS_OFF 37
#define DMAR_FLAG_INTR_REMAP BIT64(0)
#define DMAR_FLAG_X2APIC_OPT_OUT BIT64(1)
#define DMAR_FLAG_DMA_CTRL_OPT_IN BIT64(2)
#define DMAR_STRUCTURES_OFF 48

/* Section 8.2: Remapping Structure Types. Each begins u16 type, u16 length. */
enum dmar_type {
	DMAR_DRHD = 0,
	DMAR_RMRR = 1,
	DMAR_ATSR = 2,
	DMAR_RHSA = 3,
	DMAR_ANDD = 4,
	DMAR_SATC = 5,
	DMAR_SIDP = 6,
};
#define DMAR_STRUCTURE_HEADER_LEN 4

/* Section 8.3: DRHD. */
#define DRHD_FLAGS_OFF 4
#define DRHD_FLAG_INCLUDE_PCI_ALL BIT64(0)
#define DRHD_SIZE_OFF 5 /* 2^N pages of 4 KiB; reserved (0) before Rev 4.0 */
#define DRHD_SIZE_MASK MASK64(3, 0)
#define DRHD_SEGMENT_OFF 6
#define DRHD_BASE_OFF 8
#define DRHD_LEN 16

/* Section 8.3.1: Device Scope Structure. */
enum dmar_scope_type {
	SCOPE_PCI_ENDPOINT = 1,
	SCOPE_PCI_SUB_HIERARCHY = 2,
	SCOPE_IOAPIC = 3,
	SCOPE_HPET = 4,
	SCOPE_ACPI_NAMESPACE = 5,
};
#define SCOPE_TYPE_OFF 0
#define SCOPE_LENGTH_OFF 1
#define SCOPE_FLAGS_OFF 2
#define SCOPE_ENUMERATION_ID_OFF 4
#define SCOPE_START_BUS_OFF 5
#define SCOPE_PATH_OFF 6 /* pairs of device, function */

/* Section 8.4: RMRR. */
#define RMRR_SEGMENT_OFF 6
#define RMRR_BASE_OFF 8
#define RMRR_LIMIT_OFF 16 /* inclusive */
#define RMRR_LEN 24

/* Section 8.5: ATSR. */
#define ATSR_FLAGS_OFF 4
#define ATSR_FLAG_ALL_PORTS BIT64(0)
#define ATSR_SEGMENT_OFF 6
#define ATSR_LEN 8

/* Section 8.6: RHSA. */
#define RHSA_BASE_OFF 8
#define RHSA_PROXIMITY_OFF 16
#define RHSA_LEN 20

/* Section 8.7: ANDD. */
#define ANDD_DEVICE_NUMBER_OFF 7
#define ANDD_NAME_OFF 8

/* Section 8.8: SATC. */
#define SATC_FLAGS_OFF 4
#define SATC_FLAG_ATC_REQUIRED BIT64(0)
#define SATC_SEGMENT_OFF 6
#define SATC_LEN 8

/* Section 8.9: SIDP. */
#define SIDP_SEGMENT_OFF 6
#define SIDP_LEN 8

/* One device scope; @path points into the table. */
struct dmar_scope {
	u32 offset;
	u8 type; /* enum dmar_scope_type */
	u8 flags;
	u8 enumeration_id;
	u8 start_bus;
	u8 steps; /* pairs of path */
	const u8 *path;
};

/* One remapping structure, whatever its type; unused members are 0. */
struct dmar_entry {
	u32 offset;
	u16 type; /* enum dmar_type */
	u16 segment;
	u8 flags;
	u8 device_number; /* ANDD */
	u64 base, limit;  /* registers, or the region (limit inclusive) */
	u32 reg_len;	  /* DRHD */
	u32 proximity;	  /* RHSA */
	u32 name_len;	  /* ANDD */
	const char *name; /* ANDD: into the table, without its NUL */
	size_t scope, scopes;
};

struct dmar {
	u8 host_address_width; /* as stored: bits - 1 */
	u8 flags;
	struct dmar_entry *entry;
	size_t entries;
	struct dmar_scope *scope;
	size_t scopes;
	u8 *bytes; /* the table; freed with the rest */
	size_t len;
};

/*
 * Takes @bytes (malloc()ed) over. Each fault of the table is given to @tell as one line
 * naming the offset and the rule; what is sound around it is kept. 0 or
 * -ENOMEM.
 */
int dmar_parse(struct dmar *d, u8 *bytes, size_t len,
	       void (*tell)(void *arg, const char *line), void *arg);
void dmar_free(struct dmar *d);

#endif
