// SPDX-License-Identifier: GPL-2.0-only
/*
 * What must hold for every plan: invariants over many made-up inputs, and the
 * contract with the purgatory, checked by the purgatory's own code.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>
#undef fail /* a function of kexec/util.h */
#include "../../purgatory/x86_64/map.h"
#include "../lib/tree.h"
#include "arch.h"
#include "iommu_notes.h"
#include "kexec_fixture.h"
#include "kexec_handover.h"
#include "kexec_unwrap.h"

#define IMAGE "bzimage.hex"

#define stop(...)                          \
	do {                               \
		print_error(__VA_ARGS__);  \
		_fail(__FILE__, __LINE__); \
	} while (0)

/* splitmix64: the same numbers on every machine */
static u64 seed;
static u64 rnd(u64 below)
{
	u64 z = (seed += 0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (z ^ z >> 31) % below;
}

/* --- placement --- */

static void check_placed(const struct segments *all, const struct span *w,
			 size_t n)
{
	for (u32 i = 0; i < all->n; i++) {
		const struct segment *s = &all->s[i];
		bool inside = false;

		assert_int_equal(s->mem % s->align, 0);
		assert_true(s->mem >= s->min);
		for (size_t j = 0; j < n; j++)
			inside |= span_holds(&w[j], s->mem, s->memsz);
		assert_true(inside);
		for (u32 j = 0; j < i; j++)
			assert_false(
				span_overlaps(&(struct span){ all->s[j].mem,
							      all->s[j].memsz },
					      s->mem, s->memsz));
	}
}

static void test_place_random(void **state)
{
	u32 placed = 0;

	(void)state;
	for (seed = 0; seed < 3000;) {
		struct segments all = { 0 };
		struct span w[2];
		struct error e;
		u64 start = seed;

		w[0] = (struct span){ rnd(64) * PAGE_4K, rnd(256) * PAGE_4K };
		w[1] = (struct span){ MIB(4) + rnd(1000) * 512,
				      rnd(512) * 4096 };
		for (u64 n = rnd(SEGMENTS_MAX); n; n--)
			segments_add(&all,
				     (struct segment){ .name = "x",
						       .memsz = 1 + rnd(300000),
						       .align = 1ull << rnd(20),
						       .min = rnd(2) *
							      rnd(MIB(1)) });
		if (!segments_place(&all, w, 2, &e)) {
			check_placed(&all, w, 2);
			placed += all.n;
		}
		seed = start + 1;
	}
	/* or the test tests nothing */
	assert_true(placed > 3000);
}

static void test_place_exact(void **state)
{
	const struct span w = { MIB(16), MIB(4) };
	struct segments all = { 0 };
	struct error e;

	(void)state;
	for (int i = 0; i < 4; i++)
		segments_add(&all, (struct segment){ .name = "x",
						     .memsz = MIB(1),
						     .align = MIB(1) });
	assert_int_equal(segments_place(&all, &w, 1, &e), 0);
	check_placed(&all, &w, 1);
	segments_add(&all, (struct segment){ .name = "last", .memsz = 1 });
	assert_int_equal(segments_place(&all, &w, 1, &e), -1);
	assert_non_null(strstr(e.text, "last"));
	assert_non_null(strstr(e.text, "4100 KiB"));
}

static void test_place_too_many(void **state)
{
	const struct span w = { 0, GIB(1) };
	struct segments all = { 0 };
	struct error e;

	(void)state;
	for (int i = 0; i <= SEGMENTS_MAX; i++)
		segments_add(&all, (struct segment){ .name = "x" });
	assert_int_equal(segments_place(&all, &w, 1, &e), -1);
}

/* --- image --- */

static void test_image_fuzz(void **state)
{
	struct file good = { .path = "x" }, f;
	u32 taken = 0;

	(void)state;
	good.data = tree_hex_file(IMAGE, &good.len);
	f = good;
	for (u32 i = 0; i < 20000; i++) {
		struct image im;
		struct error e;

		/* an own allocation of that length: ASan sees what lies past it */
		f.len = rnd(4) ? good.len : rnd(good.len + 1);
		f.data = malloc(f.len ? f.len : 1);
		memcpy(f.data, good.data, f.len);
		for (u64 n = rnd(4); n && f.len > 0x268; n--)
			f.data[0x1f1 + rnd(0x268 - 0x1f1)] = (u8)rnd(256);
		if (!image_parse(&im, &f, &e)) {
			taken++;
			assert_int_equal(im.offset + im.len, f.len);
			assert_null(im.laid_out);
			assert_true(im.len > im.entry);
			assert_true(im.memsz >= im.len);
			assert_int_equal(im.align & (im.align - 1), 0);
			assert_true(im.cmdline_max && im.cmdline_max < 65536);
			assert_true(strlen(im.release) < sizeof(im.release));
		}
		free(f.data);
	}
	assert_true(taken > 1000);
	free(good.data);
}

/* --- options --- */

static void test_every_option(void **state)
{
	static const struct {
		const char *name, *arg;
	} args[] = {
		{ "iommu", "sink" },	   { "iommu-device", "1:2.3=abort" },
		{ "iommu-timeout", "5" },  { "digest-failure", "halt" },
		{ "serial-baud", "9600" }, { "mem-min", "4096" },
		{ "mem-max", "0x10000" },  { "type", "bzImage" },
	};
	int refused = 0;

	(void)state;
	for (const struct option_row *r = option_rows; r->name; r++) {
		const char *arg = "x";
		char text[64];
		char *argv[] = {
			"kexec", "-p", "--iommu=sink", "K", text, NULL
		};
		struct options o;
		struct error e;

		for (size_t i = 0; i < ARRAY_SIZE(args); i++)
			if (!strcmp(r->name, args[i].name))
				arg = args[i].arg;
		snprintf(text, sizeof(text), "--%s%s%s", r->name,
			 r->metavar ? "=" : "", r->metavar ? arg : "");
		if (!strcmp(r->name, "exec"))
			argv[1] = "-l", argv[2] = "-d";
		if (r->letter == 's')
			argv[2] = "--iommu=record";
		optind = 0;
		if (options_parse(&o, 5, argv, &e)) {
			/* what is left out on purpose: one line, by name */
			if (r->help ||
			    strncmp(e.text, text, strcspn(text, "=")))
				stop("%s: %s\n", text, e.text);
			refused++;
		}
		options_free(&o);
		for (const struct option_row *q = option_rows; q < r; q++) {
			assert_string_not_equal(q->name, r->name);
			assert_true(!r->letter || q->letter != r->letter);
		}
	}
	assert_int_equal(refused, 9);
}

/* --- kexec_file_load(2) --- */

static int plan_line(size_t len, const char *loader, struct error *e)
{
	char line[4096] = "--append=";
	char *argv[] = { "kexec", "-l", (char *)loader, line, "K", NULL };
	struct file kernel = { .path = "K" }, none = { 0 };
	struct facts facts = { 0 };
	struct host host = { 0 };
	struct options o;
	struct plan_input in = { .options = &o,
				 .facts = &facts,
				 .host = &host,
				 .kernel = &kernel,
				 .initrd = &none };
	struct plan p;
	int err;

	memset(line + strlen(line), 'x', len);
	optind = 0;
	assert_int_equal(options_parse(&o, 5, argv, e), 0);
	kernel.data = tree_hex_file(IMAGE, &kernel.len);
	err = plan_make_file(&p, &in, e);
	plan_free(&p);
	options_free(&o);
	free(kernel.data);
	return err;
}

/*
 * The kernel counts the final NUL. With -a it may say so itself: the other
 * system call takes one byte more.
 */
static void test_file_cmdline(void **state)
{
	struct error e = { "" };

	(void)state;
	assert_int_equal(plan_line(2046, "-s", &e), 0);
	assert_int_equal(plan_line(2047, "-s", &e), -1);
	assert_non_null(strstr(e.text, "at most 2046"));
	assert_int_equal(plan_line(2047, "-a", &e), 0);
	assert_int_equal(plan_line(2048, "-a", &e), -1);
}

/* --- identity map --- */

/* The tables lie where they say they do. */
static u8 *plant_tables(struct identity *id, const struct identity_request *r)
{
	struct error e;
	u8 *at;

	assert_int_equal(kexec_arch.identity_build(id, r, 0, &e), 0);
	at = mmap(NULL, id->len, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(at, MAP_FAILED);
	free(id->bytes);
	assert_int_equal(
		kexec_arch.identity_build(id, r, (u64)(uintptr_t)at, &e), 0);
	memcpy(at, id->bytes, id->len);
	free(id->bytes);
	return at;
}

static void check_edges(const struct identity *id, const struct memmap *ram)
{
	for (size_t i = 0; i < ram->n; i++) {
		u64 start = align_up(ram->r[i].span.start, PAGE_4K);
		u64 end = align_down(ram->r[i].span.start + ram->r[i].span.len,
				     PAGE_4K);

		if (start >= end)
			continue;
		for (u32 l = 4; l <= 5; l++) {
			u64 root = id->root[l == 4 ? PGTABLE_4LEVEL
						   : PGTABLE_LA57];

			assert_true(map_holds(root, l, start));
			assert_true(map_holds(root, l, end - PAGE_4K));
			assert_true(
				map_holds(root, l, start + rnd(end - start)));
			assert_false(map_holds(root, l, start - PAGE_4K));
			assert_false(map_holds(root, l, end));
		}
	}
}

static void test_identity_random(void **state)
{
	(void)state;
	for (u64 round = 0; round < 60; round++) {
		struct memmap ram = { 0 };
		struct identity_request r = { .ram = &ram,
					      .page_max = round & 1 ? GIB(1)
								    : MIB(2) };
		struct identity id;
		u64 at = PAGE_4K;
		u8 *tables;

		seed = round;
		for (u64 n = 1 + rnd(5); n; n--) {
			/* apart by a page at least, so that edges are edges */
			at += 3 * PAGE_4K + rnd(1ull << (14 + rnd(20)));
			memmap_add(&ram, at, rnd(1ull << (13 + rnd(21))),
				   MEMORY_RAM);
			at += ram.n ? ram.r[ram.n - 1].span.len : 0;
		}
		memmap_tidy(&ram);
		tables = plant_tables(&id, &r);
		check_edges(&id, &ram);
		munmap(tables, id.len);
		memmap_free(&ram);
	}
}

static void test_identity_registers_in_ram(void **state)
{
	struct memmap ram = { 0 };
	const struct span regs = { MIB(6), PAGE_4K };
	struct identity_request r = { &ram, &regs, 1, MIB(2) };
	struct identity id;
	struct error e;

	(void)state;
	memmap_add(&ram, MIB(2), MIB(8), MEMORY_RAM);
	assert_int_equal(kexec_arch.identity_build(&id, &r, 0, &e), -1);
	assert_non_null(strstr(e.text, "0x600000"));
	memmap_free(&ram);
}

/* --- the contract --- */

static void load(struct fixture *x)
{
	struct segments *all = &x->plan.segments;

	for (u32 i = 0; i < all->n; i++) {
		struct segment *s = &all->s[i];
		void *at =
			mmap((void *)(uintptr_t)s->mem, s->memsz,
			     PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
			     -1, 0);

		assert_ptr_equal(at, (void *)(uintptr_t)s->mem);
		memcpy(at, s->buf, s->bufsz);
	}
}

static void unload_all(struct fixture *x)
{
	struct segments *all = &x->plan.segments;

	for (u32 i = 0; i < all->n; i++)
		munmap((void *)(uintptr_t)all->s[i].mem, all->s[i].memsz);
}

static void check_mapped(struct fixture *x, const struct handover *h)
{
	const struct segments *all = &x->plan.segments;
	const struct handover_unit *u =
		(const void *)(uintptr_t)(h->plan.start + h->units.offset);

	for (u32 i = 0; i < all->n; i++)
		for (u64 at = 0; at < all->s[i].memsz; at += PAGE_4K) {
			assert_true(map_holds(h->pgtable[PGTABLE_4LEVEL], 4,
					      all->s[i].mem + at));
			assert_true(map_holds(h->pgtable[PGTABLE_LA57], 5,
					      all->s[i].mem + at));
		}
	for (u32 i = 0; i < h->units.n; i++)
		for (u64 at = 0; at < u[i].reg_len; at += PAGE_4K)
			assert_true(map_holds(h->pgtable[PGTABLE_4LEVEL], 4,
					      u[i].reg_phys + at));
}

/* One byte of each region, and the plan's checksum, must count. */
static void check_damage(const struct handover *h, const struct span *image)
{
	const struct span *r =
		(const void *)(uintptr_t)(h->plan.start + h->regions.offset);
	u32 n = h->regions.n;
	u8 *plan = (u8 *)(uintptr_t)h->plan.start;

	for (u32 i = 0; i < n; i++) {
		u8 *byte = (u8 *)(uintptr_t)(r[i].start + r[i].len / 2);

		*byte ^= 1;
		assert_false(contract_digest(h));
		*byte ^= 1;
	}
	plan[h->plan.len / 2] ^= 1;
	assert_int_equal(contract_check(h, image), PLAN_CRC);
	plan[h->plan.len / 2] ^= 1;
	assert_int_equal(contract_check(h, image), PLAN_OK);
}

/* PT_NOTEs of ours lie in the segment, end in zeros, are short enough. */
static void check_notes(struct fixture *x, const struct handover *h)
{
	const struct segment *s = fixture_segment(x, "handover");
	const u8 *last = (const u8 *)(uintptr_t)(h->note.start + h->note.len);

	if (!h->note.len)
		return;
	assert_true(h->note.len <= NOTE_SEGMENT_MAX);
	assert_true(h->note.start + h->note.len <= s->mem + s->bufsz);
	for (u32 i = 1; i <= NOTE_TERMINATOR; i++)
		assert_int_equal(last[-(int)i], 0);
}

static void contract(const char *tree, int argc, char **argv)
{
	const struct handover *h;
	const struct segment *p;
	struct fixture x;
	struct span image;
	struct error e = { "" };

	optind = 0;
	if (fixture_make(&x, tree, IMAGE, argc, argv, &e))
		stop("%s: %s\n", tree, e.text);
	/* what a running machine always has */
	fixture_handover(&x)->ticks_per_ms = 1;
	plan_seal(&x.plan);
	load(&x);
	p = fixture_segment(&x, "purgatory");
	h = (const void *)(uintptr_t)(p->mem +
				      (u64)((u8 *)fixture_handover(&x) -
					    p->buf));
	image = (struct span){ p->mem, p->memsz };
	assert_int_equal(contract_check(h, &image), PLAN_OK);
	assert_true(contract_digest(h));
	check_mapped(&x, h);
	check_notes(&x, h);
	check_damage(h, &image);
	unload_all(&x);
	fixture_free(&x);
}

static void test_contract(void **state)
{
	static char *const trees[] = { "../gather/trees/legacy.tree",
				       "../gather/trees/scalable.tree",
				       "../gather/trees/bridge.tree",
				       "small.tree", "many.tree" };
	static char *modes[] = { "--iommu=off",	 "--iommu=record",
				 "--iommu=copy", "--iommu=abort",
				 "--iommu=sink", "--iommu=auto" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(trees); i++)
		for (size_t j = 0; j < (i < 3 ? ARRAY_SIZE(modes) : 2); j++) {
			char *argv[] = { "kexec",      "-p", modes[j],
					 "--initrd=I", "K",  NULL };

			contract(trees[i], 5, argv);
		}
}

static void test_contract_device(void **state)
{
	char *argv[] = { "kexec",
			 "-p",
			 "--iommu=sink",
			 "K",
			 "--iommu-device=02:03.0=abort",
			 NULL };

	(void)state;
	contract("../gather/trees/bridge.tree", 5, argv);
}

static void test_contract_normal(void **state)
{
	char *off[] = { "kexec", "-l", "K", NULL };
	char *abort_all[] = { "kexec", "-l", "--iommu=abort", "K", NULL };

	(void)state;
	contract("small.tree", 3, off);
	contract("mem.tree", 3, off);
	contract("../gather/trees/legacy.tree", 4, abort_all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_place_random),
		cmocka_unit_test(test_place_exact),
		cmocka_unit_test(test_place_too_many),
		cmocka_unit_test(test_image_fuzz),
		cmocka_unit_test(test_unwrap_kinds),
		cmocka_unit_test(test_unwrap_nested),
		cmocka_unit_test(test_unwrap_truncated),
		cmocka_unit_test(test_unwrap_damaged),
		cmocka_unit_test(test_unwrap_bomb),
		cmocka_unit_test(test_unwrap_short),
		cmocka_unit_test(test_unwrap_without_files),
		cmocka_unit_test(test_elf_layout),
		cmocka_unit_test(test_elf_bytes_without_memory),
		cmocka_unit_test(test_elf_damaged),
		cmocka_unit_test(test_every_option),
		cmocka_unit_test(test_file_cmdline),
		cmocka_unit_test(test_identity_random),
		cmocka_unit_test(test_identity_registers_in_ram),
		cmocka_unit_test(test_contract),
		cmocka_unit_test(test_contract_device),
		cmocka_unit_test(test_contract_normal),
		cmocka_unit_test(test_handover_note),
		cmocka_unit_test(test_handover_note_of_entries),
		cmocka_unit_test(test_handover_can),
		cmocka_unit_test(test_handover_streams),
		cmocka_unit_test(test_handover_stream_numbers),
		cmocka_unit_test(test_handover_wide),
		cmocka_unit_test(test_handover_below),
	};
	const char *srcdir = getenv("srcdir");
	char dir[4096];

	snprintf(dir, sizeof(dir), "%s/tests/cases/kexec",
		 srcdir ? srcdir : ".");
	if (chdir(dir)) {
		perror(dir);
		return 99;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
