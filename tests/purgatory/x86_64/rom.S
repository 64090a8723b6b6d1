/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The firmware of a machine that has just crashed: from the reset vector to
 * the state in which Linux enters a purgatory, then there. What it loads lies
 * at PARAM, written by the test: cr3, entry, rsp, CR4.LA57 wanted, XCR0 wanted
 * or 0 to leave it as it is. CR4.OSXSAVE is clear behind it, as Linux has it.
 */
#define PARAM 0x5000
#define MSR_EFER 0xc0000080
#define MSR_MCG_STATUS 0x17a
#define CR4_OSXSAVE 0x40000

	.text
	.code16
	.globl	rom
rom:
start:
	cli
	lgdtl	%cs:(gdtr - rom)
	movl	%cr0, %eax
	orl	$1, %eax
	movl	%eax, %cr0
	ljmpl	$8, $protected

	.code32
protected:
	movl	$16, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	$0x1ff, 0xfee000f0	/* local APIC on */
	movl	$0x400, 0xfee00360	/* LINT1: NMI */
	movl	PARAM + 24, %eax
	andl	$1, %eax
	shll	$12, %eax
	orl	$0x20, %eax
	movl	%eax, %ebx
	cmpl	$0, PARAM + 32
	je	2f
	orl	$CR4_OSXSAVE, %eax
	movl	%eax, %cr4
	movl	PARAM + 32, %eax
	xorl	%edx, %edx
	xorl	%ecx, %ecx
	xsetbv
2:	movl	%ebx, %cr4
	movl	PARAM, %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$0x100, %eax
	wrmsr
	movl	$1, %eax
	cpuid
	testl	$0x4000, %edx		/* MCA */
	jz	1f
	movl	$MSR_MCG_STATUS, %ecx
	movl	$4, %eax		/* MCIP: of a machine check, as it were */
	xorl	%edx, %edx
	wrmsr
1:	movl	$0x80000001, %eax
	movl	%eax, %cr0
	ljmpl	$24, $long

	.code64
long:
	movl	$PARAM, %esi
	movq	16(%rsi), %rsp
	pushq	$0
	pushq	8(%rsi)
	lidt	none(%rip)
	lgdt	none(%rip)
	xorl	%eax, %eax
	xorl	%ebx, %ebx
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xorl	%esi, %esi
	xorl	%edi, %edi
	xorl	%ebp, %ebp
	xorl	%r8d, %r8d
	xorl	%r9d, %r9d
	xorl	%r10d, %r10d
	xorl	%r11d, %r11d
	xorl	%r12d, %r12d
	xorl	%r13d, %r13d
	xorl	%r14d, %r14d
	xorl	%r15d, %r15d
	ret

	.balign	8
gdt:
	.quad	0
	.quad	0x00cf9b000000ffff
	.quad	0x00cf93000000ffff
	.quad	0x00af9b000000ffff
gdtr:
	.word	. - gdt - 1
	.long	gdt
	.balign	8
none:
	.word	0
	.quad	0

	.org	0xfff0
	.code16
	jmp	start
	.org	0x10000
