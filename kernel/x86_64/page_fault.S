/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where page faults come to while the crash path runs (arch.c): to the recovery
 * point that page_fault_taken() says, or with all registers as they were to the
 * kernel's own handler. The CPU has pushed an error code, too.
 */
#include <linux/linkage.h>
#include <linux/objtool.h>
#include <asm/nospec-branch.h>

	.text
SYM_FUNC_START(own_page_fault)
	ENDBR
	cld
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	leaq	72(%rsp), %rdi
	subq	$8, %rsp		/* 15 words: align to 16 */
	call	page_fault_taken
	addq	$8, %rsp
	testq	%rax, %rax
	jz	1f
	movq	%rax, %rdi
	jmp	recovery_jump
1:	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rax
	ANNOTATE_RETPOLINE_SAFE
	jmpq	*kernel_page_fault(%rip)
SYM_FUNC_END(own_page_fault)
STACK_FRAME_NON_STANDARD own_page_fault
