// SPDX-License-Identifier: GPL-2.0-only
/*
 * A made-up kernel in a whole dump: ELF core, VMCOREINFO, page tables, kallsyms
 * and BTF in its memory. What dump_kernel() finds there must be what
 * kernel_facts() finds in the same kernel when it is asked directly.
 */
#include <bpf/btf.h>
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../iommudump/report.h"
#include "answers.h"
#include "../lib/madeup.h"

/* As tests/lib/madeup.c has it. */
#define PHYS 0x80000000ULL
/* All of it is mapped in pages of 4 KiB, from address 0 on. */
#define MEMORY MIB(2)
/* Above what the text fills: */
#define TABLES 0x100000u /* page tables, four pages */
#define STEXT 0x110040u
#define NUM_AT 0x111000u
#define TOKENS_AT 0x112000u
#define INDEX_AT 0x113000u
#define OFFSETS_AT 0x114000u
#define NAMES_AT 0x115000u
#define BTF_AT 0x120000u

#define KERNEL_MAP 0xffffffff80000000ULL
#define PTE_P 1u
#define INFO_MAX 2048

struct world {
	struct madeup k;
	u8 *mem;
	u64 btf_len;
	char info[INFO_MAX];
	char path[32];
	u64 dropped; /* this page is not in the dump; 0: all are */
};

static void put64(struct world *w, u64 at, u64 val)
{
	memcpy(w->mem + at, &val, sizeof(val));
}

static void plant_tables(struct world *w)
{
	for (u32 i = 0; i < 3; i++)
		put64(w, TABLES + i * PAGE_4K,
		      (PHYS + TABLES + (i + 1) * PAGE_4K) | PTE_P);
	for (u32 i = 0; i < 512; i++)
		put64(w, TABLES + 3 * PAGE_4K + 8 * i,
		      (PHYS + i * PAGE_4K) | PTE_P);
}

/* Every code stands for itself. */
static void plant_tokens(struct world *w)
{
	for (u32 i = 0; i < 256; i++) {
		u16 off = (u16)(2 * i);

		memcpy(w->mem + INDEX_AT + 2 * i, &off, 2);
		w->mem[TOKENS_AT + 2 * i] = (u8)(i ? i : '?');
	}
}

static void plant_symbol(struct world *w, u32 *n, u32 *at, const char *name,
			 u64 addr)
{
	u32 len = (u32)strlen(name) + 1;
	int32_t off = (int32_t)(addr - (OFFSETS_AT + 4 * *n));

	w->mem[NAMES_AT + (*at)++] = (u8)len;
	w->mem[NAMES_AT + (*at)++] = 'D';
	memcpy(w->mem + NAMES_AT + *at, name, len - 1);
	*at += len - 1;
	memcpy(w->mem + OFFSETS_AT + 4 * *n, &off, sizeof(off));
	(*n)++;
}

static void plant_symbols(struct world *w)
{
	struct symbol s;
	u32 n = 0, at = 0;

	plant_tokens(w);
	plant_symbol(w, &n, &at, "_stext", STEXT);
	plant_symbol(w, &n, &at, "__start_BTF", BTF_AT);
	plant_symbol(w, &n, &at, "__stop_BTF", BTF_AT + w->btf_len);
	for (size_t i = 0; madeup_symbol(i, &s); i++)
		plant_symbol(w, &n, &at, s.name, s.addr);
	memcpy(w->mem + NUM_AT, &n, sizeof(n));
	snprintf(w->info, sizeof(w->info),
		 "OSRELEASE=9.9.9-made-up\nPAGESIZE=4096\n"
		 "NUMBER(phys_base)=%llu\nSYMBOL(swapper_pg_dir)=%llx\n"
		 "SYMBOL(_stext)=%x\nSYMBOL(kallsyms_names)=%x\n"
		 "SYMBOL(kallsyms_num_syms)=%x\n"
		 "SYMBOL(kallsyms_token_table)=%x\n"
		 "SYMBOL(kallsyms_token_index)=%x\n"
		 "SYMBOL(kallsyms_offsets)=%x\n",
		 PHYS, KERNEL_MAP + TABLES, STEXT, NAMES_AT, NUM_AT, TOKENS_AT,
		 INDEX_AT, OFFSETS_AT);
}

