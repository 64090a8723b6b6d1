// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the notes are, in a note of its own behind VMCOREINFO: that is part
 * of every crash kernel's ELF core header, whoever made it, and has some 800
 * bytes left. Written in the hook, after crash_save_vmcoreinfo().
 */
#include "compat.h"
#include "module.h"

/* Head and records of at most KEPT_MAX spans. */
#define KEPT_MAX 2
#define KEPT_BYTES                                                           \
	(NOTE_HEADER_BYTES + sizeof(struct note_head) +                      \
	 KEPT_MAX * (sizeof(struct note_record) + sizeof(struct rec_kept)) + \
	 NOTE_TERMINATOR + 3)

/* Behind the last note that is there. */
static u32 end_of_notes(const u8 *notes, u32 len)
{
	struct note_reader r = { .buf = notes, .len = len };
	struct note n;
	u64 bad;

	while (note_next(&r, &n, &bad))
		if (n.name_len == sizeof(NOTE_NAME) - 1 &&
		    !memcmp(n.name, NOTE_NAME, sizeof(NOTE_NAME) - 1))
			return len; /* somebody has been here */
	return bad == ~0ULL ? r.at : len;
}

void vmcoreinfo_point_to(const struct span *notes, u32 n)
{
	u8 *at = __va(paddr_vmcoreinfo_note());
	u32 used = end_of_notes(at, VMCOREINFO_NOTE_SIZE), i;
	struct note_writer w;

	/* Nothing was written to it yet, or there is no room. */
	if (!used || VMCOREINFO_NOTE_SIZE - used < KEPT_BYTES)
		return;
	note_begin(&w, at + used, KEPT_BYTES, NOTE_KEPT);
	for (i = 0; i < n; i++) {
		struct rec_kept kept = {
			.phys = notes[i].start,
			.len = notes[i].len,
			.crc = note_crc32(0, __va(notes[i].start),
					  notes[i].len),
		};

		if (kept.len)
			note_put(&w, REC_KEPT, &kept, sizeof(kept));
	}
	note_seal(&w);
}
