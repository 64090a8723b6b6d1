// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names and texts of what all vendors share, and register snapshots.
 *
 * Texts are arrays of characters, not of pointers: the purgatory is linked
 * position-independent, and what holds no address needs no relocation.
 */
#include "iommu.h"
#include "iommu_notes.h"
#include "env.h"

#define ERR_TEXT_MAX 52

static const char err_text[IOMMU_ERR_N][ERR_TEXT_MAX] = {
	[IOMMU_OK] = "no error",
	[IOMMU_EREAD] = "memory can't be read",
	[IOMMU_ENOTPRESENT] = "entry not present",
	[IOMMU_EACCESS] = "no permission for this access",
	[IOMMU_ERESERVED] = "reserved bits are set",
	[IOMMU_EADDRESS] = "table pointer outside RAM",
	[IOMMU_ELOOP] = "table points back at itself or an ancestor",
	[IOMMU_EWIDTH] = "address beyond the width of its domain",
	[IOMMU_EFORM] = "form that this unit can't have",
	[IOMMU_ETIMEOUT] = "register did not answer in time",
	[IOMMU_ENOSPACE] = "no room left",
	[IOMMU_EBUDGET] = "more table steps than allowed",
	[IOMMU_EHARDWARE] = "the unit reports an error",
	[IOMMU_ERESERVATION] = "maps memory of the crash kernel",
	[IOMMU_ESTALE] = "ATS or PASID translation of a dead process",
	[IOMMU_EABSENT] = "no such unit (registers read as all ones)",
	[IOMMU_ETRAP] = "the CPU trapped",
	[IOMMU_EUNSUPPORTED] = "not supported by this unit",
	[IOMMU_EREADBACK] = "register reads back other than written",
};

#define MODE_NAME_MAX 8

static const char mode_name[IOMMU_MODE_N][MODE_NAME_MAX] = {
	[IOMMU_MODE_OFF] = "off",   [IOMMU_MODE_RECORD] = "record",
	[IOMMU_MODE_COPY] = "copy", [IOMMU_MODE_ABORT] = "abort",
	[IOMMU_MODE_SINK] = "sink", [IOMMU_MODE_AUTO] = "auto",
};

#define REASON_TEXT_MAX 48

static const char reason_text[IOMMU_WHY_N][REASON_TEXT_MAX] = {
	[IOMMU_WHY_MODE] = "the mode asked for",
	[IOMMU_WHY_DEVICE] = "named by --iommu-device",
	[IOMMU_WHY_ALIAS] = "shares a requester ID with a named device",
	[IOMMU_WHY_RESERVED] = "has a reserved region",
	[IOMMU_WHY_AUTO] = "has no reserved region",
	[IOMMU_WHY_NO_UNIT] = "behind no IOMMU",
	[IOMMU_WHY_USER] = "has a region, but is a program's (VFIO)",
	[IOMMU_WHY_ATS] = "has a region, but ATS is not kept",
};

#define PLAN_TEXT_MAX 52

static const char plan_text[PLAN_ERR_N][PLAN_TEXT_MAX] = {
	[PLAN_OK] = "right",
	[PLAN_MAGIC] = "wrong magic",
	[PLAN_VERSION] = "unknown version",
	[PLAN_SIZE] = "wrong size",
	[PLAN_SPAN] = "impossible place or length",
	[PLAN_CRC] = "wrong checksum",
	[PLAN_ARRAY] = "an array reaches beyond it",
	[PLAN_UNIT] = "a unit's mode, registers or ranges are impossible",
	[PLAN_OVERRIDE] = "an override is impossible or out of order",
	[PLAN_RAM] = "RAM is empty or out of order",
	[PLAN_GUARD] = "a guarded span is empty or wraps",
	[PLAN_REGION] = "a digested region is missing, empty or wraps",
	[PLAN_NOTE] = "no place for the crash note",
	[PLAN_ARENA] = "the arena lies wrong",
	[PLAN_SCRATCH] = "the scratch page lies wrong",
	[PLAN_TIME] = "counter rate or budgets are impossible",
	[PLAN_PGTABLE] = "page tables do not map what they must",
	[PLAN_ENTRY] = "the entry lies in no digested region",
	[PLAN_CONSOLE] = "serial port out of range",
	[PLAN_MODE] = "unknown mode",
	[PLAN_TRAP] = "the CPU trapped while checking it",
};

const char *iommu_err_text(u32 err)
{
	return err < IOMMU_ERR_N ? err_text[err] : "unknown error";
}

const char *plan_err_text(u32 err)
{
	return err < PLAN_ERR_N ? plan_text[err] : "unknown rule";
}

const char *iommu_mode_name(u32 mode)
{
	return mode < IOMMU_MODE_N ? mode_name[mode] : "unknown";
}

bool iommu_mode_switches(u32 mode)
{
	return mode == IOMMU_MODE_COPY || mode == IOMMU_MODE_ABORT ||
	       mode == IOMMU_MODE_SINK;
}

bool iommu_mode_quiesces(u32 mode)
{
	return iommu_mode_switches(mode) || mode == IOMMU_MODE_AUTO;
}

u32 iommu_mode_parse(const char *name)
{
	u32 mode, i;

	for (mode = 0; mode < IOMMU_MODE_N; mode++) {
		for (i = 0; name[i] && name[i] == mode_name[mode][i]; i++)
			;
		if (name[i] == mode_name[mode][i])
			break;
	}
	return mode;
}

const char *iommu_reason_text(u32 reason)
{
	return reason < IOMMU_WHY_N ? reason_text[reason] : "unknown reason";
}

bool iommu_reg_get(const struct iommu_regs *regs, u32 off, u64 *val)
{
	u32 i;

	for (i = 0; i < regs->n && i < regs->room; i++) {
		if (regs->r[i].off == off) {
			*val = regs->r[i].val;
			return true;
		}
	}
	return false;
}

int iommu_reg_put(struct iommu_regs *regs, u32 off, u32 width, u64 val)
{
	if (regs->n >= regs->room)
		return IOMMU_ENOSPACE;
	regs->r[regs->n++] =
		(struct iommu_reg){ .off = off, .width = width, .val = val };
	return IOMMU_OK;
}
