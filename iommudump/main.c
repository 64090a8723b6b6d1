// SPDX-License-Identifier: GPL-2.0-only
/*
 * iommudump(8): tells from a dump, or of the running system, what every IOMMU
 * did and which device could have written where.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "report.h"

static const struct command {
	const char *name;
	const char *args;
	int argc;
	bool without_notes; /* has an answer even when the dump has none */
	bool (*report)(struct report *r);
	void (*print)(struct json_object *doc);
	const char *help;
} commands[] = {
	{ "show", "", 0, true, report_show, print_show,
	  "what happened at the crash (the default)" },
	{ "devices", "", 0, false, report_devices, print_devices,
	  "devices, their domains, what was decided for them" },
	{ "faults", "", 0, false, report_faults, print_faults,
	  "faults that were pending at the crash" },
	{ "tables", "", 0, false, report_tables, print_tables,
	  "entries of the top-level tables" },
	{ "walk", "BDF IOVA", 2, false, report_walk, print_walk,
	  "where an address of a device leads" },
	{ "reach", "PADDR[+LEN]", 1, false, report_reach, print_reach,
	  "which devices reach physical memory; status 1: none" },
	{ "check", "", 0, true, report_check, print_check,
	  "what endangers the dump or the isolation; status 1: serious" },
	{ "notes", "", 0, true, report_notes, print_notes,
	  "the notes as they stand" },
};

static const struct option options[] = {
	{ "file", required_argument, NULL, 'f' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *to)
{
	size_t i;

	fputs("Usage: iommudump [-f FILE] [--json] [COMMAND]\n\n", to);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(to, "  %-8s%-13s %s\n", commands[i].name,
			commands[i].args, commands[i].help);
	fputs("\n"
	      "  -f, --file=FILE  ELF vmcore, /proc/vmcore, kdump-compressed, "
	      "flattened or\n"
	      "                   note file; without it, the running system\n"
	      "  -j, --json       for machines\n"
	      "  -h, --help       this text\n"
	      "  -V, --version    version\n"
	      "\n"
	      "Status: 0 answered; 1 wrong usage, reach found nobody, or check "
	      "something\n"
	      "serious; 2 unreadable or incomplete, what could not be decided is listed.\n",
	      to);
}

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static int open_dump(struct dump *d, const char *file, struct sysroot *root)
{
	struct gather_opts o = { .root = root };
	char err[1024];
	int rc;

	if (file) {
		rc = dump_open(d, file, err, sizeof(err));
	} else if (geteuid()) {
		/* Half of the sources are root's: a wrong answer is worse. */
		snprintf(err, sizeof(err), "the running system: %s",
			 strerror(EPERM));
		rc = -EPERM;
	} else {
		rc = sysroot_open(root, "/");
		if (rc)
			snprintf(err, sizeof(err), "/: %s", strerror(-rc));
		else
			rc = dump_open_live(d, &o, err, sizeof(err));
	}
	if (rc)
		fprintf(stderr, "iommudump: %s\n", err);
	return rc;
}

/* Notes that are wrong are told, whatever is asked. */
static void tell_problems(struct report *r, const char *name)
{
	const struct dump *d = r->d;
	struct json_object *a = put_array(r->doc, "problems"), *o;
	size_t i;

	for (i = 0; i < d->problem_n; i++) {
		const struct note_problem *p = &d->problem[i];

		o = push_object(a);
		put_hex(o, "offset", p->offset);
		put_hex(o, "note", p->type);
		put_text(o, "rule", p->rule);
		fprintf(stderr, "iommudump: %s: notes offset 0x%llx: %s\n",
			name, (unsigned long long)p->offset, p->rule);
	}
	if (d->problem_n && r->status == EXIT_ANSWERED)
		r->status = EXIT_INCOMPLETE;
}

static bool has_notes(const struct dump *d)
{
	return d->facts.tool || d->crash.present || d->problem_n;
}

static int run(struct report *r, const struct command *c, const char *file,
	       bool json)
{
	const char *name = file ? file : "running system";
	bool notes = !file || has_notes(r->d);

	if (!notes) {
		fprintf(stderr,
			"iommudump: %s: no IOMMU notes: the crash kernel was "
			"loaded with --iommu=off, or not by this kexec\n",
			name);
		r->status = EXIT_INCOMPLETE;
		if (!c->without_notes)
			return r->status;
	}
	if (!c->report(r)) {
		fprintf(stderr, "iommudump: %s\n", r->err);
		return r->status;
	}
	tell_problems(r, name);
	if (json)
		puts(json_object_to_json_string_ext(
			r->doc, JSON_C_TO_STRING_PRETTY |
					JSON_C_TO_STRING_NOSLASHESCAPE));
	else
		c->print(r->doc);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "iommudump: stdout: %s\n", strerror(errno));
		return EXIT_INCOMPLETE;
	}
	return r->status;
}

static int wrong_usage(const char *fmt, const char *what)
{
	fputs("iommudump: ", stderr);
	fprintf(stderr, fmt, what);
	fputs("; see iommudump --help\n", stderr);
	return EXIT_NOBODY;
}

int main(int argc, char **argv)
{
	const struct command *c = commands;
	struct sysroot root = { .dirfd = -1 };
	const char *file = NULL;
	struct report r = { 0 };
	struct dump d = { 0 };
	char err[512] = "";
	bool json = false;
	int opt, status = EXIT_INCOMPLETE;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, "f:jhV", options, NULL)) != -1) {
		switch (opt) {
		case 'f':
			file = optarg;
			break;
		case 'j':
			json = true;
			break;
		case 'h':
			usage(stdout);
			return EXIT_ANSWERED;
		case 'V':
			puts("iommudump " PACKAGE_VERSION);
			return EXIT_ANSWERED;
		default:
			return wrong_usage("wrong option %s", argv[optind - 1]);
		}
	}
	if (optind < argc)
		c = find_command(argv[optind++]);
	if (!c)
		return wrong_usage("unknown command %s", argv[optind - 1]);
	if (argc - optind != c->argc)
		return wrong_usage("wrong number of arguments for %s", c->name);
	if (open_dump(&d, file, &root))
		return EXIT_INCOMPLETE;
	r = (struct report){ .d = &d,
			     .doc = json_object_new_object(),
			     .argc = argc - optind,
			     .argv = argv + optind,
			     .err = err,
			     .err_len = sizeof(err) };
	if (r.doc)
		status = run(&r, c, file, json);
	json_object_put(r.doc);
	dump_close(&d);
	if (!file)
		sysroot_close(&root);
	return status;
}
