/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All that the library asks of its environment. The purgatory brings its own;
 * hosted, they come from libc, and in a Linux kernel from there.
 */
#ifndef IOMMU_ENV_H
#define IOMMU_ENV_H

#ifdef __KERNEL__
#include <linux/string.h>
#else
#include <stddef.h>

void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
#endif

#endif
