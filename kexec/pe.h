/* SPDX-License-Identifier: GPL-2.0-only */
/* PE files, as far as kernels come in them: UKI and EFI zboot. */
#ifndef KEXEC_PE_H
#define KEXEC_PE_H

#include "util.h"

/*
 * The contents of section @name. 1; 0 when there is none, or @f is no PE
 * file; -1 with @e when the headers point past its end.
 */
int pe_section(const struct file *f, const char *name, struct span *where,
	       struct error *e);
/* The same for the compressed payload of an EFI zboot image. */
int zboot_payload(const struct file *f, struct span *where, struct error *e);

#endif
