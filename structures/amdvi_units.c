// SPDX-License-Identifier: GPL-2.0-only
/*
 * AMD-Vi units, reserved regions, aliases and requesters from a kernel's own
 * lists: amd_iommu_list, amd_iommu_pci_seg_list (Linux: drivers/iommu/amd/
 * amd_iommu_types.h, 6.1 to 7.2).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../iommu/amdvi/amdvi.h"
#include "survey.h"

/* MAX_IOMMUS is 32; more than this is a loop. */
#define UNITS_MAX 1024
#define SEGMENTS_MAX 65536u
#define UNITIES_MAX 4096u
/* Of all regions and all devices together. */
#define REGION_STEPS_MAX (1u << 20)

enum {
	LIST,
	INDEX,
	MMIO_PHYS,
	PCI_SEG,
	DEVICE,
	SEG_LIST,
	SEG_ID,
	SEG_LAST_BDF,
	SEG_ALIASES,
	SEG_UNITY,
	UNITY_LIST,
	UNITY_FIRST,
	UNITY_LAST,
	UNITY_START,
	UNITY_END,
	MEMBERS
};

static const struct member members[MEMBERS] = {
	[LIST] = { .type = "amd_iommu", .name = "list" },
	[INDEX] = { .type = "amd_iommu", .name = "index" },
	[MMIO_PHYS] = { .type = "amd_iommu", .name = "mmio_phys" },
	[PCI_SEG] = { .type = "amd_iommu", .name = "pci_seg" },
	[DEVICE] = { .type = "amd_iommu", .name = "iommu" },
	[SEG_LIST] = { .type = "amd_iommu_pci_seg", .name = "list" },
	[SEG_ID] = { .type = "amd_iommu_pci_seg", .name = "id" },
	[SEG_LAST_BDF] = { .type = "amd_iommu_pci_seg", .name = "last_bdf" },
	[SEG_ALIASES] = { .type = "amd_iommu_pci_seg", .name = "alias_table" },
	[SEG_UNITY] = { .type = "amd_iommu_pci_seg", .name = "unity_map" },
	[UNITY_LIST] = { .type = "unity_map_entry", .name = "list" },
	[UNITY_FIRST] = { .type = "unity_map_entry", .name = "devid_start" },
	[UNITY_LAST] = { .type = "unity_map_entry", .name = "devid_end" },
	[UNITY_START] = { .type = "unity_map_entry", .name = "address_start" },
	[UNITY_END] = { .type = "unity_map_entry", .name = "address_end" },
};

struct list_reader {
	struct survey *sv;
	struct member m[MEMBERS];
	u64 segment; /* of the list that is read */
	u32 steps;
	int rc;
};

static bool get(struct list_reader *s, u64 object, u32 which, u64 *val)
{
	return kernel_get(s->sv->k, object, &s->m[which], val);
}

static bool open_list(struct list_reader *s, struct survey *sv,
		      struct symbol *list)
{
	*s = (struct list_reader){ .sv = sv };
	memcpy(s->m, members, sizeof(members));
	return kernel_has(sv->k, list) &&
	       kernel_members(sv->k, sv->f, s->m, MEMBERS, MEMBERS);
}

static bool read_unit(void *arg, u64 node)
{
	struct list_reader *s = arg;
	u64 iommu = node - s->m[LIST].off, base, index, seg, id = 0;
	struct fact_unit *u;

	if (!get(s, iommu, MMIO_PHYS, &base) || !get(s, iommu, INDEX, &index) ||
	    !get(s, iommu, PCI_SEG, &seg) || (seg && !get(s, seg, SEG_ID, &id)))
		return false;
	if (facts_unit_at(s->sv->f, base) != REC_NONE)
		return true;
	u = kernel_unit(s->sv, IOMMU_VENDOR_AMDVI, base,
			iommu + s->m[DEVICE].off);
	/* As it is named in iommu_init_pci() */
	if (!u || asprintf(&u->name, "ivhd%u", (u32)index) < 0) {
		if (u)
			u->name = NULL;
		s->rc = -ENOMEM;
		return false;
	}
	u->segment = (u16)id;
	u->reg_len = AMDVI_REGS_LEN;
	u->in_use = true;
	return true;
}

