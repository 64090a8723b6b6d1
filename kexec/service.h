/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What kexec and the service that calls it tell each other, by files, because
 * no two distributions hand options on in the same way: what is wished for at
 * a crash in /etc/kdump-iommu.conf, what was loaded in /run/kexec-iommu/crash.
 * kdump-iommu(8) describes both.
 */
#ifndef KEXEC_SERVICE_H
#define KEXEC_SERVICE_H

#include "gather.h"
#include "util.h"

struct options;

/*
 * The value of the last IOMMU= in the file, an enum iommu_mode; IOMMU_MODE_N
 * where nothing is asked for. A value that is none is a warning.
 */
u32 service_wish(const struct sysroot *root, struct lines *warnings);

struct service_loaded {
	u32 wished, mode; /* enum iommu_mode; @wished may be IOMMU_MODE_N */
	bool file_load;	  /* by kexec_file_load(2) */
	struct error why; /* it is not what was wished for; or "" */
};

/*
 * Writes down that the options' crash kernel is loaded now. Where there is no
 * /run, in an initramfs for instance, nobody wants to know.
 */
void service_tell_loaded(const struct sysroot *root, const struct options *o,
			 const struct service_loaded *s);
void service_tell_unloaded(const struct sysroot *root);

#endif
