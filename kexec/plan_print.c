// SPDX-License-Identifier: GPL-2.0-only
/* The plan, for people and as JSON. */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include "config.h"
#include "iommu.h"
#include "plan.h"

void plan_print(const struct plan *p, FILE *f)
{
	if (p->file_load)
		fprintf(f, "mode %s, kexec_file_load(2), initrd %s\n",
			iommu_mode_name(p->decisions.mode),
			p->initrd ? "with the notes behind it"
				  : "as it was given");
	else
		fprintf(f, "mode %s, entry 0x%" PRIx64 "\n",
			iommu_mode_name(p->decisions.mode), p->entry);
	fprintf(f, "command line: %s\n", p->command_line);
	for (u32 i = 0; i < p->segments.n; i++) {
		const struct segment *s = &p->segments.s[i];

		fprintf(f,
			"segment %-12s mem 0x%-12" PRIx64 " memsz 0x%-9" PRIx64
			" bufsz 0x%" PRIx64 "\n",
			s->name, s->mem, s->memsz, s->bufsz);
	}
	for (size_t i = 0; i < p->facts->unit_n && p->decisions.mode; i++)
		fprintf(f, "iommu %s at 0x%" PRIx64 ": %s\n",
			p->facts->unit[i].name, p->facts->unit[i].reg_phys,
			iommu_mode_name(decided_unit(&p->decisions, i).mode));
	for (size_t i = 0; i < p->facts->device_n && p->decisions.mode; i++)
		fprintf(f, "device %s: %s (%s)\n", p->facts->device[i].name,
			iommu_mode_name(decided_device(&p->decisions, i).mode),
			iommu_reason_text(
				decided_device(&p->decisions, i).reason));
	for (size_t i = 0; i < p->facts->missing_n && p->decisions.mode; i++)
		fprintf(f, "missing %s: %s\n", p->facts->missing[i].source,
			p->facts->missing[i].why);
}

/* Addresses are strings: JSON numbers lose bits above 2^53. */
static json_object *hex(u64 v)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, v);
	return json_object_new_string(text);
}

/* Bytes of the character at @s, by Unicode 15 table 3-7; 0: it is none. */
static size_t utf8_len(const u8 *s)
{
	static const struct {
		u8 first, last, second, second_last, len;
	} rows[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	size_t n = 2;

	if (*s < 0x80)
		return 1;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (*s < rows[i].first || *s > rows[i].last)
			continue;
		if (s[1] < rows[i].second || s[1] > rows[i].second_last)
			return 0;
		while (n < rows[i].len && (s[n] & 0xc0) == 0x80)
			n++;
		return n == rows[i].len ? n : 0;
	}
	return 0;
}

/*
 * JSON is UTF-8, a command line may be anything: a byte that is no part of a
 * character becomes U+FFFD. NULL for NULL, and without memory.
 */
static json_object *string(const char *s)
{
	char *text = s ? malloc(3 * strlen(s) + 1) : NULL, *to = text;
	json_object *o;

	if (!text)
		return NULL;
	while (*s) {
		size_t n = utf8_len((const u8 *)s);

		memcpy(to, n ? s : "\xef\xbf\xbd", n ? n : 3);
		to += n ? n : 3;
		s += n ? n : 1;
	}
	*to = 0;
	o = json_object_new_string(text);
	free(text);
	return o;
}

/* A member that is not known is left out. */
static void put(json_object *o, const char *key, json_object *v)
{
	if (v)
		json_object_object_add(o, key, v);
}

static json_object *requester_json(u16 segment, u32 requester)
{
	char bdf[16];

	if (requester > 0xffff)
		snprintf(bdf, sizeof(bdf), "0x%x", requester);
	else
		snprintf(bdf, sizeof(bdf), "%04x:%02x:%02x.%x", segment,
			 requester >> 8 & 0xff, requester >> 3 & 0x1f,
			 requester & 7);
	return string(bdf);
}

static json_object *segments_json(const struct plan *p)
{
	json_object *all = json_object_new_array();

	for (u32 i = 0; i < p->segments.n; i++) {
		const struct segment *s = &p->segments.s[i];
		json_object *o = json_object_new_object();

		put(o, "name", string(s->name));
		put(o, "mem", hex(s->mem));
		put(o, "bufsz", json_object_new_int64((int64_t)s->bufsz));
		put(o, "memsz", json_object_new_int64((int64_t)s->memsz));
		put(o, "digest", json_object_new_int64((int64_t)s->digest));
		json_object_array_add(all, o);
	}
	return all;
}

