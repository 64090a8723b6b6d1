/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A dump of a dead kernel: its memory, and the notes that were saved with it.
 * Hosted only.
 */
#ifndef DUMP_H
#define DUMP_H

#include "facts.h"
#include "gather.h"

struct dump {
	struct mem *mem; /* physical memory of the dead kernel; NULL none */
	u8 *notes;	 /* the whole note segment, as it stands */
	size_t notes_len;
	const char *format; /* "elf", "kdump", "flattened", "live" */
	struct facts facts; /* from NOTE_LOAD and NOTE_TABLES, or dump_kernel */
	/* from notes: about these facts */
	struct decisions decisions;
	bool from_kernel; /* they are what the kernel kept in its memory */
	struct crash_facts crash;
	struct note_problems problems;
	void *priv;
	/*
	 * Made from the above when it is first asked for (answers/); goes with
	 * it, released by answers_free.
	 */
	struct answers_kept *answers;
	void (*answers_free)(struct answers_kept *kept);
};

/*
 * Opens an ELF vmcore, /proc/vmcore, kdump-compressed or flattened file, or
 * a bare note segment. 0 or -errno, with a full sentence in @err (names the
 * file, the offset and the rule).
 */
int dump_open(struct dump *d, const char *path, char *err, size_t err_len);
/*
 * The same of a dump in several files, in any order: all parts that
 * makedumpfile --split made of one.
 */
int dump_open_set(struct dump *d, const char *const *path, size_t n, char *err,
		  size_t err_len);
/*
 * Replaces what notes said, if they said anything, by what the dead kernel's
 * own structures say. @vmlinux: of that kernel, with DWARF and symbols; NULL:
 * kallsyms and BTF in the dump have to do. Returns as dump_open; what could
 * not be read stands in d->facts.missing, and @d stays open in any case.
 */
int dump_kernel(struct dump *d, const char *vmlinux, char *err, size_t err_len);
/* The running system: gather and kcore; same shape. */
int dump_open_live(struct dump *d, const struct gather_opts *o, char *err,
		   size_t err_len);
void dump_close(struct dump *d);
/* Forgets what was read from notes, and what was made from that. */
void dump_forget(struct dump *d);

#endif
