// SPDX-License-Identifier: GPL-2.0-only
/* Arm SMMUv2: its row in the table of vendors, and words. */
#include "iommu.h"
#include "../env.h"
#include "../lookup.h"
#include "smmuv2.h"
#include "tables.h"

/* --- faults --- */

#define GLOBAL_FIRST 0x40 /* reasons: bit of FSR, or that and bit of GFSR */

static void smmuv2_fault(const struct iommu_fault_raw *raw,
			 struct iommu_fault *f)
{
	u32 status = raw->w[0], syndrome = raw->w[0] >> 32, bit = 0;
	bool global = raw->w[2] & FAULT_GLOBAL;

	memset(f, 0, sizeof(*f));
	f->requester = field(FAULT_STREAM, raw->w[2]);
	while (bit < 31 && !(status & 1u << bit))
		bit++;
	f->reason = bit + (global ? GLOBAL_FIRST : 0);
	f->write = syndrome & (global ? GFSYNR0_WNR : FSYNR0_WNR);
	f->iova = raw->w[1];
}

/* FSR (chapter 16) and sGFSR (chapter 9) */
static const struct fault_text fault_texts[] = {
	{ 1, "TF: not mapped" },
	{ 2, "AFF: access flag not set" },
	{ 3, "PF: no permission" },
	{ 4, "EF: table can't be read" },
	{ 5, "TLBMCF: entries contradict" },
	{ 6, "TLBLKF: lock of the TLB" },
	{ 7, "ASF: address size" },
	{ 8, "UUT: unsupported transaction" },
	{ 30, "SS: a stalled transaction" },
	{ GLOBAL_FIRST + 0, "ICF: context not valid" },
	{ GLOBAL_FIRST + 1, "USF: stream matches nothing" },
	{ GLOBAL_FIRST + 2, "SMCF: stream matches more than once" },
	{ GLOBAL_FIRST + 3, "UCBF: no such context bank" },
	{ GLOBAL_FIRST + 4, "UCIF: no such interrupt" },
	{ GLOBAL_FIRST + 5, "CAF: configuration access" },
	{ GLOBAL_FIRST + 6, "EF: external abort" },
	{ GLOBAL_FIRST + 7, "PF: permission" },
	{ GLOBAL_FIRST + 8, "UUT: unsupported transaction" },
};

static const char *smmuv2_fault_text(u32 reason)
{
	return fault_text_of(fault_texts, ARRAY_SIZE(fault_texts), reason);
}

const struct iommu_vendor smmuv2_vendor = {
	.id = IOMMU_VENDOR_SMMUV2,
	.name = "smmuv2",
	.regs_max = SMMUV2_REGS_MAX,
	.faults_max = SMMUV2_FAULTS_MAX,
	.streams = true,
	.reg_name = smmuv2_reg_name,
	.snapshot = smmuv2_snapshot,
	.describe = smmuv2_describe,
	.lookup = smmuv2_lookup,
	.fault = smmuv2_fault,
	.fault_text = smmuv2_fault_text,
	.quiesce = smmuv2_quiesce,
	.work_bytes = sizeof(struct smmuv2_work),
	.arena_end = BIT64(48),
	.can = smmuv2_can,
	.arena_need = smmuv2_arena_need,
};
