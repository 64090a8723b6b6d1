// SPDX-License-Identifier: GPL-2.0-only
/* Builds the next kernel's command line from the running kernel's and --append. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "arch.h"
#include "cmdline.h"
#include "iommu.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' ||
	       c == '\f';
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
	*at = s;
	return w->len;
}

bool ends_parameters(const struct word *w)
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

bool word_value(struct word w, const char *name, struct word *value)
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

/* Must not be passed on: to any next kernel, or not to a crash kernel. */
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

static void put_word(struct text *t, const char *word)
{
	put(t, word, strlen(word));
}

/* What a crash kernel needs to leave the IOMMU on and take devices over. */
static void put_iommu(const struct cmdline_request *r, struct text *t,
		      struct lines *notices)
{
	const char *on = r->iommu_idle ? kexec_arch.iommu_on(t->s) : NULL;

	if (on) {
		put_word(t, on);
		lines_add(notices,
			  "appended %s to the crash command line: left to "
			  "itself, as the running kernel, it would turn "
			  "translation off",
			  on);
	}
	put_word(t, kexec_arch.iommu_take_over);
	lines_add(notices,
		  "appended %s to the crash command line, so that the crash "
		  "kernel takes its devices over",
		  kexec_arch.iommu_take_over);
}

static void put_own(const struct cmdline_request *r, struct text *t,
		    struct lines *notices)
{
	char own[64];

	if (r->elfcorehdr) {
		snprintf(own, sizeof(own), "elfcorehdr=0x%" PRIx64,
			 r->elfcorehdr);
		put_word(t, own);
	}
	if (r->own)
		put_word(t, r->own);
	if (r->crash && r->mode >= IOMMU_MODE_COPY && t->s)
		put_iommu(r, t, notices);
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
	off = kexec_arch.iommu_off(t->s);
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

char *cmdline_make(const struct cmdline_request *r, struct lines *notices,
		   struct error *e)
{
	struct text params = { .s = calloc(1, 1) },
		    init = { .s = calloc(1, 1) };

	if (r->running)
		split(r, r->running, true, &params, &init);
	if (r->append)
		split(r, r->append, false, &params, &init);
	put_own(r, &params, notices);
	if (init.s && init.len) {
		put(&params, "--", 2);
		put(&params, init.s, init.len);
	}
	free(init.s);
	return check(r, &params, e);
}
