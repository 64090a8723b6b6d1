// SPDX-License-Identifier: GPL-2.0-only
/*
 * Notes -> facts. Nothing in a note is trusted: a length counts after it was
 * compared with what is there, a unit's number after it was looked up. What
 * is wrong becomes a problem with its offset and the rule; the rest is read.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "facts.h"
#include "handover.h"

/* A root table is 4 KiB, a PASID directory 128 KiB, a stream table 4 MiB. */
#define TABLE_RAW_MAX MIB(16)
/* Of all tables of one dump together, unpacked. */
#define TABLES_RAW_MAX MIB(256)
/* zlib packs nothing smaller (zlib's "Technical Details"). */
#define ZLIB_RATIO_MAX 1032u

/*
 * More of these than any machine has: what is beyond is a problem. They keep
 * what follows from growing with the square of a hostile note.
 */
#define ENTRIES_MAX 4096u
#define OTHERS_MAX 4096u
#define PROBLEMS_MAX 1000u

struct note_parser {
	const u8 *notes;
	size_t notes_len;
	struct facts *f;
	struct decisions *decisions;
	struct crash_facts *crash;
	struct note_problems *problems;
	u64 base; /* offset of the current desc in the notes */
	u32 note; /* its type */
	u32 at;	  /* of the current record in the desc */
	const struct note_record *rec;
	const u8 *data;
	u32 unit_id[HANDOVER_UNITS_MAX]; /* of facts.unit[i] */
	u64 tables_raw;
	bool nomem;
};

static void *grow(struct note_parser *p, void *array, size_t *n, size_t size)
{
	void *more = array_grow(array, n, size);

	p->nomem |= !more;
	return more;
}
#define GROW(p, array, n) grow(p, &(array), &(n), sizeof(*(array)))

static void problem_at(struct note_parser *p, u64 offset, enum note_state state,
		       const char *rule)
{
	struct note_problem *q;

	if (p->problems->n > PROBLEMS_MAX)
		return;
	if (p->problems->n == PROBLEMS_MAX)
		rule = "and more";
	q = GROW(p, p->problems->list, p->problems->n);
	if (q)
		*q = (struct note_problem){ .offset = offset,
					    .type = p->note,
					    .state = state,
					    .rule = rule };
}

static void problem(struct note_parser *p, const char *rule)
{
	problem_at(p, p->base + p->at, NOTE_VALID, rule);
}

/* Is there still room, going by what any machine has? */
static bool room(struct note_parser *p, size_t n, size_t max)
{
	if (n < max)
		return true;
	problem(p, "more records of this kind than any machine has");
	return false;
}

/* A terminated copy that is safe on a terminal and in JSON. */
static char *text(struct note_parser *p, const char *s, u32 len)
{
	char *t = malloc((size_t)len + 1);
	u32 i;

	if (!t) {
		p->nomem = true;
		return NULL;
	}
	for (i = 0; i < len; i++)
		t[i] = s[i] >= 0x20 && s[i] < 0x7f ? s[i] : '?';
	t[len] = 0;
	return t;
}

/* One that is not there is empty: the page's Lengths. */
static char *string(struct note_parser *p, u32 *at)
{
	const char *s = "";
	u32 len = 0;

	if (*at < p->rec->len && !note_string(p->rec, p->data, at, &s, &len)) {
		problem(p, "a string of the record reaches beyond it");
		s = "";
		len = 0;
	}
	return text(p, s, len);
}

/* The record's structure; take_record() has seen that enough of it is there. */
#define TAKE(p, s) note_struct((p)->rec, (p)->data, &(s), sizeof(s))

static u32 unit_find(const struct note_parser *p, u32 id)
{
	u32 i;

	for (i = 0; i < p->f->unit_n; i++)
		if (p->unit_id[i] == id)
			return i;
	return REC_NONE;
}

static u32 unit_add(struct note_parser *p, u32 id)
{
	struct facts *f = p->f;

	if (f->unit_n >= HANDOVER_UNITS_MAX) {
		problem(p, "more units than any plan has");
		return REC_NONE;
	}
	if (!GROW(p, p->decisions->unit, p->decisions->unit_n) ||
	    !GROW(p, f->unit, f->unit_n))
		return REC_NONE;
	p->unit_id[f->unit_n - 1] = id;
	return (u32)f->unit_n - 1;
}

