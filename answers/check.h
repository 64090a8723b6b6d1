/* SPDX-License-Identifier: GPL-2.0-only */
/* iommudump check: what a rule gets, and how it tells what it found. */
#ifndef CHECK_H
#define CHECK_H

#include "../iommudump/report.h"

enum severity {
	SERIOUS, /* memory could be written that must not, or the dump lost */
	WARNING, /* isolation is weaker than it looks, or an answer may lack */
	NOTE,	 /* good to know */
	SEVERITIES
};

/* Of an entry of the top-level tables, what rules ask for. */
struct check_entry {
	u32 unit, requester, pasid;
	u32 kind; /* enum iommu_kind */
	u32 deny; /* of a pass-through */
	bool ats;
	int err; /* of the lookup */
	struct iommu_evidence ev;
};

struct check {
	struct report *r;
	struct dump *d;
	const struct rule *rule; /* being asked */
	struct check_entry *entry;
	size_t entry_n;
	struct json_object *work; /* what goes away again, these among it */
	struct json_object *found[SEVERITIES], *undecided;
	bool more; /* findings than are kept */
	u32 names; /* looked for so far */
};

struct rule {
	const char *name;
	void (*ask)(struct check *c);
	const char *advice;
	/* Goes on with a mode of kexec(8), where it can switch the unit. */
	const char *mode;
};
extern const struct rule check_rules[];
extern const size_t check_rules_n;

/*
 * A finding about @unit (REC_NONE: about none). Who it is about is added to
 * it afterwards, by requester or as a device; more than CHECK_WHO_MAX are
 * not named.
 */
#define CHECK_WHO_MAX 64
struct json_object *found(struct check *c, enum severity s, u32 unit,
			  const char *why, ...)
	__attribute__((format(printf, 4, 5)));
void found_device(struct check *c, struct json_object *o, size_t device);
void found_requester(struct check *c, struct json_object *o, u32 unit,
		     u32 requester);
/* The rule has no answer, or none for @unit. */
void undecided(struct check *c, u32 unit, const char *why, ...)
	__attribute__((format(printf, 3, 4)));

#endif
