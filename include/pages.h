/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a page of physical memory was to the kernel, from what it kept in its
 * memory: its struct page (Linux: include/linux/mm_types.h, page-flags.h), and
 * where that says nothing, its page tables, tasks, vmalloc areas and free
 * lists. Kernels from 6.1 on, with sparse memory. Hosted only.
 */
#ifndef PAGES_H
#define PAGES_H

#include "mem.h"
#include "structures.h"

enum page_kind {
	PAGE_UNKNOWN, /* page_facts.why says why it can't be told */
	PAGE_NONE,    /* it has no struct page: not RAM */
	PAGE_FREE,
	PAGE_FREE_CPU, /* free, on a list of one CPU's own */
	PAGE_SLAB,
	PAGE_KMALLOC, /* a kmalloc() too large for a slab */
	PAGE_TABLE,   /* of the CPU's address translation */
	PAGE_STACK,
	PAGE_TEXT,
	PAGE_RODATA,
	PAGE_DATA,
	PAGE_VMALLOC,
	PAGE_PERCPU,
	PAGE_ANON,
	PAGE_KSM,
	PAGE_FILE,
	PAGE_HUGETLB,
	PAGE_ZERO, /* the one of all zeros, and the huge one */
	PAGE_POOL, /* of a network driver's page pool */
	PAGE_SWIOTLB,
	PAGE_CMA,    /* allocated from an area of CMA */
	PAGE_IOMMU,  /* of an IOMMU's own tables */
	PAGE_DEVICE, /* memory that is a device's (ZONE_DEVICE) */
	PAGE_ZSMALLOC,
	PAGE_OFFLINE, /* given back to a hypervisor, say */
	PAGE_UNACCEPTED,
	PAGE_GUARD,
	PAGE_POISONED, /* the hardware reported it as broken */
	PAGE_RESERVED, /* by the kernel's start, or by firmware */
	PAGE_KERNEL,   /* in use by the kernel; for what is not recorded */
	PAGE_KINDS
};

/* Flags of struct page that say more; bits of page_facts.state. */
enum page_state {
	PAGE_DIRTY = 1,
	PAGE_WRITEBACK = 2,
	PAGE_LOCKED = 4,
	PAGE_PINNED_LONG = 8, /* its folio has pins (_pincount) */
	PAGE_SHARED_MEM = 16, /* a file's page, of shared memory */
};

#define PAGE_NAME_LEN 48

struct page_facts {
	u64 phys; /* of the page asked for */
	u32 kind; /* enum page_kind */
	u32 state;
	/* Why it is unknown, or less is known than could be; NULL. */
	const char *why;
	u64 flags;	/* as they stand in struct page */
	u64 page;	/* where its struct page is */
	u64 first;	/* physical address of what it is a part of */
	u32 order;	/* of that: 2^order pages */
	int32_t count;	/* references */
	int32_t mapped; /* times it is mapped into processes */
	/*
	 * Cache, task, module, file system, area of CMA, kind of device memory
	 * or, after pages_symbol, symbol; "" where not known.
	 */
	char name[PAGE_NAME_LEN];
	u64 offset; /* PAGE_SLAB: where in the page its object began */
	u32 size;   /* PAGE_SLAB: of an object */
	u64 inode;  /* PAGE_FILE */
	u32 dev;    /* PAGE_FILE: major << 20 | minor */
	u64 origin; /* PAGE_SWIOTLB: what the slot stands for; ~0: unused */
};

struct pages;

/*
 * @k, @mem, @v and @f are used until pages_close; what can't be read later is
 * noted in f->missing. 0, or -errno with one line in @why: struct page can't be
 * found at all. To be closed in any case.
 */
int pages_open(struct pages **out, struct kernel *k, struct mem *mem,
	       const struct vmcoreinfo *v, struct facts *f, char *why,
	       size_t why_len);
void pages_close(struct pages *p);
/*
 * What the page of @phys was. Lists and tables of the kernel are followed when
 * a question first needs them.
 */
void pages_ask(struct pages *p, u64 phys, struct page_facts *f);
/* Of a page of the kernel's image: which symbol @phys lies in, into the name. */
void pages_symbol(struct pages *p, u64 phys, struct page_facts *f);
/*
 * Others may know of pages what no structure of this kernel says: @find is
 * called once, when such a page is first asked for, and marks what it knows.
 */
void pages_others(struct pages *p, void (*find)(void *arg, struct pages *p),
		  void *arg);
/* All of @len bytes is of that kind. False: the first page was known before. */
bool pages_mark(struct pages *p, u64 phys, u64 len, u32 kind);

/* Bounce buffers of the kernel's, in slots of 2 KiB. */
struct swiotlb_use {
	u64 slots, used;
	bool known; /* how many are used */
};
void pages_swiotlb(struct pages *p, struct swiotlb_use *use);
/* Of one page of this kernel, in bytes. */
u64 pages_size(const struct pages *p);
const char *page_kind_text(u32 kind);

/* --- I/O addresses, as the kernel's DMA layer has them --- */

struct iova_ranges {
	struct span *at; /* rising */
	size_t n;
};

/* Of the default domain of a group whose drivers map through the DMA API. */
struct group_iovas {
	u32 group;
	struct iova_ranges used;  /* handed out, or reserved; or freed: */
	struct iova_ranges freed; /* kept for the next who asks, or queued */
	/* Of the queued ones: unmapped, but perhaps still in the IOTLB. */
	struct iova_ranges pending;
	const char *why; /* not all of it is known; NULL */
};

struct iovas {
	struct group_iovas *group;
	size_t n;
	char why[256]; /* nothing is known of any; or empty */
};

/* 0 or -ENOMEM; @out is to be freed in either case. */
int pages_iovas(struct pages *p, struct iovas *out);
void iovas_free(struct iovas *v);

#endif
