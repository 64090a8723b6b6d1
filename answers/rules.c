// SPDX-License-Identifier: GPL-2.0-only
/* The rules of iommudump check. */
#include "rules.h"

const struct rule check_rules[] = {
	{ "pass-through", ask_pass_through,
	  "boot with iommu.passthrough=0 (iommu=nopt)",
	  ", or load the crash kernel with --iommu=sink so that at least the "
	  "dump is safe" },
	{ "unit-off", ask_unit_off,
	  "turn it on: intel_iommu=on or the firmware's setting",
	  "; until then load the crash kernel with --iommu=sink" },
	{ "no-unit", ask_no_unit,
	  "turn the IOMMU on in the firmware; where a device has none, unbind "
	  "its driver or do without the device",
	  NULL },
	{ "lazy-invalidation", ask_lazy,
	  "boot with iommu.strict=1, or write DMA to the group's type in "
	  "/sys/kernel/iommu_groups, where that matters more than speed",
	  NULL },
	{ "ats", ask_ats,
	  "boot with pci=noats unless the device is as trusted as the CPU",
	  NULL },
	{ "pasid", ask_pasid,
	  "look at the processes that had the device open; the crash kernel "
	  "must not keep these translations (none of our modes does)",
	  NULL },
	{ "vfio", ask_vfio,
	  "look at what the guest or process mapped before you trust the "
	  "memory it had",
	  "; load the crash kernel with --iommu=sink" },
	{ "region-over-ram", ask_region,
	  "ask for a firmware update: memory that a device keeps using must "
	  "be reserved in the memory map",
	  NULL },
	{ "crash-memory-mapped", ask_reservation,
	  "no driver may map this memory: look at the device's driver",
	  ", and load the crash kernel with --iommu=sink or abort" },
	{ "crash-cma", ask_crash_cma,
	  "the dying kernel waits ten seconds for such DMA to end, and no "
	  "longer",
	  "; load the crash kernel with --iommu=copy, sink or abort" },
	{ "own-tables-mapped", ask_own_tables,
	  "take it that these devices reach all memory, and look with "
	  "iommudump "
	  "reach for who could write to the tables: no driver makes such ones",
	  "; load the crash kernel with --iommu=sink or abort" },
	{ "freed-memory-mapped", ask_freed,
	  "take it that the device wrote to whatever came there next: its "
	  "driver freed the memory and left it mapped",
	  "; load the crash kernel with --iommu=sink or abort" },
	{ "kernel-memory-mapped", ask_kernel_memory,
	  "no driver maps such memory: look for what the driver of the device "
	  "mapped and freed, since the kernel uses such pages anew",
	  "; load the crash kernel with --iommu=sink or abort" },
	{ "file-pages-mapped", ask_file_pages,
	  "compare the files with what should be in them: what the device "
	  "writes goes past the file system",
	  NULL },
	{ "mapped-twice", ask_double,
	  "look at the drivers of both: one of them may have freed what the "
	  "other has been given",
	  NULL },
	{ "stale-mapping", ask_stale,
	  "look at the device's driver: it frees I/O addresses without "
	  "unmapping them, or something wrote over the tables",
	  "; load the crash kernel with --iommu=sink or abort" },
	{ "swiotlb", ask_bounced,
	  "nothing, unless DMA is slow: a device that is not trusted, or that "
	  "can't address all memory, has its DMA copied",
	  NULL },
	{ "groups", ask_groups,
	  "put the devices into slots below ports with ACS, or give the whole "
	  "group to one owner",
	  NULL },
	{ "faults", ask_faults,
	  "look at iommudump faults: a driver that unmapped too early, or a "
	  "device that writes where it must not",
	  NULL },
	{ "quiesce", ask_quiesce,
	  "compare iommudump reach with what is damaged: DMA may have changed "
	  "memory until the crash kernel took over",
	  "; load with --iommu=sink" },
	{ "refused-entries", ask_refused,
	  "look at iommudump show for the bits: the tables were damaged, or "
	  "the entry was of a kind that must not outlive its kernel",
	  NULL },
	{ "malformed-entries", ask_malformed,
	  "look at iommudump tables for the bits; something wrote over the "
	  "tables, so look with iommudump reach for who could",
	  NULL },
	{ "digest", ask_digest,
	  "find with iommudump reach who could write to the crash kernel's "
	  "memory",
	  "; load it with --iommu=sink" },
	{ "purgatory", ask_purgatory,
	  "load the crash kernel with this kexec, by kexec_load(2) or with "
	  "the kernel module, --iommu=record or stronger; see iommudump show",
	  NULL },
	{ "notes", ask_notes,
	  "see iommudump notes; save the dump again if its file was cut, and "
	  "trust no answer that rests on what is damaged",
	  NULL },
	{ "sources", ask_missing, "", NULL },
};
const size_t check_rules_n = ARRAY_SIZE(check_rules);
