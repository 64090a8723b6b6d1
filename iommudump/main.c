// SPDX-License-Identifier: GPL-2.0-only
/*
 * iommudump(8): tells from a dump, or of the running system, what every IOMMU
 * did and which device could have written where.
 */
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "commands.h"
#include "dump_dir.h"
#include "page_file.h"
#include "report.h"
#include "vmcoreinfo.h"

#define FILES_MAX 64 /* parts of a split dump */

enum { /* options without a letter */
	OPT_DOT = 0x100,
	OPT_HTML,
	OPT_VMLINUX,
	OPT_NO_NOTES,
	OPT_SYMBOL,
	OPT_JSONL,
	OPT_ALL,
	OPT_SORT,
	OPT_NOHEADINGS,
	OPT_COLOR,
	OPT_DRIVER,
	OPT_UNIT,
	OPT_GROUP
};

static const struct option options[] = {
	{ "file", required_argument, NULL, 'f' },
	{ "vmlinux", required_argument, NULL, OPT_VMLINUX },
	{ "no-notes", no_argument, NULL, OPT_NO_NOTES },
	{ "symbol", required_argument, NULL, OPT_SYMBOL },
	{ "all", no_argument, NULL, OPT_ALL },
	{ "output", required_argument, NULL, 'o' },
	{ "sort", required_argument, NULL, OPT_SORT },
	{ "noheadings", no_argument, NULL, OPT_NOHEADINGS },
	{ "color", optional_argument, NULL, OPT_COLOR },
	{ "slot", required_argument, NULL, 's' },
	{ "id", required_argument, NULL, 'd' },
	{ "driver", required_argument, NULL, OPT_DRIVER },
	{ "unit", required_argument, NULL, OPT_UNIT },
	{ "group", required_argument, NULL, OPT_GROUP },
	{ "json", no_argument, NULL, 'j' },
	{ "jsonl", no_argument, NULL, OPT_JSONL },
	{ "dot", no_argument, NULL, OPT_DOT },
	{ "html", required_argument, NULL, OPT_HTML },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *to)
{
	size_t i;

	fputs("Usage: iommudump [-f FILE|DIR] [--json] [COMMAND]\n\n", to);
	for (i = 0; commands[i].name; i++)
		fprintf(to, "  %-8s%-13s %s\n", commands[i].name,
			commands[i].args ? commands[i].args : "",
			commands[i].help);
	fputs("\n"
	      "  -f, --file=FILE  ELF vmcore, /proc/vmcore, kdump-compressed, "
	      "flattened or\n"
	      "                   note file; without it, the running system; "
	      "each part of\n"
	      "                   a split dump with its own -f\n"
	      "      --vmlinux=FILE  of the dead kernel, with symbols and "
	      "DWARF: for a dump\n"
	      "                   without notes and without kallsyms or BTF\n"
	      "      --no-notes   answer from the dead kernel's structures "
	      "even if there\n"
	      "                   are notes\n"
	      "      --symbol=NAME[+OFF]  reach, page: what the dead kernel "
	      "had "
	      "there\n"
	      "      --all        check and report: fold nothing\n"
	      "  -o, --output=LIST  devices, tree, tables, check: these "
	      "columns; "
	      "+LIST:\n"
	      "                   beside the usual ones; COMMAND --help lists "
	      "them\n"
	      "      --sort=COLUMN  the same: sorted by this one\n"
	      "      --noheadings  the same: rows alone\n"
	      "  -s, --slot=BDF   the same, of [[[DDDD:]BB]:][DD][.F] only, as "
	      "lspci has it\n"
	      "  -d, --id=ID      the same, of [VENDOR]:[DEVICE][:CLASS] only\n"
	      "      --driver=NAME  the same, of devices with this driver "
	      "only\n"
	      "      --unit=NAME  the same, of this IOMMU only\n"
	      "      --group=N    the same, of this group only\n"
	      "      --color[=WHEN]  of severities: auto, always or never\n"
	      "  -j, --json       for machines\n"
	      "      --jsonl      the same, on one line\n"
	      "      --dot        show and devices: a graph for graphviz\n"
	      "      --html=FILE  report: write it as a page; - is stdout\n"
	      "  -h, --help       this text; COMMAND --help: of that one\n"
	      "  -V, --version    version\n"
	      "\n"
	      "Status: 0 answered; 1 wrong usage, reach found nobody, check "
	      "something\n"
	      "serious, diff a difference; 2 unreadable or incomplete, what "
	      "could not be\n"
	      "decided is listed.\n",
	      to);
}

