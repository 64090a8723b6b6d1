// SPDX-License-Identifier: GPL-2.0-only
/*
 * iommudump check: what endangers the dump, or the isolation of devices.
 * answers/ asks the rules; this prints what they found.
 */
#include <stdio.h>
#include "check.h"
#include "report.h"

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

static void put_findings(struct report *r, const struct checked *c)
{
	struct json_object *a, *o = put_object(r->doc, "counts");
	size_t s, i;

	for (s = 0; s < CHECK_SEVERITIES; s++)
		put_number(o, severity_text[s], c->found_n[s]);
	a = put_array(r->doc, "findings");
	for (s = 0; s < CHECK_SEVERITIES; s++)
		for (i = 0; i < c->found_n[s]; i++)
			put_finding(r, push_object(a), severity_text[s],
				    c->found[s][i]);
	put_bool(r->doc, "more", c->more);
	a = put_array(r->doc, "undecided");
	for (i = 0; i < c->undecided_n; i++) {
		o = push_object(a);
		put_text(o, "rule", c->undecided[i].rule);
		put_unit(o, "unit", r->d, c->undecided[i].unit);
		put_text(o, "why", c->undecided[i].why);
	}
}

bool report_check(struct report *r)
{
	struct progress p = { .what = "pages of tables read" };
	struct checked c;
	bool done = !check(r->d, r->vmlinux, show_progress, &p, &c);

	end_progress(&p);
	if (done) {
		put_as_of(r->doc, r->d);
		put_findings(r, &c);
		r->status = c.found_n[CHECK_SERIOUS] ? EXIT_SERIOUS
			    : c.incomplete	     ? EXIT_INCOMPLETE
						     : r->status;
	} else {
		r->status = EXIT_INCOMPLETE;
		snprintf(r->err, r->err_len, "check: out of memory");
	}
	checked_free(&c);
	return done;
}

/* --- text --- */

static void print_names(struct json_object *f)
{
	size_t i, n = get_count(f, "devices"), shown = shown_of(n, NAMES_FEW);

	for (i = 0; i < shown; i++) {
		struct json_object *d = get_at(f, "devices", i);

		printf("%s%s", i ? ", " : "", get_text(d, "name"));
		if (get(d, "driver"))
			printf(" %s", get_text(d, "driver"));
	}
	if (shown < n)
		printf(", and %zu more", n - shown);
	if (get_bool(f, "more_devices"))
		fputs(shown < n ? " at least" : " and more", stdout);
}

static void print_finding(struct json_object *f)
{
	printf("%s: %s", get_text(f, "severity"), get_text(f, "rule"));
	if (get(f, "unit"))
		printf(" on %s", get_text(f, "unit"));
	printf(": %s\n", get_text(f, "why"));
	if (get_count(f, "devices")) {
		fputs("  ", stdout);
		print_names(f);
		putchar('\n');
	}
	if (get(f, "range"))
		printf("  %s iova %s +%s -> %s\n",
		       get_text(get(f, "range"), "access"),
		       get_text(get(f, "range"), "iova"),
		       get_text(get(f, "range"), "length"),
		       get_text(get(f, "range"), "address"));
}

/* Findings [from, end), which are alike; their advice is told once. */
static void print_findings(struct json_object *doc, size_t from, size_t end)
{
	struct json_object *f = get_at(doc, "findings", from);
	size_t i, shown = shown_of(end - from, FINDINGS_FEW);

	for (i = from; i < from + shown; i++)
		print_finding(get_at(doc, "findings", i));
	if (from + shown < end)
		printf("%s: %s: %zu more, with --all\n",
		       get_text(f, "severity"), get_text(f, "rule"),
		       end - from - shown);
	printf("  do: %s\n", get_text(f, "advice"));
}

/* The same of what could not be decided. */
static void print_undecided(struct json_object *doc, size_t from, size_t end)
{
	size_t i, shown = shown_of(end - from, FINDINGS_FEW);
	struct json_object *u;

	for (i = from; i < from + shown; i++) {
		u = get_at(doc, "undecided", i);
		printf("undecided: %s", get_text(u, "rule"));
		if (get(u, "unit"))
			printf(" on %s", get_text(u, "unit"));
		printf(": %s\n", get_text(u, "why"));
	}
	if (from + shown < end)
		printf("undecided: %s: %zu more, with --all\n",
		       get_text(get_at(doc, "undecided", from), "rule"),
		       end - from - shown);
}

void print_check(struct json_object *doc)
{
	struct json_object *n = get(doc, "counts");
	size_t i, end;

	for (i = 0; i < get_count(doc, "findings"); i = end) {
		end = alike_end(doc, "findings", i, finding_keys);
		print_findings(doc, i, end);
	}
	if (get_bool(doc, "more"))
		puts("and more findings than are kept");
	for (i = 0; i < get_count(doc, "undecided"); i = end) {
		end = alike_end(doc, "undecided", i, undecided_keys);
		print_undecided(doc, i, end);
	}
	printf("as of %s: %s serious, %s warning%s, %s note%s\n",
	       get_text(doc, "as_of"), get_text(n, "serious"),
	       get_text(n, "warning"), plural(get_number(n, "warning")),
	       get_text(n, "note"), plural(get_number(n, "note")));
}
