/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>
#include "purgatory_fixture.h"

static struct world *current; /* for the fake vendor's traps */

static struct world *world_of(struct machine *m)
{
	return (struct world *)m;
}

/* --- machine --- */

static u64 fake_ticks(struct machine *m)
{
	struct world *w = world_of(m);

	w->now += w->tick;
	return w->now;
}

static bool serial_ready(struct console *c)
{
	struct world *w = world_of(c->m);

	w->looks++;
	return !w->stuck;
}

/* --- errors that the CPU reports late --- */

static void take_pending(struct world *w)
{
	if (!w->errors_on || !w->errors)
		return;
	w->errors--;
	w->errors_on = false; /* as by any trap */
	world_trap(w, FAKE_ERROR, 0);
}

static void fake_take_errors(struct machine *m)
{
	struct world *w = world_of(m);

	w->errors_on = true;
	take_pending(w);
}

static void fake_hold_errors(struct machine *m)
{
	world_of(m)->errors_on = false;
}

/* --- memory --- */

static int fake_read(struct machine *m, void *buf, u64 phys, u32 len)
{
	struct world *w = world_of(m);

	if (phys == w->poison)
		world_trap(w, 18, phys);
	if (phys == w->poison_late)
		w->errors = 1;
	memcpy(buf, (const void *)phys, len);
	return IOMMU_OK;
}

/* --- console --- */

static bool serial_put(struct console *c, char ch)
{
	struct world *w = world_of(c->m);

	take_pending(w);
	if (w->serial_traps_at && w->serial_n == w->serial_traps_at)
		world_trap(w, 14, 0x3f8);
	if (!console_wait(c, serial_ready))
		return false;
	if (w->serial_n < sizeof(w->serial) - 1)
		w->serial[w->serial_n++] = ch;
	return true;
}

static bool serial_open(struct console *c, const struct handover *h,
			bool mapped)
{
	(void)c;
	return !(h->flags & HANDOVER_SERIAL_MMIO) || mapped;
}

static const struct console_device fake_consoles[] = {
	{ HANDOVER_CONSOLE_SERIAL, serial_open, serial_put },
};

static u32 fake_map(struct machine *m, const struct handover *h,
		    const struct span *must, u32 n, bool *live)
{
	struct world *w = world_of(m);

	(void)must;
	w->maps += n > 0;
	*live = h->pgtable[PGTABLE_4LEVEL] && !w->map_fails;
	return w->map_fails ? PLAN_PGTABLE : PLAN_OK;
}

static void sha_that_traps(u32 state[8], const u8 *data, u64 n)
{
	(void)state;
	(void)n;
	world_trap(current, 6, (u64)(uintptr_t)data);
}

static void sha_counted(u32 state[8], const u8 *data, u64 n)
{
	current->sha_blocks += n;
	sha256_blocks_c(state, data, n);
}

static struct sha256_way fake_sha_begin(struct machine *m)
{
	struct world *w = world_of(m);

	w->sha_begun++;
	return (struct sha256_way){
		.blocks = w->sha_traps ? sha_that_traps : sha_counted,
		.by_cpu = w->sha_has,
	};
}

static void fake_sha_end(struct machine *m)
{
	world_of(m)->sha_ended++;
}

static void fake_flush(struct machine *m, u64 phys, u64 len)
{
	(void)phys;
	world_of(m)->flushes += len > 0;
}

static void fake_reset(struct machine *m)
{
	world_of(m)->reset = true;
}

static void fake_halt(struct machine *m)
{
	world_of(m)->halted = true;
}

void world_trap(struct world *w, u64 vector, u64 address)
{
	const struct trap trap = { vector, 2, 0x1234, address };

	trap_taken(&w->p, &trap);
	abort(); /* it must have gone to a recovery point */
}

/* --- vendor --- */

static int fake_snapshot(struct mmio *r, struct iommu_regs *regs,
			 struct iommu_fault_raw *faults, u32 *n)
{
	u32 kind = r->read32(r, 0);

