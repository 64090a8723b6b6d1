// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is what was handed over what the hardware does? The base register has been
 * replaced long before a module loads, so it is the entries that are compared:
 * a requester's through the tables that were left, and through those that the
 * unit has now. Where the unit goes on with the tables that were left, or has
 * none (an SMMUv2), an entry is judged by what it does.
 */
#include <linux/device.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include "iommu/smmuv3/smmuv3.h"
#include "iommu/smmuv3/tables.h"
#include "crash.h"

void text_add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->s ? t->s + t->len : NULL, t->s ? t->room - t->len : 0,
		      fmt, ap);
	va_end(ap);
	if (!t->s || n < 0 || (size_t)n >= t->room - t->len)
		t->failed = true;
	else
		t->len += n;
}

#define PAGES_SEEN 32

/* What a unit is found to be, and was left as; too large for a stack. */
struct look {
	const struct iommu_vendor *vendor;
	struct crash_unit *unit;
	struct mem mem;
	struct iommu_reg reg[IOMMU_REGS_MAX];
	struct iommu_regs regs;
	struct iommu_fault_raw fault[IOMMU_FAULTS_MAX];
	u32 faults;
	struct iommu_config now, left, before; /* that is before the switch */
	struct iommu_reg left_reg[IOMMU_REGS_MAX];
	bool left_known;
	bool by_deed;	 /* what was left is to be known by what it does */
	const char *why; /* nothing can be said of its devices */
	struct iommu_domain then, there;
	/* Thousands of entries lie in a few pages; to map one takes long. */
	struct {
		u64 phys;
		bool read;
		u8 bytes[PAGE_4K];
	} page[PAGES_SEEN];
};

static int old_read(struct mem *m, u64 phys, void *buf, u32 len)
{
	struct look *l = container_of(m, struct look, mem);
	const u64 at = align_down(phys, PAGE_4K);
	u32 i = at / PAGE_4K % PAGES_SEEN;

	if (!l->page[i].read || l->page[i].phys != at) {
		l->page[i].phys = at;
		l->page[i].read = crash_copy(l->page[i].bytes, at, PAGE_4K);
	}
	/* Perhaps a part of it is no memory. */
	if (!l->page[i].read || phys - at + len > PAGE_4K)
		return crash_copy(buf, phys, len) ? IOMMU_OK : IOMMU_EREAD;
	memcpy(buf, l->page[i].bytes + (phys - at), len);
	return IOMMU_OK;
}

static bool snapshot(struct look *l)
{
	struct crash_unit *u = l->unit;
	int err;

	l->faults = ARRAY_SIZE(l->fault);
	l->regs = (struct iommu_regs)IOMMU_REGS(l->reg);
	err = live_snapshot(l->vendor, u->at, u->u.reg_len, &l->regs, l->fault,
			    &l->faults);
	if (!err && l->vendor->events) {
		l->faults = ARRAY_SIZE(l->fault);
		l->vendor->events(&l->regs, &l->mem, l->fault, &l->faults);
	}
	l->faults = min_t(u32, l->faults, ARRAY_SIZE(l->fault));
	return !err;
}

static void set(struct iommu_regs *regs, u32 off, u64 val)
{
	u32 i;

	for (i = 0; i < regs->n; i++)
		if (regs->r[i].off == off)
			regs->r[i].val = val;
}

/* The form that an SMMUv3's own table has stands in a register of its own. */
static void set_form(const struct look *l, struct iommu_regs *left)
{
	const struct crash_unit *u = l->unit;
	struct smmuv3_form form;
	const char *why;

	if (u->u.vendor == IOMMU_VENDOR_SMMUV3 &&
	    u->action.result.outcome == IOMMU_DONE &&
	    !smmuv3_choose_form(&l->before, u->action.mode, &form, &why))
		set(left, SMMUV3_STRTAB_BASE_CFG, smmuv3_table_config(&form));
}

