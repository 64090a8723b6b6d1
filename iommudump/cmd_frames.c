// SPDX-License-Identifier: GPL-2.0-only
/*
 * iommudump frames: the memory that is mapped for DMA, and what of it is not in
 * the dump. makedumpfile -d 31 leaves out pages of processes and of files,
 * which is where DMA goes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "report.h"

/* Looked for in the dump, which unpacks each: more takes minutes. */
#define PROBES_MAX (1u << 18)

#define PIECES_MAX (1u << 18)

struct count {
	struct json_object *pieces;
	u64 pages, missing, probed;
	bool more;
};

/* Which of these pages the dump has; the last ones are not looked for. */
static void probe(struct report *r, const struct span *piece, struct count *c)
{
	u64 at, word;

	if (!r->d->mem || !strcmp(r->d->format, "live"))
		return;
	for (at = 0; at < piece->len && c->probed < PROBES_MAX;
	     at += PAGE_4K, c->probed++)
		c->missing += !!mem_read(r->d->mem, piece->start + at, &word,
					 sizeof(word));
}

/* From @start up to the last byte @end: whole pages, and none twice. */
static void put_piece(struct report *r, u64 start, u64 end, struct count *c)
{
	struct span piece;
	struct json_object *o;

	piece.start = align_down(start, PAGE_4K);
	piece.len = align_down(end, PAGE_4K) - piece.start + PAGE_4K;
	c->pages += piece.len / PAGE_4K;
	probe(r, &piece, c);
	if (json_object_array_length(c->pieces) >= PIECES_MAX) {
		c->more = true;
		return;
	}
	o = push_object(c->pieces);
	put_hex(o, "address", piece.start);
	put_hex(o, "length", piece.len);
}

/* What of a range is RAM; all of it where nothing says what is. */
static void put_range(struct report *r, const struct mapped_range *m,
		      struct count *c)
{
	const struct facts *f = &r->d->facts;
	u64 last = m->start + (m->len - 1);
	bool known = false;
	size_t i;

	for (i = 0; i < f->iomem_n; i++) {
		const struct iomem *ram = &f->iomem[i];

		if (strcmp(ram->name, "System RAM"))
			continue;
		known = true;
		if (ram->start <= last && ram->end >= m->start)
			put_piece(r,
				  ram->start > m->start ? ram->start : m->start,
				  ram->end < last ? ram->end : last, c);
	}
	if (!known)
		put_piece(r, m->start, last, c);
}

static void put_frames(struct report *r, const struct frames *f)
{
	struct count c = { .pieces = put_array(r->doc, "ranges") };
	bool partly = false;
	size_t i;

	for (i = 0; i < f->range_n; i++) {
		partly |= f->range[i].partly;
		put_range(r, &f->range[i], &c);
	}
	put_number(r->doc, "pages", c.pages);
	put_hex(r->doc, "bytes", c.pages * PAGE_4K);
	if (c.probed) {
		put_number(r->doc, "looked_for", c.probed);
		put_number(r->doc, "missing", c.missing);
		put_hex(r->doc, "missing_bytes", c.missing * PAGE_4K);
	}
	put_number(r->doc, "untranslated", f->untranslated);
	put_bool(r->doc, "complete",
		 !f->gaps && !f->more && !partly && !c.more);
	if (!get_bool(r->doc, "complete") || f->untranslated ||
	    (c.probed && c.probed < c.pages))
		r->status = EXIT_INCOMPLETE;
}

bool report_frames(struct report *r)
{
	struct progress p = { .what = "pages of tables read" };
	struct frames f;
	bool done = !view_frames(r->d, show_progress, &p, &f);

	end_progress(&p);
	if (done) {
		put_as_of(r->doc, r->d);
		put_frames(r, &f);
	} else {
		r->status = EXIT_INCOMPLETE;
		snprintf(r->err, r->err_len, "frames: %s", strerror(ENOMEM));
	}
	frames_free(&f);
	return done;
}

void print_frames(struct json_object *doc)
{
	char size[32];
	size_t i;

	for (i = 0; i < get_count(doc, "ranges"); i++) {
		struct json_object *o = get_at(doc, "ranges", i);

		printf("%s+%s\n", get_text(o, "address"),
		       get_text(o, "length"));
	}
	printf("as of %s: %s pages of RAM are mapped for DMA, %s bytes%s\n",
	       get_text(doc, "as_of"), get_text(doc, "pages"),
	       get_text(doc, "bytes"),
	       size_words(get_text(doc, "bytes"), size, sizeof(size)));
	if (get(doc, "missing"))
		printf("%s of %s looked for are not in the dump, %s bytes%s\n",
		       get_text(doc, "missing"), get_text(doc, "looked_for"),
		       get_text(doc, "missing_bytes"),
		       size_words(get_text(doc, "missing_bytes"), size,
				  sizeof(size)));
	if (get_number(doc, "untranslated"))
		printf("not known: where DMA of %s requester%s goes that is "
		       "not translated\n",
		       get_text(doc, "untranslated"),
		       plural(get_number(doc, "untranslated")));
	if (!get_bool(doc, "complete"))
		puts("not all tables could be read, or there are more ranges "
		     "than are told apart");
}
