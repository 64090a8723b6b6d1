// SPDX-License-Identifier: GPL-2.0-only
/*
 * facts -> notes. Each segment holds one note and its terminator; what does
 * not fit into one segment goes on in another of the same type. REC_LOAD is
 * in the first one only; all other records stand for themselves.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "facts.h"

struct note_output {
	struct note_segment *seg;
	size_t n;
	u32 type;
	struct note_writer w;
	u8 *buf; /* of the note being written; NULL: none */
};

static int finish(struct note_output *o)
{
	struct note_segment *s;
	u8 *fit;

	if (!o->buf)
		return 0;
	note_seal(&o->w);
	s = array_grow(&o->seg, &o->n, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->len = (u32)align_up(o->w.len, 4) + NOTE_TERMINATOR;
	fit = realloc(o->buf, s->len);
	s->bytes = fit ? fit : o->buf;
	memset(s->bytes + o->w.len, 0, s->len - o->w.len);
	o->buf = NULL;
	return 0;
}

static int begin(struct note_output *o)
{
	o->buf = malloc(NOTE_SEGMENT_MAX);
	if (!o->buf)
		return -ENOMEM;
	/* It can't fail: a segment holds more than an empty note. */
	note_begin(&o->w, o->buf, NOTE_SEGMENT_MAX, o->type);
	return 0;
}

/* A payload in up to three parts: a struct, and what follows it. */
struct payload_part {
	const void *data;
	u32 len;
};

static bool try_record(struct note_writer *w, u16 type,
		       const struct payload_part *p, size_t parts)
{
	struct note_writer before = *w;
	u32 len = 0;

	for (size_t i = 0; i < parts; i++)
		len += p[i].len;
	if (note_record(w, type, p[0].data, p[0].len, len)) {
		*w = before; /* not dropped: it goes into the next note */
		return false;
	}
	for (size_t i = 1; i < parts; i++)
		note_bytes(w, p[i].data, p[i].len);
	return true;
}

static int put(struct note_output *o, u16 type, const struct payload_part *p,
	       size_t parts)
{
	int rc = o->buf ? 0 : begin(o);

	if (rc || try_record(&o->w, type, p, parts))
		return rc;
	rc = finish(o);
	if (!rc)
		rc = begin(o);
	/* One that fits into no note is counted there as dropped. */
	if (!rc && !try_record(&o->w, type, p, parts))
		note_record(&o->w, type, NULL, 0, NOTE_SEGMENT_MAX);
	return rc;
}

/* Strings are u16 length-prefixed; longer ones than that are cut. */
#define STRINGS_MAX 1024

struct strings {
	u8 buf[STRINGS_MAX];
	u32 len;
};

static void add_string(struct strings *s, const char *text)
{
	size_t len = text ? strlen(text) : 0;

	if (len > STRINGS_MAX / 2 - 2)
		len = STRINGS_MAX / 2 - 2;
	s->buf[s->len++] = (u8)len;
	s->buf[s->len++] = (u8)(len >> 8);
	memcpy(s->buf + s->len, text ? text : "", len);
	s->len += (u32)len;
}

/* A record of a struct and up to two strings (@b NULL: an empty one). */
static int put_named(struct note_output *o, u16 type, const void *head,
		     u32 head_len, unsigned int strings, const char *a,
		     const char *b)
{
	struct strings s = { .len = 0 };

	if (strings > 0)
		add_string(&s, a);
	if (strings > 1)
		add_string(&s, b);
	return put(o, type,
		   (struct payload_part[]){ { head, head_len },
					    { s.buf, s.len } },
		   2);
}

/* Behind the registers, if any of them was put together: what is not known. */
static int put_regs(struct note_output *o, const struct fact_unit *u, u32 id)
{
	struct rec_unit_ref ref = { id, u->regs.n };
	u64 unknown[IOMMU_REGS_MAX];
	u32 len = 0;

	for (u32 i = 0; i < u->regs.n; i++) {
		unknown[i] = fact_reg_unknown(u, u->regs.r[i].off);
		if (unknown[i])
			len = u->regs.n * (u32)sizeof(unknown[0]);
	}
	return put(o, REC_REGS,
		   (struct payload_part[]){
			   { &ref, sizeof(ref) },
			   { u->regs.r, (u32)(u->regs.n * sizeof(*u->regs.r)) },
			   { unknown, len } },
		   3);
}

static int put_unit(struct note_output *o, const struct fact_unit *u, u32 id,
		    u8 mode)
{
	struct rec_unit r = {
		.id = id,
		.vendor = (u16)u->vendor,
		.segment = u->segment,
		.reg_phys = u->reg_phys,
		.reg_len = u->reg_len,
		.flags = u->flags,
		.cap = u->cap,
		.ecap = u->ecap,
		.root = u->root,
		.mode = mode,
		.host_bits = u->host_bits,
	};
	int rc = put_named(o, REC_UNIT, &r, sizeof(r), 1, u->name, NULL);

	return rc || !u->regs.n ? rc : put_regs(o, u, id);
}

static int put_device(struct note_output *o, const struct fact_device *d,
		      struct decision decision)
{
	struct rec_device r = {
		.unit = d->unit,
		.group = d->group,
		.segment = d->segment,
		.requester = (u16)d->requester,
		.vendor = d->vendor,
		.device = d->device,
		.class = d->class,
		.domain_type = d->domain_type,
		.mode = decision.mode,
		.reason = decision.reason,
	};
	struct strings s = { .len = 0 };

	add_string(&s, d->name);
	add_string(&s, d->driver);
	return put(o, REC_DEVICE,
		   (struct payload_part[]){
			   { &r, sizeof(r) },
			   { s.buf, s.len },
			   { &d->requester, sizeof(d->requester) } },
		   d->requester > 0xffff ? 3 : 2);
}

static int put_rest(struct note_output *o, const struct facts *f)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < f->alias_n; i++) {
		struct rec_alias r = { f->alias[i].segment,
				       (u16)f->alias[i].requester,
				       f->alias[i].alias };

		rc = put_named(o, REC_ALIAS, &r, sizeof(r), 0, NULL, NULL);
	}
	for (size_t i = 0; !rc && i < f->region_n; i++) {
		struct rec_region r = { f->region[i].start, f->region[i].end,
					f->region[i].group, f->region[i].type };

		rc = put_named(o, REC_REGION, &r, sizeof(r), 0, NULL, NULL);
	}
	for (size_t i = 0; !rc && i < f->missing_n; i++)
		rc = put_named(o, REC_MISSING, NULL, 0, 2, f->missing[i].source,
			       f->missing[i].why);
	return rc;
}

