/* SPDX-License-Identifier: GPL-2.0-only */
/* The formats of arm64: image.c. */
#ifndef KEXEC_ARM64_FORMATS_H
#define KEXEC_ARM64_FORMATS_H

#include "image.h"

extern const struct image_format arm64_formats[];

bool is_image(const struct file *file);
int parse_image(struct image *image, const struct file *file, struct error *e);
bool is_elf_arm64(const struct file *file);
int parse_elf_arm64(struct image *image, const struct file *file,
		    struct error *e);

#endif