	*n = 0;
	if (kind == FAKE_ABSENT)
		return IOMMU_EABSENT;
	regs->r[regs->n++] = (struct iommu_reg){ 0, 4, kind };
	if (kind == FAKE_TRAPS_IN_SNAPSHOT)
		world_trap(current, 14, 0xdead000);
	regs->r[regs->n++] = (struct iommu_reg){ 8, 8, r->read64(r, 8) };
	faults[0] = (struct iommu_fault_raw){ { 1, 2, 3, 4 } };
	*n = 1;
	return IOMMU_OK;
}

static int fake_events(const struct iommu_regs *regs, struct mem *m,
		       struct iommu_fault_raw *faults, u32 *n)
{
	u32 kind = (u32)regs->r[0].val;
	u64 from = kind == FAKE_EVENTS ? (u64)current->mem->ram : 0x10;

	*n = 0;
	if (kind == FAKE_TRAPS_IN_EVENTS)
		world_trap(current, 14, 0xdead000);
	if (kind != FAKE_EVENTS && kind != FAKE_EVENTS_OUTSIDE)
		return IOMMU_EFORM; /* no log is set up */
	if (mem_read(m, from, &faults[0], 16) ||
	    mem_read(m, from + 16, &faults[1], 16))
		return IOMMU_EREAD;
	*n = 2;
	return IOMMU_OK;
}

/* 1 for each thing that should have been refused and was not. */
static u32 probe_memory(struct iommu_quiesce *q)
{
	struct world_memory *m = current->mem;
	u64 buf[2] = { 7, 7 };
	u32 wrong = 0;

	wrong += mem_read(q->mem, (u64)m->ram, buf, 16) != IOMMU_OK;
	wrong += buf[0] != 0x5555555555555555;
	wrong += mem_read(q->mem, (u64)m->ram + sizeof(m->ram) - 8, buf, 16) ==
		 IOMMU_OK;
	wrong += mem_read(q->mem, 0x10, buf, 8) == IOMMU_OK;
	wrong += mem_read(q->mem, ~0ULL - 3, buf, 8) == IOMMU_OK;
	wrong += mem_read(q->mem, (u64)m->initrd, buf, 8) == IOMMU_OK;
	wrong += q->mem->write(q->mem, (u64)m->ram, buf, 8) == IOMMU_OK;
	wrong += q->mem->write(q->mem, (u64)m->arena + ARENA_BYTES - 4, buf,
			       8) == IOMMU_OK;
	wrong += q->mem->write(q->mem, (u64)m->arena, buf, 8) != IOMMU_OK;
	q->mem->flush(q->mem, (u64)m->arena, 8);
	return wrong;
}

/* The words that can't be read are told from those that can. */
static u32 read_poisoned(struct iommu_quiesce *q)
{
	u64 ram = (u64)current->mem->ram, buf;
	u32 wrong = 0;

	current->poison = ram + 8;
	current->poison_late = ram + 16;
	wrong += mem_read(q->mem, ram, &buf, 8) != IOMMU_OK;
	wrong += mem_read(q->mem, ram + 8, &buf, 8) != IOMMU_EREAD;
	wrong += mem_read(q->mem, ram + 16, &buf, 8) != IOMMU_EREAD;
	wrong += mem_read(q->mem, ram + 24, &buf, 8) != IOMMU_OK;
	return wrong;
}

static void report_much(struct iommu_quiesce *q)
{
	struct iommu_evidence e = { .err = IOMMU_ERESERVED };
	u32 i;

	for (i = 0; i < FAKE_REPORTS; i++) {
		e.requester = i;
		q->report(q->report_arg, &e, IOMMU_MODE_ABORT);
	}
}

