// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arm SMMUv3: its row in the table of vendors, the queues that it keeps in
 * memory, and words. Section numbers are those of the document named in
 * smmuv3.h.
 */
#include "iommu.h"
#include "../env.h"
#include "../lookup.h"
#include "smmuv3.h"
#include "tables.h"

/* --- events and page requests --- */

/* What a page request has where no event has ones: its fourth word. */
#define RECORD_PRI (~0ULL)

static const struct {
	u32 base, prod, cons, entry_bytes;
} queues[] = {
	{ SMMUV3_EVENTQ_BASE, SMMUV3_EVENTQ_PROD, SMMUV3_EVENTQ_CONS,
	  EVENT_BYTES },
	{ SMMUV3_PRIQ_BASE, SMMUV3_PRIQ_PROD, SMMUV3_PRIQ_CONS, PRI_BYTES },
};

/*
 * 3.5.1: index and, above it, a wrap bit; the topmost bit tells of overflow.
 * What lies between CONS and PROD was not taken yet: behind the *@n records that
 * there are already; @room for all of them, of which no more are filled in.
 */
static int read_queue(const struct iommu_regs *regs, struct mem *m, u32 queue,
		      struct iommu_fault_raw *faults, u32 room, u32 *n)
{
	u32 each = queues[queue].entry_bytes, bits, found, i;
	u64 base = 0, prod = 0, cons = 0, at;

	iommu_reg_get(regs, queues[queue].base, &base);
	iommu_reg_get(regs, queues[queue].prod, &prod);
	iommu_reg_get(regs, queues[queue].cons, &cons);
	bits = field(QUEUE_BASE_LOG2SIZE, base);
	if (bits > QUEUE_LOG2SIZE_MAX)
		return IOMMU_EFORM;
	found = (prod - cons) & (BIT64(bits + 1) - 1);
	if (found > BIT64(bits))
		return IOMMU_EFORM;
	base = align_down(base & QUEUE_BASE_ADDR, (u64)each << bits);
	for (i = 0; i < found && *n + i < room; i++) {
		at = base + ((cons + i) & (BIT64(bits) - 1)) * each;
		memset(&faults[*n + i], 0, sizeof(faults[*n + i]));
		if (mem_read(m, at, &faults[*n + i], each)) {
			*n += i;
			return IOMMU_EREAD;
		}
		if (queues[queue].base == SMMUV3_PRIQ_BASE)
			faults[*n + i].w[3] = RECORD_PRI;
	}
	*n += found;
	return IOMMU_OK;
}

/* Events first: of what is too much, they are what is wanted. */
static int smmuv3_events(const struct iommu_regs *regs, struct mem *m,
			 struct iommu_fault_raw *faults, u32 *n)
{
	u32 room = *n, queue;
	int err, first = IOMMU_OK;
	u64 val;

	*n = 0;
	if (!iommu_reg_get(regs, SMMUV3_EVENTQ_BASE, &val) ||
	    !iommu_reg_get(regs, SMMUV3_EVENTQ_PROD, &val) ||
	    !iommu_reg_get(regs, SMMUV3_EVENTQ_CONS, &val))
		return IOMMU_EREAD;
	for (queue = 0; queue < ARRAY_SIZE(queues); queue++) {
		err = read_queue(regs, m, queue, faults, room, n);
		if (err && !first)
			first = err;
	}
	if (first && !*n)
		return first;
	return *n > room ? IOMMU_ENOSPACE : IOMMU_OK;
}

/* Of the PRI queue: no type of event. */
#define REASON_PRI 0x100u

static void page_request(const struct iommu_fault_raw *raw,
			 struct iommu_fault *f)
{
	f->reason = REASON_PRI;
	f->notice = true;
	f->requester = field(PRI_SID, raw->w[0]);
	f->has_pasid = raw->w[0] & PRI_SSV;
	f->pasid = f->has_pasid ? field(PRI_SSID, raw->w[0]) : 0;
	f->write = raw->w[0] & PRI_WRITE;
	f->iova = raw->w[1] & PRI_ADDR;
}

/* 7.3: records that tell of an access have its address and direction. */
static bool has_address(u32 type)
{
	return type == F_UUT || type == F_BAD_ATS_TREQ ||
	       type == F_TRANSL_FORBIDDEN || type == F_WALK_EABT ||
	       (type >= F_TRANSLATION && type <= F_TLB_CONFLICT);
}

