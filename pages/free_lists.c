// SPDX-License-Identifier: GPL-2.0-only
/*
 * Free pages that a CPU keeps for itself: their struct page does not tell, so
 * the lists are followed (Linux: include/linux/mmzone.h, struct
 * per_cpu_pages; mm/page_alloc.c, order_to_pindex).
 */
#include "reader.h"

#define NODES_MAX 1024u
#define LIST_HEAD 16u	/* struct list_head */
#define MIGRATE_TYPES 3 /* MIGRATE_PCPTYPES: lists of each order */
#define COSTLY_ORDER 3	/* PAGE_ALLOC_COSTLY_ORDER; behind it huge pages */
#define HUGE_BYTES 21	/* of 2 MiB; pages of 4 KiB alone have such lists */
#define CPU_LIST_MAX (1u << 20)

struct free_list {
	struct pages *p;
	u32 order;
};

static void mark_block(struct pages *p, u64 frame, u32 order)
{
	for (u64 i = 0; i < BIT64(order) && p->work; i++, p->work--)
		mark(p, (frame + i) << p->shift, PAGE_FREE_CPU, 0);
}

static bool free_entry(void *arg, u64 node)
{
	struct free_list *l = arg;
	u64 frame;

	if (!l->p->work ||
	    !raw_page_frame(l->p, node - l->p->m[PAGE_LIST].off, &frame))
		return false;
	mark_block(l->p, frame, l->order);
	return true;
}

static u32 order_of_list(const struct pages *p, u32 list)
{
	u32 order = list / MIGRATE_TYPES;

	return order <= COSTLY_ORDER ? order : HUGE_BYTES - p->shift;
}

static void cpu_lists(struct pages *p, u64 pageset)
{
	const struct member *lists = &p->m[PAGESET_LISTS];
	struct symbol s = { .name = "a CPU's list of free pages" };

	for (u32 i = 0; i < lists->size / LIST_HEAD; i++) {
		struct free_list l = { p, order_of_list(p, i) };

		s.addr = pageset + lists->off + i * LIST_HEAD;
		kernel_list(p->k, p->f, &s, CPU_LIST_MAX, free_entry, &l);
	}
}

/* Freed where no lock could be had: a list without a way back. */
static void trylock_list(struct pages *p, u64 zone)
{
	u64 node, private;
	struct raw_page r;

	if (!kernel_get(p->k, zone, &p->m[ZONE_TRYLOCK], &node))
		return;
	for (u32 i = 0; node && i < CPU_LIST_MAX; i++) {
		u64 frame, at = node - p->m[PAGE_LIST].off;

		if (!raw_page_frame(p, at, &frame) || !raw_page_at(p, at, &r))
			return;
		private = raw_get(p, &r, PAGE_PRIVATE); /* its order */
		if (private < p->orders)
			mark_block(p, frame, (u32) private);
		if (p->k->read(p->k, node, &node, sizeof(node)))
			return;
	}
}

static void zone_lists(struct pages *p, u64 zone)
{
	u64 pageset, off;
	u32 cpu = 0;

	trylock_list(p, zone);
	if (!kernel_get(p->k, zone, &p->m[ZONE_PAGESETS], &pageset) || !pageset)
		return;
	for (; next_cpu(p, &cpu); cpu++)
		if (percpu_offset(p, cpu, &off))
			cpu_lists(p, pageset + off);
}

bool mark_free_lists(struct pages *p)
{
	const struct member *zones = &p->m[NODE_ZONES],
			    *zone = &p->m[ZONE_WHOLE];
	u64 nodes, n = 1, node;

	if (!zones->found || !zone->found || !zone->size ||
	    !p->m[ZONE_PAGESETS].found || !p->m[PAGESET_LISTS].found ||
	    !vmcoreinfo_hex(p->v, "SYMBOL(node_data)", &nodes))
		return false;
	vmcoreinfo_number(p->v, "LENGTH(node_data)", &n);
	for (u64 i = 0; i < n && i < NODES_MAX; i++) {
		if (p->k->read(p->k, nodes + 8 * i, &node, sizeof(node)))
			return false;
		for (u32 z = 0; node && z < zones->size / zone->size; z++)
			zone_lists(p, node + zones->off + z * zone->size);
	}
	return true;
}
