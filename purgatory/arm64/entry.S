/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the dead kernel jumps to, and where the next kernel is jumped to. At
 * entry (Linux 6.1 to 7.2): EL1, or EL2 with or without HCR_EL2.E2H; MMU and
 * D-cache off, DAIF masked, position arbitrary. What kexec loaded is clean to
 * the point of coherency.
 */
#include "macros.S"

/* The library keeps a register snapshot and a few tables on the stack. */
#define STACK_BYTES 131072
#define R_AARCH64_RELATIVE_ENTRY 24

/* \x: a number that takes 32 bits */
	.macro	mov32 x, value
	movz	\x, #(\value) & 0xffff
	movk	\x, #(\value) >> 16, lsl #16
	.endm

/* --- offset 0: struct purgatory_header --- */
	.section .head, "ax", @progbits
	.globl	purgatory_image
	.hidden	purgatory_image
purgatory_image:
	b	entry
	.balign	8
	.quad	PURGATORY_IMAGE_MAGIC
	.word	purgatory_handover - purgatory_image
	.word	HANDOVER_BYTES
	.word	image_end - purgatory_image
	.word	memory_end - purgatory_image
	.word	4096
	.word	0

	.text
entry:
	msr	daifset, #0xf
	isb
	mov32	x1, SCTLR_OFF_EL1
	at_el2	x0
	b.eq	1f
	mrs	x19, sctlr_el1
	msr	sctlr_el1, x1
	b	2f
1:	mrs	x0, hcr_el2
	tbnz	x0, #HCR_E2H_BIT, 3f
	mov32	x1, SCTLR_OFF_EL2
3:	mrs	x19, sctlr_el2
	msr	sctlr_el2, x1
2:	isb
	ic	iallu
	dsb	sy
	isb
	/* Writes go past the caches now, and nothing in these may hide them. */
	bl	flush_memory

	adr_far	x0, stack_top
	mov	sp, x0
	mov	x29, xzr
	adr_far	x0, bss_start
	adr_far	x1, bss_end
1:	cmp	x0, x1
	b.hs	2f
	str	xzr, [x0], #8
	b	1b

	/* Pointers in data: R_AARCH64_RELATIVE only, the build checks that. */
2:	adr_far	x0, purgatory_image
	adr_far	x1, rela_start
	adr_far	x2, rela_end
3:	cmp	x1, x2
	b.hs	4f
	ldr	x3, [x1]		/* r_offset */
	ldr	x4, [x1, #16]		/* r_addend */
	add	x4, x4, x0
	str	x4, [x0, x3]
	add	x1, x1, #R_AARCH64_RELATIVE_ENTRY
	b	3b

	/*
	 * Comes back only to jump: x0 the entry, x1 its argument. The boot
	 * protocol (Documentation/arch/arm64/booting.rst) wants MMU and D-cache
	 * off, the image clean to the point of coherency, DAIF masked, the
	 * device tree in x0, x1 to x3 zero.
	 */
4:	bl	purgatory_start
	msr	daifset, #0xf
	mov	x20, x0
	mov	x21, x1
	bic	x19, x19, #(1 << SCTLR_M_BIT)
	bic	x19, x19, #(1 << SCTLR_C_BIT)
	dsb	sy
	isb				/* Falkor, erratum 1041 */
	at_el2	x0
	b.eq	5f
	msr	sctlr_el1, x19
	isb
	tlbi	vmalle1
	b	6f
5:	msr	sctlr_el2, x19
	isb
	tlbi	alle2
6:	dsb	sy
	isb
	/* The stack, which was in use until now. */
	bl	flush_memory
	ic	iallu
	dsb	sy
	isb
	mov	x0, x21
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	br	x20

/* Cleans and invalidates all of the purgatory's memory. Leaves x19 and up. */
flush_memory:
	mrs	x2, ctr_el0
	ubfx	x2, x2, #CTR_DMINLINE_SHIFT, #CTR_DMINLINE_BITS
	mov	x3, #4
	lsl	x2, x3, x2
	adr_far	x0, purgatory_image
	adr_far	x1, memory_end
1:	dc	civac, x0
	add	x0, x0, x2
	cmp	x0, x1
	b.lo	1b
	dsb	sy
	ret

/* Behind bss, not cleared. */
	.section .stacks, "aw", @nobits
	.balign	16
	.skip	STACK_BYTES
stack_top:

	.section .note.GNU-stack, "", @progbits
