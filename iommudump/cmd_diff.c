// SPDX-License-Identifier: GPL-2.0-only
/*
 * iommudump diff: two dumps against each other, or what one dump recorded at
 * load time against what it found at the crash.
 *
 * What one side can't tell is no difference: it is counted as undecided.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "report.h"

/* Entries of one unit and side that are compared. */
#define ENTRIES_MAX 16384u

struct side {
	struct dump *d;
	enum view_when when;
};

struct diff {
	struct report *r;
	struct side side[2];
	struct json_object *units, *devices, *entries, *undecided;
	bool different;
};

static const char *const key_of[2] = { "a", "b" };

static const char *change_text(bool in_a, bool in_b)
{
	return in_a && in_b ? "changed" : in_a ? "gone" : "came";
}

static void give_up(struct diff *f, const char *unit, const char *what, u64 n)
{
	struct json_object *o = push_object(f->undecided);

	put_text(o, "unit", unit);
	put_text(o, "why", what);
	if (n)
		put_number(o, "entries", n);
}

/* --- fields: texts of both sides --- */

static bool add_field(struct json_object *a, const char *name, const char *x,
		      const char *y)
{
	struct json_object *o;

	if (!strcmp(x ? x : "", y ? y : ""))
		return false;
	o = push_object(a);
	put_text(o, "field", name);
	put_text(o, "a", x);
	put_text(o, "b", y);
	return true;
}

static bool add_number(struct json_object *a, const char *name, u64 x, u64 y,
		       const char *format)
{
	char tx[32], ty[32];

	if (x == y)
		return false;
	snprintf(tx, sizeof(tx), format, (unsigned long long)x);
	snprintf(ty, sizeof(ty), format, (unsigned long long)y);
	return add_field(a, name, tx, ty);
}

/* REC_NONE is nothing. */
static bool add_optional(struct json_object *a, const char *name, u32 x, u32 y)
{
	char t[2][16];
	u32 v[2] = { x, y };
	int i;

	for (i = 0; i < 2; i++)
		snprintf(t[i], sizeof(t[i]), "%u", v[i]);
	return x != y && add_field(a, name, x == REC_NONE ? NULL : t[0],
				   y == REC_NONE ? NULL : t[1]);
}

/* Without a record of the load nothing was decided for anyone. */
static bool decided(const struct diff *f)
{
	return f->side[0].d->facts.tool && f->side[1].d->facts.tool;
}

/* --- units --- */

static const struct iommu_regs *regs_of(const struct side *s, u32 unit)
{
	const struct crash_unit *c = view_crash_unit(s->d, unit);

	return s->when == VIEW_CRASH && c && c->has_regs
		       ? &c->regs
		       : &s->d->facts.unit[unit].regs;
}

static u64 unknown_of(const struct side *s, u32 unit, u32 off)
{
	return view_reg_unknown(s->d, unit, s->when, off);
}

/* Those that both sides know, by the bits that both sides know. */
static bool diff_registers(struct diff *f, struct json_object *a,
			   const u32 unit[2])
{
	const struct fact_unit *u = &f->side[0].d->facts.unit[unit[0]];
	const struct iommu_regs *x = regs_of(&f->side[0], unit[0]);
	const struct iommu_regs *y = regs_of(&f->side[1], unit[1]);
	struct json_object *o;
	bool different = false;
	char number[16];
	const char *name;
	u64 val, unknown[2];
	u32 i, off;

	for (i = 0; i < x->n; i++) {
		off = x->r[i].off;
		unknown[0] = unknown_of(&f->side[0], unit[0], off);
		unknown[1] = unknown_of(&f->side[1], unit[1], off);
		if (!iommu_reg_get(y, off, &val) ||
		    !((val ^ x->r[i].val) & ~(unknown[0] | unknown[1])))
			continue;
		name = view_reg_text(u->vendor, off);
		snprintf(number, sizeof(number), "0x%x", off);
		o = push_object(a);
		put_text(o, "register", name ? name : number);
		put_hex(o, "a", x->r[i].val);
		put_hex(o, "b", val);
		if (unknown[0])
			put_hex(o, "a_unknown", unknown[0]);
		if (unknown[1])
			put_hex(o, "b_unknown", unknown[1]);
		different = true;
	}
	return different;
}

