/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every parser of input that nobody made in good faith. A target takes any
 * bytes; it is right when it returns, and, where it says so, when what it
 * asserts of the answer holds.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump.h"

struct fuzz_target {
	const char *name;
	int (*run)(const u8 *data, size_t len);
};

extern const struct fuzz_target fuzz_targets[]; /* ends without name */

int fuzz_notes(const u8 *data, size_t len);
int fuzz_dmar(const u8 *data, size_t len);
int fuzz_ivrs(const u8 *data, size_t len);
int fuzz_regset(const u8 *data, size_t len);
int fuzz_iomem(const u8 *data, size_t len);
int fuzz_kallsyms(const u8 *data, size_t len);
int fuzz_symbols(const u8 *data, size_t len);
int fuzz_structures(const u8 *data, size_t len);
int fuzz_pages(const u8 *data, size_t len);
int fuzz_btf(const u8 *data, size_t len);
int fuzz_kcore(const u8 *data, size_t len);
int fuzz_machine(const u8 *data, size_t len);
int fuzz_dump(const u8 *data, size_t len);
int fuzz_split(const u8 *data, size_t len);
int fuzz_report(const u8 *data, size_t len);
int fuzz_walk(const u8 *data, size_t len);
int fuzz_amdvi(const u8 *data, size_t len);
int fuzz_smmuv3(const u8 *data, size_t len);
int fuzz_smmuv2(const u8 *data, size_t len);
int fuzz_iort(const u8 *data, size_t len);
int fuzz_viot(const u8 *data, size_t len);
int fuzz_fdt(const u8 *data, size_t len);
int fuzz_quiesce(const u8 *data, size_t len);
int fuzz_options(const u8 *data, size_t len);
int fuzz_cmdline(const u8 *data, size_t len);
int fuzz_bzimage(const u8 *data, size_t len);
int fuzz_kernel(const u8 *data, size_t len);
int fuzz_sysfs(const u8 *data, size_t len);
int fuzz_vmlinux(const u8 *data, size_t len);
int fuzz_cpio(const u8 *data, size_t len);
int fuzz_plan(const u8 *data, size_t len);
int fuzz_dmesg(const u8 *data, size_t len);

/* A rule that must hold whatever the input. */
#define FUZZ_RULE(cond)                                                    \
	do {                                                               \
		if (!(cond)) {                                             \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, \
				#cond);                                    \
			abort();                                           \
		}                                                          \
	} while (0)

/* A copy of its own, so that a read past the end is seen; never NULL. */
void *fuzz_copy(const u8 *data, size_t len);
/* The same, with a NUL behind. */
char *fuzz_text(const u8 *data, size_t len);
/* The checksums of our notes would stop nearly every input: they are put right. */
void fuzz_repair_notes(u8 *buf, size_t len);
/* A directory that holds this one file; the same directory every time. */
const struct sysroot *fuzz_root(const char *path, const u8 *data, size_t len);
/* The path of a file that holds the bytes. */
const char *fuzz_file(const u8 *data, size_t len);

/*
 * The input as a machine: its first bytes are numbers to be taken one by one
 * (0 when they are used up), the rest words of physical memory, each behind
 * its address / 8. Pages of which no word is given do not exist. Words with
 * FUZZ_LATER in front of their address are there after so many reads as
 * change_after says, as if a device had written them.
 */
#define FUZZ_NUMBERS 8
#define FUZZ_PAGES 64
#define FUZZ_LATER 0x80000000u

struct fuzz_mem {
	struct mem m;
	u8 *bytes;
	u32 frame[FUZZ_PAGES];
	u8 slot[4 * FUZZ_PAGES]; /* of frames by their number: index + 1 */
	size_t pages;
	struct span arena; /* writable, kept apart from the input */
	u8 *arena_bytes;
	const u8 *input;
	size_t input_len;
	u64 change_after; /* reads; 0: never */
	u64 top;	  /* see fuzz_mem_change() */
	bool may_change[FUZZ_PAGES];
};

u64 fuzz_number(const u8 *data, size_t len, unsigned int i);
void fuzz_mem_init(struct fuzz_mem *f, const u8 *data, size_t len);
void fuzz_mem_free(struct fuzz_mem *f);
/*
 * Memory changes after so many reads (0: never), but only in the page at @top
 * and in those that a word of it points to, before or after.
 */
void fuzz_mem_change(struct fuzz_mem *f, u64 top, u64 after);

#endif
