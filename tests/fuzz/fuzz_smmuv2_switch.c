// SPDX-License-Identifier: GPL-2.0-only
/*
 * SMMUv2, target quiesce: the switch on registers and page tables of any
 * content. Behind the numbers the input is read as registers too: offset and
 * value, 12 bytes each.
 */
#include <string.h>

#include "../../iommu/smmuv2/smmuv2.h"
#include "switch.h"

#define SPACE 0x40000u
#define STUCK BIT64(62) /* the TLB is never done */

struct unit {
	struct mmio mmio;
	u64 clock;
	bool stuck;
	u8 *reg;
};

static u64 read_bytes(struct unit *u, u32 off, u32 width)
{
	u64 val = 0;

	FUZZ_RULE(off + width <= SPACE && !(off & 3));
	u->clock++;
	if (off == SMMUV2_TLBGSTATUS)
		return u->stuck ? TLBGSTATUS_ACTIVE : 0;
	memcpy(&val, u->reg + off, width);
	return val;
}

static void write_bytes(struct unit *u, u32 off, u64 val, u32 width)
{
	FUZZ_RULE(off + width <= SPACE && !(off & 3));
	FUZZ_RULE(off < SMMUV2_ID0 || off > SMMUV2_ID7);
	u->clock++;
	/* Faults are cleared by writing what is set. */
	if (off == SMMUV2_GFSR)
		val = read_bytes(u, off, width) & ~val;
	memcpy(u->reg + off, &val, width);
}

static u32 read32(struct mmio *r, u32 off)
{
	return (u32)read_bytes((struct unit *)r, off, 4);
}

static u64 read64(struct mmio *r, u32 off)
{
	return read_bytes((struct unit *)r, off, 8);
}

static void write32(struct mmio *r, u32 off, u32 val)
{
	write_bytes((struct unit *)r, off, val, 4);
}

static void write64(struct mmio *r, u32 off, u64 val)
{
	write_bytes((struct unit *)r, off, val, 8);
}

static u64 now_us(struct mmio *r)
{
	return ((struct unit *)r)->clock++;
}

static void put(struct unit *u, u32 off, u64 val)
{
	u32 word = (u32)val;

	memcpy(u->reg + off, &word, sizeof(word));
}

static void fill(struct unit *u, const u8 *data, size_t len)
{
	size_t at = FUZZ_NUMBERS * sizeof(u64);
	u32 off;

	for (; at + 12 <= len; at += 12) {
		memcpy(&off, data + at, sizeof(off));
		memcpy(u->reg + (off % SPACE & ~7u), data + at + 4,
		       sizeof(u64));
	}
	put(u, SMMUV2_ID0, fuzz_number(data, len, N_CAP));
	put(u, SMMUV2_ID1, fuzz_number(data, len, N_CAP) >> 32);
	put(u, SMMUV2_ID2, fuzz_number(data, len, N_ECAP) | ID2_PTFS_4K);
	put(u, SMMUV2_CR0, fuzz_number(data, len, N_SWITCH_CONTROL));
}

int fuzz_smmuv2_switch(const u8 *data, size_t len)
{
	struct iommu_result res;
	struct fuzz_mem m;
	struct unit u = {
		.mmio = { read32, read64, write32, write64, now_us, SPACE },
		.stuck = fuzz_number(data, len, N_SWITCH_CONTROL) & STUCK,
		.reg = calloc(1, SPACE),
	};
	u64 used;

	if (!u.reg)
		abort();
	fill(&u, data, len);
	switch_begin(&m, data, len);
	used = switch_unit(IOMMU_VENDOR_SMMUV2, &m, &u.mmio, data, len, &res);
	if (res.outcome == IOMMU_DONE) {
		FUZZ_RULE(!(read32(&u.mmio, SMMUV2_CR0) & SCR0_CLIENTPD));
		switch_check(IOMMU_VENDOR_SMMUV2, &u.mmio, &m,
			     &(struct span){ 0, 0 }, data, len);
	}
	switch_end(&m, used);
	free(u.reg);
	return 0;
}
