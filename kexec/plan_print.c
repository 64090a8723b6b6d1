// SPDX-License-Identifier: GPL-2.0-only
/* The plan, for people and as JSON. */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
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

static json_object *string(const char *s)
{
	return s ? json_object_new_string(s) : NULL;
}

static void put(json_object *o, const char *key, json_object *v)
{
	json_object_object_add(o, key, v);
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
		put(o, "mode",
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
		char bdf[16];

		if (a->segment != d->segment || a->requester != d->requester)
			continue;
		if (a->alias > 0xffff)
			snprintf(bdf, sizeof(bdf), "0x%x", a->alias);
		else
			snprintf(bdf, sizeof(bdf), "%04x:%02x:%02x.%x",
				 a->segment, a->alias >> 8 & 0xff,
				 a->alias >> 3 & 0x1f, a->alias & 7);
		json_object_array_add(all, string(bdf));
	}
	return all;
}

static const char *domain_name(u8 type)
{
	static const char *const names[] = {
		[DOMAIN_DMA] = "DMA",
		[DOMAIN_DMA_FQ] = "DMA-FQ",
		[DOMAIN_IDENTITY] = "identity",
		[DOMAIN_BLOCKED] = "blocked",
		[DOMAIN_UNMANAGED] = "unmanaged",
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

		put(o, "bdf", string(d->name));
		put(o, "unit", string(behind ? f->unit[d->unit].name : NULL));
		put(o, "group",
		    d->group == REC_NONE ? NULL
					 : json_object_new_int64(d->group));
		put(o, "domain", string(domain_name(d->domain_type)));
		put(o, "driver", string(d->driver));
		put(o, "decision", string(iommu_mode_name(decision.mode)));
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
	int ok;

	put(o, "version", string(PACKAGE_VERSION));
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
	ok = text && fprintf(f, "%s\n", text) > 0;
	json_object_put(o);
	return ok ? 0 : -1;
}
