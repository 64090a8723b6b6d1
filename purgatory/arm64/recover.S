/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * recovery_set and recovery_jump (trap.h), after the procedure call standard
 * (AAPCS64): 14 words, x19 to x30, sp, and x18, which is a kernel's shadow call
 * stack where it has one. Also hosted, and in the kernel module.
 */
	.text
	.globl	recovery_set
	.hidden	recovery_set
	.type	recovery_set, %function
recovery_set:
	stp	x19, x20, [x0]
	stp	x21, x22, [x0, #16]
	stp	x23, x24, [x0, #32]
	stp	x25, x26, [x0, #48]
	stp	x27, x28, [x0, #64]
	stp	x29, x30, [x0, #80]
	mov	x1, sp
	stp	x1, x18, [x0, #96]
	mov	w0, wzr
	ret
	.size	recovery_set, . - recovery_set

	.globl	recovery_jump
	.hidden	recovery_jump
	.type	recovery_jump, %function
recovery_jump:
	ldp	x19, x20, [x0]
	ldp	x21, x22, [x0, #16]
	ldp	x23, x24, [x0, #32]
	ldp	x25, x26, [x0, #48]
	ldp	x27, x28, [x0, #64]
	ldp	x29, x30, [x0, #80]
	ldp	x1, x18, [x0, #96]
	mov	sp, x1
	mov	w0, #1
	ret
	.size	recovery_jump, . - recovery_jump

	.section .note.GNU-stack, "", @progbits
