// SPDX-License-Identifier: GPL-2.0-only
/* iommudump pages: what the pages were that are mapped for DMA, by kind. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "args.h"
#include "columns.h"

/* Of one kind, what a table maps. */
struct sum {
	u64 pages, bytes, writable;
};

struct summing {
	struct page_looks looks;
	struct sum of[PAGE_KINDS]; /* of one table */
	struct sum all[PAGE_KINDS];
};

static void add(struct sum *s, const struct iommu_run *part, u64 page)
{
	s->pages += (part->len + page - 1) / page;
	s->bytes += part->len;
	if (part->perm & IOMMU_W)
		s->writable += part->len;
}

static void each_page(void *arg, const struct iommu_run *part,
		      const struct page_facts *f)
{
	struct summing *s = arg;
	u64 page = pages_size(s->looks.p);

	add(&s->of[f->kind], part, page);
	add(&s->all[f->kind], part, page);
}

static void each_stage(void *arg, const struct scanned *found)
{
	struct runs_at at = runs_begin(&found->runs);
	struct summing *s = arg;
	struct iommu_run run;

	while (runs_next(&at, &run))
		look_at_run(&s->looks, &run);
}

/* What there is most of stands first. */
static void put_kinds(struct json_object *o, const struct sum *of)
{
	struct json_object *a = put_array(o, "kinds"), *v;
	bool done[PAGE_KINDS] = { false };

	for (;;) {
		u32 most = PAGE_KINDS;

		for (u32 i = 0; i < PAGE_KINDS; i++)
			if (of[i].pages && !done[i] &&
			    (most == PAGE_KINDS ||
			     of[i].bytes > of[most].bytes))
				most = i;
		if (most == PAGE_KINDS)
			return;
		done[most] = true;
		v = push_object(a);
		put_text(v, "kind", page_kind_text(most));
		put_number(v, "pages", of[most].pages);
		put_hex(v, "bytes", of[most].bytes);
		put_hex(v, "writable", of[most].writable);
	}
}

static void put_table(struct report *r, struct json_object *o,
		      const struct mapped_table *t, struct summing *s,
		      struct progress *p)
{
	struct json_object *a;
	u64 gaps;

	memset(s->of, 0, sizeof(s->of));
	gaps = view_table_runs(r->d, t, show_progress, p, each_stage, s);
	put_unit(o, "unit", r->d, t->e.unit);
	a = put_array(o, "requesters");
	for (u32 i = 0; i < t->n; i++)
		put_requester(push_object(a), r->d, t->e.unit, t->requester[i],
			      t->pasid[i]);
	put_bool(o, "more_requesters", t->more);
	put_number(o, "unread", gaps);
	put_kinds(o, s->of);
	if (gaps)
		r->status = EXIT_INCOMPLETE;
}

static void put_all(struct report *r, struct pages *pages,
		    const struct mapped *m)
{
	struct json_object *a = put_array(r->doc, "tables");
	struct progress p = { .what = "pages of tables read" };
	struct summing s = { .looks = { .p = pages,
					.left = PAGE_LOOKS_MAX,
					.each = each_page,
					.arg = &s } };

	for (size_t i = 0; i < m->table_n; i++)
		put_table(r, push_object(a), &m->table[i], &s, &p);
	end_progress(&p);
	put_kinds(r->doc, s.all);
	put_number(r->doc, "untranslated", m->plain_n);
	put_bool(r->doc, "more", m->more || s.looks.more);
	if (m->more || s.looks.more || s.all[PAGE_UNKNOWN].pages)
		r->status = EXIT_INCOMPLETE;
}

/* False: what was given is no device. */
static bool find_device(struct report *r, struct view_dma *dma)
{
	u32 segment, requester;

	if (!take_requester(r, r->argv[0], &segment, &requester))
		return false;
	view_dma(r->d, segment, requester, dma);
	put_bdf(r->doc, "device", segment, requester);
	return true;
}

bool report_pages(struct report *r)
{
	struct pages *pages;
	struct mapped m = { 0 };
	struct view_dma dma;
	bool ok;

	if (r->argc && !find_device(r, &dma))
		return false;
	put_as_of(r->doc, r->d);
	pages = dump_pages(r->d, r->vmlinux, r->err, r->err_len);
	ok = pages;
	if (ok && view_tables(r->d, r->argc ? &dma : NULL, &m)) {
		snprintf(r->err, r->err_len, "pages: %s", strerror(ENOMEM));
		ok = false;
	}
	if (ok) {
		put_all(r, pages, &m);
		if (r->argc)
			put_unknown(r, &dma, m.table_n || m.plain_n);
	}
	mapped_free(&m);
	if (!ok)
		r->status = EXIT_INCOMPLETE;
	return ok;
}

/* --- text --- */

static void print_kinds(struct json_object *o)
{
	static const struct column c[] = {
		{ .title = "kind", .key = "kind" },
		{ .title = "pages", .key = "pages" },
		{ .title = "bytes", .key = "bytes" },
		{ .title = "of these writable", .key = "writable" },
		{ .title = NULL },
	};

	print_rows(o, "kinds", "  ", c);
}

static void print_table(struct json_object *t)
{
	size_t n = get_count(t, "requesters");

	print_who(get_at(t, "requesters", 0));
	if (n > 1 || get_bool(t, "more_requesters"))
		fputs(" and others", stdout);
	printf(" on %s%s\n", get_text(t, "unit"),
	       get_count(t, "kinds") ? "" : ": nothing is mapped");
	print_kinds(t);
	if (get_number(t, "unread"))
		printf("  and what %s place%s of its tables lead to, which "
		       "can't be read\n",
		       get_text(t, "unread"), plural(get_number(t, "unread")));
}

void print_pages(struct json_object *doc)
{
	u64 plain = get_number(doc, "untranslated");
	size_t n = get_count(doc, "tables");

	if (get(doc, "error"))
		printf("%s: %s\n", get_text(doc, "device"),
		       get_text(doc, "error"));
	for (size_t i = 0; i < n; i++)
		print_table(get_at(doc, "tables", i));
	if (n > 1) {
		puts("in all");
		print_kinds(doc);
	}
	if (plain)
		printf("not counted: %llu requester%s all memory "
		       "untranslated\n",
		       (unsigned long long)plain,
		       plain > 1 ? "s that reach" : " that reaches");
	if (get_bool(doc, "more"))
		puts("and more than are counted");
}
