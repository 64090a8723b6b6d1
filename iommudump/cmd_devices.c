// SPDX-License-Identifier: GPL-2.0-only
/* iommudump devices: what was there, and what became of it. */
#include <stdio.h>
#include <string.h>
#include "columns.h"
#include "names.h"

#define REQUESTERS_MAX 16

static void add_aliases(struct json_object *o, const struct fact_device *d,
			const u32 *id, size_t n)
{
	struct json_object *a = put_array(o, "aliases");
	char bdf[24];
	size_t i;

	for (i = 0; i < n; i++) {
		if (id[i] == d->requester)
			continue;
		text_bdf(bdf, sizeof(bdf), d->segment, id[i]);
		json_object_array_add(a, json_object_new_string(bdf));
	}
}

/* What the tables said when the kernel died, for each id its DMA carries. */
static void add_crash(struct report *r, struct json_object *o,
		      const struct fact_device *d, const u32 *id, size_t n)
{
	struct json_object *a = put_array(o, "at_crash"), *v;
	struct view_trail trail;
	struct view_entry e;
	size_t i;
	int err;

	for (i = 0; d->unit != REC_NONE && i < n; i++) {
		v = push_object(a);
		put_bdf(v, "requester", d->segment, id[i]);
		err = view_lookup(r->d, d->unit, VIEW_CRASH, id[i],
				  VIEW_NO_PASID, &e, &trail);
		if (!err) {
			put_domain(v, &e);
			continue;
		}
		put_text(v, "kind", "unknown");
		put_text(v, "error", view_error_text(r->d, d->unit, err));
	}
}

static void add_at_load(struct report *r, struct json_object *o, size_t i)
{
	const struct at_load *l;

	if (i >= r->d->at_load_n)
		return;
	l = &r->d->at_load[i];
	if (l->since == SINCE_SAME)
		return;
	put_word(o, "since_load", view_since_text(l->since), l->since);
	if (l->since == SINCE_ADDED)
		return;
	o = put_object(o, "at_load");
	put_text(o, "driver", l->driver);
	if (l->group != REC_NONE)
		put_number(o, "group", l->group);
	put_word(o, "domain_type", view_domain_type_text(l->domain_type),
		 l->domain_type);
}

static void add_device(struct report *r, struct json_object *o, size_t i)
{
	const struct fact_device *d = &r->d->facts.device[i];
	struct decision decision = decided_device(&r->d->decisions, i);
	u32 id[REQUESTERS_MAX];
	size_t n = view_requesters(r->d, i, id, REQUESTERS_MAX);
	char text[16];

	put_text(o, "name", d->name);
	put_bdf(o, "requester", d->segment, d->requester);
	put_text(o, "driver", d->driver);
	snprintf(text, sizeof(text), "%04x:%04x", d->vendor, d->device);
	put_text(o, "ids", text);
	snprintf(text, sizeof(text), "%06x", d->class & 0xffffff);
	put_text(o, "class", text);
	if (d->group != REC_NONE)
		put_number(o, "group", d->group);
	put_word(o, "domain_type", view_domain_type_text(d->domain_type),
		 d->domain_type);
	if (d->attached)
		put_word(o, "attached", view_domain_type_text(d->attached),
			 d->attached);
	put_unit(o, "unit", r->d, d->unit);
	add_at_load(r, o, i);
	if (r->d->facts.tool &&
	    (!r->d->at_load_n || r->d->at_load[i].since != SINCE_ADDED)) {
		put_text(o, "mode", iommu_mode_name(decision.mode));
		put_word(o, "reason", iommu_reason_text(decision.reason),
			 decision.reason);
	}
	add_aliases(o, d, id, n);
	add_crash(r, o, d, id, n);
	if (d->unit != REC_NONE && r->d->crash.present)
		put_text(o, "after",
			 view_after_text(
				 view_after(r->d, d->unit, d->requester)));
}

bool report_devices(struct report *r)
{
	struct json_object *a = put_array(r->doc, "devices");
	size_t i;

	for (i = 0; i < r->d->facts.device_n; i++)
		if (wanted_device(r->filter, r->d, i))
			add_device(r, push_object(a), i);
	return true;
}

/* --- text --- */

void write_device_type(FILE *f, struct json_object *d)
{
	fputs(get_text(d, get(d, "attached") ? "attached" : "domain_type"), f);
}