static const char *decided_mode(const struct diff *f, int side, u32 unit)
{
	return iommu_mode_name(
		decided_unit(&f->side[side].d->decisions, unit).mode);
}

static bool diff_unit_fields(struct diff *f, struct json_object *a,
			     const u32 unit[2])
{
	const struct fact_unit *x = &f->side[0].d->facts.unit[unit[0]];
	const struct fact_unit *y = &f->side[1].d->facts.unit[unit[1]];
	struct iommu_config c[2];
	bool different;
	int i, err = 0;

	different = add_number(a, "vendor", x->vendor, y->vendor, "%llu");
	different |= add_number(a, "segment", x->segment, y->segment, "%llu");
	different |=
		add_number(a, "registers", x->reg_phys, y->reg_phys, "0x%llx");
	if (decided(f))
		different |= add_field(a, "decided",
				       decided_mode(f, 0, unit[0]),
				       decided_mode(f, 1, unit[1]));
	for (i = 0; i < 2; i++)
		err |= view_config(f->side[i].d, unit[i], f->side[i].when,
				   &c[i], NULL);
	if (err)
		give_up(f, x->name, "its registers are not known", 0);
	else
		different |= add_field(a, "translation", c[0].on ? "on" : "off",
				       c[1].on ? "on" : "off");
	return different;
}

static void diff_unit(struct diff *f, const u32 unit[2])
{
	struct json_object *o = push_object(f->units);
	bool different;

	put_unit(o, "unit", f->side[0].d, unit[0]);
	put_text(o, "change", change_text(true, true));
	different = diff_unit_fields(f, put_array(o, "fields"), unit);
	different |= diff_registers(f, put_array(o, "registers"), unit);
	if (!different)
		json_object_array_del_idx(
			f->units, json_object_array_length(f->units) - 1, 1);
	f->different |= different;
}

static void only_unit(struct diff *f, int side, u32 unit)
{
	struct json_object *o = push_object(f->units);

	put_unit(o, "unit", f->side[side].d, unit);
	put_text(o, "change", change_text(!side, side));
	put_array(o, "fields");
	put_array(o, "registers");
	f->different = true;
}

/* --- entries --- */

struct listing {
	struct view_entry *e;
	size_t n;
	bool more;
};

static bool each_entry(void *arg, const struct view_entry *e)
{
	struct listing *l = arg;

	if (l->n >= ENTRIES_MAX) {
		l->more = true;
		return false;
	}
	l->e[l->n++] = *e;
	return true;
}

/* VIEW_NO_PASID comes first. */
static int by_key(const void *a, const void *b)
{
	const struct view_entry *x = a, *y = b;

	if (x->requester != y->requester)
		return x->requester < y->requester ? -1 : 1;
	return x->pasid + 1 < y->pasid + 1 ? -1 : x->pasid != y->pasid;
}

static bool is_absent(const struct view_entry *e)
{
	return e->domain.kind == IOMMU_KIND_BLOCKED &&
	       e->ev.err == IOMMU_ENOTPRESENT;
}

static bool same(const struct view_entry *x, const struct view_entry *y)
{
	return x->domain.kind == y->domain.kind && x->ev.err == y->ev.err &&
	       x->domain.entry_words == y->domain.entry_words &&
	       !memcmp(x->domain.entry, y->domain.entry,
		       x->domain.entry_words * sizeof(u64));
}

/* @e: of both sides; NULL: not there. */
static void add_entry(struct diff *f, const struct view_entry *const e[2])
{
	struct json_object *o = push_object(f->entries);
	int i = !e[0];

	put_text(o, "change", change_text(e[0], e[1]));
	put_requester(o, f->side[i].d, e[i]->unit, e[i]->requester,
		      e[i]->pasid);
	for (i = 0; i < 2; i++)
		if (e[i])
			put_domain(put_object(o, key_of[i]), e[i]);
	f->different = true;
}

/* Compares what both sides say of one key; false: one can't tell. */
static bool diff_entry(struct diff *f, const struct view_entry *a,
		       const struct view_entry *b)
{
	const struct view_entry *e[2] = { a, b };

	if (a->err || b->err)
		return false;
	if (is_absent(a))
		e[0] = NULL;
	if (is_absent(b))
		e[1] = NULL;
	if ((e[0] || e[1]) && !(e[0] && e[1] && same(a, b)))
		add_entry(f, e);
	return true;
}

