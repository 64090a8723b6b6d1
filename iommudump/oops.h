/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a kernel's log says of its death: the last oops or panic, and the
 * addresses that stand in it. All of it may be the work of an enemy: texts are
 * bounded, and hold what can be printed.
 */
#ifndef IOMMUDUMP_OOPS_H
#define IOMMUDUMP_OOPS_H

#include <stdio.h>
#include "dump.h"

#define OOPS_TEXT 256u
#define OOPS_LABEL 24u
#define OOPS_ADDRESSES 48u

struct oops_address {
	char where[OOPS_LABEL]; /* "R14", "CR2"; of others the word before */
	u64 value;
	bool physical; /* of a page frame, or a machine check; else virtual */
};

struct oops {
	char what[OOPS_TEXT];	 /* how it begins; "": nothing was found */
	char panic[OOPS_TEXT];	 /* behind "Kernel panic - not syncing: " */
	char at[OOPS_TEXT];	 /* function+offset/size; "": none is named */
	char process[OOPS_TEXT]; /* "PID: 128 Comm: edu" */
	struct oops_address address[OOPS_ADDRESSES];
	u32 n;
	bool more; /* addresses beyond these */
	/* of the reader: between the first line and the stack */
	bool began, stack, user;
};

/* The next line of the log, without its end; times in front are passed over. */
void oops_line(struct oops *o, const char *line);
/* A stream whose lines go there; the caller closes it. NULL: no memory. */
FILE *oops_stream(struct oops *o);

#endif
