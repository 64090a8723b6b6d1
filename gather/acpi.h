/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parsers of ACPI tables share: ACPI Specification, release 6.5,
 * August 2022, section 5.2.6 (the common header).
 */
#ifndef ACPI_H
#define ACPI_H

#include "base.h"

#define ACPI_LENGTH_OFF 4
#define ACPI_HEADER_LEN 36

struct acpi_table {
	const u8 *b;
	/* Told each fault: one line that names the offset and the rule. */
	void (*tell)(void *arg, const char *line);
	void *arg;
};

void acpi_complain(const struct acpi_table *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/*
 * Of the @len bytes there are, those that may be read: the table's own length,
 * or 0 when it is no @name (four letters), or shorter than @fixed.
 */
u32 acpi_table_len(const struct acpi_table *t, const char *name, u32 fixed,
		   size_t len);

/* A node of a table whose nodes say their own length (IORT, VIOT). */
struct acpi_node {
	u32 at, len;
	u8 type;
	const u8 *b;
};

/*
 * The node at @at of a table of @end bytes, of @least bytes and with its length
 * at @length_off. False, with a line on the rule, when it can't be one.
 */
bool acpi_read_node(const struct acpi_table *t, u32 end, u32 at, u32 least,
		    u32 length_off, struct acpi_node *n);
/* Is the node long enough for what its type holds? Told where not. */
bool acpi_node_holds(const struct acpi_table *t, const struct acpi_node *n,
		     u32 needs);

static inline u16 le16(const u8 *p)
{
	return (u16)(p[0] | p[1] << 8);
}

static inline u32 le32(const u8 *p)
{
	return le16(p) | (u32)le16(p + 2) << 16;
}

static inline u64 le64(const u8 *p)
{
	return le32(p) | (u64)le32(p + 4) << 32;
}

#endif