/* The registers of the crash with the tables that were left there. */
static void describe_left(struct look *l)
{
	const struct crash_unit *u = l->unit;
	struct iommu_regs left = { u->regs.n, u->regs.n, l->left_reg };
	u32 base;

	if (!u->acted || !u->regs.n ||
	    l->vendor->describe(&u->regs, &l->before))
		return;
	if (!live_base(u->u.vendor, &base)) {
		l->by_deed = true;
		l->left_known = u->action.result.outcome == IOMMU_DONE;
		return;
	}
	memcpy(left.r, u->regs.r, left.n * sizeof(*left.r));
	set_form(l, &left);
	set(&left, base, u->action.result.root_after);
	l->left_known = !l->vendor->describe(&left, &l->left) && l->left.on;
	l->by_deed = l->now.root == l->left.root &&
		     u->action.result.outcome == IOMMU_DONE;
}

static void look_at(struct look *l, struct crash_unit *u)
{
	l->unit = u;
	l->vendor = iommu_vendor(u->u.vendor);
	l->mem = (struct mem){ .read = old_read };
	l->left_known = l->by_deed = false;
	l->why = NULL;
	l->faults = 0;
	if (u->released)
		l->why = "its IOMMU was released";
	else if (!l->vendor || !l->vendor->lookup || !l->vendor->snapshot)
		l->why = "an IOMMU that this module does not know";
	else if (!u->at)
		l->why = "firmware names no such IOMMU";
	else if (!snapshot(l))
		l->why = "the IOMMU's registers can't be read";
	else if (l->vendor->describe(&l->regs, &l->now))
		l->why = "the IOMMU's registers say nothing";
	else
		describe_left(l);
}

/* --- one device --- */

static void driver_of(const struct crash_device *d, char *name, size_t size)
{
	struct pci_dev *pdev = pci_get_domain_bus_and_slot(
		d->d.segment, d->d.requester >> 8, d->d.requester & 0xff);

	*name = 0;
	if (!pdev)
		return;
	/* What is no PCI function has its stream in that place. */
	if (strcmp(pci_name(pdev), d->name)) {
		pci_dev_put(pdev);
		return;
	}
	/* A probe may take minutes after a crash: that is not waited for. */
	if (!device_trylock(&pdev->dev)) {
		strscpy(name, "a driver that begins or ends", size);
	} else {
		if (pdev->dev.driver)
			strscpy(name, pdev->dev.driver->name, size);
		device_unlock(&pdev->dev);
	}
	pci_dev_put(pdev);
}

static const char *kind_text(u32 kind)
{
	static const char *const text[] = { "blocked", "pass-through",
					    "translated", "nested" };

	return kind < ARRAY_SIZE(text) ? text[kind] : "unknown";
}

/* Why what was left does not hold any more. */
static void say_change(const struct look *l, u32 mode, struct text *t)
{
	const struct iommu_domain *a = &l->then, *b = &l->there;

	if (!l->now.on)
		text_add(t, "translation is off");
	else if (l->by_deed)
		text_add(t, "%s, but not as %s leaves it", kind_text(b->kind),
			 iommu_mode_name(mode));
	else if (a->kind != b->kind)
		text_add(t, "%s, was %s", kind_text(b->kind),
			 kind_text(a->kind));
	else
		text_add(t,
			 "entry at 0x%llx is 0x%llx 0x%llx, was 0x%llx 0x%llx",
			 b->entry_addr, b->entry[0], b->entry[1], a->entry[0],
			 a->entry[1]);
}

/*
 * The driver of an SMMUv3 copies nothing: it begins with a table of its own, in
 * which devices without a driver reach none but their own memory.
 */
static bool replaced(const struct look *l)
{
	return l->unit->u.vendor == IOMMU_VENDOR_SMMUV3 && l->now.on &&
	       l->now.root != l->left.root && l->there.kind != IOMMU_KIND_PASS;
}

/* IOMMU_OK with what the requester had and has, or why that can't be read. */
static int look_up(struct look *l, u32 requester)
{
	const struct iommu_config *then = l->by_deed ? &l->before : &l->left;
	struct iommu_evidence ev;
	int err =
		l->vendor->lookup(then, &l->mem, requester, ~0u, &l->then, &ev);

	/* By deed, what the dead kernel's tables do not say was blocked. */
	if (err && !l->by_deed)
		return err;
	return l->vendor->lookup(&l->now, &l->mem, requester, ~0u, &l->there,
				 &ev);
}

