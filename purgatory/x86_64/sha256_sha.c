/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SHA-256 with the SHA extensions (Intel SDM volume 2, SHA256RNDS2,
 * SHA256MSG1, SHA256MSG2), of one message and of two. Each SHA256RNDS2 waits
 * for the one before it; that of another message can begin meanwhile.
 */
#include <immintrin.h>
#include "../sha256_two.h"
#include "sha256_x86.h"

#define SHA_TARGET "sha,sse4.1"

#define LOAD(m, i)                                                    \
	EACH(m[x] = _mm_shuffle_epi8(                                 \
		     _mm_loadu_si128((const __m128i *)data[x] + (i)), \
		     sha256_big_endian()))

#define FOUR(m, i)                                                             \
	do {                                                                   \
		__m128i k_ =                                                   \
			_mm_load_si128((const __m128i *)(sha256_k + (i)));     \
		__m128i kw_[2];                                                \
		EACH(kw_[x] = _mm_add_epi32(m[x], k_));                        \
		EACH(cdgh[x] =                                                 \
			     _mm_sha256rnds2_epu32(cdgh[x], abef[x], kw_[x])); \
		EACH(kw_[x] = _mm_shuffle_epi32(kw_[x], 0x0e));                \
		EACH(abef[x] =                                                 \
			     _mm_sha256rnds2_epu32(abef[x], cdgh[x], kw_[x])); \
	} while (0)

#define NEXT(m0, m1, m2, m3)                                                   \
	do {                                                                   \
		EACH(m0[x] = _mm_sha256msg1_epu32(m0[x], m1[x]));              \
		EACH(m0[x] = _mm_add_epi32(m0[x],                              \
					   _mm_alignr_epi8(m3[x], m2[x], 4))); \
		EACH(m0[x] = _mm_sha256msg2_epu32(m0[x], m3[x]));              \
	} while (0)

/* The two halves of a state in the order that SHA256RNDS2 works on. */
static inline __attribute__((always_inline, target(SHA_TARGET))) void
one_block(__m128i abef[2], __m128i cdgh[2], const u8 *const data[2], bool two)
{
	__m128i m0[2], m1[2], m2[2], m3[2];

	ROUNDS(m0, m1, m2, m3);
}

/* Words @i, @j, @k and @l of lane @x, the first of them the highest. */
#define WORDS(i, j, k, l)                                         \
	_mm_set_epi32(state[(i)*width + x], state[(j)*width + x], \
		      state[(k)*width + x], state[(l)*width + x])
#define PUT(v, i, j, k, l)                                      \
	do {                                                    \
		state[(i)*width + x] = _mm_extract_epi32(v, 3); \
		state[(j)*width + x] = _mm_extract_epi32(v, 2); \
		state[(k)*width + x] = _mm_extract_epi32(v, 1); \
		state[(l)*width + x] = _mm_extract_epi32(v, 0); \
	} while (0)

static inline __attribute__((always_inline, target(SHA_TARGET))) void
blocks(u32 *state, const u8 *const *from, u64 n, bool two)
{
	const u8 *data[2] = { from[0], from[two] };
	const u32 width = two ? 2 : 1;
	__m128i abef[2], cdgh[2];

	EACH(abef[x] = WORDS(0, 1, 4, 5));
	EACH(cdgh[x] = WORDS(2, 3, 6, 7));
	for (; n; n--) {
		__m128i abef0[2], cdgh0[2];

		EACH(abef0[x] = abef[x]);
		EACH(cdgh0[x] = cdgh[x]);
		one_block(abef, cdgh, data, two);
		EACH(abef[x] = _mm_add_epi32(abef[x], abef0[x]));
		EACH(cdgh[x] = _mm_add_epi32(cdgh[x], cdgh0[x]));
		EACH(data[x] += SHA256_BLOCK);
	}
	EACH(PUT(abef[x], 0, 1, 4, 5));
	EACH(PUT(cdgh[x], 2, 3, 6, 7));
}

__attribute__((target(SHA_TARGET))) void
sha256_blocks_sha(u32 state[8], const u8 *data, u64 n)
{
	blocks(state, &data, n, false);
}

__attribute__((target(SHA_TARGET))) void
sha256_lanes_sha(struct sha256_lanes *l, u64 n)
{
	blocks(l->state, l->data, n, true);
}
