// SPDX-License-Identifier: GPL-2.0-only
/* iommudump walk: the way of one address through the tables. */
#include <stdio.h>
#include <string.h>
#include "args.h"
#include "report.h"

static void add_steps(struct json_object *o, const struct iommu_xlat *x)
{
	struct json_object *a = put_array(o, "steps"), *s;
	u32 i;

	for (i = 0; i < x->steps && i < ARRAY_SIZE(x->step); i++) {
		s = push_object(a);
		put_text(s, "stage", x->step[i].stage ? "second" : "first");
		put_word(s, "at", view_level_text(x->step[i].level),
			 x->step[i].level);
		put_hex(s, "where", x->step[i].where);
		put_hex_array(s, "raw", &x->step[i].raw, 1);
	}
}

/* Translates for one requester; what stops it is an answer as well. */
static void add_walk(struct report *r, struct json_object *o, u32 unit,
		     u32 requester, u64 iova)
{
	struct view_trail trail;
	struct view_entry e;
	struct iommu_evidence ev;
	struct iommu_xlat x;
	struct json_object *v;
	const char *special;
	int err;

	put_requester(o, r->d, unit, requester, VIEW_NO_PASID);
	err = view_lookup(r->d, unit, VIEW_CRASH, requester, VIEW_NO_PASID, &e,
			  &trail);
	if (err) {
		put_text(o, "error", view_error_text(r->d, unit, err));
		r->status = EXIT_INCOMPLETE;
		return;
	}
	put_domain(o, &e);
	put_trail(o, "path", &trail);
	special = view_special_text(r->d, VIEW_CRASH, &e, iova);
	if (special) {
		put_text(o, "special", special);
		return;
	}
	if (e.err || e.domain.kind == IOMMU_KIND_BLOCKED) {
		if (e.err)
			r->status = EXIT_INCOMPLETE;
		return;
	}
	err = view_translate(r->d, VIEW_CRASH, &e, iova, &x, &ev);
	add_steps(o, &x);
	if (err) {
		put_evidence(put_object(o, "stopped"), &ev);
		if (err == IOMMU_EREAD)
			r->status = EXIT_INCOMPLETE;
		return;
	}
	v = put_object(o, "result");
	put_hex(v, "address", x.pa);
	put_number(v, "page_size", x.page_size);
	put_perm(v, "access", x.perm);
}

/* Bytes that the answer about @iova is good for: a page, where it has one. */
static u64 answered_bytes(struct json_object *doc, u64 iova)
{
	u64 least = 0, size;
	size_t i;

	for (i = 0; i < get_count(doc, "walks"); i++) {
		size = get_number(get(get_at(doc, "walks", i), "result"),
				  "page_size");
		if (!size)
			size = PAGE_4K;
		if (!least || size < least)
			least = size;
	}
	least = least ? least : PAGE_4K;
	return least - (iova & (least - 1));
}

/* For each requester ID that its DMA may carry. */
static void answer(struct report *r, u32 segment, u32 requester,
		   const struct view_dma *dma, u64 iova)
{
	struct json_object *a;
	size_t i;

	put_bdf(r->doc, "device", segment, requester);
	put_hex(r->doc, "iova", iova);
	a = put_array(r->doc, "walks");
	for (i = 0; dma->unit != REC_NONE && i < dma->n; i++)
		add_walk(r, push_object(a), dma->unit, dma->id[i], iova);
	put_unknown(r, dma,
		    i && strcmp(get_text(get_at(r->doc, "walks", 0), "kind"),
				view_kind_text(IOMMU_KIND_BLOCKED)));
}

/* Of a range, page by page; more are for maps, which has them in runs. */
#define WALKS_MAX 4096

bool report_walk(struct report *r)
{
	u32 segment, requester, n = 0;
	struct view_dma dma;
	struct span range;
	u64 part;

	if (!take_requester(r, r->argv[0], &segment, &requester) ||
	    !take_range(r, r->argv[1], &range))
		return false;
	view_dma(r->d, segment, requester, &dma);
	for (;;) {
		answer(r, segment, requester, &dma, range.start);
		part = answered_bytes(r->doc, range.start);
		if (!n && part >= range.len)
			return true;
		if (!r->emit(r) || part >= range.len)
			return true;
		range.start += part;
		range.len -= part;
		if (++n < WALKS_MAX)
			continue;
		r->status = EXIT_INCOMPLETE;
		snprintf(r->err, r->err_len,
			 "walk: 0x%llx and what follows: not answered, there "
			 "are too many pages; iommudump maps has them in runs",
			 (unsigned long long)range.start);
		return false;
	}
}

static void print_one_walk(struct json_object *w, const char *iova)
{
	struct json_object *v;
	size_t i;

	printf("%s on %s: ", get_text(w, "requester"), get_text(w, "unit"));
	print_domain(w);
	print_path(w, "path");
	for (i = 0; i < get_count(w, "steps"); i++) {
		v = get_at(w, "steps", i);
		printf("    %s-stage %s %s: %s\n", get_text(v, "stage"),
		       get_text(v, "at"), get_text(v, "where"),
		       json_object_get_string(get_at(v, "raw", 0)));
	}
	v = get(w, "result");
	if (v)
		printf("  %s -> %s, access %s, page of %s bytes\n", iova,
		       get_text(v, "address"),
		       *get_text(v, "access") ? get_text(v, "access") : "none",
		       get_text(v, "page_size"));
	if (get(w, "special"))
		printf("  %s: %s\n", iova, get_text(w, "special"));
	v = get(w, "stopped");
	if (v) {
		printf("  %s is stopped", iova);
		print_evidence(v);
		putchar('\n');
	}
}

void print_walk(struct json_object *doc)
{
	size_t i;

	if (get(doc, "error"))
		printf("%s: %s\n", get_text(doc, "device"),
		       get_text(doc, "error"));
	for (i = 0; i < get_count(doc, "walks"); i++)
		print_one_walk(get_at(doc, "walks", i), get_text(doc, "iova"));
}
