// SPDX-License-Identifier: GPL-2.0-only
/*
 * release: gives a unit back where this kernel has no driver for it. All behind
 * it reach memory untranslated from then on, and no interrupt is remapped.
 * Nobody else may have the registers: drivers reserve them, and so do we.
 */
#include <linux/ioport.h>
#include <linux/iopoll.h>
#include <linux/string.h>
#include "iommu/amdvi/amdvi.h"
#include "iommu/vtd/vtd.h"
#include "crash.h"

#define POLL_US 10
#define BUDGET_US 100000

/* --- what ends translation --- */

/* One command at a time (VT-d specification, 11.4.4.1). */
static int vtd_clear(u8 __iomem *at, u32 bit)
{
	u32 status = readl(at + VTD_GSTS) & (u32)GCMD_KEEP;

	if (!(status & bit))
		return 0;
	writel(status & ~bit, at + VTD_GCMD);
	return readl_poll_timeout(at + VTD_GSTS, status, !(status & bit),
				  POLL_US, BUDGET_US);
}

static int vtd_release(u8 __iomem *at)
{
	int err = vtd_clear(at, (u32)GCMD_TE);

	return err ? err : vtd_clear(at, (u32)GCMD_IRE);
}

/* Interrupts are remapped by the same device table. */
static int amdvi_release(u8 __iomem *at)
{
	const u64 control = readq(at + AMDVI_CONTROL);

	writeq(control & ~CONTROL_IOMMU_EN, at + AMDVI_CONTROL);
	return readq(at + AMDVI_CONTROL) & CONTROL_IOMMU_EN ? -EIO : 0;
}

static const struct releasing {
	u32 vendor;
	u32 len;       /* of the registers that are used */
	u32 cap, ecap; /* by which the unit is known again */
	int (*release)(u8 __iomem *at);
} releasing[] = {
	{ IOMMU_VENDOR_VTD, PAGE_4K, VTD_CAP, VTD_ECAP, vtd_release },
	{ IOMMU_VENDOR_AMDVI, AMDVI_REGS_LEN, AMDVI_EFR, AMDVI_EFR2,
	  amdvi_release },
};

static const struct releasing *releasing_of(const struct crash_unit *u)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(releasing); i++)
		if (releasing[i].vendor == u->u.vendor &&
		    u->u.reg_len >= releasing[i].len && u->u.reg_len <= MIB(1))
			return &releasing[i];
	return NULL;
}

/* --- whose registers these are --- */

/*
 * The notes alone say where they are: where the firmware's table is hidden from
 * this kernel, nobody else does. They must answer as the unit did.
 */
static bool answers(const struct crash_unit *u, const struct releasing *r,
		    u8 __iomem *at)
{
	return u->u.cap && readq(at + r->cap) == u->u.cap &&
	       (!u->u.ecap || readq(at + r->ecap) == u->u.ecap);
}

static int claim(struct crash_unit *u, const struct releasing *r)
{
	const u64 phys = u->u.reg_phys;
	u8 __iomem *at, *before;

	if (phys % PAGE_SIZE ||
	    region_intersects(phys, u->u.reg_len, IORESOURCE_SYSTEM_RAM,
			      IORES_DESC_NONE) != REGION_DISJOINT)
		return -EINVAL;
	if (!request_mem_region(phys, u->u.reg_len, "iommu_handover"))
		return -EBUSY;
	at = ioremap(phys, u->u.reg_len);
	if (at && answers(u, r, at)) {
		before = crash_exchange(u, at);
		if (before)
			iounmap(before);
		u->claimed = true;
		return 0;
	}
	if (at)
		iounmap(at);
	release_mem_region(phys, u->u.reg_len);
	return at ? -ENXIO : -ENOMEM;
}

static const char *claim_text(int err)
{
	switch (err) {
	case -EBUSY:
		return "this kernel has a driver for it";
	case -EINVAL:
		return "no registers can lie there";
	case -ENXIO:
		return "its registers do not answer as they did";
	}
	return "no memory";
}

/* --- the file --- */

static struct crash_unit *unit_named(struct crash *c, const char *name)
{
	u32 i;

	for (i = 0; i < c->units; i++)
		if (!strcmp(c->unit[i].name, name))
			return &c->unit[i];
	return NULL;
}

static bool is_device(const struct crash *c, const char *name)
{
	u32 i;

	for (i = 0; i < c->devices; i++)
		if (!strcmp(c->device[i].name, name))
			return true;
	return false;
}

static int refuse(const char *name, int err, const char *why)
{
	pr_warn("iommu_handover: %s is not released: %s\n", name, why);
	return err;
}

int crash_release(struct crash *c, const char *name)
{
	struct crash_unit *u = unit_named(c, name);
	const struct releasing *r = u ? releasing_of(u) : NULL;
	int err;

	if (!u && is_device(c, name))
		return refuse(name, -EOPNOTSUPP,
			      "a device alone can't be, only its unit");
	if (!u)
		return refuse("that", -ENOENT, "the notes name no such unit");
	if (!r)
		return refuse(name, -EOPNOTSUPP,
			      "an IOMMU that this module can't release");
	err = u->claimed ? 0 : claim(u, r);
	if (err)
		return refuse(name, err, claim_text(err));
	err = r->release(u->at);
	if (err)
		return refuse(name, err, "it does not do as it is told");
	u->released = true;
	pr_info("iommu_handover: %s is released: what is behind it reaches all memory\n",
		name);
	return 0;
}

void crash_unclaim(struct crash_unit *u)
{
	if (u->claimed)
		release_mem_region(u->u.reg_phys, u->u.reg_len);
	u->claimed = false;
}