/* Crash records are kept when the load note is lost: the unit has no name. */
static u32 unit_of_crash(struct note_parser *p, u32 id)
{
	u32 i = unit_find(p, id);

	if (i != REC_NONE || id >= HANDOVER_UNITS_MAX) {
		if (i == REC_NONE)
			problem(p, "the unit's number is out of range");
		return i;
	}
	problem(p, "the unit is in no load record");
	i = unit_add(p, id);
	if (i != REC_NONE)
		p->f->unit[i].name = text(p, "unknown", 7);
	return i;
}

static struct crash_unit *crash_unit(struct note_parser *p, u32 id)
{
	struct crash_facts *c = p->crash;
	u32 unit = unit_of_crash(p, id);
	struct crash_unit *u;
	size_t i;

	if (unit == REC_NONE)
		return NULL;
	for (i = 0; i < c->unit_n; i++)
		if (c->unit[i].unit == unit)
			return &c->unit[i];
	u = GROW(p, c->unit, c->unit_n);
	if (u)
		u->unit = unit;
	return u;
}

/* --- NOTE_LOAD --- */

static void rec_load(struct note_parser *p)
{
	struct facts *f = p->f;
	struct rec_load r;
	u32 at = sizeof(r);

	TAKE(p, r);
	if (f->tool) {
		problem(p, "a second LOAD record");
		return;
	}
	f->machine = r.arch;
	f->time = r.time;
	p->decisions->mode = r.mode;
	f->tool = string(p, &at);
	f->release = string(p, &at);
}

static void rec_missing(struct note_parser *p)
{
	struct facts *f = p->f;
	struct fact_missing *m;
	u32 at = 0;

	if (!room(p, f->missing_n, OTHERS_MAX))
		return;
	m = GROW(p, f->missing, f->missing_n);
	if (!m)
		return;
	m->source = string(p, &at);
	m->why = string(p, &at);
}

static void rec_unit(struct note_parser *p)
{
	struct fact_unit *u;
	struct rec_unit r;
	u32 at = sizeof(r), i;

	TAKE(p, r);
	if (unit_find(p, r.id) != REC_NONE) {
		problem(p, "a second unit of this number");
		return;
	}
	i = unit_add(p, r.id);
	if (i == REC_NONE)
		return;
	u = &p->f->unit[i];
	u->name = string(p, &at);
	u->vendor = r.vendor;
	u->segment = r.segment;
	u->reg_phys = r.reg_phys;
	u->reg_len = r.reg_len;
	u->flags = r.flags;
	u->cap = r.cap;
	u->ecap = r.ecap;
	u->root = r.root;
	u->host_bits = r.host_bits;
	p->decisions->unit[i].mode = r.mode;
}

/* Behind the strings, at @at: a stream that 16 bits do not hold. */
static u32 wide_stream(struct note_parser *p, u32 at, u16 lower)
{
	u32 stream;

	if (at > p->rec->len || p->rec->len - at < sizeof(stream))
		return lower;
	memcpy(&stream, p->data + at, sizeof(stream));
	if ((u16)stream == lower)
		return stream;
	problem(p, "the stream's lower half is not the device's requester");
	return lower;
}

static void rec_device(struct note_parser *p)
{
	struct facts *f = p->f;
	struct fact_device *d;
	struct decision *decision;
	struct rec_device r;
	u32 at = sizeof(r);

	TAKE(p, r);
	if (!room(p, f->device_n, FACTS_DEVICES_MAX))
		return;
	d = GROW(p, f->device, f->device_n);
	decision = GROW(p, p->decisions->device, p->decisions->device_n);
	if (!d || !decision)
		return;
	d->name = string(p, &at);
	d->driver = string(p, &at);
	if (d->driver && !*d->driver) {
		free(d->driver);
		d->driver = NULL;
	}
	d->segment = r.segment;
	d->requester = wide_stream(p, at, r.requester);
	d->vendor = r.vendor;
	d->device = r.device;
	d->class = r.class;
	d->group = r.group;
	d->domain_type = r.domain_type;
	*decision = (struct decision){ r.mode, r.reason };
	d->unit = r.unit == REC_NONE ? REC_NONE : unit_find(p, r.unit);
	if (r.unit != REC_NONE && d->unit == REC_NONE)
		problem(p, "the device's unit is in no record before it");
}

static void rec_alias(struct note_parser *p)
{
	struct facts *f = p->f;
	struct fact_alias *a;
	struct rec_alias r;

	TAKE(p, r);
	if (!room(p, f->alias_n, FACTS_DEVICES_MAX))
		return;
	a = GROW(p, f->alias, f->alias_n);
	if (a)
		*a = (struct fact_alias){ r.segment, r.requester, r.alias };
}

