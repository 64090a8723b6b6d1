// SPDX-License-Identifier: GPL-2.0-only
/* The PC with a 64-bit kernel: one row a question of arch.h. */
#include <elf.h>
#include <linux/kexec.h>
#include "formats.h"
#include "pc.h"

static const char *const types[] = { "bzImage", "bzImage64", "elf-x86_64",
				     "uki", NULL };

static const struct option_words help[] = {
	{ "serial", "ttyS0|ttyS1|0xPORT", "that serial line (default ttyS0)" },
	{ "type", "TYPE", "kernel's type: bzImage, elf-x86_64 or uki" },
	{ 0 },
};

/* arch/x86/kernel/e820.c, e820_type_to_string() */
static const struct memory_name memory_names[] = {
	{ "ACPI Tables", MEMORY_ACPI },
	{ "ACPI Non-volatile Storage", MEMORY_NVS },
	{ "Reserved", MEMORY_RESERVED },
	{ "reserved", MEMORY_RESERVED },
	{ "Soft Reserved", MEMORY_RESERVED },
	{ "Unusable memory", MEMORY_UNUSABLE },
	{ "Persistent Memory", MEMORY_PMEM },
	{ "Persistent Memory (legacy)", MEMORY_PRAM },
	{ NULL, MEMORY_RAM },
};

/* An aperture that reads other memory a second time. */
static const char *const not_dumped[] = { "GART", NULL };

const struct kexec_arch kexec_arch = {
	.formats = pc_formats,
	.formats_lack = "no bzImage (\"HdrS\" at offset 0x202)",
	.types = types,
	.types_text = "bzImage, elf-x86_64, uki",
	.type_elf = "elf-x86_64",
	.kernels_text = "bzImage, a vmlinux or a UKI",
	.help = help,
	.elf_machine = EM_X86_64,
	.load_flag = KEXEC_ARCH_X86_64,
	.file_refused = "the kernel takes a bzImage only, and a command line "
			"that the image allows: give -c or -a",
	/* kexec-bzimage64.c, MAX_ELFCOREHDR_STR_LEN */
	.file_cmdline_own = 30,
	.elfcorehdr_parameter = true,
	.segment_align = PAGE_4K,
	/*
	 * Since Linux 5.6 (7c321eb2b843) a kernel with a crash reservation
	 * keeps off the low 1 MiB: nothing of the dump lies there, and no
	 * backup copy is needed.
	 */
	.low_memory = MIB(1),
	.memory_names = memory_names,
	.not_dumped = not_dumped,
	.host_read = pc_host_read,
	.host_free = pc_host_free,
	.kcore_segment = pc_kcore_segment,
	.kcore_has_text = true,
	.layout = pc_layout,
	.obstacle = pc_obstacle,
	.warn_of_running = pc_warn_of_running,
	.iommu_off = pc_iommu_off,
	.iommu_idle = pc_iommu_idle,
	.iommu_lacks = pc_iommu_lacks,
	.iommu_take_over = "iommu=nopt",
	.iommu_form = pc_iommu_form,
	.own_parameter = pc_own_parameter,
	.boot_name = "boot_params",
	.boot_size = pc_boot_size,
	.boot_build = pc_boot_build,
	.identity_build = pc_identity_build,
	.machine_flags = pc_machine_flags,
	.set_serial = pc_set_serial,
	.has_vga = true,
	.console_spans = pc_console_spans,
};
