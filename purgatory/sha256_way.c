/* SPDX-License-Identifier: GPL-2.0-only */
/* The choice among the variants of SHA-256. */
#include "sha256.h"

struct sha256_way sha256_way(u32 from)
{
	struct sha256_way way = { .width = 0 };
	const struct sha256_variant *v;
	u32 i, n;

	v = sha256_variants(&n);
	for (i = from; i < n; i++) {
		if (!v[i].usable())
			continue;
		if (!way.lanes && !way.blocks)
			way.by_cpu = v[i].by_cpu;
		if (!way.lanes) {
			way.lanes = v[i].lanes;
			way.width = v[i].width;
		}
		if (!way.blocks)
			way.blocks = v[i].blocks;
	}
	return way;
}

struct sha256_way sha256_plain(void)
{
	const struct sha256_variant *v;
	u32 i = 0, n;

	v = sha256_variants(&n);
	while (i < n && v[i].vector)
		i++;
	return sha256_way(i);
}
