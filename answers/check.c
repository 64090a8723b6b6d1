// SPDX-License-Identifier: GPL-2.0-only
/* Asks the rules of rules.c one after the other, and keeps what they find. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "rules.h"

/* Entries that are looked at; hostile tables have 2^36. */
#define ENTRIES_MAX 16384u

/* --- the entries of all tables, once for all rules --- */

static bool each_entry(void *arg, const struct view_entry *e)
{
	struct check *c = arg;

	if (e->unused) {
		c->unused[e->unit]++;
		return true;
	}
	if (c->entry_n >= ENTRIES_MAX) {
		undecided(c, e->unit, "more than %u entries", ENTRIES_MAX);
		return false;
	}
	c->entry[c->entry_n++] = (struct check_entry){
		.unit = e->unit,
		.requester = e->requester,
		.pasid = e->pasid,
		.kind = e->domain.kind,
		.deny = e->domain.deny,
		.ats = e->domain.ats,
		.err = e->err,
		.ev = e->ev,
	};
	return true;
}

static void ask_tables(struct check *c)
{
	u32 unit;
	int err;

	for (unit = 0; unit < c->d->facts.unit_n; unit++) {
		err = view_entries(c->d, unit, VIEW_CRASH, each_entry, c);
		/* What can't be supported is told of the unit as such. */
		if (err && err != IOMMU_EUNSUPPORTED)
			undecided(c, unit, "its tables: %s",
				  iommu_err_text((u32)err));
	}
}

/* --- all rules --- */

int check(struct dump *d, const char *vmlinux,
	  void (*progress)(void *arg, u64 pages), void *arg,
	  struct checked *out)
{
	static const struct rule tables = { "tables", ask_tables, "", NULL };
	struct check c = { .d = d,
			   .vmlinux = vmlinux,
			   .out = out,
			   .progress = progress,
			   .arg = arg };
	size_t i;

	memset(out, 0, sizeof(*out));
	c.entry = calloc(ENTRIES_MAX, sizeof(*c.entry));
	c.unused = calloc(d->facts.unit_n + 1, sizeof(*c.unused));
	if (!c.entry || !c.unused) {
		free(c.entry);
		free(c.unused);
		return -ENOMEM;
	}
	c.rule = &tables;
	c.rule->ask(&c);
	for (i = 0; i < check_rules_n; i++) {
		c.rule = &check_rules[i];
		c.rule->ask(&c);
	}
	mapped_pages_free(c.mapped);
	reach_index_free(c.reach);
	free(c.entry);
	free(c.unused);
	free(c.dropped.who);
	return c.nomem ? -ENOMEM : 0;
}

void checked_free(struct checked *c)
{
	size_t s, i;

	for (s = 0; s < CHECK_SEVERITIES; s++) {
		for (i = 0; i < c->found_n[s]; i++) {
			free(c->found[s][i]->why);
			free(c->found[s][i]->who);
			free(c->found[s][i]);
		}
		free(c->found[s]);
	}
	for (i = 0; i < c->undecided_n; i++)
		free(c->undecided[i].why);
	free(c->undecided);
	memset(c, 0, sizeof(*c));
}
