// SPDX-License-Identifier: GPL-2.0-only
/* What is asked about, as physical memory. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "args.h"
#include "target.h"

#define TARGETS_MAX 65536u /* that a virtual range falls into */
/* Of a physical address: Intel SDM vol. 3A, 4.1.4; Arm ARM, FEAT_LPA. */
#define PHYS_BITS 52
/* Upper bits are ones where kernels live, on x86_64 and arm64. */
#define IS_KERNELS BIT64(63)

static bool fail(struct report *r, u64 addr, const char *what, const char *why)
{
	r->status = EXIT_INCOMPLETE;
	snprintf(r->err, r->err_len, "0x%llx %s%s", (unsigned long long)addr,
		 what, why);
	return false;
}

static bool add(struct targets *t, u64 virt, u64 at, u64 len)
{
	struct target *last = t->n ? &t->target[t->n - 1] : NULL, *n;

	if (virt && last && last->virt && last->virt + last->at.len == virt &&
	    last->at.start + last->at.len == at) {
		last->at.len += len;
		return true;
	}
	n = array_grow(&t->target, &t->n, sizeof(*n));
	if (n)
		*n = (struct target){ { at, len }, virt };
	return n;
}

static bool add_virtual(struct report *r, struct targets *t, u64 virt, u64 len)
{
	const char *why;
	u64 part, at;

	for (; len; virt += part, len -= part) {
		part = PAGE_4K - (virt & (PAGE_4K - 1));
		if (part > len)
			part = len;
		why = t->n >= TARGETS_MAX ? "it has too many pieces"
					  : dump_virtual(r->d, virt, &at);
		if (!why && !add(t, virt, at, part))
			why = strerror(ENOMEM);
		if (why)
			return fail(r, virt,
				    "is an address of the kernel's own, and "
				    "where in memory is not known: ",
				    why);
	}
	return true;
}

bool target_add(struct report *r, struct targets *t, const char *text)
{
	struct span s;

	if (!take_range(r, text, &s))
		return false;
	if (s.start & IS_KERNELS)
		return add_virtual(r, t, s.start, s.len);
	if (s.start >> PHYS_BITS)
		return fail(r, s.start,
			    "is neither a physical address, which has up to "
			    "52 bits, nor one of the kernel's own",
			    "");
	return add(t, 0, s.start, s.len) ||
	       fail(r, s.start, "is not answered: ", strerror(ENOMEM));
}

/* NAME or NAME+OFF */
static bool add_symbol(struct report *r, struct targets *t)
{
	const char *plus = strchr(r->symbol, '+');
	char *name = strndup(r->symbol, plus ? (size_t)(plus - r->symbol)
					     : strlen(r->symbol));
	u64 virt, off = 0;
	int err;

	if (!name || (plus && !parse_address(plus + 1, &off))) {
		free(name);
		r->status = EXIT_NOBODY;
		snprintf(
			r->err, r->err_len,
			"--symbol=%s: wanted NAME or NAME+OFF, where OFF is as "
			"an address: " ADDRESS_WANTED,
			r->symbol);
		return false;
	}
	err = dump_symbol(r->d, r->vmlinux, name, &virt, r->err, r->err_len);
	free(name);
	if (!err)
		return add_virtual(r, t, virt + off, 1);
	r->status = EXIT_INCOMPLETE;
	return false;
}

bool target_all(struct report *r, struct targets *t)
{
	bool ok = !r->symbol || add_symbol(r, t);

	for (int i = 0; ok && i < r->argc; i++)
		ok = target_add(r, t, r->argv[i]);
	return ok;
}

struct reach_index *target_index(struct report *r, const struct span *range,
				 size_t n)
{
	struct progress p = { .what = "pages of tables read" };
	const struct reach_wanted w = {
		.range = range, .n = n, .progress = show_progress, .arg = &p
	};
	struct reach_index *ix = reach_index(r->d, &w);

	end_progress(&p);
	return ix;
}
