// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device tree of the next kernel: this one's, with a /chosen of its own.
 * Documentation/devicetree/bindings/chosen.txt, Documentation/arm64/booting.rst
 * section 2. What EFI left there (linux,uefi-*) stays: by it the next kernel
 * finds the firmware's memory map and the ACPI tables.
 */
#include <inttypes.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "arm64.h"

#define DTB_MAX MIB(2) /* booting.rst */
/* For what is added beside the command line: a dozen properties. */
#define DTB_EXTRA KIB(8)
#define CELLS_MAX 2
/* Linux reads two: the first one caps memory, the second is added to it. */
#define RANGES_MAX 2
#define KEPT "kexec-iommu,kept"

/* What kernels before this one were told; nothing of it holds any more. */
static const char *const stale[] = {
	"bootargs",
	"linux,initrd-start",
	"linux,initrd-end",
	"linux,elfcorehdr",
	"linux,usable-memory-range",
	"linux,booted-from-kexec",
	"linux,ima-kexec-buffer",
	"linux,tpm-kexec-buffer",
	"linux,kho-fdt",
	"linux,kho-scratch",
	"kaslr-seed",
	"rng-seed",
	KEPT,
};

struct tree {
	void *fdt;
	int chosen;
	int err; /* the first one of libfdt's; 0: none */
};

static const struct file *source_of(const struct boot *b)
{
	return b->dtb && b->dtb->data ? b->dtb : &b->host->arch->dtb;
}

u64 arm64_boot_size(const struct boot *b, u32 extra, struct error *e)
{
	const struct file *f = source_of(b);
	u64 size;
	int err;

	(void)extra;
	if (b->no_efi) {
		fail(e, "--noefi: not on this architecture: the ACPI tables "
			"would be lost with EFI");
		return 0;
	}
	if (!f->data) {
		fail(e, "no device tree: /sys/firmware/fdt can't be read, "
			"and no --dtb was given");
		return 0;
	}
	err = dt_check(f->data, f->len);
	if (err) {
		fail(e, "%s: no device tree: %s", f->path, fdt_strerror(err));
		return 0;
	}
	size = fdt_totalsize(f->data) + DTB_EXTRA + b->image->cmdline_max;
	if (size <= DTB_MAX)
		return size;
	fail(e,
	     "%s: %u bytes: with what is added the device tree has more than "
	     "2 MiB, which no kernel takes",
	     f->path, fdt_totalsize(f->data));
	return 0;
}

static void put(struct tree *t, const char *name, const void *val, size_t len)
{
	if (!t->err)
		t->err = fdt_setprop(t->fdt, t->chosen, name, val, (int)len);
}

static void put_u64(struct tree *t, const char *name, u64 val)
{
	if (!t->err)
		t->err = fdt_setprop_u64(t->fdt, t->chosen, name, val);
}

static u32 put_cells(fdt32_t *at, u64 val, int cells)
{
	if (cells == 2)
		*at++ = cpu_to_fdt32((u32)(val >> 32));
	*at = cpu_to_fdt32((u32)val);
	return (u32)cells;
}

/* Ranges as the root counts addresses and lengths. */
static int put_ranges(struct tree *t, const char *name, const struct span *s,
		      size_t n, struct error *e)
{
	int ac = fdt_address_cells(t->fdt, 0), sc = fdt_size_cells(t->fdt, 0);
	fdt32_t cells[RANGES_MAX * 2 * CELLS_MAX];
	u32 used = 0;

	if (ac < 1 || ac > CELLS_MAX || sc < 1 || sc > CELLS_MAX)
		return fail(e,
			    "device tree: #address-cells %d, #size-cells %d "
			    "of the root: only 1 and 2 are known",
			    ac, sc);
	for (size_t i = 0; i < n && i < RANGES_MAX; i++) {
		if ((ac == 1 && s[i].start >> 32) ||
		    (sc == 1 && s[i].len >> 32))
			return fail(e,
				    "device tree: 0x%" PRIx64
				    ", length 0x%" PRIx64
				    ", do not fit the root's %d and %d cells",
				    s[i].start, s[i].len, ac, sc);
		used += put_cells(cells + used, s[i].start, ac);
		used += put_cells(cells + used, s[i].len, sc);
	}
	put(t, name, cells, used * sizeof(*cells));
	return 0;
}

