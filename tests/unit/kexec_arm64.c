// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plan for an arm64 machine that is made up here: what the core header, the
 * device tree and the identity map say, and what is refused because it can't
 * be established.
 */
#include <elf.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "gather.h"
#include "handover.h"
#include "image.h"
#include "kexec_fixture.h"
#include "memmap.h"
/* last: its fail() is a macro */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define RAM 0x40000000ULL
#define RAM_LEN GIB(2)
#define LOW 0x50000000ULL
#define HIGH 0x90000000ULL
#define VOFFSET 0xffff80004fe00000ULL
#define CODE 0x40210000ULL
#define KERNEL_LEN 0x10000

struct world {
	/* what may be changed */
	u64 va_bits, phys_offset, voffset; /* 0: not in VMCOREINFO */
	u64 kcore_offset;		   /* virtual minus physical of RAM */
	bool no_kcore, no_vmcoreinfo, no_dtb;
	u64 initrd_len;	     /* 0: some */
	const char *far_ram; /* more lines of /proc/iomem */
	const char *load;    /* NULL: -p */
	u32 cells;
	const char *args[12];
	/* an Image's header */
	u64 text_offset, image_size, flags;
	/* what comes of it */
	char *root;
	struct sysroot sysroot;
	struct options options;
	struct facts facts;
	struct host host;
	struct memmap firmware;
	struct file kernel, initrd, dtb;
	u8 purgatory[FIXTURE_PURGATORY];
	struct plan plan;
	struct error e;
};

static struct world *plain_world(void)
{
	static const struct world w = {
		.va_bits = 48,
		.phys_offset = RAM,
		.voffset = VOFFSET,
		.kcore_offset = -(1ULL << 48) - RAM,
		.cells = 2,
		.image_size = 0x30000,
		.flags = 0xa,
	};
	struct world *new = malloc(sizeof(w));

	*new = w;
	return new;
}

/* --- the machine's files --- */

static void put_file(const struct world *w, const char *path, const void *bytes,
		     size_t len)
{
	char name[512];
	FILE *f;

	snprintf(name, sizeof(name), "%s/%s", w->root, path);
	for (char *s = name + strlen(w->root) + 1; (s = strchr(s, '/')); s++) {
		*s = 0;
		mkdir(name, 0700);
		*s = '/';
	}
	f = fopen(name, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	fclose(f);
}

static void put_text(const struct world *w, const char *path, const char *text)
{
	put_file(w, path, text, strlen(text));
}

static void put_kcore(const struct world *w)
{
	struct {
		Elf64_Ehdr eh;
		Elf64_Phdr ph[3];
		Elf64_Nhdr nh;
		char name[12];
		char text[512];
	} k = {
		.eh = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3,
				     ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			.e_type = ET_CORE,
			.e_machine = EM_AARCH64,
			.e_phoff = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 3 },
		.nh = { .n_namesz = 11, .n_descsz = sizeof(k.text) },
		.name = "VMCOREINFO",
	};
	int n = 0;

	if (w->va_bits)
		n += sprintf(k.text, "NUMBER(VA_BITS)=%d\n", (int)w->va_bits);
	if (w->phys_offset)
		n += sprintf(k.text + n, "NUMBER(PHYS_OFFSET)=0x%llx\n",
			     (unsigned long long)w->phys_offset);
	if (w->voffset)
		sprintf(k.text + n, "NUMBER(kimage_voffset)=0x%llx\n",
			(unsigned long long)w->voffset);
	k.ph[0] = (Elf64_Phdr){ .p_type = w->no_vmcoreinfo ? PT_NULL : PT_NOTE,
				.p_offset = (u64)((u8 *)&k.nh - (u8 *)&k),
				.p_filesz = sizeof(k) -
					    (u64)((u8 *)&k.nh - (u8 *)&k) };
	/* vmalloc, which has no physical address */
	k.ph[1] = (Elf64_Phdr){ .p_type = PT_LOAD,
				.p_vaddr = 0xffff800008000000ULL,
				.p_paddr = ~0ULL,
				.p_memsz = MIB(1) };
	k.ph[2] = (Elf64_Phdr){ .p_type = PT_LOAD,
				.p_vaddr = RAM + w->kcore_offset,
				.p_paddr = RAM,
				.p_memsz = RAM_LEN };
	put_file(w, "proc/kcore", &k, sizeof(k));
}

