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

/* --- logs in memory --- */

/* Which log a record is from: its third word. */
enum amdvi_log {
	LOG_EVENTS = 0,
	LOG_PPR = 1,
	LOG_GA = 2,
	LOGS
};

static const struct {
	u16 base, head, tail;
	u16 entry_bytes;
	u64 enable; /* of CONTROL */
} logs[LOGS] = {
	[LOG_EVENTS] = { AMDVI_EVT_LOG, AMDVI_EVT_HEAD, AMDVI_EVT_TAIL,
			 RING_ENTRY_BYTES, CONTROL_EVENT_LOG_EN },
	[LOG_PPR] = { AMDVI_PPR_LOG, AMDVI_PPR_HEAD, AMDVI_PPR_TAIL,
		      RING_ENTRY_BYTES, CONTROL_PPR_LOG_EN },
	[LOG_GA] = { AMDVI_GA_LOG, AMDVI_GA_HEAD, AMDVI_GA_TAIL, GA_ENTRY_BYTES,
		     CONTROL_GA_LOG_EN },
};

/*
 * Entries of one log, behind the *@n that there are already; @room for all of
 * them, of which no more are filled in.
 */
static int read_log(const struct iommu_regs *regs, struct mem *m,
		    enum amdvi_log log, struct iommu_fault_raw *faults,
		    u32 room, u32 *n)
{
	u64 base = 0, head = 0, tail = 0, control = 0, bytes, at;
	u32 each = logs[log].entry_bytes;

	iommu_reg_get(regs, logs[log].base, &base);
	iommu_reg_get(regs, logs[log].head, &head);
	iommu_reg_get(regs, logs[log].tail, &tail);
	iommu_reg_get(regs, AMDVI_CONTROL, &control);
	bytes = amdvi_ring_bytes(base) / RING_ENTRY_BYTES * each;
	head &= MASK64(18, 0) & ~(u64)(each - 1);
	tail &= MASK64(18, 0) & ~(u64)(each - 1);
	if (!bytes || !(control & logs[log].enable) || head == tail)
		return IOMMU_OK;
	if (head >= bytes || tail >= bytes)
		return IOMMU_EFORM;
	for (at = head; at != tail; at = (at + each) % bytes) {
		if (*n < room) {
			memset(&faults[*n], 0, sizeof(faults[*n]));
			if (mem_read(m, (base & RING_ADDR) + at, faults[*n].w,
				     each))
				return IOMMU_EREAD;
			faults[*n].w[2] = log;
		}
		++*n;
	}
	return IOMMU_OK;
}

/* Events first: of what is too much, they are what is wanted. */
static int amdvi_events(const struct iommu_regs *regs, struct mem *m,
			struct iommu_fault_raw *faults, u32 *n)
{
	u32 room = *n, log;
	u64 val;
	int err, first = IOMMU_OK;

	*n = 0;
	if (!iommu_reg_get(regs, AMDVI_EVT_LOG, &val) ||
	    !iommu_reg_get(regs, AMDVI_EVT_HEAD, &val) ||
	    !iommu_reg_get(regs, AMDVI_EVT_TAIL, &val) ||
	    !iommu_reg_get(regs, AMDVI_CONTROL, &val))
		return IOMMU_EREAD;
	for (log = 0; log < LOGS; log++) {
		err = read_log(regs, m, log, faults, room, n);
		if (err && !first)
			first = err;
	}
	if (first && !*n)
		return first;
	return *n > room ? IOMMU_ENOSPACE : IOMMU_OK;
}

/* Of a page fault, the flags that say what was wrong belong to the reason. */
#define REASON_CODE MASK64(3, 0)
#define REASON_PR BIT64(4)
#define REASON_PE BIT64(5)
#define REASON_RZ BIT64(6)
/* Of other logs than that of events. */
#define REASON_PPR 0x80u
#define REASON_GA 0x81u

static u32 event_reason(u64 event)
{
	u32 code = field(EVENT_CODE, event);

	if (code != EVENT_IO_PAGE_FAULT)
		return code;
	return code | (event & EVENT_PR ? REASON_PR : 0) |
	       (event & EVENT_PE ? REASON_PE : 0) |
	       (event & EVENT_RZ ? REASON_RZ : 0);
}

static void page_request(const struct iommu_fault_raw *raw,
			 struct iommu_fault *f)
{
	u64 request = raw->w[0];

	f->requester = field(PPR_DEVICE, request);
	f->reason = REASON_PPR;
	f->write = request & PPR_WRITE;
	f->has_pasid = request & PPR_GN;
	if (f->has_pasid)
		f->pasid = field(PPR_PASID_HIGH, request) << 16 |
			   field(PPR_PASID_LOW, request);
	f->iova = align_down(raw->w[1], PAGE_4K);
}

static void guest_interrupt(const struct iommu_fault_raw *raw,
			    struct iommu_fault *f)
{
	f->requester = field(GA_DEVICE, raw->w[0]);
	f->reason = REASON_GA;
	f->interrupt = true;
	f->iova = field(GA_TAG, raw->w[0]);
}

static void amdvi_fault(const struct iommu_fault_raw *raw,
			struct iommu_fault *f)
{
	u64 event = raw->w[0];

	memset(f, 0, sizeof(*f));
	f->notice = raw->w[2] != LOG_EVENTS;
	if (raw->w[2] == LOG_PPR) {
		page_request(raw, f);
		return;
	}
	if (raw->w[2] == LOG_GA) {
		guest_interrupt(raw, f);
		return;
	}
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

	if (reason == REASON_PPR)
		return "request for a page (PPR log)";
	if (reason == REASON_GA)
		return "interrupt for a guest that does not run (GA log)";
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