static json_object *units_json(const struct plan *p)
{
	const struct facts *f = p->facts;
	json_object *all = json_object_new_array();

	for (size_t i = 0; i < f->unit_n; i++) {
		const struct fact_unit *u = &f->unit[i];
		const struct iommu_vendor *v = iommu_vendor(u->vendor);
		json_object *o = json_object_new_object();

		put(o, "name", string(u->name));
		put(o, "vendor", string(v ? v->name : NULL));
		put(o, "segment", json_object_new_int(u->segment));
		put(o, "registers", hex(u->reg_phys));
		put(o, "decided",
		    string(iommu_mode_name(
			    decided_unit(&p->decisions, i).mode)));
		json_object_array_add(all, o);
	}
	return all;
}

static json_object *aliases_json(const struct facts *f,
				 const struct fact_device *d)
{
	json_object *all = json_object_new_array();

	for (size_t i = 0; i < f->alias_n; i++) {
		const struct fact_alias *a = &f->alias[i];

		if (a->segment == d->segment && a->requester == d->requester)
			json_object_array_add(all, requester_json(a->segment,
								  a->alias));
	}
	return all;
}

static const char *domain_name(u8 type)
{
	static const char *const names[] = {
		[DOMAIN_UNKNOWN] = "unknown", [DOMAIN_DMA] = "DMA",
		[DOMAIN_DMA_FQ] = "DMA-FQ",   [DOMAIN_IDENTITY] = "identity",
		[DOMAIN_BLOCKED] = "blocked", [DOMAIN_UNMANAGED] = "unmanaged",
	};

	return type < ARRAY_SIZE(names) ? names[type] : NULL;
}

static json_object *devices_json(const struct plan *p)
{
	const struct facts *f = p->facts;
	json_object *all = json_object_new_array();

	for (size_t i = 0; i < f->device_n; i++) {
		const struct fact_device *d = &f->device[i];
		struct decision decision = decided_device(&p->decisions, i);
		bool behind = d->unit < f->unit_n;
		json_object *o = json_object_new_object();

		put(o, "name", string(d->name));
		put(o, "requester", requester_json(d->segment, d->requester));
		put(o, "driver", string(d->driver));
		put(o, "group",
		    d->group == REC_NONE ? NULL
					 : json_object_new_int64(d->group));
		put(o, "domain_type", string(domain_name(d->domain_type)));
		put(o, "unit", string(behind ? f->unit[d->unit].name : NULL));
		put(o, "mode", string(iommu_mode_name(decision.mode)));
		put(o, "reason", string(iommu_reason_text(decision.reason)));
		put(o, "aliases", aliases_json(f, d));
		json_object_array_add(all, o);
	}
	return all;
}

static json_object *missing_json(const struct facts *f)
{
	json_object *all = json_object_new_array();

	for (size_t i = 0; i < f->missing_n; i++) {
		json_object *o = json_object_new_object();

		put(o, "source", string(f->missing[i].source));
		put(o, "why", string(f->missing[i].why));
		json_object_array_add(all, o);
	}
	return all;
}

static json_object *lines_json(const struct lines *l)
{
	json_object *all = json_object_new_array();

	for (size_t i = 0; i < l->n; i++)
		json_object_array_add(all, string(l->line[i]));
	return all;
}

int plan_print_json(const struct plan *p, FILE *f)
{
	json_object *o = json_object_new_object();
	const char *text;

	put(o, "tool", string(PACKAGE_VERSION));
	put(o, "panic", json_object_new_boolean(p->panic));
	put(o, "mode", string(iommu_mode_name(p->decisions.mode)));
	put(o, "release", string(p->release));
	put(o, "command_line", string(p->command_line));
	put(o, "system_call",
	    string(p->file_load ? "kexec_file_load" : "kexec_load"));
	put(o, "entry", hex(p->entry));
	put(o, "segments", segments_json(p));
	put(o, "units", units_json(p));
	put(o, "devices", devices_json(p));
	put(o, "missing", missing_json(p->facts));
	put(o, "warnings", lines_json(&p->warnings));
	put(o, "notices", lines_json(&p->notices));
	text = json_object_to_json_string_ext(
		o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
			   JSON_C_TO_STRING_NOSLASHESCAPE);
	if (text)
		fprintf(f, "%s\n", text);
	json_object_put(o);
	return text ? 0 : -1;
}
