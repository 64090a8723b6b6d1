// SPDX-License-Identifier: GPL-2.0-only
/* Notes of a dump: several segments of them become one. */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "formats.h"

/* include/uapi/linux/vmcore.h */
#define DEVICE_DUMP_TYPE 0x700u
#define DEVICE_DUMP_NAME "LINUX"
#define DEVICE_DUMPS_MAX 1024u /* looked at in a segment */

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

/* Says what is left out from @off on, once for all segments. */
static void left_out(struct dump_parts *p, u64 off, const char *why)
{
	size_t i;

	for (i = 0; i < p->problems->n; i++)
		if (!strcmp(p->problems->list[i].rule, why))
			return;
	note_problem_in_file(p->problems, off, why);
}

/*
 * The length of the device dumps at @off. Drivers add them, of any length, and
 * fs/proc/vmcore.c puts them before all other notes.
 */
static u64 device_dumps(struct blob *b, u64 off, u64 len)
{
	struct {
		Elf64_Nhdr nh;
		char name[8]; /* padded to a multiple of 4 */
	} head;
	u64 at = 0, next;
	u32 n;

	for (n = 0; n < DEVICE_DUMPS_MAX; n++, at = next) {
		if (len - at < sizeof(head) ||
		    blob_read(b, off + at, &head, sizeof(head)) ||
		    head.nh.n_type != DEVICE_DUMP_TYPE ||
		    head.nh.n_namesz != sizeof(DEVICE_DUMP_NAME) ||
		    memcmp(head.name, DEVICE_DUMP_NAME,
			   sizeof(DEVICE_DUMP_NAME)))
			break;
		next = at + sizeof(head) + align_up((u64)head.nh.n_descsz, 4);
		if (next > len)
			break;
	}
	return at;
}

/* What of a segment is left out where all is too much. */
static void make_short(struct dump_parts *p, struct blob *b, u64 *off, u64 *len)
{
	u64 room = DUMP_NOTES_MAX - p->notes_len, skip;

	if (*len <= room)
		return;
	skip = device_dumps(b, *off, *len);
	if (skip)
		left_out(p, *off,
			 "more than 64 MiB of notes: device dumps (VMCOREDD) "
			 "are left out");
	*off += skip;
	*len -= skip;
	if (*len <= room)
		return;
	*len = room;
	left_out(p, *off + room,
		 "more than 64 MiB of notes: what comes behind is left out");
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
	make_short(p, b, &off, &len);
	if (!make_room(p, at + len))
		return dump_fail(e, ENOMEM, "out of memory");
	if (blob_read(b, off, p->notes + at, len))
		return dump_fail(e, EIO, "offset 0x%llx: notes unreadable",
				 (unsigned long long)off);
	p->notes_last = at;
	p->notes_len = at + len;
	return 0;
}
