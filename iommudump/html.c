// SPDX-License-Identifier: GPL-2.0-only
/*
 * iommudump report --html: the document of report_report as one page that
 * loads nothing. Tables are there without scripts; the script only searches,
 * in the same document, which the page carries. Every text passes through
 * escape: names come from a dump that anyone may have made.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "names.h"

/* page.S */
extern const char page_css[], page_css_end[], page_js[], page_js_end[];

static void escape(FILE *f, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '&':
			fputs("&amp;", f);
			break;
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '"':
			fputs("&quot;", f);
			break;
		case '\'':
			fputs("&#39;", f);
			break;
		default:
			fputc((unsigned char)*s < 0x20 || *s == 0x7f ? '?' : *s,
			      f);
		}
	}
}

/* --- tables --- */

enum cell_kind {
	CELL_TEXT,     /* as cell(): arrays are joined by blanks */
	CELL_MONO,     /* addresses, names: not broken */
	CELL_WHO,      /* the row's requester and devices */
	CELL_NAMES,    /* the devices of the row, with their drivers */
	CELL_SIZE,     /* a length, in words too */
	CELL_MODEL,    /* vendor and device, by libpci where it is */
	CELL_SEVERITY, /* the word, in the colour it names */
};

struct html_column {
	const char *title;
	const char *key;
	enum cell_kind kind;
};

static void put_names(FILE *f, struct json_object *o)
{
	size_t i, n = get_count(o, "devices"), shown = shown_of(n, NAMES_FEW);

	for (i = 0; i < n; i++) {
		struct json_object *d = get_at(o, "devices", i);

		if (i == shown)
			fprintf(f, "<details><summary>and %zu more</summary>",
				n - shown);
		else if (i)
			fputs(", ", f);
		escape(f, get_text(d, "name"));
		if (!get(d, "driver"))
			continue;
		fputc(' ', f);
		escape(f, get_text(d, "driver"));
	}
	if (get_bool(o, "more_devices"))
		fputs(" and more", f);
	if (shown < n)
		fputs("</details>", f);
}

static void put_who(FILE *f, struct json_object *o)
{
	size_t n = get_count(o, "devices");

	put_names(f, o);
	if (!n)
		escape(f, get_text(o, "requester"));
	else if (n > 1 || strcmp(get_text(get_at(o, "devices", 0), "name"),
				 get_text(o, "requester"))) {
		fputs(" (as ", f);
		escape(f, get_text(o, "requester"));
		fputc(')', f);
	}
	if (get(o, "pasid")) {
		fputs(" pasid ", f);
		escape(f, get_text(o, "pasid"));
	}
}

/* "8086:10d3", and what this machine's pci.ids calls it. */
static void put_model(FILE *f, struct json_object *o)
{
	char *name = NULL;
	size_t len = 0;
	FILE *words = need(open_memstream(&name, &len));

	write_model(words, o);
	if (fclose(words))
		need(NULL);
	escape(f, get_text(o, "ids"));
	fputc(' ', f);
	escape(f, name);
	free(name);
}

static void put_cell(FILE *f, struct json_object *o,
		     const struct html_column *c)
{
	char buf[512] = "";

	if (c->kind == CELL_SEVERITY)
		fprintf(f, "<td class=%s>", get_text(o, c->key));
	else
		fputs(c->kind == CELL_MONO || c->kind == CELL_SIZE
			      ? "<td class=n>"
			      : "<td>",
		      f);
	if (c->kind == CELL_WHO)
		put_who(f, o);
	else if (c->kind == CELL_NAMES)
		put_names(f, o);
	else if (c->kind == CELL_MODEL)
		put_model(f, o);
	else
		escape(f, cell(o, c->key, buf, sizeof(buf)));
	if (c->kind == CELL_SIZE)
		fputs(size_words(get_text(o, c->key), buf, sizeof(buf)), f);
	fputs("</td>", f);
}

