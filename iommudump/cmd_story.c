// SPDX-License-Identifier: GPL-2.0-only
/*
 * iommudump story: a crash in a few lines, for the morning after: what died,
 * who could still write and what became of that, what the log's addresses were
 * mapped to, and what to do. report begins with it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../vmcore-dmesg/dmesg.h"
#include "oops.h"
#include "report.h"
#include "story.h"

#define WRITERS_MAX 1024u
#define REACHERS_MAX 64u /* of one address */
#define ADVICE_MAX 8u
#define DEVICES_MAX 64u

/* --- what died --- */

static void read_log_file(struct report *r, FILE *to, struct json_object *died)
{
	char buf[4096];
	size_t n;
	FILE *f = fopen(r->log, "re");

	put_text(died, "log", r->log);
	if (!f) {
		put_text(died, "log_error", strerror(errno));
		return;
	}
	while ((n = fread(buf, 1, sizeof(buf), f)))
		fwrite(buf, 1, n, to);
	if (ferror(f))
		put_text(died, "log_error", strerror(errno));
	fclose(f);
}

/* What the reader complained of first, without its own name in front. */
static void put_complaint(struct json_object *died, char *complaint)
{
	const char *s = complaint ? strstr(complaint, LOG_NAME ": ") : NULL;

	if (!s)
		return;
	complaint[strcspn(complaint, "\n")] = '\0';
	put_text(died, "log_error", s + strlen(LOG_NAME ": "));
}

static void read_dump_log(struct report *r, FILE *to, struct json_object *died)
{
	char *complaint = NULL;
	size_t len = 0;
	FILE *err = open_memstream(&complaint, &len);

	if (err) {
		dmesg_print(r->d, LOG_NAME, to, err);
		fclose(err);
	}
	put_complaint(died, complaint);
	free(complaint);
}

static void put_died(struct report *r, struct json_object *o, struct oops *oops)
{
	struct json_object *died = put_object(o, "died");
	FILE *to = oops_stream(oops);
	struct vmcoreinfo v;
	u64 time;

	if (to && r->d->mem && !r->d->live)
		read_dump_log(r, to, died);
	if (to)
		fflush(to);
	if (to && !oops->began && r->log) {
		json_object_object_del(died, "log_error");
		read_log_file(r, to, died);
	}
	if (to)
		fclose(to);
	if (vmcoreinfo_find(r->d->notes, r->d->notes_len, &v) &&
	    vmcoreinfo_number(&v, "CRASHTIME", &time))
		put_number(died, "time", time);
	if (!oops->began)
		return;
	put_text(died, "what", oops->what);
	if (oops->panic[0])
		put_text(died, "panic", oops->panic);
	if (oops->at[0])
		put_text(died, "at", oops->at);
	if (oops->process[0])
		put_text(died, "process", oops->process);
}

/* --- who could still write --- */

static void put_after(struct report *r, struct json_object *o, u32 unit,
		      u32 requester)
{
	if (r->d->crash.present)
		put_text(o, "after",
			 view_after_text(
				 unit == REC_NONE
					 ? AFTER_SAME
					 : view_after(r->d, unit, requester)));
}

static void put_table_writers(struct report *r, struct json_object *a,
			      const struct mapped_table *t)
{
	struct json_object *o;
	u32 perm = 0, i;
	size_t k;

	for (k = 0; k < t->range_n; k++)
		perm |= t->range[k].perm;
	for (i = 0; i < t->n && perm & IOMMU_W; i++) {
		if (json_object_array_length(a) >= WRITERS_MAX)
			return;
		o = push_object(a);
		put_requester(o, r->d, t->e.unit, t->requester[i], t->pasid[i]);
		put_text(o, "why", view_reach_text(REACH_TABLE));
		put_hex(o, "bytes", t->bytes);
		put_after(r, o, t->e.unit, t->requester[i]);
	}
}

static void put_writers(struct report *r, struct json_object *story,
			const struct mapped *m)
{
	struct json_object *a = put_array(story, "could_write"), *o;
	bool more = m->more;
	size_t i;

	for (i = 0; i < m->plain_n; i++) {
		const struct reach_hit *h = &m->plain[i];

		if (!(h->perm & IOMMU_W))
			continue;
		if (json_object_array_length(a) >= WRITERS_MAX)
			break;
		o = push_object(a);
		put_reacher(o, r->d, h);
		put_text(o, "why", view_reach_text(h->why));
		put_after(r, o, h->unit, h->requester);
	}
	for (i = 0; i < m->table_n; i++) {
		put_table_writers(r, a, &m->table[i]);
		more |= m->table[i].more;
	}
	put_bool(story, "more_writers",
		 more || json_object_array_length(a) >= WRITERS_MAX);
}

