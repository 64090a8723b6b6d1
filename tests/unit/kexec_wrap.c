// SPDX-License-Identifier: GPL-2.0-only
#include <bzlib.h>
#include <elf.h>
#include <lz4.h>
#include <lz4frame.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#include "kexec_wrap.h"

const char *const wrap_kinds[] = { "gzip", "xz",	 "lzma",  "zstd",
				   "lz4",  "lz4-legacy", "bzip2", "zboot",
				   "uki",  NULL };

#define ELF_AT MIB(16)
#define ELF_TEXT 0x1000
#define ELF_BYTES 0x3000

struct file wrap_elf(void)
{
	static const char banner[] = "Linux version %s\0Linux version "
				     "6.1.0-elf (x@y) #1 SMP";
	struct file f = { .path = "ELF", .len = ELF_BYTES };
	const Elf64_Ehdr eh = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 },
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_version = 1,
		.e_entry = ELF_AT + 0x3000,
		.e_phoff = sizeof(eh),
		.e_ehsize = sizeof(eh),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 3,
	};
	const Elf64_Phdr ph[3] = {
		{ .p_type = PT_LOAD,
		  .p_offset = ELF_TEXT,
		  .p_paddr = ELF_AT,
		  .p_filesz = 0x1000,
		  .p_memsz = 0x1000 },
		{ .p_type = PT_LOAD,
		  .p_offset = ELF_TEXT + 0x1000,
		  .p_paddr = ELF_AT + 0x3000,
		  .p_filesz = 0x1000,
		  .p_memsz = 0x2000 },
		{ .p_type = PT_NOTE },
	};

	f.data = calloc(1, f.len);
	memcpy(f.data, &eh, sizeof(eh));
	memcpy(f.data + eh.e_phoff, ph, sizeof(ph));
	memset(f.data + ELF_TEXT, 0xaa, 0x1000);
	memset(f.data + ELF_TEXT + 0x1000, 0xbb, 0x1000);
	memcpy(f.data + ELF_TEXT + 64, banner, sizeof(banner));
	return f;
}

static struct file room(size_t len)
{
	return (struct file){ .path = "FILE",
			      .data = calloc(1, len),
			      .len = len };
}

static void put32(u8 *at, u32 val)
{
	memcpy(at, &val, sizeof(val));
}

static struct file wrap_gzip(const struct file *f)
{
	z_stream z = { .next_in = f->data, .avail_in = (uInt)f->len };
	struct file out = room(f->len * 2 + 1000);

	deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
	z.next_out = out.data;
	z.avail_out = (uInt)out.len;
	deflate(&z, Z_FINISH);
	out.len = z.total_out;
	deflateEnd(&z);
	return out;
}

static struct file wrap_lzma(const struct file *f, bool alone)
{
	lzma_stream z = LZMA_STREAM_INIT;
	struct file out = room(f->len * 2 + 1000);
	lzma_options_lzma o;
	lzma_ret err;

	lzma_lzma_preset(&o, 1);
	if (alone)
		err = lzma_alone_encoder(&z, &o);
	else
		err = lzma_easy_encoder(&z, 1, LZMA_CHECK_CRC32);
	z.next_in = f->data;
	z.avail_in = f->len;
	z.next_out = out.data;
	z.avail_out = out.len;
	if (err != LZMA_OK || lzma_code(&z, LZMA_FINISH) != LZMA_STREAM_END)
		exit(2);
	out.len = z.total_out;
	lzma_end(&z);
	return out;
}

static struct file wrap_zstd(const struct file *f)
{
	struct file out = room(ZSTD_compressBound(f->len));

	out.len = ZSTD_compress(out.data, out.len, f->data, f->len, 1);
	return out;
}

static struct file wrap_lz4(const struct file *f)
{
	struct file out = room(LZ4F_compressFrameBound(f->len, NULL));

	out.len = LZ4F_compressFrame(out.data, out.len, f->data, f->len, NULL);
	return out;
}

/* Of all blocks but the last: the format says so nowhere else. */
#define LZ4_LEGACY_BLOCK MIB(8)

