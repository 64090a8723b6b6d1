// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the ELF core header of a crash kernel lies. x86 has it on the command
 * line, where a module does not see it: user space passes it on. Other
 * architectures have it in the device tree, in /chosen linux,elfcorehdr. A
 * kernel that goes by ACPI does not keep that tree, but shows it in sysfs.
 */
#include <linux/kernel_read_file.h>
#include <linux/of.h>
#include <linux/of_fdt.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include "crash.h"

#define PROPERTY "linux,elfcorehdr"
#define FLAT_TREE "/sys/firmware/fdt"
#define FLAT_TREE_MAX (2u << 20) /* Documentation/arch/arm64/booting.rst */

/* 0: it has none. */
static u64 property_of(const struct device_node *chosen)
{
	int len, cells;
	const __be32 *at = of_get_property(chosen, PROPERTY, &len);

	if (!at)
		return 0;
	cells = of_n_addr_cells((struct device_node *)chosen);
	if (cells < 1 || cells > 2 || len < cells * (int)sizeof(*at))
		return 0;
	return of_read_number(at, cells);
}

/* The nodes point into @flat. */
static u64 flat_header(const void *flat)
{
	struct device_node *root = NULL, *node;
	void *nodes = of_fdt_unflatten_tree(flat, NULL, &root);
	u64 phys = 0;

	if (!nodes)
		return 0;
	for (node = root ? root->child : NULL; node && !phys;
	     node = node->sibling)
		if (!strcmp(kbasename(node->full_name), "chosen"))
			phys = property_of(node);
	kfree(nodes);
	return phys;
}

static u64 shown_header(void)
{
	void *flat = NULL;
	ssize_t len = kernel_read_file_from_path(
		FLAT_TREE, 0, &flat, FLAT_TREE_MAX, NULL, READING_UNKNOWN);
	u64 phys;

	if (len <= 0)
		return 0;
	phys = flat_header(flat);
	vfree(flat);
	return phys;
}

u64 crash_header(void)
{
	u64 phys = of_chosen ? property_of(of_chosen) : 0;

	return phys ? phys : shown_header();
}
