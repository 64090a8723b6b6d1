// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules of iommudump check that ask what the mapped pages were to the kernel.
 * A page that a driver frees and leaves mapped is in use for something else
 * within seconds: it is found as what it became, not as a free one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "rules.h"
#include "vmcoreinfo.h"

#define ULL(v) ((unsigned long long)(v))
/* Writable runs of all tables that are compared with each other. */
#define WRITABLE_MAX (1u << 22)
/* Linux maps it for the ISA bridge, whatever it needs. */
#define ISA_END MIB(16)

/* What one table has of what a rule looks for. */
struct tally {
	u64 n;
	struct iommu_run first;
	struct page_facts page; /* of it */
};

struct writable {
	u64 pa, len, iova;
	size_t table;
};

struct mapped_pages {
	struct pages *p;
	struct mapped mapped;
	struct iovas iovas;
	struct tally (*tally)[PAGE_RULES]; /* by table */
	struct writable *writable;
	size_t writable_n;
	bool more; /* than were looked at */
	bool nomem;
	char why[256]; /* nothing is known of pages */
};

/* Their objects hold credentials, or pointers to functions. */
static const char *const caches[] = {
	"cred_jar",	 "task_struct",	   "mm_struct",	  "signal_cache",
	"sighand_cache", "files_cache",	   "filp",	  "dentry",
	"pid",		 "vm_area_struct", "inode_cache",
};

static bool is_cache(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(caches); i++)
		if (!strcmp(caches[i], name))
			return true;
	return false;
}

u32 page_rule(const struct page_facts *f, u32 perm)
{
	bool writes = perm & IOMMU_W;
	u32 rule = PAGE_RULES;

	switch (f->kind) {
	case PAGE_FREE:
	case PAGE_FREE_CPU:
		return writes ? RULE_FREED : RULE_FREED_READ;
	case PAGE_TABLE:
		rule = RULE_TABLE;
		break;
	case PAGE_IOMMU:
		rule = RULE_IOMMU;
		break;
	case PAGE_TEXT:
	case PAGE_RODATA:
		rule = RULE_CODE;
		break;
	case PAGE_STACK:
		rule = RULE_STACK;
		break;
	case PAGE_PERCPU:
		rule = RULE_PERCPU;
		break;
	case PAGE_SLAB:
		rule = is_cache(f->name) ? RULE_OBJECT : PAGE_RULES;
		break;
	case PAGE_SWIOTLB:
		return ~f->origin ? RULE_BOUNCED : PAGE_RULES;
	case PAGE_FILE:
		/* A disk fills a page that is locked for that. */
		if (!writes || f->state & (PAGE_LOCKED | PAGE_SHARED_MEM))
			return PAGE_RULES;
		return f->state & (PAGE_DIRTY | PAGE_WRITEBACK)
			       ? RULE_FILE_DIRTY
			       : RULE_FILE;
	}
	return writes || rule == PAGE_RULES ? rule : RULE_KERNEL_READ;
}

/* --- every page of every table --- */

struct looking {
	struct check *c;
	struct mapped_pages *m;
	struct page_looks pages;
	size_t table; /* being looked at, and what is known of it */
	const struct group_iovas *iovas;
	bool nobody;
};

static bool identity_domain(const struct check *c, const struct mapped_table *t)
{
	size_t device[CHECK_WHO_MAX];

	for (u32 i = 0; i < t->n; i++) {
		size_t n = view_devices(c->d, t->e.unit, t->requester[i],
					device, CHECK_WHO_MAX);

		for (size_t k = 0; k < n; k++)
			if (c->d->facts.device[device[k]].domain_type ==
			    DOMAIN_IDENTITY)
				return true;
	}
	return false;
}

/* Mapped one to one because firmware, or a mode of the kernel, wants it. */
static bool one_to_one(const struct looking *l, const struct iommu_run *run)
{
	const struct facts *f = &l->c->d->facts;
	u64 last = run->pa + (run->len - 1);

	if (run->iova != run->pa)
		return false;
	if (last < ISA_END)
		return true;
	for (size_t i = 0; i < f->region_n; i++)
		if (run->pa >= f->region[i].start && last <= f->region[i].end)
			return true;
	return identity_domain(l->c, &l->m->mapped.table[l->table]);
}

static void add(struct looking *l, u32 rule, u64 n,
		const struct iommu_run *part, const struct page_facts *f)
{
	struct tally *t = &l->m->tally[l->table][rule];

	if (!t->n) {
		t->first = *part;
		t->page = *f;
		pages_symbol(l->m->p, part->pa, &t->page);
	}
	t->n += n;
}

