/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The digest of the next kernel's image, of which handover.h says what it is.
 * kexec computes it when it loads, the purgatory before it jumps.
 */
#ifndef IMAGE_DIGEST_H
#define IMAGE_DIGEST_H

#include "sha256.h"

struct image_digest {
	struct sha256_way way;
	struct sha256 root;
	struct sha256_lanes lanes;
};

void image_digest_init(struct image_digest *d, const struct sha256_way *way);
/* Takes in a region; the caller keeps their order. */
void image_digest_region(struct image_digest *d, const u8 *data, u64 len);
void image_digest_final(struct image_digest *d, u8 digest[SHA256_DIGEST]);

#endif
