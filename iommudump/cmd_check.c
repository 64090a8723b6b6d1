// SPDX-License-Identifier: GPL-2.0-only
/*
 * iommudump check: what endangers the dump, or the isolation of devices.
 * answers/ asks the rules; this prints what they found.
 */
#include <stdio.h>
#include <string.h>
#include "check.h"
#include "columns.h"

static const char *const severity_text[CHECK_SEVERITIES] = {
	[CHECK_SERIOUS] = "serious",
	[CHECK_WARNING] = "warning",
	[CHECK_NOTE] = "note",
};

static void put_who(struct report *r, struct json_object *o,
		    const struct check_who *w)
{
	const struct facts *f = &r->d->facts;
	char bdf[24];

	if (w->device != CHECK_NO_DEVICE) {
		put_text(o, "name", f->device[w->device].name);
		put_text(o, "driver", f->device[w->device].driver);
		return;
	}
	text_bdf(bdf, sizeof(bdf),
		 w->unit < f->unit_n ? f->unit[w->unit].segment : 0,
		 w->requester);
	put_text(o, "name", bdf);
}

static void put_finding(struct report *r, struct json_object *o,
			const char *severity, const struct check_finding *f)
{
	struct json_object *a;
	char advice[512];
	size_t i;

	put_text(o, "severity", severity);
	put_text(o, "rule", f->rule);
	put_unit(o, "unit", r->d, f->unit);
	put_text(o, "why", f->why);
	snprintf(advice, sizeof(advice), "%s%s", f->advice,
		 f->mode ? f->mode : "");
	put_text(o, "advice", advice);
	a = put_array(o, "devices");
	for (i = 0; i < f->who_n; i++)
		put_who(r, push_object(a), &f->who[i]);
	put_bool(o, "more_devices", f->more_who);
	if (!f->has_range)
		return;
	o = put_object(o, "range");
	put_hex(o, "iova", f->range.iova);
	put_hex(o, "address", f->range.pa);
	put_hex(o, "length", f->range.len);
	put_perm(o, "access", f->range.perm);
}

/* With anything of whom or of which unit it is. */
static bool wanted_finding(struct report *r, const struct check_finding *f)
{
	size_t i;

	if (!r->filter)
		return true;
	if (!r->filter->devices && f->unit != REC_NONE)
		return wanted_unit(r->filter, r->d, f->unit);
	for (i = 0; i < f->who_n; i++) {
		const struct check_who *w = &f->who[i];

		if (w->device != CHECK_NO_DEVICE
			    ? wanted_device(r->filter, r->d, w->device)
			    : wanted_requester(r->filter, r->d, w->unit,
					       w->requester))
			return true;
	}
	return false;
}

/* How many of them. */
static size_t put_severity(struct report *r, struct json_object *a,
			   const struct checked *c, size_t severity)
{
	size_t i, n = 0;

	for (i = 0; i < c->found_n[severity]; i++) {
		if (!wanted_finding(r, c->found[severity][i]))
			continue;
		put_finding(r, push_object(a), severity_text[severity],
			    c->found[severity][i]);
		n++;
	}
	return n;
}

/* What is undecided is told whoever is asked about: it may be about them. */
static void put_undecided(struct report *r, const struct checked *c)
{
	struct json_object *a = put_array(r->doc, "undecided"), *o;
	size_t i;

	for (i = 0; i < c->undecided_n; i++) {
		if (c->undecided[i].unit != REC_NONE &&
		    !wanted_unit(r->filter, r->d, c->undecided[i].unit))
			continue;
		o = push_object(a);
		put_text(o, "rule", c->undecided[i].rule);
		put_unit(o, "unit", r->d, c->undecided[i].unit);
		put_text(o, "why", c->undecided[i].why);
	}
}

/* Returns whether something is serious. */
static bool put_findings(struct report *r, const struct checked *c)
{
	struct json_object *counts = put_object(r->doc, "counts");
	struct json_object *a = put_array(r->doc, "findings");
	size_t s, n;

	for (s = 0; s < CHECK_SEVERITIES; s++) {
		n = put_severity(r, a, c, s);
		put_number(counts, severity_text[s], n);
	}
	put_bool(r->doc, "more", c->more);
	put_undecided(r, c);
	return get_number(counts, severity_text[CHECK_SERIOUS]);
}

bool report_check(struct report *r)
{
	struct progress p = { .what = "pages of tables read" };
	struct checked c;
	bool done = !check(r->d, r->vmlinux, show_progress, &p, &c);

	end_progress(&p);
	if (done) {
		put_as_of(r->doc, r->d);
		if (put_findings(r, &c))
			r->status = EXIT_SERIOUS;
		else if (c.incomplete)
			r->status = EXIT_INCOMPLETE;
	} else {
		r->status = EXIT_INCOMPLETE;
		snprintf(r->err, r->err_len, "check: out of memory");
	}
	checked_free(&c);
	return done;
}

/* --- text --- */

