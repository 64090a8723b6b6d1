/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lists in aligned columns, by libsmartcols: which columns, in which order and
 * width, sorted by which. A row is an object of a report's document.
 */
#ifndef COLUMNS_H
#define COLUMNS_H

#include "report.h"

/* flags of a column */
enum {
	COLUMN_MORE = 1 << 0,	  /* is there only where --output names it */
	COLUMN_WRAP = 1 << 1,	  /* takes several lines on a narrow terminal */
	COLUMN_SEVERITY = 1 << 2, /* has a colour, which its text names */
	COLUMN_TREE = 1 << 3,	  /* is indented below its parent's */
};

struct column {
	const char *title; /* --output and --sort know it by this */
	const char *key;   /* the member it shows, as cell() writes it */
	/* writes it where a member alone does not say it; NULL: @key does */
	void (*text)(FILE *f, struct json_object *row);
	unsigned int flags;
	const char *help; /* for COMMAND --help */
};

/* The columns of commands that list. */
extern const struct column device_columns[], table_columns[], check_columns[],
	tree_columns[];
/* Cells of a device: the domain that it is attached to, or its default one... */
void write_device_type(FILE *f, struct json_object *d);
/* ...and what stood in the tables; whose, where its DMA carries several IDs. */
void write_device_entry(FILE *f, struct json_object *d);

struct list;
struct libscols_line;

/* Of columns up to the one without a title; as style says, if @styled. */
struct list *list_begin(const struct column *c, bool styled);
/* A row, below @parent where the list is a tree; NULL: not below any. */
struct libscols_line *list_row(struct list *l, struct json_object *row,
			       struct libscols_line *parent);
/*
 * Prints the rows, each line behind @indent, and frees the list. Columns that
 * are empty in all rows are left out, unless --output has named them.
 */
void list_end(struct list *l, const char *indent);

/* A list that never varies: all rows that @key holds. */
void print_rows(struct json_object *o, const char *key, const char *indent,
		const struct column *c);

/* The first word of @names, split at commas, that is no column's: its place. */
const char *column_unknown(const struct column *c, const char *names);

#endif
