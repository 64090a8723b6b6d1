/* SPDX-License-Identifier: GPL-2.0-only */
/* The parameters of a command line, as the kernel reads them. */
#ifndef KEXEC_CMDLINE_WORDS_H
#define KEXEC_CMDLINE_WORDS_H

#include "base.h"

/* One parameter, as lib/cmdline.c next_arg() cuts it. */
struct word {
	const char *start;
	size_t len;
	bool open; /* a quote in it is not closed */
};

/* The word at *@at, which is left behind it; quotes keep blanks in a word. */
bool next_word(const char **at, struct word *w);
/* What follows "--" is for init, not for the kernel. */
bool ends_parameters(const struct word *w);
/* The value when @w is NAME=VALUE; quotes around it stay off. */
bool word_value(struct word w, const char *name, struct word *value);
/* The value of the last NAME=VALUE, copied into @out; false when there is none. */
bool cmdline_last(const char *line, const char *name, char *out, size_t len);

#endif
