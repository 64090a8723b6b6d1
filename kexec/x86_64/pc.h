/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this folder share; arch.h says what the functions do. */
#ifndef KEXEC_X86_64_PC_H
#define KEXEC_X86_64_PC_H

#include "arch.h"

/* EFI runtime services, mapped as they are; map_n 0: not known. */
struct efi_runtime {
	u64 fw_vendor, config_table, smbios;
	struct efi_range {
		u64 type, phys, virt, pages, attribute;
	} * map;
	u32 map_n;
};

struct host_arch {
	bool efi;
	u64 rsdp;	 /* physical address; 0: not known */
	bool sme;	 /* the CPU has memory encryption */
	u8 *boot_params; /* as the running kernel was given them; or NULL */
	struct efi_runtime efi_runtime;
};

/* host.c */
int pc_host_read(struct host *m);
void pc_host_free(struct host *m);
void pc_kcore_segment(struct host *m, u64 virt, u64 phys, u64 len);
int pc_layout(struct kernel_layout *l, const struct host *m,
	      const struct facts *f, struct error *e);
u32 pc_machine_flags(const struct host *m);
const struct obstacle *pc_obstacle(const struct host *m);
void pc_warn_of_running(const struct host *m, struct lines *warnings);

/* efi.c: what there is of EFI, when the machine was booted by it. */
void pc_read_efi(struct host *m);

/* cmdline.c */
const char *pc_iommu_off(const char *line, u32 vendors);
bool pc_iommu_idle(const struct facts *f);
const char *pc_iommu_lacks(const char *line);
const char *pc_iommu_form(const struct facts *f);
void pc_own_parameter(const struct image *image, const struct host *m,
		      char *out, size_t len);

/* boot.c */
u64 pc_boot_size(const struct boot *b, u32 extra, struct error *e);
int pc_boot_build(const struct boot *b, u8 *buf, u64 size, u64 mem,
		  struct error *e);

/* identity.c */
int pc_identity_build(struct identity *id, const struct identity_request *r,
		      u64 mem, struct error *e);

/* console.c */
int pc_set_serial(struct handover *ho, const struct host *m, const char *name,
		  u32 baud, struct error *e);
u32 pc_console_spans(const struct handover *ho,
		     struct span out[CONSOLE_SPANS_MAX]);

#endif
