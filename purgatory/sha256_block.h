/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One block of SHA-256 in plain C, after FIPS 180-4 section 6.2.2: a header,
 * so that it can be compiled for more than one kind of CPU.
 */
#ifndef PURGATORY_SHA256_BLOCK_H
#define PURGATORY_SHA256_BLOCK_H

#include <string.h>
#include "sha256.h"

/* FIPS 180-4 section 4.2.2 */
static const u32 sha256_k[64] __attribute__((aligned(16))) = {
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

static inline u32 sha256_ror(u32 x, unsigned int n)
{
	return x >> n | x << (32 - n);
}

static inline u32 sha256_load(const u8 *p)
{
	u32 v;

	memcpy(&v, p, sizeof(v));
	return __builtin_bswap32(v);
}

/*
 * One round. Instead of moving the eight words on, the caller names them in
 * rotated order; eight rounds bring them back to their places.
 */
#define SHA256_ROUND(a, b, c, d, e, f, g, h, kw)                  \
	do {                                                      \
		u32 t1_ = (h) +                                   \
			  (sha256_ror(e, 6) ^ sha256_ror(e, 11) ^ \
			   sha256_ror(e, 25)) +                   \
			  ((g) ^ ((e) & ((f) ^ (g)))) + (kw);     \
		u32 t2_ = (sha256_ror(a, 2) ^ sha256_ror(a, 13) ^ \
			   sha256_ror(a, 22)) +                   \
			  ((((a) ^ (b)) & ((b) ^ (c))) ^ (b));    \
		(d) += t1_;                                       \
		(h) = t1_ + t2_;                                  \
	} while (0)

/* Message word @i of the next sixteen, in place of the one 16 before. */
static inline u32 sha256_next_word(u32 *w, unsigned int i)
{
	u32 w15 = w[(i + 1) & 15], w2 = w[(i + 14) & 15];

	w[i & 15] += (sha256_ror(w15, 7) ^ sha256_ror(w15, 18) ^ w15 >> 3) +
		     w[(i + 9) & 15] +
		     (sha256_ror(w2, 17) ^ sha256_ror(w2, 19) ^ w2 >> 10);
	return w[i & 15];
}

/*
 * Eight rounds, the first of them number @i + @j. @j alone picks the message
 * words, so that they stay constant offsets in a loop over @i.
 */
#define SHA256_EIGHT(word, i, j)                        \
	do {                                            \
		const u32 *k_ = sha256_k + (i) + (j);   \
		SHA256_ROUND(a, b, c, d, e, f, g, h,    \
			     k_[0] + word(w, (j) + 0)); \
		SHA256_ROUND(h, a, b, c, d, e, f, g,    \
			     k_[1] + word(w, (j) + 1)); \
		SHA256_ROUND(g, h, a, b, c, d, e, f,    \
			     k_[2] + word(w, (j) + 2)); \
		SHA256_ROUND(f, g, h, a, b, c, d, e,    \
			     k_[3] + word(w, (j) + 3)); \
		SHA256_ROUND(e, f, g, h, a, b, c, d,    \
			     k_[4] + word(w, (j) + 4)); \
		SHA256_ROUND(d, e, f, g, h, a, b, c,    \
			     k_[5] + word(w, (j) + 5)); \
		SHA256_ROUND(c, d, e, f, g, h, a, b,    \
			     k_[6] + word(w, (j) + 6)); \
		SHA256_ROUND(b, c, d, e, f, g, h, a,    \
			     k_[7] + word(w, (j) + 7)); \
	} while (0)

#define SHA256_WORD(w, i) (w[i])

static inline __attribute__((always_inline)) void
sha256_one_block(u32 s[8], const u8 *data)
{
	u32 a = s[0], b = s[1], c = s[2], d = s[3];
	u32 e = s[4], f = s[5], g = s[6], h = s[7];
	u32 w[16];
	unsigned int i;

	for (i = 0; i < 16; i++)
		w[i] = sha256_load(data + 4 * i);
	SHA256_EIGHT(SHA256_WORD, 0, 0);
	SHA256_EIGHT(SHA256_WORD, 0, 8);
	for (i = 16; i < 64; i += 16) {
		SHA256_EIGHT(sha256_next_word, i, 0);
		SHA256_EIGHT(sha256_next_word, i, 8);
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

#endif
