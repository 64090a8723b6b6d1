// SPDX-License-Identifier: GPL-2.0-only
/* Reads a dead kernel's memory by its own addresses. */
#include <elf.h>
#include <string.h>
#include "formats.h"
#include "kmem.h"

static const struct kmem_arch *const arches[] = {
	&kmem_x86_64,
	&kmem_arm64,
};

/*
 * Which one VMCOREINFO fits. A kdump file of makedumpfile may say that its
 * machine is "Unknown".
 */
static const struct kmem_arch *arch_of(struct kmem *k,
				       const struct vmcoreinfo *v)
{
	const struct dump_priv *p = k->d->priv;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(arches); i++)
		if ((p->machine == EM_NONE ||
		     arches[i]->machine == p->machine) &&
		    arches[i]->find_root(k, v))
			return arches[i];
	return NULL;
}

int kmem_open(struct kmem *k, const struct dump *d, const struct vmcoreinfo *v)
{
	const struct dump_priv *p = d->priv;

	memset(k, 0, sizeof(*k));
	k->d = d;
	k->page = ~0ULL;
	if (!d->mem) {
		k->error = "the dump holds no memory";
		return -1;
	}
	k->arch = arch_of(k, v);
	if (k->arch || p->to_phys)
		return 0;
	k->error = "VMCOREINFO does not say where the kernel's page tables are";
	return -1;
}

static const char *translate(struct kmem *k, u64 page)
{
	const char *why = "no program header has it";

	if (page == k->page)
		return NULL;
	k->page = ~0ULL;
	if (k->arch)
		why = k->arch->walk(k, page, &k->at);
	if (!k->arch || why)
		why = dump_to_phys(k->d, page, &k->at) ? NULL : why;
	if (!why)
		k->page = page;
	return why;
}

bool kmem_phys(struct kmem *k, u64 virt, u64 *phys)
{
	u64 page = align_down(virt, PAGE_4K);

	k->error = translate(k, page);
	if (k->error)
		return false;
	*phys = k->at + (virt - page);
	return true;
}

int kmem_read(struct kmem *k, u64 virt, void *buf, u32 len)
{
	u8 *to = buf;

	if (len && virt + (len - 1) < virt) {
		k->error = "beyond the end of memory";
		return IOMMU_EREAD;
	}
	while (len) {
		u64 page = align_down(virt, PAGE_4K), at = virt - page;
		u32 part = PAGE_4K - at < len ? (u32)(PAGE_4K - at) : len;

		k->error = translate(k, page);
		if (k->error)
			return IOMMU_EREAD;
		if (mem_read(k->d->mem, k->at + at, to, part)) {
			k->error = "not in the dump";
			return IOMMU_EREAD;
		}
		to += part;
		virt += part;
		len -= part;
	}
	return IOMMU_OK;
}
