// SPDX-License-Identifier: GPL-2.0-only
/*
 * Intel VT-d: what the switch builds on a unit, given its registers: form,
 * stage and depth of the tables, the way of invalidation, and how much memory
 * they take. Asked at the crash, and when a crash kernel is loaded.
 */
#include "iommu.h"
#include "vtd.h"
#include "tables.h"

static u32 deepest(const struct iommu_config *c)
{
	u32 level = VTD_LEVELS_MAX;

	while (level && !c->levels_ok[level])
		level--;
	return level;
}

static bool scalable_ok(const struct iommu_config *c)
{
	return c->ecap & ECAP_SMTS && c->ecap & (ECAP_SSTS | ECAP_FSTS);
}

/* Highest level whose entries may map a page; 1: no large pages. */
static u32 large_level(const struct iommu_config *c, bool first_stage,
		       u32 levels)
{
	bool page_2m = first_stage || c->page_2m;
	bool page_1g = first_stage ? c->cap & CAP_FS1GP : c->page_1g;
	u32 large = page_2m && page_1g ? 3 : page_2m ? 2 : 1;

	return large < levels ? large : levels;
}

/* False: the unit has no such stage. */
static bool page_form(const struct iommu_config *c, bool first_stage,
		      struct own_form *form)
{
	u32 levels = first_stage ? 4 : deepest(c);
	/* The lower canonical half of a first-stage table. */
	u32 bits = first_stage ? 47 : 12 + 9 * levels;

	if (!first_stage && c->address_bits < bits)
		bits = c->address_bits;
	*form = (struct own_form){
		.table = { .format = first_stage ? &vtd_first_stage
						 : &vtd_second_stage,
			   .levels = levels },
		.large = large_level(c, first_stage, levels),
		.bits = bits,
	};
	return levels && (!first_stage || c->ecap & ECAP_FSTS);
}

/*
 * The crash kernel turns translation off when the table form is not the one
 * it would use itself, so the form stays as found. A unit that was never set
 * up says nothing: then it is the form that Linux prefers.
 */
int vtd_choose_form(const struct iommu_config *c, bool *scalable,
		    struct own_form *form, const char **why)
{
	bool keep = c->form == TTM_LEGACY ||
		    (c->form == TTM_SCALABLE && scalable_ok(c));

	*why = "";
	*scalable = c->form == TTM_SCALABLE;
	if (!c->on && !c->root)
		keep = false;
	else if (!keep && c->on && !(c->cap & CAP_ESRTPS))
		/* TTM may change under TE only with ESRTPS (11.4.5). */
		*why = "has tables of a form that we don't build, and can't "
		       "change that while translation is on (no ESRTPS)";
	/* So may SSIRWE; and tables that are kept need it. No Linux sets it. */
	if (c->on && vtd_own(c)->io_rw)
		*why = "runs with SSIRWE set, which we build no tables for";
	if (!keep)
		*scalable = scalable_ok(c);
	if (!page_form(c, *scalable && !(c->ecap & ECAP_SSTS), form))
		*why = "walks no depth of page tables that we build";
	return **why ? IOMMU_EUNSUPPORTED : IOMMU_OK;
}

int vtd_choose_invalidation(const struct iommu_config *c, bool scalable,
			    enum iommu_invalidation *how, const char **why)
{
	*why = "";
	*how = IOMMU_INVALIDATION_NONE;
	if (c->ecap & ECAP_QI)
		*how = IOMMU_INVALIDATION_QUEUED;
	/* Register-based is ignored in any other case (11.4.6). */
	else if (!scalable && field(VTD_VER_MAJOR, c->version) < 6)
		*how = IOMMU_INVALIDATION_REGISTERS;
	/* SRTP has invalidated everything by itself (11.4.4.1). */
	else if (!(c->cap & CAP_ESRTPS))
		*why = "has no way to invalidate its caches that we know";
	return **why ? IOMMU_EUNSUPPORTED : IOMMU_OK;
}

int vtd_can(const struct iommu_config *c, const struct iommu_demand *d,
	    const char **why)
{
	struct own_form form;
	bool scalable;
	enum iommu_invalidation how;
	int err;

	(void)d; /* all modes take the same tables */
	*why = "";
	if (!c->cap) /* nothing is known of it */
		return IOMMU_OK;
	err = vtd_choose_form(c, &scalable, &form, why);
	return err ? err : vtd_choose_invalidation(c, scalable, &how, why);
}

/* --- how much memory that may take --- */

#define QUEUE_PAGES 2 /* quiesce.c: descriptors, status word */
/* A PASID structure, two pages, and a shared context table. */
#define TARGET_PAGES 3

static u32 buses_of(const struct iommu_demand *d)
{
	u32 bus, n = 0;

	for (bus = 0; bus < VTD_BUSES; bus++)
		n += iommu_planned(d->ranges, d->ranges_n, bus << 8,
				   bus << 8 | 0xff);
	return n;
}

/* Of the stage that takes more, where it is not known which it will be. */
static u64 table_need(const struct iommu_config *c, bool either,
		      enum target target, const struct iommu_demand *d)
{
	u64 need, most = 0;
	struct own_form form;
	u32 stage;

	for (stage = 0; stage <= either; stage++) {
		if (!page_form(c, stage, &form))
			continue;
		need = own_table_need(&form, target, d->guards, d->ram_end);
		if (target == TARGET_GUARD)
			need += own_punch_need(&form, d->requesters);
		if (need > most)
			most = need;
	}
	return most;
}

/* A unit of which nothing is known: the most that one may be. */
static const struct iommu_config unknown = {
	.ecap = ECAP_SMTS | ECAP_FSTS,
	.levels_ok = { [VTD_LEVELS_MAX] = true },
	.address_bits = 12 + 9 * VTD_LEVELS_MAX,
	.page_2m = true,
};

u64 vtd_arena_need(const struct iommu_config *c, const struct iommu_demand *d)
{
	u32 halves, own;
	bool either;
	u64 pages = QUEUE_PAGES + 1 + 2 * TARGET_PAGES, bytes;

	if (!c->cap)
		c = &unknown;
	halves = scalable_ok(c) ? 2 : 1;
	either = halves > 1 && !(c->ecap & ECAP_SSTS);
	if (!iommu_mode_switches(d->mode))
		return 0;
	bytes = table_need(c, either, TARGET_EMPTY, d) +
		table_need(c, either, TARGET_SINK, d);
	if (d->mode == IOMMU_MODE_COPY || d->overrides) {
		bytes += table_need(c, either, TARGET_GUARD, d);
		pages += TARGET_PAGES;
		if (halves > 1)
			pages += 2ULL * d->requesters;
	}
	if (d->mode == IOMMU_MODE_COPY)
		pages += buses_of(d) * halves;
	own = VTD_BUSES * halves;
	pages += d->overrides < own ? d->overrides : own;
	return pages * PAGE_4K + bytes;
}
