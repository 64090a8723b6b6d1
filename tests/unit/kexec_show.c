// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints what kexec makes of its inputs, as text. tests/unit/kexec_cases
 * compares it with what tests/cases/kexec expects.
 *
 *   kexec_show image HEX [OFFSET:BYTES=VALUE | len=N]...
 *   kexec_show cmdline FILE
 *   kexec_show options ARG...
 *   kexec_show plan TREE ARG...    all of the plan, addresses too
 *   kexec_show iommu TREE ARG...   what it says of IOMMUs, without addresses
 *   kexec_show big ARG...          see kexec_big.c
 *   kexec_show job TREE KERNEL ANSWERS ARG...   see kexec_job.c
 */
#include <asm/bootparam.h>
#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../lib/tree.h"
#include "cmdline.h"
#include "cmdline_words.h"
#include "handover.h"
#include "image.h"
#include "kexec_big.h"
#include "kexec_fixture.h"
#include "kexec_job.h"

#define KERNEL "bzimage.hex"

static void print_lines(const char *kind, const struct lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		printf("%s: %s\n", kind, l->line[i]);
}

/* --- image --- */

static bool change(struct file *f, const char *arg)
{
	unsigned int off, bytes;
	unsigned long long val;

	if (sscanf(arg, "len=%llu", &val) == 1) {
		f->len = val;
		return true;
	}
	if (sscanf(arg, "%x:%u=%llx", &off, &bytes, &val) != 3 || bytes > 8 ||
	    off + bytes > f->len)
		return false;
	memcpy(f->data + off, &val, bytes);
	return true;
}

static int show_image(int argc, char **argv)
{
	struct file f = { .path = "FILE" };
	struct image im;
	struct error e;

	f.data = tree_hex_file(argv[0], &f.len);
	for (int i = 1; i < argc; i++)
		if (!change(&f, argv[i]))
			return 2;
	if (image_parse(&im, &f, &e))
		printf("error: %s\n", e.text);
	else
		printf("offset %" PRIu64 " len %" PRIu64 " memsz 0x%" PRIx64
		       " align 0x%" PRIx64 " min 0x%" PRIx64 " entry 0x%" PRIx64
		       " cmdline_max %u rsdp %d release \"%s\"\n",
		       im.offset, im.len, im.memsz, im.align, im.min, im.entry,
		       im.cmdline_max, im.takes_rsdp, im.release);
	image_free(&im);
	free(f.data);
	return 0;
}

/* --- command line --- */

/* "crash|idle|amd|normal MODE MAX | RUNNING | APPEND", RUNNING "-" when not reused */
static void show_cmdline_row(char *row)
{
	char *running = strchr(row, '|'), *append;
	struct cmdline_request r = { 0 };
	char kind[16], mode[16], *line;
	struct lines told = { 0 };
	struct error e;

	printf("%s\n", row);
	append = running ? strchr(running + 1, '|') : NULL;
	if (!append || sscanf(row, "%15s %15s %u", kind, mode, &r.max) != 3)
		exit(2);
	*running++ = *append++ = 0;
	running[-1] = append[-1] = 0;
	r.running = strcmp(running, " - ") ? running : NULL;
	r.append = append;
	r.iommu_idle = !strcmp(kind, "idle");
	if (r.iommu_idle)
		r.vendors = 1u << IOMMU_VENDOR_VTD;
	else if (!strcmp(kind, "amd"))
		r.vendors = 1u << IOMMU_VENDOR_AMDVI;
	r.crash = r.vendors || !strcmp(kind, "crash");
	r.mode = iommu_mode_parse(mode);
	r.elfcorehdr = r.crash ? 0x2ff00000 : 0;
	line = cmdline_make(&r, &told, &e);
	printf("\t%s%s\n", line ? "" : "error: ", line ? line : e.text);
	print_lines("\ttold", &told);
	lines_free(&told);
	free(line);
}

static int show_cmdline(const char *file)
{
	char row[8192];
	FILE *f = fopen(file, "r");

	if (!f)
		return 2;
	while (fgets(row, sizeof(row), f)) {
		row[strcspn(row, "\n")] = 0;
		if (*row && *row != '#')
			show_cmdline_row(row);
	}
	fclose(f);
	return 0;
}

/* --- options --- */

