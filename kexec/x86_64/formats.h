/* SPDX-License-Identifier: GPL-2.0-only */
/* The formats of x86_64: bzimage.c, elf.c. */
#ifndef KEXEC_X86_64_FORMATS_H
#define KEXEC_X86_64_FORMATS_H

#include "image.h"

extern const struct image_format pc_formats[];

bool is_bzimage(const struct file *file);
int parse_bzimage(struct image *image, const struct file *file,
		  struct error *e);
bool is_elf_x86_64(const struct file *file);
int parse_elf_x86_64(struct image *image, const struct file *file,
		     struct error *e);

#endif
