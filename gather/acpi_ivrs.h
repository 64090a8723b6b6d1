/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ACPI IVRS table: AMD I/O Virtualization Technology (IOMMU)
 * Specification, 48882, revision 3.05, January 2020, section 5.2. What is
 * marked "Linux" is younger and from drivers/iommu/amd/init.c of Linux 7.2.
 */
#ifndef ACPI_IVRS_H
#define ACPI_IVRS_H

#include "base.h"

/* Section 5.2.1 */
#define IVRS_IVINFO_OFF 36
#define IVINFO_EFRSUP BIT64(0)
#define IVINFO_DMA_REMAP BIT64(1) /* firmware uses the units itself */
#define IVRS_BLOCKS_OFF 48
/* Each block begins u8 type, u8 flags, u16 length. */
#define IVRS_BLOCK_HEADER_LEN 4

/* Section 5.2.2: I/O Virtualization Hardware Definition */
#define IVHD_10 0x10
#define IVHD_11 0x11
#define IVHD_40 0x40 /* as 11h, with ACPI HID device entries */
#define IVHD_DEVICE_OFF 4
#define IVHD_CAPABILITY_OFF 6
#define IVHD_BASE_OFF 8
#define IVHD_SEGMENT_OFF 16
#define IVHD_EFR_OFF 24 /* not in 10h */
#define IVHD_EFR2_OFF 32
#define IVHD_10_LEN 24
#define IVHD_11_LEN 40

/* Section 5.2.2.1 and on: device entries; the type's top bits give lengths. */
enum ivhd_entry {
	IVHD_PAD4 = 0x00,
	IVHD_ALL = 0x01,
	IVHD_SELECT = 0x02,
	IVHD_RANGE_START = 0x03,
	IVHD_RANGE_END = 0x04,
	IVHD_PAD8 = 0x40,
	IVHD_ALIAS_SELECT = 0x42,
	IVHD_ALIAS_START = 0x43,
	IVHD_EXTENDED_SELECT = 0x46,
	IVHD_EXTENDED_START = 0x47,
	IVHD_SPECIAL = 0x48,
	IVHD_ACPI_HID = 0xf0,
};
#define IVHD_ENTRY_DEVICE_OFF 1
#define IVHD_ENTRY_SETTING_OFF 3
#define IVHD_ENTRY_ALIAS_OFF 5 /* of 42h, 43h and 48h: the id it uses */
#define IVHD_SPECIAL_HANDLE_OFF 4
#define IVHD_SPECIAL_VARIETY_OFF 7
#define SPECIAL_IOAPIC 1
#define SPECIAL_HPET 2
#define IVHD_HID_OFF 4
#define IVHD_HID_LEN 8
#define IVHD_UID_FORMAT_OFF 20
#define UID_NONE 0
#define UID_NUMBER 1
#define UID_TEXT 2
#define IVHD_UID_LEN_OFF 21
#define IVHD_UID_OFF 22

/* Section 5.2.3: I/O Virtualization Memory Definition */
#define IVMD_ALL 0x20
#define IVMD_SELECT 0x21
#define IVMD_RANGE 0x22
#define IVMD_DEVICE_OFF 4
#define IVMD_LAST_OFF 6	   /* of 22h */
#define IVMD_SEGMENT_OFF 8 /* Linux; reserved before */
#define IVMD_START_OFF 16
#define IVMD_LENGTH_OFF 24
#define IVMD_LEN 32
#define IVMD_UNITY BIT64(0)
#define IVMD_IR BIT64(1)
#define IVMD_IW BIT64(2)
#define IVMD_EXCLUSION BIT64(3)

/* Requesters of a unit; what is not said of them is 0. */
struct ivrs_range {
	u32 offset;
	u8 type; /* enum ivhd_entry that begins it */
	u8 setting;
	u8 variety, handle; /* SPECIAL */
	u16 first, last;
	u16 alias;     /* that their DMA carries; ALIAS_* and SPECIAL */
	const u8 *hid; /* ACPI_HID: IVHD_HID_LEN bytes in the table */
	const u8 *uid; /* and its unique id */
	u8 uid_format, uid_len;
};

struct ivrs_unit {
	u32 offset;
	u8 type;
	u8 flags;
	u16 segment;
	u16 device; /* the unit's own PCI function */
	u16 capability;
	u64 base;
	u64 efr, efr2; /* 0 in a 10h */
	size_t range, ranges;
};

struct ivrs_memory {
	u32 offset;
	u8 type;
	u8 flags;
	u16 segment;
	u16 first, last;
	u64 start, len;
};

struct ivrs {
	u32 ivinfo;
	struct ivrs_unit *unit;
	size_t units;
	struct ivrs_range *range;
	size_t ranges;
	struct ivrs_memory *memory;
	size_t memories;
	u8 *bytes; /* the table; freed with the rest */
	size_t len;
};

/* As dmar_parse. */
int ivrs_parse(struct ivrs *v, u8 *bytes, size_t len,
	       void (*tell)(void *arg, const char *line), void *arg);
void ivrs_free(struct ivrs *v);

#endif
