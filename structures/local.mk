# SPDX-License-Identifier: GPL-2.0-only
# Reads the structures of a Linux kernel, running or dead.
noinst_LIBRARIES += libstructures.a
libstructures_a_CPPFLAGS = $(AM_CPPFLAGS) $(ELF_CFLAGS) $(BPF_CFLAGS)
libstructures_a_SOURCES = \
	structures/add_facts.c \
	structures/amdvi_state.c structures/amdvi_units.c \
	structures/any_device.c structures/any_device.h \
	structures/ask.c \
	structures/btf.c \
	structures/drivers.c \
	structures/group_devices.c \
	structures/iommu_list.c \
	structures/kallsyms.c \
	structures/pci_functions.c \
	structures/resources.c \
	structures/smmu_units.c \
	structures/state.c \
	structures/survey.c structures/survey.h \
	structures/vmlinux.c \
	structures/vtd_state.c structures/vtd_units.c
