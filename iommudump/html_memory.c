// SPDX-License-Identifier: GPL-2.0-only
/* Memory on the page that html.c writes: as bars, and who maps what of it. */
#include <stdlib.h>
#include <string.h>
#include "html.h"

/* --- memory as bars --- */

struct scale {
	u64 from, to; /* to is behind the last byte that is drawn */
};

static u64 number_of(struct json_object *o, const char *key)
{
	return strtoull(get_text(o, key), NULL, 16);
}

static void widen(struct scale *s, struct json_object *o, const char *key)
{
	size_t i;

	for (i = 0; i < get_count(o, key); i++) {
		struct json_object *r = get_at(o, key, i);
		u64 start = number_of(r, "address");
		u64 len = number_of(r, "length");

		if (!len)
			continue;
		if (start < s->from)
			s->from = start;
		/* The last byte of all cannot be behind anything. */
		if (len > ~0ULL - start)
			len = ~0ULL - start;
		if (start + len > s->to)
			s->to = start + len;
	}
}

/* RAM, if it is known; else what is. */
static struct scale scale_of(struct json_object *doc)
{
	struct scale s = { ~0ULL, 0 };
	size_t i;

	widen(&s, get(doc, "memory"), "ram");
	widen(&s, get(doc, "memory"), "reservations");
	if (!get_count(get(doc, "memory"), "ram"))
		for (i = 0; i < get_count(doc, "maps"); i++)
			widen(&s, get_at(doc, "maps", i), "ranges");
	return s;
}

#define BAR_WIDTH 1000.0
#define BAR_LEAST 1.5 /* a page in a terabyte still shows */

static void put_rect(FILE *f, const struct scale *s, struct json_object *r,
		     const char *class)
{
	u64 start = number_of(r, "address"), len = number_of(r, "length");
	double unit = BAR_WIDTH / (double)(s->to - s->from), width;
	char size[32];

	if (!len || start >= s->to ||
	    (start < s->from && len <= s->from - start))
		return;
	if (start < s->from) {
		len -= s->from - start;
		start = s->from;
	}
	if (len > s->to - start)
		len = s->to - start;
	width = (double)len * unit;
	fprintf(f, "<rect class=%s x=%.2f y=0 width=%.2f height=10><title>",
		class, (double)(start - s->from) * unit,
		width < BAR_LEAST ? BAR_LEAST : width);
	html_escape(f, get_text(r, "address"));
	fputs(" +", f);
	html_escape(f, get_text(r, "length"));
	fputs(size_words(get_text(r, "length"), size, sizeof(size)), f);
	if (get(r, "type")) {
		fputs(", ", f);
		html_escape(f, get_text(r, "type"));
	}
	fputs("</title></rect>", f);
}

static void begin_bar(FILE *f, const struct scale *s, const char *label)
{
	fprintf(f,
		"<span>%s</span><svg viewBox=\"0 0 1000 10\" "
		"preserveAspectRatio=none role=img aria-label=\"%s\" "
		"data-from=0x%llx data-to=0x%llx>",
		label, label, (unsigned long long)s->from,
		(unsigned long long)s->to);
}

static void put_bar(FILE *f, const struct scale *s, struct json_object *o,
		    const char *key, const char *label, const char *class)
{
	size_t i;

	begin_bar(f, s, label);
	for (i = 0; i < get_count(o, key); i++)
		put_rect(f, s, get_at(o, key, i), class);
	fputs("</svg>\n", f);
}

/* What tables map with @access in it, or without. */
static void put_map_bar(FILE *f, const struct scale *s, struct json_object *doc,
			const char *label, bool writes)
{
	size_t i, k;

	begin_bar(f, s, label);
	for (i = 0; i < get_count(doc, "maps"); i++) {
		struct json_object *m = get_at(doc, "maps", i);

		for (k = 0; k < get_count(m, "ranges"); k++) {
			struct json_object *r = get_at(m, "ranges", k);

			if (!strchr(get_text(r, "access"), 'w') == !writes)
				put_rect(f, s, r, writes ? "write" : "read");
		}
	}
	fputs("</svg>\n", f);
}

/* A place on the axis, in words as short as a narrow page needs. */
static void put_label(FILE *f, u64 at)
{
	char hex[24], words[32];

	snprintf(hex, sizeof(hex), "0x%llx", (unsigned long long)at);
	size_words(hex, words, sizeof(words));
	/* Without the blank and the brackets, where there are words. */
	if (*words)
		fprintf(f, "<span title=%s>%.*s</span>", hex,
			(int)strlen(words) - 3, words + 2);
	else
		fprintf(f, "<span>%s</span>", hex);
}

static void put_axis(FILE *f, const struct scale *s)
{
	fputs("<span></span><span class=axis>", f);
	put_label(f, s->from);
	put_label(f, s->from + (s->to - s->from) / 2);
	put_label(f, s->to);
	fputs("</span></div>\n", f);
}

