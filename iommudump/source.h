/* SPDX-License-Identifier: GPL-2.0-only */
/* What iommudump(8) answers from. */
#ifndef IOMMUDUMP_SOURCE_H
#define IOMMUDUMP_SOURCE_H

#include "dump.h"
#include "dump_dir.h"
#include "gather.h"

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

/*
 * Opens what @s names. Nonzero: it cannot be, and that is told on stderr.
 * close_source() is for both.
 */
int open_source(struct source *s);
void close_source(struct source *s);
const char *source_name(const struct source *s);

/* Any of ours, be they damaged; what is missing of the file is none. */
bool any_notes(const struct dump *d);

#endif