/* Where an answer comes from: a dump, or the running system. */
struct source {
	const char *file;	 /* NULL: the running system */
	const char *const *more; /* all files of one that is split, or NULL */
	size_t more_n;
	const char *vmlinux; /* of its kernel; NULL: it tells by itself */
	bool no_notes;	     /* ask the kernel in the dump in any case */
	bool now;	     /* devices are wanted as they were at the end */
	struct dump_dir dir; /* where a directory was given */
	struct dump dump;
	struct sysroot root;
	bool told; /* what is wrong with its notes */
};

/* Any of ours, be they damaged; what is missing of the file is none. */
static bool any_notes(const struct dump *d)
{
	size_t i;

	for (i = 0; i < d->problems.n && d->problems.list[i].in_file; i++)
		;
	return d->facts.tool || d->crash.present || i < d->problems.n;
}

/* Facts of the load, but for devices, where the kernel is asked. */
static int devices_now(struct source *s, char *err, size_t err_len)
{
	struct vmcoreinfo v;
	struct dump *d = &s->dump;

	if (!s->now || !d->facts.tool ||
	    !vmcoreinfo_find(d->notes, d->notes_len, &v) ||
	    !dump_since_load(d, s->vmlinux))
		return 0;
	snprintf(err, err_len, "%s: %s", s->file, strerror(ENOMEM));
	return -ENOMEM;
}

/* A dump with notes of its own needs no others. */
static int add_notes(struct source *s, char *err, size_t err_len)
{
	if (!s->dir.dump || !s->dir.notes || s->dump.facts.tool ||
	    s->dump.crash.present)
		return 0;
	return dump_add_notes(&s->dump, s->dir.notes, err, err_len);
}

static int open_dump(struct source *s, char *err, size_t err_len)
{
	struct dump *d = &s->dump;
	int rc;

	if (s->more)
		return dump_open_set(d, s->more, s->more_n, err, err_len);
	if (!is_dump_dir(s->file))
		return dump_open(d, s->file, err, err_len);
	if (!dump_dir_open(&s->dir, s->file, err, err_len))
		return -ENOENT;
	s->file = s->dir.dump ? s->dir.dump : s->dir.notes;
	rc = dump_open(d, s->file, err, err_len);
	if (!rc)
		rc = add_notes(s, err, err_len);
	return rc;
}

static int open_file(struct source *s, char *err, size_t err_len)
{
	struct dump *d = &s->dump;
	int rc = open_dump(s, err, err_len);

	if (rc || (!d->mem && !s->no_notes))
		return rc;
	if (d->mem && any_notes(d) && !s->no_notes)
		return devices_now(s, err, err_len);
	if (!d->mem) {
		snprintf(err, err_len, "%s: --no-notes: it holds no memory",
			 s->file);
		return -ENODATA;
	}
	rc = dump_kernel(d, s->vmlinux, err, err_len);
	/* The notes are not asked, as was wished. */
	if (rc && s->no_notes && any_notes(d))
		return rc;
	/* Not being able to is no reason not to tell the rest. */
	if (rc)
		fprintf(stderr, "iommudump: %s: %s\n", s->file, err);
	return 0;
}

