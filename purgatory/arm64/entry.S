/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the dead kernel jumps to, and where the next kernel is jumped to. At
 * entry (Linux 6.1 to 7.2): EL1, or EL2 with or without HCR_EL2.E2H; MMU and
 * D-cache off, DAIF masked, position arbitrary. What kexec loaded is clean to
 * the point of coherency.
 */
#include "layout.h"

/* The library keeps a register snapshot and a few tables on the stack. */
#define STACK_BYTES 131072
#define TRAP_STACK_BYTES 8192
#define R_AARCH64_RELATIVE_ENTRY 24

/* \x: a number that takes 32 bits */
	.macro	mov32 x, value
	movz	\x, #(\value) & 0xffff
	movk	\x, #(\value) >> 16, lsl #16
	.endm

/* Sets the flags: EQ at EL2. */
	.macro	at_el2 x
	mrs	\x, CurrentEL
	cmp	\x, #CURRENT_EL2
	.endm

/* Far enough for any offset in the image. */
	.macro	adr_far x, symbol
	adrp	\x, \symbol
	add	\x, \x, :lo12:\symbol
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

/*
 * The 16 vectors, all alike. None goes back to where it came from, so that
 * nothing of it is kept: the stack is that of traps from its top.
 */
	.balign	2048
	.globl	trap_vectors
	.hidden	trap_vectors
trap_vectors:
	.rept	16
	.balign	128
	b	trap_common
	.endr

	.balign	128
trap_common:
	adr_far	x0, trap_stack_top
	mov	sp, x0
	mov	x29, xzr
	mov	x30, xzr
	at_el2	x0
	b.eq	1f
	mrs	x0, esr_el1
	mrs	x1, elr_el1
	mrs	x2, far_el1
	b	trap_entry
1:	mrs	x0, esr_el2
	mrs	x1, elr_el2
	mrs	x2, far_el2
	b	trap_entry		/* does not return */

/* Behind bss, not cleared. */
	.section .stacks, "aw", @nobits
	.balign	16
	.skip	STACK_BYTES
stack_top:
	.skip	TRAP_STACK_BYTES
trap_stack_top:

	.section .note.GNU-stack, "", @progbits
