// SPDX-License-Identifier: GPL-2.0-only
/* Puts notes, registers and memory together: unit by unit, entry by entry. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../dump/formats.h"
#include "answers.h"

const struct crash_unit *view_crash_unit(const struct dump *d, u32 unit)
{
	size_t i;

	for (i = 0; i < d->crash.unit_n; i++)
		if (d->crash.unit[i].unit == unit)
			return &d->crash.unit[i];
	return NULL;
}

const struct iommu_regs *view_regs(const struct dump *d, u32 unit)
{
	const struct crash_unit *cu = view_crash_unit(d, unit);
	const struct iommu_regs *regs = &d->facts.unit[unit].regs;

	if (cu && cu->has_regs)
		regs = &cu->regs;
	return regs->n ? regs : NULL;
}

int view_config(const struct dump *d, u32 unit, enum view_when when,
		struct iommu_config *c, bool *fallback)
{
	const struct fact_unit *u = &d->facts.unit[unit];
	const struct iommu_vendor *v = iommu_vendor(u->vendor);
	const struct crash_unit *cu = view_crash_unit(d, unit);
	const struct iommu_regs *regs = &u->regs;
	bool crash = when == VIEW_CRASH && cu && cu->has_regs;

	if (fallback)
		*fallback = when == VIEW_CRASH && !crash;
	if (crash)
		regs = &cu->regs;
	if (!v)
		return IOMMU_EUNSUPPORTED;
	return regs->n || v->no_tables ? v->describe(regs, c) : IOMMU_EREAD;
}

/* --- the load-time tables as memory --- */

struct load_mem {
	struct mem mem;
	size_t n;
	const struct fact_table *table[];
};

static int by_phys(const void *a, const void *b)
{
	const struct fact_table *x = *(const struct fact_table *const *)a;
	const struct fact_table *y = *(const struct fact_table *const *)b;

	return x->phys < y->phys ? -1 : x->phys > y->phys;
}

static int load_read(struct mem *mem, u64 phys, void *buf, u32 len)
{
	struct load_mem *m = (struct load_mem *)mem;
	const struct fact_table *t;
	size_t lo = 0, hi = m->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (m->table[mid]->phys <= phys)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo)
		return IOMMU_EREAD;
	t = m->table[lo - 1];
	if (phys - t->phys > t->len || len > t->len - (phys - t->phys))
		return IOMMU_EREAD;
	memcpy(buf, t->bytes + (phys - t->phys), len);
	return IOMMU_OK;
}

struct mem *view_mem(struct dump *d, enum view_when when)
{
	struct dump_priv *v = d->priv;
	struct load_mem *m;
	size_t i;

	if (when == VIEW_CRASH)
		return d->mem;
	if (v->load || !d->facts.table_n)
		return v->load;
	m = calloc(1, sizeof(*m) + d->facts.table_n * sizeof(*m->table));
	if (!m)
		return NULL;
	m->mem.read = load_read;
	m->n = d->facts.table_n;
	for (i = 0; i < m->n; i++)
		m->table[i] = &d->facts.table[i];
	qsort(m->table, m->n, sizeof(*m->table), by_phys);
	v->load = &m->mem;
	return v->load;
}

/* --- after the purgatory --- */

static enum view_after after_mode(u32 mode)
{
	switch (mode) {
	case IOMMU_MODE_OFF:
	case IOMMU_MODE_RECORD:
		return AFTER_SAME;
	case IOMMU_MODE_ABORT:
		return AFTER_ABORTED;
	case IOMMU_MODE_SINK:
		return AFTER_SUNK;
	}
	return AFTER_UNKNOWN;
}

/* In copy mode: is there something that could be kept? */
static enum view_after after_copy(const struct dump *d, u32 unit, u32 requester)
{
	const struct iommu_vendor *v = iommu_vendor(d->facts.unit[unit].vendor);
	struct iommu_evidence ev;
	struct iommu_domain dom;
	struct iommu_config c;
	size_t i;

	if (view_config(d, unit, VIEW_CRASH, &c, NULL))
		return AFTER_UNKNOWN;
	if (!c.on)
		return AFTER_GUARDED;
	for (i = 0; v && v->concerns && i < d->crash.entry_n; i++)
		if (d->crash.entry[i].unit == unit &&
		    v->concerns(&c, &d->crash.entry[i].evidence, requester))
			return AFTER_ABORTED;
	if (!v || !d->mem)
		return AFTER_UNKNOWN;
	memset(&dom, 0, sizeof(dom));
	memset(&ev, 0, sizeof(ev));
	if (v->lookup(&c, d->mem, requester, ~0u, &dom, &ev))
		return AFTER_UNKNOWN;
	return dom.kind == IOMMU_KIND_BLOCKED ? AFTER_ABORTED : AFTER_KEPT;
}

enum view_after view_after(const struct dump *d, u32 unit, u32 requester)
{
	const struct crash_unit *cu = view_crash_unit(d, unit);
	size_t device, i;
	u32 mode;

	if (!cu || !cu->has_action)
		return AFTER_UNKNOWN;
	if (cu->action.result.outcome == IOMMU_LEFT ||
	    cu->action.result.outcome == IOMMU_READ_ONLY)
		return AFTER_SAME;
	if (cu->action.result.outcome != IOMMU_DONE &&
	    cu->action.result.outcome != IOMMU_PARTLY)
		return AFTER_UNKNOWN;
	for (i = 0; i < d->crash.entry_n; i++) {
		const struct rec_entry *e = &d->crash.entry[i];

		if (e->unit == unit && e->evidence.requester == requester)
			return e->mode == IOMMU_MODE_COPY ? AFTER_GUARDED
							  : after_mode(e->mode);
	}
	mode = cu->action.mode;
	if (view_devices(d, unit, requester, &device, 1))
		mode = decided_device(&d->decisions, device).mode;
	return mode == IOMMU_MODE_COPY ? after_copy(d, unit, requester)
				       : after_mode(mode);
}
