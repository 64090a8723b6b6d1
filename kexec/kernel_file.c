// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes compression, zboot images and UKIs off a kernel, one layer at a time,
 * until the file has a format that can be loaded.
 */
#include <stdlib.h>
#include <string.h>
#include "decompress.h"
#include "image.h"
#include "kernel_file.h"
#include "pe.h"

/* A UKI in zstd whose kernel is a zboot image with gzip: more is a joke. */
#define LAYERS_MAX 4
/* A vmlinux with debug information has less; a bomb ends here. */
#define KERNEL_MAX GIB(1)
/* Kernels become 3 to 8 times as long when they are decompressed. */
#define GROWTH_MAX 64u
#define GROWTH_ALWAYS MIB(4) /* that much does no harm */

/* The inner file takes the outer one's place. */
static void replace(struct kernel_file *k, struct file inner)
{
	free(k->file.data);
	k->file = inner;
	k->unwrapped = true;
}

static int copy_section(struct file *out, const struct file *f,
			const struct span *where, struct error *e)
{
	out->path = f->path;
	out->data = malloc(where->len);
	out->len = where->len;
	if (!out->data)
		return fail(e, "out of memory");
	memcpy(out->data, f->data + where->start, where->len);
	return 0;
}

/* By the file as it came: compression in compression grows more than once. */
static size_t limit_of(const struct kernel_file *k)
{
	size_t max = k->max ? k->max : KERNEL_MAX, grown = GROWTH_ALWAYS;

	if (k->file.len > max / GROWTH_MAX)
		return max;
	if (k->file.len > GROWTH_ALWAYS / GROWTH_MAX)
		grown = k->file.len * GROWTH_MAX;
	return grown < max ? grown : max;
}

/* --- layers: 1 taken off, 0 not such a file, -1 with @e --- */

static int take_compression(struct kernel_file *k, struct error *e)
{
	struct file inner;

	if (!compression_of(k->file.data, k->file.len))
		return 0;
	if (decompress(&inner, k->file.path, k->file.data, k->file.len, k->max,
		       e))
		return -1;
	replace(k, inner);
	return 1;
}

static int take_zboot(struct kernel_file *k, struct error *e)
{
	struct span where;
	struct file inner;
	int is = zboot_payload(&k->file, &where, e);

	if (is <= 0)
		return is;
	if (decompress(&inner, k->file.path, k->file.data + where.start,
		       where.len, k->max, e))
		return -1;
	replace(k, inner);
	return 1;
}

/*
 * UAPI.5: microcode comes first, since the kernel looks for it at the very
 * beginning only. init/initramfs.c: an archive begins at a multiple of 4.
 */
static int take_uki_initrd(struct kernel_file *k, struct error *e)
{
	struct span ucode = { 0, 0 }, initrd = { 0, 0 };
	u64 at;

	if (pe_section(&k->file, ".ucode", &ucode, e) < 0 ||
	    pe_section(&k->file, ".initrd", &initrd, e) < 0)
		return -1;
	if (k->initrd.data || !(ucode.len + initrd.len))
		return 0;
	at = align_up(ucode.len, 4);
	k->initrd = (struct file){ .path = k->file.path,
				   .data = calloc(1, at + initrd.len),
				   .len = at + initrd.len };
	if (!k->initrd.data)
		return fail(e, "out of memory");
	memcpy(k->initrd.data, k->file.data + ucode.start, ucode.len);
	memcpy(k->initrd.data + at, k->file.data + initrd.start, initrd.len);
	return 0;
}

/* The text of .cmdline need not end in a NUL. */
static int take_uki_cmdline(struct kernel_file *k, struct error *e)
{
	struct span where;
	int is = pe_section(&k->file, ".cmdline", &where, e);
	if (is <= 0 || k->cmdline)
		return is;
	k->cmdline = strndup((char *)k->file.data + where.start, where.len);
	if (!k->cmdline)
		return fail(e, "out of memory");
	/* a line of a file, as a rule */
	for (size_t n = strlen(k->cmdline); n && k->cmdline[n - 1] == '\n'; n--)
		k->cmdline[n - 1] = 0;
	return 0;
}

static int take_uki(struct kernel_file *k, struct error *e)
{
	struct span where;
	struct file inner = { 0 };
	int is = pe_section(&k->file, ".linux", &where, e);

	if (is <= 0)
		return is;
	if (take_uki_initrd(k, e) || take_uki_cmdline(k, e) < 0 ||
	    copy_section(&inner, &k->file, &where, e))
		return -1;
	replace(k, inner);
	k->uki = true;
	return 1;
}

int kernel_unwrap(struct kernel_file *k, struct error *e)
{
	static int (*const layers[])(struct kernel_file *, struct error *) = {
		take_zboot,
		take_uki,
		take_compression,
	};

	k->max = limit_of(k);
	for (u32 depth = 0; !image_format(&k->file); depth++) {
		int is = 0;

		if (depth == LAYERS_MAX)
			return fail(e,
				    "kernel %s: more than %d wrappings around "
				    "one another",
				    k->file.path, LAYERS_MAX);
		for (size_t i = 0; !is && i < ARRAY_SIZE(layers); i++)
			is = layers[i](k, e);
		if (is <= 0)
			return is; /* what is left is image_parse()'s matter */
	}
	return 0;
}

void kernel_file_free(struct kernel_file *k)
{
	file_free(&k->file);
	file_free(&k->initrd);
	free(k->cmdline);
	k->cmdline = NULL;
}
