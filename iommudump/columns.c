// SPDX-License-Identifier: GPL-2.0-only
/* Lists in aligned columns; libsmartcols measures and prints them. */
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "columns.h"

#define COLUMNS_MAX 24
#define CELL_MAX 512

struct list {
	struct libscols_table *table;
	const struct column *column[COLUMNS_MAX];
	struct libscols_column *at[COLUMNS_MAX];
	size_t width[COLUMNS_MAX]; /* of the longest cell */
	bool filled[COLUMNS_MAX];  /* any row has something there */
	size_t n, sorted;
	bool styled;
};

/* --- which columns --- */

static const struct column *find_column(const struct column *c,
					const char *name, size_t len)
{
	for (; c->title; c++)
		if (!strncasecmp(c->title, name, len) &&
		    strlen(c->title) == len)
			return c;
	return NULL;
}

const char *column_unknown(const struct column *c, const char *names)
{
	size_t len;

	for (names += *names == '+';; names += len + 1) {
		len = strcspn(names, ",");
		if (!find_column(c, names, len))
			return names;
		if (!names[len])
			return NULL;
	}
}

static void add_column(struct list *l, const struct column *c)
{
	int flags = (c->flags & COLUMN_TREE ? SCOLS_FL_TREE : 0) |
		    (c->flags & COLUMN_WRAP ? SCOLS_FL_WRAP : 0);
	struct libscols_column *at;

	if (l->n == COLUMNS_MAX)
		return;
	at = need(scols_table_new_column(l->table, c->title, 0, flags));
	if (c->flags & COLUMN_WRAP) {
		scols_column_set_wrapfunc(at, scols_wrapnl_chunksize,
					  scols_wrapnl_nextchunk, NULL);
		scols_column_set_safechars(at, "\n");
	}
	l->column[l->n] = c;
	l->width[l->n] = strlen(c->title);
	l->at[l->n++] = at;
}

static void add_named(struct list *l, const struct column *c, const char *names)
{
	const struct column *each;
	size_t len;

	for (names += *names == '+';; names += len + 1) {
		len = strcspn(names, ",");
		each = find_column(c, names, len);
		if (each)
			add_column(l, each);
		if (!names[len])
			return;
	}
}

static void add_columns(struct list *l, const struct column *c)
{
	const char *names = l->styled ? style.columns : NULL;
	const struct column *each;

	if (!names || *names == '+')
		for (each = c; each->title; each++)
			if (!(each->flags & COLUMN_MORE))
				add_column(l, each);
	if (names)
		add_named(l, c, names);
}

/* --- sorting --- */

/* Numbers, decimal or behind 0x, by what they say; all else by its letters. */
static int by_value(struct libscols_cell *a, struct libscols_cell *b,
		    void *unused)
{
	const char *x = scols_cell_get_data(a), *y = scols_cell_get_data(b);
	unsigned long long n, m;
	char *end_x, *end_y;

	(void)unused;
	x = x ? x : "";
	y = y ? y : "";
	n = strtoull(x, &end_x, 0);
	m = strtoull(y, &end_y, 0);
	if (end_x == x || *end_x || end_y == y || *end_y || n == m)
		return strcmp(x, y);
	return n < m ? -1 : 1;
}

/* The column to sort by; it is added, and not seen, where nobody asked for it. */
static void add_sorted(struct list *l, const struct column *c)
{
	if (!l->styled || !style.sort)
		return;
	c = find_column(c, style.sort, strlen(style.sort));
	for (l->sorted = 0; l->sorted < l->n; l->sorted++)
		if (l->column[l->sorted] == c)
			return;
	add_column(l, c);
	scols_column_set_flags(l->at[l->sorted], SCOLS_FL_HIDDEN);
}

static void sort_list(struct list *l)
{
	struct libscols_column *by = l->at[l->sorted];

	if (!l->styled || !style.sort)
		return;
	scols_column_set_cmpfunc(by, by_value, NULL);
	scols_sort_table(l->table, by);
}

/* --- filling and printing --- */

struct list *list_begin(const struct column *c, bool styled)
{
	struct list *l = need(calloc(1, sizeof(*l)));

	l->table = need(scols_new_table());
	l->styled = styled;
	scols_table_set_column_separator(l->table, "  ");
	scols_table_enable_colors(l->table, style.colour);
	scols_table_enable_noheadings(l->table, styled && style.noheadings);
	/* Where lines end is not left to it: it breaks them within words. */
	scols_table_set_termforce(l->table, SCOLS_TERMFORCE_NEVER);
	add_columns(l, c);
	add_sorted(l, c);
	return l;
}

static void colour_cell(struct libscols_line *line, size_t i, const char *word)
{
	scols_cell_set_color(scols_line_get_cell(line, i),
			     !strcmp(word, "serious") ? "red"
			     : !strcmp(word, "note")  ? "green"
						      : "brown"); /* yellow */
}

