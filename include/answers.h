/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Answers from a dump, or from the running system: what each unit was set to,
 * which entry each requester had, who reached a page. answers/ finds them,
 * iommudump(8) prints them. Hosted only.
 */
#ifndef ANSWERS_H
#define ANSWERS_H

#include "dump.h"
#include "gather.h"
#include "pages.h"

/*
 * Replaces what notes said, if they said anything, by what the dead kernel's
 * own structures say. @vmlinux: of that kernel, with DWARF and symbols; NULL:
 * kallsyms and BTF in the dump have to do; the first that is given for @d
 * counts. Returns as dump_open; what could not be read stands in
 * d->facts.missing, and @d stays open in any case.
 */
int dump_kernel(struct dump *d, const char *vmlinux, char *err, size_t err_len);
/*
 * Brings the devices that notes recorded at the load to what the dead kernel
 * itself says of them; d->at_load has the difference. What can't be read stands
 * among what is missing. 0 or -ENOMEM. Before anything is asked of @d.
 */
int dump_since_load(struct dump *d, const char *vmlinux);

/*
 * Where a byte is that the dead kernel had at @virt: by its page tables. NULL,
 * or why that is not known.
 */
const char *dump_virtual(struct dump *d, u64 virt, u64 *phys);
/* Where the dead kernel had its symbol @name; otherwise as dump_kernel. */
int dump_symbol(struct dump *d, const char *vmlinux, const char *name,
		u64 *virt, char *err, size_t err_len);
/*
 * What pages of the dead kernel were, to be asked by pages_ask(); kept with
 * @d. NULL: nothing can be known of them, and @err says why.
 */
struct pages *dump_pages(struct dump *d, const char *vmlinux, char *err,
			 size_t err_len);
/* The running system: gather and kcore; same shape. */
int dump_open_live(struct dump *d, const struct gather_opts *o, char *err,
		   size_t err_len);

enum view_when {
	VIEW_CRASH, /* registers of the crash note (live: now), dumped memory */
	VIEW_LOAD,  /* registers and tables as recorded at load time */
};

#define VIEW_NO_PASID 0xffffffffu

const struct crash_unit *view_crash_unit(const struct dump *d, u32 unit);
/* Those of the crash, or else of the load; NULL: none are recorded. */
const struct iommu_regs *view_regs(const struct dump *d, u32 unit);
/*
 * Bits of a register that are not known, since it was not read but put together
 * from what the kernel keeps; 0 of one that was read. It is the register that
 * view_config() goes by.
 */
u64 view_reg_unknown(const struct dump *d, u32 unit, enum view_when when,
		     u32 off);
/*
 * What the registers of @unit said. IOMMU_EUNSUPPORTED: unknown vendor;
 * IOMMU_EREAD: registers not recorded. Without a crash note VIEW_CRASH falls
 * back on the load-time registers and sets *@fallback (may be NULL).
 */
int view_config(const struct dump *d, u32 unit, enum view_when when,
		struct iommu_config *c, bool *fallback);
/* Why it, or what follows from it, is not to be had. */
const char *view_error_text(const struct dump *d, u32 unit, int err);
/* Memory to go with it; NULL: none. Owned by @d. */
struct mem *view_mem(struct dump *d, enum view_when when);

/*
 * What a pending fault says; false: only its vendor knows, who is unknown.
 * view_fault_text has the words for its reason.
 */
bool view_fault(const struct dump *d, u32 unit,
		const struct iommu_fault_raw *raw, struct iommu_fault *f);
const char *view_fault_text(const struct dump *d, u32 unit, u32 reason);

/* Devices whose DMA may carry @requester at @unit: their indices, at most max. */
size_t view_devices(struct dump *d, u32 unit, u32 requester, size_t *out,
		    size_t max);
/*
 * Requesters that DMA of a device may carry: its own first, then aliases.
 * Behind an SMMU aliases are streams, and where there are any, all there are.
 */
size_t view_requesters(struct dump *d, size_t device, u32 *out, size_t max);

/* The DMA of a device that is asked for by its name. */
#define VIEW_DMA_MAX 16
struct view_dma {
	bool known; /* as a device; else unit is guessed from the tables */
	u32 unit;   /* REC_NONE: not known */
	u32 group;  /* REC_NONE: not known */
	u32 id[VIEW_DMA_MAX]; /* what it may carry */
	size_t n;	      /* at least one */
};
void view_dma(struct dump *d, u32 segment, u32 requester, struct view_dma *dma);

/*
 * Is a device known that may send with @requester? An IOMMU is none. True also
 * where no device of the unit is known at all.
 */
