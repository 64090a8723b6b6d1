// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of the running kernel through /proc/kcore: an ELF core file whose
 * PT_LOADs cover RAM and kernel text (p_paddr says where they are), and
 * vmalloc space and the like (p_paddr all ones). What no PT_LOAD gives an
 * address for, MMIO among it, is not to be had here.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sources.h"
#include "vmcoreinfo.h"

#define KCORE "proc/kcore"
/* p_paddr of a segment without one (fs/proc/kcore.c since 4.9) */
#define PADDR_NONE (~0ULL)
#define NOTES_MAX MIB(1)

struct kcore_segment {
	u64 virt, phys, len, off;
};

struct kcore {
	struct mem mem;
	int fd;
	struct kcore_segment *seg;
	size_t n;
	u8 *notes; /* of the first PT_NOTE; NULL: none */
	size_t notes_len;
};

static bool inside(u64 start, u64 seg_len, u64 at, u64 len)
{
	return span_holds(&(struct span){ start, seg_len }, at, len);
}

/* Ranges never cross a PT_LOAD: callers read aligned tables or entries. */
static int kcore_read_phys(struct mem *m, u64 phys, void *buf, u32 len)
{
	struct kcore *k = (struct kcore *)m;

	for (size_t i = 0; i < k->n; i++) {
		const struct kcore_segment *s = &k->seg[i];

		if (s->phys != PADDR_NONE && inside(s->phys, s->len, phys, len))
			return read_all(k->fd, buf, len,
					s->off + (phys - s->phys))
				       ? IOMMU_OK
				       : IOMMU_EREAD;
	}
	return IOMMU_EREAD;
}

int kcore_read_virt(struct mem *m, u64 virt, void *buf, u32 len)
{
	struct kcore *k = (struct kcore *)m;

	for (size_t i = 0; i < k->n; i++) {
		const struct kcore_segment *s = &k->seg[i];

		if (inside(s->virt, s->len, virt, len))
			return read_all(k->fd, buf, len,
					s->off + (virt - s->virt))
				       ? IOMMU_OK
				       : IOMMU_EREAD;
	}
	return IOMMU_EREAD;
}

bool kcore_phys(struct mem *m, u64 virt, u64 *phys)
{
	struct kcore *k = (struct kcore *)m;

	for (size_t i = 0; i < k->n; i++) {
		const struct kcore_segment *s = &k->seg[i];

		if (s->phys == PADDR_NONE || !inside(s->virt, s->len, virt, 1))
			continue;
		*phys = s->phys + (virt - s->virt);
		return true;
	}
	return false;
}

static bool header_ok(const Elf64_Ehdr *h)
{
	return !memcmp(h->e_ident, ELFMAG, SELFMAG) &&
	       h->e_ident[EI_CLASS] == ELFCLASS64 &&
	       h->e_ident[EI_DATA] == ELFDATA2LSB && h->e_type == ET_CORE &&
	       h->e_phentsize == sizeof(Elf64_Phdr);
}

/* A few KiB: the kernel's command line, VMCOREINFO. */
static void read_notes(struct kcore *k, const Elf64_Phdr *ph)
{
	if (k->notes || !ph->p_filesz || ph->p_filesz > NOTES_MAX)
		return;
	k->notes = malloc(ph->p_filesz);
	k->notes_len = ph->p_filesz;
	if (k->notes && read_all(k->fd, k->notes, k->notes_len, ph->p_offset))
		return;
	free(k->notes);
	k->notes = NULL;
}

bool kcore_vmcoreinfo(struct mem *m, struct vmcoreinfo *v)
{
	struct kcore *k = (struct kcore *)m;

	return k->notes && vmcoreinfo_find(k->notes, k->notes_len, v);
}

static int read_segments(struct kcore *k)
{
	Elf64_Phdr *ph;
	Elf64_Ehdr h;
	int rc = 0;

	errno = 0;
	if (!read_all(k->fd, &h, sizeof(h), 0))
		return errno ? -errno : -ENOEXEC;
	if (!header_ok(&h))
		return -ENOEXEC;
	ph = calloc(h.e_phnum + 1u, sizeof(*ph));
	if (!ph)
		return -ENOMEM;
	if (!read_all(k->fd, ph, h.e_phnum * sizeof(*ph), h.e_phoff))
		rc = -ENOEXEC;
	for (size_t i = 0; !rc && i < h.e_phnum; i++) {
		struct kcore_segment *s;

		if (ph[i].p_type == PT_NOTE)
			read_notes(k, &ph[i]);
		/* A wrap of any of the three would let reads go astray. */
		if (ph[i].p_type != PT_LOAD || !ph[i].p_memsz ||
		    ph[i].p_vaddr + ph[i].p_memsz - 1 < ph[i].p_vaddr ||
		    ph[i].p_offset + ph[i].p_memsz < ph[i].p_offset)
			continue;
		s = array_grow(&k->seg, &k->n, sizeof(*s));
		if (!s)
			rc = -ENOMEM;
		else
			*s = (struct kcore_segment){ ph[i].p_vaddr,
						     ph[i].p_paddr,
						     ph[i].p_memsz,
						     ph[i].p_offset };
	}
	free(ph);
	return rc;
}

struct mem *kcore_open(const struct sysroot *root)
{
	struct kcore *k = calloc(1, sizeof(*k));
	int rc;

	if (!k)
		return NULL;
	k->mem.read = kcore_read_phys;
	k->fd = sysroot_fd(root, KCORE);
	rc = k->fd < 0 ? -errno : read_segments(k);
	if (!rc)
		return &k->mem;
	kcore_close(&k->mem);
	errno = -rc;
	return NULL;
}

void kcore_close(struct mem *m)
{
	struct kcore *k = (struct kcore *)m;

	if (!k)
		return;
	if (k->fd >= 0)
		close(k->fd);
	free(k->seg);
	free(k->notes);
	free(k);
}

struct mem *gather_kcore(struct gather *g)
{
	if (!g->kcore)
		g->kcore = kcore_open(g->root);
	if (!g->kcore)
		facts_missing(g->f, KCORE, "%s",
			      errno == ENOEXEC ? "no ELF core header"
					       : strerror(errno));
	return g->kcore;
}
