/* SPDX-License-Identifier: GPL-2.0-only */
/* SHA-256, the formatter and the console, on any architecture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "purgatory_fixture.h"

/* --- SHA-256 --- */

/* FIPS 180-2 appendix B and the NIST CAVP short messages. */
static const struct {
	const char *text;
	u32 repeat;
	const char *digest;
} vectors[] = {
	{ "", 1,
	  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", 1,
	  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
	  "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
	  1,
	  "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
	{ "\xbd", 1,
	  "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b" },
	{ "\xc9\x8c\x8e\x55", 1,
	  "7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504" },
	{ "a", 1000000,
	  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
};

static void to_hex(const u8 d[32], char text[65])
{
	for (u32 i = 0; i < 32; i++)
		sprintf(text + 2 * i, "%02x", d[i]);
}

static void check_vectors(sha256_blocks_fn *blocks)
{
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct sha256 s;
		char text[65];
		u8 d[32];

		sha256_init(&s, blocks);
		for (u32 n = 0; n < vectors[i].repeat; n++)
			sha256_update(&s, vectors[i].text,
				      strlen(vectors[i].text));
		sha256_final(&s, d);
		to_hex(d, text);
		assert_string_equal(text, vectors[i].digest);
	}
}

/* Every length and every cut of a message, and odd addresses. */
static void check_cuts(sha256_blocks_fn *other)
{
	u8 data[400], want[32], got[32];
	struct sha256 s;

	for (u32 i = 0; i < sizeof(data); i++)
		data[i] = i * 31 + 5;
	for (u32 len = 0; len <= 260; len++) {
		sha256_init(&s, sha256_blocks_c);
		sha256_update(&s, data + 1, len);
		sha256_final(&s, want);
		for (u32 cut = 0; cut <= len; cut += 1 + len / 16) {
			sha256_init(&s, other);
			sha256_update(&s, data + 1, cut);
			sha256_update(&s, data + 1 + cut, len - cut);
			sha256_final(&s, got);
			assert_memory_equal(got, want, 32);
		}
	}
}

/* The same numbers in every run. */
static u32 random_below(u32 *seed, u32 n)
{
	*seed = *seed * 1664525 + 1013904223;
	return (u64)*seed * n >> 32;
}

static void check_random(sha256_blocks_fn *other)
{
	u8 data[4096], want[32], got[32];
	struct sha256 s;
	u32 seed = 1;

	for (u32 turn = 0; turn < 100; turn++) {
		u32 len = random_below(&seed, sizeof(data) + 1), at = 0;

		for (u32 i = 0; i < len; i++)
			data[i] = random_below(&seed, 256);
		sha256_init(&s, sha256_blocks_c);
		sha256_update(&s, data, len);
		sha256_final(&s, want);
		sha256_init(&s, other);
		while (at < len) {
			u32 n = 1 + random_below(&seed, len - at);

			sha256_update(&s, data + at, n);
			at += n;
		}
		sha256_final(&s, got);
		assert_memory_equal(got, want, 32);
	}
}

static void test_sha_blocks(void **state)
{
	const struct sha256_variant *v;
	u32 n, checked = 0;

	(void)state;
	v = sha256_variants(&n);
	for (u32 i = 0; i < n; i++) {
		if (!v[i].blocks)
			continue;
		if (!v[i].usable()) {
			print_message("not tried: this CPU has no %s\n",
				      v[i].name);
			continue;
		}
		check_vectors(v[i].blocks);
		check_cuts(v[i].blocks);
		check_random(v[i].blocks);
		checked++;
	}
	assert_true(checked);
}

/* The first that has lanes gives those, the first that has blocks these. */
static void test_sha_way(void **state)
{
	const struct sha256_variant *v, *lanes = NULL, *blocks = NULL;
	const struct sha256_variant *plain = NULL;
	struct sha256_way way = sha256_way(0);
	u32 n;

	(void)state;
	v = sha256_variants(&n);
	for (u32 i = n; i-- > 0;) {
		if (!v[i].usable())
			continue;
		lanes = v[i].lanes ? v + i : lanes;
		blocks = v[i].blocks ? v + i : blocks;
		plain = v[i].vector ? plain : v + i;
	}
	assert_ptr_equal(way.blocks, blocks->blocks);
	assert_ptr_equal(way.lanes, lanes ? lanes->lanes : NULL);
	assert_int_equal(way.width, lanes ? lanes->width : 0);
	assert_int_equal(way.by_cpu, (lanes ? lanes : blocks)->by_cpu);
	way = sha256_plain();
	assert_ptr_equal(way.blocks, plain->blocks);
	assert_true(!way.lanes && !way.width && !way.by_cpu);
	way = sha256_way(n - 1);
	assert_ptr_equal(way.blocks, sha256_blocks_c);
}

/* --- formatter --- */

struct text {
	char s[200];
	u32 n;
};

static void put_text(void *arg, char ch)
{
	struct text *t = arg;

	assert_true(t->n < sizeof(t->s) - 1);
	t->s[t->n++] = ch;
}

static void check_format(const char *want, const char *fmt, ...)
{
	struct text t = { { 0 }, 0 };
	va_list ap;

	va_start(ap, fmt);
	format(put_text, &t, fmt, ap);
	va_end(ap);
	assert_string_equal(t.s, want);
}

static void test_format(void **state)
{
	(void)state;
	check_format("plain", "plain");
	check_format("a b%", "%s %c%%", "a", 'b');
	check_format("0 4294967295", "%u %u", 0, 0xffffffffu);
	check_format("-2147483648 7", "%d %d", (int)0x80000000, 7);
	check_format("deadbeef", "%x", 0xdeadbeef);
	check_format("fedcba9876543210", "%lx", 0xfedcba9876543210UL);
	check_format("18446744073709551615", "%lu", ~0UL);
	check_format("0a|  a|-05|  -5", "%02x|%3x|%03d|%4d", 10, 10, -5, -5);
	check_format("%q1", "%q%d", 1);
	check_format("end%", "end%");
	check_format("end%08l", "end%08l");
}

/* --- console --- */

static struct console console_on(struct world *w, u32 flags)
{
	struct console c = { 0 };

	w->h.flags = flags;
	console_open(&c, &w->m, &w->h, true);
	return c;
}

static void test_serial_stuck(void **state)
{
	struct world *w = *state;
	struct console c = console_on(w, HANDOVER_CONSOLE_SERIAL);
	u32 looks;

	w->stuck = true;
	say(&c, "a long line of text that nobody takes\n");
	assert_int_equal(w->serial_n, 0);
	assert_true(w->looks < 50000);
	looks = w->looks;
	say(&c, "more\n");
	assert_int_equal(w->looks, looks);    /* waited once */
	console_open(&c, &w->m, &w->h, true); /* as for the map */
	say(&c, "more\n");
	assert_int_equal(w->looks, looks);
}

static void test_serial_stuck_dead_counter(void **state)
{
	struct world *w = *state;
	struct console c;

	w->tick = 0;
	w->stuck = true;
	c = console_on(w, HANDOVER_CONSOLE_SERIAL);
	say(&c, "a\n");
	assert_true(w->looks > 1000 && w->looks < 50000);
}

static void test_console_trap(void **state)
{
	struct world *w = *state;
	struct console c = console_on(w, HANDOVER_CONSOLE_SERIAL);

	console_trapped(&c); /* not in the console: stays */
	say(&c, "1");
	c.busy[0] = true;
	console_trapped(&c);
	say(&c, "2");
	console_open(&c, &w->m, &w->h, true);
	say(&c, "3");
	assert_string_equal(w->serial, "1");
}

static int setup(void **state)
{
	*state = world_new();
	return 0;
}

static int teardown(void **state)
{
	world_free(*state);
	return 0;
}

#define WITH_WORLD(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha_blocks),
		cmocka_unit_test(test_sha_way),
		cmocka_unit_test(test_format),
		WITH_WORLD(test_serial_stuck),
		WITH_WORLD(test_serial_stuck_dead_counter),
		WITH_WORLD(test_console_trap),
	};

	return cmocka_run_group_tests_name("purgatory: parts", tests, NULL,
					   NULL);
}
