// SPDX-License-Identifier: GPL-2.0-only
/*
 * release: gives a unit, or one device, back where this kernel has no driver for
 * the unit. It reaches memory untranslated from then on, and no interrupt is
 * remapped. Nobody else may have the registers: drivers reserve them, and so do
 * we.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ioport.h>
#include <linux/string.h>
#include "crash.h"

static const struct releasing *const releasing[] = {
#ifdef CONFIG_X86_64
	&vtd_releasing,
	&amdvi_releasing,
#else
	&smmuv3_releasing,
#endif
};

static const struct releasing *releasing_of(const struct crash_unit *u)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(releasing); i++)
		if (releasing[i]->vendor == u->u.vendor &&
		    u->u.reg_len >= releasing[i]->len &&
		    u->u.reg_len <= IOMMU_UNIT_BYTES_MAX)
			return releasing[i];
	return NULL;
}

/* --- whose registers these are --- */

/* What the unit said of itself, at the load or at the crash; 0: not known. */
static u64 known_as(const struct crash_unit *u)
{
	const struct iommu_vendor *v = iommu_vendor(u->u.vendor);
	struct iommu_config c;

	if (u->u.cap)
		return u->u.cap;
	return u->regs.n && !v->describe(&u->regs, &c) ? c.cap : 0;
}

/*
 * The notes alone say where they are: where the firmware's table is hidden from
 * this kernel, nobody else does. They must answer as the unit did.
 */
static bool answers(const struct crash_unit *u, const struct releasing *r,
		    u8 __iomem *at)
{
	const u64 cap = known_as(u);

	if (!cap)
		return false;
	if (r->caps_are_32_bits)
		return readl(at + r->cap) == (u32)cap;
	return readq(at + r->cap) == cap &&
	       (!u->u.ecap || readq(at + r->ecap) == u->u.ecap);
}

static int claim(struct crash_unit *u, const struct releasing *r)
{
	const u64 phys = u->u.reg_phys;
	u8 __iomem *at, *before;

	/*
	 * Root may have written the notes, and must not write to any device by
	 * them; and on arm64 a read where no device is may end this kernel.
	 */
	if (!unit_is_real(u->u.vendor, phys, u->u.reg_len) &&
	    (IS_ENABLED(CONFIG_ARM64) || keeps_devices_from_root()))
		return -EPERM;
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
	case -EPERM:
		return "firmware names no such IOMMU";
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

static struct crash_device *device_named(struct crash *c, const char *name)
{
	u32 i;

	for (i = 0; i < c->devices; i++)
		if (!strcmp(c->device[i].name, name))
			return &c->device[i];
	return NULL;
}

static struct crash_unit *unit_of(struct crash *c, const struct crash_device *d)
{
	u32 i;

	for (i = 0; d && i < c->units; i++)
		if (c->unit[i].u.id == d->d.unit)
			return &c->unit[i];
	return NULL;
}

static int refuse(const char *name, int err, const char *why)
{
	pr_warn("%s is not released: %s\n", name, why);
	return err;
}

/* One device where @d is not NULL, or else the unit. */
static int give_back(struct crash_unit *u, struct crash_device *d,
		     const char *name)
{
	const struct releasing *r = releasing_of(u);
	u32 before;
	int err;

	if (!r)
		return refuse(name, -EOPNOTSUPP,
			      "an IOMMU that this module can't release");
	if (d && (!r->device || d->aliased))
		return refuse(name, -EOPNOTSUPP,
			      "that device alone can't be, only its unit");
	if (d ? d->released : u->released)
		return 0;
	err = u->claimed ? 0 : claim(u, r);
	if (err)
		return refuse(name, err, claim_text(err));
	before = readl(u->at + r->status);
	err = d ? r->device(u, d->requester) : r->unit(u);
	if (err)
		return refuse(name, err,
			      err == -EOPNOTSUPP
				      ? "its IOMMU can't pass one device alone"
				      : "its IOMMU does not do as it is told");
	if (d)
		d->released = true;
	else
		u->released = true;
	pr_info("%s is released: %s all memory; status of %s 0x%x, was 0x%x\n",
		name, d ? "it reaches" : "what is behind it reaches", u->name,
		readl(u->at + r->status), before);
	return 0;
}

int crash_release(struct crash *c, const char *name)
{
	struct crash_unit *u = unit_named(c, name);
	struct crash_device *d = u ? NULL : device_named(c, name);

	if (!u)
		u = unit_of(c, d);
	if (!u || !*name)
		return refuse("that", -ENOENT,
			      "the notes name no such unit or device");
	return give_back(u, d, name);
}

void crash_unclaim(struct crash_unit *u)
{
	if (u->claimed)
		release_mem_region(u->u.reg_phys, u->u.reg_len);
	u->claimed = false;
}
