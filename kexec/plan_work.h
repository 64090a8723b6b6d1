/* SPDX-License-Identifier: GPL-2.0-only */
/* A plan in the making: what the files plan*.c share. */
#ifndef KEXEC_PLAN_WORK_H
#define KEXEC_PLAN_WORK_H

#include "arch.h"
#include "handover_segment.h"
#include "iommu.h"
#include "iommu_notes.h"
#include "memmap.h"
#include "plan.h"

/* Everything on the way from the input to the plan. */
struct work {
	const struct plan_input *in;
	struct plan *plan;
	const struct options *o;
	const struct facts *facts;
	struct image image;
	struct memmap ram;     /* of the machine */
	struct memmap dump;    /* what /proc/vmcore will hold */
	struct memmap map;     /* of the next kernel */
	struct span window[1]; /* of the crash kernel */
	struct note_segment *note;
	size_t note_n;
	struct handover_segment handover;
	struct span *device; /* registers in the identity map */
	size_t device_n;
	struct handover *ho; /* in the purgatory's segment */
};

/* Is DMA changed at the crash, not only recorded? */
static inline bool crash_mode(const struct work *w)
{
	return iommu_mode_quiesces(w->plan->decisions.mode);
}

/* plan_rules.c: what must hold before anything is built. */
int plan_check_rules(struct work *w, struct error *e);
void warn_of_versions(struct work *w);
void warn_of_page_size(struct work *w);
void warn_of_table_form(struct work *w);

/* plan.c */
int make_notes(struct work *w, struct error *e);
int make_handover_layout(struct work *w, struct error *e);
void work_free(struct work *w);

/* plan_segments.c: what there is to load, and where it goes. */
int make_maps(struct work *w, struct error *e);
/* Also points w->ho into the purgatory's segment. */
int add_purgatory(struct work *w, struct error *e);
int make_device_spans(struct work *w, struct error *e);
int add_segments(struct work *w, struct error *e);
int place_segments(struct work *w, struct error *e);
struct boot boot_of(const struct work *w);
struct identity_request identity_of(const struct work *w);

/* plan_contents.c: the bytes of segments that depend on the rest. */
/* What the purgatory is handed, but for addresses. */
int set_handover(struct work *w, struct error *e);
/* Once all segments are placed. */
int fill_segments(struct work *w, struct error *e);

#endif
