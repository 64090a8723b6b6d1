// SPDX-License-Identifier: GPL-2.0-only
/*
 * The purgatory's plan, as a device may have left it.
 *
 * Input: a byte of flags, struct handover, then the plan's arrays.
 */
#include "../../purgatory/purgatory.h"
#include "fuzz.h"

#define KEEP_CRC 1u /* a checksum that matches would be rare */

static const struct span image = { MIB(16), KIB(64) };

static void check_apart(const struct handover *h, const struct checked_plan *pl,
			const struct span *s)
{
	u32 i;

	if (!s->len)
		return;
	FUZZ_RULE(s->start + s->len > s->start);
	FUZZ_RULE(!span_overlaps(&image, s->start, s->len));
	FUZZ_RULE(!span_overlaps(&h->plan, s->start, s->len));
	for (i = 0; i < pl->regions_n; i++)
		FUZZ_RULE(!span_overlaps(&pl->regions[i], s->start, s->len));
}

static void check_inside(const struct handover *h, const void *array, u32 n,
			 size_t size)
{
	FUZZ_RULE(!n || span_holds(&h->plan, (u64)(uintptr_t)array, n * size));
}

/* What a plan that is called good may hold. */
static void check_good(const struct handover *h, const struct checked_plan *pl)
{
	const struct span scratch = { h->scratch, h->scratch ? PAGE_4K : 0 };
	u32 i;

	/* A module's leaves the jump to its kernel. */
	if (h->flags & HANDOVER_MODULE)
		FUZZ_RULE(!pl->bootable);
	else
		FUZZ_RULE(pl->bootable && pl->regions_n);
	FUZZ_RULE(h->mode < IOMMU_MODE_N);
	check_inside(h, pl->units, pl->units_n, sizeof(*pl->units));
	check_inside(h, pl->overrides, pl->overrides_n, sizeof(*pl->overrides));
	check_inside(h, pl->ram, pl->ram_n, sizeof(*pl->ram));
	check_inside(h, pl->guard, pl->guard_n, sizeof(*pl->guard));
	check_apart(h, pl, &h->note);
	check_apart(h, pl, &h->arena);
	check_apart(h, pl, &scratch);
	FUZZ_RULE(!h->arena.len || !scratch.len ||
		  !span_overlaps(&h->arena, scratch.start, scratch.len));
	for (i = 0; i < pl->units_n; i++)
		FUZZ_RULE(pl->units[i].mode <= IOMMU_MODE_SINK);
	for (i = 0; i < pl->overrides_n; i++)
		FUZZ_RULE(pl->overrides[i].unit < pl->units_n &&
			  pl->overrides[i].mode >= IOMMU_MODE_COPY);
	for (i = 1; i < pl->ram_n; i++)
		FUZZ_RULE(pl->ram[i].start >=
			  pl->ram[i - 1].start + pl->ram[i - 1].len);
}

static void put_crc(struct handover *h, const u8 *plan)
{
	h->crc = 0;
	h->crc = note_crc32(0, h, sizeof(*h));
	h->crc = note_crc32(h->crc, plan, (u32)h->plan.len);
}

int fuzz_plan(const u8 *data, size_t len)
{
	struct checked_plan pl;
	struct handover h;
	u64 *plan;
	u32 err;

	if (len < 1 + sizeof(h))
		return 0;
	memcpy(&h, data + 1, sizeof(h));
	/* Where the arrays lie; the rules of that are in the plan's own tests. */
	plan = fuzz_copy(data + 1 + sizeof(h), len - 1 - sizeof(h));
	h.plan = (struct span){ (u64)(uintptr_t)plan, len - 1 - sizeof(h) };
	if (!(data[0] & KEEP_CRC)) {
		h.magic = HANDOVER_MAGIC;
		h.version = HANDOVER_VERSION;
		h.size = sizeof(h);
		put_crc(&h, (u8 *)plan);
	}
	err = plan_check(&pl, &h, &image);
	FUZZ_RULE(err < PLAN_ERR_N);
	if (!err)
		check_good(&h, &pl);
	if (pl.bootable)
		check_inside(&h, pl.regions, pl.regions_n, sizeof(*pl.regions));
	if (pl.note_ok)
		check_apart(&h, &pl, &h.note);
	free(plan);
	return 0;
}
