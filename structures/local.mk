# SPDX-License-Identifier: GPL-2.0-only
# Reads the structures of a Linux kernel, running or dead.
noinst_LIBRARIES += libstructures.a
libstructures_a_CPPFLAGS = $(AM_CPPFLAGS) $(ELF_CFLAGS) $(BPF_CFLAGS)
libstructures_a_SOURCES = \
	structures/amdvi_state.c structures/amdvi_units.c \
	structures/ask.c \
	structures/btf.c \
	structures/bus_devices.c \
	structures/kallsyms.c \
	structures/pci_functions.c \
	structures/resources.c \
	structures/smmu_units.c \
	structures/state.c \
	structures/survey.c structures/survey.h \
	structures/vmlinux.c \
	structures/vtd_state.c structures/vtd_units.c
