// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the subcommands named in each case on the dump made from it, and
 * compares text and JSON with the golden file beside the case; the JSON must
 * be the same from every format. Then cuts and breaks the same dumps: nothing
 * may crash, hang, or claim an answer it can't have.
 *
 * usage: dump_test [--update | --write=FORMAT | --rounds=N | --whole] [CASE...]
 * Of cases behind --whole nothing is broken. Without a case, all of $srcdir/tests/cases/dump.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "../../iommudump/commands.h"
#include "dump_case.h"

static unsigned int tests, failed, rounds = 40;
static bool unbroken;

static void result(bool ok, const char *case_name, const char *what)
{
	printf("%sok %u - %s: %s\n", ok ? "" : "not ", ++tests, case_name,
	       what);
	failed += !ok;
}

/* --- running --- */

#define FILES_MAX 4

/* One file, or as many as @n says. */
static int open_set(struct dump *d, const struct bytes *b, size_t n, char *err,
		    size_t len)
{
	const char *path[FILES_MAX] = { NULL };
	char text[FILES_MAX][64];
	int fd[FILES_MAX], rc;
	size_t i;

	for (i = 0; i < n; i++) {
		fd[i] = memfd_create("dump", 0);
		if (fd[i] < 0 ||
		    write(fd[i], b[i].p, b[i].len) != (ssize_t)b[i].len)
			abort();
		snprintf(text[i], sizeof(text[i]), "/proc/self/fd/%d", fd[i]);
		path[i] = text[i];
	}
	rc = dump_open_set(d, path, n, err, len);
	while (n--)
		close(fd[n]);
	return rc;
}

static int open_bytes(struct dump *d, const struct bytes *b, char *err,
		      size_t len)
{
	return open_set(d, b, 1, err, len);
}

struct output {
	char *text, *json;
	int status;
};

static void print_to(char **text, void (*print)(struct json_object *),
		     struct json_object *doc)
{
	FILE *real = stdout;
	size_t len;

	stdout = open_memstream(text, &len);
	print(doc);
	fclose(stdout);
	stdout = real;
}

/* Several answers, one after the other. */
struct several {
	struct output *o;
	void (*print)(struct json_object *doc);
};

static void append(char **to, const char *more)
{
	char *all = NULL;

	if (asprintf(&all, "%s%s", *to ? *to : "", more) < 0)
		abort();
	free(*to);
	*to = all;
}

static bool emit(struct report *r)
{
	struct several *s = r->emit_arg;
	char *text;

	if (!s->o)
		s->o = calloc(1, sizeof(*s->o));
	if (!s->o)
		abort();
	print_to(&text, s->print, r->doc);
	append(&s->o->text, text);
	append(&s->o->json, json_object_to_json_string_ext(
				    r->doc, JSON_C_TO_STRING_NOSLASHESCAPE));
	append(&s->o->json, "\n");
	free(text);
	json_object_put(r->doc);
	r->doc = json_object_new_object();
	return r->doc;
}

/* COMMAND ARGUMENT... [-o COLUMNS] */
static struct output run(struct dump *d, const char *line)
{
	struct output o = { .status = -1 };
	char words[128], *argv[8] = { 0 }, *save = NULL, *w, err[256] = "";
	struct several all = { NULL, NULL };
	struct report r = { .d = d,
			    .err = err,
			    .err_len = sizeof(err),
			    .emit = emit,
			    .emit_arg = &all };
	const struct command *c;
	int argc = 0;

