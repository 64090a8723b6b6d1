// SPDX-License-Identifier: GPL-2.0-only
/* What is kept with a dump, and the load-time tables as memory. */
#include <stdlib.h>
#include <string.h>
#include "kept.h"

static void kept_free(struct answers_kept *k)
{
	free(k->of);
	free(k->alias);
	free(k->load);
	free(k);
}

struct answers_kept *answers_kept(const struct dump *d)
{
	static struct answers_kept empty; /* and stays so */
	/* What the dump says stays as it is. */
	struct dump *to = (struct dump *)d;
	struct answers_kept *k;

	if (d->answers)
		return d->answers;
	k = calloc(1, sizeof(*k));
	if (k && !kept_requesters(k, &d->facts)) {
		to->answers_free = kept_free;
		to->answers = k;
		return k;
	}
	if (k)
		kept_free(k);
	facts_missing(&to->facts, "names of requesters", "out of memory");
	to->answers = &empty;
	return &empty;
}

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

struct mem *view_mem(struct dump *d, enum view_when when)
{
	struct answers_kept *k;
	struct load_mem *m;
	size_t i;

	if (when == VIEW_CRASH)
		return d->mem;
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
