// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/iommu_handover: the plan that kexec(8) hands in, as
 * include/handover_request.h says, and /sys/kernel/iommu_handover/armed.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include "module.h"

struct armed *armed_now;

static DEFINE_MUTEX(lock); /* of armed_now, but for the hook */
static char refusal[96];

/* What an open file has staged. */
struct staging {
	struct armed *staged;
};

/* --- staging --- */

static void move(u64 *at, u64 by)
{
	if (*at)
		*at += by;
}

/* The plan's last guard is the block itself. */
static bool guard_block(struct armed *a)
{
	const struct handover_array *at = &a->h.guard;
	struct span *guard;

	if (!at->n || at->n > HANDOVER_GUARD_MAX || at->offset % 8 ||
	    at->offset > a->h.plan.len ||
	    at->n * sizeof(*guard) > a->h.plan.len - at->offset)
		return false;
	guard = __va(a->h.plan.start) + at->offset;
	if (guard[at->n - 1].start)
		return false;
	guard[at->n - 1] = (struct span){ a->phys, a->len };
	return true;
}

/* As kexec sent it? Then with the addresses that the block has here. */
static u32 place(struct armed *a)
{
	struct handover *h = &a->h;
	const u32 crc = h->crc;

	if (h->plan.start > a->len || h->plan.len > a->len - h->plan.start)
		return PLAN_SPAN;
	h->crc = 0;
	if (note_crc32(note_crc32(0, h, sizeof(*h)),
		       (u8 *)a->block + h->plan.start, h->plan.len) != crc)
		return PLAN_CRC;
	h->plan.start += a->phys;
	move(&h->note.start, a->phys);
	move(&h->arena.start, a->phys);
	move(&h->scratch, a->phys);
	if (a->load.len)
		a->load.start += a->phys;
	if (!guard_block(a))
		return PLAN_GUARD;
	armed_seal(a);
	return PLAN_OK;
}

static int refuse(int err, const char *what)
{
	snprintf(refusal, sizeof(refusal), "refused: %s\n", what);
	return err;
}

/*
 * Not above 4 GiB, where an AMD unit's tables must not lie; and never memory
 * that the crash kernel uses: its reservation is no page of ours.
 */
static int fill(struct armed *a, const struct handover_request *r,
		const char __user *bytes)
{
	const char *why;
	u32 err;

	a->block = alloc_pages_exact(
		r->memsz, GFP_KERNEL | GFP_DMA32 | __GFP_ZERO | __GFP_NOWARN);
	if (!a->block)
		return refuse(-ENOMEM, "no memory in one piece");
	a->len = r->memsz;
	a->phys = virt_to_phys(a->block);
	a->h = r->h;
	a->load = r->load;
	if (copy_from_user(a->block, bytes, r->bytes))
		return -EFAULT;
	err = plan_check_head(&a->h);
	if (!err)
		err = place(a);
	why = err ? plan_err_text(err) : armed_check(a);
	return why ? refuse(-EINVAL, why) : 0;
}

static int stage(struct staging *s, const struct handover_request *r,
		 const char __user *bytes, size_t len)
{
	struct armed *a;
	int err;

	if (r->bytes != len || r->memsz > HANDOVER_BLOCK_MAX ||
	    r->bytes > r->memsz || !r->memsz || r->memsz % PAGE_4K)
		return refuse(-EINVAL, "length of the block");
	a = vzalloc(sizeof(*a));
	if (!a)
		return refuse(-ENOMEM, "no memory");
	err = fill(a, r, bytes);
	if (err) {
		armed_free(a);
		return err;
	}
	armed_free(s->staged);
	s->staged = a;
	return 0;
}

/* --- arming --- */

static void exchange(struct armed *a)
{
	struct armed *before = armed_now;

	/* The hook runs when all others are stopped: one of the two is whole. */
	smp_store_release(&armed_now, a);
	armed_free(before);
}

