// SPDX-License-Identifier: GPL-2.0-only
/* iommudump tables, walk: what the tables held, and one way through them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "args.h"
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

		printf(", %s table %s of %s levels", get_text(s, "form"),
		       get_text(s, "root"), get_text(s, "levels"));
	}
	if (get_bool(o, "faults_off"))
		printf(", faults off");
	if (get_bool(o, "ats"))
		printf(", ATS");
	print_evidence(o);
	putchar('\n');
}

static void print_path(struct json_object *o, const char *key)
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

/* --- walk --- */

static void add_steps(struct json_object *o, const struct iommu_xlat *x)
{
	struct json_object *a = put_array(o, "steps"), *s;
	u32 i;

	for (i = 0; i < x->steps && i < ARRAY_SIZE(x->step); i++) {
		s = push_object(a);
		put_text(s, "stage", x->step[i].stage ? "second" : "first");
		put_word(s, "at", view_level_text(x->step[i].level),
			 x->step[i].level);
		put_hex(s, "where", x->step[i].where);
		put_hex_array(s, "raw", &x->step[i].raw, 1);
	}
}

/* Translates for one requester; what stops it is an answer as well. */
static void add_walk(struct report *r, struct json_object *o, u32 unit,
		     u32 requester, u64 iova)
{
	struct view_trail trail;
	struct view_entry e;
	struct iommu_config c;
	struct iommu_evidence ev = { 0 };
	struct iommu_xlat x;
	struct json_object *v;
	int err;

	put_requester(o, r->d, unit, requester, VIEW_NO_PASID);
	err = view_config(r->d, unit, VIEW_CRASH, &c, NULL);
	if (!err)
		err = view_lookup(r->d, unit, VIEW_CRASH, requester,
				  VIEW_NO_PASID, &e, &trail);
	if (err) {
		put_text(o, "error", view_error_text(r->d, unit, err));
		r->status = EXIT_INCOMPLETE;
		return;
	}
	put_domain(o, &e);
	put_trail(o, "path", &trail);
	if (e.err || e.domain.kind == IOMMU_KIND_BLOCKED) {
		if (e.err)
			r->status = EXIT_INCOMPLETE;
		return;
	}
	err = iommu_translate(&c, view_mem(r->d, VIEW_CRASH), &e.domain, iova,
			      0, &x, &ev);
	add_steps(o, &x);
	if (err) {
		put_evidence(put_object(o, "stopped"), &ev);
		if (err == IOMMU_EREAD)
			r->status = EXIT_INCOMPLETE;
		return;
	}
	v = put_object(o, "result");
	put_hex(v, "address", x.pa);
	put_number(v, "page_size", x.page_size);
	put_perm(v, "access", x.perm);
}

/*
 * The unit of a requester that no device is known for: one that has an entry
 * for it, or the one that serves all that no other does.
 */
static u32 guess_unit(struct dump *d, u32 segment, u32 requester)
{
	struct view_trail trail;
	struct view_entry e;
	struct iommu_config c;
	u32 i, all = REC_NONE, only = REC_NONE, n = 0;

	for (i = 0; i < d->facts.unit_n; i++) {
		if (d->facts.unit[i].segment != segment)
			continue;
		only = i;
		n++;
		if (d->facts.unit[i].flags & UNIT_INCLUDE_ALL)
			all = i;
		if (!view_config(d, i, VIEW_CRASH, &c, NULL) && c.on &&
		    !view_lookup(d, i, VIEW_CRASH, requester, VIEW_NO_PASID, &e,
				 &trail) &&
		    !e.err && e.domain.kind != IOMMU_KIND_BLOCKED)
			return i;
	}
	return all != REC_NONE ? all : n == 1 ? only : REC_NONE;
}

static bool find_device(const struct facts *f, u32 segment, u32 requester,
			size_t *device)
{
	size_t i;

	for (i = 0; i < f->device_n; i++) {
		if (f->device[i].segment != segment ||
		    f->device[i].requester != requester)
			continue;
		*device = i;
		return true;
	}
	return false;
}

size_t find_requesters(struct dump *d, u32 segment, u32 requester, u32 *unit,
		       u32 *id, u32 *group)
{
	const struct facts *f = &d->facts;
	size_t device;

	id[0] = requester;
	*group = REC_NONE;
	if (find_device(f, segment, requester, &device)) {
		*unit = f->device[device].unit;
		*group = f->device[device].group;
		return view_requesters(d, device, id, DEVICE_IDS_MAX);
	}
	*unit = guess_unit(d, segment, requester);
	return 1;
}

bool report_walk(struct report *r)
{
	u32 id[DEVICE_IDS_MAX];
	u32 segment, requester, unit, group;
	struct json_object *a;
	size_t n, i;
	u64 iova;

	if (!parse_bdf(r->argv[0], &segment, &requester) ||
	    !parse_address(r->argv[1], &iova)) {
		r->status = EXIT_NOBODY;
		snprintf(r->err, r->err_len,
			 "walk %s %s: wanted [SSSS:]BB:DD.F or a stream (0x…), "
			 "and an address "
			 "(0x… or decimal)",
			 r->argv[0], r->argv[1]);
		return false;
	}
	n = find_requesters(r->d, segment, requester, &unit, id, &group);
	put_bdf(r->doc, "device", segment, requester);
	put_hex(r->doc, "iova", iova);
	a = put_array(r->doc, "walks");
	if (unit == REC_NONE) {
		put_text(r->doc, "error", "no unit is known for this device");
		r->status = EXIT_INCOMPLETE;
	}
	for (i = 0; unit != REC_NONE && i < n; i++)
		add_walk(r, push_object(a), unit, id[i], iova);
	return true;
}

static void print_one_walk(struct json_object *w, const char *iova)
{
	struct json_object *v;
	size_t i;

	printf("%s on %s: ", get_text(w, "requester"), get_text(w, "unit"));
	print_domain(w);
	print_path(w, "path");
	for (i = 0; i < get_count(w, "steps"); i++) {
		v = get_at(w, "steps", i);
		printf("    %s-stage %s %s: %s\n", get_text(v, "stage"),
		       get_text(v, "at"), get_text(v, "where"),
		       json_object_get_string(get_at(v, "raw", 0)));
	}
	v = get(w, "result");
	if (v)
		printf("  %s -> %s, access %s, page of %s bytes\n", iova,
		       get_text(v, "address"),
		       *get_text(v, "access") ? get_text(v, "access") : "none",
		       get_text(v, "page_size"));
	v = get(w, "stopped");
	if (v) {
		printf("  %s is stopped", iova);
		print_evidence(v);
		putchar('\n');
	}
}

void print_walk(struct json_object *doc)
{
	size_t i;

	if (get(doc, "error"))
		printf("%s: %s\n", get_text(doc, "device"),
		       get_text(doc, "error"));
	for (i = 0; i < get_count(doc, "walks"); i++)
		print_one_walk(get_at(doc, "walks", i), get_text(doc, "iova"));
}
