/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A made-up kernel of 4 MiB that has pages: sections, an array of struct page,
 * a node with a zone, tasks, areas, modules. Its layout is no real one's. Tests
 * plant what they ask about; a fuzzer fills all of it.
 */
#ifndef PAGES_WORLD_H
#define PAGES_WORLD_H

#include "pages.h"
#include "vmcoreinfo.h"

#define WORLD_LEN MIB(4)
#define WORLD_FRAMES (WORLD_LEN / PAGE_4K)
/* All of it is mapped here, physical address 0 first. */
#define WORLD_VIRT 0xffff888000000000ULL

/* Physical addresses of what is always there. */
enum {
	WORLD_SECTIONS = 0x1000,
	WORLD_SYMBOLS = 0x2000, /* 64 bytes each */
	WORLD_NODE = 0x4000,
	WORLD_PAGESET = 0x5000,
	WORLD_KSET = 0x6000,	/* of IOMMU groups */
	WORLD_FREE = 0x8000,	/* from here on tests plant */
	WORLD_PAGES = 0x100000, /* the array: 64 KiB */
	WORLD_IMAGE = 0x200000,
	WORLD_IMAGE_END = 0x208000,
};

struct pages_world {
	struct kernel k;
	struct mem m;
	struct facts f;
	struct vmcoreinfo v;
	u8 *ram;
	u64 hole; /* a frame that is not in the dump; 0: none */
	bool old; /* as before 6.12: types are bits, heads are pointers */
	const char *without; /* a symbol that this kernel lacks; NULL */
	struct pages *p;
};

/* Empty memory, with sections and lists that are empty. */
void pages_world_init(struct pages_world *w, bool old);
void pages_world_free(struct pages_world *w);
/* 0, or what pages_open says. */
int pages_world_open(struct pages_world *w, char *why, size_t why_len);

void world_put(struct pages_world *w, u64 phys, u64 val, u32 len);
/* A member of struct TYPE at @phys; fails loudly where there is none. */
void world_set(struct pages_world *w, u64 phys, const char *type,
	       const char *member, u64 val);
u64 world_offset(const char *type, const char *member);
/* A member of the struct page of @frame. */
void world_page(struct pages_world *w, u64 frame, const char *member, u64 val);
/* Where the kernel has the struct page of @frame. */
u64 world_page_at(u64 frame);
/* Physical address of a symbol. */
u64 world_symbol(const char *name);
/* A list of @n nodes behind a head, all by their virtual addresses. */
void world_list(struct pages_world *w, u64 head, const u64 *node, size_t n);

#endif
