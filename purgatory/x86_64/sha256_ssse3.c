/* SPDX-License-Identifier: GPL-2.0-only */
/* SHA-256 in four lanes, with SSSE3. */
#include <immintrin.h>
#include "sha256_x86.h"

#define LANES 4
#define LANES_TARGET "ssse3"
#define LANES_NAME sha256_lanes_ssse3
#define raw __m128i
#define PIECES(data, at) _mm_loadu_si128((const raw *)((data)[0] + (at)))
#define LOW32 _mm_unpacklo_epi32
#define HIGH32 _mm_unpackhi_epi32
#define LOW64 _mm_unpacklo_epi64
#define HIGH64 _mm_unpackhi_epi64
#define BIG_ENDIAN32(a) _mm_shuffle_epi8(a, sha256_big_endian())

#include "../sha256_lanes.h"
