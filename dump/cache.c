// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages of a dump kept at hand: entries of a table are looked up one by one,
 * and a compressed page must not be unpacked for each of them. Direct mapped;
 * a page that can't be had is remembered too. A thread has its own.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "formats.h"

#define CACHE_PAGES 256u

struct slot {
	u64 page; /* address | 1 when filled */
	int err;
	u8 bytes[PAGE_4K];
};

/* What the caches of several threads read through. */
struct cached_memory {
	struct mem *mem;
	void (*close)(struct mem *m);
	bool parallel; /* several threads may read at once */
	struct mem *(*twin)(struct mem *m); /* else a way for each, or NULL */
	void (*twin_close)(struct mem *twin);
	pthread_mutex_t lock;
};

struct cache {
	struct mem mem;
	struct cached_memory *source;
	struct mem *own; /* a way to it that no other thread has; NULL */
	bool twin;	 /* another one closes the source */
	struct slot slot[CACHE_PAGES];
};

static int source_read(struct cache *c, u64 phys, void *buf, u32 len)
{
	struct cached_memory *s = c->source;
	int err;

	if (s->parallel || c->own)
		return mem_read(c->own ? c->own : s->mem, phys, buf, len);
	pthread_mutex_lock(&s->lock);
	err = mem_read(s->mem, phys, buf, len);
	pthread_mutex_unlock(&s->lock);
	return err;
}

static const struct slot *cache_slot(struct cache *c, u64 page)
{
	/* Tables often lie a power of two apart: mix the higher bits in. */
	u64 n = page / PAGE_4K;
	struct slot *s = &c->slot[(n ^ (n >> 9) ^ (n >> 18)) % CACHE_PAGES];

	if (s->page != (page | 1)) {
		s->page = page | 1;
		s->err = source_read(c, page, s->bytes, PAGE_4K);
	}
	return s;
}

static int cache_read(struct mem *m, u64 phys, void *buf, u32 len)
{
	struct cache *c = (struct cache *)m;
	u8 *to = buf;

	if (phys + len < phys)
		return IOMMU_EREAD;
	while (len) {
		u64 page = align_down(phys, PAGE_4K);
		u64 at = phys - page;
		u32 part = PAGE_4K - at < len ? (u32)(PAGE_4K - at) : len;
		const struct slot *s = cache_slot(c, page);
		int err = 0;

		if (!s->err)
			memcpy(to, s->bytes + at, part);
		else /* part of the page may be there all the same */
			err = source_read(c, phys, to, part);
		if (err)
			return err;
		to += part;
		phys += part;
		len -= part;
	}
	return IOMMU_OK;
}

static struct cache *cache_new(struct cached_memory *s)
{
	struct cache *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->mem.read = cache_read;
	c->source = s;
	return c;
}

struct mem *mem_cache(struct mem *m, void (*close)(struct mem *m),
		      bool parallel)
{
	struct cached_memory *s = calloc(1, sizeof(*s));
	struct cache *c = s ? cache_new(s) : NULL;

	if (!c) {
		free(s);
		return NULL;
	}
	s->mem = m;
	s->close = close;
	s->parallel = parallel;
	pthread_mutex_init(&s->lock, NULL);
	return &c->mem;
}

struct mem *mem_cache_twin(struct mem *m)
{
	struct cache *c = cache_new(((struct cache *)m)->source);

	if (!c)
		return NULL;
	c->twin = true;
	if (c->source->twin)
		c->own = c->source->twin(c->source->mem);
	return &c->mem;
}

void mem_cache_twins(struct mem *cache, struct mem *(*twin)(struct mem *m),
		     void (*close)(struct mem *twin))
{
	struct cached_memory *s = ((struct cache *)cache)->source;

	s->twin = twin;
	s->twin_close = close;
}

void mem_cache_close(struct mem *m)
{
	struct cache *c = (struct cache *)m;

	if (!c)
		return;
	if (c->own)
		c->source->twin_close(c->own);
	if (!c->twin) {
		if (c->source->close)
			c->source->close(c->source->mem);
		pthread_mutex_destroy(&c->source->lock);
		free(c->source);
	}
	free(c);
}
