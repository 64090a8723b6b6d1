// SPDX-License-Identifier: GPL-2.0-only
/*
 * The handover segment: what of the facts and decisions is handed to the
 * purgatory, how much memory that and the purgatory's tables take, and its
 * bytes. What would not come true at the crash is refused here.
 */
#include <stdlib.h>
#include <string.h>
#include "handover_segment.h"
#include "iommu.h"
#include "iommu_notes.h"

/* Of the crash note: what is not a unit's, and room for entries found wrong. */
#define CRASH_NOTE_ENTRIES 128
#define CRASH_NOTE_ENTRY (sizeof(struct rec_entry) + sizeof(struct note_record))
#define CRASH_NOTE_REST                                           \
	(NOTE_HEADER_BYTES + sizeof(struct note_head) +           \
	 sizeof(struct rec_purgatory) + sizeof(struct rec_trap) + \
	 2 * sizeof(struct note_record) + NOTE_TERMINATOR +       \
	 CRASH_NOTE_ENTRIES * CRASH_NOTE_ENTRY)

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

static u32 devices_of(const struct facts *f, u32 unit)
{
	u32 n = 0;

	for (size_t i = 0; i < f->device_n; i++)
		n += f->device[i].unit == unit;
	return n;
}

/* Registers, faults and outcome, as many as its vendor's snapshot may find. */
static u64 crash_note_of_unit(const struct iommu_vendor *v)
{
	return sizeof(struct rec_unit_ref) * 2 +
	       v->regs_max * sizeof(struct iommu_reg) +
	       v->faults_max * sizeof(struct iommu_fault_raw) +
	       sizeof(struct rec_action) + 3 * sizeof(struct note_record);
}

/*
 * What tables were that may be edited in place: an entry of each requester, and
 * those between two of them, which are alike.
 */
static u64 crash_note_of_edited(const struct handover_segment *h)
{
	u64 n = 0;

	for (u32 i = 0; i < h->units; i++)
		if (iommu_vendor(unit_at(h, i)->vendor)->segment_table &&
		    iommu_mode_switches(mode_at(h, i)))
			n += devices_of(h->facts, h->unit[i]) + 1;
	return n ? 2 * (n + h->facts->alias_n) * CRASH_NOTE_ENTRY : 0;
}

/* Records that find no room are counted in the note. */
static u64 crash_note_len(const struct handover_segment *h, struct lines *told)
{
	u64 len = CRASH_NOTE_REST + crash_note_of_edited(h);

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

	return slot < h->units && iommu_mode_switches(mode) &&
	       iommu_mode_switches(mode_at(h, slot)) &&
	       mode != mode_at(h, slot);
}

/* --- who is behind a unit --- */

/* The requester ids, or streams, that a device's DMA carries. */
struct sender {
	u32 slot; /* of its unit */
	u32 id;
	const struct fact_device *device;
};

