// SPDX-License-Identifier: GPL-2.0-only
/*
 * AMD-Vi: the command buffer. It stays the dead kernel's own, which the crash
 * kernel may go on with (Linux 7.2), unless that lies nowhere. Whatever state
 * it was left in is looked at first, and each wait has a bound.
 */
#include "iommu.h"
#include "../env.h"
#include "amdvi.h"
#include "tables.h"

/* --- the ring --- */

#define OWN_RING_LEN 9 /* 512 entries, as every Linux has */
#define OWN_RING_BYTES (RING_ENTRY_BYTES << OWN_RING_LEN)

static bool running(struct amdvi_work *w)
{
	struct mmio *r = w->s.q->mmio;

	return r->read64(r, AMDVI_STATUS) & STATUS_CMD_BUF_RUN;
}

/* Is the ring the dead kernel's, in memory that we may write? */
static bool ring_found(struct amdvi_work *w)
{
	u64 base = 0;

	iommu_reg_get(&w->regs, AMDVI_CMD_BUF, &base);
	w->ring.base = base & RING_ADDR;
	w->ring.bytes = amdvi_ring_bytes(base);
	return w->s.q->mem->store64 && w->ring.bytes &&
	       old_is_ram(&w->s, w->ring.base, w->ring.bytes);
}

/* Behind the last entry is the first one, which not every unit says. */
static u64 ring_head(struct amdvi_work *w)
{
	struct mmio *r = w->s.q->mmio;

	return (r->read64(r, AMDVI_CMD_HEAD) & RING_POINTER) % w->ring.bytes;
}

/*
 * Waits until the unit has read up to what it was given. False: it has stopped,
 * or takes too long.
 */
static bool drained(struct amdvi_work *w, u32 share)
{
	struct poll p = poll_start(&w->s, share);
	u64 head;
	bool more;

	do {
		more = poll_again(&w->s, &p);
		head = ring_head(w);
	} while (head != w->ring.tail && more && running(w));
	poll_end(&w->s, &p);
	return head == w->ring.tail;
}

static int own_ring(struct amdvi_work *w)
{
	struct mmio *r = w->s.q->mmio;
	u64 val, back;

	w->ring.own = true;
	w->ring.bytes = OWN_RING_BYTES;
	w->ring.base = quiesce_alloc(&w->s, w->ring.bytes, PAGE_4K);
	if (!w->ring.base)
		return quiesce_fail(&w->s, IOMMU_ENOSPACE, IOMMU_AT_QUEUE, 0,
				    w->s.q->arena->used,
				    w->s.q->arena->area.len);
	val = w->ring.base | field_put(RING_LEN, OWN_RING_LEN);
	r->write64(r, AMDVI_CMD_BUF, val);
	back = r->read64(r, AMDVI_CMD_BUF);
	return back == val
		       ? IOMMU_OK
		       : quiesce_fail(&w->s, IOMMU_EREADBACK, IOMMU_AT_REGISTER,
				      AMDVI_CMD_BUF, back, val);
}

/* 2.4: off, empty, on. The commands that were in it are lost. */
static int restart(struct amdvi_work *w, bool found)
{
	struct mmio *r = w->s.q->mmio;
	int err;

	w->control &= ~CONTROL_CMD_BUF_EN;
	r->write64(r, AMDVI_CONTROL, w->control);
	err = poll_reg(&w->s, AMDVI_STATUS, 8, STATUS_CMD_BUF_RUN, 0, 1);
	if (!err && !found)
		err = own_ring(w);
	if (err)
		return err;
	r->write64(r, AMDVI_CMD_HEAD, 0);
	r->write64(r, AMDVI_CMD_TAIL, 0);
	w->ring.tail = 0;
	w->control |= CONTROL_CMD_BUF_EN | CONTROL_IOMMU_EN;
	r->write64(r, AMDVI_CONTROL, w->control);
	return poll_reg(&w->s, AMDVI_STATUS, 8, STATUS_CMD_BUF_RUN,
			STATUS_CMD_BUF_RUN, 1);
}

/* The dead kernel's commands are given a quarter of the time. */
static int ring_start(struct amdvi_work *w)
{
	bool found = ring_found(w);
	u64 tail = 0;

	iommu_reg_get(&w->regs, AMDVI_CMD_TAIL, &tail);
	w->ring.tail = tail & RING_POINTER;
	if (found && w->c.on && w->control & CONTROL_CMD_BUF_EN &&
	    w->ring.tail < w->ring.bytes && running(w) && drained(w, 4))
		return IOMMU_OK;
	return restart(w, found);
}

static int ring_write(struct amdvi_work *w, u64 where, u64 val)
{
	struct mem *m = w->s.q->mem;

	if (!w->ring.own)
		return m->store64(m, where, val);
	quiesce_write(&w->s, where, &val, sizeof(val));
	return w->s.write_err;
}

