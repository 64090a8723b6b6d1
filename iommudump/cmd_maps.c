// SPDX-License-Identifier: GPL-2.0-only
/* iommudump maps: all that a device may reach, and how. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "args.h"
#include "report.h"

/* More are for a script, which asks for one range after the other. */
#define MAPS_MAX 65536
#define TOUCHED_MAX 256

struct maps {
	struct report *r;
	struct json_object *entries;
	const struct span *iova; /* NULL: all */
	struct view_dma dma;
	struct progress progress;
};

static void add_sizes(struct json_object *o, u32 sizes)
{
	struct json_object *a = put_array(o, "page_sizes");
	u32 bit;

	for (bit = 0; bit < 32; bit++)
		if (sizes & 1u << bit)
			push_hex(a, PAGE_4K << bit);
}

static void add_run(struct json_object *a, const struct iommu_run *run)
{
	struct json_object *v = push_object(a);

	put_hex(v, "iova", run->iova);
	put_hex(v, "address", run->pa);
	put_hex(v, "length", run->len);
	put_perm(v, "access", run->perm);
	add_sizes(v, run->sizes);
}

/* The part of @run in [start, start + len), which must not be there. */
static void add_touched(struct json_object *a, const char *what, bool own,
			const struct span *s, const struct iommu_run *run)
{
	u64 skip = run->pa < s->start ? s->start - run->pa : 0;
	u64 len = run->len - skip, room;
	struct json_object *v;

	if (!span_overlaps(s, run->pa, run->len) ||
	    json_object_array_length(a) >= TOUCHED_MAX)
		return;
	room = s->len - (run->pa + skip - s->start);
	v = push_object(a);
	put_text(v, "what", what);
	put_bool(v, "own", own);
	put_hex(v, "iova", run->iova + skip);
	put_hex(v, "address", run->pa + skip);
	put_hex(v, "length", len < room ? len : room);
	put_perm(v, "access", run->perm);
}

/* What of it lies in the crash kernel's memory, or in reserved regions. */
static void add_touches(struct maps *m, struct json_object *o,
			const struct scanned *found)
{
	const struct facts *f = &m->r->d->facts;
	struct json_object *a = put_array(o, "touches");
	struct runs_at at = runs_begin(&found->runs);
	struct iommu_run run;
	size_t k;

	while (runs_next(&at, &run)) {
		for (k = 0; k < f->reservation_n; k++)
			add_touched(a, "crash kernel", false,
				    &f->reservation[k], &run);
		for (k = 0; k < f->region_n; k++) {
			const struct fact_region *g = &f->region[k];
			const struct span s = { g->start,
						g->end - g->start + 1 };

			if (g->type != REGION_DIRECT &&
			    g->type != REGION_DIRECT_RELAXABLE)
				continue;
			add_touched(a, "reserved region",
				    g->group == m->dma.group, &s, &run);
		}
	}
}

static void add_repeats(struct maps *m, struct json_object *o,
			const struct scanned *found)
{
	struct json_object *a = put_array(o, "repeats"), *v;
	size_t i;

	for (i = 0; i < found->repeat_n && i < MAPS_MAX; i++) {
		const struct scan_repeat *rep = &found->repeat[i];

		if (m->iova &&
		    !span_overlaps(m->iova, rep->dst, (u64)rep->n << rep->bits))
			continue;
		v = push_object(a);
		put_hex(v, "iova", rep->dst);
		put_hex(v, "length", BIT64(rep->bits));
		put_number(v, "times", rep->n);
		put_hex(v, "as", rep->src);
	}
}

static void add_errors(struct json_object *o, const struct scanned *found)
{
	struct json_object *a = put_array(o, "wrong"), *v;
	size_t i;

	for (i = 0; i < found->ev_n; i++) {
		v = push_object(a);
		put_hex(v, "iova", found->ev[i].iova);
		put_evidence(v, &found->ev[i]);
	}
	put_number(o, "errors", found->errors);
}

/* One stage; output addresses are memory unless another stage follows. */
static void add_stage(struct maps *m, struct json_object *a,
		      const struct view_entry *e, u32 stage)
{
	const struct iommu_domain *d = &e->domain;
	const struct iommu_table *t = stage == SCAN_UPPER ? &d->upper
							  : &d->stage[stage];
	bool guest = d->kind == IOMMU_KIND_NESTED && stage != 1;
	const struct view_scan v = { .e = e,
				     .stage = stage,
				     .iova = m->iova,
				     .runs_max = MAPS_MAX,
				     .progress = show_progress,
				     .arg = &m->progress };
	struct json_object *o, *runs;
	struct scanned found;
	struct iommu_run run;
	struct runs_at at;
	u64 bytes = 0;
	int err;

	if (!t->format)
		return;
	o = push_object(a);
	put_text(o, "form", t->format->name);
	put_text(o, "stage", stage == 1 ? "second" : "first");
	put_hex(o, "root", t->root);
	put_number(o, "levels", t->levels);
	put_text(o, "to", guest ? "second stage" : "memory");
	err = view_scan(m->r->d, &v, &found);
	runs = put_array(o, "mappings");
	at = runs_begin(&found.runs);
	while (runs_next(&at, &run)) {
		add_run(runs, &run);
		bytes += run.len;
	}
	put_hex(o, "bytes", bytes);
	put_bool(o, "more", found.full);
	add_repeats(m, o, &found);
	add_errors(o, &found);
	if (!guest)
		add_touches(m, o, &found);
	if (err)
		put_text(o, "error", iommu_err_text((u32)err));
	if (err || found.gaps)
		m->r->status = EXIT_INCOMPLETE;
	scanned_free(&found);
}

