// SPDX-License-Identifier: GPL-2.0-only
/* iommudump page: what a page of memory was to the dead kernel. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "target.h"
#include "vmcoreinfo.h"

/* MAJOR and MINOR of a kernel's own dev_t (include/linux/kdev_t.h) */
#define MINOR_BITS 20u

static void add_states(struct json_object *o, u32 state)
{
	static const struct {
		u32 state;
		const char *word;
	} words[] = {
		{ PAGE_DIRTY, "dirty" },
		{ PAGE_WRITEBACK, "under writeback" },
		{ PAGE_LOCKED, "locked" },
		{ PAGE_PINNED_LONG, "pinned" },
		{ PAGE_SHARED_MEM, "shared memory" },
	};
	struct json_object *a;

	if (!state)
		return;
	a = put_array(o, "state");
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (state & words[i].state)
			json_object_array_add(
				a, json_object_new_string(words[i].word));
}

static void put_kind(struct json_object *o, const struct page_facts *f)
{
	put_text(o, "kind", page_kind_text(f->kind));
	put_text(o, "name", *f->name ? f->name : NULL);
	put_text(o, "because", f->why);
}

/* What may know of pages; NULL, and no @why: it is not that kind of a dump. */
static struct pages *source(struct report *r, char *why, size_t why_len)
{
	struct vmcoreinfo v;

	*why = '\0';
	if (!r->d->mem || !vmcoreinfo_find(r->d->notes, r->d->notes_len, &v))
		return NULL;
	return dump_pages(r->d, r->vmlinux, why, why_len);
}

void put_kind_of(struct report *r, struct json_object *o, u64 phys)
{
	char why[512];
	struct pages *p = source(r, why, sizeof(why));
	struct page_facts f = { .why = why };

	if (p) {
		pages_ask(p, phys, &f);
		pages_symbol(p, phys, &f);
	}
	if (p || *why)
		put_kind(o, &f);
}

/* Pages that are asked of a range, and pieces of one kind each that are told. */
#define KINDS_PAGES 4096u
#define KINDS_PIECES 16u

struct piece {
	u64 start, len;
	struct page_facts f;
};

static bool goes_on(const struct piece *p, const struct page_facts *f)
{
	return p->len && p->f.kind == f->kind && !strcmp(p->f.name, f->name) &&
	       p->f.why == f->why;
}

static void put_piece(struct json_object *a, struct pages *pages,
		      struct piece *p)
{
	struct json_object *o = push_object(a);

	if (pages)
		pages_symbol(pages, p->start, &p->f);
	put_hex(o, "address", p->start);
	put_hex(o, "length", p->len);
	put_kind(o, &p->f);
}

void put_kinds_of(struct report *r, struct json_object *o,
		  const struct span *at)
{
	char why[512];
	struct pages *p = source(r, why, sizeof(why));
	struct piece piece = { .start = at->start, .f.why = why };
	u64 last = at->start + (at->len - 1), from = at->start, end = last;
	struct json_object *a;
	u32 n = 0;

	if (!p && !*why)
		return;
	a = put_array(o, "memory");
	for (; p; from = end + 1) {
		struct page_facts f;

		pages_ask(p, from, &f);
		end = f.phys + (pages_size(p) - 1);
		end = end < last ? end : last;
		if (!goes_on(&piece, &f)) {
			if (piece.len)
				put_piece(a, p, &piece);
			piece = (struct piece){ from, 0, f };
		}
		piece.len += end - from + 1;
		if (end == last || ++n >= KINDS_PAGES ||
		    json_object_array_length(a) >= KINDS_PIECES)
			break;
	}
	if (!p)
		piece.len = at->len;
	put_piece(a, p, &piece);
	put_bool(o, "more_memory", end != last);
}