bool view_sender(struct dump *d, u32 unit, u32 requester);
/* Is that device an IOMMU? */
bool view_is_iommu(const struct fact_device *d);

/* What became of a requester when the purgatory was done. */
enum view_after {
	AFTER_UNKNOWN,
	AFTER_SAME,    /* nothing was changed */
	AFTER_KEPT,    /* keeps its translation, from tables of our own */
	AFTER_GUARDED, /* passes untranslated, the crash kernel left out */
	AFTER_ABORTED,
	AFTER_SUNK,
};
enum view_after view_after(struct dump *d, u32 unit, u32 requester);
/* The same of an entry that the purgatory told of. */
enum view_after view_after_entry(const struct rec_entry *e);
const char *view_after_text(enum view_after a);

/* Addresses at which requests are never for memory (iommu_vendor.special). */
#define VIEW_SPECIAL_MAX 8
struct view_special {
	struct span at[VIEW_SPECIAL_MAX]; /* rising; some may be empty */
	u32 n;
};

/* One entry of a unit's tables. */
struct view_entry {
	u32 unit;
	u32 requester;
	u32 pasid; /* VIEW_NO_PASID: requests without one */
	int err;   /* of the lookup: IOMMU_EREAD and the like */
	/*
	 * It lets everything pass, but nobody wrote it (it is all zeros, as a
	 * device table of AMD-Vi begins), and no device is known that would
	 * send with this requester; an IOMMU's own function is none.
	 */
	bool unused;
	struct view_special special; /* of requests with a PASID none */
	struct iommu_domain domain;
	struct iommu_evidence ev;
};

/* What a lookup read on its way, in order: root, context, ... */
#define VIEW_TRAIL_MAX 8
struct view_trail {
	u32 n;
	struct {
		const char *at; /* "root", "context", ... */
		u64 where;
		u32 words;
		u64 raw[IOMMU_RAW_MAX];
	} step[VIEW_TRAIL_MAX];
};

/* Looks one requester up. Returns as view_entries; e->err is the lookup's. */
int view_lookup(struct dump *d, u32 unit, enum view_when when, u32 requester,
		u32 pasid, struct view_entry *e, struct view_trail *trail);
/*
 * Where the entry leads @iova, for any access: as iommu_translate, or as
 * view_config where the unit's registers can't be told.
 */
int view_translate(struct dump *d, enum view_when when,
		   const struct view_entry *e, u64 iova, struct iommu_xlat *x,
		   struct iommu_evidence *ev);

/* Why a request for @iova by this entry is never one for memory; NULL: it is. */
const char *view_special_text(const struct dump *d, enum view_when when,
			      const struct view_entry *e, u64 iova);
/*
 * Is the physical range untouched by who passes untranslated: special as a
 * whole, or beyond the entry's width?
 */
bool view_pass_misses(const struct view_entry *e, const struct span *range);

/*
 * Every entry that is present, malformed or not to be read. @each returns
 * false to stop. IOMMU_OK, or why the unit's tables can't be told: as
 * view_config, IOMMU_EREAD without memory, IOMMU_EBUDGET when they never end.
 */
int view_entries(struct dump *d, u32 unit, enum view_when when,
		 bool (*each)(void *arg, const struct view_entry *e),
		 void *arg);

/* --- interrupts --- */

struct view_irq_table {
	u32 unit;
	u32 requester; /* REC_NONE: of all requesters of the unit */
	int err;       /* it can't be told; ev says why */
	struct iommu_irq_table table;
	struct iommu_evidence ev;
};

/* How many entries of all units together are looked at. */
#define VIEW_IRQS_MAX (1u << 22)

struct view_irqs {
	/* Each table there is, or that can't be told; false: no entries. */
	bool (*table)(void *arg, const struct view_irq_table *t);
	/* Each entry that is not absent, or can't be read; false: stop. */
	bool (*entry)(void *arg, u32 index, int err,
		      const struct iommu_irq *irq);
	void *arg;
	u32 looked;  /* entries so far */
	u32 refused; /* requesters none of whose interrupts is delivered */
};

/*
 * As the registers stood at the crash. IOMMU_OK; IOMMU_EUNSUPPORTED where the
 * vendor has none such; IOMMU_EREAD without registers or memory; or
 * IOMMU_EBUDGET.
 */
int view_irqs(struct dump *d, u32 unit, struct view_irqs *v);

/* --- words; NULL for a value that is not known --- */

