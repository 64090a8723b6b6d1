/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * recovery_set and recovery_jump (purgatory/trap.h) with what a kernel's build
 * wants of assembly; the layout is that of purgatory/x86_64/recover.S.
 */
#include <linux/linkage.h>
#include <linux/objtool.h>
#include <asm/nospec-branch.h>

	.text
SYM_FUNC_START(recovery_set)
	movq	%rbx, 0(%rdi)
	movq	%rbp, 8(%rdi)
	movq	%r12, 16(%rdi)
	movq	%r13, 24(%rdi)
	movq	%r14, 32(%rdi)
	movq	%r15, 40(%rdi)
	leaq	8(%rsp), %rax		/* as it will be after the return */
	movq	%rax, 48(%rdi)
	movq	(%rsp), %rax
	movq	%rax, 56(%rdi)
	xorl	%eax, %eax
	RET
SYM_FUNC_END(recovery_set)

/* Entered by a return from an exception: see on_die() in arch.c. */
SYM_FUNC_START(recovery_jump)
	ANNOTATE_NOENDBR		/* nobody jumps here */
	cld
	movq	0(%rdi), %rbx
	movq	8(%rdi), %rbp
	movq	16(%rdi), %r12
	movq	24(%rdi), %r13
	movq	32(%rdi), %r14
	movq	40(%rdi), %r15
	movq	48(%rdi), %rsp
	pushq	56(%rdi)
	movl	$1, %eax
	RET
SYM_FUNC_END(recovery_jump)
STACK_FRAME_NON_STANDARD recovery_jump
