// SPDX-License-Identifier: GPL-2.0-only
/*
 * gather against a kernel made here: a kcore with units in it, kallsyms and
 * BTF to find them by; and facts through notes and back.
 */
#include <bpf/btf.h>
#include <elf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "../../gather/sources.h"

/* Laid out unlike any real kernel: nothing may depend on real offsets. */
struct list_head {
	struct list_head *next, *prev;
};

struct dmar_drhd_unit {
	u64 pad;
	struct list_head list;
	u64 reg_base_addr;
	u64 more[3];
	u64 iommu;
};

struct intel_iommu {
	u64 pad[5];
	u64 reg_phys;
	u64 ecap;
	u64 cap;
	struct {
		u32 seq_id;
		u32 gcmd;
	};
	u64 pad2;
	u64 root_entry;
	u64 ir_table;
};

struct ir_table {
	u64 pad[2];
	u64 base;
};

#define DIRECT_MAP 0xffff888000000000ULL /* of physical 0x100000 */
#define RAM_PHYS 0x100000ULL
#define TEXT_MAP 0xffffffff81000000ULL
#define TEXT_PHYS 0x4000000ULL
#define VMALLOC_MAP 0xffffc90000000000ULL
#define RAM_LEN 0xc000u
#define TEXT_LEN 0x1000u
#define SMTS BIT64(43)

#define UNITS_SYM (TEXT_MAP + 0x100)
#define SM_SYM (TEXT_MAP + 0x200)
#define DRHD_AT 0x1000u
#define IOMMU_AT 0x2000u
#define ROOT_AT 0x4000u
#define CONTEXT_AT 0x5000u
#define IR_TABLE_AT 0x6000u
#define PASID_DIR_AT 0x8000u
#define PASID_TABLE_AT 0x9000u
#define PASID_FAR_AT 0xa000u

struct world {
	char dir[32];
	u8 ram[RAM_LEN], text[TEXT_LEN];
	struct sysroot root;
	struct facts facts;
};

