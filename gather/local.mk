# SPDX-License-Identifier: GPL-2.0-only
# Reads the running system, or a directory captured from one.
noinst_LIBRARIES += libgather.a
libgather_a_CPPFLAGS = $(AM_CPPFLAGS) $(ELF_CFLAGS) $(BPF_CFLAGS) $(ZLIB_CFLAGS)
libgather_a_SOURCES = \
	gather/acpi.c gather/acpi.h \
	gather/acpi_dmar.c gather/acpi_dmar.h \
	gather/acpi_iort.c gather/acpi_iort.h \
	gather/acpi_ivrs.c gather/acpi_ivrs.h \
	gather/acpi_viot.c gather/acpi_viot.h \
	gather/arm.h \
	gather/debugfs.c \
	gather/dt.c \
	gather/dwarf.c \
	gather/gather.c gather/sources.h \
	gather/kcore.c \
	gather/module_units.c \
	gather/proc_iomem.c \
	gather/proc_kallsyms.c \
	gather/running_kernel.c \
	gather/sysfs_devices.c \
	gather/sysfs_pci.c \
	gather/sysroot.c \
	gather/top_tables.c \
	gather/unit_registers.c \
	gather/vendor_amdvi.c \
	gather/vendor_smmu.c \
	gather/vendor_virtio.c \
	gather/vendor_vtd.c
# What a program that gathers links, from the top floor down.
gather_libs = libgather.a libstructures.a libfacts.a libiommu.a \
	$(FDT_LIBS) $(BPF_LIBS) $(ELF_LIBS) $(ZLIB_LIBS)
include tests/unit/gather.mk
include tests/unit/page_kinds.mk