	snprintf(words, sizeof(words), "%s", line);
	for (w = strtok_r(words, " ", &save); w && argc < 8;
	     w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	style.columns = NULL;
	if (argc > 2 && !strcmp(argv[argc - 2], "-o")) {
		style.columns = argv[argc - 1];
		argc -= 2;
	}
	c = find_command(argv[0]);
	if (!c || argc < c->argc + 1)
		abort();
	all.print = c->print;
	r.argc = argc - 1;
	r.argv = argv + 1;
	r.doc = json_object_new_object();
	if (c->report(&r) && all.o) {
		o = *all.o;
		free(all.o);
	} else if (!*err) {
		print_to(&o.text, c->print, r.doc);
		o.json = strdup(json_object_to_json_string_ext(
			r.doc, JSON_C_TO_STRING_PRETTY |
				       JSON_C_TO_STRING_NOSLASHESCAPE));
	} else {
		o.text = strdup(err);
		o.json = strdup("");
	}
	o.status = r.status;
	json_object_put(r.doc);
	return o;
}

static void output_free(struct output *o)
{
	free(o->text);
	free(o->json);
}

/* Everything a case asks, one after the other. */
static char *transcript_set(const struct dump_case *c, const struct bytes *b,
			    size_t n, bool with_text)
{
	struct dump d;
	char err[512], *all = NULL;
	size_t len, i;
	FILE *f = open_memstream(&all, &len);

	if (open_set(&d, b, n, err, sizeof(err))) {
		fprintf(f, "cannot be opened: %s\n", strchr(err, ':') + 2);
		fclose(f);
		return all;
	}
	for (i = 0; i < d.problems.n; i++)
		fprintf(f, "problem: %s\n", d.problems.list[i].rule);
	for (i = 0; i < c->run_n; i++) {
		struct output o = run(&d, c->run[i]);

		if (with_text)
			fprintf(f, "$ %s\n%s[%d]\n", c->run[i], o.text,
				o.status);
		fprintf(f, "$ --json %s\n%s\n", c->run[i], o.json);
		output_free(&o);
	}
	fclose(f);
	dump_close(&d);
	return all;
}

static char *transcript(const struct dump_case *c, const struct bytes *b,
			bool with_text)
{
	return transcript_set(c, b, 1, with_text);
}

/* --- golden files --- */

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t room = 0;

	if (!f)
		return NULL;
	if (getdelim(&text, &room, 0, f) < 0) {
		free(text);
		text = NULL;
	}
	fclose(f);
	return text;
}

static void first_difference(const char *want, const char *got)
{
	unsigned int line = 1;
	size_t i, start = 0;

	for (i = 0; want[i] && want[i] == got[i]; i++)
		if (want[i] == '\n') {
			line++;
			start = i + 1;
		}
	printf("# line %u\n# want: %.*s\n# got:  %.*s\n", line,
	       (int)strcspn(want + start, "\n"), want + start,
	       (int)strcspn(got + start, "\n"), got + start);
}

static void golden(struct dump_case *c, const char *name, const char *path,
		   bool update)
{
	struct bytes b = case_write(c, CASE_ELF);
	char *got = transcript(c, &b, true), *want;
	FILE *f;

	free(b.p);
	if (update) {
		f = fopen(path, "w");
		if (!f || fputs(got, f) < 0 || fclose(f))
			abort();
	}
	want = read_file(path);
	result(want && !strcmp(want, got), name, "text and JSON as expected");
	if (want && strcmp(want, got))
		first_difference(want, got);
	free(want);
	free(got);
}

/* The container must not show: not in one byte. */
static void formats(struct dump_case *c, const char *name)
{
	struct bytes b = case_write(c, CASE_ELF);
	char *want = transcript(c, &b, false), *got, what[64];
	int f;

	free(b.p);
	for (f = CASE_KDUMP; f <= CASE_FLAT_KDUMP; f++) {
		b = case_write(c, (enum case_format)f);
		got = transcript(c, &b, false);
		snprintf(what, sizeof(what), "%s gives the same JSON",
			 case_format_name[f]);
		result(!strcmp(want, got), name, what);
		if (strcmp(want, got))
			first_difference(want, got);
		free(got);
		free(b.p);
	}
	free(want);
}

/* --- dumps in several files --- */

#define PARTS 3

/* Opening @n of them must fail, with a line that says @why. */
static void refused(const char *name, const struct bytes *b, size_t n,
		    const char *why)
{
	char err[512] = "";
	struct dump d;
	bool ok = open_set(&d, b, n, err, sizeof(err));

	if (!ok)
		dump_close(&d);
	result(ok && strstr(err, why), name, why);
	if (!ok || !strstr(err, why))
		printf("# got: %s\n", err);
}

/*
 * Parts from @first on, @n of them, of PARTS: what is missing is told, and the
 * pages that are there are read.
 */
