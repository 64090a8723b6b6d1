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
enter:
	tbz	x22, #HOW_PIE, 3f
	/* Permissions by PIR_ELx, as newer kernels have them; here: none. */
	mrs	x0, S3_0_C0_C7_3		/* ID_AA64MMFR3_EL1 */
	ubfx	x1, x0, #8, #4			/* S1PIE */
	cbz	x1, no_pie
	mov	x1, #TCR2_PIE
	mrs	x0, CurrentEL
	cmp	x0, #(2 << 2)
	b.eq	4f
	msr	S3_0_C10_C2_3, xzr		/* PIR_EL1 */
	msr	S3_0_C2_C0_3, x1		/* TCR2_EL1 */
	b	3f
4:	msr	S3_4_C10_C2_3, xzr		/* PIR_EL2 */
	msr	S3_4_C2_C0_3, x1		/* TCR2_EL2 */
	/* Nothing that the purgatory could rely on by mistake. */
3:
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
	/* Exit status 2 by semihosting. */
no_pie:
	adr	x1, status
	mov	x0, #0x18
	hlt	#0xf000
	.balign	8
status:
	.quad	0x20026, 2
	.ltorg
