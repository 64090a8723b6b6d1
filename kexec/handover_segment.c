// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include "handover_segment.h"
#include "iommu.h"
#include "iommu_notes.h"

/* Of the crash note: what is not a unit's, and room for entries found wrong. */
#define CRASH_NOTE_ENTRIES 128
#define CRASH_NOTE_REST                                           \
	(NOTE_HEADER_BYTES + sizeof(struct note_head) +           \
	 sizeof(struct rec_purgatory) + sizeof(struct rec_trap) + \
	 2 * sizeof(struct note_record) + NOTE_TERMINATOR +       \
	 CRASH_NOTE_ENTRIES *                                     \
		 (sizeof(struct rec_entry) + sizeof(struct note_record)))

static bool usable(const struct fact_unit *u)
{
	return iommu_vendor(u->vendor) && u->reg_phys && u->reg_len &&
	       u->reg_phys % PAGE_4K == 0;
}

static const struct fact_unit *unit_at(const struct handover_segment *h, u32 i)
{
	return &h->facts->unit[h->unit[i]];
}

static u8 mode_at(const struct handover_segment *h, u32 i)
{
	return decided_unit(h->decisions, h->unit[i]).mode;
}

/* Registers, faults and outcome, as many as its vendor's snapshot may find. */
static u64 crash_note_of_unit(const struct iommu_vendor *v)
{
	return sizeof(struct rec_unit_ref) * 2 +
	       v->regs_max * sizeof(struct iommu_reg) +
	       v->faults_max * sizeof(struct iommu_fault_raw) +
	       sizeof(struct rec_action) + 3 * sizeof(struct note_record);
}

/* Records that find no room are counted in the note. */
static u64 crash_note_len(const struct handover_segment *h, struct lines *told)
{
	u64 len = CRASH_NOTE_REST;

	for (u32 i = 0; i < h->units; i++)
		len += crash_note_of_unit(iommu_vendor(unit_at(h, i)->vendor));
	len = align_up(len, PAGE_4K);
	if (len <= NOTE_SEGMENT_MAX)
		return len;
	lines_add(told,
		  "the crash note can hold %d KiB, all that %u IOMMUs may have "
		  "to say takes %llu: some of it may be left out",
		  (int)(NOTE_SEGMENT_MAX >> 10), h->units,
		  (unsigned long long)(len >> 10));
	return NOTE_SEGMENT_MAX;
}

/* The unit's place in the plan, h->units when it has none. */
static u32 slot_of(const struct handover_segment *h, u32 unit)
{
	u32 i = 0;

	while (i < h->units && h->unit[i] != unit)
		i++;
	return i;
}

/* A unit that can't be worked on is told of and left out. */
static int choose_units(struct handover_segment *h, struct lines *told,
			struct error *e)
{
	const struct facts *f = h->facts;

	h->unit = calloc(HANDOVER_UNITS_MAX, sizeof(*h->unit));
	if (!h->unit)
		return fail(e, "out of memory");
	for (size_t i = 0;
	     i < f->unit_n && h->decisions->mode != IOMMU_MODE_OFF; i++) {
		const struct fact_unit *u = &f->unit[i];

		if (!usable(u))
			lines_add(told,
				  "%s: register address 0x%llx, length 0x%x: "
				  "not usable, it is left alone",
				  u->name, (unsigned long long)u->reg_phys,
				  u->reg_len);
		else if (h->units == HANDOVER_UNITS_MAX)
			lines_add(told,
				  "%s: left alone, only %d IOMMUs can be "
				  "handed over",
				  u->name, HANDOVER_UNITS_MAX);
		else
			h->unit[h->units++] = (u32)i;
	}
	return 0;
}

static int by_requester(const void *a, const void *b)
{
	const struct iommu_override *x = a, *y = b;

	if (x->unit != y->unit)
		return x->unit < y->unit ? -1 : 1;
	return (x->requester > y->requester) - (x->requester < y->requester);
}

/* A unit whose streams are wider than the plan's ids is only recorded. */
static void add_override(struct handover_segment *h, u32 unit, u32 requester,
			 u8 mode)
{
	if (requester > 0xffff)
		return;
	h->override[h->override_n++] = (struct iommu_override){
		.unit = (u16)slot_of(h, unit),
		.requester = (u16)requester,
		.mode = mode,
	};
}

static u8 device_mode(const struct handover_segment *h,
		      const struct fact_device *d)
{
	return decided_device(h->decisions, (size_t)(d - h->facts->device))
		.mode;
}

