// SPDX-License-Identifier: GPL-2.0-only
/* iommudump notes: the notes as they stand. */
#include <stdio.h>
#include "columns.h"

#define LINES_MAX 65536u /* notes and records listed of one dump */

static void add_records(struct json_object *o, const struct note *n, u32 *lines)
{
	struct json_object *a = put_array(o, "content"), *v;
	struct note_record_reader r;
	struct note_record rec;
	const u8 *data;

	note_records(&r, n);
	while (note_record_next(&r, &rec, &data) && (*lines)++ < LINES_MAX) {
		v = push_object(a);
		put_number(v, "type", rec.type);
		put_text(v, "name", view_record_text(rec.type));
		put_number(v, "length", rec.len);
	}
}

static void add_note(struct json_object *o, const struct dump *d,
		     const struct note *n, u32 *lines)
{
	struct note_head head;
	enum note_state state = note_check(n, &head);

	put_hex(o, "offset", (u64)(n->desc - d->notes) - NOTE_HEADER_BYTES);
	put_hex(o, "type", n->type);
	put_text(o, "name", view_note_text(n->type));
	put_number(o, "length", n->desc_len);
	put_text(o, "state", note_state_text(state));
	if (state == NOTE_SHORT || state == NOTE_BAD_MAGIC)
		return;
	put_number(o, "version", head.version);
	put_hex(o, "checksum", head.crc);
	put_number(o, "records", head.records);
	put_number(o, "dropped", head.dropped);
	if (state == NOTE_VALID)
		add_records(o, n, lines);
}

bool report_notes(struct report *r)
{
	const struct dump *d = r->d;
	struct note_reader rd = { .buf = d->notes, .len = d->notes_len };
	struct json_object *a = put_array(r->doc, "notes");
	struct note_head head;
	struct note n;
	u64 bad, others = 0;
	u32 lines = 0;

	while (note_next(&rd, &n, &bad)) {
		if (note_check(&n, &head) == NOTE_NOT_OURS)
			others++;
		else if (lines++ < LINES_MAX)
			add_note(push_object(a), d, &n, &lines);
	}
	put_number(r->doc, "other_notes", others);
	put_bool(r->doc, "more", lines > LINES_MAX);
	return true;
}

static const struct column record_columns[] = {
	{ .title = "record", .key = "type" },
	{ .title = "name", .key = "name" },
	{ .title = "bytes", .key = "length" },
	{ .title = NULL },
};

void print_notes(struct json_object *doc)
{
	size_t i;

	for (i = 0; i < get_count(doc, "notes"); i++) {
		struct json_object *n = get_at(doc, "notes", i);

		printf("note at %s, type %s %s, %s bytes: %s\n",
		       get_text(n, "offset"), get_text(n, "type"),
		       get_text(n, "name"), get_text(n, "length"),
		       get_text(n, "state"));
		if (get(n, "checksum"))
			printf("  version %s, checksum %s, %s record%s, %s "
			       "dropped\n",
			       get_text(n, "version"), get_text(n, "checksum"),
			       get_text(n, "records"),
			       plural(get_number(n, "records")),
			       get_text(n, "dropped"));
		print_rows(n, "content", "  ", record_columns);
	}
	if (get_bool(doc, "more"))
		puts("and more");
	printf("%s note%s of others\n", get_text(doc, "other_notes"),
	       plural(get_number(doc, "other_notes")));
}
