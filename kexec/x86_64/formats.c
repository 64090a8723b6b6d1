// SPDX-License-Identifier: GPL-2.0-only
/* The images of a PC, and magic numbers of images for other machines. */
#include <string.h>
#include "formats.h"
#include "vmlinux.h"

static bool has(const struct file *f, u64 at, const void *bytes, size_t len)
{
	return f->len >= at + len && !memcmp(f->data + at, bytes, len);
}

/* Documentation/arch/arm64/booting.rst, 4: magic at offset 56 */
static bool is_arm64(const struct file *f)
{
	return has(f, 56, "ARM\x64", 4);
}

/* U-Boot's image.h, IH_MAGIC */
static bool is_uimage(const struct file *f)
{
	return has(f, 0, "\x27\x05\x19\x56", 4);
}

/* Etherboot's network boot image: spec 0.3, section 1.3 */
static bool is_nbi(const struct file *f)
{
	return has(f, 0, "\x36\x13\x03\x1b", 4);
}

static bool is_beoboot(const struct file *f)
{
	return has(f, 0, "BeoBoot\n", 8);
}

static const char left_out[] = "left out on purpose, only Linux is loaded";
static const char other_machine[] = "not for this machine";

/* multiboot kernels are ELF files too: elf.c finds out what is Linux */
const struct image_format pc_formats[] = {
	{ "bzImage", is_bzimage, parse_bzimage, NULL },
	{ "elf-x86_64", is_elf_x86_64, parse_elf_x86_64, NULL },
	{ "elf", is_elf, NULL, "not an x86_64 executable of 64 bits" },
	{ "Image", is_arm64, NULL, other_machine },
	{ "uImage", is_uimage, NULL, other_machine },
	{ "nbi-x86", is_nbi, NULL, left_out },
	{ "beoboot-x86", is_beoboot, NULL, left_out },
	{ NULL, NULL, NULL, NULL },
};
