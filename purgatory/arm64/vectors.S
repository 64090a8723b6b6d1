/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The exception vectors (vectors.h), at EL1 and at EL2. The kernel module is built
 * of this file, too.
 */
#include "macros.S"

#define TRAP_STACK_BYTES 8192

	.text
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
	.skip	TRAP_STACK_BYTES
trap_stack_top:

	.section .note.GNU-stack, "", @progbits
