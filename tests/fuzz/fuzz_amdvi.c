// SPDX-License-Identifier: GPL-2.0-only
/* AMD-Vi: registers, device table, tables and events of any content; IVRS. */
#include "../../iommu/amdvi/amdvi.h"
#include "../../gather/sources.h"
#include "list.h"

#define EVENTS 8

enum { /* numbers in front of the input */
	N_EFR,
	N_CONTROL,
	N_DEV_TBL,
	N_REQUESTER,
	N_PASID,
	N_IOVA,
	N_EVT_LOG,
	N_HEAD_TAIL
};

static void ignore(void *arg, const char *line)
{
	(void)arg;
	FUZZ_RULE(!strchr(line, '\n'));
}

int fuzz_ivrs(const u8 *data, size_t len)
{
	struct ivrs v;
	size_t i, j;
	u8 sum = 0;

	if (ivrs_parse(&v, fuzz_copy(data, len), len, ignore, NULL))
		return 0;
	for (i = 0; i < v.units; i++)
		FUZZ_RULE(v.unit[i].range + v.unit[i].ranges <= v.ranges);
	/* Every byte that it points to is in the table. */
	for (i = 0; i < v.ranges; i++) {
		FUZZ_RULE(v.range[i].first <= v.range[i].last);
		for (j = 0; v.range[i].hid && j < IVHD_HID_LEN; j++)
			sum += v.range[i].hid[j];
		for (j = 0; j < v.range[i].uid_len; j++)
			sum += v.range[i].uid[j];
	}
	for (i = 0; i < v.memories; i++)
		FUZZ_RULE(v.memory[i].len &&
			  v.memory[i].first <= v.memory[i].last);
	ivrs_free(&v);
	return sum && 0;
}

/* What the list says, a translation must say as well. */
static void check_run(const struct iommu_config *c, struct fuzz_mem *m,
		      const struct iommu_domain *d, const struct iommu_run *run)
{
	struct iommu_evidence ev;
	struct iommu_xlat x;

	if (d->kind != IOMMU_KIND_NESTED)
		FUZZ_RULE(!iommu_translate(c, &m->m, d, run->iova,
					   run->perm & (IOMMU_R | IOMMU_W), &x,
					   &ev) &&
			  x.pa == run->pa);
}

static void config(const u8 *data, size_t len, struct iommu_regs *regs)
{
	u64 pointers = fuzz_number(data, len, N_HEAD_TAIL);

	iommu_reg_put(regs, AMDVI_EFR, 8, fuzz_number(data, len, N_EFR));
	iommu_reg_put(regs, AMDVI_CONTROL, 8,
		      fuzz_number(data, len, N_CONTROL) | CONTROL_IOMMU_EN);
	iommu_reg_put(regs, AMDVI_DEV_TBL, 8,
		      fuzz_number(data, len, N_DEV_TBL));
	iommu_reg_put(regs, AMDVI_EVT_LOG, 8,
		      fuzz_number(data, len, N_EVT_LOG));
	iommu_reg_put(regs, AMDVI_EVT_HEAD, 8, pointers & 0xffffffff);
	iommu_reg_put(regs, AMDVI_EVT_TAIL, 8, pointers >> 32);
}

int fuzz_amdvi(const u8 *data, size_t len)
{
	const struct iommu_vendor *v = iommu_vendor(IOMMU_VENDOR_AMDVI);
	u64 pasid = fuzz_number(data, len, N_PASID);
	struct iommu_fault_raw raw[EVENTS];
	struct iommu_evidence ev;
	struct iommu_domain d;
	struct iommu_config c;
	struct iommu_fault f;
	struct iommu_xlat x;
	struct iommu_reg reg[IOMMU_REGS_MAX];
	struct iommu_regs regs = IOMMU_REGS(reg);
	struct fuzz_mem m;
	u32 n = EVENTS, i;

	fuzz_mem_init(&m, data, len);
	config(data, len, &regs);
	if (!v->describe(&regs, &c) &&
	    !v->lookup(&c, &m.m, (u32)fuzz_number(data, len, N_REQUESTER),
		       pasid ? pasid & 0x1fffff : ~0u, &d, &ev)) {
		iommu_translate(&c, &m.m, &d, fuzz_number(data, len, N_IOVA),
				IOMMU_R, &x, &ev);
		for (i = 0; i < ARRAY_SIZE(d.stage); i++)
			if (d.stage[i].format)
				fuzz_list(&c, &m, &d, &d.stage[i], check_run);
	}
	fuzz_irqs(v, &regs, &m, (u32)fuzz_number(data, len, N_REQUESTER));
	if (!v->events(&regs, &m.m, raw, &n))
		for (i = 0; i < n; i++) {
			v->fault(&raw[i], &f);
			FUZZ_RULE(v->fault_text(f.reason));
		}
	fuzz_mem_free(&m);
	return 0;
}