static int open_source(struct source *s)
{
	struct gather_opts o = { .root = &s->root, .vmlinux = s->vmlinux };
	char err[1024];
	int rc;

	s->root.dirfd = -1;
	if (s->file) {
		rc = open_file(s, err, sizeof(err));
	} else if (geteuid()) {
		/* Half of the sources are root's: a wrong answer is worse. */
		snprintf(err, sizeof(err),
			 "the running system: %s: iommudump must run as root; "
			 "a dump is asked by its file",
			 strerror(EPERM));
		rc = -EPERM;
	} else {
		rc = sysroot_open(&s->root, "/");
		if (rc)
			snprintf(err, sizeof(err), "/: %s", strerror(-rc));
		else
			rc = dump_open_live(&s->dump, &o, err, sizeof(err));
	}
	if (rc)
		fprintf(stderr, "iommudump: %s\n", err);
	return rc;
}

static void close_source(struct source *s)
{
	/* Whether it was opened or not, or only in part. */
	dump_close(&s->dump);
	if (s->root.dirfd >= 0)
		sysroot_close(&s->root);
	dump_dir_free(&s->dir);
}

static const char *source_name(const struct source *s)
{
	return s->file ? s->file : "running system";
}

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

/* What the command line asks for. */
struct request {
	const struct command *c;
	const char *files[FILES_MAX]; /* all of -f; file is the first */
	size_t files_n;
	const char *file, *vmlinux, *html, *symbol;
	bool help; /* is all that is wanted */
	bool json, line, dot, no_notes;
	struct filter filter;
	int argc;
	char **argv;
};

/* @status, but where not all of it was written. */
static int flushed(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	fprintf(stderr, "iommudump: stdout: %s\n", strerror(errno));
	return EXIT_INCOMPLETE;
}

