// SPDX-License-Identifier: GPL-2.0-only
/* Another structure of a name that gather_test.c asks for: it must not matter. */
#include "base.h"

struct intel_iommu {
	u64 of_another_driver;
};

struct intel_iommu gather_other;