static void plant(struct world *w, const char *kernel)
{
	struct btf *btf = madeup_btf();
	const void *raw;
	__u32 len;

	memset(w->mem, 0, MEMORY);
	w->dropped = 0;
	madeup_free(&w->k);
	madeup_init(&w->k);
	assert_true(madeup_read(&w->k, kernel));
	for (size_t i = 0; i < w->k.pages; i++)
		memcpy(w->mem + w->k.page[i], w->k.bytes[i], PAGE_4K);
	raw = btf__raw_data(btf, &len);
	memcpy(w->mem + BTF_AT, raw, len);
	w->btf_len = len;
	btf__free(btf);
	plant_tables(w);
	plant_symbols(w);
}

/* Two PT_LOADs when a page in the middle was left out. */
static void write_dump(struct world *w)
{
	u64 gap = w->dropped ? w->dropped : MEMORY;
	u64 behind = w->dropped ? gap + PAGE_4K : MEMORY, len = strlen(w->info);
	struct {
		Elf64_Ehdr h;
		Elf64_Phdr p[3];
		Elf64_Nhdr n;
		char name[12], info[INFO_MAX];
	} e = { .h = { .e_type = ET_CORE,
		       .e_machine = EM_X86_64,
		       .e_phoff = sizeof(e.h),
		       .e_phentsize = sizeof(e.p[0]),
		       .e_phnum = 3 },
		.n = { sizeof("VMCOREINFO"), (u32)len, 0 },
		.name = "VMCOREINFO" };
	FILE *out = fopen(w->path, "w");

	assert_non_null(out);
	memcpy(e.h.e_ident, ELFMAG, SELFMAG);
	e.h.e_ident[EI_CLASS] = ELFCLASS64;
	e.h.e_ident[EI_DATA] = ELFDATA2LSB;
	memcpy(e.info, w->info, len);
	e.p[0] = (Elf64_Phdr){ .p_type = PT_NOTE,
			       .p_offset = offsetof(typeof(e), n),
			       .p_filesz =
				       sizeof(e.n) + 12 + ((len + 3) & ~3ULL),
			       .p_memsz = 0 };
	e.p[1] = (Elf64_Phdr){ .p_type = PT_LOAD,
			       .p_offset = sizeof(e),
			       .p_paddr = PHYS,
			       .p_filesz = gap,
			       .p_memsz = gap };
	e.p[2] = (Elf64_Phdr){ .p_type = PT_LOAD,
			       .p_offset = sizeof(e) + behind,
			       .p_paddr = PHYS + behind,
			       .p_filesz = MEMORY - behind,
			       .p_memsz = MEMORY - behind };
	assert_int_equal(fwrite(&e, sizeof(e), 1, out), 1);
	assert_int_equal(fwrite(w->mem, MEMORY, 1, out), 1);
	fclose(out);
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	int fd;

	if (!w)
		return -1;
	strcpy(w->path, "/tmp/kernel_dump.XXXXXX");
	fd = mkstemp(w->path);
	close(fd);
	w->mem = malloc(MEMORY);
	*state = w;
	return w->mem && fd >= 0 ? 0 : -1;
}

static int teardown(void **state)
{
	struct world *w = *state;

	unlink(w->path);
	madeup_free(&w->k);
	free(w->mem);
	free(w);
	return 0;
}

static bool missing(const struct dump *d, const char *source, const char *text)
{
	for (size_t i = 0; i < d->facts.missing_n; i++)
		if (!strcmp(d->facts.missing[i].source, source) &&
		    strstr(d->facts.missing[i].why, text))
			return true;
	return false;
}

/* As notes they are the same, byte for byte. */
static void same_facts(const struct facts *a, const struct facts *b)
{
	static const struct decisions none;
	struct note_segment *x, *y;
	size_t n, m;

	assert_int_equal(facts_to_notes(a, &none, &x, &n), 0);
	assert_int_equal(facts_to_notes(b, &none, &y, &m), 0);
	assert_int_equal(n, m);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(x[i].len, y[i].len);
		assert_memory_equal(x[i].bytes, y[i].bytes, x[i].len);
	}
	note_segments_free(x, n);
	note_segments_free(y, m);
}

