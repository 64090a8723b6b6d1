# SPDX-License-Identifier: GPL-2.0-only
noinst_LIBRARIES += libdump.a
libdump_a_SOURCES = iommu/dump/blob.c iommu/dump/cache.c iommu/dump/cpio.c iommu/dump/domain.c \
	iommu/dump/dump.h \
	iommu/dump/elf.c iommu/dump/flat.c iommu/dump/index.c \
	iommu/dump/index.h iommu/dump/irqs.c iommu/dump/kdump.c \
	iommu/dump/kernel.c iommu/dump/kmem.c iommu/dump/open.c \
	iommu/dump/paging_arm64.c iommu/dump/paging_x86_64.c \
	iommu/dump/parse.c iommu/dump/reach.c iommu/dump/scan.c \
	iommu/dump/scan.h iommu/dump/view.c \
	iommu/dump/words.c include/kmem.h \
	include/view.h
libdump_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/iommu $(KDUMPFILE_CFLAGS) \
	$(ZLIB_CFLAGS)
libdump_libs = libdump.a libgather.a libkernel.a libiommu.a $(KDUMPFILE_LIBS) $(ELF_LIBS) \
	$(FDT_LIBS) $(BPF_LIBS) $(ZLIB_LIBS)

include tests/unit/dump.mk
