/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the readers of dump files share. A dump file is read through a blob
 * (bytes at offsets: a plain file, or one that makedumpfile -F flattened);
 * a format turns it into notes and a mem.
 */
#ifndef DUMP_FORMATS_H
#define DUMP_FORMATS_H

#include "dump.h"

/* Of all note segments of one file; the kernel's own are a few KiB a CPU. */
#define DUMP_NOTES_MAX MIB(64)

struct blob {
	int (*read)(struct blob *b, u64 off, void *buf, u64 len);
	void (*close)(struct blob *b);
	u64 size;
	bool parallel; /* several threads may read at once */
	/* offset in the file where it ends too early; 0: it is whole */
	u64 cut;
};

/* 0, -EIO, or -ENODATA past the end or in a hole of a flattened file. */
static inline int blob_read(struct blob *b, u64 off, void *buf, u64 len)
{
	return b->read(b, off, buf, len);
}

struct blob *blob_file(int fd);
/* NULL with @e filled in: the record stream of makedumpfile -F, undone. */
struct blob *blob_flattened(int fd, struct dump_error *e);
/* Writes the dump itself to @fd, holes left as holes. 0 or -errno. */
int blob_flattened_copy(struct blob *b, int fd);
#define FLAT_SIGNATURE "makedumpfile"

/* What a format's reader found. */
struct dump_parts {
	struct mem *mem; /* NULL: the file holds no memory */
	void (*mem_close)(struct mem *m);
	bool mem_parallel; /* several threads may read it at once */
	/* As for mem_cache_twins; NULL. */
	struct mem *(*mem_twin)(struct mem *m);
	void (*mem_twin_close)(struct mem *twin);
	/* By the file's own headers, where they say; NULL: they never do. */
	bool (*to_phys)(struct mem *m, u64 virt, u64 *phys);
	u16 machine; /* ELF's number; EM_NONE: not known */
	bool has_phys_base;
	u64 phys_base;
	struct note_problems *problems; /* what is missing goes there */
	u8 *notes;
	size_t notes_len, notes_room;
	size_t notes_last; /* where the last segment of them begins */
};

/* Appends the notes at @off; several segments become one, as the kernel does. */
int notes_append(struct dump_parts *p, struct blob *b, u64 off, u64 len,
		 struct dump_error *e);

/* And those that its notes say are in its memory. -1: out of memory. */
int notes_add_kept(struct dump *d);

/* A file of the dump. */
struct dump_file {
	const char *path;
	struct blob *blob;
	int fd; /* what libkdumpfile is given */
	bool flat;
};

#define DUMP_FILES_MAX 64u

/* One of formats.c's table. */
struct dump_format {
	const char *name;
	/* Is it one, by its first @len bytes? */
	bool (*is)(const u8 *head, size_t len);
	/*
	 * Fills @p in, from @n files: all parts of a split dump, in any order;
	 * one file where the format does not split. 0 or -errno with @e filled in;
	 * notes and memory found so far are the caller's in any case.
	 */
	int (*open)(const struct dump_file *file, size_t n,
		    struct dump_parts *p, struct dump_error *e);
	bool splits;
	/* Bytes that an entry of a page table takes, mostly; 0: all 8. */
	u32 entry_bytes;
};
extern const struct dump_format dump_elf;
extern const struct dump_format dump_kdump;
extern const struct dump_format dump_bare; /* notes and nothing else */
extern const struct dump_format dump_cpio; /* of kexec_file_load(2) */

/* By its first @len bytes; NULL: none. */
const struct dump_format *dump_format_of(const u8 *head, size_t len);

/* d->priv */
struct dump_priv {
	struct dump_file *file;
	size_t file_n;
	const struct dump_format *format;
	struct mem *below; /* d->mem without its cache, for to_phys */
	bool (*to_phys)(struct mem *m, u64 virt, u64 *phys);
	u16 machine;
	bool has_phys_base;
	u64 phys_base;
};

#endif
