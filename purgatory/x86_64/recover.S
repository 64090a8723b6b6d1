/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * recovery_set and recovery_jump (trap.h), after the System V ABI: eight words,
 * rbx rbp r12 r13 r14 r15 rsp and the return address. Also hosted.
 */
	.text
	.globl	recovery_set
	.hidden	recovery_set
	.type	recovery_set, @function
recovery_set:
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
	ret
	.size	recovery_set, . - recovery_set

	.globl	recovery_jump
	.hidden	recovery_jump
	.type	recovery_jump, @function
recovery_jump:
	cld				/* the work may have set it */
	movq	0(%rdi), %rbx
	movq	8(%rdi), %rbp
	movq	16(%rdi), %r12
	movq	24(%rdi), %r13
	movq	32(%rdi), %r14
	movq	40(%rdi), %r15
	movq	48(%rdi), %rsp
	movl	$1, %eax
	jmp	*56(%rdi)
	.size	recovery_jump, . - recovery_jump

	.section .note.GNU-stack, "", @progbits
