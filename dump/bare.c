// SPDX-License-Identifier: GPL-2.0-only
/* A file that holds notes and nothing else, as /run/iommu-notes does. */
#include <elf.h>
#include <string.h>
#include "formats.h"

static bool is_notes(const u8 *head, size_t len)
{
	Elf64_Nhdr nh;

	if (len < sizeof(nh) + sizeof(NOTE_NAME))
		return false;
	memcpy(&nh, head, sizeof(nh));
	return nh.n_namesz == sizeof(NOTE_NAME) &&
	       !memcmp(head + sizeof(nh), NOTE_NAME, sizeof(NOTE_NAME));
}

static int bare_open(const struct dump_file *file, size_t n,
		     struct dump_parts *p, struct dump_error *e)
{
	struct blob *b = file->blob;

	(void)n;
	return notes_append(p, b, 0, b->size, e);
}

const struct dump_format dump_bare = {
	.name = "notes",
	.is = is_notes,
	.open = bare_open,
};
