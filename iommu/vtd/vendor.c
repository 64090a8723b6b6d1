// SPDX-License-Identifier: GPL-2.0-only
/*
 * Intel VT-d: its row in the table of vendors, what fault records mean, and
 * words. Section numbers are those of the document named in vtd.h.
 */
#include "iommu.h"
#include "../env.h"
#include "../lookup.h"
#include "vtd.h"
#include "tables.h"

/* 11.4.5 */
static const char *vtd_form_text(const struct iommu_config *c)
{
	switch (c->form) {
	case TTM_LEGACY:
		return "legacy";
	case TTM_SCALABLE:
		return "scalable";
	case TTM_ABORT:
		return "abort-dma";
	}
	return NULL;
}

/* In scalable mode a root entry has a word for each half of the bus. */
static u32 vtd_shared_by(const struct iommu_config *c,
			 const struct iommu_evidence *ev)
{
	if (ev->level != IOMMU_AT_ROOT)
		return 1;
	return vtd_own(c)->scalable ? 128 : 256;
}

/* 3.14: the interrupt address range. 5.1.4: what is refused there. */
static const char *vtd_special(const struct iommu_config *c,
			       const struct iommu_domain *d, u32 i,
			       struct span *at)
{
	(void)c;
	(void)d;
	*at = (struct span){ 0xfee00000, MIB(1) };
	return i ? NULL
		 : "a write is an interrupt request, a read is refused: never "
		   "memory";
}

static const char *vtd_read_text(const u32 *words, u32 i)
{
	static const char *const names[] = { "root", "context",
					     "pasid directory", "pasid entry" };

	(void)words;
	return i < ARRAY_SIZE(names) ? names[i] : NULL;
}

/* --- faults --- */

#define FAULT_IR_FIRST 0x20
#define FAULT_IR_LAST 0x2f

static void vtd_fault(const struct iommu_fault_raw *raw, struct iommu_fault *f)
{
	memset(f, 0, sizeof(*f));
	f->requester = field(FRCD_SID, raw->w[1]);
	f->reason = field(FRCD_FR, raw->w[1]);
	f->write = !(raw->w[1] & FRCD_T1);
	f->has_pasid = raw->w[1] & FRCD_PP;
	f->pasid = f->has_pasid ? field(FRCD_PV, raw->w[1]) : 0;
	f->interrupt = f->reason >= FAULT_IR_FIRST &&
		       f->reason <= FAULT_IR_LAST;
	f->iova = f->interrupt ? field(FRCD_IR_INDEX, raw->w[0])
			       : raw->w[0] & FRCD_FI;
}

