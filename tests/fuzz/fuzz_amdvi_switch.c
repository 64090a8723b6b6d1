// SPDX-License-Identifier: GPL-2.0-only
/*
 * AMD-Vi, target quiesce: the switch on registers, a device table, a command
 * buffer and page tables of any content; with a new table, and in place.
 */
#include <string.h>

#include "../../iommu/amdvi/amdvi.h"
#include "switch.h"

/* Of N_SWITCH_CONTROL, where CONTROL has nothing. */
#define LOCKED BIT64(62)    /* DEV_TBL keeps its value */
#define STUCK BIT64(61)	    /* commands are not read */
#define EXCLUDING BIT64(60) /* there is an exclusion range, at N_IOVA */
#define OUR_BITS (LOCKED | STUCK | EXCLUDING)
/* A larger device table would not fit into the arena. */
#define SIZE_MAX_PAGES 31u

struct unit {
	struct mmio mmio;
	struct fuzz_mem *mem;
	u64 clock, how;
	u64 dev_tbl, cmd_buf, control, efr, head, tail, excl_base, excl_limit;
};

static bool runs(const struct unit *u)
{
	return u->control & CONTROL_IOMMU_EN && u->control & CONTROL_CMD_BUF_EN;
}

/* Stores what waits ask for, in the arena; other commands do nothing here. */
static void run_ring(struct unit *u)
{
	u64 bytes = (u64)RING_ENTRY_BYTES << field(RING_LEN, u->cmd_buf);
	u64 base = u->cmd_buf & RING_ADDR, words[2], where;

	while (runs(u) && !(u->how & STUCK) && u->head != u->tail &&
	       u->tail < bytes) {
		u->head %= bytes;
		if (mem_read(&u->mem->m, base + u->head, words, 16))
			return;
		where = words[0] & CMD_WAIT_ADDR;
		if (field(CMD_OPCODE, words[0]) == CMD_COMPLETION_WAIT &&
		    words[0] & CMD_WAIT_STORE &&
		    span_holds(&u->mem->arena, where, 8))
			u->mem->m.write(&u->mem->m, where, &words[1], 8);
		u->head = (u->head + RING_ENTRY_BYTES) % bytes;
	}
}

static u64 *reg(struct unit *u, u32 off)
{
	switch (off) {
	case AMDVI_DEV_TBL:
		return &u->dev_tbl;
	case AMDVI_CMD_BUF:
		return &u->cmd_buf;
	case AMDVI_CONTROL:
		return &u->control;
	case AMDVI_EFR:
		return &u->efr;
	case AMDVI_CMD_HEAD:
		return &u->head;
	case AMDVI_CMD_TAIL:
		return &u->tail;
	case AMDVI_EXCL_BASE:
		return &u->excl_base;
	case AMDVI_EXCL_LIMIT:
		return &u->excl_limit;
	}
	return NULL;
}

static u64 read64(struct mmio *r, u32 off)
{
	struct unit *u = (struct unit *)r;
	u64 *val = reg(u, off);

	FUZZ_RULE(off + 8 <= r->len && !(off & 7));
	u->clock++;
	if (off == AMDVI_STATUS)
		return runs(u) ? STATUS_CMD_BUF_RUN : 0;
	return val ? *val : 0;
}

static void write64(struct mmio *r, u32 off, u64 val)
{
	struct unit *u = (struct unit *)r;
	u64 *to = reg(u, off);

	FUZZ_RULE(to && to != &u->efr);
	u->clock++;
	if (to != &u->dev_tbl || !(u->how & LOCKED))
		*to = val;
	run_ring(u);
}

static u32 read32(struct mmio *r, u32 off)
{
	(void)r;
	(void)off;
	FUZZ_RULE(false);
	return 0;
}

static void write32(struct mmio *r, u32 off, u32 val)
{
	(void)val;
	read32(r, off);
}

static u64 now_us(struct mmio *r)
{
	return ((struct unit *)r)->clock++;
}

int fuzz_amdvi_switch(const u8 *data, size_t len)
{
	u64 how = fuzz_number(data, len, N_SWITCH_CONTROL);
	u64 exclusion = align_down(fuzz_number(data, len, N_IOVA), PAGE_4K);
	struct iommu_result res;
	struct fuzz_mem m;
	struct unit u = {
		.mmio = { read32, read64, write32, write64, now_us,
			  AMDVI_REGS_LEN },
		.mem = &m,
		.how = how,
		.dev_tbl = fuzz_number(data, len, N_SWITCH_DEV_TBL) &
			   (DEV_TBL_ADDR | SIZE_MAX_PAGES),
		.cmd_buf = fuzz_number(data, len, N_CMD_BUF),
		.control = how & ~(OUR_BITS | CONTROL_DEV_TBL_SEG_EN),
		.efr = fuzz_number(data, len, N_SWITCH_EFR),
	};
	u64 used;

	if (how & EXCLUDING) {
		u.excl_base = exclusion | EXCL_EN | (how >> 8 & EXCL_ALLOW);
		u.excl_limit = exclusion + PAGE_4K;
	}
	switch_begin(&m, data, len);
	/* A table that is edited in place may change again afterwards. */
	if (!(how & LOCKED))
		fuzz_mem_change(&m, u.dev_tbl & DEV_TBL_ADDR,
				fuzz_number(data, len, N_CHANGE) & 0xffff);
	used = switch_unit(IOMMU_VENDOR_AMDVI, &m, &u.mmio, data, len, &res);
	if (res.outcome == IOMMU_DONE) {
		FUZZ_RULE(u.control & CONTROL_IOMMU_EN);
		switch_check(IOMMU_VENDOR_AMDVI, &u.mmio, &m,
			     &(struct span){ u.dev_tbl & DEV_TBL_ADDR,
					     (SIZE_MAX_PAGES + 1) * PAGE_4K },
			     data, len);
	}
	switch_end(&m, used);
	return 0;
}
