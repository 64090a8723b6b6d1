/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this folder share. */
#ifndef PAGES_READER_H
#define PAGES_READER_H

#include "facts.h"
#include "pages.h"
#include "vmcoreinfo.h"

enum page_member {
	PAGE_WHOLE,
	PAGE_FLAGS,
	PAGE_MAPPING,
	PAGE_TYPE, /* _mapcount where there is no type, or another name */
	PAGE_REFERENCES,
	PAGE_PRIVATE,
	PAGE_LIST,
	PAGE_HEAD,  /* of tail pages: the head's address, to 7.0 */
	PAGE_INFO,  /* the same since then, or a mask */
	PAGE_ORDER, /* of the first tail page, to 6.2 */
	PAGE_DESTRUCTOR,
	PAGE_ALL_MAPPED, /* of the first tail page: mapcount of all of it */
	PAGE_ALL_PINS,
	PAGE_POOL_MAGIC,
	PAGE_PGMAP,    /* of ZONE_DEVICE, to 6.14 */
	FOLIO_FLAGS_1, /* its lowest byte is the order, from 6.6 on */
	FOLIO_ORDER,   /* 6.3 to 6.5 */
	FOLIO_ALL_MAPPED,
	FOLIO_PINS,
	FOLIO_PGMAP, /* since 6.14 */
	SLAB_CACHE,
	CACHE_NAME,
	CACHE_SIZE,
	MAPPING_HOST,
	INODE_NUMBER,
	INODE_SB,
	SB_DEV,
	SB_ID,
	/* per-CPU free lists */
	NODE_ZONES,
	ZONE_WHOLE,
	ZONE_PAGESETS,
	ZONE_TRYLOCK, /* since 6.15 */
	PAGESET_LISTS,
	/* tasks */
	TASK_TASKS,
	TASK_STACK,
	TASK_STACK_AREA,
	TASK_MM,
	TASK_SIGNAL,
	TASK_THREAD,
	TASK_COMM,
	SIGNAL_THREADS,
	MM_PGD,
	/* virtual areas */
	AREA_START,
	AREA_END,
	AREA_LIST,
	AREA_VM,
	VM_FLAGS,
	VM_SIZE,
	NODE_BUSY, /* struct vmap_node, since 6.9 */
	NODE_WHOLE,
	RB_LIST_HEAD,
	MODULE_LIST,
	MODULE_NAME,
	MODULE_CORE, /* to 6.3 */
	LAYOUT_BASE,
	LAYOUT_SIZE,
	LAYOUT_TEXT,
	LAYOUT_RO,
	MODULE_PARTS, /* since 6.4, by enum mod_mem_type */
	PART_WHOLE,
	PART_BASE,
	PART_SIZE,
	CPUMASK_WHOLE,
	CHUNK_LIST,
	CHUNK_BASE,
	/* swiotlb */
	SWIOTLB_POOL, /* since 6.6 */
	SWIOTLB_START,
	SWIOTLB_END,
	SWIOTLB_SLOTS,
	POOL_START,
	POOL_END,
	POOL_SLOTS,
	SLOT_WHOLE,
	SLOT_ORIGIN,
	PGMAP_TYPE, /* of ZONE_DEVICE */
	/* areas of CMA */
	CMA_WHOLE,
	CMA_NAME,
	CMA_BASE, /* to 6.14; since then an area has ranges */
	CMA_PAGES,
	CMA_RANGES,
	CMA_RANGES_N,
	CMA_RANGE_WHOLE,
	CMA_RANGE_BASE,
	CMA_RANGE_PAGES,
	PAGE_MEMBERS
};

enum page_symbol {
	SYM_INIT_TASK,
	SYM_VMAP_LIST,
	SYM_VMAP_NODES,
	SYM_VMAP_NODES_N,
	SYM_MODULES,
	SYM_SWIOTLB,
	SYM_PERCPU_OFFSETS,
	SYM_POSSIBLE_CPUS,
	SYM_CHUNK_BASE,
	SYM_CHUNK_UNITS,
	SYM_CHUNK_UNIT_SIZE,
	SYM_CHUNK_OFFSETS,
	SYM_CHUNK_LISTS,
	SYM_CHUNK_LISTS_N,
	SYM_TEXT,
	SYM_TEXT_END,
	SYM_RODATA,
	SYM_RODATA_END,
	SYM_IMAGE_END,
	SYM_ZERO,
	SYM_HUGE_ZERO,
	SYM_CMA,
	SYM_CMA_N,
	PAGE_SYMBOLS
};

enum page_constant {
	FLAG_DIRTY,
	FLAG_WRITEBACK,
	FLAG_LOCKED,
	FLAG_HEAD,
	FLAG_RESERVED,
	FLAG_SWAPBACKED,
	FLAG_POISONED,
	FLAG_SLAB, /* to 6.9 */
	TYPE_BUDDY,
	TYPE_OFFLINE,
	TYPE_TABLE,
	TYPE_GUARD,
	TYPE_HUGETLB,
	TYPE_SLAB,
	TYPE_ZSMALLOC,
	TYPE_UNACCEPTED,
	TYPE_KMALLOC,
	DESTRUCTOR_HUGETLB,
	PAGE_CONSTANTS
};

/* More than struct page has in any configuration. */
#define STRUCT_PAGE_MAX 128u
#define CHUNKS 64u

