# SPDX-License-Identifier: GPL-2.0-only
# What is known of a machine, wherever that is from.
noinst_LIBRARIES += libfacts.a
libfacts_a_CPPFLAGS = $(AM_CPPFLAGS) $(ZLIB_CFLAGS)
libfacts_a_SOURCES = facts/add.c facts/decide.c facts/facts.c facts/from_notes.c \
	facts/pci.c facts/pci_quirks.c facts/to_notes.c facts/typed.c facts/units.c \
	facts/vmcoreinfo.c
