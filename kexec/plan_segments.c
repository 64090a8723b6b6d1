// SPDX-License-Identifier: GPL-2.0-only
/* What a plan loads, and where it goes: memory maps and segments. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "identity.h"
#include "plan_work.h"

/* the split of the reservation around the handover segment, its own entry */
#define MAP_EXTRA 4

/* --- maps --- */

int make_maps(struct work *w, struct error *e)
{
	memmap_of_machine(&w->ram, w->facts);
	if (w->plan->panic) {
		memmap_for_dump(&w->dump, w->facts);
		memmap_for_crash(&w->map, w->facts, &w->window[0]);
	} else {
		const struct memmap *fw = w->in->firmware;

		w->map.failed = fw->failed;
		for (size_t i = 0; i < fw->n; i++)
			memmap_add(&w->map, fw->r[i].span.start,
				   fw->r[i].span.len, fw->r[i].type);
	}
	if (w->ram.failed || w->dump.failed || w->map.failed)
		return fail(e, "out of memory");
	if (!w->ram.n)
		return fail(e, "/proc/iomem: no \"System RAM\"");
	return 0;
}

/* The IOMMU's registers, and those of the console. */
int make_device_spans(struct work *w, struct error *e)
{
	const struct handover_segment *h = &w->handover;

	w->device = calloc(h->units + CONSOLE_SPANS_MAX, sizeof(*w->device));
	if (!w->device)
		return fail(e, "out of memory");
	for (u32 i = 0; i < h->units; i++) {
		const struct fact_unit *u = &w->facts->unit[h->unit[i]];

		w->device[w->device_n++] =
			(struct span){ u->reg_phys, u->reg_len };
	}
	w->device_n += kexec_arch.console_spans(w->ho, w->device + w->device_n);
	return 0;
}

/* --- segments --- */

int add_purgatory(struct work *w, struct error *e)
{
	const struct plan_input *in = w->in;
	struct purgatory_header h;
	struct segment *s;
	u8 *copy;

	if (in->purgatory_len < sizeof(h))
		return fail(e, "this program was built without a purgatory");
	memcpy(&h, in->purgatory, sizeof(h));
	if (h.magic != PURGATORY_MAGIC ||
	    h.handover_size != sizeof(struct handover) || h.handover % 8 ||
	    h.image_size > in->purgatory_len ||
	    h.handover > h.image_size - sizeof(struct handover) ||
	    h.memory_size < h.image_size)
		return fail(e, "this program was built with a purgatory of "
			       "another version");
	copy = malloc(h.image_size);
	if (!copy)
		return fail(e, "out of memory");
	memcpy(copy, in->purgatory, h.image_size);
	s = segments_add(&w->plan->segments,
			 (struct segment){ .name = "purgatory",
					   .buf = copy,
					   .owned = true,
					   .bufsz = h.image_size,
					   .memsz = h.memory_size,
					   .align = h.align,
					   /* it writes to what follows */
					   .digest = h.handover });
	w->ho = s ? (struct handover *)(copy + h.handover) : NULL;
	return s ? 0 : fail(e, "too many segments");
}

static int add_segment(struct work *w, const char *name, u64 bufsz, u64 memsz,
		       u64 digest, struct error *e)
{
	u8 *buf = calloc(1, bufsz ? bufsz : 1);

	if (buf && segments_add(&w->plan->segments,
				(struct segment){ .name = name,
						  .buf = buf,
						  .owned = true,
						  .bufsz = bufsz,
						  .memsz = memsz,
						  .digest = digest }))
		return 0;
	return fail(e, "out of memory");
}

static void add_files(struct work *w)
{
	const struct file *initrd = w->in->initrd;
	const struct image *im = &w->image;

	segments_add(&w->plan->segments,
		     (struct segment){ .name = "kernel",
				       .buf = im->laid_out ? im->laid_out
							   : im->file->data +
								     im->offset,
				       .bufsz = im->len,
				       .memsz = im->memsz,
				       .align = im->align,
				       .min = im->min,
				       .skew = im->skew,
				       .digest = im->len });
	if (initrd->data)
		segments_add(&w->plan->segments,
			     (struct segment){ .name = "initrd",
					       .buf = initrd->data,
					       .bufsz = initrd->len,
					       .digest = initrd->len });
}

struct identity_request identity_of(const struct work *w)
{
	return (struct identity_request){
		.ram = &w->ram,
		.device = w->device,
		.device_n = w->device_n,
		.page_max = w->in->host->page_max,
	};
}

