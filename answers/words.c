// SPDX-License-Identifier: GPL-2.0-only
/* The words for what stands in notes as numbers; man/iommu-notes.5. */
#include "iommu_notes.h"
#include "answers.h"

#define WORD(table, i) ((i) < ARRAY_SIZE(table) ? (table)[i] : NULL)

const char *view_error_text(const struct dump *d, u32 unit, int err)
{
	const struct iommu_vendor *v = iommu_vendor(d->facts.unit[unit].vendor);

	return err == IOMMU_EUNSUPPORTED && v && v->no_tables
		       ? v->no_tables
		       : iommu_err_text((u32)err);
}

const char *view_vendor_text(u32 vendor)
{
	const struct iommu_vendor *v = iommu_vendor(vendor);

	return v ? v->name : NULL;
}

const char *view_reg_text(u32 vendor, u32 off)
{
	const struct iommu_vendor *v = iommu_vendor(vendor);

	return v && v->reg_name ? v->reg_name(off) : NULL;
}

const char *view_after_text(enum view_after a)
{
	static const char *const words[] = {
		[AFTER_UNKNOWN] = "unknown",
		[AFTER_SAME] = "as it was",
		[AFTER_KEPT] = "keeps its translation",
		[AFTER_GUARDED] = "passes, but not into the crash kernel",
		[AFTER_ABORTED] = "refused",
		[AFTER_SUNK] = "goes to the scratch page",
	};

	return WORD(words, a);
}

const char *view_since_text(u32 since)
{
	static const char *const words[] = {
		[SINCE_SAME] = "same",
		[SINCE_CHANGED] = "changed",
		[SINCE_ADDED] = "added",
		[SINCE_GONE] = "gone",
	};

	return WORD(words, since);
}

const char *view_outcome_text(u32 outcome)
{
	static const char *const words[] = {
		[IOMMU_DONE] = "done",
		[IOMMU_LEFT] = "left as it was",
		[IOMMU_PARTLY] = "done, with an error on the way",
		[IOMMU_READ_ONLY] = "only read",
	};

	return WORD(words, outcome);
}

const char *view_step_text(u32 step)
{
	static const char *const words[] = {
		[STEP_NONE] = "entry",	      [STEP_PLAN] = "plan",
		[STEP_SNAPSHOT] = "snapshot", [STEP_QUIESCE] = "quiesce",
		[STEP_VERIFY] = "verify",     [STEP_JUMP] = "jump",
	};

	return WORD(words, step);
}

const char *view_domain_type_text(u32 type)
{
	static const char *const words[] = {
		[DOMAIN_UNKNOWN] = "unknown", [DOMAIN_DMA] = "DMA",
		[DOMAIN_DMA_FQ] = "DMA-FQ",   [DOMAIN_IDENTITY] = "identity",
		[DOMAIN_BLOCKED] = "blocked", [DOMAIN_UNMANAGED] = "unmanaged",
	};

	return WORD(words, type);
}

const char *view_region_text(u32 type)
{
	static const char *const words[] = {
		[REGION_OTHER] = "other",
		[REGION_DIRECT] = "direct",
		[REGION_DIRECT_RELAXABLE] = "direct-relaxable",
		[REGION_RESERVED] = "reserved",
		[REGION_MSI] = "msi",
	};

	return WORD(words, type);
}

const char *view_kind_text(u32 kind)
{
	static const char *const words[] = {
		[IOMMU_KIND_BLOCKED] = "blocked",
		[IOMMU_KIND_PASS] = "pass-through",
		[IOMMU_KIND_TABLE] = "translated",
		[IOMMU_KIND_NESTED] = "nested",
	};

	return WORD(words, kind);
}

const char *view_reach_text(u32 why)
{
	static const char *const words[] = {
		[REACH_TABLE] = "mapped",
		[REACH_PASS] = "pass-through",
		[REACH_OFF] = "translation off",
		[REACH_NO_UNIT] = "no IOMMU",
	};

	return WORD(words, why);
}

const char *view_irq_text(u32 kind)
{
	static const char *const words[] = {
		[IOMMU_IRQ_ABSENT] = "absent",
		[IOMMU_IRQ_REMAPPED] = "remapped",
		[IOMMU_IRQ_POSTED] = "posted",
		[IOMMU_IRQ_BAD] = "malformed",
	};

	return WORD(words, kind);
}

const char *view_level_text(u32 level)
{
	static const char *const words[] = {
		[1] = "level 1",
		[2] = "level 2",
		[3] = "level 3",
		[4] = "level 4",
		[5] = "level 5",
		[6] = "level 6",
		[IOMMU_AT_ROOT] = "root",
		[IOMMU_AT_CONTEXT] = "context",
		[IOMMU_AT_PASID_DIR] = "pasid directory",
		[IOMMU_AT_PASID] = "pasid entry",
		[IOMMU_AT_DTE] = "device table entry",
		[IOMMU_AT_GCR3] = "gcr3 entry",
		[IOMMU_AT_IRTE] = "interrupt entry",
		[IOMMU_AT_REGISTER] = "register",
		[IOMMU_AT_QUEUE] = "queue",
	};

	return WORD(words, level);
}

const char *view_invalidation_text(u32 invalidation)
{
	static const char *const words[] = { "none needed", "queued",
					     "by register" };

	return WORD(words, invalidation);
}

const char *view_note_text(u32 type)
{
	static const char *const words[] = { "load", "tables", "crash" };

	return type < NOTE_LOAD ? NULL : WORD(words, type - NOTE_LOAD);
}

const char *view_record_text(u32 type)
{
	static const char *const words[] = {
		[REC_LOAD] = "load",
		[REC_MISSING] = "missing",
		[REC_UNIT] = "unit",
		[REC_DEVICE] = "device",
		[REC_ALIAS] = "alias",
		[REC_REGION] = "region",
		[REC_RESERVATION] = "reservation",
		[REC_REGS] = "registers",
		[REC_MEMORY] = "memory",
		[REC_CMA] = "crash kernel's CMA",
		[REC_TABLE] = "table",
		[REC_PURGATORY] = "purgatory",
		[REC_FAULTS] = "faults",
		[REC_ACTION] = "action",
		[REC_ENTRY] = "entry",
		[REC_TRAP] = "trap",
	};

	return WORD(words, type);
}

const char *view_form_text(const struct iommu_config *c)
{
	const struct iommu_vendor *v = iommu_vendor(c->vendor);

	return v && v->form_text ? v->form_text(c) : NULL;
}
