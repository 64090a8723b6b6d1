// SPDX-License-Identifier: GPL-2.0-only
/* Builds the next kernel's command line from the running kernel's and --append. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "arch.h"
#include "cmdline.h"
#include "cmdline_words.h"
#include "iommu.h"

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

/*
 * Kernel parameters to @params, what follows "--" to @init. A parameter whose
 * quote stays open is refused: the kernel would take all that is put behind
 * it, elfcorehdr= too, for its value.
 */
static int split(const struct cmdline_request *r, const char *line, bool reused,
		 struct text *params, struct text *init, struct error *e)
{
	struct text *to = params;
	struct word w;

	while (next_word(&line, &w)) {
		if (to == params && w.open)
			return fail(
				e,
				"the command line has a quote that is never "
				"closed: %.60s",
				w.start);
		if (to == params && ends_parameters(&w))
			to = init;
		else if (to == init || !dropped(r, &w, reused))
			put(to, w.start, w.len);
	}
	return 0;
}

static void put_word(struct text *t, const char *word)
{
	put(t, word, strlen(word));
}

/* What a crash kernel needs to leave the IOMMU on and take devices over. */
static void put_iommu(const struct cmdline_request *r, struct text *t,
		      struct lines *notices)
{
	const char *on = r->iommu_idle ? kexec_arch.iommu_lacks(t->s) : NULL;

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
	if (r->crash && iommu_mode_quiesces(r->mode) && t->s)
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
	off = kexec_arch.iommu_off(t->s, r->vendors);
	if (off && r->crash && iommu_mode_quiesces(r->mode)) {
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

	if ((r->running && split(r, r->running, true, &params, &init, e)) ||
	    (r->append && split(r, r->append, false, &params, &init, e))) {
		free(params.s);
		free(init.s);
		return NULL;
	}
	put_own(r, &params, notices);
	if (init.s && init.len) {
		put(&params, "--", 2);
		put(&params, init.s, init.len);
	}
	free(init.s);
	return check(r, &params, e);
}
