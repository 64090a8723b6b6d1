// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/iommu_handover/live/ADDRESS/, a folder for each unit that firmware
 * names, by the address of its registers. In sysfs, not debugfs: a kernel that
 * is locked down has no debugfs. For root alone, and all of it is read only:
 *   regs    a line a register, "OFFSET WIDTH VALUE", hexadecimal but for WIDTH
 *   tables  its top-level tables: each a struct rec_table, and its bytes
 * Both are made anew when they are read from their beginning.
 */
#include <linux/ioport.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/xarray.h>
#include "compat.h"
#include "module.h"

/* Of one unit: 256 buses of two context tables are 2 MiB, 2^16 STEs 4 MiB. */
#define TABLES_MAX (8u << 20)
#define REG_LINE 40

struct source {
	struct list_head list;
	struct kobject *dir;
	const struct iommu_vendor *vendor;
	u64 phys;
	u32 len;
	u8 __iomem *at;
	struct bin_attribute regs, tables;
};

static LIST_HEAD(sources);
static struct kobject *units;
static DEFINE_MUTEX(lock);
static struct { /* what was made last, and of whom */
	const struct bin_attribute *of;
	u8 *at;
	size_t len;
} made;

/* --- registers --- */

struct shot {
	struct iommu_reg reg[IOMMU_REGS_MAX];
	struct iommu_regs regs;
	struct iommu_fault_raw fault[IOMMU_FAULTS_MAX];
	u32 faults;
};

static struct shot *take_shot(const struct source *s)
{
	struct shot *shot = kvzalloc(sizeof(*shot), GFP_KERNEL);

	if (!shot)
		return NULL;
	shot->faults = ARRAY_SIZE(shot->fault);
	shot->regs = (struct iommu_regs)IOMMU_REGS(shot->reg);
	if (!live_snapshot(s->vendor, s->at, s->len, &shot->regs, shot->fault,
			   &shot->faults))
		return shot;
	kvfree(shot);
	return NULL;
}

static void make_regs(const struct shot *shot)
{
	const size_t room = shot->regs.n * REG_LINE + 1;
	u32 i;

	made.at = kvzalloc(room, GFP_KERNEL);
	for (i = 0; made.at && i < shot->regs.n; i++)
		made.len += scnprintf(made.at + made.len, room - made.len,
				      "0x%x %u 0x%llx\n", shot->reg[i].off,
				      shot->reg[i].width, shot->reg[i].val);
}

/* --- tables --- */

struct piece {
	struct list_head list;
	struct rec_table rec;
	u64 bytes[];
};

/* Tables are aligned to so many bytes at least: an SMMUv3's CD is the smallest. */
#define PIECE_SHIFT 6

struct collecting {
	struct iommu_top top;
	struct list_head pieces;
	struct xarray by_phys; /* the same, for there may be thousands */
	size_t len;
};

static bool is_ram(u64 phys, u32 len)
{
	return region_intersects(phys, len, IORESOURCE_SYSTEM_RAM,
				 IORES_DESC_NONE) == REGION_INTERSECTS;
}

static const u64 *collect(struct iommu_top *top, u64 phys, u32 at, u32 len,
			  u16 requester)
{
	struct collecting *c = container_of(top, struct collecting, top);
	struct piece *p;

	if (sizeof(p->rec) + len > TABLES_MAX - c->len || !is_ram(phys, len))
		return NULL;
	p = kvmalloc(sizeof(*p) + len, GFP_KERNEL);
	if (!p)
		return NULL;
	if (copy_from_kernel_nofault(p->bytes, __va(phys), len) ||
	    xa_err(xa_store(&c->by_phys, phys >> PIECE_SHIFT, p, GFP_KERNEL))) {
		kvfree(p);
		return NULL;
	}
	p->rec = (struct rec_table){
		.phys = phys, .at = at, .raw_len = len, .requester = requester
	};
	list_add_tail(&p->list, &c->pieces);
	c->len += sizeof(p->rec) + len;
	return p->bytes;
}

static bool collected(struct iommu_top *top, u64 phys)
{
	struct collecting *c = container_of(top, struct collecting, top);

	cond_resched();
	return xa_load(&c->by_phys, phys >> PIECE_SHIFT);
}