/* Hot-plugged memory has a line for each block: neighbours become one. */
static int put_memory(struct note_output *o, const struct facts *f)
{
	struct span s = { 0, 0 };
	int rc = 0;

	for (size_t i = 0; !rc && i < f->iomem_n; i++) {
		const struct iomem *m = &f->iomem[i];

		if (m->depth || !m->end || strcmp(m->name, "System RAM"))
			continue;
		if (s.len && m->start == s.start + s.len) {
			s.len += m->end - m->start + 1;
			continue;
		}
		if (s.len)
			rc = put_named(o, REC_MEMORY, &s, sizeof(s), 0, NULL,
				       NULL);
		s = (struct span){ m->start, m->end - m->start + 1 };
	}
	if (!rc && s.len)
		rc = put_named(o, REC_MEMORY, &s, sizeof(s), 0, NULL, NULL);
	return rc;
}

static int put_load(struct note_output *o, const struct facts *f,
		    const struct decisions *d)
{
	struct rec_load head = { f->time, d->mode, f->machine };
	int rc;

	o->type = NOTE_LOAD;
	rc = put_named(o, REC_LOAD, &head, sizeof(head), 2,
		       f->tool ? f->tool : PACKAGE_VERSION, f->release);
	for (size_t i = 0; !rc && i < f->reservation_n; i++)
		rc = put_named(o, REC_RESERVATION, &f->reservation[i],
			       sizeof(f->reservation[i]), 0, NULL, NULL);
	for (size_t i = 0; !rc && i < f->cma_n; i++)
		rc = put_named(o, REC_CMA, &f->cma[i], sizeof(f->cma[i]), 0,
			       NULL, NULL);
	if (!rc)
		rc = put_memory(o, f);
	for (size_t i = 0; !rc && i < f->unit_n; i++)
		rc = put_unit(o, &f->unit[i], (u32)i, decided_unit(d, i).mode);
	for (size_t i = 0; !rc && i < f->device_n; i++)
		rc = put_device(o, &f->device[i], decided_device(d, i));
	if (!rc)
		rc = put_rest(o, f);
	return rc ? rc : finish(o);
}

/* Most of a table is zeros; where it is not, it is stored as it is. */
static int put_table(struct note_output *o, const struct fact_table *t,
		     u8 *room, uLong room_len)
{
	struct rec_table r = {
		.phys = t->phys,
		.unit = t->unit,
		.at = t->at,
		.raw_len = t->len,
		.requester = t->requester,
	};
	struct payload_part p[2] = { { &r, sizeof(r) }, { t->bytes, t->len } };
	uLongf len = room_len;

	if (compress2(room, &len, t->bytes, t->len, Z_BEST_SPEED) == Z_OK &&
	    len < t->len) {
		r.encoding = 1;
		p[1] = (struct payload_part){ room, (u32)len };
	}
	return put(o, REC_TABLE, p, 2);
}

static int put_tables(struct note_output *o, const struct facts *f)
{
	u32 longest = 0;
	uLong room_len;
	u8 *room;
	int rc = 0;

	for (size_t i = 0; i < f->table_n; i++)
		if (f->table[i].len > longest)
			longest = f->table[i].len;
	if (!longest)
		return 0;
	room_len = compressBound(longest);
	room = malloc(room_len);
	if (!room)
		return -ENOMEM;
	o->type = NOTE_TABLES;
	for (size_t i = 0; !rc && i < f->table_n; i++)
		rc = put_table(o, &f->table[i], room, room_len);
	free(room);
	return rc ? rc : finish(o);
}

int facts_to_notes(const struct facts *f, const struct decisions *d,
		   struct note_segment **seg, size_t *n)
{
	struct note_output o = { 0 };
	int rc = put_load(&o, f, d);

	if (!rc)
		rc = put_tables(&o, f);
	free(o.buf);
	if (rc) {
		note_segments_free(o.seg, o.n);
		return rc;
	}
	*seg = o.seg;
	*n = o.n;
	return 0;
}

void note_segments_free(struct note_segment *seg, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(seg[i].bytes);
	free(seg);
}
