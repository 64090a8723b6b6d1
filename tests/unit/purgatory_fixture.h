/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A handover as kexec would leave it, in host memory, and a machine that
 * keeps what the purgatory does to it. The vendor is a fake one.
 */
#ifndef TESTS_PURGATORY_FIXTURE_H
#define TESTS_PURGATORY_FIXTURE_H

#include "../../purgatory/purgatory.h"

#define NOTE_BYTES 16384u
#define ARENA_BYTES (4 * PAGE_4K)
#define UNITS 3

/* Where things lie; every member begins a page. */
struct world_memory {
	u8 image[PAGE_4K]; /* stands for the purgatory itself */
	u8 plan[PAGE_4K];
	u8 note[NOTE_BYTES];
	u8 arena[ARENA_BYTES];
	u8 scratch[PAGE_4K];
	u8 kernel[3 * PAGE_4K]; /* digested */
	u8 initrd[PAGE_4K];	/* digested, the first 1000 bytes */
	u8 ram[2 * PAGE_4K];	/* the dead kernel's */
	u32 regs[UNITS][PAGE_4K / 4];
};

struct world {
	struct machine m; /* first: the hooks cast */
	struct world_memory *mem;
	struct handover h;
	struct purgatory p;
	struct handover_unit unit[UNITS];
	struct iommu_override override[2];
	struct iommu_range range[3]; /* of the second unit */
	struct span ram[2], guard[1], region[2];
	u32 nmis;
	u64 now; /* ticks */
	u64 tick;
	/* what was done */
	char serial[8192];
	u32 serial_n;
	u32 looks;  /* at whether the serial line is ready */
	bool stuck; /* it never is */
	bool reset, halted, map_fails, sha_traps, sha_has;
	u32 maps, sha_begun, sha_ended, flushes;
	u32 errors;	     /* pending: reported when the CPU takes them */
	bool errors_on;	     /* it does */
	u64 poison;	     /* memory whose read traps; 0 none */
	u64 poison_late;     /* likewise, but as an error reported late */
	u32 serial_traps_at; /* the character that traps; 0 none */
	u64 sha_blocks;	     /* by the function of sha_begin */
};

struct world *world_new(void);
void world_free(struct world *w);
/* Writes the plan's arrays, the digest and the checksum. */
void world_finish(struct world *w);
void world_checksum(struct world *w);
enum purgatory_end world_run(struct world *w);

/* What the CPU does when it traps. */
void world_trap(struct world *w, u64 vector, u64 address);

/* The fake vendor's behaviour, by unit register 0. */
enum {
	FAKE_GOOD = 0x10,
	FAKE_TRAPS_IN_SNAPSHOT,
	FAKE_EVENTS, /* two fault records in RAM */
	FAKE_TRAPS_IN_EVENTS,
	FAKE_EVENTS_OUTSIDE, /* in memory that must not be read */
	FAKE_TRAPS_IN_QUIESCE,
	FAKE_TRAPS_AFTER_WRITE,
	FAKE_ERRORS_LATE,	/* three, of the write, pending at the end */
	FAKE_TRAPS_AFTER_STORE, /* to memory of the dead kernel's */
	FAKE_REPORTS_MUCH,
	FAKE_ABSENT,
	FAKE_READS_POISON,  /* two words of RAM that can't be read */
	FAKE_PROBES_MEMORY, /* tries what the mem supplier must refuse */
};
#define FAKE_CONTROL 4 /* index of the register that quiesce sets to 1 */
#define FAKE_REPORTS 1000
#define FAKE_ERROR 47 /* vector of an error that is reported late */

/* The crash note's records of one type, in order; NULL when fewer. */
const u8 *world_record(struct world *w, u16 type, u32 index, u32 *len);
u32 world_records(struct world *w, u16 type);
void world_note_head(struct world *w, struct note_head *head);

#endif
