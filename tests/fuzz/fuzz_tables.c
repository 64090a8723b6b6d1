// SPDX-License-Identifier: GPL-2.0-only
/* The walker and the switch on tables, and registers, of any content. */
#include "../../iommu/vtd/vtd.h"
#include "list.h"
#include "switch.h"

static void config(const u8 *data, size_t len, u64 cap, struct iommu_regs *regs)
{
	iommu_reg_put(regs, VTD_VER, 4, 0x10);
	iommu_reg_put(regs, VTD_CAP, 8, cap);
	iommu_reg_put(regs, VTD_ECAP, 8, fuzz_number(data, len, N_ECAP));
	iommu_reg_put(regs, VTD_GSTS, 4, GCMD_TE | GCMD_IRE);
	iommu_reg_put(regs, VTD_IRTA, 8, fuzz_number(data, len, N_IRTA));
	iommu_reg_put(regs, VTD_RTADDR, 8, fuzz_number(data, len, N_RTADDR));
}

/* What the list says of an address, a translation must say as well. */
static void check_run(const struct iommu_config *c, struct fuzz_mem *m,
		      const struct iommu_domain *d, const struct iommu_run *run)
{
	struct iommu_evidence ev;
	struct iommu_xlat x;

	if (d->kind == IOMMU_KIND_NESTED ||
	    iommu_translate(c, &m->m, d, run->iova,
			    run->perm & IOMMU_R ? IOMMU_R : IOMMU_W, &x, &ev))
		return;
	FUZZ_RULE(x.pa == run->pa);
}

int fuzz_walk(const u8 *data, size_t len)
{
	const struct iommu_vendor *v = iommu_vendor(IOMMU_VENDOR_VTD);
	u64 pasid = fuzz_number(data, len, N_PASID);
	struct iommu_evidence ev;
	struct iommu_domain d;
	struct iommu_config c;
	struct iommu_xlat x;
	struct iommu_reg reg[IOMMU_REGS_MAX];
	struct iommu_regs regs = IOMMU_REGS(reg);
	struct fuzz_mem m;
	unsigned int i;

	fuzz_mem_init(&m, data, len);
	config(data, len, fuzz_number(data, len, N_CAP), &regs);
	if (!v->describe(&regs, &c) &&
	    !v->lookup(&c, &m.m, fuzz_number(data, len, N_REQUESTER),
		       pasid ? pasid & 0xfffff : ~0u, &d, &ev)) {
		iommu_translate(&c, &m.m, &d, fuzz_number(data, len, N_IOVA),
				IOMMU_R, &x, &ev);
		for (i = 0; i < ARRAY_SIZE(d.stage); i++)
			if (d.stage[i].format)
				fuzz_list(&c, &m, &d, &d.stage[i], check_run);
	}
	fuzz_irqs(v, &regs, &m, 0);
	fuzz_mem_free(&m);
	return 0;
}

/* --- the switch: a unit that does what it is told, at once --- */

struct unit {
	struct mmio mmio;
	const u8 *data;
	size_t len;
	struct fuzz_mem *mem;
	u64 clock, rtaddr, iqa, iqt, ccmd, iotlb;
	u32 gsts;
};

/*
 * An identity map in pages of 4 KiB would take nearly all the time: units of
 * the switch have larger ones, but where a bit that GSTS lacks says otherwise.
 */
#define SMALL_PAGES BIT64(63)

static u64 switch_cap(const u8 *data, size_t len)
{
	u64 cap = fuzz_number(data, len, N_CAP);

	return fuzz_number(data, len, N_GSTS) & SMALL_PAGES
		       ? cap
		       : cap | CAP_SSLPS_2M | CAP_SSLPS_1G;
}

static void run_queue(struct unit *u, u64 tail)
{
	u32 bytes = u->iqa & IQA_DW ? 32 : 16, status;
	u64 at, words[2];

	for (at = 0; at < (tail & 0xfff); at += bytes) {
		if (mem_read(&u->mem->m, (u->iqa & IQA_IQA) + at, words, 16))
			return;
		status = field(DESC_WAIT_DATA, words[0]);
		if ((words[0] & 0xf) == DESC_WAIT)
			u->mem->m.write(&u->mem->m, words[1], &status, 4);
	}
}