/* A listing leaves out what is absent, and repeats of what can't be read. */
static bool diff_one_sided(struct diff *f, int side, const u32 unit[2],
			   const struct view_entry *e)
{
	const struct side *other = &f->side[!side];
	struct view_trail trail;
	struct view_entry o;

	if (view_lookup(other->d, unit[!side], other->when, e->requester,
			e->pasid, &o, &trail))
		return false;
	return side ? diff_entry(f, &o, e) : diff_entry(f, e, &o);
}

static u64 merge(struct diff *f, const u32 unit[2], const struct listing l[2])
{
	size_t i = 0, k = 0;
	u64 unknown = 0;
	int order;

	while (i < l[0].n || k < l[1].n) {
		if (i == l[0].n)
			order = 1;
		else if (k == l[1].n)
			order = -1;
		else
			order = by_key(&l[0].e[i], &l[1].e[k]);
		if (!order)
			unknown += !diff_entry(f, &l[0].e[i], &l[1].e[k]);
		else if (order < 0)
			unknown += !diff_one_sided(f, 0, unit, &l[0].e[i]);
		else
			unknown += !diff_one_sided(f, 1, unit, &l[1].e[k]);
		i += order <= 0;
		k += order >= 0;
	}
	return unknown;
}

/* Lists both sides; false: told why they can't be compared. */
static bool list_both(struct diff *f, const u32 unit[2], struct listing l[2])
{
	const char *name = f->side[0].d->facts.unit[unit[0]].name;
	struct iommu_config c;
	int i, err;

	for (i = 0; i < 2; i++) {
		const struct side *s = &f->side[i];

		/* Told by diff_unit_fields already. */
		if (view_config(s->d, unit[i], s->when, &c, NULL) || !c.on)
			return false;
		err = view_entries(s->d, unit[i], s->when, each_entry, &l[i]);
		if (err || l[i].more) {
			give_up(f, name,
				l[i].more ? "too many entries"
				: s->when == VIEW_LOAD
					? "its tables were not recorded"
					: iommu_err_text((u32)err),
				0);
			return false;
		}
		if (l[i].n)
			qsort(l[i].e, l[i].n, sizeof(*l[i].e), by_key);
	}
	return true;
}

static bool diff_entries(struct diff *f, const u32 unit[2])
{
	struct listing l[2] = { { 0 } };
	u64 unknown = 0;
	int i;

	for (i = 0; i < 2; i++)
		l[i].e = calloc(ENTRIES_MAX, sizeof(*l[i].e));
	if (l[0].e && l[1].e && list_both(f, unit, l))
		unknown = merge(f, unit, l);
	if (unknown)
		give_up(f, f->side[0].d->facts.unit[unit[0]].name,
			"entries that one side could not read", unknown);
	free(l[0].e);
	free(l[1].e);
	return l[0].e && l[1].e;
}

/* --- devices --- */

static int by_name(const void *a, const void *b)
{
	const struct fact_device *x = *(const struct fact_device *const *)a;
	const struct fact_device *y = *(const struct fact_device *const *)b;

	return strcmp(x->name, y->name);
}

static const struct fact_device **sorted(const struct facts *f)
{
	const struct fact_device **d = calloc(f->device_n + 1, sizeof(*d));
	size_t i;

	for (i = 0; d && i < f->device_n; i++)
		d[i] = &f->device[i];
	if (d)
		qsort(d, f->device_n, sizeof(*d), by_name);
	return d;
}

static const char *unit_name(const struct side *s, const struct fact_device *d)
{
	return d->unit < s->d->facts.unit_n ? s->d->facts.unit[d->unit].name
					    : NULL;
}

static bool add_decision(struct diff *f, struct json_object *a,
			 const struct fact_device *const d[2])
{
	struct decision decision[2];
	bool different;
	int i;

	for (i = 0; i < 2; i++) {
		const struct dump *dump = f->side[i].d;

		decision[i] = decided_device(
			&dump->decisions, (size_t)(d[i] - dump->facts.device));
	}
	different = add_field(a, "mode", iommu_mode_name(decision[0].mode),
			      iommu_mode_name(decision[1].mode));
	different |= add_field(a, "reason",
			       iommu_reason_text(decision[0].reason),
			       iommu_reason_text(decision[1].reason));
	return different;
}