static int by_sender(const void *a, const void *b)
{
	const struct sender *x = a, *y = b;

	if (x->slot != y->slot)
		return x->slot < y->slot ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static const struct fact_device *device_of(const struct facts *f,
					   const struct fact_alias *a)
{
	for (size_t i = 0; i < f->device_n; i++)
		if (f->device[i].segment == a->segment &&
		    f->device[i].requester == a->requester)
			return &f->device[i];
	return NULL;
}

static bool has_alias(const struct facts *f, const struct fact_device *d)
{
	for (size_t i = 0; i < f->alias_n; i++)
		if (f->alias[i].segment == d->segment &&
		    f->alias[i].requester == d->requester)
			return true;
	return false;
}

static int add_sender(const struct handover_segment *h, struct sender *to,
		      size_t *n, const struct fact_device *d, u32 id,
		      struct error *e)
{
	u32 slot = d->unit == REC_NONE ? h->units : slot_of(h, d->unit);
	const struct iommu_vendor *v;

	if (slot == h->units)
		return 0;
	v = iommu_vendor(unit_at(h, slot)->vendor);
	if (!v->streams && id > 0xffff)
		return fail(e,
			    "%s: requester 0x%x behind %s: %s knows none above "
			    "0xffff",
			    d->name, id, unit_at(h, slot)->name, v->name);
	to[(*n)++] = (struct sender){ slot, id, d };
	return 0;
}

/* All of them, sorted. */
static struct sender *collect_senders(const struct handover_segment *h,
				      size_t *n, struct error *e)
{
	const struct facts *f = h->facts;
	struct sender *all = calloc(f->device_n + f->alias_n + 1, sizeof(*all));
	int err = all ? 0 : fail(e, "out of memory");

	*n = 0;
	for (size_t i = 0; i < f->device_n && !err; i++) {
		const struct fact_device *d = &f->device[i];
		const struct iommu_vendor *v =
			d->unit == REC_NONE
				? NULL
				: iommu_vendor(f->unit[d->unit].vendor);

		/* With streams, what firmware makes of its id is all it sends. */
		if (!(v && v->streams && has_alias(f, d)))
			err = add_sender(h, all, n, d, d->requester, e);
	}
	for (size_t i = 0; i < f->alias_n && !err; i++) {
		const struct fact_device *d = device_of(f, &f->alias[i]);

		if (d)
			err = add_sender(h, all, n, d, f->alias[i].alias, e);
	}
	if (err) {
		free(all);
		return NULL;
	}
	qsort(all, *n, sizeof(*all), by_sender);
	return all;
}

/* Devices with a mode of their own. Of two that share an id the first counts. */
static int take_overrides(struct handover_segment *h, const struct sender *s,
			  size_t n, struct error *e)
{
	struct iommu_override *last = NULL;

	h->override = calloc(n + 1, sizeof(*h->override));
	if (!h->override)
		return fail(e, "out of memory");
	for (size_t i = 0; i < n; i++) {
		if (!differs(h, s[i].device) ||
		    (last && last->unit == s[i].slot &&
		     last->requester == s[i].id))
			continue;
		last = &h->override[h->override_n++];
		*last = (struct iommu_override){
			.requester = s[i].id,
			.unit = (u16)s[i].slot,
			.mode = device_mode(h, s[i].device),
		};
	}
	if (h->override_n > HANDOVER_OVERRIDES_MAX)
		return fail(e,
			    "%u devices with a mode of their own, at most %d "
			    "can be handed over",
			    h->override_n, HANDOVER_OVERRIDES_MAX);
	return 0;
}

/*
 * Who there may be, by unit. On a bus that has one device there may be others
 * tomorrow; of streams only those that firmware names.
 */
static int take_ranges(struct handover_segment *h, const struct sender *s,
		       size_t n, struct error *e)
{
	struct iommu_range *last = NULL;

	h->range = calloc(n + 1, sizeof(*h->range));
	h->range_of = calloc(h->units + 1, sizeof(*h->range_of));
	if (!h->range || !h->range_of)
		return fail(e, "out of memory");
	for (size_t i = 0; i < n; i++) {
		struct handover_array *of = &h->range_of[s[i].slot];
		bool stream =
			iommu_vendor(unit_at(h, s[i].slot)->vendor)->streams;
		u32 first = stream ? s[i].id : s[i].id & ~0xffu;
		u32 end = stream ? s[i].id : s[i].id | 0xff;

		if (of->n && (u64)last->last + 1 >= first) {
			last->last = end;
			continue;
		}
		if (!of->n++)
			of->offset = h->range_n;
		last = &h->range[h->range_n++];
		*last = (struct iommu_range){ first, end };
	}
	if (h->range_n > HANDOVER_RANGES_MAX)
		return fail(e,
			    "requesters in %u ranges, at most %d can be handed "
			    "over",
			    h->range_n, HANDOVER_RANGES_MAX);
	return 0;
}

static int collect_requesters(struct handover_segment *h, struct error *e)
{
	size_t n;
	struct sender *s = collect_senders(h, &n, e);
	int err = !s || take_overrides(h, s, n, e) || take_ranges(h, s, n, e);

	free(s);
	return err ? -1 : 0;
}

/* --- what is asked of a unit at the crash --- */

/*
 * All that will be the crash kernel's, and what the module keeps in the memory of
 * the kernel that dies.
 */
static u32 guards_of(const struct handover_segment *h)
{
	const struct facts *f = h->facts;

	return (u32)(f->reservation_n + f->cma_n) + h->module;
}

static struct iommu_demand demand_of(const struct handover_segment *h, u32 i)
{
	const struct range *last = &h->ram->r[h->ram->n - 1];
	struct iommu_demand d = {
		.mode = mode_at(h, i),
		.ranges = h->range + h->range_of[i].offset,
		.ranges_n = h->range_of[i].n,
		/* An alias may belong to any of them: count all. */
		.requesters = devices_of(h->facts, h->unit[i]) +
			      (u32)h->facts->alias_n,
		.guards = guards_of(h),
		.ram_end = last->span.start + last->span.len,
		.idle = !unit_at(h, i)->in_use,
	};

	for (u32 j = 0; j < h->override_n; j++)
		d.overrides += h->override[j].unit == i;
	return d;
}

/* As the load sees it: registers that it could not read are left out. */
static struct iommu_config config_of(const struct fact_unit *u)
{
	struct iommu_config c;

	iommu_vendor(u->vendor)->describe(&u->regs, &c);
	return c;
}

static int can(const struct handover_segment *h, u32 i,
	       const struct iommu_demand *d, struct error *e)
{
	const struct fact_unit *u = unit_at(h, i);
	const struct iommu_vendor *v = iommu_vendor(u->vendor);
	struct iommu_config c = config_of(u);
	const char *why;

	if (!v->can || v->can(&c, d, &why) == IOMMU_OK)
		return 0;
	return fail(e,
		    "--iommu=%s: %s: it %s: DMA behind it would go on after a "
		    "crash; use --iommu=record",
		    iommu_mode_name(d->mode), u->name, why);
}

/* What a unit would not do at the crash is not promised. */
static int check_able(const struct handover_segment *h, struct error *e)
{
	for (u32 i = 0; i < h->units; i++) {
		struct iommu_demand d;

		if (!iommu_mode_switches(mode_at(h, i)) || !h->ram->n)
			continue;
		d = demand_of(h, i);
		if (can(h, i, &d, e))
			return -1;
		for (u32 j = 0; j < h->override_n; j++) {
			if (h->override[j].unit != i ||
			    h->override[j].mode == d.mode)
				continue;
			d.mode = h->override[j].mode;
			if (can(h, i, &d, e))
				return -1;
		}
	}
	return 0;
}

static void pool_layout(struct handover_segment *h)
{
	h->arena_len = 0;
	h->scratch = false;
	h->max = 0;
	if (!h->ram->n)
		return;
	for (u32 i = 0; i < h->units; i++) {
		const struct fact_unit *u = unit_at(h, i);
		const struct iommu_vendor *v = iommu_vendor(u->vendor);
		struct iommu_demand d = demand_of(h, i);
		struct iommu_config c = config_of(u);

		if (!iommu_mode_switches(d.mode))
			continue;
		if (v->arena_need)
			h->arena_len +=
				align_up(v->arena_need(&c, &d), PAGE_4K);
		if (v->arena_end && (!h->max || v->arena_end < h->max))
			h->max = v->arena_end;
		h->scratch = true;
	}
}

static u64 plan_bytes(const struct handover_segment *h)
{
	return h->units * sizeof(struct handover_unit) +
	       h->override_n * sizeof(struct iommu_override) +
	       h->range_n * sizeof(struct iommu_range) +
	       (h->ram_n + guards_of(h) + HANDOVER_REGIONS_MAX) *
		       sizeof(struct span);
}

int handover_layout(struct handover_segment *h, struct lines *told,
		    struct error *e)
{
	u64 at = 0;

	if (guards_of(h) > HANDOVER_GUARD_MAX)
		return fail(e, "%u crash reservations, at most %d are known",
			    guards_of(h), HANDOVER_GUARD_MAX);
	h->ram_n = h->ram->n < HANDOVER_RAM_MAX ? (u32)h->ram->n
						: HANDOVER_RAM_MAX;
	if (h->ram->n > HANDOVER_RAM_MAX)
		lines_add(told,
			  "%zu ranges of RAM: only the lowest %d are handed "
			  "over",
			  h->ram->n, HANDOVER_RAM_MAX);
	if (choose_units(h, told, e) || collect_requesters(h, e) ||
	    check_able(h, e))
		return -1;
	pool_layout(h);
	h->crash_len = 0;
	if (h->panic) {
		struct elfcorehdr full = h->header;

		full.note_n += h->note_n + 1;
		at = h->module ? 0 : elfcorehdr_size(&full);
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

static void put_notes(const struct handover_segment *h, u8 *buf)
{
	u64 at = h->notes_at;

	for (size_t i = 0; i < h->note_n; i++) {
		memcpy(buf + at, h->note[i].bytes, h->note[i].len);
		at += align_up(h->note[i].len, 8);
	}
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
			.range = h->range_of[i].offset,
			.range_n = h->range_of[i].n,
			.root = u->root,
		};

		memcpy(plan + *used, &out, sizeof(out));
		*used += sizeof(out);
	}
}

static int put_plan(const struct handover_segment *h, u8 *plan, u64 mem,
		    const struct span *region, u32 region_n,
		    struct handover *ho, struct error *e)
{
	struct span *ram = calloc(h->ram_n + 1, sizeof(*ram));
	struct span guard[HANDOVER_GUARD_MAX];
	const struct facts *f = h->facts;
	u32 used = 0;

	if (!ram)
		return fail(e, "out of memory");
	for (u32 i = 0; i < h->ram_n; i++)
		ram[i] = h->ram->r[i].span;
	put_units(h, plan, &used, ho);
	put_array(plan, &used, &ho->overrides, h->override, h->override_n,
		  sizeof(*h->override));
	put_array(plan, &used, &ho->ranges, h->range, h->range_n,
		  sizeof(*h->range));
	put_array(plan, &used, &ho->ram, ram, h->ram_n, sizeof(*ram));
	if (f->reservation_n)
		memcpy(guard, f->reservation,
		       f->reservation_n * sizeof(*guard));
	if (f->cma_n)
		memcpy(guard + f->reservation_n, f->cma,
		       f->cma_n * sizeof(*guard));
	/* The block itself; the module knows where it lies. */
	if (h->module)
		guard[guards_of(h) - 1] = (struct span){ 0, h->memsz };
	put_array(plan, &used, &ho->guard, guard, guards_of(h), sizeof(*guard));
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
	put_notes(h, buf);
	if (h->panic && !h->module && put_header(h, buf, mem, e))
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
	free(h->range);
	free(h->range_of);
	free(h->unit);
	h->override = NULL;
	h->range = NULL;
	h->range_of = NULL;
	h->unit = NULL;
}