static void rec_region(struct note_parser *p)
{
	struct facts *f = p->f;
	struct fact_region *g;
	struct rec_region r;

	TAKE(p, r);
	if (!room(p, f->region_n, FACTS_DEVICES_MAX))
		return;
	g = GROW(p, f->region, f->region_n);
	if (g)
		*g = (struct fact_region){ r.start, r.end, r.group, r.type };
}

static void rec_reservation(struct note_parser *p)
{
	struct facts *f = p->f;
	struct span r, *s;

	TAKE(p, r);
	if (!room(p, f->reservation_n, OTHERS_MAX))
		return;
	s = GROW(p, f->reservation, f->reservation_n);
	if (s)
		*s = r;
}

static void rec_cma(struct note_parser *p)
{
	struct facts *f = p->f;
	struct span r, *s;

	TAKE(p, r);
	if (!room(p, f->cma_n, OTHERS_MAX))
		return;
	s = GROW(p, f->cma, f->cma_n);
	if (s)
		*s = r;
}

/* As the line of /proc/iomem that it was. */
static void rec_memory(struct note_parser *p)
{
	static const char name[] = "System RAM";
	struct facts *f = p->f;
	struct iomem *m;
	struct span r;

	TAKE(p, r);
	if (!room(p, f->iomem_n, FACTS_DEVICES_MAX))
		return;
	if (!r.len || r.len - 1 > ~0ULL - r.start) {
		problem(p, "the memory is empty or wraps");
		return;
	}
	m = GROW(p, f->iomem, f->iomem_n);
	if (!m)
		return;
	m->start = r.start;
	m->end = r.start + r.len - 1;
	m->name = text(p, name, sizeof(name) - 1);
}

/* The elements behind a rec_unit_ref; @size of one; false: too many. */
static bool elements(struct note_parser *p, struct rec_unit_ref *r, u32 size)
{
	TAKE(p, *r);
	if (r->n > (p->rec->len - sizeof(*r)) / size) {
		problem(p, "the record counts more elements than it holds");
		return false;
	}
	return true;
}

static void take_regs(struct note_parser *p, struct iommu_regs *regs, u32 n)
{
	u32 i;

	regs->n = 0;
	for (i = 0; i < n; i++) {
		struct iommu_reg r;

		memcpy(&r,
		       p->data + sizeof(struct rec_unit_ref) + i * sizeof(r),
		       sizeof(r));
		if (regs_add(regs, r.off, r.width, r.val)) {
			problem(p, "more registers than a unit has");
			return;
		}
	}
}

/* What the writer did not know of them stands behind the last one. */
static void take_unknown(struct note_parser *p, struct fact_unit *u, u32 n)
{
	u32 at = (u32)(sizeof(struct rec_unit_ref) +
		       n * sizeof(struct iommu_reg));
	u64 unknown;

	u->rebuilt_n = 0;
	for (u32 i = 0; i < n && i < u->regs.n; i++) {
		if (p->rec->len - at < (i + 1) * sizeof(unknown))
			return;
		memcpy(&unknown, p->data + at + i * sizeof(unknown),
		       sizeof(unknown));
		if (unknown)
			fact_reg_rebuilt(u, u->regs.r[i].off,
					 u->regs.r[i].width, u->regs.r[i].val,
					 unknown);
	}
}

static void rec_regs(struct note_parser *p)
{
	struct rec_unit_ref r;
	struct crash_unit *c;
	u32 unit;

	if (!elements(p, &r, sizeof(struct iommu_reg)))
		return;
	if (p->note == NOTE_CRASH) {
		c = crash_unit(p, r.unit);
		if (!c)
			return;
		c->has_regs = true;
		take_regs(p, &c->regs, r.n);
		return;
	}
	unit = unit_find(p, r.unit);
	if (unit == REC_NONE) {
		problem(p, "the registers' unit is in no record before it");
		return;
	}
	take_regs(p, &p->f->unit[unit].regs, r.n);
	take_unknown(p, &p->f->unit[unit], r.n);
}

/* --- NOTE_TABLES --- */

static bool unpack(struct note_parser *p, const struct rec_table *r, u8 *to)
{
	const u8 *from = p->data + sizeof(*r);
	u32 len = p->rec->len - (u32)sizeof(*r);
	uLongf got = r->raw_len;

	if (r->encoding == 0) {
		if (len < r->raw_len) {
			problem(p, "the table is shorter than it says");
			return false;
		}
		memcpy(to, from, r->raw_len);
		return true;
	}
	if (r->encoding != 1) {
		problem(p, "the table's encoding is unknown");
		return false;
	}
	if (uncompress(to, &got, from, len) != Z_OK || got != r->raw_len) {
		problem(p, "the table does not unpack to its length");
		return false;
	}
	return true;
}

