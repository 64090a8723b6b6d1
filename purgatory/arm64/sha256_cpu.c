/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which variants of SHA-256 there are for arm64 CPUs, and which of them this
 * CPU has: by its ID registers (Arm ARM DDI 0487J, section D19.2), which Linux
 * shows to programs as well.
 */
#include "cpu.h"
#include "sha256_arm.h"

static bool has_sha2(void)
{
	return field(ID_AA64ISAR0_SHA2, read_sysreg(id_aa64isar0_el1)) &&
	       field(ID_AA64PFR0_ADVSIMD, read_sysreg(id_aa64pfr0_el1)) !=
		       ID_NONE;
}

static bool always(void)
{
	return true;
}

const struct sha256_variant *sha256_variants(u32 *n)
{
	static const struct sha256_variant all[] = {
		{ .name = "sha2",
		  .usable = has_sha2,
		  .vector = true,
		  .by_cpu = true,
		  .width = 2,
		  .lanes = sha256_lanes_sha2,
		  .blocks = sha256_blocks_sha2 },
		{ .name = "c", .usable = always, .blocks = sha256_blocks_c },
	};

	*n = ARRAY_SIZE(all);
	return all;
}
