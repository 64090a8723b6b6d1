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

/* No register read is faster than 1/8 us. */
#define POLLS_PER_US 8
#define POLLS_MIN 1000

struct unit {
	struct iommu_quiesce *q;
	struct iommu_result *res;
	struct mmio *r;
	const struct iommu_config *c;
	u64 time_left; /* us, for polls */
	u64 polls_left;
	u64 queue, status; /* pages of our own invalidation queue */
};

static int fail(struct unit *u, u32 err, u32 level, u64 where, u64 raw0,
		u64 raw1)
{
	struct iommu_result *res = u->res;

	/* The first error is the cause of the others. */
	if (!res->err) {
		res->err = err;
		res->evidence.err = err;
		res->evidence.level = level;
		res->evidence.where = where;
		res->evidence.raw[0] = raw0;
		res->evidence.raw[1] = raw1;
		res->evidence.raw_words = 2;
	}
	return err;
}

/* --- bounded polls --- */

struct poll {
	u64 start;
	u64 time; /* us, and polls, that this one may take */
	u64 polls;
};

/* A poll that may take the @share'th part of what is left. */
static struct poll poll_start(struct unit *u, u32 share)
{
	return (struct poll){ .start = u->r->now_us(u->r),
			      .time = u->time_left / share,
			      .polls = u->polls_left / share };
}

static bool poll_again(struct unit *u, struct poll *p)
{
	if (!p->polls)
		return false;
	p->polls--;
	u->polls_left--;
	return u->r->now_us(u->r) - p->start < p->time;
}

static void poll_end(struct unit *u, const struct poll *p)
{
	u64 spent = u->r->now_us(u->r) - p->start;

	u->time_left -= spent < u->time_left ? spent : u->time_left;
}

static u64 reg_read(struct unit *u, u32 off, u32 width)
{
	return width == 8 ? u->r->read64(u->r, off) : u->r->read32(u->r, off);
}

/* Until the bits of @mask read as @want. The last value is read after time. */
static int wait_reg(struct unit *u, u32 off, u32 width, u64 mask, u64 want)
{
	struct poll p = poll_start(u, 1);
	bool more;
	u64 val;

	do {
		more = poll_again(u, &p);
		val = reg_read(u, off, width);
	} while ((val & mask) != want && more);
	poll_end(u, &p);
	if ((val & mask) == want)
		return IOMMU_OK;
	return fail(u, IOMMU_ETIMEOUT, IOMMU_AT_REGISTER, off, val, mask);
}

/* --- commands (11.4.4.1: one at a time, then poll the status) --- */

static int command(struct unit *u, u64 bit, bool on, u64 done)
{
	u64 gsts = u->r->read32(u->r, VTD_GSTS) & GCMD_KEEP;

	if ((u->c->cap & CAP_ECMDS) && u->r->len >= VTD_ECRSP + 8 &&
	    wait_reg(u, VTD_ECRSP, 8, ECRSP_IP, 0))
		return u->res->err;
	gsts = on ? gsts | bit : gsts & ~bit;
	u->r->write32(u->r, VTD_GCMD, gsts);
	return wait_reg(u, VTD_GSTS, 4, bit, done);
}

static int flush_write_buffer(struct unit *u)
{
	if (!(u->c->cap & CAP_RWBF))
		return IOMMU_OK;
	return command(u, GCMD_WBF, true, 0);
}

/* --- switch --- */

static int set_root(struct unit *u, u64 root)
{
	u64 back;
	int err;

	err = flush_write_buffer(u);
	if (err)
		return err;
	u->r->write64(u->r, VTD_RTADDR, root);
	back = u->r->read64(u->r, VTD_RTADDR);
	if (back != root)
		err = fail(u, IOMMU_EREADBACK, IOMMU_AT_REGISTER, VTD_RTADDR,
			   back, root);
	else
		err = command(u, GCMD_SRTP, true, GCMD_SRTP);
	/* The crash kernel must find the tables that are in use. */
	if (err)
		u->r->write64(u->r, VTD_RTADDR, u->res->root_before);
	return err;
}

/* --- queued invalidation (6.5.2) --- */

static int queue_error(struct unit *u)
{
	u64 fsts = u->r->read32(u->r, VTD_FSTS);

	if (!(fsts & FSTS_QUEUE))
		return IOMMU_OK;
	return fail(u, IOMMU_EHARDWARE, IOMMU_AT_QUEUE, VTD_FSTS, fsts,
		    u->r->read64(u->r, VTD_IQH));
}

/*
 * The dead kernel's queue is given a quarter of the time. It may hang on an
 * error of its own or wait for a device that is gone; both are recorded.
 */
static void drain_queue(struct unit *u)
{
	struct poll p = poll_start(u, 4);
	u64 head, tail;
	bool more;

	do {
		more = poll_again(u, &p);
		head = u->r->read64(u->r, VTD_IQH);
		tail = u->r->read64(u->r, VTD_IQT);
	} while (head != tail && more && !queue_error(u));
	poll_end(u, &p);
	if (head != tail)
		fail(u, IOMMU_ETIMEOUT, IOMMU_AT_QUEUE, VTD_IQH, head, tail);
}