static void put_scratch(struct report *r, struct json_object *story)
{
	u32 flags = r->d->crash.purgatory.flags;

	if (!r->d->crash.present)
		return;
	if (flags & PURGATORY_SCRATCH_WRITTEN)
		put_text(story, "scratch_page", "written");
	else if (flags & PURGATORY_SCRATCH_CLEAN)
		put_text(story, "scratch_page", "clean");
}

/* --- faults, by requester --- */

/* What kind of thing it is that had them. */
static void put_kinds(struct report *r, struct json_object *o, u32 unit,
		      u32 requester)
{
	const struct facts *f = &r->d->facts;
	struct json_object *a = put_array(o, "kinds"), *v;
	size_t device[DEVICES_MAX], n, i;
	char text[16];

	n = view_devices(r->d, unit, requester, device, DEVICES_MAX);
	for (i = 0; i < n; i++) {
		const struct fact_device *d = &f->device[device[i]];

		v = push_object(a);
		snprintf(text, sizeof(text), "%04x:%04x", d->vendor, d->device);
		put_text(v, "ids", text);
		snprintf(text, sizeof(text), "%06x", d->class & 0xffffff);
		put_text(v, "class", text);
	}
}

/* The row of @f's requester, or NULL. */
static struct json_object *row_of(struct json_object *story, const char *unit,
				  const char *requester)
{
	size_t i;

	for (i = 0; i < get_count(story, "faults"); i++) {
		struct json_object *o = get_at(story, "faults", i);

		if (!strcmp(get_text(o, "unit"), unit) &&
		    !strcmp(get_text(o, "requester"), requester))
			return o;
	}
	return NULL;
}

static void put_fault(struct report *r, struct json_object *story, u32 unit,
		      const struct iommu_fault_raw *raw)
{
	u32 segment = unit < r->d->facts.unit_n ? r->d->facts.unit[unit].segment
						: 0;
	const char *name =
		unit < r->d->facts.unit_n ? r->d->facts.unit[unit].name : "";
	struct json_object *o;
	struct iommu_fault f;
	char bdf[24];

	if (!view_fault(r->d, unit, raw, &f))
		return;
	text_bdf(bdf, sizeof(bdf), segment, f.requester);
	o = row_of(story, name, bdf);
	if (o) {
		put_number(o, "count", get_number(o, "count") + 1);
		return;
	}
	if (get_count(story, "faults") >= WRITERS_MAX)
		return;
	o = push_object(get(story, "faults"));
	put_requester(o, r->d, unit, f.requester,
		      f.has_pasid ? f.pasid : VIEW_NO_PASID);
	put_kinds(r, o, unit, f.requester);
	put_text(o, "access",
		 f.interrupt ? "interrupt"
		 : f.write   ? "write"
			     : "read");
	if (!f.interrupt)
		put_hex(o, "address", f.iova);
	put_text(o, "text", view_fault_text(r->d, unit, f.reason));
	put_number(o, "count", 1);
}

static void put_faults(struct report *r, struct json_object *story)
{
	const struct crash_facts *c = &r->d->crash;
	size_t i, k;

	put_array(story, "faults");
	for (i = 0; i < c->unit_n; i++)
		for (k = 0; k < c->unit[i].fault_n; k++)
			put_fault(r, story, c->unit[i].unit,
				  &c->unit[i].fault[k]);
}

/* --- memory that the log names --- */

struct named {
	struct json_object *o;
	struct span at;
};

static size_t put_addresses(struct report *r, struct json_object *a,
			    const struct oops *oops, struct named *named)
{
	size_t n = 0;
	u32 i;

	for (i = 0; i < oops->n; i++) {
		const struct oops_address *x = &oops->address[i];
		struct json_object *o = push_object(a);
		const char *why = NULL;
		u64 phys = x->value;

		put_text(o, "where", x->where);
		if (!x->physical) {
			put_hex(o, "virtual", x->value);
			why = dump_virtual(r->d, x->value, &phys);
		}
		if (why) {
			put_text(o, "error", why);
			continue;
		}
		put_hex(o, "address", phys);
		put_kind_of(r, o, phys);
		named[n++] = (struct named){ o, { phys, 1 } };
	}
	return n;
}

static void put_reachers(struct report *r, struct json_object *o,
			 const struct reach *found)
{
	struct json_object *a = put_array(o, "reached_by"), *v;
	size_t i;

	for (i = 0; i < found->hit_n && i < REACHERS_MAX; i++) {
		const struct reach_hit *h = &found->hit[i];

		v = push_object(a);
		put_reacher(v, r->d, h);
		put_text(v, "why", view_reach_text(h->why));
		put_perm(v, "access", h->perm);
		if (h->why == REACH_TABLE && found->table[h->table].runs)
			put_hex(v, "iova", found->table[h->table].run[0].iova);
	}
	put_bool(o, "more", found->hit_n > REACHERS_MAX);
	put_bool(o, "complete", !found->gap_n);
}

