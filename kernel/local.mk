# SPDX-License-Identifier: GPL-2.0-only
# Kbuild builds it: make -C kernel, and for the tests tests/kbuild/run.
EXTRA_DIST += kernel/Kbuild kernel/Makefile kernel/arch.h kernel/arm.c kernel/armed_memory.c \
	kernel/compat.h kernel/crash.c kernel/crash.h kernel/crash_count.c kernel/crash_header.c \
	kernel/crash_memory.c kernel/crash_notes.c kernel/crash_release.c kernel/crash_state.c \
	kernel/hook.c kernel/live.c kernel/lockdown.c kernel/machine.c kernel/main.c \
	kernel/module.h kernel/ranges.h kernel/release_amdvi.c kernel/release_smmuv3.c \
	kernel/release_vtd.c \
	kernel/sources.c kernel/units.c kernel/vmcoreinfo.c kernel/arm64/arch.c \
	kernel/arm64/stack.S kernel/x86_64/arch.c kernel/x86_64/page_fault.S \
	kernel/x86_64/page_fault.h kernel/x86_64/recover.S \
	kernel/patches/README kernel/patches/0001-iommu-vt-d-keep-FPD-of-blocked-entries.patch \
	kernel/patches/0002-x86-crash-end-DMA-before-the-crash-kernel.patch \
	kernel/patches/0003-crash_dump-keep-the-address-of-the-ELF-core-header.patch \
	kernel/patches/0004-iommu-arm-smmu-v3-adopt-the-stream-table.patch \
	kernel/patches/7.2/0004-iommu-arm-smmu-v3-adopt-the-stream-table.patch
