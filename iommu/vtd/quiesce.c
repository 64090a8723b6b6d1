// SPDX-License-Identifier: GPL-2.0-only
/*
 * Intel VT-d: the switch at the time of the crash. The dead kernel left the
 * registers in any state; each is read before it is believed, and each poll
 * has a bound in time and, should the clock stand still, in number.
 */
#include "iommu.h"
#include "../env.h"
#include "vtd.h"
#include "tables.h"

/* --- commands (11.4.4.1: one at a time, then poll the status) --- */

static int command(struct vtd_work *w, u64 bit, bool on, u64 done)
{
	struct mmio *r = w->s.q->mmio;
	u64 gsts = r->read32(r, VTD_GSTS) & GCMD_KEEP;

	if ((w->c.cap & CAP_ECMDS) && r->len >= VTD_ECRSP + 8 &&
	    poll_reg(&w->s, VTD_ECRSP, 8, ECRSP_IP, 0, 1))
		return w->s.res->err;
	gsts = on ? gsts | bit : gsts & ~bit;
	r->write32(r, VTD_GCMD, gsts);
	return poll_reg(&w->s, VTD_GSTS, 4, bit, done, 1);
}

static int flush_write_buffer(struct vtd_work *w)
{
	if (!(w->c.cap & CAP_RWBF))
		return IOMMU_OK;
	return command(w, GCMD_WBF, true, 0);
}

/* --- switch --- */

static int set_root(struct vtd_work *w, u64 root)
{
	struct mmio *r = w->s.q->mmio;
	u64 back;
	int err;

	err = flush_write_buffer(w);
	if (err)
		return err;
	r->write64(r, VTD_RTADDR, root);
	back = r->read64(r, VTD_RTADDR);
	if (back != root)
		err = quiesce_fail(&w->s, IOMMU_EREADBACK, IOMMU_AT_REGISTER,
				   VTD_RTADDR, back, root);
	else
		err = command(w, GCMD_SRTP, true, GCMD_SRTP);
	/* The crash kernel must find the tables that are in use. */
	if (err)
		r->write64(r, VTD_RTADDR, w->s.res->root_before);
	return err;
}

/* --- queued invalidation (6.5.2) --- */

static int queue_error(struct vtd_work *w)
{
	struct mmio *r = w->s.q->mmio;
	u64 fsts = r->read32(r, VTD_FSTS);

	if (!(fsts & FSTS_QUEUE))
		return IOMMU_OK;
	return quiesce_fail(&w->s, IOMMU_EHARDWARE, IOMMU_AT_QUEUE, VTD_FSTS,
			    fsts, r->read64(r, VTD_IQH));
}

/*
 * The dead kernel's queue is given a quarter of the time. It may hang on an
 * error of its own or wait for a device that is gone; both are recorded.
 */
static void drain_queue(struct vtd_work *w)
{
	struct mmio *r = w->s.q->mmio;
	struct poll p = poll_start(&w->s, 4);
	u64 head, tail;
	bool more;

	do {
		more = poll_again(&w->s, &p);
		head = r->read64(r, VTD_IQH);
		tail = r->read64(r, VTD_IQT);
	} while (head != tail && more && !queue_error(w));
	poll_end(&w->s, &p);
	if (head != tail)
		quiesce_fail(&w->s, IOMMU_ETIMEOUT, IOMMU_AT_QUEUE, VTD_IQH,
			     head, tail);
}

/* Our queue in place of the dead kernel's. */
static int start_queue(struct vtd_work *w)
{
	struct mmio *r = w->s.q->mmio;
	u64 iqa = w->queue;
	int err;

	if (r->read32(r, VTD_GSTS) & GCMD_QIE) {
		drain_queue(w);
		err = command(w, GCMD_QIE, false, 0);
		if (err)
			return err;
	}
	/* 256-bit descriptors exactly where Linux uses them; one page (QS 0). */
	if (w->c.ecap & ECAP_SMTS)
		iqa |= IQA_DW;
	r->write64(r, VTD_IQT, 0);
	r->write64(r, VTD_IQA, iqa);
	r->write32(r, VTD_FSTS, FSTS_QUEUE);
	return command(w, GCMD_QIE, true, GCMD_QIE);
}