static void diff_device(struct diff *f, const struct fact_device *const d[2])
{
	const struct fact_device *x = d[0], *y = d[1];
	struct json_object *o = push_object(f->devices), *a;
	bool different = !x || !y;

	put_text(o, "device", (x ? x : y)->name);
	put_text(o, "change", change_text(x, y));
	a = put_array(o, "fields");
	if (x && y) {
		different |= add_field(a, "driver", x->driver, y->driver);
		different |= add_field(a, "domain_type",
				       view_domain_type_text(x->domain_type),
				       view_domain_type_text(y->domain_type));
		if (x->attached && y->attached)
			different |=
				add_field(a, "attached",
					  view_domain_type_text(x->attached),
					  view_domain_type_text(y->attached));
		different |= add_optional(a, "group", x->group, y->group);
		different |= add_field(a, "unit", unit_name(&f->side[0], x),
				       unit_name(&f->side[1], y));
	}
	if (x && y && f->r->other && decided(f))
		different |= add_decision(f, a, d);
	if (!different)
		json_object_array_del_idx(
			f->devices, json_object_array_length(f->devices) - 1,
			1);
	f->different |= different;
}

/* What the kernel says of them at the end, against what the load recorded. */
static void diff_since_load(struct diff *f)
{
	const struct dump *d = f->side[0].d;
	size_t i;

	for (i = 0; i < d->facts.device_n && i < d->at_load_n; i++) {
		const struct at_load *l = &d->at_load[i];
		struct fact_device now = d->facts.device[i], was = now;
		const struct fact_device *pair[2] = { &was, &now };

		if (l->since == SINCE_SAME)
			continue;
		if (l->since == SINCE_ADDED)
			pair[0] = NULL;
		if (l->since == SINCE_GONE)
			pair[1] = NULL;
		was.driver = l->driver;
		was.group = l->group;
		was.domain_type = l->domain_type;
		diff_device(f, pair);
	}
}

static bool diff_devices(struct diff *f)
{
	const struct fact_device **d[2], *pair[2];
	size_t n[2], at[2] = { 0, 0 };
	int i, order;

	for (i = 0; i < 2; i++) {
		d[i] = sorted(&f->side[i].d->facts);
		n[i] = f->side[i].d->facts.device_n;
	}
	while (d[0] && d[1] && (at[0] < n[0] || at[1] < n[1])) {
		if (at[0] == n[0])
			order = 1;
		else if (at[1] == n[1])
			order = -1;
		else
			order = strcmp(d[0][at[0]]->name, d[1][at[1]]->name);
		pair[0] = order <= 0 ? d[0][at[0]++] : NULL;
		pair[1] = order >= 0 ? d[1][at[1]++] : NULL;
		diff_device(f, pair);
	}
	free(d[0]);
	free(d[1]);
	return d[0] && d[1];
}

/* --- all --- */

static u32 find_unit(const struct facts *f, const char *name)
{
	u32 i;

	for (i = 0; i < f->unit_n; i++)
		if (!strcmp(f->unit[i].name, name))
			return i;
	return REC_NONE;
}

static bool diff_units(struct diff *f)
{
	const struct facts *a = &f->side[0].d->facts;
	const struct facts *b = &f->side[1].d->facts;
	bool memory = true;
	u32 i;

	for (i = 0; i < a->unit_n && memory; i++) {
		u32 pair[2] = { i, find_unit(b, a->unit[i].name) };

		if (pair[1] == REC_NONE) {
			only_unit(f, 0, i);
			continue;
		}
		diff_unit(f, pair);
		memory = diff_entries(f, pair);
	}
	for (i = 0; i < b->unit_n; i++)
		if (find_unit(a, b->unit[i].name) == REC_NONE)
			only_unit(f, 1, i);
	return memory;
}

static void put_side(struct diff *f, int i, const char *source)
{
	struct json_object *o = put_object(f->r->doc, key_of[i]);

	put_text(o, "source", source);
	put_text(o, "release", f->side[i].d->facts.release);
	if (f->side[i].when == VIEW_LOAD)
		put_text(o, "as_of", "the load");
	else
		put_as_of(o, f->side[i].d);
}