/* A name that was mistyped must not look like one of which all is well. */
static void tell_nobody(const struct report *r, const struct source *s)
{
	if (!wanted_any(r->filter, r->d))
		fprintf(stderr,
			"iommudump: %s: no devices are what --slot, --id, "
			"--driver, --unit and --group ask for\n",
			source_name(s));
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

/* As with diff(1), 1 is an answer of diff. */
static int wrong_usage(const struct request *q, const char *fmt,
		       const char *what)
{
	fputs("iommudump: ", stderr);
	fprintf(stderr, fmt, what);
	fprintf(stderr, "; see iommudump %s%s--help\n", q->c ? q->c->name : "",
		q->c ? " " : "");
	return q->c && q->c->report == report_diff ? EXIT_INCOMPLETE
						   : EXIT_NOBODY;
}

/* On a terminal, unless its user wants none: https://no-color.org */
static bool default_colour(void)
{
	const char *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && !(no && *no);
}

static const char *input_file(const char *name)
{
	return strcmp(name, "-") ? name : "/dev/stdin";
}

/* One more file of the dump. False: *status is set. */
static bool take_file(struct request *q, const char *name, int *status)
{
	if (q->files_n == FILES_MAX) {
		*status = wrong_usage(q, "too many files with %s", name);
		return false;
	}
	q->files[q->files_n++] = input_file(name);
	q->file = q->files[0];
	return true;
}

/* One of those that say how lists look. False: what it says is not known. */
static bool take_style(int opt, const char *value)
{
	switch (opt) {
	case 'o':
		style.columns = value;
		return *value;
	case OPT_SORT:
		style.sort = value;
		return true;
	case OPT_NOHEADINGS:
		style.noheadings = true;
		return true;
	case OPT_COLOR:
		style.colour = !value || !strcmp(value, "always") ||
			       (!strcmp(value, "auto") && default_colour());
		return style.colour || !strcmp(value, "auto") ||
		       !strcmp(value, "never");
	case OPT_ALL:
		style.all = true;
		return true;
	default:
		return false;
	}
}

/* The same of those that say who is asked about. */
static bool take_filter(struct filter *f, int opt, const char *value)
{
	switch (opt) {
	case 's':
		return filter_slot(f, value);
	case 'd':
		return filter_id(f, value);
	case OPT_GROUP:
		return filter_group(f, value);
	case OPT_DRIVER:
		filter_driver(f, value);
		return true;
	case OPT_UNIT:
		filter_unit(f, value);
		return true;
	default:
		return false;
	}
}

/* The one that getopt_long(3) looked at last, with its value. */
static int wrong_option(const struct request *q, int opt, char **argv)
{
	const char *last = argv[optind - 1];
	bool apart = opt != '?' && opt != ':' && optarg == last;
	char text[256];

	snprintf(text, sizeof(text), "%s%s%s", apart ? argv[optind - 2] : "",
		 apart ? " " : "", last);
	return wrong_usage(
		q, opt == ':' ? "option %s needs a value" : "wrong option %s",
		text);
}

/* False: *status is the exit status, without anything to do. */
static bool parse_options(struct request *q, int argc, char **argv, int *status)
{
	int opt;

	opterr = 0;
	*status = EXIT_ANSWERED;
	filter_begin(&q->filter);
	while ((opt = getopt_long(argc, argv, ":f:jo:s:d:hV", options, NULL)) !=
	       -1) {
		switch (opt) {
		case 'f':
			if (!take_file(q, optarg, status))
				return false;
			break;
		case OPT_VMLINUX:
			q->vmlinux = input_file(optarg);
			break;
		case OPT_NO_NOTES:
			q->no_notes = true;
			break;
		case 'j':
			q->json = true;
			break;
		case OPT_JSONL:
			q->json = q->line = true;
			break;
		case OPT_SYMBOL:
			q->symbol = optarg;
			break;
		case OPT_DOT:
			q->dot = true;
			break;
		case OPT_HTML:
			q->html = optarg;
			break;
		case 'h':
			q->help = true;
			break;
		case 'V':
			puts("iommudump " PACKAGE_VERSION);
			*status = flushed(EXIT_ANSWERED);
			return false;
		default:
			if (opt != '?' && opt != ':' &&
			    (take_style(opt, optarg) ||
			     take_filter(&q->filter, opt, optarg)))
				break;
			*status = wrong_option(q, opt, argv);
			return false;
		}
	}
	return true;
}

/* What reads a page's way can't be the dump's as well. */
static const char *html_fault(const struct request *q)
{
	size_t i;

	if (q->c->report != report_report)
		return "--html is for report, not for %s";
	if (q->json && !strcmp(q->html, "-"))
		return "--html=- and --json both print: not at once for %s";
	for (i = 0; i < q->files_n; i++)
		if (same_file(q->html, q->files[i]))
			return "the file of --html is the dump that %s reads";
	if (q->vmlinux && same_file(q->html, q->vmlinux))
		return "the file of --html is the vmlinux that %s reads";
	return NULL;
}

/*
 * [FILE] [COMMAND [ARGUMENT]...]; a command that has no arguments of its own
 * takes files there. What is a command's name is the command.
 */
static bool find_words(struct request *q, int argc, char **argv, int *status)
{
	const char *word = optind < argc ? argv[optind] : NULL;

	q->c = word ? find_command(word) : commands;
	if (word && !q->c && (!strcmp(word, "-") || !access(word, F_OK))) {
		optind++;
		if (!take_file(q, word, status))
			return false;
		word = optind < argc ? argv[optind] : NULL;
		q->c = word ? find_command(word) : commands;
	} else if (word && !q->c && strchr(word, '/')) {
		*status = wrong_usage(q, "%s is neither a command nor a file",
				      word);
		return false;
	}
	if (!q->c) {
		*status = wrong_usage(q, "unknown command %s", word);
		return false;
	}
	optind += !!word;
	q->argc = argc - optind;
	q->argv = argv + optind;
	/* Two of diff are two dumps; the one of pages is a device. */
	if (q->c->argc || (q->c->more && (q->argc != 1 || q->c->more == 1)))
		return true;
	for (; q->argc; q->argc--)
		if (!take_file(q, *q->argv++, status))
			return false;
	return true;
}

/* The same of lists. */
static const char *list_fault(const struct request *q)
{
	const struct column *c = q->c->columns;

	if (!c && (style.columns || style.sort || style.noheadings))
		return "--output, --sort and --noheadings are for devices, "
		       "tree, tables and check, not for %s";
	if (q->filter.any && !(q->c->flags & COMMAND_FILTER))
		return "--slot, --id, --driver, --unit and --group are for "
		       "devices, tree, tables and check, not for %s";
	return NULL;
}

/* False: *status says that a column was asked for that there is not. */
static bool columns_known(const struct request *q, int *status)
{
	const char *asked[] = { style.columns, style.sort }, *name;
	char text[64];
	size_t i;

	for (i = 0; i < 2; i++) {
		name = asked[i] ? column_unknown(q->c->columns, asked[i])
				: NULL;
		if (!name)
			continue;
		snprintf(text, sizeof(text), "%.*s", (int)strcspn(name, ","),
			 name);
		*status = wrong_usage(q, "no such column: %s", text);
		return false;
	}
	return true;
}

/* NULL: nothing is wrong with it; else what is, with %s for the command. */
static const char *request_fault(const struct request *q)
{
	const struct command *c = q->c;
	const char *fault = list_fault(q);

	if (fault)
		return fault;
	if (q->symbol && c->report != report_reach && c->report != report_page)
		return "--symbol is for reach and page, not for %s";
	if (style.all && c->report != report_check &&
	    c->report != report_report)
		return "--all is for check and report, not for %s";
	if ((q->argc < c->argc && !q->symbol) ||
	    (q->argc > c->argc && c->more != COMMAND_ANY &&
	     q->argc != c->argc + c->more))
		return "wrong number of arguments for %s";
	if (q->file && c->report == report_diff && q->argc)
		return "one file or two files for %s, not both";
	if (q->dot && (!c->dot || q->json))
		return "--dot is for show and devices, and without --json, "
		       "not for %s";
	return q->html ? html_fault(q) : NULL;
}

static void help_columns(const struct column *c)
{
	if (!c)
		return;
	puts("Columns, for --output and --sort (* is there without them):\n");
	for (; c->title; c++)
		printf("  %s %-10s %s\n", c->flags & COLUMN_MORE ? " " : "*",
		       c->title, c->help);
	putchar('\n');
}

/* help [COMMAND], or --help with or without one. */
static int help(struct request *q, int argc, char **argv)
{
	const char *word = optind < argc ? argv[optind] : NULL;

	if (!word) {
		usage(stdout);
		return flushed(EXIT_ANSWERED);
	}
	q->c = find_command(word);
	if (!q->c)
		return wrong_usage(q, "unknown command %s", word);
	printf("Usage: iommudump [OPTION]... [FILE] %s%s%s\n\n  %s\n\n",
	       q->c->name, q->c->args ? " " : "", q->c->args ? q->c->args : "",
	       q->c->help);
	help_columns(q->c->columns);
	puts("Options: iommudump --help. More: iommudump(8).");
	return flushed(EXIT_ANSWERED);
}

static bool parse_command(struct request *q, int argc, char **argv, int *status)
{
	const char *fault;

	if (optind < argc && !strcmp(argv[optind], "help")) {
		optind++;
		q->help = true;
	}
	if (q->help) {
		*status = help(q, argc, argv);
		return false;
	}
	if (!find_words(q, argc, argv, status))
		return false;
	fault = request_fault(q);
	if (fault)
		*status = wrong_usage(q, fault, q->c->name);
	return !fault && columns_known(q, status);
}

int main(int argc, char **argv)
{
	struct source source[2] = { 0 };
	struct request q = { 0 };
	size_t n = 1, i;
	int status;

	/* What is no ASCII shows, and a tree has lines, where the terminal can. */
	setlocale(LC_CTYPE, "");
	style.terminal = isatty(STDOUT_FILENO);
	style.colour = default_colour();
	if (!parse_options(&q, argc, argv, &status) ||
	    !parse_command(&q, argc, argv, &status))
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