static bool differs(const struct handover_segment *h,
		    const struct fact_device *d)
{
	u8 mode = device_mode(h, d);
	u32 slot = d->unit == REC_NONE ? h->units : slot_of(h, d->unit);

	return slot < h->units && mode >= IOMMU_MODE_COPY &&
	       mode <= IOMMU_MODE_SINK && mode_at(h, slot) >= IOMMU_MODE_COPY &&
	       mode != mode_at(h, slot);
}

/* Devices with a mode of their own, and the ids that their DMA carries. */
static int collect_overrides(struct handover_segment *h, struct error *e)
{
	const struct facts *f = h->facts;
	u32 out = 0;

	h->override =
		calloc(f->device_n + f->alias_n + 1, sizeof(*h->override));
	if (!h->override)
		return fail(e, "out of memory");
	for (size_t i = 0; i < f->device_n; i++)
		if (differs(h, &f->device[i]))
			add_override(h, f->device[i].unit,
				     f->device[i].requester,
				     device_mode(h, &f->device[i]));
	for (size_t i = 0; i < f->alias_n; i++) {
		const struct fact_alias *a = &f->alias[i];
		const struct fact_device *d = f->device;

		while (d < f->device + f->device_n &&
		       (d->segment != a->segment ||
			d->requester != a->requester))
			d++;
		if (d < f->device + f->device_n && differs(h, d))
			add_override(h, d->unit, a->alias, device_mode(h, d));
	}
	if (h->override_n)
		qsort(h->override, h->override_n, sizeof(*h->override),
		      by_requester);
	for (u32 i = 0; i < h->override_n; i++)
		if (!out ||
		    by_requester(&h->override[out - 1], &h->override[i]))
			h->override[out++] = h->override[i];
	h->override_n = out;
	if (out > HANDOVER_OVERRIDES_MAX)
		return fail(e,
			    "%u devices with a mode of their own, at most %d "
			    "can be handed over",
			    out, HANDOVER_OVERRIDES_MAX);
	return 0;
}

static u32 requesters_of(const struct facts *f, u32 unit)
{
	u32 n = 0;

	for (size_t i = 0; i < f->device_n; i++)
		n += f->device[i].unit == unit;
	/* An alias may belong to any of them: count all. */
	return n + (u32)f->alias_n;
}

static u64 arena_of_unit(const struct handover_segment *h, u32 i)
{
	const struct fact_unit *u = unit_at(h, i);
	const struct iommu_vendor *v = iommu_vendor(u->vendor);
	const struct range *last = &h->ram->r[h->ram->n - 1];
	struct iommu_config c;
	u32 overrides = 0;

	if (!v->arena_need) /* only recorded */
		return 0;
	if (v->describe(&u->regs, &c) != IOMMU_OK)
		c = (struct iommu_config){ .vendor = u->vendor,
					   .cap = u->cap,
					   .ecap = u->ecap };
	for (u32 j = 0; j < h->override_n; j++)
		overrides += h->override[j].unit == i;
	return v->arena_need(&c, mode_at(h, i), u->buses,
			     requesters_of(h->facts, h->unit[i]), overrides,
			     (u32)h->facts->reservation_n,
			     last->span.start + last->span.len);
}

static void pool_layout(struct handover_segment *h)
{
	h->arena_len = 0;
	h->scratch = false;
	if (!h->ram->n)
		return;
	for (u32 i = 0; i < h->units; i++) {
		if (mode_at(h, i) < IOMMU_MODE_COPY)
			continue;
		h->arena_len += align_up(arena_of_unit(h, i), PAGE_4K);
		h->scratch = true;
	}
}

static u64 plan_bytes(const struct handover_segment *h)
{
	return h->units * sizeof(struct handover_unit) +
	       h->override_n * sizeof(struct iommu_override) +
	       (h->ram_n + h->facts->reservation_n + HANDOVER_REGIONS_MAX) *
		       sizeof(struct span);
}

int handover_layout(struct handover_segment *h, struct lines *told,
		    struct error *e)
{
	const struct facts *f = h->facts;
	u64 at = 0;

	if (f->reservation_n > HANDOVER_GUARD_MAX)
		return fail(e, "%zu crash reservations, at most %d are known",
			    f->reservation_n, HANDOVER_GUARD_MAX);
	h->ram_n = h->ram->n < HANDOVER_RAM_MAX ? (u32)h->ram->n
						: HANDOVER_RAM_MAX;
	if (h->ram->n > HANDOVER_RAM_MAX)
		lines_add(told,
			  "%zu ranges of RAM: only the lowest %d are handed "
			  "over",
			  h->ram->n, HANDOVER_RAM_MAX);
	if (choose_units(h, told, e) || collect_overrides(h, e))
		return -1;
	pool_layout(h);
	h->crash_len = 0;
	if (h->panic) {
		struct elfcorehdr full = h->header;

		full.note_n += h->note_n + 1;
		at = elfcorehdr_size(&full);
		h->crash_len = h->decisions->mode == IOMMU_MODE_OFF
				       ? 0
				       : crash_note_len(h, told);
	}
	h->notes_at = align_up(at, 64);
	at = h->notes_at;
	for (size_t i = 0; i < h->note_n; i++)
		at += align_up(h->note[i].len, 8);
	h->plan_at = align_up(at, 64);
	h->plan_len = plan_bytes(h);
	h->crash_at = align_up(h->plan_at + h->plan_len, PAGE_4K);
	h->pool_at = h->crash_at + h->crash_len;
	h->memsz = h->pool_at + h->arena_len + (h->scratch ? PAGE_4K : 0);
	return 0;
}

