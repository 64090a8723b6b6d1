/* SPDX-License-Identifier: GPL-2.0-only */
/* What a kdump service leaves of one crash: a directory with a few files. */
#ifndef IOMMUDUMP_DUMP_DIR_H
#define IOMMUDUMP_DUMP_DIR_H

#include <stdbool.h>
#include <stddef.h>

/* Paths, to be freed by dump_dir_free; NULL: there is none. */
struct dump_dir {
	char *dump;
	char *notes; /* of a load by kexec_file_load(2) */
	char *log;
};

bool is_dump_dir(const char *path);
/* False: @err has one line. In any case to be freed. */
bool dump_dir_open(struct dump_dir *d, const char *path, char *err,
		   size_t err_len);
void dump_dir_free(struct dump_dir *d);

#endif