/* 7.1.3 and chapter 7's tables. */
static const struct fault_text fault_texts[] = {
	{ 0x01, "root entry not present" },
	{ 0x02, "context entry not present" },
	{ 0x03, "context entry invalid" },
	{ 0x04, "address beyond the unit's width" },
	{ 0x05, "no write permission" },
	{ 0x06, "no read permission" },
	{ 0x07, "paging entry can't be read" },
	{ 0x08, "root entry can't be read" },
	{ 0x09, "context entry can't be read" },
	{ 0x0a, "reserved bits in root entry" },
	{ 0x0b, "reserved bits in context entry" },
	{ 0x0c, "reserved bits in paging entry" },
	{ 0x0d, "kind of request blocked by context entry" },
	{ 0x0e, "output address in the interrupt range" },
	{ 0x20, "reserved bits in interrupt request" },
	{ 0x21, "interrupt index beyond the table" },
	{ 0x22, "interrupt entry not present" },
	{ 0x23, "interrupt table can't be read" },
	{ 0x24, "reserved bits in interrupt entry" },
	{ 0x25, "compatibility-format interrupt blocked" },
	{ 0x26, "interrupt from a source not allowed" },
	{ 0x30, "root table address invalid" },
	{ 0x31, "request with PASID in legacy mode" },
	{ 0x38, "root entry can't be read" },
	{ 0x39, "root entry not present" },
	{ 0x3a, "reserved bits in root entry" },
	{ 0x40, "context entry can't be read" },
	{ 0x41, "context entry not present" },
	{ 0x42, "reserved bits in context entry" },
	{ 0x43, "context entry invalid" },
	{ 0x44, "translated request, but DTE is clear" },
	{ 0x45, "request with PASID, but PASIDE is clear" },
	{ 0x46, "PASID beyond the directory" },
	{ 0x47, "page request, but PRE is clear" },
	{ 0x48, "RID_PASID wrong" },
	{ 0x50, "PASID directory entry can't be read" },
	{ 0x51, "PASID directory entry not present" },
	{ 0x52, "reserved bits in PASID directory entry" },
	{ 0x58, "PASID entry can't be read" },
	{ 0x59, "PASID entry not present" },
	{ 0x5a, "reserved bits in PASID entry" },
	{ 0x5b, "PASID entry invalid" },
	{ 0x5c, "execute request, but ERE is clear" },
	{ 0x5d, "supervisor request, but SRE is clear" },
	{ 0x70, "first-stage entry can't be read" },
	{ 0x71, "first-stage entry not present" },
	{ 0x72, "reserved bits in first-stage entry" },
	{ 0x73, "first-stage root can't be read" },
	{ 0x74, "first-stage table beyond the second stage's width" },
	{ 0x75, "no second-stage read permission for first-stage root" },
	{ 0x76, "no second-stage read permission for first-stage table" },
	{ 0x77, "no second-stage write permission for first-stage table" },
	{ 0x78, "second-stage entry can't be read" },
	{ 0x79, "second-stage entry not present" },
	{ 0x7a, "reserved bits in second-stage entry" },
	{ 0x7b, "second-stage root can't be read" },
	{ 0x80, "address not canonical" },
	{ 0x81, "user request for a supervisor page" },
	{ 0x82, "no execute permission" },
	{ 0x83, "address beyond the second stage's width" },
	{ 0x84, "output of the first stage beyond the second's width" },
	{ 0x85, "no write permission" },
	{ 0x86, "no read permission" },
	{ 0x87, "output address in the interrupt range" },
};

static const char *vtd_fault_text(u32 reason)
{
	return fault_text_of(fault_texts, ARRAY_SIZE(fault_texts), reason);
}

/*
 * DRHDs before Rev 4.0 say no size, and the fault recording and IOTLB
 * registers may lie behind the first page.
 */
static u64 vtd_regs_len(u64 cap, u64 ecap)
{
	u64 end = 0, iotlb;

	if (cap)
		end = field(CAP_FRO, cap) * 16 + (field(CAP_NFR, cap) + 1) * 16;
	iotlb = ecap ? field(ECAP_IRO, ecap) * 16 + 16 : 0;
	return align_up(iotlb > end ? iotlb : end, PAGE_4K);
}

const struct iommu_vendor vtd_vendor = {
	.id = IOMMU_VENDOR_VTD,
	.name = "vt-d",
	.unit_name = "dmar",
	.regs_max = VTD_REGS_MAX,
	.regs_len = vtd_regs_len,
	.faults_max = IOMMU_FAULTS_MAX,
	.reg_name = vtd_reg_name,
	.snapshot = vtd_snapshot,
	.describe = vtd_describe,
	.lookup = vtd_lookup,
	.form_text = vtd_form_text,
	.shared_by = vtd_shared_by,
	.read_text = vtd_read_text,
	.special = vtd_special,
	.fault = vtd_fault,
	.fault_text = vtd_fault_text,
	.irq_table = vtd_irq_table,
	.irq_decode = vtd_irq_decode,
	.quiesce = vtd_quiesce,
	.work_bytes = sizeof(struct vtd_work),
	.can = vtd_can,
	.arena_need = vtd_arena_need,
};
