/* SPDX-License-Identifier: GPL-2.0-only */
/* Where iommudump report --html writes its page. */
#ifndef IOMMUDUMP_PAGE_FILE_H
#define IOMMUDUMP_PAGE_FILE_H

#include <json-c/json.h>
#include <stdbool.h>

/* Do both names lead to one file that exists? */
bool same_file(const char *a, const char *b);
/*
 * Writes the page of @doc, the report, to @path; "-" is stdout. A plain file
 * is replaced when all of the page is written, and so is a symbolic link,
 * never what it points to. Negative errno.
 */
int save_page(const char *path, struct json_object *doc);

#endif
