/* SPDX-License-Identifier: GPL-2.0-only */
/* Errors as values, lines of text, whole files. */
#ifndef KEXEC_UTIL_H
#define KEXEC_UTIL_H

#include "base.h"

/* One sentence for the user; only main prints it. */
struct error {
	char text[512];
};

/* Always -1, so that a caller may return it. */
int fail(struct error *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* To end a message with: ": kexec must run as root" where it does not; or "". */
const char *root_needed(void);

/* Warnings and the like, in order. A line that finds no memory is lost. */
struct lines {
	char **line;
	size_t n;
};

void lines_add(struct lines *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void lines_free(struct lines *l);

struct file {
	const char *path;
	u8 *data;
	size_t len;
};

/* @what for the message: "kernel", "initrd". Empty files are refused. */
int file_read(struct file *f, const char *path, const char *what,
	      struct error *e);
/*
 * The same, and the open file in @fd: what the kernel reads is then what was
 * looked at. -1 when nothing can be read from it again (a pipe), and after a
 * failure.
 */
int file_open(struct file *f, const char *path, const char *what, int *fd,
	      struct error *e);
void file_free(struct file *f);

/*
 * Reads @s, which must be a number and nothing else: no sign, no space. @base
 * as for strtoull(). False when it is no such number.
 */
bool parse_u64(const char *s, int base, u64 *val);

#endif
