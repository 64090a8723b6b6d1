/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SHA-256 (FIPS 180-4) of one message, and of several side by side, by what
 * the CPU has for it. Hosted and freestanding.
 */
#ifndef SHA256_H
#define SHA256_H

#include "base.h"

#define SHA256_BLOCK 64
#define SHA256_DIGEST 32
#define SHA256_ROUNDS 64
#define SHA256_LANES_MAX 16

/* FIPS 180-4 sections 5.3.3 and 4.2.2 */
extern const u32 sha256_start[8];
extern const u32 sha256_k[SHA256_ROUNDS];

/* Takes in @n blocks of 64 bytes. */
typedef void sha256_blocks_fn(u32 state[8], const u8 *data, u64 n);

/*
 * Messages side by side, one a lane. With W of them, word i of lane j is
 * element i * W + j of state and of w.
 */
struct sha256_lanes {
	u32 state[8 * SHA256_LANES_MAX];
	u32 w[SHA256_ROUNDS * SHA256_LANES_MAX]; /* the function's work space */
	const u8 *data[SHA256_LANES_MAX];
} __attribute__((aligned(64)));

/* Takes in @n blocks of each lane, from its data on. */
typedef void sha256_lanes_fn(struct sha256_lanes *l, u64 n);

/* One thing that a CPU may have for SHA-256. */
struct sha256_variant {
	const char *name;
	bool (*usable)(void); /* by this CPU, as it is set up now */
	bool vector;	      /* needs vector registers */
	bool by_cpu;	      /* the CPU's own SHA-256 instructions */
	u32 width;	      /* lanes that it works on, 0: none */
	sha256_lanes_fn *lanes;
	sha256_blocks_fn *blocks; /* NULL: none faster than those after it */
};

/*
 * purgatory/ARCH/sha256_cpu.c: all of them, the fastest first. The last one
 * is usable by any CPU.
 */
const struct sha256_variant *sha256_variants(u32 *n);

/* What to compute with: functions of one variant or of two. */
struct sha256_way {
	sha256_blocks_fn *blocks;
	sha256_lanes_fn *lanes; /* NULL: none */
	u32 width;
	bool by_cpu; /* most of the work is done by SHA-256 instructions */
};

/* The fastest way of those variants that are usable, from number @from on. */
struct sha256_way sha256_way(u32 from);
/* The fastest way that needs general registers only. */
struct sha256_way sha256_plain(void);

/* Plain C, for any CPU. */
sha256_blocks_fn sha256_blocks_c;

struct sha256 {
	u32 state[8];
	u64 len; /* bytes so far */
	sha256_blocks_fn *blocks;
	u8 rest[SHA256_BLOCK]; /* len % 64 bytes */
};

void sha256_init(struct sha256 *s, sha256_blocks_fn *blocks);
void sha256_update(struct sha256 *s, const void *data, u64 len);
void sha256_final(struct sha256 *s, u8 digest[SHA256_DIGEST]);

/* A digest from the words that are its state: most significant byte first. */
static inline void sha256_store(u8 *p, u32 word)
{
	word = __builtin_bswap32(word);
	__builtin_memcpy(p, &word, sizeof(word));
}

#endif
