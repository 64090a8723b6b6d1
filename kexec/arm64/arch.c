// SPDX-License-Identifier: GPL-2.0-only
/* arm64 servers: one row a question of arch.h. */
#include <elf.h>
#include <linux/kexec.h>
#include "arm64.h"
#include "formats.h"

/* As kexec-tools calls them: vmlinuz is an EFI zboot image. */
static const char *const types[] = { "Image", "vmlinux", "vmlinuz", "uki",
				     NULL };

static const struct option_words help[] = {
	{ "serial", "TTY", "that serial line (default ttyAMA0 or ttyS0)" },
	{ "type", "TYPE", "kernel's type: Image, vmlinux, vmlinuz or uki" },
	{ 0 },
};

/* arch/arm64/kernel/setup.c, request_standard_resources() */
static const struct memory_name memory_names[] = {
	{ "reserved", MEMORY_RESERVED },
	{ NULL, MEMORY_RAM },
};

static const char *const not_dumped[] = { NULL };

const struct kexec_arch kexec_arch = {
	.formats = arm64_formats,
	.formats_lack = "no Image (\"ARM\\x64\" at offset 56)",
	.types = types,
	.types_text = "Image, vmlinux, vmlinuz, uki",
	.type_elf = "vmlinux",
	.kernels_text = "Image, a vmlinux or a UKI",
	.help = help,
	.elf_machine = EM_AARCH64,
	.load_flag = KEXEC_ARCH_AARCH64,
	.file_refused = "the kernel takes an Image only, of a page size that "
			"the CPU has: give -c or -a",
	/* the largest page that a kernel may be built for */
	.segment_align = KIB(64),
	.initrd_reach = GIB(32), /* Documentation/arch/arm64/booting.rst */
	/* arch_kexec_protect_crashkres() */
	.reservation_unmapped = true,
	.memory_names = memory_names,
	.not_dumped = not_dumped,
	.host_read = arm64_host_read,
	.host_free = arm64_host_free,
	.kcore_segment = arm64_kcore_segment,
	.layout = arm64_layout,
	.obstacle = arm64_obstacle,
	.warn_of_running = arm64_warn_of_running,
	.iommu_off = arm64_iommu_off,
	.iommu_idle = arm64_iommu_idle,
	.iommu_lacks = arm64_iommu_lacks,
	.iommu_take_over = "iommu.passthrough=0",
	.iommu_form = arm64_iommu_form,
	.own_parameter = arm64_own_parameter,
	.boot_name = "dtb",
	.takes_dtb = true,
	.boot_size = arm64_boot_size,
	.boot_build = arm64_boot_build,
	.identity_build = arm64_identity_build,
	.machine_flags = arm64_machine_flags,
	.set_serial = arm64_set_serial,
	.console_spans = arm64_console_spans,
};