static void write_file(struct world *w, const char *path, const void *data,
		       size_t len)
{
	char full[256], *slash;
	FILE *out;

	snprintf(full, sizeof(full), "%s/%s", w->dir, path);
	for (slash = strchr(full + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
	out = fopen(full, "w");
	assert_non_null(out);
	assert_int_equal(fwrite(data, 1, len, out), len);
	fclose(out);
}

static void put64(u8 *p, u64 v)
{
	memcpy(p, &v, sizeof(v));
}

/* The i-th unit: its drhd and its iommu, linked behind the others. */
static void plant_unit(struct world *w, u32 i, u32 of, u64 reg, u64 ecap,
		       u64 root, u32 gcmd)
{
	struct dmar_drhd_unit d = { .reg_base_addr = reg };
	struct intel_iommu m = { .reg_phys = reg,
				 .cap = 0x1234,
				 .ecap = ecap,
				 .gcmd = gcmd,
				 .root_entry = root,
				 .ir_table = DIRECT_MAP + IR_TABLE_AT };
	u64 at = DIRECT_MAP + DRHD_AT + i * sizeof(d) +
		 offsetof(struct dmar_drhd_unit, list);
	u64 next = i + 1 < of ? at + sizeof(d) : UNITS_SYM;

	if (!i)
		put64(w->text + 0x100, at);
	put64((u8 *)&d.list.next, next);
	d.iommu = DIRECT_MAP + IOMMU_AT + i * sizeof(m);
	memcpy(w->ram + DRHD_AT + i * sizeof(d), &d, sizeof(d));
	memcpy(w->ram + IOMMU_AT + i * sizeof(m), &m, sizeof(m));
}

static void plant_kcore(struct world *w)
{
	struct {
		Elf64_Ehdr h;
		Elf64_Phdr p[4];
		u8 text[TEXT_LEN], ram[RAM_LEN];
	} *k = calloc(1, sizeof(*k));

	assert_non_null(k);
	memcpy(k->h.e_ident, ELFMAG, SELFMAG);
	k->h.e_ident[EI_CLASS] = ELFCLASS64;
	k->h.e_ident[EI_DATA] = ELFDATA2LSB;
	k->h.e_type = ET_CORE;
	k->h.e_phoff = sizeof(k->h);
	k->h.e_phentsize = sizeof(k->p[0]);
	k->h.e_phnum = 4;
	k->p[0].p_type = PT_NOTE;
	k->p[1] = (Elf64_Phdr){ .p_type = PT_LOAD,
				.p_vaddr = TEXT_MAP,
				.p_paddr = TEXT_PHYS,
				.p_memsz = TEXT_LEN,
				.p_offset = (u64)(k->text - (u8 *)k) };
	/* vmalloc: an address in the file, but no physical one */
	k->p[2] = (Elf64_Phdr){ .p_type = PT_LOAD,
				.p_vaddr = VMALLOC_MAP,
				.p_paddr = ~0ULL,
				.p_memsz = RAM_LEN,
				.p_offset = (u64)(k->ram - (u8 *)k) };
	k->p[3] = (Elf64_Phdr){ .p_type = PT_LOAD,
				.p_vaddr = DIRECT_MAP,
				.p_paddr = RAM_PHYS,
				.p_memsz = RAM_LEN,
				.p_offset = (u64)(k->ram - (u8 *)k) };
	memcpy(k->text, w->text, sizeof(k->text));
	memcpy(k->ram, w->ram, sizeof(k->ram));
	write_file(w, "proc/kcore", k, sizeof(*k));
	free(k);
}

static void plant_kallsyms(struct world *w, u64 units, bool scalable_too)
{
	char text[1024];
	int n = snprintf(text, sizeof(text),
			 "0000000000000001 D dmar_drhd_units_not\n"
			 "0000000000000002 d not_dmar_drhd_units\n"
			 "0000000000000003 d dmar_drhd_units\t[module]\n"
			 "%016llx D dmar_drhd_units\n",
			 (unsigned long long)units);

	if (scalable_too)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
			      "%016llx d intel_iommu_sm\n",
			      (unsigned long long)SM_SYM);
	write_file(w, "proc/kallsyms", text, (size_t)n);
}

static void plant_btf(struct world *w, int gcmd_bits)
{
	struct btf *b = btf__new_empty();
	int u64_id, u32_id, list;
	const void *raw;
	__u32 len;

	u64_id = btf__add_int(b, "u64", 8, 0);
	u32_id = btf__add_int(b, "u32", 4, 0);
	list = btf__add_struct(b, "list_head", sizeof(struct list_head));
	btf__add_field(b, "next", u64_id, 0, 0);
	btf__add_field(b, "prev", u64_id, 64, 0);
#define FIELD(type, name, id) \
	btf__add_field(b, #name, id, 8 * offsetof(struct type, name), 0)
	/* A forward declaration of the same name must not be taken for it. */
	btf__add_fwd(b, "intel_iommu", BTF_FWD_STRUCT);
	btf__add_struct(b, "dmar_drhd_unit", sizeof(struct dmar_drhd_unit));
	FIELD(dmar_drhd_unit, list, list);
	FIELD(dmar_drhd_unit, reg_base_addr, u64_id);
	FIELD(dmar_drhd_unit, iommu, u64_id);
	btf__add_struct(b, "intel_iommu", sizeof(struct intel_iommu));
	FIELD(intel_iommu, reg_phys, u64_id);
	FIELD(intel_iommu, ecap, u64_id);
	FIELD(intel_iommu, cap, u64_id);
	btf__add_field(b, "gcmd", u32_id,
		       8 * offsetof(struct intel_iommu, gcmd), gcmd_bits);
	FIELD(intel_iommu, root_entry, u64_id);
	FIELD(intel_iommu, ir_table, u64_id);
	btf__add_struct(b, "ir_table", sizeof(struct ir_table));
	FIELD(ir_table, base, u64_id);
	raw = btf__raw_data(b, &len);
	write_file(w, "sys/kernel/btf/vmlinux", raw, len);
	btf__free(b);
}

/* A DMAR with a DRHD for each of @n units. */
static void plant_dmar(struct world *w, const u64 *reg, u32 n)
{
	u8 t[48 + 4 * 16] = "DMAR", sum = 0;
	u32 len = 48 + n * 16;

	memcpy(t + 4, &len, sizeof(len));
	for (u32 i = 0; i < n; i++) {
		t[48 + i * 16 + 2] = 16;
		put64(t + 48 + i * 16 + 8, reg[i]);
	}
	for (u32 i = 0; i < len; i++)
		sum = (u8)(sum + t[i]);
	t[9] = (u8)-sum;
	write_file(w, "sys/firmware/acpi/tables/DMAR", t, len);
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	strcpy(w->dir, "/tmp/gather_test.XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	assert_int_equal(sysroot_open(&w->root, w->dir), 0);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", w->dir);
	facts_free(&w->facts);
	sysroot_close(&w->root);
	free(w);
	return system(command);
}

static const u64 regs[] = { 0xfed90000, 0xfed91000 };

static void plant(struct world *w, bool scalable)
{
	u32 sm = scalable;

	memcpy(w->text + 0x200, &sm, sizeof(sm));
	plant_unit(w, 0, 2, regs[0], 0, DIRECT_MAP + ROOT_AT, 0x86000000);
	plant_unit(w, 1, 2, regs[1], SMTS, 0, 0);
	/* Root: bus 0 and bus 2, and an upper table that legacy mode lacks. */
	put64(w->ram + ROOT_AT, (RAM_PHYS + CONTEXT_AT) | 1);
	put64(w->ram + ROOT_AT + 2 * 16, (RAM_PHYS + CONTEXT_AT) | 1);
	put64(w->ram + ROOT_AT + 2 * 16 + 8, (RAM_PHYS + CONTEXT_AT) | 1);
	put64(w->ram + CONTEXT_AT, 0x5a5a5a5a);
	plant_kcore(w);
	plant_kallsyms(w, UNITS_SYM, true);
	plant_btf(w, 0);
	plant_dmar(w, regs, 2);
}

static void run(struct world *w, const char *vmlinux)
{
	struct gather_opts o = { &w->root, vmlinux, true };

	facts_free(&w->facts);
	assert_int_equal(gather(&w->facts, &o), 0);
}

static bool missing(struct world *w, const char *source, const char *why)
{
	for (size_t i = 0; i < w->facts.missing_n; i++)
		if (strstr(w->facts.missing[i].source, source) &&
		    strstr(w->facts.missing[i].why, why))
			return true;
	return false;
}

static void finds_roots(void **state)
{
	struct world *w = *state;
	u64 v;

	plant(w, true);
	run(w, NULL);
	assert_int_equal(w->facts.unit_n, 2);
	/* This one can't be scalable, so it is not, whatever the kernel may. */
	assert_int_equal(w->facts.unit[0].root, RAM_PHYS + ROOT_AT);
	assert_int_equal(w->facts.unit[0].cap, 0x1234);
	assert_true(iommu_reg_get(&w->facts.unit[0].regs, 0x1c, &v));
	assert_int_equal(v, 0xc6000000);
	assert_int_equal(w->facts.unit[1].root, 0);
	assert_false(iommu_reg_get(&w->facts.unit[1].regs, 0x20, &v));
	assert_false(missing(w, "kcore", ""));
	assert_int_equal(w->facts.table_n, 3);
	assert_int_equal(w->facts.table[0].at, IOMMU_AT_ROOT);
	assert_int_equal(w->facts.table[2].requester, 0x200);
	assert_int_equal(w->facts.table[2].bytes[0], 0x5a);
}

/* Without eim_mode nobody knows what the entries look like. */
static void interrupt_table(void **state)
{
	struct world *w = *state;
	char text[256];
	u32 eim = 1;
	int n;
	u64 v;

	plant(w, true);
	put64(w->ram + IR_TABLE_AT + offsetof(struct ir_table, base),
	      DIRECT_MAP + ROOT_AT);
	plant_kcore(w);
	run(w, NULL);
	assert_false(iommu_reg_get(&w->facts.unit[0].regs, 0xb8, &v));
	n = snprintf(text, sizeof(text),
		     "%016llx D dmar_drhd_units\n%016llx d intel_iommu_sm\n"
		     "%016llx d eim_mode\n",
		     (unsigned long long)UNITS_SYM, (unsigned long long)SM_SYM,
		     (unsigned long long)SM_SYM + 8);
	write_file(w, "proc/kallsyms", text, (size_t)n);
	memcpy(w->text + 0x208, &eim, sizeof(eim));
	plant_kcore(w);
	run(w, NULL);
	assert_true(iommu_reg_get(&w->facts.unit[0].regs, 0xb8, &v));
	assert_int_equal(v, (RAM_PHYS + ROOT_AT) | 0x80f);
	/* The other one has GCMD.IRE clear. */
	assert_false(iommu_reg_get(&w->facts.unit[1].regs, 0xb8, &v));
	eim = 0;
	memcpy(w->text + 0x208, &eim, sizeof(eim));
	put64(w->ram + IR_TABLE_AT + offsetof(struct ir_table, base),
	      VMALLOC_MAP);
	plant_kcore(w);
	run(w, NULL);
	assert_false(iommu_reg_get(&w->facts.unit[0].regs, 0xb8, &v));
	assert_true(missing(w, "kcore", "interrupt table"));
}

static void scalable_root(void **state)
{
	struct world *w = *state;

	plant(w, true);
	plant_unit(w, 0, 2, regs[0], SMTS, DIRECT_MAP + ROOT_AT, 0);
	plant_kcore(w);
	run(w, NULL);
	assert_int_equal(w->facts.unit[0].root, RAM_PHYS + ROOT_AT + 0x400);
	assert_int_equal(w->facts.table_n, 4);
	assert_int_equal(w->facts.table[3].requester, 0x280);
	plant(w, false);
	plant_unit(w, 0, 2, regs[0], SMTS, DIRECT_MAP + ROOT_AT, 0);
	plant_kcore(w);
	run(w, NULL);
	assert_int_equal(w->facts.unit[0].root, RAM_PHYS + ROOT_AT);
	/* Which of the two it is can't be told: then no root is. */
	plant_kallsyms(w, UNITS_SYM, false);
	run(w, NULL);
	assert_int_equal(w->facts.unit[0].root, 0);
	assert_true(missing(w, "kcore", "not known"));
}

static const struct fact_table *table_at(struct world *w, u64 phys)
{
	for (size_t i = 0; i < w->facts.table_n; i++)
		if (w->facts.table[i].phys == phys)
			return &w->facts.table[i];
	return NULL;
}

/*
 * In scalable mode a context entry leads to a PASID directory, and that to the
 * tables which say what a requester's domain is.
 */
static void pasid_tables(void **state)
{
	struct world *w = *state;
	const struct fact_table *t;

	plant(w, true);
	plant_unit(w, 0, 2, regs[0], SMTS, DIRECT_MAP + ROOT_AT, 0);
	memset(w->ram + CONTEXT_AT, 0, PAGE_4K);
	put64(w->ram + ROOT_AT, 0);
	put64(w->ram + ROOT_AT + 2 * 16 + 8, 0);
	/* 02:00.3, 2^(1 + 7) directory entries; 02:00.4 shares it */
	put64(w->ram + CONTEXT_AT + 3 * 32,
	      (RAM_PHYS + PASID_DIR_AT) | 1 << 9 | 1);
	put64(w->ram + CONTEXT_AT + 4 * 32,
	      (RAM_PHYS + PASID_DIR_AT) | 1 << 9 | 1);
	/* not present */
	put64(w->ram + CONTEXT_AT + 5 * 32, RAM_PHYS + ROOT_AT);
	put64(w->ram + PASID_DIR_AT, (RAM_PHYS + PASID_TABLE_AT) | 1);
	put64(w->ram + PASID_DIR_AT + 255 * 8, (RAM_PHYS + PASID_FAR_AT) | 1);
	put64(w->ram + PASID_DIR_AT + 7 * 8, RAM_PHYS + IR_TABLE_AT);
	put64(w->ram + PASID_TABLE_AT, 0x1234);
	plant_kcore(w);
	run(w, NULL);
	t = table_at(w, RAM_PHYS + PASID_DIR_AT);
	assert_non_null(t);
	assert_int_equal(t->at, IOMMU_AT_PASID_DIR);
	assert_int_equal(t->len, 256 * 8);
	assert_int_equal(t->requester, 0x203);
	t = table_at(w, RAM_PHYS + PASID_TABLE_AT);
	assert_non_null(t);
	assert_int_equal(t->at, IOMMU_AT_PASID);
	assert_int_equal(t->len, PAGE_4K);
	assert_int_equal(t->requester, 0x203);
	assert_int_equal(t->bytes[0], 0x34);
	t = table_at(w, RAM_PHYS + PASID_FAR_AT);
	assert_non_null(t);
	assert_int_equal(t->requester, 0x203);
	assert_null(table_at(w, RAM_PHYS + IR_TABLE_AT));
	assert_int_equal(w->facts.table_n, 2 + 3);
	/* A directory that is not there is told of, and the others remain. */
	put64(w->ram + CONTEXT_AT + 3 * 32, 0xfed00000 | 1 << 9 | 1);
	plant_kcore(w);
	run(w, NULL);
	assert_true(missing(w, "kcore", "0xfed00000 is not readable"));
	assert_int_equal(table_at(w, RAM_PHYS + PASID_DIR_AT)->requester,
			 0x204);
}

static void hidden_addresses(void **state)
{
	struct world *w = *state;

	plant(w, true);
	plant_kallsyms(w, 0, true);
	run(w, NULL);
	assert_int_equal(w->facts.unit[0].root, 0);
	assert_true(missing(w, "kallsyms", "kptr_restrict"));
	write_file(w, "proc/kallsyms", "", 0);
	run(w, NULL);
	assert_true(missing(w, "kallsyms", "no dmar_drhd_units"));
}

static void hostile_kernel(void **state)
{
	struct world *w = *state;
	u64 self = DIRECT_MAP + DRHD_AT + offsetof(struct dmar_drhd_unit, list);

	plant(w, true);
	/* The list runs in a circle that its head is not part of. */
	put64(w->ram + self - DIRECT_MAP, self);
	plant_kcore(w);
	run(w, NULL);
	assert_true(missing(w, "kcore", "a loop"));
	/* ... or leads out of memory. */
	put64(w->ram + self - DIRECT_MAP, 0x1000);
	plant_kcore(w);
	run(w, NULL);
	assert_true(missing(w, "kcore", "not readable"));
	/* A root table in vmalloc space has no physical address. */
	plant_unit(w, 0, 2, regs[0], 0, VMALLOC_MAP + ROOT_AT, 0);
	plant_kcore(w);
	run(w, NULL);
	assert_int_equal(w->facts.unit[0].root, 0);
	assert_true(missing(w, "kcore", "no segment"));
	/* A context table outside memory. */
	plant_unit(w, 0, 2, regs[0], 0, DIRECT_MAP + ROOT_AT, 0);
	put64(w->ram + ROOT_AT, 0xfed00001);
	plant_kcore(w);
	run(w, NULL);
	assert_true(missing(w, "kcore", "0xfed00000 is not readable"));
	assert_int_equal(w->facts.table_n, 2);
}

static void bad_kcore(void **state)
{
	struct world *w = *state;
	u8 junk[4096] = { 0 };
	Elf64_Ehdr h = { .e_type = ET_CORE,
			 .e_phoff = ~0ULL - 8,
			 .e_phentsize = sizeof(Elf64_Phdr),
			 .e_phnum = 0xffff };

	plant(w, true);
	write_file(w, "proc/kcore", junk, sizeof(junk));
	run(w, NULL);
	assert_true(missing(w, "kcore", "ELF"));
	write_file(w, "proc/kcore", junk, 3);
	run(w, NULL);
	assert_true(missing(w, "kcore", "ELF"));
	memcpy(h.e_ident, ELFMAG, SELFMAG);
	h.e_ident[EI_CLASS] = ELFCLASS64;
	h.e_ident[EI_DATA] = ELFDATA2LSB;
	write_file(w, "proc/kcore", &h, sizeof(h));
	run(w, NULL);
	assert_true(missing(w, "kcore", "ELF"));
	assert_int_equal(w->facts.unit_n, 2);
}

static void bad_btf(void **state)
{
	struct world *w = *state;
	u64 v;
	struct btf *b = btf__new_empty();
	const void *raw;
	__u32 len;

	plant(w, true);
	/* Without whole bytes of gcmd the status stays unknown. */
	plant_btf(w, 5);
	run(w, NULL);
	assert_int_equal(w->facts.unit[0].root, RAM_PHYS + ROOT_AT);
	assert_false(iommu_reg_get(&w->facts.unit[0].regs, 0x1c, &v));
	write_file(w, "sys/kernel/btf/vmlinux", "nonsense", 8);
	run(w, NULL);
	assert_true(missing(w, "btf", "no valid BTF"));
	btf__add_int(b, "u64", 8, 0);
	raw = btf__raw_data(b, &len);
	write_file(w, "sys/kernel/btf/vmlinux", raw, len);
	btf__free(b);
	run(w, NULL);
	assert_true(missing(w, "btf", "no member list"));
}

/* The structs above are in this program's own DWARF. */
static void dwarf_members(void **state)
{
	struct {
		u32 name, desc, type;
		char text[4];
		u8 id[20];
	} note = { 4, 20, NT_GNU_BUILD_ID, "GNU", { 0 } };
	struct world *w = *state;
	const void *id = NULL;
	ssize_t id_len = -1;
	u64 v;
	int fd = open("/proc/self/exe", O_RDONLY);
	Dwarf *dw = dwarf_begin(fd, DWARF_C_READ);

	if (dw)
		id_len = dwelf_elf_gnu_build_id(dwarf_getelf(dw), &id);
	if (id_len != sizeof(note.id)) {
		print_message("built without -g or build id\n");
		dwarf_end(dw);
		close(fd);
		skip();
	}
	memcpy(note.id, id, sizeof(note.id));
	dwarf_end(dw);
	close(fd);
	plant(w, true);
	assert_int_equal(unlinkat(w->root.dirfd, "sys/kernel/btf/vmlinux", 0),
			 0);
	write_file(w, "sys/kernel/notes", &note, sizeof(note));
	run(w, "/proc/self/exe");
	assert_int_equal(w->facts.unit[0].root, RAM_PHYS + ROOT_AT);
	assert_true(iommu_reg_get(&w->facts.unit[0].regs, 0x1c, &v));
	assert_int_equal(v, 0xc6000000);
	assert_false(missing(w, "exe", ""));
	note.id[19] ^= 1;
	write_file(w, "sys/kernel/notes", &note, sizeof(note));
	run(w, "/proc/self/exe");
	assert_int_equal(w->facts.unit[0].root, 0);
	assert_true(missing(w, "exe", "build id"));
}

/* DWARF 4 counts bits from the other end of what they lie in, as gcc has it. */
static void dwarf_bits(void **state)
{
	static const char *const names[] = { "dwarf4", "dwarf5" };
	const char *srcdir = getenv("srcdir");
	char path[4096], why[256] = "";
	struct vmlinux *v;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct member m[] = {
			{ .type = "dmar_drhd_unit", .name = "list" },
			{ .type = "dmar_drhd_unit",
			  .name = "ignored",
			  .bits = 1 },
			{ .type = "dmar_drhd_unit", .name = "gfx", .bits = 1 },
			{ .type = "intel_iommu", .name = "b", .bits = 1 },
		};

		snprintf(path, sizeof(path), "%s/tests/fuzz/seeds/vmlinux/%s",
			 srcdir ? srcdir : ".", names[i]);
		assert_int_equal(vmlinux_open(&v, path, why, sizeof(why)), 0);
		assert_int_equal(vmlinux_members(v, m, ARRAY_SIZE(m), why,
						 sizeof(why)),
				 0);
		vmlinux_close(v);
		assert_true(m[0].found && m[0].off == 0 && m[0].size == 16);
		assert_true(m[1].found && m[1].off == 34 && m[1].shift == 0);
		assert_true(m[2].found && m[2].off == 34 && m[2].shift == 2);
		assert_true(m[3].found && m[3].off == 24 && m[3].bits == 3 &&
			    m[3].size == 1);
	}
}

static void kcore_bounds(void **state)
{
	struct world *w = *state;
	struct mem *m;
	u8 buf[8192];
	u64 phys;

	plant(w, true);
	m = kcore_open(&w->root);
	assert_non_null(m);
	assert_int_equal(mem_read(m, RAM_PHYS + CONTEXT_AT, buf, 4), 0);
	assert_int_equal(buf[0], 0x5a);
	assert_int_equal(mem_read(m, RAM_PHYS + RAM_LEN - 4096, buf, 4096), 0);
	assert_int_equal(mem_read(m, RAM_PHYS + RAM_LEN - 4096, buf, 4097),
			 IOMMU_EREAD);
	assert_int_equal(mem_read(m, RAM_PHYS - 1, buf, 8), IOMMU_EREAD);
	assert_int_equal(mem_read(m, ~0ULL, buf, 8), IOMMU_EREAD);
	assert_int_equal(mem_read(m, ~0ULL - RAM_LEN, buf, 8), IOMMU_EREAD);
	assert_int_equal(kcore_read_virt(m, VMALLOC_MAP + CONTEXT_AT, buf, 4),
			 0);
	assert_int_equal(buf[0], 0x5a);
	assert_false(kcore_phys(m, VMALLOC_MAP, &phys));
	assert_true(kcore_phys(m, DIRECT_MAP + 5, &phys));
	assert_int_equal(phys, RAM_PHYS + 5);
	kcore_close(m);
}

/* Kernels before 5.6 have no openat2, and QEMU 7.2's user emulation has none. */
static bool no_openat2(void)
{
	struct open_how how = { 0 };

	return syscall(SYS_openat2, -1, "", &how, sizeof(how)) < 0 &&
	       errno == ENOSYS;
}

/* A link that leads out of a captured directory must lead nowhere. */
static void no_escape(void **state)
{
	struct world *w = *state;
	char path[64], *text;

	if (no_openat2()) {
		print_message("no openat2 here\n");
		skip();
	}
	write_file(w, "etc/here", "in", 2);
	snprintf(path, sizeof(path), "%s/out", w->dir);
	assert_int_equal(symlink("/proc/self/status", path), 0);
	assert_null(sysroot_read(&w->root, "out", 4096, NULL));
	snprintf(path, sizeof(path), "%s/in", w->dir);
	assert_int_equal(symlink("/etc/here", path), 0);
	text = sysroot_read(&w->root, "in", 4096, NULL);
	assert_non_null(text);
	free(text);
	assert_null(sysroot_read(&w->root, "in", 1, NULL));
	assert_int_equal(errno, EFBIG);
}

/* --- notes --- */

static void big_facts(struct facts *f)
{
	u32 seed = 1;

	f->time = 1700000000;
	f->release = strdup("6.1.0-test");
	for (u32 i = 0; i < 6000; i++) {
		struct fact_device *d =
			array_grow(&f->device, &f->device_n, sizeof(*d));

		assert_int_not_equal(asprintf(&d->name, "device-%u", i), -1);
		d->requester = (u16)i;
		d->group = i;
	}
	/* Noise does not get smaller, zeros do. */
	for (u32 i = 0; i < 100; i++) {
		struct fact_table *t =
			array_grow(&f->table, &f->table_n, sizeof(*t));

		t->phys = i * PAGE_4K;
		t->len = PAGE_4K;
		t->bytes = calloc(1, PAGE_4K);
		for (u32 j = 0; i % 2 && j < PAGE_4K; j++)
			t->bytes[j] =
				(u8)((seed = seed * 1664525 + 1013904223) >>
				     24);
	}
}

struct tally {
	u32 load, devices, tables, plain, packed;
};

static void take_table(const struct facts *f, const u8 *payload, u32 len,
		       struct tally *t)
{
	struct rec_table r;
	u8 bytes[PAGE_4K];
	uLongf got = sizeof(bytes);

	memcpy(&r, payload, sizeof(r));
	assert_int_equal(r.phys, f->table[t->tables].phys);
	assert_int_equal(r.raw_len, PAGE_4K);
	if (r.encoding) {
		assert_int_equal(uncompress(bytes, &got, payload + sizeof(r),
					    len - sizeof(r)),
				 Z_OK);
		t->packed++;
	} else {
		assert_int_equal(len - sizeof(r), PAGE_4K);
		memcpy(bytes, payload + sizeof(r), PAGE_4K);
		t->plain++;
	}
	assert_memory_equal(bytes, f->table[t->tables].bytes, PAGE_4K);
	t->tables++;
}

static void take_device(const struct facts *f, const struct note_record *rec,
			const u8 *payload, struct tally *t)
{
	u32 at = sizeof(struct rec_device), len;
	struct rec_device r;
	const char *name;

	note_struct(rec, payload, &r, sizeof(r));
	assert_int_equal(r.group, t->devices);
	assert_true(note_string(rec, payload, &at, &name, &len));
	assert_int_equal(len, strlen(f->device[t->devices].name));
	assert_memory_equal(name, f->device[t->devices].name, len);
	t->devices++;
}

static void take_segment(const struct facts *f, const struct note_segment *s,
			 struct tally *t)
{
	struct note_reader r = { s->bytes, s->len, 0 };
	static const u8 zeros[NOTE_TERMINATOR];
	struct note_record_reader records;
	struct note_record rec;
	struct note_head head;
	const u8 *payload;
	struct note n;
	u64 bad;

	assert_true(s->len <= NOTE_SEGMENT_MAX);
	assert_memory_equal(s->bytes + s->len - NOTE_TERMINATOR, zeros,
			    NOTE_TERMINATOR);
	assert_true(note_next(&r, &n, &bad));
	assert_int_equal(note_check(&n, &head), NOTE_VALID);
	assert_int_equal(head.dropped, 0);
	note_records(&records, &n);
	while (note_record_next(&records, &rec, &payload)) {
		if (rec.type == REC_LOAD)
			t->load++;
		else if (rec.type == REC_DEVICE)
			take_device(f, &rec, payload, t);
		else if (rec.type == REC_TABLE)
			take_table(f, payload, rec.len, t);
	}
	assert_false(note_next(&r, &n, &bad));
	assert_int_equal(bad, ~0ULL);
}

static void notes_spread(void **state)
{
	struct world *w = *state;
	struct note_segment *seg;
	struct decisions d = { .mode = IOMMU_MODE_AUTO };
	struct tally t = { 0 };
	size_t n;

	big_facts(&w->facts);
	assert_int_equal(facts_to_notes(&w->facts, &d, &seg, &n), 0);
	assert_true(n > 2);
	for (size_t i = 0; i < n; i++)
		take_segment(&w->facts, &seg[i], &t);
	assert_int_equal(t.load, 1);
	assert_int_equal(t.devices, 6000);
	assert_int_equal(t.tables, 100);
	assert_int_equal(t.plain, 50);
	assert_int_equal(t.packed, 50);
	note_segments_free(seg, n);
}

/* --- AMD-Vi; members as in 6.1, but not where they are there --- */

struct amd_iommu_pci_seg {
	u64 other;
	u16 last_bdf;
	u32 dev_table_size;
	u64 dev_table;
};

struct amd_iommu {
	u64 index;
	struct list_head list;
	u64 mmio_phys;
	u64 features, features2;
	u64 pci_seg;
};

#define AMD_BASE 0xfd200000u
#define AMD_SYM (TEXT_MAP + 0x100)
#define SEG_AT 0x3000u

static void plant_amd_btf(struct world *w, bool with_size)
{
	struct btf *b = btf__new_empty();
	int u64_id, u32_id, u16_id, list;
	const void *raw;
	__u32 len;

	u64_id = btf__add_int(b, "u64", 8, 0);
	u32_id = btf__add_int(b, "u32", 4, 0);
	u16_id = btf__add_int(b, "u16", 2, 0);
	list = btf__add_struct(b, "list_head", sizeof(struct list_head));
	btf__add_field(b, "next", u64_id, 0, 0);
	btf__add_field(b, "prev", u64_id, 64, 0);
	btf__add_struct(b, "amd_iommu", sizeof(struct amd_iommu));
	FIELD(amd_iommu, list, list);
	FIELD(amd_iommu, mmio_phys, u64_id);
	FIELD(amd_iommu, features, u64_id);
	FIELD(amd_iommu, features2, u64_id);
	FIELD(amd_iommu, pci_seg, u64_id);
	btf__add_struct(b, "amd_iommu_pci_seg",
			sizeof(struct amd_iommu_pci_seg));
	FIELD(amd_iommu_pci_seg, last_bdf, u16_id);
	if (with_size)
		FIELD(amd_iommu_pci_seg, dev_table_size, u32_id);
	FIELD(amd_iommu_pci_seg, dev_table, u64_id);
	raw = btf__raw_data(b, &len);
	write_file(w, "sys/kernel/btf/vmlinux", raw, len);
	btf__free(b);
}

/* An IVRS with one IVHD of type 10h. */
static void plant_ivrs(struct world *w)
{
	u8 t[48 + 24] = "IVRS", sum = 0;
	u32 len = sizeof(t);

	memcpy(t + 4, &len, sizeof(len));
	t[48] = 0x10;
	t[50] = 24;
	t[52] = 2; /* 00:00.2 */
	put64(t + 56, AMD_BASE);
	for (u32 i = 0; i < len; i++)
		sum = (u8)(sum + t[i]);
	t[9] = (u8)-sum;
	write_file(w, "sys/firmware/acpi/tables/IVRS", t, len);
}

static void plant_amd(struct world *w, u64 dev_table, u32 size, u16 last_bdf)
{
	struct amd_iommu m = { .mmio_phys = AMD_BASE,
			       .list.next = (void *)AMD_SYM,
			       .features = 0x4ad3,
			       .features2 = 0x10,
			       .pci_seg = DIRECT_MAP + SEG_AT };
	struct amd_iommu_pci_seg s = { .last_bdf = last_bdf,
				       .dev_table_size = size,
				       .dev_table = dev_table };
	char text[64];

	put64(w->text + 0x100,
	      DIRECT_MAP + IOMMU_AT + offsetof(struct amd_iommu, list));
	memcpy(w->ram + IOMMU_AT, &m, sizeof(m));
	memcpy(w->ram + SEG_AT, &s, sizeof(s));
	put64(w->ram + ROOT_AT, 0x6000000000000003);
	plant_kcore(w);
	snprintf(text, sizeof(text), "%016llx D amd_iommu_list\n",
		 (unsigned long long)AMD_SYM);
	write_file(w, "proc/kallsyms", text, strlen(text));
	plant_ivrs(w);
}

/* The kernel's name for the unit, which says that it is set up. */
static void plant_ivhd0(struct world *w)
{
	static const char dir[] =
		"sys/devices/pci0000:00/0000:00:00.2/iommu/ivhd0/amd-iommu";
	char path[256];

	snprintf(path, sizeof(path), "%s/cap", dir);
	write_file(w, path, "190b640f\n", 9);
	write_file(w, "sys/class/iommu/placeholder", "", 0);
	snprintf(path, sizeof(path), "%s/sys/class/iommu/ivhd0", w->dir);
	assert_int_equal(
		symlink("../../devices/pci0000:00/0000:00:00.2/iommu/ivhd0",
			path),
		0);
}

static void amd_device_table(void **state)
{
	struct world *w = *state;
	u64 v;

	plant_amd(w, DIRECT_MAP + ROOT_AT, 0x2000, 0xff);
	plant_amd_btf(w, true);
	run(w, NULL);
	assert_int_equal(w->facts.unit_n, 1);
	assert_int_equal(w->facts.unit[0].root, (RAM_PHYS + ROOT_AT) | 1);
	assert_int_equal(w->facts.unit[0].cap, 0x4ad3);
	assert_int_equal(w->facts.unit[0].ecap, 0x10);
	/* Nobody says that it is on. */
	assert_false(iommu_reg_get(&w->facts.unit[0].regs, 0x18, &v));
	assert_int_equal(w->facts.table_n, 2);
	assert_int_equal(w->facts.table[0].at, IOMMU_AT_DTE);
	assert_int_equal(w->facts.table[1].requester, 128);
	assert_int_equal(w->facts.table[0].bytes[0], 3);
	plant_ivhd0(w);
	run(w, NULL);
	assert_string_equal(w->facts.unit[0].name, "ivhd0");
	assert_true(iommu_reg_get(&w->facts.unit[0].regs, 0x18, &v));
	assert_int_equal(v, 0x10001); /* IommuEn, GTEn */
}

/* How its interrupt entries look follows from two modes of the driver. */
static void amd_interrupts(void **state)
{
	static const struct {
		u32 guest_ir, xt;
		u64 control;
	} modes[] = { { 0, 1, 0x10001 },
		      { 1, 0, 0x30001 },
		      { 2, 1, 0x4000000030001 } };
	struct world *w = *state;
	char text[256];
	int n = snprintf(text, sizeof(text),
			 "%016llx D amd_iommu_list\n"
			 "%016llx d amd_iommu_guest_ir\n"
			 "%016llx d amd_iommu_xt_mode\n",
			 (unsigned long long)AMD_SYM,
			 (unsigned long long)AMD_SYM + 0x100,
			 (unsigned long long)AMD_SYM + 0x104);
	u64 v;

	plant_ivhd0(w);
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		memcpy(w->text + 0x200, &modes[i].guest_ir, sizeof(u32));
		memcpy(w->text + 0x204, &modes[i].xt, sizeof(u32));
		plant_amd(w, DIRECT_MAP + ROOT_AT, 0x2000, 0xff);
		plant_amd_btf(w, true);
		write_file(w, "proc/kallsyms", text, (size_t)n);
		run(w, NULL);
		assert_true(iommu_reg_get(&w->facts.unit[0].regs, 0x18, &v));
		assert_int_equal(v, modes[i].control);
	}
}

