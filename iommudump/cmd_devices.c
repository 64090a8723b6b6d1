// SPDX-License-Identifier: GPL-2.0-only
/* iommudump devices: what was there, and what became of it. */
#include <stdio.h>
#include <string.h>
#include "report.h"

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
		add_device(r, push_object(a), i);
	return true;
}

static void print_stages(struct json_object *o)
{
	size_t i;

	for (i = 0; i < get_count(o, "stages"); i++) {
		struct json_object *s = get_at(o, "stages", i);

		printf(", %s table %s of %s level%s", get_text(s, "form"),
		       get_text(s, "root"), get_text(s, "levels"),
		       plural(get_number(s, "levels")));
	}
}

static void print_device(struct json_object *d)
{
	char buf[256];
	size_t i;

	printf("%s %s [%s class %s]", get_text(d, "name"),
	       cell(d, "driver", buf, sizeof(buf)), get_text(d, "ids"),
	       get_text(d, "class"));
	printf(" group %s, default domain %s",
	       cell(d, "group", buf, sizeof(buf)), get_text(d, "domain_type"));
	if (get(d, "attached") &&
	    strcmp(get_text(d, "attached"), get_text(d, "domain_type")))
		printf(", attached to %s", get_text(d, "attached"));
	if (get(d, "unit"))
		printf(" on %s\n", get_text(d, "unit"));
	else
		puts(" behind no IOMMU");
	if (get_count(d, "aliases"))
		printf("  its DMA also carries %s\n",
		       cell(d, "aliases", buf, sizeof(buf)));
	if (get(d, "at_load"))
		printf("  %s since the load: then %s group %s, default domain "
		       "%s\n",
		       get_text(d, "since_load"),
		       cell(get(d, "at_load"), "driver", buf, sizeof(buf)),
		       get_text(get(d, "at_load"), "group"),
		       get_text(get(d, "at_load"), "domain_type"));
	else if (get(d, "since_load"))
		printf("  %s since the load\n", get_text(d, "since_load"));
	if (get(d, "mode"))
		printf("  decided: %s, %s\n", get_text(d, "mode"),
		       get_text(d, "reason"));
	for (i = 0; i < get_count(d, "at_crash"); i++) {
		struct json_object *c = get_at(d, "at_crash", i);

		printf("  tables: %s %s", get_text(c, "requester"),
		       get_text(c, "kind"));
		if (get(c, "domain"))
			printf(" domain %s", get_text(c, "domain"));
		print_stages(c);
		print_evidence(c);
		putchar('\n');
	}
	if (get(d, "after"))
		printf("  DMA after the crash: %s\n", get_text(d, "after"));
}

void print_devices(struct json_object *doc)
{
	size_t i;

	if (!get_count(doc, "devices"))
		puts("no devices are recorded");
	for (i = 0; i < get_count(doc, "devices"); i++)
		print_device(get_at(doc, "devices", i));
}
