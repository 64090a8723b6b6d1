// SPDX-License-Identifier: GPL-2.0-only
/*
 * iommudump report: everything in one document, and what only it has: memory,
 * and who maps what of it. answers/ bounds its size.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "report.h"
#include "story.h"

#define SPANS_MAX 4096u	     /* of RAM, of regions */
#define LOOKS_MAX (1u << 18) /* pages that are asked what they were */

/* --- memory --- */

static void put_span(struct json_object *o, u64 start, u64 len)
{
	put_hex(o, "address", start);
	put_hex(o, "length", len);
}

static void put_memory(struct report *r)
{
	const struct facts *f = &r->d->facts;
	struct json_object *o = put_object(r->doc, "memory"), *a, *v;
	size_t i;

	a = put_array(o, "ram");
	for (i = 0; i < f->iomem_n; i++) {
		const struct iomem *m = &f->iomem[i];

		if (!m->end || strcmp(m->name, "System RAM") ||
		    json_object_array_length(a) >= SPANS_MAX)
			continue;
		put_span(push_object(a), m->start, m->end - m->start + 1);
	}
	a = put_array(o, "reservations");
	for (i = 0; i < f->reservation_n && i < SPANS_MAX; i++)
		put_span(push_object(a), f->reservation[i].start,
			 f->reservation[i].len);
	a = put_array(o, "regions");
	for (i = 0; i < f->region_n && i < SPANS_MAX; i++) {
		const struct fact_region *g = &f->region[i];

		v = push_object(a);
		put_span(v, g->start,
			 g->end < g->start ? 0 : g->end - g->start + 1);
		put_number(v, "group", g->group);
		put_word(v, "type", view_region_text(g->type), g->type);
	}
	put_bool(o, "more",
		 f->iomem_n > SPANS_MAX || f->reservation_n > SPANS_MAX ||
			 f->region_n > SPANS_MAX);
}

/* --- who maps what --- */

static void put_plain(struct report *r, struct json_object *o,
		      const struct reach_hit *h)
{
	put_reacher(o, r->d, h);
	put_text(o, "why", view_reach_text(h->why));
	put_perm(o, "access", h->perm);
}

static void put_ranges(struct report *r, struct json_object *o,
		       const struct mapped_table *t, u64 *looks)
{
	struct json_object *a = put_array(o, "ranges"), *v;
	size_t i;

	for (i = 0; i < t->range_n; i++) {
		v = push_object(a);
		put_span(v, t->range[i].start, t->range[i].len);
		put_perm(v, "access", t->range[i].perm);
		put_bool(v, "partly", t->range[i].partly);
		if (!t->range[i].partly)
			put_kind_words(r, v,
				       &(struct span){ t->range[i].start,
						       t->range[i].len },
				       looks);
	}
}

static void put_table(struct report *r, struct json_object *o,
		      const struct mapped_table *t, u64 *looks)
{
	const struct iommu_domain *d = &t->e.domain;
	struct json_object *a;
	u32 i;

	put_unit(o, "unit", r->d, t->e.unit);
	put_text(o, "kind", view_kind_text(d->kind));
	put_stages(o, d->stage, &d->upper);
	a = put_array(o, "requesters");
	for (i = 0; i < t->n; i++)
		put_requester(push_object(a), r->d, t->e.unit, t->requester[i],
			      t->pasid[i]);
	put_bool(o, "more_requesters", t->more);
	put_number(o, "runs", t->runs);
	put_hex(o, "bytes", t->bytes);
	put_number(o, "unread", t->gaps);
	if (t->gaps)
		r->status = EXIT_INCOMPLETE;
	put_ranges(r, o, t, looks);
}

static void put_maps(struct report *r, const struct mapped *m)
{
	struct json_object *a = put_array(r->doc, "maps");
	u64 looks = LOOKS_MAX;
	size_t i;

	for (i = 0; i < m->table_n; i++)
		put_table(r, push_object(a), &m->table[i], &looks);
	a = put_array(r->doc, "untranslated");
	for (i = 0; i < m->plain_n; i++)
		put_plain(r, push_object(a), &m->plain[i]);
	put_bool(r->doc, "more", m->more);
	if (m->more)
		r->status = EXIT_INCOMPLETE;
}

/* What all tables map, which the story needs as well. */
static bool put_mapped(struct report *r, struct json_object *story)
{
	struct progress p = { .what = "pages of tables read" };
	struct mapped m;
	bool done = !view_mapped(r->d, show_progress, &p, &m);

	end_progress(&p);
	if (done) {
		put_maps(r, &m);
		done = tell_story(r, story, &m, get(r->doc, "check"));
	}
	mapped_free(&m);
	return done;
}

/* --- everything --- */

static bool put_part(struct report *r, const char *key,
		     bool (*report)(struct report *r))
{
	struct report part = *r;
	bool done;

	part.doc = put_object(r->doc, key);
	part.status = EXIT_ANSWERED;
	done = report(&part);
	if (part.status > r->status)
		r->status = part.status;
	return done;
}

bool report_report(struct report *r)
{
	struct json_object *story;

	put_as_of(r->doc, r->d);
	story = put_object(r->doc, "story");
	if (!put_part(r, "show", report_show) ||
	    !put_part(r, "devices", report_devices) ||
	    !put_part(r, "faults", report_faults))
		return false;
	if (!put_part(r, "check", report_check))
		return false;
	/* What is serious is an answer here; what is undecided is not. */
	if (r->status == EXIT_SERIOUS)
		r->status = EXIT_ANSWERED;
	if (get_count(get(r->doc, "check"), "undecided"))
		r->status = EXIT_INCOMPLETE;
	put_memory(r);
	if (put_mapped(r, story))
		return true;
	r->status = EXIT_INCOMPLETE;
	snprintf(r->err, r->err_len, "report: out of memory");
	return false;
}

void print_report(struct json_object *doc)
{
	size_t i, n = get_count(doc, "maps");
	char size[32];

	print_story(get(doc, "story"));
	putchar('\n');
	print_show(get(doc, "show"));
	print_faults(get(doc, "faults"));
	print_check(get(doc, "check"));
	for (i = 0; i < n; i++) {
		struct json_object *m = get_at(doc, "maps", i);

		print_who(get_at(m, "requesters", 0));
		printf("%s on %s: %s run%s, %s bytes%s mapped\n",
		       get_count(m, "requesters") > 1 ? " and others" : "",
		       get_text(m, "unit"), get_text(m, "runs"),
		       plural(get_number(m, "runs")), get_text(m, "bytes"),
		       size_words(get_text(m, "bytes"), size, sizeof(size)));
	}
	if (get_bool(doc, "more"))
		puts("and more tables than are told here: ask iommudump maps");
}
