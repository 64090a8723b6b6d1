/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the variants of SHA-256 are made of; sha256_cpu.c says which CPU may
 * call them. The rest of the purgatory is built without vector registers: a
 * target attribute admits them to these functions alone.
 */
#ifndef PURGATORY_X86_64_SHA256_X86_H
#define PURGATORY_X86_64_SHA256_X86_H

#include <immintrin.h>
#include "sha256.h"

sha256_lanes_fn sha256_lanes_ssse3;  /* 4 */
sha256_lanes_fn sha256_lanes_avx2;   /* 8 */
sha256_lanes_fn sha256_lanes_avx512; /* 16 */
/* With the SHA extensions; in two lanes. */
sha256_blocks_fn sha256_blocks_sha;
sha256_lanes_fn sha256_lanes_sha;

/* For PSHUFB: words from most significant byte first. */
static inline __attribute__((always_inline, target("sse2"))) __m128i
sha256_big_endian(void)
{
	return _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
}

#endif
