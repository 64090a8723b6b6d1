// SPDX-License-Identifier: GPL-2.0-only
/*
 * bzImage, 64-bit entry. Documentation/arch/x86/boot.rst, boot protocol
 * 2.12 (Linux 3.8) and later.
 */
#include <asm/bootparam.h>
#include <string.h>
#include "formats.h"

#define HEADER_AT 0x1f1
#define SECTOR 512
#define BOOT_FLAG 0xaa55
#define HDRS 0x53726448 /* "HdrS" */
#define PROTOCOL_64BIT 0x20c
#define PROTOCOL_RSDP 0x20e
#define ENTRY_64 0x200
/* more than any kernel's COMMAND_LINE_SIZE, and what old ones took */
#define CMDLINE_MAX 65535
#define CMDLINE_OLD 255
ASSERT_OFFSET(struct boot_params, hdr, HEADER_AT);
ASSERT_OFFSET(struct boot_params, acpi_rsdp_addr, 0x70);
ASSERT_OFFSET(struct boot_params, e820_table, 0x2d0);
ASSERT_OFFSET(struct setup_header, init_size, 0x260 - HEADER_AT);
ASSERT_SIZE(struct boot_params, 4096);

static int check_header(const struct file *f, const struct setup_header *h,
			struct error *e)
{
	if (h->version < PROTOCOL_64BIT)
		return fail(e,
			    "kernel %s: boot protocol %u.%02u at offset 0x206: "
			    "2.12 is needed for the 64-bit entry",
			    f->path, h->version >> 8, h->version & 0xff);
	if (!(h->loadflags & LOADED_HIGH))
		return fail(e,
			    "kernel %s: loadflags 0x%x at offset 0x211: not "
			    "loaded high, so not a bzImage",
			    f->path, h->loadflags);
	if (!(h->xloadflags & XLF_KERNEL_64))
		return fail(e,
			    "kernel %s: no 64-bit entry (xloadflags 0x%x at "
			    "offset 0x236)",
			    f->path, h->xloadflags);
	if (!(h->xloadflags & XLF_CAN_BE_LOADED_ABOVE_4G) ||
	    !h->relocatable_kernel)
		return fail(e,
			    "kernel %s: can't be loaded at any address: not "
			    "relocatable",
			    f->path);
	return 0;
}

static int check_sizes(struct image *image, const struct setup_header *h,
		       struct error *e)
{
	const struct file *f = image->file;
	u64 align = h->kernel_alignment;

	/* 0 sectors means 4, for the sake of very old kernels (boot.rst) */
	image->offset = ((h->setup_sects ? h->setup_sects : 4) + 1ull) * SECTOR;
	if (image->offset + h->syssize * 16ull > f->len ||
	    image->offset >= f->len)
		return fail(e,
			    "kernel %s: truncated: its header tells of %llu "
			    "bytes, the file has %zu",
			    f->path, image->offset + h->syssize * 16ull,
			    f->len);
	image->len = f->len - image->offset;
	if (image->len < ENTRY_64 + 1)
		return fail(e, "kernel %s: truncated before its 64-bit entry",
			    f->path);
	if (!align || align & (align - 1))
		return fail(e,
			    "kernel %s: kernel_alignment 0x%x at offset 0x230 "
			    "is no power of two",
			    f->path, h->kernel_alignment);
	if (h->init_size < image->len || h->pref_address >> 52)
		return fail(e,
			    "kernel %s: init_size 0x%x at offset 0x260 or "
			    "pref_address 0x%llx at 0x258 can't be",
			    f->path, h->init_size, h->pref_address);
	return 0;
}

/* "6.1.0-56-amd64 (debian-kernel@...) #1 SMP ...", at 0x200 + the offset */
static void take_release(struct image *image, const struct setup_header *h)
{
	u64 at = h->kernel_version + 0x200ull;
	size_t len = 0;

	if (!h->kernel_version || at >= image->offset)
		return;
	while (at + len < image->offset && len < sizeof(image->release) - 1) {
		char c = (char)image->file->data[at + len];

		if (c <= ' ' || c > '~')
			break;
		image->release[len++] = c;
	}
}

bool is_bzimage(const struct file *file)
{
	struct setup_header h;

	if (file->len < HEADER_AT + sizeof(h))
		return false;
	memcpy(&h, file->data + HEADER_AT, sizeof(h));
	return h.boot_flag == BOOT_FLAG && h.header == HDRS;
}

/* After is_bzimage(). */
int parse_bzimage(struct image *image, const struct file *file, struct error *e)
{
	struct setup_header h;

	memcpy(&h, file->data + HEADER_AT, sizeof(h));
	if (check_header(file, &h, e) || check_sizes(image, &h, e))
		return -1;
	image->memsz = h.init_size;
	image->align = h.kernel_alignment;
	/* below it the decompressor would move to it, out of its segment */
	image->min = h.pref_address;
	image->entry = ENTRY_64;
	image->cmdline_max = h.cmdline_size ? h.cmdline_size : CMDLINE_OLD;
	if (image->cmdline_max > CMDLINE_MAX)
		image->cmdline_max = CMDLINE_MAX;
	image->takes_rsdp = h.version >= PROTOCOL_RSDP;
	image->takes_efi = h.xloadflags & XLF_EFI_KEXEC;
	take_release(image, &h);
	return 0;
}
