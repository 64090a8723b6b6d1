/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What kexec reads of a machine besides its IOMMUs: all of it below one root
 * directory, so that a captured tree does as well.
 */
#ifndef KEXEC_HOST_H
#define KEXEC_HOST_H

#include "gather.h"
#include "util.h"

struct host_arch;

/* Where the running kernel is mapped. */
struct kernel_layout {
	struct span text; /* physical; len 0: not known */
	u64 text_virt;
	u64 page_offset; /* virtual minus physical of the linear map */
};

struct host {
	const struct sysroot *root;
	char *release; /* NULL: not known */
	char *cmdline; /* of the running kernel; "" when unreadable */
	/* PT_NOTE areas of the running kernel, physical: CPUs, VMCOREINFO. */
	struct span *note;
	size_t note_n;
	struct kernel_layout layout; /* as /proc/kcore has it; 0: not known */
	u64 page_max;	  /* bytes of the largest page of an identity map */
	u32 page_size;	  /* of the running kernel; 0: there is but one */
	u64 ticks_per_ms; /* of the CPU's counter */
	u8 seed[32];	  /* for the next kernel's RNG */
	u32 seed_len;
	struct host_arch *arch; /* what is read of one architecture alone */
	struct lines warnings;
};

/*
 * Reads what there is, with a warning in m->warnings for each source that is
 * missing. -1 with @e when there is no memory.
 */
int host_read(struct host *m, const struct sysroot *root, bool crash,
	      struct error *e);
void host_free(struct host *m);

/* --- host_files.c --- */

/* The first line of a file, malloc()ed; NULL with errno set. */
char *host_line(const struct sysroot *root, const char *path, size_t max);
/* The first number of a file, with strtoull's @base; false: none. */
bool host_number(const struct sysroot *root, const char *path, int base,
		 u64 *val);

#endif
