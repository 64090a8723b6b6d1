/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The image's digest by the objects that the purgatory is linked from, with
 * each variant of SHA-256 that this CPU has, against libcrypto.
 */
#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "handover.h"
#include "image_digest.h"

#define C HANDOVER_CHUNK
#define BYTES ((2 * SHA256_LANES_MAX + 2) * (size_t)C)

static u8 *bytes; /* of regions, which begin at odd addresses too */

static void openssl(const void *data, size_t len, u8 *digest)
{
	assert_true(EVP_Digest(data, len, digest, NULL, EVP_sha256(), NULL));
}

/* What handover.h says that the digest is. */
static void digest_wanted(const struct span *region, u32 n, u8 *digest)
{
	static u8 chunk[4 * SHA256_LANES_MAX][SHA256_DIGEST];
	u32 chunks = 0;

	for (u32 i = 0; i < n; i++)
		for (u64 at = 0; at < region[i].len; at += C) {
			u64 rest = region[i].len - at;

			openssl(bytes + region[i].start + at,
				rest < C ? rest : C, chunk[chunks++]);
		}
	openssl(chunk, chunks * sizeof(chunk[0]), digest);
}

static void digest_by(const struct sha256_way *way, const struct span *region,
		      u32 n, u8 *digest)
{
	static struct image_digest d;

	image_digest_init(&d, way);
	for (u32 i = 0; i < n; i++)
		image_digest_region(&d, bytes + region[i].start, region[i].len);
	image_digest_final(&d, digest);
}

static void check(const struct sha256_way *way, const struct span *region,
		  u32 n)
{
	u8 want[SHA256_DIGEST], got[SHA256_DIGEST];

	digest_wanted(region, n, want);
	digest_by(way, region, n, got);
	assert_memory_equal(got, want, sizeof(want));
}

/* Around the end of a block and of each chunk of two turns of all lanes. */
static void check_lengths(const struct sha256_way *way)
{
	static const u64 around[] = { 0, 1, 55, 56, 63, 64, 65 };

	for (size_t i = 0; i < ARRAY_SIZE(around); i++)
		check(way, &(struct span){ i, around[i] }, 1);
	for (u64 n = 1; n <= 2 * SHA256_LANES_MAX + 1; n++)
		for (u64 off = 0; off < 3; off++)
			check(way, &(struct span){ n, n * C - 1 + off }, 1);
}

static void check_regions(const struct sha256_way *way)
{
	static const struct span regions[][3] = {
		{ { 0, 1 }, { 1, C }, { C + 1, 1 } },
		{ { 0, 3 * C }, { 3 * C, 5 * C }, { 8 * C, 17 * C } },
		{ { 9, 2 * C + 7 }, { 0, 16 * C + 64 }, { 5, 7 * C - 5 } },
	};
	u8 three[SHA256_DIGEST], one[SHA256_DIGEST];

	for (size_t i = 0; i < ARRAY_SIZE(regions); i++)
		check(way, regions[i], 3);
	/* The first case's bytes again, in chunks that end elsewhere. */
	digest_by(way, regions[0], 3, three);
	digest_by(way, &(struct span){ 0, C + 2 }, 1, one);
	assert_memory_not_equal(three, one, sizeof(one));
}

/* Any lengths, at any addresses, one region behind the other. */
static void check_odd(const struct sha256_way *way)
{
	struct span region[3];
	u32 seed = 7;

	for (int turn = 0; turn < 40; turn++) {
		for (size_t i = 0; i < ARRAY_SIZE(region); i++) {
			seed = seed * 1664525 + 1013904223;
			region[i].start = seed >> 8 & 127;
			seed = seed * 1664525 + 1013904223;
			region[i].len = (seed >> 8) % (20 * C);
		}
		check(way, region, ARRAY_SIZE(region));
	}
}

/* A byte of any lane counts, at whichever place in its chunk. */
static void check_damage(const struct sha256_way *way)
{
	const struct span all = { 0, (SHA256_LANES_MAX + 1) * C };
	u8 good[SHA256_DIGEST], bad[SHA256_DIGEST];

	digest_by(way, &all, 1, good);
	for (u64 at = 0; at < all.len; at += C - 61) {
		bytes[at] ^= 0x10;
		digest_by(way, &all, 1, bad);
		assert_memory_not_equal(good, bad, sizeof(good));
		bytes[at] ^= 0x10;
	}
	digest_by(way, &all, 1, bad);
	assert_memory_equal(good, bad, sizeof(good));
}

/* As where the CPU has nothing that is faster than variant @name. */
static void test_variant(void **state)
{
	const char *name = *state;
	const struct sha256_variant *v;
	struct sha256_way way;
	u32 i = 0, n;

	v = sha256_variants(&n);
	while (i < n && strcmp(v[i].name, name))
		i++;
	assert_int_not_equal(i, n);
	if (!v[i].usable()) {
		print_message("this CPU has no %s\n", name);
		skip();
	}
	way = sha256_way(i);
	if (v[i].lanes)
		assert_ptr_equal(way.lanes, v[i].lanes);
	check_lengths(&way);
	check_regions(&way);
	check_odd(&way);
	check_damage(&way);
}

static int make_bytes(void **state)
{
	u32 seed = 1;

	(void)state;
	bytes = malloc(BYTES);
	for (size_t i = 0; i < BYTES; i++) {
		seed = seed * 1664525 + 1013904223;
		bytes[i] = seed >> 24;
	}
	return 0;
}

static int free_bytes(void **state)
{
	(void)state;
	free(bytes);
	return 0;
}

#define VARIANT(v)                                                \
	{                                                         \
		v, test_variant, NULL, NULL, (void *)(uintptr_t)v \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef __aarch64__
		VARIANT("sha2"),
#else
		VARIANT("avx512"), VARIANT("sha"),
		VARIANT("avx2"),   VARIANT("ssse3"),
#endif
		VARIANT("c"),
	};

	return cmocka_run_group_tests_name("purgatory: digest", tests,
					   make_bytes, free_bytes);
}