static void count(void *arg, const struct iommu_run *part,
		  const struct page_facts *f)
{
	struct looking *l = arg;
	u32 rule = page_rule(f, part->perm);

	if (rule != PAGE_RULES)
		add(l, rule, 1, part, f);
	if (l->nobody)
		add(l, RULE_NOBODY, 1, part, f);
}

/* What the kernel has of the I/O addresses of a table; NULL: nothing. */
static const struct group_iovas *iovas_of(const struct check *c,
					  const struct mapped_pages *m,
					  const struct mapped_table *t)
{
	const struct group_iovas *g = NULL;
	size_t device;

	for (u32 i = 0; i < t->n && !g; i++) {
		const struct fact_device *d;

		/* One for a PASID is a process's. */
		if (t->pasid[i] != VIEW_NO_PASID ||
		    !view_devices(c->d, t->e.unit, t->requester[i], &device, 1))
			continue;
		d = &c->d->facts.device[device];
		/* The default domain's are told; others have none. */
		if (d->domain_type != DOMAIN_DMA &&
		    d->domain_type != DOMAIN_DMA_FQ)
			continue;
		if (!d->attached || d->attached == d->domain_type)
			g = iovas_of_group(&m->iovas, d->group);
	}
	return g && !g->why ? g : NULL;
}

static void look_for_stale(struct looking *l, const struct iommu_run *run)
{
	u64 page = pages_size(l->m->p);
	struct page_facts f;
	struct iommu_run part;

	if (!l->iovas || !iova_is_stale(l->iovas, run, &part))
		return;
	pages_ask(l->m->p, part.pa, &f);
	add(l, RULE_STALE, (part.len + page - 1) / page, &part, &f);
}

/* Are there devices that could not be read? */
static bool devices_missing(const struct check *c)
{
	const struct facts *f = &c->d->facts;

	for (size_t i = 0; i < f->missing_n; i++)
		if (f->missing[i].device)
			return true;
	return false;
}

bool of_nobody(const struct check *c, const struct mapped_table *t)
{
	size_t device;

	if (devices_missing(c))
		return false;
	for (u32 i = 0; i < t->n; i++)
		if (view_devices(c->d, t->e.unit, t->requester[i], &device, 1))
			return false;
	return !t->more && c->d->facts.device_n;
}

static void keep_writable(struct looking *l, const struct iommu_run *run)
{
	struct mapped_pages *m = l->m;
	struct writable *w;

	if (m->writable_n >= WRITABLE_MAX) {
		m->more = true;
		return;
	}
	w = array_grow(&m->writable, &m->writable_n, sizeof(*w));
	if (w)
		*w = (struct writable){ run->pa, run->len, run->iova,
					l->table };
	m->nomem |= !w;
}

static void look_at_stage(void *arg, const struct scanned *s)
{
	struct runs_at at = runs_begin(&s->runs);
	struct looking *l = arg;
	struct iommu_run run;

	while (runs_next(&at, &run)) {
		if (one_to_one(l, &run))
			continue;
		look_at_run(&l->pages, &run);
		look_for_stale(l, &run);
		if (run.perm & IOMMU_W)
			keep_writable(l, &run);
	}
}

static void look(struct check *c, struct mapped_pages *m)
{
	struct looking l = { .c = c, .m = m };

	m->p = dump_pages(c->d, c->vmlinux, m->why, sizeof(m->why));
	if (!m->p)
		return;
	if (view_tables(c->d, NULL, &m->mapped)) {
		m->nomem = true;
		return;
	}
	l.pages = (struct page_looks){
		.p = m->p, .left = PAGE_LOOKS_MAX, .each = count, .arg = &l
	};
	m->tally = calloc(m->mapped.table_n + 1, sizeof(*m->tally));
	m->nomem |= !m->tally;
	m->nomem |= !!pages_iovas(m->p, &m->iovas);
	drop_windows(&m->iovas, &c->d->facts);
	for (; l.table < m->mapped.table_n && !m->nomem; l.table++) {
		const struct mapped_table *t = &m->mapped.table[l.table];

		l.iovas = iovas_of(c, m, t);
		l.nobody = of_nobody(c, t);
		view_table_runs(c->d, t, c->progress, c->arg, look_at_stage,
				&l);
	}
	m->more |= l.pages.more;
}

void mapped_pages_free(struct mapped_pages *m)
{
	if (!m)
		return;
	mapped_free(&m->mapped);
	iovas_free(&m->iovas);
	free(m->tally);
	free(m->writable);
	free(m);
}

/* NULL: nothing is known of pages; that stands among what is undecided. */
static struct mapped_pages *look_once(struct check *c)
{
	struct mapped_pages *m = c->mapped;
	struct vmcoreinfo v;

