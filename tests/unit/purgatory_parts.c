/* SPDX-License-Identifier: GPL-2.0-only */
/* SHA-256, the formatter, the console, reset, and the look at page tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "purgatory_fixture.h"
#include "../../purgatory/x86_64/map.h"

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

/* What the compiler's run time says of the CPU, in its own way. */
static bool cpu_has(const char *variant)
{
	if (!strcmp(variant, "avx512"))
		return __builtin_cpu_supports("avx512f") &&
		       __builtin_cpu_supports("avx512bw");
	if (!strcmp(variant, "avx2"))
		return __builtin_cpu_supports("avx2");
	if (!strcmp(variant, "ssse3"))
		return __builtin_cpu_supports("ssse3");
	return !strcmp(variant, "c");
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

/* GCC 12 knows no name for the SHA extensions. */
static void test_sha_usable(void **state)
{
	const struct sha256_variant *v;
	u32 n;

	(void)state;
	v = sha256_variants(&n);
	for (u32 i = 0; i < n; i++)
		if (strcmp(v[i].name, "sha"))
			assert_int_equal(v[i].usable(), cpu_has(v[i].name));
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
	console_open(&c, &w->pc.m, &w->h, true);
	return c;
}

static void test_serial(void **state)
{
	struct world *w = *state;
	struct console c;

	w->h.serial_baud = 9600;
	c = console_on(w, HANDOVER_CONSOLE_SERIAL);
	say(&c, "a\nb%u", 1);
	/* DLAB hides the data register: the divisor's low byte comes first. */
	assert_memory_equal(w->serial,
			    "\x0c"
			    "a\r\nb1",
			    6);
	assert_int_equal(w->serial_n, 6);
	assert_int_equal(w->out_n, 3);
	assert_int_equal(w->out[0].port, 0x3fb);
	assert_int_equal(w->out[0].val, 0x83);
	assert_int_equal(w->out[2].val, 0x03);
}

static void test_serial_stuck(void **state)
{
	struct world *w = *state;
	struct console c = console_on(w, HANDOVER_CONSOLE_SERIAL);
	u32 reads;

	w->lsr = 0;
	say(&c, "a long line of text that nobody takes\n");
	assert_int_equal(w->serial_n, 0);
	assert_true(w->reads < 50000);
	reads = w->reads;
	say(&c, "more\n");
	assert_int_equal(w->reads, reads); /* waited once */
}

static void test_serial_stuck_dead_counter(void **state)
{
	struct world *w = *state;
	struct console c;

	w->tick = 0;
	w->lsr = 0;
	c = console_on(w, HANDOVER_CONSOLE_SERIAL);
	say(&c, "a\n");
	assert_true(w->reads > 1000 && w->reads < 50000);
}

static void test_serial_bad_baud(void **state)
{
	struct world *w = *state;

	w->h.serial_baud = 230400;
	console_on(w, HANDOVER_CONSOLE_SERIAL);
	w->h.serial_baud = 1;
	console_on(w, HANDOVER_CONSOLE_SERIAL);
	assert_int_equal(w->out_n, 0);
}

static void test_serial_memory(void **state)
{
	struct world *w = *state;
	struct console c = { 0 };
	u8 uart[8] = { 0 };

	uart[5] = 0x20;
	w->h.serial_base = (u64)(uintptr_t)uart;
	w->h.flags = HANDOVER_CONSOLE_SERIAL | HANDOVER_SERIAL_MMIO;
	console_open(&c, &w->pc.m, &w->h, false);
	say(&c, "x");
	assert_int_equal(uart[0], 0); /* it is not mapped yet */
	console_open(&c, &w->pc.m, &w->h, true);
	say(&c, "y");
	assert_int_equal(uart[0], 'y');
	assert_int_equal(w->reads, 0);
}

static void test_vga(void **state)
{
	struct world *w = *state;
	u16 *text = calloc(81 * 25, sizeof(*text));
	struct console c;

	w->pc.vga = text;
	text[80] = 'L'; /* begins the second line */
	text[80 * 25] = 0x5555;
	c = console_on(w, HANDOVER_CONSOLE_VGA);
	say(&c, "hi\n");
	assert_int_equal(text[80 * 23], 0x0700 | 'h');
	assert_int_equal(text[80 * 23 + 1], 0x0700 | 'i');
	assert_int_equal(text[80 * 24], 0x0700 | ' ');
	for (u32 i = 0; i < 81; i++)
		say(&c, "z");
	assert_int_equal(text[80 * 24], 0x0700 | 'z');
	assert_int_equal(text[80 * 24 + 1], 0x0700 | ' ');
	assert_int_equal(text[80 * 25], 0x5555);
	w->pc.vga = NULL;
	free(text);
}

static void test_console_trap(void **state)
{
	struct world *w = *state;
	struct console c = console_on(w, HANDOVER_CONSOLE_SERIAL);

	console_trapped(&c); /* not in the console: stays */
	say(&c, "1");
	c.busy[0] = true; /* the 8250 */
	console_trapped(&c);
	say(&c, "2");
	assert_string_equal(w->serial, "1");
}

/* --- reset --- */

static void test_reset(void **state)
{
	struct world *w = *state;

	pc_reset(&w->pc.m);
	assert_int_equal(w->out_n, 3);
	assert_int_equal(w->out[0].port, 0xcf9);
	assert_int_equal(w->out[0].val & 0x04, 0);
	assert_int_equal(w->out[1].port, 0xcf9);
	assert_int_equal(w->out[1].val & 0x06, 0x06);
	assert_int_equal(w->out[2].port, 0x64);
	assert_int_equal(w->out[2].val, 0xfe);
	assert_true(w->triple);
	assert_true(w->reads < 100000);
}

static u8 always_busy(struct pc *pc, u16 port)
{
	(void)port;
	((struct world *)pc)->reads++;
	return 0xff;
}

static void test_reset_keyboard_busy(void **state)
{
	struct world *w = *state;

	w->pc.in8 = always_busy;
	pc_reset(&w->pc.m);
	assert_int_equal(w->out[2].port, 0x64);
	assert_true(w->triple);
	assert_true(w->reads < 100000);
}

/* --- page tables --- */

#define P 1ULL
#define RW 2ULL
#define PS 0x80ULL

/* One table a level, [0] the root's; entry 0 of each leads on. */
static u64 (*tables(u32 levels))[512]
{
	u64(*t)[512] = aligned_alloc(PAGE_4K, 5 * PAGE_4K);

	memset(t, 0, 5 * PAGE_4K);
	for (u32 i = 0; i + 1 < levels; i++)
		t[i][0] = (u64)t[i + 1] | P | RW;
	return t;
}

static void test_map(void **state)
{
	(void)state;
	for (u32 levels = 4; levels <= 5; levels++) {
		u64(*t)[512] = tables(levels);
		u64 root = (u64)t;

		t[levels - 1][3] = 0x3000 | P | RW;
		t[levels - 1][4] = 0x5000 | P | RW;
		t[levels - 1][5] = 0x5000 | P;
		t[levels - 2][1] = 0x200000 | P | RW | PS;
		t[levels - 2][2] = 0x600000 | P | RW | PS;
		t[levels - 3][1] = GIB(1) | P | RW | PS | BIT64(12);
		t[levels - 4][1] = BIT64(39) | P | RW | PS;
		assert_true(map_holds(root, levels, 0x3000));
		assert_true(map_holds(root, levels, 0x3fff));
		assert_false(map_holds(root, levels, 0x4000)); /* elsewhere */
		assert_false(map_holds(root, levels, 0x5000)); /* read only */
		assert_false(map_holds(root, levels, 0x6000)); /* none */
		assert_true(map_holds(root, levels, 0x3fffff));
		assert_false(map_holds(root, levels, 0x400000));
		assert_true(map_holds(root, levels, GIB(2) - 1));
		assert_false(map_holds(root, levels, GIB(2)));
		assert_false(map_holds(root, levels, BIT64(39)));
		free(t);
	}
}

static void test_map_span(void **state)
{
	u64(*t)[512] = tables(4);
	const struct span none = { 0x2800, 0 }, one = { 0x3fff, 1 },
			  two = { 0x3fff, 2 }, three = { 0x3800, 0x1900 };

	(void)state;
	t[3][3] = 0x3000 | P | RW;
	t[3][4] = 0x4000 | P | RW;
	assert_true(map_holds_span((u64)t, 4, &one));
	assert_true(map_holds_span((u64)t, 4, &two));
	assert_false(map_holds_span((u64)t, 4, &three));
	t[3][5] = 0x5000 | P | RW;
	assert_true(map_holds_span((u64)t, 4, &three));
	assert_true(map_holds_span((u64)t, 4, &none));
	free(t);
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
		cmocka_unit_test(test_sha_usable),
		cmocka_unit_test(test_sha_way),
		cmocka_unit_test(test_format),
		WITH_WORLD(test_serial),
		WITH_WORLD(test_serial_stuck),
		WITH_WORLD(test_serial_stuck_dead_counter),
		WITH_WORLD(test_serial_bad_baud),
		WITH_WORLD(test_serial_memory),
		WITH_WORLD(test_vga),
		WITH_WORLD(test_console_trap),
		WITH_WORLD(test_reset),
		WITH_WORLD(test_reset_keyboard_busy),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_map_span),
	};

	return cmocka_run_group_tests_name("purgatory: parts", tests, NULL,
					   NULL);
}