static void fake_quiesce(struct iommu_quiesce *q, struct iommu_result *res)
{
	u32 kind = q->mmio->read32(q->mmio, 0);
	u64 start = q->mmio->now_us(q->mmio);

	res->root_before = 0x1000;
	res->kept = q->overrides_n;
	if (q->mode == IOMMU_MODE_RECORD) {
		res->outcome = IOMMU_READ_ONLY;
		return;
	}
	if (kind == FAKE_TRAPS_AFTER_STORE)
		q->mem->store64(q->mem, (u64)current->mem->ram, 7);
	if (kind == FAKE_TRAPS_IN_QUIESCE || kind == FAKE_TRAPS_AFTER_STORE)
		world_trap(current, 13, 0);
	q->mmio->write32(q->mmio, 4 * FAKE_CONTROL, 1);
	if (kind == FAKE_ERRORS_LATE)
		current->errors = 3;
	if (kind == FAKE_TRAPS_AFTER_WRITE)
		world_trap(current, 14, 0xbeef);
	if (kind == FAKE_REPORTS_MUCH)
		report_much(q);
	if (kind == FAKE_PROBES_MEMORY)
		res->bad = probe_memory(q);
	if (kind == FAKE_READS_POISON)
		res->bad = read_poisoned(q);
	res->outcome = IOMMU_DONE;
	/* A poll that never succeeds ends by the clock, whatever that does. */
	while (q->mmio->now_us(q->mmio) - start < 20)
		;
}

static const struct iommu_vendor fake_vendor = {
	.id = IOMMU_VENDOR_VTD,
	.name = "fake",
	.unit_name = "dmar",
	.snapshot = fake_snapshot,
	.events = fake_events,
	.quiesce = fake_quiesce,
};

const struct iommu_vendor *iommu_vendor(u32 id)
{
	return id == fake_vendor.id ? &fake_vendor : NULL;
}

/* --- building --- */

static void fill_handover(struct world *w)
{
	struct world_memory *m = w->mem;

	w->h = (struct handover){
		.magic = HANDOVER_MAGIC,
		.version = HANDOVER_VERSION,
		.size = sizeof(struct handover),
		.flags = HANDOVER_CONSOLE_SERIAL | HANDOVER_PANIC,
		.entry = (u64)m->kernel + 0x200,
		.entry_arg = (u64)m->initrd,
		.pgtable = { 0x1000, 0x2000 },
		.plan = { (u64)m->plan, sizeof(m->plan) },
		.note = { (u64)m->note, sizeof(m->note) },
		.arena = { (u64)m->arena, sizeof(m->arena) },
		.scratch = (u64)m->scratch,
		.ticks_per_ms = 1000,
		.budget_us = 1000,
		.check_budget_us = 1000,
		.serial_base = 0x3f8,
		.mode = IOMMU_MODE_SINK,
	};
	for (u32 i = 0; i < UNITS; i++) {
		w->unit[i] = (struct handover_unit){
			.reg_phys = (u64)m->regs[i],
			.reg_len = PAGE_4K,
			.vendor = IOMMU_VENDOR_VTD,
			.mode = IOMMU_MODE_SINK,
			.id = 100 + i,
		};
		m->regs[i][0] = FAKE_GOOD;
	}
	w->override[0] = (struct iommu_override){ 0x10, 1, IOMMU_MODE_COPY, 0 };
	w->override[1] =
		(struct iommu_override){ 0x20, 1, IOMMU_MODE_ABORT, 0 };
	w->range[0] = (struct iommu_range){ 0, 0xff };
	w->range[1] = (struct iommu_range){ 0x100, 0x100 };
	w->range[2] = (struct iommu_range){ 0x12345678, ~0u };
	w->unit[1].range_n = 3;
	w->ram[0] = (struct span){ 0x1000, 0x1000 };
	w->ram[1] = (struct span){ (u64)m->ram, sizeof(m->ram) };
	w->guard[0] = (struct span){ (u64)m->kernel, sizeof(m->kernel) };
	w->region[0] = (struct span){ (u64)m->kernel, sizeof(m->kernel) };
	w->region[1] = (struct span){ (u64)m->initrd, 1000 };
}

struct world *world_new(void)
{
	struct world *w = aligned_alloc(_Alignof(struct world), sizeof(*w));
	u32 i;

