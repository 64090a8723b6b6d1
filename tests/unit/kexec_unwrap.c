// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <cmocka.h>
#undef fail /* a function of kexec/util.h */
#include "../lib/tree.h"
#include "decompress.h"
#include "image.h"
#include "kernel_file.h"
#include "kexec_unwrap.h"
#include "kexec_wrap.h"

#define IMAGE "bzimage.hex"

static u64 seed;
static u64 rnd(u64 below)
{
	u64 z = (seed += 0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (z ^ z >> 31) % below;
}

static struct file kernel(void)
{
	struct file f = { .path = "FILE" };

	f.data = tree_hex_file(IMAGE, &f.len);
	return f;
}

/* A copy that ends where it ends, for ASan's sake. */
static struct kernel_file copy_of(const struct file *f, size_t len)
{
	struct kernel_file k = { .file = { .path = "FILE", .len = len } };

	k.file.data = malloc(len ? len : 1);
	memcpy(k.file.data, f->data, len);
	return k;
}

static void check_same(const struct kernel_file *k, const struct file *f)
{
	assert_true(k->unwrapped);
	assert_int_equal(k->file.len, f->len);
	assert_memory_equal(k->file.data, f->data, f->len);
}

static void check_uki(const struct kernel_file *k)
{
	assert_true(k->uki);
	assert_string_equal(k->cmdline, WRAP_CMDLINE);
	assert_int_equal(k->initrd.len, strlen(WRAP_INITRD));
	assert_memory_equal(k->initrd.data, WRAP_INITRD, k->initrd.len);
}

static void unwrap_kind(const struct file *f, const char *kind)
{
	struct file wrapped = wrap(f, kind);
	struct kernel_file k = copy_of(&wrapped, wrapped.len);
	struct error e = { "" };

	assert_int_equal(kernel_unwrap(&k, &e), 0);
	check_same(&k, f);
	if (!strcmp(kind, "uki"))
		check_uki(&k);
	kernel_file_free(&k);
	free(wrapped.data);
}

void test_unwrap_kinds(void **state)
{
	struct file f = kernel(), elf = wrap_elf();

	(void)state;
	for (const char *const *kind = wrap_kinds; *kind; kind++) {
		unwrap_kind(&f, *kind);
		unwrap_kind(&elf, *kind);
	}
	free(elf.data);
	free(f.data);
}

/* zstd around a UKI around xz; and no matroshkas without end */
void test_unwrap_nested(void **state)
{
	static const char *const around[] = { "xz", "uki", "zstd" };
	struct file f = kernel(), all = kernel();
	struct kernel_file k;
	struct error e = { "" };

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct file next = wrap(&all, i < 3 ? around[i] : "gzip");

		free(all.data);
		all = next;
		k = copy_of(&all, all.len);
		if (i < 4) {
			assert_int_equal(kernel_unwrap(&k, &e), 0);
			check_same(&k, &f);
			if (i > 0)
				check_uki(&k);
		} else {
			assert_int_equal(kernel_unwrap(&k, &e), -1);
			assert_non_null(strstr(e.text, "more than 4"));
		}
		kernel_file_free(&k);
	}
	free(all.data);
	free(f.data);
}

static bool unwraps(struct kernel_file *k)
{
	struct error e = { "" };
	struct image im;
	bool ok = !kernel_unwrap(k, &e) && !image_parse(&im, &k->file, &e);

	if (ok)
		image_free(&im);
	else
		assert_non_null(strstr(e.text, "FILE"));
	return ok;
}

void test_unwrap_truncated(void **state)
{
	struct file f = kernel();

	(void)state;
	for (const char *const *kind = wrap_kinds; *kind; kind++) {
		struct file wrapped = wrap(&f, *kind);

		for (size_t len = 0; len < wrapped.len - 12;
		     len += 1 + len / 16) {
			struct kernel_file k = copy_of(&wrapped, len);

			assert_false(unwraps(&k));
			kernel_file_free(&k);
		}
		free(wrapped.data);
	}
	free(f.data);
}

/* Whatever comes of it, it comes without harm and with one line. */
void test_unwrap_damaged(void **state)
{
	struct file f = kernel();
	u32 taken = 0, refused = 0;

	(void)state;
	seed = 1;
	for (const char *const *kind = wrap_kinds; *kind; kind++) {
		struct file wrapped = wrap(&f, *kind);
		u64 head = wrapped.len < 0x140 ? wrapped.len : 0x140;

		for (int i = 0; i < 300; i++) {
			struct kernel_file k = copy_of(&wrapped, wrapped.len);

			for (u64 n = 1 + rnd(3); n; n--)
				k.file.data[rnd(rnd(2) ? head : wrapped.len)] =
					(u8)(rnd(2) ? 0xff : rnd(256));
			if (unwraps(&k))
				taken++;
			else
				refused++;
			kernel_file_free(&k);
		}
		free(wrapped.data);
	}
	assert_true(taken > 100 && refused > 100);
	free(f.data);
}

