// SPDX-License-Identifier: GPL-2.0-only
/*
 * AMD-Vi: what the switch builds on a unit, given its registers, and how much
 * memory that takes. Asked at the crash, and when a crash kernel is loaded.
 */
#include "iommu.h"
#include "amdvi.h"
#include "tables.h"

/* Every unit with host tables walks four levels (3.4.6, HATS). */
#define LEVELS 4
/* Their entries map pages of 1 GiB at level 3 (2.2.3). */
#define LARGE 3

int amdvi_choose_form(const struct iommu_config *c, u32 mode,
		      struct own_form *form, const char **why)
{
	*why = "";
	*form = (struct own_form){
		.table = { .format = &amdvi_host_table,
			   .levels = LEVELS,
			   .attr = IOMMU_R | IOMMU_W },
		.large = LARGE,
		.bits = 12 + 9 * LEVELS,
	};
	/* Abort needs none. */
	if (!c->levels_ok[LEVELS] && mode != IOMMU_MODE_ABORT)
		*why = "walks no page tables that we build";
	return **why ? IOMMU_EUNSUPPORTED : IOMMU_OK;
}

/*
 * A unit that the running kernel does not drive has no device table, and no
 * buffers: Linux 7.2 goes on with what it finds in their registers, 6.1 and
 * 6.12 turn the unit off when the size of the table is not theirs.
 */
int amdvi_can(const struct iommu_config *c, const struct iommu_demand *d,
	      const char **why)
{
	struct own_form form;

	if (d->idle || !amdvi_own(c)->known ||
	    (!c->on && amdvi_own(c)->told && !c->root)) {
		*why = "is not in use by this kernel, and a crash kernel could "
		       "not go on with tables made for it";
		return IOMMU_EUNSUPPORTED;
	}
	return amdvi_choose_form(c, d->mode, &form, why);
}

/* --- how much memory that may take --- */

#define STATUS_PAGES 1 /* commands.c: the word that a wait stores */
#define RING_PAGES 2

/* Of the device table, in all its segments. */
static u64 table_bytes(const struct iommu_config *c)
{
	u64 bytes = 0, raw;
	u32 i;

	for (i = 0; c->root && i < 1u << c->form; i++)
		if (iommu_reg_get(amdvi_own(c)->regs, amdvi_segment_reg(i),
				  &raw))
			bytes += (field(DEV_TBL_SIZE, raw) + 1) * PAGE_4K;
	return bytes ? bytes : AMDVI_TABLE_MAX;
}

u64 amdvi_arena_need(const struct iommu_config *c, const struct iommu_demand *d)
{
	u64 need = (STATUS_PAGES + RING_PAGES) * PAGE_4K;
	struct own_form form;
	const char *why;

	if (!iommu_mode_switches(d->mode))
		return 0;
	amdvi_choose_form(c, d->mode, &form, &why);
	need += table_bytes(c) +
		own_table_need(&form, TARGET_EMPTY, d->guards, d->ram_end) +
		own_table_need(&form, TARGET_SINK, d->guards, d->ram_end);
	if (d->mode == IOMMU_MODE_COPY || d->overrides)
		need += own_table_need(&form, TARGET_GUARD, d->guards,
				       d->ram_end) +
			own_punch_need(&form, d->requesters + AMDVI_LIVE_MAX);
	return need;
}
