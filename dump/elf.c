// SPDX-License-Identifier: GPL-2.0-only
/*
 * ELF cores: /proc/vmcore, a copy of it, makedumpfile -E. Only headers are
 * kept; memory is read where it is asked for.
 *
 * makedumpfile -E drops a run of 256 or more excluded pages by ending the
 * segment's file part before its memory part (makedumpfile.c: PFN_EXCLUDED).
 * Nothing tells those from pages of zeros, so they read as zeros here; the
 * kdump-compressed format does tell.
 */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "formats.h"

#define PHDRS_MAX (1u << 20)
#define KERNEL_HALF BIT64(63)

/* @memsz bytes from @at on are found at @off; of two kinds: */
struct load {
	u64 at, memsz, off, filesz;
};

struct loads {
	struct load *load;
	u32 n;
};

struct elf_mem {
	struct mem mem;
	struct blob *blob;
	struct loads phys; /* physical memory in the file */
	struct loads virt; /* kernel addresses in physical memory */
};

static const struct load *load_at(const struct loads *s, u64 at)
{
	u32 lo = 0, hi = s->n;

	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;
		const struct load *l = &s->load[mid];

		if (at < l->at)
			hi = mid;
		else if (at - l->at >= l->memsz)
			lo = mid + 1;
		else
			return l;
	}
	return NULL;
}

static int by_start(const void *a, const void *b)
{
	const struct load *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->memsz > y->memsz ? -1 : x->memsz < y->memsz;
}

/*
 * x86_64 lists the kernel's text twice, once as RAM. The second of two that
 * overlap loses what the first has, so that a binary search is enough.
 */
static void loads_sort(struct loads *s)
{
	u64 end = 0;
	u32 i, n = 0;

	qsort(s->load, s->n, sizeof(*s->load), by_start);
	for (i = 0; i < s->n; i++) {
		struct load l = s->load[i];
		u64 cut = n && l.at < end ? end - l.at : 0;

		if (cut >= l.memsz)
			continue;
		l.at += cut;
		l.memsz -= cut;
		l.off += cut;
		l.filesz -= cut < l.filesz ? cut : l.filesz;
		end = l.at + l.memsz;
		s->load[n++] = l;
	}
	s->n = n;
}

static bool elf_to_phys(struct mem *mem, u64 virt, u64 *phys)
{
	const struct load *l = load_at(&((struct elf_mem *)mem)->virt, virt);

	if (l)
		*phys = l->off + (virt - l->at);
	return l != NULL;
}

static int elf_read(struct mem *mem, u64 phys, void *buf, u32 len)
{
	struct elf_mem *m = (struct elf_mem *)mem;
	u8 *to = buf;

	while (len) {
		const struct load *l = load_at(&m->phys, phys);
		u64 at, part, file;

		if (!l)
			return IOMMU_EREAD;
		at = phys - l->at;
		part = l->memsz - at < len ? l->memsz - at : len;
		file = at < l->filesz ? l->filesz - at : 0;
		if (file > part)
			file = part;
		if (file && blob_read(m->blob, l->off + at, to, file))
			return IOMMU_EREAD;
		memset(to + file, 0, part - file);
		to += part;
		phys += part;
		len -= (u32)part;
	}
	return IOMMU_OK;
}

static void elf_mem_close(struct mem *mem)
{
	struct elf_mem *m = (struct elf_mem *)mem;

	free(m->phys.load);
	free(m->virt.load);
	free(m);
}

static int elf_header(struct blob *b, Elf64_Ehdr *eh, u32 *phnum,
		      struct dump_error *e)
{
	Elf64_Shdr sh;

	if (blob_read(b, 0, eh, sizeof(*eh)))
		return dump_fail(
			e, EINVAL,
			"offset 0: the file ends inside the ELF header");
	if (eh->e_ident[EI_CLASS] != ELFCLASS64 ||
	    eh->e_ident[EI_DATA] != ELFDATA2LSB)
		return dump_fail(
			e, EINVAL,
			"offset 4: not a 64-bit little-endian ELF file");
	if (eh->e_type != ET_CORE)
		return dump_fail(e, EINVAL,
				 "offset 16: ELF type %u, not a core",
				 eh->e_type);
	if (eh->e_phnum && eh->e_phentsize != sizeof(Elf64_Phdr))
		return dump_fail(
			e, EINVAL,
			"offset 54: program headers of %u bytes, must be %zu",
			eh->e_phentsize, sizeof(Elf64_Phdr));
	*phnum = eh->e_phnum;
	if (eh->e_phnum == PN_XNUM) {
		if (blob_read(b, eh->e_shoff, &sh, sizeof(sh)))
			return dump_fail(
				e, EINVAL,
				"offset 0x%llx: the file ends before the "
				"section that counts program headers",
				(unsigned long long)eh->e_shoff);
		*phnum = sh.sh_info;
	}
	if (*phnum > PHDRS_MAX)
		return dump_fail(e, EINVAL,
				 "offset 56: %u program headers, at most %u",
				 *phnum, PHDRS_MAX);
	return 0;
}

