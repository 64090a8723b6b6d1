// SPDX-License-Identifier: GPL-2.0-only
/* iommudump reach: which device could have written there. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "args.h"
#include "report.h"

static const char *const why_text[] = {
	[REACH_TABLE] = "mapped",
	[REACH_PASS] = "pass-through",
	[REACH_OFF] = "translation off",
	[REACH_NO_UNIT] = "no IOMMU",
};

static void add_ranges(struct json_object *o, const struct reach_table *t)
{
	struct json_object *a = put_array(o, "ranges"), *v;
	u32 i;

	for (i = 0; i < t->runs; i++) {
		v = push_object(a);
		put_hex(v, "iova", t->run[i].iova);
		put_hex(v, "address", t->run[i].pa);
		put_hex(v, "length", t->run[i].len);
		put_perm(v, "access", t->run[i].perm);
	}
	put_bool(o, "more", t->more);
}

/* A device that no unit translates for: it is not found by requester. */
static void add_plain_device(struct json_object *o, const struct dump *d,
			     const struct reach_hit *h)
{
	const struct fact_device *f = &d->facts.device[h->device];
	struct json_object *v;

	put_unit(o, "unit", d, h->unit);
	put_bdf(o, "requester", f->segment, f->requester);
	v = push_object(put_array(o, "devices"));
	put_text(v, "name", f->name);
	put_text(v, "driver", f->driver);
}

static void add_hit(struct report *r, struct json_object *o,
		    const struct reach *found, const struct reach_hit *h)
{
	if (h->requester == REC_NONE)
		put_unit(o, "unit", r->d, h->unit);
	else if (h->why == REACH_OFF || h->why == REACH_NO_UNIT)
		add_plain_device(o, r->d, h);
	else
		put_requester(o, r->d, h->unit, h->requester, h->pasid);
	put_text(o, "why", why_text[h->why]);
	put_perm(o, "access", h->perm);
	if (h->why == REACH_TABLE)
		add_ranges(o, &found->table[h->table]);
	if (r->d->crash.present)
		put_text(o, "after",
			 view_after_text(h->unit == REC_NONE
						 ? AFTER_SAME
						 : view_after(r->d, h->unit,
							      h->requester)));
}

static void add_gap(struct report *r, struct json_object *o,
		    const struct reach_gap *g)
{
	if (g->requester == REC_NONE)
		put_unit(o, "unit", r->d, g->unit);
	else
		put_requester(o, r->d, g->unit, g->requester, g->pasid);
	/* Told once, for the first requester it stands for. */
	put_bool(o, "whole_table",
		 g->requester == REC_NONE ||
			 (g->ev.err == IOMMU_EREAD &&
			  (g->ev.level == IOMMU_AT_ROOT ||
			   g->ev.level == IOMMU_AT_CONTEXT)));
	put_evidence(o, &g->ev);
}

bool report_reach(struct report *r)
{
	struct json_object *a;
	struct reach found;
	struct span target;
	size_t i;

	if (!parse_range(r->argv[0], &target)) {
		r->status = EXIT_NOBODY;
		snprintf(r->err, r->err_len,
			 "reach %s: wanted ADDR or ADDR+LEN (0x… or decimal, "
			 "LEN with K, M or G)",
			 r->argv[0]);
		return false;
	}
	if (reach(r->d, &target, &found)) {
		reach_free(&found);
		r->status = EXIT_INCOMPLETE;
		snprintf(r->err, r->err_len, "reach: %s", strerror(ENOMEM));
		return false;
	}
	r->status = found.gap_n	  ? EXIT_INCOMPLETE
		    : found.hit_n ? EXIT_ANSWERED
				  : EXIT_NOBODY;
	put_hex(r->doc, "address", target.start);
	put_hex(r->doc, "length", target.len);
	put_bool(r->doc, "complete", !found.gap_n);
	a = put_array(r->doc, "reached_by");
	for (i = 0; i < found.hit_n; i++)
		add_hit(r, push_object(a), &found, &found.hit[i]);
	a = put_array(r->doc, "undecided");
	for (i = 0; i < found.gap_n; i++)
		add_gap(r, push_object(a), &found.gap[i]);
	reach_free(&found);
	return true;
}

/* --- text --- */

static void print_hit(struct json_object *h)
{
	const char *why = get_text(h, "why");
	size_t i;

	if (get(h, "requester"))
		print_who(h);
	else
		printf("every device on %s", get_text(h, "unit"));
	printf(": %s, access %s%s\n", why, get_text(h, "access"),
	       strcmp(why, why_text[REACH_TABLE])
		       ? " (everything, untranslated)"
		       : "");
	for (i = 0; i < get_count(h, "ranges"); i++) {
		struct json_object *v = get_at(h, "ranges", i);

		printf("  %-2s iova %s +%s -> %s\n", get_text(v, "access"),
		       get_text(v, "iova"), get_text(v, "length"),
		       get_text(v, "address"));
	}
	if (get_bool(h, "more"))
		puts("  and more");
	if (get(h, "after"))
		printf("  after the crash: %s\n", get_text(h, "after"));
}

void print_reach(struct json_object *doc)
{
	size_t i;

	if (!get_count(doc, "reached_by"))
		printf("%s+%s: nobody%s\n", get_text(doc, "address"),
		       get_text(doc, "length"),
		       get_bool(doc, "complete")
			       ? ""
			       : " of those that could be decided");
	for (i = 0; i < get_count(doc, "reached_by"); i++)
		print_hit(get_at(doc, "reached_by", i));
	if (get_count(doc, "undecided"))
		puts("could not be decided:");
	for (i = 0; i < get_count(doc, "undecided"); i++) {
		struct json_object *u = get_at(doc, "undecided", i);

		fputs("  ", stdout);
		if (get(u, "requester"))
			print_who(u);
		else
			printf("unit %s", get_text(u, "unit"));
		if (get(u, "requester") && get_bool(u, "whole_table"))
			printf(" on %s, and all else of that table",
			       get_text(u, "unit"));
		print_evidence(u);
		putchar('\n');
	}
}
