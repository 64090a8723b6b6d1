/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The plan: what will lie where when this kernel is left, and what the
 * purgatory is to do. Made from facts and opened files alone: no system call
 * but for memory.
 */
#ifndef KEXEC_PLAN_H
#define KEXEC_PLAN_H

#include <stdio.h>
#include "facts.h"
#include "handover.h"
#include "host.h"
#include "options.h"
#include "segments.h"

struct image;

/* What the kernel module is handed: see include/handover_request.h. */
struct module_block {
	u8 *bytes; /* NULL: nothing */
	u64 bytes_n, memsz;
	struct span load;
	struct handover handover; /* sealed */
};

struct plan_input {
	const struct options *options;
	const struct facts *facts;
	const struct host *host;
	const struct file *kernel;
	const struct file *initrd; /* data NULL: none */
	const struct file *dtb;	   /* likewise; or NULL */
	/* What is left when this kernel goes: only for a load without -p. */
	const struct memmap *firmware;
	bool module; /* the running kernel has the module iommu_handover */
	const u8 *purgatory; /* struct purgatory_header first */
	size_t purgatory_len;
};

struct plan {
	const struct facts *facts;
	bool panic;
	/* the mode in force, which may be less than the options ask for */
	struct decisions decisions;
	char release[65]; /* of the image */
	char *command_line;
	struct segments segments;
	u64 entry;	/* into the purgatory */
	void *laid_out; /* a segment's bytes that it does not own; or NULL */
	/*
	 * kexec_file_load(2): no segments, but an initrd with notes (NULL: as
	 * it was given).
	 */
	bool file_load;
	struct module_block block;
	u8 *initrd;
	u64 initrd_len;
	struct lines warnings;
	struct lines notices; /* what was done unasked */
};

/* Is /proc/iomem there, with addresses? -1 with @e. */
int plan_check_iomem(const struct facts *f, struct error *e);
/*
 * Can anything be loaded at all? Cheap; plan_make() does it too. -1 with @e.
 */
int plan_check_memory(const struct facts *f, bool panic, struct error *e);
/* -1 with @e. plan_free() in any case. */
int plan_make(struct plan *p, const struct plan_input *in, struct error *e);
/* The same for kexec_file_load(2): without the module, modes off and record. */
int plan_make_file(struct plan *p, const struct plan_input *in,
		   struct error *e);
/* The kernel's image, if the options let it be one of its kind. */
int plan_parse(struct image *image, const struct plan_input *in,
	       struct error *e);
/*
 * Digest and checksum into the purgatory's struct handover: the last step
 * before loading, left out when nothing is loaded.
 */
void plan_seal(struct plan *p);
void plan_free(struct plan *p);

/* For people. */
void plan_print(const struct plan *p, FILE *f);
/* For programs, as kexec-schema.json describes it; -1 without memory. */
int plan_print_json(const struct plan *p, FILE *f);

#endif
