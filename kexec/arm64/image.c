// SPDX-License-Identifier: GPL-2.0-only
/*
 * Image, and the vmlinux that it was made from, which begins alike.
 * Documentation/arm64/booting.rst, 4 "Call the kernel image".
 */
#include <elf.h>
#include <inttypes.h>
#include <string.h>
#include "formats.h"
#include "vmlinux.h"

#define MAGIC 0x644d5241u /* "ARM\x64" */
#define FLAG_BIG_ENDIAN BIT64(0)
#define FLAG_PAGE_SIZE MASK64(2, 1)
#define ALIGN MIB(2)
#define IMAGE_MAX GIB(1)
/* COMMAND_LINE_SIZE, arch/arm64/include/uapi/asm/setup.h, less its NUL */
#define CMDLINE_MAX 2047

struct image_header {
	u32 code0, code1;
	u64 text_offset; /* from a multiple of 2 MiB */
	u64 image_size;	 /* in memory, from there on */
	u64 flags, reserved[3];
	u32 magic, pe;
};
ASSERT_SIZE(struct image_header, 64);

static struct image_header header_of(const u8 *bytes)
{
	struct image_header h;

	memcpy(&h, bytes, sizeof(h));
	return h;
}

bool is_image(const struct file *file)
{
	return file->len >= sizeof(struct image_header) &&
	       header_of(file->data).magic == MAGIC;
}

bool is_elf_arm64(const struct file *file)
{
	return is_vmlinux(file, EM_AARCH64);
}

static int check_header(const struct file *f, const struct image_header *h,
			u64 len, struct error *e)
{
	/* Linux 3.17: before, nothing says how much memory the kernel takes */
	if (!h->image_size)
		return fail(e,
			    "kernel %s: image_size at offset 0x10 is 0: "
			    "kernels before 3.17 can't be loaded",
			    f->path);
	if (h->image_size < len || h->image_size > IMAGE_MAX)
		return fail(e,
			    "kernel %s: image_size 0x%" PRIx64
			    " at offset 0x10 can't be: there are 0x%" PRIx64
			    " bytes",
			    f->path, h->image_size, len);
	if (h->text_offset >= ALIGN || h->text_offset % PAGE_4K)
		return fail(e,
			    "kernel %s: text_offset 0x%" PRIx64
			    " at offset 0x8 can't be",
			    f->path, h->text_offset);
	if (h->flags & FLAG_BIG_ENDIAN)
		return fail(e,
			    "kernel %s: big endian (flags 0x%" PRIx64
			    " at offset 0x18): only little endian kernels are "
			    "loaded",
			    f->path, h->flags);
	return 0;
}

/* 0: an old kernel, which does not say. */
static u32 page_size(u64 flags)
{
	static const u32 size[] = { 0, KIB(4), KIB(16), KIB(64) };

	return size[field(FLAG_PAGE_SIZE, flags)];
}

/* What the header says; @len bytes of the image are not zero. */
static int take_header(struct image *image, const struct file *f,
		       const u8 *bytes, u64 len, struct error *e)
{
	struct image_header h = header_of(bytes);

	if (check_header(f, &h, len, e))
		return -1;
	image->memsz = h.image_size;
	image->align = ALIGN;
	image->skew = h.text_offset;
	image->cmdline_max = CMDLINE_MAX;
	image->page_size = page_size(h.flags);
	return 0;
}

/* After is_image(). */
int parse_image(struct image *image, const struct file *file, struct error *e)
{
	image->len = file->len;
	image_find_release(image, file->data, file->len);
	return take_header(image, file, file->data, file->len, e);
}

/* After is_elf_arm64(). Its addresses are virtual, p_paddr too. */
int parse_elf_arm64(struct image *image, const struct file *file,
		    struct error *e)
{
	struct file begin;

	if (vmlinux_lay_out(image, file, ~0ULL, e))
		return -1;
	begin = (struct file){ file->path, image->laid_out, image->len };
	if (!is_image(&begin) || image->entry)
		return fail(e,
			    "kernel %s: no Linux: it does not begin with the "
			    "header "
			    "of an Image (\"ARM\\x64\" at offset 56)",
			    file->path);
	return take_header(image, file, image->laid_out, image->len, e);
}