static int elf_phdr(struct elf_mem *m, struct dump_parts *p, u64 where,
		    const Elf64_Phdr *ph, struct dump_error *e)
{
	if (ph->p_type == PT_NOTE)
		return notes_append(p, m->blob, ph->p_offset, ph->p_filesz, e);
	if (ph->p_type != PT_LOAD || !ph->p_memsz)
		return 0;
	/* /proc/kcore has loads without a physical address, which is -1. */
	if (ph->p_paddr == ~0ULL)
		return 0;
	if (ph->p_paddr + ph->p_memsz < ph->p_paddr ||
	    ph->p_filesz > ph->p_memsz ||
	    ph->p_offset + ph->p_filesz < ph->p_offset)
		return dump_fail(e, EINVAL,
				 "offset 0x%llx: program header wraps around "
				 "(paddr 0x%llx, memsz 0x%llx, filesz 0x%llx)",
				 (unsigned long long)where,
				 (unsigned long long)ph->p_paddr,
				 (unsigned long long)ph->p_memsz,
				 (unsigned long long)ph->p_filesz);
	m->phys.load[m->phys.n++] = (struct load){ ph->p_paddr, ph->p_memsz,
						   ph->p_offset, ph->p_filesz };
	/* Some loaders leave p_vaddr 0: kernels live in the upper half. */
	if (ph->p_vaddr & KERNEL_HALF &&
	    ph->p_vaddr + ph->p_memsz > ph->p_vaddr)
		m->virt.load[m->virt.n++] =
			(struct load){ ph->p_vaddr, ph->p_memsz, ph->p_paddr,
				       ph->p_memsz };
	return 0;
}

static int elf_phdrs(struct elf_mem *m, struct dump_parts *p,
		     const Elf64_Ehdr *eh, u32 phnum, struct dump_error *e)
{
	u64 size = (u64)phnum * sizeof(Elf64_Phdr);
	Elf64_Phdr *ph;
	u32 i;
	int err = 0;

	if (eh->e_phoff > m->blob->size || size > m->blob->size - eh->e_phoff)
		return dump_fail(e, EINVAL,
				 "offset 0x%llx: %u program headers reach "
				 "beyond the file",
				 (unsigned long long)eh->e_phoff, phnum);
	ph = calloc(phnum + 1, sizeof(*ph));
	m->phys.load = calloc(phnum + 1, sizeof(struct load));
	m->virt.load = calloc(phnum + 1, sizeof(struct load));
	if (!ph || !m->phys.load || !m->virt.load)
		err = dump_fail(e, ENOMEM, "out of memory");
	else if (blob_read(m->blob, eh->e_phoff, ph, size))
		err = dump_fail(e, EIO,
				"offset 0x%llx: program headers unreadable",
				(unsigned long long)eh->e_phoff);
	for (i = 0; !err && i < phnum; i++)
		err = elf_phdr(m, p, eh->e_phoff + i * sizeof(*ph), &ph[i], e);
	free(ph);
	return err;
}

static bool is_elf(const u8 *head, size_t len)
{
	return len >= SELFMAG && !memcmp(head, ELFMAG, SELFMAG);
}

static int elf_open(const struct dump_file *file, size_t n,
		    struct dump_parts *p, struct dump_error *e)
{
	struct blob *b = file->blob;
	struct elf_mem *m;
	Elf64_Ehdr eh;
	u32 phnum = 0;
	int err;

	(void)n;
	err = elf_header(b, &eh, &phnum, e);
	if (err)
		return err;
	m = calloc(1, sizeof(*m));
	if (!m)
		return dump_fail(e, ENOMEM, "out of memory");
	m->mem.read = elf_read;
	m->blob = b;
	err = elf_phdrs(m, p, &eh, phnum, e);
	p->machine = eh.e_machine;
	if (err || !m->phys.n) {
		elf_mem_close(&m->mem);
		return err;
	}
	loads_sort(&m->phys);
	loads_sort(&m->virt);
	p->mem = &m->mem;
	p->mem_close = elf_mem_close;
	p->mem_parallel = b->parallel;
	p->to_phys = m->virt.n ? elf_to_phys : NULL;
	return 0;
}

const struct dump_format dump_elf = {
	.name = "elf",
	.is = is_elf,
	.open = elf_open,
};