static void smmuv3_fault(const struct iommu_fault_raw *raw,
			 struct iommu_fault *f)
{
	memset(f, 0, sizeof(*f));
	if (raw->w[3] == RECORD_PRI) {
		page_request(raw, f);
		return;
	}
	f->reason = field(EVENT_TYPE, raw->w[0]);
	f->requester = field(EVENT_SID, raw->w[0]);
	f->has_pasid = raw->w[0] & EVENT_SSV;
	f->pasid = f->has_pasid ? field(EVENT_SSID, raw->w[0]) : 0;
	if (!has_address(f->reason))
		return;
	f->write = !(raw->w[1] & EVENT_RNW);
	f->iova = raw->w[2];
}

/* 7.3.2 and on */
static const struct fault_text fault_texts[] = {
	{ F_UUT, "F_UUT: unsupported transaction" },
	{ C_BAD_STREAMID, "C_BAD_STREAMID: beyond the stream table" },
	{ F_STE_FETCH, "F_STE_FETCH: STE can't be read" },
	{ C_BAD_STE, "C_BAD_STE: STE invalid" },
	{ F_BAD_ATS_TREQ, "F_BAD_ATS_TREQ: translation request refused" },
	{ F_STREAM_DISABLED, "F_STREAM_DISABLED: refused without substream" },
	{ F_TRANSL_FORBIDDEN, "F_TRANSL_FORBIDDEN: translated request" },
	{ C_BAD_SUBSTREAMID, "C_BAD_SUBSTREAMID: no such substream" },
	{ F_CD_FETCH, "F_CD_FETCH: CD can't be read" },
	{ C_BAD_CD, "C_BAD_CD: CD invalid" },
	{ F_WALK_EABT, "F_WALK_EABT: table can't be read" },
	{ F_TRANSLATION, "F_TRANSLATION: not mapped" },
	{ F_ADDR_SIZE, "F_ADDR_SIZE: output address too wide" },
	{ F_ACCESS, "F_ACCESS: access flag not set" },
	{ F_PERMISSION, "F_PERMISSION: no permission" },
	{ F_TLB_CONFLICT, "F_TLB_CONFLICT: entries contradict" },
	{ F_CFG_CONFLICT, "F_CFG_CONFLICT: cached structures contradict" },
	{ E_PAGE_REQUEST, "E_PAGE_REQUEST: hint to map a page" },
	{ F_VMS_FETCH, "F_VMS_FETCH: VMS can't be read" },
};

static const char *smmuv3_fault_text(u32 reason)
{
	if (reason == REASON_PRI)
		return "request for a page (PRI queue)";
	return fault_text_of(fault_texts, ARRAY_SIZE(fault_texts), reason);
}

static const char *smmuv3_form_text(const struct iommu_config *c)
{
	if (c->off_blocks)
		return "off, all refused";
	return smmuv3_own(c)->two_level ? "two levels" : "linear";
}

/* No piece of the second level, and no page of entries, has fewer. */
#define STREAMS_TOGETHER 64u

static u32 smmuv3_shared_by(const struct iommu_config *c,
			    const struct iommu_evidence *ev)
{
	(void)c;
	return ev->level == IOMMU_AT_ROOT || (ev->level == IOMMU_AT_CONTEXT &&
					      ev->err == IOMMU_EREAD)
		       ? STREAMS_TOGETHER
		       : 1;
}

/*
 * The stream table has one level or two, and a nested context descriptor is
 * looked for through the second stage. The size of what was read shows which.
 */
static const char *smmuv3_read_text(const u32 *words, u32 i)
{
	bool entry = false;
	u32 k;

	for (k = 0; k < i; k++)
		entry |= words[k] > 1;
	if (words[i] == 1)
		return entry ? "table entry" : "level 1 stream table";
	return entry ? "context descriptor" : "stream table entry";
}

const struct iommu_vendor smmuv3_vendor = {
	.id = IOMMU_VENDOR_SMMUV3,
	.name = "smmuv3",
	.regs_max = SMMUV3_REGS_MAX,
	.faults_max = IOMMU_FAULTS_MAX,
	.streams = true,
	.reg_name = smmuv3_reg_name,
	.snapshot = smmuv3_snapshot,
	.describe = smmuv3_describe,
	.lookup = smmuv3_lookup,
	.form_text = smmuv3_form_text,
	.shared_by = smmuv3_shared_by,
	.read_text = smmuv3_read_text,
	.events = smmuv3_events,
	.fault = smmuv3_fault,
	.fault_text = smmuv3_fault_text,
	.quiesce = smmuv3_quiesce,
	.work_bytes = sizeof(struct smmuv3_work),
	.arena_end = BIT64(48),
	.can = smmuv3_can,
	.arena_need = smmuv3_arena_need,
};
