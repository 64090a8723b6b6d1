/* SPDX-License-Identifier: GPL-2.0-only */
/* What an arm64 machine alone has of the purgatory: console, reset, page tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sys/auxv.h>
#include "handover.h"
#include "../../purgatory/arm64/arm.h"
#include "../../purgatory/arm64/map.h"

#define ATTRS 0x704 /* AF, inner shareable, AttrIndx 1 */
#define PAGE (ATTRS | 3ULL)
#define BLOCK (ATTRS | 1ULL)

struct rig {
	struct arm arm; /* first: the hooks cast */
	struct handover h;
	u32 uart[16];
	u32 calls, function[4];
	enum psci_conduit conduit[4];
	bool traps; /* what stands for it comes back to arm_reset */
};

static u64 rig_ticks(struct machine *m)
{
	(void)m;
	return 0;
}

static void rig_psci(struct arm *a, enum psci_conduit conduit, u32 function)
{
	struct rig *w = (struct rig *)a;

	assert_true(w->calls < ARRAY_SIZE(w->conduit));
	w->function[w->calls] = function;
	w->conduit[w->calls++] = conduit;
	if (w->traps)
		arm_reset(&a->m);
}

/* --- SHA-256 --- */

/* What Linux says of the CPU, in its own way. */
static void test_sha_usable(void **state)
{
	const u64 hwcap_asimd = BIT64(1), hwcap_sha2 = BIT64(6);
	u64 hwcap = getauxval(AT_HWCAP);
	const struct sha256_variant *v;
	u32 n;

	(void)state;
	v = sha256_variants(&n);
	assert_string_equal(v[0].name, "sha2");
	assert_int_equal(v[0].usable(),
			 (hwcap & hwcap_asimd) && (hwcap & hwcap_sha2));
}

/* --- console --- */

static struct console console_on(struct rig *w, u32 flags)
{
	struct console c = { 0 };

	w->h.flags = flags | HANDOVER_CONSOLE_SERIAL;
	console_open(&c, &w->arm.m, &w->h, false);
	return c;
}

static void test_pl011(void **state)
{
	struct rig *w = *state;
	struct console c =
		console_on(w, HANDOVER_SERIAL_MMIO | HANDOVER_SERIAL_PL011);

	say(&c, "x");
	assert_int_equal(w->uart[0], 'x');
	w->uart[0x18 / 4] = 1 << 5; /* TXFF */
	say(&c, "y");
	w->uart[0x18 / 4] = 0;
	say(&c, "z");
	assert_int_equal(w->uart[0], 'x'); /* stuck once, for good */
}

static void test_8250(void **state)
{
	struct rig *w = *state;
	u8 *byte = (u8 *)w->uart;
	struct console c = console_on(w, HANDOVER_SERIAL_MMIO);

	byte[5] = 0x20;
	w->uart[0] = 0x01020304;
	say(&c, "\n");
	assert_int_equal(w->uart[0], 0x0102030a);
	byte[5] = 0;
	say(&c, "y");
	assert_int_equal(byte[0], '\n');
}

static void test_8250_words(void **state)
{
	struct rig *w = *state;
	struct console c =
		console_on(w, HANDOVER_SERIAL_MMIO | HANDOVER_SERIAL_REG32);

	w->uart[5] = 0x20;
	w->uart[0] = ~0u;
	say(&c, "x");
	assert_int_equal(w->uart[0], 'x');
}

static void test_no_port(void **state)
{
	struct rig *w = *state;
	struct console c = console_on(w, HANDOVER_SERIAL_PL011);

	assert_false(console_is_open(&c)); /* arm64 has no ports */
	w->h.serial_base++;
	c = console_on(w, HANDOVER_SERIAL_MMIO | HANDOVER_SERIAL_PL011);
	assert_false(console_is_open(&c)); /* words are aligned */
}

/* --- reset --- */

static void check_reset(struct rig *w, bool el2, u32 flags, const char *want)
{
	w->calls = 0;
	w->arm.psci_done = 0;
	w->arm.el2 = el2;
	w->arm.flags = flags;
	arm_reset(&w->arm.m);
	assert_int_equal(w->calls, strlen(want));
	for (u32 i = 0; i < w->calls; i++) {
		assert_int_equal(w->function[i], 0x84000009);
		assert_int_equal(w->conduit[i],
				 want[i] == 's' ? PSCI_SMC : PSCI_HVC);
	}
	arm_reset(&w->arm.m); /* nothing is tried twice */
	assert_int_equal(w->calls, strlen(want));
}