static void some_parts(const struct dump_case *c, const char *name,
		       const struct bytes *part, size_t first, size_t n)
{
	size_t from = c->page_n * first / PARTS, i, wrong = 0;
	size_t to = c->page_n * (first + n) / PARTS;
	char err[512] = "";
	struct dump d;
	u64 word;

	if (open_set(&d, part + first, n, err, sizeof(err))) {
		result(false, name, err);
		return;
	}
	for (i = 0; i < c->page_n; i++) {
		bool there = i >= from && i < to && !c->page[i].drop;

		wrong += there != !mem_read(d.mem, c->page[i].addr, &word,
					    sizeof(word)) ||
			 (there && word != c->page[i].word[0]);
	}
	result(d.problems.n == 1 && d.problems.list[0].in_file &&
		       strstr(d.problems.list[0].rule, "give all parts"),
	       name, "some parts: what is missing is told");
	result(d.facts.unit_n && !wrong, name, "some parts: the rest is read");
	dump_close(&d);
}

static void parts_refused(struct dump_case *c, const char *name,
			  const struct bytes *part)
{
	struct bytes mixed[FILES_MAX] = { part[0], part[1], part[2], part[1] };
	struct bytes elf = case_write(c, CASE_ELF);

	some_parts(c, name, part, 0, 1);
	some_parts(c, name, part, 1, 1);
	some_parts(c, name, part, 2, 1);
	some_parts(c, name, part, 0, 2);
	some_parts(c, name, part, 1, 2);
	refused(name, mixed, 4, " too");
	mixed[1] = elf;
	refused(name, mixed, 3, "not a kdump header");
	mixed[0] = elf;
	refused(name, mixed, 3, "not a part of a split dump");
	mixed[0] = part[0];
	mixed[1].p = memcpy(malloc(part[1].len), part[1].p, part[1].len);
	mixed[1].len = part[1].len;
	mixed[1].p[408]++; /* the time stamp */
	refused(name, mixed, 3, "offset 0x198: not as in");
	mixed[1].p[408]--;
	mixed[1].p[4096 + 12] = 0; /* split */
	refused(name, mixed, 3, "not a part of a split dump");
	mixed[1].p[4096 + 12] = 1;
	mixed[1].p[4096 + 94] = 1; /* end_pfn_64 */
	refused(name, mixed, 3, "of a split dump of");
	mixed[1].p[4096 + 94] = 0;
	mixed[1].p[4096 + 60] = 1; /* size_note: 4 GiB more */
	refused(name, mixed, 3, "offset 0x103c: not as in");
	free(mixed[1].p);
	free(elf.p);
}

/* Any order of the parts gives what the whole gives. */
static void split(struct dump_case *c, const char *name)
{
	struct bytes part[PARTS], turned[PARTS], whole;
	char *want, *got;
	size_t i;

	if (c->page_n < PARTS)
		return;
	for (i = 0; i < PARTS; i++)
		part[i] = turned[(i + 1) % PARTS] = case_part(c, i, PARTS);
	whole = case_write(c, CASE_KDUMP);
	want = transcript(c, &whole, false);
	got = transcript_set(c, turned, PARTS, false);
	result(!strcmp(want, got), name, "three parts give the same JSON");
	if (strcmp(want, got))
		first_difference(want, got);
	if (!strcmp(name, "legacy.case"))
		parts_refused(c, name, part);
	for (i = 0; i < PARTS; i++)
		free(part[i].p);
	free(whole.p);
	free(want);
	free(got);
}

/* --- hostile twins --- */

/*
 * Of CPU time. Unbounded, the tables would take days. An emulated CPU is
 * given more by QUICK_SECONDS in the environment.
 */
static double quick_seconds(void)
{
	const char *more = getenv("QUICK_SECONDS");

	return more ? strtod(more, NULL) : 5.0;
}

/* What was made to cost time must not. */
static void quick(struct dump_case *c, const char *name)
{
	struct bytes b = case_write(c, CASE_ELF);
	char err[512];
	struct dump d;
	size_t i;

	if (open_bytes(&d, &b, err, sizeof(err)))
		abort();
	for (i = 0; i < c->quick_n; i++) {
		clock_t start = clock();
		char *line;
		int status = (int)strtol(c->quick[i], &line, 10);
		struct output o = run(&d, line);

		result(o.status == status &&
			       (double)(clock() - start) / CLOCKS_PER_SEC <
				       quick_seconds(),
		       name, c->quick[i]);
		output_free(&o);
	}
	dump_close(&d);
	free(b.p);
}

