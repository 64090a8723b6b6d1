// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "sha256.h"
#include "cmdline.h"
#include "handover_segment.h"
#include "identity.h"
#include "image.h"
#include "iommu.h"
#include "iommu_notes.h"
#include "memmap.h"
#include "plan.h"

/* Reading old tables takes longer than a register's answer. */
#define CHECK_BUDGET_FACTOR 10
#define US_PER_MS 1000
/* the split of the reservation around the handover segment, its own entry */
#define MAP_EXTRA 4

/* Everything on the way from the input to the plan. */
struct work {
	const struct plan_input *in;
	struct plan *plan;
	const struct options *o;
	const struct facts *facts;
	struct image image;
	struct memmap ram;     /* of the machine */
	struct memmap dump;    /* what /proc/vmcore will hold */
	struct memmap map;     /* what the next kernel is told */
	struct span window[1]; /* of the crash kernel */
	struct note_segment *note;
	size_t note_n;
	struct handover_segment handover;
	struct span *device; /* registers in the identity map */
	size_t device_n;
	struct handover *ho; /* in the purgatory's segment */
};

static bool crash_mode(const struct work *w)
{
	return w->plan->decisions.mode >= IOMMU_MODE_COPY;
}

/* --- what must hold before anything is built --- */

static int check_encryption(struct work *w, struct error *e)
{
	char value[16];

	if (w->plan->decisions.mode == IOMMU_MODE_OFF || !w->in->host->sme ||
	    !cmdline_last(w->in->host->cmdline, "mem_encrypt", value,
			  sizeof(value)) ||
	    strcmp(value, "on"))
		return 0;
	if (w->o->mode_given)
		return fail(e,
			    "--iommu=%s: this kernel runs with mem_encrypt=on "
			    "(SME): the crash kernel would read our notes as "
			    "if they were encrypted, the purgatory the IOMMU's "
			    "tables as if they were not",
			    iommu_mode_name(w->plan->decisions.mode));
	w->plan->decisions.mode = IOMMU_MODE_OFF;
	lines_add(&w->plan->warnings,
		  "mem_encrypt=on (SME): IOMMU state can't be recorded, going "
		  "on as with --iommu=off");
	return 0;
}

/* There is none, or what tells of it can't be read: say which. */
static int no_iommu(const struct work *w, struct error *e)
{
	const struct facts *f = w->facts;

	for (size_t i = 0; i < f->missing_n; i++)
		if (strstr(f->missing[i].source, "acpi/tables"))
			return fail(e, "--iommu=%s: no IOMMU found: /%s: %s",
				    iommu_mode_name(w->o->mode),
				    f->missing[i].source, f->missing[i].why);
	return fail(e,
		    "--iommu=%s: no IOMMU found: the firmware's tables name "
		    "none",
		    iommu_mode_name(w->o->mode));
}

/* A mode that no one would carry out at the crash is not promised. */
static int check_able(struct work *w, struct error *e)
{
	for (size_t i = 0; i < w->facts->unit_n; i++) {
		const struct fact_unit *u = &w->facts->unit[i];
		const struct iommu_vendor *v = iommu_vendor(u->vendor);

		if (decided_unit(&w->plan->decisions, i).mode >=
			    IOMMU_MODE_COPY &&
		    !(v && v->quiesce))
			return fail(e,
				    "--iommu=%s: %s: %s can only be recorded "
				    "so far, DMA behind it would go on after "
				    "a crash; use --iommu=record",
				    iommu_mode_name(w->o->mode), u->name,
				    v ? v->name : "an unknown IOMMU");
	}
	return 0;
}

static int check_iommu(struct work *w, struct error *e)
{
	size_t bad = 0;
	int err;

	if (w->plan->decisions.mode == IOMMU_MODE_OFF)
		return 0;
	if (crash_mode(w) && !w->facts->unit_n)
		return no_iommu(w, e);
	err = decide(w->facts, w->plan->decisions.mode, w->o->device,
		     w->o->device_n, &w->plan->decisions, &bad);
	if (err == -ENOMEM)
		return fail(e, "out of memory");
	if (err)
		return fail(e,
			    "--iommu-device: no device %04x:%02x:%02x.%x on "
			    "this machine",
			    w->o->device[bad].segment,
			    w->o->device[bad].requester >> 8,
			    w->o->device[bad].requester >> 3 & 0x1f,
			    w->o->device[bad].requester & 7);
	return check_able(w, e);
}