static void test_reset(void **state)
{
	struct rig *w = *state;
	u32 i;

	for (i = 0; i < 2; i++) {
		w->traps = i;
		check_reset(w, false, HANDOVER_PSCI_SMC, "sh");
		check_reset(w, false, HANDOVER_PSCI_HVC, "hs");
		check_reset(w, false, 0, "hs");
		check_reset(w, true, HANDOVER_PSCI_SMC, "s");
		check_reset(w, true, HANDOVER_PSCI_HVC, "s");
		check_reset(w, true, 0, "s");
	}
}

/* --- page tables --- */

/* One table a level, [0] the root's; entry 0 of each leads on. */
static u64 (*tables(void))[512]
{
	u64(*t)[512] = aligned_alloc(PAGE_4K, 4 * PAGE_4K);

	memset(t, 0, 4 * PAGE_4K);
	for (u32 i = 0; i < 3; i++)
		t[i][0] = (u64)t[i + 1] | 3;
	return t;
}

static void test_map(void **state)
{
	u64(*t)[512] = tables();
	u64 root = (u64)t;

	(void)state;
	t[3][3] = 0x3000 | PAGE;
	t[3][4] = 0x5000 | PAGE;  /* elsewhere */
	t[3][6] = 0x6000 | BLOCK; /* no page descriptor */
	t[2][1] = MIB(2) | BLOCK;
	t[2][2] = MIB(6) | BLOCK;
	t[1][1] = GIB(1) | BLOCK;
	t[0][1] = BIT64(39) | BLOCK; /* there is none of level 0 */
	assert_true(map_holds(root, 0x3000));
	assert_true(map_holds(root, 0x3fff));
	assert_false(map_holds(root, 0x4000));
	assert_false(map_holds(root, 0x5000));
	assert_false(map_holds(root, 0x6000));
	assert_true(map_holds(root, MIB(4) - 1));
	assert_false(map_holds(root, MIB(4)));
	assert_true(map_holds(root, GIB(2) - 1));
	assert_false(map_holds(root, GIB(2)));
	assert_false(map_holds(root, BIT64(39)));
	assert_false(map_holds(root, BIT64(48) + 0x3000)); /* no 48 bits */
	free(t);
}

/* Each thing that a page of memory must be. */
static void test_map_attributes(void **state)
{
	static const u64 wrong[] = {
		1,	    /* not valid */
		BIT64(2),   /* device memory */
		BIT64(3),   /* an index of its own */
		BIT64(6),   /* EL0 may write: EL1 does not execute it */
		BIT64(7),   /* read only */
		BIT64(10),  /* no AF */
		BIT64(53),  /* PXN */
		BIT64(54),  /* UXN, XN of EL2 */
		0x10000000, /* elsewhere */
	};
	u64(*t)[512] = tables();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		t[3][3] = 0x3000 | PAGE;
		assert_true(map_holds((u64)t, 0x3000));
		t[3][3] ^= wrong[i];
		assert_false(map_holds((u64)t, 0x3000));
	}
	t[3][3] = 0x3000 | PAGE;
	for (u32 bit = 59; bit < 64; bit++) {
		t[2][0] ^= BIT64(bit); /* narrows all below */
		assert_false(map_holds((u64)t, 0x3000));
		t[2][0] ^= BIT64(bit);
	}
	free(t);
}

static void test_map_span(void **state)
{
	u64(*t)[512] = tables();
	const struct span none = { 0x2800, 0 }, two = { 0x3fff, 2 },
			  three = { 0x3800, 0x1900 };

	(void)state;
	t[3][3] = 0x3000 | PAGE;
	t[3][4] = 0x4000 | PAGE;
	assert_true(map_holds_span((u64)t, &two));
	assert_false(map_holds_span((u64)t, &three));
	assert_true(map_holds_span((u64)t, &none));
	free(t);
}

static int setup(void **state)
{
	struct rig *w = calloc(1, sizeof(*w));

	w->arm = (struct arm){
		.m = { .ticks = rig_ticks,
		       .consoles = arm_consoles,
		       .consoles_n = ARM_CONSOLES },
		.psci = rig_psci,
	};
	w->h.serial_base = (u64)(uintptr_t)w->uart;
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
		WITH_RIG(test_pl011),
		WITH_RIG(test_8250),
		WITH_RIG(test_8250_words),
		WITH_RIG(test_no_port),
		WITH_RIG(test_reset),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_map_attributes),
		cmocka_unit_test(test_map_span),
	};

	return cmocka_run_group_tests_name("purgatory: arm64", tests, NULL,
					   NULL);
}