/* Is it the first run of its subcommand in the case? */
static bool first_of_kind(const struct dump_case *c, size_t i)
{
	size_t len = strcspn(c->run[i], " ") + 1, k;

	for (k = 0; k < i; k++)
		if (!strncmp(c->run[k], c->run[i], len))
			return false;
	return true;
}

static void exercise(const struct bytes *b, const struct dump_case *c)
{
	char err[512] = "";
	struct dump d;
	size_t i;

	if (open_bytes(&d, b, err, sizeof(err))) {
		if (!*err)
			abort();
		return;
	}
	for (i = 0; i < c->run_n; i++) {
		struct output o;

		if (!first_of_kind(c, i))
			continue;
		o = run(&d, c->run[i]);
		output_free(&o);
	}
	dump_close(&d);
}

/* Every 64th byte of headers and notes, and each page once behind them. */
static void truncated(struct dump_case *c, const char *name, int f)
{
	struct bytes b = case_write(c, (enum case_format)f), cut = b;
	char what[64];

	for (cut.len = 0; cut.len<b.len; cut.len += b.len> 65536 ? 4032 : 64)
		exercise(&cut, c);
	snprintf(what, sizeof(what), "%s cut short anywhere",
		 case_format_name[f]);
	result(true, name, what);
	free(b.p);
}