static void write_names(FILE *to, struct json_object *f)
{
	size_t i, n = get_count(f, "devices"), shown = shown_of(n, NAMES_FEW);

	for (i = 0; i < shown; i++) {
		struct json_object *d = get_at(f, "devices", i);

		fprintf(to, "%s%s", i ? ", " : "", get_text(d, "name"));
		if (get(d, "driver"))
			fprintf(to, " %s", get_text(d, "driver"));
	}
	if (shown < n)
		fprintf(to, ", and %zu more", n - shown);
	if (get_bool(f, "more_devices"))
		fputs(shown < n ? " at least" : " and more", to);
}

static void write_range(FILE *to, struct json_object *f)
{
	struct json_object *o = get(f, "range");
	char size[32];

	if (o)
		fprintf(to, "%s iova %s +%s%s -> %s", get_text(o, "access"),
			get_text(o, "iova"), get_text(o, "length"),
			size_words(get_text(o, "length"), size, sizeof(size)),
			get_text(o, "address"));
}

const struct column check_columns[] = {
	{ .title = "SEVERITY",
	  .key = "severity",
	  .flags = COLUMN_SEVERITY,
	  .help = "serious, warning, note; or undecided" },
	{ .title = "RULE", .key = "rule", .help = "which rule found it" },
	{ .title = "UNIT", .key = "unit", .help = "on which IOMMU" },
	{ .title = "WHY", .key = "why", .flags = COLUMN_WRAP, .help = "what" },
	{ .title = "DEVICES",
	  .text = write_names,
	  .flags = COLUMN_WRAP,
	  .help = "whom it is about" },
	{ .title = "RANGE",
	  .text = write_range,
	  .flags = COLUMN_WRAP,
	  .help = "the mapping that it is about" },
	{ .title = "ADVICE",
	  .key = "advice",
	  .flags = COLUMN_MORE | COLUMN_WRAP,
	  .help = "what to do" },
	{ .title = NULL },
};

/* What stands for rows that are folded away. */
static void list_more(struct list *l, const char *severity, const char *rule,
		      size_t n)
{
	struct json_object *row = need(json_object_new_object());
	char why[64];

	snprintf(why, sizeof(why), "%zu more, with --all", n);
	put_text(row, "severity", severity);
	put_text(row, "rule", rule);
	put_text(row, "why", why);
	list_row(l, row, NULL);
	json_object_put(row);
}

/* Findings [from, end), which are alike. */
static void list_findings(struct list *l, struct json_object *doc, size_t from,
			  size_t end)
{
	struct json_object *f = get_at(doc, "findings", from);
	size_t i, shown = shown_of(end - from, FINDINGS_FEW);

	for (i = from; i < from + shown; i++)
		list_row(l, get_at(doc, "findings", i), NULL);
	if (from + shown < end)
		list_more(l, get_text(f, "severity"), get_text(f, "rule"),
			  end - from - shown);
}

/* The same of what could not be decided. */
static void list_undecided(struct list *l, struct json_object *doc, size_t from,
			   size_t end)
{
	size_t i, shown = shown_of(end - from, FINDINGS_FEW);

	for (i = from; i < from + shown; i++) {
		struct json_object *u = get_at(doc, "undecided", i);
		struct json_object *row = need(json_object_new_object());

		put_text(row, "severity", "undecided");
		json_object_object_foreach(u, key, v)
			json_object_object_add(row, key, json_object_get(v));
		list_row(l, row, NULL);
		json_object_put(row);
	}
	if (from + shown < end)
		list_more(l, "undecided",
			  get_text(get_at(doc, "undecided", from), "rule"),
			  end - from - shown);
}

/* What to do, each advice once, with the rule that gives it. */
static void print_advice(struct json_object *doc)
{
	size_t i, k;

	for (i = 0; i < get_count(doc, "findings"); i++) {
		struct json_object *f = get_at(doc, "findings", i);

		for (k = 0; k < i; k++)
			if (!strcmp(get_text(f, "advice"),
				    get_text(get_at(doc, "findings", k),
					     "advice")))
				break;
		if (k == i && *get_text(f, "advice"))
			printf("do: %s: %s\n", get_text(f, "rule"),
			       get_text(f, "advice"));
	}
}

void print_check(struct json_object *doc)
{
	struct json_object *n = get(doc, "counts");
	struct list *l = list_begin(check_columns, true);
	size_t i, end;

	for (i = 0; i < get_count(doc, "findings"); i = end) {
		end = alike_end(doc, "findings", i, finding_keys);
		list_findings(l, doc, i, end);
	}
	for (i = 0; i < get_count(doc, "undecided"); i = end) {
		end = alike_end(doc, "undecided", i, undecided_keys);
		list_undecided(l, doc, i, end);
	}
	list_end(l, "");
	if (style.noheadings)
		return;
	print_advice(doc);
	if (get_bool(doc, "more"))
		puts("and more findings than are kept");
	printf("as of %s: %s serious, %s warning%s, %s note%s\n",
	       get_text(doc, "as_of"), get_text(n, "serious"),
	       get_text(n, "warning"), plural(get_number(n, "warning")),
	       get_text(n, "note"), plural(get_number(n, "note")));
}
