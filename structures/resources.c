// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tree below iomem_resource, as /proc/iomem lists it (Linux:
 * kernel/resource.c), crash kernel reservations among it.
 */
#include <stdio.h>
#include <string.h>

#include "survey.h"

/* As the tree of /proc/iomem goes: five or six deep */
#define DEPTH_MAX 32u
#define RESOURCES_MAX 65536u
#define NAME_LEN 128

enum {
	START,
	END,
	NAME,
	SIBLING,
	CHILD,
	MEMBERS
};

static const struct member members[MEMBERS] = {
	[START] = { .type = "resource", .name = "start" },
	[END] = { .type = "resource", .name = "end" },
	[NAME] = { .type = "resource", .name = "name" },
	[SIBLING] = { .type = "resource", .name = "sibling" },
	[CHILD] = { .type = "resource", .name = "child" },
};

/* The part of the tree that is walked: one entry for each level. */
struct tree_level {
	u64 floor, end; /* what may still be there */
	u64 behind;	/* the next on this level */
};

struct tree {
	struct survey *sv;
	struct member m[MEMBERS];
	struct tree_level at[DEPTH_MAX];
};

static bool get(struct tree *t, u64 object, u32 which, u64 *val)
{
	return kernel_get(t->sv->k, object, &t->m[which], val);
}

/*
 * Takes the entry at *@at and moves there where its children are. Those on one
 * level ascend, and lie inside the one above: so nothing comes twice. False:
 * it does not, or can't be read (noted); or memory is out.
 */
static bool take(struct tree *t, u32 depth, u64 *at, int *rc)
{
	struct tree_level *l = &t->at[depth];
	struct iomem r = { .depth = depth };
	char name[NAME_LEN];
	u64 text;

	t->sv->k->error = NULL;
	if (!get(t, *at, START, &r.start) || !get(t, *at, END, &r.end) ||
	    !get(t, *at, NAME, &text) || !get(t, *at, SIBLING, &l->behind) ||
	    r.start < l->floor || r.end > l->end || r.end < r.start) {
		facts_missing(t->sv->f, t->sv->k->memory_source,
			      "iomem_resource: 0x%llx is %s",
			      (unsigned long long)*at, kernel_unread(t->sv->k));
		return false;
	}
	if (!kernel_text(t->sv->k, text, name, sizeof(name)))
		snprintf(name, sizeof(name), "?");
	*rc = facts_add_iomem(t->sv->f, &r, name);
	if (*rc || !get(t, *at, CHILD, at))
		return false;
	l->floor = r.end + 1;
	if (!l->floor)
		l->behind = 0;
	if (depth + 1 < DEPTH_MAX)
		t->at[depth + 1] = (struct tree_level){ r.start, r.end, 0 };
	return true;
}

static int walk(struct tree *t, u64 root)
{
	u32 depth = 0, n = 0;
	int rc = 0;
	u64 at;

	t->at[0] = (struct tree_level){ 0, ~0ULL, 0 };
	if (!get(t, root, CHILD, &at)) {
		facts_missing(t->sv->f, t->sv->k->memory_source,
			      "iomem_resource is %s", kernel_unread(t->sv->k));
		return 0;
	}
	while (at) {
		if (n++ >= RESOURCES_MAX || !take(t, depth, &at, &rc))
			return rc;
		if (at && depth + 1 < DEPTH_MAX) {
			depth++;
			continue;
		}
		/* Back to where there is something behind. */
		while (!t->at[depth].behind && depth)
			depth--;
		at = t->at[depth].behind;
	}
	return 0;
}

int kernel_iomem(struct survey *sv)
{
	struct symbol s = { .name = "iomem_resource" };
	struct tree t = { .sv = sv };

	memcpy(t.m, members, sizeof(members));
	if (!kernel_symbols(sv->k, sv->f, &s, 1, "a tree of resources") ||
	    !kernel_members(sv->k, sv->f, t.m, MEMBERS, MEMBERS))
		return 0;
	return walk(&t, s.addr);
}
