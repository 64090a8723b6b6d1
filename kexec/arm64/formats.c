// SPDX-License-Identifier: GPL-2.0-only
/* The images of arm64, and magic numbers of images for other machines. */
#include <string.h>
#include "formats.h"
#include "vmlinux.h"

static bool has(const struct file *f, u64 at, const void *bytes, size_t len)
{
	return f->len >= at + len && !memcmp(f->data + at, bytes, len);
}

/* Documentation/arch/x86/boot.rst */
static bool is_bzimage(const struct file *f)
{
	return has(f, 0x202, "HdrS", 4) && has(f, 0x1fe, "\x55\xaa", 2);
}

/* U-Boot's image.h, IH_MAGIC */
static bool is_uimage(const struct file *f)
{
	return has(f, 0, "\x27\x05\x19\x56", 4);
}

const struct image_format arm64_formats[] = {
	{ "Image", is_image, parse_image, NULL },
	{ "vmlinux", is_elf_arm64, parse_elf_arm64, NULL },
	{ "elf", is_elf, NULL, "not an arm64 executable of 64 bits" },
	{ "bzImage", is_bzimage, NULL, "not for this machine" },
	{ "uImage", is_uimage, NULL,
	  "left out on purpose: give the Image that is in it" },
	{ NULL, NULL, NULL, NULL },
};
