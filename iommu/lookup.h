/* SPDX-License-Identifier: GPL-2.0-only */
/* What the vendors' decoders share: how they say what stops a request. */
#ifndef IOMMU_LOOKUP_H
#define IOMMU_LOOKUP_H

#include "iommu.h"

struct lookup {
	const struct iommu_config *c;
	struct mem *m;
	u32 requester; /* or stream */
	struct iommu_domain *d;
	struct iommu_evidence *ev;
};

/* Fills in the evidence, and returns @err. */
int lookup_wrong(struct lookup *l, u32 err, u32 level, u64 where,
		 const u64 *raw, u32 words);
/* Reads @words at @where; an error is evidence as well. */
int lookup_fetch(struct lookup *l, u32 level, u64 where, u64 *raw, u32 words);

/* Text in place, not pointed at: such tables need no relocation. */
struct fault_text {
	u8 reason;
	char text[56];
};

const char *fault_text_of(const struct fault_text *table, u32 n, u32 reason);

#endif
