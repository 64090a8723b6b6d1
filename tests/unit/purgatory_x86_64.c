/* SPDX-License-Identifier: GPL-2.0-only */
/* What a PC alone has of the purgatory: consoles, reset, page tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "handover.h"
#include "../../purgatory/x86_64/map.h"
#include "../../purgatory/x86_64/pc.h"

struct port_write {
	u16 port;
	u8 val;
};

struct rig {
	struct pc pc; /* first: the hooks cast */
	struct handover h;
	char serial[64];
	u32 serial_n;
	struct port_write out[64];
	u32 out_n, reads;
	bool triple;
};

static u64 rig_ticks(struct machine *m)
{
	(void)m;
	return 0;
}

static u8 rig_in8(struct pc *pc, u16 port)
{
	((struct rig *)pc)->reads++;
	return port == 0x3f8 + 5 ? 0x20 : 0;
}

static void rig_out8(struct pc *pc, u16 port, u8 val)
{
	struct rig *w = (struct rig *)pc;

	if (port == 0x3f8 && w->serial_n < sizeof(w->serial) - 1)
		w->serial[w->serial_n++] = val;
	else if (w->out_n < ARRAY_SIZE(w->out))
		w->out[w->out_n++] = (struct port_write){ port, val };
}

static void rig_triple_fault(struct pc *pc)
{
	((struct rig *)pc)->triple = true;
}

/* --- SHA-256 --- */

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

/* --- console --- */

static struct console console_on(struct rig *w, u32 flags)
{
	struct console c = { 0 };

	w->h.flags = flags;
	console_open(&c, &w->pc.m, &w->h, true);
	return c;
}

static void test_serial(void **state)
{
	struct rig *w = *state;
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

static void test_serial_bad_baud(void **state)
{
	struct rig *w = *state;

	w->h.serial_baud = 230400;
	console_on(w, HANDOVER_CONSOLE_SERIAL);
	w->h.serial_baud = 1;
	console_on(w, HANDOVER_CONSOLE_SERIAL);
	assert_int_equal(w->out_n, 0);
}

static void test_serial_memory(void **state)
{
	struct rig *w = *state;
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
	struct rig *w = *state;
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

/* --- reset --- */

static void test_reset(void **state)
{
	struct rig *w = *state;

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
	((struct rig *)pc)->reads++;
	return 0xff;
}

static void test_reset_keyboard_busy(void **state)
{
	struct rig *w = *state;

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
	struct rig *w = calloc(1, sizeof(*w));

	w->pc = (struct pc){
		.m = { .ticks = rig_ticks,
		       .consoles = pc_consoles,
		       .consoles_n = PC_CONSOLES },
		.in8 = rig_in8,
		.out8 = rig_out8,
		.triple_fault = rig_triple_fault,
	};
	w->h.serial_base = 0x3f8;
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

#define WITH_RIG(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha_usable),
		WITH_RIG(test_serial),
		WITH_RIG(test_serial_bad_baud),
		WITH_RIG(test_serial_memory),
		WITH_RIG(test_vga),
		WITH_RIG(test_reset),
		WITH_RIG(test_reset_keyboard_busy),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_map_span),
	};

	return cmocka_run_group_tests_name("purgatory: x86_64", tests, NULL,
					   NULL);
}
