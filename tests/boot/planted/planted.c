// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings that no driver should leave behind: memory that was freed, or that
 * is nobody's to map. For QEMU's edu, through the DMA API, in a guest that
 * dies afterwards; iommudump has to find each. What was planted is printed:
 * "@@ planted KIND PHYSICAL IOVA DEVICE".
 */
#include <linux/dma-mapping.h>
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/pci.h>
#include <linux/percpu.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/version.h>
#include <linux/vmalloc.h>

#define EDU_VENDOR 0x1234
#define EDU_DEVICE 0x11e8
#define LARGE_ORDER 5
/*
 * Drivers are given addresses from 4 GiB downwards, and none where windows of
 * PCI bridges are: this is nobody's.
 */
#define STALE_IOVA 0x10000000

static char *disk = "/dev/nvme0n1";
module_param(disk, charp, 0);
MODULE_PARM_DESC(disk, "a file of which a page is mapped");
static ulong block = 4095;
module_param(block, ulong, 0);
MODULE_PARM_DESC(block, "that page; one that nobody writes past the cache");

static int plant(struct pci_dev *pdev, const char *kind, struct page *page,
		 unsigned int order)
{
	dma_addr_t at = dma_map_page(&pdev->dev, page, 0, PAGE_SIZE << order,
				     DMA_BIDIRECTIONAL);

	if (dma_mapping_error(&pdev->dev, at)) {
		pr_alert("@@ not-planted %s\n", kind);
		return -EIO;
	}
	pr_alert("@@ planted %s 0x%llx 0x%llx %s\n", kind,
		 (unsigned long long)page_to_phys(page), (unsigned long long)at,
		 pci_name(pdev));
	return 0;
}

/* Freed, and still mapped. */
static int plant_freed(struct pci_dev *pdev, const char *kind,
		       unsigned int order)
{
	struct page *page = alloc_pages(GFP_KERNEL, order);
	int rc;

	if (!page)
		return -ENOMEM;
	rc = plant(pdev, kind, page, order);
	__free_pages(page, order);
	return rc;
}

/* Of the first user process, and of the thread that makes all others. */
static int plant_tasks(struct pci_dev *pdev)
{
	struct task_struct *p;
	int rc = 0;

	rcu_read_lock();
	for_each_process(p)
	{
		if (p->pid == 1 && p->mm && !rc)
			rc = plant(pdev, "table", virt_to_page(p->mm->pgd), 0);
		if (p->pid == 2 && !rc)
			rc = plant(pdev, "stack",
				   is_vmalloc_addr(p->stack)
					   ? vmalloc_to_page(p->stack)
					   : virt_to_page(p->stack),
				   0);
		if (p->pid == 2 && !rc)
			rc = plant(pdev, "object", virt_to_page(p), 0);
	}
	rcu_read_unlock();
	return rc;
}

static int plant_file(struct pci_dev *pdev)
{
	struct file *file = filp_open(disk, O_RDONLY, 0);
	struct page *page;
	int rc;

	if (IS_ERR(file))
		return PTR_ERR(file);
	page = read_mapping_page(file->f_mapping, block, file);
	rc = IS_ERR(page) ? PTR_ERR(page) : plant(pdev, "file", page, 0);
	return rc;
}

static int plant_twice(struct pci_dev *a, struct pci_dev *b)
{
	struct page *page = alloc_page(GFP_KERNEL);
	int rc;

	if (!page)
		return -ENOMEM;
	rc = plant(a, "twice", page, 0);
	return rc ? rc : plant(b, "twice", page, 0);
}

/* Where the kernel has no I/O address in use. */
static int plant_stale(struct pci_dev *pdev)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(&pdev->dev);
	struct page *page = alloc_page(GFP_KERNEL);
	int rc;

	if (!domain || !page)
		return -ENOMEM;
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
	rc = iommu_map(domain, STALE_IOVA, page_to_phys(page), PAGE_SIZE,
		       IOMMU_READ | IOMMU_WRITE);
#else
	rc = iommu_map(domain, STALE_IOVA, page_to_phys(page), PAGE_SIZE,
		       IOMMU_READ | IOMMU_WRITE, GFP_KERNEL);
#endif
	if (!rc)
		pr_alert("@@ planted stale 0x%llx 0x%x %s\n",
			 (unsigned long long)page_to_phys(page), STALE_IOVA,
			 pci_name(pdev));
	return rc;
}

static int plant_percpu(struct pci_dev *pdev)
{
	long __percpu *own = alloc_percpu(long);
	void *at;

	if (!own)
		return -ENOMEM;
	at = per_cpu_ptr(own, 0);
	return plant(pdev, "percpu",
		     is_vmalloc_addr(at) ? vmalloc_to_page(at)
					 : virt_to_page(at),
		     0);
}

#ifdef CONFIG_X86
/* Where QEMU has its VT-d, and how it finds a device's page table. */
#define VTD_AT 0xfed90000
#define VTD_ROOT 0x20

/* The page table of the device itself. */
static int plant_iommu_table(struct pci_dev *pdev)
{
	void __iomem *regs = ioremap(VTD_AT, PAGE_SIZE);
	u64 at;

	if (!regs)
		return -ENOMEM;
	at = readq(regs + VTD_ROOT) & PAGE_MASK;
	iounmap(regs);
	at = ((u64 *)__va(at))[2 * pdev->bus->number] & PAGE_MASK;
	at = ((u64 *)__va(at))[2 * pdev->devfn] & PAGE_MASK;
	return plant(pdev, "iommu-table", pfn_to_page(at >> PAGE_SHIFT), 0);
}
#else
static int plant_iommu_table(struct pci_dev *pdev)
{
	return 0;
}
#endif

/* The two devices; without a driver, arm64 has no IOMMU for them. */
static struct pci_dev *edu[2];

static int planted_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	for (size_t i = 0; i < ARRAY_SIZE(edu); i++)
		if (!edu[i]) {
			edu[i] = pdev;
			return 0;
		}
	return -EBUSY;
}

static const struct pci_device_id planted_ids[] = {
	{ PCI_DEVICE(EDU_VENDOR, EDU_DEVICE) }, {}
};

static struct pci_driver planted_driver = {
	.name = "planted",
	.id_table = planted_ids,
	.probe = planted_probe,
};

static int __init planted_init(void)
{
	int rc = pci_register_driver(&planted_driver);
	struct pci_dev *a = edu[0], *b = edu[1];

	if (rc)
		return rc;
	if (!a || !b)
		return -ENODEV;
	rc = dma_set_mask(&a->dev, DMA_BIT_MASK(32));
	if (!rc)
		rc = dma_set_mask(&b->dev, DMA_BIT_MASK(32));
	if (!rc)
		rc = plant_freed(a, "freed-page", 0);
	if (!rc)
		rc = plant_freed(a, "freed-block", LARGE_ORDER);
	if (!rc)
		rc = plant_tasks(a);
	if (!rc)
		rc = plant(a, "text", virt_to_page(lm_alias(_printk)), 0);
	if (!rc)
		rc = plant_percpu(a);
	if (!rc)
		rc = plant_iommu_table(a);
	if (!rc)
		rc = plant_file(a);
	if (!rc)
		rc = plant_twice(a, b);
	if (!rc)
		rc = plant_stale(b);
	if (rc)
		pci_unregister_driver(&planted_driver);
	return rc;
}

module_init(planted_init);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("mappings that no driver should leave behind");
