/* SPDX-License-Identifier: GPL-2.0-only */
/* The ELF header through which the crash kernel makes /proc/vmcore. */
#ifndef KEXEC_ELFCOREHDR_H
#define KEXEC_ELFCOREHDR_H

#include "host.h"
#include "memmap.h"
#include "util.h"

struct elfcorehdr {
	u16 machine;
	/* One PT_NOTE each: a CPU's, VMCOREINFO, our own; physical. */
	const struct span *note;
	size_t note_n;
	struct kernel_layout layout;
	const struct memmap *ram;
};

u64 elfcorehdr_size(const struct elfcorehdr *h);
/* Fills @buf of elfcorehdr_size() bytes. */
int elfcorehdr_build(const struct elfcorehdr *h, u8 *buf, struct error *e);

#endif
