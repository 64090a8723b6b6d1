/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The library's API: what an IOMMU is to the rest of the project.
 *
 * The flow is snapshot (registers) -> describe (what they mean) -> lookup (a
 * requester's entry) -> walk (an IOVA, or all of them); and, apart, quiesce.
 * Nothing here allocates, prints, or knows an operating system. Everything
 * is bounded: table levels by IOMMU_LEVELS_MAX, walks by a step budget,
 * register polls by time.
 */
#ifndef IOMMU_H
#define IOMMU_H

#include "base.h"
#include "mem.h"

/* Written into notes: append only. */
enum iommu_vendor_id {
	IOMMU_VENDOR_NONE = 0,
	IOMMU_VENDOR_VTD = 1,
	IOMMU_VENDOR_AMDVI = 2,
	IOMMU_VENDOR_SMMUV3 = 3,
	IOMMU_VENDOR_SMMUV2 = 4,
	IOMMU_VENDOR_VIRTIO = 5,
};

/* What happens to DMA after the crash: kexec(8), MODES. In notes: append only. */
enum iommu_mode {
	IOMMU_MODE_OFF = 0,
	IOMMU_MODE_RECORD = 1,
	IOMMU_MODE_COPY = 2,
	IOMMU_MODE_ABORT = 3,
	IOMMU_MODE_SINK = 4,
	IOMMU_MODE_AUTO = 5,
	IOMMU_MODE_N
};

/* Errors are values. In notes: append only; iommu_err_text() has the words. */
enum iommu_err {
	IOMMU_OK = 0,
	/* memory not readable (outside RAM, not in the dump) */
	IOMMU_EREAD = 1,
	/* entry not present: the IOMMU refuses the request */
	IOMMU_ENOTPRESENT = 2,
	/* present, but not for this kind of access */
	IOMMU_EACCESS = 3,
	/* reserved bits set: the IOMMU refuses the request */
	IOMMU_ERESERVED = 4,
	/* a table pointer outside RAM */
	IOMMU_EADDRESS = 5,
	/* a table that points back at itself or an ancestor */
	IOMMU_ELOOP = 6,
	/* IOVA beyond the address width of its domain */
	IOMMU_EWIDTH = 7,
	/* a form this unit can't have or we do not know */
	IOMMU_EFORM = 8,
	/* a register did not answer within its budget */
	IOMMU_ETIMEOUT = 9,
	/* the arena or an output array is full */
	IOMMU_ENOSPACE = 10,
	/* more table steps than the caller allows */
	IOMMU_EBUDGET = 11,
	/* the unit reports an error (IQE, ITE, ...) */
	IOMMU_EHARDWARE = 12,
	/* maps memory of the crash kernel */
	IOMMU_ERESERVATION = 13,
	/* ATS, PASID or SVA: never kept across a crash */
	IOMMU_ESTALE = 14,
	/* no such unit: registers read as all ones */
	IOMMU_EABSENT = 15,
	/* the CPU trapped while working on it */
	IOMMU_ETRAP = 16,
	/* this vendor, or this unit, can't do it */
	IOMMU_EUNSUPPORTED = 17,
	/* the unit reads back other than was written */
	IOMMU_EREADBACK = 18,
	IOMMU_ERR_N
};

#define IOMMU_LEVELS_MAX 6 /* AMD-Vi host tables */
#define IOMMU_RAW_MAX \
	8 /* u64 words of the widest entry (VT-d PASID, SMMU STE) */

/* Where something was found wrong, with the bits as they stood. */
struct iommu_evidence {
	u32 err;   /* enum iommu_err */
	u32 level; /* IOMMU_AT_*, or page-table level 1..6 */
	u64 where; /* physical address of the entry; 0 where there is none */
	u64 iova;  /* what was looked up, where that applies */
	u32 raw_words; /* words of raw[] in use */
	u32 requester; /* bus << 8 | devfn */
	u64 raw[IOMMU_RAW_MAX];
};
ASSERT_SIZE(struct iommu_evidence, 96);

/* Levels above the page tables, for evidence.level. In notes: append only. */
enum {
	IOMMU_AT_ROOT = 0x10,
	IOMMU_AT_CONTEXT = 0x11,
	IOMMU_AT_PASID_DIR = 0x12,
	IOMMU_AT_PASID = 0x13,
	IOMMU_AT_DTE = 0x14,  /* AMD-Vi device table */
	IOMMU_AT_GCR3 = 0x15, /* AMD-Vi GCR3 table, any level of it */
	IOMMU_AT_IRTE = 0x16, /* entry of an interrupt remapping table */
	/*
	 * SMMU: ROOT is a level 1 descriptor of the stream table, CONTEXT an
	 * STE or S2CR, PASID_DIR a level 1 context descriptor, PASID a CD or
	 * context bank.
	 */
	IOMMU_AT_REGISTER = 0x20, /* where = offset of the register */
	IOMMU_AT_QUEUE = 0x21,
};

/* --- registers --- */

struct iommu_reg {
	u32 off;
	u32 width; /* 4 or 8 bytes */
	u64 val;
};
ASSERT_SIZE(struct iommu_reg, 16);

/*
 * More than any vendor's snapshot has. SMMUv2 keeps its streams in registers:
 * 128 of them, and as many contexts.
 */
#define IOMMU_REGS_MAX 1280

/* Registers in an array that the caller lends. */
struct iommu_regs {
	u32 n;
	u32 room; /* elements of @r */
	struct iommu_reg *r;
};
/* None so far, with room in the array @a. */
#define IOMMU_REGS(a)                           \
	{                                       \
		.room = ARRAY_SIZE(a), .r = (a) \
	}

/* One pending fault record, raw: VT-d uses two words, the others up to four. */
struct iommu_fault_raw {
	u64 w[4];
};

/* Bytes of registers that a unit is believed to have: SMMUv2s have some MiB. */
#define IOMMU_UNIT_BYTES_MAX ((u32)MIB(64))

#define IOMMU_FAULTS_MAX 256 /* VT-d CAP.NFR is 8 bits */

struct iommu_fault {
	u32 requester;
	u32 reason; /* the vendor's code; iommu_vendor.fault_text has the words */
	u64 iova;   /* page address */
	bool write; /* else read (or, with an atomic, both) */
	bool has_pasid;
	u32 pasid;
	bool interrupt; /* an interrupt-remapping fault: iova is the index */
	/* Nothing was refused: a page request, a guest's interrupt. */
	bool notice;
};

#define IOMMU_OWN_WORDS 4

/* What the registers say. */
struct iommu_config {
	u32 vendor; /* enum iommu_vendor_id */
	bool on;    /* DMA is translated at all */
	/*
	 * The form of its tables as a register of the vendor's says it, to be
	 * shown and compared: VT-d RTADDR.TTM, AMD-Vi CONTROL.DevTblSegEn,
	 * SMMUv3 STRTAB_BASE_CFG, SMMUv2 sCR0. form_text has words.
	 */
	u32 form;
	u64 root;	  /* root / device / stream table, physical */
	u64 root_len;	  /* bytes */
	u64 version;	  /* the vendor's version register */
	u64 cap, ecap;	  /* VT-d CAP/ECAP; AMD EFR/EFR2; SMMU IDR0|IDR1, ... */
	u32 address_bits; /* widest input address */
	/*
	 * Of physical addresses, which no register says: describe leaves it 0,
	 * and its caller may know it. Table entries with wider ones break a
	 * rule then.
	 */
	u32 host_bits;
	bool levels_ok[IOMMU_LEVELS_MAX + 1]; /* second-stage depths it walks */
	bool page_2m, page_1g;		      /* second-stage large pages */
	u32 domains;			      /* number of domain ids */
	/* That the tables have a place for; 0: all of 16 bits. */
	u64 requesters;
	bool fault_pending;
	/* Invalidations that CPUs broadcast reach its TLB, too (SMMU BTM). */
	bool hears_cpus;
	bool off_blocks; /* while not on, it refuses DMA (SMMU GBPA.ABORT) */
	/*
	 * The vendor's own: a struct of its header, for its folder alone. It
	 * may point to the registers described, which must outlive this.
	 */
	u64 own[IOMMU_OWN_WORDS];
};
/* Behind the declaration of a vendor's own struct. */
#define ASSERT_OWN(type)                                                       \
	static_assert(sizeof(type) <= sizeof(((struct iommu_config *)0)->own), \
		      #type)

/* --- a requester's entry --- */

enum iommu_kind {
	IOMMU_KIND_BLOCKED = 0, /* nothing of it passes (evidence says why) */
	IOMMU_KIND_PASS = 1,	/* passes untranslated */
	IOMMU_KIND_TABLE = 2,	/* translated by one table */
	IOMMU_KIND_NESTED = 3,	/* first stage over second stage */
};

struct iommu_pt_format;

struct iommu_table {
	const struct iommu_pt_format *format; /* NULL: no such stage */
	u64 root;
	u32 levels;
	u32 root_bits; /* log2 of entries in the root; 0: as in every table */
	u64 base;      /* input address bits above its width, mostly 0 */
	u64 ignored;   /* input address bits that nobody looks at */
	u64 attr; /* the format's own: what the entry above says of these */
};

struct iommu_domain {
	u32 kind;	/* enum iommu_kind */
	u32 did;	/* domain id, where the form has one */
	bool fault_off; /* faults are not reported (FPD, SA, ...) */
	bool ats;	/* translated requests accepted */
	bool pasid;	/* reached through, or able to use, a PASID table */
	u32 deny;	/* of IOMMU_R, IOMMU_W: what a PASS does not let pass */
	u32 pass_bits;	/* of the addresses that a PASS lets pass; 0: all */
	/*
	 * Addresses that pass untranslated whatever the kind (AMD-Vi: the
	 * exclusion range); no length: none.
	 */
	struct span exempt;
	u64 entry_addr; /* the deciding entry, physical */
	u32 entry_words;
	u64 entry[IOMMU_RAW_MAX];
	struct iommu_table stage[2]; /* [0] first stage, [1] second stage */
	/* Arm's TTB1: first stage of addresses whose upper bits are ones. */
	struct iommu_table upper;
};

/* --- page tables --- */

#define IOMMU_R 1u
#define IOMMU_W 2u
#define IOMMU_X 4u

/* One decoded page-table entry. */
struct iommu_pte {
	bool present;
	bool leaf;
	u32 perm;      /* IOMMU_R | IOMMU_W | IOMMU_X */
	u64 addr;      /* next table, or the page */
	u32 err;       /* IOMMU_ERESERVED / IOMMU_EFORM when malformed */
	u32 next;      /* level of the next table; 0: the one below */
	u32 page_bits; /* log2 of a leaf's page; 0: what its entry covers */
};

/*
 * A paging form is data plus one function that decodes ONE entry; arithmetic
 * over levels is shared. Entries have 8 bytes; only a root may hold another
 * number of them than 2^entry_bits (iommu_table.root_bits).
 */
#define IOMMU_ROOT_BITS_MAX 17 /* 16 concatenated tables of 64 KiB */
struct iommu_pt_format {
	const char *name;
	u32 entry_bits; /* log2 of entries in a table: 9, 11, 13 */
	u32 page_shift; /* of a level-1 leaf: 12, 14, 16 */
	void (*decode)(const struct iommu_config *c,
		       const struct iommu_table *t, u32 level, u64 raw,
		       struct iommu_pte *out);
	bool canonical; /* input addresses are sign-extended (first stage) */
	/*
	 * The bits of a leaf that are its page's address and nothing else,
	 * side by side: leaves of one level without a page size of their own
	 * (page_bits) that differ only in these, above the page, say the same
	 * of pages that differ in the same bits. Lets a walk decode one entry
	 * for many. NULL or 0: it must not.
	 */
	u64 (*address)(const struct iommu_table *t);
	/*
	 * An entry of our own that leads to the table at @addr, or, a leaf,
	 * maps the page there: all access, and well formed to decode. NULL
	 * where we build no tables of this form.
	 */
	u64 (*encode)(const struct iommu_config *c, const struct iommu_table *t,
		      u32 level, u64 addr, bool leaf);
};

struct iommu_xlat {
	u64 pa;
	u64 page_size; /* of the smallest leaf on the way */
	u32 perm;
	u32 steps; /* entries that were read */
	struct {
		u32 level; /* 1..6; 0x10.. for IOMMU_AT_* */
		u32 stage; /* 0 first, 1 second */
		u64 where;
		u64 raw;
	} step[2 * IOMMU_LEVELS_MAX + 2];
};

/* A run of contiguous IOVA -> PA with the same permissions. */
struct iommu_run {
	u64 iova;
	u64 pa;
	u64 len;
	u32 perm;
	u32 sizes; /* bit n: pages of 2^(12 + n) bytes; the last: or larger */
};

/*
 * Pages of one size and permissions, side by side as input addresses, none of
 * which is behind the one before in memory. Page i is at entry[i] ^ flip.
 */
struct iommu_pages {
	u64 iova; /* of the first */
	u64 len;  /* of each */
	u32 perm;
	u32 sizes; /* as in a run */
	u32 n;
	u64 flip;
	const u64 *entry; /* good until the walk goes on */
};

static inline struct iommu_run pages_run(const struct iommu_pages *p, u32 i)
{
	return (struct iommu_run){ .iova = p->iova + i * p->len,
				   .pa = p->entry[i] ^ p->flip,
				   .len = p->len,
				   .perm = p->perm,
				   .sizes = p->sizes };
}

/*
 * Walks every mapping of one table in order of IOVA, coalescing neighbours
 * into runs, and says what is wrong on the way. Needs no heap: the caller
 * lends the struct (about 25 KiB).
 */
struct iommu_iter {
	struct mem *mem;
	const struct iommu_config *config;
	struct iommu_table table;
	u64 budget; /* pages of tables that may be read */
	u64 tables; /* pages of tables read so far */
	u32 level;
	bool started, done;
	u64 first, last;   /* iommu_iter_window */
	u64 address;	   /* what the form says */
	struct {	   /* the leaf decoded last */
		u32 level; /* 0: none yet */
		u64 raw;
		u64 address; /* bits that may differ in leaves like it */
		struct iommu_pte pte;
	} like;
	struct { /* what the entry before this one mapped, which was like it */
		u64 len; /* 0: it was not */
		u32 perm, sizes;
	} leaf;
	struct { /* to the table that is being descended into */
		u64 iova;
		u64 offset; /* as windows count */
		u32 perm;
		bool loop; /* it is on the way already */
	} way;
	struct iommu_iter_table {
		u64 addr;
		u64 iova;
		u32 perm;
		u32 index;	/* of the whole table */
		u32 end;	/* behind the last index to look at */
		u32 piece;	/* first index of what entry[] holds */
		u32 up;		/* level of the table that leads here */
		u64 entry[512]; /* the 4 KiB of it around index */
	} at[IOMMU_LEVELS_MAX];
	struct iommu_run pending;
	/*
	 * Optional. Called before a table is descended into; false skips it
	 * (already seen at this level, outside RAM, ...). A sink table would
	 * otherwise cost 512^4 steps.
	 */
	bool (*descend)(void *arg, u64 table, u32 level);
	void *arg;
	/*
	 * A table that is its own subtable is gone through once more at each
	 * level, as hardware does, which has no rule against it: descend has
	 * to bound that. Else such an entry is IOMMU_ELOOP.
	 */
	bool loops;
};

/* --- interrupt remapping --- */

/* What becomes of the interrupts of a requester. */
enum iommu_irq_state {
	IOMMU_IRQS_PASS = 0,  /* they reach the processors as they are */
	IOMMU_IRQS_BLOCK = 1, /* none of them is delivered */
	IOMMU_IRQS_REMAP = 2, /* by a table */
};

struct iommu_irq_table {
	u32 state; /* enum iommu_irq_state */
	u32 entries;
	u64 base;
	u32 entry_bytes; /* 4 or 16 */
	bool x2apic;	 /* destinations have 32 bits, else 8 */
	bool bypass;	 /* VT-d: compatibility-format requests pass it by */
	bool posted;	 /* the unit can post interrupts */
};

enum iommu_irq_kind {
	IOMMU_IRQ_ABSENT = 0,
	IOMMU_IRQ_REMAPPED = 1,
	IOMMU_IRQ_POSTED = 2, /* into memory, or a guest's virtual APIC */
	IOMMU_IRQ_BAD = 3,    /* breaks a rule: err says which */
};

enum iommu_irq_source { /* whose interrupts the entry takes */
	IOMMU_IRQ_ANY = 0,
	IOMMU_IRQ_REQUESTER = 1,
	IOMMU_IRQ_BUSES = 2,
};

/* One decoded entry of an interrupt remapping table. */
struct iommu_irq {
	u32 kind; /* enum iommu_irq_kind */
	u32 err;  /* IOMMU_ERESERVED, IOMMU_EFORM */
	u32 vector;
	u32 destination;
	u32 delivery; /* as the APIC numbers them: iommu_irq_delivery_text() */
	bool logical, level, fault_off, urgent;
	u32 source;	  /* enum iommu_irq_source */
	u32 first, last;  /* requesters, or buses */
	u32 any_function; /* bits of the requester that do not count */
	u64 descriptor;	  /* of a posted one */
	u64 where;
	u32 raw_words;
	u64 raw[2];
};

/* --- quiesce --- */

/* Memory that quiesce may fill with tables; contents need not be zero. */
struct iommu_arena {
	struct span area; /* 4 KiB aligned, inside the crash reservation */
	u64 used;
};

struct iommu_override {
	u32 requester; /* bus << 8 | devfn, or a stream */
	u16 unit;      /* index of the unit in the plan */
	u8 mode;       /* COPY, ABORT or SINK */
	u8 pad;
};
ASSERT_SIZE(struct iommu_override, 8);

/* Requesters, or streams, of a unit: from first to last. */
struct iommu_range {
	u32 first, last;
};
ASSERT_SIZE(struct iommu_range, 8);

/*
 * What units have in common: AMD-Vi units of one PCI segment, and by Linux
 * alone these, have one device table. The first one builds it for all.
 */
#define IOMMU_SHARED_MAX 32
struct iommu_shared_table {
	u64 before, now; /* base address, as found and as left */
	u64 old;	 /* where the entries are as they were found */
	/* All that a unit says of it must be alike: */
	u64 len;    /* bytes */
	u32 first;  /* requester of its first entry */
	u32 n;	    /* entries in use */
	bool read;  /* these were looked at */
	u64 own[4]; /* page tables of ours, by target; 0: none yet */
	u16 did[4]; /* domain ids of these */
	u32 mode;
};
struct iommu_shared {
	u32 n;
	struct iommu_shared_table table[IOMMU_SHARED_MAX];
};

/* More than any vendor's work space takes. */
#define IOMMU_WORK_MAX 65536u

/* What to do with one unit. All pointers belong to the caller. */
struct iommu_quiesce {
	/* Whole physical memory, writable in the arena, and store64. */
	struct mem *mem;
	struct mmio *mmio;
	struct iommu_arena *arena;
	u32 mode; /* RECORD, COPY, ABORT or SINK */
	u32 unit;
	u64 root; /* its base register, at load; 0: not known */
	const struct iommu_override *overrides; /* sorted by unit, requester */
	u32 overrides_n;
	const struct span *ram; /* sorted; table pointers must lie inside */
	u32 ram_n;
	const struct span *guard; /* memory no kept translation may reach */
	u32 guard_n;
	/*
	 * Who there may be, sorted; none: anyone. Others may go without
	 * entries, unless the dead kernel has some there: a stock crash kernel
	 * spends memory on each table that it finds.
	 */
	const struct iommu_range *ranges;
	u32 ranges_n;
	struct iommu_shared *shared; /* zeroed before the first unit; or NULL */
	u64 scratch;		     /* the page that sink sends DMA to */
	u32 budget_us;	     /* for register polls of this unit, in all */
	u32 check_budget_us; /* for reading old tables of this unit, in all */
	/* Told of each entry that is not kept as it was; may be NULL. */
	void (*report)(void *arg, const struct iommu_evidence *e, u32 mode);
	void *report_arg;
	void *work; /* the vendor's work_bytes, aligned to 8; any content */
};

/* What will be asked of a unit at the crash, as far as the load knows. */
struct iommu_demand {
	u32 mode;			  /* enum iommu_mode */
	const struct iommu_range *ranges; /* as in struct iommu_quiesce */
	u32 ranges_n;
	u32 requesters; /* devices and their aliases behind it */
	u32 overrides;
	u32 guards; /* spans of guarded memory */
	u64 ram_end;
	bool idle; /* the running kernel does not drive the unit */
};

enum iommu_outcome {	     /* in notes: append only */
	IOMMU_DONE = 0,	     /* the unit is in the asked mode */
	IOMMU_LEFT = 1,	     /* left as it was; err says why */
	IOMMU_PARTLY = 2,    /* switched, but err happened on the way */
	IOMMU_READ_ONLY = 3, /* record mode: nothing was to be changed */
};

/* How caches were emptied. In notes: append only. */
enum iommu_invalidation {
	IOMMU_INVALIDATION_NONE = 0, /* none was needed */
	IOMMU_INVALIDATION_QUEUED = 1,
	IOMMU_INVALIDATION_REGISTERS = 2,
};

struct iommu_result {
	u32 outcome;		     /* enum iommu_outcome */
	u32 err;		     /* enum iommu_err */
	u64 root_before, root_after; /* raw base register */
	/*
	 * Requesters by what became of them. In copy, those that had a present
	 * entry or an override; all others are aborted and not counted.
	 */
	u32 kept, aborted, guarded, sunk;
	u32 bad;	  /* entries not kept because something was wrong */
	u32 invalidation; /* enum iommu_invalidation */
	struct iommu_evidence evidence; /* of err */
};

/* --- the vendors --- */

struct iommu_vendor {
	u32 id;
	const char *name; /* "vt-d" */
	/* What Linux calls its units, before their number; NULL: not known. */
	const char *unit_name;
	/* Where there is nothing to describe, ever: what to say instead. */
	const char *no_tables;
	/* Most that its snapshot and events find: room for them in notes. */
	u32 regs_max, faults_max;
	/*
	 * How many bytes of registers a unit has at least that read these two
	 * (0: not known). NULL: as many as firmware says.
	 */
	u64 (*regs_len)(u64 cap, u64 ecap);
	/* Requesters are streams: a device's aliases are all that it sends. */
	bool streams;
	/*
	 * Units of one PCI segment have one table: what is told of an entry is
	 * told once, with the first of them.
	 */
	bool segment_table;
	/* Each requester has an interrupt table of its own, else all one. */
	bool irq_tables;
	/*
	 * The register at an offset; NULL where a snapshot reads none there.
	 * The op is NULL where it reads none at all.
	 */
	const char *(*reg_name)(u32 off);
	/*
	 * Reads registers and pending faults; changes nothing. @faults holds
	 * up to *n and *n becomes the number found. IOMMU_EABSENT when
	 * nothing answers, IOMMU_ENOSPACE when faults were left out.
	 */
	int (*snapshot)(struct mmio *r, struct iommu_regs *regs,
			struct iommu_fault_raw *faults, u32 *n);
	/*
	 * IOMMU_EREAD when a needed register is missing from @regs; @c then has
	 * what the others say, as of a unit that is off.
	 */
	int (*describe)(const struct iommu_regs *regs, struct iommu_config *c);
	/*
	 * Finds the domain of a requester (@pasid ~0: requests without one).
	 * IOMMU_OK with a kind, or BLOCKED with @ev saying which entry of
	 * which table stops it; IOMMU_EREAD when memory is not to be had.
	 */
	int (*lookup)(const struct iommu_config *c, struct mem *m,
		      u32 requester, u32 pasid, struct iommu_domain *d,
		      struct iommu_evidence *ev);
	/* A word for c->form; NULL where it has none, or there is no op. */
	const char *(*form_text)(const struct iommu_config *c);
	/*
	 * How many requesters share the part of a table that @ev is about: a
	 * power of two; they begin at a multiple of it. Call
	 * iommu_shared_by, which knows of registers. NULL: always one.
	 */
	u32 (*shared_by)(const struct iommu_config *c,
			 const struct iommu_evidence *ev);
	/*
	 * The name of the @i-th thing that a lookup read ("root", "context").
	 * @words: how many words each had, of it and of those before. NULL:
	 * it has none, or there is no op.
	 */
	const char *(*read_text)(const u32 *words, u32 i);
	/*
	 * The @i-th range of addresses at which a request without PASID is
	 * never one for memory, whatever the tables say, in rising order; and
	 * why, or NULL where there are no more. The op is NULL where there is
	 * none: an SMMU translates what goes to an MSI doorbell like all else.
	 */
	const char *(*special)(const struct iommu_config *c,
			       const struct iommu_domain *d, u32 i,
			       struct span *at);
	/*
	 * Fault records that the unit keeps in memory, oldest first; as
	 * snapshot. NULL where snapshot has them all from registers.
	 */
	int (*events)(const struct iommu_regs *regs, struct mem *m,
		      struct iommu_fault_raw *faults, u32 *n);
	/* What a record says, and the words for its reason. NULL: no records. */
	void (*fault)(const struct iommu_fault_raw *raw, struct iommu_fault *f);
	const char *(*fault_text)(u32 reason);
	/*
	 * The interrupt table of a requester, see irq_tables. IOMMU_OK,
	 * IOMMU_EREAD when a register or memory is missing, or the rule that
	 * is broken, with @ev. NULL: the unit has nothing to do with those.
	 */
	int (*irq_table)(const struct iommu_regs *regs, struct mem *m,
			 u32 requester, struct iommu_irq_table *t,
			 struct iommu_evidence *ev);
	/* Decodes irq->raw. */
	void (*irq_decode)(const struct iommu_irq_table *t,
			   struct iommu_irq *irq);
	/*
	 * The crash-time switch. Never waits longer than its budgets. NULL:
	 * only recorded; call iommu_quiesce_unit, which knows.
	 */
	void (*quiesce)(struct iommu_quiesce *q, struct iommu_result *res);
	u32 work_bytes; /* of its work space */
	/* Our tables lie below this address; 0: anywhere. */
	u64 arena_end;
	/*
	 * The two are asked when a crash kernel is loaded, of the unit as it
	 * is then. Will the unit do as d->mode says? IOMMU_OK, or what the
	 * switch would end with, and *why in words that follow "it".
	 */
	int (*can)(const struct iommu_config *c, const struct iommu_demand *d,
		   const char **why);
	/* Arena bytes that the switch may need: an upper bound. */
	u64 (*arena_need)(const struct iommu_config *c,
			  const struct iommu_demand *d);
};

const struct iommu_vendor *iommu_vendor(u32 id);	    /* NULL: unknown */
const struct iommu_vendor *iommu_vendor_at(unsigned int i); /* NULL: end */

/* The switch of any vendor: IOMMU_EUNSUPPORTED where there is none. */
void iommu_quiesce_unit(u32 vendor, struct iommu_quiesce *q,
			struct iommu_result *res);

/*
 * How many requesters @ev is about, see shared_by. 0: all of the unit, as a
 * register is.
 */
u32 iommu_shared_by(const struct iommu_vendor *v, const struct iommu_config *c,
		    const struct iommu_evidence *ev);

const char *iommu_err_text(u32 err);
const char *iommu_mode_name(u32 mode);
/* Is it one that a unit can be switched to: COPY, ABORT or SINK? */
bool iommu_mode_switches(u32 mode);
/* Does it change DMA at the crash: one of these, or AUTO, which chooses? */
bool iommu_mode_quiesces(u32 mode);
/* IOMMU_MODE_N when @name is none; exact, lower case. */
u32 iommu_mode_parse(const char *name);

/*
 * Reads and decodes one entry of a table in the state IOMMU_IRQS_REMAP.
 * IOMMU_OK, IOMMU_EREAD, or IOMMU_EWIDTH when it has no such entry.
 */
int iommu_irq_entry(const struct iommu_vendor *v,
		    const struct iommu_irq_table *t, struct mem *m, u32 index,
		    struct iommu_irq *irq);
const char *iommu_irq_delivery_text(u32 delivery); /* NULL: reserved */

/* The register value in a snapshot; false when it has none. */
bool iommu_reg_get(const struct iommu_regs *regs, u32 off, u64 *val);
/* IOMMU_ENOSPACE when full. */
int iommu_reg_put(struct iommu_regs *regs, u32 off, u32 width, u64 val);

/* Do the two translate alike: all that the entries above say of them? */
bool iommu_table_same(const struct iommu_table *a, const struct iommu_table *b);

/* Have two requesters the same entry, or nothing that passes? */
bool iommu_same_entry(const struct iommu_domain *a,
		      const struct iommu_domain *b);
/*
 * Is @now the domain that a switch to COPY, ABORT or SINK has left its
 * requester, or does it let more pass? @res: of the switch of its unit; @then:
 * the domain before that, which COPY alone asks for.
 */
bool iommu_left_by(const struct iommu_config *c, struct mem *m, u32 mode,
		   const struct iommu_result *res,
		   const struct iommu_domain *then,
		   const struct iommu_domain *now);

/*
 * Who goes through the top-level tables of a unit: those that say which domain
 * a requester has.
 */
struct iommu_top {
	/*
	 * The @len bytes of a table at @phys, which stay until the walk ends;
	 * NULL: they are not to be had, and what they lead to is left out.
	 * @at: IOMMU_AT_*; @requester: the first that it tells of, of a stream
	 * the low 16 bits.
	 */
	const u64 *(*table)(struct iommu_top *t, u64 phys, u32 at, u32 len,
			    u16 requester);
	/* Was it asked for already? Requesters, and units, share tables. */
	bool (*seen)(struct iommu_top *t, u64 phys);
};
/*
 * @regs say where they are. Of VT-d, AMD-Vi and SMMUv3; an SMMUv2 has registers
 * in their place, and of others none is told.
 */
void iommu_top_tables(u32 vendor, const struct iommu_regs *regs,
		      struct iommu_top *t);

/*
 * Translates one IOVA as the unit would. @access: IOMMU_R and/or IOMMU_W.
 * IOMMU_OK, or what stops it with @ev filled (level, entry address, raw).
 */
int iommu_translate(const struct iommu_config *c, struct mem *m,
		    const struct iommu_domain *d, u64 iova, u32 access,
		    struct iommu_xlat *x, struct iommu_evidence *ev);

/*
 * @table is one stage of a domain; nested domains are walked stage by stage
 * by the caller. @budget: table pages. Clears descend and loops, which are set
 * behind it.
 */
void iommu_iter_start(struct iommu_iter *it, struct mem *m,
		      const struct iommu_config *c,
		      const struct iommu_table *table, u64 budget);
/*
 * Only what begins at [@first, @last] of the table, counted from its first
 * address in the order of the walk. Windows side by side give together what
 * the whole table gives, but for a run that goes on in the next of them. Each
 * reads the tables on its way by itself. Before the first iommu_iter_next.
 */
void iommu_iter_window(struct iommu_iter *it, u64 first, u64 last);
/*
 * IOMMU_OK with a run; IOMMU_ENOTPRESENT at the end; IOMMU_EBUDGET when the
 * budget is used up; any other error concerns one entry (@ev), is told once,
 * and the walk goes on behind it when called again.
 */
int iommu_iter_next(struct iommu_iter *it, struct iommu_run *run,
		    struct iommu_evidence *ev);
/*
 * True: @pages are what comes next, each of which is a run of its own, and the
 * walk goes on behind them. False: iommu_iter_next is to be asked. It need not
 * be called: iommu_iter_next tells the same pages one by one.
 */
bool iommu_iter_pages(struct iommu_iter *it, struct iommu_pages *pages);

/*
 * A zeroed block at a multiple of @align, a power of two from 4 KiB up; 0 when
 * the arena has no room.
 */
u64 iommu_arena_alloc(struct iommu_arena *a, struct mem *m, u64 len, u64 align);

/*
 * May a requester of @first to @last exist? @range is sorted and says who
 * does; with none of them nothing is known, and any may.
 */
bool iommu_planned(const struct iommu_range *range, u32 n, u32 first, u32 last);

/* Why a device has the mode that it has. */
enum iommu_reason { /* in notes: append only */
	/* the mode asked for */
	IOMMU_WHY_MODE = 0,
	/* --iommu-device named it */
	IOMMU_WHY_DEVICE = 1,
	/* shares a requester id with a named device */
	IOMMU_WHY_ALIAS = 2,
	/* auto: has a reserved region, keeps it */
	IOMMU_WHY_RESERVED = 3,
	/* auto: no reserved region */
	IOMMU_WHY_AUTO = 4,
	/* behind no IOMMU: its DMA is not ours to stop */
	IOMMU_WHY_NO_UNIT = 5,
	/* auto: has a reserved region, but belongs to a program (VFIO) */
	IOMMU_WHY_USER = 6,
	/* auto: has a reserved region, but uses ATS */
	IOMMU_WHY_ATS = 7,
	IOMMU_WHY_N
};
const char *iommu_reason_text(u32 reason);

#endif
