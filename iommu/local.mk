# SPDX-License-Identifier: GPL-2.0-only
# The library. Freestanding sources are compiled twice from this one list:
# hosted here, and with the purgatory's flags in purgatory/local.mk.
iommu_free_sources = iommu/text.c iommu/walk.c iommu/arena.c iommu/notes.c \
	iommu/vendors.c iommu/vtd_decode.c iommu/vtd_tables.c \
	iommu/vtd_copy.c iommu/vtd_quiesce.c
iommu_free_headers = iommu/env.h iommu/vtd.h iommu/vtd_tables.h

noinst_LIBRARIES += libiommu.a
libiommu_a_SOURCES = $(iommu_free_sources) $(iommu_free_headers)

include iommu/gather/local.mk
include iommu/dump/local.mk
