/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs by architecture: kernel/ARCH/arch.c defines it. What differs by
 * kernel is in compat.h.
 */
#ifndef KERNEL_ARCH_H
#define KERNEL_ARCH_H

#include <linux/pgtable.h>
#include <asm/cpufeature.h>
#include "purgatory/purgatory.h"

#ifdef CONFIG_X86
/* The kernel's function that stops the other CPUs when it dies. */
#define ARCH_SHUTDOWN "native_machine_crash_shutdown"
#define ARCH_PHYSICAL_BITS boot_cpu_data.x86_phys_bits
#else
#define ARCH_SHUTDOWN "machine_crash_shutdown"
/* What the CPU has; a kernel may be built for more. */
#define ARCH_PHYSICAL_BITS \
	id_aa64mmfr0_parange_to_phys_shift(read_sysreg(id_aa64mmfr0_el1) & 0xf)
#endif

/* Counter, caches, late errors; where memory and registers lie is not there. */
extern const struct machine arch_machine;

/*
 * Bytes at the head of a function whose code begins with @code, up to where its
 * own code begins: all before is no place for a breakpoint, because ftrace
 * patches it.
 */
#define ARCH_HEAD_BYTES 16
u32 arch_function_head(const u8 code[ARCH_HEAD_BYTES]);

/*
 * Runs @work, traps of which go to its innermost recovery point (purgatory/trap.h),
 * between arch_guard_arm() and arch_guard_disarm(). On one CPU, interrupts off.
 */
int arch_guard_arm(void);
void arch_guard_disarm(void);
void arch_guarded(struct purgatory *p, void (*work)(struct purgatory *p));
/* Late errors stay held when the CPU returns from an exception to @regs. */
void arch_hold_errors(struct pt_regs *regs);

#endif