/* A /chosen full of what another kernel was told. */
static void make_dtb(const struct world *w, void *fdt, int size)
{
	int chosen;

	assert_int_equal(fdt_create_empty_tree(fdt, size), 0);
	fdt_setprop_u32(fdt, 0, "#address-cells", w->cells);
	fdt_setprop_u32(fdt, 0, "#size-cells", w->cells);
	chosen = fdt_add_subnode(fdt, 0, "chosen");
	fdt_setprop_string(fdt, chosen, "bootargs", "old");
	fdt_setprop_u64(fdt, chosen, "kaslr-seed", 0);
	fdt_setprop_u64(fdt, chosen, "linux,initrd-start", 1);
	fdt_setprop_u64(fdt, chosen, "linux,uefi-system-table", 0x1234);
	fdt_pack(fdt);
}

static void put_machine(const struct world *w)
{
	u8 fdt[4096];

	char iomem[512];

	snprintf(iomem, sizeof(iomem), "%s%s",
		 "40000000-bfffffff : System RAM\n"
		 "  40210000-4140ffff : Kernel code\n"
		 "  41410000-41a0ffff : reserved\n"
		 "  41a10000-4201ffff : Kernel data\n"
		 "  50000000-53ffffff : Crash kernel\n"
		 "  90000000-9fffffff : Crash kernel\n",
		 w->far_ram ? w->far_ram : "");
	put_text(w, "proc/iomem", iomem);
	put_text(w, "proc/cmdline", "root=/dev/vda crashkernel=256M\n");
	put_text(w, "proc/sys/kernel/osrelease", "6.1.0-50-arm64\n");
	put_text(w, "sys/devices/system/cpu/cpu0/crash_notes", "bf700000\n");
	put_text(w, "sys/kernel/vmcoreinfo", "bf701000 1024\n");
	put_text(w, "sys/class/tty/ttyAMA0/iomem_base", "0x9000000\n");
	put_text(w, "sys/class/tty/ttyAMA0/type", "32\n");
	put_text(w, "sys/class/tty/ttyAMA0/io_type", "2\n");
	put_text(w, "sys/class/tty/ttyAMA0/iomem_reg_shift", "0\n");
	if (!w->no_kcore)
		put_kcore(w);
	if (w->no_dtb)
		return;
	make_dtb(w, fdt, sizeof(fdt));
	put_file(w, "sys/firmware/fdt", fdt, fdt_totalsize(fdt));
}

static void put_kernel(struct world *w)
{
	u8 *k = calloc(1, KERNEL_LEN);

	memcpy(k + 8, &w->text_offset, 8);
	memcpy(k + 16, &w->image_size, 8);
	memcpy(k + 24, &w->flags, 8);
	memcpy(k + 56, "ARM\x64", 4);
	strcpy((char *)k + 0x8000, "Linux version 6.1.0-50-arm64 (gcc)");
	w->kernel = (struct file){ "Image", k, KERNEL_LEN };
	if (!w->initrd_len)
		w->initrd_len = 5000;
	w->initrd = (struct file){ "initrd", calloc(1, w->initrd_len),
				   w->initrd_len };
}

/* Makes the plan; its result. */
static int plan_world(struct world *w)
{
	const char *argv[16] = { "kexec", w->load ? w->load : "-p",
				 "--append=root=/dev/nvme0n1",
				 "--initrd=initrd" };
	struct plan_input in = { .options = &w->options,
				 .facts = &w->facts,
				 .host = &w->host,
				 .kernel = &w->kernel,
				 .initrd = &w->initrd,
				 .dtb = &w->dtb,
				 .firmware = &w->firmware,
				 .purgatory = w->purgatory,
				 .purgatory_len = sizeof(w->purgatory) };
	char dir[] = "/tmp/kexec-arm64-XXXXXX";
	struct gather_opts g = { .root = &w->sysroot };
	int argc = 4;

	w->root = strdup(mkdtemp(dir));
	put_machine(w);
	put_kernel(w);
	fixture_purgatory(w->purgatory);
	for (size_t i = 0; w->args[i]; i++)
		argv[argc++] = w->args[i];
	argv[argc++] = "Image";
	assert_int_equal(sysroot_open(&w->sysroot, w->root), 0);
	w->sysroot.live = true; /* seeds and a counter */
	optind = 0;
	if (options_parse(&w->options, argc, (char **)argv, &w->e))
		return -1;
	assert_int_equal(gather(&w->facts, &g), 0);
	assert_int_equal(host_read(&w->host, &w->sysroot, true, &w->e), 0);
	memmap_of_machine(&w->firmware, &w->facts);
	return plan_make(&w->plan, &in, &w->e);
}

