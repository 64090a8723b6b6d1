// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parser of the ACPI IVRS table. Pure: bytes in, entries out. Every length is
 * checked against what holds it before anything behind it is looked at.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "acpi.h"
#include "sources.h"

struct parser {
	struct acpi_table t;
	struct ivrs *v;
	/* A range that has begun and waits for its end. */
	bool open;
	struct ivrs_range start;
};

/* Bytes of the device entry at @b, @left of them there; 0: not known. */
static u32 entry_len(const struct acpi_table *t, u32 at, u32 left)
{
	u8 type = t->b[at];
	u32 len;

	if (type == IVHD_ACPI_HID)
		len = left < IVHD_UID_OFF
			      ? IVHD_UID_OFF
			      : IVHD_UID_OFF + t->b[at + IVHD_UID_LEN_OFF];
	else
		len = 4u << (type >> 6);
	if (len <= left)
		return len;
	acpi_complain(t,
		      "offset 0x%x: device entry type 0x%02x of %u bytes, but "
		      "only %u are left in its IVHD",
		      at, type, len, left);
	return 0;
}

static int add_range(struct parser *p, struct ivrs_unit *u,
		     const struct ivrs_range *r)
{
	struct ivrs_range *slot =
		array_grow(&p->v->range, &p->v->ranges, sizeof(*slot));

	if (!slot)
		return -ENOMEM;
	*slot = *r;
	u->ranges++;
	return 0;
}

static int end_range(struct parser *p, struct ivrs_unit *u, u32 at, u16 last)
{
	if (!p->open) {
		acpi_complain(&p->t,
			      "offset 0x%x: end of a range that has no start",
			      at);
		return 0;
	}
	p->open = false;
	p->start.last = last;
	if (last < p->start.first) {
		acpi_complain(&p->t,
			      "offset 0x%x: range 0x%04x-0x%04x ends before it "
			      "starts",
			      p->start.offset, p->start.first, last);
		return 0;
	}
	return add_range(p, u, &p->start);
}

static void read_hid(struct ivrs_range *r, const u8 *b)
{
	r->hid = b + IVHD_HID_OFF;
	r->uid = b + IVHD_UID_OFF;
	r->uid_format = b[IVHD_UID_FORMAT_OFF];
	r->uid_len = b[IVHD_UID_LEN_OFF];
}

/* One device entry, whose length was checked. */
static int parse_entry(struct parser *p, struct ivrs_unit *u, u32 at)
{
	const u8 *b = p->t.b + at;
	struct ivrs_range r = {
		.offset = at,
		.type = b[0],
		.setting = b[IVHD_ENTRY_SETTING_OFF],
		.first = le16(b + IVHD_ENTRY_DEVICE_OFF),
	};

	r.last = r.first;
	switch (r.type) {
	case IVHD_PAD4:
	case IVHD_PAD8:
		return 0;
	case IVHD_ALL:
		r.first = 0;
		r.last = 0xffff;
		break;
	case IVHD_RANGE_END:
		return end_range(p, u, at, r.first);
	case IVHD_ALIAS_SELECT:
	case IVHD_ALIAS_START:
		r.alias = le16(b + IVHD_ENTRY_ALIAS_OFF);
		break;
	case IVHD_SPECIAL:
		/* Its own id is reserved: it is known by the one it uses. */
		r.first = r.last = r.alias = le16(b + IVHD_ENTRY_ALIAS_OFF);
		r.handle = b[IVHD_SPECIAL_HANDLE_OFF];
		r.variety = b[IVHD_SPECIAL_VARIETY_OFF];
		break;
	case IVHD_ACPI_HID:
		read_hid(&r, b);
		break;
	case IVHD_SELECT:
	case IVHD_RANGE_START:
	case IVHD_EXTENDED_SELECT:
	case IVHD_EXTENDED_START:
		break;
	default:
		acpi_complain(&p->t,
			      "offset 0x%x: device entry type 0x%02x is not "
			      "known: skipped",
			      at, r.type);
		return 0;
	}
	if (r.type != IVHD_RANGE_START && r.type != IVHD_ALIAS_START &&
	    r.type != IVHD_EXTENDED_START)
		return add_range(p, u, &r);
	if (p->open)
		acpi_complain(&p->t,
			      "offset 0x%x: the range before, of 0x%x, has no "
			      "end: left out",
			      at, p->start.offset);
	p->open = true;
	p->start = r;
	return 0;
}

static int parse_entries(struct parser *p, struct ivrs_unit *u, u32 at, u32 end)
{
	u32 len;
	int rc = 0;

	p->open = false;
	for (; !rc && at < end; at += len) {
		/* The shortest entry has 4 bytes. */
		len = end - at < 4 ? 0 : entry_len(&p->t, at, end - at);
		if (!len) {
			if (end - at < 4)
				acpi_complain(
					&p->t,
					"offset 0x%x: %u bytes behind the "
					"last device entry",
					at, end - at);
			break;
		}
		rc = parse_entry(p, u, at);
	}
	if (p->open)
		acpi_complain(&p->t,
			      "offset 0x%x: a range without end: left out",
			      p->start.offset);
	return rc;
}

