// SPDX-License-Identifier: GPL-2.0-only
/*
 * I/O addresses as the DMA layer has them, by IOMMU group (Linux:
 * drivers/iommu/dma-iommu.c, iova.c). A tree holds what is handed out; what
 * was freed stays in it while magazines keep it for the next who asks, and
 * while a flush queue waits for the IOTLB to forget it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"

#define GROUPS_MAX 65536u
#define RANGES_MAX (1u << 22) /* of all groups */
#define TREE_DEPTH 128u	      /* a balanced one of 2^64 is that deep */
#define CACHES 6u	      /* IOVA_RANGE_CACHE_MAX_SIZE: 2^0 to 2^5 pages */
#define DEPOT_MAX 4096u	      /* magazines of one cache */
#define QUEUE_MAX 65536u      /* entries; the largest has 32768 */
#define ANCHOR ~0ULL	      /* IOVA_ANCHOR: ends the tree */
#define COOKIE_OLD_IOVA 0u    /* IOMMU_DMA_IOVA_COOKIE, to 6.14 */
#define COOKIE_IOVA 1u	      /* IOMMU_COOKIE_DMA_IOVA */

enum iova_member {
	KSET_LIST,
	KOBJECT_ENTRY,
	GROUP_KOBJ,
	GROUP_ID,
	GROUP_DOMAIN,
	DOMAIN_COOKIE,
	COOKIE_IOVAD,
	COOKIE_FINISHED,
	COOKIE_QUEUED_DOMAIN, /* fq_domain: none has no flush queue */
	IOVAD_ROOT,
	IOVAD_GRANULE,
	IOVAD_CACHES,
	ROOT_NODE,
	NODE_LEFT,
	NODE_RIGHT,
	IOVA_NODE,
	IOVA_LOW,
	IOVA_HIGH,
	CACHE_WHOLE,
	CACHE_DEPOT,
	CACHE_DEPOT_N,
	CACHE_CPUS,
	CPU_LOADED,
	CPU_BEFORE,
	MAGAZINE_SIZE,
	MAGAZINE_PFNS,
	QUEUE_ENTRIES,
	QUEUE_HEAD,
	QUEUE_TAIL,
	ENTRY_WHOLE,
	ENTRY_PFN,
	ENTRY_PAGES,
	ENTRY_COUNTER,
	IOVA_MUST,		  /* from here on they may be missing */
	COOKIE_QUEUE = IOVA_MUST, /* to 6.6 */
	COOKIE_CPU_QUEUE,
	COOKIE_ONE_QUEUE,
	COOKIE_TYPE,	/* to 6.14 */
	COOKIE_OPTIONS, /* from 6.7 on */
	OPTIONS_QUEUE,	/* 0: a queue for each CPU */
	DOMAIN_TYPE,	/* of its cookie, from 6.15 on */
	MAGAZINE_NEXT,	/* in the depot, from 6.7 on */
	QUEUE_MASK,	/* from 6.7 on */
	IOVA_MEMBERS
};

