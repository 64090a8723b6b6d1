/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is known of a machine's IOMMUs: gathered from the running kernel
 * (gather.h) or read back from the notes of a dump (dump.h). kexec(8) plans
 * from it, iommudump(8) shows it. Hosted only.
 *
 * Strings and arrays belong to the struct; facts_free() releases all.
 */
#ifndef FACTS_H
#define FACTS_H

#include "base.h"
#include "iommu.h"
#include "iommu_notes.h"

/* A line of /proc/iomem. */
struct iomem {
	u64 start;
	u64 end;   /* inclusive, as printed */
	u32 depth; /* nesting: 0 outermost */
	char *name;
};

/*
 * A register that was not read, but put together from what the kernel keeps,
 * which does not tell @unknown of its bits (never 0: the reserved ones at
 * least).
 */
struct fact_rebuilt {
	u32 off;
	u64 unknown;
};

struct fact_unit {
	char *name; /* "dmar0"; or "drhd@0xfed90000" when sysfs has none */
	u32 vendor; /* enum iommu_vendor_id */
	u16 segment;
	u64 reg_phys;
	u32 reg_len;
	u32 flags;     /* UNIT_* */
	u64 cap, ecap; /* 0 unknown */
	u64 root;      /* value of the base register; 0 unknown */
	u8 host_bits;  /* width of physical addresses; 0 unknown */
	/* as far as known (debugfs, kcore, or a crash) */
	struct iommu_regs regs;
	struct fact_rebuilt *rebuilt; /* which of these */
	size_t rebuilt_n;
	bool in_use; /* the running kernel has it in /sys/class/iommu */
	bool read;   /* all registers were read, not put together; no note */
};

struct fact_alias {
	u16 segment;
	u32 requester, alias;
};

struct fact_device {
	char *name;   /* "0000:00:04.0" */
	char *driver; /* NULL: none */
	u16 segment, vendor, device;
	u32 requester; /* bus << 8 | devfn; no PCI function: its stream */
	u32 class;
	u32 unit; /* index; REC_NONE */
	/*
	 * Firmware puts it behind a unit that can't be where firmware says:
	 * @unit is REC_NONE. Not in the notes.
	 */
	bool unit_left_out;
	u32 group;	/* number; REC_NONE */
	u8 domain_type; /* enum domain_type: of its default domain */
	/*
	 * Of the domain that it is attached to; UNKNOWN where only the default
	 * one is. Not in the notes.
	 */
	u8 attached;
	u64 dma_mask; /* addresses it can reach; 0: unknown. Not in the notes */
	bool has_region; /* its group has a direct (RMRR, unity) region */
	bool ats;
};

struct fact_region {
	u64 start, end; /* inclusive */
	u32 group;
	u32 type; /* enum region_type */
};

struct fact_table {
	u64 phys;
	u32 unit, at, len;
	u16 requester;
	u8 *bytes;
};

struct fact_missing {
	char *source, *why;
	/* Not in the notes: */
	bool unit;   /* a unit was left out */
	bool device; /* devices were, or something of them */
};

struct facts {
	char *release; /* uname -r of the gathered kernel; NULL unknown */
	u32 machine;   /* ELF e_machine of that kernel */
	u64 time;      /* when gathered */
	char *tool;    /* version that wrote the notes */
	struct iomem *iomem;
	size_t iomem_n;
	struct span *reservation; /* crash kernel reservations, ascending */
	size_t reservation_n;
	/*
	 * Memory of user programs that the crash kernel gets besides
	 * (crashkernel=SIZE,cma): no segment lies there, no dump has it.
	 */
	struct span *cma;
	size_t cma_n;
	struct fact_unit *unit;
	size_t unit_n;
	struct fact_device *device;
	size_t device_n;
	struct fact_alias *alias;
	size_t alias_n;
	struct fact_region *region;
	size_t region_n;
	struct fact_table *table;
	size_t table_n;
	struct fact_missing *missing;
	size_t missing_n;
};

void facts_free(struct facts *f);
/*
 * One more register behind the others of a unit, or one set whether it was
 * there or not. 0, -ENOMEM, or -ENOSPC beyond IOMMU_REGS_MAX. What holds the
 * registers is malloc()ed.
 */
int regs_add(struct iommu_regs *regs, u32 off, u32 width, u64 val);
int regs_set(struct iommu_regs *regs, u32 off, u32 width, u64 val);
/* printf-like; a source that could not be read is noted, never fatal. */
void facts_missing(struct facts *f, const char *source, const char *why, ...)
	__attribute__((format(printf, 3, 4)));

/* --- for those who fill them; 0 or -ENOMEM unless it says otherwise --- */

/*
 * Room for one more element behind *@n of them; the new one is zeroed and
 * counted. NULL when memory is out. Capacity doubles and is not stored: it is
 * the next power of two, so an array must only ever grow through here.
 */
void *array_grow(void *array_pointer, size_t *n, size_t size);

/* Firmware may name things as it likes: what would break a line becomes "?". */
void name_printable(char *name);

/* One more resource, of which @name is copied; it may be a reservation. */
int facts_add_iomem(struct facts *f, const struct iomem *m, const char *name);
/* A direct region that firmware asks for, unless the kernel has shown it. */
int facts_add_region(struct facts *f, struct fact_device *d, u64 start,
		     u64 end);
