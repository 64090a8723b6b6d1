// SPDX-License-Identifier: GPL-2.0-only
/*
 * Notes that the kernel module left in memory of the kernel that died: a note
 * behind VMCOREINFO says where (man/iommu-notes.5). They become part of the
 * dump's own, and are read as these are.
 */
#include <stdlib.h>
#include <string.h>
#include "formats.h"
#include "iommu_notes.h"

/* A crash note and the load's, with tables: more than a module keeps. */
#define KEPT_MAX MIB(4)

static int add_bytes(struct dump *d, const u8 *bytes, u32 len)
{
	size_t room = d->notes_len + len + 4 + NOTE_TERMINATOR;
	u8 *both = calloc(1, room);

	if (!both)
		return -1;
	/*
	 * In front: notes behind VMCOREINFO may end in the zeros that end all.
	 * Those between are passed (note_next).
	 */
	memcpy(both, bytes, len);
	memcpy(both + align_up(len, 4), d->notes, d->notes_len);
	free(d->notes);
	d->notes = both;
	d->notes_len += align_up(len, 4);
	return 0;
}

static bool read_memory(struct mem *m, u64 phys, u8 *to, u32 len)
{
	while (len) {
		u32 n = PAGE_4K - phys % PAGE_4K;

		n = n < len ? n : len;
		if (mem_read(m, phys, to, n))
			return false;
		phys += n;
		to += n;
		len -= n;
	}
	return true;
}

static int take_kept(struct dump *d, const struct rec_kept *kept)
{
	const char *why = NULL;
	u8 *bytes;
	int err = 0;

	if (!kept->len || kept->len > KEPT_MAX ||
	    kept->phys + kept->len < kept->phys)
		why = "notes in memory: their place or length can't be";
	else if (!d->mem)
		why = "notes in memory: this file holds none";
	if (why) {
		note_problem_in_file(&d->problems, kept->phys, why);
		return 0;
	}
	bytes = malloc(kept->len);
	if (!bytes)
		return -1;
	if (!read_memory(d->mem, kept->phys, bytes, kept->len))
		note_problem_in_file(&d->problems, kept->phys,
				     "notes in memory: it is not in the dump");
	else if (note_crc32(0, bytes, kept->len) != kept->crc)
		note_problem_in_file(&d->problems, kept->phys,
				     "notes in memory: something wrote there, "
				     "their checksum is wrong");
	else
		err = add_bytes(d, bytes, kept->len);
	free(bytes);
	return err;
}

/* The records of all notes that say where others are, at most @max. */
static size_t find_kept(const struct dump *d, struct rec_kept *kept, size_t max)
{
	struct note_reader r = { .buf = d->notes, .len = d->notes_len };
	struct note_record_reader records;
	struct note_record rec;
	struct note_head head;
	struct note n;
	const u8 *data;
	size_t found = 0;
	u64 bad;

	while (d->notes && note_next(&r, &n, &bad)) {
		if (note_check(&n, &head) != NOTE_VALID || n.type != NOTE_KEPT)
			continue;
		note_records(&records, &n);
		while (found < max && note_record_next(&records, &rec, &data))
			if (rec.type == REC_KEPT &&
			    rec.len >= sizeof(kept[found]))
				note_struct(&rec, data, &kept[found++],
					    sizeof(kept[0]));
	}
	return found;
}

int notes_add_kept(struct dump *d)
{
	struct rec_kept kept[8];
	size_t n = find_kept(d, kept, ARRAY_SIZE(kept));
	int err = 0;

	for (size_t i = 0; i < n && !err; i++)
		err = take_kept(d, &kept[i]);
	return err;
}
