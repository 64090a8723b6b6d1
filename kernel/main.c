// SPDX-License-Identifier: GPL-2.0-only
/*
 * Begin and end of the module: which of its two sides this kernel needs.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/crash_dump.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include "crash.h"

static ulong elfcorehdr;
module_param(elfcorehdr, ulong, 0400);
MODULE_PARM_DESC(
	elfcorehdr,
	"in a crash kernel without a device tree: as on its command line");

static struct kobject *dir;

/* What is armed in the kernel that may die; one without hooks only tells. */
static int begin(void)
{
	if (is_kdump_kernel())
		return crash_init(dir, elfcorehdr);
	if (HAS_HOOKS)
		return arm_init(dir);
	pr_info("without ftrace or without kprobes it can't be armed\n");
	return 0;
}

static void end(void)
{
	if (is_kdump_kernel())
		crash_exit(dir);
	else if (HAS_HOOKS)
		arm_exit(dir);
}

static int __init iommu_handover_init(void)
{
	int err;

	if (IS_ENABLED(CONFIG_OF_EARLY_FLATTREE) && is_kdump_kernel() &&
	    !elfcorehdr)
		elfcorehdr = crash_header();
	if (is_kdump_kernel() && !elfcorehdr) {
		pr_warn("a crash kernel: elfcorehdr= of its command line is needed\n");
		return -EINVAL;
	}
	dir = kobject_create_and_add("iommu_handover", kernel_kobj);
	if (!dir)
		return -ENOMEM;
	sources_init(dir);
	err = begin();
	if (err) {
		sources_exit();
		kobject_put(dir);
	}
	return err;
}

static void __exit iommu_handover_exit(void)
{
	end();
	sources_exit();
	kobject_put(dir);
}

module_init(iommu_handover_init);
module_exit(iommu_handover_exit);
/* What kexec has to be of, too. */
MODULE_VERSION(__stringify(HANDOVER_VERSION));
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ends or diverts DMA when a kernel dies, for kdump");
