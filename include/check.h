/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What endangers a dump, or the isolation of devices: rules are asked of what
 * is known (answers/rules.c), and give findings. Hosted only.
 */
#ifndef CHECK_H
#define CHECK_H

#include "answers.h"

enum check_severity {
	/* memory could be written that must not, or the dump lost */
	CHECK_SERIOUS,
	/* isolation is weaker than it looks, or an answer may lack */
	CHECK_WARNING,
	/* good to know */
	CHECK_NOTE,
	CHECK_SEVERITIES
};

/* Who a finding is about: a device, or a requester that no device has. */
struct check_who {
	size_t device; /* index; CHECK_NO_DEVICE: a requester */
	u32 unit, requester;
};
#define CHECK_NO_DEVICE ((size_t)-1)
#define CHECK_WHO_MAX 64u /* of one finding */

struct check_finding {
	const char *rule;
	u32 unit; /* REC_NONE: about none */
	char *why;
	const char *advice;
	/* The advice goes on with a mode of kexec(8) that helps; NULL: none. */
	const char *mode;
	struct check_who *who;
	size_t who_n;
	bool more_who;
	bool has_range; /* that was found mapped */
	struct iommu_run range;
};

struct check_undecided { /* a rule had no answer, or none for @unit */
	const char *rule;
	u32 unit; /* REC_NONE: for none */
	char *why;
};

struct checked {
	struct check_finding **found[CHECK_SEVERITIES];
	size_t found_n[CHECK_SEVERITIES];
	struct check_undecided *undecided;
	size_t undecided_n;
	bool more;	 /* findings than are kept */
	bool incomplete; /* something is undecided, or not kept */
};

/*
 * Asks all rules. @vmlinux as for dump_kernel(). 0 or -ENOMEM; @out is to be freed in either case. @progress
 * is told how many pages of tables were read, now and then.
 */
int check(struct dump *d, const char *vmlinux,
	  void (*progress)(void *arg, u64 pages), void *arg,
	  struct checked *out);
void checked_free(struct checked *c);

#endif
