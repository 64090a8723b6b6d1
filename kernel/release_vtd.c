// SPDX-License-Identifier: GPL-2.0-only
/*
 * release on Intel VT-d. A unit is given back by turning it off. For one device
 * the unit goes on with copies of its root table and of one context table, in
 * which that device passes: context tables may be shared by all buses.
 */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/iopoll.h>
#include <linux/mm.h>
#include <asm/cacheflush.h>
#include "iommu/vtd/vtd.h"
#include "crash.h"

/* One command at a time (VT-d specification, 11.4.4.1). */
static int command(u8 __iomem *at, u32 bit, bool on, u32 done)
{
	u32 status = readl(at + VTD_GSTS) & (u32)GCMD_KEEP;

	writel(on ? status | bit : status & ~bit, at + VTD_GCMD);
	return readl_poll_timeout(at + VTD_GSTS, status, (status & bit) == done,
				  RELEASE_POLL_US, RELEASE_BUDGET_US);
}

static int clear(u8 __iomem *at, u32 bit)
{
	return readl(at + VTD_GSTS) & bit ? command(at, bit, false, 0) : 0;
}

/*
 * Interrupts of this kernel, which has no driver, are remapped no more. What lets
 * DMA pass comes after that: should it fail, all is again as it was.
 */
static int release_with(struct crash_unit *u, u32 requester,
			int (*dma)(struct crash_unit *u, u32 requester))
{
	const u32 ire = readl(u->at + VTD_GSTS) & (u32)GCMD_IRE;
	int err = clear(u->at, ire);

	if (!err)
		err = dma(u, requester);
	if (err && ire)
		command(u->at, ire, true, ire);
	return err;
}

static int end_translation(struct crash_unit *u, u32 requester)
{
	const u32 te = readl(u->at + VTD_GSTS) & (u32)GCMD_TE;
	int err = clear(u->at, te);

	if (err)
		command(u->at, te, true, te);
	return err;
}

static int release_unit(struct crash_unit *u)
{
	return release_with(u, 0, end_translation);
}

/* --- one device --- */

static int flush_register(u8 __iomem *at, u64 command, u64 busy)
{
	u64 val;

	writeq(command | busy, at);
	return readq_poll_timeout(at, val, !(val & busy), RELEASE_POLL_US,
				  RELEASE_BUDGET_US);
}

/* By registers, for which queued invalidation has to be off. */
static int flush(const struct crash_unit *u)
{
	const u32 iotlb = field(ECAP_IRO, u->u.ecap) * 16 + VTD_IOTLB;
	int err;

	if (u->u.cap & CAP_ESRTPS)
		return 0; /* the root was set, and all is empty */
	if (iotlb + sizeof(u64) > u->u.reg_len)
		return -EIO;
	err = clear(u->at, (u32)GCMD_QIE);
	if (!err)
		err = flush_register(u->at + VTD_CCMD, CCMD_CIRG_GLOBAL,
				     CCMD_ICC);
	if (!err)
		err = flush_register(u->at + iotlb,
				     IOTLB_IIRG_GLOBAL | IOTLB_DR | IOTLB_DW,
				     IOTLB_IVT);
	return err;
}

static int use_root(const struct crash_unit *u, u64 root)
{
	int err = 0;

	if (u->u.cap & CAP_RWBF)
		err = command(u->at, (u32)GCMD_WBF, true, 0);
	if (err)
		return err;
	writeq(root, u->at + VTD_RTADDR);
	err = command(u->at, (u32)GCMD_SRTP, true, (u32)GCMD_SRTP);
	return err ? err : flush(u);
}

/*
 * The widest page tables that the unit has, as pass-through wants it, and the
 * last domain ID: those who number domains begin with the first.
 */
static void pass_entry(const struct crash_unit *u, u64 *entry)
{
	const u64 did = BIT64(4 + 2 * field(CAP_ND, u->u.cap)) - 1;
	const u64 widths = field(CAP_SAGAW, u->u.cap);

	entry[0] = CTX_P | field_put(CTX_TT, TT_PASS);
	entry[1] = field_put(CTX_AW, widths ? fls64(widths) - 1 : 0) |
		   field_put(CTX_DID, min_t(u64, did, U16_MAX));
}

/* @old is what RTADDR has. */
static int copy_tables(const struct crash_unit *u, u64 old, u32 requester,
		       u64 *root, u64 *context)
{
	u64 *of_bus = &root[(requester >> 8) * VTD_ROOT_BYTES / sizeof(*root)];

	if (!crash_copy(root, old & RTADDR_RTA, PAGE_4K))
		return -EIO;
	if (*of_bus & ROOT_P &&
	    !crash_copy(context, *of_bus & ROOT_CTP, PAGE_4K))
		return -EIO;
	pass_entry(u, &context[(requester & 0xff) * VTD_CTX_BYTES /
			       sizeof(*context)]);
	*of_bus = virt_to_phys(context) | ROOT_P;
	clflush_cache_range(context, PAGE_4K);
	clflush_cache_range(root, PAGE_4K);
	return 0;
}

/* The two pages are the unit's from now on, also without this module. */
static int pass(const struct crash_unit *u, u64 old, u32 requester)
{
	u64 *root = (u64 *)get_zeroed_page(GFP_KERNEL);
	u64 *context = (u64 *)get_zeroed_page(GFP_KERNEL);
	int err = root && context ? 0 : -ENOMEM;

	if (!err)
		err = copy_tables(u, old, requester, root, context);
	if (err) {
		free_page((unsigned long)root);
		free_page((unsigned long)context);
		return err;
	}
	err = use_root(u, virt_to_phys(root));
	/* It may have taken the new one all the same, whose pages stay. */
	if (err)
		use_root(u, old);
	return err;
}

static int pass_device(struct crash_unit *u, u32 requester)
{
	if (!(readl(u->at + VTD_GSTS) & (u32)GCMD_TE))
		return 0;
	return pass(u, readq(u->at + VTD_RTADDR), requester);
}

static int release_device(struct crash_unit *u, u32 requester)
{
	const u64 root = readq(u->at + VTD_RTADDR);

	if (field(RTADDR_TTM, root) != TTM_LEGACY || !(u->u.ecap & ECAP_PT) ||
	    requester > U16_MAX)
		return -EOPNOTSUPP;
	return release_with(u, requester, pass_device);
}

const struct releasing vtd_releasing = {
	.vendor = IOMMU_VENDOR_VTD,
	.len = PAGE_4K,
	.cap = VTD_CAP,
	.ecap = VTD_ECAP,
	.status = VTD_GSTS,
	.unit = release_unit,
	.device = release_device,
};