static void rec_table(struct note_parser *p)
{
	struct facts *f = p->f;
	struct fact_table *t;
	struct rec_table r;
	u8 *bytes;

	TAKE(p, r);
	if (!r.raw_len || r.raw_len > TABLE_RAW_MAX ||
	    r.raw_len / ZLIB_RATIO_MAX > p->rec->len ||
	    r.raw_len > TABLES_RAW_MAX - p->tables_raw) {
		problem(p, "the table's length is 0 or beyond the limit");
		return;
	}
	/* What fails has cost as much. */
	p->tables_raw += r.raw_len;
	bytes = malloc(r.raw_len);
	if (!bytes) {
		p->nomem = true;
		return;
	}
	t = room(p, f->table_n, FACTS_DEVICES_MAX) && unpack(p, &r, bytes)
		    ? GROW(p, f->table, f->table_n)
		    : NULL;
	if (!t) {
		free(bytes);
		return;
	}
	*t = (struct fact_table){ r.phys,    unit_find(p, r.unit), r.at,
				  r.raw_len, r.requester,	   bytes };
}

/* --- NOTE_CRASH --- */

static void rec_purgatory(struct note_parser *p)
{
	struct rec_purgatory r;

	TAKE(p, r);
	p->crash->purgatory = r;
}

static void rec_faults(struct note_parser *p)
{
	struct iommu_fault_raw *more;
	struct rec_unit_ref r;
	struct crash_unit *c;

	if (!elements(p, &r, sizeof(struct iommu_fault_raw)))
		return;
	c = crash_unit(p, r.unit);
	if (!c || !r.n || !room(p, c->fault_n + r.n, OTHERS_MAX))
		return;
	more = reallocarray(c->fault, c->fault_n + r.n, sizeof(*more));
	if (!more) {
		p->nomem = true;
		return;
	}
	c->fault = more;
	memcpy(&more[c->fault_n], p->data + sizeof(r), r.n * sizeof(*more));
	c->fault_n += r.n;
}

static void rec_action(struct note_parser *p)
{
	struct crash_unit *c;
	struct rec_action r;

	TAKE(p, r);
	c = crash_unit(p, r.unit);
	if (!c)
		return;
	if (r.result.evidence.raw_words > IOMMU_RAW_MAX) {
		problem(p, "evidence has more words than an entry");
		r.result.evidence.raw_words = IOMMU_RAW_MAX;
	}
	c->has_action = true;
	c->action = r;
}

static void rec_entry(struct note_parser *p)
{
	struct crash_facts *c = p->crash;
	struct rec_entry r, *e;

	TAKE(p, r);
	if (!room(p, c->entry_n, ENTRIES_MAX))
		return;
	if (r.evidence.raw_words > IOMMU_RAW_MAX) {
		problem(p, "evidence has more words than an entry");
		r.evidence.raw_words = IOMMU_RAW_MAX;
	}
	r.unit = unit_of_crash(p, r.unit);
	e = r.unit == REC_NONE ? NULL : GROW(p, c->entry, c->entry_n);
	if (e)
		*e = r;
}

static void rec_trap(struct note_parser *p)
{
	struct crash_facts *c = p->crash;
	struct rec_trap r, *t;

	TAKE(p, r);
	if (!room(p, c->trap_n, OTHERS_MAX))
		return;
	if (r.unit != REC_NONE)
		r.unit = unit_of_crash(p, r.unit);
	t = GROW(p, c->trap, c->trap_n);
	if (t)
		*t = r;
}

/* --- */

/*
 * What every writer has written of a record, and without which it says
 * nothing; iommu-notes(5), Lengths. It stays when a structure grows.
 */
static const struct {
	u32 note;
	u16 type;
	u16 least; /* bytes */
	void (*take)(struct note_parser *p);
} records[] = {
	{ NOTE_LOAD, REC_LOAD, 16, rec_load },
	{ NOTE_LOAD, REC_MISSING, 0, rec_missing },
	{ NOTE_LOAD, REC_UNIT, 56, rec_unit },
	{ NOTE_LOAD, REC_DEVICE, 24, rec_device },
	{ NOTE_LOAD, REC_ALIAS, 8, rec_alias },
	{ NOTE_LOAD, REC_REGION, 20, rec_region },
	{ NOTE_LOAD, REC_RESERVATION, 16, rec_reservation },
	{ NOTE_LOAD, REC_REGS, 8, rec_regs },
	{ NOTE_LOAD, REC_MEMORY, 16, rec_memory },
	{ NOTE_LOAD, REC_CMA, 16, rec_cma },
	{ NOTE_CRASH, REC_REGS, 8, rec_regs },
	{ NOTE_TABLES, REC_TABLE, 24, rec_table },
	{ NOTE_CRASH, REC_PURGATORY, 64, rec_purgatory },
	{ NOTE_CRASH, REC_FAULTS, 8, rec_faults },
	{ NOTE_CRASH, REC_ACTION, 32, rec_action },
	{ NOTE_CRASH, REC_ENTRY, 40, rec_entry },
	{ NOTE_CRASH, REC_TRAP, 16, rec_trap },
};

