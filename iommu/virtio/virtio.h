/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIRTIO_H
#define VIRTIO_H

#include "iommu.h"

extern const struct iommu_vendor virtio_vendor;

#endif
