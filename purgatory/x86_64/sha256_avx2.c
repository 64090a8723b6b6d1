/* SPDX-License-Identifier: GPL-2.0-only */
/* SHA-256 in eight lanes, with AVX2. */
#include <immintrin.h>
#include "sha256_x86.h"

#define LANES 8
#define LANES_TARGET "avx2"
#define LANES_NAME sha256_lanes_avx2
#define raw __m256i
#define PIECE(data, at) _mm_loadu_si128((const __m128i *)((data) + (at)))
#define PIECES(data, at) \
	_mm256_setr_m128i(PIECE((data)[0], at), PIECE((data)[4], at))
#define LOW32 _mm256_unpacklo_epi32
#define HIGH32 _mm256_unpackhi_epi32
#define LOW64 _mm256_unpacklo_epi64
#define HIGH64 _mm256_unpackhi_epi64
#define BIG_ENDIAN32(a) \
	_mm256_shuffle_epi8(a, _mm256_broadcastsi128_si256(sha256_big_endian()))

#include "../sha256_lanes.h"
