// SPDX-License-Identifier: GPL-2.0-only
/* Notes of a dump: several segments of them become one. */
#include <errno.h>
#include <stdlib.h>
#include "formats.h"

/* The length of the notes in @buf, without the zeros that end a segment. */
static size_t notes_end(const u8 *buf, size_t len)
{
	struct note_reader r = { .buf = buf, .len = len };
	struct note n;
	u64 bad;

	while (note_next(&r, &n, &bad))
		;
	return bad == ~0ULL && r.at <= len ? (size_t)r.at : len;
}

int notes_append(struct dump_parts *p, struct blob *b, u64 off, u64 len,
		 struct dump_error *e)
{
	u8 *notes;

	if (!len)
		return 0;
	if (off > b->size || len > b->size - off)
		return dump_fail(e, EINVAL,
				 "offset 0x%llx: 0x%llx bytes of notes reach "
				 "beyond the file",
				 (unsigned long long)off,
				 (unsigned long long)len);
	if (len > DUMP_NOTES_MAX - p->notes_len)
		return dump_fail(e, EFBIG,
				 "offset 0x%llx: 0x%llx bytes of notes, at "
				 "most 0x%llx in all",
				 (unsigned long long)off,
				 (unsigned long long)len,
				 (unsigned long long)DUMP_NOTES_MAX);
	if (p->notes_len)
		p->notes_len = notes_end(p->notes, p->notes_len);
	notes = realloc(p->notes, p->notes_len + len);
	if (!notes)
		return dump_fail(e, ENOMEM, "out of memory");
	p->notes = notes;
	if (blob_read(b, off, notes + p->notes_len, len))
		return dump_fail(e, EIO, "offset 0x%llx: notes unreadable",
				 (unsigned long long)off);
	p->notes_len += len;
	return 0;
}
