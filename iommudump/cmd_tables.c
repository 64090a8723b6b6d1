// SPDX-License-Identifier: GPL-2.0-only
/* iommudump tables: what the tables held, at the crash and at the load. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "report.h"

/* Entries printed of one dump; hostile tables have 2^36. */
#define ENTRIES_MAX 16384u

struct listing {
	struct report *r;
	struct json_object *entries, *gone;
	u32 n;
	bool more;
};

static bool same_entry(const struct view_entry *a, const struct view_entry *b)
{
	const struct iommu_domain *x = &a->domain, *y = &b->domain;

	return x->entry_addr == y->entry_addr &&
	       x->entry_words == y->entry_words &&
	       !memcmp(x->entry, y->entry, x->entry_words * sizeof(u64));
}

static bool each_entry(void *arg, const struct view_entry *e)
{
	struct listing *l = arg;
	struct json_object *o;
	struct view_trail trail;
	struct view_entry again, load;

	if (l->n++ >= ENTRIES_MAX) {
		l->more = true;
		return false;
	}
	if (e->err)
		l->r->status = EXIT_INCOMPLETE;
	o = push_object(l->entries);
	put_requester(o, l->r->d, e->unit, e->requester, e->pasid);
	put_domain(o, e);
	if (!view_lookup(l->r->d, e->unit, VIEW_CRASH, e->requester, e->pasid,
			 &again, &trail))
		put_trail(o, "path", &trail);
	/* What was not recorded at load time can't be compared. */
	if (view_lookup(l->r->d, e->unit, VIEW_LOAD, e->requester, e->pasid,
			&load, &trail) ||
	    load.err || same_entry(e, &load))
		return true;
	put_domain(put_object(o, "at_load"), &load);
	return true;
}

/* Present at load, absent at the crash: the other half of the difference. */
static bool each_load(void *arg, const struct view_entry *load)
{
	struct listing *l = arg;
	struct json_object *o;
	struct view_trail trail;
	struct view_entry e;

	if (load->err || load->domain.kind == IOMMU_KIND_BLOCKED)
		return true;
	if (view_lookup(l->r->d, load->unit, VIEW_CRASH, load->requester,
			load->pasid, &e, &trail) ||
	    e.err || e.domain.kind != IOMMU_KIND_BLOCKED ||
	    e.ev.err != IOMMU_ENOTPRESENT)
		return true;
	if (l->n++ >= ENTRIES_MAX) {
		l->more = true;
		return false;
	}
	o = push_object(l->gone);
	put_requester(o, l->r->d, load->unit, load->requester, load->pasid);
	put_domain(o, load);
	return true;
}

static void add_unit(struct report *r, struct json_object *o, u32 unit)
{
	struct listing l = { .r = r };
	struct iommu_config c;
	bool fallback;
	int err;

	put_unit(o, "unit", r->d, unit);
	l.entries = put_array(o, "entries");
	l.gone = put_array(o, "gone_since_load");
	err = view_config(r->d, unit, VIEW_CRASH, &c, &fallback);
	if (!err) {
		put_word(o, "form", view_form_text(&c), c.form);
		put_hex(o, "root", c.root);
		put_bool(o, "translation", c.on);
		err = view_entries(r->d, unit, VIEW_CRASH, each_entry, &l);
	}
	if (!err && !fallback)
		view_entries(r->d, unit, VIEW_LOAD, each_load, &l);
	if (err)
		put_text(o, "error", view_error_text(r->d, unit, err));
	put_bool(o, "more", l.more);
	if (err || l.more)
		r->status = EXIT_INCOMPLETE;
	put_interrupts(r, o, unit);
}

bool report_tables(struct report *r)
{
	struct json_object *a = put_array(r->doc, "units");
	u32 i;

	for (i = 0; i < r->d->facts.unit_n; i++)
		add_unit(r, push_object(a), i);
	return true;
}

void print_domain(struct json_object *o)
{
	size_t i;

	printf("%s", get_text(o, "kind"));
	if (get(o, "domain"))
		printf(" domain %s", get_text(o, "domain"));
	for (i = 0; i < get_count(o, "stages"); i++) {
		struct json_object *s = get_at(o, "stages", i);

		printf(", %s table %s of %s level%s", get_text(s, "form"),
		       get_text(s, "root"), get_text(s, "levels"),
		       plural(get_number(s, "levels")));
	}
	if (get_bool(o, "faults_off"))
		printf(", faults off");
	if (get_bool(o, "ats"))
		printf(", ATS");
	if (get_bool(o, "pasids"))
		printf(", PASIDs");
	if (get(o, "denied"))
		printf(", %s denied", get_text(o, "denied"));
	print_evidence(o);
	putchar('\n');
}

void print_path(struct json_object *o, const char *key)
{
	char buf[256];
	size_t i;

	for (i = 0; i < get_count(o, key); i++) {
		struct json_object *s = get_at(o, key, i);

		printf("    %-16s %s: %s\n", get_text(s, "at"),
		       get_text(s, "where"), cell(s, "raw", buf, sizeof(buf)));
	}
}

static void print_tables_unit(struct json_object *u)
{
	size_t i;

	printf("unit %s: ", get_text(u, "unit"));
	if (get(u, "root"))
		printf("%s tables at %s%s\n", get_text(u, "form"),
		       get_text(u, "root"),
		       get_bool(u, "translation") ? "" : ", translation OFF");
	if (get(u, "error"))
		printf("%sunknown: %s\n", get(u, "root") ? "  " : "",
		       get_text(u, "error"));
	for (i = 0; i < get_count(u, "entries"); i++) {
		struct json_object *e = get_at(u, "entries", i);

		fputs("  ", stdout);
		print_who(e);
		fputs(": ", stdout);
		print_domain(e);
		print_path(e, "path");
		if (get(e, "at_load")) {
			fputs("    at load: ", stdout);
			print_domain(get(e, "at_load"));
		}
	}
	for (i = 0; i < get_count(u, "gone_since_load"); i++) {
		fputs("  ", stdout);
		print_who(get_at(u, "gone_since_load", i));
		fputs(": gone since load: ", stdout);
		print_domain(get_at(u, "gone_since_load", i));
	}
	if (get_bool(u, "more"))
		puts("  and more");
	print_interrupts(get(u, "interrupts"));
}

void print_tables(struct json_object *doc)
{
	size_t i;

	if (!get_count(doc, "units"))
		puts("no units are recorded");
	for (i = 0; i < get_count(doc, "units"); i++)
		print_tables_unit(get_at(doc, "units", i));
}
