/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel image file, as the plan sees it. Each architecture has its own
 * formats behind the same functions: kexec/ARCH/.
 */
#ifndef KEXEC_IMAGE_H
#define KEXEC_IMAGE_H

#include "host.h"
#include "memmap.h"
#include "segments.h"
#include "util.h"

struct image {
	const struct file *file;
	/* What is loaded as segment "kernel", and where it may go. */
	u64 offset, len; /* in the file, when it is a part of it, */
	u8 *laid_out;	 /* else what was made of it; NULL: nothing was */
	u64 memsz, align, min;
	u64 skew;  /* it goes that much above a multiple of align */
	u64 entry; /* from where it is loaded */
	u32 cmdline_max;
	u32 page_size;	  /* that it is built for; 0: the image does not say */
	bool takes_rsdp;  /* in its boot parameters; else on its command line */
	bool takes_efi;	  /* can go on with EFI runtime services */
	char release[65]; /* "6.1.0-56-amd64"; "" when the image has none */
};

/* One format of kernel images, in the table that distinguishes them. */
struct image_format {
	const char *name; /* a value of --type= */
	bool (*is)(const struct file *file);
	int (*parse)(struct image *image, const struct file *file,
		     struct error *e);
	const char *refused; /* why there is no parse */
};

/* The row of a file; NULL: none that is known. */
const struct image_format *image_format(const struct file *file);
/*
 * Checks the file; everything in @image then lies inside it. -1 with @e.
 * image_free() after success.
 */
int image_parse(struct image *image, const struct file *file, struct error *e);
void image_free(struct image *image);

/*
 * What is handed to the kernel at its entry is made from this: boot parameters
 * with command line on x86_64, a device tree on arm64.
 */
struct boot {
	const struct image *image;
	const struct host *host;
	const struct memmap *map; /* memory, as the kernel will see it */
	const char *cmdline;
	struct span initrd;	/* len 0: none */
	bool no_efi;		/* --noefi */
	const struct file *dtb; /* --dtb; NULL: the running kernel's */
	bool panic;
	/* Of a crash kernel: all that is its own, ascending. */
	const struct span *reservation;
	size_t reservation_n;
	struct span keep; /* what it must keep off; len 0: nothing */
};

#endif
