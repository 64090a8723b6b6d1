/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Step 1: is the plan what kexec wrote? It has lain in memory that a device
 * may have written to since. The checksum finds that; the rules behind it
 * find a kexec that does not keep the contract (handover.h).
 */
#include "../iommu/env.h"
#include "purgatory.h"

#define BUDGET_US_MAX 60000000u
/* Of the note behind the plan, while the checksum does not vouch for it. */
#define NOTE_DISTANCE_MAX KIB(64)

u32 plan_check_head(const struct handover *h)
{
	if (h->magic != HANDOVER_MAGIC)
		return PLAN_MAGIC;
	if (h->version != HANDOVER_VERSION)
		return PLAN_VERSION;
	if (h->size != sizeof(*h))
		return PLAN_SIZE;
	return PLAN_OK;
}

/* Something to point at, that ends inside the address space. */
static bool span_sane(const struct span *s)
{
	return s->len && s->start && s->start + s->len > s->start;
}

static bool aligned(u64 v, u64 align)
{
	return !(v & (align - 1));
}

static bool check_crc(const struct handover *h, const void *plan)
{
	struct handover copy = *h;
	u32 crc;

	copy.crc = 0;
	crc = note_crc32(0, &copy, sizeof(copy));
	crc = note_crc32(crc, plan, h->plan.len);
	return crc == h->crc;
}

/* The array's address, or NULL when it is not wholly in the plan. */
static const void *array(const struct checked_plan *pl,
			 const struct handover *h,
			 const struct handover_array *a, u32 size, u32 max)
{
	if (a->n > max || !aligned(a->offset, 8) || a->offset > h->plan.len ||
	    (u64)a->n * size > h->plan.len - a->offset)
		return NULL;
	return (const u8 *)pl->bytes + a->offset;
}

static bool overlaps_any(const struct span *s, const struct span *of, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (span_overlaps(&of[i], s->start, s->len))
			return true;
	return false;
}

static u32 check_regions(struct checked_plan *pl, const struct handover *h)
{
	u32 i, entries = 0;

	pl->regions = array(pl, h, &h->regions, sizeof(struct span),
			    HANDOVER_REGIONS_MAX);
	pl->regions_n = h->regions.n;
	if (!pl->regions)
		return PLAN_ARRAY;
	for (i = 0; i < pl->regions_n; i++) {
		if (!span_sane(&pl->regions[i]))
			return PLAN_REGION;
		entries += span_holds(&pl->regions[i], h->entry, 1);
	}
	if (!pl->regions_n)
		return PLAN_REGION;
	return entries ? PLAN_OK : PLAN_ENTRY;
}

/* Nothing that is written may lie on what is only read, or on another. */
static bool apart(const struct checked_plan *pl, const struct handover *h,
		  const struct span *image, const struct span *s)
{
	return !span_overlaps(image, s->start, s->len) &&
	       !span_overlaps(&h->plan, s->start, s->len) &&
	       !overlaps_any(s, pl->regions, pl->regions_n);
}

static u32 check_note(const struct checked_plan *pl, const struct handover *h,
		      const struct span *image)
{
	if (!h->note.len)
		return PLAN_OK;
	if (!span_sane(&h->note) || !aligned(h->note.start, 4) ||
	    h->note.len > NOTE_SEGMENT_MAX || !apart(pl, h, image, &h->note))
		return PLAN_NOTE;
	return PLAN_OK;
}

static bool note_is_near(const struct handover *h)
{
	return span_sane(&h->note) &&
	       h->note.start >= h->plan.start + h->plan.len &&
	       h->note.start - h->plan.start - h->plan.len <= NOTE_DISTANCE_MAX;
}

static u32 check_pool(const struct checked_plan *pl, const struct handover *h,
		      const struct span *image)
{
	const struct span scratch = { h->scratch, PAGE_4K };
	const struct span *a = &h->arena;

	if (a->len && (!span_sane(a) || !aligned(a->start | a->len, PAGE_4K) ||
		       !apart(pl, h, image, a) ||
		       span_overlaps(&h->note, a->start, a->len)))
		return PLAN_ARENA;
	if (scratch.start &&
	    (!span_sane(&scratch) || !aligned(scratch.start, PAGE_4K) ||
	     !apart(pl, h, image, &scratch) ||
	     span_overlaps(&h->note, scratch.start, scratch.len) ||
	     span_overlaps(a, scratch.start, scratch.len)))
		return PLAN_SCRATCH;
	return PLAN_OK;
}

/* Of one unit: in the array, in order, apart. */
static bool ranges_ok(const struct checked_plan *pl, u32 n,
		      const struct handover_unit *u)
{
	const struct iommu_range *r = pl->ranges + u->range;
	u32 i;

	if (u->range > n || u->range_n > n - u->range)
		return false;
	for (i = 0; i < u->range_n; i++)
		if (r[i].first > r[i].last ||
		    (i && r[i - 1].last >= r[i].first))
			return false;
	return true;
}