static bool older_than(const char *release, u32 major, u32 minor)
{
	char *end;
	unsigned long a = strtoul(release, &end, 10), b = 0;

	if (*end == '.')
		b = strtoul(end + 1, NULL, 10);
	return a < major || (a == major && b < minor);
}

static void warn_of_versions(struct work *w)
{
	const char *running = w->in->host->release;

	if (!w->plan->panic || !running)
		return;
	if (older_than(running, 5, 6))
		lines_add(&w->plan->warnings,
			  "this kernel is %s: before 5.6 one may use the low "
			  "1 MiB, which the crash kernel overwrites",
			  running);
	if (crash_mode(w) && *w->image.release &&
	    strcmp(w->image.release, running))
		lines_add(&w->plan->warnings,
			  "the crash kernel is %s, this one %s: if it has no "
			  "driver for the IOMMU, its devices stay cut off and "
			  "the dump may be lost",
			  w->image.release, running);
}

int plan_check_memory(const struct facts *f, bool panic, struct error *e)
{
	bool hidden = f->iomem_n != 0;

	/* Without CAP_SYS_ADMIN every line of /proc/iomem reads 0-0. */
	for (size_t i = 0; i < f->iomem_n; i++)
		hidden &= !f->iomem[i].start && !f->iomem[i].end;
	if (hidden)
		return fail(e, "/proc/iomem shows no addresses: kexec must run "
			       "as root");
	if (panic && !f->reservation_n)
		return fail(e, "no memory is reserved for a crash kernel: boot "
			       "with crashkernel=SIZE (no \"Crash kernel\" in "
			       "/proc/iomem)");
	return 0;
}

int plan_parse(struct image *image, const struct plan_input *in,
	       struct error *e)
{
	const struct options *o = in->options;
	const char *path = in->kernel->path;

	if (image_parse(image, in->kernel, e))
		return -1;
	if (image->laid_out && (o->args_elf || o->args_none))
		fail(e,
		     "kernel %s: --args-elf and --args-none: only Linux is "
		     "loaded, leave them out",
		     path);
	else if (image->laid_out && !*image->release && !o->args_linux)
		fail(e,
		     "kernel %s: an ELF file without \"Linux version\" in it: "
		     "if it is Linux, give --args-linux; other kernels are "
		     "left out",
		     path);
	else if (o->type && strcmp(o->type, "uki") &&
		 !strncmp(o->type, "elf", 3) != !!image->laid_out)
		fail(e, "kernel %s: not of --type=%s", path, o->type);
	else
		return 0;
	image_free(image);
	return -1;
}

/* --- maps --- */

static int make_maps(struct work *w, struct error *e)
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
static int make_device_spans(struct work *w, struct error *e)
{
	const struct handover_segment *h = &w->handover;

	w->device = calloc(h->units + 2, sizeof(*w->device));
	if (!w->device)
		return fail(e, "out of memory");
	for (u32 i = 0; i < h->units; i++) {
		const struct fact_unit *u = &w->facts->unit[h->unit[i]];

		w->device[w->device_n++] =
			(struct span){ u->reg_phys, u->reg_len };
	}
	if (w->ho->flags & HANDOVER_SERIAL_MMIO)
		w->device[w->device_n++] =
			(struct span){ w->ho->serial_base, PAGE_4K };
	if (w->ho->flags & HANDOVER_CONSOLE_VGA)
		w->device[w->device_n++] =
			(struct span){ 0xb8000, KIB(32) }; /* VGA text */
	return 0;
}

/* --- segments --- */

static int add_purgatory(struct work *w, struct error *e)
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
					   /* behind it is what it writes */
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
				       .digest = im->len });
	if (initrd->data)
		segments_add(&w->plan->segments,
			     (struct segment){ .name = "initrd",
					       .buf = initrd->data,
					       .bufsz = initrd->len,
					       .digest = initrd->len });
}

static struct identity_request identity_of(const struct work *w)
{
	return (struct identity_request){
		.ram = &w->ram,
		.device = w->device,
		.device_n = w->device_n,
		.page_1g = w->in->host->page_1g,
	};
}

