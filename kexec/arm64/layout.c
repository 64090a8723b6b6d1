// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the running kernel is mapped, for the ELF core header. What two sources
 * say has to be the same: a header that is off makes reading /proc/vmcore crash
 * the crash kernel.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include "arm64.h"
#include "vmcoreinfo.h"

/* arch/arm64/Kconfig, ARM64_VA_BITS */
#define VA_BITS_MIN 36
#define VA_BITS_MAX 52

/*
 * PAGE_OFFSET is -(1 << VA_BITS), and p_vaddr = phys - PHYS_OFFSET +
 * PAGE_OFFSET, all of it modulo 2^64: a kernel built for 52 bits that runs
 * with 48 has a PHYS_OFFSET above all memory (arm64_memblock_init(), 5.4 to
 * 7.2).
 */
static bool offset_of_vmcoreinfo(const struct vmcoreinfo *v, u64 *offset)
{
	u64 bits, phys;

	if (!vmcoreinfo_number(v, "NUMBER(VA_BITS)", &bits) ||
	    !vmcoreinfo_number(v, "NUMBER(PHYS_OFFSET)", &phys) ||
	    bits < VA_BITS_MIN || bits > VA_BITS_MAX)
		return false;
	*offset = -(1ULL << bits) - phys;
	return true;
}

static bool in_kcore(const struct host_arch *a, u64 offset)
{
	for (u32 i = 0; i < a->maps; i++)
		if (a->map[i] == offset)
			return true;
	return false;
}

/* From the first byte of code to the last of data, when both are one range. */
static bool find_text(const struct facts *f, struct span *text)
{
	const struct iomem *code = NULL, *data = NULL;

	for (size_t i = 0; i < f->iomem_n; i++) {
		const struct iomem *io = &f->iomem[i];

		/* twice: nobody knows which */
		if (!strcmp(io->name, "Kernel code") && code)
			return false;
		if (!strcmp(io->name, "Kernel data") && data)
			return false;
		if (!strcmp(io->name, "Kernel code"))
			code = io;
		if (!strcmp(io->name, "Kernel data"))
			data = io;
	}
	if (!code || !data || code->end < code->start ||
	    data->start <= code->end || data->end < data->start ||
	    data->end - code->start >= GIB(1))
		return false;
	*text = (struct span){ code->start, data->end - code->start + 1 };
	return true;
}

/* The text's own mapping; without kimage_voffset it is left out. */
static void take_text(struct kernel_layout *l, const struct vmcoreinfo *v,
		      const struct facts *f)
{
	u64 voffset;

	if (!vmcoreinfo_number(v, "NUMBER(kimage_voffset)", &voffset) ||
	    !find_text(f, &l->text))
		return;
	l->text_virt = l->text.start + voffset;
	/* kernel addresses, to the last one */
	if (l->text_virt >> 55 != ~0ULL >> 55 ||
	    l->text_virt + l->text.len < l->text_virt)
		l->text = (struct span){ 0, 0 };
}

/* All RAM lies in the upper half of the address space, where kernels live. */
static int check_ram(u64 offset, const struct facts *f, struct error *e)
{
	for (size_t i = 0; i < f->iomem_n; i++) {
		const struct iomem *io = &f->iomem[i];
		u64 first = io->start + offset, last = io->end + offset;

		if (!strncmp(io->name, "System RAM", strlen("System RAM")) &&
		    (last < first || !(first >> 63) || !(last >> 63)))
			return fail(e,
				    "RAM at 0x%" PRIx64 "-0x%" PRIx64
				    " would be mapped at 0x%" PRIx64
				    ", which is no kernel address: this "
				    "kernel's VMCOREINFO can't be right",
				    io->start, io->end, first);
	}
	return 0;
}

int arm64_layout(struct kernel_layout *l, const struct host *m,
		 const struct facts *f, struct error *e)
{
	struct mem *kcore = kcore_open(m->root);
	struct vmcoreinfo v;
	int err = -1;

	*l = (struct kernel_layout){ 0 };
	if (!kcore)
		return fail(e,
			    "/proc/kcore: %s: where this kernel has mapped "
			    "memory can't be told, and the dump could not be "
			    "read",
			    strerror(errno));
	if (!kcore_vmcoreinfo(kcore, &v) ||
	    !offset_of_vmcoreinfo(&v, &l->page_offset))
		fail(e, "/proc/kcore: no VMCOREINFO with VA_BITS and "
			"PHYS_OFFSET (Linux 4.19 and later have it): where "
			"this kernel has mapped memory can't be told");
	else if (!in_kcore(m->arch, l->page_offset))
		fail(e,
		     "VMCOREINFO says that the linear map is 0x%" PRIx64
		     " off physical memory, /proc/kcore shows no RAM mapped "
		     "so: where this kernel has mapped memory can't be told",
		     l->page_offset);
	else
		err = check_ram(l->page_offset, f, e);
	if (!err)
		take_text(l, &v, f);
	kcore_close(kcore);
	return err;
}
