// SPDX-License-Identifier: GPL-2.0-only
/* What makes a module of the library; it is linked, never loaded. */
#include <linux/module.h>

MODULE_DESCRIPTION("kexec-iommu's library, as a test of its build");
MODULE_LICENSE("GPL");