static int add_identity(struct work *w, struct error *e)
{
	struct identity_request r = identity_of(w);
	struct identity id;
	struct segment *s;

	/* For its length only; it is built again when its place is known. */
	if (identity_build(&id, &r, 0, e))
		return -1;
	s = segments_add(&w->plan->segments,
			 (struct segment){ .name = "pgtable",
					   .buf = id.bytes,
					   .owned = true,
					   .bufsz = id.len,
					   .digest = id.len });
	return s ? 0 : fail(e, "too many segments");
}

static struct boot boot_of(const struct work *w)
{
	const struct segment *initrd =
		segments_find(&w->plan->segments, "initrd");

	return (struct boot){
		.image = &w->image,
		.host = w->in->host,
		.map = &w->map,
		.cmdline = w->plan->command_line,
		.no_efi = w->o->no_efi,
		.initrd = initrd ? (struct span){ initrd->mem, initrd->bufsz }
				 : (struct span){ 0, 0 },
	};
}

/* In the order of placing: the first lies highest. */
static int add_segments(struct work *w, struct error *e)
{
	struct boot b = boot_of(w);
	u64 size = boot_size(&b, MAP_EXTRA);

	if (add_segment(w, "handover", w->handover.pool_at, w->handover.memsz,
			w->handover.crash_at, e) ||
	    add_identity(w, e) ||
	    add_segment(w, "boot_params", size, size, size, e))
		return -1;
	add_files(w);
	return 0;
}

/* RAM that the next kernel may be loaded to, as --mem-min and -max say. */
static int place(struct work *w, struct error *e)
{
	const struct options *o = w->o;
	const struct memmap *map = &w->map;
	size_t n = 0;
	struct span *win = calloc(map->n + 1, sizeof(*win));
	int err;

	if (!win)
		return fail(e, "out of memory");
	for (size_t i = 0; i < (w->plan->panic ? 1 : map->n); i++) {
		struct span s = w->plan->panic ? w->window[0] : map->r[i].span;
		u64 end = s.start + s.len, start = s.start;

		if (!w->plan->panic && map->r[i].type != MEMORY_RAM)
			continue;
		if (!w->plan->panic && start < MIB(1))
			start = MIB(1); /* trampolines, EBDA, VGA */
		if (start < o->mem_min)
			start = o->mem_min;
		if (o->mem_max < end)
			end = o->mem_max + 1;
		if (start < end)
			win[n++] = (struct span){ start, end - start };
	}
	err = segments_place(&w->plan->segments, win, n, e);
	free(win);
	return err;
}

/* --- contents, once the places are known --- */

/* The machine has VT-d, and the running kernel does without. */
static bool vtd_idle(const struct facts *f)
{
	bool vtd = false, in_use = false;

	for (size_t i = 0; i < f->unit_n; i++) {
		vtd |= f->unit[i].vendor == IOMMU_VENDOR_VTD;
		in_use |= f->unit[i].in_use;
	}
	return vtd && !in_use;
}

static int fill_cmdline(struct work *w, u64 elfcorehdr, struct error *e)
{
	const struct host *m = w->in->host;
	struct cmdline_request r = {
		.running = w->o->reuse_cmdline ? m->cmdline : NULL,
		.append = w->o->append,
		.crash = w->plan->panic,
		.mode = w->plan->decisions.mode,
		.vtd_idle = vtd_idle(w->facts),
		.elfcorehdr = elfcorehdr,
		.rsdp = m->efi && !w->image.takes_rsdp ? m->rsdp : 0,
		.max = w->image.cmdline_max,
	};

	w->plan->command_line = cmdline_make(&r, &w->plan->told, e);
	return w->plan->command_line ? 0 : -1;
}

/*
 * A crash kernel that walks another form of tables than this one did turns
 * translation off (copy_translation_tables, 6.1 to 7.2).
 */
static void warn_of_intel_iommu(struct work *w)
{
	char here[128] = "", there[128] = "";

	/* Tables that this kernel does not use have no form. */
	if (!w->plan->panic || !crash_mode(w) || vtd_idle(w->facts))
		return;
	cmdline_last(w->in->host->cmdline, "intel_iommu", here, sizeof(here));
	cmdline_last(w->plan->command_line, "intel_iommu", there,
		     sizeof(there));
	if (strcmp(here, there))
		lines_add(&w->plan->warnings,
			  "intel_iommu= is \"%s\" here and \"%s\" on the crash "
			  "command line: if that changes the form of the "
			  "tables, the crash kernel turns translation off",
			  here, there);
}

