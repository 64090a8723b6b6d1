// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which units there are, by firmware's tables, or the device tree: registers
 * of nothing else are ever mapped because a plan or a note says so.
 */
#include <linux/acpi.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include "iommu/amdvi/amdvi.h"
#include "module.h"

#define SMMUV3_PAGE 0x10000u

/* Where a structure of a firmware table has the registers of a unit. */
struct unit_at {
	u32 vendor; /* IOMMU_VENDOR_NONE: it is about something else */
	u32 len;
	u64 phys;
};

/* --- ACPI --- */

/* The head of each structure in a table, and where it has its unit. */
struct unit_table {
	const char *signature;
	u32 first; /* offset of the first structure; 0: the table says */
	/* Returns the structure's length. */
	u32 (*look)(const void *at, u32 len, struct unit_at *u);
};

static u32 look_dmar(const void *at, u32 len, struct unit_at *u)
{
	const struct acpi_dmar_hardware_unit *drhd = at;

	if (drhd->header.type == ACPI_DMAR_TYPE_HARDWARE_UNIT &&
	    len >= sizeof(*drhd) && drhd->header.length >= sizeof(*drhd))
		*u = (struct unit_at){ IOMMU_VENDOR_VTD, PAGE_4K,
				       drhd->address };
	return drhd->header.length;
}

static u32 look_ivrs(const void *at, u32 len, struct unit_at *u)
{
	const struct acpi_ivrs_hardware_10 *ivhd = at;

	if ((ivhd->header.type == 0x10 || ivhd->header.type == 0x11 ||
	     ivhd->header.type == 0x40) &&
	    len >= sizeof(*ivhd) && ivhd->header.length >= sizeof(*ivhd))
		*u = (struct unit_at){ IOMMU_VENDOR_AMDVI, AMDVI_REGS_LEN,
				       ivhd->base_address };
	return ivhd->header.length;
}

/* Two pages, but where the second one is not where it should be. */
static u32 smmuv3_len(const struct acpi_iort_smmu_v3 *v3)
{
	return v3->model == ACPI_IORT_SMMU_V3_CAVIUM_CN99XX ? SMMUV3_PAGE
							    : 2 * SMMUV3_PAGE;
}

static u32 look_iort(const void *at, u32 len, struct unit_at *u)
{
	const struct acpi_iort_node *node = at;
	const u32 head = offsetof(struct acpi_iort_node, node_data);
	const struct acpi_iort_smmu_v3 *v3 = at + head;
	const struct acpi_iort_smmu *v2 = at + head;
	const u32 room = len < node->length ? len : node->length;

	if (node->type == ACPI_IORT_NODE_SMMU_V3 && room >= head + sizeof(*v3))
		*u = (struct unit_at){ IOMMU_VENDOR_SMMUV3, smmuv3_len(v3),
				       v3->base_address };
	else if (node->type == ACPI_IORT_NODE_SMMU &&
		 room >= head + sizeof(*v2))
		*u = (struct unit_at){ IOMMU_VENDOR_SMMUV2, v2->span,
				       v2->base_address };
	return node->length;
}

static const struct unit_table tables[] = {
	{ ACPI_SIG_DMAR, sizeof(struct acpi_table_dmar), look_dmar },
	{ ACPI_SIG_IVRS, sizeof(struct acpi_table_ivrs), look_ivrs },
	{ ACPI_SIG_IORT, 0, look_iort },
};

static void table_each(const struct unit_table *t,
		       const struct acpi_table_header *table, unit_fn *f,
		       void *arg)
{
	u32 at = t->first, step;

	if (!at && table->length >= sizeof(struct acpi_table_iort))
		at = ((const struct acpi_table_iort *)table)->node_offset;
	if (at < sizeof(*table))
		return;
	/* Each kind of structure begins with at least 4 bytes of a header. */
	for (; at <= table->length && table->length - at >= 4; at += step) {
		struct unit_at u = { IOMMU_VENDOR_NONE };

		step = t->look((const u8 *)table + at, table->length - at, &u);
		if (u.vendor != IOMMU_VENDOR_NONE)
			f(arg, u.vendor, u.phys, u.len);
		if (step < 4)
			return;
	}
}

static void acpi_each(unit_fn *f, void *arg)
{
	struct acpi_table_header *table;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		if (ACPI_FAILURE(acpi_get_table((char *)tables[i].signature, 0,
						&table)))
			continue;
		table_each(&tables[i], table, f, arg);
		acpi_put_table(table);
	}
}

/* --- device tree --- */

/*
 * Registers of a unit that is not there for this kernel, or that sleeps, must not
 * be touched: such an access may be an external abort, which ends the kernel.
 */
static bool answers(const struct device_node *node, u32 vendor)
{
	return of_device_is_available(node) &&
	       !of_property_present(node, "power-domains") &&
	       (vendor != IOMMU_VENDOR_SMMUV2 ||
		!of_property_present(node, "clocks"));
}

static void tree_each(unit_fn *f, void *arg)
{
	static const struct {
		const char *compatible;
		u32 vendor;
	} known[] = {
		{ "arm,smmu-v3", IOMMU_VENDOR_SMMUV3 },
		{ "arm,mmu-500", IOMMU_VENDOR_SMMUV2 },
		{ "arm,mmu-401", IOMMU_VENDOR_SMMUV2 },
		{ "arm,mmu-400", IOMMU_VENDOR_SMMUV2 },
		{ "arm,smmu-v2", IOMMU_VENDOR_SMMUV2 },
		{ "arm,smmu-v1", IOMMU_VENDOR_SMMUV2 },
		{ "cavium,smmu-v2", IOMMU_VENDOR_SMMUV2 },
	};
	struct device_node *node;
	struct resource r;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		for_each_compatible_node(node, NULL, known[i].compatible)
			if (answers(node, known[i].vendor) &&
			    !of_address_to_resource(node, 0, &r) &&
			    resource_size(&r) <= UINT_MAX)
				f(arg, known[i].vendor, r.start,
				  resource_size(&r));
}

void units_each(unit_fn *f, void *arg)
{
	acpi_each(f, arg);
	tree_each(f, arg);
}

/* --- one of them? --- */

struct wanted {
	u32 vendor;
	u64 phys;
	u32 len;
	bool found;
};

/* No unit of x86 has more. Farther on there may be RAM, which ioremap() warns of. */
#define X86_UNIT_MAX MIB(1)

/*
 * How many registers a unit of x86 has, it says itself. What lies behind those of
 * an SMMU may be nothing at all.
 */
static bool fits(u32 vendor, u32 len, u32 firmware_len)
{
	return len <= firmware_len ||
	       ((vendor == IOMMU_VENDOR_VTD || vendor == IOMMU_VENDOR_AMDVI) &&
		len <= X86_UNIT_MAX);
}

static void compare(void *arg, u32 vendor, u64 phys, u32 len)
{
	struct wanted *w = arg;

	w->found |= w->vendor == vendor && w->phys == phys &&
		    fits(vendor, w->len, len);
}

bool unit_is_real(u32 vendor, u64 phys, u32 len)
{
	struct wanted w = { vendor, phys, len, false };

	units_each(compare, &w);
	return w.found;
}
