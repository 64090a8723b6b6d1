/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SHA-256 with the instructions of FEAT_SHA256 (Arm ARM DDI 0487J, C7.2,
 * SHA256H, SHA256H2, SHA256SU0, SHA256SU1), of one message and of two. Each
 * SHA256H waits for the one before it; that of another message can begin
 * meanwhile. The one file of the purgatory that is built with vector registers
 * (local.mk).
 */
#include <arm_neon.h>
#include "../sha256_two.h"
#include "sha256_arm.h"

#define SHA_TARGET "+crypto"

#define LOAD(m, i)                        \
	EACH(m[x] = vreinterpretq_u32_u8( \
		     vrev32q_u8(vld1q_u8(data[x] + 16 * (i)))))

#define FOUR(m, i)                                                         \
	do {                                                               \
		uint32x4_t k_ = vld1q_u32(sha256_k + (i));                 \
		uint32x4_t kw_[2], abcd_[2];                               \
		EACH(kw_[x] = vaddq_u32(m[x], k_));                        \
		EACH(abcd_[x] = abcd[x]);                                  \
		EACH(abcd[x] = vsha256hq_u32(abcd[x], efgh[x], kw_[x]));   \
		EACH(efgh[x] = vsha256h2q_u32(efgh[x], abcd_[x], kw_[x])); \
	} while (0)

#define NEXT(m0, m1, m2, m3)                                        \
	do {                                                        \
		EACH(m0[x] = vsha256su0q_u32(m0[x], m1[x]));        \
		EACH(m0[x] = vsha256su1q_u32(m0[x], m2[x], m3[x])); \
	} while (0)

static inline __attribute__((always_inline, target(SHA_TARGET))) void
one_block(uint32x4_t abcd[2], uint32x4_t efgh[2], const u8 *const data[2],
	  bool two)
{
	uint32x4_t m0[2], m1[2], m2[2], m3[2];

	ROUNDS(m0, m1, m2, m3);
}

static inline __attribute__((always_inline, target(SHA_TARGET))) void
blocks(uint32x4_t abcd[2], uint32x4_t efgh[2], const u8 *const *from, u64 n,
       bool two)
{
	const u8 *data[2] = { from[0], from[two] };

	for (; n; n--) {
		uint32x4_t abcd0[2], efgh0[2];

		EACH(abcd0[x] = abcd[x]);
		EACH(efgh0[x] = efgh[x]);
		one_block(abcd, efgh, data, two);
		EACH(abcd[x] = vaddq_u32(abcd[x], abcd0[x]));
		EACH(efgh[x] = vaddq_u32(efgh[x], efgh0[x]));
		EACH(data[x] += SHA256_BLOCK);
	}
}

__attribute__((target(SHA_TARGET))) void
sha256_blocks_sha2(u32 state[8], const u8 *data, u64 n)
{
	uint32x4_t abcd[2] = { vld1q_u32(state) };
	uint32x4_t efgh[2] = { vld1q_u32(state + 4) };

	blocks(abcd, efgh, &data, n, false);
	vst1q_u32(state, abcd[0]);
	vst1q_u32(state + 4, efgh[0]);
}

/* The words of both lanes stand in turns. */
__attribute__((target(SHA_TARGET))) void
sha256_lanes_sha2(struct sha256_lanes *l, u64 n)
{
	uint32x4x2_t abcd = vld2q_u32(l->state);
	uint32x4x2_t efgh = vld2q_u32(l->state + 8);

	blocks(abcd.val, efgh.val, l->data, n, true);
	vst2q_u32(l->state, abcd);
	vst2q_u32(l->state + 8, efgh);
}
