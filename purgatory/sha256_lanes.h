/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SHA-256 of LANES messages side by side, in vectors of as many words: a
 * header that a file of an architecture includes once for each width of its
 * vectors. Before that it defines
 *
 *   LANES, LANES_TARGET   the width, and the target attribute that admits it
 *   LANES_NAME            of the function, a sha256_lanes_fn
 *   raw                   the type that the following work on
 *   PIECES(data, at)      16 bytes at @at of each fourth lane from data[0] on
 *   LOW32 HIGH32 LOW64 HIGH64(a, b)
 *                         from each 16 bytes the lower, or higher, halves of
 *                         both, their words or pairs of words in turns
 *   BIG_ENDIAN32(a)       each word from most significant byte first
 */
#include "sha256_rounds.h"

typedef u32 lane_words __attribute__((vector_size(4 * LANES)));

/*
 * Four message words of all lanes, which have them one behind the other: each
 * four lanes are a matrix of four words by four, to be transposed.
 */
static inline __attribute__((always_inline, target(LANES_TARGET))) void
load_four(lane_words *w, const u8 *const *data, u64 at)
{
	raw r0 = PIECES(data, at), r1 = PIECES(data + 1, at);
	raw r2 = PIECES(data + 2, at), r3 = PIECES(data + 3, at);
	raw low01 = LOW32(r0, r1), high01 = HIGH32(r0, r1);
	raw low23 = LOW32(r2, r3), high23 = HIGH32(r2, r3);

	w[0] = (lane_words)BIG_ENDIAN32(LOW64(low01, low23));
	w[1] = (lane_words)BIG_ENDIAN32(HIGH64(low01, low23));
	w[2] = (lane_words)BIG_ENDIAN32(LOW64(high01, high23));
	w[3] = (lane_words)BIG_ENDIAN32(HIGH64(high01, high23));
}

/*
 * Message word @i, and with it the one 16 behind it. All 64 are in memory:
 * there are too few registers for sixteen.
 */
#define LANES_NEXT_WORD(w, i)                                                  \
	((w)[(i) + 16] = (w)[i] + SHA256_SIGMA0((w)[(i) + 1]) + (w)[(i) + 9] + \
			 SHA256_SIGMA1((w)[(i) + 14]),                         \
	 (w)[i])

__attribute__((target(LANES_TARGET))) void LANES_NAME(struct sha256_lanes *l,
						      u64 n)
{
	lane_words *s = (lane_words *)l->state, *w = (lane_words *)l->w;
	lane_words a = s[0], b = s[1], c = s[2], d = s[3];
	lane_words e = s[4], f = s[5], g = s[6], h = s[7];
	u64 at;
	u32 i;

	for (at = 0; at < n * SHA256_BLOCK; at += SHA256_BLOCK) {
		for (i = 0; i < 4; i++)
			load_four(w + 4 * i, l->data, at + 16 * i);
		for (i = 0; i < SHA256_ROUNDS - 16; i += 8)
			SHA256_EIGHT(LANES_NEXT_WORD, 0, i);
		for (; i < SHA256_ROUNDS; i += 8)
			SHA256_EIGHT(SHA256_WORD, 0, i);
		s[0] = a += s[0];
		s[1] = b += s[1];
		s[2] = c += s[2];
		s[3] = d += s[3];
		s[4] = e += s[4];
		s[5] = f += s[5];
		s[6] = g += s[6];
		s[7] = h += s[7];
	}
}
