// SPDX-License-Identifier: GPL-2.0-only
/* Writing a report's document. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "report.h"

/* A report has no use for a half. */
void *need(void *p)
{
	if (p)
		return p;
	fputs("iommudump: out of memory\n", stderr);
	abort();
}

static void put(struct json_object *o, const char *key, struct json_object *v)
{
	json_object_object_add(o, key, need(v));
}

struct json_object *put_object(struct json_object *o, const char *key)
{
	struct json_object *v = json_object_new_object();

	put(o, key, v);
	return v;
}

struct json_object *put_array(struct json_object *o, const char *key)
{
	struct json_object *v = json_object_new_array();

	put(o, key, v);
	return v;
}

struct json_object *push_object(struct json_object *array)
{
	struct json_object *v = need(json_object_new_object());

	json_object_array_add(array, v);
	return v;
}

void put_text(struct json_object *o, const char *key, const char *s)
{
	if (s)
		put(o, key, json_object_new_string(s));
}

void put_number(struct json_object *o, const char *key, u64 n)
{
	put(o, key, json_object_new_uint64(n));
}

void put_bool(struct json_object *o, const char *key, bool b)
{
	put(o, key, json_object_new_boolean(b));
}

static struct json_object *hex(u64 v)
{
	char buf[24];

	snprintf(buf, sizeof(buf), "0x%llx", (unsigned long long)v);
	return need(json_object_new_string(buf));
}

void put_hex(struct json_object *o, const char *key, u64 v)
{
	put(o, key, hex(v));
}

void push_hex(struct json_object *array, u64 v)
{
	json_object_array_add(array, hex(v));
}

void put_hex_array(struct json_object *o, const char *key, const u64 *v, u32 n)
{
	struct json_object *a = put_array(o, key);
	u32 i;

	for (i = 0; i < n && i < IOMMU_RAW_MAX; i++)
		json_object_array_add(a, hex(v[i]));
}

void put_word(struct json_object *o, const char *key, const char *word,
	      u32 value)
{
	if (word)
		put_text(o, key, word);
	else
		put_number(o, key, value);
}

void put_perm(struct json_object *o, const char *key, u32 perm)
{
	char buf[4];

	snprintf(buf, sizeof(buf), "%s%s%s", perm & IOMMU_R ? "r" : "",
		 perm & IOMMU_W ? "w" : "", perm & IOMMU_X ? "x" : "");
	put_text(o, key, buf);
}

void text_bdf(char *buf, size_t len, u32 segment, u32 requester)
{
	if (requester > 0xffff)
		snprintf(buf, len, "0x%x", requester);
	else
		snprintf(buf, len, "%04x:%02x:%02x.%x", segment & 0xffff,
			 requester >> 8, requester >> 3 & 0x1f, requester & 7);
}

void put_bdf(struct json_object *o, const char *key, u32 segment, u32 requester)
{
	char buf[24];

	text_bdf(buf, sizeof(buf), segment, requester);
	put_text(o, key, buf);
}

void put_evidence(struct json_object *o, const struct iommu_evidence *ev)
{
	if (!ev->err)
		return;
	put_text(o, "error", iommu_err_text(ev->err));
	if (ev->level)
		put_word(o, "at", view_level_text(ev->level), ev->level);
	if (ev->level || ev->where)
		put_hex(o, "where", ev->where);
	if (ev->raw_words)
		put_hex_array(o, "raw", ev->raw, ev->raw_words);
}

void put_unit(struct json_object *o, const char *key, const struct dump *d,
	      u32 unit)
{
	if (unit < d->facts.unit_n)
		put_text(o, key, d->facts.unit[unit].name);
}

void put_as_of(struct json_object *o, const struct dump *d)
{
	put_text(o, "as_of",
		 d->live	    ? "now"
		 : d->from_kernel   ? "the crash, with registers as the "
				      "kernel kept them"
		 : d->crash.present ? "the crash"
				    : "the crash, with registers of the load");
}

#define DEVICES_MAX 64 /* of one requester: an alias can stand for a bus */

void put_requester(struct json_object *o, struct dump *d, u32 unit,
		   u32 requester, u32 pasid)
{
	const struct facts *f = &d->facts;
	u32 segment = unit < f->unit_n ? f->unit[unit].segment : 0;
	size_t device[DEVICES_MAX], n, i;
	struct json_object *a, *v;

	put_unit(o, "unit", d, unit);
	put_bdf(o, "requester", segment, requester);
	if (pasid != VIEW_NO_PASID)
		put_number(o, "pasid", pasid);
	a = put_array(o, "devices");
	n = view_devices(d, unit, requester, device, DEVICES_MAX);
	for (i = 0; i < n; i++) {
		v = push_object(a);
		put_text(v, "name", f->device[device[i]].name);
		put_text(v, "driver", f->device[device[i]].driver);
	}
}

/* A device that no unit translates for: it is not found by requester. */
static void put_plain_device(struct json_object *o, const struct dump *d,
			     const struct reach_hit *h)
{
	const struct fact_device *f = &d->facts.device[h->device];
	struct json_object *v;

	put_unit(o, "unit", d, h->unit);
	put_bdf(o, "requester", f->segment, f->requester);
	v = push_object(put_array(o, "devices"));
	put_text(v, "name", f->name);
	put_text(v, "driver", f->driver);
}

void put_reacher(struct json_object *o, struct dump *d,
		 const struct reach_hit *h)
{
	if (h->requester == REC_NONE)
		put_unit(o, "unit", d, h->unit);
	else if (h->why == REACH_OFF || h->why == REACH_NO_UNIT)
		put_plain_device(o, d, h);
	else
		put_requester(o, d, h->unit, h->requester, h->pasid);
}

static void put_stage(struct json_object *a, const struct iommu_table *t)
{
	struct json_object *v;

	if (!t->format)
		return;
	v = push_object(a);
	put_text(v, "form", t->format->name);
	put_hex(v, "root", t->root);
	put_number(v, "levels", t->levels);
	if (t->base)
		put_hex(v, "from", t->base);
}

void put_stages(struct json_object *o, const struct iommu_table *stage,
		const struct iommu_table *upper)
{
	struct json_object *a = put_array(o, "stages");

	put_stage(a, &stage[0]);
	if (upper)
		put_stage(a, upper);
	put_stage(a, &stage[1]);
}

void put_domain(struct json_object *o, const struct view_entry *e)
{
	const struct iommu_domain *d = &e->domain;

	if (e->err)
		put_text(o, "kind", "unknown");
	else
		put_word(o, "kind", view_kind_text(d->kind), d->kind);
	if (!e->err && d->kind != IOMMU_KIND_BLOCKED)
		put_number(o, "domain", d->did);
	if (d->entry_words) {
		put_hex(o, "entry", d->entry_addr);
		put_hex_array(o, "words", d->entry, d->entry_words);
	}
	put_stages(o, d->stage, &d->upper);
	put_bool(o, "faults_off", d->fault_off);
	put_bool(o, "ats", d->ats);
	if (d->pasid)
		put_bool(o, "pasids", true);
	if (d->deny)
		put_perm(o, "denied", d->deny);
	put_evidence(o, &e->ev);
}

void put_trail(struct json_object *o, const char *key,
	       const struct view_trail *trail)
{
	struct json_object *a = put_array(o, key), *v;
	u32 i;

	for (i = 0; i < trail->n; i++) {
		v = push_object(a);
		put_text(v, "at", trail->step[i].at);
		put_hex(v, "where", trail->step[i].where);
		put_hex_array(v, "raw", trail->step[i].raw,
			      trail->step[i].words);
	}
}
