// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cmdline.h"
#include "iommu.h"

/* One parameter, as lib/cmdline.c next_arg() cuts it. */
struct word {
	const char *start;
	size_t len;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' ||
	       c == '\f';
}

/* Quotes keep blanks in a parameter. False at the end. */
static bool next_word(const char **at, struct word *w)
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
	*at = s;
	return w->len;
}

/* What follows "--" is for init, not for the kernel. */
static bool ends_parameters(const struct word *w)
{
	return w->len == 2 && !memcmp(w->start, "--", 2);
}

/* The kernel takes - and _ for the same in a name (parameq). */
static bool same_name(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((a[i] == '-' ? '_' : a[i]) != b[i])
			return false;
	return true;
}

/* The value when @w is NAME=VALUE; quotes around it stay off. */
static bool word_value(struct word w, const char *name, struct word *value)
{
	size_t len = strlen(name);

	/* "name=value with blanks" may be quoted as a whole */
	if (w.len && *w.start == '"') {
		w.start++;
		w.len--;
		if (w.len && w.start[w.len - 1] == '"')
			w.len--;
	}
	if (w.len <= len || !same_name(w.start, name, len) ||
	    w.start[len] != '=')
		return false;
	value->start = w.start + len + 1;
	value->len = w.len - len - 1;
	if (value->len && *value->start == '"') {
		value->start++;
		value->len--;
		if (value->len && value->start[value->len - 1] == '"')
			value->len--;
	}
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

static bool begins(const struct word *w, const char *text)
{
	return w->len >= strlen(text) && !memcmp(w->start, text, strlen(text));
}

/* Takes the first of the comma-separated items off @list. */
static bool next_item(struct word *list, struct word *item)
{
	const char *comma;

	if (!list->len)
		return false;
	comma = memchr(list->start, ',', list->len);
	item->start = list->start;
	item->len = comma ? (size_t)(comma - list->start) : list->len;
	list->start += item->len + (comma != NULL);
	list->len -= item->len + (comma != NULL);
	return true;
}

struct settings {
	bool intel_off, intel_on; /* neither: as the kernel was built */
	bool any_off, amd_off;
};

/*
 * How the kernel reads them (6.1 to 7.2): intel_iommu= can be turned back on
 * (intel_iommu_setup, by prefix); iommu=off (iommu_setup in pci-dma.c) and
 * amd_iommu=off (parse_amd_iommu_options, which looks at every character)
 * can't.
 */
static struct settings settings_of(const char *line)
{
	struct settings s = { 0 };
	struct word w, v, item;

	while (next_word(&line, &w) && !ends_parameters(&w)) {
		if (word_value(w, "intel_iommu", &v))
			while (next_item(&v, &item)) {
				if (!begins(&item, "off") &&
				    !begins(&item, "on"))
					continue;
				s.intel_off = begins(&item, "off");
				s.intel_on = !s.intel_off;
			}
		else if (word_value(w, "iommu", &v))
			while (next_item(&v, &item))
				s.any_off |= begins(&item, "off");
		else if (word_value(w, "amd_iommu", &v))
			s.amd_off |= memmem(v.start, v.len, "off", 3) != NULL;
	}
	return s;
}

const char *cmdline_iommu_off(const char *line)
{
	struct settings s = settings_of(line);

	return s.any_off     ? "iommu=off"
	       : s.intel_off ? "intel_iommu=off"
	       : s.amd_off   ? "amd_iommu=off"
			     : NULL;
}

/* A growing string; NULL text after a failure. */
struct text {
	char *s;
	size_t len;
};

static void put(struct text *t, const char *s, size_t len)
{
	char *more = t->s ? realloc(t->s, t->len + len + 2) : NULL;

	if (!more) {
		free(t->s);
		t->s = NULL;
		return;
	}
	t->s = more;
	if (t->len && len)
		t->s[t->len++] = ' ';
	memcpy(t->s + t->len, s, len);
	t->len += len;
	t->s[t->len] = 0;
}

/* Not for another boot of any kind, or not for a kernel in the reservation. */
static bool dropped(const struct cmdline_request *r, const struct word *w,
		    bool reused)
{
	struct word v;

	if (word_value(*w, "elfcorehdr", &v))
		return true; /* ours is the only true one */
	if (reused && word_value(*w, "BOOT_IMAGE", &v))
		return true;
	return reused && r->crash && word_value(*w, "crashkernel", &v);
}

/* Kernel parameters to @params, what follows "--" to @init. */
static void split(const struct cmdline_request *r, const char *line,
		  bool reused, struct text *params, struct text *init)
{
	struct text *to = params;
	struct word w;

	while (next_word(&line, &w)) {
		if (to == params && ends_parameters(&w))
			to = init;
		else if (to == init || !dropped(r, &w, reused))
			put(to, w.start, w.len);
	}
}

static void put_own(const struct cmdline_request *r, struct text *t,
		    struct lines *told)
{
	struct settings s;
	char own[64];

	if (r->elfcorehdr) {
		snprintf(own, sizeof(own), "elfcorehdr=0x%" PRIx64,
			 r->elfcorehdr);
		put(t, own, strlen(own));
	}
	if (r->rsdp) {
		snprintf(own, sizeof(own), "acpi_rsdp=0x%" PRIx64, r->rsdp);
		put(t, own, strlen(own));
	}
	if (!r->crash || r->mode < IOMMU_MODE_COPY || !t->s)
		return;
	/*
	 * A kernel built with VT-d off by default clears TE when it is not told
	 * to use it (intel_iommu_init, 6.1 to 7.2).
	 */
	s = settings_of(t->s);
	if (r->vtd_idle && !s.intel_on && !s.intel_off) {
		put(t, "intel_iommu=on", strlen("intel_iommu=on"));
		lines_add(told, "appended intel_iommu=on to the crash command "
				"line: left to itself, as the running kernel, "
				"it would turn translation off");
	}
	/*
	 * With iommu=pt the crash kernel would never attach its devices to a
	 * domain of its own. The last one wins.
	 */
	put(t, "iommu=nopt", strlen("iommu=nopt"));
	lines_add(told, "appended iommu=nopt to the crash command line, so "
			"that the crash kernel takes its devices over");
}

static char *check(const struct cmdline_request *r, struct text *t,
		   struct error *e)
{
	const char *off;

	if (!t->s) {
		fail(e, "out of memory");
		return NULL;
	}
	if (t->len > r->max) {
		fail(e,
		     "the command line has %zu bytes, the kernel takes at most "
		     "%u: %.60s...",
		     t->len, r->max, t->s);
		goto bad;
	}
	off = cmdline_iommu_off(t->s);
	if (off && r->crash && r->mode >= IOMMU_MODE_COPY) {
		fail(e,
		     "the crash command line has %s: the crash kernel would "
		     "turn translation off and let loose the DMA that "
		     "--iommu=%s holds; remove it, or use --iommu=record",
		     off, iommu_mode_name(r->mode));
		goto bad;
	}
	return t->s;
bad:
	free(t->s);
	return NULL;
}

char *cmdline_make(const struct cmdline_request *r, struct lines *told,
		   struct error *e)
{
	struct text params = { .s = calloc(1, 1) },
		    init = { .s = calloc(1, 1) };

	if (r->running)
		split(r, r->running, true, &params, &init);
	if (r->append)
		split(r, r->append, false, &params, &init);
	put_own(r, &params, told);
	if (init.s && init.len) {
		put(&params, "--", 2);
		put(&params, init.s, init.len);
	}
	free(init.s);
	return check(r, &params, e);
}