/* False: out of memory. */
static bool put_named(struct report *r, struct json_object *story,
		      const struct oops *oops)
{
	struct json_object *a = put_array(story, "memory");
	struct named named[OOPS_ADDRESSES];
	struct span range[OOPS_ADDRESSES];
	size_t n = put_addresses(r, a, oops, named), i;
	const struct reach_wanted w = { .range = range, .n = n };
	struct reach_index *ix;
	struct reach found;
	bool ok = true;

	put_bool(story, "more_memory", oops->more);
	if (!n)
		return true;
	for (i = 0; i < n; i++)
		range[i] = named[i].at;
	ix = reach_index(r->d, &w);
	for (i = 0; ix && ok && i < n; i++) {
		ok = !reach_ask(ix, &named[i].at, &found);
		if (ok)
			put_reachers(r, named[i].o, &found);
		reach_free(&found);
	}
	reach_index_free(ix);
	return ix && ok;
}

/* --- what to do --- */

static void add_advice(struct json_object *a, const char *text)
{
	size_t i, n = json_object_array_length(a);

	for (i = 0; i < n; i++)
		if (!strcmp(json_object_get_string(
				    json_object_array_get_idx(a, i)),
			    text))
			return;
	if (n < ADVICE_MAX)
		json_object_array_add(a, json_object_new_string(text));
}

/* The name of the one requester that could write there; NULL: none, or more. */
static struct json_object *only_writer(struct json_object *memory)
{
	struct json_object *one = NULL, *h;
	size_t i;

	for (i = 0; i < get_count(memory, "reached_by"); i++) {
		h = get_at(memory, "reached_by", i);
		if (!strchr(get_text(h, "access"), 'w'))
			continue;
		if (one)
			return NULL;
		one = h;
	}
	return get_bool(memory, "more") ? NULL : one;
}

static void add_suspect(struct json_object *a, struct json_object *memory)
{
	struct json_object *one = only_writer(memory), *d;
	char text[512];

	if (!one)
		return;
	d = get_at(one, "devices", 0);
	snprintf(text, sizeof(text),
		 "suspect %s%s%s: of all devices it alone could write to "
		 "memory that the log names",
		 d ? get_text(d, "name") : get_text(one, "requester"),
		 d && get(d, "driver") ? " " : "",
		 d ? get_text(d, "driver") : "");
	add_advice(a, text);
}

static void put_advice(struct json_object *story, struct json_object *check)
{
	struct json_object *a = put_array(story, "advice");
	size_t i;

	for (i = 0; i < get_count(story, "memory"); i++)
		add_suspect(a, get_at(story, "memory", i));
	for (i = 0; i < get_count(check, "findings"); i++) {
		struct json_object *f = get_at(check, "findings", i);

		if (strcmp(get_text(f, "severity"), "note"))
			add_advice(a, get_text(f, "advice"));
	}
}

/* --- all of it --- */

bool tell_story(struct report *r, struct json_object *story,
		const struct mapped *m, struct json_object *check)
{
	struct oops oops;

	put_text(story, "release", r->d->facts.release);
	put_as_of(story, r->d);
	put_died(r, story, &oops);
	put_writers(r, story, m);
	put_scratch(r, story);
	put_faults(r, story);
	if (!put_named(r, story, &oops))
		return false;
	put_advice(story, check);
	return true;
}

static bool no_memory(struct report *r)
{
	r->status = EXIT_INCOMPLETE;
	snprintf(r->err, r->err_len, "story: %s", strerror(ENOMEM));
	return false;
}

bool report_story(struct report *r)
{
	struct progress p = { .what = "pages of tables read" };
	struct report check = *r;
	struct mapped m;
	bool done;

	check.doc = json_object_new_object();
	done = check.doc && report_check(&check) &&
	       !view_mapped(r->d, show_progress, &p, &m);
	end_progress(&p);
	if (done) {
		done = tell_story(r, r->doc, &m, check.doc);
		mapped_free(&m);
	}
	json_object_put(check.doc);
	return done || no_memory(r);
}

/* --- text --- */

#define NAMES_SHOWN 4u

/* Those rows of an array that say the same of different devices. */
static bool same_row(struct json_object *a, struct json_object *b)
{
	return !strcmp(get_text(a, "why"), get_text(b, "why")) &&
	       !strcmp(get_text(a, "after"), get_text(b, "after")) &&
	       !get(a, "bytes") == !get(b, "bytes");
}

static void print_reacher(struct json_object *o)
{
	if (get(o, "requester"))
		print_who(o);
	else
		printf("every device on %s", get_text(o, "unit"));
}