static int add_identity(struct work *w, struct error *e)
{
	struct identity_request r = identity_of(w);
	struct identity id;
	struct segment *s;

	/* For its length only; it is built again when its place is known. */
	if (kexec_arch.identity_build(&id, &r, 0, e))
		return -1;
	s = segments_add(&w->plan->segments,
			 (struct segment){ .name = "pgtable",
					   .buf = id.bytes,
					   .owned = true,
					   .bufsz = id.len,
					   .digest = id.len });
	return s ? 0 : fail(e, "too many segments");
}

struct boot boot_of(const struct work *w)
{
	const struct segment *initrd =
		segments_find(&w->plan->segments, "initrd");

	return (struct boot){
		.image = &w->image,
		.host = w->in->host,
		.map = &w->map,
		.cmdline = w->plan->command_line,
		.no_efi = w->o->no_efi,
		.dtb = w->in->dtb,
		.panic = w->plan->panic,
		.reservation = w->facts->reservation,
		.reservation_n = w->facts->reservation_n,
		.initrd = initrd ? (struct span){ initrd->mem, initrd->bufsz }
				 : (struct span){ 0, 0 },
	};
}

/* In the order of placing: the first lies highest. */
int add_segments(struct work *w, struct error *e)
{
	struct boot b = boot_of(w);
	u64 size = kexec_arch.boot_size(&b, MAP_EXTRA, e);

	if (!size ||
	    add_segment(w, "handover", w->handover.pool_at, w->handover.memsz,
			w->handover.crash_at, e) ||
	    add_identity(w, e) ||
	    add_segment(w, kexec_arch.boot_name, size, size, size, e))
		return -1;
	segments_find(&w->plan->segments, "handover")->max = w->handover.max;
	add_files(w);
	return 0;
}

/*
 * RAM that the next kernel may be loaded to. With mem= or memmap= this kernel
 * uses less than firmware offers: the purgatory's page tables hold what it
 * uses, and what it was told to keep off may be broken.
 */
static void find_windows(const struct work *w, struct memmap *windows)
{
	const struct options *o = w->o;
	struct memmap used = { 0 };

	if (w->plan->panic) {
		memmap_add(windows, w->window[0].start, w->window[0].len,
			   MEMORY_RAM);
	} else {
		memmap_of_ram(&used, w->facts);
		memmap_common(windows, &w->map, &used);
		windows->failed |= used.failed;
		memmap_free(&used);
		memmap_cut(windows, 0, kexec_arch.low_memory, MEMORY_RAM);
		memmap_cut_inner(windows, w->facts);
	}
	memmap_cut(windows, 0, o->mem_min, MEMORY_RAM);
	if (o->mem_max < ~0ULL)
		memmap_cut(windows, o->mem_max + 1, ~0ULL, MEMORY_RAM);
	memmap_tidy(windows);
}

static int check_initrd(struct work *w, struct error *e)
{
	const struct segment *k = segments_find(&w->plan->segments, "kernel");
	const struct segment *i = segments_find(&w->plan->segments, "initrd");
	u64 first, end;

	if (!k || !i || !kexec_arch.initrd_reach)
		return 0;
	first = (k->mem < i->mem ? k->mem : i->mem) & -GIB(1);
	end = k->mem > i->mem ? k->mem + k->memsz : i->mem + i->memsz;
	if (end - first <= kexec_arch.initrd_reach)
		return 0;
	return fail(e,
		    "the kernel would lie at 0x%" PRIx64
		    " and the initrd at 0x%" PRIx64
		    ": kernels of this machine don't find one that is more "
		    "than %" PRIu64 " GiB apart; --mem-min and --mem-max "
		    "bring them together",
		    k->mem, i->mem, kexec_arch.initrd_reach / GIB(1));
}

int place_segments(struct work *w, struct error *e)
{
	struct memmap windows = { 0 };
	struct span *win;
	int err = -1;

	find_windows(w, &windows);
	win = calloc(windows.n + 1, sizeof(*win));
	for (size_t i = 0; win && i < windows.n; i++)
		win[i] = windows.r[i].span;
	if (!win || windows.failed)
		fail(e, "out of memory");
	else
		err = segments_place(&w->plan->segments, win, windows.n, e) ||
		      check_initrd(w, e);
	free(win);
	memmap_free(&windows);
	return err;
}
