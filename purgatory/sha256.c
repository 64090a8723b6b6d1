/* SPDX-License-Identifier: GPL-2.0-only */
/* SHA-256 in plain C, after FIPS 180-4 sections 5.1.1, 5.3.3 and 6.2.2. */
#include <string.h>
#include "sha256.h"

/* Nested, so that a CPU that rotates in place copies x once, not three times. */
#define SHA256_ROR3(x, i, j, k)                                            \
	SHA256_ROR(SHA256_ROR(SHA256_ROR(x, (k) - (j)) ^ (x), (j) - (i)) ^ \
			   (x),                                            \
		   i)
#include "sha256_rounds.h"

const u32 sha256_start[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
			      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

const u32 sha256_k[SHA256_ROUNDS] __attribute__((aligned(16))) = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
	0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};

static inline u32 load(const u8 *p)
{
	u32 v;

	memcpy(&v, p, sizeof(v));
	return __builtin_bswap32(v);
}

/* Message word @i of the next sixteen, in place of the one 16 before. */
static inline u32 next_word(u32 *w, unsigned int i)
{
	u32 w15 = w[(i + 1) & 15], w2 = w[(i + 14) & 15];

	w[i & 15] += SHA256_SIGMA0(w15) + w[(i + 9) & 15] + SHA256_SIGMA1(w2);
	return w[i & 15];
}

static void one_block(u32 s[8], const u8 *data)
{
	u32 a = s[0], b = s[1], c = s[2], d = s[3];
	u32 e = s[4], f = s[5], g = s[6], h = s[7];
	u32 w[16];
	unsigned int i;

	for (i = 0; i < 16; i++)
		w[i] = load(data + 4 * i);
	SHA256_EIGHT(SHA256_WORD, 0, 0);
	SHA256_EIGHT(SHA256_WORD, 0, 8);
	for (i = 16; i < SHA256_ROUNDS; i += 16) {
		SHA256_EIGHT(next_word, i, 0);
		SHA256_EIGHT(next_word, i, 8);
	}
	s[0] += a;
	s[1] += b;
	s[2] += c;
	s[3] += d;
	s[4] += e;
	s[5] += f;
	s[6] += g;
	s[7] += h;
}

void sha256_blocks_c(u32 state[8], const u8 *data, u64 n)
{
	for (; n; n--, data += SHA256_BLOCK)
		one_block(state, data);
}

void sha256_init(struct sha256 *s, sha256_blocks_fn *blocks)
{
	memcpy(s->state, sha256_start, sizeof(s->state));
	s->len = 0;
	s->blocks = blocks;
}

void sha256_update(struct sha256 *s, const void *data, u64 len)
{
	u32 have = s->len % SHA256_BLOCK;
	const u8 *p = data;

	if (!len)
		return;
	s->len += len;
	if (have) {
		u64 take = SHA256_BLOCK - have;

		if (take > len)
			take = len;
		memcpy(s->rest + have, p, take);
		if (have + take < SHA256_BLOCK)
			return;
		s->blocks(s->state, s->rest, 1);
		p += take;
		len -= take;
	}
	if (len >= SHA256_BLOCK)
		s->blocks(s->state, p, len / SHA256_BLOCK);
	if (len % SHA256_BLOCK)
		memcpy(s->rest, p + align_down(len, SHA256_BLOCK),
		       len % SHA256_BLOCK);
}

void sha256_final(struct sha256 *s, u8 digest[SHA256_DIGEST])
{
	u64 bits = s->len * 8;
	u32 have = s->len % SHA256_BLOCK;
	unsigned int i;

	s->rest[have++] = 0x80;
	if (have > SHA256_BLOCK - 8) {
		memset(s->rest + have, 0, SHA256_BLOCK - have);
		s->blocks(s->state, s->rest, 1);
		have = 0;
	}
	memset(s->rest + have, 0, SHA256_BLOCK - 8 - have);
	sha256_store(s->rest + SHA256_BLOCK - 8, bits >> 32);
	sha256_store(s->rest + SHA256_BLOCK - 4, bits);
	s->blocks(s->state, s->rest, 1);
	for (i = 0; i < 8; i++)
		sha256_store(digest + 4 * i, s->state[i]);
}