static void print_group(struct json_object *story, size_t i)
{
	struct json_object *first = get_at(story, "could_write", i), *o;
	size_t k, n = 0;

	for (k = 0; k < i; k++)
		if (same_row(get_at(story, "could_write", k), first))
			return;
	fputs("  ", stdout);
	for (k = i; k < get_count(story, "could_write"); k++) {
		o = get_at(story, "could_write", k);
		if (!same_row(o, first))
			continue;
		if (n < NAMES_SHOWN) {
			fputs(n ? ", " : "", stdout);
			print_reacher(o);
		}
		n++;
	}
	if (n > NAMES_SHOWN)
		printf(" and %zu more", n - NAMES_SHOWN);
	printf(": %s\n", get(first, "bytes") ? "to what is mapped for it"
					     : "to all memory, untranslated");
	if (get(first, "after"))
		printf("    after the crash: %s\n", get_text(first, "after"));
}

static void print_died(struct json_object *story)
{
	struct json_object *o = get(story, "died");

	if (!strcmp(get_text(story, "as_of"), "now"))
		puts("the running system");
	else if (get(o, "what"))
		printf("died: %s\n", get_text(o, "what"));
	else
		printf("died: the log says nothing of it%s%s\n",
		       get(o, "log_error") ? ": " : "",
		       get_text(o, "log_error"));
	if (get(o, "panic") &&
	    strcmp(get_text(o, "panic"), get_text(o, "what")))
		printf("  panic: %s\n", get_text(o, "panic"));
	if (get(o, "at"))
		printf("  at %s\n", get_text(o, "at"));
	printf("  kernel %s", get_text(story, "release"));
	if (get(o, "process"))
		printf(", %s", get_text(o, "process"));
	putchar('\n');
}

static void print_writers(struct json_object *story)
{
	size_t i, n = get_count(story, "could_write");

	if (!n)
		puts("no device is known that could write");
	else
		printf("%s:\n", strcmp(get_text(story, "as_of"), "now")
					? "could still write when it died"
					: "can write");
	for (i = 0; i < n; i++)
		print_group(story, i);
	if (get_bool(story, "more_writers"))
		puts("  and more");
	if (!strcmp(get_text(story, "scratch_page"), "written"))
		puts("the scratch page was written: DMA was in flight, and "
		     "ended there");
	else if (get(story, "scratch_page"))
		puts("the scratch page was not written until the crash kernel "
		     "began");
}

static void print_pending(struct json_object *story)
{
	size_t i;

	for (i = 0; i < get_count(story, "faults"); i++) {
		struct json_object *f = get_at(story, "faults", i);

		fputs("fault pending: ", stdout);
		print_who(f);
		printf(" %s", get_text(f, "access"));
		if (get(f, "address"))
			printf(" of %s", get_text(f, "address"));
		printf(": %s", get_text(f, "text"));
		if (get_number(f, "count") > 1)
			printf(" (and %llu more)",
			       (unsigned long long)get_number(f, "count") - 1);
		putchar('\n');
	}
}

static void print_memory(struct json_object *m)
{
	size_t i, n = get_count(m, "reached_by");

	printf("  %s", get_text(m, "where"));
	if (get(m, "virtual"))
		printf(" %s%s", get_text(m, "virtual"),
		       get(m, "address") ? " is" : "");
	if (!get(m, "address")) {
		printf(": %s\n", get_text(m, "error"));
		return;
	}
	printf(" %s: ", get_text(m, "address"));
	/* Why it is unknown is the same for most; page says it of each. */
	if (get(m, "kind") && strcmp(get_text(m, "kind"), "unknown")) {
		print_kind(m);
		fputs("; ", stdout);
	}
	printf("%s", n ? ""
		     : get_bool(m, "complete")
			     ? "nobody"
			     : "nobody of those that could be "
			       "decided");
	for (i = 0; i < n && i < NAMES_SHOWN; i++) {
		struct json_object *h = get_at(m, "reached_by", i);

		fputs(i ? ", " : "", stdout);
		print_reacher(h);
		printf(" %s", get_text(h, "access"));
	}
	if (n > NAMES_SHOWN)
		printf(" and %zu more", n - NAMES_SHOWN);
	puts(n && n <= NAMES_SHOWN && get_bool(m, "complete") ? ", nobody else"
							      : "");
}

void print_story(struct json_object *story)
{
	size_t i;

	print_died(story);
	print_writers(story);
	print_pending(story);
	if (get_count(story, "memory"))
		puts("memory that the log names, and which device reached it:");
	for (i = 0; i < get_count(story, "memory"); i++)
		print_memory(get_at(story, "memory", i));
	if (get_bool(story, "more_memory"))
		puts("  and more");
	for (i = 0; i < get_count(story, "advice"); i++)
		printf("do: %s\n",
		       json_object_get_string(json_object_array_get_idx(
			       get(story, "advice"), i)));
}
