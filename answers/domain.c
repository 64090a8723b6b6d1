// SPDX-License-Identifier: GPL-2.0-only
/* A stage of a domain, scanned: where its tables are read from, and by whom. */
#include <stdlib.h>
#include <string.h>
#include "scan.h"

#define RUNS_ALWAYS (1u << 20) /* 32 MiB: tables may have subtables in common */

/* A first stage's own tables are behind the second. */
struct guest_mem {
	struct mem mem;
	struct mem *host;
	const struct iommu_config *config;
	struct iommu_domain second;
};

static int guest_read(struct mem *mem, u64 phys, void *buf, u32 len)
{
	struct guest_mem *g = (struct guest_mem *)mem;
	struct iommu_evidence ev;
	struct iommu_xlat x;

	/* Never crosses 4 KiB (mem.h), so one translation is enough. */
	if (iommu_translate(g->config, g->host, &g->second, phys, IOMMU_R, &x,
			    &ev))
		return IOMMU_EREAD;
	return mem_read(g->host, x.pa, buf, len);
}

static int scan_guest(struct scan *s, const struct iommu_domain *d,
		      struct scanned *out)
{
	const struct iommu_config *config = s->config;
	struct iommu_config guest = *config;
	struct mem *const *host = s->mem;
	struct mem *mem[SCAN_THREADS_MAX];
	struct guest_mem g[SCAN_THREADS_MAX];
	int err;
	u32 i;

	for (i = 0; i < s->threads && i < SCAN_THREADS_MAX; i++) {
		g[i] = (struct guest_mem){ .mem.read = guest_read,
					   .host = host[i],
					   .config = s->config,
					   .second = *d };
		g[i].second.kind = IOMMU_KIND_TABLE;
		g[i].second.stage[0].format = NULL;
		mem[i] = &g[i].mem;
	}
	/* What its tables lead to is no physical address. */
	guest.host_bits = 0;
	s->config = &guest;
	s->mem = mem;
	err = scan_table(s, out);
	s->mem = host;
	s->config = config;
	return err;
}

int scan_stage(struct scan *s, const struct iommu_domain *d, u32 stage,
	       struct scanned *out)
{
	s->table = stage == SCAN_UPPER ? &d->upper : &d->stage[stage];
	s->last = ~0ULL;
	/* What the first stage leads to is no request's address any more. */
	if (d->kind == IOMMU_KIND_NESTED && stage == 1)
		s->special = NULL;
	if (d->kind == IOMMU_KIND_NESTED && stage != 1)
		return scan_guest(s, d, out);
	return scan_table(s, out);
}

u32 scan_mems_open(struct dump *d, struct mem **mem)
{
	u32 max = scan_threads(), n;

	mem[0] = d->mem;
	for (n = 1; d->mem && n < max; n++) {
		mem[n] = mem_cache_twin(d->mem);
		if (!mem[n])
			break;
	}
	return n;
}

void scan_mems_close(struct mem **mem, u32 n)
{
	while (n > 1)
		mem_cache_close(mem[--n]);
}

size_t scan_runs_max(const struct dump *d, size_t max)
{
	u64 n = dump_entries(d);

	if (n < RUNS_ALWAYS)
		n = RUNS_ALWAYS;
	return n < max ? (size_t)n : max;
}

int view_scan(struct dump *d, const struct view_scan *v, struct scanned *out)
{
	struct iommu_config c;
	u64 budget = SCAN_PAGES_MAX;
	struct scan s = { .config = &c,
			  .mem = &d->mem,
			  .threads = 1, /* the first ones are wanted */
			  .special = &v->e->special,
			  .iova = v->iova,
			  .budget = &budget,
			  .runs_max = scan_runs_max(d, v->runs_max),
			  .progress = v->progress,
			  .arg = v->arg };

	memset(out, 0, sizeof(*out));
	if (!d->mem || view_config(d, v->e->unit, VIEW_CRASH, &c, NULL))
		return IOMMU_EREAD;
	return scan_stage(&s, &v->e->domain, v->stage, out) ? IOMMU_ENOSPACE
							    : IOMMU_OK;
}

static bool same_special(const struct view_special *a,
			 const struct view_special *b)
{
	return a->n == b->n && !memcmp(a->at, b->at, a->n * sizeof(*a->at));
}

bool same_maps(const struct view_entry *a, const struct view_entry *b)
{
	const struct iommu_domain *x = &a->domain, *y = &b->domain;

	return x->kind == y->kind &&
	       iommu_table_same(&x->stage[0], &y->stage[0]) &&
	       iommu_table_same(&x->stage[1], &y->stage[1]) &&
	       iommu_table_same(&x->upper, &y->upper) &&
	       same_special(&a->special, &b->special);
}
