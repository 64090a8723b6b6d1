# SPDX-License-Identifier: GPL-2.0-only
# Reads the structures of a kernel, running or dead.
noinst_LIBRARIES += libkernel.a
libkernel_a_CPPFLAGS = $(AM_CPPFLAGS) $(ELF_CFLAGS) $(BPF_CFLAGS)
libkernel_a_SOURCES = include/kernel.h \
	iommu/kernel/amdvi.c iommu/kernel/amdvi_stock.c \
	iommu/kernel/ask.c \
	iommu/kernel/btf.c \
	iommu/kernel/device.c \
	iommu/kernel/facts.c \
	iommu/kernel/iomem.c \
	iommu/kernel/kallsyms.c \
	iommu/kernel/parts.h \
	iommu/kernel/pci.c \
	iommu/kernel/smmu.c \
	iommu/kernel/state.c \
	iommu/kernel/vmcoreinfo.c \
	iommu/kernel/vmlinux.c \
	iommu/kernel/vtd.c iommu/kernel/vtd_stock.c
