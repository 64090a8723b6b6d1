// SPDX-License-Identifier: GPL-2.0-only
/* iommudump show: the story of the crash. */
#include <stdio.h>
#include <string.h>
#include "columns.h"

/* Microseconds between two counts; 0 when the counter tells nothing. */
static u64 ticks_us(u64 from, u64 to, u64 per_ms)
{
	if (!per_ms || to < from)
		return 0;
	/* In two parts, so that no product wraps. */
	return (to - from) / per_ms * 1000 +
	       (to - from) % per_ms * 1000 / per_ms;
}

static const char *digest_text(u32 flags, u32 step)
{
	if (flags & (PURGATORY_DIGEST_SKIPPED | PURGATORY_MODULE))
		return "not checked";
	if (flags & PURGATORY_DIGEST_OK)
		return "right";
	return step >= STEP_VERIFY ? "wrong" : "not reached";
}

static void add_purgatory(struct report *r)
{
	const struct crash_facts *c = &r->d->crash;
	const struct rec_purgatory *p = &c->purgatory;
	struct json_object *o, *a, *v;
	u32 i, last = p->step < STEP_N ? p->step : STEP_N - 1;

	if (!c->present)
		return;
	o = put_object(r->doc, "purgatory");
	put_bool(o, "ran", p->flags & PURGATORY_RAN);
	if (p->flags & PURGATORY_MODULE)
		put_text(o, "by", crash_actor(c));
	put_word(o, "reached", view_step_text(p->step), p->step);
	if (p->flags & PURGATORY_PLAN_BAD)
		put_word(o, "plan",
			 p->plan_err < PLAN_ERR_N ? plan_err_text(p->plan_err)
						  : NULL,
			 p->plan_err);
	put_text(o, "digest", digest_text(p->flags, p->step));
	put_bool(o, "sha_instructions", p->flags & PURGATORY_SHA_NI);
	put_number(o, "nmis", p->nmis);
	put_number(o, "records_dropped", c->dropped);
	a = put_array(o, "steps");
	for (i = STEP_PLAN; i <= last; i++) {
		v = push_object(a);
		put_text(v, "step", view_step_text(i));
		put_number(v, "us",
			   ticks_us(p->ticks[i - 1], p->ticks[i],
				    p->ticks_per_ms));
	}
	if (p->flags & PURGATORY_MODULE && p->step >= STEP_QUIESCE)
		put_number(o, "quiesced_us",
			   ticks_us(p->ticks[STEP_NONE], p->ticks[STEP_QUIESCE],
				    p->ticks_per_ms));
}

static void add_action(struct json_object *o, const struct dump *d,
		       const struct rec_action *a)
{
	const struct iommu_result *s = &a->result;
	struct json_object *v;

	put_text(o, "mode", iommu_mode_name(a->mode));
	put_word(o, "outcome", view_outcome_text(s->outcome), s->outcome);
	put_number(o, "us",
		   ticks_us(a->ticks_start, a->ticks_end,
			    d->crash.purgatory.ticks_per_ms));
	put_hex(o, "root_before", s->root_before);
	put_hex(o, "root_after", s->root_after);
	put_number(o, "kept", s->kept);
	put_number(o, "aborted", s->aborted);
	put_number(o, "guarded", s->guarded);
	put_number(o, "sunk", s->sunk);
	put_number(o, "bad", s->bad);
	put_word(o, "invalidation", view_invalidation_text(s->invalidation),
		 s->invalidation);
	if (!s->err)
		return;
	v = put_object(o, "reason");
	put_text(v, "error", iommu_err_text(s->err));
	if (s->evidence.err)
		put_evidence(v, &s->evidence);
}

/* Which of the registers were put together from what the kernel keeps. */
static void add_rebuilt(struct json_object *o, const struct dump *d, u32 unit)
{
	const struct fact_unit *u = &d->facts.unit[unit];
	struct json_object *a = NULL;
	u32 i;

	for (i = 0; i < u->regs.n; i++) {
		const char *name = view_reg_text(u->vendor, u->regs.r[i].off);

		if (!name ||
		    !view_reg_unknown(d, unit, VIEW_CRASH, u->regs.r[i].off))
			continue;
		if (!a)
			a = put_array(o, "registers_rebuilt");
		json_object_array_add(a, json_object_new_string(name));
	}
}

