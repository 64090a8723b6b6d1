/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A dump of a dead kernel: its memory, and the notes that were saved with it.
 * Hosted only.
 */
#ifndef DUMP_H
#define DUMP_H

#include "facts.h"

/* What a device became after the notes of the load were written. */
enum since_load {
	SINCE_SAME,
	SINCE_CHANGED, /* another driver, group or domain */
	SINCE_ADDED,   /* it was not there */
	SINCE_GONE,    /* it is not there any more */
};

/* What the load recorded of a device that has changed, or is gone. */
struct at_load {
	u32 since;    /* enum since_load */
	char *driver; /* NULL: none */
	u32 group;    /* REC_NONE */
	u8 domain_type;
};

struct dump {
	struct mem *mem; /* physical memory of the dead kernel; NULL none */
	u8 *notes;	 /* the whole note segment, as it stands */
	size_t notes_len;
	const char *format; /* "elf", "kdump", "flattened", "live", ... */
	bool live;	    /* it is the running system */
	struct facts facts; /* from NOTE_LOAD and NOTE_TABLES, or dump_kernel */
	/* from notes: about these facts */
	struct decisions decisions;
	bool from_kernel; /* they are what the kernel kept in its memory */
	/*
	 * By device, where dump_since_load() brought facts from notes to what
	 * they were when the kernel died; NULL: it did not.
	 */
	struct at_load *at_load;
	size_t at_load_n;
	struct crash_facts crash;
	struct note_problems problems;
	void *priv;
	/*
	 * Made from the above when it is first asked for (answers/); goes with
	 * it, released by answers_free.
	 */
	struct answers_kept *answers;
	void (*answers_free)(struct answers_kept *kept);
	/* The dead kernel, opened when it is first asked; likewise. */
	struct dead_kernel *kernel;
	void (*kernel_close)(struct dead_kernel *k);
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
 * Adds the notes of another file, as a load by kexec_file_load(2) leaves them
 * apart, and reads all of them again. Before anything is asked of @d. Returns
 * as dump_open; after an error nothing is added.
 */
int dump_add_notes(struct dump *d, const char *path, char *err, size_t err_len);
/* Of what was never opened, or is closed already: nothing. */
void dump_close(struct dump *d);
/* Forgets what was read from notes, and what was made from that. */
void dump_forget(struct dump *d);

/* Where an error's one line goes; @path stands in front. */
struct dump_error {
	const char *path;
	char *text;
	size_t len;
};

/* Returns -@code, so that callers can write `return dump_fail(...)`. */
int dump_fail(struct dump_error *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * How many entries of page tables its files have bytes for, which may show them
 * at any number of addresses. The running system: any number.
 */
u64 dump_entries(const struct dump *d);
/* ELF's number of the machine; EM_NONE: the file does not say. */
u16 dump_machine(const struct dump *d);
/*
 * Where a kernel address is by the headers of the file alone: for those who
 * walk page tables and must begin somewhere.
 */
bool dump_to_phys(const struct dump *d, u64 virt, u64 *phys);
/* What the image was moved by, as makedumpfile found it. */
bool dump_phys_base(const struct dump *d, u64 *base);

/*
 * A page cache in front of @m, which it owns through @close. @parallel: @m may
 * be read by several threads at once; else its twins take turns.
 */
struct mem *mem_cache(struct mem *m, void (*close)(struct mem *m),
		      bool parallel);
/*
 * Memory that is not parallel may have a way for each thread: @twin opens one,
 * or gives NULL, and @close ends it.
 */
void mem_cache_twins(struct mem *cache, struct mem *(*twin)(struct mem *m),
		     void (*close)(struct mem *twin));
/* Another one in front of the same memory, for another thread; closed first. */
struct mem *mem_cache_twin(struct mem *cache);
void mem_cache_close(struct mem *m);

#endif
