/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The digest of the image: a tree of two levels over chunks of one length, so
 * that as many of them are digested side by side as the CPU has lanes for.
 */
#include <string.h>
#include "handover.h"
#include "image_digest.h"

/* What FIPS 180-4 section 5.1.1 appends to a message of one whole chunk. */
static const u8 chunk_padding[SHA256_BLOCK] = {
	[0] = 0x80,
	[SHA256_BLOCK - 3] = (u8)(HANDOVER_CHUNK * 8 >> 16),
	[SHA256_BLOCK - 2] = (u8)(HANDOVER_CHUNK * 8 >> 8),
	[SHA256_BLOCK - 1] = (u8)(HANDOVER_CHUNK * 8),
};
static_assert(HANDOVER_CHUNK % SHA256_BLOCK == 0 &&
		      HANDOVER_CHUNK * 8 < 1 << 24,
	      "the padding of a chunk is one block with a length of 3 bytes");

void image_digest_init(struct image_digest *d, const struct sha256_way *way)
{
	d->way = *way;
	sha256_init(&d->root, way->blocks);
}

static void digest_one(struct image_digest *d, const u8 *data, u64 len)
{
	u8 digest[SHA256_DIGEST];
	struct sha256 s;

	sha256_init(&s, d->way.blocks);
	sha256_update(&s, data, len);
	sha256_final(&s, digest);
	sha256_update(&d->root, digest, sizeof(digest));
}

/* Lane @i's digest goes to the root. */
static void lane_to_root(struct image_digest *d, u32 i)
{
	u8 digest[SHA256_DIGEST];
	u32 word;

	for (word = 0; word < 8; word++)
		sha256_store(digest + 4 * word,
			     d->lanes.state[word * d->way.width + i]);
	sha256_update(&d->root, digest, sizeof(digest));
}

/* @n whole chunks, at most one a lane. Lanes left over do the first again. */
static void digest_side_by_side(struct image_digest *d, const u8 *data, u32 n)
{
	struct sha256_lanes *l = &d->lanes;
	u32 width = d->way.width, i;

	for (i = 0; i < 8 * width; i++)
		l->state[i] = sha256_start[i / width];
	for (i = 0; i < width; i++)
		l->data[i] = data + (i < n ? i : 0) * (u64)HANDOVER_CHUNK;
	d->way.lanes(l, HANDOVER_CHUNK / SHA256_BLOCK);
	for (i = 0; i < width; i++)
		l->data[i] = chunk_padding;
	d->way.lanes(l, 1);
	for (i = 0; i < n; i++)
		lane_to_root(d, i);
}

void image_digest_region(struct image_digest *d, const u8 *data, u64 len)
{
	while (len) {
		u64 n = len / HANDOVER_CHUNK, take;

		if (n > d->way.width)
			n = d->way.width;
		/* One alone is done sooner as a message of its own. */
		if (n > 1) {
			take = n * HANDOVER_CHUNK;
			digest_side_by_side(d, data, n);
		} else {
			take = len < HANDOVER_CHUNK ? len : HANDOVER_CHUNK;
			digest_one(d, data, take);
		}
		data += take;
		len -= take;
	}
}

void image_digest_final(struct image_digest *d, u8 digest[SHA256_DIGEST])
{
	sha256_final(&d->root, digest);
}
