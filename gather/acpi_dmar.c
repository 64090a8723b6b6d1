// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parser of the ACPI DMAR table. Pure: bytes in, entries out. Every length is
 * checked against what holds it before anything behind it is looked at.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "acpi.h"
#include "sources.h"

struct parser {
	struct acpi_table t;
	struct dmar *d;
};

static const char *const type_names[] = {
	[DMAR_DRHD] = "DRHD", [DMAR_RMRR] = "RMRR", [DMAR_ATSR] = "ATSR",
	[DMAR_RHSA] = "RHSA", [DMAR_ANDD] = "ANDD", [DMAR_SATC] = "SATC",
	[DMAR_SIDP] = "SIDP",
};

/* Bytes of the fixed part; scopes (or the ANDD name) follow. */
static const u8 fixed_len[] = {
	[DMAR_DRHD] = DRHD_LEN,	     [DMAR_RMRR] = RMRR_LEN,
	[DMAR_ATSR] = ATSR_LEN,	     [DMAR_RHSA] = RHSA_LEN,
	[DMAR_ANDD] = ANDD_NAME_OFF, [DMAR_SATC] = SATC_LEN,
	[DMAR_SIDP] = SIDP_LEN,
};

/* One scope at @at of the table, @left bytes from there to its container's end. */
static int add_scope(struct parser *p, struct dmar_entry *e, u32 at, u32 left,
		     u32 *taken)
{
	const u8 *b = p->t.b + at;
	struct dmar_scope *s;
	u8 len;

	*taken = 0;
	if (left < SCOPE_PATH_OFF) {
		acpi_complain(
			&p->t,
			"offset 0x%x: %u bytes behind the last device scope of "
			"the %s at 0x%x",
			at, left, type_names[e->type], e->offset);
		return 0;
	}
	len = b[SCOPE_LENGTH_OFF];
	if (len < SCOPE_PATH_OFF + 2 || len > left || len & 1) {
		acpi_complain(
			&p->t,
			"offset 0x%x: device scope length %u: must be even, at "
			"least 8, and fit the %u bytes left in the %s at 0x%x",
			at, len, left, type_names[e->type], e->offset);
		return 0;
	}
	s = array_grow(&p->d->scope, &p->d->scopes, sizeof(*s));
	if (!s)
		return -ENOMEM;
	*taken = len;
	*s = (struct dmar_scope){
		.offset = at,
		.type = b[SCOPE_TYPE_OFF],
		.flags = b[SCOPE_FLAGS_OFF],
		.enumeration_id = b[SCOPE_ENUMERATION_ID_OFF],
		.start_bus = b[SCOPE_START_BUS_OFF],
		.steps = (u8)((len - SCOPE_PATH_OFF) / 2),
		.path = b + SCOPE_PATH_OFF,
	};
	e->scopes++;
	if (s->type < SCOPE_PCI_ENDPOINT || s->type > SCOPE_ACPI_NAMESPACE)
		acpi_complain(&p->t,
			      "offset 0x%x: device scope type %u is not known",
			      at, s->type);
	for (u32 i = 0; i < s->steps; i++)
		if (s->path[2 * i] > 31 || s->path[2 * i + 1] > 7)
			acpi_complain(
				&p->t,
				"offset 0x%x: path step %u is %02x.%x: no PCI "
				"function",
				at, i, s->path[2 * i], s->path[2 * i + 1]);
	return 0;
}

static int add_scopes(struct parser *p, struct dmar_entry *e, u32 from, u32 end)
{
	u32 taken;
	int rc;

	e->scope = p->d->scopes;
	for (u32 at = from; at < end; at += taken) {
		rc = add_scope(p, e, at, end - at, &taken);
		if (rc || !taken)
			return rc;
	}
	return 0;
}

static void parse_drhd(struct dmar_entry *e, const u8 *b)
{
	e->flags = b[DRHD_FLAGS_OFF];
	e->segment = le16(b + DRHD_SEGMENT_OFF);
	e->base = le64(b + DRHD_BASE_OFF);
	e->reg_len = (u32)PAGE_4K << field(DRHD_SIZE_MASK, b[DRHD_SIZE_OFF]);
}

static void parse_rmrr(struct parser *p, struct dmar_entry *e, const u8 *b)
{
	e->segment = le16(b + RMRR_SEGMENT_OFF);
	e->base = le64(b + RMRR_BASE_OFF);
	e->limit = le64(b + RMRR_LIMIT_OFF);
	/* Firmware with limit = base - 1 for "nothing" exists. */
	if (e->limit < e->base || e->base & (PAGE_4K - 1) ||
	    (e->limit + 1) & (PAGE_4K - 1))
		acpi_complain(
			&p->t,
			"offset 0x%x: RMRR 0x%llx-0x%llx is not whole pages",
			e->offset, (unsigned long long)e->base,
			(unsigned long long)e->limit);
}

