/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The firmware of a machine that has just crashed: from reset to the state in
 * which Linux enters a purgatory, then there. What it loads lies at PARAM,
 * written by the test: the entry, bits of how it is entered, and CPACR_EL1 or
 * CPTR_EL2.
 */
#include "words.h"

	.text
	.globl	rom
rom:
	msr	daifset, #0xf
	ldr	x20, =PARAM
	ldp	x21, x22, [x20]
	ldr	x23, [x20, #16]
	mrs	x0, CurrentEL
	cmp	x0, #(2 << 2)
	b.ne	enter
	tbnz	x22, #HOW_VHE, vhe
	tbnz	x22, #HOW_SERROR, drop
	b	enter
vhe:
	ldr	x0, =HCR_RW | HCR_E2H | HCR_TGE
	msr	hcr_el2, x0
	isb
	b	enter
	/* To EL1, with a virtual SError that waits there. */
drop:
	ldr	x0, =HCR_RW | HCR_AMO | HCR_VSE
	msr	hcr_el2, x0
	adr	x0, enter
	msr	elr_el2, x0
	mov	x0, #0x3c5			/* DAIF, EL1h */
	msr	spsr_el2, x0
	isb
	eret
	/* Nothing that the purgatory could rely on by mistake. */
enter:
	mrs	x0, CurrentEL
	cmp	x0, #(2 << 2)
	b.eq	1f
	msr	cpacr_el1, x23
	b	2f
1:	msr	cptr_el2, x23
2:	isb
	mov	x0, #-1
	mov	sp, x0
	mov	x1, x0
	mov	x2, x0
	mov	x3, x0
	mov	x18, x0
	mov	x29, x0
	mov	x30, x0
	br	x21
	.ltorg