static void take_record(struct note_parser *p)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(records); i++) {
		if (records[i].note != p->note ||
		    records[i].type != p->rec->type)
			continue;
		if (p->rec->len < records[i].least)
			problem(p, "the record is shorter than its structure");
		else
			records[i].take(p);
	}
}

static void take_records(struct note_parser *p, const struct note *n, u32 told)
{
	struct note_record_reader r;
	u32 found = 0;
	struct note_record rec;
	const u8 *data;

	note_records(&r, n);
	for (p->at = r.at; note_record_next(&r, &rec, &data); p->at = r.at) {
		p->rec = &rec;
		p->data = data;
		take_record(p);
		found++;
	}
	if (p->at < r.len) {
		problem(p, "the record claims more than the note holds");
	} else if (found != told) {
		p->at = 0;
		problem(p, "the head says another number of records");
	}
}

/* Our notes of @type, or what is wrong with them when @type is 0. */
static void take_notes(struct note_parser *p, u32 type)
{
	struct note_reader r = { .buf = p->notes, .len = p->notes_len };
	struct note_head head;
	struct note n;
	u64 bad = ~0ULL;

	while (!p->nomem && note_next(&r, &n, &bad)) {
		enum note_state state = note_check(&n, &head);

		p->note = n.type;
		p->base = (u64)(n.desc - p->notes);
		if (!type && state != NOTE_VALID && state != NOTE_NOT_OURS)
			problem_at(p, p->base - NOTE_HEADER_BYTES, state,
				   note_state_text(state));
		if (!type || n.type != type || state != NOTE_VALID)
			continue;
		if (type == NOTE_CRASH) {
			p->crash->present = true;
			p->crash->dropped += head.dropped;
		} else if (head.dropped) {
			p->at = 0;
			problem(p, "the writer had no room for some records");
		}
		take_records(p, &n, head.records);
	}
	if (!type && bad != ~0ULL) {
		p->note = 0;
		problem_at(p, bad, NOTE_SHORT,
			   "the note claims more than the segment holds");
	}
}

const char *note_state_text(enum note_state state)
{
	static const char *const words[] = {
		[NOTE_VALID] = "valid",
		[NOTE_NOT_OURS] = "not ours",
		[NOTE_SHORT] = "the note is shorter than its head says",
		[NOTE_BAD_MAGIC] = "the note's magic is wrong",
		[NOTE_BAD_VERSION] = "the note's version is unknown",
		[NOTE_BAD_CRC] = "the note's checksum is wrong",
	};

	return state < ARRAY_SIZE(words) ? words[state] : "unknown state";
}

/* By type, not by place: crash records refer to units of the load note. */
int facts_from_notes(const u8 *notes, size_t len, struct facts *f,
		     struct decisions *d, struct crash_facts *c,
		     struct note_problems *problems)
{
	struct note_parser p = {
		.notes = notes,
		.notes_len = len,
		.f = f,
		.decisions = d,
		.crash = c,
		.problems = problems,
	};

	take_notes(&p, 0);
	take_notes(&p, NOTE_LOAD);
	take_notes(&p, NOTE_TABLES);
	take_notes(&p, NOTE_CRASH);
	return p.nomem ? -ENOMEM : 0;
}

void crash_facts_free(struct crash_facts *c)
{
	for (size_t i = 0; i < c->unit_n; i++) {
		free(c->unit[i].fault);
		free(c->unit[i].regs.r);
	}
	free(c->unit);
	free(c->entry);
	free(c->trap);
	*c = (struct crash_facts){ 0 };
}

void note_problem_in_file(struct note_problems *p, u64 offset, const char *rule)
{
	struct note_problem *q = array_grow(&p->list, &p->n, sizeof(*q));

	/* Without memory for it, what follows fails as well. */
	if (q)
		*q = (struct note_problem){ .offset = offset,
					    .in_file = true,
					    .state = NOTE_SHORT,
					    .rule = rule };
}

void note_problems_free(struct note_problems *p)
{
	free(p->list);
	*p = (struct note_problems){ 0 };
}
