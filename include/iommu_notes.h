/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The notes of kexec-iommu in a vmcore; man/iommu-notes.5 is the prose.
 *
 * ELF notes named "IOMMU". Each desc is: struct note_head, then records, each
 * struct note_record followed by its payload, padded to 4. Everything little
 * endian. Strings are u16 length-prefixed, not terminated. A reader skips
 * record types it does not know and bytes of a payload beyond what it knows.
 * A structure with nothing behind it may grow at its end; one with strings,
 * bytes or elements behind it never grows: new fields come behind the last of
 * these (the page's Lengths).
 */
#ifndef IOMMU_NOTES_H
#define IOMMU_NOTES_H

#include "base.h"
#include "iommu.h"

#define NOTE_NAME "IOMMU"
/* crash(8) matches other tools' notes by type alone: stay clear of those. */
enum note_type {
	/* gathered at load time */
	NOTE_LOAD = 0x494f4d01,
	/* top-level tables at load time; may repeat */
	NOTE_TABLES = 0x494f4d02,
	/* found and done by the purgatory */
	NOTE_CRASH = 0x494f4d03,
	/* where the kernel module left the notes, behind VMCOREINFO */
	NOTE_KEPT = 0x494f4d04,
};

#define NOTE_SEGMENT_MAX (256u << 10) /* of one PT_NOTE, header included */
#define NOTE_TERMINATOR 12u	      /* zero bytes behind the last note */
#define NOTE_HEADER_BYTES (12u + 8u)  /* Elf64_Nhdr and the padded name */

#define NOTE_MAGIC 0x4e4d4f49u /* "IOMN" */
#define NOTE_VERSION 1

struct note_head {
	u32 magic;
	u16 version;
	u16 head_len; /* sizeof(struct note_head) of the writer */
	u32 len;      /* of the desc, head and records, without padding */
	u32 crc;      /* CRC-32 (IEEE) of the desc's len bytes, crc being 0 */
	u32 records;
	u32 dropped; /* records that found no room */
};
ASSERT_SIZE(struct note_head, 24);

struct note_record {
	u16 type;  /* enum note_record_type */
	u16 flags; /* 0 */
	u32 len;   /* of the payload, without padding */
};
ASSERT_SIZE(struct note_record, 8);

enum note_record_type { /* append only */
	/* NOTE_LOAD */
	/* struct rec_load, strings: tool version, kernel release */
	REC_LOAD = 1,
	/* strings: source, why it could not be read */
	REC_MISSING = 2,
	/* struct rec_unit, string: name ("dmar0") */
	REC_UNIT = 3,
	/* struct rec_device, strings: sysfs name, driver */
	REC_DEVICE = 4,
	/* struct rec_alias */
	REC_ALIAS = 5,
	/* struct rec_region */
	REC_REGION = 6,
	/* struct span: a crash kernel reservation */
	REC_RESERVATION = 7,
	/* NOTE_LOAD and NOTE_CRASH */
	/*
	 * struct rec_unit_ref, struct iommu_reg[]; in NOTE_LOAD may follow a
	 * u64 for each of these: bits of it that are not known
	 */
	REC_REGS = 8,
	/* NOTE_LOAD */
	/* struct span: System RAM */
	REC_MEMORY = 9,
	/* struct span: CMA that the crash kernel has besides its reservation */
	REC_CMA = 10,
	/* NOTE_TABLES */
	/* struct rec_table, bytes */
	REC_TABLE = 16,
	/* NOTE_CRASH */
	/* struct rec_purgatory */
	REC_PURGATORY = 32,
	/* struct rec_unit_ref, struct iommu_fault_raw[] */
	REC_FAULTS = 33,
	/* struct rec_action */
	REC_ACTION = 34,
	/* struct rec_entry: an entry not kept, or found bad */
	REC_ENTRY = 35,
	/* struct rec_trap */
	REC_TRAP = 36,
	/* NOTE_KEPT */
	/* struct rec_kept: memory that holds notes, one behind the other */
	REC_KEPT = 48,
};

struct rec_load {
	u64 time; /* seconds since 1970 */
	u32 mode; /* enum iommu_mode asked for */
	u32 arch; /* ELF e_machine */
};
ASSERT_SIZE(struct rec_load, 16);

#define UNIT_INCLUDE_ALL 1u /* DRHD INCLUDE_PCI_ALL and the like */

struct rec_unit {
	u32 id;	    /* the unit's number in all records */
	u16 vendor; /* enum iommu_vendor_id */
	u16 segment;
	u64 reg_phys;
	u32 reg_len;
	u32 flags;     /* UNIT_* */
	u64 cap, ecap; /* as sysfs shows them; 0 unknown */
	u64 root;      /* root table at load time; 0 unknown */
	u8 mode;       /* decided for it */
	u8 host_bits;  /* width of physical addresses; 0 unknown */
	u8 pad[6];
};
ASSERT_OFFSET(struct rec_unit, cap, 24);
ASSERT_SIZE(struct rec_unit, 56);

/*
 * /sys/kernel/iommu_groups/N/type: of the default domain, whatever the group is
 * attached to. In notes: append only.
 */
enum domain_type {
	DOMAIN_UNKNOWN = 0,
	DOMAIN_DMA = 1,
	DOMAIN_DMA_FQ = 2,
	DOMAIN_IDENTITY = 3,
	DOMAIN_BLOCKED = 4,
	DOMAIN_UNMANAGED = 5,
};

#define REC_NONE 0xffffffffu

struct rec_device {
	u32 unit;  /* REC_NONE: behind none */
	u32 group; /* REC_NONE: in none */
	u16 segment;
	u16 requester;	    /* bus << 8 | devfn; no PCI function: its stream */
	u16 vendor, device; /* PCI ids */
	u32 class;	    /* PCI class code, 24 bits */
	u8 domain_type;
	u8 mode;   /* decided: enum iommu_mode */
	u8 reason; /* enum iommu_reason */
	u8 pad;
};
ASSERT_SIZE(struct rec_device, 24);
/*
 * Behind the strings, where a stream has more than 16 bits: a u32, the whole
 * of it. @requester then has its lower half.
 */

/*
 * DMA of @requester may also carry @alias (conventional bridges, quirks).
 * Behind an SMMU aliases are streams: a function that has any carries those
 * alone.
 */
struct rec_alias {
	u16 segment;
	u16 requester;
	u32 alias;
};
ASSERT_SIZE(struct rec_alias, 8);

/* Reserved region types as sysfs names them. Append only. */
enum region_type {
	REGION_OTHER = 0,
	REGION_DIRECT = 1,
	REGION_DIRECT_RELAXABLE = 2,
	REGION_RESERVED = 3,
	REGION_MSI = 4,
};

struct rec_region {
	u64 start;
	u64 end; /* inclusive, as sysfs prints it */
	u32 group;
	u32 type; /* enum region_type */
};
ASSERT_SIZE(struct rec_region, 24);

struct rec_unit_ref {
	u32 unit;
	u32 n; /* elements that follow */
};
ASSERT_SIZE(struct rec_unit_ref, 8);

struct rec_table {
	u64 phys;
	u32 unit;
	u32 at;	      /* IOMMU_AT_ROOT, IOMMU_AT_CONTEXT, ... */
	u32 raw_len;  /* uncompressed bytes */
	u16 encoding; /* 0 as it is, 1 zlib */
	/* context tables: bus << 8 | first devfn; PASID tables: the first */
	u16 requester;
};
ASSERT_SIZE(struct rec_table, 24);

enum purgatory_step { /* append only */
	STEP_NONE = 0,
	STEP_PLAN = 1,
	STEP_SNAPSHOT = 2,
	STEP_QUIESCE = 3,
	STEP_VERIFY = 4,
	STEP_JUMP = 5,
	STEP_N
};

enum { /* rec_purgatory.flags */
	PURGATORY_RAN = 1 << 0,
	PURGATORY_PLAN_BAD = 1 << 1, /* plan_err says what */
	PURGATORY_DIGEST_OK = 1 << 2,
	PURGATORY_DIGEST_SKIPPED = 1 << 3,
	PURGATORY_SHA_NI = 1 << 4, /* or ARMv8-CE: the CPU's instructions */
	/* The scratch page just before the jump. Neither: not looked at. */
	PURGATORY_SCRATCH_CLEAN = 1 << 5, /* zeros, as it was loaded */
	PURGATORY_SCRATCH_WRITTEN = 1 << 6,
	/* Not by the purgatory but by the module of the kernel that died. */
	PURGATORY_MODULE = 1 << 7,
};

/* The first rule that the handover or its plan broke. Append only. */
enum plan_err {
	PLAN_OK = 0,
	PLAN_MAGIC = 1,
	PLAN_VERSION = 2,
	PLAN_SIZE = 3,
	PLAN_SPAN = 4,	   /* where the plan lies: alignment, length, wrap */
	PLAN_CRC = 5,	   /* the checksum does not match */
	PLAN_ARRAY = 6,	   /* an array outside the plan, or too long */
	PLAN_UNIT = 7,	   /* a unit's mode, registers or ranges */
	PLAN_OVERRIDE = 8, /* an override's unit, mode or order */
	PLAN_RAM = 9,	   /* RAM spans empty, wrapping or out of order */
	PLAN_GUARD = 10,   /* a guard span empty or wrapping */
	PLAN_REGION = 11, /* digested regions: none, or one empty or wrapping */
	PLAN_NOTE = 12,	  /* where the crash note goes */
	PLAN_ARENA = 13,  /* arena: alignment, wrap, or on something else */
	PLAN_SCRATCH = 14, /* scratch page: alignment, or on something else */
	PLAN_TIME = 15,	   /* counter rate or budgets */
	PLAN_PGTABLE = 16, /* page tables do not map what they must */
	PLAN_ENTRY = 17,   /* the entry lies in no digested region */
	PLAN_CONSOLE = 18, /* serial port out of range */
	PLAN_MODE = 19,
	PLAN_TRAP = 20, /* the CPU trapped while checking */
	PLAN_ERR_N
};
const char *plan_err_text(u32 err);

struct rec_purgatory {
	u32 flags;
	u32 step; /* enum purgatory_step reached */
	u64 ticks_per_ms;
	u64 ticks[STEP_N]; /* counter at the end of each step; [0] at entry */
	u32 plan_err;	   /* enum plan_err */
	u32 nmis;	   /* NMIs that came in and were let pass */
};
ASSERT_OFFSET(struct rec_purgatory, plan_err, 64);
ASSERT_SIZE(struct rec_purgatory, 72);

struct rec_action {
	u32 unit;
	u32 mode; /* asked for */
	u64 ticks_start, ticks_end;
	struct iommu_result result;
};
ASSERT_OFFSET(struct rec_action, result, 24);

struct rec_entry {
	u32 unit;
	/*
	 * What it became: ABORT, SINK or COPY (guarded). RECORD: what it was
	 * before it was edited in place; evidence.iova: so many like it stood
	 * side by side, from evidence.where on (0: it alone).
	 */
	u32 mode;
	struct iommu_evidence evidence;
};
ASSERT_SIZE(struct rec_entry, 104);

struct rec_trap {
	u32 vector; /* x86 vector; arm64 exception class */
	u32 step;
	u32 unit; /* REC_NONE: while on none */
	u32 pad;
	/*
	 * error code / ESR, RIP / ELR, CR2 / FAR; of an x86 machine check (18)
	 * MCi_STATUS and MCi_ADDR of the first bank with an uncorrected error
	 */
	u64 error, pc, address;
};
ASSERT_SIZE(struct rec_trap, 40);

struct rec_kept {
	u64 phys;
	u32 len;
	u32 crc; /* CRC-32 of the len bytes */
};
ASSERT_SIZE(struct rec_kept, 16);

/* --- writing and reading; freestanding, iommu/notes.c --- */

/* Writes one note into @buf, ELF note header first. */
struct note_writer {
	u8 *buf;
	u32 size;  /* of buf, terminator included */
	u32 len;   /* used */
	bool full; /* something was dropped */
	u32 dropped;
	u32 records;
	u32 at, end; /* of the record that note_bytes fills */
};

/*
 * IOMMU_ENOSPACE when @size can't even hold an empty note. @buf is zeroed.
 * Until it is sealed, the ELF note spans the whole buffer and its head tells
 * of the last seal: a reader never sees half a record.
 */
int note_begin(struct note_writer *w, void *buf, u32 size, u32 type);
/*
 * A record in one go, or in parts: note_record with @len of the whole
 * payload, then note_bytes for what @data did not give. A record that does
 * not fit is dropped whole and counted; IOMMU_ENOSPACE.
 */
int note_record(struct note_writer *w, u16 type, const void *data, u32 data_len,
		u32 len);
int note_bytes(struct note_writer *w, const void *data, u32 len);
static inline int note_put(struct note_writer *w, u16 type, const void *data,
			   u32 len)
{
	return note_record(w, type, data, len, len);
}
/* Fills in lengths and checksum; more records may follow and a new seal. */
void note_seal(struct note_writer *w);

u32 note_crc32(u32 crc, const void *data, u32 len); /* start with 0 */

/* One ELF note in a buffer of notes. */
struct note {
	u32 type;
	const u8 *desc;
	u32 desc_len;
	const char *name;
	u32 name_len; /* without the terminator */
};

struct note_reader {
	const u8 *buf;
	u64 len;
	u64 at;
};

/*
 * Next ELF note of any name; false at the end. A note that claims more than
 * is there ends the walk with *bad set to its offset (else ~0). Zeros, which a
 * CPU leaves that could not write its note, are passed when a note follows.
 */
bool note_next(struct note_reader *r, struct note *n, u64 *bad);

enum note_state {
	NOTE_VALID,
	NOTE_NOT_OURS,
	NOTE_SHORT,
	NOTE_BAD_MAGIC,
	NOTE_BAD_VERSION,
	NOTE_BAD_CRC
};
/* Checks name, type, head, version and checksum of a note. */
enum note_state note_check(const struct note *n, struct note_head *head);

struct note_record_reader {
	const u8 *desc;
	u32 len;
	u32 at;
};
/* @n must have passed note_check. */
void note_records(struct note_record_reader *r, const struct note *n);
/* False at the end, or when a record claims more than is there. */
bool note_record_next(struct note_record_reader *r, struct note_record *rec,
		      const u8 **payload);
/*
 * Copies a fixed struct from the start of a payload: a shorter one (older
 * writer) is filled up with zeros. Returns the bytes taken.
 */
u32 note_struct(const struct note_record *rec, const u8 *payload, void *out,
		u32 size);
/* The string at *at of the payload, and *at moved behind it; false: none. */
bool note_string(const struct note_record *rec, const u8 *payload, u32 *at,
		 const char **s, u32 *len);

#endif
