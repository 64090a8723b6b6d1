# SPDX-License-Identifier: GPL-2.0-only
# The library. Freestanding sources are compiled twice from this one list:
# hosted here, and with the purgatory's flags in purgatory/local.mk.
iommu_free_sources = \
	iommu/arena.c iommu/irq.c iommu/lookup.c iommu/lpae.c iommu/notes.c \
	iommu/quiesce.c iommu/text.c iommu/vendors.c iommu/walk.c iommu/x86_pt.c \
	iommu/vtd/copy.c iommu/vtd/decode.c iommu/vtd/ir.c iommu/vtd/quiesce.c \
	iommu/vtd/tables.c \
	iommu/amdvi/decode.c iommu/amdvi/ir.c \
	iommu/smmuv3/decode.c \
	iommu/smmuv2/decode.c \
	iommu/virtio/decode.c
iommu_free_headers = iommu/env.h iommu/lookup.h iommu/lpae.h iommu/x86_pt.h \
	iommu/vtd/tables.h iommu/vtd/vtd.h iommu/amdvi/amdvi.h \
	iommu/smmuv3/smmuv3.h iommu/smmuv2/smmuv2.h iommu/virtio/virtio.h

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
