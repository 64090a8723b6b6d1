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
	u32 mode;	/* enum iommu_mode */
	bool vtd_idle;	/* there is VT-d, which the running kernel leaves off */
	u64 elfcorehdr; /* physical address; 0: none */
	u64 rsdp;	/* for acpi_rsdp=; 0: none */
	u32 max;	/* bytes the kernel takes, without the final NUL */
};

/*
 * The finished line, malloc()ed; NULL with @e. What was done to it beside
 * joining its parts is told in @told.
 */
char *cmdline_make(const struct cmdline_request *r, struct lines *told,
		   struct error *e);
/*
 * Does the line turn the IOMMU off, as the kernel reads it? The words that
 * do (static, or NULL).
 */
const char *cmdline_iommu_off(const char *line);
/* The value of the last NAME=VALUE, copied into @out; false when there is none. */
bool cmdline_last(const char *line, const char *name, char *out, size_t len);

#endif