/* Our queue in place of the dead kernel's. */
static int start_queue(struct unit *u)
{
	u64 iqa = u->queue;
	int err;

	if (u->r->read32(u->r, VTD_GSTS) & GCMD_QIE) {
		drain_queue(u);
		err = command(u, GCMD_QIE, false, 0);
		if (err)
			return err;
	}
	/* 256-bit descriptors exactly where Linux uses them; one page (QS 0). */
	if (u->c->ecap & ECAP_SMTS)
		iqa |= IQA_DW;
	u->r->write64(u->r, VTD_IQT, 0);
	u->r->write64(u->r, VTD_IQA, iqa);
	u->r->write32(u->r, VTD_FSTS, FSTS_QUEUE);
	return command(u, GCMD_QIE, true, GCMD_QIE);
}

static void put_desc(struct unit *u, u32 *n, u64 lo, u64 hi)
{
	u64 words[4] = { lo, hi };
	u32 bytes = VTD_DESC_BYTES * (u->c->ecap & ECAP_SMTS ? 2 : 1);

	u->q->mem->write(u->q->mem, u->queue + (u64)*n * bytes, words, bytes);
	(*n)++;
}

/*
 * A wait with fence behind each step: context cache, then PASID cache, then
 * IOTLB, as 6.5.3.3 orders them. Each writes its number to the status word.
 */
static u32 put_step(struct unit *u, u32 *n, u32 step, u64 desc)
{
	put_desc(u, n, desc, 0);
	put_desc(u, n,
		 DESC_WAIT | DESC_WAIT_SW | DESC_WAIT_FN |
			 field_put(DESC_WAIT_DATA, step + 1),
		 u->status);
	return step + 1;
}

static int wait_status(struct unit *u, u32 want)
{
	struct poll p = poll_start(u, 1);
	u32 status = 0;
	bool more;
	int err;

	do {
		more = poll_again(u, &p);
		err = mem_read(u->q->mem, u->status, &status, sizeof(status));
		if (!err && status != want)
			err = queue_error(u);
	} while (!err && status != want && more);
	poll_end(u, &p);
	if (err)
		return fail(u, err, IOMMU_AT_QUEUE, u->status, status, want);
	if (status != want)
		return fail(u, IOMMU_ETIMEOUT, IOMMU_AT_QUEUE, u->status,
			    status, want);
	return IOMMU_OK;
}

static int invalidate_queued(struct unit *u, bool scalable)
{
	u64 iotlb = DESC_IOTLB_GLOBAL;
	u32 n = 0, step = 0, shift = u->c->ecap & ECAP_SMTS ? 5 : 4;
	int err = start_queue(u);

	if (err)
		return err;
	if (u->c->cap & CAP_DWD)
		iotlb |= DESC_IOTLB_DW;
	if (u->c->cap & CAP_DRD)
		iotlb |= DESC_IOTLB_DR;
	step = put_step(u, &n, step, DESC_CC_GLOBAL);
	if (scalable)
		step = put_step(u, &n, step, DESC_PASID_GLOBAL);
	step = put_step(u, &n, step, iotlb);
	u->r->write64(u->r, VTD_IQT, (u64)n << shift);
	err = wait_status(u, step);
	if (!err)
		u->res->invalidation = 1;
	return err;
}

/* --- register-based invalidation (6.5.1) --- */

/* @actual: what the unit says it did; 0: it ignored the command. */
static int invalidate_reg(struct unit *u, u32 off, u64 cmd, u64 busy,
			  u64 actual)
{
	u64 val;
	int err;

	if ((u64)off + 8 > u->r->len)
		return fail(u, IOMMU_EFORM, IOMMU_AT_REGISTER, off, u->r->len,
			    0);
	err = wait_reg(u, off, 8, busy, 0);
	if (err)
		return err;
	u->r->write64(u->r, off, cmd | busy);
	err = wait_reg(u, off, 8, busy, 0);
	if (err)
		return err;
	val = u->r->read64(u->r, off);
	if (!(val & actual))
		return fail(u, IOMMU_EHARDWARE, IOMMU_AT_REGISTER, off, val,
			    cmd);
	return IOMMU_OK;
}

static int invalidate_registers(struct unit *u)
{
	u32 iotlb = field(ECAP_IRO, u->c->ecap) * 16 + VTD_IOTLB;
	u64 cmd = IOTLB_IIRG_GLOBAL;
	int err;

	if (u->c->cap & CAP_DWD)
		cmd |= IOTLB_DW;
	if (u->c->cap & CAP_DRD)
		cmd |= IOTLB_DR;
	err = invalidate_reg(u, VTD_CCMD, CCMD_CIRG_GLOBAL, CCMD_ICC,
			     CCMD_CAIG);
	if (!err)
		err = invalidate_reg(u, iotlb, cmd, IOTLB_IVT, IOTLB_IAIG);
	if (!err)
		u->res->invalidation = 2;
	return err;
}

