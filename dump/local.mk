# SPDX-License-Identifier: GPL-2.0-only
# Dump files as memory, notes and log.
noinst_LIBRARIES += libdump.a
libdump_a_CPPFLAGS = $(AM_CPPFLAGS) $(KDUMPFILE_CFLAGS) $(ZLIB_CFLAGS)
libdump_a_SOURCES = \
	dump/bare.c \
	dump/blob.c \
	dump/cache.c \
	dump/cpio.c \
	dump/elf.c \
	dump/flat.c \
	dump/formats.c dump/formats.h \
	dump/kdump.c \
	dump/kept.c \
	dump/kmem.c \
	dump/note_segments.c \
	dump/open.c \
	dump/paging_arm64.c dump/paging_x86_64.c
# What a program that only reads dump files links.
dump_libs = libdump.a libfacts.a libiommu.a $(KDUMPFILE_LIBS) $(ZLIB_LIBS)