void put_kind_words(struct report *r, struct json_object *o,
		    const struct span *at, u64 *budget)
{
	char why[512];
	struct pages *p = source(r, why, sizeof(why));
	u64 size = p ? pages_size(p) : 1, n = (at->len + size - 1) / size;
	bool was[PAGE_KINDS] = { false };
	struct json_object *a;
	struct page_facts f;

	if (!p || n > *budget)
		return;
	*budget -= n;
	for (u64 i = 0; i < n; i++) {
		pages_ask(p, at->start + i * size, &f);
		was[f.kind] = true;
	}
	a = put_array(o, "kinds");
	for (u32 i = 0; i < PAGE_KINDS; i++)
		if (was[i])
			json_object_array_add(
				a, json_object_new_string(page_kind_text(i)));
}

void put_page(struct json_object *o, const struct page_facts *f)
{
	char dev[32];

	put_hex(o, "address", f->phys);
	put_kind(o, f);
	if (f->kind == PAGE_NONE)
		return;
	if (f->order) {
		put_hex(o, "first", f->first);
		put_number(o, "order", f->order);
	}
	if (f->page) {
		put_hex(o, "struct_page", f->page);
		put_hex(o, "flags", f->flags);
		put_number(o, "references", (u64)(f->count > 0 ? f->count : 0));
	}
	if (f->mapped > 0)
		put_number(o, "mapped", (u64)f->mapped);
	add_states(o, f->state);
	if (f->size) {
		put_hex(o, "object", f->first + f->offset);
		put_number(o, "object_size", f->size);
	}
	if (f->kind == PAGE_FILE && f->inode) {
		snprintf(dev, sizeof(dev), "%u:%u", f->dev >> MINOR_BITS,
			 f->dev & ((1u << MINOR_BITS) - 1));
		put_text(o, "device", dev);
		put_number(o, "inode", f->inode);
	}
	if (f->kind == PAGE_SWIOTLB && ~f->origin)
		put_hex(o, "origin", f->origin);
}

/* Who maps it, and how many need no mapping. */
static bool add_mapped_by(struct report *r, struct json_object *o,
			  const struct reach_index *ix, const struct span *at)
{
	struct json_object *a, *v;
	struct reach found;
	u64 plain = 0;

	if (reach_ask(ix, at, &found)) {
		reach_free(&found);
		return false;
	}
	a = put_array(o, "mapped_by");
	for (size_t i = 0; i < found.hit_n; i++) {
		const struct reach_hit *h = &found.hit[i];
		const struct reach_table *t = &found.table[h->table];

		if (h->why != REACH_TABLE) {
			plain++;
			continue;
		}
		for (u32 k = 0; k < t->runs; k++) {
			v = push_object(a);
			put_reacher(v, r->d, h);
			put_perm(v, "access", t->run[k].perm);
			put_hex(v, "iova", t->run[k].iova);
		}
	}
	put_number(o, "untranslated", plain);
	put_bool(o, "complete", !found.gap_n);
	if (found.gap_n)
		r->status = EXIT_INCOMPLETE;
	reach_free(&found);
	return true;
}

#define PAGES_MAX (1u << 20)

struct asked {
	struct pages *p;
	struct reach_index *ix;
	u64 pages;
};

static bool add_pages(struct report *r, struct json_object *list,
		      struct asked *a, const struct target *t)
{
	u64 size = pages_size(a->p), at = align_down(t->at.start, size);
	u64 last = align_down(t->at.start + (t->at.len - 1), size);

	for (;; at += size) {
		struct span page = { at, size };
		struct json_object *o;
		struct page_facts f;

		if (a->pages++ >= PAGES_MAX) {
			snprintf(r->err, r->err_len,
				 "more than %u pages are asked for", PAGES_MAX);
			return false;
		}
		pages_ask(a->p, at, &f);
		pages_symbol(a->p, at > t->at.start ? at : t->at.start, &f);
		o = push_object(list);
		if (t->virt)
			put_hex(o, "virtual",
				align_down(t->virt, size) + at -
					align_down(t->at.start, size));
		put_page(o, &f);
		if (f.why)
			r->status = EXIT_INCOMPLETE;
		if (!add_mapped_by(r, o, a->ix, &page))
			return false;
		if (at == last)
			return true;
	}
}