/* @class: of how it is set on a narrow page; "" for as elsewhere. */
static void begin_table(FILE *f, const char *class, const char *caption,
			const struct html_column *c, size_t n)
{
	size_t i;

	fprintf(f, "<table class=\"%s\"><caption>%s</caption><thead><tr>",
		class, caption);
	for (i = 0; i < n; i++)
		fprintf(f, "<th scope=col>%s</th>", c[i].title);
	fputs("</tr></thead><tbody>\n", f);
}

static void put_row(FILE *f, struct json_object *o, const struct html_column *c,
		    size_t n)
{
	size_t i;

	fputs("<tr>", f);
	for (i = 0; i < n; i++)
		put_cell(f, o, &c[i]);
	fputs("</tr>\n", f);
}

/* Rows of objects; @none in its place when there are none. */
static void put_table(FILE *f, struct json_object *o, const char *key,
		      const char *caption, const char *none,
		      const struct html_column *c, size_t n)
{
	size_t i, rows = get_count(o, key);

	if (!rows) {
		fprintf(f, "<p>%s</p>\n", none);
		return;
	}
	begin_table(f, "", caption, c, n);
	for (i = 0; i < rows; i++)
		put_row(f, get_at(o, key, i), c, n);
	fputs("</tbody></table>\n", f);
}
#define COLUMNS(c) c, ARRAY_SIZE(c)

/* --- the parts of the page --- */

static void put_verdict(FILE *f, struct json_object *doc)
{
	struct json_object *show = get(doc, "show");
	struct json_object *n = get(get(doc, "check"), "counts");
	u64 serious = get_number(n, "serious"),
	    warning = get_number(n, "warning"), note = get_number(n, "note");

	fputs("<header><h1>IOMMU report</h1>\n<p>", f);
	if (get(show, "release")) {
		fputs("Kernel <span class=mono>", f);
		escape(f, get_text(show, "release"));
		fputs("</span>, ", f);
	}
	fputs("as of ", f);
	escape(f, get_text(doc, "as_of"));
	if (get(show, "tool")) {
		fputs("; recorded by kexec-iommu ", f);
		escape(f, get_text(show, "tool"));
		fputs(", mode ", f);
		escape(f, get_text(show, "mode"));
	}
	fprintf(f,
		".</p>\n<p class=\"verdict%s\">%llu serious finding%s, %llu "
		"warning%s, %llu note%s. <a href=\"#findings\">What to do</a>"
		"</p></header>\n",
		serious	  ? " bad"
		: warning ? " fair"
			  : "",
		(unsigned long long)serious, plural(serious),
		(unsigned long long)warning, plural(warning),
		(unsigned long long)note, plural(note));
}

static const struct html_column finding_columns[] = {
	{ "severity", "severity", CELL_SEVERITY },
	{ "rule", "rule", CELL_TEXT },
	{ "unit", "unit", CELL_TEXT },
	{ "who", NULL, CELL_NAMES },
	{ "why", "why", CELL_TEXT },
	{ "what to do", "advice", CELL_TEXT },
};
static const struct html_column undecided_columns[] = {
	{ "rule", "rule", CELL_TEXT },
	{ "unit", "unit", CELL_TEXT },
	{ "why", "why", CELL_TEXT },
};

/* Rows [from, end), which are alike: the first few, the others behind a line. */
static void put_alike(FILE *f, struct json_object *o, const char *key,
		      size_t from, size_t end, const struct html_column *c,
		      size_t n)
{
	size_t i, shown = shown_of(end - from, FINDINGS_FEW);

	for (i = from; i < from + shown; i++)
		put_row(f, get_at(o, key, i), c, n);
	if (i == end)
		return;
	fprintf(f,
		"<tr><td colspan=%zu><details><summary>%s: %zu more"
		"</summary>",
		n, get_text(get_at(o, key, from), "rule"), end - i);
	begin_table(f, key, "The others", c, n);
	for (; i < end; i++)
		put_row(f, get_at(o, key, i), c, n);
	fputs("</tbody></table></details></td></tr>\n", f);
}

