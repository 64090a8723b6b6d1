/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which variants of SHA-256 there are for x86 CPUs, and which of them this
 * CPU has: by CPUID (Intel SDM volume 2), and for AVX by what XCR0 enables
 * (volume 1, sections 14.3 and 15.2).
 */
#include "cpu.h"
#include "sha256_x86.h"

static bool leaf7_has(u32 ebx)
{
	return cpuid(0, 0).eax >= 7 && (cpuid(7, 0).ebx & ebx) == ebx;
}

/* Is the state of XCR0 that @xcr0 names enabled? */
static bool enabled(u64 xcr0)
{
	return (cpuid(1, 0).ecx & CPUID_1_ECX_OSXSAVE) &&
	       (xgetbv(0) & xcr0) == xcr0;
}

static bool has_avx512(void)
{
	return enabled(XCR0_AVX512) &&
	       leaf7_has(CPUID_7_EBX_AVX512F | CPUID_7_EBX_AVX512BW);
}

static bool has_avx2(void)
{
	return enabled(XCR0_AVX) && leaf7_has(CPUID_7_EBX_AVX2);
}

/* With what CR4.OSFXSR promises to save. */
static bool has_ssse3(void)
{
	struct cpuid c1 = cpuid(1, 0);

	return (c1.edx & CPUID_1_EDX_FXSR) && (c1.ecx & CPUID_1_ECX_SSSE3);
}

static bool has_sha(void)
{
	return has_ssse3() && (cpuid(1, 0).ecx & CPUID_1_ECX_SSE41) &&
	       leaf7_has(CPUID_7_EBX_SHA);
}

static bool always(void)
{
	return true;
}

const struct sha256_variant *sha256_variants(u32 *n)
{
	static const struct sha256_variant all[] = {
		{ .name = "avx512",
		  .usable = has_avx512,
		  .vector = true,
		  .width = 16,
		  .lanes = sha256_lanes_avx512 },
		{ .name = "sha",
		  .usable = has_sha,
		  .vector = true,
		  .by_cpu = true,
		  .width = 2,
		  .lanes = sha256_lanes_sha,
		  .blocks = sha256_blocks_sha },
		{ .name = "avx2",
		  .usable = has_avx2,
		  .vector = true,
		  .width = 8,
		  .lanes = sha256_lanes_avx2 },
		{ .name = "ssse3",
		  .usable = has_ssse3,
		  .vector = true,
		  .width = 4,
		  .lanes = sha256_lanes_ssse3 },
		{ .name = "c", .usable = always, .blocks = sha256_blocks_c },
	};

	*n = ARRAY_SIZE(all);
	return all;
}
