/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where relocate_kernel of the dead kernel jumps to, and where the next
 * kernel is jumped to. At entry (Linux 6.1 to 7.2): long mode, interrupts off,
 * GDT and IDT invalid, all registers zero, SSE off, an identity map of RAM and
 * of kexec's segments; position arbitrary.
 */
#include "layout.h"

/* The library keeps a register snapshot and a few tables on the stack. */
#define STACK_BYTES 131072
#define TRAP_STACK_BYTES 8192
#define NMI_STACK_BYTES 1024

/* --- offset 0: struct purgatory_header --- */
	.section .head, "ax", @progbits
	.code64
	.globl	purgatory_image
	.hidden	purgatory_image
purgatory_image:
	jmp	entry
	.balign	8, 0xcc
	.quad	PURGATORY_IMAGE_MAGIC
	.long	purgatory_handover - purgatory_image
	.long	HANDOVER_BYTES
	.long	image_end - purgatory_image
	.long	memory_end - purgatory_image
	.long	4096
	.long	0

	.text
entry:
	cli
	cld
	leaq	stack_top(%rip), %rsp
	xorl	%ebp, %ebp
	leaq	bss_start(%rip), %rdi
	leaq	bss_end(%rip), %rcx
	subq	%rdi, %rcx
	shrq	$3, %rcx
	xorl	%eax, %eax
	rep stosq

	/* Pointers in data: R_X86_64_RELATIVE only, the build checks that. */
	leaq	purgatory_image(%rip), %rdx
	leaq	rela_start(%rip), %rsi
	leaq	rela_end(%rip), %rcx
1:	cmpq	%rcx, %rsi
	jae	2f
	movq	(%rsi), %rdi			/* r_offset */
	movq	16(%rsi), %rax			/* r_addend */
	addq	%rdx, %rax
	movq	%rax, (%rdx, %rdi)
	addq	$24, %rsi
	jmp	1b

	/*
	 * Comes back only to jump: rax the entry, rdx its argument. The 64-bit
	 * boot protocol (Documentation/arch/x86/boot.rst) wants CS 0x10, DS, ES
	 * and SS 0x18, all flat, interrupts off, boot_params in rsi, and all
	 * that the kernel reads first mapped to itself.
	 */
2:	call	purgatory_start
	cli
	cld
	movl	$SEL_DATA, %ecx		/* a trap leaves SS null */
	movl	%ecx, %ds
	movl	%ecx, %es
	movl	%ecx, %ss
	movq	%rdx, %rsi
	xorl	%ebx, %ebx
	xorl	%ecx, %ecx
	xorl	%edx, %edx
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
	jmp	*%rax

/* load_tables(gdtr, idtr): and CS, the data segments and TR from the GDT. */
	.globl	load_tables
	.hidden	load_tables
load_tables:
	lgdt	(%rdi)
	popq	%rax
	pushq	$SEL_CODE
	pushq	%rax
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	movl	$SEL_TSS, %eax
	ltr	%ax
	lidt	(%rsi)
	lretq

/*
 * One stub a vector, 16 bytes apart (start.c counts on it), that completes
 * struct trap_frame: an error code where the CPU gives none, and the vector.
 */
	.balign	STUB_BYTES, 0xcc
	.globl	trap_stubs
	.hidden	trap_stubs
trap_stubs:
	.set	vector, 0
	.rept	VECTORS
	.balign	STUB_BYTES, 0xcc
	.if	vector == VECTOR_NMI
	lock incl trap_nmis(%rip)
	iretq
	.else
	.if	((TRAPS_WITH_ERROR >> vector) & 1) == 0
	pushq	$0
	.endif
	pushq	$vector
	jmp	trap_common
	.endif
	.set	vector, vector + 1
	.endr

	.balign	16, 0xcc
trap_common:
	cld
	movq	%rsp, %rdi
	subq	$8, %rsp		/* 56 bytes of frame: align to 16 */
	call	trap_entry		/* does not return */
	ud2

	.bss
	.balign	8
	.globl	trap_nmis
	.hidden	trap_nmis
trap_nmis:
	.long	0

/* Behind bss, not cleared. */
	.section .stacks, "aw", @nobits
	.balign	16
	.skip	STACK_BYTES
stack_top:
	.skip	TRAP_STACK_BYTES
	.globl	trap_stack_top, nmi_stack_top
	.hidden	trap_stack_top, nmi_stack_top
trap_stack_top:
	.skip	NMI_STACK_BYTES
nmi_stack_top:

	.section .note.GNU-stack, "", @progbits