static const struct member members[IOVA_MEMBERS] = {
	[KSET_LIST] = { .type = "kset", .name = "list" },
	[KOBJECT_ENTRY] = { .type = "kobject", .name = "entry" },
	[GROUP_KOBJ] = { .type = "iommu_group", .name = "kobj" },
	[GROUP_ID] = { .type = "iommu_group", .name = "id" },
	[GROUP_DOMAIN] = { .type = "iommu_group", .name = "default_domain" },
	[DOMAIN_COOKIE] = { .type = "iommu_domain", .name = "iova_cookie" },
	[COOKIE_IOVAD] = { .type = "iommu_dma_cookie", .name = "iovad" },
	[COOKIE_FINISHED] = { .type = "iommu_dma_cookie",
			      .name = "fq_flush_finish_cnt" },
	[COOKIE_QUEUED_DOMAIN] = { .type = "iommu_dma_cookie",
				   .name = "fq_domain" },
	[IOVAD_ROOT] = { .type = "iova_domain", .name = "rbroot" },
	[IOVAD_GRANULE] = { .type = "iova_domain", .name = "granule" },
	[IOVAD_CACHES] = { .type = "iova_domain", .name = "rcaches" },
	[ROOT_NODE] = { .type = "rb_root", .name = "rb_node" },
	[NODE_LEFT] = { .type = "rb_node", .name = "rb_left" },
	[NODE_RIGHT] = { .type = "rb_node", .name = "rb_right" },
	[IOVA_NODE] = { .type = "iova", .name = "node" },
	[IOVA_LOW] = { .type = "iova", .name = "pfn_lo" },
	[IOVA_HIGH] = { .type = "iova", .name = "pfn_hi" },
	[CACHE_WHOLE] = { .type = "iova_rcache", .name = "" },
	[CACHE_DEPOT] = { .type = "iova_rcache", .name = "depot" },
	[CACHE_DEPOT_N] = { .type = "iova_rcache", .name = "depot_size" },
	[CACHE_CPUS] = { .type = "iova_rcache", .name = "cpu_rcaches" },
	[CPU_LOADED] = { .type = "iova_cpu_rcache", .name = "loaded" },
	[CPU_BEFORE] = { .type = "iova_cpu_rcache", .name = "prev" },
	[MAGAZINE_SIZE] = { .type = "iova_magazine", .name = "size" },
	[MAGAZINE_PFNS] = { .type = "iova_magazine", .name = "pfns" },
	[QUEUE_ENTRIES] = { .type = "iova_fq", .name = "entries" },
	[QUEUE_HEAD] = { .type = "iova_fq", .name = "head" },
	[QUEUE_TAIL] = { .type = "iova_fq", .name = "tail" },
	[ENTRY_WHOLE] = { .type = "iova_fq_entry", .name = "" },
	[ENTRY_PFN] = { .type = "iova_fq_entry", .name = "iova_pfn" },
	[ENTRY_PAGES] = { .type = "iova_fq_entry", .name = "pages" },
	[ENTRY_COUNTER] = { .type = "iova_fq_entry", .name = "counter" },
	[COOKIE_QUEUE] = { .type = "iommu_dma_cookie", .name = "fq" },
	[COOKIE_CPU_QUEUE] = { .type = "iommu_dma_cookie",
			       .name = "percpu_fq" },
	[COOKIE_ONE_QUEUE] = { .type = "iommu_dma_cookie",
			       .name = "single_fq" },
	[COOKIE_TYPE] = { .type = "iommu_dma_cookie", .name = "type" },
	[COOKIE_OPTIONS] = { .type = "iommu_dma_cookie", .name = "options" },
	[OPTIONS_QUEUE] = { .type = "iommu_dma_options", .name = "qt" },
	[DOMAIN_TYPE] = { .type = "iommu_domain", .name = "cookie_type" },
	[MAGAZINE_NEXT] = { .type = "iova_magazine", .name = "next" },
	[QUEUE_MASK] = { .type = "iova_fq", .name = "mod_mask" },
};

struct iova_reader {
	struct pages *p;
	struct member m[IOVA_MEMBERS];
	struct iovas *out;
	struct group_iovas *g; /* being read */
	u64 granule;
	u32 left; /* ranges */
	int rc;
};

static bool get(struct iova_reader *r, u64 object, u32 which, u64 *val)
{
	return kernel_get(r->p->k, object, &r->m[which], val);
}

/* --- ranges --- */

static void damaged(struct iova_reader *r, const char *what)
{
	r->g->why = r->g->why ? r->g->why : what;
}

/* @pfn and @pages count in granules. */
static bool add(struct iova_reader *r, struct iova_ranges *to, u64 pfn,
		u64 pages)
{
	u64 most = ~0ULL / r->granule;
	struct span *s;

	if (!r->left || !pages || pfn > most || pages > most - pfn) {
		damaged(r, r->left ? "an address is beyond reason"
				   : "there are more than are read");
		return false;
	}
	r->left--;
	s = array_grow(&to->at, &to->n, sizeof(*s));
	if (s)
		*s = (struct span){ pfn * r->granule, pages * r->granule };
	else
		r->rc = -ENOMEM;
	return s;
}

