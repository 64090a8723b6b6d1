// SPDX-License-Identifier: GPL-2.0-only
/*
 * iommudump report --html: the document of report_report as one page that
 * loads nothing. Tables are there without scripts; the script only searches,
 * in the same document, which the page carries.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "html.h"

/* page.S */
extern const char page_css[], page_css_end[], page_js[], page_js_end[];

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
		html_escape(f, get_text(show, "release"));
		fputs("</span>, ", f);
	}
	fputs("as of ", f);
	html_escape(f, get_text(doc, "as_of"));
	if (get(show, "tool")) {
		fputs("; recorded by kexec-iommu ", f);
		html_escape(f, get_text(show, "tool"));
		fputs(", mode ", f);
		html_escape(f, get_text(show, "mode"));
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
		html_row(f, get_at(o, key, i), c, n);
	if (i == end)
		return;
	fprintf(f,
		"<tr><td colspan=%zu><details><summary>%s: %zu more"
		"</summary>",
		n, get_text(get_at(o, key, from), "rule"), end - i);
	html_begin_table(f, key, "The others", c, n);
	for (; i < end; i++)
		html_row(f, get_at(o, key, i), c, n);
	fputs("</tbody></table></details></td></tr>\n", f);
}

static void put_folded(FILE *f, struct json_object *o, const char *key,
		       const char *caption, const char *const *keys,
		       const struct html_column *c, size_t n)
{
	size_t i, end;

	if (!get_count(o, key))
		return;
	html_begin_table(f, key, caption, c, n);
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
	html_escape(f, text);
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
	html_table(f, story, "could_write",
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
	html_escape(f, get_text(m, "where"));
	fputs("</td><td class=n>", f);
	html_escape(f, get_text(m, "virtual"));
	fputs("</td><td class=n>", f);
	html_escape(f, get_text(m, "address"));
	fputs("</td><td>", f);
	html_escape(f, get_text(m, "kind"));
	if (get(m, "name")) {
		fputs(" (", f);
		html_escape(f, get_text(m, "name"));
		fputc(')', f);
	}
	fputs("</td><td>", f);
	html_escape(f, get_text(m, "error"));
	if (get(m, "address") && !n)
		fputs("nobody", f);
	for (i = 0; i < n && i < ROWS_OPEN; i++) {
		fputs(i ? ", " : "", f);
		html_who(f, get_at(m, "reached_by", i));
		fputc(' ', f);
		html_escape(f, get_text(get_at(m, "reached_by", i), "access"));
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
		html_begin_table(f, "", "Memory that the log names",
				 COLUMNS(c));
		for (i = 0; i < get_count(story, "memory"); i++)
			put_named(f, get_at(story, "memory", i));
		fputs("</tbody></table>\n", f);
	}
	if (get_count(story, "advice"))
		fputs("<h3>What to do</h3>\n<ul>\n", f);
	for (i = 0; i < get_count(story, "advice"); i++) {
		fputs("<li>", f);
		html_escape(f, json_object_get_string(json_object_array_get_idx(
				       get(story, "advice"), i)));
		fputs("</li>\n", f);
	}
	fputs(get_count(story, "advice") ? "</ul>\n</section>\n"
					 : "</section>\n",
	      f);
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
	      "and what was done at the crash</caption><thead><tr>",
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
			html_cell(f, u, &unit[k]);
		for (k = 0; k < ARRAY_SIZE(action); k++)
			html_cell(f, get(u, "action"), &action[k]);
		fputs("</tr>\n", f);
	}
	fputs("</tbody></table>\n", f);
	if (get_count(show, "missing"))
		html_table(f, show, "missing", "Sources that were not read", "",
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
		html_escape(f, get_text(e, "kind"));
		if (get(e, "domain")) {
			fputs(" domain ", f);
			html_escape(f, get_text(e, "domain"));
		}
		if (get(e, "error")) {
			fputs(": ", f);
			html_escape(f, get_text(e, "error"));
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
			html_cell(f, d[i], &c[k]);
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
	html_table(f, doc, "faults", "Pending at the crash",
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
	html_table(f, doc, "problems", "What is wrong with them", "",
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
	html_memory(f, doc);
	html_maps(f, doc);
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
