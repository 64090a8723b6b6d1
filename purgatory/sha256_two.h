/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SHA-256 by instructions that a CPU has for it, of one message or of two side
 * by side: a header that a file of an architecture includes. It works on m[2],
 * four message words of each lane, and has to define
 *
 *   LOAD(m, i)            the @i-th four words of the messages
 *   FOUR(m, i)            four rounds with @m, the @i-th to the (@i + 3)-th
 *   NEXT(m0, m1, m2, m3)  the four words after @m3, in place of @m0, the four
 *                         16 before
 */
#ifndef PURGATORY_SHA256_TWO_H
#define PURGATORY_SHA256_TWO_H

/* Does @what for lane @x = 0 and, when there are @two, for lane 1. */
#define EACH(what)                       \
	do {                             \
		{                        \
			const u32 x = 0; \
			what;            \
		}                        \
		if (two) {               \
			const u32 x = 1; \
			what;            \
		}                        \
	} while (0)

/* Sixteen rounds, and the words of those two groups ahead. */
#define SIXTEEN(m0, m1, m2, m3, i)    \
	do {                          \
		NEXT(m2, m3, m0, m1); \
		FOUR(m0, i);          \
		NEXT(m3, m0, m1, m2); \
		FOUR(m1, (i) + 4);    \
		NEXT(m0, m1, m2, m3); \
		FOUR(m2, (i) + 8);    \
		NEXT(m1, m2, m3, m0); \
		FOUR(m3, (i) + 12);   \
	} while (0)

/*
 * All rounds of a block. Words are made two groups before their rounds, which
 * then wait for nothing but one another.
 */
#define ROUNDS(m0, m1, m2, m3)               \
	do {                                 \
		LOAD(m0, 0);                 \
		LOAD(m1, 1);                 \
		LOAD(m2, 2);                 \
		FOUR(m0, 0);                 \
		LOAD(m3, 3);                 \
		FOUR(m1, 4);                 \
		NEXT(m0, m1, m2, m3);        \
		FOUR(m2, 8);                 \
		NEXT(m1, m2, m3, m0);        \
		FOUR(m3, 12);                \
		SIXTEEN(m0, m1, m2, m3, 16); \
		SIXTEEN(m0, m1, m2, m3, 32); \
		NEXT(m2, m3, m0, m1);        \
		FOUR(m0, 48);                \
		NEXT(m3, m0, m1, m2);        \
		FOUR(m1, 52);                \
		FOUR(m2, 56);                \
		FOUR(m3, 60);                \
	} while (0)

#endif