static void put_bars(FILE *f, struct json_object *doc)
{
	struct json_object *memory = get(doc, "memory");
	struct scale s = scale_of(doc);

	if (s.to <= s.from) {
		fputs("<p>Where memory lies is not known.</p>\n", f);
		return;
	}
	fputs("<div class=bars>\n", f);
	put_bar(f, &s, memory, "ram", "RAM", "ram");
	put_bar(f, &s, memory, "reservations", "crash kernel", "crash");
	put_bar(f, &s, memory, "regions", "reserved regions", "region");
	put_map_bar(f, &s, doc, "mapped for writing", true);
	put_map_bar(f, &s, doc, "mapped for reading", false);
	put_axis(f, &s);
	if (!get_count(memory, "ram"))
		fputs("<p>Where RAM lies was not recorded; the bars show what "
		      "is known.</p>\n",
		      f);
}

void html_memory(FILE *f, struct json_object *doc)
{
	static const struct html_column span[] = {
		{ "address", "address", CELL_MONO },
		{ "length", "length", CELL_SIZE },
	};
	static const struct html_column region[] = {
		{ "address", "address", CELL_MONO },
		{ "length", "length", CELL_SIZE },
		{ "type", "type", CELL_TEXT },
		{ "group", "group", CELL_TEXT },
	};
	struct json_object *memory = get(doc, "memory");

	fputs("<section id=memory><h2>Physical memory</h2>\n", f);
	put_bars(f, doc);
	html_table(f, memory, "reservations", "Memory of the crash kernel",
		   "No memory of a crash kernel is known.", COLUMNS(span));
	html_table(f, memory, "regions", "Reserved regions",
		   "No reserved regions are recorded.", COLUMNS(region));
	html_table(f, memory, "ram", "RAM", "", COLUMNS(span));
	if (get_bool(memory, "more"))
		fputs("<p>There is more than is listed.</p>\n", f);
	fputs("</section>\n", f);
}

/* --- who maps what --- */

static void put_map(FILE *f, struct json_object *m)
{
	static const struct html_column c[] = {
		{ "address", "address", CELL_MONO },
		{ "length", "length", CELL_SIZE },
		{ "access", "access", CELL_MONO },
		{ "only parts of it", "partly", CELL_TEXT },
		{ "was to the kernel", "kinds", CELL_TEXT },
	};
	char size[32];
	size_t i;

	fputs("<h3>", f);
	for (i = 0; i < get_count(m, "requesters"); i++) {
		if (i)
			fputs("; ", f);
		html_who(f, get_at(m, "requesters", i));
	}
	fputs(get_bool(m, "more_requesters") ? "; and more on " : " on ", f);
	html_escape(f, get_text(m, "unit"));
	fputs("</h3>\n<p>", f);
	html_escape(f, get_text(m, "kind"));
	for (i = 0; i < get_count(m, "stages"); i++) {
		struct json_object *s = get_at(m, "stages", i);

		fputs(", ", f);
		html_escape(f, get_text(s, "form"));
		fputs(" table <span class=mono>", f);
		html_escape(f, get_text(s, "root"));
		fputs("</span>", f);
	}
	fputs(": ", f);
	html_escape(f, get_text(m, "runs"));
	fprintf(f, " run%s, <span class=mono>", plural(get_number(m, "runs")));
	html_escape(f, get_text(m, "bytes"));
	fprintf(f, "</span> bytes%s",
		size_words(get_text(m, "bytes"), size, sizeof(size)));
	if (get_number(m, "unread"))
		fprintf(f, "; %llu place%s could not be followed",
			(unsigned long long)get_number(m, "unread"),
			plural(get_number(m, "unread")));
	fputs(".</p>\n<div class=scroll tabindex=0 role=region "
	      "aria-label=\"ranges\">",
	      f);
	html_table(f, m, "ranges", "Ranges of physical memory", "Nothing.",
		   COLUMNS(c));
	fputs("</div>\n", f);
	for (i = 0; i < get_count(m, "ranges"); i++) {
		if (!get_bool(get_at(m, "ranges", i), "partly"))
			continue;
		fputs("<p>There were too many ranges: close ones were told as "
		      "one. <code>iommudump maps</code> lists them all.</p>\n",
		      f);
		break;
	}
}

void html_maps(FILE *f, struct json_object *doc)
{
	static const struct html_column c[] = {
		{ "who", NULL, CELL_WHO },
		{ "unit", "unit", CELL_TEXT },
		{ "why", "why", CELL_TEXT },
		{ "access", "access", CELL_MONO },
	};
	size_t i;

	fputs("<section id=maps><h2>Who reaches what</h2>\n", f);
	html_table(f, doc, "untranslated", "Access to all memory, untranslated",
		   "Nobody reaches memory untranslated.", COLUMNS(c));
	for (i = 0; i < get_count(doc, "maps"); i++)
		put_map(f, get_at(doc, "maps", i));
	if (get_bool(doc, "more"))
		fputs("<p>Not all tables could be read or listed; "
		      "<code>iommudump reach</code> says what it could not "
		      "decide.</p>\n",
		      f);
	fputs("</section>\n", f);
}
