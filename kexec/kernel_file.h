/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel as it comes: perhaps compressed, in an EFI zboot image, or in a
 * unified kernel image with initrd and command line. All in memory.
 */
#ifndef KEXEC_KERNEL_FILE_H
#define KEXEC_KERNEL_FILE_H

#include "util.h"

struct kernel_file {
	struct file file; /* as it was read, or what was in it */
	bool unwrapped;	  /* it is what was in it */
	/* Bytes decompressed, 0: more than any kernel has; a short file lowers it. */
	size_t max;
	bool uki; /* a unified kernel image was */
	/* Of a unified kernel image; data and text NULL: none. */
	struct file initrd;
	char *cmdline;
};

/* Takes the layers off @k->file. -1 with @e. */
int kernel_unwrap(struct kernel_file *k, struct error *e);
void kernel_file_free(struct kernel_file *k);

#endif