bool report_diff(struct report *r)
{
	struct diff f = {
		.r = r, .side = { { r->d, VIEW_LOAD }, { r->d, VIEW_CRASH } }
	};
	bool memory;

	if (r->other) {
		f.side[0].when = VIEW_CRASH;
		f.side[1].d = r->other;
	} else if (!r->d->facts.tool) {
		r->status = EXIT_INCOMPLETE;
		snprintf(r->err, r->err_len,
			 "diff: there is no record of the load here; name two "
			 "dumps, or with -f one that has it");
		return false;
	}
	put_side(&f, 0, r->other ? r->argv[0] : NULL);
	put_side(&f, 1, r->other ? r->argv[1] : NULL);
	f.units = put_array(r->doc, "units");
	f.devices = put_array(r->doc, "devices");
	f.entries = put_array(r->doc, "entries");
	f.undecided = put_array(r->doc, "undecided");
	memory = diff_units(&f);
	if (memory && r->other)
		memory = diff_devices(&f);
	else if (memory)
		diff_since_load(&f);
	put_bool(r->doc, "equal",
		 !f.different && !get_count(r->doc, "undecided"));
	r->status = f.different			? EXIT_DIFFERENT
		    : get_bool(r->doc, "equal") ? EXIT_ANSWERED
						: EXIT_INCOMPLETE;
	if (!memory) {
		r->status = EXIT_INCOMPLETE;
		snprintf(r->err, r->err_len, "diff: out of memory");
	}
	return memory;
}

/* --- text --- */

static char sign(struct json_object *o)
{
	const char *change = get_text(o, "change");

	return !strcmp(change, "came")	 ? '+'
	       : !strcmp(change, "gone") ? '-'
					 : '~';
}

static void print_fields(struct json_object *o, const char *key,
			 const char *name)
{
	size_t i;

	for (i = 0; i < get_count(o, key); i++) {
		struct json_object *v = get_at(o, key, i);

		printf("    %s: %s%s -> %s%s\n", get_text(v, name),
		       get(v, "a") ? get_text(v, "a") : "-",
		       get(v, "a_unknown") ? " (rebuilt)" : "",
		       get(v, "b") ? get_text(v, "b") : "-",
		       get(v, "b_unknown") ? " (rebuilt)" : "");
	}
}

static void print_side(struct json_object *o, const char *mark)
{
	printf("%s %s%s", mark, get_text(o, "source"),
	       get(o, "source") ? ", " : "");
	if (get(o, "release"))
		printf("kernel %s, ", get_text(o, "release"));
	printf("as of %s\n", get_text(o, "as_of"));
}

static void print_entry(struct json_object *e)
{
	int i;

	printf("%c entry ", sign(e));
	print_who(e);
	printf(" on %s\n", get_text(e, "unit"));
	for (i = 0; i < 2; i++) {
		if (!get(e, key_of[i]))
			continue;
		printf("    %c ", i ? '+' : '-');
		print_domain(get(e, key_of[i]));
	}
}

void print_diff(struct json_object *doc)
{
	struct json_object *o;
	size_t i;

	if (get_bool(doc, "equal"))
		return;
	print_side(get(doc, "a"), "---");
	print_side(get(doc, "b"), "+++");
	for (i = 0; i < get_count(doc, "units"); i++) {
		o = get_at(doc, "units", i);
		printf("%c unit %s\n", sign(o), get_text(o, "unit"));
		print_fields(o, "fields", "field");
		print_fields(o, "registers", "register");
	}
	for (i = 0; i < get_count(doc, "devices"); i++) {
		o = get_at(doc, "devices", i);
		printf("%c device %s\n", sign(o), get_text(o, "device"));
		print_fields(o, "fields", "field");
	}
	for (i = 0; i < get_count(doc, "entries"); i++)
		print_entry(get_at(doc, "entries", i));
	for (i = 0; i < get_count(doc, "undecided"); i++) {
		o = get_at(doc, "undecided", i);
		printf("? unit %s: %s", get_text(o, "unit"),
		       get_text(o, "why"));
		if (get(o, "entries"))
			printf(" (%s)", get_text(o, "entries"));
		putchar('\n');
	}
}
