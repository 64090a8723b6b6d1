// SPDX-License-Identifier: GPL-2.0-only
/* What a page was: struct page first, then what was found by other ways. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"

/* Steps through lists, tables and areas: 64 GiB of such pages. */
#define WORK_MAX (1u << 24)
/* Low bits of page.mapping (include/linux/page-flags.h) */
#define MAPPING_ANON 1u
#define MAPPING_KSM 3u
#define MAPPING_BITS 3u
/* 0x40 + POISON_POINTER_DELTA, behind bits that say more (PP_SIGNATURE) */
#define POOL_MAGIC 0xdead000000000040ULL
#define POOL_MAGIC_MASK 0xffff0000000000fcULL
/* A pin of a small folio counts as so many references. */
#define PIN_REFERENCES 1024
/* A whole huge page of zeros: of the lowest level that has such, 2 MiB on x86. */
#define HUGE_ZERO_BYTES MIB(2)

int pages_open(struct pages **out, struct kernel *k, struct mem *mem,
	       const struct vmcoreinfo *v, struct facts *f, char *why,
	       size_t why_len)
{
	struct pages *p = calloc(1, sizeof(*p));
	int rc;

	*out = p;
	if (!p)
		return -ENOMEM;
	p->k = k;
	p->mem = mem;
	p->v = v;
	p->f = f;
	p->work = WORK_MAX;
	rc = pages_layout(p, why, why_len);
	if (rc)
		return rc;
	find_image(p);
	find_swiotlb(p);
	find_zero(p);
	return 0;
}

void pages_close(struct pages *p)
{
	if (p)
		marks_free(&p->marks);
	free(p);
}

void pages_others(struct pages *p, void (*find)(void *arg, struct pages *p),
		  void *arg)
{
	p->others = find;
	p->others_arg = arg;
}

u64 pages_size(const struct pages *p)
{
	return BIT64(p->shift);
}

/* --- what the struct page of the head says --- */

static const struct {
	u32 type, kind;
} types[] = {
	{ TYPE_SLAB, PAGE_SLAB },
	{ TYPE_TABLE, PAGE_TABLE },
	{ TYPE_OFFLINE, PAGE_OFFLINE },
	{ TYPE_GUARD, PAGE_GUARD },
	{ TYPE_HUGETLB, PAGE_HUGETLB },
	{ TYPE_ZSMALLOC, PAGE_ZSMALLOC },
	{ TYPE_UNACCEPTED, PAGE_UNACCEPTED },
	{ TYPE_KMALLOC, PAGE_KMALLOC },
};

static bool typed(struct pages *p, const struct raw_page *head,
		  struct page_facts *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (raw_is(p, head, types[i].type))
			f->kind = types[i].kind;
	if (raw_flag(p, head, FLAG_SLAB))
		f->kind = PAGE_SLAB;
	if (f->kind == PAGE_SLAB)
		slab_name(p, head, f);
	return f->kind != PAGE_UNKNOWN;
}

/* To 6.8 a huge page of hugetlbfs is one by its destructor. */
static bool old_hugetlb(struct pages *p, const struct raw_page *head,
			struct page_facts *f)
{
	struct raw_page tail;

	if (!p->c[DESTRUCTOR_HUGETLB].found || !f->order ||
	    !raw_page_at(p, head->at + p->size, &tail) ||
	    raw_get(p, &tail, PAGE_DESTRUCTOR) !=
		    p->c[DESTRUCTOR_HUGETLB].value)
		return false;
	f->kind = PAGE_HUGETLB;
	return true;
}