static int put_header(const struct handover_segment *h, u8 *buf, u64 mem,
		      struct error *e)
{
	struct elfcorehdr full = h->header;
	size_t n = full.note_n;
	struct span *note = calloc(n + h->note_n + 1, sizeof(*note));
	u64 at = h->notes_at;
	int err;

	if (!note)
		return fail(e, "out of memory");
	if (n)
		memcpy(note, full.note, n * sizeof(*note));
	for (size_t i = 0; i < h->note_n; i++) {
		note[n++] = (struct span){ mem + at, h->note[i].len };
		memcpy(buf + at, h->note[i].bytes, h->note[i].len);
		at += align_up(h->note[i].len, 8);
	}
	if (h->crash_len)
		note[n++] = (struct span){ mem + h->crash_at, h->crash_len };
	full.note = note;
	full.note_n = n;
	err = elfcorehdr_build(&full, buf, e);
	free(note);
	return err;
}

/* Appends an array to the plan; its place goes to @where. */
static void put_array(u8 *plan, u32 *used, struct handover_array *where,
		      const void *data, u32 n, u32 size)
{
	*where = (struct handover_array){ *used, n };
	if (n)
		memcpy(plan + *used, data, (size_t)n * size);
	*used += n * size;
}

static void put_units(const struct handover_segment *h, u8 *plan, u32 *used,
		      struct handover *ho)
{
	ho->units = (struct handover_array){ *used, h->units };
	for (u32 i = 0; i < h->units; i++) {
		const struct fact_unit *u = unit_at(h, i);
		struct handover_unit out = {
			.reg_phys = u->reg_phys,
			.reg_len = u->reg_len,
			.segment = u->segment,
			.vendor = (u8)u->vendor,
			.mode = mode_at(h, i),
			.id = h->unit[i],
		};

		if (u->buses)
			memcpy(out.buses, u->bus, sizeof(out.buses));
		else /* nothing is known: any may have */
			memset(out.buses, 0xff, sizeof(out.buses));
		memcpy(plan + *used, &out, sizeof(out));
		*used += sizeof(out);
	}
}

static int put_plan(const struct handover_segment *h, u8 *plan, u64 mem,
		    const struct span *region, u32 region_n,
		    struct handover *ho, struct error *e)
{
	struct span *ram = calloc(h->ram_n + 1, sizeof(*ram));
	u32 used = 0;

	if (!ram)
		return fail(e, "out of memory");
	for (u32 i = 0; i < h->ram_n; i++)
		ram[i] = h->ram->r[i].span;
	put_units(h, plan, &used, ho);
	put_array(plan, &used, &ho->overrides, h->override, h->override_n,
		  sizeof(*h->override));
	put_array(plan, &used, &ho->ram, ram, h->ram_n, sizeof(*ram));
	put_array(plan, &used, &ho->guard, h->facts->reservation,
		  (u32)h->facts->reservation_n, sizeof(*ram));
	put_array(plan, &used, &ho->regions, region, region_n, sizeof(*region));
	ho->plan = (struct span){ mem + h->plan_at, used };
	free(ram);
	return 0;
}

int handover_build(const struct handover_segment *h, u8 *buf, u64 mem,
		   const struct span *region, u32 region_n, struct handover *ho,
		   struct error *e)
{
	memset(buf, 0, h->pool_at);
	if (h->panic && put_header(h, buf, mem, e))
		return -1;
	if (put_plan(h, buf + h->plan_at, mem, region, region_n, ho, e))
		return -1;
	if (h->crash_len)
		ho->note = (struct span){ mem + h->crash_at, h->crash_len };
	if (h->arena_len)
		ho->arena = (struct span){ mem + h->pool_at, h->arena_len };
	if (h->scratch)
		ho->scratch = mem + h->pool_at + h->arena_len;
	return 0;
}

void handover_segment_free(struct handover_segment *h)
{
	free(h->override);
	free(h->unit);
	h->override = NULL;
	h->unit = NULL;
}