	memset(w, 0, sizeof(*w));
	w->mem = aligned_alloc(PAGE_4K, sizeof(*w->mem));
	memset(w->mem, 0, sizeof(*w->mem));
	memset(w->mem->ram, 0x55, sizeof(w->mem->ram));
	for (i = 0; i < sizeof(w->mem->kernel); i++)
		w->mem->kernel[i] = i * 7 + (i >> 8);
	w->m = (struct machine){
		.ticks = fake_ticks,
		.consoles = fake_consoles,
		.consoles_n = ARRAY_SIZE(fake_consoles),
		.map = fake_map,
		.sha_begin = fake_sha_begin,
		.sha_end = fake_sha_end,
		.flush = fake_flush,
		.read = fake_read,
		.take_errors = fake_take_errors,
		.hold_errors = fake_hold_errors,
		.reset = fake_reset,
		.halt = fake_halt,
	};
	w->tick = 1;
	w->sha_has = true;
	fill_handover(w);
	current = w;
	return w;
}

void world_free(struct world *w)
{
	free(w->mem);
	free(w);
}

static void put(struct world *w, u32 *at, struct handover_array *a,
		const void *data, u32 n, u32 size)
{
	*a = (struct handover_array){ *at, n };
	memcpy(w->mem->plan + *at, data, n * size);
	*at += n * size;
}

void world_checksum(struct world *w)
{
	u32 crc;

	w->h.crc = 0;
	crc = note_crc32(0, &w->h, sizeof(w->h));
	w->h.crc = note_crc32(crc, w->mem->plan, sizeof(w->mem->plan));
}

void world_finish(struct world *w)
{
	struct sha256_way plain = sha256_plain();
	u32 at = 0;

	put(w, &at, &w->h.units, w->unit, UNITS, sizeof(w->unit[0]));
	put(w, &at, &w->h.overrides, w->override, 2, sizeof(w->override[0]));
	put(w, &at, &w->h.ranges, w->range, 3, sizeof(w->range[0]));
	put(w, &at, &w->h.ram, w->ram, 2, sizeof(w->ram[0]));
	put(w, &at, &w->h.guard, w->guard, 1, sizeof(w->guard[0]));
	put(w, &at, &w->h.regions, w->region, 2, sizeof(w->region[0]));
	image_digest_init(&w->p.image_digest, &plain);
	image_digest_region(&w->p.image_digest, w->mem->kernel,
			    sizeof(w->mem->kernel));
	image_digest_region(&w->p.image_digest, w->mem->initrd, 1000);
	image_digest_final(&w->p.image_digest, w->h.digest);
	world_checksum(w);
}

enum purgatory_end world_run(struct world *w)
{
	current = w;
	memset(&w->p, 0, sizeof(w->p));
	w->p.m = &w->m;
	w->p.h = &w->h;
	w->p.nmis = &w->nmis;
	w->p.image = (struct span){ (u64)w->mem->image, PAGE_4K };
	return purgatory_run(&w->p);
}

/* --- the note --- */

static bool open_note(struct world *w, struct note *n, struct note_head *head)
{
	struct note_reader r = { w->mem->note, w->h.note.len, 0 };
	u64 bad;

	return note_next(&r, n, &bad) && note_check(n, head) == NOTE_VALID;
}

void world_note_head(struct world *w, struct note_head *head)
{
	struct note n;

	memset(head, 0, sizeof(*head));
	open_note(w, &n, head);
}

const u8 *world_record(struct world *w, u16 type, u32 index, u32 *len)
{
	struct note_record_reader r;
	struct note_record rec;
	struct note_head head;
	const u8 *payload;
	struct note n;

	if (!open_note(w, &n, &head))
		return NULL;
	note_records(&r, &n);
	while (note_record_next(&r, &rec, &payload)) {
		if (rec.type != type || index--)
			continue;
		*len = rec.len;
		return payload;
	}
	return NULL;
}

u32 world_records(struct world *w, u16 type)
{
	u32 n = 0, len;

	while (world_record(w, type, n, &len))
		n++;
	return n;
}
