/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of iommudump's subcommands. */
#ifndef IOMMUDUMP_COMMANDS_H
#define IOMMUDUMP_COMMANDS_H

#include "columns.h"

#define COMMAND_ANY (-1)

/* flags of a command */
enum {
	/* has an answer even when the dump has no notes */
	COMMAND_WITHOUT_NOTES = 1 << 0,
	/* names devices, which are wanted as they were when the kernel died */
	COMMAND_DEVICES = 1 << 1,
	/* tells of some devices or units only, where that is asked */
	COMMAND_FILTER = 1 << 2,
};

struct command {
	const char *name;
	const char *args; /* of the line of --help; NULL: none */
	int argc;	  /* arguments at least */
	/* further arguments, all of them or none; or COMMAND_ANY */
	int more;
	unsigned int flags;
	const struct column *columns; /* of its list; NULL: it has none */
	/* makes the document; false: r->err says why not */
	bool (*report)(struct report *r);
	void (*print)(struct json_object *doc);
	/* prints report_graph()'s document; NULL: no picture of it */
	void (*dot)(struct json_object *graph);
	const char *help;
};

extern const struct command
	commands[]; /* ends without name; the first is the default */

const struct command *find_command(const char *name);

#endif
