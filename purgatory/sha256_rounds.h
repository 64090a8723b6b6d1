/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rounds of SHA-256, FIPS 180-4 sections 4.1.2 and 6.2.2, of words that
 * are u32 or vectors of them.
 */
#ifndef PURGATORY_SHA256_ROUNDS_H
#define PURGATORY_SHA256_ROUNDS_H

#include "sha256.h"

#define SHA256_ROR(x, n) ((x) >> (n) | (x) << (32 - (n)))
/* Three rotations; who includes this may know a better way. */
#ifndef SHA256_ROR3
#define SHA256_ROR3(x, i, j, k) \
	(SHA256_ROR(x, i) ^ SHA256_ROR(x, j) ^ SHA256_ROR(x, k))
#endif
#define SHA256_SUM0(x) SHA256_ROR3(x, 2, 13, 22)
#define SHA256_SUM1(x) SHA256_ROR3(x, 6, 11, 25)
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

/*
 * Eight rounds of the state a to h with words of w, the first of them number
 * @i + @j. @j alone picks the words, so that they stay constant offsets in a
 * loop over @i.
 */
#define SHA256_EIGHT(word, i, j)                        \
	do {                                            \
		const u32 *k_ = sha256_k + (i) + (j);   \
		SHA256_ROUND(a, b, c, d, e, f, g, h,    \
			     k_[0] + word(w, (j) + 0)); \
		SHA256_ROUND(h, a, b, c, d, e, f, g,    \
			     k_[1] + word(w, (j) + 1)); \
		SHA256_ROUND(g, h, a, b, c, d, e, f,    \
			     k_[2] + word(w, (j) + 2)); \
		SHA256_ROUND(f, g, h, a, b, c, d, e,    \
			     k_[3] + word(w, (j) + 3)); \
		SHA256_ROUND(e, f, g, h, a, b, c, d,    \
			     k_[4] + word(w, (j) + 4)); \
		SHA256_ROUND(d, e, f, g, h, a, b, c,    \
			     k_[5] + word(w, (j) + 5)); \
		SHA256_ROUND(c, d, e, f, g, h, a, b,    \
			     k_[6] + word(w, (j) + 6)); \
		SHA256_ROUND(b, c, d, e, f, g, h, a,    \
			     k_[7] + word(w, (j) + 7)); \
	} while (0)

#define SHA256_WORD(w, i) ((w)[i])

#endif
