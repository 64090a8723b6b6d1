/* SPDX-License-Identifier: GPL-2.0-only */
/* SHA-256 in plain C, after FIPS 180-4 sections 5.1.1 and 5.3.3. */
#include <string.h>
#include "sha256.h"
#include "sha256_block.h"

static inline void store_be32(u8 *p, u32 v)
{
	v = __builtin_bswap32(v);
	memcpy(p, &v, sizeof(v));
}

void sha256_blocks_c(u32 state[8], const u8 *data, u64 n)
{
	for (; n; n--, data += SHA256_BLOCK)
		sha256_one_block(state, data);
}

void sha256_init(struct sha256 *s, sha256_blocks_fn *blocks)
{
	/* FIPS 180-4 section 5.3.3 */
	static const u32 start[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372,
				      0xa54ff53a, 0x510e527f, 0x9b05688c,
				      0x1f83d9ab, 0x5be0cd19 };

	memcpy(s->state, start, sizeof(start));
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
	store_be32(s->rest + SHA256_BLOCK - 8, bits >> 32);
	store_be32(s->rest + SHA256_BLOCK - 4, bits);
	s->blocks(s->state, s->rest, 1);
	for (i = 0; i < 8; i++)
		store_be32(digest + 4 * i, s->state[i]);
}
