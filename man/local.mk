# SPDX-License-Identifier: GPL-2.0-only
dist_man_MANS += man/iommu-notes.5
