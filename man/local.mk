# SPDX-License-Identifier: GPL-2.0-only
dist_man_MANS += man/kexec.8 man/iommudump.8 man/vmcore-dmesg.8 \
	man/iommu-notes.5 man/iommu_handover.4

include tests/unit/pages.mk
