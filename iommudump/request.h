/* SPDX-License-Identifier: GPL-2.0-only */
/* What iommudump(8)'s command line asks for. */
#ifndef IOMMUDUMP_REQUEST_H
#define IOMMUDUMP_REQUEST_H

#include "commands.h"

#define FILES_MAX 64 /* parts of a split dump */

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

/*
 * Reads the command line into @q and into style. False: nothing is left to
 * do, or it is wrong and that is told; *status is the exit status.
 */
bool parse_request(struct request *q, int argc, char **argv, int *status);

/* @status, but where not all of stdout was written. */
int flushed(int status);

#endif