int kernel_amdvi_units(struct survey *sv)
{
	struct symbol list = { .name = "amd_iommu_list" };
	struct list_reader s;

	if (!open_list(&s, sv, &list))
		return 0;
	kernel_list(sv->k, sv->f, &list, UNITS_MAX, read_unit, &s);
	return s.rc;
}

/* --- of a segment --- */

static bool is_behind(const struct list_reader *s, const struct fact_device *d)
{
	const struct facts *f = s->sv->f;

	return d->segment == s->segment && d->unit < f->unit_n &&
	       f->unit[d->unit].vendor == IOMMU_VENDOR_AMDVI;
}

/* Inclusive exclusion ranges too: the kernel maps them one to one as well. */
static bool unity(void *arg, u64 node)
{
	struct list_reader *s = arg;
	struct facts *f = s->sv->f;
	u64 at = node - s->m[UNITY_LIST].off, first, last, start, end;

	if (!get(s, at, UNITY_FIRST, &first) ||
	    !get(s, at, UNITY_LAST, &last) ||
	    !get(s, at, UNITY_START, &start) || !get(s, at, UNITY_END, &end) ||
	    end <= start)
		return false;
	for (size_t i = 0; !s->rc && i < f->device_n; i++) {
		struct fact_device *d = &f->device[i];

		if (++s->steps > REGION_STEPS_MAX)
			return false;
		if (is_behind(s, d) && d->requester >= first &&
		    d->requester <= last)
			s->rc = kernel_region(s->sv, d, start, end - 1);
	}
	return !s->rc;
}

/* What firmware or the kernel's quirks say that a function's id becomes. */
static bool aliases(struct list_reader *s, u64 table, u64 last)
{
	struct facts *f = s->sv->f;

	for (size_t i = 0; !s->rc && i < f->device_n; i++) {
		struct fact_device *d = &f->device[i];
		u16 alias;

		if (++s->steps > REGION_STEPS_MAX)
			return false;
		if (!is_behind(s, d) || d->requester > last)
			continue;
		if (s->sv->k->read(s->sv->k,
				   table + d->requester * sizeof(alias), &alias,
				   sizeof(alias)))
			return false;
		s->rc = kernel_alias(s->sv, d->segment, d->requester, alias);
	}
	return !s->rc;
}

static bool read_segment(void *arg, u64 node)
{
	struct list_reader *s = arg;
	u64 seg = node - s->m[SEG_LIST].off, last, table;
	struct symbol list = { .name = "unity maps of a PCI segment",
			       .addr = seg + s->m[SEG_UNITY].off };

	if (!get(s, seg, SEG_ID, &s->segment) ||
	    !get(s, seg, SEG_LAST_BDF, &last) ||
	    !get(s, seg, SEG_ALIASES, &table) ||
	    (table && !aliases(s, table, last)))
		return false;
	kernel_list(s->sv->k, s->sv->f, &list, UNITIES_MAX, unity, s);
	/* The steps of a table: no list of segments ends them otherwise. */
	return !s->rc && s->steps < REGION_STEPS_MAX;
}

int kernel_amdvi_regions(struct survey *sv)
{
	struct symbol list = { .name = "amd_iommu_pci_seg_list" };
	struct list_reader s;

	if (!open_list(&s, sv, &list))
		return 0;
	kernel_list(sv->k, sv->f, &list, SEGMENTS_MAX, read_segment, &s);
	return s.rc;
}

/* struct iommu_dev_data: devid has the bus and the function only. */
bool kernel_amdvi_requester(struct survey *sv, u64 priv, u16 *segment, u32 *id)
{
	struct member m = { .type = "iommu_dev_data", .name = "devid" };
	u64 v;

	if (!kernel_members(sv->k, sv->f, &m, 1, 1) ||
	    !kernel_get(sv->k, priv, &m, &v))
		return false;
	*segment = 0;
	*id = (u32)v & 0xffff;
	return true;
}