static int parse_ivhd(struct parser *p, u32 at, u32 len)
{
	const u8 *b = p->t.b + at;
	u32 fixed = b[0] == IVHD_10 ? IVHD_10_LEN : IVHD_11_LEN;
	struct ivrs_unit *u;

	if (len < fixed) {
		acpi_complain(
			&p->t,
			"offset 0x%x: IVHD type 0x%02x of %u bytes: needs "
			"at least %u",
			at, b[0], len, fixed);
		return 0;
	}
	u = array_grow(&p->v->unit, &p->v->units, sizeof(*u));
	if (!u)
		return -ENOMEM;
	*u = (struct ivrs_unit){
		.offset = at,
		.type = b[0],
		.flags = b[1],
		.device = le16(b + IVHD_DEVICE_OFF),
		.capability = le16(b + IVHD_CAPABILITY_OFF),
		.base = le64(b + IVHD_BASE_OFF),
		.segment = le16(b + IVHD_SEGMENT_OFF),
		.range = p->v->ranges,
	};
	if (fixed == IVHD_11_LEN) {
		u->efr = le64(b + IVHD_EFR_OFF);
		u->efr2 = le64(b + IVHD_EFR2_OFF);
	}
	return parse_entries(p, u, at + fixed, at + len);
}

static int parse_ivmd(struct parser *p, u32 at, u32 len)
{
	const u8 *b = p->t.b + at;
	struct ivrs_memory *m;

	if (len < IVMD_LEN) {
		acpi_complain(
			&p->t,
			"offset 0x%x: IVMD of %u bytes: needs at least %u", at,
			len, IVMD_LEN);
		return 0;
	}
	m = array_grow(&p->v->memory, &p->v->memories, sizeof(*m));
	if (!m)
		return -ENOMEM;
	*m = (struct ivrs_memory){
		.offset = at,
		.type = b[0],
		.flags = b[1],
		.segment = le16(b + IVMD_SEGMENT_OFF),
		.first = le16(b + IVMD_DEVICE_OFF),
		.start = le64(b + IVMD_START_OFF),
		.len = le64(b + IVMD_LENGTH_OFF),
	};
	m->last = m->type == IVMD_RANGE ? le16(b + IVMD_LAST_OFF) : m->first;
	if (m->type == IVMD_ALL) {
		m->first = 0;
		m->last = 0xffff;
	}
	if (!m->len || m->start + m->len - 1 < m->start ||
	    (m->start | m->len) & (PAGE_4K - 1) || m->last < m->first)
		acpi_complain(&p->t,
			      "offset 0x%x: IVMD 0x%llx+0x%llx for "
			      "0x%04x-0x%04x is not whole pages for some "
			      "devices: left out",
			      at, (unsigned long long)m->start,
			      (unsigned long long)m->len, m->first, m->last);
	else
		return 0;
	p->v->memories--;
	return 0;
}

static int parse_block(struct parser *p, u32 at, u32 len)
{
	switch (p->t.b[at]) {
	case IVHD_10:
	case IVHD_11:
	case IVHD_40:
		return parse_ivhd(p, at, len);
	case IVMD_ALL:
	case IVMD_SELECT:
	case IVMD_RANGE:
		return parse_ivmd(p, at, len);
	}
	acpi_complain(&p->t,
		      "offset 0x%x: block type 0x%02x is not known: skipped",
		      at, p->t.b[at]);
	return 0;
}

int ivrs_parse(struct ivrs *v, u8 *bytes, size_t len,
	       void (*tell)(void *arg, const char *line), void *arg)
{
	struct parser p = { .t = { bytes, tell, arg }, .v = v };
	u32 end, at, size;
	int rc = 0;

	*v = (struct ivrs){ .bytes = bytes, .len = len };
	end = acpi_table_len(&p.t, "IVRS", IVRS_BLOCKS_OFF, len);
	if (!end)
		return 0;
	v->ivinfo = le32(bytes + IVRS_IVINFO_OFF);
	for (at = IVRS_BLOCKS_OFF; !rc && at < end; at += size) {
		size = end - at < IVRS_BLOCK_HEADER_LEN ? 0
							: le16(bytes + at + 2);
		if (size < IVRS_BLOCK_HEADER_LEN || size > end - at) {
			acpi_complain(
				&p.t,
				"offset 0x%x: block length %u: must be at "
				"least %u and fit the %u bytes left",
				at, size, IVRS_BLOCK_HEADER_LEN, end - at);
			break;
		}
		rc = parse_block(&p, at, size);
	}
	return rc;
}

void ivrs_free(struct ivrs *v)
{
	free(v->unit);
	free(v->range);
	free(v->memory);
	free(v->bytes);
	memset(v, 0, sizeof(*v));
}
