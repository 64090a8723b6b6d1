// SPDX-License-Identifier: GPL-2.0-only
/* Of iommudump tables: where interrupts lead. */
#include <stdio.h>
#include "columns.h"

/* Entries printed of one unit; a hostile one has 2^22. */
#define ENTRIES_MAX 16384u

struct listing {
	struct report *r;
	struct json_object *tables, *entries;
	u32 segment, n;
	bool more;
};

static void put_source(struct json_object *o, const struct listing *l,
		       const struct iommu_irq *irq)
{
	char buf[16];

	if (irq->source == IOMMU_IRQ_ANY) {
		put_text(o, "source", "any");
	} else if (irq->source == IOMMU_IRQ_BUSES) {
		snprintf(buf, sizeof(buf), "buses %02x-%02x", irq->first,
			 irq->last);
		put_text(o, "source", buf);
	} else {
		put_bdf(o, "source", l->segment, irq->first);
		if (irq->any_function)
			put_hex(o, "source_any", irq->any_function);
	}
}

static void put_target(struct json_object *o, const struct iommu_irq *irq)
{
	put_number(o, "vector", irq->vector);
	if (irq->kind == IOMMU_IRQ_POSTED) {
		put_hex(o, "descriptor", irq->descriptor);
		put_bool(o, "urgent", irq->urgent);
		return;
	}
	put_hex(o, "destination", irq->destination);
	put_text(o, "destination_mode", irq->logical ? "logical" : "physical");
	put_word(o, "delivery", iommu_irq_delivery_text(irq->delivery),
		 irq->delivery);
	put_text(o, "trigger", irq->level ? "level" : "edge");
}

static bool each_entry(void *arg, u32 index, int err,
		       const struct iommu_irq *irq)
{
	struct listing *l = arg;
	struct json_object *o;

	if (l->n++ >= ENTRIES_MAX) {
		l->more = true;
		return false;
	}
	o = push_object(l->entries);
	put_number(o, "index", index);
	put_hex(o, "entry", irq->where);
	if (err) {
		put_text(o, "kind", "unknown");
		put_text(o, "error", iommu_err_text((u32)err));
		l->r->status = EXIT_INCOMPLETE;
		return true;
	}
	put_word(o, "kind", view_irq_text(irq->kind), irq->kind);
	put_target(o, irq);
	put_source(o, l, irq);
	put_bool(o, "faults_off", irq->fault_off);
	put_hex_array(o, "words", irq->raw, irq->raw_words);
	if (irq->err)
		put_text(o, "error", iommu_err_text(irq->err));
	return true;
}

static bool each_table(void *arg, const struct view_irq_table *t)
{
	struct listing *l = arg;
	struct json_object *o;

	if (l->n++ >= ENTRIES_MAX) {
		l->more = true;
		return false;
	}
	o = push_object(l->tables);
	if (t->requester != REC_NONE)
		put_requester(o, l->r->d, t->unit, t->requester, VIEW_NO_PASID);
	if (t->err) {
		put_evidence(o, &t->ev);
		l->r->status = EXIT_INCOMPLETE;
		return false;
	}
	put_hex(o, "root", t->table.base);
	put_number(o, "size", t->table.entries);
	put_number(o, "entry_bytes", t->table.entry_bytes);
	put_bool(o, "x2apic", t->table.x2apic);
	put_bool(o, "bypass", t->table.bypass);
	l->entries = put_array(o, "entries");
	return true;
}

void put_interrupts(struct report *r, struct json_object *unit, u32 u)
{
	struct listing l = { .r = r, .segment = r->d->facts.unit[u].segment };
	struct view_irqs v = { each_table, each_entry, &l, 0, 0 };
	struct json_object *o;
	int err;

	o = json_object_new_object();
	l.tables = put_array(o, "tables");
	err = view_irqs(r->d, u, &v);
	if (err == IOMMU_EUNSUPPORTED) {
		json_object_put(o);
		return;
	}
	if (err)
		put_text(o, "error", iommu_err_text((u32)err));
	put_number(o, "refused", v.refused);
	put_bool(o, "more", l.more);
	if (err || l.more)
		r->status = EXIT_INCOMPLETE;
	json_object_object_add(unit, "interrupts", o);
}

static void write_to(FILE *f, struct json_object *e)
{
	if (get(e, "destination"))
		fprintf(f, "%s %s, %s, %s", get_text(e, "destination_mode"),
			get_text(e, "destination"), get_text(e, "delivery"),
			get_text(e, "trigger"));
	if (get(e, "descriptor"))
		fprintf(f, "%s%s", get_text(e, "descriptor"),
			get_bool(e, "urgent") ? ", urgent" : "");
}

static void write_from(FILE *f, struct json_object *e)
{
	fputs(get_text(e, "source"), f);
	if (get(e, "source_any"))
		fprintf(f, " (any of its bits %s)", get_text(e, "source_any"));
}

static void write_kind(FILE *f, struct json_object *e)
{
	fputs(get_text(e, "kind"), f);
	if (get_bool(e, "faults_off"))
		fputs(", faults off", f);
	if (get(e, "error"))
		fprintf(f, ": %s", get_text(e, "error"));
}

static void write_entry(FILE *f, struct json_object *e)
{
	char buf[64];

	fputs(get_text(e, "entry"), f);
	if (get(e, "words"))
		fprintf(f, ": %s", cell(e, "words", buf, sizeof(buf)));
}

static const struct column entry_columns[] = {
	{ .title = "INDEX", .key = "index" },
	{ .title = "KIND", .text = write_kind },
	{ .title = "VECTOR", .key = "vector" },
	{ .title = "TO", .text = write_to },
	{ .title = "FROM", .text = write_from },
	{ .title = "WORDS", .text = write_entry },
	{ .title = NULL },
};

static void print_table(struct json_object *t)
{
	fputs("  interrupts", stdout);
	if (get(t, "requester")) {
		fputs(" of ", stdout);
		print_who(t);
	}
	if (get(t, "root"))
		printf(": table at %s of %s entries of %s bytes%s",
		       get_text(t, "root"), get_text(t, "size"),
		       get_text(t, "entry_bytes"),
		       get_bool(t, "x2apic") ? ", x2APIC" : "");
	if (get_bool(t, "bypass"))
		fputs(", compatibility-format requests pass it by", stdout);
	print_evidence(t);
	putchar('\n');
	print_rows(t, "entries", "    ", entry_columns);
}

void print_interrupts(struct json_object *o)
{
	size_t i;

	if (!o)
		return;
	if (get(o, "error"))
		printf("  interrupts: unknown: %s\n", get_text(o, "error"));
	else if (!get_count(o, "tables") && !get_number(o, "refused"))
		puts("  interrupts are not remapped");
	if (get_number(o, "refused"))
		printf("  interrupts of %s requester%s are refused\n",
		       get_text(o, "refused"),
		       plural(get_number(o, "refused")));
	for (i = 0; i < get_count(o, "tables"); i++)
		print_table(get_at(o, "tables", i));
	if (get_bool(o, "more"))
		puts("    and more");
}