/* The first page of a free block alone is marked, and says how long it is. */
static bool in_free_block(struct pages *p, u64 frame, struct page_facts *f)
{
	struct raw_page r;
	u64 its_order;

	for (u32 order = 0; order < p->orders; order++) {
		u64 first = align_down(frame, BIT64(order));

		if ((order && first == align_down(frame, BIT64(order - 1))) ||
		    !raw_page(p, first, &r) || !raw_is(p, &r, TYPE_BUDDY))
			continue;
		its_order = raw_get(p, &r, PAGE_PRIVATE);
		if (its_order >= p->orders || frame - first >= BIT64(its_order))
			continue;
		f->kind = PAGE_FREE;
		f->order = (u32)its_order;
		f->first = first << p->shift;
		return true;
	}
	return false;
}

static bool of_mapping(struct pages *p, const struct raw_page *head,
		       struct page_facts *f)
{
	u64 mapping = raw_get(p, head, PAGE_MAPPING);

	if ((raw_get(p, head, PAGE_POOL_MAGIC) & POOL_MAGIC_MASK) == POOL_MAGIC)
		f->kind = PAGE_POOL;
	else if ((mapping & MAPPING_BITS) == MAPPING_ANON)
		f->kind = PAGE_ANON;
	else if ((mapping & MAPPING_BITS) == MAPPING_KSM)
		f->kind = PAGE_KSM;
	else if (mapping && !(mapping & MAPPING_BITS) &&
		 file_name(p, mapping, f))
		f->kind = PAGE_FILE;
	return f->kind != PAGE_UNKNOWN;
}

/* --- what is known otherwise --- */

static bool of_mark(struct pages *p, u64 frame, struct page_facts *f)
{
	const struct mark *m = marked(p, frame);

	if (!m)
		return false;
	f->kind = m->kind;
	if (m->name)
		strncpy(f->name, p->marks.names + m->name, sizeof(f->name) - 1);
	return true;
}

static void not_known(struct pages *p, const char *what)
{
	facts_missing(p->f, p->k->memory_source,
		      "where it has %s is not known: such pages are called "
		      "the kernel's",
		      what);
}

static bool of_free_list(struct pages *p, u64 frame, struct page_facts *f)
{
	if (!p->marked_free && !mark_free_lists(p))
		not_known(p, "free pages that CPUs keep");
	p->marked_free = true;
	return of_mark(p, frame, f);
}

static bool of_kernel(struct pages *p, u64 frame, struct page_facts *f)
{
	if (!p->marked_used) {
		p->marked_used = true;
		if (p->others)
			p->others(p->others_arg, p);
		mark_kernel_tables(p);
		if (!mark_tasks(p))
			not_known(p, "stacks, and page tables of processes");
		if (!mark_percpu(p))
			not_known(p, "memory of the CPUs' own");
		if (!mark_areas(p))
			not_known(p, "modules, and vmalloc areas");
		if (!p->work || p->marks.full)
			facts_missing(p->f, p->k->memory_source,
				      "more tables, stacks and areas than are "
				      "followed");
	}
	return of_mark(p, frame, f);
}

/* --- all together --- */

