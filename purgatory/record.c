/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The crash note. It is sealed after each step that adds to it, so that a
 * death later on leaves what was known until then. Room for what is written
 * last, the actions and the traps, is kept from the beginning.
 */
#include "../iommu/env.h"
#include "purgatory.h"

#define RECORD_BYTES(payload) (sizeof(struct note_record) + (payload))

/* For the actions and traps that may still come. */
static u32 reserve(const struct purgatory *p)
{
	u32 actions = p->plan.units_n - p->record.actions;

	return actions * RECORD_BYTES(sizeof(struct rec_action)) +
	       (TRAPS_MAX - p->record.traps) *
		       RECORD_BYTES(sizeof(struct rec_trap));
}

/* Bytes that are left for records other than actions and traps. */
static u32 common_room(const struct purgatory *p)
{
	u32 kept = reserve(p) + NOTE_TERMINATOR + 3;
	u32 size = p->record.size;

	if (kept > size / 2)
		kept = size / 2;
	return size - kept > p->record.w.len ? size - kept - p->record.w.len
					     : 0;
}

static bool fits(const struct purgatory *p, u32 payload)
{
	return RECORD_BYTES(payload) <= common_room(p);
}

void record_open(struct purgatory *p)
{
	const struct rec_purgatory none = { 0 };
	struct record *r = &p->record;
	u32 at;

	if (!p->plan.note_ok)
		return;
	r->size = p->h->note.len;
	if (note_begin(&r->w, machine_memory(p->m, p->h->note.start), r->size,
		       NOTE_CRASH))
		return;
	/* Its place is fixed now, its content with each seal. */
	at = r->w.len + sizeof(struct note_record);
	if (!note_put(&r->w, REC_PURGATORY, &none, sizeof(none)))
		r->purgatory = at;
	r->open = true;
}

static u32 unit_id(const struct purgatory *p)
{
	return p->plan.units[p->unit].id;
}

static void drop(struct note_writer *w)
{
	w->dropped++;
	w->full = true;
}

/* A record of struct rec_unit_ref and @n elements of @size behind it. */
static void put_array(struct purgatory *p, u16 type, const void *data, u32 n,
		      u32 size)
{
	struct rec_unit_ref ref = { .unit = unit_id(p), .n = n };
	struct note_writer *w = &p->record.w;
	u32 len = sizeof(ref) + n * size;

	if (!p->record.open)
		return;
	if (!fits(p, len))
		drop(w);
	else if (!note_record(w, type, &ref, sizeof(ref), len))
		note_bytes(w, data, n * size);
}

void record_regs(struct purgatory *p)
{
	put_array(p, REC_REGS, p->regs.r, p->regs.n, sizeof(p->regs.r[0]));
}

void record_faults(struct purgatory *p)
{
	put_array(p, REC_FAULTS, p->fault, p->fault_n, sizeof(p->fault[0]));
}

void record_action(struct purgatory *p)
{
	if (!p->record.open)
		return;
	p->record.actions++;
	note_put(&p->record.w, REC_ACTION, &p->action, sizeof(p->action));
}

void record_entries_begin(struct purgatory *p, u32 units_left)
{
	struct record *r = &p->record;

	r->entries = 0;
	if (r->open && units_left)
		r->entries = common_room(p) / units_left /
			     RECORD_BYTES(sizeof(struct rec_entry));
}

void record_entry(struct purgatory *p, const struct iommu_evidence *e, u32 mode)
{
	struct rec_entry entry = {
		.unit = unit_id(p),
		.mode = mode,
		.evidence = *e,
	};
	struct note_writer *w = &p->record.w;
	/* One unit of a segment tells of these for all. */
	bool was = mode == IOMMU_MODE_RECORD;

	if (!p->record.open)
		return;
	if (!fits(p, sizeof(entry)) || (!was && !p->record.entries)) {
		drop(w);
		return;
	}
	p->record.entries -= !was;
	note_put(w, REC_ENTRY, &entry, sizeof(entry));
}

static void put_traps(struct purgatory *p)
{
	struct record *r = &p->record;

	for (; r->traps < p->traps; r->traps++)
		note_put(&r->w, REC_TRAP, &p->trap[r->traps],
			 sizeof(p->trap[0]));
	r->w.dropped += p->traps_lost;
	p->traps_lost = 0;
}

void record_seal(struct purgatory *p)
{
	struct rec_purgatory rec = {
		.flags = p->flags,
		.step = p->step,
		.ticks_per_ms = p->h->ticks_per_ms,
		.plan_err = p->plan_err,
		.nmis = *p->nmis,
	};
	struct record *r = &p->record;

	if (!r->open)
		return;
	memcpy(rec.ticks, p->ticks, sizeof(rec.ticks));
	put_traps(p);
	if (r->purgatory)
		memcpy(r->w.buf + r->purgatory, &rec, sizeof(rec));
	note_seal(&r->w);
}
