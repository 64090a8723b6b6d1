/* SPDX-License-Identifier: GPL-2.0-only */
/* A directory tree as one text file, so that a captured machine is a case. */
#ifndef TESTS_TREE_H
#define TESTS_TREE_H

#include "base.h"

/*
 * Plants FILE below the new directory that it returns (malloc()ed); exits
 * with a message when it can't. Lines: "link PATH TARGET", "dir PATH", "text
 * PATH" and "hex PATH", the latter two with their content in the lines that
 * follow, each behind one tab; "*N" in hex stands for N zeros, "#" begins a
 * comment.
 */
char *tree_plant(const char *file);
void tree_remove(char *root);
/* A file of hex digits as "hex" has it; exits when it can't be read. */
u8 *tree_hex_file(const char *file, size_t *len);

#endif