	/* Without the note nothing of a kernel can be asked. */
	if (!c->d->mem || !vmcoreinfo_find(c->d->notes, c->d->notes_len, &v))
		return NULL;
	if (!m) {
		m = c->mapped = calloc(1, sizeof(*m));
		if (m)
			look(c, m);
		c->nomem |= !m || m->nomem;
		if (m && *m->why)
			undecided(c, REC_NONE, "what the mapped pages are: %s",
				  m->why);
		else if (m && m->more)
			undecided(c, REC_NONE,
				  "more mapped pages than are looked at");
	}
	return m && m->tally ? m : NULL;
}

/* --- findings --- */

static void found_table(struct check *c, struct check_finding *o,
			const struct mapped_table *t)
{
	for (u32 i = 0; i < t->n; i++)
		found_requester(c, o, t->e.unit, t->requester[i]);
	o->more_who |= t->more;
}

/* "3 pages are ...": one finding for each table. */
static void find_all(struct check *c, u32 rule, enum check_severity s,
		     const char *what)
{
	struct mapped_pages *m = look_once(c);

	for (size_t i = 0; m && i < m->mapped.table_n; i++) {
		const struct tally *t = &m->tally[i][rule];
		const struct page_facts *f = &t->page;
		struct check_finding *o;

		if (!t->n)
			continue;
		o = found(c, s, m->mapped.table[i].e.unit,
			  "%llu page%s mapped %s: %s; %s is %s%s%s%s",
			  ULL(t->n), t->n > 1 ? "s" : "",
			  t->first.perm & IOMMU_W ? "for writing"
						  : "for reading",
			  what, t->n > 1 ? "the first" : "it",
			  page_kind_text(f->kind), *f->name ? " (" : "",
			  f->name, *f->name ? ")" : "");
		o->has_range = true;
		o->range = t->first;
		found_table(c, o, &m->mapped.table[i]);
	}
}

void ask_freed(struct check *c)
{
	find_all(c, RULE_FREED, CHECK_SERIOUS,
		 "memory that the kernel has as free");
	find_all(c, RULE_FREED_READ, CHECK_WARNING,
		 "memory that the kernel has as free");
}

void ask_kernel_memory(struct check *c)
{
	find_all(c, RULE_TABLE, CHECK_SERIOUS, "page tables of the CPU");
	find_all(c, RULE_IOMMU, CHECK_SERIOUS, "tables of an IOMMU");
	find_all(c, RULE_CODE, CHECK_SERIOUS, "the kernel's code or constants");
	find_all(c, RULE_STACK, CHECK_SERIOUS, "the kernel's stacks");
	find_all(c, RULE_PERCPU, CHECK_SERIOUS, "memory of the CPUs' own");
	find_all(c, RULE_OBJECT, CHECK_SERIOUS,
		 "objects that are no device's business");
	find_all(c, RULE_KERNEL_READ, CHECK_WARNING,
		 "the kernel's tables, code, stacks or objects");
}

void ask_file_pages(struct check *c)
{
	find_all(c, RULE_FILE_DIRTY, CHECK_SERIOUS,
		 "pages of files, on their way to the disk");
	find_all(c, RULE_FILE, CHECK_WARNING, "pages of files");
}

void ask_pending(struct check *c)
{
	struct mapped_pages *m = look_once(c);

	if (m)
		found_pending(c, &m->iovas);
}

void ask_stale(struct check *c)
{
	struct mapped_pages *m = look_once(c);
	const struct iovas *v = m ? &m->iovas : NULL;

	if (v && *v->why)
		undecided(c, REC_NONE, "which I/O addresses are free: %s",
			  v->why);
	for (size_t i = 0; v && i < v->n; i++)
		if (v->group[i].why)
			undecided(
				c, REC_NONE,
				"which I/O addresses of group %u are free: %s",
				v->group[i].group, v->group[i].why);
	if (v && devices_missing(c))
		undecided(c, REC_NONE,
			  "which tables are of no device: not all devices "
			  "could be read");
	find_all(c, RULE_STALE, CHECK_SERIOUS,
		 "at I/O addresses that the kernel has given to nobody");
	find_all(c, RULE_NOBODY, CHECK_WARNING, "for no device that it has");
}

/* The last byte of RAM that is known of; 0: none is. */
static u64 last_of_ram(const struct facts *f)
{
	u64 last = 0;

	for (size_t i = 0; i < f->iomem_n; i++)
		if (!strcmp(f->iomem[i].name, "System RAM") &&
		    f->iomem[i].end > last)
			last = f->iomem[i].end;
	return last;
}

/* A device of the table that needs no bounce buffer; NULL. */
static const char *reaches_all(const struct check *c,
			       const struct mapped_table *t)
{
	u64 last = last_of_ram(&c->d->facts);
	size_t device[CHECK_WHO_MAX];

	for (u32 i = 0; last && i < t->n; i++) {
		size_t n = view_devices(c->d, t->e.unit, t->requester[i],
					device, CHECK_WHO_MAX);

		for (size_t k = 0; k < n; k++) {
			const struct fact_device *d =
				&c->d->facts.device[device[k]];

			if (d->dma_mask >= last)
				return d->name;
		}
	}
	return NULL;
}

