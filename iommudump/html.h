/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of the page that report --html writes: html.c. */
#ifndef IOMMUDUMP_HTML_H
#define IOMMUDUMP_HTML_H

#include "report.h"

/* --- html_table.c: texts and tables --- */

/* @s as text of the page or as an attribute's value. */
void html_escape(FILE *f, const char *s);

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
#define COLUMNS(c) c, ARRAY_SIZE(c)

/* The requester that @o names, and the devices that are it. */
void html_who(FILE *f, struct json_object *o);
void html_cell(FILE *f, struct json_object *o, const struct html_column *c);

/* @class: of how it is set on a narrow page; "" for as elsewhere. */
void html_begin_table(FILE *f, const char *class, const char *caption,
		      const struct html_column *c, size_t n);
void html_row(FILE *f, struct json_object *o, const struct html_column *c,
	      size_t n);
/* Rows of objects; @none in its place when there are none. */
void html_table(FILE *f, struct json_object *o, const char *key,
		const char *caption, const char *none,
		const struct html_column *c, size_t n);

/* --- html_memory.c: memory as bars, and who maps what of it --- */

void html_memory(FILE *f, struct json_object *doc);
void html_maps(FILE *f, struct json_object *doc);

#endif
