/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SHA-256 (FIPS 180-4). The plain C and the CPU's instructions share all but
 * the function that takes in whole blocks. Hosted and freestanding.
 */
#ifndef SHA256_H
#define SHA256_H

#include "base.h"

#define SHA256_BLOCK 64
#define SHA256_DIGEST 32

/* Takes in @n blocks of 64 bytes. */
typedef void sha256_blocks_fn(u32 state[8], const u8 *data, u64 n);

struct sha256 {
	u32 state[8];
	u64 len; /* bytes so far */
	sha256_blocks_fn *blocks;
	u8 rest[SHA256_BLOCK]; /* len % 64 bytes */
};

/* Plain C, for any CPU. */
sha256_blocks_fn sha256_blocks_c;

/* purgatory/ARCH/sha256_cpu.c: */

/* The fastest function that needs general registers only. */
sha256_blocks_fn *sha256_plain(void);
/*
 * With the CPU's own SHA-256 instructions. Only where
 * sha256_cpu_has(), and in the purgatory after struct machine's sha_begin.
 */
sha256_blocks_fn sha256_blocks_cpu;
bool sha256_cpu_has(void);
/*
 * The fastest function that needs vector registers, but no such instructions;
 * NULL when there is none for this CPU. In the purgatory, after sha_begin.
 */
sha256_blocks_fn *sha256_vector(void);

/* For hosted callers: the fastest function of this CPU. */
static inline sha256_blocks_fn *sha256_best(void)
{
	sha256_blocks_fn *vector = sha256_vector();

	if (sha256_cpu_has())
		return sha256_blocks_cpu;
	return vector ? vector : sha256_plain();
}

void sha256_init(struct sha256 *s, sha256_blocks_fn *blocks);
void sha256_update(struct sha256 *s, const void *data, u64 len);
void sha256_final(struct sha256 *s, u8 digest[SHA256_DIGEST]);

#endif
