// SPDX-License-Identifier: GPL-2.0-only
/* Has the purgatory look at a plan that lies where it was planned to. */
#include <string.h>
#include "../../purgatory/purgatory.h"

u32 contract_check(const struct handover *h, const struct span *image);
bool contract_digest(const struct handover *h);

u32 contract_check(const struct handover *h, const struct span *image)
{
	struct checked_plan pl;

	return plan_check(&pl, h, image);
}

bool contract_digest(const struct handover *h)
{
	const struct span *r =
		(const void *)(uintptr_t)(h->plan.start + h->regions.offset);
	/* kexec used what the CPU has of vector registers. */
	struct sha256_way plain = sha256_plain();
	struct image_digest d;
	u8 digest[SHA256_DIGEST];

	image_digest_init(&d, &plain);
	for (u32 i = 0; i < h->regions.n; i++)
		image_digest_region(&d, (const u8 *)(uintptr_t)r[i].start,
				    r[i].len);
	image_digest_final(&d, digest);
	return !memcmp(digest, h->digest, sizeof(digest));
}