static struct reach_index *index_of(struct report *r, const struct targets *t,
				    u64 page)
{
	struct span *range = calloc(t->n + 1, sizeof(*range));
	struct reach_index *ix;

	if (!range)
		return NULL;
	for (size_t i = 0; i < t->n; i++) {
		const struct span *at = &t->target[i].at;

		range[i].start = align_down(at->start, page);
		range[i].len =
			align_up(at->start - range[i].start + at->len, page);
	}
	ix = target_index(r, range, t->n);
	free(range);
	return ix;
}

bool report_page(struct report *r)
{
	struct json_object *list = put_array(r->doc, "pages");
	struct targets t = { 0 };
	struct asked a = { 0 };
	bool ok = target_all(r, &t);

	if (ok) {
		a.p = dump_pages(r->d, r->vmlinux, r->err, r->err_len);
		ok = a.p;
	}
	if (ok) {
		a.ix = index_of(r, &t, pages_size(a.p));
		ok = a.ix;
		for (size_t i = 0; ok && i < t.n; i++)
			ok = add_pages(r, list, &a, &t.target[i]);
	}
	reach_index_free(a.ix);
	free(t.target);
	if (ok)
		return true;
	if (r->status == EXIT_ANSWERED)
		r->status = EXIT_INCOMPLETE;
	if (!*r->err)
		snprintf(r->err, r->err_len, "page: %s", strerror(ENOMEM));
	return false;
}

static void print_states(struct json_object *p)
{
	for (size_t i = 0; i < get_count(p, "state"); i++)
		printf(", %s", json_object_get_string(get_at(p, "state", i)));
}

void print_kind(struct json_object *o)
{
	fputs(get_text(o, "kind"), stdout);
	if (get(o, "name"))
		printf(" (%s)", get_text(o, "name"));
}

static void print_one(struct json_object *p)
{
	if (get(p, "virtual"))
		printf("%s is %s: ", get_text(p, "virtual"),
		       get_text(p, "address"));
	else
		printf("%s: ", get_text(p, "address"));
	print_kind(p);
	if (get(p, "inode"))
		printf(", inode %llu of device %s",
		       (unsigned long long)get_number(p, "inode"),
		       get_text(p, "device"));
	if (get(p, "object"))
		printf(", object at %s of %llu bytes", get_text(p, "object"),
		       (unsigned long long)get_number(p, "object_size"));
	if (get(p, "origin"))
		printf(", in use for %s", get_text(p, "origin"));
	print_states(p);
	if (get(p, "order"))
		printf(", one of %llu from %s", 1ULL << get_number(p, "order"),
		       get_text(p, "first"));
	if (get(p, "because"))
		printf("; %s", get_text(p, "because"));
	puts("");
}

static void print_mappers(struct json_object *p)
{
	u64 plain = get_number(p, "untranslated");

	for (size_t i = 0; i < get_count(p, "mapped_by"); i++) {
		struct json_object *m = get_at(p, "mapped_by", i);

		printf("  mapped by ");
		print_who(m);
		printf(" at iova %s, access %s\n", get_text(m, "iova"),
		       get_text(m, "access"));
	}
	if (plain)
		printf("  %llu requester%s it untranslated\n",
		       (unsigned long long)plain,
		       plain > 1 ? "s reach" : " reaches");
	if (!get_bool(p, "complete"))
		puts("  who maps it is not known for all: see reach");
}

void print_page(struct json_object *doc)
{
	for (size_t i = 0; i < get_count(doc, "pages"); i++) {
		struct json_object *p = get_at(doc, "pages", i);

		print_one(p);
		print_mappers(p);
	}
}
