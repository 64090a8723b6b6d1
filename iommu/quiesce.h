/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the vendors' switches share: bounded polls, checked reads of the dead
 * kernel's memory, verdicts on its page tables, page tables of our own, and
 * what is counted and reported. A vendor's work space begins with struct
 * quiesce, and holds whatever is too large for a stack.
 */
#ifndef IOMMU_QUIESCE_H
#define IOMMU_QUIESCE_H

#include "iommu.h"

/* Page tables of our own, by what becomes of DMA that goes through them. */
enum target {
	TARGET_EMPTY, /* nothing is mapped */
	TARGET_SINK,  /* every page is the scratch page */
	TARGET_GUARD, /* identity, without the guarded memory and kept tables */
	TARGET_PASS,  /* identity, all of it */
	TARGETS
};

/* What becomes of an old entry in copy mode. */
enum fate {
	FATE_KEEP,
	FATE_GUARD, /* it passes untranslated */
	FATE_ABORT
};

/* The form of our own page tables, which the vendor chooses. */
struct own_form {
	struct iommu_table table; /* its root is not filled in */
	u32 large;		  /* highest level whose entries map pages */
	u32 bits;		  /* of the addresses that can be mapped */
};

struct own_table {
	bool tried;
	int err; /* why it could not be built */
	u64 root;
};

/* Verdict on an old page table: domains are shared by many requesters. */
struct old_verdict {
	struct iommu_table table;
	struct iommu_evidence ev; /* its err is IOMMU_OK, or the rule broken */
};

#define OLD_VERDICTS 32

/* Old tables are read through this: inside RAM, outside the guard spans. */
struct old_mem {
	struct mem m;
	const struct iommu_quiesce *q;
};

struct quiesce {
	struct iommu_quiesce *q;
	struct iommu_result *res;
	const struct iommu_config *c; /* as found */
	u64 time_left;		      /* us, for polls */
	u64 polls_left;
	int write_err; /* of the first write that failed */
	struct old_mem old;
	/*
	 * Of the dead kernel's memory, what the unit may go on with: no kept
	 * table may map it, or lie there.
	 */
	const struct span *live;
	u32 live_n;
	/* old_tables.c */
	u64 check_start;
	u64 tables_left;
	u64 last_entry[IOMMU_LEVELS_MAX]; /* followed, by level it stands at */
	struct iommu_evidence descend_ev;
	u32 verdict_n;
	struct old_verdict verdict[OLD_VERDICTS];
	/* own_tables.c */
	struct own_form form;
	struct own_table own[TARGETS];
	struct iommu_iter iter;
};

/* --- quiesce.c --- */

/* Clears @s and @res. */
void quiesce_start(struct quiesce *s, struct iommu_quiesce *q,
		   struct iommu_result *res);
/* Is there something to switch? Else s->res says what there is instead. */
bool quiesce_wanted(struct quiesce *s);
/* Takes the first error, which is the cause of the others. Returns @err. */
int quiesce_fail(struct quiesce *s, u32 err, u32 level, u64 where, u64 raw0,
		 u64 raw1);
/* Tells of an entry that was not kept as it was. */
void quiesce_report(struct quiesce *s, const struct iommu_evidence *ev,
		    u32 mode);
/* @n requesters were led to @target. */
void quiesce_count(struct quiesce *s, enum target target, u32 n);
/*
 * Counts and reports what @ev says of an entry. True: it is kept; else @id is
 * what it is led to. @guard_err: why TARGET_GUARD is not to be had.
 */
bool quiesce_kept(struct quiesce *s, enum fate fate, int guard_err,
		  struct iommu_evidence *ev, enum target *id);
/* This unit's first override at or behind @requester; NULL: none. */
const struct iommu_override *quiesce_override(const struct quiesce *s,
					      u32 requester);
/* Zeroed memory of the arena; 0: no room. */
u64 quiesce_alloc(struct quiesce *s, u64 len, u64 align);
/* Writes into the arena; s->write_err keeps the first error. */
void quiesce_write(struct quiesce *s, u64 where, const void *data, u32 len);
/* Fills @len bytes at @where with @n words over and over; @n divides 64. */
void quiesce_fill(struct quiesce *s, u64 where, u64 len, const u64 *words,
		  u32 n);

/* --- poll.c --- */

struct poll {
	u64 start;
	u64 time; /* us, and polls, that this one may take */
	u64 polls;
};

/* A poll that may take the @share'th part of what is left. */
struct poll poll_start(struct quiesce *s, u32 share);
/* False when time is up; a last look is allowed then. */
bool poll_again(struct quiesce *s, struct poll *p);
void poll_end(struct quiesce *s, const struct poll *p);
/*
 * Until the bits of @mask read as @want; a timeout is quiesce_fail()ed. @share:
 * as in poll_start.
 */
int poll_reg(struct quiesce *s, u32 off, u32 width, u64 mask, u64 want,
	     u32 share);

/* --- old_tables.c --- */

/* From here on s->old reads the dead kernel's tables, checked. */
void old_start(struct quiesce *s);
/* May it be the dead kernel's own: in RAM, and nowhere on guarded memory? */
bool old_is_ram(const struct quiesce *s, u64 start, u64 len);
/* Is there time to look at more of them? */
bool old_in_time(const struct quiesce *s);
/*
 * Is the table well formed, in RAM, and nowhere on guarded memory? IOMMU_OK,
 * or the rule that is broken, with @ev but for its requester. Its pages are
 * taken out of TARGET_GUARD, where that is built: who goes through it could
 * change them once they are checked.
 */
int old_table_check(struct quiesce *s, const struct iommu_table *t,
		    struct iommu_evidence *ev);

/* --- own_tables.c: tables of the form s->form --- */

/*
 * Builds what @target's requesters go through, once. IOMMU_EUNSUPPORTED where the
 * vendor has chosen no form.
 */
int own_table(struct quiesce *s, enum target target, u64 *root);
/* Takes [@start, @start + @len) out of TARGET_GUARD, if there is one. */
int own_guard_punch(struct quiesce *s, u64 start, u64 len);
/* Bytes that @target may take of the arena, with @guards guard spans. */
u64 own_table_need(const struct own_form *f, enum target target, u32 guards,
		   u64 ram_end);
/* And for holes where the tables of @requesters lie. */
u64 own_punch_need(const struct own_form *f, u32 requesters);

#endif
