// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which units there are, by firmware's tables: registers of nothing else are
 * ever mapped, whatever a plan or a note says.
 */
#include <linux/acpi.h>
#include "module.h"

/* The head of each structure in a DMAR or IVRS, and where it has its base. */
struct unit_table {
	u32 vendor;
	const char *signature;
	u32 first; /* offset of the first structure */
	bool (*base)(const void *at, u32 len, u64 *phys, u32 *step);
};

static bool drhd_base(const void *at, u32 len, u64 *phys, u32 *step)
{
	const struct acpi_dmar_hardware_unit *drhd = at;

	*step = drhd->header.length;
	if (drhd->header.type != ACPI_DMAR_TYPE_HARDWARE_UNIT ||
	    len < sizeof(*drhd) || *step < sizeof(*drhd))
		return false;
	*phys = drhd->address;
	return true;
}

static bool ivhd_base(const void *at, u32 len, u64 *phys, u32 *step)
{
	const struct acpi_ivrs_hardware_10 *ivhd = at;

	*step = ivhd->header.length;
	if ((ivhd->header.type != 0x10 && ivhd->header.type != 0x11 &&
	     ivhd->header.type != 0x40) ||
	    len < sizeof(*ivhd) || *step < sizeof(*ivhd))
		return false;
	*phys = ivhd->base_address;
	return true;
}

static const struct unit_table tables[] = {
	{ IOMMU_VENDOR_VTD, ACPI_SIG_DMAR, sizeof(struct acpi_table_dmar),
	  drhd_base },
	{ IOMMU_VENDOR_AMDVI, ACPI_SIG_IVRS, sizeof(struct acpi_table_ivrs),
	  ivhd_base },
};

static bool table_has(const struct unit_table *t,
		      const struct acpi_table_header *table, u64 phys)
{
	u32 at = t->first, step = 0;
	u64 found;

	/* Both kinds of structure begin with at least 4 bytes of a header. */
	for (; at + 4 <= table->length; at += step) {
		if (t->base((const u8 *)table + at, table->length - at, &found,
			    &step) &&
		    found == phys)
			return true;
		if (step < 4)
			return false;
	}
	return false;
}

bool unit_is_real(u32 vendor, u64 phys)
{
	struct acpi_table_header *table;
	bool real = false;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		if (tables[i].vendor != vendor ||
		    ACPI_FAILURE(acpi_get_table((char *)tables[i].signature, 0,
						&table)))
			continue;
		real = real || table_has(&tables[i], table, phys);
		acpi_put_table(table);
	}
	return real;
}