/* Modes that switch nothing leave the tables, and those are compared. */
static bool is_as_left(struct look *l, u32 mode)
{
	if (!l->now.on)
		return false;
	if (!l->by_deed || !iommu_mode_switches(mode))
		return iommu_same_entry(&l->then, &l->there);
	return iommu_left_by(&l->now, &l->mem, mode, &l->unit->action.result,
			     &l->then, &l->there);
}

static void one_device(struct look *l, const struct crash_device *d,
		       struct text *t, struct crash_count *n)
{
	const char *why = d->released ? "it was released" : l->why;
	char driver[CRASH_NAME];

	text_add(t, "%s %s: ", d->name, iommu_mode_name(d->d.mode));
	if (!why && !l->left_known)
		why = "what was left there is not in the notes";
	if (!why && look_up(l, d->requester))
		why = "tables can't be read";
	if (why) {
		text_add(t, "lost: %s\n", why);
		n->lost++;
		return;
	}
	if (is_as_left(l, d->d.mode)) {
		text_add(t, "intact\n");
		n->intact++;
		return;
	}
	driver_of(d, driver, sizeof(driver));
	if (*driver && l->now.on) {
		text_add(t, "taken over by %s\n", driver);
		n->taken++;
		return;
	}
	text_add(t, replaced(l) ? "taken over by arm-smmu-v3: " : "lost: ");
	if (replaced(l))
		n->taken++;
	else
		n->lost++;
	say_change(l, d->d.mode, t);
	text_add(t, "\n");
}

void crash_state(struct crash *c, struct text *t, struct crash_count *n)
{
	struct look *l = kvzalloc(sizeof(*l), GFP_KERNEL);
	u32 i, j;

	*n = (struct crash_count){ 0 };
	if (!l) {
		t->failed = true;
		return;
	}
	for (i = 0; i < c->units; i++) {
		look_at(l, &c->unit[i]);
		for (j = 0; j < c->devices; j++)
			if (c->device[j].d.unit == c->unit[i].u.id) {
				one_device(l, &c->device[j], t, n);
				cond_resched();
			}
	}
	kvfree(l);
}

/* --- faults --- */

static void say_faults(const struct look *l, const char *when,
		       const struct iommu_fault_raw *raw, u32 n, struct text *t)
{
	const struct iommu_vendor *v = l->vendor;
	struct iommu_fault f;
	const char *why;
	u32 i;

	if (!v || !v->fault)
		return;
	for (i = 0; i < n; i++) {
		v->fault(&raw[i], &f);
		why = v->fault_text ? v->fault_text(f.reason) : NULL;
		text_add(t, "%s %s ", l->unit->name, when);
		if (v->streams)
			text_add(t, "stream 0x%x", f.requester);
		else
			text_add(t, "%04x:%02x:%02x.%x", l->unit->u.segment,
				 f.requester >> 8 & 0xff,
				 f.requester >> 3 & 0x1f, f.requester & 7);
		text_add(t, " %s 0x%llx: %s\n", f.write ? "write" : "read",
			 f.iova, why ? why : "unknown reason");
	}
}

static void say_count(struct crash_unit *u, struct text *t)
{
	u64 n;

	if (crash_counted(u, &n))
		text_add(t, "%s since %llu\n", u->name, n);
	else
		text_add(t, "%s since not known\n", u->name);
}

void crash_faults(struct crash *c, struct text *t)
{
	struct look *l = kvzalloc(sizeof(*l), GFP_KERNEL);
	u32 i;

	if (!l) {
		t->failed = true;
		return;
	}
	for (i = 0; i < c->units; i++) {
		look_at(l, &c->unit[i]);
		say_faults(l, "crash", c->unit[i].fault, c->unit[i].fault_n, t);
		say_faults(l, "now", l->fault, l->faults, t);
		say_count(&c->unit[i], t);
	}
	kvfree(l);
}
