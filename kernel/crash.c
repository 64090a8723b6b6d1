// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/iommu_handover/ of a crash kernel. Files are made anew when they
 * are read from their beginning.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "compat.h"
#include "crash.h"

#define TEXT_HEAD 4096
#define TEXT_LINE 256

static struct crash crash;
static DEFINE_MUTEX(lock);
static struct text shown; /* of the file read last */
static const struct bin_attribute *shown_of;

static bool text_begin(struct text *t)
{
	size_t lines = crash.devices + crash.units * (2 * IOMMU_FAULTS_MAX + 1);

	kvfree(t->s);
	*t = (struct text){ .room = TEXT_HEAD + lines * TEXT_LINE };
	t->s = kvzalloc(t->room, GFP_KERNEL);
	return t->s;
}

/* --- the files --- */

static void show_mode(struct text *t)
{
	text_add(t, "%s\n",
		 crash.loaded ? iommu_mode_name(crash.load.mode) : "unknown");
}

static void show_units(struct text *t)
{
	static const char *const outcome[] = { "done", "left", "partly",
					       "read only" };
	u32 i;

	for (i = 0; i < crash.units; i++) {
		const struct crash_unit *u = &crash.unit[i];
		const struct iommu_result *r = &u->action.result;

		text_add(t, "%s 0x%llx %s: ", u->name, u->u.reg_phys,
			 iommu_mode_name(u->u.mode));
		if (!u->acted)
			text_add(t, "nothing was done\n");
		else
			text_add(t,
				 "%s%s%s, base 0x%llx before, 0x%llx after\n",
				 r->outcome < ARRAY_SIZE(outcome)
					 ? outcome[r->outcome]
					 : "unknown",
				 r->err ? ": " : "",
				 r->err ? iommu_err_text(r->err) : "",
				 r->root_before, r->root_after);
	}
}

static void show_devices(struct text *t)
{
	u32 i;

	for (i = 0; i < crash.devices; i++)
		text_add(t, "%s %s: %s\n", crash.device[i].name,
			 iommu_mode_name(crash.device[i].d.mode),
			 iommu_reason_text(crash.device[i].d.reason));
}

static void show_state(struct text *t)
{
	struct crash_count n;

	crash_state(&crash, t, &n);
}

static void show_faults(struct text *t)
{
	crash_faults(&crash, t);
}

static ssize_t read_text(struct file *file, struct kobject *dir, bin_file *attr,
			 char *buf, loff_t off, size_t len)
{
	void (*show)(struct text *) = attr->private;
	ssize_t n = -ENOMEM;

	mutex_lock(&lock);
	if (!off || shown_of != attr) {
		shown_of = attr;
		if (text_begin(&shown))
			show(&shown);
	}
	if (shown.s && !shown.failed)
		n = memory_read_from_buffer(buf, len, &off, shown.s, shown.len);
	mutex_unlock(&lock);
	return n;
}

static ssize_t read_notes(struct file *file, struct kobject *dir,
			  bin_file *attr, char *buf, loff_t off, size_t len)
{
	return memory_read_from_buffer(buf, len, &off, crash.notes,
				       crash.notes_len);
}

static ssize_t release_store(struct kobject *dir, struct kobj_attribute *attr,
			     const char *buf, size_t len)
{
	char name[CRASH_NAME];
	int err;

	if (strscpy(name, buf, sizeof(name)) < 0)
		return -EINVAL;
	mutex_lock(&lock);
	err = crash_release(&crash, strim(name));
	mutex_unlock(&lock);
	return err ? err : len;
}

static struct kobj_attribute release_file =
	__ATTR(release, 0200, NULL, release_store);

static const struct bin_attribute files[] = {
	{ .attr = { "mode", 0400 }, .read = read_text, .private = show_mode },
	{ .attr = { "units", 0400 }, .read = read_text, .private = show_units },
	{ .attr = { "devices", 0400 },
	  .read = read_text,
	  .private = show_devices },
	{ .attr = { "state", 0400 }, .read = read_text, .private = show_state },
	{ .attr = { "faults", 0400 },
	  .read = read_text,
	  .private = show_faults },
	{ .attr = { "notes", 0400 }, .read = read_notes },
};

/* --- begin and end --- */

static void map_units(void)
{
	u32 i;

	for (i = 0; i < crash.units; i++) {
		struct crash_unit *u = &crash.unit[i];

		if (u->u.reg_len >= PAGE_SIZE &&
		    u->u.reg_len <= IOMMU_UNIT_BYTES_MAX &&
		    unit_is_real(u->u.vendor, u->u.reg_phys, u->u.reg_len))
			u->at = ioremap(u->u.reg_phys, u->u.reg_len);
	}
}

static void log_state(void)
{
	struct crash_count n = { 0 };
	struct text t = { 0 };

	if (text_begin(&t))
		crash_state(&crash, &t, &n);
	kvfree(t.s);
	pr_info("mode %s, %u unit%s; of %u device%s %u intact, %u taken over, %u lost\n",
		crash.loaded ? iommu_mode_name(crash.load.mode) : "unknown",
		crash.units, plural(crash.units), crash.devices,
		plural(crash.devices), n.intact, n.taken, n.lost);
	if (crash.bad)
		pr_warn("%u bad note%s or record%s, the first: %s\n", crash.bad,
			plural(crash.bad), plural(crash.bad), crash.why);
}

int crash_init(struct kobject *dir, u64 elfcorehdr)
{
	int err = crash_notes_read(&crash, elfcorehdr);
	u32 i;

	if (err) {
		pr_warn("elfcorehdr=0x%llx: %s\n", elfcorehdr,
			*crash.why ? crash.why : "no memory");
		crash_free(&crash);
		return err;
	}
	map_units();
	crash_count_begin(&crash);
	log_state();
	for (i = 0; !err && i < ARRAY_SIZE(files); i++)
		err = sysfs_create_bin_file(dir, &files[i]);
	if (!err)
		err = sysfs_create_file(dir, &release_file.attr);
	if (err)
		crash_exit(dir);
	return err;
}

void crash_exit(struct kobject *dir)
{
	u32 i;

	sysfs_remove_file(dir, &release_file.attr);
	for (i = 0; i < ARRAY_SIZE(files); i++)
		sysfs_remove_bin_file(dir, &files[i]);
	kvfree(shown.s);
	crash_count_end(&crash);
	crash_free(&crash);
}