static int fill_boot(struct work *w, const struct segment *handover,
		     struct error *e)
{
	struct segment *s = segments_find(&w->plan->segments, "boot_params");
	struct boot b;

	/*
	 * The next kernel keeps off the handover segment: the notes are in it,
	 * and the tables that hold DMA. After kexec -e without an IOMMU mode
	 * nothing in it is needed any more.
	 */
	if (w->plan->panic || w->plan->decisions.mode != IOMMU_MODE_OFF) {
		memmap_cut(&w->map, handover->mem, handover->memsz, MEMORY_RAM);
		memmap_add(&w->map, handover->mem, handover->memsz,
			   MEMORY_RESERVED);
		memmap_tidy(&w->map);
		if (w->map.failed)
			return fail(e, "out of memory");
	}
	b = boot_of(w);
	return boot_build(&b, s->buf, s->bufsz, s->mem, e);
}

static int fill_identity(struct work *w, struct error *e)
{
	struct segment *s = segments_find(&w->plan->segments, "pgtable");
	struct identity_request r = identity_of(w);
	struct identity id;

	if (identity_build(&id, &r, s->mem, e))
		return -1;
	memcpy(s->buf, id.bytes, s->bufsz);
	free(id.bytes);
	memcpy(w->ho->pgtable, id.root, sizeof(id.root));
	return 0;
}

static u32 digest_regions(const struct work *w, struct span *region)
{
	const struct segments *all = &w->plan->segments;
	u32 n = 0;

	for (u32 i = 0; i < all->n; i++)
		if (all->s[i].digest)
			region[n++] = (struct span){ all->s[i].mem,
						     all->s[i].digest };
	return n;
}

static int fill(struct work *w, struct error *e)
{
	struct segments *all = &w->plan->segments;
	struct segment *handover = segments_find(all, "handover");
	struct segment *kernel = segments_find(all, "kernel");
	struct span region[SEGMENTS_MAX];
	u32 n;

	if (fill_cmdline(w, w->plan->panic ? handover->mem : 0, e) ||
	    fill_boot(w, handover, e) || fill_identity(w, e))
		return -1;
	warn_of_intel_iommu(w);
	n = digest_regions(w, region);
	if (handover_build(&w->handover, handover->buf, handover->mem, region,
			   n, w->ho, e))
		return -1;
	w->ho->entry = kernel->mem + w->image.entry;
	w->ho->entry_arg = segments_find(all, "boot_params")->mem;
	w->plan->entry = segments_find(all, "purgatory")->mem;
	return 0;
}

/* --- struct handover, but for addresses --- */

static int set_serial(struct work *w, struct error *e)
{
	const char *name = w->o->serial;
	u32 baud = (u32)w->o->serial_baud;

	/* PC standard ports; both names are the kernel's for them */
	if (!name || !strcmp(name, "ttyS0"))
		w->ho->serial_base = 0x3f8;
	else if (!strcmp(name, "ttyS1"))
		w->ho->serial_base = 0x2f8;
	else if (!parse_u64(name, 0, &w->ho->serial_base) ||
		 !w->ho->serial_base)
		return fail(e, "--serial=%s: not ttyS0, ttyS1 or 0xPORT", name);
	if (w->ho->serial_base > 0xfff8)
		w->ho->flags |= HANDOVER_SERIAL_MMIO;
	if (baud && 115200 % baud)
		return fail(e, "--serial-baud=%u: does not divide 115200",
			    baud);
	w->ho->serial_baud = baud;
	return 0;
}

static int set_handover(struct work *w, struct error *e)
{
	const struct options *o = w->o;
	struct handover *ho = w->ho;

	*ho = (struct handover){
		.magic = HANDOVER_MAGIC,
		.version = HANDOVER_VERSION,
		.size = sizeof(*ho),
		.mode = w->plan->decisions.mode,
		.ticks_per_ms = w->in->host->ticks_per_ms,
		.budget_us = (u32)o->timeout_ms * US_PER_MS,
		.check_budget_us =
			(u32)o->timeout_ms * CHECK_BUDGET_FACTOR * US_PER_MS,
	};
	if (o->console_serial)
		ho->flags |= HANDOVER_CONSOLE_SERIAL;
	if (o->console_vga)
		ho->flags |= HANDOVER_CONSOLE_VGA;
	if (o->no_checks)
		ho->flags |= HANDOVER_SKIP_DIGEST;
	if (o->halt_on_digest)
		ho->flags |= HANDOVER_HALT_ON_DIGEST;
	if (w->plan->panic)
		ho->flags |= HANDOVER_PANIC;
	return o->console_serial ? set_serial(w, e) : 0;
}

