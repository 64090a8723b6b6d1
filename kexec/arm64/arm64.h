/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this folder share; arch.h says what the functions do. */
#ifndef KEXEC_ARM64_ARM64_H
#define KEXEC_ARM64_ARM64_H

#include "arch.h"

#define LINEAR_MAPS_MAX 8

struct host_arch {
	struct file dtb; /* of the running kernel; data NULL: none */
	u32 psci;	 /* HANDOVER_PSCI_*; 0: not known */
	/*
	 * Virtual minus physical of what /proc/kcore has at a known address:
	 * the linear map, and from some kernels on the kernel's text.
	 */
	u64 map[LINEAR_MAPS_MAX];
	u32 maps;
};

/* host.c */
int arm64_host_read(struct host *m);
void arm64_host_free(struct host *m);
void arm64_kcore_segment(struct host *m, u64 virt, u64 phys, u64 len);
u32 arm64_machine_flags(const struct host *m);
const struct obstacle *arm64_obstacle(const struct host *m);
void arm64_warn_of_running(const struct host *m, struct lines *warnings);

/* layout.c */
int arm64_layout(struct kernel_layout *l, const struct host *m,
		 const struct facts *f, struct error *e);

/* cmdline.c */
const char *arm64_iommu_off(const char *line, u32 vendors);
bool arm64_iommu_idle(const struct facts *f);
const char *arm64_iommu_lacks(const char *line);
const char *arm64_iommu_form(const struct facts *f);
void arm64_own_parameter(const struct image *image, const struct host *m,
			 char *out, size_t len);

/* boot.c */
u64 arm64_boot_size(const struct boot *b, u32 extra, struct error *e);
int arm64_boot_build(const struct boot *b, u8 *buf, u64 size, u64 mem,
		     struct error *e);

/* identity.c */
int arm64_identity_build(struct identity *id, const struct identity_request *r,
			 u64 mem, struct error *e);

/* console.c */
int arm64_set_serial(struct handover *ho, const struct host *m,
		     const char *name, u32 baud, struct error *e);
u32 arm64_console_spans(const struct handover *ho,
			struct span out[CONSOLE_SPANS_MAX]);

#endif
