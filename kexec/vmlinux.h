/* SPDX-License-Identifier: GPL-2.0-only */
/* vmlinux, the ELF file that the linker made of a kernel. */
#ifndef KEXEC_VMLINUX_H
#define KEXEC_VMLINUX_H

#include "image.h"

/* Its addresses are off those it runs at by a multiple of that. */
#define VMLINUX_ALIGN MIB(2)

bool is_elf(const struct file *file);
/* An executable ELF file of 64 bits for e_machine @machine. */
bool is_vmlinux(const struct file *file, u16 machine);
/*
 * Lays the file out in memory, after is_vmlinux(): laid_out, len, memsz,
 * align, entry and release of @image. No p_paddr may lie within 1 GiB of
 * @addr_max. -1 with @e.
 */
int vmlinux_lay_out(struct image *image, const struct file *file, u64 addr_max,
		    struct error *e);
/* Fills in image->release from the kernel's banner in @len bytes, if there. */
void image_find_release(struct image *image, const u8 *at, size_t len);

#endif