static int by_start(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static void sort(struct iova_ranges *r)
{
	if (r->n)
		qsort(r->at, r->n, sizeof(*r->at), by_start);
}

/* --- the tree --- */

/* Whatever a list or tree leads to, that often: loops end. */
static bool step(struct iova_reader *r)
{
	return r->left && r->left--;
}

static bool tree_node(struct iova_reader *r, u64 node)
{
	u64 at = node - r->m[IOVA_NODE].off, low, high;

	if (!step(r) || !get(r, at, IOVA_LOW, &low) ||
	    !get(r, at, IOVA_HIGH, &high))
		return false;
	if (low == ANCHOR)
		return true;
	return high >= low && add(r, &r->g->used, low, high - low + 1);
}

static void read_tree(struct iova_reader *r, u64 iovad)
{
	u64 stack[TREE_DEPTH], left, right;
	u32 depth = 0;

	if (!get(r, iovad + r->m[IOVAD_ROOT].off, ROOT_NODE, &stack[0])) {
		damaged(r, "its tree is not in the dump");
		return;
	}
	depth = !!stack[0];
	while (depth && !r->rc) {
		u64 node = stack[--depth];

		if (!tree_node(r, node) || !get(r, node, NODE_LEFT, &left) ||
		    !get(r, node, NODE_RIGHT, &right) ||
		    depth + 2 > TREE_DEPTH) {
			damaged(r, "its tree is damaged, or not in the dump");
			return;
		}
		if (left)
			stack[depth++] = left;
		if (right)
			stack[depth++] = right;
	}
}

/* --- magazines --- */

/* @n: of one in the depot, which is full; 0: it says how many it has. */
static bool read_magazine(struct iova_reader *r, u64 at, u32 order, u64 n)
{
	u64 most = r->m[MAGAZINE_PFNS].size / 8, pfn;

	if (!step(r) || (!n && !get(r, at, MAGAZINE_SIZE, &n)))
		return false;
	for (u64 i = 0; i < n && i < most; i++)
		if (r->p->k->read(r->p->k, at + r->m[MAGAZINE_PFNS].off + 8 * i,
				  &pfn, sizeof(pfn)) ||
		    !add(r, &r->g->freed, pfn, BIT64(order)))
			return false;
	return n <= most;
}

static bool read_cpus(struct iova_reader *r, u64 cache, u32 order)
{
	static const u32 which[] = { CPU_LOADED, CPU_BEFORE };
	u64 cpus, off, magazine;

	if (!get(r, cache, CACHE_CPUS, &cpus))
		return false;
	for (u32 cpu = 0; cpus && next_cpu(r->p, &cpu); cpu++) {
		if (!percpu_offset(r->p, cpu, &off))
			return false;
		for (u32 i = 0; i < ARRAY_SIZE(which); i++)
			if (!get(r, cpus + off, which[i], &magazine) ||
			    (magazine && !read_magazine(r, magazine, order, 0)))
				return false;
	}
	return true;
}

/* To 6.6 an array, then a list. */
static bool read_depot(struct iova_reader *r, u64 cache, u32 order)
{
	u64 at = cache + r->m[CACHE_DEPOT].off, n, magazine;
	bool list = r->m[MAGAZINE_NEXT].found;
	u64 full = r->m[MAGAZINE_PFNS].size / 8;

	if (!get(r, cache, CACHE_DEPOT_N, &n) || n > DEPOT_MAX)
		return false;
	if (!list && n > r->m[CACHE_DEPOT].size / 8)
		return false;
	for (u64 i = 0; i < n; i++) {
		if (r->p->k->read(r->p->k, at, &magazine, sizeof(magazine)) ||
		    !magazine || !read_magazine(r, magazine, order, full))
			return false;
		at = list ? magazine + r->m[MAGAZINE_NEXT].off : at + 8;
	}
	return true;
}

static void read_caches(struct iova_reader *r, u64 iovad)
{
	u64 caches;

	if (!get(r, iovad, IOVAD_CACHES, &caches)) {
		damaged(r, "its caches are not in the dump");
		return;
	}
	for (u32 i = 0; caches && i < CACHES && !r->rc; i++) {
		u64 at = caches + i * (u64)r->m[CACHE_WHOLE].size;

		if (!read_cpus(r, at, i) || !read_depot(r, at, i))
			damaged(r, "its caches are damaged, or not in the "
				   "dump");
	}
}

/* --- flush queues --- */

static bool read_queue(struct iova_reader *r, u64 queue, u64 finished)
{
	u32 size = r->m[ENTRY_WHOLE].size, mask;
	u64 head, tail, val, pfn, pages, counter;

	if (!get(r, queue, QUEUE_HEAD, &head) ||
	    !get(r, queue, QUEUE_TAIL, &tail) ||
	    !get(r, queue, QUEUE_MASK, &val))
		return false;
	if (!step(r) || !size)
		return false;
	mask = r->m[QUEUE_MASK].found ? (u32)val
				      : r->m[QUEUE_ENTRIES].size / size - 1;
	if (mask >= QUEUE_MAX || head > mask || tail > mask)
		return false;
	for (; head != tail; head = (head + 1) & mask) {
		u64 at = queue + r->m[QUEUE_ENTRIES].off + head * size;

		if (!get(r, at, ENTRY_PFN, &pfn) ||
		    !get(r, at, ENTRY_PAGES, &pages) ||
		    !get(r, at, ENTRY_COUNTER, &counter) ||
		    !add(r, &r->g->freed, pfn, pages) ||
		    (counter >= finished &&
		     !add(r, &r->g->pending, pfn, pages)))
			return false;
	}
	return true;
}

static bool read_queues(struct iova_reader *r, u64 cookie)
{
	u64 queue, off, finished, domain, kind = 0;
	u32 which = r->m[COOKIE_QUEUE].found ? COOKIE_QUEUE : COOKIE_CPU_QUEUE;

	if (!get(r, cookie, COOKIE_QUEUED_DOMAIN, &domain) ||
	    !get(r, cookie, which, &queue) ||
	    !get(r, cookie, COOKIE_FINISHED, &finished))
		return false;
	if (!domain || !queue)
		return true;
	if (r->m[COOKIE_OPTIONS].found &&
	    !get(r, cookie + r->m[COOKIE_OPTIONS].off, OPTIONS_QUEUE, &kind))
		return false;
	if (kind)
		return read_queue(r, queue, finished);
	for (u32 cpu = 0; next_cpu(r->p, &cpu); cpu++)
		if (!percpu_offset(r->p, cpu, &off) ||
		    !read_queue(r, queue + off, finished))
			return false;
	return true;
}

/* --- groups --- */

static void read_domain(struct iova_reader *r, u64 cookie)
{
	u64 iovad = cookie + r->m[COOKIE_IOVAD].off;

	if (!get(r, iovad, IOVAD_GRANULE, &r->granule) ||
	    r->granule < PAGE_4K || r->granule > MIB(1) ||
	    r->granule & (r->granule - 1)) {
		damaged(r, "its granule is not in the dump, or beyond reason");
		return;
	}
	read_tree(r, iovad);
	read_caches(r, iovad);
	if (!read_queues(r, cookie))
		damaged(r, "its flush queues are damaged, or not in the dump");
	sort(&r->g->used);
	sort(&r->g->freed);
	sort(&r->g->pending);
}

/* False: it has no I/O addresses of the DMA layer. */
static bool find_cookie(struct iova_reader *r, u64 domain, u64 *cookie)
{
	bool by_domain = r->m[DOMAIN_TYPE].found;
	u64 type = 0;

	if (!domain || (by_domain && (!get(r, domain, DOMAIN_TYPE, &type) ||
				      type != COOKIE_IOVA)))
		return false;
	return get(r, domain, DOMAIN_COOKIE, cookie) && *cookie &&
	       (by_domain || (get(r, *cookie, COOKIE_TYPE, &type) &&
			      type == COOKIE_OLD_IOVA));
}

static bool group_entry(void *arg, u64 node)
{
	struct iova_reader *r = arg;
	u64 at = node - r->m[KOBJECT_ENTRY].off - r->m[GROUP_KOBJ].off;
	u64 id, domain, cookie;

	if (r->rc || !get(r, at, GROUP_ID, &id) ||
	    !get(r, at, GROUP_DOMAIN, &domain))
		return false;
	if (!find_cookie(r, domain, &cookie))
		return true;
	r->g = array_grow(&r->out->group, &r->out->n, sizeof(*r->g));
	if (!r->g) {
		r->rc = -ENOMEM;
		return false;
	}
	r->g->group = (u32)id;
	read_domain(r, cookie);
	return !r->rc;
}

/* False: r->out->why says why nothing is known. */
static bool prepare(struct iova_reader *r, struct symbol *kset)
{
	struct kernel *k = r->p->k;
	char *why = r->out->why;
	size_t len = sizeof(r->out->why);

	memcpy(r->m, members, sizeof(members));
	if (k->members(k, r->m, IOVA_MEMBERS, why, len) ||
	    k->symbols(k, kset, 1, why, len))
		return false;
	for (u32 i = 0; i < IOVA_MUST; i++)
		if (!r->m[i].found) {
			snprintf(why, len, "it has no member %s of struct %s",
				 r->m[i].name, r->m[i].type);
			return false;
		}
	if (kset->addr && !k->read(k, kset->addr, &kset->addr, 8))
		return true;
	snprintf(why, len, "its IOMMU groups are not in the dump");
	return false;
}

int pages_iovas(struct pages *p, struct iovas *out)
{
	struct iova_reader r = { .p = p, .out = out, .left = RANGES_MAX };
	struct symbol s = { .name = "iommu_group_kset" };

	memset(out, 0, sizeof(*out));
	if (!prepare(&r, &s) || !s.addr)
		return 0;
	s.addr += r.m[KSET_LIST].off;
	kernel_list(p->k, p->f, &s, GROUPS_MAX, group_entry, &r);
	return r.rc;
}

void iovas_free(struct iovas *v)
{
	for (size_t i = 0; i < v->n; i++) {
		free(v->group[i].used.at);
		free(v->group[i].freed.at);
		free(v->group[i].pending.at);
	}
	free(v->group);
	memset(v, 0, sizeof(*v));
}
