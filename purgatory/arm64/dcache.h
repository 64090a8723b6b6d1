/* SPDX-License-Identifier: GPL-2.0-only */
/* Caches of data. The kernel module is built with this file, too. */
#ifndef PURGATORY_ARM64_DCACHE_H
#define PURGATORY_ARM64_DCACHE_H

#include "base.h"
#include "layout.h"

/* Bytes of the smallest line. */
static inline u64 dcache_line(void)
{
	u64 ctr;

	asm volatile("mrs %0, ctr_el0" : "=r"(ctr));
	return 4ULL << (ctr >> CTR_DMINLINE_SHIFT &
			((1 << CTR_DMINLINE_BITS) - 1));
}

/* Writes to memory, past all caches, what they hold of it, and drops it. */
static inline void dcache_clean_inval(u64 at, u64 len)
{
	const u64 line = dcache_line(), end = at + len;

	asm volatile("dsb sy" ::: "memory");
	for (at = align_down(at, line); at < end; at += line)
		asm volatile("dc civac, %0" ::"r"(at) : "memory");
	asm volatile("dsb sy" ::: "memory");
}

#endif
