// SPDX-License-Identifier: GPL-2.0-only
/*
 * Microsoft PE Format (revision 11, 2024-06): 3.1 MS-DOS stub, 3.3 COFF file
 * header, 4 section table. EFI zboot: Linux 6.1 and later,
 * drivers/firmware/efi/libstub/zboot-header.S.
 */
#include <inttypes.h>
#include <string.h>
#include "pe.h"

/* 3.1: where the offset of the PE signature stands */
#define PE_OFFSET_AT 0x3c

struct pe_header { /* 3.2 and 3.3 */
	u8 signature[4];
	u16 machine, sections;
	u32 time, symbols_at, symbols;
	u16 optional_len, flags;
};
ASSERT_SIZE(struct pe_header, 24);

struct pe_section { /* 4 */
	char name[8];
	u32 virtual_len, virtual_at, raw_len, raw_at;
	u32 relocations_at, lines_at;
	u16 relocations, lines;
	u32 flags;
};
ASSERT_SIZE(struct pe_section, 40);

struct zboot_header {
	u8 mz[4], zimg[4];
	u32 payload_at, payload_len, reserved[2];
	char compression[32];
};
ASSERT_SIZE(struct zboot_header, 56);

static bool is_mz(const struct file *f)
{
	return f->len >= PE_OFFSET_AT + 4 && !memcmp(f->data, "MZ", 2);
}

/* Where the section table begins, and @h; 0: no PE file. */
static u64 pe_open(const struct file *f, struct pe_header *h)
{
	u32 at;

	if (!is_mz(f))
		return 0;
	memcpy(&at, f->data + PE_OFFSET_AT, sizeof(at));
	if (f->len < sizeof(*h) || at > f->len - sizeof(*h))
		return 0;
	memcpy(h, f->data + at, sizeof(*h));
	if (memcmp(h->signature, "PE\0", 4))
		return 0;
	return (u64)at + sizeof(*h) + h->optional_len;
}

static int section_span(const struct file *f, const struct pe_section *s,
			struct span *where, struct error *e)
{
	const struct span all = { 0, f->len };

	/* raw_len is rounded up, virtual_len true; the rest would be zeros */
	where->start = s->raw_at;
	where->len = s->virtual_len && s->virtual_len < s->raw_len
			     ? s->virtual_len
			     : s->raw_len;
	if (where->len && span_holds(&all, where->start, where->len))
		return 1;
	return fail(e,
		    "kernel %s: PE section %.8s at offset 0x%" PRIx64
		    " of %" PRIu64 " bytes: empty or past the end, the file "
		    "has %zu",
		    f->path, s->name, where->start, where->len, f->len);
}

int pe_section(const struct file *f, const char *name, struct span *where,
	       struct error *e)
{
	struct pe_section s;
	struct pe_header h;
	u64 at = pe_open(f, &h);
	char wanted[8] = "";

	if (!at)
		return 0;
	if (at > f->len || (f->len - at) / sizeof(s) < h.sections)
		return fail(e,
			    "kernel %s: %u PE sections at offset 0x%" PRIx64
			    ": past the end, the file has %zu bytes",
			    f->path, h.sections, at, f->len);
	memcpy(wanted, name, strnlen(name, sizeof(wanted)));
	/* The first of a name: those of other profiles follow. */
	for (u32 i = 0; i < h.sections; i++, at += sizeof(s)) {
		memcpy(&s, f->data + at, sizeof(s));
		if (!memcmp(s.name, wanted, sizeof(wanted)))
			return section_span(f, &s, where, e);
	}
	return 0;
}

int zboot_payload(const struct file *f, struct span *where, struct error *e)
{
	const struct span all = { 0, f->len };
	struct zboot_header h;

	if (!is_mz(f) || f->len < sizeof(h))
		return 0;
	memcpy(&h, f->data, sizeof(h));
	if (memcmp(h.zimg, "zimg", 4))
		return 0;
	*where = (struct span){ h.payload_at, h.payload_len };
	if (where->len && span_holds(&all, where->start, where->len))
		return 1;
	return fail(e,
		    "kernel %s: EFI zboot payload at offset 0x%x of %u bytes: "
		    "empty or past the end, the file has %zu",
		    f->path, h.payload_at, h.payload_len, f->len);
}