/*
 * Nothing to say is "-": who splits a line at blanks counts on its columns. A
 * name of a dump may hold anything, and must not end a line.
 */
static char *cell_text(const struct column *c, struct json_object *row)
{
	char buf[CELL_MAX] = "", *text = NULL, *s;
	size_t len = 0;
	FILE *f = need(open_memstream(&text, &len));

	if (c->text)
		c->text(f, row);
	else
		fputs(cell(row, c->key, buf, sizeof(buf)), f);
	if (!ftell(f))
		fputc('-', f);
	if (fclose(f))
		need(NULL);
	for (s = text; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = '?';
	return text;
}

struct libscols_line *list_row(struct list *l, struct json_object *row,
			       struct libscols_line *parent)
{
	struct libscols_line *line =
		need(scols_table_new_line(l->table, parent));
	size_t i;

	for (i = 0; i < l->n; i++) {
		char *text = cell_text(l->column[i], row);

		l->filled[i] |= !!strcmp(text, "-");
		if (strlen(text) > l->width[i])
			l->width[i] = strlen(text);
		if (scols_line_refer_data(line, i, text))
			need(NULL);
		if (l->column[i]->flags & COLUMN_SEVERITY)
			colour_cell(line, i, text);
	}
	return line;
}

/* --- the width of a terminal --- */

#define SHARE_LEAST 16u /* of a column that takes several lines */

static bool hidden(const struct list *l, size_t i)
{
	return scols_column_get_flags(l->at[i]) & SCOLS_FL_HIDDEN;
}

/*
 * What is left for each of those columns that may take several lines and don't
 * fit: the shorter ones are given all they need first. 0: everything fits, or
 * nothing can help.
 */
static size_t share_of_width(const struct list *l, size_t width)
{
	size_t share = 0, used, wide, i;

	for (;;) {
		for (used = wide = i = 0; i < l->n; i++) {
			if (hidden(l, i))
				continue;
			used += 2; /* the separator */
			if ((l->column[i]->flags & COLUMN_WRAP) &&
			    l->width[i] > share)
				wide++;
			else
				used += l->width[i];
		}
		if (!wide)
			return 0;
		if (used + wide * SHARE_LEAST > width)
			return share ? share : SHARE_LEAST;
		if ((width - used) / wide <= share)
			return share;
		share = (width - used) / wide;
	}
}

/*
 * A copy with ends of lines in place of blanks, or behind a slash; any other
 * word that is longer stays whole.
 */
static char *break_lines(const char *text, size_t share)
{
	char *copy = need(malloc(2 * strlen(text) + 1)), *to = copy;
	char *line = copy, *at = NULL;

	for (; *text; text++) {
		*to++ = *text;
		if (*text == ' ' || *text == '/')
			at = to - 1;
		if ((size_t)(to - line) <= share || !at)
			continue;
		if (*at == '/') {
			memmove(at + 2, at + 1, (size_t)(to - at - 1));
			at++;
			to++;
		}
		*at = '\n';
		line = at + 1;
		at = NULL;
	}
	*to = '\0';
	return copy;
}

static void fit_width(struct list *l)
{
	size_t share = share_of_width(l, scols_table_get_termwidth(l->table));
	size_t n = scols_table_get_nlines(l->table), i, k;

	for (i = 0; share && i < l->n; i++)
		for (k = 0; k < n && l->column[i]->flags & COLUMN_WRAP; k++) {
			struct libscols_cell *cell = scols_line_get_cell(
				scols_table_get_line(l->table, k), i);

			scols_cell_refer_data(
				cell,
				break_lines(scols_cell_get_data(cell), share));
		}
}

static void print_indented(const char *text, const char *indent)
{
	size_t len;

	size_t shown;

	for (; *text; text += len) {
		shown = len = strcspn(text, "\n");
		while (shown && text[shown - 1] == ' ')
			shown--;
		printf("%s%.*s\n", indent, (int)shown, text);
		len += text[len] == '\n';
	}
}

void list_end(struct list *l, const char *indent)
{
	char *text = NULL;
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->styled && !style.columns && !l->filled[i])
			scols_column_set_flags(l->at[i], SCOLS_FL_HIDDEN);
	sort_list(l);
	if (l->styled && style.terminal)
		fit_width(l);
	if (!scols_table_is_empty(l->table) &&
	    scols_print_table_to_string(l->table, &text))
		need(NULL);
	if (text)
		print_indented(text, indent);
	free(text);
	scols_unref_table(l->table);
	free(l);
}

void print_rows(struct json_object *o, const char *key, const char *indent,
		const struct column *c)
{
	struct list *l = list_begin(c, false);
	size_t i;

	for (i = 0; i < get_count(o, key); i++)
		list_row(l, get_at(o, key, i), NULL);
	list_end(l, indent);
}
