// SPDX-License-Identifier: GPL-2.0-only
/*
 * The archive in which kexec_file_load(2) brings the notes into an initrd:
 * cpio, form "newc" (Linux Documentation/driver-api/early-userspace/
 * buffer-format.rst), alone or behind others that are not compressed.
 */
#include <errno.h>
#include <string.h>
#include "formats.h"

#define CPIO_SIGNATURE "070701"
#define NEWC_HEADER 110u
#define NEWC_SIZE 54u /* offsets of fields of 8 hexadecimal digits */
#define NEWC_NAME_SIZE 94u
#define NAME_MAX_LEN 4096u /* PATH_MAX, as the kernel has it */
#define PADDING_MAX KIB(4) /* zeros between two archives */
#define NOTES_FILE "iommu-notes"

struct archive_entry {
	u64 content, size, end;
	bool notes;
};

static u32 hex_digit(u8 c)
{
	if (c >= '0' && c <= '9')
		return c - (u32)'0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - (u32)'a' + 10 : 16;
}

static bool hex8(const u8 *p, u32 *val)
{
	*val = 0;
	for (u32 i = 0; i < 8; i++) {
		u32 digit = hex_digit(p[i]);

		if (digit > 15)
			return false;
		*val = *val << 4 | digit;
	}
	return true;
}

/* Is the name, which ends in a zero, that of the notes in any folder? */
static bool is_notes(struct blob *b, u64 at, u32 len)
{
	char tail[sizeof(NOTES_FILE) + 1] = "/";
	u32 part = len < sizeof(tail) ? len : (u32)sizeof(tail);

	if (part < sizeof(NOTES_FILE) ||
	    blob_read(b, at + len - part, tail + sizeof(tail) - part, part))
		return false;
	return !memcmp(tail, "/" NOTES_FILE, sizeof(tail));
}

static int read_entry(struct blob *b, u64 at, struct archive_entry *m,
		      struct dump_error *e)
{
	u8 head[NEWC_HEADER];
	u32 size, name;

	if (b->size - at < NEWC_HEADER || blob_read(b, at, head, sizeof(head)))
		return dump_fail(e, EINVAL,
				 "offset 0x%llx: a cpio header needs %u bytes",
				 (unsigned long long)at, NEWC_HEADER);
	if (memcmp(head, CPIO_SIGNATURE, strlen(CPIO_SIGNATURE)) ||
	    !hex8(head + NEWC_SIZE, &size) ||
	    !hex8(head + NEWC_NAME_SIZE, &name))
		return dump_fail(e, EINVAL,
				 "offset 0x%llx: no cpio header (newc): unpack "
				 "what is compressed first",
				 (unsigned long long)at);
	m->content = align_up(at + NEWC_HEADER + name, 4);
	m->size = size;
	m->end = align_up(m->content + size, 4);
	if (!name || name > NAME_MAX_LEN || m->content > b->size ||
	    size > b->size - m->content)
		return dump_fail(e, EINVAL,
				 "offset 0x%llx: a cpio entry of 0x%x bytes "
				 "with a name of 0x%x reaches beyond the file",
				 (unsigned long long)at, size, name);
	m->notes = is_notes(b, at + NEWC_HEADER, name);
	return 0;
}

/* Behind the zeros at @at; the file's end where nothing else comes. */
static u64 skip_zeros(struct blob *b, u64 at)
{
	u64 end = at + PADDING_MAX;
	u8 word[4];

	for (; at < b->size && b->size - at >= sizeof(word) && at < end;
	     at += sizeof(word))
		if (blob_read(b, at, word, sizeof(word)) ||
		    word[0] | word[1] | word[2] | word[3])
			return at;
	return b->size;
}

static bool is_cpio(const u8 *head, size_t len)
{
	return len >= strlen(CPIO_SIGNATURE) &&
	       !memcmp(head, CPIO_SIGNATURE, strlen(CPIO_SIGNATURE));
}

static int cpio_open(const struct dump_file *file, size_t n,
		     struct dump_parts *p, struct dump_error *e)
{
	struct blob *b = file->blob;
	struct archive_entry m = { 0 };
	u64 at = 0;
	int err;

	(void)n;
	while ((at = skip_zeros(b, at)) < b->size) {
		err = read_entry(b, at, &m, e);
		if (err)
			return err;
		/* The other name of the same file has no content. */
		if (m.notes && m.size)
			return notes_append(p, b, m.content, m.size, e);
		at = m.end < b->size ? m.end : b->size;
	}
	return dump_fail(e, ENODATA, "a cpio archive without " NOTES_FILE);
}

const struct dump_format dump_cpio = {
	.name = "cpio",
	.is = is_cpio,
	.open = cpio_open,
};