static void end_world(struct world *w)
{
	char command[600];

	plan_free(&w->plan);
	options_free(&w->options);
	host_free(&w->host);
	facts_free(&w->facts);
	memmap_free(&w->firmware);
	sysroot_close(&w->sysroot);
	free(w->kernel.data);
	free(w->initrd.data);
	snprintf(command, sizeof(command), "rm -r %s", w->root);
	assert_int_equal(system(command), 0);
	free(w->root);
	free(w);
}

static const struct segment *segment(struct world *w, const char *name)
{
	const struct segment *s = segments_find(&w->plan.segments, name);

	assert_non_null(s);
	return s;
}

static void expect_refused(struct world *w, const char *says)
{
	assert_int_equal(plan_world(w), -1);
	if (!strstr(w->e.text, says))
		fail_msg("\"%s\" does not say \"%s\"", w->e.text, says);
	end_world(w);
}

/* --- the core header --- */

/* Where each byte of RAM is said to be mapped, and how many PT_LOADs say so. */
static u32 check_loads(struct world *w, u64 offset)
{
	const u8 *buf = segment(w, "handover")->buf;
	const Elf64_Ehdr *eh = (const void *)buf;
	const Elf64_Phdr *p = (const void *)(buf + eh->e_phoff);
	u32 n = 0;

	assert_int_equal(eh->e_machine, EM_AARCH64);
	for (u32 i = 0; i < eh->e_phnum; i++) {
		if (p[i].p_type != PT_LOAD)
			continue;
		assert_true(p[i].p_offset == p[i].p_paddr);
		assert_true(p[i].p_paddr >= RAM && p[i].p_filesz <= RAM_LEN &&
			    p[i].p_paddr + p[i].p_filesz <= RAM + RAM_LEN);
		assert_true(p[i].p_memsz == p[i].p_filesz);
		if (p[i].p_paddr == CODE && p[i].p_vaddr == CODE + VOFFSET)
			assert_int_equal(p[i].p_memsz, 0x42020000 - CODE);
		else
			assert_true(p[i].p_vaddr == p[i].p_paddr + offset);
		n++;
	}
	return n;
}

static void header_of_48_bits(void **state)
{
	struct world *w = plain_world();

	(void)state;
	assert_int_equal(plan_world(w), 0);
	/* text; below, between and above the two reservations */
	assert_int_equal(check_loads(w, 0xffff000000000000ULL - RAM), 4);
	end_world(w);
}

/* Built for 52 bits, on a CPU with 48: the linear map wraps. */
static void header_of_52_bits(void **state)
{
	struct world *w = plain_world();

	(void)state;
	w->va_bits = 52;
	w->phys_offset = RAM + (1ULL << 48) - (1ULL << 52);
	w->kcore_offset = -(1ULL << 52) - w->phys_offset;
	assert_int_equal(plan_world(w), 0);
	assert_int_equal(check_loads(w, 0xffff000000000000ULL - RAM), 4);
	end_world(w);
}

static void header_without_text(void **state)
{
	struct world *w = plain_world();

	(void)state;
	w->voffset = 0;
	assert_int_equal(plan_world(w), 0);
	assert_int_equal(check_loads(w, 0xffff000000000000ULL - RAM), 3);
	end_world(w);
}

static void header_unknown(void **state)
{
	struct world *w = plain_world();

	(void)state;
	w->no_kcore = true;
	expect_refused(w, "/proc/kcore: No such file");
	w = plain_world();
	w->no_vmcoreinfo = true;
	expect_refused(w, "no VMCOREINFO with VA_BITS");
	w = plain_world();
	w->va_bits = 0;
	expect_refused(w, "no VMCOREINFO with VA_BITS");
	w = plain_world();
	w->phys_offset = 0;
	expect_refused(w, "no VMCOREINFO with VA_BITS");
	w = plain_world();
	w->phys_offset += MIB(2);
	expect_refused(w, "/proc/kcore shows no RAM mapped so");
	w = plain_world();
	w->phys_offset = RAM + (1ULL << 63);
	w->kcore_offset = -(1ULL << 48) - w->phys_offset;
	expect_refused(w, "no kernel address");
}

/* --- the device tree --- */

