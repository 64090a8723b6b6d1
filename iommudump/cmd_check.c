// SPDX-License-Identifier: GPL-2.0-only
/*
 * iommudump check: what endangers the dump, or the isolation of devices. The
 * rules are in rules.c; this asks them one after the other, and prints.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../answers/check.h"

/* Entries that are looked at; hostile tables have 2^36. */
#define ENTRIES_MAX 16384u
/* Findings of one severity; a rule has at most one for each thing it looks at. */
#define FINDINGS_MAX 4096u
/* Names that are looked for in findings, all together. */
#define NAMES_MAX (1u << 18)

static const char *const severity_text[SEVERITIES] = {
	[SERIOUS] = "serious",
	[WARNING] = "warning",
	[NOTE] = "note",
};

/* --- what rules call --- */

/* Can kexec(8) switch that unit, or any where it is about none? */
static bool can_quiesce(const struct facts *f, u32 unit)
{
	u32 i;

	for (i = 0; i < f->unit_n; i++) {
		const struct iommu_vendor *v = iommu_vendor(f->unit[i].vendor);

		if ((unit == REC_NONE || unit == i) && v && v->quiesce)
			return true;
	}
	return false;
}

static void put_advice(struct check *c, struct json_object *o, u32 unit)
{
	const char *mode = c->rule->mode;
	char text[512];

	if (!mode || !can_quiesce(&c->d->facts, unit))
		mode = "";
	snprintf(text, sizeof(text), "%s%s", c->rule->advice, mode);
	put_text(o, "advice", text);
}

struct json_object *found(struct check *c, enum severity s, u32 unit,
			  const char *fmt, ...)
{
	struct json_object *o;
	char why[512];
	va_list ap;

	if (json_object_array_length(c->found[s]) >= FINDINGS_MAX) {
		c->r->status = EXIT_INCOMPLETE;
		c->more = true;
		return put_object(c->work, "dropped");
	}
	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	o = push_object(c->found[s]);
	put_text(o, "severity", severity_text[s]);
	put_text(o, "rule", c->rule->name);
	put_unit(o, "unit", c->d, unit);
	put_text(o, "why", why);
	put_advice(c, o, unit);
	put_array(o, "devices");
	put_bool(o, "more_devices", false);
	return o;
}

static void found_name(struct check *c, struct json_object *o, const char *name,
		       const char *driver)
{
	size_t i, n = get_count(o, "devices");
	struct json_object *v;

	if (c->names++ >= NAMES_MAX)
		n = CHECK_WHO_MAX;
	for (i = 0; i < n && c->names < NAMES_MAX; i++)
		if (!strcmp(get_text(get_at(o, "devices", i), "name"), name))
			return;
	if (n >= CHECK_WHO_MAX) {
		put_bool(o, "more_devices", true);
		return;
	}
	v = push_object(get(o, "devices"));
	put_text(v, "name", name);
	put_text(v, "driver", driver);
}

void found_device(struct check *c, struct json_object *o, size_t device)
{
	const struct fact_device *f = &c->d->facts.device[device];

	found_name(c, o, f->name, f->driver);
}

void found_requester(struct check *c, struct json_object *o, u32 unit,
		     u32 requester)
{
	const struct facts *f = &c->d->facts;
	size_t device[CHECK_WHO_MAX], i;
	size_t n = view_devices(c->d, unit, requester, device, CHECK_WHO_MAX);
	char bdf[24];

	for (i = 0; i < n; i++)
		found_device(c, o, device[i]);
	if (n)
		return;
	text_bdf(bdf, sizeof(bdf), unit < f->unit_n ? f->unit[unit].segment : 0,
		 requester);
	found_name(c, o, bdf, NULL);
}

void undecided(struct check *c, u32 unit, const char *fmt, ...)
{
	struct json_object *o;
	char why[256];
	va_list ap;

	c->r->status = EXIT_INCOMPLETE;
	if (json_object_array_length(c->undecided) >= FINDINGS_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	o = push_object(c->undecided);
	put_text(o, "rule", c->rule->name);
	put_unit(o, "unit", c->d, unit);
	put_text(o, "why", why);
}

/* --- the entries of all tables, once for all rules --- */

static bool each_entry(void *arg, const struct view_entry *e)
{
	struct check *c = arg;

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

/* --- the report --- */

static void put_findings(struct check *c)
{
	struct json_object *a, *counts = put_object(c->r->doc, "counts");
	size_t s, i, n;

	for (s = 0; s < SEVERITIES; s++)
		put_number(counts, severity_text[s],
			   json_object_array_length(c->found[s]));
	a = put_array(c->r->doc, "findings");
	for (s = 0; s < SEVERITIES; s++) {
		n = json_object_array_length(c->found[s]);
		for (i = 0; i < n; i++)
			json_object_array_add(
				a, json_object_get(json_object_array_get_idx(
					   c->found[s], i)));
	}
	put_bool(c->r->doc, "more", c->more);
}

bool report_check(struct report *r)
{
	static const struct rule tables = { "tables", ask_tables, "", NULL };
	struct check c = { .r = r, .d = r->d };
	size_t s, i;

	c.entry = calloc(ENTRIES_MAX, sizeof(*c.entry));
	if (!c.entry) {
		r->status = EXIT_INCOMPLETE;
		snprintf(r->err, r->err_len, "check: out of memory");
		return false;
	}
	put_as_of(r->doc, r->d);
	c.work = put_object(r->doc, "work");
	for (s = 0; s < SEVERITIES; s++)
		c.found[s] = put_array(c.work, severity_text[s]);
	c.undecided = put_array(c.work, "undecided");
	c.rule = &tables;
	c.rule->ask(&c);
	for (i = 0; i < check_rules_n; i++) {
		c.rule = &check_rules[i];
		c.rule->ask(&c);
	}
	if (json_object_array_length(c.found[SERIOUS]))
		r->status = EXIT_SERIOUS;
	put_findings(&c);
	json_object_object_add(r->doc, "undecided",
			       json_object_get(c.undecided));
	json_object_object_del(r->doc, "work");
	free(c.entry);
	return true;
}

/* --- text --- */

static void print_names(struct json_object *f)
{
	size_t i, n = get_count(f, "devices");

	for (i = 0; i < n; i++) {
		struct json_object *d = get_at(f, "devices", i);

		printf("%s%s", i ? ", " : "", get_text(d, "name"));
		if (get(d, "driver"))
			printf(" %s", get_text(d, "driver"));
	}
	if (get_bool(f, "more_devices"))
		fputs(" and more", stdout);
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
	printf("  do: %s\n", get_text(f, "advice"));
}

void print_check(struct json_object *doc)
{
	struct json_object *n = get(doc, "counts"), *u;
	size_t i;

	for (i = 0; i < get_count(doc, "findings"); i++)
		print_finding(get_at(doc, "findings", i));
	if (get_bool(doc, "more"))
		puts("and more findings");
	for (i = 0; i < get_count(doc, "undecided"); i++) {
		u = get_at(doc, "undecided", i);
		printf("undecided: %s", get_text(u, "rule"));
		if (get(u, "unit"))
			printf(" on %s", get_text(u, "unit"));
		printf(": %s\n", get_text(u, "why"));
	}
	printf("as of %s: %s serious, %s warnings, %s notes\n",
	       get_text(doc, "as_of"), get_text(n, "serious"),
	       get_text(n, "warning"), get_text(n, "note"));
}
