// SPDX-License-Identifier: GPL-2.0-only
/*
 * struct boot_params, what hangs on it, and the command line: one segment,
 *
 *   boot_params | setup_data: E820_EXT, EFI, RNG_SEED | EFI map | command line
 *
 * Documentation/arch/x86/boot.rst and zero-page.rst.
 */
#include <asm/bootparam.h>
#include <string.h>
#include "pc.h"

#define EFI_LOADER_64 0x34364c45 /* "EL64" */
#define LOADER_KEXEC (0x0d << 4) /* boot.rst, type_of_loader */
ASSERT_SIZE(struct setup_data, 16);
ASSERT_SIZE(struct boot_e820_entry, 20);

/* arch/x86/include/asm/e820/types.h; not in the exported headers */
enum e820_type {
	E820_RAM = 1,
	E820_RESERVED = 2,
	E820_ACPI = 3,
	E820_NVS = 4,
	E820_UNUSABLE = 5,
	E820_PMEM = 7,
	E820_PRAM = 12,
};

static const u32 e820_type[MEMORY_TYPE_N] = {
	[MEMORY_RAM] = E820_RAM,	   [MEMORY_RESERVED] = E820_RESERVED,
	[MEMORY_ACPI] = E820_ACPI,	   [MEMORY_NVS] = E820_NVS,
	[MEMORY_UNUSABLE] = E820_UNUSABLE, [MEMORY_PMEM] = E820_PMEM,
	[MEMORY_PRAM] = E820_PRAM,
};

/* arch/x86/include/asm/efi.h; not in the exported headers */
struct efi_setup_data {
	u64 fw_vendor, unused, tables, smbios, reserved[8];
};
ASSERT_SIZE(struct efi_setup_data, 96);

/* UEFI 2.10, 7.2 EFI_MEMORY_DESCRIPTOR; firmware's may be longer */
struct efi_descriptor {
	u32 type, pad;
	u64 phys, virt, pages, attribute;
};
ASSERT_SIZE(struct efi_descriptor, 40);
#define EFI_DESCRIPTOR_MAX 256 /* bytes; 48 everywhere so far */

#define ALIGN_SLACK 64 /* each part begins at a multiple of 8 */

u64 pc_boot_size(const struct boot *b, u32 extra, struct error *e)
{
	(void)e;
	return sizeof(struct boot_params) + 3 * sizeof(struct setup_data) +
	       sizeof(struct efi_setup_data) +
	       b->host->arch->efi_runtime.map_n * (u64)EFI_DESCRIPTOR_MAX +
	       (b->map->n + extra) * sizeof(struct boot_e820_entry) +
	       sizeof(b->host->seed) + ALIGN_SLACK + b->image->cmdline_max + 1;
}

struct build {
	struct boot_params *bp;
	u8 *buf;
	u64 size, mem, used;
	u64 *link; /* where the address of the next setup_data goes */
};

/* Room for @len bytes; NULL when there is none left. */
static u8 *take(struct build *w, u64 len)
{
	u64 at = align_up(w->used, 8);

	if (at > w->size || len > w->size - at)
		return NULL;
	w->used = at + len;
	return w->buf + at;
}

static u8 *add_setup_data(struct build *w, u32 type, u32 len)
{
	struct setup_data *d = (void *)take(w, sizeof(*d) + len);
	u64 phys;

	if (!d)
		return NULL;
	d->type = type;
	d->len = len;
	phys = w->mem + (u64)((u8 *)d - w->buf);
	memcpy(w->link, &phys, sizeof(phys));
	w->link = (u64 *)&d->next;
	return d->data;
}

static int put_e820(struct build *w, const struct memmap *map)
{
	struct boot_e820_entry *ext = NULL;
	size_t direct = map->n;

	if (direct > E820_MAX_ENTRIES_ZEROPAGE) {
		direct = E820_MAX_ENTRIES_ZEROPAGE;
		ext = (void *)add_setup_data(
			w, SETUP_E820_EXT,
			(u32)((map->n - direct) * sizeof(*ext)));
		if (!ext)
			return -1;
	}
	w->bp->e820_entries = (u8)direct;
	for (size_t i = 0; i < map->n; i++) {
		const struct range *r = &map->r[i];
		struct boot_e820_entry e = { r->span.start, r->span.len,
					     e820_type[r->type] };

		if (i < direct)
			w->bp->e820_table[i] = e;
		else
			ext[i - direct] = e;
	}
	return 0;
}

/*
 * What the running kernel got from firmware; the next one has no way to ask
 * for it again.
 */
static void inherit(struct boot_params *bp, const struct host *m)
{
	struct boot_params old;

	bp->acpi_rsdp_addr = m->arch->rsdp;
	if (!m->arch->boot_params)
		return;
	memcpy(&old, m->arch->boot_params, sizeof(old));
	bp->screen_info = old.screen_info;
	bp->screen_info.ext_mem_k = 0;
	bp->edid_info = old.edid_info;
	bp->eddbuf_entries = old.eddbuf_entries;
	bp->edd_mbr_sig_buf_entries = old.edd_mbr_sig_buf_entries;
	memcpy(bp->eddbuf, old.eddbuf, sizeof(bp->eddbuf));
	memcpy(bp->edd_mbr_sig_buffer, old.edd_mbr_sig_buffer,
	       sizeof(bp->edd_mbr_sig_buffer));
	bp->secure_boot = old.secure_boot;
}