void write_device_entry(FILE *f, struct json_object *d)
{
	size_t i, n = get_count(d, "at_crash");

	for (i = 0; i < n; i++) {
		struct json_object *e = get_at(d, "at_crash", i);

		fputs(i ? "; " : "", f);
		if (n > 1)
			fprintf(f, "%s ", get_text(e, "requester"));
		fputs(get_text(e, "kind"), f);
		if (get(e, "domain"))
			fprintf(f, " domain %s", get_text(e, "domain"));
		write_evidence(f, e);
	}
}

static void write_tables(FILE *f, struct json_object *d)
{
	size_t i, k, n = 0;

	for (i = 0; i < get_count(d, "at_crash"); i++) {
		struct json_object *e = get_at(d, "at_crash", i);

		for (k = 0; k < get_count(e, "stages"); k++) {
			struct json_object *s = get_at(e, "stages", k);

			fprintf(f, "%s%s of %s level%s at %s", n++ ? "; " : "",
				get_text(s, "form"), get_text(s, "levels"),
				plural(get_number(s, "levels")),
				get_text(s, "root"));
		}
	}
}

static void write_since(FILE *f, struct json_object *d)
{
	struct json_object *then = get(d, "at_load");
	char buf[64];

	fputs(get_text(d, "since_load"), f);
	if (then)
		fprintf(f, ": was %s, group %s, %s",
			cell(then, "driver", buf, sizeof(buf)),
			get_text(then, "group"), get_text(then, "domain_type"));
}

const struct column device_columns[] = {
	{ .title = "NAME", .key = "name", .help = "where it is" },
	{ .title = "DRIVER", .key = "driver", .help = "its driver" },
	{ .title = "GROUP", .key = "group", .help = "its group" },
	{ .title = "UNIT", .key = "unit", .help = "the IOMMU it is behind" },
	{ .title = "DOMAIN",
	  .text = write_device_type,
	  .help = "type of the domain it was attached to" },
	{ .title = "ENTRY",
	  .text = write_device_entry,
	  .flags = COLUMN_WRAP,
	  .help = "what the tables said at the crash" },
	{ .title = "MODE", .key = "mode", .help = "what was decided for it" },
	{ .title = "AFTER",
	  .key = "after",
	  .flags = COLUMN_WRAP,
	  .help = "what became of its DMA at the crash" },
	{ .title = "SINCE",
	  .text = write_since,
	  .flags = COLUMN_WRAP,
	  .help = "what has changed since the crash kernel was loaded" },
	{ .title = "ALIASES",
	  .key = "aliases",
	  .flags = COLUMN_WRAP,
	  .help = "other IDs that its DMA carries" },
	{ .title = "ID",
	  .key = "ids",
	  .flags = COLUMN_MORE,
	  .help = "vendor and device, as numbers" },
	{ .title = "CLASS",
	  .key = "class",
	  .flags = COLUMN_MORE,
	  .help = "PCI class, as a number" },
	{ .title = "MODEL",
	  .text = write_model,
	  .flags = COLUMN_MORE | COLUMN_WRAP,
	  .help = "vendor and device, by the pci.ids of this machine" },
	{ .title = "KIND",
	  .text = write_kind,
	  .flags = COLUMN_MORE | COLUMN_WRAP,
	  .help = "PCI class, by the same" },
	{ .title = "REQUESTER",
	  .key = "requester",
	  .flags = COLUMN_MORE,
	  .help = "who its DMA says it is" },
	{ .title = "DEFAULT",
	  .key = "domain_type",
	  .flags = COLUMN_MORE,
	  .help = "type of its group's default domain" },
	{ .title = "TABLES",
	  .text = write_tables,
	  .flags = COLUMN_MORE | COLUMN_WRAP,
	  .help = "the page tables that its entries point to" },
	{ .title = "REASON",
	  .key = "reason",
	  .flags = COLUMN_MORE | COLUMN_WRAP,
	  .help = "why that mode" },
	{ .title = NULL },
};

void print_devices(struct json_object *doc)
{
	struct list *l;
	size_t i;

	if (!get_count(doc, "devices")) {
		puts("no devices are recorded");
		return;
	}
	l = list_begin(device_columns, true);
	for (i = 0; i < get_count(doc, "devices"); i++)
		list_row(l, get_at(doc, "devices", i), NULL);
	list_end(l, "");
}
