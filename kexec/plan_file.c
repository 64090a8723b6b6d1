// SPDX-License-Identifier: GPL-2.0-only
/* The plan where the kernel lays everything out itself: kexec_file_load(2). */
#include <stdlib.h>
#include <string.h>
#include "arch.h"
#include "cmdline.h"
#include "notes_cpio.h"
#include "image.h"
#include "handover_request.h"
#include "iommu.h"
#include "plan_work.h"

static int add_notes(struct plan *p, const struct plan_input *in,
		     struct error *e)
{
	struct note_segment *note = NULL;
	size_t n = 0, bad;

	if (!p->panic || p->decisions.mode != IOMMU_MODE_RECORD)
		return 0;
	if (!cpio_can_follow(in->initrd)) {
		lines_add(&p->warnings,
			  "initrd %s is no archive that another can follow: "
			  "IOMMU state is not recorded",
			  in->initrd->path);
		return 0;
	}
	/* With the module it is decided already, for its block. */
	if ((!p->decisions.device && decide(in->facts, p->decisions.mode, NULL,
					    0, &p->decisions, &bad)) ||
	    facts_to_notes(in->facts, &p->decisions, &note, &n))
		return fail(e, "out of memory");
	p->initrd = cpio_append_notes(in->initrd, note, n, &p->initrd_len, e);
	note_segments_free(note, n);
	if (!p->initrd)
		return -1;
	lines_add(&p->notices,
		  "kexec_file_load(2): IOMMU state as of now goes into the "
		  "initrd, as /%s; %s",
		  CPIO_NOTES_PATH,
		  p->block.bytes
			  ? "the module iommu_handover records it at a crash"
			  : "nothing is recorded at a crash");
	return 0;
}

/* What only our purgatory and our layout know of. */
static void warn_of_options(struct plan *p, const struct options *o)
{
	const struct {
		bool given;
		const char *name;
	} ours[] = {
		{ o->no_checks, "--no-checks" },
		{ o->halt_on_digest, "--digest-failure" },
		{ o->console_serial, "--console-serial" },
		{ o->console_vga, "--console-vga" },
		{ o->mem_min != 0, "--mem-min" },
		{ o->mem_max != ~0ULL, "--mem-max" },
		{ o->no_efi, "--noefi" },
		{ o->dtb != NULL, "--dtb" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		if (ours[i].given)
			lines_add(&p->warnings,
				  "%s has no effect with kexec_file_load(2): "
				  "give -c",
				  ours[i].name);
}

static int make_cmdline(struct plan *p, const struct plan_input *in, u32 max,
			struct error *e)
{
	const struct options *o = in->options;
	/* The kernel counts the final NUL. */
	u32 own = p->panic ? kexec_arch.file_cmdline_own + 1 : 1;
	struct cmdline_request r = {
		.running = o->reuse_cmdline ? in->host->cmdline : NULL,
		.append = o->append,
		.crash = p->panic,
		.mode = p->decisions.mode,
		.vendors = facts_vendors(in->facts),
		.iommu_idle = kexec_arch.iommu_idle(in->facts),
		/* without -s there is another way, which takes more */
		.max = o->loader == LOADER_FILE && max > own ? max - own : max,
	};

	p->command_line = cmdline_make(&r, &p->notices, e);
	return p->command_line ? 0 : -1;
}

/* --- what the module is handed --- */

static void seal(struct module_block *b)
{
	struct handover *h = &b->handover;

	h->crc = 0;
	h->crc = note_crc32(note_crc32(0, h, sizeof(*h)),
			    b->bytes + h->plan.start, (u32)h->plan.len);
}

/* Addresses count from the block's start; the module moves them. */
static int fill_block(struct work *w, struct module_block *b, struct error *e)
{
	const struct handover_segment *h = &w->handover;

	b->memsz = align_up(h->memsz, PAGE_4K);
	b->bytes_n = h->pool_at;
	b->load = (struct span){ h->notes_at, h->plan_at - h->notes_at };
	if (b->memsz > HANDOVER_BLOCK_MAX)
		return fail(e,
			    "--iommu=%s takes %llu KiB of tables and notes, "
			    "the kernel module has room for %u",
			    iommu_mode_name(w->plan->decisions.mode),
			    (unsigned long long)(b->memsz >> 10),
			    HANDOVER_BLOCK_MAX >> 10);
	b->bytes = calloc(1, b->bytes_n);
	if (!b->bytes)
		return fail(e, "out of memory");
	w->ho = &b->handover;
	if (set_handover(w, e) ||
	    handover_build(h, b->bytes, 0, NULL, 0, w->ho, e))
		return -1;
	seal(b);
	return 0;
}

static int make_block(struct plan *p, const struct plan_input *in,
		      struct error *e)
{
	struct work w = {
		.in = in, .plan = p, .o = in->options, .facts = in->facts
	};
	int err;

	w.window[0] = in->facts->reservation[in->facts->reservation_n - 1];
	err = plan_check_rules(&w, e) || make_maps(&w, e) ||
	      make_notes(&w, e) || make_handover_layout(&w, e) ||
	      fill_block(&w, &p->block, e);
	work_free(&w);
	return err ? -1 : 0;
}

static int add_block(struct plan *p, const struct plan_input *in,
		     struct error *e)
{
	bool wanted = iommu_mode_quiesces(p->decisions.mode);

	if (!p->panic || p->decisions.mode == IOMMU_MODE_OFF)
		return 0;
	if (!in->module && wanted)
		return fail(e,
			    "--iommu=%s with kexec_file_load(2): that brings "
			    "the kernel's own purgatory, which leaves every "
			    "IOMMU as it is, and the module iommu_handover is "
			    "not loaded: load it, leave out -s, or take "
			    "record",
			    iommu_mode_name(p->decisions.mode));
	if (!in->module || !make_block(p, in, e))
		return 0;
	if (wanted || in->options->mode_given)
		return -1;
	lines_add(&p->warnings, "the module iommu_handover is not armed: %s",
		  e->text);
	free(p->block.bytes);
	p->block.bytes = NULL;
	return 0;
}

/* What makes the crash kernel undo the switch, as with kexec_load(2). */
static void warn_of_crash_kernel(struct plan *p, const struct plan_input *in)
{
	struct work w = {
		.in = in, .plan = p, .o = in->options, .facts = in->facts
	};

	if (!crash_mode(&w))
		return;
	memcpy(w.image.release, p->release, sizeof(w.image.release));
	warn_of_versions(&w);
	warn_of_table_form(&w);
}

int plan_make_file(struct plan *p, const struct plan_input *in, struct error *e)
{
	const struct options *o = in->options;
	struct image image;
	u32 max;

	*p = (struct plan){ .facts = in->facts,
			    .panic = o->panic,
			    .decisions.mode = o->mode,
			    .file_load = true };
	if (plan_check_memory(in->facts, p->panic, e) ||
	    plan_parse(&image, in, e))
		return -1;
	memcpy(p->release, image.release, sizeof(p->release));
	max = image.cmdline_max;
	image_free(&image);
	warn_of_options(p, o);
	if (add_block(p, in, e) || add_notes(p, in, e))
		return -1;
	if (make_cmdline(p, in, max, e))
		return -1;
	warn_of_crash_kernel(p, in);
	return 0;
}
