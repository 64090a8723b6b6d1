// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ELF core header: where in physical memory the notes and the RAM of the
 * dead kernel lie. fs/proc/vmcore.c of the crash kernel reads it.
 */
#include <elf.h>
#include <string.h>
#include "elfcorehdr.h"

static u64 phdr_count(const struct elfcorehdr *h)
{
	return h->note_n + (h->layout.text.len != 0) + h->ram->n;
}

u64 elfcorehdr_size(const struct elfcorehdr *h)
{
	return sizeof(Elf64_Ehdr) + phdr_count(h) * sizeof(Elf64_Phdr);
}

static void fill_ehdr(const struct elfcorehdr *h, u8 *buf)
{
	Elf64_Ehdr ehdr = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
			     ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_CORE,
		.e_machine = h->machine,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(Elf64_Ehdr),
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = (u16)phdr_count(h),
	};

	memcpy(buf, &ehdr, sizeof(ehdr));
}

static u8 *put_phdr(u8 *at, u32 type, u64 phys, u64 virt, u64 len)
{
	/* p_offset is where the crash kernel finds it: physical memory. */
	Elf64_Phdr p = {
		.p_type = type,
		.p_flags = type == PT_LOAD ? PF_R | PF_W | PF_X : 0,
		.p_offset = phys,
		.p_vaddr = virt,
		.p_paddr = phys,
		.p_filesz = len,
		.p_memsz = len,
	};

	memcpy(at, &p, sizeof(p));
	return at + sizeof(p);
}

int elfcorehdr_build(const struct elfcorehdr *h, u8 *buf, struct error *e)
{
	u8 *at = buf + sizeof(Elf64_Ehdr);

	/* vmcore.c does not know the extended numbering behind PN_XNUM. */
	if (phdr_count(h) >= PN_XNUM)
		return fail(e,
			    "the ELF core header would need %zu entries, "
			    "the format has room for %d",
			    (size_t)phdr_count(h), PN_XNUM - 1);
	fill_ehdr(h, buf);
	for (size_t i = 0; i < h->note_n; i++)
		at = put_phdr(at, PT_NOTE, h->note[i].start, 0, h->note[i].len);
	if (h->layout.text.len)
		at = put_phdr(at, PT_LOAD, h->layout.text.start,
			      h->layout.text_virt, h->layout.text.len);
	for (size_t i = 0; i < h->ram->n; i++) {
		const struct span *s = &h->ram->r[i].span;

		at = put_phdr(at, PT_LOAD, s->start,
			      h->layout.page_offset + s->start, s->len);
	}
	return 0;
}