/* DMA of @requester may carry @alias too. */
int facts_add_alias(struct facts *f, u16 segment, u32 requester, u32 alias);

/* Index of the unit with these registers, REC_NONE when there is none. */
u32 facts_unit_at(const struct facts *f, u64 reg_phys);
/* The vendors of its units: bits 1 << enum iommu_vendor_id. */
u32 facts_vendors(const struct facts *f);
/* Sets or replaces a register of unit.regs: later sources are better ones. */
void fact_reg_set(struct fact_unit *u, u32 off, u32 width, u64 val);
/* The same of a register that was put together; see struct fact_rebuilt. */
void fact_reg_rebuilt(struct fact_unit *u, u32 off, u32 width, u64 val,
		      u64 unknown);
/* 0: this register was read. */
u64 fact_reg_unknown(const struct fact_unit *u, u32 off);
/*
 * Makes register spaces as long as the units' own registers say that they are;
 * to be called when capabilities are known.
 */
void facts_fit_registers(struct facts *f);

/*
 * Does it belong to a program (VFIO, iommufd)? That decides what it reaches,
 * and its default domain says nothing of it.
 */
bool fact_device_user(const struct fact_device *d);
/* The type of its domain, as far as is known; DOMAIN_UNKNOWN of a program's. */
u8 fact_device_domain(const struct fact_device *d);

/* --- deciding --- */

struct device_choice { /* one --iommu-device=BDF=MODE */
	u16 segment, requester;
	u8 mode;
};

struct decision {  /* about a unit or a device */
	u8 mode;   /* enum iommu_mode */
	u8 reason; /* enum iommu_reason; devices only */
};

/*
 * What becomes of each unit and device: made by decide(), or read back from
 * notes. unit[i] is about facts.unit[i], device[i] about facts.device[i]; an
 * array is shorter than the facts' where nothing was decided.
 */
struct decisions {
	u32 mode; /* enum iommu_mode in force for the whole machine */
	struct decision *unit;
	size_t unit_n;
	struct decision *device;
	size_t device_n;
};

/*
 * Decides about every unit and device of @f for the asked @mode. Returns 0,
 * -ENOENT with *bad the choice that names no known device, -ENODEV when it is
 * behind no unit (nothing could be done about its DMA), or -ENOMEM. Choices
 * have no effect in OFF and RECORD. decisions_free() in any case.
 */
int decide(const struct facts *f, u32 mode, const struct device_choice *choice,
	   size_t n, struct decisions *d, size_t *bad);
/* OFF, without a reason, where nothing was decided. */
struct decision decided_unit(const struct decisions *d, size_t unit);
struct decision decided_device(const struct decisions *d, size_t device);
void decisions_free(struct decisions *d);

/*
 * facts -> notes. The notes of type NOTE_LOAD and NOTE_TABLES, cut into
 * segments of at most NOTE_SEGMENT_MAX bytes each ending in zeros. Returns 0
 * or -ENOMEM. *seg is an array of *n malloc()ed segments.
 */
struct note_segment {
	u8 *bytes;
	u32 len;
};
int facts_to_notes(const struct facts *f, const struct decisions *d,
		   struct note_segment **seg, size_t *n);
void note_segments_free(struct note_segment *seg, size_t n);

/* --- what the purgatory found, read back from notes --- */

struct crash_unit { /* what the purgatory found and did, one unit */
	u32 unit;
	bool has_regs, has_action;
	struct iommu_regs regs;
	struct iommu_fault_raw *fault;
	size_t fault_n;
	struct rec_action action;
};

struct crash_facts {
	bool present; /* a valid crash note was found */
	struct rec_purgatory purgatory;
	struct crash_unit *unit;
	size_t unit_n;
	struct rec_entry *entry;
	size_t entry_n;
	struct rec_trap *trap;
	size_t trap_n;
	u32 dropped; /* records the purgatory had no room for */
};

/* Who wrote it, and did what it says; a noun for a sentence. */
static inline const char *crash_actor(const struct crash_facts *c)
{
	return c->purgatory.flags & PURGATORY_MODULE ? "kernel module"
						     : "purgatory";
}

/* What is wrong with a note: never fatal. */
struct note_problem {
	u64 offset;   /* in the buffer of notes */
	bool in_file; /* in the dump file instead, of which a part is missing */
	u32 type;
	enum note_state state;
	const char *rule; /* that was broken, in words; static */
};

struct note_problems {
	struct note_problem *list;
	size_t n;
};

/* More devices, aliases or regions than any machine has are not taken. */
#define FACTS_DEVICES_MAX 65536u

/*
 * notes -> facts. Reads all notes of ours in a buffer of ELF notes; what they
 * say is added to four zeroed structs. 0 or -ENOMEM; whatever else is wrong
 * is in @problems. All four are to be freed in any case.
 */
int facts_from_notes(const u8 *notes, size_t len, struct facts *f,
		     struct decisions *d, struct crash_facts *c,
		     struct note_problems *problems);
void crash_facts_free(struct crash_facts *c);
void note_problems_free(struct note_problems *p);
/* Adds what is missing of a dump file from @offset on; @rule is static. */
void note_problem_in_file(struct note_problems *p, u64 offset,
			  const char *rule);
const char *note_state_text(enum note_state state);

#endif