static int invalidate(struct unit *u, bool scalable)
{
	if (u->c->ecap & ECAP_QI)
		return invalidate_queued(u, scalable);
	/* Register-based is ignored in any other case (11.4.6). */
	if (!scalable && field(VTD_VER_MAJOR, u->c->version) < 6)
		return invalidate_registers(u);
	/* SRTP has invalidated everything by itself (11.4.4.1). */
	if (u->c->cap & CAP_ESRTPS)
		return IOMMU_OK;
	return fail(u, IOMMU_EUNSUPPORTED, IOMMU_AT_REGISTER, VTD_ECAP,
		    u->c->ecap, u->c->cap);
}

/* --- faults --- */

/* The crash kernel would report what the snapshot already has. */
static void clear_faults(struct unit *u)
{
	u32 i, n = field(CAP_NFR, u->c->cap) + 1;
	u64 off;

	for (i = 0; i < n; i++) {
		off = field(CAP_FRO, u->c->cap) * 16 + (u64)i * FRCD_BYTES;
		if (off + FRCD_BYTES > u->r->len)
			break;
		if (u->r->read32(u->r, off + FRCD_DWORD3) & FRCD_F32)
			u->r->write32(u->r, off + FRCD_DWORD3, FRCD_F32);
	}
	u->r->write32(u->r, VTD_FSTS, FSTS_PFO);
}

/* --- all of it --- */

static int build(struct unit *u, struct vtd_builder *b, u64 *root)
{
	struct iommu_quiesce *q = u->q;
	u64 used = q->arena->used;
	int err;

	u->queue = iommu_arena_alloc(q->arena, q->mem, PAGE_4K);
	u->status = iommu_arena_alloc(q->arena, q->mem, PAGE_4K);
	if (!u->queue || !u->status)
		return fail(u, IOMMU_ENOSPACE, IOMMU_AT_QUEUE, 0,
			    q->arena->used, q->arena->area.len);
	err = vtd_builder_init(b, q, u->res, u->c);
	if (err)
		return fail(u, err, IOMMU_AT_REGISTER, VTD_RTADDR,
			    u->res->root_before, u->c->ecap);
	err = vtd_build(b, root);
	if (err)
		return fail(u, err, IOMMU_AT_ROOT, *root, q->arena->used,
			    q->arena->area.len);
	if (q->mem->flush && (!(u->c->ecap & ECAP_C) ||
			      (b->scalable && !(u->c->ecap & ECAP_SMPWC))))
		q->mem->flush(q->mem, q->arena->area.start + used,
			      q->arena->used - used);
	return IOMMU_OK;
}

static void switch_unit(struct unit *u)
{
	struct vtd_builder b;
	u64 root = 0;
	u32 fectl;

	fectl = u->r->read32(u->r, VTD_FECTL);
	u->r->write32(u->r, VTD_FECTL, fectl | FECTL_IM);
	if (build(u, &b, &root) || set_root(u, root))
		return;
	u->res->outcome = IOMMU_PARTLY;
	invalidate(u, b.scalable);
	if (!u->c->on)
		command(u, GCMD_TE, true, GCMD_TE);
	clear_faults(u);
	if (!u->res->err)
		u->res->outcome = IOMMU_DONE;
}

void vtd_quiesce(struct iommu_quiesce *q, struct iommu_result *res)
{
	struct iommu_reg reg[64];
	struct iommu_regs regs = IOMMU_REGS(reg);
	struct iommu_config c;
	struct unit u = {
		.q = q,
		.res = res,
		.r = q->mmio,
		.c = &c,
		.time_left = q->budget_us,
		.polls_left = (u64)q->budget_us * POLLS_PER_US + POLLS_MIN,
	};
	int err;

	memset(res, 0, sizeof(*res));
	res->outcome = IOMMU_LEFT;
	err = vtd_read_regs(q->mmio, &regs);
	if (!err)
		err = vtd_describe(&regs, &c);
	if (!err && q->mmio->len < VTD_IRTA)
		err = IOMMU_EFORM;
	if (err) {
		fail(&u, err, IOMMU_AT_REGISTER, VTD_VER, q->mmio->len, 0);
		return;
	}
	iommu_reg_get(&regs, VTD_RTADDR, &res->root_before);
	if (q->mode == IOMMU_MODE_RECORD)
		res->outcome = IOMMU_READ_ONLY;
	else if (q->mode != IOMMU_MODE_COPY && q->mode != IOMMU_MODE_ABORT &&
		 q->mode != IOMMU_MODE_SINK)
		fail(&u, IOMMU_EUNSUPPORTED, 0, 0, q->mode, 0);
	else if (!q->mem->write || !q->arena)
		fail(&u, IOMMU_ENOSPACE, IOMMU_AT_ROOT, 0, 0, 0);
	else
		switch_unit(&u);
	res->root_after = q->mmio->read64(q->mmio, VTD_RTADDR);
}
