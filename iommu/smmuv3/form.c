// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arm SMMUv3: what the switch builds on a unit, given its registers, and how
 * much memory that takes. Asked at the crash, and when a crash kernel is loaded.
 */
#include "iommu.h"
#include "../lpae.h"
#include "smmuv3.h"
#include "tables.h"

#define CAP_IDR1(c) ((c)->cap >> 32)

/* Stage 2 needs no CD; where there is none, stage 1 takes its place. */
static int page_form(const struct iommu_config *c, struct smmuv3_form *form)
{
	struct lpae_own *o = &form->lpae;

	*o = (struct lpae_own){ .second = c->cap & IDR0_S2P };
	form->ids = c->cap & (o->second ? IDR0_VMID16 : IDR0_ASID16) ? 1u << 16
								     : 1u << 8;
	while (o->granule < LPAE_GRANULES && !smmuv3_granule(c, o->granule))
		o->granule++;
	if (!(c->cap & IDR0_TTF_AARCH64) || !(c->cap & (IDR0_S1P | IDR0_S2P)))
		return IOMMU_EUNSUPPORTED;
	return lpae_own_form(o, c->address_bits, &form->pages);
}

/*
 * As many streams as the old table has, where the unit is on: a kernel that goes
 * on with ours finds what it was used to.
 */
static void stream_form(const struct iommu_config *c, struct smmuv3_form *form)
{
	u32 bits = field(IDR1_SIDSIZE, CAP_IDR1(c)), max;

	while (c->on && !c->off_blocks && c->requesters &&
	       c->requesters < BIT64(bits))
		bits--;
	form->two_level = field(IDR0_ST_LEVEL, c->cap) &&
			  (!c->on || c->off_blocks || !smmuv3_form_known(c) ||
			   smmuv3_own(c)->two_level ||
			   bits > SMMUV3_LINEAR_BITS_MAX);
	max = form->two_level ? SMMUV3_BITS_MAX : SMMUV3_LINEAR_BITS_MAX;
	form->bits = bits < max ? bits : max;
}

u32 smmuv3_table_config(const struct smmuv3_form *form)
{
	u32 cfg = field_put(STRTAB_CFG_LOG2SIZE, form->bits);

	return form->two_level
		       ? cfg | field_put(STRTAB_CFG_FMT, STRTAB_2LEVEL) |
				 field_put(STRTAB_CFG_SPLIT, SMMUV3_SPLIT)
		       : cfg;
}

int smmuv3_choose_form(const struct iommu_config *c, u32 mode,
		       struct smmuv3_form *form, const char **why)
{
	*why = "";
	*form = (struct smmuv3_form){ 0 };
	stream_form(c, form);
	if (CAP_IDR1(c) & (IDR1_TABLES_PRESET | IDR1_QUEUES_PRESET))
		*why = "has its stream table, or its command queue, where "
		       "nobody can change them";
	else if (field(IDR0_TTENDIAN, c->cap) == TTENDIAN_BIG)
		*why = "takes big-endian tables alone, which we don't build";
	else if (field(IDR1_CMDQS, CAP_IDR1(c)) < SMMUV3_QUEUE_BITS_MIN)
		*why = "has no room for the commands that empty its caches";
	/* Abort needs none. */
	else if (page_form(c, form) && mode != IOMMU_MODE_ABORT)
		*why = "walks no page tables that we build";
	return **why ? IOMMU_EUNSUPPORTED : IOMMU_OK;
}

/* A unit of which nothing is known: the most that one may be. */
static const struct iommu_config unknown = {
	.cap = IDR0_S1P | IDR0_S2P | IDR0_TTF_AARCH64 |
	       (u64)SMMUV3_LINEAR_BITS_MAX << 32,
	.ecap = IDR5_GRAN4K | 5,
	.address_bits = LPAE_OWN_BITS_MAX,
};

/*
 * What is taken for known when the crash kernel is loaded. A kernel's
 * structures do not say how long a queue may be, nor always how many streams there
 * are: then it is the most. The unit is asked at the crash.
 */
static struct iommu_config at_load(const struct iommu_config *c)
{
	struct iommu_config known = c->cap ? *c : unknown;

	if (!field(IDR1_SIDSIZE, CAP_IDR1(&known))) {
		known.cap |= field_put(IDR1_SIDSIZE,
				       smmuv3_own(c)->two_level
					       ? SMMUV3_BITS_MAX
					       : SMMUV3_LINEAR_BITS_MAX)
			     << 32;
		known.requesters = 0;
	}
	if (!field(IDR1_CMDQS, CAP_IDR1(&known)))
		known.cap |= field_put(IDR1_CMDQS, SMMUV3_QUEUE_BITS_MIN) << 32;
	return known;
}

int smmuv3_can(const struct iommu_config *c, const struct iommu_demand *d,
	       const char **why)
{
	struct iommu_config known = at_load(c);
	struct smmuv3_form form;

	return smmuv3_choose_form(&known, d->mode, &form, why);
}

/* --- how much memory that may take --- */

#define QUEUE_PAGES 1
#define CD_PAGES 1 /* of the two targets */

/* Second levels of a table's own: one where each device's streams lie. */
static u64 blocks(const struct iommu_demand *d)
{
	u64 n = 0;
	u32 i, next = 0, last;

	for (i = 0; i < d->ranges_n; i++) {
		last = d->ranges[i].last >> SMMUV3_SPLIT;
		if (last >= next) {
			n += last - d->ranges[i].first / SMMUV3_BLOCK + 1;
			next = last + 1;
		}
	}
	return (d->ranges_n && n < d->requesters ? n : d->requesters) +
	       d->overrides;
}

static u64 stream_table_need(const struct smmuv3_form *form,
			     const struct iommu_demand *d)
{
	u64 len = (u64)STE_BYTES << form->bits, n = 1;

	if (!form->two_level)
		return 2 * align_up(len, PAGE_4K);
	if (d->mode == IOMMU_MODE_COPY)
		n += blocks(d);
	else
		n += d->overrides;
	len = form->bits > SMMUV3_SPLIT ? 8ULL << (form->bits - SMMUV3_SPLIT)
					: 8;
	/* Each is aligned to its size. */
	return 2 * align_up(len, PAGE_4K) + (n + 1) * SMMUV3_BLOCK_BYTES;
}

u64 smmuv3_arena_need(const struct iommu_config *c,
		      const struct iommu_demand *d)
{
	u64 need = (QUEUE_PAGES + CD_PAGES) * PAGE_4K;
	struct iommu_config known = at_load(c);
	struct smmuv3_form form;
	const char *why;

	if (!iommu_mode_switches(d->mode))
		return 0;
	smmuv3_choose_form(&known, d->mode, &form, &why);
	need += stream_table_need(&form, d);
	if (!form.pages.table.format)
		return need;
	need += own_table_need(&form.pages, TARGET_SINK, d->guards, d->ram_end);
	if (d->mode == IOMMU_MODE_COPY || d->overrides)
		need += own_table_need(&form.pages, TARGET_GUARD, d->guards,
				       d->ram_end) +
			own_punch_need(&form.pages, d->requesters) +
			(d->requesters / SMMUV3_CHUNK + 1) * PAGE_4K;
	return need;
}
