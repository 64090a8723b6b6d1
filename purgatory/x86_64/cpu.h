/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instructions that C has no words for. Names and bits are those of the
 * Intel SDM (volumes 2 and 3, 325383-084 and 325384-084).
 */
#ifndef PURGATORY_X86_64_CPU_H
#define PURGATORY_X86_64_CPU_H

#include "base.h"

#define CPUID_1_EBX_CLFLUSH_LINE 0x0000ff00u /* in units of 8 bytes */
#define CPUID_1_ECX_SSSE3 (1u << 9)
#define CPUID_1_ECX_SSE41 (1u << 19)
#define CPUID_1_ECX_XSAVE (1u << 26)
#define CPUID_1_ECX_OSXSAVE (1u << 27)
#define CPUID_1_EDX_MCE (1u << 7)
#define CPUID_1_EDX_MCA (1u << 14)
#define CPUID_1_EDX_CLFSH (1u << 19)
#define CPUID_1_EDX_FXSR (1u << 24)
#define CPUID_7_EBX_AVX2 (1u << 5)
#define CPUID_7_EBX_AVX512F (1u << 16)
#define CPUID_7_EBX_SHA (1u << 29)
#define CPUID_7_EBX_AVX512BW (1u << 30)
#define CPUID_XSAVE 0xdu /* the leaf whose eax says what XCR0 may have */

#define CR0_MP BIT64(1)
#define CR0_EM BIT64(2)
#define CR0_TS BIT64(3)
#define CR4_MCE BIT64(6)
#define CR4_OSFXSR BIT64(9)
#define CR4_OSXMMEXCPT BIT64(10)
#define CR4_LA57 BIT64(12)
#define CR4_OSXSAVE BIT64(18)

#define XCR0_SSE (BIT64(0) | BIT64(1)) /* x87, always set, and XMM */
#define XCR0_AVX (XCR0_SSE | BIT64(2))
#define XCR0_AVX512 (XCR0_AVX | BIT64(5) | BIT64(6) | BIT64(7))

#define MSR_MCG_CAP 0x179
#define MSR_MCG_STATUS 0x17a
#define MSR_MC0_STATUS 0x401
#define MSR_MC0_ADDR 0x402
#define MCG_CAP_COUNT 0xff /* of banks, four registers each */
#define MCI_STATUS_VAL BIT64(63)
#define MCI_STATUS_UC BIT64(61)
#define MCI_STATUS_ADDRV BIT64(58)

struct cpuid {
	u32 eax, ebx, ecx, edx;
};

static inline struct cpuid cpuid(u32 leaf, u32 sub)
{
	struct cpuid c;

	asm volatile("cpuid"
		     : "=a"(c.eax), "=b"(c.ebx), "=c"(c.ecx), "=d"(c.edx)
		     : "0"(leaf), "2"(sub));
	return c;
}

static inline u64 rdtsc(void)
{
	u32 lo, hi;

	/* The fence keeps it behind the loads (of registers) before it. */
	asm volatile("lfence; rdtsc" : "=a"(lo), "=d"(hi)::"memory");
	return (u64)hi << 32 | lo;
}

static inline u64 rdmsr(u32 msr)
{
	u32 lo, hi;

	asm volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr) : "memory");
	return (u64)hi << 32 | lo;
}

static inline void wrmsr(u32 msr, u64 v)
{
	asm volatile("wrmsr" ::"a"((u32)v), "d"((u32)(v >> 32)), "c"(msr)
		     : "memory");
}

static inline u8 inb(u16 port)
{
	u8 v;

	asm volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void outb(u16 port, u8 v)
{
	asm volatile("outb %0, %1" ::"a"(v), "Nd"(port));
}

static inline u64 read_cr0(void)
{
	u64 v;

	asm volatile("mov %%cr0, %0" : "=r"(v)::"memory");
	return v;
}

static inline void write_cr0(u64 v)
{
	asm volatile("mov %0, %%cr0" ::"r"(v) : "memory");
}

static inline u64 read_cr2(void)
{
	u64 v;

	asm volatile("mov %%cr2, %0" : "=r"(v)::"memory");
	return v;
}

static inline u64 read_cr3(void)
{
	u64 v;

	asm volatile("mov %%cr3, %0" : "=r"(v)::"memory");
	return v;
}

static inline void write_cr3(u64 v)
{
	asm volatile("mov %0, %%cr3" ::"r"(v) : "memory");
}

static inline u64 read_cr4(void)
{
	u64 v;

	asm volatile("mov %%cr4, %0" : "=r"(v)::"memory");
	return v;
}

static inline void write_cr4(u64 v)
{
	asm volatile("mov %0, %%cr4" ::"r"(v) : "memory");
}

/* Both only where CR4.OSXSAVE is set. */
static inline u64 xgetbv(u32 i)
{
	u32 lo, hi;

	asm volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(i) : "memory");
	return (u64)hi << 32 | lo;
}

static inline void xsetbv(u32 i, u64 v)
{
	asm volatile("xsetbv" ::"a"((u32)v), "d"((u32)(v >> 32)), "c"(i)
		     : "memory");
}

static inline void clflush(const void *p)
{
	asm volatile("clflush (%0)" ::"r"(p) : "memory");
}

static inline void wbinvd(void)
{
	asm volatile("wbinvd" ::: "memory");
}

static inline void mfence(void)
{
	asm volatile("mfence" ::: "memory");
}

static inline void hlt(void)
{
	asm volatile("hlt" ::: "memory");
}

#endif
