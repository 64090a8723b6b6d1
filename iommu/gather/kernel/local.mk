# SPDX-License-Identifier: GPL-2.0-only
# Reads the structures of a kernel, running or dead.
noinst_LIBRARIES += libkernel.a
libkernel_a_CPPFLAGS = $(AM_CPPFLAGS) $(ELF_CFLAGS) $(BPF_CFLAGS)
libkernel_a_SOURCES = include/kernel.h \
	iommu/gather/kernel/amdvi.c iommu/gather/kernel/amdvi_stock.c \
	iommu/gather/kernel/ask.c \
	iommu/gather/kernel/btf.c \
	iommu/gather/kernel/device.c \
	iommu/gather/kernel/facts.c \
	iommu/gather/kernel/iomem.c \
	iommu/gather/kernel/kallsyms.c \
	iommu/gather/kernel/parts.h \
	iommu/gather/kernel/pci.c \
	iommu/gather/kernel/smmu.c \
	iommu/gather/kernel/state.c \
	iommu/gather/kernel/vmcoreinfo.c \
	iommu/gather/kernel/vmlinux.c \
	iommu/gather/kernel/vtd.c iommu/gather/kernel/vtd_stock.c