static int show_options(int argc, char **argv)
{
	struct options o;
	struct error e;

	if (options_parse(&o, argc, argv, &e)) {
		printf("error: %s\n", e.text);
	} else {
		printf("load %d unload %d exec %d panic %d shutdown %d status "
		       "%d "
		       "help %d version %d size %d dry-run %d\n",
		       o.load, o.unload, o.exec, o.panic, o.shutdown, o.status,
		       o.help, o.version, o.print_ckr_size, o.dry_run);
		printf("kernel %s initrd %s append %s loader %d mode %s "
		       "timeout "
		       "%" PRIu64 "\n",
		       o.kernel, o.initrd, o.append, o.loader,
		       iommu_mode_name(o.mode), o.timeout_ms);
		for (size_t i = 0; i < o.device_n; i++)
			printf("device %04x:%04x %s\n", o.device[i].segment,
			       o.device[i].requester,
			       iommu_mode_name(o.device[i].mode));
		print_lines("ignored", &o.ignored);
	}
	options_free(&o);
	return 0;
}

/* --- plan --- */

static void print_e820(u64 addr, u64 size, u32 type)
{
	printf("e820 %016" PRIx64 "-%016" PRIx64 " %u\n", addr, addr + size - 1,
	       type);
}

static void print_boot(struct fixture *x)
{
	const struct segment *s = fixture_segment(x, "boot_params");
	const struct boot_params *bp = (const void *)s->buf;
	u64 at = bp->hdr.setup_data;
	u64 line = bp->hdr.cmd_line_ptr | (u64)bp->ext_cmd_line_ptr << 32;
	u64 initrd = bp->hdr.ramdisk_image | (u64)bp->ext_ramdisk_image << 32;

	for (u32 i = 0; i < bp->e820_entries; i++)
		print_e820(bp->e820_table[i].addr, bp->e820_table[i].size,
			   bp->e820_table[i].type);
	while (at) {
		const struct setup_data *d =
			(const void *)(s->buf + at - s->mem);
		const struct boot_e820_entry *e = (const void *)d->data;

		printf("setup_data type %u len %u\n", d->type, d->len);
		for (u32 i = 0;
		     d->type == SETUP_E820_EXT && i < d->len / sizeof(*e); i++)
			print_e820(e[i].addr, e[i].size, e[i].type);
		at = d->next;
	}
	if (bp->efi_info.efi_memmap_size)
		printf("efi systab 0x%x map of %u bytes\n",
		       bp->efi_info.efi_systab, bp->efi_info.efi_memmap_size);
	printf("boot type_of_loader 0x%x initrd 0x%" PRIx64 "+0x%x rsdp 0x%llx "
	       "sentinel 0x%x cmdline \"%s\"\n",
	       bp->hdr.type_of_loader, initrd, bp->hdr.ramdisk_size,
	       (unsigned long long)bp->acpi_rsdp_addr, bp->sentinel,
	       (const char *)s->buf + (line - s->mem));
}

static void print_elf(struct fixture *x)
{
	const struct segment *s = fixture_segment(x, "handover");
	const Elf64_Ehdr *eh = (const void *)s->buf;
	const Elf64_Phdr *ph = (const void *)(s->buf + sizeof(*eh));

	if (memcmp(eh->e_ident, ELFMAG, SELFMAG))
		return;
	printf("elf type %u machine %u phnum %u\n", eh->e_type, eh->e_machine,
	       eh->e_phnum);
	for (u32 i = 0; i < eh->e_phnum; i++)
		printf("%s offset 0x%" PRIx64 " vaddr 0x%" PRIx64
		       " paddr 0x%" PRIx64 " len 0x%" PRIx64 "\n",
		       ph[i].p_type == PT_NOTE ? "note" : "load",
		       ph[i].p_offset, ph[i].p_vaddr, ph[i].p_paddr,
		       ph[i].p_memsz);
}

/* An array of the plan as it lies in the handover segment. */
static const void *array(struct fixture *x, const struct handover_array *a)
{
	const struct segment *s = fixture_segment(x, "handover");

	return s->buf + (fixture_handover(x)->plan.start - s->mem) + a->offset;
}

