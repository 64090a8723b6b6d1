/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What kexec reads of a machine besides its IOMMUs: all of it below one root
 * directory, so that a captured tree does as well.
 */
#ifndef KEXEC_HOST_H
#define KEXEC_HOST_H

#include "gather.h"
#include "util.h"

struct host {
	const struct sysroot *root;
	char *release; /* NULL: not known */
	char *cmdline; /* of the running kernel; "" when unreadable */
	/* PT_NOTE areas of the running kernel, physical: CPUs, VMCOREINFO. */
	struct span *note;
	size_t note_n;
	/* From /proc/kcore; len 0: not known. */
	struct span text;
	u64 text_virt;
	u64 page_offset;
	bool efi;
	u64 rsdp; /* physical address; 0: not known */
	bool page_1g;
	bool sme;	  /* the CPU has memory encryption */
	u64 ticks_per_ms; /* of the CPU's counter */
	u8 *boot_params;  /* as the running kernel was given them; or NULL */
	size_t boot_params_len;
	/* EFI runtime services, mapped as they are; map_n 0: not known. */
	struct efi_runtime {
		u64 fw_vendor, config_table, smbios;
		struct efi_range {
			u64 type, phys, virt, pages, attribute;
		} * map;
		u32 map_n;
	} efi_runtime;
	u8 seed[32]; /* for the next kernel's RNG */
	u32 seed_len;
	struct lines warnings;
};

/* Reads what there is; what is missing is told in m->warnings. */
int host_read(struct host *m, const struct sysroot *root, bool crash,
	      struct error *e);
void host_free(struct host *m);

/* The first number of a file, with strtoull's @base; false: none. */
bool host_number(const struct sysroot *root, const char *path, int base,
		 u64 *val);

/* What differs by architecture: kexec/ARCH/host.c. */
void host_read_arch(struct host *m);

#endif
