// SPDX-License-Identifier: GPL-2.0-only
/*
 * The plan for a machine that is larger than any at hand: 4096 CPUs of which
 * every 64th is missing, 2 TiB in 8192 ranges. What is captured of it is
 * made here; the plan is told by its sizes, its ends and its checksums, and
 * in how much processor time it was made.
 */
#include <asm/bootparam.h>
#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "iommu_notes.h"
#include "kexec_big.h"
#include "kexec_fixture.h"

#define CPUS 4096
#define RANGES 8192
#define STEP MIB(256)
#define HOLE MIB(2)
#define CRASH_START (GIB(64) + MIB(16))
#define CRASH_LEN MIB(224)

#if defined(__SANITIZE_ADDRESS__)
#define LIMIT_S 2.0
#else
#define LIMIT_S 0.2
#endif

/* Memory blocks of 254 MiB; one in 64 ends within a page. */
static void put_iomem(FILE *f)
{
	fprintf(f, "text proc/iomem\n");
	fprintf(f, "\t00001000-0009fbff : System RAM\n");
	for (u64 i = 0; i < RANGES - 1; i++) {
		u64 start = GIB(4) + i * STEP, end = start + STEP - HOLE;

		end -= i % 64 == 63 ? 0x800 : 0;
		fprintf(f, "\t%08" PRIx64 "-%08" PRIx64 " : System RAM\n",
			start, end - 1);
		if (CRASH_START > start && CRASH_START < end)
			fprintf(f,
				"\t  %08" PRIx64 "-%08" PRIx64
				" : Crash kernel\n",
				CRASH_START, CRASH_START + CRASH_LEN - 1);
		fprintf(f, "\t%08" PRIx64 "-%08" PRIx64 " : Reserved\n",
			start + STEP - HOLE, start + STEP - 1);
	}
}

static void put_cpus(FILE *f)
{
	for (u32 i = 0; i < CPUS + CPUS / 64; i++) {
		/* an offline CPU has a directory without notes */
		if (i % 65 == 64) {
			fprintf(f, "dir sys/devices/system/cpu/cpu%u\n", i);
			continue;
		}
		fprintf(f,
			"text sys/devices/system/cpu/cpu%u/crash_notes\n"
			"\t%llx\n",
			i, GIB(4) + i * 1024ull);
	}
	fprintf(f, "text sys/devices/system/cpu/cpu0/crash_notes_size\n"
		   "\t368\n");
}

static void put_rest(FILE *f)
{
	fprintf(f, "text sys/kernel/vmcoreinfo\n\t140000000 1024\n"
		   "text proc/sys/kernel/osrelease\n\t6.1.0-big\n"
		   "text proc/cpuinfo\n\tprocessor\t: 0\n"
		   "\tcpu MHz\t\t: 2000.000\n\tflags\t\t: pdpe1gb la57\n"
		   "text proc/cmdline\n\tquiet crashkernel=224M\n");
}

enum {
	HANDOVER = 1
}; /* second of the plan's segments */

static void print_segments(struct fixture *x)
{
	for (u32 i = 0; i < x->plan.segments.n; i++) {
		const struct segment *s = &x->plan.segments.s[i];

		printf("%s mem 0x%" PRIx64 " memsz 0x%" PRIx64, s->name, s->mem,
		       s->memsz);
		/* notes tell the time */
		if (x->plan.decisions.mode == IOMMU_MODE_OFF || i != HANDOVER)
			printf(" crc %08x",
			       note_crc32(0, s->buf, (u32)s->digest));
		printf("\n");
	}
}

static void print_phdr(const Elf64_Phdr *p)
{
	printf("%s paddr 0x%" PRIx64 " len 0x%" PRIx64 "\n",
	       p->p_type == PT_NOTE ? "note" : "load", p->p_paddr, p->p_memsz);
}

static void print_header(struct fixture *x)
{
	const Elf64_Ehdr *eh = (void *)fixture_segment(x, "handover")->buf;
	const Elf64_Phdr *p = (const void *)(eh + 1);
	u64 bytes = 0, loads = 0;

	for (u32 i = 0; i < eh->e_phnum; i++) {
		bytes += p[i].p_type == PT_LOAD ? p[i].p_memsz : 0;
		loads += p[i].p_type == PT_LOAD;
		if (i < 2 || i + 2 >= eh->e_phnum ||
		    p[i].p_type != p[i - 1].p_type ||
		    p[i].p_type != p[i + 1].p_type)
			print_phdr(&p[i]);
	}
	printf("%u program headers, %" PRIu64 " of RAM with 0x%" PRIx64
	       " bytes\n",
	       eh->e_phnum, loads, bytes);
}

static void print_e820(struct fixture *x)
{
	const struct segment *s = fixture_segment(x, "boot_params");
	const struct boot_params *bp = (const void *)s->buf;
	u64 at = bp->hdr.setup_data;

	printf("e820: %u entries", bp->e820_entries);
	while (at) {
		const struct setup_data *d =
			(const void *)(s->buf + at - s->mem);

		if (d->type == SETUP_E820_EXT)
			printf(" and %zu",
			       d->len / sizeof(struct boot_e820_entry));
		at = d->next;
	}
	printf("\n");
}

int show_big(int argc, char **argv)
{
	char tree[] = "/tmp/kexec-big.XXXXXX";
	int fd = mkstemp(tree);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	struct error e = { "" };
	struct fixture x;
	double seconds;

	if (!f)
		return 2;
	put_iomem(f);
	put_cpus(f);
	put_rest(f);
	fclose(f);
	if (fixture_make(&x, tree, "bzimage.hex", argc, argv, &e))
		printf("error: %s\n", e.text);
	unlink(tree);
	if (!*e.text) {
		printf("warnings %zu, handover RAM %u\n", x.plan.warnings.n,
		       fixture_handover(&x)->ram.n);
		print_segments(&x);
		if (x.plan.panic)
			print_header(&x);
		print_e820(&x);
	}
	seconds = (double)x.ticks / CLOCKS_PER_SEC;
	if (seconds > LIMIT_S)
		printf("%.3f s, more than %.1f\n", seconds, LIMIT_S);
	fixture_free(&x);
	return 0;
}
