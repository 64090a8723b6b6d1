/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rounds of SHA-256, FIPS 180-4 sections 4.1.2 and 6.2.2, of words that
 * are u32 or vectors of them, and one block in plain C: a header, so that it
 * can be compiled for more than one kind of CPU.
 */
#ifndef PURGATORY_SHA256_BLOCK_H
#define PURGATORY_SHA256_BLOCK_H

#include <string.h>
#include "sha256.h"

#define SHA256_ROR(x, n) ((x) >> (n) | (x) << (32 - (n)))
#define SHA256_SUM0(x) \
	(SHA256_ROR(x, 2) ^ SHA256_ROR(x, 13) ^ SHA256_ROR(x, 22))
#define SHA256_SUM1(x) \
	(SHA256_ROR(x, 6) ^ SHA256_ROR(x, 11) ^ SHA256_ROR(x, 25))
#define SHA256_SIGMA0(x) (SHA256_ROR(x, 7) ^ SHA256_ROR(x, 18) ^ (x) >> 3)
#define SHA256_SIGMA1(x) (SHA256_ROR(x, 17) ^ SHA256_ROR(x, 19) ^ (x) >> 10)

/*
 * One round. Instead of moving the eight words on, the caller names them in
 * rotated order; eight rounds bring them back to their places.
 */
#define SHA256_ROUND(a, b, c, d, e, f, g, h, kw)                             \
	do {                                                                 \
		(h) += SHA256_SUM1(e) + ((g) ^ ((e) & ((f) ^ (g)))) + (kw);  \
		(d) += (h);                                                  \
		(h) += SHA256_SUM0(a) + ((((a) ^ (b)) & ((b) ^ (c))) ^ (b)); \
	} while (0)

/* Eight rounds of the state a to h, the first number @i, with words of @w. */
#define SHA256_EIGHT(word, w, i)                        \
	do {                                            \
		const u32 *k_ = sha256_k + (i);         \
		SHA256_ROUND(a, b, c, d, e, f, g, h,    \
			     k_[0] + word(w, (i) + 0)); \
		SHA256_ROUND(h, a, b, c, d, e, f, g,    \
			     k_[1] + word(w, (i) + 1)); \
		SHA256_ROUND(g, h, a, b, c, d, e, f,    \
			     k_[2] + word(w, (i) + 2)); \
		SHA256_ROUND(f, g, h, a, b, c, d, e,    \
			     k_[3] + word(w, (i) + 3)); \
		SHA256_ROUND(e, f, g, h, a, b, c, d,    \
			     k_[4] + word(w, (i) + 4)); \
		SHA256_ROUND(d, e, f, g, h, a, b, c,    \
			     k_[5] + word(w, (i) + 5)); \
		SHA256_ROUND(c, d, e, f, g, h, a, b,    \
			     k_[6] + word(w, (i) + 6)); \
		SHA256_ROUND(b, c, d, e, f, g, h, a,    \
			     k_[7] + word(w, (i) + 7)); \
	} while (0)

#define SHA256_WORD(w, i) ((w)[i])

/* Message word @i, and with it the one 16 behind it. */
#define SHA256_NEXT_WORD(w, i)                                                 \
	((w)[(i) + 16] = (w)[i] + SHA256_SIGMA0((w)[(i) + 1]) + (w)[(i) + 9] + \
			 SHA256_SIGMA1((w)[(i) + 14]),                         \
	 (w)[i])

/* All rounds, with the first sixteen words of @w. The rest of it is written. */
#define SHA256_ALL_ROUNDS(w)                                   \
	do {                                                   \
		u32 i_;                                        \
		for (i_ = 0; i_ < SHA256_ROUNDS - 16; i_ += 8) \
			SHA256_EIGHT(SHA256_NEXT_WORD, w, i_); \
		for (; i_ < SHA256_ROUNDS; i_ += 8)            \
			SHA256_EIGHT(SHA256_WORD, w, i_);      \
	} while (0)

static inline u32 sha256_load(const u8 *p)
{
	u32 v;

	memcpy(&v, p, sizeof(v));
	return __builtin_bswap32(v);
}

static inline __attribute__((always_inline)) void
sha256_one_block(u32 s[8], const u8 *data)
{
	u32 a = s[0], b = s[1], c = s[2], d = s[3];
	u32 e = s[4], f = s[5], g = s[6], h = s[7];
	u32 w[SHA256_ROUNDS];
	unsigned int i;

	for (i = 0; i < 16; i++)
		w[i] = sha256_load(data + 4 * i);
	SHA256_ALL_ROUNDS(w);
	s[0] += a;
	s[1] += b;
	s[2] += c;
	s[3] += d;
	s[4] += e;
	s[5] += f;
	s[6] += g;
	s[7] += h;
}

#endif