static void open_dump(struct world *w, struct dump *d, int expected)
{
	char err[512] = "";

	write_dump(w);
	assert_int_equal(dump_open(d, w->path, err, sizeof(err)), 0);
	assert_int_equal(dump_kernel(d, NULL, err, sizeof(err)), expected);
	assert_true(!expected == !*err);
}

static void as_asked_directly(void **state)
{
	static const char *const kernels[] = {
		"kernel/vtd.case",	     "kernel/vtd-acpi-device.case",
		"kernel/amdvi-7.2.case",     "kernel/unknown-iommu.case",
		"kernel/bad-list-loop.case", "kernel/bad-numbers.case",
	};
	struct world *w = *state;
	struct dump d;

	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
		plant(w, kernels[i]);
		assert_int_equal(kernel_facts(&w->k.k, &w->k.facts), 0);
		open_dump(w, &d, 0);
		assert_true(d.from_kernel);
		same_facts(&w->k.facts, &d.facts);
		dump_close(&d);
	}
}

static void symbols_and_addresses(void **state)
{
	struct world *w = *state;
	char err[256] = "";
	struct dump d;
	u64 virt, phys;

	plant(w, "kernel/vtd.case");
	open_dump(w, &d, 0);
	assert_int_equal(dump_symbol(&d, NULL, "__start_BTF", &virt, err,
				     sizeof(err)),
			 0);
	assert_int_equal(virt, BTF_AT);
	assert_null(dump_virtual(&d, virt + 5, &phys));
	assert_int_equal(phys, PHYS + BTF_AT + 5);
	assert_string_equal(dump_virtual(&d, MEMORY, &phys), "not mapped");
	assert_int_not_equal(
		dump_symbol(&d, NULL, "none", &virt, err, sizeof(err)), 0);
	assert_string_equal(err, "none: no such symbol");
	dump_close(&d);
}

/* As notes of the load have them: without the last, and one that is gone. */
static void make_older(struct facts *f)
{
	struct fact_device *d;

	free(f->tool);
	f->tool = strdup("test");
	free(f->device[0].driver);
	f->device[0].driver = strdup("pci-stub");
	f->device[0].group = 1234;
	d = &f->device[--f->device_n];
	free(d->name);
	free(d->driver);
	d = array_grow(&f->device, &f->device_n, sizeof(*d));
	assert_non_null(d);
	*d = (struct fact_device){ .name = strdup("ffff:7f:1f.7"),
				   .driver = strdup("left"),
				   .segment = 0xffff,
				   .requester = 0x7fff,
				   .unit = REC_NONE,
				   .group = 77,
				   .domain_type = DOMAIN_DMA };
}

/* iommudump diff of the one dump tells the three. */
static void assert_told(struct dump *d, const char *changed, const char *gone,
			const char *came)
{
	const struct {
		const char *name, *change;
	} want[] = { { changed, "changed" },
		     { gone, "gone" },
		     { came, "came" } };
	char err[256] = "";
	struct report r = { .d = d,
			    .doc = json_object_new_object(),
			    .err = err,
			    .err_len = sizeof(err) };
	struct json_object *devices;

	assert_true(report_diff(&r));
	devices = get(r.doc, "devices");
	assert_int_equal(get_count(r.doc, "devices"), ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		struct json_object *o = json_object_array_get_idx(devices, i);

		assert_string_equal(get_text(o, "device"), want[i].name);
		assert_string_equal(get_text(o, "change"), want[i].change);
	}
	json_object_put(r.doc);
}

