/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The next kernel: stores what it was entered with, says so on the first
 * serial port, and ends the machine through isa-debug-exit. Position
 * independent; the words are at RESULT.
 */
#define RESULT 0x6000

	.text
	.globl	next
next:
	movl	$RESULT, %edi
	movq	%rsi, (%rdi)
	movq	%cs, %rax
	movq	%rax, 8(%rdi)
	movq	%ds, %rax
	movq	%rax, 16(%rdi)
	movq	%ss, %rax
	movq	%rax, 24(%rdi)
	movq	%es, %rax
	movq	%rax, 32(%rdi)
	movq	%cr0, %rax
	movq	%rax, 40(%rdi)
	movq	%cr3, %rax
	movq	%rax, 48(%rdi)
	movq	%cr4, %rax
	movq	%rax, 56(%rdi)
	pushfq
	popq	%rax
	movq	%rax, 64(%rdi)
	movl	$1, %eax
	cpuid
	xorl	%eax, %eax
	testl	$0x4000000, %ecx	/* XSAVE */
	jz	0f
	movq	%cr4, %rax
	orl	$0x40000, %eax		/* OSXSAVE */
	movq	%rax, %cr4
	xorl	%ecx, %ecx
	xgetbv
0:	movq	%rax, 72(%rdi)
	leaq	text(%rip), %rsi
	movl	$0x3f8, %edx
1:	lodsb
	testb	%al, %al
	jz	2f
	outb	%al, %dx
	jmp	1b
2:	movl	$0xf4, %edx
	xorl	%eax, %eax
	outl	%eax, %dx
3:	hlt
	jmp	3b
text:
	.asciz	"next kernel\r\n"
