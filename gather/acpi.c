// SPDX-License-Identifier: GPL-2.0-only
/* What all ACPI tables have: a header, a checksum, nodes that follow one another. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "acpi.h"

void acpi_complain(const struct acpi_table *t, const char *format, ...)
{
	char line[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	t->tell(t->arg, line);
}

u32 acpi_table_len(const struct acpi_table *t, const char *name, u32 fixed,
		   size_t len)
{
	u32 claimed;
	u8 sum = 0;

	if (len < fixed || memcmp(t->b, name, 4)) {
		acpi_complain(t, "offset 0x0: no %s table (%zu bytes)", name,
			      len);
		return 0;
	}
	claimed = le32(t->b + ACPI_LENGTH_OFF);
	if (claimed < fixed) {
		acpi_complain(
			t,
			"offset 0x4: table length %u: a %s needs at least %u",
			claimed, name, fixed);
		return 0;
	}
	if (claimed > len) {
		acpi_complain(t,
			      "offset 0x4: table length %u, but only %zu bytes "
			      "are there",
			      claimed, len);
		return (u32)len;
	}
	for (u32 i = 0; i < claimed; i++)
		sum = (u8)(sum + t->b[i]);
	if (sum)
		acpi_complain(t,
			      "the bytes add up to 0x%02x, not to 0: bad "
			      "checksum",
			      sum);
	return claimed;
}

bool acpi_read_node(const struct acpi_table *t, u32 end, u32 at, u32 least,
		    u32 length_off, struct acpi_node *n)
{
	if (at > end || end - at < least) {
		acpi_complain(t,
			      "offset 0x%x: a node needs %u bytes, the table "
			      "ends at 0x%x",
			      at, least, end);
		return false;
	}
	*n = (struct acpi_node){ .at = at, .b = t->b + at, .type = t->b[at] };
	n->len = le16(n->b + length_off);
	if (n->len >= least && n->len <= end - at)
		return true;
	acpi_complain(t,
		      "offset 0x%x: node length %u: must be at least %u and "
		      "fit the %u bytes left",
		      at, n->len, least, end - at);
	return false;
}

bool acpi_node_holds(const struct acpi_table *t, const struct acpi_node *n,
		     u32 needs)
{
	if (n->len >= needs)
		return true;
	acpi_complain(t,
		      "offset 0x%x: node of type %u and %u bytes: needs at "
		      "least %u",
		      n->at, n->type, n->len, needs);
	return false;
}
