// SPDX-License-Identifier: GPL-2.0-only
/*
 * What each vendor's switch does alike: what is wanted, what went wrong, who was
 * led where.
 */
#include "quiesce.h"
#include "env.h"

/* No register read is faster than 1/8 us. */
#define POLLS_PER_US 8
#define POLLS_MIN 1000

void quiesce_start(struct quiesce *s, struct iommu_quiesce *q,
		   struct iommu_result *res)
{
	memset(s, 0, sizeof(*s));
	s->q = q;
	s->res = res;
	s->time_left = q->budget_us;
	s->polls_left = (u64)q->budget_us * POLLS_PER_US + POLLS_MIN;
	memset(res, 0, sizeof(*res));
	res->outcome = IOMMU_LEFT;
}

bool quiesce_wanted(struct quiesce *s)
{
	const struct iommu_quiesce *q = s->q;

	if (q->mode == IOMMU_MODE_RECORD)
		s->res->outcome = IOMMU_READ_ONLY;
	else if (!iommu_mode_switches(q->mode))
		quiesce_fail(s, IOMMU_EUNSUPPORTED, 0, 0, q->mode, 0);
	else if (!q->mem->write || !q->arena)
		quiesce_fail(s, IOMMU_ENOSPACE, IOMMU_AT_ROOT, 0, 0, 0);
	else
		return true;
	return false;
}

int quiesce_fail(struct quiesce *s, u32 err, u32 level, u64 where, u64 raw0,
		 u64 raw1)
{
	struct iommu_result *res = s->res;

	if (!res->err) {
		res->err = err;
		res->evidence.err = err;
		res->evidence.level = level;
		res->evidence.where = where;
		res->evidence.raw[0] = raw0;
		res->evidence.raw[1] = raw1;
		res->evidence.raw_words = 2;
	}
	return err;
}

void quiesce_report(struct quiesce *s, const struct iommu_evidence *ev,
		    u32 mode)
{
	if (s->q->report)
		s->q->report(s->q->report_arg, ev, mode);
}

void quiesce_count(struct quiesce *s, enum target target, u32 n)
{
	struct iommu_result *res = s->res;

	if (target == TARGET_SINK)
		res->sunk += n;
	else if (target == TARGET_GUARD)
		res->guarded += n;
	else
		res->aborted += n;
}

/* As what a target is reported. */
static const u8 target_mode[TARGETS] = {
	[TARGET_EMPTY] = IOMMU_MODE_ABORT,
	[TARGET_SINK] = IOMMU_MODE_SINK,
	[TARGET_GUARD] = IOMMU_MODE_COPY,
	[TARGET_PASS] = IOMMU_MODE_COPY,
};

bool quiesce_kept(struct quiesce *s, enum fate fate, int guard_err,
		  struct iommu_evidence *ev, enum target *id)
{
	if (fate == FATE_KEEP) {
		s->res->kept++;
		return true;
	}
	*id = TARGET_EMPTY;
	if (fate == FATE_GUARD) {
		ev->err = guard_err;
		*id = guard_err ? TARGET_EMPTY : TARGET_GUARD;
	}
	if (ev->err && ev->err != IOMMU_ESTALE)
		s->res->bad++;
	quiesce_report(s, ev, target_mode[*id]);
	return false;
}

const struct iommu_override *quiesce_override(const struct quiesce *s,
					      u32 requester)
{
	const struct iommu_quiesce *q = s->q;
	u32 lo = 0, hi = q->overrides_n, mid;
	const struct iommu_override *o;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		o = &q->overrides[mid];
		if (o->unit > q->unit ||
		    (o->unit == q->unit && o->requester >= requester))
			hi = mid;
		else
			lo = mid + 1;
	}
	o = &q->overrides[lo];
	return lo < q->overrides_n && o->unit == q->unit ? o : NULL;
}

bool iommu_planned(const struct iommu_range *range, u32 n, u32 first, u32 last)
{
	u32 lo = 0, hi = n, mid;

	if (!n)
		return true;
	/* The first that does not end before @first. */
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (range[mid].last >= first)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo < n && range[lo].first <= last;
}

u64 quiesce_alloc(struct quiesce *s, u64 len, u64 align)
{
	return iommu_arena_alloc(s->q->arena, s->q->mem, len, align);
}

void quiesce_write(struct quiesce *s, u64 where, const void *data, u32 len)
{
	int err = s->q->mem->write(s->q->mem, where, data, len);

	if (err && !s->write_err)
		s->write_err = err;
}

void quiesce_fill(struct quiesce *s, u64 where, u64 len, const u64 *words,
		  u32 n)
{
	u64 buf[64];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(buf); i++)
		buf[i] = words[i % n];
	for (; len >= sizeof(buf); len -= sizeof(buf), where += sizeof(buf))
		quiesce_write(s, where, buf, sizeof(buf));
	if (len)
		quiesce_write(s, where, buf, (u32)len);
}