static struct file wrap_lz4_legacy(const struct file *f)
{
	int bound = LZ4_compressBound(LZ4_LEGACY_BLOCK), n;
	size_t blocks = f->len / LZ4_LEGACY_BLOCK + 1, at, part;
	struct file out = room(4 + blocks * (4 + (size_t)bound));

	put32(out.data, 0x184c2102);
	out.len = 4;
	for (at = 0; at < f->len; at += part) {
		part = f->len - at < LZ4_LEGACY_BLOCK ? f->len - at
						      : LZ4_LEGACY_BLOCK;
		n = LZ4_compress_default((char *)f->data + at,
					 (char *)out.data + out.len + 4,
					 (int)part, bound);
		put32(out.data + out.len, (u32)n);
		out.len += 4 + (size_t)n;
	}
	return out;
}

static struct file wrap_bzip2(const struct file *f)
{
	struct file out = room(f->len * 2 + 1000);
	unsigned int len = (unsigned int)out.len;

	BZ2_bzBuffToBuffCompress((char *)out.data, &len, (char *)f->data,
				 (unsigned int)f->len, 1, 0, 0);
	out.len = len;
	return out;
}

static struct file wrap_zboot(const struct file *f)
{
	struct file inner = wrap_gzip(f), out = room(0x1000 + inner.len);

	memcpy(out.data, "MZ\0\0zimg", 8);
	put32(out.data + 8, 0x1000);
	put32(out.data + 12, (u32)inner.len);
	strcpy((char *)out.data + 24, "gzip");
	memcpy(out.data + 0x1000, inner.data, inner.len);
	free(inner.data);
	return out;
}

static void put_section(u8 *at, const char *name, u32 where, u32 len, u32 raw)
{
	memcpy(at, name, strnlen(name, 8));
	put32(at + 8, len);
	put32(at + 16, raw);
	put32(at + 20, where);
}

/*
 * Sections in file order: .cmdline, .initrd, .linux, and another .cmdline or
 * @ucode.
 */
static struct file wrap_uki(const struct file *f, bool ucode)
{
	struct file out = room(0x1000 + f->len);
	u8 *table = out.data + 0x80 + 24;

	memcpy(out.data, "MZ", 2);
	put32(out.data + 0x3c, 0x80);
	memcpy(out.data + 0x80, "PE\0\0\x64\x86\x04", 7);
	put_section(table, ".cmdline", 0x400, sizeof(WRAP_CMDLINE), 0x200);
	put_section(table + 40, ".initrd", 0x600, sizeof(WRAP_INITRD) - 1,
		    0x200);
	put_section(table + 80, ".linux", 0x1000, (u32)f->len, (u32)f->len);
	put_section(table + 120, ucode ? ".ucode" : ".cmdline", 0x800, 5,
		    0x200);
	memcpy(out.data + 0x400, WRAP_CMDLINE "\n", sizeof(WRAP_CMDLINE));
	memcpy(out.data + 0x600, WRAP_INITRD, sizeof(WRAP_INITRD));
	memcpy(out.data + 0x800, ucode ? WRAP_UCODE : "other", 5);
	memcpy(out.data + 0x1000, f->data, f->len);
	return out;
}

struct file wrap(const struct file *f, const char *kind)
{
	if (!strcmp(kind, "gzip"))
		return wrap_gzip(f);
	if (!strcmp(kind, "xz") || !strcmp(kind, "lzma"))
		return wrap_lzma(f, *kind == 'l');
	if (!strcmp(kind, "zstd"))
		return wrap_zstd(f);
	if (!strcmp(kind, "lz4"))
		return wrap_lz4(f);
	if (!strcmp(kind, "lz4-legacy"))
		return wrap_lz4_legacy(f);
	if (!strcmp(kind, "bzip2"))
		return wrap_bzip2(f);
	if (!strcmp(kind, "zboot"))
		return wrap_zboot(f);
	if (!strcmp(kind, "uki"))
		return wrap_uki(f, false);
	if (!strcmp(kind, "uki-ucode"))
		return wrap_uki(f, true);
	fprintf(stderr, "no wrapping %s\n", kind);
	exit(2);
}
