// SPDX-License-Identifier: GPL-2.0-only
/* What stops a request, said as evidence; texts of faults. */
#include "lookup.h"
#include "env.h"

int lookup_wrong(struct lookup *l, u32 err, u32 level, u64 where,
		 const u64 *raw, u32 words)
{
	memset(l->ev, 0, sizeof(*l->ev));
	l->ev->err = err;
	l->ev->level = level;
	l->ev->where = where;
	l->ev->requester = l->requester;
	l->ev->raw_words = words;
	if (words)
		memcpy(l->ev->raw, raw, words * sizeof(*raw));
	return err;
}

int lookup_fetch(struct lookup *l, u32 level, u64 where, u64 *raw, u32 words)
{
	int err = mem_read(l->m, where, raw, words * sizeof(*raw));

	return err ? lookup_wrong(l, err, level, where, NULL, 0) : IOMMU_OK;
}

const char *fault_text_of(const struct fault_text *table, u32 n, u32 reason)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (table[i].reason == reason)
			return table[i].text;
	return "unknown reason";
}

u32 iommu_shared_by(const struct iommu_vendor *v, const struct iommu_config *c,
		    const struct iommu_evidence *ev)
{
	if (ev->level == IOMMU_AT_REGISTER)
		return 0;
	return v->shared_by ? v->shared_by(c, ev) : 1;
}
