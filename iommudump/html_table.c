// SPDX-License-Identifier: GPL-2.0-only
/*
 * Texts and tables of the page that html.c writes. Every text passes through
 * html_escape(): names come from a dump that anyone may have made.
 */
#include <stdlib.h>
#include <string.h>
#include "html.h"
#include "names.h"

void html_escape(FILE *f, const char *s)
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
		html_escape(f, get_text(d, "name"));
		if (!get(d, "driver"))
			continue;
		fputc(' ', f);
		html_escape(f, get_text(d, "driver"));
	}
	if (get_bool(o, "more_devices"))
		fputs(" and more", f);
	if (shown < n)
		fputs("</details>", f);
}

void html_who(FILE *f, struct json_object *o)
{
	size_t n = get_count(o, "devices");

	put_names(f, o);
	if (!n)
		html_escape(f, get_text(o, "requester"));
	else if (n > 1 || strcmp(get_text(get_at(o, "devices", 0), "name"),
				 get_text(o, "requester"))) {
		fputs(" (as ", f);
		html_escape(f, get_text(o, "requester"));
		fputc(')', f);
	}
	if (get(o, "pasid")) {
		fputs(" pasid ", f);
		html_escape(f, get_text(o, "pasid"));
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
	html_escape(f, get_text(o, "ids"));
	fputc(' ', f);
	html_escape(f, name);
	free(name);
}

void html_cell(FILE *f, struct json_object *o, const struct html_column *c)
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
		html_who(f, o);
	else if (c->kind == CELL_NAMES)
		put_names(f, o);
	else if (c->kind == CELL_MODEL)
		put_model(f, o);
	else
		html_escape(f, cell(o, c->key, buf, sizeof(buf)));
	if (c->kind == CELL_SIZE)
		fputs(size_words(get_text(o, c->key), buf, sizeof(buf)), f);
	fputs("</td>", f);
}

void html_begin_table(FILE *f, const char *class, const char *caption,
		      const struct html_column *c, size_t n)
{
	size_t i;

	fprintf(f, "<table class=\"%s\"><caption>%s</caption><thead><tr>",
		class, caption);
	for (i = 0; i < n; i++)
		fprintf(f, "<th scope=col>%s</th>", c[i].title);
	fputs("</tr></thead><tbody>\n", f);
}

void html_row(FILE *f, struct json_object *o, const struct html_column *c,
	      size_t n)
{
	size_t i;

	fputs("<tr>", f);
	for (i = 0; i < n; i++)
		html_cell(f, o, &c[i]);
	fputs("</tr>\n", f);
}

void html_table(FILE *f, struct json_object *o, const char *key,
		const char *caption, const char *none,
		const struct html_column *c, size_t n)
{
	size_t i, rows = get_count(o, key);

	if (!rows) {
		fprintf(f, "<p>%s</p>\n", none);
		return;
	}
	html_begin_table(f, "", caption, c, n);
	for (i = 0; i < rows; i++)
		html_row(f, get_at(o, key, i), c, n);
	fputs("</tbody></table>\n", f);
}