static u64 read_reg(struct unit *u, u32 off)
{
	FUZZ_RULE(off < u->mmio.len);
	u->clock++;
	switch (off) {
	case VTD_VER:
		return 0x10;
	case VTD_CAP:
		return switch_cap(u->data, u->len);
	case VTD_ECAP:
		return fuzz_number(u->data, u->len, N_ECAP);
	case VTD_GSTS:
		return u->gsts;
	case VTD_RTADDR:
		return u->rtaddr;
	case VTD_IQT:
	case VTD_IQH:
		return u->iqt;
	}
	return 0;
}

static void write_reg(struct unit *u, u32 off, u64 val)
{
	FUZZ_RULE(off < u->mmio.len);
	u->clock++;
	switch (off) {
	case VTD_GCMD:
		u->gsts = val;
		break;
	case VTD_RTADDR:
		u->rtaddr = val;
		break;
	case VTD_IQA:
		u->iqa = val;
		break;
	case VTD_IQT:
		u->iqt = val;
		if (u->gsts & GCMD_QIE)
			run_queue(u, val);
		break;
	}
}

static u32 read32(struct mmio *r, u32 off)
{
	return read_reg((struct unit *)r, off);
}

static u64 read64(struct mmio *r, u32 off)
{
	return read_reg((struct unit *)r, off);
}

static void write32(struct mmio *r, u32 off, u32 val)
{
	write_reg((struct unit *)r, off, val);
}

static void write64(struct mmio *r, u32 off, u64 val)
{
	write_reg((struct unit *)r, off, val);
}

static u64 now_us(struct mmio *r)
{
	return ((struct unit *)r)->clock++;
}

static u32 reaches_guard(struct mem *m, struct unit *u, const u8 *data,
			 size_t len)
{
	struct iommu_reg reg[IOMMU_REGS_MAX];
	struct iommu_regs regs = IOMMU_REGS(reg);

	config(data, len, switch_cap(data, len), &regs);
	regs.r[regs.n - 1].val = u->rtaddr;
	return switch_reached(IOMMU_VENDOR_VTD, &regs, m, data, len);
}

int fuzz_quiesce(const u8 *data, size_t len)
{
	struct iommu_result res;
	struct fuzz_mem m, before;
	struct unit u = {
		.mmio = { read32, read64, write32, write64, now_us, 0x1000 },
		.data = data,
		.len = len,
		.mem = &m,
		.rtaddr = fuzz_number(data, len, N_RTADDR),
		.gsts = fuzz_number(data, len, N_GSTS),
	};
	u64 root = u.rtaddr, used;
	u32 reached;

	if (fuzz_number(data, len, N_MODE) & MODE_AMDVI)
		return fuzz_amdvi_switch(data, len);
	if (fuzz_number(data, len, N_MODE) & MODE_SMMUV3)
		return fuzz_smmuv3_switch(data, len);
	if (fuzz_number(data, len, N_MODE) & MODE_SMMUV2)
		return fuzz_smmuv2_switch(data, len);
	switch_begin(&m, data, len);
	/* Tables whose entries are copied: those of pages are used on. */
	fuzz_mem_change(&m, u.rtaddr & RTADDR_RTA,
			fuzz_number(data, len, N_CHANGE) & 0xffff);
	used = switch_unit(IOMMU_VENDOR_VTD, &m, &u.mmio, data, len, &res);
	/* Switched: to a table of ours, which lets nobody into the guard. */
	if (res.outcome == IOMMU_DONE)
		FUZZ_RULE(
			span_holds(&m.arena, u.rtaddr & RTADDR_RTA, PAGE_4K) &&
			u.gsts & GCMD_TE);
	if (u.rtaddr != root) {
		reached = reaches_guard(&m.m, &u, data, len);
		/*
		 * What was kept went by page tables as they were then: it is
		 * wrong where it leads there by old ones and by new.
		 */
		if (reached) {
			fuzz_mem_init(&before, data, len);
			before.arena = m.arena;
			before.arena_bytes = m.arena_bytes;
			reached &= reaches_guard(&before.m, &u, data, len);
			fuzz_mem_free(&before);
		}
		FUZZ_RULE(!reached);
	}
	switch_end(&m, used);
	return 0;
}
