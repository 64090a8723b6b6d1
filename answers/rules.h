/* SPDX-License-Identifier: GPL-2.0-only */
/* What a rule of check is given, and how it tells what it found. */
#ifndef RULES_H
#define RULES_H

#include "check.h"
#include "pages.h"

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
	struct dump *d;
	const struct rule *rule; /* being asked */
	struct check_entry *entry;
	size_t entry_n;
	u64 *unused; /* of each unit: see view_entry; not in @entry */
	struct checked *out;
	const char *vmlinux;
	struct reach_index *reach;   /* made when it is first asked for */
	struct mapped_pages *mapped; /* likewise: page_rules.c */
	u32 names;		     /* looked for so far */
	bool nomem;
	struct check_finding dropped; /* takes what is not kept */
	void (*progress)(void *arg, u64 pages);
	void *arg;
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
 * it afterwards, by requester or as a device.
 */
struct check_finding *found(struct check *c, enum check_severity s, u32 unit,
			    const char *why, ...)
	__attribute__((format(printf, 4, 5)));
void found_device(struct check *c, struct check_finding *f, size_t device);
void found_requester(struct check *c, struct check_finding *f, u32 unit,
		     u32 requester);
/* Instead of the rule's. */
void advise(struct check_finding *f, const char *advice);
/* The rule has no answer, or none for @unit. */
void undecided(struct check *c, u32 unit, const char *why, ...)
	__attribute__((format(printf, 3, 4)));

/* Is its DMA known to be held since the crash? */
bool held(const struct check *c, u32 unit, u32 requester);

/* --- device_rules.c: what a device reaches beside what is mapped for it --- */

void ask_pass_through(struct check *c);
void ask_unit_off(struct check *c);
void ask_no_unit(struct check *c);
void ask_lazy(struct check *c);
void ask_ats(struct check *c);
void ask_pasid(struct check *c);
void ask_vfio(struct check *c);
void ask_groups(struct check *c);

/* --- memory_rules.c: memory that is not for a device --- */

void ask_region(struct check *c);
void ask_reservation(struct check *c);
void ask_crash_cma(struct check *c);
void ask_own_tables(struct check *c);

/* --- crash_rules.c: what happened --- */

void ask_faults(struct check *c);
void ask_quiesce(struct check *c);
void ask_refused(struct check *c);
void ask_malformed(struct check *c);
void ask_digest(struct check *c);
void ask_purgatory(struct check *c);
void ask_notes(struct check *c);
void ask_missing(struct check *c);

/* --- page_rules.c: what the mapped pages are --- */

enum page_rule {
	RULE_FREED,
	RULE_FREED_READ, /* ..., for reading alone */
	RULE_TABLE,
	RULE_IOMMU,
	RULE_CODE,
	RULE_STACK,
	RULE_PERCPU,
	RULE_OBJECT,
	RULE_KERNEL_READ, /* one of the five before, for reading alone */
	RULE_FILE_DIRTY,
	RULE_FILE,
	RULE_BOUNCED,
	RULE_STALE,
	RULE_NOBODY, /* of a table that no device has */
	PAGE_RULES
};
/* Which of them looks for such a page; PAGE_RULES: none. */
u32 page_rule(const struct page_facts *f, u32 perm);
/*
 * Is there no device that has the table? The kernel is asked which it has, for
 * notes may be older; where some could not be read, the table may be of one.
 */
bool of_nobody(const struct check *c, const struct mapped_table *t);

struct mapped_pages;
void mapped_pages_free(struct mapped_pages *m);
void ask_freed(struct check *c);
void ask_kernel_memory(struct check *c);
void ask_file_pages(struct check *c);
void ask_double(struct check *c);
void ask_stale(struct check *c);
void ask_bounced(struct check *c);
/* As a part of what is said of lazy invalidation. */
void ask_pending(struct check *c);

/* --- iova_rules.c: I/O addresses --- */

const struct group_iovas *iovas_of_group(const struct iovas *v, u32 group);
/* Does some of @run lie where the kernel has none in use? The first such @part. */
bool iova_is_stale(const struct group_iovas *g, const struct iommu_run *run,
		   struct iommu_run *part);
/*
 * Windows of PCI host bridges are kept from being handed out as if they were in
 * use (Linux: drivers/iommu/dma-iommu.c, iova_reserve_pci_windows): nothing is
 * to be mapped there.
 */
void drop_windows(struct iovas *v, const struct facts *f);
/* What flush queues held. */
void found_pending(struct check *c, const struct iovas *v);

#endif
