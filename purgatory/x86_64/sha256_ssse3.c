/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SHA-256 for x86 CPUs without the SHA extensions: the message schedule of
 * FIPS 180-4 section 6.2.2 four words at a time with SSSE3 (Intel SDM volume
 * 2), between the rounds, which stay in general registers. The same C is
 * compiled a second time for RORX and ANDN of BMI2 and BMI1. The attribute
 * admits SSE to these functions alone, as in sha256_cpu.c.
 *
 * 33 instructions a byte, against 43 of the plain C (GCC 12, both with BMI2).
 */
#include <immintrin.h>
#include "sha256_ssse3.h"
#include "../sha256_block.h"

/*
 * The xor of three rotations. With RORX, which leaves its source alone, side
 * by side; else nested, so that one copy of x serves all three.
 */
#define THREE(x, i, j, k)                                              \
	(rorx ? sha256_ror(x, i) ^ sha256_ror(x, j) ^ sha256_ror(x, k) \
	      : sha256_ror(sha256_ror(sha256_ror(x, (k) - (j)) ^ (x),  \
				      (j) - (i)) ^                     \
				   (x),                                \
			   i))

/*
 * One round; the caller names the words in rotated order. bc is b ^ c;
 * the a ^ b of this round is that of the next.
 */
#define ROUND(a, b, c, d, e, f, g, h, kw)           \
	do {                                        \
		u32 ab_ = (a) ^ (b);                \
		(h) += (kw);                        \
		(h) += THREE(e, 6, 11, 25);         \
		(h) += ((((f) ^ (g)) & (e)) ^ (g)); \
		(d) += (h);                         \
		(h) += THREE(a, 2, 13, 22);         \
		(h) += (ab_ & bc) ^ (b);            \
		bc = ab_;                           \
	} while (0)

/*
 * sigma0 of four words: x >> 3 ^ x >> 7 ^ x >> 18 ^ x << 25 ^ x << 14, nested
 * likewise.
 */
#define SIGMA0(x)                                                             \
	({                                                                    \
		__m128i r_ = _mm_xor_si128(_mm_srli_epi32(x, 11), x);         \
		__m128i l_ = _mm_xor_si128(_mm_slli_epi32(x, 11), x);         \
		r_ = _mm_xor_si128(_mm_srli_epi32(r_, 4), x);                 \
		_mm_xor_si128(_mm_srli_epi32(r_, 3), _mm_slli_epi32(l_, 14)); \
	})

/*
 * sigma1 of the words that the 64-bit halves of @x hold twice each: a shift
 * of the half then is a rotation of its lower word. The upper are of no use.
 */
#define SIGMA1(x)                                                            \
	_mm_xor_si128(_mm_srli_epi64(_mm_xor_si128(_mm_srli_epi64(x, 2), x), \
				     17),                                    \
		      _mm_srli_epi32(x, 10))

#define LOAD(i) \
	_mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)data + (i)), swap)
#define K(i) _mm_load_si128((const __m128i *)(sha256_k + (i)))
#define KEEP(j, x, i) \
	_mm_store_si128((__m128i *)kw + (j), _mm_add_epi32(x, K(i)))

/*
 * Four rounds, with the words 4 * @j and on of kw, and between them the next
 * four message words in place of @m0, the oldest.
 */
#define FOUR(a, b, c, d, e, f, g, h, j, m0, m1, m2, m3)                \
	do {                                                           \
		__m128i t_ = _mm_alignr_epi8(m1, m0, 4);               \
		m0 = _mm_add_epi32(m0, _mm_alignr_epi8(m3, m2, 4));    \
		ROUND(a, b, c, d, e, f, g, h, kw[4 * (j)]);            \
		m0 = _mm_add_epi32(m0, SIGMA0(t_));                    \
		ROUND(h, a, b, c, d, e, f, g, kw[4 * (j) + 1]);        \
		t_ = _mm_shuffle_epi32(m3, 0xfa);                      \
		t_ = SIGMA1(t_);                                       \
		m0 = _mm_add_epi32(m0, _mm_shuffle_epi8(t_, to_low));  \
		ROUND(g, h, a, b, c, d, e, f, kw[4 * (j) + 2]);        \
		t_ = _mm_shuffle_epi32(m0, 0x50);                      \
		t_ = SIGMA1(t_);                                       \
		m0 = _mm_add_epi32(m0, _mm_shuffle_epi8(t_, to_high)); \
		ROUND(f, g, h, a, b, c, d, e, kw[4 * (j) + 3]);        \
		KEEP(j, m0, i + 4 * (j));                              \
	} while (0)

#define FOUR_LAST(a, b, c, d, e, f, g, h, j)                    \
	do {                                                    \
		ROUND(a, b, c, d, e, f, g, h, kw[4 * (j)]);     \
		ROUND(h, a, b, c, d, e, f, g, kw[4 * (j) + 1]); \
		ROUND(g, h, a, b, c, d, e, f, kw[4 * (j) + 2]); \
		ROUND(f, g, h, a, b, c, d, e, kw[4 * (j) + 3]); \
	} while (0)

static inline __attribute__((always_inline, target("ssse3"))) void
one_block(u32 s[8], const u8 *data, bool rorx)
{
	const __m128i swap =
		_mm_set_epi64x(0x0c0d0e0f08090a0bULL, 0x0405060700010203ULL);
	/* Words 0 and 2 to one half, zeroes to the other. */
	const __m128i to_low = _mm_set_epi64x(-1, 0x0b0a090803020100ULL);
	const __m128i to_high = _mm_set_epi64x(0x0b0a090803020100ULL, -1);
	__m128i m0 = LOAD(0), m1 = LOAD(1), m2 = LOAD(2), m3 = LOAD(3);
	u32 kw[16] __attribute__((aligned(16)));
	u32 a = s[0], b = s[1], c = s[2], d = s[3];
	u32 e = s[4], f = s[5], g = s[6], h = s[7];
	u32 bc = b ^ c;
	unsigned int i;

	KEEP(0, m0, 0);
	KEEP(1, m1, 4);
	KEEP(2, m2, 8);
	KEEP(3, m3, 12);
	for (i = 16; i < 64; i += 16) {
		FOUR(a, b, c, d, e, f, g, h, 0, m0, m1, m2, m3);
		FOUR(e, f, g, h, a, b, c, d, 1, m1, m2, m3, m0);
		FOUR(a, b, c, d, e, f, g, h, 2, m2, m3, m0, m1);
		FOUR(e, f, g, h, a, b, c, d, 3, m3, m0, m1, m2);
	}
	/* Has the compiler read kw back, not extract it from the vectors. */
	asm("" : "+m"(kw));
	FOUR_LAST(a, b, c, d, e, f, g, h, 0);
	FOUR_LAST(e, f, g, h, a, b, c, d, 1);
	FOUR_LAST(a, b, c, d, e, f, g, h, 2);
	FOUR_LAST(e, f, g, h, a, b, c, d, 3);
	s[0] += a;
	s[1] += b;
	s[2] += c;
	s[3] += d;
	s[4] += e;
	s[5] += f;
	s[6] += g;
	s[7] += h;
}

__attribute__((target("ssse3"))) void sha256_blocks_ssse3(u32 state[8],
							  const u8 *data, u64 n)
{
	for (; n; n--, data += SHA256_BLOCK)
		one_block(state, data, false);
}

__attribute__((target("ssse3,bmi,bmi2"))) void
sha256_blocks_ssse3_bmi2(u32 state[8], const u8 *data, u64 n)
{
	for (; n; n--, data += SHA256_BLOCK)
		one_block(state, data, true);
}
