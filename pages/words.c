// SPDX-License-Identifier: GPL-2.0-only
/* Kinds of pages in words. */
#include "pages.h"

const char *page_kind_text(u32 kind)
{
	static const char *const text[PAGE_KINDS] = {
		[PAGE_UNKNOWN] = "unknown",
		[PAGE_NONE] = "no memory of the kernel's",
		[PAGE_FREE] = "free",
		[PAGE_FREE_CPU] = "free, kept by a CPU",
		[PAGE_SLAB] = "slab",
		[PAGE_KMALLOC] = "kmalloc",
		[PAGE_TABLE] = "page table",
		[PAGE_STACK] = "kernel stack",
		[PAGE_TEXT] = "kernel text",
		[PAGE_RODATA] = "read-only data",
		[PAGE_DATA] = "kernel data",
		[PAGE_VMALLOC] = "vmalloc",
		[PAGE_PERCPU] = "per-CPU",
		[PAGE_ANON] = "anonymous",
		[PAGE_KSM] = "anonymous, merged by KSM",
		[PAGE_FILE] = "file",
		[PAGE_HUGETLB] = "hugetlb",
		[PAGE_ZERO] = "zeros",
		[PAGE_POOL] = "page pool",
		[PAGE_SWIOTLB] = "swiotlb",
		[PAGE_CMA] = "CMA",
		[PAGE_IOMMU] = "IOMMU table",
		[PAGE_DEVICE] = "device memory",
		[PAGE_ZSMALLOC] = "zsmalloc",
		[PAGE_OFFLINE] = "offline",
		[PAGE_UNACCEPTED] = "unaccepted",
		[PAGE_GUARD] = "guard",
		[PAGE_POISONED] = "poisoned",
		[PAGE_RESERVED] = "reserved",
		[PAGE_KERNEL] = "kernel",
	};

	return kind < PAGE_KINDS ? text[kind] : NULL;
}