void ask_bounced(struct check *c)
{
	struct mapped_pages *m = look_once(c);
	struct swiotlb_use use = { 0 };
	char full[64] = "";

	if (m)
		pages_swiotlb(m->p, &use);
	if (use.known)
		snprintf(full, sizeof(full), "; %llu of %llu slots are used",
			 ULL(use.used), ULL(use.slots));
	for (size_t i = 0; m && i < m->mapped.table_n; i++) {
		const struct mapped_table *t = &m->mapped.table[i];
		const char *all = reaches_all(c, t);
		struct check_finding *o;

		if (!m->tally[i][RULE_BOUNCED].n)
			continue;
		o = found(c, CHECK_NOTE, t->e.unit,
			  "%llu page%s mapped: bounce buffers that are in "
			  "use%s%s%s",
			  ULL(m->tally[i][RULE_BOUNCED].n),
			  plural(m->tally[i][RULE_BOUNCED].n), full,
			  all ? "; all memory could be addressed by " : "",
			  all ? all : "");
		o->has_range = true;
		o->range = m->tally[i][RULE_BOUNCED].first;
		found_table(c, o, t);
	}
	if (use.known && use.used && use.slots - use.used < use.slots / 10)
		found(c, CHECK_WARNING, REC_NONE,
		      "bounce buffers were nearly full: %llu of %llu slots; "
		      "where none is free, DMA fails",
		      ULL(use.used), ULL(use.slots));
}

/* --- one page, two devices --- */

static int by_address(const void *a, const void *b)
{
	const struct writable *x = a, *y = b;

	if (x->pa != y->pa)
		return x->pa < y->pa ? -1 : 1;
	return x->table < y->table ? -1 : x->table > y->table;
}

static u32 group_of(const struct check *c, const struct mapped_table *t)
{
	size_t device;

	if (!t->n ||
	    !view_devices(c->d, t->e.unit, t->requester[0], &device, 1))
		return REC_NONE;
	return c->d->facts.device[device].group;
}

/*
 * A slab or a fragment of a larger allocation holds buffers of several; a
 * process may have opened two devices.
 */
static bool may_be_shared(const struct page_facts *f)
{
	switch (f->kind) {
	case PAGE_NONE:
	case PAGE_UNKNOWN:
	case PAGE_SLAB:
	case PAGE_KMALLOC:
	case PAGE_POOL:
	case PAGE_ANON:
	case PAGE_HUGETLB:
	case PAGE_SWIOTLB: /* two slots a page, or more */
	case PAGE_CMA:
	case PAGE_DEVICE:
		return true;
	case PAGE_FILE:
		return f->state & PAGE_SHARED_MEM;
	default:
		return f->order;
	}
}

static void compare(struct check *c, struct mapped_pages *m,
		    const struct writable *a, const struct writable *b)
{
	const struct mapped_table *t[] = { &m->mapped.table[a->table],
					   &m->mapped.table[b->table] };
	u32 group = group_of(c, t[0]);
	struct check_finding *o;
	struct page_facts f;

	if (group == REC_NONE || group == group_of(c, t[1]))
		return;
	pages_ask(m->p, b->pa, &f);
	if (may_be_shared(&f))
		return;
	o = found(c, CHECK_WARNING, REC_NONE,
		  "devices of two groups may write to one page: %s%s%s%s",
		  page_kind_text(f.kind), *f.name ? " (" : "", f.name,
		  *f.name ? ")" : "");
	o->has_range = true;
	o->range = (struct iommu_run){ .iova = b->iova,
				       .pa = b->pa,
				       .len = pages_size(m->p),
				       .perm = IOMMU_W };
	found_table(c, o, t[0]);
	found_table(c, o, t[1]);
}

void ask_double(struct check *c)
{
	struct mapped_pages *m = look_once(c);
	size_t longest = 0;

	if (!m || !m->writable_n)
		return;
	if (devices_missing(c))
		undecided(c, REC_NONE,
			  "which pages are of two groups: not all devices "
			  "could be read");
	qsort(m->writable, m->writable_n, sizeof(*m->writable), by_address);
	for (size_t i = 1; i < m->writable_n && !c->out->more; i++) {
		const struct writable *a = &m->writable[longest],
				      *b = &m->writable[i];

		if (b->pa - a->pa < a->len && a->table != b->table)
			compare(c, m, a, b);
		/* What reaches farthest is met by whoever comes. */
		if (b->pa + b->len >= a->pa + a->len)
			longest = i;
	}
}
