// SPDX-License-Identifier: GPL-2.0-only
/* Notes of a dump: several segments of them become one. */
#include <errno.h>
#include <stdlib.h>
#include "formats.h"

/*
 * The length of the notes in @buf, without the zeros that end a segment. Where
 * they are damaged, all of it.
 */
static size_t notes_end(const u8 *buf, size_t len)
{
	struct note_reader r = { .buf = buf, .len = len };
	struct note n;
	u64 bad;

	while (note_next(&r, &n, &bad))
		;
	return bad == ~0ULL && r.at <= len ? (size_t)r.at : len;
}

/* Room grows by doubling: a dump may have as many segments as CPUs. */
static bool make_room(struct dump_parts *p, size_t len)
{
	size_t room = p->notes_room ? p->notes_room : KIB(64);
	u8 *notes;

	while (room < len)
		room *= 2;
	if (room == p->notes_room)
		return true;
	notes = realloc(p->notes, room);
	if (!notes)
		return false;
	p->notes = notes;
	p->notes_room = room;
	return true;
}

int notes_append(struct dump_parts *p, struct blob *b, u64 off, u64 len,
		 struct dump_error *e)
{
	size_t at = 0;

	if (!len)
		return 0;
	/* The last segment's zeros go, each segment is looked through once. */
	if (p->notes)
		at = p->notes_last + notes_end(p->notes + p->notes_last,
					       p->notes_len - p->notes_last);
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
	if (!make_room(p, at + len))
		return dump_fail(e, ENOMEM, "out of memory");
	if (blob_read(b, off, p->notes + at, len))
		return dump_fail(e, EIO, "offset 0x%llx: notes unreadable",
				 (unsigned long long)off);
	p->notes_last = at;
	p->notes_len = at + len;
	return 0;
}