/* Memory that a load of ours had reserved for the kernel that now runs. */
static void forget_kept(struct tree *t)
{
	int len;
	const fdt64_t *kept = fdt_getprop(t->fdt, t->chosen, KEPT, &len);
	u64 start, size, was;

	if (!kept || len != sizeof(was))
		return;
	memcpy(&was, kept, sizeof(was));
	was = fdt64_to_cpu(was);
	for (int i = fdt_num_mem_rsv(t->fdt); i--;)
		if (!fdt_get_mem_rsv(t->fdt, i, &start, &size) && start == was)
			fdt_del_mem_rsv(t->fdt, i);
}

static int open_tree(struct tree *t, const struct boot *b, u8 *buf, u64 size)
{
	t->fdt = buf;
	t->err = fdt_open_into(source_of(b)->data, buf, (int)size);
	if (t->err)
		return t->err;
	t->chosen = fdt_path_offset(buf, "/chosen");
	if (t->chosen == -FDT_ERR_NOTFOUND)
		t->chosen = fdt_add_subnode(buf, 0, "chosen");
	if (t->chosen < 0)
		return t->err = t->chosen;
	forget_kept(t);
	for (size_t i = 0; i < ARRAY_SIZE(stale) && !t->err; i++) {
		t->err = fdt_delprop(buf, t->chosen, stale[i]);
		if (t->err == -FDT_ERR_NOTFOUND)
			t->err = 0;
	}
	return t->err;
}

/* Without fresh ones the kernel would lie where the dead one did, or KASLR be off. */
static void put_seeds(struct tree *t, const struct host *m)
{
	u64 kaslr;

	if (!m->seed_len)
		return;
	put(t, "rng-seed", m->seed, m->seed_len);
	if (getrandom(&kaslr, sizeof(kaslr), GRND_NONBLOCK) == sizeof(kaslr))
		put_u64(t, "kaslr-seed", kaslr);
}

/*
 * A crash kernel's own memory, the higher one first: a kernel that knows of one
 * range only takes the first.
 */
static int put_crash(struct tree *t, const struct boot *b, struct error *e)
{
	struct span range[RANGES_MAX] = { { 0, 0 } };
	size_t n = 0;

	for (size_t i = b->reservation_n; i-- && n < RANGES_MAX;)
		range[n++] = b->reservation[i];
	if (put_ranges(t, "linux,usable-memory-range", range, n, e))
		return -1;
	/* The kernel keeps off all of it (reserve_elfcorehdr()). */
	return put_ranges(t, "linux,elfcorehdr", &b->keep, 1, e);
}

static void put_kept(struct tree *t, const struct span *keep)
{
	if (!keep->len || t->err)
		return;
	t->err = fdt_add_mem_rsv(t->fdt, keep->start, keep->len);
	put_u64(t, KEPT, keep->start);
}

int arm64_boot_build(const struct boot *b, u8 *buf, u64 size, u64 mem,
		     struct error *e)
{
	struct tree t = { 0 };

	(void)mem;
	memset(buf, 0, size);
	if (open_tree(&t, b, buf, size))
		return fail(e, "%s: device tree: %s", source_of(b)->path,
			    fdt_strerror(t.err));
	put(&t, "bootargs", b->cmdline, strlen(b->cmdline) + 1);
	if (b->initrd.len) {
		put_u64(&t, "linux,initrd-start", b->initrd.start);
		put_u64(&t, "linux,initrd-end",
			b->initrd.start + b->initrd.len);
	}
	put_seeds(&t, b->host);
	if (b->panic) {
		if (put_crash(&t, b, e))
			return -1;
	} else {
		put_kept(&t, &b->keep);
	}
	if (!t.err)
		return 0;
	return fail(e, "%s: device tree: /chosen: %s", source_of(b)->path,
		    fdt_strerror(t.err));
}
