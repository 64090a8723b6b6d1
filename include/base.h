/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The small types that every folder uses. Freestanding: it compiles into the
 * purgatory and into a Linux kernel as it stands.
 */
#ifndef BASE_H
#define BASE_H

#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/stddef.h>
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define static_assert _Static_assert
#endif

#define BIT64(n) (1ULL << (n))
/* Bits hi..lo set, both inclusive, as the manuals number them. */
#define MASK64(hi, lo) ((~0ULL >> (63 - (hi))) & ~(BIT64(lo) - 1))
/* Fails the build when a shared structure moves. */
#define ASSERT_OFFSET(type, member, offset) \
	static_assert(offsetof(type, member) == (offset), #type "." #member)
#define ASSERT_SIZE(type, size) static_assert(sizeof(type) == (size), #type)

#define KIB(n) ((u64)(n) << 10)
#define MIB(n) ((u64)(n) << 20)
#define GIB(n) ((u64)(n) << 30)
#define PAGE_4K 0x1000ULL

/* The value that the bits of @mask hold in @word; mask must not be 0. */
static inline u64 field(u64 mask, u64 word)
{
	return (word & mask) / (mask & -mask);
}

/* @value moved to where @mask stands; bits that do not fit are dropped. */
static inline u64 field_put(u64 mask, u64 value)
{
	return (value * (mask & -mask)) & mask;
}

/* @align is a power of two. align_up wraps to 0 past the end of u64. */
static inline u64 align_down(u64 v, u64 align)
{
	return v & ~(align - 1);
}

static inline u64 align_up(u64 v, u64 align)
{
	return align_down(v + align - 1, align);
}

/* What a noun ends in behind the number @n. */
static inline const char *plural(u64 n)
{
	return n == 1 ? "" : "s";
}

/* Half-open, by length, so that "everything" and "nothing" need no wrap. */
struct span {
	u64 start;
	u64 len;
};
ASSERT_SIZE(struct span, 16);

/* Is [start, start + len) wholly inside @s? No sum is formed that can wrap. */
static inline bool span_holds(const struct span *s, u64 start, u64 len)
{
	return start >= s->start && len <= s->len &&
	       start - s->start <= s->len - len;
}

static inline bool span_overlaps(const struct span *s, u64 start, u64 len)
{
	if (!len || !s->len)
		return false;
	if (start >= s->start)
		return start - s->start < s->len;
	return s->start - start < len;
}

#endif