static void add_config(struct json_object *o, const struct dump *d, u32 unit)
{
	struct iommu_config c, load;
	bool fallback;
	int err = view_config(d, unit, VIEW_CRASH, &c, &fallback);

	if (err) {
		put_text(o, "registers_error", view_error_text(d, unit, err));
		return;
	}
	put_text(o, "registers_from",
		 !fallback	  ? "crash"
		 : d->from_kernel ? "kernel"
		 : d->live	  ? "now"
				  : "load");
	add_rebuilt(o, d, unit);
	/* Not what any unit has: nobody kept it. */
	if (c.version || !d->from_kernel)
		put_hex(o, "version", c.version);
	put_hex(o, "cap", c.cap);
	put_hex(o, "ecap", c.ecap);
	put_bool(o, "translation", c.on);
	put_word(o, "form", view_form_text(&c), c.form);
	put_hex(o, "root", c.root);
	if (!fallback && !view_config(d, unit, VIEW_LOAD, &load, NULL)) {
		put_hex(o, "root_at_load", load.root);
		put_bool(o, "root_differs",
			 load.root != c.root || load.form != c.form);
	}
	put_bool(o, "fault_pending", c.fault_pending);
}

static void add_units(struct report *r)
{
	const struct dump *d = r->d;
	struct json_object *a = put_array(r->doc, "units"), *o;
	u32 i;

	for (i = 0; i < d->facts.unit_n; i++) {
		const struct fact_unit *u = &d->facts.unit[i];
		const struct crash_unit *c = view_crash_unit(d, i);

		o = push_object(a);
		put_text(o, "name", u->name);
		put_word(o, "vendor", view_vendor_text(u->vendor), u->vendor);
		put_number(o, "segment", u->segment);
		put_hex(o, "registers", u->reg_phys);
		if (d->facts.tool)
			put_text(o, "decided",
				 iommu_mode_name(
					 decided_unit(&d->decisions, i).mode));
		add_config(o, d, i);
		put_number(o, "faults", c ? c->fault_n : 0);
		if (c && c->has_action)
			add_action(put_object(o, "action"), d, &c->action);
	}
}

/* One word for what an entry became. */
static const char *became(const struct rec_entry *e)
{
	switch (view_after_entry(e)) {
	case AFTER_KEPT:
		return "kept";
	case AFTER_GUARDED:
		return "guarded";
	default:
		return iommu_mode_name(e->mode);
	}
}

static void add_entries(struct report *r)
{
	const struct crash_facts *c = &r->d->crash;
	struct json_object *a = put_array(r->doc, "entries"), *o;
	size_t i;

	for (i = 0; i < c->entry_n; i++) {
		const struct rec_entry *e = &c->entry[i];

		/* What an entry was, which walk shows. */
		if (e->mode == IOMMU_MODE_RECORD)
			continue;
		o = push_object(a);
		put_requester(o, r->d, e->unit, e->evidence.requester,
			      VIEW_NO_PASID);
		put_text(o, "became", became(e));
		if (e->evidence.iova)
			put_hex(o, "iova", e->evidence.iova);
		put_evidence(o, &e->evidence);
	}
}

static void add_traps(struct report *r)
{
	const struct crash_facts *c = &r->d->crash;
	struct json_object *a = put_array(r->doc, "traps"), *o;
	size_t i;

	for (i = 0; i < c->trap_n; i++) {
		o = push_object(a);
		put_number(o, "vector", c->trap[i].vector);
		put_word(o, "step", view_step_text(c->trap[i].step),
			 c->trap[i].step);
		put_unit(o, "unit", r->d, c->trap[i].unit);
		put_hex(o, "error", c->trap[i].error);
		put_hex(o, "pc", c->trap[i].pc);
		put_hex(o, "address", c->trap[i].address);
	}
}

static void add_missing(struct report *r)
{
	const struct facts *f = &r->d->facts;
	struct json_object *a = put_array(r->doc, "missing"), *o;
	size_t i;

	for (i = 0; i < f->missing_n; i++) {
		o = push_object(a);
		put_text(o, "source", f->missing[i].source);
		put_text(o, "why", f->missing[i].why);
	}
}

