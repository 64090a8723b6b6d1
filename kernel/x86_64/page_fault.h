/* SPDX-License-Identifier: GPL-2.0-only */
/* What page_fault.S and arch.c share. */
#ifndef KERNEL_X86_64_PAGE_FAULT_H
#define KERNEL_X86_64_PAGE_FAULT_H

#include "purgatory/trap.h"

/* As the CPU pushes it. */
struct page_fault {
	unsigned long error, ip, cs, flags, sp, ss;
};

/* Where page faults come to while the crash path runs. */
void own_page_fault(void);
/* The recovery point to go to; NULL: the fault is none of the crash path. */
struct recovery *page_fault_taken(const struct page_fault *f);
/* The kernel's own handler, which is left all others. */
extern unsigned long kernel_page_fault;

#endif
