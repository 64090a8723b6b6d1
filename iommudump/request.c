// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads iommudump(8)'s command line: options, a file, a command and its
 * arguments; and says what does not go together.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "page_file.h"
#include "report.h"
#include "request.h"

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

int flushed(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	fprintf(stderr, "iommudump: stdout: %s\n", strerror(errno));
	return EXIT_INCOMPLETE;
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

	if (!word || !strcmp(word, "help")) {
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

bool parse_request(struct request *q, int argc, char **argv, int *status)
{
	style.terminal = isatty(STDOUT_FILENO);
	style.colour = default_colour();
	return parse_options(q, argc, argv, status) &&
	       parse_command(q, argc, argv, status);
}