static u32 check_units(struct checked_plan *pl, const struct handover *h)
{
	u32 i;

	pl->units =
		array(pl, h, &h->units, sizeof(*pl->units), HANDOVER_UNITS_MAX);
	pl->units_n = h->units.n;
	pl->ranges = array(pl, h, &h->ranges, sizeof(*pl->ranges),
			   HANDOVER_RANGES_MAX);
	if (!pl->units || !pl->ranges)
		return PLAN_ARRAY;
	for (i = 0; i < pl->units_n; i++) {
		const struct handover_unit *u = &pl->units[i];
		const struct span regs = { u->reg_phys, u->reg_len };

		if (!span_sane(&regs) || !aligned(u->reg_phys, PAGE_4K) ||
		    u->mode > IOMMU_MODE_SINK || !ranges_ok(pl, h->ranges.n, u))
			return PLAN_UNIT;
	}
	return PLAN_OK;
}

static u32 check_overrides(struct checked_plan *pl, const struct handover *h)
{
	const struct iommu_override *o, *before = NULL;
	u32 i;

	pl->overrides =
		array(pl, h, &h->overrides, sizeof(*o), HANDOVER_OVERRIDES_MAX);
	pl->overrides_n = h->overrides.n;
	if (!pl->overrides)
		return PLAN_ARRAY;
	for (i = 0; i < pl->overrides_n; i++, before = o) {
		o = &pl->overrides[i];
		if (o->unit >= pl->units_n || !iommu_mode_switches(o->mode))
			return PLAN_OVERRIDE;
		if (before && (before->unit > o->unit ||
			       (before->unit == o->unit &&
				before->requester >= o->requester)))
			return PLAN_OVERRIDE;
	}
	return PLAN_OK;
}

static u32 check_memory(struct checked_plan *pl, const struct handover *h)
{
	u64 end = 0;
	u32 i;

	pl->ram = array(pl, h, &h->ram, sizeof(struct span), HANDOVER_RAM_MAX);
	pl->ram_n = h->ram.n;
	pl->guard = array(pl, h, &h->guard, sizeof(struct span),
			  HANDOVER_GUARD_MAX);
	pl->guard_n = h->guard.n;
	if (!pl->ram || !pl->guard)
		return PLAN_ARRAY;
	for (i = 0; i < pl->ram_n; i++) {
		const struct span *s = &pl->ram[i];

		if (!s->len || s->start < end || s->start + s->len < s->start)
			return PLAN_RAM;
		end = s->start + s->len;
	}
	for (i = 0; i < pl->guard_n; i++)
		if (!span_sane(&pl->guard[i]))
			return PLAN_GUARD;
	return PLAN_OK;
}

static u32 check_values(const struct checked_plan *pl, const struct handover *h)
{
	if (pl->units_n && (!h->ticks_per_ms || !h->budget_us))
		return PLAN_TIME;
	if (h->budget_us > BUDGET_US_MAX || h->check_budget_us > BUDGET_US_MAX)
		return PLAN_TIME;
	if (!aligned(h->pgtable[0] | h->pgtable[1], PAGE_4K))
		return PLAN_PGTABLE;
	if ((h->flags & HANDOVER_CONSOLE_SERIAL) &&
	    !(h->flags & HANDOVER_SERIAL_MMIO) && h->serial_base > 0xfff8)
		return PLAN_CONSOLE;
	return h->mode < IOMMU_MODE_N ? PLAN_OK : PLAN_MODE;
}

u32 plan_check_at(struct checked_plan *pl, const struct handover *h,
		  const void *plan, const struct span *image)
{
	u32 err, boot, note;
	bool crc;

	memset(pl, 0, sizeof(*pl));
	pl->bytes = plan;
	err = plan_check_head(h);
	if (err)
		return err;
	if (!span_sane(&h->plan) || !aligned(h->plan.start, 8) ||
	    h->plan.len > HANDOVER_PLAN_MAX ||
	    span_overlaps(image, h->plan.start, h->plan.len))
		return PLAN_SPAN;
	crc = check_crc(h, plan);
	/* A module of the dead kernel leaves the jump to that. */
	boot = h->flags & HANDOVER_MODULE ? PLAN_OK : check_regions(pl, h);
	pl->bootable = !boot && !(h->flags & HANDOVER_MODULE);
	note = boot ? boot : check_note(pl, h, image);
	pl->note_ok = !note && h->note.len && (crc || note_is_near(h));
	if (!crc)
		return PLAN_CRC;
	if (boot || note)
		return boot ? boot : note;
	err = check_units(pl, h);
	if (!err)
		err = check_overrides(pl, h);
	if (!err)
		err = check_memory(pl, h);
	if (!err)
		err = check_pool(pl, h, image);
	return err ? err : check_values(pl, h);
}
