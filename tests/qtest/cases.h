/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Case files: a statement a line, of words; "#" begins a comment. A file is
 * one machine, with one QEMU for all of its cases; a case is one line of TAP.
 * "case NAME", "needs WHAT" and "lacks WHAT" are known here, the other
 * statements are a program's own: the README next to its files has them.
 */
#ifndef QTEST_CASES_H
#define QTEST_CASES_H

#include "model.h"

#define CASES_ARGS_MAX 16

struct run; /* every program has its own, with a struct cases in it */

struct statement { /* the table of them ends without a word */
	const char *word;
	int args; /* at least, the word included */
	bool (*run)(struct run *r);
};

struct suite {
	const struct qtest_machine *machine;
	const char *options; /* of a machine not named; NULL: it must be */
	u64 scratch;	     /* what this word is as a number; 0: nothing */
	const char *dir;     /* below tests/qtest */
	const char *const *files; /* run when none is named; ends with NULL */
	const struct statement *statements;
	/* A case begins: RAM is emptied, the unit off. */
	void (*begin)(struct run *r);
	/* It ends: what is still to be said against it. */
	void (*end)(struct run *r);
};

struct cases {
	const struct suite *suite;
	struct run *run;
	struct qtest q;
	struct model model;
	const char *file;
	unsigned int line;
	char name[64]; /* of the case; empty: none */
	char why[512]; /* first disagreement, on that line; empty: none */
	char skip[96]; /* why it, or the file, is not for this QEMU; or empty */
	unsigned int wrong_line, n, failed, skipped, dmas;
	char *arg[CASES_ARGS_MAX];
	int args;
};

/* Runs the files that are named, or the suite's; what main returns. */
int cases_main(struct cases *c, const struct suite *s, struct run *r, int argc,
	       char **argv);

/* Notes the first disagreement. */
void cases_wrong(struct cases *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The file can't be understood; always false, which ends it. */
bool cases_bad(struct cases *c, const char *what, const char *word);

/* Starts the file's machine. */
bool cases_machine(struct cases *c, const char *options);

/* --- words; when they are not what they should be, the file is bad --- */

bool cases_number(struct cases *c, const char *word, u64 *val);
struct edu *cases_place(struct cases *c, const char *word);
/* The value of "key=value" among the arguments; NULL: it is not there. */
const char *cases_keyed(struct cases *c, const char *key);
u32 cases_perm(const char *word);

/* "IOVA PA SIZE PERM" from argument @at on. */
struct mapping {
	u64 iova, pa, size;
	u32 perm;
};

bool cases_mapping(struct cases *c, int at, struct mapping *m);
/* "= V", "set BITS" or "clear BITS" at argument @at, done to RAM at @where. */
bool cases_spoil(struct cases *c, u64 where, int at);

#endif
