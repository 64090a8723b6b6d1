# SPDX-License-Identifier: GPL-2.0-only
# The freestanding sources of the library; for automake, and for Kbuild.
iommu_free_sources = \
	iommu/arena.c iommu/irq.c iommu/left.c iommu/lookup.c iommu/lpae.c iommu/lpae_own.c iommu/notes.c \
	iommu/old_tables.c iommu/own_tables.c iommu/poll.c iommu/quiesce.c \
	iommu/switch.c iommu/text.c iommu/top.c iommu/vendors.c iommu/walk.c iommu/x86_pt.c \
	iommu/vtd/copy.c iommu/vtd/decode.c iommu/vtd/form.c iommu/vtd/ir.c iommu/vtd/pasid.c \
	iommu/vtd/quiesce.c iommu/vtd/tables.c iommu/vtd/top.c iommu/vtd/vendor.c \
	iommu/amdvi/commands.c iommu/amdvi/copy.c iommu/amdvi/decode.c iommu/amdvi/form.c iommu/amdvi/ir.c \
	iommu/amdvi/place.c iommu/amdvi/quiesce.c iommu/amdvi/tables.c iommu/amdvi/top.c iommu/amdvi/vendor.c \
	iommu/smmuv3/cd.c iommu/smmuv3/commands.c iommu/smmuv3/copy.c iommu/smmuv3/decode.c iommu/smmuv3/form.c \
	iommu/smmuv3/quiesce.c iommu/smmuv3/tables.c iommu/smmuv3/top.c iommu/smmuv3/vendor.c \
	iommu/smmuv2/banks.c iommu/smmuv2/decode.c iommu/smmuv2/entries.c iommu/smmuv2/form.c \
	iommu/smmuv2/quiesce.c iommu/smmuv2/vendor.c \
	iommu/virtio/decode.c