const char *view_vendor_text(u32 vendor);
const char *view_reg_text(u32 vendor, u32 off);
const char *view_since_text(u32 since); /* enum since_load */
const char *view_outcome_text(u32 outcome);
const char *view_step_text(u32 step);
const char *view_domain_type_text(u32 type);
const char *view_kind_text(u32 kind);
const char *view_region_text(u32 type);
const char *view_reach_text(u32 why); /* enum reach_why */
const char *view_irq_text(u32 kind);
const char *view_level_text(u32 level); /* of evidence; page tables too */
const char *view_invalidation_text(u32 invalidation);
const char *view_note_text(u32 type);
const char *view_record_text(u32 type);
const char *view_form_text(const struct iommu_config *c);

/* --- all that a table maps --- */

/* What is mapped at [src, +2^bits) is also mapped at dst, n times in a row. */
struct scan_repeat {
	u64 src, dst;
	u32 bits;
	u32 n;
};

/* Does @b go on where @a ends? */
static inline bool run_joins(const struct iommu_run *a,
			     const struct iommu_run *b)
{
	return a->iova + a->len == b->iova && a->pa + a->len == b->pa &&
	       a->perm == b->perm;
}

/* Many runs, in the order in which they were added (answers/runs.c). */
struct runs_part;
struct runs {
	struct runs_part *first, *last;
	size_t n; /* neighbours that join count as one */
	/* Where the first one begins, and the last one ends. */
	struct runs_end {
		u64 iova, pa;
		u32 perm;
	} begin, end;
};
/* False: no memory. */
bool runs_add(struct runs *r, const struct iommu_run *run);
bool runs_add_pages(struct runs *r, const struct iommu_pages *pages);
/* @b, which is emptied, comes behind @a. */
void runs_join(struct runs *a, struct runs *b);
void runs_free(struct runs *r);

struct runs_at {
	const struct runs_part *part;
	u64 word; /* in it, that is next */
	u64 end;  /* where the run before it ended */
	struct iommu_run ahead;
};
struct runs_at runs_begin(const struct runs *r);
/* The next one; false: there is none. */
bool runs_next(struct runs_at *at, struct iommu_run *run);

struct scanned {
	struct runs runs;
	struct scan_repeat *repeat;
	size_t repeat_n;
	struct iommu_evidence *ev; /* the first ones */
	size_t ev_n;
	u64 errors; /* all of them */
	u64 gaps;   /* those that hide mappings: not what stops the DMA */
	struct iommu_evidence gap; /* the first of these */
	bool full;		   /* there are more runs than were asked for */
	/* By which it writes a table that is its own subtable; len 0: none. */
	struct iommu_run own;
	u64 tables;
};

void scanned_free(struct scanned *s);

/* One stage of a domain at the crash. */
#define SCAN_UPPER 2u /* first stage of addresses whose upper bits are ones */
struct view_scan {
	const struct view_entry *e;
	u32 stage;		 /* 0, 1 or SCAN_UPPER */
	const struct span *iova; /* only what overlaps this; NULL: all */
	size_t runs_max;
	/* Table pages read so far, now and then; may be NULL. */
	void (*progress)(void *arg, u64 tables);
	void *arg;
};
/*
 * IOMMU_OK, IOMMU_EREAD without memory or registers, or IOMMU_ENOSPACE; @out
 * is to be freed by scanned_free in any case.
 */
int view_scan(struct dump *d, const struct view_scan *v, struct scanned *out);

/* Do the two entries, of one unit, map the same? */
bool same_maps(const struct view_entry *a, const struct view_entry *b);

/* --- who reaches a range of physical memory --- */

#define REACH_RUNS_MAX 32 /* kept of one table; more are counted */
#define REACH_HITS_MAX 16384

enum reach_why {
	REACH_TABLE,   /* its tables map the range */
	REACH_PASS,    /* its entry passes everything untranslated */
	REACH_OFF,     /* its unit translates nothing */
	REACH_NO_UNIT, /* it is behind no IOMMU */
};

/* What one distinct table (or pair of stages) says about the range. */
struct reach_table {
	u32 unit;
	struct iommu_table stage[2];
	u32 perm; /* of all runs together */
	struct iommu_run run[REACH_RUNS_MAX];
	u32 runs;
	bool more;		   /* runs beyond those kept */
	u64 gaps;		   /* places where it could not be followed */
	struct iommu_evidence gap; /* the first of them */
};

struct reach_hit {
	u32 why; /* enum reach_why */
	u32 unit;
	u32 requester; /* REC_NONE: all behind a unit that is off */
	u32 pasid;
	u32 perm;
	size_t table;  /* of REACH_TABLE */
	size_t device; /* of REACH_NO_UNIT and REACH_OFF */
};