static void set_flags(struct pages *p, const struct raw_page *head,
		      struct page_facts *f)
{
	static const struct {
		u32 flag, state;
	} flags[] = {
		{ FLAG_DIRTY, PAGE_DIRTY },
		{ FLAG_WRITEBACK, PAGE_WRITEBACK },
		{ FLAG_LOCKED, PAGE_LOCKED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (raw_flag(p, head, flags[i].flag))
			f->state |= flags[i].state;
	if (f->kind == PAGE_FILE && raw_flag(p, head, FLAG_SWAPBACKED))
		f->state |= PAGE_SHARED_MEM;
}

/* A counter of a large folio; to 6.2 it stands in the first tail page. */
static u64 folio_counter(struct pages *p, const struct raw_page *head,
			 u32 folio, u32 tail, u64 none)
{
	u64 at = head->at, val;

	if (!p->m[folio].found) {
		at += p->size;
		folio = tail;
	}
	if (!p->m[folio].found || !kernel_get(p->k, at, &p->m[folio], &val))
		return none;
	return val;
}

static void set_users(struct pages *p, const struct raw_page *r,
		      const struct raw_page *head, struct page_facts *f)
{
	bool pinned = f->count >= PIN_REFERENCES;

	/* Both counters begin at -1. */
	f->mapped = (int32_t)raw_get(p, r, PAGE_TYPE) + 1;
	if (f->order) {
		f->mapped += (int32_t)folio_counter(p, head, FOLIO_ALL_MAPPED,
						    PAGE_ALL_MAPPED, ~0ULL) +
			     1;
		pinned = folio_counter(p, head, FOLIO_PINS, PAGE_ALL_PINS, 0);
	}
	if (pinned)
		f->state |= PAGE_PINNED_LONG;
}

/* Where the head is, in frames; false: the two do not belong together. */
static bool set_folio(struct pages *p, u64 frame, const struct raw_page *r,
		      struct raw_page *head, struct page_facts *f)
{
	u64 at = raw_head(p, r), before;

	*head = *r;
	if (at != r->at) {
		before = (r->at - at) / p->size;
		if (at > r->at || before > frame || !raw_page_at(p, at, head) ||
		    before >> raw_order(p, head)) {
			f->why = "its struct page is damaged: a part of "
				 "nothing";
			return false;
		}
		f->first = (frame - before) << p->shift;
	}
	f->order = raw_order(p, head);
	f->count = (int32_t)raw_get(p, head, PAGE_REFERENCES);
	return true;
}

static bool of_range(struct pages *p, u64 frame, const struct raw_page *head,
		     struct page_facts *f)
{
	if (frame == p->zero ||
	    (frame >= p->huge_zero &&
	     frame - p->huge_zero < HUGE_ZERO_BYTES >> p->shift))
		f->kind = PAGE_ZERO;
	else if (raw_flag(p, head, FLAG_RESERVED))
		f->kind = image_kind(p, f->phys);
	return f->kind != PAGE_UNKNOWN || swiotlb_page(p, f);
}

static void set_kind(struct pages *p, u64 frame, const struct raw_page *head,
		     struct page_facts *f)
{
	if (of_range(p, frame, head, f) || typed(p, head, f) ||
	    old_hugetlb(p, head, f) ||
	    (!f->count && in_free_block(p, frame, f)))
		return;
	if (raw_flag(p, head, FLAG_RESERVED)) {
		if (!of_kernel(p, frame, f))
			f->kind = PAGE_RESERVED;
		return;
	}
	if (f->count && of_mapping(p, head, f))
		return;
	if ((!f->count && of_free_list(p, frame, f)) ||
	    of_kernel(p, frame, f) || cma_page(p, f))
		return;
	f->kind = PAGE_KERNEL;
}

void pages_ask(struct pages *p, u64 phys, struct page_facts *f)
{
	u64 frame = phys >> p->shift;
	struct raw_page r, head;

	*f = (struct page_facts){
		.phys = align_down(phys, BIT64(p->shift)),
		.first = align_down(phys, BIT64(p->shift)),
	};
	if (!raw_page(p, frame, &r)) {
		if (p->section_map)
			f->why = "its struct page is not in the dump";
		else if (!p->section_read)
			f->why = "its section of memory is not in the dump";
		f->kind = f->why ? PAGE_UNKNOWN : PAGE_NONE;
		return;
	}
	f->page = r.at;
	f->flags = raw_get(p, &r, PAGE_FLAGS);
	if (!~f->flags) {
		f->kind = PAGE_NONE;
		return;
	}
	if (!set_folio(p, frame, &r, &head, f))
		return;
	if (raw_flag(p, &r, FLAG_POISONED))
		f->kind = PAGE_POISONED;
	else if (!p->section_online)
		device_page(p, &head, f);
	else
		set_kind(p, frame, &head, f);
	set_flags(p, &head, f);
	if (f->kind == PAGE_ANON || f->kind == PAGE_KSM || f->kind == PAGE_FILE)
		set_users(p, &r, &head, f);
}