static void put_folded(FILE *f, struct json_object *o, const char *key,
		       const char *caption, const char *const *keys,
		       const struct html_column *c, size_t n)
{
	size_t i, end;

	if (!get_count(o, key))
		return;
	begin_table(f, key, caption, c, n);
	for (i = 0; i < get_count(o, key); i = end) {
		end = alike_end(o, key, i, keys);
		put_alike(f, o, key, i, end, c, n);
	}
	fputs("</tbody></table>\n", f);
}

static void put_findings(FILE *f, struct json_object *check)
{
	fputs("<section id=findings><h2>Findings</h2>\n", f);
	if (!get_count(check, "findings"))
		fputs("<p>None.</p>\n", f);
	put_folded(f, check, "findings", "Serious ones first", finding_keys,
		   COLUMNS(finding_columns));
	if (get_bool(check, "more"))
		fputs("<p>There are more findings than are listed.</p>\n", f);
	put_folded(f, check, "undecided", "Rules without an answer",
		   undecided_keys, COLUMNS(undecided_columns));
	fputs("</section>\n", f);
}

/* --- the story --- */

#define ROWS_OPEN 12u /* of more than that the reader asks */

static void put_line(FILE *f, const char *before, const char *text)
{
	if (!*text)
		return;
	fprintf(f, "<p>%s", before);
	escape(f, text);
	fputs("</p>\n", f);
}

static void put_died(FILE *f, struct json_object *died)
{
	if (get(died, "what"))
		put_line(f, "Died: ", get_text(died, "what"));
	else
		put_line(f, "The log says nothing of it. ",
			 get_text(died, "log_error"));
	put_line(f, "At ", get_text(died, "at"));
	put_line(f, "", get_text(died, "process"));
}

static void put_writers(FILE *f, struct json_object *story)
{
	static const struct html_column c[] = {
		{ "who", NULL, CELL_WHO },
		{ "why", "why", CELL_TEXT },
		{ "mapped", "bytes", CELL_SIZE },
		{ "after the crash", "after", CELL_TEXT },
	};
	size_t n = get_count(story, "could_write");

	if (n > ROWS_OPEN)
		fprintf(f,
			"<details><summary>%zu could write when it died"
			"</summary>",
			n);
	put_table(f, story, "could_write",
		  "Who could write, and what became "
		  "of it",
		  "Nobody is known.", COLUMNS(c));
	if (get_bool(story, "more_writers"))
		fputs("<p>There are more.</p>\n", f);
	if (n > ROWS_OPEN)
		fputs("</details>\n", f);
	if (!strcmp(get_text(story, "scratch_page"), "written"))
		fputs("<p>The scratch page was written: DMA was in flight, and "
		      "ended there.</p>\n",
		      f);
}

static void put_named(FILE *f, struct json_object *m)
{
	size_t i, n = get_count(m, "reached_by");

	fputs("<tr><td>", f);
	escape(f, get_text(m, "where"));
	fputs("</td><td class=n>", f);
	escape(f, get_text(m, "virtual"));
	fputs("</td><td class=n>", f);
	escape(f, get_text(m, "address"));
	fputs("</td><td>", f);
	escape(f, get_text(m, "kind"));
	if (get(m, "name")) {
		fputs(" (", f);
		escape(f, get_text(m, "name"));
		fputc(')', f);
	}
	fputs("</td><td>", f);
	escape(f, get_text(m, "error"));
	if (get(m, "address") && !n)
		fputs("nobody", f);
	for (i = 0; i < n && i < ROWS_OPEN; i++) {
		fputs(i ? ", " : "", f);
		put_who(f, get_at(m, "reached_by", i));
		fputc(' ', f);
		escape(f, get_text(get_at(m, "reached_by", i), "access"));
	}
	if (n > ROWS_OPEN)
		fprintf(f, " and %zu more", n - ROWS_OPEN);
	fputs("</td></tr>\n", f);
}

