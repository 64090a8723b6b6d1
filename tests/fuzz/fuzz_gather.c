// SPDX-License-Identifier: GPL-2.0-only
/* What is read of a live or captured system: ACPI, sysfs, debugfs, procfs. */
#include "../../gather/sources.h"
#include "fuzz.h"

static void ignore(void *arg, const char *line)
{
	(void)arg;
	FUZZ_RULE(!strchr(line, '\n'));
}

int fuzz_dmar(const u8 *data, size_t len)
{
	struct dmar d;
	size_t i, j;
	u8 sum = 0;

	if (dmar_parse(&d, fuzz_copy(data, len), len, ignore, NULL))
		return 0;
	/* Every byte that it points to is in the table. */
	for (i = 0; i < d.entries; i++) {
		FUZZ_RULE(d.entry[i].scope + d.entry[i].scopes <= d.scopes);
		for (j = 0; j < d.entry[i].name_len; j++)
			sum += d.entry[i].name[j];
	}
	for (i = 0; i < d.scopes; i++)
		for (j = 0; j < 2u * d.scope[i].steps; j++)
			sum += d.scope[i].path[j];
	dmar_free(&d);
	return sum && 0;
}

int fuzz_regset(const u8 *data, size_t len)
{
	char *text = fuzz_text(data, len);
	struct facts f = { 0 };
	size_t i;

	debugfs_regset(&f, "iommu_regset", text);
	for (i = 0; i < f.unit_n; i++)
		FUZZ_RULE(f.unit[i].regs.n <= IOMMU_REGS_MAX);
	facts_free(&f);
	free(text);
	return 0;
}

int fuzz_iomem(const u8 *data, size_t len)
{
	const struct sysroot *root = fuzz_root("proc/iomem", data, len);
	struct facts f = { 0 };
	size_t i;

	gather_iomem(&f, root);
	for (i = 0; i < f.iomem_n; i++)
		FUZZ_RULE(f.iomem[i].name &&
			  f.iomem[i].start <= f.iomem[i].end);
	for (i = 1; i < f.reservation_n; i++)
		FUZZ_RULE(f.reservation[i - 1].start <= f.reservation[i].start);
	facts_free(&f);
	return 0;
}

int fuzz_kallsyms(const u8 *data, size_t len)
{
	struct symbol s[] = { { .name = "dmar_drhd_units" },
			      { .name = "_text" } };

	kallsyms_find(fuzz_root("proc/kallsyms", data, len), s, ARRAY_SIZE(s));
	return 0;
}

int fuzz_btf(const u8 *data, size_t len)
{
	struct member m[] = {
		{ .type = "intel_iommu", .name = "reg_phys" },
		{ .type = "dmar_drhd_unit", .name = "list" },
		{ .type = "dmar_drhd_unit", .name = "" },
		{ .type = "dmar_drhd_unit", .name = "ignored", .bits = 1 },
	};
	u8 *raw = fuzz_copy(data, len);
	char why[128];

	members_btf(raw, len, m, ARRAY_SIZE(m), why, sizeof(why));
	free(raw);
	return 0;
}

int fuzz_kcore(const u8 *data, size_t len)
{
	struct mem *m = kcore_open(fuzz_root("proc/kcore", data, len));
	u64 phys;
	u8 buf[64];

	if (!m)
		return 0;
	mem_read(m, 0x1000, buf, sizeof(buf));
	mem_read(m, ~0ULL - 8, buf, sizeof(buf));
	kcore_read_virt(m, 0xffffffff81000000ULL, buf, sizeof(buf));
	kcore_phys(m, 0xffffffff81000000ULL, &phys);
	kcore_close(m);
	return 0;
}