/* How many devices had which domain type, and what became of them. */
static void add_summary(struct report *r)
{
	const struct facts *f = &r->d->facts;
	struct json_object *o = put_object(r->doc, "devices"), *t, *b;
	u64 type[DOMAIN_UNMANAGED + 1] = { 0 }, after[AFTER_SUNK + 1] = { 0 };
	u64 no_unit = 0;
	size_t i;

	for (i = 0; i < f->device_n; i++) {
		const struct fact_device *d = &f->device[i];

		type[d->domain_type <= DOMAIN_UNMANAGED ? d->domain_type : 0]++;
		if (d->unit == REC_NONE)
			no_unit++;
		else
			after[view_after(r->d, d->unit, d->requester)]++;
	}
	put_number(o, "count", f->device_n);
	put_number(o, "behind_no_unit", no_unit);
	t = put_object(o, "domain_types");
	for (i = 0; i < ARRAY_SIZE(type); i++)
		if (type[i])
			put_number(t, view_domain_type_text((u32)i), type[i]);
	b = put_object(o, "after");
	for (i = 0; r->d->crash.present && i < ARRAY_SIZE(after); i++)
		if (after[i])
			put_number(b, view_after_text((enum view_after)i),
				   after[i]);
}

bool report_show(struct report *r)
{
	const struct facts *f = &r->d->facts;

	put_text(r->doc, "release", f->release);
	put_text(r->doc, "tool", f->tool);
	if (f->tool) {
		put_number(r->doc, "loaded", f->time);
		put_text(r->doc, "mode", iommu_mode_name(r->d->decisions.mode));
	}
	put_bool(r->doc, "crash_note", r->d->crash.present);
	if (r->d->from_kernel)
		put_text(r->doc, "source", "kernel");
	add_purgatory(r);
	add_units(r);
	add_entries(r);
	add_traps(r);
	add_summary(r);
	add_missing(r);
	return true;
}

/* --- text --- */

static const char *actor(struct json_object *purgatory)
{
	return get(purgatory, "by") ? get_text(purgatory, "by") : "purgatory";
}

static void print_purgatory(struct json_object *p)
{
	size_t i, n = get_count(p, "steps");
	u64 total = 0;

	if (!p) {
		puts("purgatory: no crash note");
		return;
	}
	if (!get_bool(p, "ran"))
		printf("%s: did not run\n", actor(p));
	if (get(p, "plan"))
		printf("%s: refused its plan: %s\n", actor(p),
		       get_text(p, "plan"));
	printf("%s: reached %s, digest %s%s\n", actor(p),
	       get_text(p, "reached"), get_text(p, "digest"),
	       get_bool(p, "sha_instructions") ? " (by SHA instructions)" : "");
	fputs("  ", stdout);
	for (i = 0; i < n; i++) {
		struct json_object *s = get_at(p, "steps", i);

		total += get_number(s, "us");
		printf("%s %s us, ", get_text(s, "step"), get_text(s, "us"));
	}
	printf("in all %llu us\n", (unsigned long long)total);
	if (get(p, "quiesced_us"))
		printf("  from the module's hook to the end of the last unit's switch %s us\n",
		       get_text(p, "quiesced_us"));
	if (get_number(p, "records_dropped"))
		printf("  %s record%s found no room in the note\n",
		       get_text(p, "records_dropped"),
		       plural(get_number(p, "records_dropped")));
	if (get_number(p, "nmis"))
		printf("  %s NMI%s came in\n", get_text(p, "nmis"),
		       plural(get_number(p, "nmis")));
}

static void print_action(struct json_object *a)
{
	printf("  %s: %s", get_text(a, "mode"), get_text(a, "outcome"));
	if (get(a, "reason"))
		print_evidence(get(a, "reason"));
	printf("\n  in %s us, entries kept %s, aborted %s, guarded %s, sunk "
	       "%s, bad %s; invalidation %s\n",
	       get_text(a, "us"), get_text(a, "kept"), get_text(a, "aborted"),
	       get_text(a, "guarded"), get_text(a, "sunk"), get_text(a, "bad"),
	       get_text(a, "invalidation"));
	printf("  base register %s before, %s after\n",
	       get_text(a, "root_before"), get_text(a, "root_after"));
}

