/* SPDX-License-Identifier: GPL-2.0-only */
/* SHA-256 in sixteen lanes, with AVX-512 F and BW. */
#include <immintrin.h>
#include "sha256_x86.h"

#define LANES 16
#define LANES_TARGET "avx512f,avx512bw"
#define LANES_NAME sha256_lanes_avx512
#define raw __m512i
#define PIECE(data, at) _mm_loadu_si128((const __m128i *)((data) + (at)))
#define TWO(a, b) _mm256_setr_m128i(a, b)
#define PIECES(data, at)                                                      \
	_mm512_inserti64x4(_mm512_castsi256_si512(TWO(PIECE((data)[0], at),   \
						      PIECE((data)[4], at))), \
			   TWO(PIECE((data)[8], at), PIECE((data)[12], at)),  \
			   1)
#define LOW32 _mm512_unpacklo_epi32
#define HIGH32 _mm512_unpackhi_epi32
#define LOW64 _mm512_unpacklo_epi64
#define HIGH64 _mm512_unpackhi_epi64
#define BIG_ENDIAN32(a) \
	_mm512_shuffle_epi8(a, _mm512_broadcast_i32x4(sha256_big_endian()))

#include "../sha256_lanes.h"