static u64 random_next(u64 *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

/* Bytes of the headers and notes broken at random, checksums put right. */
static void broken(struct dump_case *c, const char *name, int f)
{
	struct bytes good = case_write(c, (enum case_format)f), b;
	u64 seed = 0x9e3779b97f4a7c15ULL;
	char what[64];
	unsigned int i, k;

	b = (struct bytes){ malloc(good.len), good.len };
	for (i = 0; i < rounds; i++) {
		memcpy(b.p, good.p, good.len);
		for (k = 0; k < 4; k++)
			b.p[random_next(&seed) %
			    (i & 1 || good.len < 6000 ? good.len : 6000)] =
				(u8)random_next(&seed);
		exercise(&b, c);
	}
	snprintf(what, sizeof(what), "%s with bytes broken",
		 case_format_name[f]);
	result(true, name, what);
	free(b.p);
	free(good.p);
}

static void put_crc(u8 *desc, u32 len)
{
	u32 crc;

	memset(desc + offsetof(struct note_head, crc), 0, 4);
	crc = note_crc32(0, desc, len);
	memcpy(desc + offsetof(struct note_head, crc), &crc, 4);
}

/* A note that says it has another number of records: a problem, each time. */
static void wrong_counts(struct dump_case *c, const char *name)
{
	struct bytes b = case_write(c, CASE_NOTES);
	struct note_reader r = { .buf = b.p, .len = b.len };
	struct note_head head;
	struct note n;
	u64 where;
	bool ok = true;

	while (note_next(&r, &n, &where)) {
		u8 *desc = b.p + (n.desc - b.p);
		char err[256];
		struct dump d;

		note_check(&n, &head);
		head.records++;
		memcpy(desc, &head, sizeof(head));
		put_crc(desc, head.len);
		if (open_set(&d, &b, 1, err, sizeof(err)))
			abort();
		ok &= d.problems.n == 1 &&
		      strstr(d.problems.list[0].rule, "another number");
		dump_close(&d);
		head.records--;
		memcpy(desc, &head, sizeof(head));
		put_crc(desc, head.len);
	}
	result(ok, name, "a wrong number of records is told");
	free(b.p);
}

/* Each word of each record broken in turn, the checksum put right again. */
static void bad_records(struct dump_case *c, const char *name)
{
	static const u32 bad[] = { 0, ~0u, 0x7fffffff, 0x10000 };
	struct bytes good = case_write(c, CASE_NOTES), b;
	struct note_reader r = { .buf = good.p, .len = good.len };
	struct note_head head;
	struct note n;
	u64 where;
	size_t k;
	u32 at;

	b = (struct bytes){ malloc(good.len), good.len };
	while (note_next(&r, &n, &where)) {
		u8 *desc = b.p + (n.desc - good.p);
		u32 step = n.desc_len > 4096 ? 44 : 4;

		if (note_check(&n, &head) != NOTE_VALID)
			abort();
		for (at = 4; at + 4 <= head.len; at += step)
			for (k = 0; k < ARRAY_SIZE(bad); k++) {
				memcpy(b.p, good.p, good.len);
				memcpy(desc + at, &bad[k], 4);
				put_crc(desc, head.len);
				exercise(&b, c);
			}
	}
	result(true, name, "each word of the notes broken, checksum right");
	free(b.p);
	free(good.p);
}

static void hostile(struct dump_case *c, const char *name)
{
	int f;

	for (f = 0; f < CASE_FORMATS; f++) {
		truncated(c, name, f);
		broken(c, name, f);
	}
	bad_records(c, name);
	/* Those of notes elsewhere are not looked at without memory. */
	if (!c->kept)
		wrong_counts(c, name);
}

static int write_one(const char *path, const char *format)
{
	struct dump_case c;
	struct bytes b;
	int f;

	for (f = 0; f < CASE_FORMATS; f++)
		if (!strcmp(case_format_name[f], format))
			break;
	if (f == CASE_FORMATS || case_read(&c, path))
		return 1;
	b = case_write(&c, (enum case_format)f);
	fwrite(b.p, 1, b.len, stdout);
	free(b.p);
	case_free(&c);
	return 0;
}

static void test_case(const char *file, bool update)
{
	struct dump_case c;
	char path[1024], name[256];

	if (case_read(&c, file))
		exit(99);
	snprintf(path, sizeof(path), "%s", file);
	snprintf(name, sizeof(name), "%s", basename(path));
	snprintf(path, sizeof(path), "%.*s.out",
		 (int)(strlen(file) - strlen(".case")), file);
	golden(&c, name, path, update);
	quick(&c, name);
	formats(&c, name);
	split(&c, name);
	if (!unbroken)
		hostile(&c, name);
	case_free(&c);
}

/*
 * A case in a process of its own: libkdumpfile up to 0.5.1 can't free what it
 * has of a dump (dump/kdump.c), and hundreds are opened here.
 */
static void test_apart(const char *path, bool update)
{
	unsigned int count[2];
	int pipe_fd[2], status;
	pid_t child;

	fflush(stdout);
	if (pipe(pipe_fd))
		abort();
	child = fork();
	if (child < 0)
		abort();
	if (!child) {
		test_case(path, update);
		fflush(stdout);
		count[0] = tests;
		count[1] = failed;
		_exit(write(pipe_fd[1], count, sizeof(count)) != sizeof(count));
	}
	close(pipe_fd[1]);
	if (read(pipe_fd[0], count, sizeof(count)) == sizeof(count)) {
		tests = count[0];
		failed = count[1];
	}
	close(pipe_fd[0]);
	if (waitpid(child, &status, 0) != child || status)
		result(false, path, "its process came to its end");
}

static void test_all(bool update)
{
	const char *srcdir = getenv("srcdir");
	char pattern[1024];
	glob_t g;
	size_t i;

	snprintf(pattern, sizeof(pattern), "%s/tests/cases/dump/*.case",
		 srcdir ? srcdir : ".");
	if (glob(pattern, 0, NULL, &g)) {
		fprintf(stderr, "%s: none found\n", pattern);
		exit(99);
	}
	for (i = 0; i < g.gl_pathc; i++)
		test_apart(g.gl_pathv[i], update);
	globfree(&g);
}

int main(int argc, char **argv)
{
	const char *format = NULL;
	bool update = false, named = false;
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--update")) {
			update = true;
		} else if (!strcmp(argv[i], "--whole")) {
			unbroken = true;
		} else if (!strncmp(argv[i], "--write=", 8)) {
			format = argv[i] + 8;
		} else if (!strncmp(argv[i], "--rounds=", 9)) {
			rounds = (unsigned int)atoi(argv[i] + 9);
		} else if (format) {
			return write_one(argv[i], format);
		} else {
			named = true;
			test_apart(argv[i], update);
		}
	}
	if (!named)
		test_all(update);
	printf("1..%u\n", tests);
	return failed ? 1 : 0;
}
