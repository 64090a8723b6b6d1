/* SPDX-License-Identifier: GPL-2.0-only */
/* A plan made from a tree and options, with all that it points to. */
#ifndef TESTS_KEXEC_FIXTURE_H
#define TESTS_KEXEC_FIXTURE_H

#include <time.h>
#include "gather.h"
#include "handover.h"
#include "host.h"
#include "memmap.h"
#include "options.h"
#include "plan.h"

#define FIXTURE_PURGATORY 8192
#define FIXTURE_INITRD 5000

/* A purgatory of a fixed size, so that the real one's does not matter. */
void fixture_purgatory(u8 image[FIXTURE_PURGATORY]);

struct fixture {
	char *root_path;
	struct sysroot root;
	struct options options;
	struct facts facts;
	struct host host;
	struct memmap firmware;
	struct file kernel, initrd;
	u8 purgatory[FIXTURE_PURGATORY], initrd_bytes[FIXTURE_INITRD];
	struct plan plan;
	clock_t ticks; /* processor time of reading and planning */
};

/*
 * @argv as kexec gets it; the kernel's name in it does not matter, the file
 * is @image. 0, or -1 with @e; free it in any case.
 */
int fixture_make(struct fixture *x, const char *tree, const char *image,
		 int argc, char **argv, struct error *e);
void fixture_free(struct fixture *x);

const struct segment *fixture_segment(struct fixture *x, const char *name);
struct handover *fixture_handover(struct fixture *x);

/* kexec_contract.c: the purgatory's side, which has names of its own. */
u32 contract_check(const struct handover *h, const struct span *image);
bool contract_digest(const struct handover *h);

#endif
