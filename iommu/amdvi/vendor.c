// SPDX-License-Identifier: GPL-2.0-only
/*
 * AMD-Vi: its row in the table of vendors, the logs that it keeps in memory,
 * and words. Section numbers are those of the document named in amdvi.h.
 */
#include "iommu.h"
#include "../env.h"
#include "../lookup.h"
#include "amdvi.h"
#include "tables.h"

/* --- the event log --- */

static int amdvi_events(const struct iommu_regs *regs, struct mem *m,
			struct iommu_fault_raw *faults, u32 *n)
{
	u64 base, head, tail, control, bytes, at;
	u32 kept = *n, found, i;

	*n = 0;
	if (!iommu_reg_get(regs, AMDVI_EVT_LOG, &base) ||
	    !iommu_reg_get(regs, AMDVI_EVT_HEAD, &head) ||
	    !iommu_reg_get(regs, AMDVI_EVT_TAIL, &tail) ||
	    !iommu_reg_get(regs, AMDVI_CONTROL, &control))
		return IOMMU_EREAD;
	bytes = amdvi_ring_bytes(base);
	head &= RING_POINTER;
	tail &= RING_POINTER;
	if (!bytes || !(control & CONTROL_EVENT_LOG_EN) || head == tail)
		return IOMMU_OK;
	if (head >= bytes || tail >= bytes)
		return IOMMU_EFORM;
	found = (tail + bytes - head) % bytes / RING_ENTRY_BYTES;
	for (i = 0; i < found && i < kept; i++) {
		at = (head + (u64)i * RING_ENTRY_BYTES) % bytes;
		memset(&faults[i], 0, sizeof(faults[i]));
		if (mem_read(m, (base & RING_ADDR) + at, faults[i].w,
			     RING_ENTRY_BYTES))
			return IOMMU_EREAD;
		*n = i + 1;
	}
	*n = found;
	return found > kept ? IOMMU_ENOSPACE : IOMMU_OK;
}

/* Of a page fault, the flags that say what was wrong belong to the reason. */
#define REASON_CODE MASK64(3, 0)
#define REASON_PR BIT64(4)
#define REASON_PE BIT64(5)
#define REASON_RZ BIT64(6)

static u32 event_reason(u64 event)
{
	u32 code = field(EVENT_CODE, event);

	if (code != EVENT_IO_PAGE_FAULT)
		return code;
	return code | (event & EVENT_PR ? REASON_PR : 0) |
	       (event & EVENT_PE ? REASON_PE : 0) |
	       (event & EVENT_RZ ? REASON_RZ : 0);
}

static void amdvi_fault(const struct iommu_fault_raw *raw,
			struct iommu_fault *f)
{
	u64 event = raw->w[0];

	memset(f, 0, sizeof(*f));
	f->requester = field(EVENT_DEVICE, event);
	f->reason = event_reason(event);
	f->write = event & EVENT_RW;
	f->has_pasid = event & EVENT_GN;
	if (f->has_pasid)
		f->pasid = field(EVENT_PASID_HIGH, event) << 16 |
			   field(EVENT_PASID_LOW, event);
	f->interrupt = field(EVENT_CODE, event) == EVENT_IO_PAGE_FAULT &&
		       event & EVENT_I;
	f->iova = f->interrupt ? raw->w[1] : align_down(raw->w[1], PAGE_4K);
}

#define FAULT_TEXT_MAX 48

static const char fault_texts[][FAULT_TEXT_MAX] = {
	[EVENT_ILLEGAL_DTE] = "reserved bits in device table entry",
	[EVENT_IO_PAGE_FAULT] = "page not present",
	[EVENT_DEV_TBL_HARDWARE] = "device table can't be read",
	[EVENT_PAGE_TBL_HARDWARE] = "page table can't be read",
	[EVENT_ILLEGAL_COMMAND] = "illegal command",
	[EVENT_COMMAND_HARDWARE] = "command buffer can't be read",
	[EVENT_IOTLB_TIMEOUT] = "a device's IOTLB does not answer",
	[EVENT_INVALID_DEVICE_REQUEST] =
		"kind of request the device may not use",
	[EVENT_INVALID_PPR_REQUEST] = "page request the device may not make",
};

static const char *amdvi_fault_text(u32 reason)
{
	u32 code = reason & REASON_CODE;

	if (reason & REASON_RZ)
		return "reserved bits in paging entry";
	if (reason & REASON_PE)
		return "no permission";
	if (reason & REASON_PR)
		return "present entry that can't be followed";
	if (code < ARRAY_SIZE(fault_texts) && fault_texts[code][0])
		return fault_texts[code];
	return "unknown reason";
}

/* A device table in one piece, or in segments. */
static const char *amdvi_form_text(const struct iommu_config *c)
{
	return c->form ? NULL : "flat";
}

/*
 * 2.1.2, table 3: interrupts, and HyperTransport's own range. In that two parts
 * are translated like memory where the entry says so (2.2.2.1: SysMgt, IoCtl).
 */
static const char *amdvi_special(const struct iommu_config *c,
				 const struct iommu_domain *d, u32 i,
				 struct span *at)
{
	static const struct span part[] = {
		{ 0xfee00000, MIB(1) },
		{ 0xfd00000000, 0xf9100000 },
		{ 0xfdf9100000, MIB(1) }, /* system management */
		{ 0xfdf9200000, 0x02e00000 },
		{ 0xfdfc000000, MIB(32) }, /* port I/O */
		{ 0xfdfe000000, 0x202000000 },
	};
	u64 entry = d->entry_words > 1 ? d->entry[1] : 0;
	bool management = field(DTE_SYS_MGT, entry) == SYS_MGT_TRANSLATED;
	bool ports = field(DTE_IO_CTL, entry) == IO_CTL_TRANSLATED;

	if (i >= (c->ecap & EFR2_HT_RANGE_IGNORE ? 1 : ARRAY_SIZE(part)))
		return NULL;
	*at = part[i];
	if ((i == 2 && management) || (i == 4 && ports))
		at->len = 0;
	return i ? "HyperTransport's own range: never memory"
		 : "a write is an interrupt request: never memory";
}

static const char *amdvi_read_text(const u32 *words, u32 i)
{
	(void)words;
	return i ? "gcr3 entry" : "device table entry";
}

const struct iommu_vendor amdvi_vendor = {
	.id = IOMMU_VENDOR_AMDVI,
	.name = "amd-vi",
	.regs_max = AMDVI_REGS_MAX,
	.faults_max = IOMMU_FAULTS_MAX,
	.segment_table = true,
	.irq_tables = true,
	.reg_name = amdvi_reg_name,
	.snapshot = amdvi_snapshot,
	.describe = amdvi_describe,
	.lookup = amdvi_lookup,
	.form_text = amdvi_form_text,
	.read_text = amdvi_read_text,
	.special = amdvi_special,
	.events = amdvi_events,
	.fault = amdvi_fault,
	.fault_text = amdvi_fault_text,
	.irq_table = amdvi_irq_table,
	.irq_decode = amdvi_irq_decode,
	.quiesce = amdvi_quiesce,
	.work_bytes = sizeof(struct amdvi_work),
	.can = amdvi_can,
	.arena_need = amdvi_arena_need,
};
