// SPDX-License-Identifier: GPL-2.0-only
/* A plan for kexec_load(2), from what was gathered to its last byte. */
#include <stdlib.h>
#include <string.h>
#include "plan_work.h"

int make_notes(struct work *w, struct error *e)
{
	if (!w->plan->panic || w->plan->decisions.mode == IOMMU_MODE_OFF)
		return 0;
	if (facts_to_notes(w->facts, &w->plan->decisions, &w->note, &w->note_n))
		return fail(e, "out of memory");
	return 0;
}

int make_handover_layout(struct work *w, struct error *e)
{
	const struct host *m = w->in->host;

	w->handover = (struct handover_segment){
		.facts = w->facts,
		.decisions = &w->plan->decisions,
		.panic = w->plan->panic,
		.module = w->plan->file_load,
		.ram = &w->ram,
		.note = w->note,
		.note_n = w->note_n,
		.header = { .machine = kexec_arch.elf_machine,
			    .note = m->note,
			    .note_n = m->note_n,
			    .ram = &w->dump },
	};
	if (w->plan->panic &&
	    kexec_arch.layout(&w->handover.header.layout, m, w->facts, e))
		return -1;
	return handover_layout(&w->handover, &w->plan->warnings, e);
}

static int make(struct work *w, struct error *e)
{
	if (plan_check_rules(w, e))
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
	warn_of_page_size(w);
	if (make_maps(w, e) || make_notes(w, e) || make_handover_layout(w, e) ||
	    add_purgatory(w, e) || set_handover(w, e) ||
	    make_device_spans(w, e) || add_segments(w, e) ||
	    place_segments(w, e))
		return -1;
	return fill_segments(w, e);
}

void work_free(struct work *w)
{
	handover_segment_free(&w->handover);
	note_segments_free(w->note, w->note_n);
	memmap_free(&w->ram);
	memmap_free(&w->dump);
	memmap_free(&w->map);
	free(w->device);
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
	/* segment "kernel" points to it */
	p->laid_out = w.image.laid_out;
	work_free(&w);
	return err;
}

void plan_free(struct plan *p)
{
	segments_free(&p->segments);
	free(p->laid_out);
	free(p->initrd);
	free(p->block.bytes);
	free(p->command_line);
	lines_free(&p->warnings);
	lines_free(&p->notices);
	decisions_free(&p->decisions);
}
