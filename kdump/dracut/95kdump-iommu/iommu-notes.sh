#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A load by kexec_file_load(2) brings the record of the IOMMUs in the initramfs. Something has
# been mounted over its /run since then; /run is what survives the root switch.
[ ! -s /iommu-notes ] || cp /iommu-notes /run/iommu-notes
