// SPDX-License-Identifier: GPL-2.0-only
/* Has the purgatory look at a plan that lies where it was planned to. */
#include <string.h>
#include "../../purgatory/purgatory.h"
#include "sha256.h"

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
	u8 digest[SHA256_DIGEST];
	struct sha256 s;

	/* Plain C: kexec used the CPU's instructions where it has them. */
	sha256_init(&s, sha256_blocks_c);
	for (u32 i = 0; i < h->regions.n; i++)
		sha256_update(&s, (const void *)(uintptr_t)r[i].start,
			      r[i].len);
	sha256_final(&s, digest);
	return !memcmp(digest, h->digest, sizeof(digest));
}
