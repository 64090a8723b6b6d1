// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a plan says of memory, against what this kernel knows of it. Who may hand
 * a plan in must not be able to have memory written to, or left open to devices,
 * that a locked down kernel keeps from him: above all the next kernel's.
 */
#include <linux/cc_platform.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "module.h"
#include "ranges.h"

static int take_ram(struct resource *r, void *arg)
{
	ranges_add(arg, r->start, resource_size(r));
	return 0;
}

/* As kexec(8) has it: what firmware keeps its tables in is RAM, too. */
static void find_ram(struct ranges *ram)
{
	walk_iomem_res_desc(IORES_DESC_NONE, IORESOURCE_SYSTEM_RAM, 0, ~0ULL,
			    ram, take_ram);
	walk_iomem_res_desc(IORES_DESC_ACPI_TABLES, IORESOURCE_MEM, 0, ~0ULL,
			    ram, take_ram);
	walk_iomem_res_desc(IORES_DESC_ACPI_NV_STORAGE, IORESOURCE_MEM, 0,
			    ~0ULL, ram, take_ram);
}

static bool is_ram(const struct checked_plan *pl)
{
	struct ranges ram = { .room = HANDOVER_RAM_MAX };
	u32 i = 0;

	ram.s = kvcalloc(ram.room, sizeof(*ram.s), GFP_KERNEL);
	if (!ram.s)
		return false;
	find_ram(&ram);
	while (i < pl->ram_n &&
	       ranges_hold(&ram, pl->ram[i].start, pl->ram[i].len))
		i++;
	kvfree(ram.s);
	return i == pl->ram_n;
}

/* 1 ends the walk. */
static int is_unguarded(struct resource *r, void *arg)
{
	const struct checked_plan *pl = arg;
	u32 i;

	for (i = 0; i < pl->guard_n; i++)
		if (span_holds(&pl->guard[i], r->start, resource_size(r)))
			return 0;
	return 1;
}

const char *armed_memory(struct checked_plan *pl)
{
	/* A unit would read what the CPU has encrypted, and write what it has not. */
	if (cc_platform_has(CC_ATTR_MEM_ENCRYPT))
		return "this kernel's memory is encrypted";
	if (!is_ram(pl))
		return "what it calls RAM is none";
	/* Negative: there is no such memory. */
	if (walk_iomem_res_desc(IORES_DESC_CRASH_KERNEL, IORESOURCE_SYSTEM_RAM,
				0, ~0ULL, pl, is_unguarded) > 0)
		return "the crash kernel's memory is not guarded";
	return NULL;
}
