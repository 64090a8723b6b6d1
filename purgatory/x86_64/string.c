/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the compiler calls for by itself, and the library uses. The string
 * instructions are the fastest way on CPUs with ERMS and the smallest on all.
 */
#include <string.h>
#include "base.h"

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	void *ret = to;

	asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n)::"memory");
	return ret;
}

void *memset(void *to, int c, size_t n)
{
	u64 byte = (u8)c, words = n / 8, rest = n % 8;
	void *ret = to;

	asm volatile("rep stosq"
		     : "+D"(to), "+c"(words)
		     : "a"(byte * 0x0101010101010101ULL)
		     : "memory");
	asm volatile("rep stosb" : "+D"(to), "+c"(rest) : "a"(c) : "memory");
	return ret;
}

void *memmove(void *to, const void *from, size_t n)
{
	u8 *t = to;
	const u8 *f = from;

	if ((u64)to - (u64)from >= n)
		return memcpy(to, from, n);
	while (n--)
		asm volatile("movb %1, %0" : "=m"(t[n]) : "q"(f[n]));
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