/* Has the unit read what is in the ring? */
static int kick(struct amdvi_work *w)
{
	struct mmio *r = w->s.q->mmio;

	if (w->s.q->mem->flush && !(w->control & CONTROL_COHERENT))
		w->s.q->mem->flush(w->s.q->mem, w->ring.base, w->ring.bytes);
	r->write64(r, AMDVI_CMD_TAIL, w->ring.tail);
	if (drained(w, 1))
		return IOMMU_OK;
	return quiesce_fail(&w->s,
			    running(w) ? IOMMU_ETIMEOUT : IOMMU_EHARDWARE,
			    IOMMU_AT_QUEUE, AMDVI_CMD_HEAD, ring_head(w),
			    w->ring.tail);
}

/* A ring that is full is emptied first; it never is when this returns. */
static int put(struct amdvi_work *w, u64 lo, u64 hi)
{
	u64 where = w->ring.base + w->ring.tail;
	int err = ring_write(w, where, lo);

	if (!err)
		err = ring_write(w, where + 8, hi);
	if (err)
		return quiesce_fail(&w->s, err, IOMMU_AT_QUEUE, where, lo, hi);
	w->ring.tail = (w->ring.tail + RING_ENTRY_BYTES) % w->ring.bytes;
	w->ring.waiting += RING_ENTRY_BYTES;
	if (w->ring.waiting + RING_ENTRY_BYTES < w->ring.bytes)
		return IOMMU_OK;
	w->ring.waiting = 0;
	return kick(w);
}

/* --- what is invalidated --- */

/* Entries of requesters that may be there, or had one, or may have had one. */
static int put_entries(struct amdvi_work *w, const struct amdvi_part *p,
		       u32 first)
{
	const struct iommu_quiesce *q = w->s.q;
	bool have = w->c.on && p->ram;
	u32 i, id;
	int err = IOMMU_OK;

	if (have && mem_read(q->mem, p->old + first * AMDVI_DTE_BYTES, w->words,
			     sizeof(w->words)))
		memset(w->words, 0xff, sizeof(w->words));
	for (i = 0; i < AMDVI_PAGE_ENTRIES && first + i < p->n && !err; i++) {
		id = p->first + first + i;
		if ((have && !amdvi_blank(&w->words[i * AMDVI_DTE_WORDS])) ||
		    iommu_planned(q->ranges, q->ranges_n, id, id))
			err = put(w,
				  field_put(CMD_OPCODE, CMD_INVALIDATE_DTE) |
					  field_put(CMD_DEVICE, id),
				  0);
	}
	return err;
}

/* Every domain that an old entry was of. */
static int put_domains(struct amdvi_work *w)
{
	u32 id;
	int err = IOMMU_OK;

	for (id = 0; id < 0x10000 && !err; id++)
		if (w->did[id / 64] & BIT64(id % 64))
			err = put(w,
				  field_put(CMD_OPCODE, CMD_INVALIDATE_PAGES) |
					  field_put(CMD_PAGES_DID, id),
				  CMD_PAGES_ALL);
	return err;
}

/*
 * The word that the wait is to change. With SNP, units store where EXCL_BASE
 * says and nowhere else (2.12.2.1, Linux), and no CPU may write there.
 */
static int status_word(struct amdvi_work *w, u64 *where, u64 *before)
{
	u64 base = 0;

	iommu_reg_get(&w->regs, AMDVI_EXCL_BASE, &base);
	if (w->c.cap & EFR_SNP && base & EXCL_ADDR && !(base & EXCL_EN) &&
	    old_is_ram(&w->s, base & EXCL_ADDR, PAGE_4K))
		*where = (base & EXCL_ADDR) + 8;
	else
		*where = w->status;
	return mem_read(w->s.q->mem, *where, before, sizeof(*before));
}

static int wait(struct amdvi_work *w)
{
	u64 where, before, now, want;
	struct poll p;
	bool more;
	int err = status_word(w, &where, &before);

	if (err)
		return quiesce_fail(&w->s, err, IOMMU_AT_QUEUE, where, 0, 0);
	want = before + 1;
	err = put(w,
		  field_put(CMD_OPCODE, CMD_COMPLETION_WAIT) | CMD_WAIT_STORE |
			  (where & CMD_WAIT_ADDR),
		  want);
	if (!err)
		err = kick(w);
	if (err)
		return err;
	p = poll_start(&w->s, 1);
	do {
		more = poll_again(&w->s, &p);
		err = mem_read(w->s.q->mem, where, &now, sizeof(now));
	} while (!err && now != want && more);
	poll_end(&w->s, &p);
	if (!err && now != want)
		err = IOMMU_ETIMEOUT;
	return err ? quiesce_fail(&w->s, err, IOMMU_AT_QUEUE, where, now, want)
		   : IOMMU_OK;
}

int amdvi_invalidate(struct amdvi_work *w)
{
	const struct amdvi_part *p;
	u32 first;
	int err = ring_start(w);

	for (p = w->part; p < w->part + w->part_n; p++)
		for (first = 0; first < p->n && !err;
		     first += AMDVI_PAGE_ENTRIES)
			err = put_entries(w, p, first);
	if (!err)
		err = w->c.cap & EFR_IA
			      ? put(w,
				    field_put(CMD_OPCODE, CMD_INVALIDATE_ALL),
				    0)
			      : put_domains(w);
	if (!err)
		err = wait(w);
	if (!err)
		w->s.res->invalidation = IOMMU_INVALIDATION_QUEUED;
	return err;
}