static void put_story(FILE *f, struct json_object *story)
{
	static const struct html_column c[] = {
		{ "where", NULL, CELL_TEXT },
		{ "address", NULL, CELL_MONO },
		{ "in memory", NULL, CELL_MONO },
		{ "which was", NULL, CELL_TEXT },
		{ "reached by", NULL, CELL_TEXT },
	};
	size_t i;

	fputs("<section id=story><h2>What happened</h2>\n", f);
	put_died(f, get(story, "died"));
	put_writers(f, story);
	if (get_count(story, "memory")) {
		begin_table(f, "", "Memory that the log names", COLUMNS(c));
		for (i = 0; i < get_count(story, "memory"); i++)
			put_named(f, get_at(story, "memory", i));
		fputs("</tbody></table>\n", f);
	}
	if (get_count(story, "advice"))
		fputs("<h3>What to do</h3>\n<ul>\n", f);
	for (i = 0; i < get_count(story, "advice"); i++) {
		fputs("<li>", f);
		escape(f, json_object_get_string(json_object_array_get_idx(
				  get(story, "advice"), i)));
		fputs("</li>\n", f);
	}
	fputs(get_count(story, "advice") ? "</ul>\n</section>\n"
					 : "</section>\n",
	      f);
}

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
	escape(f, get_text(r, "address"));
	fputs(" +", f);
	escape(f, get_text(r, "length"));
	fputs(size_words(get_text(r, "length"), size, sizeof(size)), f);
	if (get(r, "type")) {
		fputs(", ", f);
		escape(f, get_text(r, "type"));
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

static void put_memory(FILE *f, struct json_object *doc)
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
	put_table(f, memory, "reservations", "Memory of the crash kernel",
		  "No memory of a crash kernel is known.", COLUMNS(span));
	put_table(f, memory, "regions", "Reserved regions",
		  "No reserved regions are recorded.", COLUMNS(region));
	put_table(f, memory, "ram", "RAM", "", COLUMNS(span));
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
		put_who(f, get_at(m, "requesters", i));
	}
	fputs(get_bool(m, "more_requesters") ? "; and more on " : " on ", f);
	escape(f, get_text(m, "unit"));
	fputs("</h3>\n<p>", f);
	escape(f, get_text(m, "kind"));
	for (i = 0; i < get_count(m, "stages"); i++) {
		struct json_object *s = get_at(m, "stages", i);

		fputs(", ", f);
		escape(f, get_text(s, "form"));
		fputs(" table <span class=mono>", f);
		escape(f, get_text(s, "root"));
		fputs("</span>", f);
	}
	fputs(": ", f);
	escape(f, get_text(m, "runs"));
	fprintf(f, " run%s, <span class=mono>", plural(get_number(m, "runs")));
	escape(f, get_text(m, "bytes"));
	fprintf(f, "</span> bytes%s",
		size_words(get_text(m, "bytes"), size, sizeof(size)));
	if (get_number(m, "unread"))
		fprintf(f, "; %llu place%s could not be followed",
			(unsigned long long)get_number(m, "unread"),
			plural(get_number(m, "unread")));
	fputs(".</p>\n<div class=scroll tabindex=0 role=region "
	      "aria-label=\"ranges\">",
	      f);
	put_table(f, m, "ranges", "Ranges of physical memory", "Nothing.",
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

static void put_maps(FILE *f, struct json_object *doc)
{
	static const struct html_column c[] = {
		{ "who", NULL, CELL_WHO },
		{ "unit", "unit", CELL_TEXT },
		{ "why", "why", CELL_TEXT },
		{ "access", "access", CELL_MONO },
	};
	size_t i;

	fputs("<section id=maps><h2>Who reaches what</h2>\n", f);
	put_table(f, doc, "untranslated", "Access to all memory, untranslated",
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

/* --- units, devices, faults --- */

static void put_units(FILE *f, struct json_object *show)
{
	static const struct html_column unit[] = {
		{ "unit", "name", CELL_TEXT },
		{ "kind", "vendor", CELL_TEXT },
		{ "registers", "registers", CELL_MONO },
		{ "as of the", "registers_from", CELL_TEXT },
		{ "rebuilt from what the kernel keeps", "registers_rebuilt",
		  CELL_TEXT },
		{ "translation", "translation", CELL_TEXT },
		{ "tables", "form", CELL_TEXT },
		{ "at", "root", CELL_MONO },
		{ "faults", "faults", CELL_TEXT },
	};
	static const struct html_column action[] = {
		{ "mode", "mode", CELL_TEXT },
		{ "outcome", "outcome", CELL_TEXT },
	};
	static const struct html_column missing[] = {
		{ "source", "source", CELL_TEXT },
		{ "why", "why", CELL_TEXT },
	};
	size_t i, k;

	fputs("<section id=units><h2>Units</h2>\n<table><caption>Their state, "
	      "and what the purgatory did</caption><thead><tr>",
	      f);
	for (i = 0; i < ARRAY_SIZE(unit); i++)
		fprintf(f, "<th scope=col>%s</th>", unit[i].title);
	fputs("<th scope=col>mode</th><th scope=col>outcome</th></tr></thead>"
	      "<tbody>\n",
	      f);
	for (i = 0; i < get_count(show, "units"); i++) {
		struct json_object *u = get_at(show, "units", i);

		fputs("<tr>", f);
		for (k = 0; k < ARRAY_SIZE(unit); k++)
			put_cell(f, u, &unit[k]);
		for (k = 0; k < ARRAY_SIZE(action); k++)
			put_cell(f, get(u, "action"), &action[k]);
		fputs("</tr>\n", f);
	}
	fputs("</tbody></table>\n", f);
	if (get_count(show, "missing"))
		put_table(f, show, "missing", "Sources that were not read", "",
			  COLUMNS(missing));
	fputs("</section>\n", f);
}

/* What the first of its entries said. */
static void put_tables_cell(FILE *f, struct json_object *d)
{
	size_t i;

	fputs("<td>", f);
	for (i = 0; i < get_count(d, "at_crash"); i++) {
		struct json_object *e = get_at(d, "at_crash", i);

		fputs(i ? "; " : "", f);
		escape(f, get_text(e, "kind"));
		if (get(e, "domain")) {
			fputs(" domain ", f);
			escape(f, get_text(e, "domain"));
		}
		if (get(e, "error")) {
			fputs(": ", f);
			escape(f, get_text(e, "error"));
		}
	}
	fputs("</td>", f);
}

static void put_devices(FILE *f, struct json_object *doc)
{
	static const struct html_column c[] = {
		{ "unit", "unit", CELL_TEXT },
		{ "group", "group", CELL_TEXT },
		{ "device", "name", CELL_MONO },
		{ "driver", "driver", CELL_TEXT },
		{ "what", "ids", CELL_MODEL },
		{ "default domain", "domain_type", CELL_TEXT },
		{ "attached to", "attached", CELL_TEXT },
		{ "mode", "mode", CELL_TEXT },
		{ "reason", "reason", CELL_TEXT },
		{ "after the crash", "after", CELL_TEXT },
	};
	size_t n, i, k;
	struct json_object **d = devices_by_place(doc, &n);

	fputs("<section id=devices><h2>Devices</h2>\n<div class=\"scroll "
	      "tall\" tabindex=0 role=region aria-label=\"devices\"><table>"
	      "<caption>By unit and group</caption><thead><tr>",
	      f);
	for (i = 0; i < ARRAY_SIZE(c); i++)
		fprintf(f, "<th scope=col>%s</th>", c[i].title);
	fputs("<th scope=col>tables</th></tr></thead><tbody>\n", f);
	for (i = 0; i < n; i++) {
		fputs("<tr>", f);
		for (k = 0; k < ARRAY_SIZE(c); k++)
			put_cell(f, d[i], &c[k]);
		put_tables_cell(f, d[i]);
		fputs("</tr>\n", f);
	}
	fputs("</tbody></table></div></section>\n", f);
	free(d);
}

static void put_faults(FILE *f, struct json_object *doc)
{
	static const struct html_column c[] = {
		{ "unit", "unit", CELL_TEXT },
		{ "who", NULL, CELL_WHO },
		{ "access", "access", CELL_TEXT },
		{ "input address", "address", CELL_MONO },
		{ "why", "text", CELL_TEXT },
		{ "raw", "raw", CELL_TEXT },
	};

	fputs("<section id=faults><h2>Faults</h2>\n", f);
	put_table(f, doc, "faults", "Pending at the crash",
		  get_bool(doc, "crash_note")
			  ? "None were pending."
			  : "No note of the crash: they are not known.",
		  COLUMNS(c));
	fputs("</section>\n", f);
}

static void put_problems(FILE *f, struct json_object *doc)
{
	static const struct html_column c[] = {
		{ "offset", "offset", CELL_MONO },
		{ "note", "note", CELL_MONO },
		{ "rule", "rule", CELL_TEXT },
	};

	if (!get_count(doc, "problems"))
		return;
	fputs("<section id=problems><h2>Problems with the notes</h2>\n", f);
	put_table(f, doc, "problems", "What is wrong with them", "",
		  COLUMNS(c));
	fputs("</section>\n", f);
}

/* --- the page --- */

static void put_head(FILE *f)
{
	fputs("<!DOCTYPE html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
	      "<meta name=viewport content=\"width=device-width\">\n"
	      "<meta http-equiv=Content-Security-Policy content=\"default-src "
	      "'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
	      "base-uri 'none'; form-action 'none'\">\n"
	      "<title>IOMMU report</title>\n<style>\n",
	      f);
	fwrite(page_css, 1, (size_t)(page_css_end - page_css), f);
	fputs("</style>\n</head>\n<body>\n"
	      "<a class=skip href=\"#main\">To the report</a>\n",
	      f);
}

static void put_search(FILE *f)
{
	fputs("<nav aria-label=\"Parts\"><ul>"
	      "<li><a href=\"#story\">What happened</a></li>"
	      "<li><a href=\"#findings\">Findings</a></li>"
	      "<li><a href=\"#memory\">Memory</a></li>"
	      "<li><a href=\"#maps\">Who reaches what</a></li>"
	      "<li><a href=\"#units\">Units</a></li>"
	      "<li><a href=\"#devices\">Devices</a></li>"
	      "<li><a href=\"#faults\">Faults</a></li></ul></nav>\n"
	      "<form id=search role=search hidden><label for=what>Who reaches "
	      "an address (0x…, 0x…+4K), or where is a device, an ID or a "
	      "driver? (/)</label>"
	      "<input type=search id=what autocomplete=off spellcheck=false>"
	      "<button type=submit>Ask</button>"
	      "<button type=reset>Clear</button></form>\n"
	      "<div id=answer role=status aria-live=polite></div>\n",
	      f);
}

/* In a script element nothing but "<" can end it or start a comment. */
static void put_data(FILE *f, struct json_object *doc)
{
	const char *s = json_object_to_json_string_ext(
		doc, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

	fputs("<script type=\"application/json\" id=data>", f);
	for (; s && *s; s++) {
		if (*s == '<' || *s == '>' || *s == '&')
			fprintf(f, "\\u%04x", (unsigned int)*s);
		else
			fputc(*s, f);
	}
	fputs("</script>\n<script>\n", f);
	fwrite(page_js, 1, (size_t)(page_js_end - page_js), f);
	fputs("</script>\n", f);
}

bool write_html(FILE *f, struct json_object *doc)
{
	put_head(f);
	put_verdict(f, doc);
	put_search(f);
	fputs("<main id=main>\n", f);
	put_story(f, get(doc, "story"));
	put_findings(f, get(doc, "check"));
	put_memory(f, doc);
	put_maps(f, doc);
	put_units(f, get(doc, "show"));
	put_devices(f, get(doc, "devices"));
	put_faults(f, get(doc, "faults"));
	put_problems(f, doc);
	fputs("</main>\n<footer><p class=dim>Made by iommudump " PACKAGE_VERSION
	      ". The page carries the JSON that <code>iommudump --json "
	      "report</code> prints.</p></footer>\n",
	      f);
	put_data(f, doc);
	fputs("</body>\n</html>\n", f);
	return !fflush(f) && !ferror(f);
}
