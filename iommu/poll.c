// SPDX-License-Identifier: GPL-2.0-only
/*
 * Polls of a unit that may never answer. Each has a bound in time and, should
 * the clock stand still, in number; all of a unit share one budget.
 */
#include "quiesce.h"

struct poll poll_start(struct quiesce *s, u32 share)
{
	struct mmio *r = s->q->mmio;

	return (struct poll){ .start = r->now_us(r),
			      .time = s->time_left / share,
			      .polls = s->polls_left / share };
}

bool poll_again(struct quiesce *s, struct poll *p)
{
	struct mmio *r = s->q->mmio;

	if (!p->polls)
		return false;
	p->polls--;
	s->polls_left--;
	return r->now_us(r) - p->start < p->time;
}

void poll_end(struct quiesce *s, const struct poll *p)
{
	struct mmio *r = s->q->mmio;
	u64 spent = r->now_us(r) - p->start;

	s->time_left -= spent < s->time_left ? spent : s->time_left;
}

int poll_reg(struct quiesce *s, u32 off, u32 width, u64 mask, u64 want,
	     u32 share)
{
	struct poll p = poll_start(s, share);
	struct mmio *r = s->q->mmio;
	bool more;
	u64 val;

	do {
		more = poll_again(s, &p);
		val = width == 8 ? r->read64(r, off) : r->read32(r, off);
	} while ((val & mask) != want && more);
	poll_end(s, &p);
	if ((val & mask) == want)
		return IOMMU_OK;
	return quiesce_fail(s, IOMMU_ETIMEOUT, IOMMU_AT_REGISTER, off, val,
			    mask);
}