static u64 cells(const fdt32_t *c, u32 n)
{
	return n == 2 ? (u64)fdt32_to_cpu(c[0]) << 32 | fdt32_to_cpu(c[1])
		      : fdt32_to_cpu(c[0]);
}

static void check_dtb(u32 width)
{
	struct world *w = plain_world();
	const struct segment *s, *h;
	const fdt32_t *p;
	int chosen, len;

	w->cells = width;
	assert_int_equal(plan_world(w), 0);
	s = segment(w, "dtb");
	h = segment(w, "handover");
	assert_int_equal(fdt_check_full(s->buf, s->bufsz), 0);
	chosen = fdt_path_offset(s->buf, "/chosen");
	p = fdt_getprop(s->buf, chosen, "linux,usable-memory-range", &len);
	assert_int_equal(len, width * 16);
	assert_true(cells(p, width) == HIGH);
	assert_true(cells(p + width, width) == MIB(256));
	assert_true(cells(p + 2 * width, width) == LOW);
	assert_true(cells(p + 3 * width, width) == MIB(64));
	p = fdt_getprop(s->buf, chosen, "linux,elfcorehdr", &len);
	assert_int_equal(len, width * 8);
	assert_true(cells(p, width) == h->mem);
	assert_true(cells(p + width, width) == h->memsz);
	assert_string_equal(fdt_getprop(s->buf, chosen, "bootargs", NULL),
			    "root=/dev/nvme0n1");
	p = fdt_getprop(s->buf, chosen, "linux,initrd-start", &len);
	assert_true(cells(p, 2) == segment(w, "initrd")->mem);
	p = fdt_getprop(s->buf, chosen, "linux,initrd-end", &len);
	assert_true(cells(p, 2) == segment(w, "initrd")->mem + 5000);
	p = fdt_getprop(s->buf, chosen, "linux,uefi-system-table", &len);
	assert_true(cells(p, 2) == 0x1234);
	p = fdt_getprop(s->buf, chosen, "kaslr-seed", &len);
	assert_int_equal(len, 8);
	assert_true(cells(p, 2) != 0);
	assert_non_null(fdt_getprop(s->buf, chosen, "rng-seed", &len));
	assert_int_equal(len, 32);
	end_world(w);
}

static void dtb_chosen(void **state)
{
	(void)state;
	check_dtb(2);
	check_dtb(1);
}

static void dtb_missing(void **state)
{
	struct world *w = plain_world();

	(void)state;
	w->no_dtb = true;
	expect_refused(w, "no device tree: /sys/firmware/fdt");
	w = plain_world();
	w->cells = 3;
	expect_refused(w, "#address-cells 3");
}

/* --- places --- */

static void places(void **state)
{
	struct world *w = plain_world();

	(void)state;
	w->text_offset = 0x80000;
	assert_int_equal(plan_world(w), 0);
	for (u32 i = 0; i < w->plan.segments.n; i++) {
		const struct segment *s = &w->plan.segments.s[i];

		assert_int_equal(s->mem % KIB(64), 0);
		assert_int_equal(s->memsz % KIB(64), 0);
		assert_true(s->mem >= HIGH &&
			    s->mem + s->memsz <= HIGH + MIB(256));
	}
	assert_int_equal(segment(w, "kernel")->mem % MIB(2), 0x80000);
	assert_int_equal(segment(w, "kernel")->memsz, 0x30000);
	assert_string_equal(w->plan.release, "6.1.0-50-arm64");
	end_world(w);
}

static u64 entry_at(const struct segment *pt, u64 table, u64 addr, u32 level)
{
	const u64 *e = (const void *)(pt->buf + (table - pt->mem));

	return e[addr >> (12 + 9 * (level - 1)) & 511];
}

/* The page that @addr is in: its entry, and its level. */
static u64 leaf(struct world *w, u64 addr, u32 *level)
{
	const struct segment *pt = segment(w, "pgtable");
	const struct segment *purgatory = segment(w, "purgatory");
	const struct handover *h =
		(const void *)(purgatory->buf + FIXTURE_PURGATORY / 2);
	u64 entry, table = h->pgtable[PGTABLE_TTBR0];

	for (*level = 4; *level; --*level) {
		entry = entry_at(pt, table, addr, *level);
		if (!entry || *level == 1 || (entry & 3) == 1)
			break;
		table = entry & 0xfffffffff000ULL;
	}
	return entry;
}

