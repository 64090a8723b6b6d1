/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All in which the kernels differ that this builds for, 6.1 to 7.2; in which
 * architectures do: arch.h.
 */
#ifndef KERNEL_COMPAT_H
#define KERNEL_COMPAT_H

#include <linux/ftrace.h>
#include <linux/sysfs.h>
#include <linux/version.h>

/* crash_core.h became two in 6.9. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
#include <linux/vmcore_info.h>
#else
#include <linux/crash_core.h>
#endif

/* 6.16: what a bin_attribute's read is handed became const. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
#define bin_file const struct bin_attribute
#else
#define bin_file struct bin_attribute
#endif

/* 6.17: crashkernel=,cma, and the wait for DMA before the kernel is exchanged. */
#define HAS_CMA_WAIT (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0))

/* The first argument of a function that ftrace has stopped at. */
static inline unsigned long first_argument(struct ftrace_regs *fregs)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	return ftrace_regs_get_argument(fregs, 0);
#else
	return regs_get_kernel_argument(&fregs->regs, 0);
#endif
}

#endif
