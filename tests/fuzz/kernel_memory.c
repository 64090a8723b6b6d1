// SPDX-License-Identifier: GPL-2.0-only
/* A dead kernel's memory: its symbols, its structures. */
#include "../lib/madeup.h"
#include "../lib/pages_world.h"
#include "fuzz.h"
#include "kmem.h"

/* Where a seed has them; below 2^35, as words of the input are. */
static const char info[] = "SYMBOL(_stext)=1040\n"
			   "SYMBOL(kallsyms_names)=4000\n"
			   "SYMBOL(kallsyms_num_syms)=1100\n"
			   "SYMBOL(kallsyms_token_table)=2000\n"
			   "SYMBOL(kallsyms_token_index)=3000\n"
			   "SYMBOL(kallsyms_offsets)=1800\n";
static const char with_base[] = "SYMBOL(kallsyms_relative_base)=1108\n";

struct kernel_in_mem {
	struct kernel k;
	struct fuzz_mem mem;
};

/* Memory that walkers read never crosses a page; a kernel's may. */
static int read_pages(struct kernel *k, u64 virt, void *buf, u32 len)
{
	struct kernel_in_mem *m = (struct kernel_in_mem *)k;
	u8 *to = buf;

	if (virt + len < virt)
		return IOMMU_EREAD;
	while (len) {
		u32 part = (u32)(PAGE_4K - virt % PAGE_4K);

		if (part > len)
			part = len;
		if (mem_read(&m->mem.m, virt, to, part))
			return IOMMU_EREAD;
		to += part;
		virt += part;
		len -= part;
	}
	return IOMMU_OK;
}

int fuzz_symbols(const u8 *data, size_t len)
{
	struct kernel_in_mem m = { .k.read = read_pages };
	struct symbol s[] = { { .name = "dmar_list" }, { .name = "_stext" } };
	char text[sizeof(info) + sizeof(with_base)], why[256] = "";
	struct vmcoreinfo v = { text, 0 };
	int rc;

	strcpy(text, info);
	if (fuzz_number(data, len, 0))
		strcat(text, with_base);
	v.len = strlen(text);
	fuzz_mem_init(&m.mem, data, len);
	rc = kallsyms_memory(&m.k, &v, s, ARRAY_SIZE(s), why, sizeof(why));
	FUZZ_RULE(!rc || (*why && !strchr(why, '\n')));
	FUZZ_RULE(rc || (s[1].found && s[1].addr == 0x1040));
	FUZZ_RULE(!rc || (!s[0].found && !s[0].addr));
	fuzz_mem_free(&m.mem);
	return 0;
}

int fuzz_structures(const u8 *data, size_t len)
{
	struct fuzz_mem m;
	struct madeup k;
	size_t i;

	fuzz_mem_init(&m, data, len);
	madeup_init(&k);
	k.mem = &m.m;
	FUZZ_RULE(kernel_facts(&k.k, &k.facts) == 0);
	for (i = 0; i < k.facts.device_n; i++)
		FUZZ_RULE(k.facts.device[i].name);
	for (i = 0; i < k.facts.unit_n; i++)
		FUZZ_RULE(k.facts.unit[i].name &&
			  k.facts.unit[i].regs.n <= IOMMU_REGS_MAX);
	for (i = 0; i < k.facts.iomem_n; i++)
		FUZZ_RULE(k.facts.iomem[i].name &&
			  k.facts.iomem[i].start <= k.facts.iomem[i].end);
	madeup_free(&k);
	fuzz_mem_free(&m);
	return 0;
}

int fuzz_vmlinux(const u8 *data, size_t len)
{
	static const u8 id[20] = { 1 };
	struct symbol s[] = { { .name = "dmar_drhd_units" },
			      { .name = "_text" } };
	struct member m[] = {
		{ .type = "intel_iommu", .name = "reg_phys" },
		{ .type = "dmar_drhd_unit", .name = "list" },
		{ .type = "dmar_drhd_unit", .name = "ignored", .bits = 1 },
	};
	char why[256] = "";
	struct vmlinux *v;

	/* elfutils would ask the network for what the file lacks. */
	unsetenv("DEBUGINFOD_URLS");
	if (vmlinux_open(&v, fuzz_file(data, len), why, sizeof(why))) {
		FUZZ_RULE(*why);
	} else {
		vmlinux_is(v, id, sizeof(id));
		vmlinux_symbols(v, s, ARRAY_SIZE(s), why, sizeof(why));
		vmlinux_members(v, m, ARRAY_SIZE(m), why, sizeof(why));
	}
	FUZZ_RULE(!strchr(why, '\n'));
	vmlinux_close(v);
	return 0;
}

/*
 * Words of a made-up kernel that has pages: 4 bytes say where one goes and
 * whether it is an address of that kernel, 8 bytes are its value.
 */
int fuzz_pages(const u8 *data, size_t len)
{
	struct pages_world w;
	struct iovas v;
	char why[256] = "";

	pages_world_init(&w, len && data[0] & 1);
	for (size_t at = 1; at + 12 <= len; at += 12) {
		u32 where;
		u64 val;

		memcpy(&where, data + at, sizeof(where));
		memcpy(&val, data + at + 4, sizeof(val));
		if (where & 1)
			val = WORLD_VIRT + val % WORLD_LEN;
		world_put(&w, (where & ~1u) % (WORLD_LEN - 8), val, 8);
	}
	FUZZ_RULE(!pages_world_open(&w, why, sizeof(why)));
	for (u64 i = 0; i < WORLD_FRAMES + 1; i++) {
		struct page_facts f;

		pages_ask(w.p, i * PAGE_4K, &f);
		FUZZ_RULE(page_kind_text(f.kind));
		FUZZ_RULE(f.kind != PAGE_UNKNOWN || f.why);
		FUZZ_RULE(f.first <= f.phys);
		FUZZ_RULE(strnlen(f.name, sizeof(f.name)) < sizeof(f.name));
	}
	FUZZ_RULE(!pages_iovas(w.p, &v));
	for (size_t i = 0; i < v.n; i++)
		for (size_t k = 1; k < v.group[i].used.n; k++)
			FUZZ_RULE(v.group[i].used.at[k - 1].start <=
				  v.group[i].used.at[k].start);
	iovas_free(&v);
	pages_world_free(&w);
	return 0;
}
