/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line of the next kernel. */
#ifndef KEXEC_CMDLINE_H
#define KEXEC_CMDLINE_H

#include "base.h"
#include "util.h"

struct cmdline_request {
	const char *running; /* the running kernel's; NULL: not reused */
	const char *append;  /* may be NULL */
	bool crash;
	u32 mode;	 /* enum iommu_mode */
	u32 vendors;	 /* facts_vendors() of the machine; 0: not known */
	bool iommu_idle; /* kexec_arch.iommu_idle() of the machine */
	u64 elfcorehdr;	 /* physical address; 0: none */
	const char *own; /* a parameter of the architecture; NULL or "": none */
	u32 max;	 /* bytes the kernel takes, without the final NUL */
};

/*
 * The finished line, malloc()ed; NULL with @e. @notices gets a line for
 * each parameter that was appended unasked.
 */
char *cmdline_make(const struct cmdline_request *r, struct lines *notices,
		   struct error *e);

#endif
