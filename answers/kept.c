// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is kept with a dump: the requesters of all devices, and the load-time
 * tables as memory.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "kept.h"

#define INDEX_ALIASES_MAX 8  /* of one device; mostly one, rarely two */
#define INDEX_MAX (1u << 17) /* of all: more than any machine has */

/* --- requesters --- */

int kept_order(const void *a, const void *b)
{
	const struct requester_of *x = a, *y = b;

	if (x->unit != y->unit)
		return x->unit < y->unit ? -1 : 1;
	if (x->requester != y->requester)
		return x->requester < y->requester ? -1 : 1;
	return x->device < y->device ? -1 : x->device > y->device;
}

static int by_alias(const void *a, const void *b)
{
	const struct fact_alias *x = a, *y = b;

	if (x->segment != y->segment)
		return x->segment < y->segment ? -1 : 1;
	if (x->requester != y->requester)
		return x->requester < y->requester ? -1 : 1;
	return x->alias < y->alias ? -1 : x->alias > y->alias;
}

/* The first alias of a device. */
static size_t alias_find(const struct answers_kept *x,
			 const struct fact_device *d)
{
	const struct fact_alias key = { d->segment, d->requester, 0 };
	size_t lo = 0, hi = x->alias_n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (by_alias(&x->alias[mid], &key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool has_streams(const struct facts *f, const struct fact_device *d)
{
	const struct iommu_vendor *v =
		d->unit < f->unit_n ? iommu_vendor(f->unit[d->unit].vendor)
				    : NULL;

	return v && v->streams;
}

size_t kept_requesters(const struct answers_kept *x, const struct facts *f,
		       size_t device, u32 *out, size_t max)
{
	const struct fact_device *dev = &f->device[device];
	size_t i, n = 0;

	for (i = alias_find(x, dev);
	     i < x->alias_n && n < max && x->alias[i].segment == dev->segment &&
	     x->alias[i].requester == dev->requester;
	     i++) {
		if (!n && !has_streams(f, dev))
			out[n++] = dev->requester;
		if (n < max && (!n || x->alias[i].alias != out[n - 1]))
			out[n++] = x->alias[i].alias;
	}
	if (!n && max)
		out[n++] = dev->requester;
	return n;
}

static bool sort_aliases(struct answers_kept *x, const struct facts *f)
{
	if (!f->alias_n)
		return true;
	x->alias = calloc(f->alias_n, sizeof(*x->alias));
	if (!x->alias)
		return false;
	memcpy(x->alias, f->alias, f->alias_n * sizeof(*x->alias));
	x->alias_n = f->alias_n;
	qsort(x->alias, x->alias_n, sizeof(*x->alias), by_alias);
	return true;
}

static int find_all(struct answers_kept *x, const struct facts *f)
{
	size_t room = f->device_n * (1 + (f->alias_n ? INDEX_ALIASES_MAX : 0));
	u32 id[INDEX_ALIASES_MAX];
	size_t i, k, n;

	if (room > INDEX_MAX)
		room = INDEX_MAX;
	x->of = calloc(room + 1, sizeof(*x->of));
	if (!x->of || !sort_aliases(x, f))
		return -ENOMEM;
	for (i = 0; i < f->device_n; i++) {
		n = kept_requesters(x, f, i, id, INDEX_ALIASES_MAX);
		for (k = 0; k < n && x->of_n < room; k++)
			x->of[x->of_n++] =
				(struct requester_of){ f->device[i].unit, id[k],
						       (u32)i };
	}
	if (x->of_n)
		qsort(x->of, x->of_n, sizeof(*x->of), kept_order);
	return 0;
}

/* --- what is kept --- */

static void kept_free(struct answers_kept *k)
{
	free(k->of);
	free(k->alias);
	free(k->edited);
	free(k->load);
	free(k);
}

struct answers_kept *answers_kept(struct dump *d)
{
	static struct answers_kept empty; /* and stays so */
	struct answers_kept *k;

	if (d->answers)
		return d->answers;
	k = calloc(1, sizeof(*k));
	if (k && !find_all(k, &d->facts)) {
		d->answers_free = kept_free;
		d->answers = k;
		return k;
	}
	if (k)
		kept_free(k);
	facts_missing(&d->facts, "names of requesters", "out of memory");
	d->answers = &empty;
	return &empty;
}

/* --- the load-time tables as memory --- */

struct load_mem {
	struct mem mem;
	size_t n;
	const struct fact_table *table[];
};

static int by_phys(const void *a, const void *b)
{
	const struct fact_table *x = *(const struct fact_table *const *)a;
	const struct fact_table *y = *(const struct fact_table *const *)b;

	return x->phys < y->phys ? -1 : x->phys > y->phys;
}

static int load_read(struct mem *mem, u64 phys, void *buf, u32 len)
{
	struct load_mem *m = (struct load_mem *)mem;
	const struct fact_table *t;
	size_t lo = 0, hi = m->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (m->table[mid]->phys <= phys)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo)
		return IOMMU_EREAD;
	t = m->table[lo - 1];
	if (phys - t->phys > t->len || len > t->len - (phys - t->phys))
		return IOMMU_EREAD;
	memcpy(buf, t->bytes + (phys - t->phys), len);
	return IOMMU_OK;
}

/* --- memory as the dead kernel left it --- */

/*
 * The purgatory edits a device table where it lies, if it must, and the notes
 * have what its entries were (REC_ENTRY, mode record).
 */
struct edited_mem {
	struct mem mem;
	struct dump *d;
	size_t n;
	const struct iommu_evidence *was[];
};

static int by_where(const void *a, const void *b)
{
	const struct iommu_evidence *x =
		*(const struct iommu_evidence *const *)a;
	const struct iommu_evidence *y =
		*(const struct iommu_evidence *const *)b;

	return (x->where > y->where) - (x->where < y->where);
}

#define ALIKE_MAX 65536u /* entries of a device table */

/* The part of @e, and of those like it, that lies in what was read; its bytes. */
static u32 lay_over(const struct iommu_evidence *e, u64 phys, u8 *buf, u32 len)
{
	u32 words = e->raw_words < IOMMU_RAW_MAX ? e->raw_words : IOMMU_RAW_MAX;
	u64 n = words * 8ULL, alike = e->iova ? e->iova : 1, at;
	u32 i, laid = 0;

	if (!n || alike > ALIKE_MAX)
		return 0;
	for (i = e->where < phys ? 0 : (u32)(e->where - phys); i < len; i++) {
		at = phys + i - e->where;
		if (at >= n * alike)
			break;
		buf[i] = ((const u8 *)e->raw)[at % n];
		laid++;
	}
	return laid;
}

static int edited_read(struct mem *mem, u64 phys, void *buf, u32 len)
{
	struct edited_mem *m = (struct edited_mem *)mem;
	int err = mem_read(m->d->mem, phys, buf, len);
	size_t lo = 0, hi = m->n;
	u32 laid = 0;

	if (err)
		memset(buf, 0, len);
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (m->was[mid]->where <= phys)
			lo = mid + 1;
		else
			hi = mid;
	}
	/* They do not overlap: of those before, the last alone may reach here. */
	for (lo -= lo > 0; lo < m->n && m->was[lo]->where < phys + len; lo++)
		laid += lay_over(m->was[lo], phys, buf, len);
	/* What the dump lacks may be in the notes, whole. */
	return laid == len ? IOMMU_OK : err;
}

static struct mem *edited_mem(struct dump *d)
{
	struct answers_kept *k = answers_kept(d);
	const struct crash_facts *c = &d->crash;
	struct edited_mem *m;
	size_t n = 0;

	for (size_t i = 0; i < c->entry_n; i++)
		n += c->entry[i].mode == IOMMU_MODE_RECORD;
	if (k->edited || !n || !d->mem || !d->answers_free)
		return k->edited ? k->edited : d->mem;
	m = calloc(1, sizeof(*m) + n * sizeof(m->was[0]));
	if (!m)
		return NULL;
	m->mem.read = edited_read;
	m->d = d;
	for (size_t i = 0; i < c->entry_n; i++)
		if (c->entry[i].mode == IOMMU_MODE_RECORD)
			m->was[m->n++] = &c->entry[i].evidence;
	qsort(m->was, m->n, sizeof(m->was[0]), by_where);
	k->edited = &m->mem;
	return k->edited;
}

struct mem *view_mem(struct dump *d, enum view_when when)
{
	struct answers_kept *k;
	struct load_mem *m;
	size_t i;

	if (when == VIEW_CRASH)
		return edited_mem(d);
	k = answers_kept(d);
	if (k->load || !d->facts.table_n || !d->answers_free)
		return k->load;
	m = calloc(1, sizeof(*m) + d->facts.table_n * sizeof(*m->table));
	if (!m)
		return NULL;
	m->mem.read = load_read;
	m->n = d->facts.table_n;
	for (i = 0; i < m->n; i++)
		m->table[i] = &d->facts.table[i];
	qsort(m->table, m->n, sizeof(*m->table), by_phys);
	k->load = &m->mem;
	return k->load;
}