static void put_desc(struct vtd_work *w, u32 *n, u64 lo, u64 hi)
{
	u64 words[4] = { lo, hi };
	u32 bytes = VTD_DESC_BYTES * (w->c.ecap & ECAP_SMTS ? 2 : 1);

	quiesce_write(&w->s, w->queue + (u64)*n * bytes, words, bytes);
	(*n)++;
}

/*
 * A wait with fence behind each step: context cache, then PASID cache, then
 * IOTLB, as 6.5.3.3 orders them. Each writes its number to the status word.
 */
static u32 put_step(struct vtd_work *w, u32 *n, u32 step, u64 desc)
{
	put_desc(w, n, desc, 0);
	put_desc(w, n,
		 DESC_WAIT | DESC_WAIT_SW | DESC_WAIT_FN |
			 field_put(DESC_WAIT_DATA, step + 1),
		 w->status);
	return step + 1;
}

static int wait_status(struct vtd_work *w, u32 want)
{
	struct poll p = poll_start(&w->s, 1);
	u32 status = 0;
	bool more;
	int err;

	do {
		more = poll_again(&w->s, &p);
		err = mem_read(w->s.q->mem, w->status, &status, sizeof(status));
		if (!err && status != want)
			err = queue_error(w);
	} while (!err && status != want && more);
	poll_end(&w->s, &p);
	if (err)
		return quiesce_fail(&w->s, err, IOMMU_AT_QUEUE, w->status,
				    status, want);
	if (status != want)
		return quiesce_fail(&w->s, IOMMU_ETIMEOUT, IOMMU_AT_QUEUE,
				    w->status, status, want);
	return IOMMU_OK;
}

static int invalidate_queued(struct vtd_work *w)
{
	struct mmio *r = w->s.q->mmio;
	u64 iotlb = DESC_IOTLB_GLOBAL;
	u32 n = 0, step = 0, shift = w->c.ecap & ECAP_SMTS ? 5 : 4;
	int err = start_queue(w);

	if (err)
		return err;
	if (w->c.cap & CAP_DWD)
		iotlb |= DESC_IOTLB_DW;
	if (w->c.cap & CAP_DRD)
		iotlb |= DESC_IOTLB_DR;
	step = put_step(w, &n, step, DESC_CC_GLOBAL);
	if (w->scalable)
		step = put_step(w, &n, step, DESC_PASID_GLOBAL);
	step = put_step(w, &n, step, iotlb);
	if (w->s.write_err)
		return quiesce_fail(&w->s, w->s.write_err, IOMMU_AT_QUEUE,
				    w->queue, n, 0);
	r->write64(r, VTD_IQT, (u64)n << shift);
	err = wait_status(w, step);
	if (!err)
		w->s.res->invalidation = IOMMU_INVALIDATION_QUEUED;
	return err;
}

/* --- register-based invalidation (6.5.1) --- */

/* @actual: what the unit says it did; 0: it ignored the command. */
static int invalidate_reg(struct vtd_work *w, u32 off, u64 cmd, u64 busy,
			  u64 actual)
{
	struct mmio *r = w->s.q->mmio;
	u64 val;
	int err;

	if ((u64)off + 8 > r->len)
		return quiesce_fail(&w->s, IOMMU_EFORM, IOMMU_AT_REGISTER, off,
				    r->len, 0);
	err = poll_reg(&w->s, off, 8, busy, 0, 1);
	if (err)
		return err;
	r->write64(r, off, cmd | busy);
	err = poll_reg(&w->s, off, 8, busy, 0, 1);
	if (err)
		return err;
	val = r->read64(r, off);
	if (!(val & actual))
		return quiesce_fail(&w->s, IOMMU_EHARDWARE, IOMMU_AT_REGISTER,
				    off, val, cmd);
	return IOMMU_OK;
}

static int invalidate_registers(struct vtd_work *w)
{
	u32 iotlb = field(ECAP_IRO, w->c.ecap) * 16 + VTD_IOTLB;
	u64 cmd = IOTLB_IIRG_GLOBAL;
	int err;

	if (w->c.cap & CAP_DWD)
		cmd |= IOTLB_DW;
	if (w->c.cap & CAP_DRD)
		cmd |= IOTLB_DR;
	err = invalidate_reg(w, VTD_CCMD, CCMD_CIRG_GLOBAL, CCMD_ICC,
			     CCMD_CAIG);
	if (!err)
		err = invalidate_reg(w, iotlb, cmd, IOTLB_IVT, IOTLB_IAIG);
	if (!err)
		w->s.res->invalidation = IOMMU_INVALIDATION_REGISTERS;
	return err;
}

