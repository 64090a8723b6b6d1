// SPDX-License-Identifier: GPL-2.0-only
/* iommudump reach: which device could have written there. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "args.h"
#include "report.h"
#include "target.h"

/* Apart from the devices: many may share one. */
static void add_table(struct report *r, struct json_object *o,
		      const struct reach_table *t)
{
	struct json_object *a, *v;
	u32 i;

	put_unit(o, "unit", r->d, t->unit);
	put_stages(o, t->stage, NULL);
	a = put_array(o, "ranges");
	for (i = 0; i < t->runs; i++) {
		v = push_object(a);
		put_hex(v, "iova", t->run[i].iova);
		put_hex(v, "address", t->run[i].pa);
		put_hex(v, "length", t->run[i].len);
		put_perm(v, "access", t->run[i].perm);
	}
	put_bool(o, "more", t->more);
}

/* Tables that a hit needs, numbered in the order of the hits. */
static void add_tables(struct report *r, const struct reach *found, u32 *number)
{
	struct json_object *a = put_array(r->doc, "tables");
	size_t i;
	u32 n = 0;

	for (i = 0; i < found->table_n; i++)
		number[i] = REC_NONE;
	for (i = 0; i < found->hit_n; i++) {
		const struct reach_hit *h = &found->hit[i];

		if (h->why != REACH_TABLE || number[h->table] != REC_NONE)
			continue;
		number[h->table] = n++;
		add_table(r, push_object(a), &found->table[h->table]);
	}
}

static void add_hit(struct report *r, struct json_object *o,
		    const struct reach_hit *h, const u32 *number)
{
	put_reacher(o, r->d, h);
	put_text(o, "why", view_reach_text(h->why));
	put_perm(o, "access", h->perm);
	if (h->why == REACH_TABLE)
		put_number(o, "table", number[h->table]);
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
			   g->ev.level == IOMMU_AT_CONTEXT ||
			   g->ev.level == IOMMU_AT_DTE)));
	put_evidence(o, &g->ev);
	if (g->requester == REC_NONE)
		put_text(o, "error",
			 view_error_text(r->d, g->unit, (int)g->ev.err));
}

/* Fills r->doc and raises r->status. False: out of memory. */
static bool answer(struct report *r, const struct reach_index *ix,
		   const struct target *p)
{
	const struct span *target = &p->at;
	struct json_object *a;
	struct reach found;
	u32 *number = NULL;
	size_t i;

	if (!reach_ask(ix, target, &found))
		number = calloc(found.table_n + 1, sizeof(*number));
	if (!number) {
		reach_free(&found);
		return false;
	}
	/* Of several: incomplete if one is, nobody if there is none at all. */
	if (found.gap_n)
		r->status = EXIT_INCOMPLETE;
	else if (found.hit_n && r->status == EXIT_NOBODY)
		r->status = EXIT_ANSWERED;
	if (p->virt)
		put_hex(r->doc, "virtual", p->virt);
	put_hex(r->doc, "address", target->start);
	put_hex(r->doc, "length", target->len);
	put_as_of(r->doc, r->d);
	put_kinds_of(r, r->doc, target);
	put_bool(r->doc, "complete", !found.gap_n);
	add_tables(r, &found, number);
	a = put_array(r->doc, "reached_by");
	for (i = 0; i < found.hit_n; i++)
		add_hit(r, push_object(a), &found.hit[i], number);
	if (found.unused)
		put_number(r->doc, "without_device", found.unused);
	a = put_array(r->doc, "undecided");
	for (i = 0; i < found.gap_n; i++)
		add_gap(r, push_object(a), &found.gap[i]);
	put_bool(r->doc, "more", found.gap_n >= REACH_HITS_MAX);
	free(number);
	reach_free(&found);
	return true;
}

static bool no_memory(struct report *r)
{
	r->status = EXIT_INCOMPLETE;
	snprintf(r->err, r->err_len, "reach: %s", strerror(ENOMEM));
	return false;
}

/* --- questions --- */

/* @emit: each of them as an answer of its own. */
static bool answer_pieces(struct report *r, const struct reach_index *ix,
			  const struct targets *p, bool emit)
{
	bool ok = true;
	size_t i;

	for (i = 0; ok && i < p->n; i++) {
		ok = answer(r, ix, &p->target[i]);
		if (ok && emit && !r->emit(r))
			break;
	}
	return ok;
}

static bool answer_all(struct report *r, const struct targets *p)
{
	struct span *range = calloc(p->n + 1, sizeof(*range));
	struct reach_index *ix = NULL;
	bool ok;
	size_t i;

	for (i = 0; range && i < p->n; i++)
		range[i] = p->target[i].at;
	if (range)
		ix = target_index(r, range, p->n);
	ok = ix && answer_pieces(r, ix, p, p->n > 1);
	reach_index_free(ix);
	free(range);
	return ok || no_memory(r);
}

#define LINE_MAX_LEN 128

