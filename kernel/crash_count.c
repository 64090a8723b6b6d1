// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many faults units have told of since the module was loaded. A driver takes
 * them out of registers and queues: they are counted when its handler of the
 * interrupt begins, those of all units, for nobody says which one it is about.
 * What is pending where there is no driver counts when asked.
 */
#include <linux/kprobes.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include "iommu/amdvi/amdvi.h"
#include "iommu/smmuv3/smmuv3.h"
#include "iommu/vtd/vtd.h"
#include "crash.h"

static struct crash *counted;	  /* what probes are about */
static DEFINE_RAW_SPINLOCK(lock); /* of its counts, and of registers mapped */

/* No memory is read for that, and nothing is waited for. */
static u32 pending(struct crash_unit *u)
{
	const struct iommu_vendor *v = iommu_vendor(u->u.vendor);
	struct mem none = { 0 };
	u32 n = 0, logged = 0;

	if (!u->at || !u->now.r)
		return 0;
	if (live_snapshot(v, u->at, u->u.reg_len, &u->now, NULL, &n))
		return 0;
	if (v->events)
		v->events(&u->now, &none, NULL, &logged);
	return n + logged;
}

/*
 * A look at one or four registers: handlers run with interrupts off, and the
 * other units of a machine mostly have nothing to tell.
 */
static bool is_quiet(const struct crash_unit *u)
{
	u8 __iomem *at = u->at;

	if (!at)
		return true;
	if (u->u.vendor == IOMMU_VENDOR_VTD)
		return !(readl(at + VTD_FSTS) & (u32)FSTS_PPF);
	if (u->u.vendor == IOMMU_VENDOR_SMMUV3 &&
	    u->u.reg_len > SMMUV3_PRIQ_CONS)
		return readl(at + SMMUV3_EVENTQ_PROD) ==
			       readl(at + SMMUV3_EVENTQ_CONS) &&
		       readl(at + SMMUV3_PRIQ_PROD) ==
			       readl(at + SMMUV3_PRIQ_CONS);
	return false;
}

static void count(u32 vendor, void (*fn)(struct tally *t, u32 pending))
{
	unsigned long flags;
	u32 i;

	raw_spin_lock_irqsave(&lock, flags);
	for (i = 0; i < counted->units; i++) {
		struct crash_unit *u = &counted->unit[i];

		if (u->u.vendor == vendor)
			fn(&u->faults, is_quiet(u) ? 0 : pending(u));
	}
	raw_spin_unlock_irqrestore(&lock, flags);
}

/* --- the drivers' handlers --- */

/* More of them than run at a time: one a unit, most of them threads. */
#define ACTIVE_MAX 64

struct handler {
	struct kretprobe probe;
	u32 vendor;
	const char *name;
	bool probed;
};

/* The probe may be on its way out: then there is none. */
static void count_of(struct kretprobe_instance *ri,
		     void (*fn)(struct tally *t, u32 pending))
{
	const struct kretprobe *probe = get_kretprobe(ri);

	if (probe)
		count(container_of(probe, struct handler, probe)->vendor, fn);
}

static int on_begin(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	count_of(ri, tally_look);
	return 0;
}

static int on_end(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	count_of(ri, tally_left);
	return 0;
}

static struct handler handlers[] = {
	{ .vendor = IOMMU_VENDOR_VTD, .name = "dmar_fault" },
	{ .vendor = IOMMU_VENDOR_AMDVI, .name = "amd_iommu_int_thread" },
	/* 6.6: the event log's own, where a unit has an interrupt for each. */
	{ .vendor = IOMMU_VENDOR_AMDVI, .name = "amd_iommu_int_thread_evtlog" },
	{ .vendor = IOMMU_VENDOR_SMMUV3, .name = "arm_smmu_evtq_thread" },
	{ .vendor = IOMMU_VENDOR_SMMUV2, .name = "arm_smmu_context_fault" },
	{ .vendor = IOMMU_VENDOR_SMMUV2, .name = "arm_smmu_global_fault" },
};

static bool has_unit_of(const struct crash *c, u32 vendor)
{
	u32 i;

	for (i = 0; i < c->units; i++)
		if (c->unit[i].u.vendor == vendor && c->unit[i].now.r)
			return true;
	return false;
}

void crash_count_begin(struct crash *c)
{
	u32 i;

	for (i = 0; i < c->units; i++) {
		const struct iommu_vendor *v =
			iommu_vendor(c->unit[i].u.vendor);
		struct iommu_regs *now = &c->unit[i].now;

		if (!v || !v->snapshot)
			continue;
		now->r = kcalloc(v->regs_max, sizeof(*now->r), GFP_KERNEL);
		now->room = now->r ? v->regs_max : 0;
	}
	counted = c;
	for (i = 0; i < ARRAY_SIZE(handlers); i++) {
		struct handler *h = &handlers[i];

		h->probe = (struct kretprobe){
			.kp.symbol_name = h->name,
			.entry_handler = on_begin,
			.handler = on_end,
			.maxactive = ACTIVE_MAX,
		};
		h->probed = has_unit_of(c, h->vendor) &&
			    !register_kretprobe(&h->probe);
	}
}

void crash_count_end(struct crash *c)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(handlers); i++) {
		if (handlers[i].probed)
			unregister_kretprobe(&handlers[i].probe);
		handlers[i].probed = false;
	}
	for (i = 0; c->unit && i < c->units; i++)
		kfree(c->unit[i].now.r);
}

/* --- asked --- */

static bool is_probed(u32 vendor)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(handlers); i++)
		if (handlers[i].vendor == vendor && handlers[i].probed)
			return true;
	return false;
}

/* Does the unit write down what it refuses? A crash kernel's driver may not let it. */
static bool records(const struct crash_unit *u)
{
	u64 val;

	switch (u->u.vendor) {
	case IOMMU_VENDOR_AMDVI:
		return iommu_reg_get(&u->now, AMDVI_CONTROL, &val) &&
		       val & CONTROL_EVENT_LOG_EN;
	case IOMMU_VENDOR_SMMUV3:
		return iommu_reg_get(&u->now, SMMUV3_CR0, &val) &&
		       val & CR0_EVENTQEN;
	case IOMMU_VENDOR_SMMUV2:
		return is_probed(IOMMU_VENDOR_SMMUV2); /* else cleared unseen */
	}
	return true;
}

bool crash_counted(struct crash_unit *u, u64 *n)
{
	unsigned long flags;
	bool known;

	raw_spin_lock_irqsave(&lock, flags);
	*n = tally_total(&u->faults, pending(u));
	known = u->now.n && records(u);
	raw_spin_unlock_irqrestore(&lock, flags);
	return known || *n;
}

u8 __iomem *crash_exchange(struct crash_unit *u, u8 __iomem *at)
{
	u8 __iomem *before = u->at;
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	u->at = at;
	raw_spin_unlock_irqrestore(&lock, flags);
	return before;
}