struct reach_gap { /* a requester, or a whole unit, that was not decided */
	u32 unit;
	u32 requester; /* REC_NONE: the whole unit */
	u32 pasid;
	struct iommu_evidence ev;
};

struct reach {
	struct span target;
	struct reach_table *table;
	size_t table_n;
	struct reach_hit *hit; /* those that can write first */
	size_t hit_n;
	struct reach_gap *gap;
	size_t gap_n;
	u64 unused; /* requesters that pass, see view_entry; none is a hit */
	bool full;  /* there are more hits, and a gap says so */
	u64 tables_read;
};

/* A requester whose DMA may change the tables that decide on it. */
struct reach_own {
	u32 unit, requester, pasid;
	struct iommu_run run; /* by which it does */
};

/*
 * All mappings of all requesters by where they lead to: made once, for any
 * number of questions. @range: only of these it will be asked, which takes
 * memory for their mappings alone; NULL: of anything.
 */
struct reach_index;
struct reach_wanted {
	const struct span *range;
	size_t n;
	bool own; /* reach_own_tables will be asked */
	/* Table pages read so far, now and then; may be NULL. */
	void (*progress)(void *arg, u64 tables);
	void *arg;
};
/* NULL: no memory. */
struct reach_index *reach_index(struct dump *d, const struct reach_wanted *w);
void reach_index_free(struct reach_index *ix);
const struct reach_own *reach_own_tables(const struct reach_index *ix,
					 size_t *n);
/* 0 or -ENOMEM; @out is to be freed in either case. */
int reach_ask(const struct reach_index *ix, const struct span *target,
	      struct reach *out);
/* The two for one question. */
int reach(struct dump *d, const struct span *target, struct reach *out);
void reach_free(struct reach *r);

/* --- who maps what --- */

#define MAPPED_REQUESTERS_MAX 64u /* named of one table */

struct mapped_range { /* of physical memory */
	u64 start, len;
	u32 perm;
	bool partly; /* gaps in it, or of other permissions */
};

/* A distinct table, or pair of stages. */
struct mapped_table {
	struct view_entry e; /* the first that points to it */
	u32 requester[MAPPED_REQUESTERS_MAX], pasid[MAPPED_REQUESTERS_MAX];
	u32 n;	   /* of these */
	bool more; /* there are more of them */
	u64 runs, bytes;
	u64 gaps; /* places where it could not be followed */
	struct mapped_range *range;
	size_t range_n;
};

struct mapped {
	struct mapped_table *table;
	size_t table_n;
	struct reach_hit *plain; /* whose DMA is not translated */
	size_t plain_n;
	bool more; /* tables or entries than are listed */
};
/* 0 or -ENOMEM; @out is to be freed in either case. As check(). */
int view_mapped(struct dump *d, void (*progress)(void *arg, u64 pages),
		void *arg, struct mapped *out);
/* The same without going through the tables. @only: its DMA's; NULL: all. */
int view_tables(struct dump *d, const struct view_dma *only,
		struct mapped *out);
void mapped_free(struct mapped *m);
/*
 * What a table maps, exactly: each of its stages that leads to memory. How
 * many places could not be followed is returned.
 */
u64 view_table_runs(struct dump *d, const struct mapped_table *t,
		    void (*progress)(void *arg, u64 pages), void *progress_arg,
		    void (*stage)(void *arg, const struct scanned *s),
		    void *arg);

/* Looks at the pages that runs lead to, one after the other. */
struct page_looks {
	struct pages *p;
	u64 left;  /* pages that it still looks at */
	bool more; /* than that there were */
	/* @part of the run is one thing; or a page of one that is larger. */
	void (*each)(void *arg, const struct iommu_run *part,
		     const struct page_facts *f);
	void *arg;
};
#define PAGE_LOOKS_MAX (1u << 24) /* 64 GiB in pages of 4 KiB */
void look_at_run(struct page_looks *l, const struct iommu_run *run);

/*
 * All physical memory that any table maps: what DMA of translated devices goes
 * to. Sorted, none twice; perm is 0.
 */
struct frames {
	struct mapped_range *range;
	size_t range_n;
	size_t untranslated; /* requesters whose memory nobody knows */
	u64 gaps;	     /* places where tables could not be followed */
	bool more;	     /* tables than could be read */
};
/* 0 or -ENOMEM; @out is to be freed in either case. As check(). */
int view_frames(struct dump *d, void (*progress)(void *arg, u64 pages),
		void *arg, struct frames *out);
void frames_free(struct frames *f);

#endif
