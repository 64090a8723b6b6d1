// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is what was handed over what the hardware does? The base register has been
 * replaced long before a module loads, so it is the entries that are compared:
 * a requester's through the tables that were left, and through those that the
 * unit has now.
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

static int old_read(struct mem *m, u64 phys, void *buf, u32 len)
{
	return crash_copy(buf, phys, len) ? IOMMU_OK : IOMMU_EREAD;
}

/* What a unit is found to be, and was left as; too large for a stack. */
struct look {
	const struct iommu_vendor *vendor;
	struct crash_unit *unit;
	u32 base; /* the register that has its tables */
	struct mem mem;
	struct iommu_reg reg[IOMMU_REGS_MAX];
	struct iommu_regs regs;
	struct iommu_fault_raw fault[IOMMU_FAULTS_MAX];
	u32 faults;
	struct iommu_config now, left;
	bool left_known;
	const char *why; /* nothing can be said of its devices */
	struct iommu_domain then, there;
};

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
static void set_form(struct look *l)
{
	struct crash_unit *u = l->unit;
	struct iommu_config before;
	struct smmuv3_form form;
	const char *why;

	if (u->u.vendor == IOMMU_VENDOR_SMMUV3 &&
	    u->action.result.outcome == IOMMU_DONE &&
	    !smmuv3_describe(&u->regs, &before) &&
	    !smmuv3_choose_form(&before, u->action.mode, &form, &why))
		set(&u->regs, SMMUV3_STRTAB_BASE_CFG,
		    smmuv3_table_config(&form));
}

/* The registers of the crash with the tables that were left there. */
static void describe_left(struct look *l)
{
	struct crash_unit *u = l->unit;

	if (!u->acted || !u->regs.n)
		return;
	if (!u->patched)
		set_form(l);
	u->patched = true;
	set(&u->regs, l->base, u->action.result.root_after);
	l->left_known = !l->vendor->describe(&u->regs, &l->left) && l->left.on;
}

static void look_at(struct look *l, struct crash_unit *u)
{
	l->unit = u;
	l->vendor = iommu_vendor(u->u.vendor);
	l->mem = (struct mem){ .read = old_read };
	l->left_known = false;
	l->why = NULL;
	l->faults = 0;
	if (u->released)
		l->why = "its IOMMU was released";
	else if (!l->vendor || !l->vendor->lookup || !l->vendor->snapshot ||
		 !live_base(u->u.vendor, &l->base))
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

/* Where nothing passes it does not matter by which words. */
static bool same_entry(const struct iommu_domain *a,
		       const struct iommu_domain *b)
{
	if (a->kind == IOMMU_KIND_BLOCKED && b->kind == IOMMU_KIND_BLOCKED)
		return true;
	return a->kind == b->kind && a->entry_words == b->entry_words &&
	       a->entry_words <= IOMMU_RAW_MAX &&
	       !memcmp(a->entry, b->entry,
		       a->entry_words * sizeof(a->entry[0]));
}

static const char *kind_text(u32 kind)
{
	static const char *const text[] = { "blocked", "pass-through",
					    "translated", "nested" };

	return kind < ARRAY_SIZE(text) ? text[kind] : "unknown";
}

/* Why what was left does not hold any more. */
static void say_change(const struct look *l, struct text *t)
{
	const struct iommu_domain *a = &l->then, *b = &l->there;

	if (!l->now.on)
		text_add(t, "translation is off");
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

static void one_device(struct look *l, const struct crash_device *d,
		       struct text *t, struct crash_count *n)
{
	struct iommu_evidence ev;
	char driver[CRASH_NAME];

	text_add(t, "%s %s: ", d->name, iommu_mode_name(d->d.mode));
	if (d->released) {
		text_add(t, "lost: it was released\n");
		n->lost++;
		return;
	}
	if (!l->why && !l->left_known)
		l->why = "what was left there is not in the notes";
	if (!l->why && (l->vendor->lookup(&l->left, &l->mem, d->requester, ~0u,
					  &l->then, &ev) ||
			l->vendor->lookup(&l->now, &l->mem, d->requester, ~0u,
					  &l->there, &ev))) {
		text_add(t, "lost: tables can't be read\n");
		n->lost++;
		return;
	}
	if (!l->why && l->now.on && same_entry(&l->then, &l->there)) {
		text_add(t, "intact\n");
		n->intact++;
		return;
	}
	driver_of(d, driver, sizeof(driver));
	if (!l->why && *driver && l->now.on) {
		text_add(t, "taken over by %s\n", driver);
		n->taken++;
		return;
	}
	if (!l->why && replaced(l)) {
		text_add(t, "taken over by arm-smmu-v3: ");
		say_change(l, t);
		text_add(t, "\n");
		n->taken++;
		return;
	}
	text_add(t, "lost: ");
	if (l->why)
		text_add(t, "%s", l->why);
	else
		say_change(l, t);
	text_add(t, "\n");
	n->lost++;
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
			if (c->device[j].d.unit == c->unit[i].u.id)
				one_device(l, &c->device[j], t, n);
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
		text_add(t, "%s %s %04x:%02x:%02x.%x %s 0x%llx: %s\n",
			 l->unit->name, when, l->unit->u.segment,
			 f.requester >> 8 & 0xff, f.requester >> 3 & 0x1f,
			 f.requester & 7, f.write ? "write" : "read", f.iova,
			 why ? why : "unknown reason");
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
