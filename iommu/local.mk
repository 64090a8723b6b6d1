# SPDX-License-Identifier: GPL-2.0-only
# The library. Freestanding sources are compiled twice from this one list:
# hosted here, and with the purgatory's flags in purgatory/local.mk.
iommu_free_sources = iommu/text.c iommu/walk.c iommu/arena.c iommu/notes.c \
	iommu/vendors.c iommu/lookup.c iommu/quiesce.c iommu/x86_pt.c \
	iommu/vtd_decode.c iommu/vtd_tables.c \
	iommu/vtd_copy.c iommu/vtd_quiesce.c
iommu_free_headers = iommu/env.h iommu/lookup.h iommu/x86_pt.h iommu/vtd.h iommu/vtd_tables.h
iommu_free_sources += iommu/amdvi_decode.c
iommu_free_headers += iommu/amdvi.h
iommu_free_sources += iommu/irq.c iommu/vtd_ir.c iommu/amdvi_ir.c iommu/virtio.c
iommu_free_headers += iommu/virtio.h
iommu_free_sources += iommu/lpae.c iommu/smmuv3_decode.c \
	iommu/smmuv2_decode.c
iommu_free_headers += iommu/lpae.h iommu/smmuv3.h iommu/smmuv2.h

noinst_LIBRARIES += libiommu.a
libiommu_a_SOURCES = $(iommu_free_sources) $(iommu_free_headers)

# The purgatory's objects of the library, linked by themselves.
iommu/free.o: $(iommu_free_sources:.c=.fo) iommu/check-free
	$(AM_V_CCLD)$(CC) -r -nostdlib -o $@ $(iommu_free_sources:.c=.fo)
	$(AM_V_at)$(SHELL) $(top_srcdir)/iommu/check-free $(NM) $@ || \
		{ rm -f $@; exit 1; }
noinst_DATA += iommu/free.o
CLEANFILES += iommu/free.o
EXTRA_DIST += iommu/check-free

include iommu/gather/local.mk
include iommu/gather/kernel/local.mk
include iommu/dump/local.mk
