/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the compiler calls for by itself, and the library uses. While the MMU
 * is off memory takes aligned accesses alone. Volatile keeps the compiler from
 * making calls to these functions of their loops.
 */
#include <string.h>
#include "base.h"

static bool aligned(const void *a, const void *b)
{
	return !(((u64)a | (u64)b) & 7);
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	volatile u8 *t = to;
	const u8 *f = from;

	if (aligned(to, from))
		for (; n >= 8; n -= 8, t += 8, f += 8)
			*(volatile u64 *)t = *(const u64 *)f;
	for (; n; n--)
		*t++ = *f++;
	return to;
}

void *memset(void *to, int c, size_t n)
{
	volatile u8 *t = to;

	if (aligned(to, NULL))
		for (; n >= 8; n -= 8, t += 8)
			*(volatile u64 *)t = (u8)c * 0x0101010101010101ULL;
	for (; n; n--)
		*t++ = c;
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	volatile u8 *t = to;
	const u8 *f = from;

	if ((u64)to - (u64)from >= n)
		return memcpy(to, from, n);
	while (n--)
		t[n] = f[n];
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *x = a, *y = b;

	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (*(const volatile char *)(s + n))
		n++;
	return n;
}
