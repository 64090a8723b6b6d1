/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Facts from a live system, or from a directory of files captured from one.
 * Hosted only.
 */
#ifndef GATHER_H
#define GATHER_H

#include "facts.h"

/* Reads below a root directory: "/" for the running system. */
struct sysroot {
	int dirfd;
	char *path;
	bool live;
};

/* 0 or -errno. */
int sysroot_open(struct sysroot *s, const char *root);
void sysroot_close(struct sysroot *s);
/*
 * The whole file, NUL-terminated for convenience; NULL with errno set, EFBIG
 * when it is longer than @max. @path without leading slash ("proc/iomem").
 */
char *sysroot_read(const struct sysroot *s, const char *path, size_t max,
		   size_t *len);
/*
 * The beginning of a file that the kernel makes while it is read, and that may
 * be long: at most @size - 1 bytes, and a NUL. False with errno set.
 */
bool sysroot_head(const struct sysroot *s, const char *path, char *buf,
		  size_t size);
/*
 * As a directory listing sorted by version order, of names that are printable
 * ASCII; free with sysroot_list_free.
 */
char **sysroot_list(const struct sysroot *s, const char *path, size_t *n);
void sysroot_list_free(char **names, size_t n);
/*
 * Last path component of a symbolic link; NULL with errno set, EINVAL when it
 * is no printable ASCII.
 */
char *sysroot_link(const struct sysroot *s, const char *path);
/* The whole target text of a symbolic link; NULL with errno set. */
char *sysroot_readlink(const struct sysroot *s, const char *path);

struct gather_opts {
	const struct sysroot *root;
	const char *vmlinux; /* for DWARF types; NULL: BTF */
	bool tables;	     /* read top-level tables through kcore */
};

/*
 * Fills @f from everything @o->root has. Always succeeds but for memory
 * (-ENOMEM): what could not be read stands in f->missing.
 */
int gather(struct facts *f, const struct gather_opts *o);
/* Only /proc/iomem and the reservations: enough to plan without an IOMMU. */
int gather_iomem(struct facts *f, const struct sysroot *root);

/*
 * 0: libfdt may be let at this device tree of @len bytes; else its -FDT_ERR_*. In place of
 * its fdt_check_full(), which in 1.6.1 does not end where a property's length is -12.
 */
int dt_check(const void *blob, size_t len);

/*
 * Physical memory of the running kernel through /proc/kcore below @root;
 * NULL with errno set. Free with kcore_close.
 */
struct mem *kcore_open(const struct sysroot *root);
void kcore_close(struct mem *m);
/* What the kernel says of itself there; valid until kcore_close(). */
struct vmcoreinfo;
bool kcore_vmcoreinfo(struct mem *m, struct vmcoreinfo *v);

#endif