static bool each_entry(void *arg, const struct view_entry *e)
{
	struct maps *m = arg;
	struct json_object *o, *a;
	size_t i;

	for (i = 0; i < m->dma.n; i++)
		if (m->dma.id[i] == e->requester)
			break;
	if (i == m->dma.n)
		return true;
	o = push_object(m->entries);
	put_requester(o, m->r->d, e->unit, e->requester, e->pasid);
	put_domain(o, e);
	a = put_array(o, "maps");
	if (e->err) {
		m->r->status = EXIT_INCOMPLETE;
	} else if (e->domain.kind == IOMMU_KIND_TABLE ||
		   e->domain.kind == IOMMU_KIND_NESTED) {
		add_stage(m, a, e, 0);
		add_stage(m, a, e, SCAN_UPPER);
		add_stage(m, a, e, 1);
	}
	return true;
}

bool report_maps(struct report *r)
{
	struct maps m = { .r = r,
			  .progress = { .what = "pages of tables read" } };
	u32 segment, requester, unit;
	struct iommu_config c;
	struct span iova;
	int err = IOMMU_OK;

	if (!take_requester(r, r->argv[0], &segment, &requester) ||
	    (r->argc > 1 && !take_range(r, r->argv[1], &iova)))
		return false;
	m.iova = r->argc > 1 ? &iova : NULL;
	view_dma(r->d, segment, requester, &m.dma);
	unit = m.dma.unit;
	put_bdf(r->doc, "device", segment, requester);
	put_as_of(r->doc, r->d);
	m.entries = put_array(r->doc, "entries");
	if (unit == REC_NONE) {
		put_unknown(r, &m.dma, false);
		return true;
	}
	put_unit(r->doc, "unit", r->d, unit);
	err = view_config(r->d, unit, VIEW_CRASH, &c, NULL);
	if (!err)
		put_bool(r->doc, "translation", c.on);
	if (!err && c.on)
		err = view_entries(r->d, unit, VIEW_CRASH, each_entry, &m);
	end_progress(&m.progress);
	if (err) {
		put_text(r->doc, "error", iommu_err_text((u32)err));
		r->status = EXIT_INCOMPLETE;
	} else if (c.on) {
		put_unknown(r, &m.dma, get_count(r->doc, "entries"));
	}
	return true;
}

/* --- text --- */

static void print_touches(struct json_object *s)
{
	size_t i;

	for (i = 0; i < get_count(s, "touches"); i++) {
		struct json_object *v = get_at(s, "touches", i);

		printf("    %s: %-2s iova %s +%s -> %s\n",
		       !get_bool(v, "own") ? get_text(v, "what")
					   : "its own reserved region",
		       get_text(v, "access"), get_text(v, "iova"),
		       get_text(v, "length"), get_text(v, "address"));
	}
}

static void print_stage(struct json_object *s)
{
	char buf[256], size[32];
	size_t i;

	printf("  %s, %s level%s at %s: %zu mapping%s, %s bytes%s\n",
	       get_text(s, "form"), get_text(s, "levels"),
	       plural(get_number(s, "levels")), get_text(s, "root"),
	       get_count(s, "mappings"), plural(get_count(s, "mappings")),
	       get_text(s, "bytes"),
	       size_words(get_text(s, "bytes"), size, sizeof(size)));
	for (i = 0; i < get_count(s, "mappings"); i++) {
		struct json_object *v = get_at(s, "mappings", i);

		printf("    %-2s iova %s +%s -> %s, pages of %s\n",
		       get_text(v, "access"), get_text(v, "iova"),
		       get_text(v, "length"), get_text(v, "address"),
		       cell(v, "page_sizes", buf, sizeof(buf)));
	}
	if (get_bool(s, "more"))
		puts("    and more: ask for a range");
	for (i = 0; i < get_count(s, "repeats"); i++) {
		struct json_object *v = get_at(s, "repeats", i);

		printf("    iova %s +%s, %s time%s: as iova %s\n",
		       get_text(v, "iova"), get_text(v, "length"),
		       get_text(v, "times"), plural(get_number(v, "times")),
		       get_text(v, "as"));
	}
	print_touches(s);
	for (i = 0; i < get_count(s, "wrong"); i++) {
		struct json_object *v = get_at(s, "wrong", i);

		printf("    wrong at iova %s", get_text(v, "iova"));
		print_evidence(v);
		putchar('\n');
	}
	if (get_number(s, "errors") > get_count(s, "wrong"))
		printf("    and more, %s in all\n", get_text(s, "errors"));
	if (get(s, "error"))
		printf("    %s\n", get_text(s, "error"));
}

void print_maps(struct json_object *doc)
{
	size_t i, k;

	if (get(doc, "error"))
		printf("%s: %s\n", get_text(doc, "device"),
		       get_text(doc, "error"));
	else if (!get_bool(doc, "translation"))
		printf("%s: everything passes, %s does not translate\n",
		       get_text(doc, "device"), get_text(doc, "unit"));
	else if (!get_count(doc, "entries"))
		printf("%s: no entry at %s\n", get_text(doc, "device"),
		       get_text(doc, "unit"));
	for (i = 0; i < get_count(doc, "entries"); i++) {
		struct json_object *e = get_at(doc, "entries", i);

		print_who(e);
		printf(" on %s: ", get_text(e, "unit"));
		print_domain(e);
		for (k = 0; k < get_count(e, "maps"); k++)
			print_stage(get_at(e, "maps", k));
	}
}
