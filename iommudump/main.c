// SPDX-License-Identifier: GPL-2.0-only
/*
 * iommudump(8): tells from a dump, or of the running system, what every IOMMU
 * did and which device could have written where.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "page_file.h"
#include "report.h"
#include "request.h"
#include "source.h"

/* Notes that are wrong are told, whatever is asked. */
static void tell_problems(struct report *r, struct source *s)
{
	struct json_object *a = get(r->doc, "problems"), *o;
	size_t i;

	if (!a)
		a = put_array(r->doc, "problems");
	for (i = 0; i < s->dump.problems.n; i++) {
		const struct note_problem *p = &s->dump.problems.list[i];

		o = push_object(a);
		put_hex(o, "offset", p->offset);
		put_hex(o, "note", p->type);
		put_text(o, "rule", p->rule);
		if (!s->told)
			fprintf(stderr, "iommudump: %s: %soffset 0x%llx: %s\n",
				source_name(s), p->in_file ? "" : "notes ",
				(unsigned long long)p->offset, p->rule);
	}
	s->told = true;
	if (s->dump.problems.n && r->status == EXIT_ANSWERED)
		r->status = EXIT_INCOMPLETE;
}

/* False: there is nothing to answer from, and that is told. */
static bool has_notes(struct report *r, const struct source *s)
{
	const struct dump *d = &s->dump;

	if (!s->file || any_notes(d) || (d->from_kernel && d->facts.unit_n))
		return true;
	fprintf(stderr,
		"iommudump: %s: no IOMMU notes: the crash kernel was loaded "
		"with --iommu=off, or not by this kexec\n",
		s->file);
	r->status = EXIT_INCOMPLETE;
	return false;
}

/* A name that was mistyped must not look like one of which all is well. */
static void tell_nobody(struct report *r, const struct source *s)
{
	if (wanted_any(r->filter, r->d))
		return;
	fprintf(stderr,
		"iommudump: %s: no devices are what --slot, --id, --driver, "
		"--unit and --group ask for\n",
		source_name(s));
	r->status = EXIT_INCOMPLETE;
}

/* @spacing: of JSON, json-c's flag. */
static int print_answer(struct report *r, const struct request *q, int spacing)
{
	int err = q->html ? save_page(q->html, r->doc) : 0;

	if (err) {
		fprintf(stderr, "iommudump: %s: %s\n", q->html, strerror(-err));
		return EXIT_INCOMPLETE;
	}
	if (q->json)
		puts(json_object_to_json_string_ext(
			r->doc, spacing | JSON_C_TO_STRING_NOSLASHESCAPE));
	else if (q->dot)
		q->c->dot(r->doc);
	else if (!q->html && wanted_any(r->filter, r->d))
		q->c->print(r->doc);
	return flushed(r->status);
}

/* One of several answers; in JSON, a line. */
struct answers {
	struct source *source;
	const struct request *q;
};

static bool emit(struct report *r)
{
	struct answers *a = r->emit_arg;

	tell_problems(r, a->source);
	if (print_answer(r, a->q, JSON_C_TO_STRING_PLAIN) != r->status) {
		r->status = EXIT_INCOMPLETE;
		return false;
	}
	json_object_put(r->doc);
	r->doc = json_object_new_object();
	return r->doc;
}

static int run(struct source *s, size_t n, const struct request *q)
{
	struct answers several = { .source = s, .q = q };
	char err[512] = "";
	struct report r = { .d = &s[0].dump,
			    .other = n > 1 ? &s[1].dump : NULL,
			    .doc = json_object_new_object(),
			    .vmlinux = q->vmlinux,
			    .symbol = q->symbol,
			    .log = s[0].dir.log,
			    .filter = q->filter.any ? &q->filter : NULL,
			    .argc = q->argc,
			    .argv = q->argv,
			    .err = err,
			    .err_len = sizeof(err),
			    .emit = emit,
			    .emit_arg = &several };
	bool notes = true;
	size_t i;

	for (i = 0; i < n; i++)
		notes &= has_notes(&r, &s[i]);
	if (!r.doc || (!notes && !(q->c->flags & COMMAND_WITHOUT_NOTES))) {
		r.status = EXIT_INCOMPLETE;
	} else if (!(q->dot ? report_graph : q->c->report)(&r)) {
		fprintf(stderr, "iommudump: %s\n", r.err);
	} else if (json_object_object_length(r.doc)) {
		for (i = 0; i < n; i++)
			tell_problems(&r, &s[i]);
		tell_nobody(&r, s);
		r.status = print_answer(&r, q,
					q->line ? JSON_C_TO_STRING_PLAIN
						: JSON_C_TO_STRING_PRETTY);
	}
	json_object_put(r.doc);
	return r.status;
}

int main(int argc, char **argv)
{
	struct source source[2] = { 0 };
	struct request q = { 0 };
	size_t n = 1, i;
	int status;

	/* What is no ASCII shows, and a tree has lines, where the terminal can. */
	setlocale(LC_CTYPE, "");
	if (!parse_request(&q, argc, argv, &status))
		return status;
	/* elfutils would ask the network for a vmlinux's other half. */
	unsetenv("DEBUGINFOD_URLS");
	source[0].file = q.file;
	source[0].more = q.files_n > 1 ? q.files : NULL;
	source[0].more_n = q.files_n;
	if (q.c->report == report_diff && q.argc) {
		n = 2;
		for (i = 0; i < n; i++)
			source[i].file = strcmp(q.argv[i], "-") ? q.argv[i]
								: NULL;
	}
	for (i = 0, status = 0; i < n && !status; i++) {
		source[i].vmlinux = q.vmlinux;
		source[i].no_notes = q.no_notes;
		source[i].now = (q.c->flags & COMMAND_DEVICES) || q.dot;
		status = open_source(&source[i]);
	}
	status = status ? EXIT_INCOMPLETE : run(source, n, &q);
	for (i = 0; i < n; i++)
		close_source(&source[i]);
	return status;
}
