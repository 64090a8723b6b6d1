/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The next kernel: stores what it was entered with, says so on the serial
 * port, and ends the machine by semihosting. Position independent; the words
 * are at RESULT.
 */
#include "words.h"

#define PL011 0x09000000
#define SYS_EXIT 0x18
#define ADP_STOPPED 0x20026

	.text
	.globl	next
next:
	ldr	x9, =RESULT
	stp	x0, x1, [x9]
	stp	x2, x3, [x9, #16]
	mrs	x0, CurrentEL
	mrs	x1, daif
	stp	x0, x1, [x9, #32]
	cmp	x0, #(2 << 2)
	b.eq	1f
	mrs	x2, sctlr_el1
	mrs	x3, cpacr_el1
	mov	x4, xzr
	b	2f
1:	mrs	x2, sctlr_el2
	mrs	x3, cptr_el2
	mrs	x4, hcr_el2
2:	stp	x2, x3, [x9, #48]
	str	x4, [x9, #64]
	ldr	x9, =PL011
	adr	x1, text
3:	ldrb	w0, [x1], #1
	cbz	w0, 4f
	str	w0, [x9]
	b	3b
	/* Exit status 1. */
4:	adr	x1, status
	mov	x0, #SYS_EXIT
	hlt	#0xf000
5:	wfi
	b	5b
	.ltorg
	.balign	8
status:
	.quad	ADP_STOPPED, 1
text:
	.asciz	"next kernel\r\n"