/* The kernel goes to the little RAM that lies far above, the initrd can't. */
static void initrd_far_away(void **state)
{
	struct world *w = plain_world();

	(void)state;
	w->load = "-l";
	w->far_ram = "2000200000-20006fffff : System RAM\n";
	w->initrd_len = MIB(8);
	expect_refused(w, "more than 32 GiB apart");
	w = plain_world();
	w->load = "-l";
	w->far_ram = "800200000-8006fffff : System RAM\n";
	w->initrd_len = MIB(8);
	assert_int_equal(plan_world(w), 0);
	assert_true(segment(w, "kernel")->mem >= GIB(32));
	assert_true(segment(w, "initrd")->mem < GIB(4));
	end_world(w);
}

static void map(void **state)
{
	struct world *w = plain_world();
	u32 level;

	(void)state;
	w->args[0] = "--console-serial";
	assert_int_equal(plan_world(w), 0);
	/* normal memory, inner shareable, accessed; blocks of 1 GiB */
	assert_true(leaf(w, RAM, &level) == (RAM | 0x705));
	assert_int_equal(level, 3);
	/* the UART: a page of device memory, never executed */
	assert_true(leaf(w, 0x9000000, &level) == 0x60000009000403ULL);
	assert_int_equal(level, 1);
	assert_true(leaf(w, 0x9001000, &level) == 0);
	assert_true(leaf(w, RAM + RAM_LEN, &level) == 0);
	end_world(w);
}

/* --- images and options that are refused --- */

static void bad_images(void **state)
{
	struct world *w = plain_world();

	(void)state;
	w->image_size = 0;
	expect_refused(w, "before 3.17");
	w = plain_world();
	w->image_size = KERNEL_LEN - 1;
	expect_refused(w, "image_size 0xffff");
	w = plain_world();
	w->image_size = ~0ULL;
	expect_refused(w, "image_size 0xffffffffffffffff");
	w = plain_world();
	w->text_offset = MIB(2);
	expect_refused(w, "text_offset 0x200000");
	w = plain_world();
	w->flags |= 1;
	expect_refused(w, "big endian");
}

/* Is there a warning that says so? */
static bool warned(const struct world *w, const char *says)
{
	for (size_t i = 0; i < w->plan.warnings.n; i++)
		if (strstr(w->plan.warnings.line[i], says))
			return true;
	return false;
}

/* No program can ask the CPU whether it has pages of that size. */
static void page_sizes(void **state)
{
	static const struct {
		u64 flags;
		const char *load, *says; /* NULL: nothing is said */
	} c[] = {
		{ 0x8, NULL, NULL }, /* it does not say */
		{ 0xa, NULL, NULL },
		{ 0xc, NULL, "pages of 16 KiB, this one of 4" },
		{ 0xe, NULL, "pages of 64 KiB, this one of 4" },
		{ 0xe, "-l", "pages of 64 KiB, this one of 4" },
	};
	struct world *w;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(c); i++) {
		w = plain_world();
		w->flags = c[i].flags;
		w->load = c[i].load;
		assert_int_equal(plan_world(w), 0);
		assert_int_equal(warned(w, c[i].says ? c[i].says : "pages of"),
				 c[i].says != NULL);
		end_world(w);
	}
}

static void bad_options(void **state)
{
	struct world *w = plain_world();

	(void)state;
	w->args[0] = "--console-vga";
	expect_refused(w, "--console-vga: this architecture has none");
	w = plain_world();
	w->args[0] = "--console-serial";
	w->args[1] = "--serial=ttyS7";
	expect_refused(w, "--serial=ttyS7");
	w = plain_world();
	w->args[0] = "--console-serial";
	w->args[1] = "--serial-baud=9600";
	expect_refused(w, "--serial-baud=9600");
	w = plain_world();
	w->args[0] = "--type=bzImage";
	expect_refused(w, "--type=bzImage: not one of Image");
	w = plain_world();
	w->args[0] = "--type=vmlinux";
	expect_refused(w, "not of --type=vmlinux");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_of_48_bits),
		cmocka_unit_test(header_of_52_bits),
		cmocka_unit_test(header_without_text),
		cmocka_unit_test(header_unknown),
		cmocka_unit_test(dtb_chosen),
		cmocka_unit_test(dtb_missing),
		cmocka_unit_test(places),
		cmocka_unit_test(initrd_far_away),
		cmocka_unit_test(map),
		cmocka_unit_test(bad_images),
		cmocka_unit_test(page_sizes),
		cmocka_unit_test(bad_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