/* Kernels without dev_table_size: from the last requester. */
static void amd_table_size(void **state)
{
	struct world *w = *state;

	plant_amd(w, DIRECT_MAP + ROOT_AT, 0, 0x5f);
	plant_amd_btf(w, false);
	run(w, NULL);
	assert_int_equal(w->facts.unit[0].root, RAM_PHYS + ROOT_AT);
	plant_amd(w, DIRECT_MAP + ROOT_AT, 0, 0x100);
	run(w, NULL);
	assert_int_equal(w->facts.unit[0].root, (RAM_PHYS + ROOT_AT) | 3);
}

static void amd_damaged(void **state)
{
	struct world *w = *state;

	plant_amd(w, DIRECT_MAP + ROOT_AT, 0x1234, 0xff);
	plant_amd_btf(w, true);
	run(w, NULL);
	assert_int_equal(w->facts.unit[0].root, 0);
	assert_true(missing(w, "kcore", "device table of 4660 bytes"));
	plant_amd(w, VMALLOC_MAP, 0x1000, 0x7f);
	run(w, NULL);
	assert_int_equal(w->facts.unit[0].root, 0);
	assert_true(missing(w, "kcore", "no segment with a physical address"));
	plant_amd(w, 0, 0x1000, 0x7f);
	run(w, NULL);
	assert_int_equal(w->facts.unit[0].root, 0);
	assert_int_equal(w->facts.table_n, 0);
}

