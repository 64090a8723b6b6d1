/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guarded() (purgatory/trap.h) on a stack of the module's own. A kernel whose
 * stack has overflowed dies on one of 4 KiB, and the switch needs more than is
 * left there.
 */
#include "../../purgatory/arm64/macros.S"

#define OWN_STACK_BYTES 16384

	.text
	.globl	guarded_on_own_stack
	.hidden	guarded_on_own_stack
	.type	guarded_on_own_stack, %function
guarded_on_own_stack:
	stp	x29, x30, [sp, #-16]!
	mov	x29, sp
	adr_far	x2, own_stack_top
	mov	sp, x2
	bl	guarded
	mov	sp, x29
	ldp	x29, x30, [sp], #16
	ret
	.size	guarded_on_own_stack, . - guarded_on_own_stack

	.section .stacks, "aw", @nobits
	.balign	16
	.skip	OWN_STACK_BYTES
own_stack_top:

	.section .note.GNU-stack, "", @progbits
