/* SPDX-License-Identifier: GPL-2.0-only */
/* The story of a crash, as a document of its own and in that of report. */
#ifndef IOMMUDUMP_STORY_H
#define IOMMUDUMP_STORY_H

#include "report.h"

/* What stands for the dump's file where its log is complained of. */
#define LOG_NAME "log"

/*
 * Fills @story. @m: what all tables map; @check: the document of report_check.
 * False: out of memory.
 */
bool tell_story(struct report *r, struct json_object *story,
		const struct mapped *m, struct json_object *check);

#endif