struct raw_page {
	u64 at; /* 0: none */
	u8 b[STRUCT_PAGE_MAX];
};

/* What is known of a page from somewhere else than its struct page. */
struct mark {
	u64 frame; /* + 1; 0: the slot is empty */
	u32 kind;  /* enum page_kind */
	u32 name;  /* in marks.names */
};

struct marks {
	struct mark *slot; /* a hash, by frame */
	size_t room, n;
	char *names; /* each ends with a zero byte; the first is empty */
	size_t names_len, names_room;
	bool full; /* more than are kept */
	int rc;	   /* -ENOMEM */
};

#define CMA_RANGES_MAX 128u
#define CMA_NAME_LEN 32u

struct cma_range {
	u64 first, n; /* frames */
	char name[CMA_NAME_LEN];
};

struct pages {
	struct kernel *k;
	struct mem *mem;
	const struct vmcoreinfo *v;
	struct facts *f; /* for what is missing */
	struct member m[PAGE_MEMBERS];
	struct symbol s[PAGE_SYMBOLS];
	struct constant c[PAGE_CONSTANTS];
	u32 shift;	  /* of a page's size */
	u32 size;	  /* of struct page */
	bool type_on_top; /* a page's type is a number in its highest byte */
	u32 orders;	  /* of free areas */
	/* sparse memory */
	u64 sections_at, sections, per_root;
	u32 section_shift, section_size, section_off;
	bool roots; /* sections_at has pointers to pages of them */
	u64 section_nr, section_map; /* looked up last; map 0: has none */
	bool section_read;	     /* ..., and that is so */
	bool section_online;
	u64 any_map; /* of a section that has one */
	/* parts of the array of struct page, by address */
	struct {
		u64 at; /* + 1; 0: nothing */
		u8 b[PAGE_4K];
	} chunk[CHUNKS];
	struct marks marks;
	bool marked_free, marked_used;
	u64 cpus[128]; /* possible ones, a bit each */
	bool have_cpus;
	u64 image, image_len; /* physical, of the kernel */
	struct span swiotlb;
	u64 swiotlb_slots;
	u64 zero, huge_zero; /* frames; ~0: not known */
	struct cma_range cma[CMA_RANGES_MAX];
	u32 cma_n;
	bool cma_read;
	void (*others)(void *arg, struct pages *p);
	void *others_arg;
	u64 work; /* steps that are left */
};

/* --- layout.c --- */

/* 0, or -errno with one line in @why. */
int pages_layout(struct pages *p, char *why, size_t why_len);

/* --- struct_page.c --- */

/* The struct page of @frame; false: there is none (0), or it is not readable. */
bool raw_page(struct pages *p, u64 frame, struct raw_page *r);
bool raw_page_at(struct pages *p, u64 at, struct raw_page *r);
/* The frame whose struct page is at @at; false: none. */
bool raw_page_frame(struct pages *p, u64 at, u64 *frame);
/* A member of it; 0 where this kernel has no such. */
u64 raw_get(const struct pages *p, const struct raw_page *r, u32 member);
bool raw_flag(const struct pages *p, const struct raw_page *r, u32 flag);
bool raw_is(const struct pages *p, const struct raw_page *r, u32 type);
/* Where the head of the folio is that it belongs to: itself, mostly. */
u64 raw_head(struct pages *p, const struct raw_page *r);
/* Of a head. */
u32 raw_order(struct pages *p, const struct raw_page *head);

/* --- marks.c --- */

/* Unless the frame has one. False: it had. */
bool mark(struct pages *p, u64 phys, u32 kind, u32 name);
/* All of a virtual range, as far as it leads to pages. */
void mark_virtual(struct pages *p, u64 virt, u64 len, u32 kind, u32 name);
u32 mark_name(struct pages *p, const char *name);
const struct mark *marked(const struct pages *p, u64 frame);
void marks_free(struct marks *m);

/* --- who marks; false: this kernel does not say where to begin --- */

bool mark_free_lists(struct pages *p); /* free_lists.c */
bool mark_tasks(struct pages *p);      /* tasks.c */
void mark_tables(struct pages *p, u64 root, u32 first, u32 last, u32 name);
void mark_kernel_tables(struct pages *p); /* tables.c */
bool mark_areas(struct pages *p);	  /* areas.c */
bool mark_percpu(struct pages *p);	  /* percpu.c */
/* Numbers of possible CPUs, from 0; false: no more. */
bool next_cpu(struct pages *p, u32 *cpu);
/* What this CPU adds to per-CPU addresses. */
bool percpu_offset(struct pages *p, u32 cpu, u64 *off);

/* --- image.c --- */

void find_image(struct pages *p);
/* Of a page of the kernel's image, or PAGE_UNKNOWN. */
u32 image_kind(const struct pages *p, u64 phys);
void find_swiotlb(struct pages *p);
bool swiotlb_page(struct pages *p, struct page_facts *f);
void find_zero(struct pages *p);

/* --- zones.c --- */

bool cma_page(struct pages *p, struct page_facts *f);
/* Of a section that is not online. */
void device_page(struct pages *p, const struct raw_page *head,
		 struct page_facts *f);

/* --- names.c --- */

void slab_name(struct pages *p, const struct raw_page *head,
	       struct page_facts *f);
/* False: @mapping is none. */
bool file_name(struct pages *p, u64 mapping, struct page_facts *f);

#endif
