// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arm SMMUv3: the command queue. The dead kernel's may be full, stopped by an
 * error, or anywhere; what was in it is of no use, since all caches are emptied.
 * So it is stopped and one of ours takes its place. Each wait has a bound.
 */
#include "iommu.h"
#include "smmuv3.h"
#include "tables.h"

#define CAP_IDR1(c) ((c)->cap >> 32)

static void put(struct smmuv3_work *w, u64 low, u64 high)
{
	u64 words[2] = { low, high };

	quiesce_write(&w->s, w->queue.base + w->queue.n++ * CMD_BYTES, words,
		      sizeof(words));
}

/*
 * 4.3.4, 4.4: the non-secure configuration caches, and TLBs of each exception
 * level that non-secure streams can have. A SYNC without a signal has been read
 * when all before it is done (4.7.3).
 */
int smmuv3_queue_build(struct smmuv3_work *w)
{
	u32 most = field(IDR1_CMDQS, CAP_IDR1(&w->c));

	w->queue.log2size = most < SMMUV3_QUEUE_BITS ? most : SMMUV3_QUEUE_BITS;
	w->queue.base = quiesce_alloc(&w->s, PAGE_4K, PAGE_4K);
	if (!w->queue.base)
		return IOMMU_ENOSPACE;
	put(w, field_put(CMDQ_OPCODE, CMD_CFGI_ALL), CFGI_RANGE_ALL);
	if (w->c.cap & IDR0_HYP)
		put(w, field_put(CMDQ_OPCODE, CMD_TLBI_EL2_ALL), 0);
	put(w, field_put(CMDQ_OPCODE, CMD_TLBI_NSNH_ALL), 0);
	put(w, field_put(CMDQ_OPCODE, CMD_SYNC), 0);
	return w->s.write_err;
}

int smmuv3_set_cr0(struct smmuv3_work *w, u32 cr0, u32 mask, u32 share)
{
	struct mmio *r = w->s.q->mmio;

	r->write32(r, SMMUV3_CR0, cr0);
	return poll_reg(&w->s, SMMUV3_CR0ACK, 4, mask, cr0 & mask, share);
}

static u32 errors(struct mmio *r)
{
	return r->read32(r, SMMUV3_GERROR) ^ r->read32(r, SMMUV3_GERRORN);
}

void smmuv3_check_service(struct smmuv3_work *w)
{
	u32 active = errors(w->s.q->mmio);

	if (active & GERROR_SFM_ERR)
		quiesce_fail(&w->s, IOMMU_EHARDWARE, IOMMU_AT_REGISTER,
			     SMMUV3_GERROR, active, 0);
}

/* 7.5: a queue that met an error is read again once that is acknowledged. */
int smmuv3_queue_start(struct smmuv3_work *w)
{
	struct mmio *r = w->s.q->mmio;
	u64 base = w->queue.base | QUEUE_BASE_RA |
		   field_put(QUEUE_BASE_LOG2SIZE, w->queue.log2size);
	int err = smmuv3_set_cr0(w, w->cr0 & (CR0_SMMUEN | CR0_ATSCHK),
				 CR0_QUEUES, 4);
	u64 back;

	if (err)
		return err;
	/* What is acknowledged can't be seen afterwards. */
	smmuv3_check_service(w);
	r->write32(r, SMMUV3_GERRORN, r->read32(r, SMMUV3_GERROR));
	r->write64(r, SMMUV3_CMDQ_BASE, base);
	r->write32(r, SMMUV3_CMDQ_PROD, 0);
	r->write32(r, SMMUV3_CMDQ_CONS, 0);
	back = r->read64(r, SMMUV3_CMDQ_BASE);
	if ((back ^ base) & (QUEUE_BASE_ADDR | QUEUE_BASE_LOG2SIZE))
		return quiesce_fail(&w->s, IOMMU_EREADBACK, IOMMU_AT_REGISTER,
				    SMMUV3_CMDQ_BASE, back, base);
	return IOMMU_OK;
}

int smmuv3_queue_run(struct smmuv3_work *w)
{
	struct mmio *r = w->s.q->mmio;
	struct poll p = poll_start(&w->s, 2);
	u32 cons, error = 0;
	bool more;

	r->write32(r, SMMUV3_CMDQ_PROD, w->queue.n);
	do {
		more = poll_again(&w->s, &p);
		cons = r->read32(r, SMMUV3_CMDQ_CONS);
		if (field(QUEUE_POINTER, cons) == w->queue.n)
			break;
		error = errors(r) & GERROR_CMDQ_ERR;
	} while (!error && more);
	poll_end(&w->s, &p);
	if (field(QUEUE_POINTER, cons) == w->queue.n)
		return IOMMU_OK;
	return quiesce_fail(&w->s, error ? IOMMU_EHARDWARE : IOMMU_ETIMEOUT,
			    IOMMU_AT_QUEUE, SMMUV3_CMDQ_CONS, cons, w->queue.n);
}
