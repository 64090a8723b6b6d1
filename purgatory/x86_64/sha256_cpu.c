/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SHA-256 for x86 CPUs: with the SHA extensions (Intel SDM volume 2,
 * SHA256RNDS2, SHA256MSG1, SHA256MSG2), and the plain C with BMI2's RORX. The
 * rest of the purgatory is built without SSE; the attribute admits it to the
 * one function. BMI2 works on general registers: nothing has to be turned on.
 */
#include <immintrin.h>
#include "cpu.h"
#include "sha256_ssse3.h"
#include "../sha256_block.h"

static u32 leaf7_ebx(void)
{
	return cpuid(0, 0).eax < 7 ? 0 : cpuid(7, 0).ebx;
}

/* With what CR4.OSFXSR promises to save. */
static bool has_ssse3(void)
{
	struct cpuid c1 = cpuid(1, 0);

	return (c1.edx & CPUID_1_EDX_FXSR) && (c1.ecx & CPUID_1_ECX_SSSE3);
}

bool sha256_cpu_has(void)
{
	return has_ssse3() && (cpuid(1, 0).ecx & CPUID_1_ECX_SSE41) &&
	       (leaf7_ebx() & CPUID_7_EBX_SHA);
}

sha256_blocks_fn *sha256_vector(void)
{
	const u32 bmi = CPUID_7_EBX_BMI1 | CPUID_7_EBX_BMI2;

	if (!has_ssse3())
		return NULL;
	return (leaf7_ebx() & bmi) == bmi ? sha256_blocks_ssse3_bmi2
					  : sha256_blocks_ssse3;
}

static __attribute__((target("bmi2"))) void blocks_bmi2(u32 state[8],
							const u8 *data, u64 n)
{
	for (; n; n--, data += SHA256_BLOCK)
		sha256_one_block(state, data);
}

sha256_blocks_fn *sha256_plain(void)
{
	return leaf7_ebx() & CPUID_7_EBX_BMI2 ? blocks_bmi2 : sha256_blocks_c;
}

/* Four rounds with the message words @m, the @i-th to the (@i + 3)-th. */
#define FOUR(m, i)                                                             \
	do {                                                                   \
		__m128i kw_ = _mm_add_epi32(                                   \
			m, _mm_load_si128((const __m128i *)(sha256_k + (i)))); \
		cdgh = _mm_sha256rnds2_epu32(cdgh, abef, kw_);                 \
		kw_ = _mm_shuffle_epi32(kw_, 0x0e);                            \
		abef = _mm_sha256rnds2_epu32(abef, cdgh, kw_);                 \
	} while (0)

/*
 * The four words after @m3, in place of @m0 (the four 16 before). @m0 has
 * had its SHA256MSG1 when its own rounds were done.
 */
#define NEXT(m0, m2, m3)            \
	(m0 = _mm_sha256msg2_epu32( \
		 _mm_add_epi32(m0, _mm_alignr_epi8(m3, m2, 4)), m3))

#define SIXTEEN(i)                                 \
	do {                                       \
		m0 = _mm_sha256msg1_epu32(m0, m1); \
		NEXT(m0, m2, m3);                  \
		FOUR(m0, i);                       \
		m1 = _mm_sha256msg1_epu32(m1, m2); \
		NEXT(m1, m3, m0);                  \
		FOUR(m1, (i) + 4);                 \
		m2 = _mm_sha256msg1_epu32(m2, m3); \
		NEXT(m2, m0, m1);                  \
		FOUR(m2, (i) + 8);                 \
		m3 = _mm_sha256msg1_epu32(m3, m0); \
		NEXT(m3, m1, m2);                  \
		FOUR(m3, (i) + 12);                \
	} while (0)

__attribute__((target("sha,sse4.1"))) void
sha256_blocks_cpu(u32 state[8], const u8 *data, u64 n)
{
	const __m128i swap =
		_mm_set_epi64x(0x0c0d0e0f08090a0bULL, 0x0405060700010203ULL);
	__m128i dcba = _mm_loadu_si128((const __m128i *)state);
	__m128i hgfe = _mm_loadu_si128((const __m128i *)(state + 4));
	__m128i cdab = _mm_shuffle_epi32(dcba, 0xb1);
	__m128i efgh = _mm_shuffle_epi32(hgfe, 0x1b);
	/* The order of words that SHA256RNDS2 works on. */
	__m128i abef = _mm_alignr_epi8(cdab, efgh, 8);
	__m128i cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);

	for (; n; n--, data += SHA256_BLOCK) {
		const __m128i *in = (const __m128i *)data;
		const __m128i abef0 = abef, cdgh0 = cdgh;
		__m128i m0 = _mm_shuffle_epi8(_mm_loadu_si128(in), swap);
		__m128i m1 = _mm_shuffle_epi8(_mm_loadu_si128(in + 1), swap);
		__m128i m2 = _mm_shuffle_epi8(_mm_loadu_si128(in + 2), swap);
		__m128i m3 = _mm_shuffle_epi8(_mm_loadu_si128(in + 3), swap);

		FOUR(m0, 0);
		FOUR(m1, 4);
		FOUR(m2, 8);
		FOUR(m3, 12);
		SIXTEEN(16);
		SIXTEEN(32);
		SIXTEEN(48);
		abef = _mm_add_epi32(abef, abef0);
		cdgh = _mm_add_epi32(cdgh, cdgh0);
	}
	cdab = _mm_shuffle_epi32(abef, 0x1b); /* feba, as the name was before */
	efgh = _mm_shuffle_epi32(cdgh, 0xb1);
	_mm_storeu_si128((__m128i *)state, _mm_blend_epi16(cdab, efgh, 0xf0));
	_mm_storeu_si128((__m128i *)(state + 4),
			 _mm_alignr_epi8(efgh, cdab, 8));
}
