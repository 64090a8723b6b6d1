// SPDX-License-Identifier: GPL-2.0-only
/* SMMUs: registers, stream tables, descriptors, tables and events of any content. */
#include "../../iommu/smmuv2/smmuv2.h"
#include "../../iommu/smmuv3/smmuv3.h"
#include "../../gather/acpi_iort.h"
#include "list.h"

#define EVENTS 8

enum { /* numbers in front of the input, halves apart */
	N_IDR01,
	N_IDR53,
	N_STRTAB,
	N_CFG_CR2,
	N_STREAM_PASID,
	N_IOVA,
	N_EVENTQ,
	N_PROD_CONS
};

/* What the list says, a translation must say as well. */
static void check_run(const struct iommu_config *c, struct fuzz_mem *m,
		      const struct iommu_domain *d, const struct iommu_run *run)
{
	struct iommu_evidence ev;
	struct iommu_xlat x;

	if (!iommu_translate(c, &m->m, d, run->iova,
			     run->perm & IOMMU_R ? IOMMU_R : IOMMU_W, &x, &ev))
		FUZZ_RULE(x.pa == run->pa);
}

static void look(const struct iommu_vendor *v, const struct iommu_regs *regs,
		 struct fuzz_mem *m, u64 stream, u64 iova)
{
	u32 pasid = stream >> 32 ? (u32)(stream >> 32) & 0xfffff : ~0u;
	struct iommu_evidence ev;
	struct iommu_config c;
	struct iommu_domain d;
	struct iommu_xlat x;
	unsigned int i;
	bool check;

	if (v->describe(regs, &c) ||
	    v->lookup(&c, &m->m, (u32)stream, pasid, &d, &ev))
		return;
	iommu_translate(&c, &m->m, &d, iova, IOMMU_R, &x, &ev);
	check = v->id == IOMMU_VENDOR_SMMUV3 && d.kind == IOMMU_KIND_TABLE;
	for (i = 0; i < ARRAY_SIZE(d.stage); i++)
		if (d.stage[i].format)
			fuzz_list(&c, m, &d, &d.stage[i],
				  check ? check_run : NULL);
	if (d.upper.format)
		fuzz_list(&c, m, &d, &d.upper, check ? check_run : NULL);
}

int fuzz_smmuv3(const u8 *data, size_t len)
{
	const struct iommu_vendor *v = iommu_vendor(IOMMU_VENDOR_SMMUV3);
	static const u32 off[] = { SMMUV3_IDR0,
				   SMMUV3_IDR1,
				   SMMUV3_IDR5,
				   SMMUV3_IDR3,
				   SMMUV3_STRTAB_BASE_CFG,
				   SMMUV3_CR2,
				   SMMUV3_EVENTQ_PROD,
				   SMMUV3_EVENTQ_CONS };
	static const u8 from[] = { N_IDR01, N_IDR53, N_CFG_CR2, N_PROD_CONS };
	struct iommu_fault_raw raw[EVENTS];
	struct iommu_reg reg[IOMMU_REGS_MAX];
	struct iommu_regs regs = IOMMU_REGS(reg);
	struct iommu_fault f;
	struct fuzz_mem m;
	u32 n = EVENTS, i;
	u64 word;

	fuzz_mem_init(&m, data, len);
	iommu_reg_put(&regs, SMMUV3_CR0, 4, CR0_SMMUEN);
	iommu_reg_put(&regs, SMMUV3_STRTAB_BASE, 8,
		      fuzz_number(data, len, N_STRTAB));
	iommu_reg_put(&regs, SMMUV3_EVENTQ_BASE, 8,
		      fuzz_number(data, len, N_EVENTQ));
	for (i = 0; i < ARRAY_SIZE(off); i++) {
		word = fuzz_number(data, len, from[i / 2]);
		iommu_reg_put(&regs, off[i], 4, i & 1 ? word >> 32 : (u32)word);
	}
	look(v, &regs, &m, fuzz_number(data, len, N_STREAM_PASID),
	     fuzz_number(data, len, N_IOVA));
	if (v->events(&regs, &m.m, raw, &n) == IOMMU_OK) {
		FUZZ_RULE(n <= EVENTS);
		for (i = 0; i < n; i++) {
			v->fault(&raw[i], &f);
			FUZZ_RULE(v->fault_text(f.reason));
		}
	}
	fuzz_mem_free(&m);
	return 0;
}

/* Two numbers, stream and address; then registers, each behind its offset. */
int fuzz_smmuv2(const u8 *data, size_t len)
{
	const struct iommu_vendor *v = iommu_vendor(IOMMU_VENDOR_SMMUV2);
	static struct iommu_reg reg[IOMMU_REGS_MAX];
	struct iommu_regs regs = IOMMU_REGS(reg);
	struct fuzz_mem m;
	size_t at;
	u64 val;
	u32 off;

	fuzz_mem_init(&m, data, len);
	for (at = 16; at + 12 <= len; at += 12) {
		memcpy(&off, data + at, sizeof(off));
		memcpy(&val, data + at + 4, sizeof(val));
		iommu_reg_put(&regs, off, 8, val);
	}
	look(v, &regs, &m, fuzz_number(data, len, 0),
	     fuzz_number(data, len, 1));
	fuzz_mem_free(&m);
	return 0;
}

/* --- what firmware says --- */

static void ignore(void *arg, const char *line)
{
	(void)arg;
	FUZZ_RULE(!strchr(line, '\n'));
}

static int firmware(int (*parse)(struct arm_iommus *, const u8 *, size_t,
				 void (*)(void *, const char *), void *),
		    const u8 *data, size_t len)
{
	struct arm_iommus a = { 0 };
	u8 *copy = fuzz_copy(data, len);
	size_t i;

	parse(&a, copy, len, ignore, NULL);
	for (i = 0; i < a.routes; i++)
		FUZZ_RULE(a.route[i].smmu < a.smmus &&
			  a.route[i].first + (u64)a.route[i].count <=
				  BIT64(32));
	for (i = 0; i < a.reserveds; i++)
		FUZZ_RULE(a.reserved[i].smmu < a.smmus);
	arm_free(&a);
	free(copy);
	return 0;
}

int fuzz_iort(const u8 *data, size_t len)
{
	return firmware(iort_parse, data, len);
}

int fuzz_fdt(const u8 *data, size_t len)
{
	return firmware(dt_parse, data, len);
}