/* The next line of stdin without what is around it; false: no more. */
static bool next_line(char *line, unsigned int *number)
{
	size_t len;
	int c;

	if (!fgets(line, LINE_MAX_LEN, stdin))
		return false;
	++*number;
	len = strlen(line);
	/* No range is that long: the rest belongs to the same bad line. */
	if (len + 1 == LINE_MAX_LEN && line[len - 1] != '\n')
		while ((c = getchar()) != EOF && c != '\n')
			;
	while (len && strchr(" \t\r\n", line[len - 1]))
		line[--len] = 0;
	return true;
}

/* Each line is answered before the next is read: someone may wait for it. */
static bool answer_stdin(struct report *r)
{
	struct reach_index *ix = target_index(r, NULL, 0);
	char line[LINE_MAX_LEN];
	unsigned int number = 0;
	struct targets p;
	bool ok = ix;

	while (ok && next_line(line, &number)) {
		const char *s = line + strspn(line, " \t");

		if (!*s || *s == '#')
			continue;
		p = (struct targets){ 0 };
		if (target_add(r, &p, s)) {
			ok = answer_pieces(r, ix, &p, true);
		} else {
			fprintf(stderr, "iommudump: reach -: line %u: %s\n",
				number, r->err);
			r->status = EXIT_INCOMPLETE;
		}
		*r->err = '\0';
		free(p.target);
	}
	reach_index_free(ix);
	return ok || no_memory(r);
}

bool report_reach(struct report *r)
{
	struct targets p = { 0 };
	bool ok;

	r->status = EXIT_NOBODY;
	if (r->argc == 1 && !strcmp(r->argv[0], "-"))
		return answer_stdin(r);
	ok = target_all(r, &p) && answer_all(r, &p);
	free(p.target);
	return ok;
}

/* --- text --- */

static void print_ranges(struct json_object *t)
{
	size_t i;

	for (i = 0; i < get_count(t, "ranges"); i++) {
		struct json_object *v = get_at(t, "ranges", i);

		printf("  %-2s iova %s +%s -> %s\n", get_text(v, "access"),
		       get_text(v, "iova"), get_text(v, "length"),
		       get_text(v, "address"));
	}
	if (get_bool(t, "more"))
		puts("  and more");
}

/* Ranges of a table that several devices share stand below the first. */
static void print_hit(struct json_object *doc, struct json_object *h,
		      u64 *shown)
{
	const char *why = get_text(h, "why");
	u64 table = get_number(h, "table");

	if (get(h, "requester"))
		print_who(h);
	else
		printf("every device on %s", get_text(h, "unit"));
	printf(": %s, access %s", why, get_text(h, "access"));
	if (!get(h, "table"))
		puts(" (everything, untranslated)");
	else if (table >= *shown)
		puts("");
	else
		printf(", table %llu above\n", (unsigned long long)table);
	if (get(h, "table") && table >= *shown) {
		*shown = table + 1;
		printf("  table %llu:\n", (unsigned long long)table);
		print_ranges(get_at(doc, "tables", table));
	}
	if (get(h, "after"))
		printf("  after the crash: %s\n", get_text(h, "after"));
}

/* What it was to the kernel, where that is known; a range, piece by piece. */
static void print_memory(struct json_object *doc)
{
	size_t n = get_count(doc, "memory");

	for (size_t i = 0; i < n; i++) {
		struct json_object *o = get_at(doc, "memory", i);

		if (!strcmp(get_text(o, "kind"), "unknown"))
			continue;
		printf("%s+%s was to the kernel: ", get_text(o, "address"),
		       get_text(o, "length"));
		print_kind(o);
		printf("%s%s\n", get(o, "because") ? "; " : "",
		       get_text(o, "because"));
	}
	if (get_bool(doc, "more_memory"))
		puts("and more; see iommudump page");
}

void print_reach(struct json_object *doc)
{
	u64 shown = 0;
	size_t i;

	if (get(doc, "virtual"))
		printf("%s is %s\n", get_text(doc, "virtual"),
		       get_text(doc, "address"));
	print_memory(doc);
	if (!get_count(doc, "reached_by"))
		printf("%s+%s: nobody%s\n", get_text(doc, "address"),
		       get_text(doc, "length"),
		       get_bool(doc, "complete")
			       ? ""
			       : " of those that could be decided");
	else
		printf("%s+%s, as of %s, is reached by\n",
		       get_text(doc, "address"), get_text(doc, "length"),
		       get_text(doc, "as_of"));
	for (i = 0; i < get_count(doc, "reached_by"); i++)
		print_hit(doc, get_at(doc, "reached_by", i), &shown);
	if (get(doc, "without_device"))
		printf("not counted: %s requester%s that no device has, whose "
		       "entries nobody wrote and let everything pass\n",
		       get_text(doc, "without_device"),
		       plural(get_number(doc, "without_device")));
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
	if (get_bool(doc, "more"))
		puts("  and more");
}
