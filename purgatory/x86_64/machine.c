/* SPDX-License-Identifier: GPL-2.0-only */
/* struct machine of a PC: counter, page tables, vector registers, caches. */
#include "iommu_notes.h"
#include "cpu.h"
#include "map.h"
#include "start.h"

/* Above this, writing back the whole cache is the shorter way. */
#define FLUSH_BY_LINE_MAX KIB(256)
#define VGA_TEXT 0xb8000

static struct x86_machine *x86(struct machine *m)
{
	return (struct x86_machine *)m;
}

static u64 x86_ticks(struct machine *m)
{
	(void)m;
	return rdtsc();
}

static u8 x86_in8(struct pc *pc, u16 port)
{
	(void)pc;
	return inb(port);
}

static void x86_out8(struct pc *pc, u16 port, u8 val)
{
	(void)pc;
	outb(port, val);
}

static u32 x86_map(struct machine *m, const struct handover *h,
		   const struct span *must, u32 n, bool *live)
{
	bool la57 = read_cr4() & CR4_LA57;
	u64 root = h->pgtable[la57 ? PGTABLE_LA57 : PGTABLE_4LEVEL];
	u32 i;

	*live = false;
	if (!root)
		return PLAN_OK;
	for (i = 0; i < n; i++)
		if (!map_holds_span(root, la57 ? 5 : 4, &must[i]))
			return PLAN_PGTABLE;
	x86(m)->cr3 = read_cr3();
	write_cr3(root);
	*live = true;
	return PLAN_OK;
}

void x86_unmap(struct x86_machine *x)
{
	if (x->cr3)
		write_cr3(x->cr3);
}

/*
 * Enables what the CPU has for AVX and AVX-512. XCR0 is as the dead kernel
 * left it; CR4.OSXSAVE, without which it can't be read, Linux clears.
 */
static void xcr0_enable(struct x86_machine *x)
{
	u64 want = cpuid(CPUID_XSAVE, 0).eax & XCR0_AVX512;

	if (want != XCR0_AVX512)
		want &= XCR0_AVX;
	if (want != XCR0_AVX512 && want != XCR0_AVX)
		return;
	x->xcr0 = xgetbv(0);
	if ((x->xcr0 & want) == want)
		return;
	xsetbv(0, x->xcr0 | want);
	x->xcr0_set = true;
}

static struct sha256_way x86_sha_begin(struct machine *m)
{
	struct x86_machine *x = x86(m);
	bool xsave = cpuid(1, 0).ecx & CPUID_1_ECX_XSAVE;

	x->cr0 = read_cr0();
	x->cr4 = read_cr4();
	x->vectors_on = true;
	write_cr0((x->cr0 & ~(CR0_EM | CR0_TS)) | CR0_MP);
	write_cr4(x->cr4 | CR4_OSFXSR | CR4_OSXMMEXCPT |
		  (xsave ? CR4_OSXSAVE : 0));
	if (xsave)
		xcr0_enable(x);
	return sha256_way(0);
}

static void x86_sha_end(struct machine *m)
{
	struct x86_machine *x = x86(m);

	if (!x->vectors_on)
		return;
	if (x->xcr0_set)
		xsetbv(0, x->xcr0);
	x->xcr0_set = false;
	write_cr4(x->cr4);
	write_cr0(x->cr0);
	x->vectors_on = false;
}

static u32 line_bytes(void)
{
	struct cpuid c = cpuid(1, 0);

	if (!(c.edx & CPUID_1_EDX_CLFSH))
		return 0;
	return field(CPUID_1_EBX_CLFLUSH_LINE, c.ebx) * 8;
}

static void x86_flush(struct machine *m, u64 phys, u64 len)
{
	struct x86_machine *x = x86(m);
	u64 at;

	if (!x->line_known) {
		x->line = line_bytes();
		x->line_known = true;
	}
	if (!x->line || len > FLUSH_BY_LINE_MAX) {
		wbinvd();
		return;
	}
	for (at = align_down(phys, x->line); at < phys + len; at += x->line)
		clflush((const void *)at);
	mfence();
}

static void x86_halt(struct machine *m)
{
	(void)m;
	for (;;)
		hlt();
}

void x86_machine_init(struct x86_machine *x)
{
	x->pc = (struct pc){
		.m = { .ticks = x86_ticks,
		       .consoles = pc_consoles,
		       .consoles_n = PC_CONSOLES,
		       .map = x86_map,
		       .sha_begin = x86_sha_begin,
		       .sha_end = x86_sha_end,
		       .flush = x86_flush,
		       .reset = pc_reset,
		       .halt = x86_halt },
		.in8 = x86_in8,
		.out8 = x86_out8,
		.triple_fault = x86_triple_fault,
		.vga = (volatile u16 *)VGA_TEXT,
	};
}
