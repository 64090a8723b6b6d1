// SPDX-License-Identifier: GPL-2.0-only
/* iommudump tables: what the tables held, at the crash and at the load. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "columns.h"

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

	if (!wanted_requester(l->r->filter, l->r->d, e->unit, e->requester))
		return true;
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

	if (load->err || load->domain.kind == IOMMU_KIND_BLOCKED ||
	    !wanted_requester(l->r->filter, l->r->d, load->unit,
			      load->requester))
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
	/* One table may be of all devices, and says who they are by itself. */
	if (!r->filter || !r->filter->devices)
		put_interrupts(r, o, unit);
}

bool report_tables(struct report *r)
{
	struct json_object *a = put_array(r->doc, "units");
	u32 i;

	for (i = 0; i < r->d->facts.unit_n; i++)
		if (wanted_unit(r->filter, r->d, i))
			add_unit(r, push_object(a), i);
	return true;
}

void write_stages(FILE *f, struct json_object *o)
{
	size_t i;

	for (i = 0; i < get_count(o, "stages"); i++) {
		struct json_object *s = get_at(o, "stages", i);

		fprintf(f, ", %s table %s of %s level%s", get_text(s, "form"),
			get_text(s, "root"), get_text(s, "levels"),
			plural(get_number(s, "levels")));
	}
}

static void write_flags(FILE *f, struct json_object *o)
{
	if (get_bool(o, "faults_off"))
		fputs(", faults off", f);
	if (get_bool(o, "ats"))
		fputs(", ATS", f);
	if (get_bool(o, "pasids"))
		fputs(", PASIDs", f);
	if (get(o, "denied"))
		fprintf(f, ", %s denied", get_text(o, "denied"));
}

void write_domain(FILE *f, struct json_object *o)
{
	fputs(get_text(o, "kind"), f);
	if (get(o, "domain"))
		fprintf(f, " domain %s", get_text(o, "domain"));
	write_stages(f, o);
	write_flags(f, o);
	write_evidence(f, o);
}

void print_domain(struct json_object *o)
{
	write_domain(stdout, o);
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

/* --- text: a row for each entry --- */

static void write_words(FILE *f, struct json_object *e)
{
	char buf[256];

	if (get(e, "entry"))
		fprintf(f, "%s: %s", get_text(e, "entry"),
			cell(e, "words", buf, sizeof(buf)));
}

static void write_steps(FILE *f, struct json_object *e)
{
	char buf[256];
	size_t i;

	for (i = 0; i < get_count(e, "path"); i++) {
		struct json_object *s = get_at(e, "path", i);

		fprintf(f, "%s%s %s: %s", i ? "; " : "", get_text(s, "at"),
			get_text(s, "where"), cell(s, "raw", buf, sizeof(buf)));
	}
}

static void write_load(FILE *f, struct json_object *e)
{
	if (get(e, "at_load"))
		write_domain(f, get(e, "at_load"));
}

const struct column table_columns[] = {
	{ .title = "UNIT", .key = "unit", .help = "whose table it stands in" },
	{ .title = "DEVICE",
	  .text = write_who,
	  .flags = COLUMN_WRAP,
	  .help = "whom it is for" },
	{ .title = "ENTRY",
	  .text = write_domain,
	  .flags = COLUMN_WRAP,
	  .help = "what it lets that one do" },
	{ .title = "WORDS",
	  .text = write_words,
	  .flags = COLUMN_WRAP,
	  .help = "where it stands, and its raw words" },
	{ .title = "LOAD",
	  .text = write_load,
	  .flags = COLUMN_WRAP,
	  .help = "what it was when the crash kernel was loaded, if not that" },
	{ .title = "KIND",
	  .key = "kind",
	  .flags = COLUMN_MORE,
	  .help = "of ENTRY, the first word" },
	{ .title = "DOMAIN",
	  .key = "domain",
	  .flags = COLUMN_MORE,
	  .help = "number of its domain" },
	{ .title = "REQUESTER",
	  .key = "requester",
	  .flags = COLUMN_MORE,
	  .help = "by which ID the unit found it" },
	{ .title = "PASID",
	  .key = "pasid",
	  .flags = COLUMN_MORE,
	  .help = "of which PASID" },
	{ .title = "PATH",
	  .text = write_steps,
	  .flags = COLUMN_MORE | COLUMN_WRAP,
	  .help = "all that was read on the way to it" },
	{ .title = NULL },
};

static void print_unit(struct json_object *u)
{
	printf("unit %s: ", get_text(u, "unit"));
	if (get(u, "root"))
		printf("%s tables at %s%s\n", get_text(u, "form"),
		       get_text(u, "root"),
		       get_bool(u, "translation") ? "" : ", translation OFF");
	if (get(u, "error"))
		printf("%sunknown: %s\n", get(u, "root") ? "  " : "",
		       get_text(u, "error"));
	if (get_bool(u, "more"))
		puts("  there are more entries than are listed");
	print_interrupts(get(u, "interrupts"));
}

/* A row for what is not there any more: all that is known of it is of the load. */
static void list_gone(struct list *l, struct json_object *load)
{
	static const char *const keys[] = { "unit", "requester", "pasid",
					    "devices" };
	struct json_object *row = need(json_object_new_object());
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (get(load, keys[i]))
			json_object_object_add(
				row, keys[i],
				json_object_get(get(load, keys[i])));
	put_text(row, "kind", "gone since the load");
	json_object_object_add(row, "at_load", json_object_get(load));
	list_row(l, row, NULL);
	json_object_put(row);
}

static void list_unit(struct list *l, struct json_object *u)
{
	size_t i;

	for (i = 0; i < get_count(u, "entries"); i++)
		list_row(l, get_at(u, "entries", i), NULL);
	for (i = 0; i < get_count(u, "gone_since_load"); i++)
		list_gone(l, get_at(u, "gone_since_load", i));
}

void print_tables(struct json_object *doc)
{
	struct list *l = list_begin(table_columns, true);
	size_t i;

	for (i = 0; i < get_count(doc, "units"); i++)
		list_unit(l, get_at(doc, "units", i));
	list_end(l, "");
	if (!get_count(doc, "units"))
		puts("no units are recorded");
	for (i = 0; i < get_count(doc, "units") && !style.noheadings; i++)
		print_unit(get_at(doc, "units", i));
}
