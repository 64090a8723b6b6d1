// SPDX-License-Identifier: GPL-2.0-only
/* Cuts a command line into parameters as the kernel does. */
#include <stdio.h>
#include <string.h>
#include "cmdline_words.h"

/* lib/ctype.c: the no-break space of ISO 8859-1 is one, too */
static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == '\xa0';
}

bool next_word(const char **at, struct word *w)
{
	bool quoted = false;
	const char *s = *at;

	while (is_blank(*s))
		s++;
	w->start = s;
	for (; *s && (quoted || !is_blank(*s)); s++)
		if (*s == '"')
			quoted = !quoted;
	w->len = (size_t)(s - w->start);
	w->open = quoted;
	*at = s;
	return w->len;
}

/* Quotes around the whole of a word are not part of it. */
static struct word unquoted(struct word w)
{
	if (w.len && *w.start == '"') {
		w.start++;
		w.len--;
		if (w.len && w.start[w.len - 1] == '"')
			w.len--;
	}
	return w;
}

bool ends_parameters(const struct word *w)
{
	const struct word bare = unquoted(*w);

	return bare.len == 2 && !memcmp(bare.start, "--", 2);
}

/* The kernel takes - and _ for the same in a name (parameq). */
static bool same_name(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((a[i] == '-' ? '_' : a[i]) != b[i])
			return false;
	return true;
}

bool word_value(struct word w, const char *name, struct word *value)
{
	size_t len = strlen(name);

	w = unquoted(w);
	if (w.len <= len || !same_name(w.start, name, len) ||
	    w.start[len] != '=')
		return false;
	*value = unquoted(
		(struct word){ w.start + len + 1, w.len - len - 1, w.open });
	return true;
}

bool cmdline_last(const char *line, const char *name, char *out, size_t len)
{
	bool found = false;
	struct word w, v;

	while (next_word(&line, &w) && !ends_parameters(&w)) {
		if (!word_value(w, name, &v))
			continue;
		snprintf(out, len, "%.*s", (int)v.len, v.start);
		found = true;
	}
	return found;
}
