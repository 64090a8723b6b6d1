// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>

#include "probe.h"

static bool predict(struct cases *c, const struct iommu_vendor *v,
		    const struct probe *d, struct prediction *p)
{
	struct iommu_fault_raw none;
	u32 n = 0;

	memset(p, 0, sizeof(*p));
	p->regs = (struct iommu_regs)IOMMU_REGS(p->reg);
	if (v->snapshot(&c->q.unit.mmio, &p->regs, &none, &n) ||
	    v->describe(&p->regs, &p->c) || !p->c.on)
		return cases_bad(c, "the library sees no unit that is on", "");
	p->err = v->lookup(&p->c, &c->q.mem.mem, d->edu->requester, ~0u, &p->d,
			   &p->ev);
	p->silent = p->d.fault_off;
	if (!p->err && p->d.kind == IOMMU_KIND_BLOCKED)
		p->err = p->ev.err;
	else if (!p->err)
		p->err = iommu_translate(&p->c, &c->q.mem.mem, &p->d, d->iova,
					 d->write ? IOMMU_W : IOMMU_R, &p->x,
					 &p->ev);
	return true;
}

static void do_write(struct cases *c, const struct probe *d)
{
	u64 word = qtest_pattern(&c->q), at = 0;
	u32 found;

	edu_write(&c->q, d->edu, d->iova, &word, sizeof(word));
	found = qtest_find(&c->q, word, &at);
	if (found != d->lands || (found && at != d->pa))
		cases_wrong(c, "the unit: %u times, at 0x%" PRIx64, found, at);
}

static void do_read(struct cases *c, const struct probe *d)
{
	u64 word = qtest_pattern(&c->q), got = 0;

	if (d->lands)
		qtest_write64(&c->q, d->pa, word);
	edu_read(&c->q, d->edu, d->iova, &got, sizeof(got));
	if ((got == word) != d->lands)
		cases_wrong(c, "the unit %s the read",
			    got == word ? "allows" : "refuses");
}

bool probe(struct cases *c, u32 vendor, const struct probe *d,
	   struct prediction *p)
{
	if (!predict(c, iommu_vendor(vendor), d, p))
		return false;
	if (!p->err != d->lands || (d->lands && p->x.pa != d->pa))
		cases_wrong(c,
			    "walker: %s, 0x%" PRIx64 " (level %u, 0x%" PRIx64
			    ")",
			    iommu_err_text(p->err), p->x.pa, p->ev.level,
			    p->ev.where);
	if (d->write)
		do_write(c, d);
	else
		do_read(c, d);
	return true;
}