static void decompress_to(const struct file *bomb, size_t max, int want)
{
	struct error e = { "" };
	struct file out;

	assert_int_equal(
		decompress(&out, "FILE", bomb->data, bomb->len, max, &e), want);
	assert_true(!want || strstr(e.text, "larger than"));
	free(out.data);
}

void test_unwrap_bomb(void **state)
{
	struct file zeros = { .data = calloc(1, MIB(4)), .len = MIB(4) };

	(void)state;
	for (const char *const *kind = wrap_kinds; strcmp(*kind, "zboot");
	     kind++) {
		struct file bomb = wrap(&zeros, *kind);

		decompress_to(&bomb, MIB(4), 0);
		decompress_to(&bomb, MIB(4) - 1, -1);
		free(bomb.data);
	}
	free(zeros.data);
}

/* Nobody's kernel is so long for so short a file. */
void test_unwrap_short(void **state)
{
	struct file zeros = { .data = calloc(1, MIB(64)), .len = MIB(64) };

	(void)state;
	for (const char *const *kind = wrap_kinds; strncmp(*kind, "uki", 3);
	     kind++) {
		struct file bomb = wrap(&zeros, *kind);
		struct file twice = wrap(&bomb, "gzip");
		struct kernel_file k[2] = { copy_of(&bomb, bomb.len),
					    copy_of(&twice, twice.len) };

		for (int i = 0; i < 2; i++) {
			struct error e = { "" };

			assert_int_equal(kernel_unwrap(&k[i], &e), -1);
			assert_non_null(strstr(e.text, "larger than"));
			kernel_file_free(&k[i]);
		}
		free(twice.data);
		free(bomb.data);
	}
	free(zeros.data);
}

/* kexec-tools writes to /tmp, and leaves it there. */
void test_unwrap_without_files(void **state)
{
	struct rlimit none, was;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	struct file f = kernel();

	none = (struct rlimit){ 0, was.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	for (const char *const *kind = wrap_kinds; *kind; kind++)
		unwrap_kind(&f, *kind);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	free(f.data);
	(void)state;
}

void test_elf_layout(void **state)
{
	struct file f = wrap_elf();
	struct image im;
	struct error e = { "" };

	(void)state;
	assert_int_equal(image_parse(&im, &f, &e), 0);
	assert_int_equal(im.memsz, 0x5000);
	assert_int_equal(im.len, 0x4000);
	assert_int_equal(im.entry, 0x3000);
	assert_int_equal(im.laid_out[0], 0xaa);
	assert_int_equal(im.laid_out[0x1000], 0);
	assert_int_equal(im.laid_out[0x3000], 0xbb);
	/* the format string before it is not taken for it */
	assert_string_equal(im.release, "6.1.0-elf");
	image_free(&im);
	free(f.data);
}

/* Bytes for no memory, far from where the rest goes. */
void test_elf_bytes_without_memory(void **state)
{
	struct file f = wrap_elf();
	struct image im;
	struct error e = { "" };
	const u64 none = 0, far = GIB(2);

	(void)state;
	memcpy(f.data + 64 + 56 + 24, &far, sizeof(far));    /* p_paddr */
	memcpy(f.data + 64 + 56 + 40, &none, sizeof(none));  /* p_memsz */
	memcpy(f.data + 24, &(u64){ MIB(16) }, sizeof(u64)); /* e_entry */
	assert_int_equal(image_parse(&im, &f, &e), -1);
	assert_non_null(strstr(e.text, "program header 1"));
	free(f.data);
}

void test_elf_damaged(void **state)
{
	struct file good = wrap_elf();
	u32 taken = 0, refused = 0;

	(void)state;
	seed = 2;
	for (int i = 0; i < 20000; i++) {
		struct kernel_file k =
			copy_of(&good, rnd(4) ? good.len : rnd(good.len));

		for (u64 n = rnd(4); n && k.file.len > 0x100; n--)
			k.file.data[rnd(0xf0)] = (u8)(rnd(2) ? 0xff : rnd(256));
		if (unwraps(&k))
			taken++;
		else
			refused++;
		kernel_file_free(&k);
	}
	assert_true(taken > 1000 && refused > 1000);
	free(good.data);
}