static int commit(struct staging *s)
{
	int err = 0;

	if (!s->staged)
		return refuse(-EINVAL, "nothing is staged");
	if (!hook_name())
		err = hook_arm();
	if (err)
		return refuse(err, "no way to notice a crash");
	exchange(s->staged);
	s->staged = NULL;
	return 0;
}

static void disarm(void)
{
	exchange(NULL);
	hook_disarm();
}

static ssize_t tell(char *buf, size_t size)
{
	const struct armed *a = armed_now;
	const char *none = "no plan";

	if (!IS_ENABLED(CONFIG_KEXEC_FILE))
		none = "this kernel has no kexec_file_load(2)";
	if (*refusal)
		return scnprintf(buf, size, "%s", refusal);
	if (!a || !hook_name())
		return scnprintf(buf, size, "none: %s\n", none);
	return scnprintf(buf, size, "%s: mode %s, %u unit%s%s\n", hook_name(),
			 iommu_mode_name(a->h.mode), a->units, plural(a->units),
			 hook_why());
}

/* --- the file --- */

static int device_open(struct inode *inode, struct file *file)
{
	struct staging *s;

	if (!capable(CAP_SYS_BOOT))
		return -EPERM;
	s = kzalloc(sizeof(*s), GFP_KERNEL);
	file->private_data = s;
	return s ? 0 : -ENOMEM;
}

static int device_release(struct inode *inode, struct file *file)
{
	struct staging *s = file->private_data;

	armed_free(s->staged);
	kfree(s);
	return 0;
}

static int act(struct staging *s, const struct handover_request *r,
	       const char __user *bytes, size_t len)
{
	if (r->magic != HANDOVER_REQUEST_MAGIC)
		return refuse(-EINVAL, "no request");
	if (r->version != HANDOVER_VERSION)
		return refuse(-EINVAL,
			      "kexec and module are of different versions");
	switch (r->action) {
	case HANDOVER_STAGE:
		return stage(s, r, bytes, len);
	case HANDOVER_COMMIT:
		return commit(s);
	case HANDOVER_DISARM:
		disarm();
		return 0;
	}
	return refuse(-EINVAL, "no such action");
}

static ssize_t device_write(struct file *file, const char __user *buf,
			    size_t len, loff_t *at)
{
	struct handover_request *r;
	int err;

	if (len < sizeof(*r))
		return -EINVAL;
	r = memdup_user(buf, sizeof(*r));
	if (IS_ERR(r))
		return PTR_ERR(r);
	mutex_lock(&lock);
	*refusal = 0;
	err = act(file->private_data, r, buf + sizeof(*r), len - sizeof(*r));
	mutex_unlock(&lock);
	kfree(r);
	return err ? err : len;
}

static ssize_t device_read(struct file *file, char __user *buf, size_t len,
			   loff_t *at)
{
	char text[128];
	ssize_t n;

	mutex_lock(&lock);
	n = tell(text, sizeof(text));
	mutex_unlock(&lock);
	return simple_read_from_buffer(buf, len, at, text, n);
}

static const struct file_operations device_ops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.read = device_read,
	.write = device_write,
	.llseek = default_llseek,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = HANDOVER_DEVICE,
	.fops = &device_ops,
	.mode = 0600,
};

/* --- sysfs --- */

static ssize_t armed_show(struct kobject *dir, struct kobj_attribute *attr,
			  char *buf)
{
	ssize_t n;

	mutex_lock(&lock);
	*refusal = 0;
	n = tell(buf, PAGE_SIZE);
	mutex_unlock(&lock);
	return n;
}

static struct kobj_attribute armed_file = __ATTR(armed, 0400, armed_show, NULL);

int arm_init(struct kobject *dir)
{
	int err = sysfs_create_file(dir, &armed_file.attr);

	if (err)
		return err;
	err = misc_register(&device);
	if (err)
		sysfs_remove_file(dir, &armed_file.attr);
	return err;
}

void arm_exit(struct kobject *dir)
{
	misc_deregister(&device);
	/* Waits for those who read it. */
	sysfs_remove_file(dir, &armed_file.attr);
	disarm();
}
