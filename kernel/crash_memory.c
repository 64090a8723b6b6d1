// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is read of memory in a crash kernel: its own, and that of the kernel that
 * died, by the ELF core header, which this kernel goes by as well. On arm64 a read
 * of a device, or of nothing at all, may end the kernel, and there all the rest has
 * to be what firmware calls memory, too. Nothing that notes or tables say of it
 * is believed.
 */
#include <linux/efi.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "arch.h"
#include "crash.h"
#include "ranges.h"

/* Those of the header, and some that are known without it. */
#define OLD_MAX (CRASH_PHDRS_MAX + 8)
#define FIRMWARE_MAX 1024
#define ASKS_FIRMWARE IS_ENABLED(CONFIG_ARM64)

static struct ranges old, firmware;

/* --- what firmware calls memory --- */

static bool is_memory(const efi_memory_desc_t *md)
{
	switch (md->type) {
	case EFI_LOADER_CODE:
	case EFI_LOADER_DATA:
	case EFI_BOOT_SERVICES_CODE:
	case EFI_BOOT_SERVICES_DATA:
	case EFI_CONVENTIONAL_MEMORY:
	case EFI_PERSISTENT_MEMORY:
	case EFI_ACPI_RECLAIM_MEMORY:
		return md->attribute & EFI_MEMORY_WB;
	}
	return false;
}

static void each_resource(struct device_node *node,
			  bool (*f)(struct ranges *r, u64 start, u64 len))
{
	struct resource r;
	int i;

	for (i = 0; !of_address_to_resource(node, i, &r); i++)
		f(&firmware, r.start, resource_size(&r));
}

/* With EFI the nodes of a device tree do not count, as for this kernel. */
static void add_firmware_memory(void)
{
	struct device_node *node;
	efi_memory_desc_t *md;

	if (efi_enabled(EFI_MEMMAP)) {
		for_each_efi_memory_desc(md)
			if (is_memory(md))
				ranges_add(&firmware, md->phys_addr,
					   md->num_pages << EFI_PAGE_SHIFT);
		return;
	}
	for_each_node_by_type(node, "memory")
		if (of_device_is_available(node))
			each_resource(node, ranges_add);
}

/* Memory that nobody may even map, as that of a secure world. */
static void cut_unmappable(void)
{
	struct device_node *all = of_find_node_by_path("/reserved-memory");
	struct device_node *node;

	for_each_child_of_node(all, node)
		if (of_property_present(node, "no-map"))
			each_resource(node, ranges_cut);
	of_node_put(all);
}

/* --- what may be read --- */

static bool make_ranges(struct ranges *r, u32 room)
{
	*r = (struct ranges){ .s = kvcalloc(room, sizeof(*r->s), GFP_KERNEL),
			      .room = room };
	return r->s;
}

int crash_memory_begin(void)
{
	if (!make_ranges(&old, OLD_MAX) ||
	    !make_ranges(&firmware, FIRMWARE_MAX))
		return -ENOMEM;
	if (ASKS_FIRMWARE) {
		add_firmware_memory();
		cut_unmappable();
	}
	return 0;
}

void crash_memory_end(void)
{
	kvfree(old.s);
	kvfree(firmware.s);
	old = firmware = (struct ranges){ 0 };
}

void crash_memory_add(u64 phys, u64 len)
{
	ranges_add(&old, phys, len);
}

static int add_if_around(struct resource *r, void *arg)
{
	const u64 *phys = arg;

	if (r->start <= *phys && *phys <= r->end)
		crash_memory_add(r->start, resource_size(r));
	return 0;
}

/*
 * kexec(8) keeps its segment, which the header begins, from the next kernel: on
 * x86_64 as reserved memory. On arm64 it is memory of that kernel.
 */
void crash_memory_add_around(u64 header)
{
	walk_iomem_res_desc(IORES_DESC_RESERVED, IORESOURCE_MEM, 0, ~0ULL,
			    &header, add_if_around);
}

/*
 * Wider addresses than the CPU has, and bytes of which a part is memory of this
 * kernel, are a warning of the kernel's, with a trace. And it does not map a page
 * that is its memory in part, as the one is in which the ELF core header ends:
 * memremap() would lead there nevertheless.
 */
static bool may_read(u64 phys, u32 len)
{
	const u64 end = 1ULL << ARCH_PHYSICAL_BITS;

	if (phys >= end || len > end - phys)
		return false;
	switch (region_intersects(phys, len, IORESOURCE_SYSTEM_RAM,
				  IORES_DESC_NONE)) {
	case REGION_INTERSECTS:
		return page_is_ram(PHYS_PFN(phys));
	case REGION_DISJOINT:
		return ranges_hold(&old, phys, len) &&
		       (!ASKS_FIRMWARE || ranges_hold(&firmware, phys, len));
	}
	return false;
}

/* This kernel may have unmapped a part of its own memory. */
static bool copy_piece(void *to, u64 phys, u32 len)
{
	void *from = NULL;
	bool copied;

	if (may_read(phys, len))
		from = memremap(phys, len, MEMREMAP_WB);
	if (!from)
		return false;
	copied = !copy_from_kernel_nofault(to, from, len);
	memunmap(from);
	return copied;
}

bool crash_copy(void *to, u64 phys, u32 len)
{
	while (len) {
		u32 n = min_t(u32, len, PAGE_SIZE - (phys & ~PAGE_MASK));

		if (!copy_piece(to, phys, n))
			return false;
		to += n;
		phys += n;
		len -= n;
	}
	return true;
}
