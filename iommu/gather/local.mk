# SPDX-License-Identifier: GPL-2.0-only
# Reads the running system, or a directory captured from one.
noinst_LIBRARIES += libgather.a
libgather_a_CPPFLAGS = $(AM_CPPFLAGS) $(ELF_CFLAGS) $(BPF_CFLAGS) $(ZLIB_CFLAGS)
libgather_a_SOURCES = \
	iommu/gather/acpi.c iommu/gather/acpi.h \
	iommu/gather/acpi_dmar.c iommu/gather/acpi_dmar.h \
	iommu/gather/acpi_ivrs.c iommu/gather/acpi_ivrs.h \
	iommu/gather/acpi_iort.c iommu/gather/acpi_iort.h \
	iommu/gather/amdvi.c \
	iommu/gather/arm.c iommu/gather/arm.h \
	iommu/gather/debugfs.c \
	iommu/gather/decide.c \
	iommu/gather/devices.c \
	iommu/gather/dt.c \
	iommu/gather/dwarf.c \
	iommu/gather/facts.c \
	iommu/gather/gather.c iommu/gather/gather.h \
	iommu/gather/iomem.c \
	iommu/gather/kallsyms.c \
	iommu/gather/kcore.c \
	iommu/gather/kernel.c \
	iommu/gather/pci.c iommu/gather/pci.h \
	iommu/gather/pci_quirks.c \
	iommu/gather/sysroot.c \
	iommu/gather/tables.c \
	iommu/gather/to_notes.c \
	iommu/gather/acpi_viot.c iommu/gather/acpi_viot.h \
	iommu/gather/virtio.c \
	iommu/gather/vtd.c
# What a program that links libgather.a needs besides libkernel.a, libiommu.a.
gather_libs = $(FDT_LIBS) $(BPF_LIBS) $(ELF_LIBS) $(ZLIB_LIBS)
include tests/unit/gather.mk