/* A vmlinux has none: what the kernel asks of its loader (boot.rst). */
static void make_header(struct setup_header *h, const struct image *image)
{
	h->boot_flag = 0xaa55;
	h->header = 0x53726448; /* "HdrS" */
	h->version = 0x20f;
	h->loadflags = LOADED_HIGH;
	h->kernel_alignment = (u32)image->align;
	h->relocatable_kernel = 1;
	h->cmdline_size = image->cmdline_max;
	h->init_size = (u32)image->memsz;
}

static void copy_header(struct boot_params *bp, const u8 *image)
{
	/* the header's own length: the jump's target (boot.rst) */
	u64 end = 0x202 + image[0x201];
	u64 at = offsetof(struct boot_params, hdr);

	if (end > at + sizeof(bp->hdr))
		end = at + sizeof(bp->hdr);
	if (end > at)
		memcpy(&bp->hdr, image + at, end - at);
}

static void put_header(struct build *w, const struct boot *b)
{
	struct boot_params *bp = w->bp;

	if (b->image->laid_out)
		make_header(&bp->hdr, b->image);
	else
		copy_header(bp, b->image->file->data);
	bp->hdr.type_of_loader = LOADER_KEXEC;
	bp->hdr.ramdisk_image = (u32)b->initrd.start;
	bp->hdr.ramdisk_size = (u32)b->initrd.len;
	bp->ext_ramdisk_image = (u32)(b->initrd.start >> 32);
	bp->ext_ramdisk_size = (u32)(b->initrd.len >> 32);
	bp->hdr.setup_data = 0;
}

static u64 phys_of(const struct build *w, const void *at)
{
	return w->mem + (u64)((const u8 *)at - w->buf);
}

static void fill_efi_map(u8 *at, u64 size, const struct efi_runtime *efi)
{
	for (u32 i = 0; i < efi->map_n; i++, at += size) {
		const struct efi_range *r = &efi->map[i];
		struct efi_descriptor d = { .type = (u32)r->type,
					    .phys = r->phys,
					    .virt = r->virt,
					    .pages = r->pages,
					    .attribute = r->attribute };

		memcpy(at, &d, sizeof(d));
	}
}

/*
 * As the kernel hands it to itself (kexec-bzimage64.c setup_efi_state): its
 * own system table, and the runtime map with the addresses it chose.
 */
static int put_efi(struct build *w, const struct boot *b)
{
	const struct host *m = b->host;
	const struct efi_runtime *efi = &m->arch->efi_runtime;
	struct efi_setup_data data = { .fw_vendor = efi->fw_vendor,
				       .tables = efi->config_table,
				       .smbios = efi->smbios };
	struct efi_info info;
	u8 *map, *at;

	if (b->no_efi || !b->image->takes_efi || !efi->map_n ||
	    !m->arch->boot_params)
		return 0;
	memcpy(&info,
	       m->arch->boot_params + offsetof(struct boot_params, efi_info),
	       sizeof(info));
	if (info.efi_loader_signature != EFI_LOADER_64 ||
	    info.efi_memdesc_size < sizeof(struct efi_descriptor) ||
	    info.efi_memdesc_size > EFI_DESCRIPTOR_MAX)
		return 0;
	at = add_setup_data(w, SETUP_EFI, sizeof(data));
	info.efi_memmap_size = efi->map_n * info.efi_memdesc_size;
	map = take(w, info.efi_memmap_size);
	if (!at || !map)
		return -1;
	memcpy(at, &data, sizeof(data));
	fill_efi_map(map, info.efi_memdesc_size, efi);
	info.efi_memmap = (u32)phys_of(w, map);
	info.efi_memmap_hi = (u32)(phys_of(w, map) >> 32);
	w->bp->efi_info = info;
	return 0;
}

static int put_cmdline(struct build *w, const char *line)
{
	size_t len = strlen(line) + 1;
	u8 *at = take(w, len);
	u64 phys;

	if (!at)
		return -1;
	memcpy(at, line, len);
	phys = phys_of(w, at);
	w->bp->hdr.cmd_line_ptr = (u32)phys;
	w->bp->ext_cmd_line_ptr = (u32)(phys >> 32);
	return 0;
}

static int put_seed(struct build *w, const struct host *m)
{
	u8 *at;

	if (!m->seed_len)
		return 0;
	at = add_setup_data(w, SETUP_RNG_SEED, m->seed_len);
	if (!at)
		return -1;
	memcpy(at, m->seed, m->seed_len);
	return 0;
}

int pc_boot_build(const struct boot *b, u8 *buf, u64 size, u64 mem,
		  struct error *e)
{
	struct build w = { .bp = (void *)buf,
			   .buf = buf,
			   .size = size,
			   .mem = mem,
			   .used = sizeof(struct boot_params) };

	if (size < sizeof(struct boot_params))
		return fail(e, "no room for the boot parameters");
	memset(buf, 0, size);
	inherit(w.bp, b->host);
	put_header(&w, b);
	w.link = (u64 *)(buf + offsetof(struct boot_params, hdr) +
			 offsetof(struct setup_header, setup_data));
	if (put_e820(&w, b->map) || put_efi(&w, b) || put_seed(&w, b->host) ||
	    put_cmdline(&w, b->cmdline))
		return fail(e, "the boot parameters do not fit their segment");
	return 0;
}
