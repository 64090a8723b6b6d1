// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmlinux, entered at startup_64 (arch/x86/kernel/head_64.S). It runs at any
 * physical address that is off its own by a multiple of 2 MiB: it finds that
 * out by itself (arch/x86/kernel/head64.c, __startup_64).
 */
#include <elf.h>
#include <stdlib.h>
#include "formats.h"
#include "vmlinux.h"

/* COMMAND_LINE_SIZE, arch/x86/include/asm/setup.h, less its NUL */
#define CMDLINE_MAX 2047
/* bp->acpi_rsdp_addr: Linux 5.0 */
#define RSDP_MAJOR 5

bool is_elf_x86_64(const struct file *file)
{
	return is_vmlinux(file, EM_X86_64);
}

/* After is_elf_x86_64(). */
int parse_elf_x86_64(struct image *image, const struct file *file,
		     struct error *e)
{
	if (vmlinux_lay_out(image, file, BIT64(52), e))
		return -1;
	image->min = MIB(1);
	image->cmdline_max = CMDLINE_MAX;
	image->takes_rsdp = strtoul(image->release, NULL, 10) >= RSDP_MAJOR;
	image->takes_efi = true;
	return 0;
}