/* A header of 25 bytes: the types behind it are where no type may be. */
static void btf_unaligned(void **state)
{
	struct member m[] = { { .type = "list_head", .name = "next" } };
	struct btf *b = btf__new_empty();
	u8 bytes[512] = { 0 };
	char why[128] = "";
	const u8 *raw;
	__u32 len;
	u32 header = sizeof(struct btf_header) + 1;
	int id = btf__add_int(b, "u64", 8, 0);

	(void)state;
	btf__add_struct(b, "list_head", 16);
	btf__add_field(b, "next", id, 0, 0);
	raw = btf__raw_data(b, &len);
	assert_true(len < sizeof(bytes) - 1);
	memcpy(bytes, raw, len);
	assert_int_equal(members_btf(bytes, len, m, 1, why, sizeof(why)), 0);
	assert_true(m[0].found);
	memcpy(bytes + header, raw + header - 1, len - header + 1);
	memcpy(bytes + offsetof(struct btf_header, hdr_len), &header,
	       sizeof(header));
	assert_int_equal(members_btf(bytes, len + 1, m, 1, why, sizeof(why)),
			 -ENOEXEC);
	assert_non_null(strstr(why, "multiple of 4"));
	btf__free(b);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(finds_roots),	TEST(scalable_root),
		TEST(pasid_tables),	TEST(interrupt_table),
		TEST(hidden_addresses), TEST(hostile_kernel),
		TEST(bad_kcore),	TEST(bad_btf),
		TEST(dwarf_members),	TEST(dwarf_bits),
		TEST(btf_unaligned),	TEST(kcore_bounds),
		TEST(no_escape),	TEST(notes_spread),
		TEST(amd_device_table), TEST(amd_table_size),
		TEST(amd_damaged),	TEST(amd_interrupts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
