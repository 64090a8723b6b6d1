// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "flicker.h"

#define READS_MAX 32

static int flicker_read(struct mem *m, u64 phys, void *buf, u32 len)
{
	struct flicker *f = (struct flicker *)m;
	const struct flicker_case *c = f->c;
	int err = mem_read(f->below, phys, buf, len);
	u64 start = phys, end = phys + len;

	if (start < c->where)
		start = c->where;
	if (end > c->where + c->words * 8)
		end = c->where + c->words * 8;
	if (err || start >= end)
		return err;
	f->reads++;
	if (f->reads >= f->first && f->reads <= f->last)
		memcpy((u8 *)buf + (start - phys),
		       (const u8 *)c->evil + (start - c->where), end - start);
	return err;
}

static int flicker_write(struct mem *m, u64 phys, const void *buf, u32 len)
{
	struct flicker *f = (struct flicker *)m;

	return f->below->write(f->below, phys, buf, len);
}

static int flicker_store64(struct mem *m, u64 phys, u64 val)
{
	struct flicker *f = (struct flicker *)m;

	return f->below->store64(f->below, phys, val);
}

static void flicker_flush(struct mem *m, u64 phys, u64 len)
{
	struct flicker *f = (struct flicker *)m;

	f->below->flush(f->below, phys, len);
}

u32 flicker_all(const struct flicker_case *c,
		void (*run)(void *arg, struct flicker *f), void *arg)
{
	u32 most = 0, n;

	for (n = 1; n <= READS_MAX; n++) {
		const u32 last[] = { n, ~0u };
		bool again = false;

		for (u32 i = 0; i < ARRAY_SIZE(last); i++) {
			struct flicker f = {
				.m = { .read = flicker_read,
				       .write = flicker_write,
				       .store64 = flicker_store64,
				       .flush = flicker_flush },
				.c = c,
				.first = n,
				.last = last[i],
			};

			run(arg, &f);
			if (f.reads > most)
				most = f.reads;
			again |= f.reads >= n;
		}
		if (!again)
			break;
	}
	return most;
}