static void parse_andd(struct parser *p, struct dmar_entry *e, const u8 *b,
		       u32 len)
{
	e->device_number = b[ANDD_DEVICE_NUMBER_OFF];
	e->name = (const char *)b + ANDD_NAME_OFF;
	e->name_len = (u32)strnlen(e->name, len - ANDD_NAME_OFF);
	if (e->name_len == len - ANDD_NAME_OFF)
		acpi_complain(
			&p->t,
			"offset 0x%x: ANDD name has no NUL before its end",
			e->offset);
}

/* @len was checked against the fixed part of this type. */
static int parse_body(struct parser *p, struct dmar_entry *e, u32 len)
{
	const u8 *b = p->t.b + e->offset;

	switch (e->type) {
	case DMAR_DRHD:
		parse_drhd(e, b);
		break;
	case DMAR_RMRR:
		parse_rmrr(p, e, b);
		break;
	case DMAR_ATSR:
	case DMAR_SATC:
		e->flags = b[ATSR_FLAGS_OFF];
		e->segment = le16(b + ATSR_SEGMENT_OFF);
		break;
	case DMAR_SIDP:
		e->segment = le16(b + SIDP_SEGMENT_OFF);
		break;
	case DMAR_RHSA:
		e->base = le64(b + RHSA_BASE_OFF);
		e->proximity = le32(b + RHSA_PROXIMITY_OFF);
		return 0;
	case DMAR_ANDD:
		parse_andd(p, e, b, len);
		return 0;
	}
	return add_scopes(p, e, e->offset + fixed_len[e->type],
			  e->offset + len);
}
static_assert(ATSR_FLAGS_OFF == SATC_FLAGS_OFF,
	      "ATSR and SATC are read as one");
static_assert(ATSR_SEGMENT_OFF == SATC_SEGMENT_OFF, "ATSR and SATC");

static int parse_structure(struct parser *p, u32 at, u32 len)
{
	u16 type = le16(p->t.b + at);
	struct dmar_entry *e;

	if (type >= ARRAY_SIZE(fixed_len)) {
		acpi_complain(
			&p->t,
			"offset 0x%x: structure type %u is not known: skipped",
			at, type);
		return 0;
	}
	if (len < fixed_len[type]) {
		acpi_complain(&p->t,
			      "offset 0x%x: %s of %u bytes: needs at least %u",
			      at, type_names[type], len, fixed_len[type]);
		return 0;
	}
	e = array_grow(&p->d->entry, &p->d->entries, sizeof(*e));
	if (!e)
		return -ENOMEM;
	e->offset = at;
	e->type = type;
	return parse_body(p, e, len);
}

int dmar_parse(struct dmar *d, u8 *bytes, size_t len,
	       void (*tell)(void *arg, const char *line), void *arg)
{
	struct parser p = { .t = { bytes, tell, arg }, .d = d };
	u32 end, at, size;
	int rc = 0;

	*d = (struct dmar){ .bytes = bytes, .len = len };
	end = acpi_table_len(&p.t, "DMAR", DMAR_STRUCTURES_OFF, len);
	if (len < DMAR_STRUCTURES_OFF || memcmp(bytes, "DMAR", 4))
		return 0;
	d->host_address_width = bytes[DMAR_HOST_ADDRESS_WIDTH_OFF];
	d->flags = bytes[DMAR_FLAGS_OFF];
	for (at = DMAR_STRUCTURES_OFF; !rc && at < end; at += size) {
		if (end - at < DMAR_STRUCTURE_HEADER_LEN) {
			acpi_complain(&p.t,
				      "offset 0x%x: %u bytes behind the last "
				      "structure",
				      at, end - at);
			break;
		}
		size = le16(bytes + at + 2);
		if (size < DMAR_STRUCTURE_HEADER_LEN || size > end - at) {
			acpi_complain(
				&p.t,
				"offset 0x%x: structure length %u: must be at "
				"least %u and fit the %u bytes left",
				at, size, DMAR_STRUCTURE_HEADER_LEN, end - at);
			break;
		}
		rc = parse_structure(&p, at, size);
	}
	return rc;
}

void dmar_free(struct dmar *d)
{
	free(d->entry);
	free(d->scope);
	free(d->bytes);
	memset(d, 0, sizeof(*d));
}
