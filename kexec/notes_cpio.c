// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linux Documentation/driver-api/early-userspace/buffer-format.rst: an
 * initrd is any number of cpio archives, compressed or not, zeros between
 * them. init/initramfs.c, 5.10 to 7.2: an archive begins at a multiple of 4.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "notes_cpio.h"
#include "decompress.h"

#define NEWC_HEADER 110
#define TRAILER "TRAILER!!!"
/*
 * lib/decompress_unlz4.c takes what follows a member for the length of its
 * next block, unless it is 0: a word of zeros at least.
 */
#define GAP 4

struct entry {
	const char *name;
	u32 ino, mode, links;
	u64 size;
};

static u64 entry_len(const struct entry *m)
{
	return align_up(NEWC_HEADER + strlen(m->name) + 1, 4) +
	       align_up(m->size, 4);
}

/* Header and name; returns where the content goes. The buffer is zeroed. */
static u8 *put_entry(u8 *at, const struct entry *m)
{
	char header[NEWC_HEADER + 1];
	size_t name = strlen(m->name) + 1;

	/* ino mode uid gid nlink mtime size, device and special device, name */
	snprintf(header, sizeof(header),
		 "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
		 m->ino, m->mode, 0u, 0u, m->links, 0u, (u32)m->size, 0u, 0u,
		 0u, 0u, (u32)name, 0u);
	memcpy(at, header, NEWC_HEADER);
	memcpy(at + NEWC_HEADER, m->name, name);
	return at + align_up(NEWC_HEADER + name, 4);
}

/* From the largest down: numbers that no tool gives its entries. */
enum {
	INO_NOTES = 0x7ffffff0,
	INO_RUN,
	INO_TRAILER
};

bool cpio_can_follow(const struct file *initrd)
{
	return !initrd->data || compression_of(initrd->data, initrd->len) ||
	       (initrd->len >= 5 && !memcmp(initrd->data, "07070", 5));
}

static u8 *room_for(const struct file *initrd, u64 archive, u64 *at, u64 *len,
		    struct error *e)
{
	u8 *buf;

	*at = initrd->data ? align_up(initrd->len + GAP, 4) : 0;
	*len = *at + archive;
	if (archive > UINT32_MAX) { /* newc has eight digits for a size */
		fail(e, "the notes have %" PRIu64 " bytes: more than 4 GiB",
		     archive);
		return NULL;
	}
	buf = calloc(1, *len);
	if (!buf)
		fail(e, "out of memory");
	else if (initrd->data)
		memcpy(buf, initrd->data, initrd->len);
	return buf;
}

u8 *cpio_append_notes(const struct file *initrd, const struct note_segment *seg,
		      size_t n, u64 *len, struct error *e)
{
	struct entry dir = { "run", INO_RUN, S_IFDIR | 0755, 2, 0 };
	struct entry notes = { CPIO_NOTES_PATH, INO_NOTES, S_IFREG | 0400, 2,
			       0 };
	struct entry link = { CPIO_NOTES_LINK, INO_NOTES, S_IFREG | 0400, 2,
			      0 };
	struct entry trailer = { TRAILER, INO_TRAILER, 0, 1, 0 };
	u64 at;
	u8 *buf, *to;

	for (size_t i = 0; i < n; i++)
		notes.size += seg[i].len - NOTE_TERMINATOR;
	notes.size += NOTE_TERMINATOR;
	buf = room_for(initrd,
		       entry_len(&dir) + entry_len(&notes) + entry_len(&link) +
			       entry_len(&trailer),
		       &at, len, e);
	if (!buf)
		return NULL;
	to = put_entry(buf + at, &dir);
	to = put_entry(to, &notes);
	/* One after the other, as the kernel joins those of a core header. */
	for (size_t i = 0; i < n; i++) {
		memcpy(to, seg[i].bytes, seg[i].len - NOTE_TERMINATOR);
		to += seg[i].len - NOTE_TERMINATOR;
	}
	to += align_up(NOTE_TERMINATOR, 4);
	put_entry(put_entry(to, &link), &trailer);
	return buf;
}
