// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmlinux as the linker made it: laid out in one piece as its program headers
 * say. What stands at its beginning and where it may go is the architecture's
 * matter.
 */
#include <elf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "vmlinux.h"

#define PHDRS_MAX 64 /* a vmlinux has five */
#define SPAN_MAX GIB(1)
#define ALIGN VMLINUX_ALIGN
static const char banner[] = "Linux version ";

bool is_vmlinux(const struct file *file, u16 machine)
{
	Elf64_Ehdr eh;

	if (file->len < sizeof(eh))
		return false;
	memcpy(&eh, file->data, sizeof(eh));
	return !memcmp(eh.e_ident, ELFMAG, SELFMAG) &&
	       eh.e_ident[EI_CLASS] == ELFCLASS64 &&
	       eh.e_ident[EI_DATA] == ELFDATA2LSB && eh.e_machine == machine &&
	       (eh.e_type == ET_EXEC || eh.e_type == ET_DYN);
}

bool is_elf(const struct file *file)
{
	return file->len >= SELFMAG && !memcmp(file->data, ELFMAG, SELFMAG);
}

static int check_headers(const struct file *f, const Elf64_Ehdr *eh,
			 struct error *e)
{
	u64 len = eh->e_phnum * sizeof(Elf64_Phdr);

	if (eh->e_phentsize == sizeof(Elf64_Phdr) && eh->e_phnum &&
	    eh->e_phnum <= PHDRS_MAX && eh->e_phoff <= f->len &&
	    len <= f->len - eh->e_phoff)
		return 0;
	return fail(e,
		    "kernel %s: %u ELF program headers of %u bytes at offset "
		    "0x%" PRIx64 ": none, too many or past the end",
		    f->path, eh->e_phnum, eh->e_phentsize, eh->e_phoff);
}

static Elf64_Phdr phdr(const struct file *f, const Elf64_Ehdr *eh, u32 i)
{
	Elf64_Phdr p;

	memcpy(&p, f->data + eh->e_phoff + i * sizeof(p), sizeof(p));
	return p;
}

/* The physical memory that all PT_LOADs span. */
static int find_span(const struct file *f, const Elf64_Ehdr *eh, u64 addr_max,
		     struct span *all, struct error *e)
{
	const struct span whole = { 0, f->len };
	u64 start = ~0ULL, end = 0;

	for (u32 i = 0; i < eh->e_phnum; i++) {
		Elf64_Phdr p = phdr(f, eh, i);

		if (p.p_type != PT_LOAD)
			continue;
		if (p.p_filesz > p.p_memsz || p.p_memsz > SPAN_MAX ||
		    p.p_paddr > addr_max - SPAN_MAX ||
		    !span_holds(&whole, p.p_offset, p.p_filesz))
			return fail(e,
				    "kernel %s: ELF program header %u: file "
				    "offset 0x%" PRIx64 ", length 0x%" PRIx64
				    " of 0x%" PRIx64 ", can't be",
				    f->path, i, p.p_offset, p.p_filesz,
				    p.p_memsz);
		if (!p.p_memsz)
			continue; /* p_filesz is 0 then, too */
		start = p.p_paddr < start ? p.p_paddr : start;
		end = p.p_paddr + p.p_memsz > end ? p.p_paddr + p.p_memsz : end;
	}
	*all = (struct span){ start, end - start };
	if (start < end && end - start <= SPAN_MAX && !(start % ALIGN))
		return 0;
	return fail(e,
		    "kernel %s: its ELF program headers load nothing, more "
		    "than 1 GiB, or to an address that is no multiple of 2 MiB",
		    f->path);
}

/* One piece of memory, so that it is one segment of the sixteen. */
static int lay_out(struct image *image, const Elf64_Ehdr *eh,
		   const struct span *all, struct error *e)
{
	const struct file *f = image->file;
	u64 len = 0;

	image->laid_out = calloc(1, all->len);
	if (!image->laid_out)
		return fail(e, "out of memory");
	for (u32 i = 0; i < eh->e_phnum; i++) {
		Elf64_Phdr p = phdr(f, eh, i);
		u64 at = p.p_paddr - all->start;

		if (p.p_type != PT_LOAD || !p.p_filesz)
			continue;
		memcpy(image->laid_out + at, f->data + p.p_offset, p.p_filesz);
		len = at + p.p_filesz > len ? at + p.p_filesz : len;
	}
	image->len = len;
	return 0;
}

/* "Linux version 6.1.0-56-amd64 (debian-kernel@...", init/version.c */
void image_find_release(struct image *image, const u8 *at, size_t all)
{
	const size_t skip = sizeof(banner) - 1;
	const u8 *end = at + all;
	size_t len = 0;

	while ((at = memmem(at, (size_t)(end - at), banner, skip))) {
		at += skip;
		/* the format string of /proc/version has %s there */
		if (at < end && *at >= '1' && *at <= '9')
			break;
	}
	for (; at && at + len < end && len < sizeof(image->release) - 1;
	     len++) {
		if (at[len] <= ' ' || at[len] > '~')
			break;
		image->release[len] = (char)at[len];
	}
}

int vmlinux_lay_out(struct image *image, const struct file *file, u64 addr_max,
		    struct error *e)
{
	struct span all = { 0, 0 };
	Elf64_Ehdr eh;

	memcpy(&eh, file->data, sizeof(eh));
	if (check_headers(file, &eh, e) ||
	    find_span(file, &eh, addr_max, &all, e))
		return -1;
	if (!span_holds(&all, eh.e_entry, 1))
		return fail(e,
			    "kernel %s: ELF entry 0x%" PRIx64
			    " lies outside of what is loaded to 0x%" PRIx64
			    "-0x%" PRIx64 " (physical)",
			    file->path, eh.e_entry, all.start,
			    all.start + all.len - 1);
	if (lay_out(image, &eh, &all, e))
		return -1;
	image_find_release(image, image->laid_out, image->len);
	image->entry = eh.e_entry - all.start;
	image->memsz = all.len;
	image->align = ALIGN;
	return 0;
}
