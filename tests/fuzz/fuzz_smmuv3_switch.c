// SPDX-License-Identifier: GPL-2.0-only
/*
 * SMMUv3, target quiesce: the switch on registers, a stream table, context
 * descriptors and page tables of any content.
 */
#include <string.h>

#include "../../iommu/smmuv3/smmuv3.h"
#include "switch.h"

/* Of N_SWITCH_CONTROL, behind STRTAB_BASE_CFG in its low half: CR0, and this */
#define SHIFT_CR0 32
#define STUCK BIT64(62)	  /* commands are not read */
#define NO_GBPA BIT64(61) /* all passes while the unit is off */

struct unit {
	struct mmio mmio;
	struct fuzz_mem *mem;
	u64 clock, how;
	u64 strtab_base, cmdq_base, idr0, idr1, idr3, idr5;
	u64 cfg, cr0, gbpa, irq_ctrl, gerror, gerrorn, prod, cons;
};

static u64 *reg(struct unit *u, u32 off)
{
	switch (off) {
	case SMMUV3_IDR0:
		return &u->idr0;
	case SMMUV3_IDR1:
		return &u->idr1;
	case SMMUV3_IDR3:
		return &u->idr3;
	case SMMUV3_IDR5:
		return &u->idr5;
	case SMMUV3_CR0:
	case SMMUV3_CR0ACK:
		return &u->cr0;
	case SMMUV3_GBPA:
		return &u->gbpa;
	case SMMUV3_IRQ_CTRL:
	case SMMUV3_IRQ_CTRLACK:
		return &u->irq_ctrl;
	case SMMUV3_GERROR:
		return &u->gerror;
	case SMMUV3_GERRORN:
		return &u->gerrorn;
	case SMMUV3_STRTAB_BASE:
		return &u->strtab_base;
	case SMMUV3_STRTAB_BASE_CFG:
		return &u->cfg;
	case SMMUV3_CMDQ_BASE:
		return &u->cmdq_base;
	case SMMUV3_CMDQ_PROD:
		return &u->prod;
	case SMMUV3_CMDQ_CONS:
		return &u->cons;
	}
	return NULL;
}

static u64 read64(struct mmio *r, u32 off)
{
	struct unit *u = (struct unit *)r;
	u64 *val = reg(u, off);

	u->clock++;
	return val ? *val : 0;
}

static u32 read32(struct mmio *r, u32 off)
{
	FUZZ_RULE(off + 4 <= r->len && !(off & 3));
	return (u32)read64(r, off);
}

/* Commands do nothing here: those that are there have been read. */
static void write64(struct mmio *r, u32 off, u64 val)
{
	struct unit *u = (struct unit *)r;
	u64 *to = reg(u, off);

	FUZZ_RULE(to && off != SMMUV3_IDR0 && off != SMMUV3_IDR1 &&
		  off != SMMUV3_CR0ACK);
	FUZZ_RULE(!(u->cr0 & CR0_SMMUEN) ||
		  (off != SMMUV3_STRTAB_BASE && off != SMMUV3_STRTAB_BASE_CFG));
	u->clock++;
	if (off == SMMUV3_GBPA)
		val = u->how & NO_GBPA ? 0 : val & ~GBPA_UPDATE;
	*to = val;
	if (u->cr0 & CR0_CMDQEN && !(u->how & STUCK))
		u->cons = u->prod;
}

static void write32(struct mmio *r, u32 off, u32 val)
{
	write64(r, off, val);
}

static u64 now_us(struct mmio *r)
{
	return ((struct unit *)r)->clock++;
}

int fuzz_smmuv3_switch(const u8 *data, size_t len)
{
	u64 how = fuzz_number(data, len, N_SWITCH_CONTROL);
	u64 cap = fuzz_number(data, len, N_CAP);
	u64 ecap = fuzz_number(data, len, N_ECAP);
	struct iommu_result res;
	struct fuzz_mem m;
	struct unit u = {
		.mmio = { read32, read64, write32, write64, now_us, 0x20000 },
		.mem = &m,
		.how = how,
		.idr0 = (u32)cap,
		.idr1 = cap >> 32,
		/* Larger pages alone end in one of the arena, not in SCRATCH. */
		.idr5 = (u32)ecap | IDR5_GRAN4K,
		.idr3 = ecap >> 32,
		.strtab_base = fuzz_number(data, len, N_RTADDR),
		.cfg = (u32)how,
		.cr0 = how >> SHIFT_CR0 & 0x1f,
	};
	u64 used;

	switch_begin(&m, data, len);
	/* Tables whose entries are copied: those of pages are used on. */
	fuzz_mem_change(&m, u.strtab_base & STRTAB_BASE_ADDR,
			fuzz_number(data, len, N_CHANGE) & 0xffff);
	used = switch_unit(IOMMU_VENDOR_SMMUV3, &m, &u.mmio, data, len, &res);
	if (res.outcome == IOMMU_DONE) {
		FUZZ_RULE(u.cr0 & CR0_SMMUEN);
		FUZZ_RULE(span_holds(&m.arena, u.strtab_base & STRTAB_BASE_ADDR,
				     64));
		switch_check(IOMMU_VENDOR_SMMUV3, &u.mmio, &m,
			     &(struct span){ 0, 0 }, data, len);
	}
	switch_end(&m, used);
	return 0;
}
