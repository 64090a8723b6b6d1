/* SPDX-License-Identifier: GPL-2.0-only */
/* SHA-256 in four lanes, with SSE2, which all x86-64 CPUs have. */
#include <immintrin.h>
#include "sha256_x86.h"

#define LANES 4
#define LANES_TARGET "sse2"
#define LANES_NAME sha256_lanes_sse2
#define raw __m128i
#define PIECES(data, at) _mm_loadu_si128((const raw *)((data)[0] + (at)))
#define LOW32 _mm_unpacklo_epi32
#define HIGH32 _mm_unpackhi_epi32
#define LOW64 _mm_unpacklo_epi64
#define HIGH64 _mm_unpackhi_epi64
#define BIG_ENDIAN32(a) swap_halves(swap_bytes(a))

/* Of each 16 bits. */
static inline __attribute__((always_inline, target("sse2"))) raw
swap_bytes(raw a)
{
	return _mm_or_si128(_mm_slli_epi16(a, 8), _mm_srli_epi16(a, 8));
}

/* Of each 32 bits. */
static inline __attribute__((always_inline, target("sse2"))) raw
swap_halves(raw a)
{
	return _mm_shufflehi_epi16(_mm_shufflelo_epi16(a, 0xb1), 0xb1);
}

#include "../sha256_lanes.h"