static void print_handover(struct fixture *x, bool addresses)
{
	const struct handover *h = fixture_handover(x);
	const struct handover_unit *u = array(x, &h->units);
	const struct iommu_override *o = array(x, &h->overrides);
	const struct span *ram = array(x, &h->ram), *g = array(x, &h->guard);

	printf("handover flags 0x%x mode %s ticks_per_ms %" PRIu64
	       " budgets %u %u serial 0x%" PRIx64 " baud %u note %s arena %s "
	       "scratch %s\n",
	       h->flags, iommu_mode_name(h->mode), h->ticks_per_ms,
	       h->budget_us, h->check_budget_us, h->serial_base, h->serial_baud,
	       h->note.len ? "yes" : "no", h->arena.len ? "yes" : "no",
	       h->scratch ? "yes" : "no");
	for (u32 i = 0; i < h->units.n; i++)
		printf("unit %u at 0x%" PRIx64
		       "+0x%x segment %u vendor %u %s\n",
		       u[i].id, u[i].reg_phys, u[i].reg_len, u[i].segment,
		       u[i].vendor, iommu_mode_name(u[i].mode));
	for (u32 i = 0; i < h->overrides.n; i++)
		printf("override unit %u requester %04x %s\n", o[i].unit,
		       o[i].requester, iommu_mode_name(o[i].mode));
	for (u32 i = 0; i < h->ram.n; i++)
		printf("ram 0x%" PRIx64 "+0x%" PRIx64 "\n", ram[i].start,
		       ram[i].len);
	for (u32 i = 0; i < h->guard.n; i++)
		printf("guard 0x%" PRIx64 "+0x%" PRIx64 "\n", g[i].start,
		       g[i].len);
	if (!addresses)
		return;
	ram = array(x, &h->regions);
	printf("entry 0x%" PRIx64 " arg 0x%" PRIx64 "\n", h->entry,
	       h->entry_arg);
	for (u32 i = 0; i < h->regions.n; i++)
		printf("digest 0x%" PRIx64 "+0x%" PRIx64 "\n", ram[i].start,
		       ram[i].len);
}

/* One line for each stretch of pages of one size and attribute. */
struct stretch {
	u64 start, end, attr;
	u32 level;
};

static void flush(struct stretch *s)
{
	static const char *const size[] = { "", "4K", "2M", "1G" };

	if (s->end > s->start)
		printf("map %012" PRIx64 "-%012" PRIx64 " %s %s\n", s->start,
		       s->end - 1, size[s->level],
		       s->attr & 0x18 ? "UC" : "WB");
	s->start = s->end;
}

static void walk(const struct segment *pt, u64 table, u32 level, u64 base,
		 struct stretch *run)
{
	const u64 *e = (const void *)(pt->buf + (table - pt->mem));

	for (u64 i = 0; i < 512; i++) {
		u64 size = 1ull << (12 + 9 * (level - 1));
		u64 addr = base + i * size;

		if (!(e[i] & 1))
			continue;
		if (level > 1 && !(e[i] & 0x80)) {
			walk(pt, e[i] & 0xffffffffff000, level - 1, addr, run);
			continue;
		}
		if ((e[i] & 0xffffffffff000 & ~(size - 1)) != addr)
			printf("map %" PRIx64 " is not the identity\n", addr);
		if (addr != run->end || level != run->level ||
		    (e[i] & 0x18) != run->attr) {
			flush(run);
			*run = (struct stretch){ addr, addr, e[i] & 0x18,
						 level };
		}
		run->end = addr + size;
	}
}

static void print_map(struct fixture *x)
{
	const struct segment *pt = fixture_segment(x, "pgtable");
	struct stretch run = { 0 };

	walk(pt, fixture_handover(x)->pgtable[PGTABLE_LA57], 5, 0, &run);
	flush(&run);
	run = (struct stretch){ 0 };
	printf("map tables %llu, 4-level root in entry 0: %d\n",
	       pt->bufsz / PAGE_4K,
	       (*(u64 *)pt->buf & 0xffffffffff000) ==
		       fixture_handover(x)->pgtable[PGTABLE_4LEVEL]);
}

static void print_plan(struct fixture *x, bool addresses)
{
	print_lines("warning", &x->plan.warnings);
	print_lines("told", &x->plan.notices);
	if (x->options.json) {
		plan_print_json(&x->plan, stdout);
		return;
	}
	if (addresses) {
		plan_print(&x->plan, stdout);
		print_boot(x);
		print_elf(x);
		print_map(x);
	}
	print_handover(x, addresses);
}

static int show_plan(const char *tree, int argc, char **argv, bool addresses)
{
	struct error e = { "" };
	struct fixture x;

	if (fixture_make(&x, tree, KERNEL, argc, argv, &e)) {
		printf("error: %s\n", e.text);
	} else {
		print_lines("machine warning", &x.host.warnings);
		print_plan(&x, addresses);
	}
	fixture_free(&x);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	if (!strcmp(argv[1], "image"))
		return show_image(argc - 2, argv + 2);
	if (!strcmp(argv[1], "cmdline"))
		return show_cmdline(argv[2]);
	if (!strcmp(argv[1], "options"))
		return show_options(argc - 1, argv + 1);
	if (!strcmp(argv[1], "plan") || !strcmp(argv[1], "iommu"))
		return show_plan(argv[2], argc - 2, argv + 2, *argv[1] == 'p');
	if (!strcmp(argv[1], "big"))
		return show_big(argc - 1, argv + 1);
	if (!strcmp(argv[1], "job") && argc > 5)
		return show_job(argc - 2, argv + 2);
	return 2;
}
