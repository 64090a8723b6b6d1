// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tree below iomem_resource, as /proc/iomem lists it (Linux:
 * kernel/resource.c), crash kernel reservations among it.
 */
#include <stdio.h>
#include <string.h>

#include "../gather/gather.h"
#include "parts.h"

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

static int add(struct census *c, const struct member *m, u64 at, u32 depth,
	       u64 next[2])
{
	struct iomem r = { .depth = depth };
	char name[NAME_LEN];
	u64 text;

	if (!kernel_get(c->k, at, &m[START], &r.start) ||
	    !kernel_get(c->k, at, &m[END], &r.end) ||
	    !kernel_get(c->k, at, &m[NAME], &text) ||
	    !kernel_get(c->k, at, &m[SIBLING], &next[0]) ||
	    !kernel_get(c->k, at, &m[CHILD], &next[1])) {
		facts_missing(c->f, c->k->memory_source,
			      "iomem_resource: 0x%llx is %s",
			      (unsigned long long)at, kernel_unread(c->k));
		next[0] = next[1] = 0;
		return 0;
	}
	if (!kernel_text(c->k, text, name, sizeof(name)))
		snprintf(name, sizeof(name), "?");
	return r.end < r.start ? 0 : iomem_add(c->f, &r, name);
}

static int walk(struct census *c, const struct member *m, u64 root)
{
	u64 behind[DEPTH_MAX], next[2], at;
	u32 depth = 0, n = 0;
	int rc = 0;

	if (!kernel_get(c->k, root, &m[CHILD], &at)) {
		facts_missing(c->f, c->k->memory_source, "iomem_resource is %s",
			      kernel_unread(c->k));
		return 0;
	}
	while (!rc && at && n++ < RESOURCES_MAX) {
		rc = add(c, m, at, depth, next);
		behind[depth] = next[0];
		at = next[1];
		if (at && depth + 1 < DEPTH_MAX) {
			depth++;
			continue;
		}
		/* Back to where there is something behind. */
		while (!behind[depth] && depth)
			depth--;
		at = behind[depth];
		behind[depth] = 0;
	}
	if (at && !rc)
		facts_missing(c->f, c->k->memory_source,
			      "iomem_resource: more than %u entries: a loop",
			      RESOURCES_MAX);
	return rc;
}

int kernel_iomem(struct census *c)
{
	struct symbol s = { .name = "iomem_resource" };
	struct member m[MEMBERS];

	memcpy(m, members, sizeof(members));
	if (!kernel_symbols(c->k, c->f, &s, 1, "a tree of resources") ||
	    !kernel_members(c->k, c->f, m, MEMBERS, MEMBERS))
		return 0;
	return walk(c, m, s.addr);
}
