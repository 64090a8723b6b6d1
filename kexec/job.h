/* SPDX-License-Identifier: GPL-2.0-only */
/* Carries out what the options ask for. */
#ifndef KEXEC_JOB_H
#define KEXEC_JOB_H

#include "options.h"

struct purgatory_image {
	const u8 *bytes;
	size_t len;
};

/*
 * On the machine whose proc and sys lie below @root. The exit status;
 * messages go to standard error.
 */
int job_run(const struct options *o, const char *root,
	    const struct purgatory_image *purgatory);

#endif