static void print_unit(struct json_object *u)
{
	printf("unit %s: %s, segment %s, registers at %s\n",
	       get_text(u, "name"), get_text(u, "vendor"),
	       get_text(u, "segment"), get_text(u, "registers"));
	if (get(u, "registers_error"))
		printf("  state unknown: %s\n", get_text(u, "registers_error"));
	else
		printf("  translation %s, %s tables at %s (registers as of the "
		       "%s%s)%s%s\n",
		       get_bool(u, "translation") ? "on" : "OFF",
		       get_text(u, "form"), get_text(u, "root"),
		       get_text(u, "registers_from"),
		       get(u, "registers_rebuilt")
			       ? ", rebuilt from what the kernel keeps"
			       : "",
		       get(u, "version") ? ", version " : "",
		       get_text(u, "version"));
	if (get_bool(u, "root_differs"))
		printf("  at load the tables were at %s\n",
		       get_text(u, "root_at_load"));
	if (get_number(u, "faults"))
		printf("  %s fault%s pending, see iommudump faults\n",
		       get_text(u, "faults"), plural(get_number(u, "faults")));
	if (get(u, "action"))
		print_action(get(u, "action"));
}

static void print_counts(struct json_object *o)
{
	bool first = true;

	if (!o)
		return;
	json_object_object_foreach(o, key, val)
	{
		printf("%s%s (%s)", first ? ": " : ", ", key,
		       json_object_get_string(val));
		first = false;
	}
}

static void print_summary(struct json_object *o, bool load)
{
	printf("%s device%s, by %s", get_text(o, "count"),
	       plural(get_number(o, "count")),
	       load ? "default domain at load" : "default domain");
	print_counts(get(o, "domain_types"));
	if (get_number(o, "behind_no_unit"))
		printf("; %s behind no IOMMU", get_text(o, "behind_no_unit"));
	putchar('\n');
	if (get(o, "after") && json_object_object_length(get(o, "after"))) {
		fputs("  their DMA after the crash", stdout);
		print_counts(get(o, "after"));
		putchar('\n');
	}
}

static void print_entry(struct json_object *e)
{
	fputs("  ", stdout);
	print_who(e);
	printf(" on %s, %s", get_text(e, "unit"), get_text(e, "became"));
	print_evidence(e);
	putchar('\n');
}

static const struct column trap_columns[] = {
	{ .title = "vector", .key = "vector" },
	{ .title = "step", .key = "step" },
	{ .title = "unit", .key = "unit" },
	{ .title = "error", .key = "error" },
	{ .title = "pc", .key = "pc" },
	{ .title = "address", .key = "address" },
	{ .title = NULL },
};

void print_show(struct json_object *doc)
{
	size_t i;

	if (get(doc, "release"))
		printf("kernel %s\n", get_text(doc, "release"));
	if (get(doc, "tool"))
		printf("recorded by kexec-iommu %s, mode %s\n",
		       get_text(doc, "tool"), get_text(doc, "mode"));
	if (get(doc, "source"))
		puts("no IOMMU notes: all of this is what the dead kernel's "
		     "own "
		     "structures say;\nregisters are as it kept them, not as "
		     "the hardware had them");
	if (get(doc, "tool") || get_bool(doc, "crash_note"))
		print_purgatory(get(doc, "purgatory"));
	for (i = 0; i < get_count(doc, "units"); i++)
		print_unit(get_at(doc, "units", i));
	if (get_count(doc, "entries"))
		puts("entries not kept as they were:");
	for (i = 0; i < get_count(doc, "entries"); i++)
		print_entry(get_at(doc, "entries", i));
	if (get_count(doc, "traps"))
		printf("traps in the %s:\n", actor(get(doc, "purgatory")));
	print_rows(doc, "traps", "  ", trap_columns);
	print_summary(get(doc, "devices"), !get(doc, "source"));
	for (i = 0; i < get_count(doc, "missing"); i++)
		printf("not read: %s: %s\n",
		       get_text(get_at(doc, "missing", i), "source"),
		       get_text(get_at(doc, "missing", i), "why"));
}
