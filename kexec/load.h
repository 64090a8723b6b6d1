/* SPDX-License-Identifier: GPL-2.0-only */
/* The only part that changes the running system. */
#ifndef KEXEC_LOAD_H
#define KEXEC_LOAD_H

#include "gather.h"
#include "options.h"
#include "segments.h"
#include "util.h"

/*
 * Replace what was loaded of its kind, or leave it, as a whole. 0, or -1 with
 * @e and errno as the system call left it.
 */
int load_segments(const struct segments *all, u64 entry, bool panic,
		  const struct sysroot *root, struct error *e);

struct load_files {
	int kernel, initrd; /* open files; -1: none */
	/* In place of the files; data NULL: none. */
	struct file kernel_bytes, initrd_bytes;
	const char *command_line;
	bool panic, debug, no_cma, force_dtb;
};

int load_files(const struct load_files *l, const struct sysroot *root,
	       struct error *e);
/* Unloads with the newer system call where the kernel has it. */
int unload(bool panic, enum loader loader, const struct sysroot *root,
	   struct error *e);
/* Does another system call make sense after @err of one of the two? */
bool load_goes_on(int err, bool file_load, const struct sysroot *root);
/* Does not return when it works. */
int boot_loaded(bool sync_first, struct error *e);
/* shutdown(8) boots what is loaded; does not return when it works. */
int shut_down(struct error *e);
/* 1 loaded, 0 not, -1 unknown with @e. */
int loaded(bool panic, const struct sysroot *root, struct error *e);

#endif
