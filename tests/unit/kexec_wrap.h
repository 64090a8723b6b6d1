/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernels in every wrapping that kexec takes off. */
#ifndef TESTS_KEXEC_WRAP_H
#define TESTS_KEXEC_WRAP_H

#include "util.h"

#define WRAP_CMDLINE "root=uki quiet"
#define WRAP_UCODE "07070" /* an archive, of a length that needs padding */
#define WRAP_INITRD "070701 initrd of the UKI"

/* What a vmlinux is like: five pages in two PT_LOADs, entry in the second. */
struct file wrap_elf(void);
/*
 * @f in @kind: gzip, xz, lzma, zstd, lz4, lz4-legacy, bzip2, zboot (of gzip),
 * uki, or uki-ucode, which has microcode; exits when there is no such kind. A
 * new file; @f is left alone.
 */
struct file wrap(const struct file *f, const char *kind);
/* All kinds, ended by NULL. */
extern const char *const wrap_kinds[];

#endif