/* One behind the other; ends the pieces. */
static void join(struct collecting *c)
{
	struct piece *p, *next;

	made.at = kvmalloc(c->len + 1, GFP_KERNEL);
	list_for_each_entry_safe(p, next, &c->pieces, list) {
		if (made.at) {
			memcpy(made.at + made.len, &p->rec, sizeof(p->rec));
			made.len += sizeof(p->rec);
			memcpy(made.at + made.len, p->bytes, p->rec.raw_len);
			made.len += p->rec.raw_len;
		}
		kvfree(p);
	}
}

static void make_tables(const struct source *s, const struct shot *shot)
{
	struct collecting c = { .top = { collect, collected } };

	INIT_LIST_HEAD(&c.pieces);
	xa_init(&c.by_phys);
	iommu_top_tables(s->vendor->id, &shot->regs, &c.top);
	xa_destroy(&c.by_phys);
	join(&c);
}

/* --- files --- */

static void make(const struct source *s, const struct bin_attribute *attr)
{
	struct shot *shot = take_shot(s);

	kvfree(made.at);
	made.at = NULL;
	made.len = 0;
	made.of = attr;
	if (shot && attr == &s->regs)
		make_regs(shot);
	else if (shot)
		make_tables(s, shot);
	kvfree(shot);
}

static ssize_t read_file(struct file *file, struct kobject *dir, bin_file *attr,
			 char *buf, loff_t off, size_t len)
{
	ssize_t n = -EIO;

	mutex_lock(&lock);
	if (!off || made.of != attr)
		make(attr->private, attr);
	if (made.at)
		n = memory_read_from_buffer(buf, len, &off, made.at, made.len);
	mutex_unlock(&lock);
	return n;
}

static int add_file(struct source *s, struct bin_attribute *file,
		    const char *name)
{
	sysfs_bin_attr_init(file);
	file->attr.name = name;
	file->attr.mode = 0400;
	file->read = read_file;
	file->private = s;
	return sysfs_create_bin_file(s->dir, file);
}

/* --- units --- */

static void drop(struct source *s)
{
	kobject_put(s->dir);
	if (s->at)
		iounmap(s->at);
	kfree(s);
}

/* As many registers as they say themselves that there are. */
static bool map(struct source *s)
{
	struct iommu_config c;
	struct shot *shot;
	u64 len = 0;

	s->at = ioremap(s->phys, s->len);
	shot = s->at ? take_shot(s) : NULL;
	if (!shot)
		return false;
	if (s->vendor->regs_len && !s->vendor->describe(&shot->regs, &c))
		len = s->vendor->regs_len(c.cap, c.ecap);
	kvfree(shot);
	if (len > s->len && len <= IOMMU_UNIT_BYTES_MAX) {
		iounmap(s->at);
		s->len = len;
		s->at = ioremap(s->phys, s->len);
	}
	return s->at;
}

static bool is_added(u64 phys)
{
	const struct source *s;

	list_for_each_entry(s, &sources, list)
		if (s->phys == phys)
			return true;
	return false;
}

/* An IVRS has up to three structures for one unit. */
static void add(void *arg, u32 vendor, u64 phys, u32 len)
{
	struct source *s;
	char name[24];

	s = is_added(phys) ? NULL : kzalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return;
	s->vendor = iommu_vendor(vendor);
	s->phys = phys;
	s->len = min(len, IOMMU_UNIT_BYTES_MAX);
	snprintf(name, sizeof(name), "0x%llx", phys);
	if (!s->vendor || !s->vendor->snapshot || !map(s)) {
		drop(s);
		return;
	}
	s->dir = kobject_create_and_add(name, units);
	if (!s->dir || add_file(s, &s->regs, "regs") ||
	    add_file(s, &s->tables, "tables")) {
		drop(s);
		return;
	}
	list_add_tail(&s->list, &sources);
}

void sources_init(struct kobject *dir)
{
	units = kobject_create_and_add("live", dir);
	if (units)
		units_each(add, NULL);
}

void sources_exit(void)
{
	struct source *s, *next;

	list_for_each_entry_safe(s, next, &sources, list) {
		list_del(&s->list);
		sysfs_remove_bin_file(s->dir, &s->regs);
		sysfs_remove_bin_file(s->dir, &s->tables);
		drop(s);
	}
	kobject_put(units);
	kvfree(made.at);
}
