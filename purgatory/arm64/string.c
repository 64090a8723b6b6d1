/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the compiler calls for by itself, and the library uses. While the MMU
 * is off memory takes aligned accesses alone. Volatile keeps the compiler from
 * making calls to these functions of their loops.
 */
#include <string.h>
#include "base.h"

/* In pairs of registers: stream tables have megabytes. */
static inline void copy32(volatile u8 *to, const u8 *from)
{
	u64 a, b, c, d;

	asm volatile("ldp %0, %1, [%4]\n\t"
		     "ldp %2, %3, [%4, #16]\n\t"
		     "stp %0, %1, [%5]\n\t"
		     "stp %2, %3, [%5, #16]"
		     : "=&r"(a), "=&r"(b), "=&r"(c), "=&r"(d)
		     : "r"(from), "r"(to)
		     : "memory");
}

static inline void fill32(volatile u8 *to, u64 v)
{
	asm volatile("stp %0, %0, [%1]\n\t"
		     "stp %0, %0, [%1, #16]" ::"r"(v),
		     "r"(to)
		     : "memory");
}

static bool aligned(const void *a, const void *b)
{
	return !(((u64)a | (u64)b) & 7);
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	volatile u8 *t = to;
	const u8 *f = from;

	if (aligned(to, from)) {
		for (; n >= 64; n -= 64, t += 64, f += 64) {
			copy32(t, f);
			copy32(t + 32, f + 32);
		}
		for (; n >= 8; n -= 8, t += 8, f += 8)
			*(volatile u64 *)t = *(const u64 *)f;
	}
	for (; n; n--)
		*t++ = *f++;
	return to;
}

void *memset(void *to, int c, size_t n)
{
	volatile u8 *t = to;

	if (aligned(to, NULL)) {
		u64 v = (u8)c * 0x0101010101010101ULL;

		for (; n >= 64; n -= 64, t += 64) {
			fill32(t, v);
			fill32(t + 32, v);
		}
		for (; n >= 8; n -= 8, t += 8)
			*(volatile u64 *)t = v;
	}
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