static void since_load(void **state)
{
	struct world *w = *state;
	char err[256] = "";
	struct dump d, now;
	size_t i, n;

	plant(w, "kernel/vtd.case");
	open_dump(w, &now, 0);
	assert_int_equal(dump_open(&d, w->path, err, sizeof(err)), 0);
	assert_int_equal(kernel_facts(&w->k.k, &d.facts), 0);
	n = d.facts.device_n;
	assert_true(n > 1 && !now.facts.missing_n);
	make_older(&d.facts);
	assert_int_equal(dump_since_load(&d, NULL), 0);
	assert_int_equal(d.facts.device_n, n + 1);
	for (i = 0; i + 1 < n; i++) {
		const struct fact_device *x = &d.facts.device[i];
		const struct fact_device *y = &now.facts.device[i];

		assert_string_equal(x->name, y->name);
		assert_string_equal(x->driver ? x->driver : "",
				    y->driver ? y->driver : "");
		if (y->group != REC_NONE)
			assert_int_equal(x->group, y->group);
		assert_int_equal(d.at_load[i].since,
				 i ? SINCE_SAME : SINCE_CHANGED);
	}
	assert_string_equal(d.at_load[0].driver, "pci-stub");
	assert_int_equal(d.at_load[0].group, 1234);
	assert_int_equal(d.at_load[n - 1].since, SINCE_GONE);
	assert_null(d.facts.device[n - 1].driver);
	assert_string_equal(d.at_load[n - 1].driver, "left");
	assert_int_equal(d.at_load[n].since, SINCE_ADDED);
	assert_string_equal(d.facts.device[n].name,
			    now.facts.device[n - 1].name);
	assert_told(&d, d.facts.device[0].name, "ffff:7f:1f.7",
		    d.facts.device[n].name);
	dump_close(&d);
	dump_close(&now);
}

static void not_in_the_dump(void **state)
{
	struct world *w = *state;
	struct dump d;

	plant(w, "kernel/vtd.case");
	w->dropped = 0x20000; /* the functions */
	open_dump(w, &d, 0);
	assert_int_equal(d.facts.unit_n, 2);
	assert_true(missing(&d, "memory", "not in the dump"));
	dump_close(&d);
	plant(w, "kernel/vtd.case");
	w->dropped = TABLES + 2 * PAGE_4K;
	open_dump(w, &d, 0);
	assert_int_equal(d.facts.unit_n, 0);
	assert_true(missing(&d, "kallsyms", "not readable"));
	dump_close(&d);
	plant(w, "kernel/vtd.case");
	w->dropped = BTF_AT;
	open_dump(w, &d, 0);
	assert_true(missing(&d, "BTF", "not in the dump"));
	dump_close(&d);
}

static void damaged(void **state)
{
	struct world *w = *state;
	struct dump d;

	plant(w, "kernel/vtd.case");
	memset(w->mem + BTF_AT, 0x5a, 64);
	open_dump(w, &d, 0);
	assert_true(missing(&d, "BTF", "no valid BTF"));
	dump_close(&d);
	/* It ends before it begins. */
	plant(w, "kernel/vtd.case");
	w->btf_len = -1ULL;
	plant_symbols(w);
	open_dump(w, &d, 0);
	assert_true(missing(&d, "BTF", "CONFIG_DEBUG_INFO_BTF"));
	dump_close(&d);
	plant(w, "kernel/vtd.case");
	w->mem[OFFSETS_AT] ^= 8;
	open_dump(w, &d, 0);
	assert_true(missing(&d, "kallsyms", "VMCOREINFO at"));
	dump_close(&d);
	plant(w, "kernel/vtd.case");
	strcpy(w->info, "OSRELEASE=9.9.9\n");
	open_dump(w, &d, -2);
	assert_false(d.from_kernel);
	dump_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(as_asked_directly, setup,
						teardown),
		cmocka_unit_test_setup_teardown(symbols_and_addresses, setup,
						teardown),
		cmocka_unit_test_setup_teardown(since_load, setup, teardown),
		cmocka_unit_test_setup_teardown(not_in_the_dump, setup,
						teardown),
		cmocka_unit_test_setup_teardown(damaged, setup, teardown),
	};
	const char *srcdir = getenv("srcdir");
	char cases[4096];

	snprintf(cases, sizeof(cases), "%s/tests/cases", srcdir ? srcdir : ".");
	if (chdir(cases)) {
		perror(cases);
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