/* --- the way --- */

static int make_notes(struct work *w, struct error *e)
{
	if (!w->plan->panic || w->plan->decisions.mode == IOMMU_MODE_OFF)
		return 0;
	if (facts_to_notes(w->facts, &w->plan->decisions, &w->note, &w->note_n))
		return fail(e, "out of memory");
	return 0;
}

static int make_handover_layout(struct work *w, struct error *e)
{
	const struct host *m = w->in->host;

	w->handover = (struct handover_segment){
		.facts = w->facts,
		.decisions = &w->plan->decisions,
		.panic = w->plan->panic,
		.ram = &w->ram,
		.note = w->note,
		.note_n = w->note_n,
		.header = { .machine = 62, /* EM_X86_64 */
			    .note = m->note,
			    .note_n = m->note_n,
			    .text = m->text,
			    .text_virt = m->text_virt,
			    .page_offset = m->page_offset,
			    .ram = &w->dump },
	};
	return handover_layout(&w->handover, &w->plan->warnings, e);
}

static int make(struct work *w, struct error *e)
{
	if (plan_check_memory(w->facts, w->plan->panic, e) ||
	    check_encryption(w, e) || check_iommu(w, e))
		return -1;
	/*
	 * The kernel takes segments in its main reservation only, which lies
	 * above the one for DMA where there are two.
	 */
	if (w->plan->panic)
		w->window[0] =
			w->facts->reservation[w->facts->reservation_n - 1];
	if (plan_parse(&w->image, w->in, e))
		return -1;
	memcpy(w->plan->release, w->image.release, sizeof(w->plan->release));
	warn_of_versions(w);
	if (make_maps(w, e) || make_notes(w, e) || make_handover_layout(w, e) ||
	    add_purgatory(w, e) || set_handover(w, e) ||
	    make_device_spans(w, e) || add_segments(w, e) || place(w, e))
		return -1;
	return fill(w, e);
}

int plan_make(struct plan *p, const struct plan_input *in, struct error *e)
{
	struct work w = {
		.in = in, .plan = p, .o = in->options, .facts = in->facts
	};
	int err;

	*p = (struct plan){ .facts = in->facts,
			    .panic = in->options->panic,
			    .decisions.mode = in->options->mode };
	err = make(&w, e);
	handover_segment_free(&w.handover);
	/* the segment has it, and with it the kernel */
	p->laid_out = w.image.laid_out;
	note_segments_free(w.note, w.note_n);
	memmap_free(&w.ram);
	memmap_free(&w.dump);
	memmap_free(&w.map);
	free(w.device);
	return err;
}

/* --- sealing --- */

static const struct segment *segment_at(const struct plan *p, u64 mem)
{
	for (u32 i = 0; i < p->segments.n; i++)
		if (p->segments.s[i].mem == mem)
			return &p->segments.s[i];
	return NULL;
}

void plan_seal(struct plan *p)
{
	struct segment *purgatory = segments_find(&p->segments, "purgatory");
	struct segment *seg = segments_find(&p->segments, "handover");
	const struct purgatory_header *h = (void *)purgatory->buf;
	struct handover *ho = (void *)(purgatory->buf + h->handover);
	const u8 *plan = seg->buf + (ho->plan.start - seg->mem);
	const struct span *region = (const void *)(plan + ho->regions.offset);
	struct sha256 sha;

	sha256_init(&sha, sha256_best());
	for (u32 i = 0; i < ho->regions.n; i++)
		sha256_update(&sha, segment_at(p, region[i].start)->buf,
			      region[i].len);
	sha256_final(&sha, ho->digest);
	ho->crc = 0;
	ho->crc = note_crc32(note_crc32(0, ho, sizeof(*ho)), plan,
			     (u32)ho->plan.len);
}

void plan_free(struct plan *p)
{
	segments_free(&p->segments);
	free(p->laid_out);
	free(p->initrd);
	free(p->command_line);
	lines_free(&p->warnings);
	lines_free(&p->told);
	decisions_free(&p->decisions);
}