static int invalidate(struct vtd_work *w)
{
	const char *why;
	enum iommu_invalidation how;
	int err = vtd_choose_invalidation(&w->c, w->scalable, &how, &why);

	if (err)
		return quiesce_fail(&w->s, err, IOMMU_AT_REGISTER, VTD_ECAP,
				    w->c.ecap, w->c.cap);
	if (how == IOMMU_INVALIDATION_QUEUED)
		return invalidate_queued(w);
	return how == IOMMU_INVALIDATION_REGISTERS ? invalidate_registers(w)
						   : IOMMU_OK;
}

/* --- faults --- */

/* The crash kernel would report what the snapshot already has. */
static void clear_faults(struct vtd_work *w)
{
	struct mmio *r = w->s.q->mmio;
	u32 i, n = field(CAP_NFR, w->c.cap) + 1;
	u64 off;

	for (i = 0; i < n; i++) {
		off = field(CAP_FRO, w->c.cap) * 16 + (u64)i * FRCD_BYTES;
		if (off + FRCD_BYTES > r->len)
			break;
		if (r->read32(r, off + FRCD_DWORD3) & FRCD_F32)
			r->write32(r, off + FRCD_DWORD3, FRCD_F32);
	}
	r->write32(r, VTD_FSTS, FSTS_PFO);
}

/* --- all of it --- */

static int build(struct vtd_work *w, u64 *root)
{
	struct iommu_quiesce *q = w->s.q;
	u64 used = q->arena->used;
	const char *why;
	int err;

	w->queue = vtd_alloc(w);
	w->status = vtd_alloc(w);
	if (!w->queue || !w->status)
		return quiesce_fail(&w->s, IOMMU_ENOSPACE, IOMMU_AT_QUEUE, 0,
				    q->arena->used, q->arena->area.len);
	err = vtd_choose_form(&w->c, &w->scalable, &w->s.form, &why);
	if (err)
		return quiesce_fail(&w->s, err, IOMMU_AT_REGISTER, VTD_RTADDR,
				    w->s.res->root_before, w->c.ecap);
	w->copying = vtd_copy_init(w);
	err = vtd_build(w, root);
	if (err)
		return quiesce_fail(&w->s, err, IOMMU_AT_ROOT, *root,
				    q->arena->used, q->arena->area.len);
	if (q->mem->flush && (!(w->c.ecap & ECAP_C) ||
			      (w->scalable && !(w->c.ecap & ECAP_SMPWC))))
		q->mem->flush(q->mem, q->arena->area.start + used,
			      q->arena->used - used);
	return IOMMU_OK;
}

static void switch_unit(struct vtd_work *w)
{
	struct mmio *r = w->s.q->mmio;
	u64 root = 0;
	u32 fectl;

	fectl = r->read32(r, VTD_FECTL);
	r->write32(r, VTD_FECTL, fectl | FECTL_IM);
	if (build(w, &root) || set_root(w, root))
		return;
	w->s.res->outcome = IOMMU_PARTLY;
	invalidate(w);
	if (!w->c.on)
		command(w, GCMD_TE, true, GCMD_TE);
	clear_faults(w);
	if (!w->s.res->err)
		w->s.res->outcome = IOMMU_DONE;
}

void vtd_quiesce(struct iommu_quiesce *q, struct iommu_result *res)
{
	struct vtd_work *w = q->work;
	int err;

	memset(w, 0, sizeof(*w));
	quiesce_start(&w->s, q, res);
	w->s.c = &w->c;
	w->regs = (struct iommu_regs)IOMMU_REGS(w->reg);
	err = vtd_read_regs(q->mmio, &w->regs);
	if (!err)
		err = vtd_describe(&w->regs, &w->c);
	if (!err && q->mmio->len < VTD_IRTA)
		err = IOMMU_EFORM;
	if (err) {
		quiesce_fail(&w->s, err, IOMMU_AT_REGISTER, VTD_VER,
			     q->mmio->len, 0);
		return;
	}
	iommu_reg_get(&w->regs, VTD_RTADDR, &res->root_before);
	if (quiesce_wanted(&w->s))
		switch_unit(w);
	res->root_after = q->mmio->read64(q->mmio, VTD_RTADDR);
}
